"""the life of a paper."""

import json
from datetime import date

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    with op.batch_alter_table("organ") as organ:
        organ.add_column(sa.Column("full_name", sa.String(length=80), nullable=True))
        organ.add_column(sa.Column("mark", sa.String(length=20), nullable=True))
        organ.create_unique_constraint(op.f("uq_organ_mark"), ["mark"])
    op.create_table(
        "notice_batch",
        sa.Column("id", KEY, nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("organ_id", KEY, nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("made_by", sa.String(length=80), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["organ_id"], ["organ.id"], name=op.f("fk_notice_batch_organ_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_batch")),
    )
    with op.batch_alter_table("notice") as notice:
        for name, kind in (
            ("due_on", sa.Date()),
            ("about_id", KEY),
            ("batch_id", KEY),
            ("printed_sha256", sa.String(length=64)),
            ("signed_as", sa.String(length=200)),
            ("signature_level", sa.String(length=10)),
            ("chased_at", MOMENT),
            ("answered_at", MOMENT),
            ("answered_by_id", KEY),
            ("answer", sa.Text()),
            ("voided_at", MOMENT),
            ("voided_by", sa.String(length=80)),
            ("void_reason", sa.String(length=500)),
            ("altered_at", MOMENT),
        ):
            notice.add_column(sa.Column(name, kind, nullable=True))
        notice.create_foreign_key(op.f("fk_notice_about_id"), "notice", ["about_id"], ["id"])
        notice.create_foreign_key(op.f("fk_notice_batch_id"), "notice_batch", ["batch_id"], ["id"])
        notice.create_foreign_key(op.f("fk_notice_answered_by_id"), "officer", ["answered_by_id"], ["id"])
    _copy_due_days()
    op.create_index("ix_notice_about", "notice", ["about_id"], unique=False)
    op.create_index("ix_notice_sha256", "notice", ["sha256"], unique=False)
    op.create_index("ix_notice_batch", "notice", ["batch_id"], unique=False)
    with op.batch_alter_table("message") as message:
        message.add_column(sa.Column("notice_id", KEY, nullable=True))
        message.create_foreign_key(op.f("fk_message_notice_id"), "notice", ["notice_id"], ["id"])
    op.create_table(
        "dispatch",
        sa.Column("id", KEY, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("process_id", KEY, nullable=True),
        sa.Column("project_id", KEY, nullable=True),
        sa.Column("organ_id", KEY, nullable=False),
        sa.Column("to_organ_id", KEY, nullable=False),
        sa.Column("about_id", KEY, nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("opinions", sa.Text(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("drafted_by", sa.String(length=80), nullable=False),
        sa.Column("began_at", MOMENT, nullable=False),
        sa.Column("notice_id", KEY, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["process_id"], ["process.id"], name=op.f("fk_dispatch_process_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_dispatch_project_id")),
        sa.ForeignKeyConstraint(["organ_id"], ["organ.id"], name=op.f("fk_dispatch_organ_id")),
        sa.ForeignKeyConstraint(["to_organ_id"], ["organ.id"], name=op.f("fk_dispatch_to_organ_id")),
        sa.ForeignKeyConstraint(["about_id"], ["notice.id"], name=op.f("fk_dispatch_about_id")),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], name=op.f("fk_dispatch_notice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispatch")),
    )
    op.create_index("ix_dispatch_process", "dispatch", ["process_id"], unique=False)
    op.create_index("ix_dispatch_project", "dispatch", ["project_id"], unique=False)


def _copy_due_days() -> None:
    """Papers of before keep the day they name where it can be asked for."""
    notice = sa.table("notice", sa.column("id", KEY), sa.column("letter", sa.Text()), sa.column("due_on", sa.Date()))
    connection = op.get_bind()
    for number, letter in connection.execute(sa.select(notice.c.id, notice.c.letter)).all():
        said = json.loads(letter)
        if named := said.get("receipt_on") or said.get("due_on"):
            due_on = date.fromisoformat(named)
            connection.execute(sa.update(notice).where(notice.c.id == number).values(due_on=due_on))


def downgrade() -> None:
    op.drop_table("dispatch")
    with op.batch_alter_table("message") as message:
        message.drop_constraint(op.f("fk_message_notice_id"), type_="foreignkey")
        message.drop_column("notice_id")
    with op.batch_alter_table("notice") as notice:
        for name in ("ix_notice_about", "ix_notice_sha256", "ix_notice_batch"):
            notice.drop_index(name)
        for name in ("fk_notice_about_id", "fk_notice_batch_id", "fk_notice_answered_by_id"):
            notice.drop_constraint(op.f(name), type_="foreignkey")
        for name in (
            "due_on", "about_id", "batch_id", "printed_sha256", "signed_as", "signature_level", "chased_at", "answered_at",
            "answered_by_id", "answer", "voided_at", "voided_by", "void_reason", "altered_at",
        ):  # fmt: skip
            notice.drop_column(name)
    op.drop_table("notice_batch")
    with op.batch_alter_table("organ") as organ:
        organ.drop_constraint(op.f("uq_organ_mark"), type_="unique")
        organ.drop_column("mark")
        organ.drop_column("full_name")

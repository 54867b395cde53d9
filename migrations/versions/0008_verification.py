"""verification."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "verification",
        sa.Column("id", KEY, nullable=False),
        sa.Column("period", sa.String(length=10), nullable=False),
        sa.Column("organ_id", KEY, nullable=False),
        sa.Column("process_id", KEY, nullable=True),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("self_note", sa.String(length=500), nullable=False),
        sa.Column("filed_by", sa.String(length=80), nullable=True),
        sa.Column("self_signed_by", sa.String(length=80), nullable=True),
        sa.Column("frozen_at", MOMENT, nullable=True),
        sa.Column("seed", sa.String(length=16), nullable=False),
        sa.Column("sampled_at", MOMENT, nullable=True),
        sa.Column("listed_at", MOMENT, nullable=True),
        sa.Column("signed_by", sa.String(length=80), nullable=True),
        sa.Column("signed_at", MOMENT, nullable=True),
        sa.Column("objection", sa.String(length=500), nullable=False),
        sa.Column("notice_id", KEY, nullable=True),
        sa.Column("bulletin_id", KEY, nullable=True),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["bulletin_id"], ["dispatch.id"], name=op.f("fk_verification_bulletin_id")),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], name=op.f("fk_verification_notice_id")),
        sa.ForeignKeyConstraint(["organ_id"], ["organ.id"], name=op.f("fk_verification_organ_id")),
        sa.ForeignKeyConstraint(["process_id"], ["process.id"], name=op.f("fk_verification_process_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verification")),
        sa.UniqueConstraint("period", "organ_id", name=op.f("uq_verification_period_organ_id")),
    )
    op.create_index("ix_verification_process", "verification", ["process_id"], unique=False)
    op.create_table(
        "verification_entry",
        sa.Column("id", KEY, nullable=False),
        sa.Column("verification_id", KEY, nullable=False),
        sa.Column("entry_id", KEY, nullable=False),
        sa.Column("project_id", KEY, nullable=False),
        sa.Column("nature", sa.String(length=10), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("declared", sa.BigInteger(), nullable=False),
        sa.Column("recognised", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("explanation", sa.String(length=300), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("judged_by_id", KEY, nullable=True),
        sa.Column("judged_by", sa.String(length=80), nullable=False),
        sa.Column("judged_at", MOMENT, nullable=True),
        sa.Column("back_reason", sa.String(length=300), nullable=False),
        sa.Column("agreed_by_id", KEY, nullable=True),
        sa.Column("agreed_by", sa.String(length=80), nullable=False),
        sa.Column("agreed_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["agreed_by_id"], ["officer.id"], name=op.f("fk_verification_entry_agreed_by_id")),
        sa.ForeignKeyConstraint(["entry_id"], ["amount_entry.id"], name=op.f("fk_verification_entry_entry_id")),
        sa.ForeignKeyConstraint(["judged_by_id"], ["officer.id"], name=op.f("fk_verification_entry_judged_by_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_verification_entry_project_id")),
        sa.ForeignKeyConstraint(
            ["verification_id"], ["verification.id"], name=op.f("fk_verification_entry_verification_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verification_entry")),
        sa.UniqueConstraint("verification_id", "entry_id", name=op.f("uq_verification_entry_verification_id_entry_id")),
    )
    op.create_table(
        "verification_site",
        sa.Column("id", KEY, nullable=False),
        sa.Column("verification_id", KEY, nullable=False),
        sa.Column("project_id", KEY, nullable=False),
        sa.Column("process_id", KEY, nullable=True),
        sa.Column("why", sa.String(length=10), nullable=False),
        sa.Column("answers", sa.Text(), nullable=False),
        sa.Column("visited_by", sa.String(length=80), nullable=True),
        sa.Column("visited_at", MOMENT, nullable=True),
        sa.Column("confirmed_by", sa.String(length=80), nullable=True),
        sa.Column("confirmed_at", MOMENT, nullable=True),
        sa.Column("remark", sa.String(length=500), nullable=False),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["process_id"], ["process.id"], name=op.f("fk_verification_site_process_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_verification_site_project_id")),
        sa.ForeignKeyConstraint(
            ["verification_id"], ["verification.id"], name=op.f("fk_verification_site_verification_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verification_site")),
        sa.UniqueConstraint(
            "verification_id", "project_id", name=op.f("uq_verification_site_verification_id_project_id")
        ),
    )
    op.create_index("ix_verification_site_process", "verification_site", ["process_id"], unique=False)
    op.create_table(
        "verification_voucher",
        sa.Column("id", KEY, nullable=False),
        sa.Column("line_id", KEY, nullable=False),
        sa.Column("attachment_id", KEY, nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("filed_by", sa.String(length=80), nullable=False),
        sa.Column("filed_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["attachment_id"], ["attachment.id"], name=op.f("fk_verification_voucher_attachment_id")
        ),
        sa.ForeignKeyConstraint(["line_id"], ["verification_entry.id"], name=op.f("fk_verification_voucher_line_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verification_voucher")),
        sa.UniqueConstraint("line_id", "attachment_id", name=op.f("uq_verification_voucher_line_id_attachment_id")),
    )


def downgrade() -> None:
    op.drop_table("verification_voucher")
    op.drop_table("verification_site")
    op.drop_table("verification_entry")
    op.drop_table("verification")

"""extension."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    with op.batch_alter_table("work_item") as item:
        item.add_column(sa.Column("watcher_id", KEY, nullable=True))
        item.add_column(sa.Column("postponed_at", MOMENT, nullable=True))
        item.create_foreign_key(op.f("fk_work_item_watcher_id"), "process", ["watcher_id"], ["id"])
    op.create_table(
        "extension",
        sa.Column("id", KEY, nullable=False),
        sa.Column("work_item_id", KEY, nullable=False),
        sa.Column("project_id", KEY, nullable=True),
        sa.Column("process_id", KEY, nullable=False),
        sa.Column("organ_id", KEY, nullable=False),
        sa.Column("asked_by_id", KEY, nullable=True),
        sa.Column("asked_by", sa.String(length=80), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("was_due_at", MOMENT, nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("progress", sa.String(length=1000), nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.Column("opinions", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("outcome", sa.String(length=10), nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("notice_id", KEY, nullable=True),
        sa.ForeignKeyConstraint(["work_item_id"], ["work_item.id"], name=op.f("fk_extension_work_item_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_extension_project_id")),
        sa.ForeignKeyConstraint(["process_id"], ["process.id"], name=op.f("fk_extension_process_id")),
        sa.ForeignKeyConstraint(["organ_id"], ["organ.id"], name=op.f("fk_extension_organ_id")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["officer.id"], name=op.f("fk_extension_asked_by_id")),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], name=op.f("fk_extension_notice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_extension")),
    )
    op.create_index("ix_extension_item", "extension", ["work_item_id"], unique=False)
    op.create_index("ix_extension_process", "extension", ["process_id"], unique=False)


def downgrade() -> None:
    op.drop_table("extension")
    with op.batch_alter_table("work_item") as item:
        item.drop_constraint(op.f("fk_work_item_watcher_id"), type_="foreignkey")
        item.drop_column("postponed_at")
        item.drop_column("watcher_id")

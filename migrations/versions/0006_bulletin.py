"""bulletin."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "bulletin",
        sa.Column("id", KEY, nullable=False),
        sa.Column("period", sa.String(length=10), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("process_id", KEY, nullable=True),
        sa.Column("notice_id", KEY, nullable=True),
        sa.Column("frozen_at", MOMENT, nullable=False),
        sa.Column("frozen_by", sa.String(length=80), nullable=False),
        sa.Column("figures", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("issue_due", MOMENT, nullable=True),
        sa.Column("late_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], name=op.f("fk_bulletin_notice_id")),
        sa.ForeignKeyConstraint(["process_id"], ["process.id"], name=op.f("fk_bulletin_process_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulletin")),
        sa.UniqueConstraint("period", "edition", name=op.f("uq_bulletin_period_edition")),
    )
    op.create_table(
        "bulletin_row",
        sa.Column("id", KEY, nullable=False),
        sa.Column("bulletin_id", KEY, nullable=False),
        sa.Column("span", sa.String(length=4), nullable=False),
        sa.Column("in_month", sa.Boolean(), nullable=False),
        sa.Column("district", sa.String(length=20), nullable=True),
        sa.Column("entry_id", KEY, nullable=False),
        sa.Column("project_id", KEY, nullable=False),
        sa.Column("project_no", sa.String(length=40), nullable=False),
        sa.Column("project_name", sa.String(length=200), nullable=False),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("standing", sa.String(length=10), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("counted", sa.BigInteger(), nullable=True),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("attachment_id", KEY, nullable=True),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["bulletin_id"], ["bulletin.id"], name=op.f("fk_bulletin_row_bulletin_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulletin_row")),
    )
    op.create_index("ix_bulletin_row_cell", "bulletin_row", ["bulletin_id", "district", "span"], unique=False)


def downgrade() -> None:
    op.drop_table("bulletin_row")
    op.drop_table("bulletin")

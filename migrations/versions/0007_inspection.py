"""inspection."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "inspection",
        sa.Column("id", KEY, nullable=False),
        sa.Column("period", sa.String(length=10), nullable=False),
        sa.Column("process_id", KEY, nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("share", sa.Integer(), nullable=True),
        sa.Column("seed", sa.String(length=16), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=True),
        sa.Column("last_on", sa.Date(), nullable=True),
        sa.Column("team", sa.String(length=300), nullable=False),
        sa.Column("remark", sa.String(length=500), nullable=False),
        sa.Column("planned_by", sa.String(length=80), nullable=True),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("approved_at", MOMENT, nullable=True),
        sa.Column("approved_by", sa.String(length=80), nullable=True),
        sa.Column("notice_id", KEY, nullable=True),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], name=op.f("fk_inspection_notice_id")),
        sa.ForeignKeyConstraint(["process_id"], ["process.id"], name=op.f("fk_inspection_process_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspection")),
        sa.UniqueConstraint("period", name=op.f("uq_inspection_period")),
    )
    op.create_table(
        "inspection_check",
        sa.Column("id", KEY, nullable=False),
        sa.Column("inspection_id", KEY, nullable=False),
        sa.Column("district_id", KEY, nullable=False),
        sa.Column("project_id", KEY, nullable=False),
        sa.Column("links", sa.Text(), nullable=False),
        sa.Column("answers", sa.Text(), nullable=False),
        sa.Column("saved_at", MOMENT, nullable=True),
        sa.Column("saved_by", sa.String(length=80), nullable=True),
        sa.Column("checked_at", MOMENT, nullable=True),
        sa.Column("checked_by", sa.String(length=80), nullable=True),
        sa.ForeignKeyConstraint(["district_id"], ["organ.id"], name=op.f("fk_inspection_check_district_id")),
        sa.ForeignKeyConstraint(["inspection_id"], ["inspection.id"], name=op.f("fk_inspection_check_inspection_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_inspection_check_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspection_check")),
        sa.UniqueConstraint("inspection_id", "project_id", name=op.f("uq_inspection_check_inspection_id_project_id")),
    )
    op.create_index("ix_inspection_check_project", "inspection_check", ["project_id"], unique=False)
    op.create_table(
        "inspection_district",
        sa.Column("id", KEY, nullable=False),
        sa.Column("inspection_id", KEY, nullable=False),
        sa.Column("organ_id", KEY, nullable=False),
        sa.Column("process_id", KEY, nullable=True),
        sa.Column("submitted_at", MOMENT, nullable=True),
        sa.Column("submitted_by", sa.String(length=80), nullable=True),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("signed_at", MOMENT, nullable=True),
        sa.Column("signed_by", sa.String(length=80), nullable=True),
        sa.Column("objection", sa.String(length=500), nullable=False),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["inspection_id"], ["inspection.id"], name=op.f("fk_inspection_district_inspection_id")
        ),
        sa.ForeignKeyConstraint(["organ_id"], ["organ.id"], name=op.f("fk_inspection_district_organ_id")),
        sa.ForeignKeyConstraint(["process_id"], ["process.id"], name=op.f("fk_inspection_district_process_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspection_district")),
        sa.UniqueConstraint("inspection_id", "organ_id", name=op.f("uq_inspection_district_inspection_id_organ_id")),
    )
    op.create_index("ix_inspection_district_process", "inspection_district", ["process_id"], unique=False)


def downgrade() -> None:
    op.drop_table("inspection_district")
    op.drop_table("inspection_check")
    op.drop_table("inspection")

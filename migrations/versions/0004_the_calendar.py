"""the calendar."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "target",
        sa.Column("id", KEY, nullable=False),
        sa.Column("organ_id", KEY, nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("nature", sa.String(length=10), nullable=False),
        sa.Column("span", sa.String(length=6), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("set_by", sa.String(length=80), nullable=False),
        sa.Column("set_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["organ_id"], ["organ.id"], name=op.f("fk_target_organ_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_target")),
        sa.UniqueConstraint("organ_id", "year", "nature", "span", name=op.f("uq_target_organ_id_year_nature_span")),
    )
    op.create_table(
        "rate",
        sa.Column("id", KEY, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("yuan", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("filed_by_id", KEY, nullable=True),
        sa.Column("filed_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["filed_by_id"], ["officer.id"], name=op.f("fk_rate_filed_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rate")),
        sa.UniqueConstraint("currency", "on", name=op.f("uq_rate_currency_on")),
    )
    op.create_table(
        "assessment",
        sa.Column("id", KEY, nullable=False),
        sa.Column("period", sa.String(length=10), nullable=False),
        sa.Column("subject", sa.String(length=12), nullable=False),
        sa.Column("process_id", KEY, nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("scheme", sa.Text(), nullable=True),
        sa.Column("sheet", sa.Text(), nullable=True),
        sa.Column("publicity_until", sa.Date(), nullable=True),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("final_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["process_id"], ["process.id"], name=op.f("fk_assessment_process_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment")),
        sa.UniqueConstraint("period", "subject", name=op.f("uq_assessment_period_subject")),
    )
    op.create_table(
        "monthly_report",
        sa.Column("id", KEY, nullable=False),
        sa.Column("period", sa.String(length=10), nullable=False),
        sa.Column("organ_id", KEY, nullable=False),
        sa.Column("process_id", KEY, nullable=True),
        sa.Column("content", sa.Text(), nullable=True),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("signed_at", MOMENT, nullable=True),
        sa.Column("signed_by", sa.String(length=80), nullable=True),
        sa.ForeignKeyConstraint(["organ_id"], ["organ.id"], name=op.f("fk_monthly_report_organ_id")),
        sa.ForeignKeyConstraint(["process_id"], ["process.id"], name=op.f("fk_monthly_report_process_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_monthly_report")),
        sa.UniqueConstraint("period", "organ_id", name=op.f("uq_monthly_report_period_organ_id")),
    )
    op.create_table(
        "delivery",
        sa.Column("id", KEY, nullable=False),
        sa.Column("notice_id", KEY, nullable=False),
        sa.Column("organ_id", KEY, nullable=False),
        sa.Column("delivered_at", MOMENT, nullable=True),
        sa.Column("opened_at", MOMENT, nullable=True),
        sa.Column("acknowledged_at", MOMENT, nullable=True),
        sa.Column("acknowledged_by_id", KEY, nullable=True),
        sa.Column("chased_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["acknowledged_by_id"], ["officer.id"], name=op.f("fk_delivery_acknowledged_by_id")),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], name=op.f("fk_delivery_notice_id")),
        sa.ForeignKeyConstraint(["organ_id"], ["organ.id"], name=op.f("fk_delivery_organ_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint("notice_id", "organ_id", name=op.f("uq_delivery_notice_id_organ_id")),
    )
    op.create_index("ix_delivery_organ", "delivery", ["organ_id", "notice_id"], unique=False)
    op.create_table(
        "standing",
        sa.Column("id", KEY, nullable=False),
        sa.Column("assessment_id", KEY, nullable=False),
        sa.Column("organ_id", KEY, nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=True),
        sa.Column("place", sa.Integer(), nullable=True),
        sa.Column("combined", sa.BigInteger(), nullable=True),
        sa.Column("combined_place", sa.Integer(), nullable=True),
        sa.Column("domestic_done", sa.BigInteger(), nullable=True),
        sa.Column("domestic_target", sa.BigInteger(), nullable=True),
        sa.Column("foreign_done", sa.BigInteger(), nullable=True),
        sa.Column("foreign_target", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["assessment_id"], ["assessment.id"], name=op.f("fk_standing_assessment_id")),
        sa.ForeignKeyConstraint(["organ_id"], ["organ.id"], name=op.f("fk_standing_organ_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standing")),
        sa.UniqueConstraint("assessment_id", "organ_id", name=op.f("uq_standing_assessment_id_organ_id")),
    )
    op.create_table(
        "problem",
        sa.Column("id", KEY, nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("period", sa.String(length=10), nullable=False),
        sa.Column("process_id", KEY, nullable=True),
        sa.Column("district_id", KEY, nullable=False),
        sa.Column("project_id", KEY, nullable=False),
        sa.Column("amount_entry_id", KEY, nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("fact", sa.String(length=500), nullable=False),
        sa.Column("basis", sa.String(length=500), nullable=False),
        sa.Column("demand", sa.String(length=500), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("owner", sa.String(length=80), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("found_by", sa.String(length=80), nullable=False),
        sa.Column("found_at", MOMENT, nullable=False),
        sa.Column("countersigned_by", sa.String(length=80), nullable=True),
        sa.Column("countersigned_at", MOMENT, nullable=True),
        sa.Column("objection", sa.String(length=500), nullable=False),
        sa.Column("rectification_id", KEY, nullable=True),
        sa.ForeignKeyConstraint(["amount_entry_id"], ["amount_entry.id"], name=op.f("fk_problem_amount_entry_id")),
        sa.ForeignKeyConstraint(["district_id"], ["organ.id"], name=op.f("fk_problem_district_id")),
        sa.ForeignKeyConstraint(["process_id"], ["process.id"], name=op.f("fk_problem_process_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_problem_project_id")),
        sa.ForeignKeyConstraint(["rectification_id"], ["rectification.id"], name=op.f("fk_problem_rectification_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_problem")),
    )
    op.create_index("ix_problem_process", "problem", ["process_id"], unique=False)
    op.create_index("ix_problem_project", "problem", ["project_id"], unique=False)
    op.create_index("ix_problem_source", "problem", ["source", "period", "district_id"], unique=False)
    with op.batch_alter_table("amount_entry") as batch_op:
        batch_op.add_column(sa.Column("currency", sa.String(length=3), nullable=False, server_default="CNY"))

    op.execute("UPDATE amount_entry SET currency = 'USD' WHERE kind = 'fdi'")
    with op.batch_alter_table("amount_entry") as batch_op:
        batch_op.alter_column("currency", server_default=None)

    with op.batch_alter_table("dispatch") as batch_op:
        batch_op.add_column(sa.Column("letter", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("also_to", sa.Text(), nullable=True))

    with op.batch_alter_table("organ") as batch_op:
        batch_op.add_column(sa.Column("tier", sa.String(length=10), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("organ") as batch_op:
        batch_op.drop_column("tier")

    with op.batch_alter_table("dispatch") as batch_op:
        batch_op.drop_column("also_to")
        batch_op.drop_column("letter")

    with op.batch_alter_table("amount_entry") as batch_op:
        batch_op.drop_column("currency")

    op.drop_table("problem")
    op.drop_table("standing")
    op.drop_table("delivery")
    op.drop_table("monthly_report")
    op.drop_table("assessment")
    op.drop_table("rate")
    op.drop_table("target")

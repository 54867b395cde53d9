"""admonition."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "referral",
        sa.Column("id", KEY, nullable=False),
        sa.Column("project_id", KEY, nullable=False),
        sa.Column("agent_name", sa.String(length=80), nullable=False),
        sa.Column("agent_uscc", sa.String(length=18), nullable=False),
        sa.Column("contact_name", sa.String(length=40), nullable=False),
        sa.Column("contact_phone", sa.String(length=40), nullable=False),
        sa.Column("story", sa.String(length=500), nullable=False),
        sa.Column("proof", sa.Text(), nullable=False),
        sa.Column("warning", sa.String(length=500), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("filed_at", MOMENT, nullable=False),
        sa.Column("filed_by", sa.String(length=80), nullable=False),
        sa.Column("filed_organ_id", KEY, nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("decided_by", sa.String(length=80), nullable=True),
        sa.Column("decision", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(["filed_organ_id"], ["organ.id"], name=op.f("fk_referral_filed_organ_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_referral_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referral")),
    )
    op.create_index("ix_referral_project", "referral", ["project_id"], unique=False)
    op.create_table(
        "admonition",
        sa.Column("id", KEY, nullable=False),
        sa.Column("period", sa.String(length=10), nullable=False),
        sa.Column("assessment_id", KEY, nullable=False),
        sa.Column("process_id", KEY, nullable=True),
        sa.Column("desk_organ_id", KEY, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("approved_at", MOMENT, nullable=True),
        sa.Column("approved_by", sa.String(length=80), nullable=True),
        sa.ForeignKeyConstraint(["assessment_id"], ["assessment.id"], name=op.f("fk_admonition_assessment_id")),
        sa.ForeignKeyConstraint(["desk_organ_id"], ["organ.id"], name=op.f("fk_admonition_desk_organ_id")),
        sa.ForeignKeyConstraint(["process_id"], ["process.id"], name=op.f("fk_admonition_process_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_admonition")),
        sa.UniqueConstraint("period", name=op.f("uq_admonition_period")),
    )
    op.create_table(
        "commendation",
        sa.Column("id", KEY, nullable=False),
        sa.Column("period", sa.String(length=10), nullable=False),
        sa.Column("process_id", KEY, nullable=True),
        sa.Column("desk_organ_id", KEY, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("objections_to", sa.String(length=100), nullable=False),
        sa.Column("publicity_notice_id", KEY, nullable=True),
        sa.Column("publicity_until", sa.Date(), nullable=True),
        sa.Column("notice_id", KEY, nullable=True),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["desk_organ_id"], ["organ.id"], name=op.f("fk_commendation_desk_organ_id")),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], name=op.f("fk_commendation_notice_id")),
        sa.ForeignKeyConstraint(["process_id"], ["process.id"], name=op.f("fk_commendation_process_id")),
        sa.ForeignKeyConstraint(
            ["publicity_notice_id"], ["notice.id"], name=op.f("fk_commendation_publicity_notice_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commendation")),
        sa.UniqueConstraint("period", name=op.f("uq_commendation_period")),
    )
    op.create_table(
        "called_unit",
        sa.Column("id", KEY, nullable=False),
        sa.Column("admonition_id", KEY, nullable=False),
        sa.Column("organ_id", KEY, nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("figures", sa.Text(), nullable=False),
        sa.Column("added_by", sa.String(length=80), nullable=True),
        sa.Column("added_why", sa.String(length=500), nullable=False),
        sa.Column("removed_at", MOMENT, nullable=True),
        sa.Column("removed_by", sa.String(length=80), nullable=True),
        sa.Column("removed_why", sa.String(length=500), nullable=False),
        sa.Column("process_id", KEY, nullable=True),
        sa.Column("notice_id", KEY, nullable=True),
        sa.Column("held_on", sa.Date(), nullable=True),
        sa.Column("held_time", sa.String(length=20), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("host", sa.String(length=100), nullable=False),
        sa.Column("record", sa.Text(), nullable=True),
        sa.Column("record_notice_id", KEY, nullable=True),
        sa.Column("recorded_at", MOMENT, nullable=True),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["admonition_id"], ["admonition.id"], name=op.f("fk_called_unit_admonition_id")),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], name=op.f("fk_called_unit_notice_id")),
        sa.ForeignKeyConstraint(["organ_id"], ["organ.id"], name=op.f("fk_called_unit_organ_id")),
        sa.ForeignKeyConstraint(["process_id"], ["process.id"], name=op.f("fk_called_unit_process_id")),
        sa.ForeignKeyConstraint(["record_notice_id"], ["notice.id"], name=op.f("fk_called_unit_record_notice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_called_unit")),
        sa.UniqueConstraint("admonition_id", "organ_id", name=op.f("uq_called_unit_admonition_id_organ_id")),
    )
    op.create_index("ix_called_unit_organ", "called_unit", ["organ_id"], unique=False)
    op.create_table(
        "nominee",
        sa.Column("id", KEY, nullable=False),
        sa.Column("commendation_id", KEY, nullable=False),
        sa.Column("category", sa.String(length=12), nullable=False),
        sa.Column("organ_id", KEY, nullable=True),
        sa.Column("referral_id", KEY, nullable=True),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("place", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("award", sa.BigInteger(), nullable=True),
        sa.Column("added_by", sa.String(length=80), nullable=True),
        sa.Column("removed_at", MOMENT, nullable=True),
        sa.Column("removed_by", sa.String(length=80), nullable=True),
        sa.Column("removed_why", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(["commendation_id"], ["commendation.id"], name=op.f("fk_nominee_commendation_id")),
        sa.ForeignKeyConstraint(["organ_id"], ["organ.id"], name=op.f("fk_nominee_organ_id")),
        sa.ForeignKeyConstraint(["referral_id"], ["referral.id"], name=op.f("fk_nominee_referral_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nominee")),
    )
    op.create_index("ix_nominee_commendation", "nominee", ["commendation_id", "category"], unique=False)
    op.create_table(
        "commitment",
        sa.Column("id", KEY, nullable=False),
        sa.Column("called_unit_id", KEY, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(length=500), nullable=False),
        sa.Column("owner", sa.String(length=80), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("process_id", KEY, nullable=True),
        sa.Column("result", sa.String(length=1000), nullable=False),
        sa.Column("reported_at", MOMENT, nullable=True),
        sa.Column("reported_by_id", KEY, nullable=True),
        sa.Column("passed_at", MOMENT, nullable=True),
        sa.Column("opinion", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(["called_unit_id"], ["called_unit.id"], name=op.f("fk_commitment_called_unit_id")),
        sa.ForeignKeyConstraint(["process_id"], ["process.id"], name=op.f("fk_commitment_process_id")),
        sa.ForeignKeyConstraint(["reported_by_id"], ["officer.id"], name=op.f("fk_commitment_reported_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commitment")),
        sa.UniqueConstraint("called_unit_id", "number", name=op.f("uq_commitment_called_unit_id_number")),
    )
    op.create_index("ix_commitment_process", "commitment", ["process_id"], unique=False)
    op.create_table(
        "nominee_objection",
        sa.Column("id", KEY, nullable=False),
        sa.Column("commendation_id", KEY, nullable=False),
        sa.Column("nominee_id", KEY, nullable=True),
        sa.Column("raised_by", sa.String(length=80), nullable=False),
        sa.Column("contact", sa.String(length=60), nullable=False),
        sa.Column("content", sa.String(length=1000), nullable=False),
        sa.Column("filed_at", MOMENT, nullable=False),
        sa.Column("filed_by", sa.String(length=80), nullable=False),
        sa.Column("decision", sa.String(length=10), nullable=True),
        sa.Column("decided_why", sa.String(length=500), nullable=False),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("decided_by", sa.String(length=80), nullable=True),
        sa.ForeignKeyConstraint(
            ["commendation_id"], ["commendation.id"], name=op.f("fk_nominee_objection_commendation_id")
        ),
        sa.ForeignKeyConstraint(["nominee_id"], ["nominee.id"], name=op.f("fk_nominee_objection_nominee_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nominee_objection")),
    )
    op.create_index("ix_nominee_objection_commendation", "nominee_objection", ["commendation_id"], unique=False)


def downgrade() -> None:
    op.drop_table("nominee_objection")
    op.drop_table("commitment")
    op.drop_table("nominee")
    op.drop_table("called_unit")
    op.drop_table("commendation")
    op.drop_table("admonition")
    op.drop_table("referral")

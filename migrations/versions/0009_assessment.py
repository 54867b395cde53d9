"""assessment."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "scheme_version",
        sa.Column("id", KEY, nullable=False),
        sa.Column("subject", sa.String(length=12), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("standard", sa.Boolean(), nullable=False),
        sa.Column("made_by", sa.String(length=80), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("in_force_at", MOMENT, nullable=True),
        sa.Column("in_force_by", sa.String(length=80), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scheme_version")),
        sa.UniqueConstraint("subject", "year", "version", name=op.f("uq_scheme_version_subject_year_version")),
    )
    op.create_table(
        "objection",
        sa.Column("id", KEY, nullable=False),
        sa.Column("assessment_id", KEY, nullable=False),
        sa.Column("organ_id", KEY, nullable=False),
        sa.Column("indicator", sa.String(length=60), nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("filed_by", sa.String(length=80), nullable=False),
        sa.Column("filed_by_id", KEY, nullable=True),
        sa.Column("filed_at", MOMENT, nullable=False),
        sa.Column("decision", sa.String(length=1000), nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.String(length=80), nullable=True),
        sa.Column("decided_by_id", KEY, nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["assessment_id"], ["assessment.id"], name=op.f("fk_objection_assessment_id")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["officer.id"], name=op.f("fk_objection_decided_by_id")),
        sa.ForeignKeyConstraint(["filed_by_id"], ["officer.id"], name=op.f("fk_objection_filed_by_id")),
        sa.ForeignKeyConstraint(["organ_id"], ["organ.id"], name=op.f("fk_objection_organ_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_objection")),
    )
    op.create_index("ix_objection_assessment", "objection", ["assessment_id", "organ_id"], unique=False)
    op.create_table(
        "taken_figure",
        sa.Column("id", KEY, nullable=False),
        sa.Column("assessment_id", KEY, nullable=False),
        sa.Column("organ_id", KEY, nullable=False),
        sa.Column("word", sa.String(length=60), nullable=False),
        sa.Column("source", sa.String(length=8), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=True),
        sa.Column("rows", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("taken_by", sa.String(length=80), nullable=False),
        sa.Column("taken_at", MOMENT, nullable=False),
        sa.Column("was", sa.BigInteger(), nullable=True),
        sa.Column("objection_id", KEY, nullable=True),
        sa.ForeignKeyConstraint(["assessment_id"], ["assessment.id"], name=op.f("fk_taken_figure_assessment_id")),
        sa.ForeignKeyConstraint(["objection_id"], ["objection.id"], name=op.f("fk_taken_figure_objection_id")),
        sa.ForeignKeyConstraint(["organ_id"], ["organ.id"], name=op.f("fk_taken_figure_organ_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_taken_figure")),
        sa.UniqueConstraint(
            "assessment_id", "organ_id", "word", name=op.f("uq_taken_figure_assessment_id_organ_id_word")
        ),
    )
    op.create_index("ix_taken_figure_objection", "taken_figure", ["objection_id"], unique=False)
    with op.batch_alter_table("assessment") as batch_op:
        batch_op.add_column(sa.Column("scheme_version_id", KEY, nullable=True))
        batch_op.add_column(sa.Column("first_sheet", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("scored_by", sa.String(length=80), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("scored_by_id", KEY, nullable=True))
        batch_op.add_column(sa.Column("publicity_notice_id", KEY, nullable=True))
        batch_op.add_column(sa.Column("result_notice_id", KEY, nullable=True))
        for column, table in (
            ("scheme_version_id", "scheme_version"),
            ("scored_by_id", "officer"),
            ("publicity_notice_id", "notice"),
            ("result_notice_id", "notice"),
        ):
            batch_op.create_foreign_key(op.f(f"fk_assessment_{column}"), table, [column], ["id"])

    with op.batch_alter_table("assessment") as batch_op:
        batch_op.alter_column("scored_by", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("assessment") as batch_op:
        for column in ("scheme_version_id", "scored_by_id", "publicity_notice_id", "result_notice_id"):
            batch_op.drop_constraint(op.f(f"fk_assessment_{column}"), type_="foreignkey")
            batch_op.drop_column(column)
        batch_op.drop_column("scored_by")
        batch_op.drop_column("first_sheet")

    op.drop_table("taken_figure")
    op.drop_table("objection")
    op.drop_table("scheme_version")

"""duties."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    with op.batch_alter_table("duty_run") as batch_op:
        batch_op.add_column(sa.Column("asked_at", MOMENT, nullable=True))
        batch_op.add_column(sa.Column("decision", sa.String(length=10), nullable=True))
        batch_op.add_column(sa.Column("decided_by", sa.String(length=80), nullable=True))
        batch_op.add_column(sa.Column("decided_at", MOMENT, nullable=True))
        batch_op.add_column(sa.Column("reason", sa.String(length=500), nullable=True))
        batch_op.add_column(sa.Column("by_hand", sa.String(length=80), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("duty_run") as batch_op:
        for name in ("by_hand", "reason", "decided_at", "decided_by", "decision", "asked_at"):
            batch_op.drop_column(name)

"""区月报: what a district signed for a month, in the four blocks of article 3; pre-filled, so that only changes are typed."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, Json, Key, Moment


class MonthlyReport(Base):
    """区月报。 `content` holds the blocks as they were signed, each a list of rows that name their project.

    `capital` (entry, project, on, amount_wan, standing), `registrations` (project, on, amount_wan_usd),
    `landings` (project, expected_on, amount_wan), `talks` (project, note), and `note`, the district's own words.
    """

    __tablename__ = "monthly_report"
    __table_args__ = (UniqueConstraint("period", "organ_id"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    period: Mapped[str] = mapped_column(String(10))
    organ_id: Mapped[int] = mapped_column(ForeignKey("organ.id"))
    process_id: Mapped[int | None] = mapped_column(ForeignKey("process.id"))
    content: Mapped[Any] = mapped_column(Json, nullable=True)
    opened_at: Mapped[datetime] = mapped_column(Moment)
    due_at: Mapped[datetime] = mapped_column(Moment)
    signed_at: Mapped[datetime | None] = mapped_column(Moment)  # None: not (yet) signed
    signed_by: Mapped[str | None] = mapped_column(String(80))


def reports_of(session: Session, period: str) -> dict[int, MonthlyReport]:
    """The reports of a month by district, signed or not; a district without one is not in it."""
    found = session.scalars(select(MonthlyReport).where(MonthlyReport.period == period))
    return {row.organ_id: row for row in found}

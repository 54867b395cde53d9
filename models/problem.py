"""问题清单: what an inspection or a verification found, one row a problem; countersigned rows start rectifications."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, ForeignKey, Index, Integer, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, Json, Key, Moment
from models.texts import N_

SOURCES: dict[str, str] = {"inspection": N_("季检查"), "verification": N_("半年核查")}


class Problem(Base):
    """问题。 A fact, what it rests on, what is demanded by when; `evidence` are numbers of attachments."""

    __tablename__ = "problem"
    __table_args__ = (
        Index("ix_problem_source", "source", "period", "district_id"),
        Index("ix_problem_project", "project_id"),
        Index("ix_problem_process", "process_id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    source: Mapped[str] = mapped_column(String(20))
    period: Mapped[str] = mapped_column(String(10))
    process_id: Mapped[int | None] = mapped_column(ForeignKey("process.id"))  # that found it
    district_id: Mapped[int] = mapped_column(ForeignKey("organ.id"))
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    amount_entry_id: Mapped[int | None] = mapped_column(ForeignKey("amount_entry.id"))  # when it is about money
    number: Mapped[int] = mapped_column(Integer)  # within source, period and district
    fact: Mapped[str] = mapped_column(String(500))
    basis: Mapped[str] = mapped_column(String(500), default="")
    demand: Mapped[str] = mapped_column(String(500), default="")
    evidence: Mapped[Any] = mapped_column(Json, default=list)
    owner: Mapped[str] = mapped_column(String(80), default="")
    due_on: Mapped[date | None] = mapped_column(Date)
    found_by: Mapped[str] = mapped_column(String(80))
    found_at: Mapped[datetime] = mapped_column(Moment)
    countersigned_by: Mapped[str | None] = mapped_column(String(80))  # 签认, of the district
    countersigned_at: Mapped[datetime | None] = mapped_column(Moment)
    objection: Mapped[str] = mapped_column(String(500), default="")  # what the district wrote when it signed
    rectification_id: Mapped[int | None] = mapped_column(ForeignKey("rectification.id"))


def problems_of(session: Session, source: str, period: str, district_id: int | None = None) -> list[Problem]:
    """The list of a period, by district and number; of one district, or of all."""
    query = select(Problem).where(Problem.source == source, Problem.period == period)
    if district_id is not None:
        query = query.where(Problem.district_id == district_id)
    return list(session.scalars(query.order_by(Problem.district_id, Problem.number)))


def problems_by_id(session: Session, numbers: Iterable[int]) -> list[Problem]:
    """These problems, in the order of their numbers on the list."""
    query = select(Problem).where(Problem.id.in_(set(numbers)))
    return list(session.scalars(query.order_by(Problem.district_id, Problem.number)))

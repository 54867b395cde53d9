"""整改: findings, rounds and close-out (销号) of one rectification notice; a supervision or problems found start it."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, Json, Key, Moment
from models.permit import permit
from models.texts import N_

MOST_FINDINGS = 5  # of one 整改通知书: the forms of report and review have five places

permit("rectification.view", N_("查看整改"), roles=("officer", "head", "supervisor", "leader"), scope="city")


class Rectification(Base):
    """整改。 From notice to 销号; it keeps its number through every round. `supervision_id` is None when a 问题清单 began it."""

    __tablename__ = "rectification"
    __table_args__ = (Index("ix_rectification_project", "project_id"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    supervision_id: Mapped[int | None] = mapped_column(ForeignKey("supervision.id"))
    process_id: Mapped[int | None] = mapped_column(ForeignKey("process.id"))
    notice_id: Mapped[int | None] = mapped_column(ForeignKey("notice.id"))
    rectifier_organ_id: Mapped[int] = mapped_column(ForeignKey("organ.id"))
    reviewer_organ_id: Mapped[int] = mapped_column(ForeignKey("organ.id"))
    round: Mapped[int] = mapped_column(Integer, default=1)
    report_due_on: Mapped[date | None]
    began_at: Mapped[datetime] = mapped_column(Moment)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    remark: Mapped[str | None] = mapped_column(String(500))  # why the light stayed after close-out


class Finding(Base):
    """问题。 One numbered fact with its basis and what is demanded."""

    __tablename__ = "finding"
    __table_args__ = (UniqueConstraint("rectification_id", "number"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    rectification_id: Mapped[int] = mapped_column(ForeignKey("rectification.id"))
    number: Mapped[int] = mapped_column(Integer)
    fact: Mapped[str] = mapped_column(String(500))
    basis: Mapped[str] = mapped_column(String(500))
    demand: Mapped[str] = mapped_column(String(500))


class Round(Base):
    """轮次。 What was reported and how the review went; a returned report opens the next round with a new date."""

    __tablename__ = "round"
    __table_args__ = (UniqueConstraint("rectification_id", "number"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    rectification_id: Mapped[int] = mapped_column(ForeignKey("rectification.id"))
    number: Mapped[int] = mapped_column(Integer)
    due_on: Mapped[date | None]
    plan: Mapped[Any] = mapped_column(Json, nullable=True)
    report: Mapped[Any] = mapped_column(Json, nullable=True)
    reported_at: Mapped[datetime | None] = mapped_column(Moment)
    reported_by_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    review: Mapped[Any] = mapped_column(Json, nullable=True)
    reviewed_at: Mapped[datetime | None] = mapped_column(Moment)
    reviewed_by_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    passed: Mapped[bool | None]


def rectification_of_process(session: Session, process_id: int) -> Rectification:
    """The rectification a process runs for."""
    return session.scalars(select(Rectification).where(Rectification.process_id == process_id)).one()


def rectifications_of(session: Session, project_id: int) -> list[Rectification]:
    """All rectifications of a project, newest first."""
    query = select(Rectification).where(Rectification.project_id == project_id).order_by(Rectification.id.desc())
    return list(session.scalars(query))


def rectifications_by_id(session: Session, numbers: Iterable[int]) -> dict[int, Rectification]:
    """These rectifications by their numbers."""
    query = select(Rectification).where(Rectification.id.in_(set(numbers)))
    return {each.id: each for each in session.scalars(query)}


def current_round(session: Session, rectification: Rectification) -> Round:
    """The round that is running."""
    return session.scalars(
        select(Round).where(Round.rectification_id == rectification.id, Round.number == rectification.round),
    ).one()


def rounds_of(session: Session, rectification_id: int) -> list[Round]:
    """All rounds, in order."""
    query = select(Round).where(Round.rectification_id == rectification_id).order_by(Round.number)
    return list(session.scalars(query))


def findings_of(session: Session, rectification_id: int) -> list[Finding]:
    """All findings, in order."""
    query = select(Finding).where(Finding.rectification_id == rectification_id).order_by(Finding.number)
    return list(session.scalars(query))

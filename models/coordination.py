"""协调: a numbered request to another organ, at any time of a project's life."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, Key, Moment
from models.permit import permit
from models.project_number import raise_series
from models.texts import N_

permit("coordination.request", N_("提出协调事项"), roles=("officer", "head", "supervisor"), scope="city")


class Coordination(Base):
    """协调事项。 Who asks whom for what; the process carries it to the requester's confirmation."""

    __tablename__ = "coordination"
    __table_args__ = (UniqueConstraint("year", "serial"), Index("ix_coordination_project", "project_id"))

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    year: Mapped[int] = mapped_column(Integer)
    serial: Mapped[int] = mapped_column(Integer)
    number: Mapped[str] = mapped_column(String(40))
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    process_id: Mapped[int | None] = mapped_column(ForeignKey("process.id"))
    requester_organ_id: Mapped[int] = mapped_column(ForeignKey("organ.id"))
    target_organ_id: Mapped[int] = mapped_column(ForeignKey("organ.id"))
    kind: Mapped[str] = mapped_column(String(20))
    subject: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(String(2000))
    result: Mapped[str | None] = mapped_column(String(2000))
    satisfied: Mapped[bool | None]
    requested_at: Mapped[datetime] = mapped_column(Moment)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)


def next_serial(session: Session, year: int) -> int:
    """The next number of the year; its counter stays locked until the commit, so that a rollback leaves no gap."""
    return raise_series(session, f"xt{year}", 1)


def coordination_of_process(session: Session, process_id: int) -> Coordination:
    """The request a process runs for."""
    return session.scalars(select(Coordination).where(Coordination.process_id == process_id)).one()


def coordinations_of(session: Session, project_id: int) -> list[Coordination]:
    """All requests about a project, newest first."""
    query = select(Coordination).where(Coordination.project_id == project_id).order_by(Coordination.id.desc())
    return list(session.scalars(query))

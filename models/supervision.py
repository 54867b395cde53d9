"""督办: the ladder of one stalled project; each rung at most once, which the database itself enforces."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, Integer, String, UniqueConstraint, literal_column, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, Json, Key, Moment
from models.permit import permit
from models.texts import N_

OPEN: ColumnElement[bool] = literal_column("ended_at IS NULL")
RUNGS = {1: N_("提醒函"), 2: N_("督办通知单"), 3: N_("整改通知书"), 4: N_("约谈"), 5: N_("专报")}

permit("supervision.start", N_("发起督办"), roles=("supervisor",), scope="city")
permit("supervision.raise", N_("提级督办"), roles=("supervisor", "leader"), scope="city")
permit("supervision.view", N_("查看督办"), roles=("officer", "head", "supervisor", "leader"), scope="city")


class Supervision(Base):
    """督办。 `reasons` are the light's reasons when it began; `rung` the highest reached (0 before the first)."""

    __tablename__ = "supervision"
    __table_args__ = (
        Index("uq_supervision_open", "project_id", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
        Index("ix_supervision_organ", "blocker_organ_id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    process_id: Mapped[int | None] = mapped_column(ForeignKey("process.id"))
    blocker_organ_id: Mapped[int] = mapped_column(ForeignKey("organ.id"))
    desk_organ_id: Mapped[int] = mapped_column(ForeignKey("organ.id"))  # who supervises and signs
    rung: Mapped[int] = mapped_column(Integer, default=0)
    reasons: Mapped[Any] = mapped_column(Json)
    began_at: Mapped[datetime] = mapped_column(Moment)
    began_by: Mapped[str] = mapped_column(String(80))
    by_hand: Mapped[str | None] = mapped_column(String(500))  # the supervisor's reason when started or raised by hand
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    outcome: Mapped[str | None] = mapped_column(String(40))  # improved, closed_out, reported, withdrawn


class Rung(Base):
    """督办层级。 One rung of one supervision; the unique key is what makes it happen at most once."""

    __tablename__ = "rung"
    __table_args__ = (UniqueConstraint("supervision_id", "number"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    supervision_id: Mapped[int] = mapped_column(ForeignKey("supervision.id"))
    number: Mapped[int] = mapped_column(Integer)
    notice_id: Mapped[int | None] = mapped_column(ForeignKey("notice.id"))
    at: Mapped[datetime] = mapped_column(Moment)
    by: Mapped[str] = mapped_column(String(80))


def open_supervision(session: Session, project_id: int) -> Supervision | None:
    """The running supervision of a project, if there is one; never two."""
    query = select(Supervision).where(Supervision.project_id == project_id, Supervision.ended_at.is_(None))
    return session.scalars(query).first()


def supervision_of_process(session: Session, process_id: int) -> Supervision:
    """The supervision a process runs for."""
    return session.scalars(select(Supervision).where(Supervision.process_id == process_id)).one()


def supervisions_of(session: Session, project_id: int) -> list[Supervision]:
    """All supervisions of a project, newest first."""
    query = select(Supervision).where(Supervision.project_id == project_id).order_by(Supervision.id.desc())
    return list(session.scalars(query))


def rungs_of(session: Session, supervision_id: int) -> list[Rung]:
    """The rungs reached, in order."""
    return list(session.scalars(select(Rung).where(Rung.supervision_id == supervision_id).order_by(Rung.number)))

"""Questions and lines about 故障: what failed, where, and whether somebody has dealt with it."""

import secrets
from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, Key, Moment
from models.process import Process


class Incident(Base):
    """故障。 A step that failed: the process stays where it was until somebody retries."""

    __tablename__ = "incident"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    process_id: Mapped[int | None] = mapped_column(ForeignKey("process.id"))
    work_item_id: Mapped[int | None] = mapped_column(Key)
    what: Mapped[str] = mapped_column(String(20))  # wake, complete, light, duty
    code: Mapped[str] = mapped_column(String(16))  # printed on the error page and in the log
    message: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Moment)
    resolved_at: Mapped[datetime | None] = mapped_column(Moment)
    resolved_by: Mapped[str | None] = mapped_column(String(80))


def report(
    session: Session,
    *,
    what: str,
    error: BaseException,
    now: datetime,
    process_id: int | None = None,
    item_id: int | None = None,
) -> str:
    """Keep a failure as a row; returns the code that is printed on the page and in the log."""
    code = secrets.token_hex(4)
    session.add(
        Incident(
            process_id=process_id,
            work_item_id=item_id,
            what=what,
            code=code,
            at=now,
            message=f"{type(error).__name__}: {error}"[:2000],
        )
    )
    return code


def hold(session: Session, process_id: int) -> None:
    """Keep a process from being woken until somebody retries; officers may still complete its items."""
    session.execute(
        update(Process).where(Process.id == process_id, Process.status == "running").values(status="incident")
    )


def open_incident(session: Session, incident_id: int) -> Incident | None:
    """The incident, unless it has been dealt with."""
    found = session.get(Incident, incident_id)
    return found if found and found.resolved_at is None else None


def open_incidents(session: Session, limit: int = 100) -> list[Incident]:
    """The newest incidents nobody has dealt with."""
    query = select(Incident).where(Incident.resolved_at.is_(None)).order_by(Incident.id.desc()).limit(limit)
    return list(session.scalars(query))


def resolve(session: Session, incident_id: int, now: datetime, by: str) -> None:
    """Mark dealt with."""
    session.execute(update(Incident).where(Incident.id == incident_id).values(resolved_at=now, resolved_by=by))

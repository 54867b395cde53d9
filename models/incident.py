"""Questions and lines about 故障: what failed, where, and whether somebody has dealt with it."""

import secrets
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models.process import Incident, Process


def report(
    session: Session, *, what: str, error: BaseException, now: datetime, process_id: int | None = None,
    item_id: int | None = None,
) -> str:
    """Keep a failure as a row; returns the code that is printed on the page and in the log."""
    code = secrets.token_hex(4)
    session.add(Incident(process_id=process_id, work_item_id=item_id, what=what, code=code, at=now,
                         message=f"{type(error).__name__}: {error}"[:2000]))
    return code


def hold(session: Session, process_id: int) -> None:
    """Keep a process from being woken until somebody retries; officers may still complete its items."""
    session.execute(update(Process).where(Process.id == process_id, Process.status == "running")
                    .values(status="incident"))


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

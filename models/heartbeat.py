"""巡检心跳: when the sweeper was last at work, so that the administrator sees whether anything ticks at all."""

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, Key, Moment
from models.unit import Unit

SWEEPER = 1
EVERY = timedelta(minutes=1)  # a tick is not worth a write each
SILENT_AFTER = timedelta(minutes=5)


class Heartbeat(Base):
    """心跳。 One row for all sweeping processes together: any of them keeps the house awake."""

    __tablename__ = "heartbeat"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment)


def last_beat(session: Session) -> datetime | None:
    """When something last swept; None when nothing ever did."""
    return session.scalar(select(Heartbeat.at).where(Heartbeat.id == SWEEPER))


def is_alive(beat: datetime | None, now: datetime) -> bool:
    """Whether somebody sweeps; a clock that was put back counts as alive."""
    return beat is not None and now - beat <= SILENT_AFTER


def beat_is_due(session: Session, now: datetime) -> bool:
    """Whether the row is a minute old, so that a writing unit is worth opening."""
    beat = last_beat(session)
    return beat is None or abs(now - beat) >= EVERY


def note_beat(unit: Unit) -> None:
    """Writes that the sweeper was here now; leaves no audit line, since nothing was done."""
    moved = update(Heartbeat).where(Heartbeat.id == SWEEPER).values(at=unit.now)
    if not unit.session.execute(moved).rowcount:  # type: ignore[attr-defined]
        unit.session.add(Heartbeat(id=SWEEPER, at=unit.now))

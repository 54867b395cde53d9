"""The demo's clock: ahead of the machine's by an offset kept as a row, so that every process shows the same day."""

from datetime import datetime, timedelta

from sqlalchemy import Float, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, Key
from models.clock import Clock, ShiftedClock
from models.database import Database
from models.refusal import NotDue
from models.texts import N_
from models.unit import Unit


class DemoOffset(Base):
    """演示时钟。 One row: how many seconds the demo's clock is ahead."""

    __tablename__ = "demo_offset"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    seconds: Mapped[float] = mapped_column(Float)


def demo_clock(base: Clock, database: Database) -> ShiftedClock:
    """A clock that reads the offset each time; only composed when DEMO=1."""

    def offset() -> timedelta:
        with Session(database.reading) as session:
            return timedelta(seconds=session.scalar(select(DemoOffset.seconds).limit(1)) or 0)

    return ShiftedClock(base, offset)


def move_clock(unit: Unit, *, to: datetime, machine_now: datetime) -> None:
    """Move the demo's clock forward to a moment. Raises NotDue for the past: what has happened stays."""
    if to <= unit.now:
        raise NotDue(N_("演示时钟只能向后拨。"))
    row = unit.session.scalars(select(DemoOffset)).first()
    seconds = (to - machine_now).total_seconds()
    if row is None:
        unit.session.add(DemoOffset(seconds=seconds))
    else:
        row.seconds = seconds
    unit.trace("demo.move_clock", "demo", None, {"to": to.isoformat()})

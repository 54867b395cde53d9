"""The only file that reads the system clock; everything else is handed the moment."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Protocol

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")  # no daylight saving since 1991, so a fixed offset is exact
BEGINNING = datetime(1992, 1, 1, tzinfo=UTC)  # business moments before this are typing errors


class Clock(Protocol):
    """Tells business time."""

    def now(self) -> datetime:
        """The present moment, aware, UTC."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The present moment, aware, UTC, without sub-microsecond surprises."""
        return datetime.now(UTC)


class FrozenClock:
    """A clock that stands still until it is moved; for tests and for a demo along a virtual past."""

    def __init__(self, at: datetime) -> None:
        self.at = at.astimezone(UTC)

    def now(self) -> datetime:
        """The moment it was last set to."""
        return self.at

    def move(self, *, to: datetime | None = None, by: timedelta = timedelta()) -> datetime:
        """Set the clock to a moment and/or forward by a span; returns the new moment."""
        self.at = (to.astimezone(UTC) if to else self.at) + by
        return self.at


class ShiftedClock:
    """The system clock ahead by an offset read anew each time; DEMO=1 only, so that a month end can be shown."""

    def __init__(self, base: Clock, offset: Callable[[], timedelta]) -> None:
        self.base = base
        self.offset = offset

    def now(self) -> datetime:
        """The base clock's moment plus the offset."""
        return self.base.now() + self.offset()


def local_day(moment: datetime) -> date:
    """The calendar day of an aware moment in Asia/Shanghai."""
    return moment.astimezone(SHANGHAI).date()


def start_of_day(day: date) -> datetime:
    """00:00 of a day in Asia/Shanghai, as an aware UTC moment."""
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI).astimezone(UTC)


def end_of_day(day: date) -> datetime:
    """The last second of a day in Asia/Shanghai, as an aware UTC moment; a deadline "on" a day ends here."""
    return start_of_day(day + timedelta(days=1)) - timedelta(seconds=1)

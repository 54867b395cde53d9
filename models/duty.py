"""定期职责 and its ledger: which period is due is computed from the calendar, whether it was done is a row.

A period is opened once (unique duty + period), worked through in chunks that remember how far they came, and may be
resumed by any process after any crash.
"""

from calendar import monthrange
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Index, Integer, String, UniqueConstraint, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, Key, Moment
from models.clock import local_day, start_of_day
from models.unit import Unit

CHUNK = 100
BEGUN = "begun"  # a marker run: since when this house has had the duty


class DutyRun(Base):
    """职责办理。 One period of one duty; `cursor` is the last id worked through."""

    __tablename__ = "duty_run"
    __table_args__ = (UniqueConstraint("duty", "period"), Index("ix_duty_run_open", "done_at"))

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    duty: Mapped[str] = mapped_column(String(40))
    period: Mapped[str] = mapped_column(String(10))
    opens_at: Mapped[datetime] = mapped_column(Moment)
    opened_at: Mapped[datetime] = mapped_column(Moment)
    cursor: Mapped[int] = mapped_column(Key, default=0)
    made: Mapped[int] = mapped_column(Integer, default=0)
    done_at: Mapped[datetime | None] = mapped_column(Moment)
    held_by: Mapped[str | None] = mapped_column(String(16))  # code of the incident whose retry it waits for


class ChunkFailed(Exception):
    """A chunk of this run raised; its cause says what."""

    def __init__(self, run_id: int, text: str) -> None:
        super().__init__(text)
        self.run_id = run_id


@dataclass(frozen=True)
class Period:
    """期间。 `name` like 2026-11, 2026Q4, 2026H2 or 2026; `opens_at` is the moment its duty falls due."""

    name: str
    first_day: date
    opens_at: datetime


@dataclass(frozen=True)
class Duty:
    """定期职责。 `work(unit, period, cursor, limit)` does one chunk; returns (new cursor or None when done, how many)."""

    word: str
    name_zh: str
    months: int  # 1 monthly, 3 quarterly, 6 half-yearly, 12 yearly
    day: int  # day of the month on which it opens; the month's last day when it is shorter
    work: Callable[[Unit, Period, int, int], tuple[int | None, int]]
    catch_up: str = "each"  # each: every missed period; latest: only the newest; ask: a supervisor decides which
    after: int = 0  # months after the period's last one in which that day lies: 1 for what looks back on a whole period
    per: str = "city"  # what it opens one process for: city, district or project
    shift: bool = False  # whether an opening on a day off moves to the next working day


DUTIES: dict[str, Duty] = {}


def duty(declared: Duty) -> Duty:
    """Register a duty; raises ValueError when the word is taken."""
    if DUTIES.setdefault(declared.word, declared) != declared:
        raise ValueError(f"duty {declared.word} is declared twice")
    return declared


def periods(declared: Duty, since: datetime, until: datetime) -> Iterator[Period]:
    """All periods of a duty that open after `since` and not after `until`, by the calendar of Asia/Shanghai."""
    day = _first_of_period(declared, since)
    while (period := _period(declared, day)).opens_at <= until:
        if period.opens_at > since:
            yield period
        day = months_later(day, declared.months)


def next_opening(declared: Duty, now: datetime) -> Period:
    """The next period that opens after now."""
    day = _first_of_period(declared, now)
    while (period := _period(declared, day)).opens_at <= now:
        day = months_later(day, declared.months)
    return period


def _first_of_period(declared: Duty, moment: datetime) -> date:
    """The first day of the oldest period that could open at or after a moment."""
    day = months_later(local_day(moment).replace(day=1), -declared.after)
    return day.replace(month=(day.month - 1) // declared.months * declared.months + 1)


def _period(declared: Duty, first: date) -> Period:
    names = {
        1: f"{first:%Y-%m}",
        3: f"{first.year}Q{(first.month + 2) // 3}",
        6: f"{first.year}H{(first.month + 5) // 6}",
        12: f"{first.year}",
    }
    opening_month = months_later(first, declared.months - 1 + declared.after)
    day = min(declared.day, monthrange(opening_month.year, opening_month.month)[1])
    return Period(names[declared.months], first, start_of_day(opening_month.replace(day=day)))


def months_later(day: date, months: int) -> date:
    """The first day of the month so many months later."""
    years, month = divmod(day.month - 1 + months, 12)
    return date(day.year + years, month + 1, 1)


def open_run(session: Session, declared: Duty, period: Period, now: datetime) -> None:
    """Open a period; whoever comes second, be it in the same moment, finds it open."""
    kind = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    opened = kind.insert(DutyRun).values(
        duty=declared.word,
        period=period.name,
        opens_at=period.opens_at,
        opened_at=now,
        cursor=0,
        made=0,
        done_at=now if period.name == BEGUN else None,
    )
    session.execute(opened.on_conflict_do_nothing(index_elements=["duty", "period"]))


def runs_of(session: Session, word: str) -> set[str]:
    """Names of the periods of a duty that are opened or done."""
    return set(session.scalars(select(DutyRun.period).where(DutyRun.duty == word)))


def missing_periods(session: Session, declared: Duty, now: datetime) -> list[Period]:
    """Periods that have fallen due since the duty began here and are not opened yet, oldest first.

    The first look writes nothing: a house that has never swept has no missed periods, only the one that is coming.
    """
    begun = session.scalar(select(DutyRun.opens_at).where(DutyRun.duty == declared.word, DutyRun.period == BEGUN))
    if begun is None:
        return [Period(BEGUN, local_day(now), now)]
    known, fallen_due = runs_of(session, declared.word), list(periods(declared, begun, now))
    wanted = fallen_due[-1:] if declared.catch_up == "latest" else fallen_due
    return [period for period in wanted if period.name not in known]


def has_unfinished(session: Session) -> bool:
    """Whether a period has work left that nobody must look at first."""
    return session.scalar(select(DutyRun.id).where(*_workable()).limit(1)) is not None


def work_chunk(unit: Unit) -> int:
    """Do one chunk of one unfinished period; returns how many subjects it went through (1 for closing a period).

    Raises ChunkFailed from whatever went wrong; the unit must be thrown away then.
    """
    run = lock_unfinished(unit.session)
    if run is None:
        return 0
    try:
        period = Period(run.period, first_day_of(run.period), run.opens_at)
        cursor, made = DUTIES[run.duty].work(unit, period, run.cursor, CHUNK)
    except Exception as error:
        raise ChunkFailed(run.id, f"{run.duty} {run.period}: {type(error).__name__}: {error}") from error
    advance_run(unit.session, run, cursor, made, unit.now)
    unit.trace("duty.work", "duty_run", run.id, {"duty": run.duty, "period": run.period, "made": made})
    return max(made, 1)


def first_day_of(name: str) -> date:
    """The first day of a period from its name: 2026-11, 2026Q4, 2026H2 or 2026."""
    year, kind, part = int(name[:4]), name[4:5], int(name[5:] or 1)
    return date(year, {"-": part, "Q": part * 3 - 2, "H": part * 6 - 5, "": 1}[kind], 1)


def last_day_of(name: str) -> date:
    """The last day of a period from its name."""
    months = {"-": 1, "Q": 3, "H": 6, "": 12}[name[4:5]]
    return months_later(first_day_of(name), months) - timedelta(days=1)


def before(name: str) -> str:
    """The name of the same kind of period one year earlier, for 同比."""
    return f"{int(name[:4]) - 1}{name[4:]}"


def lock_unfinished(session: Session) -> DutyRun | None:
    """One period with work left, locked; a run that another process holds is passed over."""
    query = select(DutyRun).where(*_workable()).order_by(DutyRun.opens_at, DutyRun.id).limit(1)
    return session.scalars(query.with_for_update(skip_locked=True)).first()


def _workable() -> tuple[ColumnElement[bool], ...]:
    return (DutyRun.done_at.is_(None), DutyRun.held_by.is_(None))


def hold_run(session: Session, run_id: int, code: str) -> None:
    """Leave a run alone until the incident with this code is retried; the others go on."""
    session.execute(update(DutyRun).where(DutyRun.id == run_id).values(held_by=code))


def release_run(session: Session, code: str) -> None:
    """Let the run go on that this incident held, if it held one."""
    session.execute(update(DutyRun).where(DutyRun.held_by == code).values(held_by=None))


def advance_run(session: Session, run: DutyRun, cursor: int | None, made: int, now: datetime) -> None:
    """Remember how far a run came; None as cursor: it is done."""
    values: dict[str, Any] = {"made": DutyRun.made + made}
    values |= {"done_at": now} if cursor is None else {"cursor": cursor}
    session.execute(update(DutyRun).where(DutyRun.id == run.id).values(**values))


def recent_runs(session: Session, limit: int = 50) -> list[DutyRun]:
    """The newest runs of all duties, for the administrator's page."""
    return list(session.scalars(select(DutyRun).order_by(DutyRun.opens_at.desc(), DutyRun.id.desc()).limit(limit)))

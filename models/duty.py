"""定期职责 and its ledger: which period is due is computed from the calendar, whether it was done is a row.

A period is opened once (unique duty + period), worked through in chunks that remember how far they came, and may be
resumed by any process after any crash. What a duty means by a missed period is its `catch_up`; docs/duties.md tells all.
"""

from calendar import monthrange
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Index, Integer, String, UniqueConstraint, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, Key, Moment
from models.calendar import WEEKDAYS_ONLY, WorkCalendar, load_calendar
from models.clock import local_day, start_of_day
from models.unit import Unit

CHUNK = 100
BEGUN = "begun"  # a marker run: since when this house has had the duty
ACCEPTED, DROPPED = "accepted", "dropped"  # what a supervisor decided about a period that was missed


class DutyRun(Base):
    """职责办理。 One period of one duty; `cursor` is the last id worked through.

    With `asked_at` it was missed and waits until a supervisor decides; a dropped one is done without anything made.
    """

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
    asked_at: Mapped[datetime | None] = mapped_column(Moment)
    decision: Mapped[str | None] = mapped_column(String(10))  # ACCEPTED or DROPPED
    decided_by: Mapped[str | None] = mapped_column(String(80))
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
    reason: Mapped[str | None] = mapped_column(String(500))  # why it was dropped
    by_hand: Mapped[str | None] = mapped_column(String(80))  # who opened it without waiting for its day

    @property
    def waiting(self) -> bool:
        """Whether a supervisor has yet to say if this missed period is made up for."""
        return self.asked_at is not None and self.decision is None


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
class Subject:
    """对象。 One district, project or the city that a period is opened for; `id` ends the business key of its process.

    `organ_ids` are those whose people see it in a preview; whoever serves the whole city sees all.
    """

    id: int | str
    name: str
    organ_ids: tuple[int, ...] = ()


@dataclass(frozen=True)
class Duty:
    """定期职责。 `work(unit, period, cursor, limit)` does one chunk; returns (new cursor or None when done, how many).

    `would(unit, period)` answers for whom the period would be opened, without writing; left out, `per` answers.
    """

    word: str
    name_zh: str
    months: int  # 1 monthly, 3 quarterly, 6 half-yearly, 12 yearly
    day: int  # day of the month on which it opens; the month's last day when it is shorter
    work: Callable[[Unit, Period, int, int], tuple[int | None, int]]
    catch_up: str = "each"  # each: every missed period; latest: only the newest; ask: a supervisor decides which
    after: int = 0  # months after the period's last one in which that day lies: 1 for what looks back on a whole period
    per: str = "city"  # what it opens one process for: city, district or project
    shift: bool = False  # whether an opening on a day off moves to the next working day
    would: Callable[[Unit, Period], list[Subject]] | None = None


DUTIES: dict[str, Duty] = {}


def duty(declared: Duty) -> Duty:
    """Register a duty; raises ValueError when the word is taken."""
    if DUTIES.setdefault(declared.word, declared) != declared:
        raise ValueError(f"duty {declared.word} is declared twice")
    return declared


def periods(
    declared: Duty, since: datetime, until: datetime, calendar: WorkCalendar = WEEKDAYS_ONLY
) -> Iterator[Period]:
    """All periods of a duty that open after `since` and not after `until`, oldest first, by the day in Asia/Shanghai."""
    for period in periods_from(declared, _oldest_day(declared, since), calendar):
        if period.opens_at > until:
            return
        if period.opens_at > since:
            yield period


def next_opening(declared: Duty, now: datetime, calendar: WorkCalendar = WEEKDAYS_ONLY) -> Period:
    """The next period that opens after now."""
    following = periods_from(declared, _oldest_day(declared, now), calendar)
    return next(period for period in following if period.opens_at > now)


def periods_from(declared: Duty, day: date, calendar: WorkCalendar = WEEKDAYS_ONLY) -> Iterator[Period]:
    """The period that holds this day and all that follow it, without end."""
    first = day.replace(month=(day.month - 1) // declared.months * declared.months + 1, day=1)
    while True:
        yield _period(declared, first, calendar)
        first = months_later(first, declared.months)


def named_day(declared: Duty, first: date) -> date:
    """The day on which the policy opens the period that begins on `first`, whether it is worked or not."""
    opening_month = months_later(first, declared.months - 1 + declared.after)
    return opening_month.replace(day=min(declared.day, monthrange(opening_month.year, opening_month.month)[1]))


def calendar_of(session: Session, declared: Duty) -> WorkCalendar:
    """The calendar that moves the openings of this duty; only those that shift cost a query."""
    return load_calendar(session) if declared.shift else WEEKDAYS_ONLY


def _oldest_day(declared: Duty, moment: datetime) -> date:
    """A day of the oldest period that could open at or after a moment; one that shifts may do so a month late."""
    return months_later(local_day(moment).replace(day=1), -declared.after - declared.shift)


def _period(declared: Duty, first: date, calendar: WorkCalendar) -> Period:
    names = {
        1: f"{first:%Y-%m}",
        3: f"{first.year}Q{(first.month + 2) // 3}",
        6: f"{first.year}H{(first.month + 5) // 6}",
        12: f"{first.year}",
    }
    day = named_day(declared, first)
    opens_on = calendar.working_day_from(day) if declared.shift else day
    return Period(names[declared.months], first, start_of_day(opens_on))


def months_later(day: date, months: int) -> date:
    """The first day of the month so many months later."""
    years, month = divmod(day.month - 1 + months, 12)
    return date(day.year + years, month + 1, 1)


def open_run(
    session: Session, declared: Duty, period: Period, now: datetime, *, asked: bool = False, by_hand: str | None = None
) -> int | None:
    """Open a period, or only ask about it; its number, or None when somebody, be it in the same moment, came first."""
    kind = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    opened = kind.insert(DutyRun).values(
        duty=declared.word,
        period=period.name,
        opens_at=period.opens_at,
        opened_at=now,
        cursor=0,
        made=0,
        done_at=now if period.name == BEGUN else None,
        asked_at=now if asked else None,
        by_hand=by_hand,
    )
    once = opened.on_conflict_do_nothing(index_elements=["duty", "period"])
    run_id: int | None = session.scalar(once.returning(DutyRun.id))
    return run_id


def open_due(unit: Unit, declared: Duty) -> None:
    """Open what has fallen due; of a duty that asks, only the newest period, while the missed ones wait for a word."""
    fallen_due = _fallen_due(unit.session, declared, unit.now)
    for period in _unknown(unit.session, declared, fallen_due):
        asked = declared.catch_up == "ask" and period != fallen_due[-1]
        run_id = open_run(unit.session, declared, period, unit.now, asked=asked)
        if run_id and asked:
            unit.trace("duty.ask", "duty_run", run_id, {"duty": declared.word, "period": period.name})


def runs_of(session: Session, word: str) -> set[str]:
    """Names of the periods of a duty that are opened, asked about or done."""
    return set(session.scalars(select(DutyRun.period).where(DutyRun.duty == word)))


def missing_periods(session: Session, declared: Duty, now: datetime) -> list[Period]:
    """Periods that have fallen due since the duty began here and are not in the ledger yet, oldest first.

    The first look writes nothing: a house that has never swept has no missed periods, only the one that is coming.
    """
    return _unknown(session, declared, _fallen_due(session, declared, now))


def _fallen_due(session: Session, declared: Duty, now: datetime) -> list[Period]:
    """All that have opened by now, in the ledger or not; the marker of the first look when there was none."""
    begun = session.scalar(select(DutyRun.opens_at).where(DutyRun.duty == declared.word, DutyRun.period == BEGUN))
    if begun is None:
        return [Period(BEGUN, local_day(now), now)]
    return list(periods(declared, begun, now, calendar_of(session, declared)))


def _unknown(session: Session, declared: Duty, fallen_due: list[Period]) -> list[Period]:
    known = runs_of(session, declared.word)
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


def period_zh(name: str) -> str:
    """The period as papers and titles write it: 2026年12月, 2026年第四季度, 2026年下半年, 2026年."""
    year, kind, part = name[:4], name[4:5], int(name[5:] or 1)
    words = {"-": f"{part}月", "Q": f"第{' 一二三四'[part % 5]}季度", "H": "上半年" if part == 1 else "下半年", "": ""}
    return f"{year}年{words[kind]}"


def before(name: str) -> str:
    """The name of the same kind of period one year earlier, for 同比."""
    return f"{int(name[:4]) - 1}{name[4:]}"


def lock_unfinished(session: Session) -> DutyRun | None:
    """One period with work left, locked; a run that another process holds is passed over."""
    query = select(DutyRun).where(*_workable()).order_by(DutyRun.opens_at, DutyRun.id).limit(1)
    return session.scalars(query.with_for_update(skip_locked=True)).first()


def _workable() -> tuple[ColumnElement[bool], ...]:
    decided = or_(DutyRun.asked_at.is_(None), DutyRun.decision.is_not(None))
    return (DutyRun.done_at.is_(None), DutyRun.held_by.is_(None), decided)


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
    """The newest runs of all duties that nobody has to decide about first, for the administrator's page."""
    decided = or_(DutyRun.asked_at.is_(None), DutyRun.decision.is_not(None))
    query = select(DutyRun).where(decided).order_by(DutyRun.opens_at.desc(), DutyRun.id.desc())
    return list(session.scalars(query.limit(limit)))

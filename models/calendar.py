"""工作日历: which days are worked, so that a deadline of ten working days means the same to everyone.

The State Council's holidays and make-up working days stand in our own table. A year not yet announced counts
Monday to Friday, and whoever shows a deadline in it must say so (`announced`).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import cast

import chinese_calendar
from sqlalchemy import ColumnElement, Date, Integer, String, Table, delete, insert, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base
from models.clock import end_of_day, local_day
from models.permit import permit
from models.refusal import Invalid
from models.texts import N_
from models.unit import Unit

SEEDED = range(2019, 2027)  # years whose notices the package knows
SATURDAY = 5

permit("calendar.view", N_("查看工作日历"), roles=["admin", "supervisor"], scope="any")
permit("calendar.set", N_("维护工作日历"), roles=["admin", "supervisor"], scope="city")


class CalendarDay(Base):
    """特殊日。 A weekday that is free or a weekend day that is worked, by a notice of the State Council."""

    __tablename__ = "calendar_day"

    on: Mapped[date] = mapped_column(Date, primary_key=True)
    working: Mapped[bool]
    name: Mapped[str] = mapped_column(String(40))
    source: Mapped[str] = mapped_column(String(200))


class CalendarYear(Base):
    """已公布的年份。 `revision` of the year 0 counts every change, so that a process knows when to read anew."""

    __tablename__ = "calendar_year"

    year: Mapped[int] = mapped_column(Integer, primary_key=True)
    revision: Mapped[int] = mapped_column(Integer, default=0)


@dataclass(frozen=True)
class WorkCalendar:
    """工作日历。 Pure: the exceptional days and the years whose notice is known."""

    days: Mapping[date, bool]
    years: frozenset[int]

    def is_working(self, day: date) -> bool:
        """Whether people are at work on this day."""
        return self.days.get(day, day.weekday() < SATURDAY)

    def announced(self, year: int) -> bool:
        """Whether the holidays of this year are known; if not, its days follow the week only."""
        return year in self.years

    def add_working_days(self, day: date, count: int) -> date:
        """The count-th working day after `day`, which itself never counts; before it when negative; `day` when 0."""
        step = timedelta(days=1 if count > 0 else -1)
        left = abs(count)
        while left:
            day += step
            left -= self.is_working(day)
        return day

    def working_day_from(self, day: date) -> date:
        """This day when it is worked, else the next one that is."""
        return day if self.is_working(day) else self.add_working_days(day, 1)

    def working_days_between(self, first: date, last: date) -> int:
        """Working days after `first` up to and with `last`; negative when `last` is earlier."""
        if last < first:
            return -self.working_days_between(last, first)
        return sum(self.is_working(first + timedelta(days=n)) for n in range(1, (last - first).days + 1))

    def due_moment(self, now: datetime, count: int) -> datetime:
        """The end of the count-th working day after the day of `now` in Shanghai, as UTC."""
        return end_of_day(self.add_working_days(local_day(now), count))

    def unannounced(self, first: date, last: date) -> tuple[int, ...]:
        """The years from `first` to `last` whose holidays are not known yet; a page says so."""
        return tuple(year for year in range(first.year, last.year + 1) if not self.announced(year))


WEEKDAYS_ONLY = WorkCalendar({}, frozenset())


def end_of_working_day(calendar: WorkCalendar, day: date) -> datetime:
    """The end of a due day, as UTC; a due day on which nobody works moves to the next working day."""
    return end_of_day(calendar.working_day_from(day))


def due_or_made_up(calendar: WorkCalendar, day: date, now: datetime, working_days: int) -> datetime:
    """The end of a due day; so many working days from now when it has passed, since nobody is late for what was not asked."""
    due = end_of_working_day(calendar, day)
    return due if due > now else calendar.due_moment(now, working_days)


def package_days(years: Iterable[int]) -> Iterator[CalendarDay]:
    """The exceptional days of these years as the package `chinesecalendar` knows them."""
    names = {each.value: each.chinese for each in chinese_calendar.Holiday}
    for year in years:
        for day in chinese_calendar.get_dates(date(year, 1, 1), date(year, 12, 31)):
            working, name = not chinese_calendar.is_holiday(day), chinese_calendar.get_holiday_detail(day)[1]
            if working != (day.weekday() < SATURDAY):
                yield CalendarDay(on=day, working=working, name=names[name] + ("调休上班" if working else ""),
                                  source="国务院办公厅节假日安排通知（chinesecalendar）")  # fmt: skip


def seed_calendar(unit: Unit, years: Iterable[int] = SEEDED) -> int:
    """Put in the years that are not there yet; returns how many days were added. Safe to run at every start."""
    known = set(unit.session.scalars(select(CalendarYear.year)))
    missing = [year for year in years if year not in known]
    days = list(package_days(missing))
    unit.session.add_all(days)
    unit.session.add_all(CalendarYear(year=year) for year in missing)
    if missing:
        _raise_revision(unit.session)
        unit.trace("calendar.seed", "calendar", None, {"years": missing, "days": len(days)})
    return len(days)


_YEAR = cast("Table", CalendarYear.__table__)
_REVISION = select(_YEAR.c.revision).where(_YEAR.c.year == 0)


def load_calendar(session: Session) -> WorkCalendar:
    """The calendar as it stands; one tiny query a unit when nothing changed since this process read it last."""
    if seen := session.info.get("calendar"):
        return seen  # type: ignore[no-any-return]
    session.info["calendar"] = calendar = _known_calendar(session)
    return calendar


def _known_calendar(session: Session) -> WorkCalendar:
    revision = session.scalar(_REVISION) or 0
    memory = session.info.get("memory")
    kept = memory.get("calendar") if memory is not None else None
    if kept and kept[0] == revision:
        return kept[1]  # type: ignore[no-any-return]
    calendar = _read_calendar(session)
    # A revision of this very transaction may still be rolled back, so only a clean reading is kept.
    if memory is not None and not _changed_here(session):
        memory["calendar"] = (revision, calendar)
    return calendar


def set_calendar_day(unit: Unit, *, on: date, working: bool, name: str, source: str) -> None:
    """One day by hand, for instance a local holiday; refuses a day without a name or a source."""
    unit.require("calendar.set")
    set_days(unit, [CalendarDay(on=on, working=working, name=name.strip(), source=source.strip())], ())


def announce_year(unit: Unit, *, year: int, days: Mapping[date, tuple[bool, str]], source: str) -> None:
    """The notice for a whole year: its exceptional days replace what stood there, and the year counts as announced.

    Refuses days of another year, and a notice that names no free weekday at all.
    """
    unit.require("calendar.set")
    if strange := sorted(day for day in days if day.year != year):
        raise Invalid(N_("通知中有不属于%(year)s年的日期：%(day)s。"), year=year, day=strange[0].isoformat())
    if not any(not working and day.weekday() < SATURDAY for day, (working, _) in days.items()):
        raise Invalid(N_("%(year)s年的通知里没有一个放假的工作日，请检查是否漏传。"), year=year)
    unit.session.execute(delete(CalendarDay).where(*_within(year)))
    set_days(unit, [CalendarDay(on=day, working=working, name=name, source=source.strip())
                    for day, (working, name) in sorted(days.items())], [year])  # fmt: skip


def set_days(unit: Unit, days: list[CalendarDay], years: Iterable[int]) -> None:
    """Write days and announced years in one go; the part that both commands share."""
    if any(not day.name or not day.source for day in days):
        raise Invalid(N_("每个日期都要写明名称和依据。"))
    for day in days:
        unit.session.merge(day)
    for year in years:
        unit.session.merge(CalendarYear(year=year))
    _raise_revision(unit.session)
    unit.trace("calendar.set", "calendar", None, {
        "days": [[day.on.isoformat(), day.working, day.name] for day in days], "years": list(years)})  # fmt: skip


@dataclass(frozen=True)
class Moved:
    """改期预览。 How one deadline of `count` working days moves under another calendar."""

    start: date
    count: int
    before: date
    after: date


def preview_calendar(before: WorkCalendar, after: WorkCalendar, deadlines: Iterable[tuple[date, int]]) -> list[Moved]:
    """Which of the deadlines (first day, working days) end on another day under the new calendar."""
    moves = (Moved(start, count, before.add_working_days(start, count), after.add_working_days(start, count))
             for start, count in deadlines)  # fmt: skip
    return [move for move in moves if move.before != move.after]


def with_year(calendar: WorkCalendar, year: int, days: Mapping[date, bool]) -> WorkCalendar:
    """The same calendar with the notice of one year put in its place; for the preview before it is announced."""
    others = {day: working for day, working in calendar.days.items() if day.year != year}
    return WorkCalendar(others | dict(days), calendar.years | {year})


def calendar_days(session: Session, year: int) -> list[CalendarDay]:
    """The exceptional days of a year in order, for the administrator's page."""
    return list(session.scalars(select(CalendarDay).where(*_within(year)).order_by(CalendarDay.on)))


def _within(year: int) -> tuple[ColumnElement[bool], ...]:
    return (CalendarDay.on >= date(year, 1, 1), CalendarDay.on <= date(year, 12, 31))


def _read_calendar(session: Session) -> WorkCalendar:
    rows = session.execute(select(CalendarDay.on, CalendarDay.working))
    years = session.scalars(select(CalendarYear.year).where(CalendarYear.year > 0))
    return WorkCalendar({row.on: row.working for row in rows}, frozenset(years))


def _raise_revision(session: Session) -> None:
    raised = update(CalendarYear).where(CalendarYear.year == 0).values(revision=CalendarYear.revision + 1)
    session.flush()  # the rows above must be there before the count that announces them
    if not session.execute(raised).rowcount:  # type: ignore[attr-defined]
        session.execute(insert(CalendarYear).values(year=0, revision=1))
    session.info["calendar_changed"] = True
    session.info.pop("calendar", None)


def _changed_here(session: Session) -> bool:
    return bool(session.info.get("calendar_changed"))

"""The calendar as an office counts it: make-up Saturdays are worked, and a year nobody announced says so."""

from contextlib import suppress
from datetime import UTC, date, datetime

import pytest

from models.audit import AuditEntry
from models.calendar import (
    SEEDED,
    WEEKDAYS_ONLY,
    Moved,
    WorkCalendar,
    announce_year,
    calendar_days,
    load_calendar,
    package_days,
    preview_calendar,
    seed_calendar,
    set_calendar_day,
    with_year,
)
from models.clock import FrozenClock, local_day
from models.database import Database
from models.permit import Grant
from models.refusal import Invalid, NotPermitted
from models.unit import CLOCK, Actor, open_reading, open_unit

CALENDAR = WorkCalendar({day.on: day.working for day in package_days(SEEDED)}, frozenset(SEEDED))
KEEPER = Actor(name="马静", officer_id=1, organ_id=1, grants=(Grant("supervisor", 1, city=True),))
OFFICER = Actor(name="赵强", officer_id=2, organ_id=2, grants=(Grant("officer", 2),))


@pytest.mark.parametrize(
    ("day", "working"),
    [
        (date(2025, 9, 28), True),  # 周日，国庆调休上班
        (date(2025, 10, 1), False),
        (date(2025, 10, 8), False),  # 周三，国庆中秋连休的最后一天
        (date(2025, 10, 9), True),
        (date(2025, 10, 11), True),  # 周六，国庆调休上班
        (date(2025, 10, 12), False),
        (date(2026, 2, 14), True),  # 周六，春节调休上班
        (date(2026, 2, 16), False),  # 周一，春节
        (date(2026, 2, 23), False),  # 周一，春节
        (date(2026, 2, 24), True),
        (date(2026, 2, 28), True),  # 周六，春节调休上班
        (date(2026, 11, 24), True),
        (date(2026, 11, 28), False),
    ],
)
def test_holidays_are_free_and_make_up_days_are_worked(day: date, working: bool) -> None:
    assert CALENDAR.is_working(day) is working


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        # 26 五 | 28 日(补) 29 30 | 9 10 | 11 六(补) | 13 14 15 16 → the tenth is the 16th
        (date(2025, 9, 26), 10, date(2025, 10, 16)),
        # 13 五 | 14 六(补) | 24 25 26 27 | 28 六(补) | 3-2 3 4 5 → 14,24,25,26,27,28,2,3,4,5
        (date(2026, 2, 13), 10, date(2026, 3, 5)),
        (date(2026, 11, 24), 1, date(2026, 11, 25)),
        (date(2026, 11, 27), 1, date(2026, 11, 30)),
        (date(2026, 11, 24), 10, date(2026, 12, 8)),
        (date(2026, 11, 24), 0, date(2026, 11, 24)),
        (date(2026, 11, 30), -1, date(2026, 11, 27)),
        (date(2026, 10, 10), 1, date(2026, 10, 12)),  # 由调休的周六起算
    ],
)
def test_working_days_counted_by_hand(start: date, count: int, end: date) -> None:
    assert CALENDAR.add_working_days(start, count) == end
    if count > 0:
        assert CALENDAR.working_days_between(start, end) == count
        assert CALENDAR.working_days_between(end, start) == -count


def test_a_deadline_is_the_last_second_of_its_day_in_tianjin() -> None:
    evening = datetime(2026, 11, 24, 15, 30, tzinfo=UTC)  # 23:30 in Tianjin
    midnight = datetime(2026, 11, 24, 16, 30, tzinfo=UTC)  # 00:30 on the 25th
    assert CALENDAR.due_moment(evening, 2) == datetime(2026, 11, 26, 15, 59, 59, tzinfo=UTC)
    assert local_day(CALENDAR.due_moment(midnight, 2)) == date(2026, 11, 27)


def test_a_year_nobody_announced_follows_the_week_and_says_so() -> None:
    assert not CALENDAR.announced(2027)
    assert CALENDAR.is_working(date(2027, 10, 1))
    assert not CALENDAR.is_working(date(2027, 10, 2))
    assert CALENDAR.unannounced(date(2026, 12, 20), date(2027, 1, 10)) == (2027,)


def test_the_table_is_seeded_once_and_read_again_only_after_a_change(database: Database, clock: FrozenClock) -> None:
    with open_unit(database, CLOCK, clock.now()) as unit:
        assert load_calendar(unit.session) == WEEKDAYS_ONLY
        assert seed_calendar(unit) == 198
    with open_unit(database, CLOCK, clock.now()) as unit:
        assert seed_calendar(unit) == 0
        first = load_calendar(unit.session)
    assert first == CALENDAR
    with open_reading(database, CLOCK, clock.now()) as unit:
        assert load_calendar(unit.session) is first
    with open_unit(database, KEEPER, clock.now()) as unit:
        set_calendar_day(unit, on=date(2026, 12, 1), working=False, name="测试停工", source="津政办函〔2026〕1号")
    with open_reading(database, CLOCK, clock.now()) as unit:
        assert not load_calendar(unit.session).is_working(date(2026, 12, 1))


def test_a_change_that_is_rolled_back_leaves_no_wrong_calendar_in_memory(
    database: Database, clock: FrozenClock
) -> None:
    with suppress(RuntimeError), open_unit(database, KEEPER, clock.now()) as unit:
        set_calendar_day(unit, on=date(2026, 12, 1), working=False, name="误填", source="无")
        assert not load_calendar(unit.session).is_working(date(2026, 12, 1))
        raise RuntimeError
    with open_unit(database, KEEPER, clock.now()) as unit:
        set_calendar_day(unit, on=date(2026, 12, 2), working=False, name="停工", source="函")
    with open_reading(database, CLOCK, clock.now()) as unit:
        assert load_calendar(unit.session).is_working(date(2026, 12, 1))
        assert not load_calendar(unit.session).is_working(date(2026, 12, 2))


def test_the_notice_of_a_new_year_shows_what_it_moves_before_it_counts(database: Database, clock: FrozenClock) -> None:
    notice = {
        date(2027, 1, 1): (False, "元旦"),
        date(2027, 1, 4): (False, "元旦"),
        date(2027, 1, 9): (True, "元旦调休上班"),
    }
    with open_unit(database, KEEPER, clock.now()) as unit:
        seed_calendar(unit)
        before = load_calendar(unit.session)
        after = with_year(before, 2027, {day: working for day, (working, _) in notice.items()})
        moved = preview_calendar(before, after, [(date(2026, 12, 31), 1), (date(2026, 11, 24), 10)])
        assert moved == [Moved(date(2026, 12, 31), 1, date(2027, 1, 1), date(2027, 1, 5))]
        announce_year(unit, year=2027, days=notice, source="国办发明电〔2026〕9号")
        assert load_calendar(unit.session) == after
        assert [day.name for day in calendar_days(unit.session, 2027)] == ["元旦", "元旦", "元旦调休上班"]
    with open_reading(database, KEEPER, clock.now()) as unit:
        assert unit.session.query(AuditEntry).filter_by(act="calendar.set").count() == 1


@pytest.mark.parametrize(
    "days",
    [
        {},
        {date(2027, 1, 2): (False, "元旦")},  # a Saturday is free anyway
        {date(2028, 1, 3): (False, "元旦")},
        {date(2027, 1, 1): (False, "")},
    ],
)
def test_a_notice_that_cannot_be_whole_is_refused(database: Database, clock: FrozenClock, days: dict) -> None:
    with pytest.raises(Invalid), open_unit(database, KEEPER, clock.now()) as unit:
        announce_year(unit, year=2027, days=days, source="国办发明电")


def test_an_officer_of_a_district_cannot_change_the_city_s_calendar(database: Database, clock: FrozenClock) -> None:
    with pytest.raises(NotPermitted), open_unit(database, OFFICER, clock.now()) as unit:
        set_calendar_day(unit, on=date(2026, 12, 1), working=False, name="停工", source="函")

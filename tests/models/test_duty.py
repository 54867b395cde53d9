"""When duties open: by the calendar, past days off, across years; what a missed period means; and by whose hand."""

from datetime import UTC, date, datetime, timedelta
from threading import Barrier, Thread

import pytest

from jobs.sweep import sweep
from models.agenda import openings_until, subjects, upcoming
from models.audit import AuditEntry
from models.calendar import SEEDED, WEEKDAYS_ONLY, WorkCalendar, announce_year, end_of_working_day, package_days
from models.clock import local_day, start_of_day
from models.duty import DUTIES, Duty, DutyRun, next_opening, open_run, period_zh, periods, periods_from
from models.duty_hand import accept_period, drop_period, run_duty_now, runnable_periods, waiting_runs
from models.refusal import Invalid, NotDue, NotFound, NotPermitted, Outdated
from tests.cast import hire
from tests.workflows.story import APPROVE, Story

KNOWN = WorkCalendar({day.on: day.working for day in package_days(SEEDED)}, frozenset(SEEDED))


def a_duty(months: int = 1, day: int = 5, **how) -> Duty:
    return Duty("trial", "演示职责", months=months, day=day, work=how.pop("work", lambda *_: (None, 0)), **how)


@pytest.fixture
def story(database, clock, tmp_path) -> Story:
    return Story(database, clock, tmp_path)


@pytest.fixture
def trial():
    """Declares a duty for one test and takes it back."""
    yield lambda **how: DUTIES.setdefault("trial", a_duty(**how))
    DUTIES.pop("trial", None)


# --- the day it opens --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("months", "day", "after", "name", "on", "why"),
    [
        (1, 1, 0, "2026-01", "2026-01-04", "new year's days are off, and Sunday the 4th is worked for them"),
        (1, 21, 0, "2026-02", "2026-02-24", "the spring festival of 2026 lasts to the 23rd"),
        (1, 1, 0, "2026-10", "2026-10-08", "the national day's week"),
        (1, 20, 0, "2026-09", "2026-09-20", "a Sunday that is worked"),
        (1, 21, 0, "2026-11", "2026-11-23", "a Saturday"),
        (1, 31, 0, "2026-02", "2026-02-28", "February has no 31st, and this Saturday is worked"),
        (1, 31, 0, "2026-04", "2026-04-30", "April has no 31st"),
        (1, 31, 0, "2027-01", "2027-02-01", "a Sunday: the opening moves into the next month"),
        (1, 31, 0, "2027-02", "2027-03-01", "the last of February is a Sunday"),
        (1, 31, 0, "2028-02", "2028-02-29", "a leap day"),
        (1, 1, 1, "2026-12", "2027-01-01", "2027 is not announced: only the week counts, and it is a Friday"),
        (3, 10, 1, "2026Q4", "2027-01-11", "looks back over the change of the year; the 10th is a Sunday"),
        (6, 1, 1, "2026H1", "2026-07-01", "a Wednesday"),
        (6, 20, 0, "2026H1", "2026-06-22", "the 20th is a Saturday within the dragon boat days"),
        (12, 20, 0, "2026", "2026-12-21", "a Sunday"),
        (12, 15, 2, "2026", "2027-02-15", "two months after the year"),
    ],
)
def test_an_opening_on_a_day_off_moves_to_the_next_working_day(months, day, after, name, on, why):  # noqa: PLR0917
    declared = a_duty(months, day, after=after, shift=True)
    opening = date.fromisoformat(on)
    found = list(periods(declared, start_of_day(opening) - timedelta(seconds=1), start_of_day(opening), KNOWN))
    assert [(period.name, local_day(period.opens_at)) for period in found] == [(name, opening)], why
    assert KNOWN.is_working(opening)
    assert next_opening(declared, start_of_day(opening) - timedelta(seconds=1), KNOWN).name == name


@pytest.mark.parametrize("after", [0, 1])
@pytest.mark.parametrize("day", [1, 21, 31])
@pytest.mark.parametrize("months", [1, 3, 6, 12])
def test_no_period_is_passed_over_or_met_twice_however_far_openings_move(months, day, after):
    """From one look to the next, a day apart, as a sweep sees it; seven years of real holidays and six without."""
    declared, found = a_duty(months, day, after=after, shift=True), []
    first, last = datetime(2019, 12, 31, 16, tzinfo=UTC), datetime(2033, 1, 31, 16, tzinfo=UTC)
    since = first
    while since < last:
        until = since + timedelta(days=1)
        found += periods(declared, since, until, KNOWN)
        since = until
    assert found == list(periods(declared, first, last, KNOWN))
    names = [period.name for period in found]
    following = [period.name for period, _ in zip(periods_from(declared, found[0].first_day), names, strict=False)]
    assert names == following


def test_a_duty_that_does_not_shift_opens_on_the_day_the_policy_names():
    assert local_day(next_opening(a_duty(1, 21), datetime(2026, 11, 1, tzinfo=UTC), KNOWN).opens_at) == date(
        2026, 11, 21
    )


@pytest.mark.parametrize(
    ("day", "ends"),
    [("2026-12-25", "2026-12-25"), ("2026-10-25", "2026-10-26"), ("2026-02-20", "2026-02-24"), ("2026-02-28", "2026-02-28")],
)  # fmt: skip
def test_a_due_day_off_ends_with_the_next_working_day(day, ends):
    due = end_of_working_day(KNOWN, date.fromisoformat(day))
    assert (local_day(due), local_day(due + timedelta(seconds=1))) == (
        date.fromisoformat(ends),
        date.fromisoformat(ends) + timedelta(days=1),
    )


def test_a_month_whose_25th_is_a_sunday_is_due_on_the_monday(story):
    project_id = story.register(APPROVE)
    story.sweep()
    story.sweep(to=datetime(2027, 4, 22, tzinfo=UTC))  # 25 April 2027 is a Sunday
    due = {item.due_at and local_day(item.due_at) for item in story.items(project_id) if item.form == "progress_review"}
    assert due == {date(2027, 4, 26), date(2027, 4, 27)}, "the months made up for have three working days from the 22nd"


@pytest.mark.parametrize(
    ("name", "words"),
    [("2026-02", "2026年2月"), ("2026Q4", "2026年第四季度"), ("2026H1", "2026年上半年"), ("2027H2", "2027年下半年"), ("2026", "2026年")],
)  # fmt: skip
def test_a_period_is_called_as_papers_call_it(name, words):
    assert period_zh(name) == words


def test_holidays_announced_later_move_the_opening_and_the_page_says_what_is_not_known_yet(story, trial):
    declared = trial(months=12, day=1, after=1, shift=True)
    with story.reading() as unit:
        before = upcoming(unit, declared)
    assert (before.on, before.moved_from, before.announced) == (date(2027, 1, 1), None, False)
    with story.unit(story.town.zhao_qiang) as unit:
        announce_year(unit, year=2027, days={date(2027, 1, 1): (False, "元旦")}, source="通知")
    with story.reading() as unit:
        after = upcoming(unit, declared)
    assert (after.on, after.moved_from, after.announced) == (date(2027, 1, 4), date(2027, 1, 1), True)
    story.sweep()
    story.sweep(to=start_of_day(date(2027, 1, 4)) - timedelta(seconds=1))
    assert runs(story) == {}
    story.sweep(by=timedelta(seconds=1))
    assert runs(story) == {"2026": "done"}


# --- what was missed ---------------------------------------------------------------------------------------------------


def runs(story: Story) -> dict[str, str]:
    """The ledger of the trial duty: how each period stands."""
    found = [run for run in story.all(DutyRun, duty="trial") if run.period != "begun"]
    return {
        run.period: run.decision or ("asked" if run.waiting else "done" if run.done_at else "open") for run in found
    }


def after_an_outage(story: Story) -> list[int]:
    """Four periods fell due and nobody swept; returns the numbers of those that are asked about."""
    story.sweep()
    story.sweep(to=datetime(2027, 3, 20, tzinfo=UTC))
    story.sweep()
    with story.reading() as unit:
        return [run.id for run in waiting_runs(unit.session, "trial")]


def test_a_duty_that_asks_opens_the_newest_period_and_keeps_the_missed_ones_for_a_decision(story, trial):
    trial(catch_up="ask")
    first, second, _third = after_an_outage(story)
    assert runs(story) == {"2026-12": "asked", "2027-01": "asked", "2027-02": "asked", "2027-03": "done"}
    with story.unit(story.town.zhao_qiang) as unit:
        accept_period(unit, run_id=first)
        drop_period(unit, run_id=second, reason="当月已用书面材料代替")
    story.sweep()
    assert runs(story) == {"2026-12": "accepted", "2027-01": "dropped", "2027-02": "asked", "2027-03": "done"}
    made, dropped = (story.all(DutyRun, id=number)[0] for number in (first, second))
    assert made.done_at == dropped.done_at == story.clock.now()
    assert (dropped.decided_by, dropped.reason, dropped.made) == ("赵强", "当月已用书面材料代替", 0)
    acts = [entry.act for entry in story.all(AuditEntry, kind="duty_run") if entry.detail["duty"] == "trial"]
    assert [act for act in acts if act != "duty.work"] == ["duty.ask"] * 3 + ["duty.accept", "duty.drop"]
    assert acts.count("duty.work") == 2, "the dropped one is never worked on"


def test_a_decision_is_taken_once_with_a_reason_and_by_the_city(story, trial):
    trial(catch_up="ask")
    first, *_others = after_an_outage(story)
    with story.unit() as unit:
        district = hire(unit, "区督办", "supervisor", story.town.binhai)
        colleague = hire(unit, "马超", "supervisor", story.town.hzjl)
    for stranger in (story.town.li_ming, story.town.chen_jing, story.town.admin, district):
        with pytest.raises(NotPermitted), story.unit(stranger) as unit:
            accept_period(unit, run_id=first)
    for reason in ("", "  ", "长" * 501):
        with pytest.raises(Invalid) as refused, story.unit(story.town.zhao_qiang) as unit:
            drop_period(unit, run_id=first, reason=reason)
        assert set(refused.value.fields) == {"reason"}
    with story.unit(story.town.zhao_qiang) as unit:
        drop_period(unit, run_id=first, reason="不再需要")
    with pytest.raises(Outdated, match="赵强"), story.unit(colleague) as unit:
        accept_period(unit, run_id=first)
    done = next(run for run in story.all(DutyRun, duty="trial") if run.period == "2027-03")
    for number in (done.id, 4711):
        with pytest.raises(NotFound), story.unit(story.town.zhao_qiang) as unit:
            accept_period(unit, run_id=number)


def test_a_period_just_in_time_asks_nobody(story, trial):
    trial(catch_up="ask")
    story.sweep()
    for month in ((2026, 12), (2027, 1), (2027, 2)):
        story.sweep(to=datetime(*month, 5, tzinfo=UTC))
    assert runs(story) == {"2026-12": "done", "2027-01": "done", "2027-02": "done"}


# --- by hand -----------------------------------------------------------------------------------------------------------


def run_now(story: Story, period: str, by=None, word: str = "trial") -> None:
    with story.unit(by or story.town.zhao_qiang) as unit:
        run_duty_now(unit, word=word, period=period)


def test_a_supervisor_opens_the_current_period_before_its_day_and_the_day_does_not_open_it_again(story, trial):
    trial(day=28)
    story.sweep()
    run_now(story, "2026-11")
    story.sweep()
    [run] = [run for run in story.all(DutyRun, duty="trial") if run.period == "2026-11"]
    assert (run.by_hand, run.done_at) == ("赵强", story.clock.now())
    assert [entry.who for entry in story.all(AuditEntry, act="duty.run")] == ["赵强"]
    story.sweep(to=datetime(2026, 11, 29, tzinfo=UTC))
    assert runs(story) == {"2026-11": "done"}
    with pytest.raises(NotDue, match="同一期只办一次"):
        run_now(story, "2026-11")


@pytest.mark.parametrize(
    ("how", "period", "said"),
    [
        ({"day": 28}, "2026-12", "2026-12要到2026-12-01才能办理；现在最近能办理的一期是2026-11"),
        ({"day": 28}, "2027-11", "最近能办理的一期是2026-11"),
        ({"months": 6, "day": 1, "after": 1}, "2026H2", "2026H2要到2027-01-01才能办理；现在最近能办理的一期是2026H1"),
        ({"months": 12, "day": 1, "after": 1}, "2026", "最近能办理的一期是2025"),
        ({"day": 28}, "2025-10", "已超过一年"),
    ],
)
def test_a_period_too_far_ahead_or_too_long_past_is_refused_with_the_one_that_can_be_run(
    story, trial, how, period, said
):
    trial(**how)
    with pytest.raises(NotDue, match=said):
        run_now(story, period)
    assert runs(story) == {}


@pytest.mark.parametrize(
    "period",
    ["", "2026", "2026Q4", "2026-13", "2026-1", "２０２６-11", "0001-01", "9999-12", "begun", "明天", "2026H2"],
)
def test_what_is_no_period_of_the_duty_is_refused(story, trial, period):
    trial()
    with pytest.raises((Invalid, NotDue)):
        run_now(story, period)
    with pytest.raises(NotFound):
        run_now(story, "2026-11", word="nothing")


def test_nobody_but_a_supervisor_of_the_city_opens_a_period(story, trial):
    trial(day=28)
    with story.unit() as unit:
        district = hire(unit, "区督办", "supervisor", story.town.binhai)
    for stranger in (story.town.li_ming, story.town.chen_jing, story.town.sun_li, story.town.admin, district):
        with pytest.raises(NotPermitted):
            run_now(story, "2026-11", stranger)
    assert runs(story) == {}


def test_a_past_period_that_was_left_out_is_made_up_for_by_hand(story, trial):
    trial(catch_up="latest")
    assert after_an_outage(story) == []
    assert runs(story) == {"2027-03": "done"}
    with story.reading() as unit:
        offered = [period.name for period in runnable_periods(unit.session, DUTIES["trial"], unit.today)]
    assert offered[:2] == ["2027-02", "2027-01"]
    assert offered[-1] == "2026-03"
    run_now(story, "2027-01")
    story.sweep()
    assert runs(story) == {"2027-01": "done", "2027-03": "done"}


def test_running_a_period_that_waits_for_a_word_is_that_word(story, trial):
    trial(catch_up="ask")
    after_an_outage(story)
    run_now(story, "2026-12")
    assert runs(story)["2026-12"] == "accepted"
    with story.unit(story.town.zhao_qiang) as unit:
        drop_period(unit, run_id=waiting_runs(unit.session, "trial")[0].id, reason="不需要")
    with pytest.raises(NotDue, match="不再补办"):
        run_now(story, "2027-01")


def test_the_newest_missed_period_run_by_hand_leaves_the_older_ones_to_be_asked_about(story, trial):
    trial(catch_up="ask")
    story.sweep()
    story.clock.move(to=datetime(2027, 2, 20, tzinfo=UTC))
    run_now(story, "2027-02")
    story.sweep()
    story.sweep()
    assert runs(story) == {"2027-02": "done", "2026-12": "asked", "2027-01": "asked"}


def test_two_who_press_at_once_while_sweepers_pass_open_it_once(story, trial):
    trial(day=24)
    story.sweep(to=datetime(2026, 11, 20, tzinfo=UTC))
    story.clock.move(to=datetime(2026, 11, 24, 1, tzinfo=UTC))
    start, said = Barrier(4), []
    with story.unit() as unit:
        colleague = hire(unit, "马超", "supervisor", story.town.hzjl)

    def hand(work) -> None:
        start.wait(timeout=60)
        try:
            work()
            said.append("done")
        except NotDue:
            said.append("refused")

    works = [lambda: run_now(story, "2026-11"), lambda: run_now(story, "2026-11", colleague)]
    works += [lambda: sweep(story.house, story.clock.now())] * 2
    threads = [Thread(target=hand, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    story.sweep()
    assert len(said) == 4
    assert runs(story) == {"2026-11": "done"}
    assert [run.done_at for run in story.all(DutyRun, duty="trial", period="2026-11")] == [story.clock.now()]


# --- for whom it would run ---------------------------------------------------------------------------------------------


def test_a_preview_names_districts_projects_or_the_city_and_each_district_sees_its_own(story, trial):
    own, other = (
        story.register(APPROVE),
        story.register(APPROVE | {"name": "武清项目"}, story.town.wuqing, story.town.wang_fang),
    )
    declared = trial(per="district", day=28)
    with story.reading(story.town.zhao_qiang) as unit:
        ours = ("trial", "progress_review")
        found = [each for each in openings_until(unit, date(2026, 12, 31)) if each.duty.word in ours]
        assert [(opening.duty.word, opening.period.name) for opening in found] == [
            ("trial", "2026-11"), ("progress_review", "2026-12"), ("trial", "2026-12")]  # fmt: skip
        assert len(subjects(unit, declared, found[0].period)) == 16
        assert [each.id for each in subjects(unit, found[1].duty, found[1].period)] == [own, other]
    with story.reading(story.town.li_ming) as unit:
        assert [each.name for each in subjects(unit, declared, found[0].period)] == ["滨海新区"]
        assert [each.id for each in subjects(unit, found[1].duty, found[1].period)] == [own]
    DUTIES.pop("trial")
    with story.reading(story.town.li_ming) as unit:
        assert [each.name for each in subjects(unit, trial(per="city"), found[0].period)] == ["全市"]


def test_opening_a_period_says_whether_it_was_there(story):
    period = next_opening(a_duty(), story.clock.now(), WEEKDAYS_ONLY)
    with story.unit() as unit:
        assert open_run(unit.session, a_duty(), period, unit.now) > 0
        assert open_run(unit.session, a_duty(), period, unit.now) is None

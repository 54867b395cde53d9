"""One sweep of the clock: what is due is done once, by whoever comes first; what fails is kept and stops nobody."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import event, func, select, text, update

from engine.operations import cancel_process, retry_incident
from engine.verbs import recall_item, urge_item
from jobs.sweep import sweep
from models import duty as duties
from models.audit import AuditEntry
from models.clock import SHANGHAI
from models.duty import DUTIES, Duty, DutyRun, first_day_of, periods
from models.incident import open_incidents
from models.light_state import light_differs
from models.message import Message
from models.process import Process, WorkItem
from models.project import Project
from models.queue import MOST_CLAIMS, Envelope, LeaseTable
from models.refusal import Outdated
from tests.workflows.story import APPROVE, RESERVE, Story

OPENING = datetime(2026, 12, 20, 16, tzinfo=UTC)  # 00:00 on the 21st in Tianjin
LATE = APPROVE | {"plan_start_on": "2026-07-15"}


@pytest.fixture
def story(database, clock, tmp_path) -> Story:
    return Story(database, clock, tmp_path)


def register_many(story: Story, count: int, values=APPROVE) -> list[int]:
    return [story.register(values | {"name": f"演示项目{n}", "investor_name": f"公司{n}"}) for n in range(count)]


def sweep_at_once(story: Story, hands: int = 4) -> Counter:
    """Several sweepers begin together; what they did, added up. None of them may fail."""
    start, did, bugs = Barrier(hands), Counter(), []

    def hand() -> None:
        start.wait(timeout=60)
        try:
            did.update(sweep(story.house, story.clock.now()).counts)
        except Exception as error:  # noqa: BLE001 - judged below
            bugs.append(error)

    threads = [Thread(target=hand) for _ in range(hands)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert bugs == []
    return did


def counted(story: Story, act: str) -> int:
    with story.reading() as unit:
        return unit.session.scalar(select(func.count()).select_from(AuditEntry).where(AuditEntry.act == act))


def change(story: Story, table, row_id: int, **values) -> None:
    with story.unit() as unit:
        unit.session.execute(update(table).where(table.id == row_id).values(**values))


# --- timers, lights, duties, reminders ------------------------------------------------------------------------------


def test_a_timer_is_left_alone_a_second_before_and_fires_once_for_several_sweepers(story):
    for project_id in register_many(story, 4, LATE):
        assert project_id
    story.sweep()
    supervisions = story.all(Process, key="supervision")
    due = {process.wakes_at for process in supervisions}
    assert (len(supervisions), len(due)) == (4, 1)
    story.sweep(to=due.pop() - timedelta(seconds=1))
    assert counted(story, "process.wake") == 0
    story.clock.move(by=timedelta(seconds=1))
    assert sweep_at_once(story)["timers"] == 4
    assert Counter(item.node for item in story.all(WorkItem))["sign_l2"] == 4
    assert counted(story, "process.wake") == 4


def test_lights_turn_at_their_moment_and_a_daily_sample_agrees(story):
    """Every stored colour is what the rules say that day, on each of forty days; nobody changed any project."""
    ids = [
        story.register(
            APPROVE
            | {"name": f"项目{n}", "investor_name": f"公司{n}", "plan_start_on": f"2026-{9 + n % 4:02d}-{5 + n}"}
        )
        for n in range(6)
    ]
    story.sweep()
    seen = set()
    for _ in range(40):
        story.sweep(by=timedelta(days=1))
        with story.reading() as unit:
            assert light_differs(unit.session, unit.today, 100) == []
        seen |= {(each, story.project(each).light) for each in ids[:2]}
    assert len(seen) > 2


def test_several_sweepers_do_each_duty_once_for_each_period(story):
    ids = register_many(story, 12)
    sweep_at_once(story)  # the first look only writes down since when the duty runs
    story.clock.move(to=OPENING)
    sweep_at_once(story)
    runs = [(run.duty, run.period) for run in story.all(DutyRun)]
    assert len(runs) == len(set(runs))
    [run] = [run for run in story.all(DutyRun, duty="progress_review") if run.period != "begun"]
    assert (run.period, run.made, run.done_at) == ("2026-12", 12, OPENING)
    assert Counter(p.project_id for p in story.all(Process, key="progress_review")) == Counter(dict.fromkeys(ids, 1))


def test_holders_are_reminded_once_before_they_are_late(story):
    project_id = story.register(RESERVE)
    story.sweep()
    item = story.item(project_id, "reserve_plan")
    told = lambda: story.all(Message, work_item_id=item.id)  # noqa: E731
    reminders = lambda: [m.work_item_id for m in told() if m.key.startswith("due:")]  # noqa: E731
    assert reminders() == []
    story.clock.move(to=item.due_at - timedelta(days=1))
    sweep_at_once(story)
    assert reminders() == [item.id]
    story.sweep(by=timedelta(days=3))
    assert reminders() == [item.id]


def test_an_idle_sweep_asks_little_and_writes_nothing(story):
    register_many(story, 3)
    story.sweep()
    asked = []
    event.listen(story.database.reading, "before_cursor_execute", lambda *args: asked.append(args[2]))
    assert sweep(story.house, story.clock.now()).counts == {}
    questions = [each for each in asked if not each.startswith(("BEGIN", "PRAGMA", "COMMIT", "ROLLBACK"))]
    assert len(questions) <= 8 + 2 * len(DUTIES), "\n".join(questions)
    assert all(each.lstrip().startswith("SELECT") for each in questions)


def test_the_questions_of_a_sweep_are_answered_from_their_indexes(story):
    """Not how fast, but how: the plan of each question names the partial index that was made for it."""
    asked = []
    story.register()
    story.sweep()
    event.listen(story.database.reading, "before_cursor_execute", lambda *args: asked.append((args[2], args[3])))
    sweep(story.house, story.clock.now())
    plans = ""
    with story.database.reading.connect() as connection:
        if not story.database.is_sqlite:
            connection.execute(text("SET enable_seqscan = off"))  # the tables are tiny; what counts is that it can
        explain = "EXPLAIN QUERY PLAN " if story.database.is_sqlite else "EXPLAIN "
        for question, values in [each for each in asked if each[0].startswith("SELECT")]:
            plans += "".join(str(row) for row in connection.exec_driver_sql(explain + question, values))
    for index in (
        "ix_process_wakes",
        "ix_project_turns",
        "ix_work_item_unreminded",
        "ix_envelope_due",
        "ix_duty_run_open",
    ):
        assert index in plans, plans


# --- periods ---------------------------------------------------------------------------------------------------------


def a_duty(months: int, day: int, catch_up: str = "each", work=None) -> Duty:
    return Duty("trial", "演示职责", months=months, day=day, work=work or (lambda *_: (None, 0)), catch_up=catch_up)


@pytest.mark.parametrize("day", [1, 21, 29, 30, 31])
@pytest.mark.parametrize("months", [1, 3, 6])
def test_periods_from_2020_to_2040_are_named_and_opened_by_the_calendar(months, day):
    since, until = datetime(2019, 12, 31, 16, tzinfo=UTC), datetime(2040, 12, 31, 15, 59, 59, tzinfo=UTC)
    found = list(periods(a_duty(months, day), since - timedelta(seconds=1), until))
    assert len(found) == len({period.name for period in found}) == 21 * 12 // months
    for number, period in enumerate(found):
        year, part = 2020 + number * months // 12, number % (12 // months) + 1
        assert period.name == {1: f"{year}-{part:02d}", 3: f"{year}Q{part}", 6: f"{year}H{part}"}[months]
        assert first_day_of(period.name) == period.first_day == date(year, (part - 1) * months + 1, 1)
        opens = period.opens_at.astimezone(SHANGHAI)
        last = date(year + part * months // 12, part * months % 12 + 1, 1) - timedelta(days=1)
        assert (opens.year, opens.month, opens.hour, opens.minute) == (last.year, last.month, 0, 0)
        assert opens.day == min(day, last.day)


def test_the_year_ends_in_tianjin_not_in_greenwich():
    monthly = a_duty(1, 1)
    new_year = datetime(2026, 12, 31, 16, tzinfo=UTC)
    assert [p.name for p in periods(monthly, new_year - timedelta(seconds=1), new_year)] == ["2027-01"]
    assert list(periods(monthly, new_year, new_year + timedelta(days=30))) == []


@pytest.fixture
def trial():
    """Declares a duty for one test and takes it back."""

    def declare(**how) -> None:
        duties.duty(a_duty(**how))

    yield declare
    DUTIES.pop("trial", None)


@pytest.mark.parametrize(("catch_up", "expected"), [
    ("each", ["2026-12", "2027-01", "2027-02", "2027-03"]), ("latest", ["2027-03"])])  # fmt: skip
def test_after_an_outage_of_months_the_policy_of_the_duty_decides_what_is_made_up(story, trial, catch_up, expected):
    trial(months=1, day=5, catch_up=catch_up)
    story.sweep()
    story.sweep(to=datetime(2027, 3, 20, tzinfo=UTC))
    story.sweep()
    runs = [run for run in story.all(DutyRun, duty="trial") if run.period != "begun"]
    assert [run.period for run in runs] == expected
    assert all(run.done_at for run in runs)


# --- what fails is kept ------------------------------------------------------------------------------------------------


def incidents_of(story: Story):
    with story.reading() as unit:
        return open_incidents(unit.session)


def retry(story: Story, incident) -> None:
    with story.unit(story.town.admin) as unit:
        retry_incident(unit, incident_id=incident.id)


def test_one_process_that_cannot_be_woken_becomes_an_incident_and_a_retry_heals_it(story):
    first, second = register_many(story, 2, LATE)
    story.sweep()
    broken = story.process("supervision", first)
    sound = broken.state
    change(story, Process, broken.id, state=b"nonsense")
    story.sweep(by=timedelta(days=8))
    [incident] = incidents_of(story)
    assert (incident.what, incident.process_id) == ("wake", broken.id)
    assert story.item(second, "sign_l2")
    story.sweep(by=timedelta(days=1))
    assert len(incidents_of(story)) == 1  # it waits for somebody, not for the next sweep
    change(story, Process, broken.id, state=sound)
    retry(story, incident)
    assert incidents_of(story) == []
    assert story.item(first, "sign_l2")


def test_a_retry_does_not_bring_back_a_process_that_has_ended(story):
    project_id = story.register(LATE)
    story.sweep()
    process = story.process("supervision", project_id)
    change(story, Process, process.id, state=b"nonsense")
    story.sweep(by=timedelta(days=8))
    [incident] = incidents_of(story)
    with story.unit() as unit:
        cancel_process(unit, process_id=process.id, note="误发")
    retry(story, incident)
    assert story.process("supervision", project_id).status == "cancelled"


def test_a_project_whose_light_cannot_be_decided_stops_no_other(story):
    bad, good = register_many(story, 2, APPROVE | {"plan_start_on": "2026-10-20"})
    story.sweep()
    change(story, Project, bad, turns_at=story.clock.now(), permit_issued_on=date.max)  # no year comes after it
    change(story, Project, good, turns_at=story.clock.now())
    did = story.sweep()
    assert did["lights"] >= 1
    assert story.project(good).turns_at is None or story.project(good).turns_at > story.clock.now()
    [incident] = incidents_of(story)
    assert (incident.what, f"project {bad}" in incident.message) == ("light", True)
    assert story.sweep() == {}
    change(story, Project, bad, permit_issued_on=None)
    story.sweep(by=timedelta(days=1))
    assert story.project(bad).light == story.project(good).light


def test_a_duty_that_fails_is_held_with_an_incident_while_the_others_are_done(story, trial):
    broken = [True]

    def work(unit, period, cursor, limit):
        if broken:
            raise ZeroDivisionError("no figures")
        return None, 3

    trial(months=1, day=1, work=work)
    ids = register_many(story, 2)
    story.sweep()
    story.sweep(to=OPENING)
    story.sweep(by=timedelta(minutes=1))
    [incident] = incidents_of(story)
    assert incident.what == "duty"
    assert "trial 2026-12" in incident.message
    assert len(story.all(Process, key="progress_review")) == len(ids)
    broken.clear()
    assert story.sweep() == {}
    retry(story, incident)
    story.sweep()
    [run] = [run for run in story.all(DutyRun, duty="trial") if run.period != "begun"]
    assert (run.made, run.done_at, incidents_of(story)) == (3, story.clock.now(), [])


def test_a_run_whose_duty_is_no_longer_declared_is_kept_and_shown(story):
    with story.unit() as unit:
        period = duties.Period("2026-11", date(2026, 11, 1), story.clock.now())
        duties.open_run(
            unit.session, Duty("renamed", "旧名", months=1, day=1, work=lambda *_: (None, 0)), period, unit.now
        )
    story.sweep()
    [run] = story.all(DutyRun, duty="renamed")
    assert (run.done_at, run.held_by) == (None, incidents_of(story)[0].code)


def test_a_poisoned_envelope_delays_no_other_and_is_dead_after_its_tries(story):
    with story.unit() as unit:
        unit.post("render", "render:poison", {"notice": 4711})  # there is no such notice
    story.register(LATE)
    story.sweep()
    due = [e for e in story.all(Envelope) if e.key != "render:poison" and e.due_at <= story.clock.now()]
    assert {e.state for e in due} == {"done"}
    for _ in range(10):
        story.sweep(by=timedelta(days=1))
    [poison] = story.all(Envelope, key="render:poison")
    assert (poison.state, poison.attempts, poison.error[:8]) == ("dead", 6, "NotFound")


def test_an_envelope_of_an_unknown_kind_is_kept_and_shown_not_lost(story):
    with story.unit() as unit:
        unit.post("fax", "fax:1", {"to": "022"})
    for _ in range(10):
        story.sweep(by=timedelta(days=1))
    [fax] = story.all(Envelope, kind="fax")
    assert (fax.state, fax.payload, "fax" in fax.error) == ("dead", {"to": "022"}, True)


def test_an_envelope_that_kills_its_workers_is_taken_alone_then_buried_and_others_pass_it(story):
    queue = LeaseTable()
    with story.unit() as unit:
        for name in ("killer", "bystander"):
            unit.post("tell", f"tell:{name}", {"what": "opened", "items": []})

    def claim_and_die() -> list[str]:
        with story.unit() as unit:
            return [lease.key for lease in queue.claim(unit.session, unit.now, limit=10, lease_seconds=-1)]

    assert claim_and_die() == ["tell:killer", "tell:bystander"]
    alone = [claim_and_die() for _ in range(2)]
    assert sorted(map(len, alone)) == [1, 1]
    with story.unit() as unit:
        unit.post("tell", "tell:fresh", {"what": "opened", "items": []})
    assert claim_and_die() == ["tell:fresh"]  # whoever has harmed nobody yet goes first
    for _ in range(3 * MOST_CLAIMS):
        claim_and_die()
    assert {e.key: e.state for e in story.all(Envelope)} == dict.fromkeys(
        ("tell:killer", "tell:bystander", "tell:fresh"), "dead"
    )


# --- recall meets the messenger ------------------------------------------------------------------------------------------


def test_a_recall_takes_back_what_was_told_and_the_next_opening_is_told_again(story):
    project_id = story.register(RESERVE)
    story.sweep()
    plan = story.item(project_id, "reserve_plan")
    answers = {"plan": "跟踪洽谈", "plan_on": "2027-03-01", "departments": [story.town["rsj"]], "needs": "人才公寓"}
    story.complete(story.town.li_ming, plan, answers)
    story.sweep()
    told = len([m for m in story.all(Message) if m.officer_id == story.town.zhou_wei.officer_id])
    with story.unit(story.town.li_ming) as unit:
        recall_item(unit, item_id=plan.id)
    story.complete(story.town.li_ming, story.item(project_id, "reserve_plan"), answers)
    story.sweep()
    again = [m for m in story.all(Message) if m.officer_id == story.town.zhou_wei.officer_id]
    assert told == len(again) == 1
    assert {e.state for e in story.all(Envelope)} == {"done"}


def test_what_somebody_was_urged_about_is_not_recalled(story):
    project_id = story.register(RESERVE)
    plan = story.item(project_id, "reserve_plan")
    story.complete(
        story.town.li_ming,
        plan,
        {"plan": "跟踪洽谈", "plan_on": "2027-03-01", "departments": [story.town["rsj"]], "needs": "人才公寓"},
    )
    with story.unit(story.town.zhao_qiang) as unit:
        urge_item(unit, item_id=story.item(project_id, "reserve_support").id)
    with pytest.raises(Outdated), story.unit(story.town.li_ming) as unit:
        recall_item(unit, item_id=plan.id)

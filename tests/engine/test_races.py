"""Many hands on one matter at the same moment: exactly one effect, every loser is told, nothing breaks or hangs."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import func, select

from engine.door import complete_item, publish_map, send_message, start_process, wake_process
from engine.operations import suspend_process
from engine.verbs import claim_item
from models.audit import AuditEntry
from models.calendar import seed_calendar
from models.process import Process, WorkItem
from models.refusal import NotPermitted, Outdated, Refusal
from models.unit import CLOCK, Actor, open_reading, open_unit
from tests.cast import hire, make_town
from tests.engine.desk import NOTE, OFFICE, Office, note_late

THREADS, ROUNDS = 8, 50
ABRUPT = OFFICE.replace(b'process id="office"', b'process id="abrupt"').replace(b' cancelActivity="false"', b"")
FIVE = ("rsj", "jw", "wjw", "jrj", "sw")
assert note_late, "the step of both maps"

Try = Callable[[int, int], object]


def race(tries: list[Try], rounds: int) -> list[list[object]]:
    """Every round all threads begin at one barrier; what each got back, or the refusal it met, by round.

    Anything but a refusal is a bug, and fails the test that asked for the race.
    """
    start, answers = Barrier(len(tries)), [[None] * len(tries) for _ in range(rounds)]

    def hand(place: int) -> None:
        for number in range(rounds):
            start.wait(timeout=60)
            try:
                answers[number][place] = tries[place](number, place)
            except Exception as error:  # noqa: BLE001 - kept, and judged below
                answers[number][place] = error

    threads = [Thread(target=hand, args=(place,)) for place in range(len(tries))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert not any(thread.is_alive() for thread in threads), "a thread is stuck"
    flat = [answer for row in answers for answer in row]
    bugs = [answer for answer in flat if isinstance(answer, Exception) and not isinstance(answer, Refusal)]
    assert bugs == []
    return answers


def refusals(row: list[object]) -> list[Refusal]:
    return [answer for answer in row if isinstance(answer, Refusal)]


def winners(row: list[object]) -> list[object]:
    return [answer for answer in row if not isinstance(answer, Refusal)]


class Crowd(Office):
    """The office with eight officers of the lead's own organ, and many matters started at once."""

    def __init__(self, database, clock, town, departments) -> None:
        super().__init__(database, clock, town, departments)
        with self.unit() as unit:
            self.officers = [hire(unit, f"经办{number}", "officer", town.binhai) for number in range(THREADS)]

    def begin(self, count: int = ROUNDS, *, late_at=None, key: str = "office") -> list[int]:
        first = [self.start(late_at)] if key == "office" else []
        with self.unit() as unit:
            return first + [
                start_process(
                    unit, key=key, title="演示事项", organ_id=self.town.binhai, district_id=self.town.binhai,
                    data={"owner_organ": self.town.binhai, "departments": self.departments,
                          "late_at": (late_at or self.clock.now() + timedelta(days=900)).isoformat()},
                )
                for _ in range(count - len(first))
            ]  # fmt: skip

    def leads(self, matters: list[int]) -> list[WorkItem]:
        """The first item of each matter, as all eight see it on their pages."""
        with open_reading(self.database, CLOCK, self.clock.now()) as unit:
            query = select(WorkItem).where(WorkItem.process_id.in_(matters), WorkItem.node == "lead")
            return list(unit.session.scalars(query.order_by(WorkItem.process_id)))

    def counts(self, column, **where) -> Counter:
        """How many rows there are by the value of a column."""
        with open_reading(self.database, CLOCK, self.clock.now()) as unit:
            query = select(column, func.count()).filter_by(**where).group_by(column)
            return Counter(dict(unit.session.execute(query).all()))

    def acts(self, act: str) -> Counter:
        """How often an act was traced, by its subject."""
        return self.counts(AuditEntry.subject_id, act=act)

    def states(self, matter: int) -> list[tuple[str, str]]:
        with open_reading(self.database, CLOCK, self.clock.now()) as unit:
            query = select(WorkItem.node, WorkItem.state).where(WorkItem.process_id == matter).order_by(WorkItem.id)
            return [tuple(row) for row in unit.session.execute(query)]


@pytest.fixture
def crowd(database, clock) -> Crowd:
    with open_unit(database, CLOCK, clock.now()) as unit:
        seed_calendar(unit)
        town = make_town(unit)
    return Crowd(database, clock, town, ("rsj", "jw"))


def completing(crowd: Crowd, items: list[WorkItem]) -> Try:
    def attempt(number: int, place: int) -> object:
        return crowd.complete(crowd.officers[place], items[number])

    return attempt


def test_eight_officers_complete_one_item_and_one_of_them_does(crowd):
    matters = crowd.begin()
    leads = crowd.leads(matters)
    rows = race([completing(crowd, leads)] * THREADS, ROUNDS)
    assert [len(winners(row)) for row in rows] == [1] * ROUNDS
    assert {type(refusal) for row in rows for refusal in refusals(row)} == {Outdated}
    assert all("已被经办" in str(refusal) for row in rows for refusal in refusals(row))
    assert crowd.acts("item.complete") == Counter(dict.fromkeys((lead.id for lead in leads), 1))
    assert crowd.counts(WorkItem.process_id, node="support") == Counter(dict.fromkeys(matters, 2))
    assert set(crowd.counts(Process.revision)) == {3}  # started, saved, completed once


def test_an_item_is_claimed_by_one_of_eight_and_the_others_learn_by_whom(crowd):
    leads = crowd.leads(crowd.begin())

    def claiming(number: int, place: int) -> object:
        with crowd.unit(crowd.officers[place]) as unit:
            claim_item(unit, item_id=leads[number].id, version=leads[number].version)
        return place

    rows = race([claiming] * THREADS, ROUNDS)
    holders = {item.id: item.assignee_id for item in crowd.leads([lead.process_id for lead in leads])}
    for row, lead in zip(rows, leads, strict=True):
        [winner] = winners(row)
        assert holders[lead.id] == crowd.officers[winner].officer_id
        assert {type(refusal) for refusal in refusals(row)} == {NotPermitted}
        assert all(f"经办{winner}认领" in str(refusal) for refusal in refusals(row))
    assert crowd.acts("item.claim") == Counter(dict.fromkeys((lead.id for lead in leads), 1))


def waking(crowd: Crowd, matters: list[int]) -> Try:
    def attempt(number: int, place: int) -> object:
        with crowd.unit() as unit:
            return wake_process(unit, process_id=matters[number])

    return attempt


def test_a_timer_and_officers_meet_and_each_has_its_effect_once(crowd):
    matters = crowd.begin(late_at=crowd.clock.now() + timedelta(days=1))
    leads = crowd.leads(matters)
    crowd.clock.move(by=timedelta(days=1))
    rows = race([completing(crowd, leads)] * 4 + [waking(crowd, matters)] * 4, ROUNDS)
    for row in rows:
        assert (len(winners(row[:4])), row[4:].count(True), len(refusals(row[4:]))) in {(1, 1, 0), (1, 0, 0)}
    assert crowd.acts("office.late") == Counter(dict.fromkeys(matters, 1))
    assert crowd.acts("item.complete") == Counter(dict.fromkeys((lead.id for lead in leads), 1))
    assert crowd.counts(WorkItem.process_id, node="support") == Counter(dict.fromkeys(matters, 2))
    assert set(crowd.counts(Process.wakes_at)) <= {None}


def test_a_timer_that_ends_the_work_leaves_no_item_open_whoever_was_first(crowd):
    with crowd.unit() as unit:
        publish_map(unit, xml=ABRUPT)
    matters = crowd.begin(25, late_at=crowd.clock.now() + timedelta(days=1), key="abrupt")
    leads = crowd.leads(matters)
    crowd.clock.move(by=timedelta(days=1))
    rows = race([completing(crowd, leads)] * 4 + [waking(crowd, matters)] * 4, 25)
    for row, matter in zip(rows, matters, strict=True):
        done = len(winners(row[:4]))
        assert crowd.states(matter) == [("lead", "done" if done else "cancelled")]
        assert done + row[4:].count(True) == 1
    assert crowd.acts("office.late") == Counter(dict.fromkeys(matters, 1))
    assert crowd.counts(Process.status) == Counter({"done": 25})


def test_a_withdrawal_and_officers_meet_and_nothing_stays_open(crowd):
    matters = crowd.begin()
    leads = crowd.leads(matters)

    def withdrawing(number: int, place: int) -> object:
        with crowd.unit() as unit:
            return send_message(unit, message="withdraw", process_id=matters[number])

    rows = race([completing(crowd, leads)] * 4 + [withdrawing] * 4, ROUNDS)
    for row, matter in zip(rows, matters, strict=True):
        done = len(winners(row[:4]))
        assert row[4:].count(True) == 1
        assert crowd.states(matter) == (
            [("lead", "done"), ("support", "cancelled"), ("support", "cancelled")]
            if done == 1
            else [("lead", "cancelled")]
        )
    assert crowd.acts("process.message") == Counter(dict.fromkeys(matters, 1))
    assert crowd.counts(Process.status) == Counter({"done": ROUNDS})


def test_a_suspension_and_officers_meet_and_what_is_open_stands_still(crowd):
    matters = crowd.begin(25)
    leads = crowd.leads(matters)

    def suspending(number: int, place: int) -> object:
        with crowd.unit(crowd.town.chen_jing) as unit:
            suspend_process(unit, process_id=matters[number], reason="等待土地指标")
        return True

    rows = race([completing(crowd, leads)] * 4 + [suspending] * 4, 25)
    for row, matter in zip(rows, matters, strict=True):
        done = len(winners(row[:4]))
        assert row[4:].count(True) == 1
        assert crowd.states(matter) == (
            [("lead", "done"), ("support", "suspended"), ("support", "suspended")]
            if done == 1
            else [("lead", "suspended")]
        )
    assert crowd.counts(Process.status) == Counter({"suspended": 25})


@pytest.fixture
def council(database, clock) -> Crowd:
    with open_unit(database, CLOCK, clock.now()) as unit:
        seed_calendar(unit)
        town = make_town(unit)
    return Crowd(database, clock, town, FIVE)


def test_five_departments_finish_at_once_and_the_join_opens_one_confirmation(council):
    rounds = 20
    matters = council.begin(rounds)
    for lead in council.leads(matters):
        council.complete(council.officers[0], lead)
    town = council.town
    people: list[Actor] = [town.zhou_wei, town.wu_min, town.zheng_hao, town.feng_juan, town.jiang_tao]
    asked = [council.items(matter) for matter in matters]

    def finishing(number: int, place: int) -> object:
        return council.complete(people[place], asked[number][place])

    rows = race([finishing] * 5, rounds)
    assert all(refusals(row) == [] for row in rows)
    for row, matter in zip(rows, matters, strict=True):
        [confirm] = council.items(matter)
        assert confirm.node == "confirm"
        assert sorted(len(done.opened) for done in row) == [0, 0, 0, 0, 1]
    assert council.acts("item.complete").total() == rounds * 6


def test_a_double_submit_has_one_effect_and_both_get_an_answer(crowd):
    matters = crowd.begin(25)
    leads = crowd.leads(matters)

    def clicking(number: int, place: int) -> object:
        return crowd.complete(crowd.officers[0], leads[number], submit_id=f"click-{number}")

    rows = race([clicking] * 2, 25)
    assert [sorted(done.again for done in row) for row in rows] == [[False, True]] * 25
    assert crowd.acts("item.complete") == Counter(dict.fromkeys((lead.id for lead in leads), 1))


def test_one_submit_id_sent_for_two_items_completes_both(crowd):
    """A browser that sends an old form's id again must not be told that another item was done."""
    matters = crowd.begin(50)
    leads = crowd.leads(matters)

    def clicking(number: int, place: int) -> object:
        return crowd.complete(crowd.officers[place], leads[number * 2 + place], submit_id=f"click-{number}")

    rows = race([clicking] * 2, 25)
    assert [done.again for row in rows for done in row] == [False] * 50
    assert crowd.acts("item.complete") == Counter(dict.fromkeys((lead.id for lead in leads), 1))


def test_answers_that_are_refused_leave_the_item_to_the_next(crowd):
    """A loser who typed wrongly, too, only hears a refusal; the item stays for whoever types rightly."""
    [lead] = crowd.leads(crowd.begin(1))

    def attempt(number: int, place: int) -> object:
        posted = NOTE if place == 0 else {"reason": "x"}
        with crowd.unit(crowd.officers[place]) as unit:
            return complete_item(unit, item_id=lead.id, version=lead.version, posted=posted)

    [row] = race([attempt] * THREADS, 1)
    assert (len(winners(row)), len(refusals(row))) == (1, THREADS - 1)
    assert [item.answers for item in crowd.items(lead.process_id, "done")] == [NOTE]

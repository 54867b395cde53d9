"""Where a process stands on its drawing, told from rows; and every act that is traced is either told or known to be told."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from engine.door import complete_item
from models.case_history import (
    ACTS,
    UNTOLD,
    ItemLine,
    PassageLine,
    Picture,
    Spot,
    acts_on,
    case_history,
    process_of,
    processes_of,
)
from models.refusal import NotFound
from models.unit import CLOCK, open_unit, trace_refusal
from tests.cast import make_town
from tests.engine.desk import Office

ROOT = Path(__file__).parents[2]
TRACE = re.compile(r'(?:\.trace(?:_each)?\(\s*|_change\(\s*unit,\s*\w+,\s*)"([a-z_]+\.[a-z_]+)"(?:,\s*"([a-z_]+)")?')
TOLD_KINDS = {"project", "process", "work_item", "notice"}
MONDAY = datetime(2026, 11, 2, 1, tzinfo=UTC)
SPOTS = {
    "first": Spot(), "work": Spot("first"), "clock": Spot(attached_to="first", timer=True), "second": Spot(),
    "more": Spot("second"), "by_itself": Spot(),
}  # fmt: skip


@pytest.fixture
def office(database, clock) -> Office:
    with open_unit(database, CLOCK, clock.now()) as unit:
        town = make_town(unit)
    return Office(database, clock, town)


def asked(node: str, day: int, state: str = "ready", **more) -> ItemLine:
    plain = {"id": day, "process_id": 1, "key": "k", "node": node, "name": node, "role": "officer", "organ_id": 1,
             "organ_zh": "甲", "organ_en": "A", "assignee_id": None, "holder": None, "done_by": None, "state": state,
             "created_at": MONDAY + timedelta(days=day), "due_at": MONDAY + timedelta(days=day + 3), "done_at": None,
             "note": None, "home_organ_id": None}  # fmt: skip
    return ItemLine(**(plain | more))


def went(node: str, event: str, day: int) -> PassageLine:
    return PassageLine(1, node, event, MONDAY + timedelta(days=day))


def drawn(items, passages, *, on: int, status: str = "running"):
    begun = {each.node: each.at for each in passages if each.event == "entered"}
    return Picture(status, SPOTS, begun, MONDAY + timedelta(days=on)).drawn(items, passages)


def test_a_stage_and_its_task_are_open_with_the_days_left():
    state = drawn([asked("work", 0)], [went("first", "entered", 0)], on=1)
    assert [each.id for each in state.active] == ["first", "work"]
    assert state.active[1].days == 2
    assert not state.active[1].late


def test_a_task_past_its_day_is_late_and_its_stage_once_its_clock_has_struck():
    passages = [went("first", "entered", 0), went("clock", "entered", 4), went("clock", "left", 4)]
    state = drawn([asked("work", 0)], passages, on=5)
    assert [(each.id, each.late) for each in state.active] == [("first", True), ("work", True)]
    assert "clock" in state.done


def test_several_organs_at_one_node_are_told_together_with_the_earliest_day():
    both = [asked("work", 0), asked("work", 1, organ_zh="乙", organ_en="B")]
    [_stage, node] = drawn(both, [went("first", "entered", 0)], on=1).active
    assert node.organs == (("甲", "A"), ("乙", "B"))
    assert node.days == 2


def test_a_node_is_open_while_one_of_its_organs_still_works():
    items = [asked("work", 0, "done"), asked("work", 0, organ_zh="乙", organ_en="B")]
    state = drawn(items, [went("first", "entered", 0)], on=1)
    assert state.done == ()
    assert state.active[1].organs == (("乙", "B"),)


def test_what_was_done_before_a_stage_was_entered_again_is_no_longer_on_the_picture():
    items = [asked("work", 0, "done"), asked("more", 2, "cancelled"), asked("work", 3)]
    passages = [went("first", "entered", 0), went("first", "left", 2), went("second", "entered", 2),
                went("second", "cancelled", 3), went("first", "entered", 3)]  # fmt: skip
    state = drawn(items, passages, on=3)
    assert [each.id for each in state.active] == ["first", "work"]
    assert state.done == ()
    assert state.cancelled == ("second", "more")


def test_a_struck_clock_of_an_earlier_round_says_nothing_of_this_one():
    passages = [went("first", "entered", 0), went("clock", "left", 2), went("first", "cancelled", 3),
                went("first", "entered", 4)]  # fmt: skip
    state = drawn([asked("work", 4)], passages, on=4)
    assert not state.active[0].late
    assert "clock" not in state.done


def test_suspended_tasks_are_open_and_never_late():
    state = drawn([asked("work", 0, "suspended")], [went("first", "entered", 0)], on=30)
    assert [(each.id, each.late, each.days) for each in state.active] == [("first", False, None), ("work", False, None)]


def test_a_terminated_process_has_nothing_open():
    state = drawn([asked("work", 0, "cancelled")], [went("first", "entered", 0)], on=1, status="cancelled")
    assert state.active == ()
    assert state.cancelled == ("first", "work")


def test_what_ran_by_itself_is_done():
    assert drawn([], [went("by_itself", "left", 0)], on=0).done == ("by_itself",)


def test_only_a_projects_own_processes_are_found(office):
    process_id = office.start()
    with office.unit() as unit:
        assert processes_of(unit.session, 1) == []
        with pytest.raises(NotFound):
            process_of(unit.session, 1, process_id)


def test_acts_are_told_in_order_and_refused_ones_are_not(office):
    process_id = office.start()
    [item] = office.items(process_id)
    with office.unit(office.town.li_ming) as unit:
        complete_item(unit, item_id=item.id, version=item.version, posted={"reason_kind": "其他", "reason": "好"})
    with office.unit() as unit:
        unit.trace("item.urge", "work_item", item.id, {"words": "快办"})
        unit.trace("process.suspend", "process", process_id, {"reason": "等"})
        unit.trace("process.suspend", "process", process_id + 1, {"reason": "别的"})
    trace_refusal(office.database, office.town.li_ming, office.clock.now(), "process.suspend", {})
    with office.unit() as unit:
        acts = acts_on(unit.session, {"work_item": [item.id], "process": [process_id], "notice": []})
    assert [each.act for each in acts] == ["item.urge", "process.suspend"]
    assert acts[1].detail == {"reason": "等"}


def test_the_history_of_nothing_is_empty(office):
    with office.unit() as unit:
        found = case_history(unit.session, 12345)
    assert (found.processes, found.items, found.passages, found.acts) == ((), (), (), ())


def test_every_act_on_a_project_is_told_or_told_otherwise():
    traced = set()
    for shelf in ("models", "engine", "workflows"):
        for path in sorted((ROOT / shelf).glob("*.py")):
            for act, kind in TRACE.findall(path.read_text("utf-8")):
                if not kind or kind in TOLD_KINDS:
                    traced.add(act)
    assert traced - set(ACTS) - UNTOLD == set()
    assert set(ACTS) - traced == set()

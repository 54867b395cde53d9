"""Timers obey the moment they are handed: due exactly now fires, a second before does not."""

from datetime import UTC, datetime, timedelta

import pytest

from engine.maps import read_map
from engine.timers import TimerError
from engine.tokens import Tokens
from tests.engine.test_maps import around
from tests.engine.town import NOW, own

DUE = datetime(2027, 1, 1, 1, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
WAIT = '<intermediateCatchEvent id="x"><timerEventDefinition><timeDate>day</timeDate></timerEventDefinition></intermediateCatchEvent>'


def waiting(day, now=NOW):
    return Tokens.start(read_map(around(WAIT, "x")), {"day": day}, now, lambda *_: None)


def later(tokens, now):
    """The same process some time later, as a sweep finds it."""
    tokens = Tokens.load(tokens.map, tokens.dump(), now, lambda *_: None)
    tokens.advance()
    return tokens


@pytest.mark.parametrize(
    ("off", "fires"), [(-SECOND, False), (timedelta(0), True), (SECOND, True), (timedelta(days=90), True)]
)
def test_a_timer_fires_when_its_moment_has_come_and_not_a_second_before(off, fires):
    tokens = waiting(DUE.isoformat())
    assert tokens.wakes_at == DUE
    tokens = later(tokens, DUE + off)
    assert tokens.completed is fires
    assert tokens.wakes_at == (None if fires else DUE)


def test_a_date_that_has_passed_does_not_hold_anybody_up():
    assert waiting((NOW - timedelta(days=3)).isoformat()).completed
    assert waiting(NOW.isoformat()).completed


def test_the_moment_of_a_timer_is_read_with_its_offset():
    assert waiting("2027-01-01T09:00:00+08:00").wakes_at == DUE


@pytest.mark.parametrize("day", ["2027-01-01T09:00:00", "2027-01-01", "soon", "", None, 20270101, "P30D"])
def test_a_date_that_is_not_a_moment_with_an_offset_is_an_error_and_not_a_guess(day):
    with pytest.raises(TimerError, match="时刻"):
        waiting(day)


def test_an_armed_timer_keeps_its_moment_when_the_data_change():
    tokens = Tokens.start(own("rounds"), {"soon": DUE.isoformat(), "choice": "no"}, NOW, lambda *_: None)
    left = next(k for k, t in tokens.open_tasks().items() if t.node == "left")
    tokens.complete(left, {"soon": NOW.isoformat()})
    assert tokens.wakes_at == DUE


def test_suspended_time_moves_every_waiting_timer_and_fires_none():
    tokens = Tokens.start(own("stages"), {"departments": [1], "stage_due": DUE.isoformat()}, NOW, lambda *_: None)
    tokens.shift_timers(timedelta(days=12))
    assert tokens.wakes_at == DUE + timedelta(days=12)
    tokens = later(tokens, DUE + timedelta(days=12) - SECOND)
    assert not [p for p in tokens.passages if p.node == "reserve_late"]
    tokens = later(tokens, DUE + timedelta(days=12))
    assert [p.event for p in tokens.passages if p.node == "reserve_late"] == ["entered", "left"]
    assert tokens.wakes_at is None


def test_of_two_interrupting_timers_due_together_only_the_earlier_ends_the_task():
    bound = "".join(
        f'<boundaryEvent id="{i}" attachedToRef="x"><timerEventDefinition><timeDate>{i}</timeDate></timerEventDefinition></boundaryEvent>'
        f'<userTask id="after_{i}"/><sequenceFlow id="s{i}" sourceRef="{i}" targetRef="after_{i}"/>'
        f'<sequenceFlow id="t{i}" sourceRef="after_{i}" targetRef="z"/>'
        for i in ("slow", "quick")
    )
    drawn = read_map(around(f'<userTask id="x"/>{bound}', "x"))
    data = {"slow": DUE.isoformat(), "quick": (DUE - timedelta(days=1)).isoformat()}
    tokens = later(Tokens.start(drawn, data, NOW, lambda *_: None), DUE + timedelta(days=5))
    assert [t.node for t in tokens.open_tasks().values()] == ["after_quick"]
    assert tokens.wakes_at is None


def test_timers_are_armed_again_after_a_return():
    def dates(_step, _node, data):
        return {
            "soon": (DUE + timedelta(days=data["round"])).isoformat(),
            "later": (DUE + timedelta(days=90)).isoformat(),
        }

    first = {"people": [1], "round": 0, "choice": "yes", "number": 0}
    tokens = Tokens.start(own("kitchen"), first, NOW, dates)
    tokens.complete(next(iter(tokens.open_tasks())), {"round": 5})
    assert tokens.wakes_at == DUE
    tokens = Tokens.load(tokens.map, tokens.dump(), DUE + timedelta(days=90), dates)
    tokens.advance()  # late: chased; over: back to the plan with new dates
    assert [t.node for t in tokens.open_tasks().values()] == ["chase", "plan"]
    plan = next(k for k, t in tokens.open_tasks().items() if t.node == "plan")
    tokens.complete(plan, {"choice": "yes"})
    assert [p.node for p in tokens.passages if p.event == "entered"].count("outer") == 1

"""The stored state: small, as small and quick for an old project as for a new one, and refused when it is not ours."""

import random
import statistics
import time
from datetime import timedelta
from decimal import Decimal

import pytest

from engine.codec import StateError
from engine.maps import read_map
from engine.tokens import Tokens
from tests.engine.test_tokens import FIVE, do, nothing, pass_stage
from tests.engine.town import NOW, own

STAGES = ("reserve", "sign", "approve", "start", "build", "produce")
FIRST = {
    "project_id": 123456, "organ": 31, "subject": "津招2026-0417", "departments": FIVE, "path": "land",
    "stage_due": (NOW + timedelta(days=30)).isoformat(), "money": 1250000, "closing_path": None,
}  # fmt: skip


def project():
    return Tokens.start(own("stages"), FIRST, NOW, nothing)


def again(tokens):
    return Tokens.load(tokens.map, tokens.dump(), NOW, nothing)


def walk_sizes(returns=0):
    tokens, sizes, dice = project(), [], random.Random(7)
    while not tokens.completed:
        tokens = again(tokens)
        sizes.append(len(tokens.dump()))
        open_now = tokens.open_tasks()
        if returns and tokens.waits_for("back") and dice.random() < 0.1:
            returns -= 1
            tokens.send("back", {"why": "材料不全"})
        else:
            task = dice.choice(list(open_now.values()))
            tokens.complete(task.token, {f"{task.node.split('_')[0]}_result": "agree"})
    return sizes


def test_a_project_with_five_departments_in_each_stage_stays_below_half_a_kilobyte():
    sizes = walk_sizes()
    assert len(sizes) == 6 * 7
    assert statistics.median(sizes) <= 400
    assert max(sizes) <= 512


def test_twenty_returns_leave_no_trace_in_the_size():
    sizes = walk_sizes(returns=20)
    assert len(sizes) > 100
    assert max(sizes) <= 1.2 * max(walk_sizes())


def late(tokens):
    """The stage's date passes: its non-interrupting timer fires."""
    tokens = Tokens.load(tokens.map, tokens.dump(), NOW + timedelta(days=60), nothing)
    tokens.advance()
    return again(tokens)


def old_project():
    """More than 500 steps, 60 returns, a deadline missed in every stage entered."""
    tokens, steps = project(), 0
    for stage, following in (("reserve", "sign"), ("sign", "approve")):
        for round_ in range(30):
            tokens = late(tokens)
            pass_stage(tokens, stage)
            tokens = late(tokens)
            do(tokens, f"{following}_lead", round=round_, departments=FIVE[: 1 + round_ % 5])
            tokens = again(tokens)
            tokens.send("back", {"departments": FIVE})
            tokens = again(tokens)
            steps += 9
        pass_stage(tokens, stage)
    assert steps > 500
    return again(tokens)


def test_an_old_project_is_as_small_and_as_light_as_a_new_one():
    old, young = old_project(), project()
    pass_stage(young, "reserve")
    pass_stage(young, "sign")
    old, young = again(old), again(young)
    assert sorted(t.node for t in old.open_tasks().values()) == sorted(t.node for t in young.open_tasks().values())
    assert len(old.dump()) <= 1.2 * len(young.dump())
    assert sum(len(p.tasks) for p in old._running.parts()) <= 1.05 * sum(len(p.tasks) for p in young._running.parts())


def test_one_completion_with_load_and_dump_takes_little_time():
    tokens = project()
    do(tokens, "reserve_lead")
    stored, drawn = tokens.dump(), tokens.map
    took = []
    for _ in range(30):
        begun = time.process_time()
        loaded = Tokens.load(drawn, stored, NOW, nothing)
        loaded.complete(next(iter(loaded.open_tasks())), {"result": "agree"})
        loaded.dump()
        took.append(time.process_time() - begun)
    assert min(took) <= 0.0015


@pytest.mark.parametrize(
    "value", [NOW, NOW.date(), Decimal("1.5"), {1, 2}, (1, 2), object()], ids=lambda value: type(value).__name__
)
def test_only_plain_values_may_be_stored(value):
    tokens = project()
    do(tokens, "reserve_lead", strange=value)
    with pytest.raises((TypeError, ValueError)):
        tokens.dump()


@pytest.mark.parametrize(
    "value", [None, True, 0, -5, 2**60, 1.5, "", "中文", [], [1, [2, {"a": None}]], {}, {"甲": {"乙": [1]}}]
)
def test_plain_values_come_back_as_they_were(value):
    tokens = project()
    do(tokens, "reserve_lead", kept=value)
    assert next(iter(again(tokens).open_tasks().values())).data["kept"] == value


def test_keys_keep_their_order():
    tokens = project()
    do(tokens, "reserve_lead", zeta=1, alpha=2)
    assert list(next(iter(again(tokens).open_tasks().values())).data)[-2:] == ["zeta", "alpha"]


def test_a_state_of_another_format_or_map_or_a_damaged_one_is_refused():
    stored = project().dump()
    for strange in (b"", b"\x02" + stored[1:], stored[:1], stored[:-4], stored[:1] + b"nonsense"):
        with pytest.raises(StateError):
            Tokens.load(own("stages"), strange, NOW, nothing)
    for other in (own("kitchen"), read_map(own("stages").xml + b"\n")):
        with pytest.raises(StateError):
            Tokens.load(other, stored, NOW, nothing)


def test_storing_twice_gives_the_same_bytes():
    stored = project().dump()
    assert Tokens.load(own("stages"), stored, NOW, nothing).dump() == stored
    assert project().dump() == stored

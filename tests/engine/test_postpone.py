"""More time for one open task: the timers that stand on it move, those of others do not, and a stored process agrees."""

from datetime import timedelta

from engine.maps import read_map
from engine.tokens import Tokens
from tests.engine.bad_maps import drawing, line, timer, user
from tests.engine.town import NOW, PROJECT_MAPS, picture, read

SOON, LATER = NOW + timedelta(days=3), NOW + timedelta(days=30)
RECTIFICATION = next(path for path in PROJECT_MAPS if path.stem == "rectification")


def still(_step, _node, _data):
    return None


def edge(ident, on, name):
    return timer(ident, name, on) + f'<endEvent id="{ident}_end"/>' + line(ident, f"{ident}_end")


def inside(name, *others):
    """A sub-process with one task in it, clocks on both."""
    return (f'<subProcess id="around_{name}" name="里面"><startEvent id="in_{name}"/>{user(name)}<endEvent id="out_{name}"/>'
            f'{line(f"in_{name}", name, f"out_{name}")}{edge(f"late_{name}", name, "due")}</subProcess>'
            + "".join(others))  # fmt: skip


def two_beside():
    """Two sub-processes at once, in each a task; every clock watches the same date."""
    return read_map(drawing(
        '<startEvent id="a"/><parallelGateway id="fork"/><parallelGateway id="join"/><endEvent id="z"/>'
        + inside("u", edge("stage_u", "around_u", "due")) + inside("w", edge("stage_w", "around_w", "due"))
        + line("a", "fork", "around_u", "join", "z") + line("fork", "around_w", "join")
    ))  # fmt: skip


def opened(drawn, node="u"):
    tokens = Tokens.start(drawn, {"due": SOON.isoformat()}, NOW, still)
    return tokens, next(name for name, task in tokens.open_tasks().items() if task.node == node)


def clocks(tokens):
    return {each.node: each.due_at for each in tokens.waiting}


def test_clocks_on_the_task_and_around_it_move_and_no_others():
    tokens, token = opened(two_beside())
    tokens.postpone(token, "due", LATER)
    assert clocks(tokens) == {"late_u": LATER, "stage_u": LATER, "late_w": SOON, "stage_w": SOON}
    assert tokens.wakes_at == SOON


def test_a_variable_nobody_watches_moves_no_clock():
    tokens, token = opened(two_beside())
    tokens.postpone(token, "another", LATER)
    assert set(clocks(tokens).values()) == {SOON}


def test_stored_before_and_after_it_goes_on_like_one_kept_in_memory():
    drawn = read(RECTIFICATION)
    first = {name: SOON.isoformat() for name in ("receipt_due", "plan_due", "report_due")}
    kept = Tokens.start(drawn, first, NOW, still)
    loaded = Tokens.load(drawn, kept.dump(), NOW, still)
    token = next(iter(kept.open_tasks()))
    for each in (kept, loaded):
        each.postpone(token, "receipt_due", LATER)
    loaded = Tokens.load(drawn, loaded.dump(), NOW, still)
    assert picture(loaded) == picture(kept)
    assert kept.open_tasks()[token].data["receipt_due"] == LATER.isoformat()
    for moment in (SOON, LATER):
        seen = []
        for each in (kept, loaded):
            again = Tokens.load(drawn, each.dump(), moment, still)
            again.advance()
            seen.append([passage.node for passage in again.passages])
        assert seen[0] == seen[1]
        assert ("receipt_overdue" in seen[0]) == (moment == LATER)


def test_what_follows_the_clock_reads_the_new_moment():
    drawn, seen = read(RECTIFICATION), []
    first = {name: SOON.isoformat() for name in ("receipt_due", "plan_due", "report_due")}
    tokens = Tokens.start(drawn, first, NOW, still)
    tokens.postpone(next(iter(tokens.open_tasks())), "receipt_due", LATER)
    for again in (tokens, Tokens.load(drawn, tokens.dump(), LATER, still)):
        again._running.now, again._running.run_step = LATER, lambda _step, _node, data: seen.append(data["receipt_due"])
        again.advance()
    assert seen == [LATER.isoformat()] * 2

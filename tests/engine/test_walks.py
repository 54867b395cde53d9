"""Random walks over every map: dumped and loaded after each step, a process goes on exactly like one kept in memory."""

import random
from pathlib import Path

import pytest
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

from engine.maps import Map
from engine.script import EXPRESSIONS
from engine.spiff import Running
from engine.tokens import Tokens
from tests.engine.town import LONGEST, NOW, OWN_MAPS, PROJECT_MAPS, Recorder, choose, needs, perform, picture, read

WALKS = [(path, seed) for path in OWN_MAPS for seed in range(50)] + [(p, s) for p in PROJECT_MAPS for s in range(12)]


def walked(drawn: Map, seed: int) -> int:
    """Walk two processes with the same people, one dumped and loaded after every step; returns the number of steps."""
    wanted, dice = needs(drawn), random.Random(seed)
    first = wanted.first(dice, NOW)
    kept_steps, loaded_steps = Recorder(wanted, seed, NOW), Recorder(wanted, seed, NOW)
    kept, loaded = Tokens.start(drawn, first, NOW, kept_steps), Tokens.start(drawn, first, NOW, loaded_steps)
    now = NOW
    for step in range(LONGEST):
        stored = loaded.dump()
        assert len(stored) <= 2048
        loaded = Tokens.load(drawn, stored, now, loaded_steps)
        assert picture(loaded) == picture(kept), f"after step {step}"
        act = choose(kept, wanted, dice, step)
        if act is None:
            assert kept.completed
            return step
        if act.kind == "wake":
            now = max(now, kept.wakes_at)
            kept._running.now = kept_steps.now = loaded_steps.now = now
            loaded = Tokens.load(drawn, loaded.dump(), now, loaded_steps)
        kept._running.passages.clear()
        perform(kept, act)
        perform(loaded, act)
        assert loaded.passages == kept.passages
        assert loaded_steps.seen == kept_steps.seen
    pytest.fail("the walk does not end")


@pytest.mark.parametrize(("path", "seed"), WALKS, ids=lambda v: v.stem if isinstance(v, Path) else str(v))
def test_a_stored_process_goes_on_like_one_kept_in_memory_until_its_end(path, seed):
    assert walked(read(path), seed) > 0


class Stock(BpmnWorkflow):
    """Spiff's own workflow and engine loop; only the moment, the steps and the timers are ours."""

    now, serial, at, passages = NOW, 0, None, []

    def refresh_timers(self):
        """Spiff calls this at the end of its own loop as well, which would fire a second timer too early."""

    def advance(self):
        while True:
            Running.refresh_timers(self)
            last = self.last_task
            self.do_engine_steps()
            if self.last_task is last:
                return

    def people(self):
        parts = (self, *self.get_active_subprocesses())
        return [t for part in parts for t in part.tasks.values() if t.state == TaskState.READY and t.task_spec.manual]


def told(tasks):
    return sorted((t.task_spec.bpmn_id, repr(sorted(t.data.items()))) for t in tasks)


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("path", OWN_MAPS + PROJECT_MAPS, ids=lambda p: p.stem)
def test_our_engine_loop_comes_to_the_same_tasks_and_data_as_spiffs_own(path, seed):
    drawn = read(path)
    wanted, dice = needs(drawn), random.Random(1000 + seed)
    first = wanted.first(dice, NOW)
    ours = Tokens.start(drawn, first, NOW, Recorder(wanted, seed, NOW))
    stock = Stock(drawn.spec, drawn.subprocess_specs, script_engine=EXPRESSIONS)
    stock.map, stock.run_step = drawn, Recorder(wanted, seed, NOW)
    stock.task_tree.data.update(first)
    stock.advance()
    for step in range(40):
        open_now = ours._ready_tasks()
        assert told(stock.people()) == told(open_now)
        if not open_now:
            break
        task = dice.choice(open_now)
        same = next(t for t in stock.people() if told([t]) == told([task]))
        answers = wanted.answers(dice) | {f"k{step % 7}": step}
        ours.complete(task.internal_data["token"], answers)
        same.data.update(answers)
        same.run()
        stock.advance()
        if dice.random() < 0.1 and ours.wakes_at is not None:
            stock.now = ours._running.now = ours.wakes_at
            ours.advance()
            stock.advance()
    assert ours.completed == stock.is_completed()


def visited(drawn: Map, seed: int) -> set[str]:
    """The nodes one walk comes through."""
    wanted, dice, now = needs(drawn), random.Random(seed), NOW
    steps = Recorder(wanted, seed, NOW)
    tokens = Tokens.start(drawn, wanted.first(dice, NOW), NOW, steps)
    seen: set[str] = set()
    for step in range(LONGEST):
        seen |= {p.node for p in tokens.passages} | {t.node for t in tokens.open_tasks().values()}
        act = choose(tokens, wanted, dice, step)
        if act is None:
            break
        if act.kind == "wake":
            now = steps.now = max(now, tokens.wakes_at)
        tokens = Tokens.load(drawn, tokens.dump(), now, steps)
        perform(tokens, act)
    return seen


@pytest.mark.parametrize("path", OWN_MAPS + PROJECT_MAPS, ids=lambda p: p.stem)
def test_the_walks_of_a_map_come_through_every_node_of_it(path):
    drawn = read(path)
    left = set(drawn.nodes)
    for seed in range(150):
        left -= visited(drawn, seed)
        if not left:
            break
    assert not left

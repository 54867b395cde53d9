"""Walks maps with seeded random people: who completes what, which message comes, when the clock moves."""

import ast
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from SpiffWorkflow.util.task import TaskState

from engine.maps import Map, read_map
from engine.spiff import Running, in_order
from engine.tokens import Tokens

HERE = Path(__file__).parent
NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
OWN_MAPS = sorted((HERE / "maps").glob("*.bpmn"))
PROJECT_MAPS = sorted((HERE.parents[1] / "bpmn").glob("*.bpmn"))
LONGEST = 1500


def read(path: Path) -> Map:
    return read_map(path.read_bytes())


def own(name: str) -> Map:
    return read(HERE / "maps" / f"{name}.bpmn")


@dataclass
class Needs:
    """What a map asks of the data: values its conditions compare with, names of dates and lists."""

    choices: dict[str, set[Any]] = field(default_factory=dict)
    dates: set[str] = field(default_factory=set)
    lists: set[str] = field(default_factory=set)

    def answers(self, dice: random.Random) -> dict[str, Any]:
        return {name: dice.choice(sorted(found, key=repr)) for name, found in sorted(self.choices.items())}

    def first(self, dice: random.Random, now: datetime) -> dict[str, Any]:
        data: dict[str, Any] = {name: [11, 12, 13] for name in sorted(self.lists)}
        for name in sorted(self.dates):
            data[name] = (now + timedelta(days=dice.randint(1, 40))).isoformat()
        return data | self.answers(dice)


def needs(drawn: Map) -> Needs:
    found = Needs(lists={n.items for n in drawn.nodes.values() if n.items})
    for part in (drawn.spec, *drawn.subprocess_specs.values()):
        for spec in part.task_specs.values():
            definition = getattr(spec, "event_definition", None)
            if hasattr(definition, "expression") and isinstance(definition.expression, str):
                found.dates |= names_in(definition.expression)
            if getattr(spec, "condition", None):
                learn(found, spec.condition)
    for flow in drawn.flows:
        if flow.condition:
            learn(found, flow.condition)
    for name in found.dates | found.lists:
        found.choices.pop(name, None)
    return found


def names_in(text: str) -> set[str]:
    return {n.id for n in ast.walk(ast.parse(text.strip(), mode="eval")) if isinstance(n, ast.Name)}


def learn(found: Needs, condition: str) -> None:
    """Values that make the condition go either way, of the type it compares with."""
    tree = ast.parse(condition.strip(), mode="eval")
    compared: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            constants = [c.value for c in ast.walk(node) if isinstance(c, ast.Constant)]
            for name in names_in(ast.unparse(node)):
                compared.add(name)
                values = found.choices.setdefault(name, set())
                for value in constants:
                    values.add(value)
                    if isinstance(value, bool):
                        values.add(not value)
                    elif isinstance(value, int):
                        values |= {value + 1, value - 1}
                if not any(isinstance(v, int) for v in constants):
                    values.add("other")
    for name in names_in(condition) - compared:
        found.choices.setdefault(name, set()).update({True, False})


class Recorder:
    """Stands at the service tasks: notes each step with what it was given, returns the decisions a map needs."""

    def __init__(self, wanted: Needs, seed: int, now: datetime) -> None:
        self.wanted, self.now = wanted, now
        self.dice = random.Random(seed)
        self.seen: list[tuple[str, str, str]] = []

    def __call__(self, step: str, node: Any, data: dict[str, Any]) -> dict[str, Any]:
        self.seen.append((step, node.id, repr(sorted(data.items()))))
        dates = {
            name: (self.now + timedelta(days=self.dice.randint(1, 40))).isoformat()
            for name in sorted(self.wanted.dates)
        }
        return self.wanted.answers(self.dice) | dates


def picture(tokens: Tokens) -> dict[str, Any]:
    """All that decides how a process goes on."""
    running: Running = tokens._running
    live = [t for part in running.parts() for t in part.tasks.values() if t._state & TaskState.NOT_FINISHED_MASK]
    return {
        "open": {k: (t.node, t.item, t.data) for k, t in tokens.open_tasks().items()},
        "live": [(t.task_spec.name, t._state, t.data, t.triggered, _inner(t)) for t in in_order(live)],
        "waiting": tokens.waiting,
        "wakes_at": tokens.wakes_at,
        "completed": tokens.completed,
        "outcome": tokens.outcome,
        "serial": running.serial,
    }


def _inner(task: Any) -> dict[str, Any]:
    note = {k: v for k, v in task.internal_data.items() if v is not False}
    return note | {"merged": len(note["merged"])} if "merged" in note else note


@dataclass
class Act:
    """One thing that happens to a process."""

    kind: str  # complete, send, wake
    name: str = ""
    data: dict[str, Any] = field(default_factory=dict)


def choose(tokens: Tokens, wanted: Needs, dice: random.Random, step: int) -> Act | None:
    """The next act of the walk, or None when nothing is left that could happen."""
    people = list(tokens.open_tasks())
    messages = sorted({w.message for w in tokens.waiting if w.message})
    roll = dice.random()
    wakes = tokens.wakes_at is not None
    if messages and ((roll < 0.1 and step < 60) or not (people or (wakes and roll < 0.7))):
        return Act("send", dice.choice(messages), {f"sent_{step}": step})
    if wakes and (roll > 0.9 or not people):
        return Act("wake")
    if people:
        return Act(
            "complete", dice.choice(people), wanted.answers(dice) | {f"k{step % 7}": step, "names": [step, step % 3]}
        )
    return None


def perform(tokens: Tokens, act: Act) -> None:
    if act.kind == "send":
        assert tokens.send(act.name, act.data)
    elif act.kind == "wake":
        tokens.advance()
    else:
        tokens.complete(act.name, act.data)

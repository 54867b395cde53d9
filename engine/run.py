"""One engine step under the process lock: restore, act, advance until nothing moves, save, all in the caller's unit."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from engine.maps import Map, Node, read_map
from engine.post import tell_watchers
from engine.steps import STEPS, Case
from engine.tokens import OpenTask, Tokens
from models import process as rows
from models.calendar import load_calendar
from models.definition import definition_xml, newest_definitions
from models.expression import compile_expression
from models.process import Item, Running
from models.refusal import NotFound, Outdated
from models.texts import N_
from models.unit import Unit


def map_of(unit: Unit, definition_id: int) -> Map:
    """The map of a published version; versions never change, so each is read once per database and process."""
    known: dict[int, Map] = unit.session.info["memory"].setdefault("maps", {})
    if definition_id not in known:
        known[definition_id] = read_map(definition_xml(unit.session, definition_id))
    return known[definition_id]


def newest_maps(unit: Unit) -> list[Map]:
    """The maps in force: the newest version of each."""
    return [map_of(unit, each) for each in newest_definitions(unit.session)]


@dataclass
class Run:
    """A process restored under its lock. Thrown away with the unit on any exception."""

    unit: Unit
    process: Running
    map: Map
    tokens: Tokens
    answers: Mapping[str, Any]
    item: Item | None

    def advance(self) -> None:
        """Run automatic steps and due timers until only people, or time, can move the process."""
        self.tokens.advance()


def restore(unit: Unit, process: Running | None, *, item: Item | None = None) -> Run:
    """The process of this locked row, ready to act on; raises NotFound or Outdated when it cannot be acted on."""
    if process is None:
        raise NotFound(N_("没有找到这个流程。"))
    if process.status == "suspended":
        raise Outdated(N_("“%(title)s”已挂起，恢复后才能办理。"), title=process.title)
    if process.status not in ("running", "incident"):
        raise Outdated(N_("“%(title)s”已结束。"), title=process.title)
    run = Run(unit, process, map_of(unit, process.definition_id), None, {}, item)  # type: ignore[arg-type]
    run.tokens = Tokens.load(run.map, process.state, unit.now, step_runner(run))
    return run


def step_runner(run: Run) -> Callable[[str, Node, Mapping[str, Any]], Mapping[str, Any] | None]:
    """Calls registered steps for this run; an unknown name is a bug of the linter and raises KeyError."""

    def call(word: str, node: Node, data: Mapping[str, Any]) -> Mapping[str, Any] | None:
        return STEPS[word](run.unit, case_of(run, node, data))

    return call


def case_of(run: Run, node: Node, data: Mapping[str, Any]) -> Case:
    """What a step at this node is told."""
    process, item = run.process, run.item
    return Case(
        process_id=process.id,
        process_key=process.key,
        project_id=process.project_id,
        business_key=process.business_key,
        parent_id=process.parent_id,
        organ_id=process.organ_id,
        title=process.title,
        node=node.id,
        node_name=node.name,
        data=data,
        answers=run.answers,
        item_id=item.id if item else None,
        item_organ_id=item.organ_id if item else None,
        item_due_at=item.due_at if item else None,
    )


def save(run: Run, before: Mapping[str, OpenTask], *, done_token: str | None = None, **extra: Any) -> list[int]:
    """Write the new state, open new items, close those the process took back; returns the ids of new items.

    Raises Outdated when the row moved although we hold its lock, which only a broken lock can cause.
    """
    after = run.tokens.open_tasks()
    gone = [token for token in before if token not in after and token != done_token]
    unit, process = run.unit, run.process
    if gone:
        cancelled = rows.cancel_items(unit.session, process.id, gone, unit.now, "流程已转入其他环节")
        tell(unit, "cancelled", process, cancelled)
        tell_watchers(unit, cancelled)
    new = [item_row(run, after[token]) for token in after if token not in before]
    rows.insert_passages(unit.session, process.id, [(p.node, p.event) for p in run.tokens.passages], unit.now)
    ended = run.tokens.completed
    moved = rows.update_process(
        unit.session,
        process.id,
        process.revision,
        state=run.tokens.dump(),
        wakes_at=run.tokens.wakes_at,
        status="done" if ended else "running",
        ended_at=unit.now if ended else None,
        **extra,
    )
    if not moved:
        raise Outdated(N_("“%(title)s”刚刚有了变化，请刷新后再办。"), title=process.title)
    made = rows.insert_items(unit.session, new)
    tell(unit, "opened", process, made)
    return made


def tell(unit: Unit, what: str, process: Running, item_ids: list[int]) -> None:
    """One envelope per step: whoever holds the items is told after the commit, not within it."""
    if item_ids:
        unit.post("tell", f"{what}:{process.id}:{item_ids[0]}:{process.revision}", {"what": what, "items": item_ids})


def item_row(run: Run, task: OpenTask) -> dict[str, Any]:
    """The work item of a newly opened user task; organ, helper and deadline come from the map's expressions."""
    node = run.map.nodes[task.node]
    data = task.data
    return {
        "process_id": run.process.id,
        "project_id": run.process.project_id,
        "token": task.token,
        "node": node.id,
        "name": node.name[:120],
        "form": node.form,
        "role": node.role,
        "organ_id": int(value_of(node.organ, data)),
        "helper_organ_id": helper_of(node, data),
        "created_at": run.unit.now,
        "due_at": deadline_of(run.unit, node, data),
    }


@lru_cache(maxsize=256)
def asked_names(drawn: Map) -> frozenset[str]:
    """The names a map's expressions use: an answer with such a name is a decision and joins the token's data."""
    expressions = [flow.condition for flow in drawn.flows]
    for node in drawn.nodes.values():
        expressions += [node.organ, node.working_days, node.properties.get("due"), node.items]
    return frozenset().union(*(compile_expression(text).names for text in expressions if text))


def value_of(expression: str | None, data: Mapping[str, Any]) -> Any:
    """The value of a map's expression over decision variables."""
    assert expression is not None, "the linter refuses a task without it"
    return compile_expression(expression).value(data)


def helper_of(node: Node, data: Mapping[str, Any]) -> int | None:
    """The organ that helps with this task, when the map names one rather than a sentence."""
    if not node.helps or not node.helps.isidentifier():
        return None
    helper = data.get(node.helps)
    return int(helper) if isinstance(helper, int) else None


def deadline_of(unit: Unit, node: Node, data: Mapping[str, Any]) -> datetime | None:
    """The end of the last working day of the task's budget, or the moment its `due` names."""
    if due := node.properties.get("due"):
        return datetime.fromisoformat(value_of(due, data))
    if not node.working_days:
        return None
    return load_calendar(unit.session).due_moment(unit.now, int(value_of(node.working_days, data)))

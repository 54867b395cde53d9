"""The one place where SpiffWorkflow 3.2.0 is bent: lean state changes, our workflow classes, no clock, no scripts."""

# ruff: noqa: SLF001 - a task's state and place are private names of SpiffWorkflow; only engine/ touches them

import itertools
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from SpiffWorkflow import task as spiff_task
from SpiffWorkflow.bpmn.specs.mixins.events.intermediate_event import BoundaryEvent
from SpiffWorkflow.bpmn.specs.mixins.subworkflow_task import SubWorkflowTask
from SpiffWorkflow.bpmn.specs.mixins.unstructured_join import UnstructuredJoin
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.script import EXPRESSIONS
from engine.timers import Due

if TYPE_CHECKING:
    from engine.maps import Map, Node

KNOWN = "3.2.0"
HUMAN = frozenset({"userTask", "manualTask", "task"})  # kinds a person completes; their trace is the work item

RunStep = Callable[[str, "Node", dict[str, Any]], Mapping[str, Any] | None]

ticks = itertools.count(
    1
)  # orders state changes; Spiff sorts by it at joins, so a counter is exact where a clock is not


def _set_state(task: Any, value: int) -> None:
    """Replaces Task._set_state: same effect without building log records nobody reads, and it notes the passages."""
    before = task._state
    if value != before:
        task.last_state_change = next(ticks)
        task._state = value
        if task.task_spec.bpmn_id is not None:
            note = getattr(task.workflow.top_workflow, "note", None)
            if note is not None:
                note(task, before, value)


def _bend() -> None:
    """Refuse any other version (this file was written against the source of one), then put the lean state change in."""
    found = version("SpiffWorkflow")
    if found != KNOWN:
        raise ImportError(
            f"SpiffWorkflow {KNOWN} is needed, found {found}: re-read engine/spiff.py against the new source first"
        )
    Task._set_state = _set_state
    # Random ids cost more than the tasks they name; beyond those that the codec gives out, a counter is as unique.
    spiff_task.uuid4 = itertools.count(2**40).__next__
    for name in ("spiff", "spiff.task", "spiff.workflow", "spiff.data"):
        logging.getLogger(name).setLevel(logging.WARNING)  # below WARNING Spiff lists every task for every record


_bend()


def place(task: Any) -> tuple[int, ...]:
    """Where a task stands in the whole tree, sub-processes included; sorting by it gives the order of the drawing."""
    steps: list[int] = []
    while True:
        parent = task.parent
        if parent is not None:
            steps.append(parent._children.index(task.id))
            task = parent
        elif task.workflow.parent_task_id is not None:
            steps.append(-1)
            task = task.workflow.top_workflow.get_task_from_id(task.workflow.parent_task_id)
        else:
            return tuple(reversed(steps))


def around(task: Any) -> Iterator[Any]:
    """What a task hangs on, innermost first: its ancestors, then those of the sub-process it stands in, and so on."""
    while True:
        parent = task.parent
        if parent is None:
            owner = task.workflow.parent_task_id
            if owner is None:
                return
            parent = task.workflow.top_workflow.get_task_from_id(owner)
        yield parent
        task = parent


def in_order(tasks: Iterable[Any]) -> list[Any]:
    """The tasks in the order of the tree, so that a loaded process goes on exactly like one kept in memory."""
    found = list(tasks)
    return sorted(found, key=place) if len(found) > 1 else found


class _Lean:
    """What both workflow classes do cheaper than Spiff's, with the same effect."""

    tasks: dict[Any, Any]

    def update_waiting_tasks(self) -> None:
        """Look again at everything that waits (joins, events), without walking the whole tree."""
        waiting = in_order(t for t in self.tasks.values() if t._state == TaskState.WAITING)
        for task in waiting:
            if task._state == TaskState.WAITING and task.id in self.tasks:
                task.task_spec._update(task)

    def collect_log_extras(self, dct: dict[str, Any] | None = None) -> dict[str, Any]:
        """Nothing: no log of Spiff's is kept."""
        return dct or {}


class Part(_Lean, BpmnSubWorkflow):
    """One running sub-process."""


class Running(_Lean, BpmnWorkflow):
    """One running process: Spiff's workflow with our map, the unit's moment and the way to run a step."""

    def __init__(self, drawn: "Map", now: datetime, run_step: RunStep, *, loading: bool = False) -> None:
        self.map = drawn
        self.now = now
        self.run_step = run_step
        self.passages: list[tuple[str, str]] = []
        self.at: str | None = None
        self.serial = 0
        super().__init__(drawn.spec, drawn.subprocess_specs, script_engine=EXPRESSIONS, deserializing=loading)

    def create_subprocess(self, my_task: Any, spec_name: str) -> Part:
        """Spiff calls this when a sub-process is entered, just before its own start event runs."""
        if not my_task.triggered:
            self.passages.append((my_task.task_spec.bpmn_id, "entered"))
        part = Part(self.subprocess_specs[spec_name], parent_task_id=my_task.id, top_workflow=self)
        self.subprocesses[my_task.id] = part
        return part

    def get_task_from_id(self, task_id: Any) -> Any:
        """The task with that id in any living part."""
        if task_id in self.tasks:
            return self.tasks[task_id]
        for part in self.subprocesses.values():
            if task_id in part.tasks:
                return part.tasks[task_id]
        return super().get_task_from_id(task_id)

    def parts(self) -> list[Any]:
        """The process and its running sub-processes, innermost first."""
        running = [p for p in self.subprocesses.values() if not p.completed]
        running.sort(key=lambda p: p.depth, reverse=True)
        return [*running, self]

    def refresh_timers(self) -> None:
        """Fire the earliest timer that is due by now, if any; one at a time, so that two of a stage never both fire."""
        armed = [(Due.moment(task), task) for task in self.event_manager.tasks.values()]
        due = [(moment, place(task), task) for moment, task in armed if moment is not None and moment <= self.now]
        if due:
            first = min(due, key=lambda found: found[:2])[2]
            first.internal_data["event_fired"] = True
            first.task_spec._update(first)

    def note(self, task: Any, before: int, after: int) -> None:
        """Remember that a token entered or left a node nobody works on, or was taken away from it."""
        spec, node = task.task_spec, task.task_spec.bpmn_id
        if task.triggered or self.map.nodes[node].kind in HUMAN:
            return
        # an armed event and a join that still gathers have been reached by nobody yet
        first = TaskState.READY if isinstance(spec, BoundaryEvent | UnstructuredJoin) else TaskState.WAITING
        if after == TaskState.COMPLETED:
            self.passages.append((node, "left"))
        elif after == TaskState.CANCELLED:
            if before >= first:
                self.passages.append((node, "cancelled"))
        elif before < first <= after and not isinstance(spec, SubWorkflowTask):
            self.passages.append((node, "entered"))

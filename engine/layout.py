"""How the codec sees one spec: a stable number for each task spec, and what Spiff will ask of finished tasks."""

# ruff: noqa: SLF001 - a task's state and place are private names of SpiffWorkflow; only engine/ touches them

from typing import Any

from SpiffWorkflow.bpmn.specs.control import EventSplit
from SpiffWorkflow.bpmn.specs.mixins.events.event_types import CatchingEvent
from SpiffWorkflow.bpmn.specs.mixins.multiinstance_task import LoopTask
from SpiffWorkflow.bpmn.specs.mixins.unstructured_join import UnstructuredJoin
from SpiffWorkflow.specs.MultiChoice import MultiChoice
from SpiffWorkflow.util.task import TaskState

STATES = (
    TaskState.MAYBE, TaskState.LIKELY, TaskState.FUTURE, TaskState.WAITING, TaskState.READY,
    TaskState.STARTED, TaskState.COMPLETED, TaskState.ERROR, TaskState.CANCELLED,
)  # fmt: skip
CODE_OF = {state: code for code, state in enumerate(STATES)}

Kids = tuple[tuple[Any, int], ...]


class Layout:
    """Numbers and groups the task specs of one (sub-)process; made once per map, used by every instance."""

    def __init__(self, spec: Any) -> None:
        self.specs = [spec.task_specs[name] for name in sorted(spec.task_specs)]
        self.number = {one: index for index, one in enumerate(self.specs)}
        self.instances = {spec.task_specs[one.task_spec] for one in self.specs if isinstance(one, LoopTask)}
        self.joins = {one for one in self.specs if isinstance(one, UnstructuredJoin)}
        self.catching = {one for one in self.specs if isinstance(one, CatchingEvent)}
        self.end = spec.end
        self.expected: dict[tuple[Any, int], Kids] = {
            (one, state): _expected(one, state)
            for one in self.specs
            for state in STATES
            if not state & TaskState.FINISHED_MASK
        }


def _expected(spec: Any, state: int) -> Kids:
    """The children Spiff predicts under an unfinished task (its _predict_hook), so that they need not be stored."""
    definite = bool(state & TaskState.DEFINITE_MASK)
    best = TaskState.FUTURE if definite else state
    if isinstance(spec, EventSplit):
        return tuple((one, TaskState.MAYBE if isinstance(one, spec.event_type) else best) for one in spec.outputs)
    if isinstance(spec, MultiChoice):
        known = spec._wf_spec.task_specs
        likely = TaskState.MAYBE if state == TaskState.MAYBE else TaskState.LIKELY
        plain = [(known[name], likely) for condition, name in spec.cond_task_specs if condition is None]
        maybe = [(known[name], TaskState.MAYBE) for condition, name in spec.cond_task_specs if condition is not None]
        return (*plain, *maybe)
    return tuple((one, best) for one in spec.outputs)

"""Gateways and the end of a (sub-)process, which count the tokens that have really arrived.

Spiff 3.2.0 lets tokens of an earlier round count again: in a loop, a join fires before everyone has answered as soon
as they answer in another order than the round before; and a second token through a fork throws away the branches
of the first. Here a join uses up what has arrived when it fires, and looks at nothing else. The end join, which Spiff
lets pile up one task for every branch that ever ended, keeps their data in one place instead.
"""

# ruff: noqa: SLF001 - a task's state and place are private names of SpiffWorkflow; only engine/ touches them

from typing import Any

from SpiffWorkflow.bpmn.exceptions import WorkflowTaskException
from SpiffWorkflow.bpmn.specs.control import _EndJoin
from SpiffWorkflow.bpmn.specs.defaults import InclusiveGateway, ParallelGateway
from SpiffWorkflow.bpmn.specs.mixins.events.intermediate_event import BoundaryEvent
from SpiffWorkflow.util.deep_merge import DeepMerge
from SpiffWorkflow.util.task import TaskState

HERE = TaskState.WAITING | TaskState.READY | TaskState.STARTED


class Gather:
    """What both gateways share. An arrival is a task of the gateway that waits, or was put aside for a later one."""

    inputs: list[Any]
    ways_in: dict[Any, frozenset[Any]]  # by input: every spec from which a token can reach it without passing here
    loops_back: frozenset[Any]  # inputs that can only be reached through this very gateway

    def look_around(self) -> None:
        """Note once, after parsing, how tokens can come here; the spec is not changed later."""
        self.ways_in = {one: _upstream(one, self) for one in self.inputs}
        start = self._wf_spec.start  # type: ignore[attr-defined]
        self.loops_back = frozenset(one for one, ways in self.ways_in.items() if start not in ways)

    def arrivals(self, my_task: Any) -> dict[Any, Any]:
        """The earliest arrival through each input, my_task for its own."""
        mine = my_task.parent.task_spec
        aside = [
            t for t in my_task.workflow.tasks.values()
            if t.task_spec is self and t is not my_task and t._state in (TaskState.WAITING, TaskState.CANCELLED)
        ]  # fmt: skip
        found = {mine: my_task}
        for task in sorted(aside, key=lambda t: t.last_state_change):
            found.setdefault(task.parent.task_spec, task)
        return found

    def take(self, my_task: Any) -> None:
        """Use up the arrivals: merge the data of their branches, earliest first and my own last, and forget them."""
        used = [task for task in self.arrivals(my_task).values() if task is not my_task]
        for task in sorted(used, key=lambda t: t.last_state_change):
            DeepMerge.merge(my_task.data, task.parent.data)
            my_task.workflow._remove_task(task.id)
        my_task._inherit_data()


class JoinAll(Gather, ParallelGateway):
    """A parallel gateway: fires when a token has arrived through every input."""

    def _check_threshold_unstructured(self, my_task: Any) -> bool:
        arrived = set(self.arrivals(my_task))
        return bool(arrived & self.loops_back) or arrived >= set(self.inputs) - self.loops_back

    def _run_hook(self, my_task: Any) -> bool:
        self.take(my_task)
        return True


class JoinSome(Gather, InclusiveGateway):
    """An inclusive gateway: fires when no token elsewhere can still come in through an input that is empty."""

    def _check_threshold_unstructured(self, my_task: Any) -> bool:
        arrived = self.arrivals(my_task)
        coming = {t.task_spec for t in my_task.workflow.tasks.values() if self._is_token(t)}
        return not any(coming & ways for one, ways in self.ways_in.items() if one not in arrived)

    def _is_token(self, task: Any) -> bool:
        """Whether a token stands on the task or has just been sent there; an armed event has none."""
        spec = task.task_spec
        if spec is self or (task._state == TaskState.WAITING and isinstance(spec, BoundaryEvent)):
            return False
        sent = task._state == TaskState.FUTURE and task.parent is not None and task.parent._state == TaskState.COMPLETED
        return sent or bool(task._state & HERE)

    def _run_hook(self, my_task: Any) -> bool:
        self.take(my_task)
        matches, defaults = self._get_matching_outputs(my_task)
        if not matches and not defaults:
            raise WorkflowTaskException("no condition of the gateway holds and it has no default flow", task=my_task)
        my_task._sync_children(matches or defaults, TaskState.FUTURE)
        for child in my_task.children:
            child.task_spec._predict(child, mask=TaskState.FUTURE | TaskState.PREDICTED_MASK)
        return True


class LastArrival(_EndJoin):
    """Where all branches of a (sub-)process end; fires when no other token is left.

    The data of branches that ended earlier are merged, in that order, in the data of the (sub-)process.
    """

    def _update_hook(self, my_task: Any) -> bool:
        flow = my_task.workflow
        earlier = [
            t for t in flow.tasks.values()
            if t.task_spec is self and t is not my_task and t._state == TaskState.WAITING
        ]  # fmt: skip
        for task in earlier:
            DeepMerge.merge(flow.data, task.parent.data)
            flow._remove_task(task.id)
        return bool(super()._update_hook(my_task))

    def _run_hook(self, my_task: Any) -> bool:
        flow = my_task.workflow
        my_task.data = DeepMerge.merge(DeepMerge.merge({}, flow.data), my_task.parent.data)
        flow.data.update(my_task.data)
        return True


def _upstream(spec: Any, gateway: Any) -> frozenset[Any]:
    """The spec and all specs from which a token can come to it without passing the gateway."""
    seen, todo = {spec}, [spec]
    while todo:
        for before in todo.pop().inputs:
            if before is not gateway and before not in seen:
                seen.add(before)
                todo.append(before)
    return frozenset(seen)

"""Decides which finished tasks of a (sub-)process still matter, so that an old process is as small as a new one.

Spiff looks back at finished tasks in these places only (3.2.0, read one by one):
- the join of a boundary event looks for its split above and at the split's children (BoundaryEventJoin); until it
  fires, the split is the parent of the unfinished activity and of every event that still counts;
- a gateway looks at arrivals put aside for a later one and takes their parents' data when it fires (gateways.py);
- an unfinished task takes data from its parent (Task._inherit_data); with its own data stored that changes
  nothing, except at joins, which take it only when they fire.
Everything else finished is left out and its children are hung on the nearest ancestor that stays.
"""

# ruff: noqa: SLF001 - a task's state and place are private names of SpiffWorkflow; only engine/ touches them

from typing import Any

from SpiffWorkflow.util.task import TaskState

from engine.layout import Layout


class Kept:
    """What stays of one task tree."""

    def __init__(self, flow: Any, layout: Layout) -> None:
        self.tasks = flow.tasks
        self.layout = layout
        self.root = flow.task_tree
        self.stays: set[Any] = {flow.task_tree.id}
        self.givers: set[Any] = set()  # finished tasks whose data a join will still take
        live = [t for t in self.tasks.values() if not t._state & TaskState.FINISHED_MASK]
        for task in live:
            self._keep_for(task)
        if live:
            for task in self.tasks.values():
                if task._state == TaskState.CANCELLED and task.task_spec in layout.joins:
                    self.stays |= {task.id, task._parent}
                    self.givers.add(task._parent)

    def _keep_for(self, task: Any) -> None:
        """Keep what an unfinished task will look back at."""
        parent = self.tasks.get(task._parent)
        spec = task.task_spec
        if parent is not None and parent._state & TaskState.FINISHED_MASK:
            self.stays.add(parent.id)
            if spec in self.layout.joins:
                self.givers.add(parent.id)

    def children(self, task: Any) -> list[Any]:
        """The children a task has once everything that no longer matters is left out, in the order of the tree."""
        if not task._state & TaskState.FINISHED_MASK:
            if not task._children:
                return []
            return [self.tasks[i] for i in task._children if self._here(self.tasks[i])]
        found: list[Any] = []
        todo = [self.tasks[i] for i in reversed(task._children)]
        while todo:
            child = todo.pop()
            if self._here(child):
                found.append(child)
            else:
                todo.extend(self.tasks[i] for i in reversed(child._children))
        return found

    def _here(self, task: Any) -> bool:
        return not task._state & TaskState.FINISHED_MASK or task.id in self.stays

    def needs_data(self, task: Any) -> bool:
        """Whether anything will still read the task's data."""
        return not task._state & TaskState.FINISHED_MASK or task.id in self.givers

"""One running process in memory: start or load it, do one thing, dump it; throw it away on any exception."""

# ruff: noqa: SLF001 - a task's state and place are private names of SpiffWorkflow; only engine/ touches them

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from SpiffWorkflow.bpmn.specs.mixins.multiinstance_task import MultiInstanceTask
from SpiffWorkflow.bpmn.util.event import BpmnEvent
from SpiffWorkflow.spiff.specs.event_definitions import MessageEventDefinition
from SpiffWorkflow.util.task import TaskState

from engine import codec
from engine.maps import Map
from engine.spiff import Running, RunStep, around, in_order
from engine.timers import Due
from models.refusal import Outdated
from models.saying import Saying
from models.texts import N_

MOST_STEPS = 3_000  # engine steps in one advance (about 2 s); a map that needs more goes round in circles
TOKEN = "token"  # noqa: S105 - the key under which a human task keeps its public name
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


class TokenGone(Outdated):
    """待办已不在。 Completed, cancelled or never there; nothing was changed."""

    def __init__(self, token: str) -> None:
        super().__init__(N_("该待办已办理或已取消，请刷新页面"))
        self.token = token


class RunawayError(Saying):
    """流程空转。 The map goes round without ever waiting for anybody; the process is left as it was stored."""


@dataclass(frozen=True, slots=True)
class OpenTask:
    """A task that waits for a person. `data` is a copy; `item` is the entry of the list it was opened for."""

    token: str
    node: str
    data: Mapping[str, Any]
    item: Any = None


@dataclass(frozen=True, slots=True)
class Passage:
    """A token "entered" or "left" a node nobody works on or a sub-process, or was "cancelled" in it."""

    node: str
    event: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message or timer the process waits for."""

    node: str
    message: str | None
    due_at: datetime | None


class Tokens:
    """A process between two rests.

    `start`, `complete`, `send` and `advance` go on until only people, messages and later moments are awaited.
    Nothing here reads a clock or a database.
    """

    def __init__(self, running: Running) -> None:
        self._running = running
        self.map: Map = running.map

    @classmethod
    def start(cls, drawn: Map, data: Mapping[str, Any], now: datetime, run_step: RunStep) -> Self:
        """A new process, gone as far as it goes without anybody; `data` are its first variables (plain JSON)."""
        running = Running(drawn, now, run_step)
        running.task_tree.data.update(data)
        tokens = cls(running)
        tokens.advance()
        return tokens

    @classmethod
    def load(cls, drawn: Map, state: bytes, now: datetime, run_step: RunStep) -> Self:
        """The process as it was dumped; `drawn` must be the version it was started on. Raises StateError."""
        running = Running(drawn, now, run_step, loading=True)
        codec.load(state, running)
        return cls(running)

    def dump(self) -> bytes:
        """The whole state, to be loaded again with the same map."""
        return codec.dump(self._running)

    def open_tasks(self) -> dict[str, OpenTask]:
        """What waits for people, by token, oldest first; tokens are unique within the process and survive a dump."""
        return {task.internal_data[TOKEN]: _open(task) for task in self._ready_tasks()}

    def complete(self, token: str, decisions: Mapping[str, Any]) -> None:
        """Finish a task, merge the decision variables into its data and go on; raises TokenGone."""
        task = next((t for t in self._ready_tasks() if t.internal_data[TOKEN] == token), None)
        if task is None:
            raise TokenGone(token)
        task.data.update(decisions)
        self._running.at = task.task_spec.bpmn_id
        task.run()
        self.advance()

    def waits_for(self, message: str) -> bool:
        """Whether any event of the process waits for a message of that name now."""
        return bool(self._listeners(message))

    def send(self, message: str, data: Mapping[str, Any]) -> bool:
        """Deliver a message to all who wait for it and go on; False when nobody waits.

        `data` is merged into the data of the branch that begins at the catching event. That branch starts from the
        data the interrupted sub-process was entered with: what was decided inside it is not there.
        """
        listeners = self._listeners(message)
        event = BpmnEvent(MessageEventDefinition(message), payload={})
        for task in listeners:
            task.task_spec.catch(task, event)
            task.internal_data.pop(message, None)
            task.task_spec._update(task)
            task.data.update(data)  # after the update, which takes the parent's data over what is there
        if listeners:
            self.advance()
        return bool(listeners)

    def advance(self) -> None:
        """Fire timers that are due and run everything that needs nobody, until nothing moves.

        Raises RunawayError, and whatever a step or an expression raises (`at` then names the node).
        """
        running, steps = self._running, 0
        while True:
            running.refresh_timers()
            before = steps
            while (moved := self._run_ready(MOST_STEPS - steps)) > 0:
                steps += moved
            if steps == before:
                break
        running.bpmn_events.clear()
        self._name_tasks()

    @property
    def at(self) -> str | None:
        """The node being run or run last; where an exception came from."""
        return self._running.at

    @property
    def wakes_at(self) -> datetime | None:
        """The earliest moment (UTC) a waiting timer is due, or None."""
        return min((w.due_at for w in self.waiting if w.due_at is not None), default=None)

    @property
    def waiting(self) -> list[Waiting]:
        """Messages and timers awaited, in the order of the tree."""
        return [
            Waiting(t.task_spec.bpmn_id, getattr(_message(t), "name", None), Due.moment(t))
            for t in in_order(self._running.event_manager.tasks.values())
        ]

    def shift_timers(self, delta: timedelta) -> None:
        """Move every waiting timer, for example by the time a process was suspended. Fires nothing."""
        for task in self._running.event_manager.tasks.values():
            Due.shift(task, delta)

    def postpone(self, token: str, name: str, due_at: datetime) -> None:
        """Another moment in the variable an open task's deadline is read from, and for the timers that watch it.

        Only timers on the task itself and on the sub-processes it stands in move; others keep theirs. What hangs beside
        such a timer learns the new moment too, because a branch that opens later starts from that data. Fires nothing.
        """
        task = next(t for t in self._ready_tasks() if t.internal_data[TOKEN] == token)
        learning = [task]
        for split in around(task):
            beside = [t for t in split.children if t._state & TaskState.NOT_FINISHED_MASK]
            timers = [t for t in beside if t._state == TaskState.WAITING and Due.watches(t, name)]
            for timer in timers:
                Due.move(timer, due_at)
            learning += [split, *beside] if timers else []
        for each in learning:
            if name in each.data:
                each.data[name] = due_at.isoformat()

    @property
    def completed(self) -> bool:
        """Whether the process has ended."""
        running = self._running
        return running.completed or not any(t._state & TaskState.NOT_FINISHED_MASK for t in running.tasks.values())

    @property
    def outcome(self) -> dict[str, Any]:
        """The variables a completed process ended with; empty while it runs."""
        return dict(self._running.data) if self.completed else {}

    @property
    def passages(self) -> list[Passage]:
        """What happened at nodes nobody works on since start or load, in order.

        A fired timer or caught message is its event's "entered" and "left"; a sub-process is entered, and left or
        cancelled.
        """
        return [Passage(node, event) for node, event in self._running.passages]

    def _ready_tasks(self) -> list[Any]:
        """Human tasks that are ready, oldest first."""
        found = [
            t for part in self._running.parts() for t in part.tasks.values()
            if t._state == TaskState.READY and t.task_spec.manual
        ]  # fmt: skip
        return sorted(found, key=lambda t: _age(t.internal_data.get(TOKEN)))

    def _run_ready(self, most: int) -> int:
        """Run once what is ready and needs nobody, innermost first; how many were run.

        The order is that of Spiff's own do_engine_steps, but a task taken away by an earlier one is not run.
        """
        count = 0
        for part in self._running.parts():
            ready = in_order(t for t in part.tasks.values() if t._state == TaskState.READY and not t.task_spec.manual)
            for task in ready:
                if task._state != TaskState.READY or task.id not in part.tasks:
                    continue
                count += 1
                if count > most:
                    raise RunawayError(
                        N_("流程“%(key)s”在“%(node)s”附近空转，没有停下来等人"), key=self.map.key, node=self.at
                    )
                self._running.at = task.task_spec.bpmn_id or self._running.at
                task.run()
        return count

    def _name_tasks(self) -> None:
        """Give every newly opened human task its token: the moment it opened and a running number, in base 36.

        The moment keeps tokens apart when an earlier state is brought back and the process goes on from there.
        """
        new = in_order(t for t in self._ready_tasks() if TOKEN not in t.internal_data)
        for task in new:
            self._running.serial += 1
            task.internal_data[TOKEN] = f"{_base36(int(self._running.now.timestamp()))}-{_base36(self._running.serial)}"

    def _listeners(self, message: str) -> list[Any]:
        return in_order(
            t for t in self._running.event_manager.tasks.values()
            if t._state == TaskState.WAITING and getattr(_message(t), "name", None) == message
        )  # fmt: skip


def _message(task: Any) -> Any:
    definition = task.task_spec.event_definition
    return definition if isinstance(definition, MessageEventDefinition) else None


def _open(task: Any) -> OpenTask:
    parent = task.parent.task_spec
    item = parent.input_item if isinstance(parent, MultiInstanceTask) else None
    value = None if item is None else task.data.get(item.bpmn_id)
    return OpenTask(task.internal_data[TOKEN], task.task_spec.bpmn_id, dict(task.data), value)


def _base36(number: int) -> str:
    digits = ""
    while number or not digits:
        number, digit = divmod(number, 36)
        digits = DIGITS[digit] + digits
    return digits


def _age(token: str | None) -> int:
    """The running number in a token; tasks without one are the newest."""
    return int(token.rpartition("-")[2], 36) if token else 1 << 62

"""Packs a running process into about half a kilobyte and back, without its spec, its past or its predictions.

Format 1: one version byte, four bytes of the map's hash, then
zstd(msgpack([serial, heads, kids, refs, notes, dicts, ranks, extras])).
A task is one byte in `heads`: how its children are written (none, as Spiff predicts them, or listed in `kids`
as count and (spec, state) pairs) and which of data (`refs` into `dicts`), internal data (`notes`) and
sub-process it has. Tasks stand in tree order; sub-processes follow in the order of their owners.
"""

# ruff: noqa: SLF001 - a task's state and place are private names of SpiffWorkflow; only engine/ touches them

import threading
from collections import deque
from typing import Any

import msgpack  # type: ignore[import-untyped]
import zstandard
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.history import Kept
from engine.layout import CODE_OF, STATES, Layout
from engine.spiff import Part, Running, ticks

VERSION = 1
LARGEST = 8 * 1024 * 1024  # bytes a state may unpack to
NONE, PREDICTED, LISTED, KIDS = 0, 1, 2, 3
DATA, NOTE, PART = 4, 8, 16

_local = threading.local()  # zstd contexts are not to be shared between threads


class StateError(Exception):
    """The stored state is of another format, damaged, or belongs to another map."""


def dump(running: Running) -> bytes:
    """The whole state as bytes; only plain JSON types may stand in the data (TypeError otherwise)."""
    packed: bytes = _compressor().compress(msgpack.packb(_Writer(running).write(), strict_types=True))
    return _mark(running) + packed


def load(state: bytes, running: Running) -> None:
    """Fill a new Running (made with loading=True) with the tasks of a stored state; raises StateError."""
    mark = _mark(running)
    if state[: len(mark)] != mark:
        raise StateError(f"state {state[: len(mark)].hex()} is not of format and map {mark.hex()}")
    try:
        packed = _decompressor().decompress(state[len(mark) :], max_output_size=LARGEST)
        _Reader(running, msgpack.unpackb(packed, strict_map_key=False)).read()
    except (zstandard.ZstdError, ValueError, IndexError, KeyError, TypeError) as problem:
        raise StateError(f"state of {running.map.key} cannot be read: {problem}") from problem


def _mark(running: Running) -> bytes:
    return bytes((VERSION,)) + bytes.fromhex(running.map.hash[:8])


def _compressor() -> Any:
    if not hasattr(_local, "compressor"):
        _local.compressor = zstandard.ZstdCompressor(
            compression_params=zstandard.ZstdCompressionParameters.from_level(
                9, source_size=2048, format=zstandard.FORMAT_ZSTD1_MAGICLESS
            )
        )
    return _local.compressor


def _decompressor() -> Any:
    if not hasattr(_local, "decompressor"):
        _local.decompressor = zstandard.ZstdDecompressor(format=zstandard.FORMAT_ZSTD1_MAGICLESS)
    return _local.decompressor


class _Writer:
    def __init__(self, running: Running) -> None:
        self.running = running
        self.heads = bytearray()
        self.kids: list[int] = []
        self.refs: list[int] = []
        self.notes: list[dict[str, Any]] = []
        self.dicts: dict[bytes, int] = {}
        self.times: list[int] = []
        self.extras: dict[int, Any] = {}

    def write(self) -> list[Any]:
        flows = deque([self.running])
        index = 0
        while flows:
            flow = flows.popleft()
            self._extra(index, flow)
            self._tree(flow, flows)
            index += 1
        order = sorted(range(len(self.times)), key=self.times.__getitem__)
        ranks = [] if order == list(range(len(order))) else order
        return [
            self.running.serial, bytes(self.heads), self.kids, self.refs,
            self.notes, list(self.dicts), ranks, self.extras,
        ]  # fmt: skip

    def _extra(self, index: int, flow: Any) -> None:
        """What a (sub-)workflow itself holds, when it is not as at its start."""
        if flow.data or flow.correlations or flow.completed or not flow.success:
            self.extras[index] = [flow.data, flow.correlations, flow.completed, flow.success]

    def _tree(self, flow: Any, flows: deque[Any]) -> None:
        layout = self.running.map.layouts[flow.spec.name]
        kept = Kept(flow, layout)
        parts = self.running.subprocesses
        todo = [flow.task_tree]
        while todo:
            task = todo.pop()
            state = task._state
            children = kept.children(task)
            head = self._children(task, children, layout)
            if kept.needs_data(task) and task.data:
                head |= DATA
                self.refs.append(self._ref(task.data))
            if not state & TaskState.FINISHED_MASK:
                note = _note(task)
                if note:
                    head |= NOTE
                    self.notes.append(note)
                if state & TaskState.DEFINITE_MASK and task.id in parts:
                    head |= PART
                    flows.append(parts[task.id])
            elif task.task_spec in layout.joins:
                self.times.append(task.last_state_change)
            self.heads.append(head)
            todo.extend(reversed(children))

    def _children(self, task: Any, children: list[Any], layout: Layout) -> int:
        """Which way the children are written; lists them if Spiff would not predict just these."""
        if not children:
            return NONE
        pairs = tuple((child.task_spec, child._state) for child in children)
        if pairs == layout.expected.get((task.task_spec, task._state)):
            return PREDICTED
        self.kids.append(len(pairs))
        for spec, state in pairs:
            self.kids += (layout.number[spec], CODE_OF[state])
        return LISTED

    def _ref(self, data: dict[str, Any]) -> int:
        return self.dicts.setdefault(msgpack.packb(data, strict_types=True), len(self.dicts))


def _note(task: Any) -> dict[str, Any]:
    """Internal data, with the ids of finished instances reduced to their number (nothing else of them is asked)."""
    note = task.internal_data
    if "merged" in note:
        note = {**note, "merged": len(note["merged"])}
    return note  # type: ignore[no-any-return]


class _Reader:
    def __init__(self, running: Running, packed: list[Any]) -> None:
        self.running = running
        running.serial, self.heads, kids, refs, notes, self.dicts, self.ranks, self.extras = packed
        self.kids, self.refs, self.notes = iter(kids), iter(refs), iter(notes)
        self.at = 0
        self.id = 0
        self.joined: list[Any] = []

    def read(self) -> None:
        owners: deque[Any] = deque()
        self._flow(self.running, 0, owners)
        index = 1
        while owners:
            owner = owners.popleft()
            spec = self.running.subprocess_specs[owner.task_spec.spec]
            part = Part(spec, owner.id, self.running, deserializing=True)
            self.running.subprocesses[owner.id] = part
            part.completed_event.connect(owner.task_spec._on_subworkflow_completed, owner)
            self._flow(part, index, owners)
            index += 1
        if self.at != len(self.heads):
            raise StateError(f"state of {self.running.map.key} has {len(self.heads) - self.at} tasks too many")
        for rank in self.ranks or range(len(self.joined)):
            self.joined[rank].last_state_change = next(ticks)

    def _flow(self, flow: Any, index: int, owners: deque[Any]) -> None:
        if index in self.extras:
            flow.data, flow.correlations, flow.completed, flow.success = self.extras[index]
        layout = self.running.map.layouts[flow.spec.name]
        # the root is always the start task; only its state has to be told, and it is done once anything is stored
        flow.task_tree = root = self._task(flow, flow.spec.start, TaskState.COMPLETED, None)
        todo = [root]
        while todo:
            task = todo.pop()
            head = self.heads[self.at]
            self.at += 1
            spec, state = task.task_spec, task._state
            if head & DATA:
                task.data = msgpack.unpackb(self.dicts[next(self.refs)], strict_map_key=False)
            if head & NOTE:
                task.internal_data = note = next(self.notes)
                if "merged" in note:
                    note["merged"] = [""] * note["merged"]
            if head & PART:
                owners.append(task)
            if state == TaskState.WAITING and spec in layout.catching:
                self.running.event_manager.add_task(task)
            if state & TaskState.FINISHED_MASK and spec in layout.joins:
                self.joined.append(task)
            how = head & KIDS
            if how:
                pairs = layout.expected[spec, state] if how == PREDICTED else self._listed(layout)
                children = [self._task(flow, one, its, task, one in layout.instances) for one, its in pairs]
                task._children = [child.id for child in children]
                children.reverse()
                todo += children

    def _listed(self, layout: Layout) -> list[tuple[Any, int]]:
        take = self.kids
        return [(layout.specs[next(take)], STATES[next(take)]) for _ in range(next(take))]

    def _task(self, flow: Any, spec: Any, state: int, parent: Any, triggered: bool = False) -> Any:
        """A task as Task.__init__ makes it, without its random id, its look at the clock and its call to the parent."""
        self.id += 1
        task = Task.__new__(Task)
        task.__dict__ = {
            "id": self.id, "workflow": flow, "_parent": None if parent is None else parent.id, "_children": [],
            "_state": state, "triggered": triggered, "task_spec": spec, "thread_id": Task.thread_id_pool,
            "data": {}, "internal_data": {}, "last_state_change": 0,
        }  # fmt: skip
        flow.tasks[self.id] = task
        return task

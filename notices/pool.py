"""Renders letters in processes of their own: warm, limited in time, processor and memory, ended at a limit.

WeasyPrint is not thread-safe and a letter may be a bomb; so no web or job process ever imports it.
"""

import os
import pickle
import selectors
import subprocess
import sys
import time
from pathlib import Path
from queue import Queue
from typing import BinaryIO

from notices.errors import MissingGlyph, RenderFailed, RenderTimedOut
from notices.letters import Letter
from notices.printed import Printed, unpacked
from notices.worker import LENGTH, MISSING, PDF, write_frame

ROOT = Path(__file__).resolve().parent.parent
ALLOWED_ENVIRONMENT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "XDG_CACHE_HOME", "DUBAN_FONT_DIR")
CPU_SECONDS = 30  # per letter; an ordinary one takes a tenth of a second
MEMORY_BYTES = 1024**3  # of address space; an ordinary worker maps about a third of it
LETTERS_PER_WORKER = 500  # then it is replaced, so that nothing can pile up
WARM_UP_SECONDS = 60.0
CHUNK = 1 << 16


class RenderPool:
    """Up to `size` workers, started when first needed; may be used from several threads."""

    def __init__(self, size: int = 1, *, cpu_seconds: int = CPU_SECONDS, memory_bytes: int = MEMORY_BYTES) -> None:
        self._limits = (cpu_seconds, memory_bytes)
        self._free: Queue[_Worker | None] = Queue()
        for _ in range(size):
            self._free.put(None)

    def render(self, letter: Letter, *, draft: bool = False, timeout_seconds: float = 30.0) -> bytes:
        """The letter as PDF, exactly as `notices.render.render` makes it; raises as `print_letter` does."""
        return self.print_letter(letter, draft=draft, timeout_seconds=timeout_seconds).pdf

    def print_letter(self, letter: Letter, *, draft: bool = False, timeout_seconds: float = 30.0) -> Printed:
        """The letter on paper, with the places of its seals.

        Raises MissingGlyph, RenderTimedOut (ended at a limit) or RenderFailed; the next letter finds a fresh worker.
        """
        worker = self._free.get()
        try:
            worker = self._ready(worker)
            return worker.render(letter, draft=draft, timeout_seconds=timeout_seconds)
        except RenderFailed:
            _end(worker)
            worker = None
            raise
        finally:
            self._free.put(worker)

    @property
    def pids(self) -> list[int]:
        """Process ids of the workers that are free now."""
        return [worker.pid for worker in list(self._free.queue) if worker is not None]

    def close(self) -> None:
        """End the workers that are free; the pool may be used again."""
        for _ in range(self._free.qsize()):
            _end(self._free.get())
            self._free.put(None)

    def _ready(self, worker: "_Worker | None") -> "_Worker":
        if worker is not None and not worker.spent:
            return worker
        _end(worker)
        return _Worker(*self._limits)


class _Worker:
    """One process and the pipes to it."""

    def __init__(self, cpu_seconds: int, memory_bytes: int) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - ourselves, with numbers
            [sys.executable, "-m", "notices.worker", str(cpu_seconds), str(memory_bytes)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env={name: os.environ[name] for name in ALLOWED_ENVIRONMENT if name in os.environ},
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._questions: BinaryIO = self._process.stdin  # type: ignore[assignment]
        self._answers = self._process.stdout.fileno()
        self._made = 0
        try:
            self._receive(WARM_UP_SECONDS)
        except RenderFailed as failed:
            self.end()
            raise RenderFailed("the worker did not start; are the faces built (`python -m notices.fonts`)?") from failed

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def spent(self) -> bool:
        """Whether it is dead or has made its share of letters."""
        return self._made >= LETTERS_PER_WORKER or self._process.poll() is not None

    def render(self, letter: Letter, *, draft: bool, timeout_seconds: float) -> Printed:
        """Hand the letter over and wait for its PDF."""
        self._made += 1
        try:
            write_frame(self._questions, pickle.dumps((letter, draft)))
        except BrokenPipeError:
            raise RenderFailed("the worker has gone") from None
        answer = self._receive(timeout_seconds)
        if answer.startswith(PDF):
            return unpacked(answer[1:])
        said = answer[1:].decode("utf-8", "replace")
        raise MissingGlyph(said) if answer.startswith(MISSING) else RenderFailed(said)

    def end(self) -> None:
        """End the process at once."""
        self._process.kill()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()
        try:
            self._questions.close()
        except BrokenPipeError:  # what it was to read is of no use any more
            return

    def _receive(self, timeout_seconds: float) -> bytes:
        """The next answer, whole; raises RenderTimedOut when the time is over or the worker ended itself."""
        until, content, wanted = time.monotonic() + timeout_seconds, bytearray(), LENGTH.size
        with selectors.DefaultSelector() as selector:
            selector.register(self._answers, selectors.EVENT_READ)
            while len(content) < wanted:
                if not selector.select(max(until - time.monotonic(), 0)):
                    raise RenderTimedOut(f"no letter within {timeout_seconds:g} s")
                if not (chunk := os.read(self._answers, CHUNK)):
                    raise RenderTimedOut("the worker was ended at its limit of processor time or memory")
                content += chunk
                if len(content) >= LENGTH.size:
                    wanted = LENGTH.size + LENGTH.unpack_from(content)[0]
        return bytes(content[LENGTH.size :])


def _end(worker: _Worker | None) -> None:
    if worker is not None:
        worker.end()

"""Renders letters in processes of their own: warm, limited in processor time and memory, ended at a limit.

WeasyPrint is not thread-safe and a letter may be a bomb; so no web or job process ever imports it.
"""

import multiprocessing
import resource
from multiprocessing.connection import Connection
from queue import Queue
from threading import Lock
from typing import Any

from models.refusal import Invalid
from notices.errors import MissingGlyph, RenderFailed, RenderTimedOut
from notices.letters import Letter

MEMORY_BYTES = 2 * 1024**3  # of address space; a worker needs about 0.6 GiB
LETTERS_PER_WORKER = 500  # then it is replaced, so that nothing can pile up
TIMEOUT_SECONDS = 30.0


class RenderPool:
    """Up to `size` workers, started when first needed; safe to use from several threads."""

    def __init__(self, size: int = 1) -> None:
        self._free: Queue[_Worker | None] = Queue()
        for _ in range(size):
            self._free.put(None)
        self._starting = Lock()

    def render(self, letter: Letter, *, draft: bool = False, timeout_seconds: float = TIMEOUT_SECONDS) -> bytes:
        """The letter as PDF. Raises MissingGlyph, RenderTimedOut or RenderFailed; the next letter finds a fresh worker."""
        worker = self._free.get()
        try:
            if worker is None or worker.spent:
                with self._starting:
                    worker = _Worker()
            data = worker.render(letter, draft, timeout_seconds)
        except (RenderFailed, BrokenPipeError, EOFError, OSError):
            if worker is not None:
                worker.end()
            worker = None
            raise
        finally:
            self._free.put(worker)
        return data

    def close(self) -> None:
        """End all workers that are free."""
        for _ in range(self._free.qsize()):
            worker = self._free.get()
            if worker is not None:
                worker.end()
            self._free.put(None)


class _Worker:
    """One process and the pipe to it."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")  # a fork would take our locks and connections along
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_work, args=(theirs,), daemon=True, name="duban-letters")
        self._process.start()
        theirs.close()
        self._made = 0

    @property
    def spent(self) -> bool:
        """Whether it is dead or has made its share of letters."""
        return self._made >= LETTERS_PER_WORKER or not self._process.is_alive()

    def render(self, letter: Letter, draft: bool, timeout_seconds: float) -> bytes:
        """Hand the letter over and wait for its PDF."""
        self._pipe.send((letter, draft, timeout_seconds))
        try:
            if not self._pipe.poll(timeout_seconds):
                raise RenderTimedOut(f"no letter within {timeout_seconds:g} s")
            answer = self._pipe.recv()
        except EOFError:
            raise RenderTimedOut("the worker was ended at its limit of processor time or memory") from None
        self._made += 1
        if isinstance(answer, bytes):
            return answer
        raise _told(answer)

    def end(self) -> None:
        """End the process at once."""
        self._pipe.close()
        self._process.kill()
        self._process.join(5)


def _told(answer: dict[str, Any]) -> Exception:
    """The worker's failure as an exception of this process."""
    if answer["kind"] == "glyph":
        return MissingGlyph(answer["text"])
    if answer["kind"] == "invalid":
        return Invalid(answer["text"])
    return RenderFailed(answer["text"])


def _work(pipe: Connection) -> None:
    """The worker: renders what it is handed until the pipe closes."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    from notices.render import render  # noqa: PLC0415 - only the worker pays for WeasyPrint

    while True:
        try:
            letter, draft, seconds = pipe.recv()
        except (EOFError, OSError):
            return
        _limit_processor(seconds)
        try:
            pipe.send(render(letter, draft=draft))
        except MissingGlyph as missing:
            pipe.send({"kind": "glyph", "text": missing.characters})
        except Invalid as refused:
            pipe.send({"kind": "invalid", "text": str(refused)})
        except MemoryError:
            return  # the pipe closes, and the pool says that a limit was met
        except Exception as error:  # noqa: BLE001 - whatever it is, the other side must be told
            pipe.send({"kind": "failed", "text": f"{type(error).__name__}: {error}"})


def _limit_processor(seconds: float) -> None:
    """From now on at most so many more seconds of processor time; then the kernel ends the process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(used.ru_utime + used.ru_stime + seconds) + 1
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (limit, hard))

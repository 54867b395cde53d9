"""One render worker: takes letters from its standard input and answers with PDFs, under limits of processor and memory.

The pool starts it with an environment that names neither database nor secret; it can write no file. A question is a
frame (length, then the pickled letter and whether it is a draft); the first byte of an answer says what it is.
"""

import gc
import pickle
import resource
import struct
import sys
from collections.abc import Callable
from typing import BinaryIO

from notices.errors import MissingGlyph
from notices.printed import Printed, packed

LENGTH = struct.Struct(">I")
PDF, MISSING, FAILED = b"P", b"M", b"F"
FEW_FILES = 64
COLLECT_EVERY = 25  # letters
COLLECT_RARELY = (50_000, 20, 20)  # a report of twenty pages takes a fifth less of the processor than by default


def main() -> None:
    """Serve until the pipe closes. Arguments: seconds of processor per letter, bytes of address space."""
    cpu_seconds, memory_bytes = int(sys.argv[1]), int(sys.argv[2])
    set_letter = warm_press()
    for limit, most in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, FEW_FILES),
    ):
        resource.setrlimit(limit, (most, most))
    write_frame(sys.stdout.buffer, PDF)  # warm: from here on a letter's own time is counted
    made = 0
    while (question := read_frame(sys.stdin.buffer)) is not None:
        _allow(cpu_seconds)
        write_frame(sys.stdout.buffer, _answer(set_letter, question))
        made += 1
        if made % COLLECT_EVERY == 0:  # after the answer, when nobody waits: memory stays flat
            gc.collect()


def read_frame(pipe: BinaryIO) -> bytes | None:
    """The next frame; None when the other side has gone."""
    head = pipe.read(LENGTH.size)
    return pipe.read(LENGTH.unpack(head)[0]) if len(head) == LENGTH.size else None


def write_frame(pipe: BinaryIO, content: bytes) -> None:
    """Send one frame at once."""
    pipe.write(LENGTH.pack(len(content)) + content)
    pipe.flush()


def warm_press() -> Callable[..., Printed]:
    """`set_letter`, with the faces activated before WeasyPrint is loaded, everything read and collecting rarely."""
    from notices.fonts import activate  # noqa: PLC0415

    activate()
    from notices import press  # noqa: PLC0415

    press.warm_up()
    # What is loaded now stays: the collector need not look at it again, nor often, for a letter frees what it made.
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_RARELY)
    return press.set_letter


def _allow(seconds: int) -> None:
    """From now on so many more seconds of processor; beyond them the system ends this process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(used.ru_utime + used.ru_stime) + seconds + 1
    resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def _answer(set_letter: Callable[..., Printed], question: bytes) -> bytes:
    letter, draft = pickle.loads(question)  # noqa: S301 - from our own parent
    try:
        return PDF + packed(set_letter(letter, draft=draft))
    except MissingGlyph as missing:
        return MISSING + missing.characters.encode()
    except MemoryError:
        sys.exit("out of the memory allowed to a letter")  # the pool sees the pipe close
    except Exception as error:  # noqa: BLE001 - whatever it is, the pool must be told
        return FAILED + f"{type(error).__name__}: {error}".encode()


if __name__ == "__main__":
    main()

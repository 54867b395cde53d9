"""One render worker: reads letters from its standard input, answers with PDFs, under limits of processor and memory.

It is started with an environment that names neither database nor secret, and it can write no file.
A question is a frame (length, pickle of the letter and draft); an answer is a frame whose first byte says what it is.
"""

import gc
import pickle
import resource
import struct
import sys
from typing import BinaryIO

from notices.errors import MissingGlyph
from notices.letters import Letter

LENGTH = struct.Struct(">I")
PDF, MISSING, FAILED = b"P", b"M", b"F"
FEW_FILES = 64


def main() -> None:
    """Serve until the pool closes the pipe. Arguments: processor seconds per letter, bytes of memory."""
    cpu_seconds, memory_bytes = int(sys.argv[1]), int(sys.argv[2])
    render = _warm()
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (FEW_FILES, FEW_FILES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    asked, answered = sys.stdin.buffer, sys.stdout.buffer
    while (question := read_frame(asked)) is not None:
        _allow(cpu_seconds)
        write_frame(answered, _answer(render, question))


def read_frame(pipe: BinaryIO) -> bytes | None:
    """The next frame; None when the other side has gone."""
    head = pipe.read(LENGTH.size)
    return pipe.read(LENGTH.unpack(head)[0]) if len(head) == LENGTH.size else None


def write_frame(pipe: BinaryIO, content: bytes) -> None:
    """Send one frame at once."""
    pipe.write(LENGTH.pack(len(content)) + content)
    pipe.flush()


def _warm():  # type: ignore[no-untyped-def]  # noqa: ANN202 - the type is render's own
    """The renderer with faces activated and WeasyPrint loaded."""
    from notices.fonts import activate  # noqa: PLC0415
    activate()
    from notices.press import set_letter  # noqa: PLC0415
    return set_letter


def _allow(seconds: int) -> None:
    """Let the process use so many more seconds of processor; beyond them the system ends it."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(used.ru_utime + used.ru_stime) + seconds + 1
    resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.RLIM_INFINITY))


def _answer(render, question: bytes) -> bytes:  # type: ignore[no-untyped-def]  # noqa: ANN001
    letter: Letter
    letter, draft = pickle.loads(question)  # noqa: S301 - from our own parent process
    try:
        return PDF + bytes(render(letter, draft=draft))
    except MissingGlyph as missing:
        return MISSING + missing.characters.encode()
    except Exception as error:  # noqa: BLE001 - said by name to the pool, which raises it there
        return FAILED + f"{type(error).__name__}: {error}".encode()
    finally:
        gc.collect()


if __name__ == "__main__":
    main()

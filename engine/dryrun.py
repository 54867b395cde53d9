"""Tries a map in a child process of its own, with little time and memory, and says what it stumbled over.

Run as `python -m engine.dryrun` with the file on standard input; the answer is one line of JSON.
"""

import json
import logging
import os
import resource
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from models.texts import N_

MOST_TASKS = 5000
CPU_SECONDS = 2
WALL_SECONDS = 10
MEMORY = 256 * 1024 * 1024  # bytes above what the interpreter and the engine take themselves
ROOT = Path(__file__).parents[1]
TOO_MUCH = N_("流程展开后超过 %(most)d 个环节，系统不接受；请把并行的部分各自画成子流程")
TOO_SLOW = N_("试运行超过 %(seconds)d 秒或占用内存过多，系统不接受；请简化流程，把并行的部分各自画成子流程")
NO_ANSWER = N_("试运行没有得出结果，系统不接受；请简化流程，仍不行请联系系统管理员")
LATER = "2999-01-01T00:00:00+00:00"
Answer = list[dict[str, Any]]
log = logging.getLogger(__name__)


def try_out(xml: bytes) -> Answer:
    """What a child process stumbled over: {element, text, params} each; empty when the map starts well."""
    try:
        done = subprocess.run(  # our own interpreter and module; the file is only its input
            [sys.executable, "-B", "-m", "engine.dryrun"],
            input=xml, capture_output=True,
            timeout=WALL_SECONDS, cwd=ROOT, env={"PATH": os.defpath}, check=False,
        )  # fmt: skip
        answer: Answer = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        return [_said("", TOO_SLOW, seconds=CPU_SECONDS)]
    except ValueError:
        if done.returncode < 0:  # ended by a limit
            return [_said("", TOO_SLOW, seconds=CPU_SECONDS)]
        log.exception("the trial of a map gave no answer: %s", done.stderr[-2000:].decode("utf-8", "replace"))
        return [_said("", NO_ANSWER)]
    return answer


def main() -> None:
    """Read, limit, try, answer."""
    xml = sys.stdin.buffer.read()
    from engine.maps import MapError, read_map  # noqa: PLC0415 - imported before the limits, which count from here
    from engine.tokens import RunawayError  # noqa: PLC0415

    limit_child()
    count_tasks()
    try:
        start(read_map(xml))
        answer: Answer = []
    except MapError as error:
        answer = [_said(fault.element, fault.message, **fault.params) for fault in error.problems]
    except RunawayError as error:
        answer = [_said("", error.message, **error.params)]
    except TooManyTasksError:
        answer = [_said("", TOO_MUCH, most=MOST_TASKS)]
    except (MemoryError, RecursionError):
        answer = [_said("", TOO_SLOW, seconds=CPU_SECONDS)]
    sys.stdout.write(json.dumps(answer))


class TooManyTasksError(Exception):
    """The tree of predicted tasks grew past the limit."""


def limit_child() -> None:
    """From here on: a little processor time, a little memory, no files, no further processes."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = int(used.ru_utime + used.ru_stime) + 1 + CPU_SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    size = pages * resource.getpagesize() + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def count_tasks() -> None:
    """Stop at the first task beyond the limit instead of filling the memory first."""
    from SpiffWorkflow.task import Task  # noqa: PLC0415 - only the child pays for it

    build, made = Task.__init__, [0]

    def counted(self: Any, *args: Any, **named: Any) -> None:
        made[0] += 1
        if made[0] > MOST_TASKS:
            raise TooManyTasksError
        build(self, *args, **named)

    Task.__init__ = counted


def start(drawn: Any) -> None:
    """Start the map with data made up for its lists and dates; steps do nothing. What it misses is not its fault."""
    from engine.tokens import Tokens  # noqa: PLC0415
    from models.expression import ExpressionError  # noqa: PLC0415

    try:
        Tokens.start(drawn, made_up(drawn), datetime(2026, 1, 1, tzinfo=UTC), lambda _step, _node, _data: None)
    except (TooManyTasksError, MemoryError, RecursionError):
        raise
    except Exception as error:
        if not _about_data(error, ExpressionError):
            raise


def made_up(drawn: Any) -> dict[str, Any]:
    """Values for every name the map's expressions use: lists of two for multi-instance, a far date for timers."""
    from models.expression import compile_expression  # noqa: PLC0415

    specs = [one for spec in (drawn.spec, *drawn.subprocess_specs.values()) for one in spec.task_specs.values()]
    dates = [getattr(getattr(one, "event_definition", None), "expression", None) for one in specs]
    slots: list[tuple[object, object]] = [(flow.condition, None) for flow in drawn.flows]
    slots += [(node.items, [1, 2]) for node in drawn.nodes.values()]
    slots += [(due, LATER) for due in dates]
    names: dict[str, Any] = {}
    for text, value in slots:
        names |= dict.fromkeys(compile_expression(text).names, value) if isinstance(text, str) else {}
    return names


def _about_data(error: BaseException | None, kind: type[Exception]) -> bool:
    """Whether the error comes from a made-up value that does not fit, at any depth."""
    while error is not None:
        if isinstance(error, kind):
            return True
        error = error.__cause__ or error.__context__
    return False


def _said(element: str, text: str, **params: object) -> dict[str, Any]:
    plain = {name: value if isinstance(value, int) else str(value) for name, value in params.items()}
    return {"element": element, "text": text, "params": plain}


if __name__ == "__main__":
    main()

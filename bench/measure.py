"""Measuring: CPU of a server's processes from /proc, wall time of each request, and medians over rounds."""

import os
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from threading import Barrier, Thread
from typing import Any, Self

PROC = Path("/proc")
TICK = os.sysconf("SC_CLK_TCK")


def _stat(pid: str) -> tuple[int, int, float, float]:
    """(parent, group, own seconds, seconds of children it has waited for)."""
    words = (PROC / pid / "stat").read_text().rpartition(")")[2].split()
    return (
        int(words[1]),
        int(words[2]),
        (int(words[11]) + int(words[12])) / TICK,
        (int(words[13]) + int(words[14])) / TICK,
    )


def _all() -> Iterable[tuple[int, int, int, float, float]]:
    for name in (each.name for each in PROC.iterdir()):
        if name.isdigit():
            try:
                yield (int(name), *_stat(name))
            except (OSError, ValueError, IndexError):
                continue  # it ended while we looked


def group_seconds(group: int) -> float:
    """CPU seconds of all processes of a group."""
    return sum(own + waited for _, _, its, own, waited in _all() if its == group)


def family_seconds(root: int) -> float:
    """CPU seconds of a process and its children, dead or alive; PostgreSQL's backends are the postmaster's children."""
    total = 0.0
    for pid, parent, _, own, waited in _all():
        if pid == root:
            total += own + waited
        elif parent == root:
            total += own
    return total


@dataclass
class Meter:
    """Adds up CPU of a server over the stretches it is entered for, and the wall time of each call made in it."""

    cpu: Callable[[], float]
    seconds: float = 0.0
    walls: list[float] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._before = self.cpu()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds += self.cpu() - self._before

    def call(self, act: Callable[..., Any], *args: Any) -> Any:
        """The result of a call whose wall time counts."""
        began = time.perf_counter()
        result = act(*args)
        self.walls.append(time.perf_counter() - began)
        return result

    @property
    def cpu_ms(self) -> float:
        """CPU milliseconds of the server per call."""
        return self.seconds * 1e3 / max(1, len(self.walls))

    def wall_ms(self, percent: float) -> float:
        """Wall milliseconds at this percentile."""
        return percentile(self.walls, percent) * 1e3


def percentile(values: Sequence[float], percent: float) -> float:
    """The value at this percentile, of those there are."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(percent / 100 * (len(ordered) - 1)))]


def at_once(acts: Sequence[Callable[[], Any]]) -> tuple[list[float], list[Any]]:
    """Runs all at the same moment, each in a thread; wall seconds and results (an exception is a result)."""
    gate, walls, results = Barrier(len(acts)), [0.0] * len(acts), [None] * len(acts)

    def go(number: int) -> None:
        gate.wait()
        began = time.perf_counter()
        try:
            results[number] = acts[number]()
        except Exception as error:  # noqa: BLE001 - counted by the caller
            results[number] = error
        walls[number] = time.perf_counter() - began

    threads = [Thread(target=go, args=(number,)) for number in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return walls, results


class Rounds:
    """Figures by name, one per round; the median counts."""

    def __init__(self) -> None:
        self.figures: dict[str, list[float]] = {}

    def add(self, name: str, value: float) -> None:
        self.figures.setdefault(name, []).append(value)

    def add_meter(self, name: str, meter: Meter) -> None:
        """CPU, p50 and p95 of a meter."""
        for what, value in (("cpu", meter.cpu_ms), ("p50", meter.wall_ms(50)), ("p95", meter.wall_ms(95))):
            self.add(f"{name} {what}", value)

    def median(self, name: str) -> float | None:
        values = self.figures.get(name)
        return median(values) if values else None

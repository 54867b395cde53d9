"""Processes that sweep and are killed: how they are started, told the moment, counted when they die, and replaced."""

import math
import multiprocessing
import os
import random
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from multiprocessing.connection import wait
from pathlib import Path

from sqlalchemy import func, select

from models.queue import OPEN, Envelope
from tests.jobs.worker import HELD, POINTS, Orders, work
from tests.workflows.story import Story

AT_ONCE = 5  # deaths between two quiet moments, so that no envelope comes to look like one that kills its workers
PARCELS = 12  # at each moment


class Crew:
    """Starts processes by forking a server that has imported everything once, and counts how they ended."""

    def __init__(self, orders: Orders) -> None:
        self.orders = orders
        self.context = multiprocessing.get_context("forkserver")
        self.context.set_forkserver_preload(["tests.jobs.worker"])

    def start(self, target, deaths: str, point: str, nth: int) -> "Hand":
        ours, theirs = self.context.Pipe()
        orders = replace(self.orders, deaths=deaths, point=point, nth=nth)
        process = self.context.Process(target=target, args=(theirs, orders), daemon=True)
        process.start()
        theirs.close()
        return Hand(process, ours, mortal=bool(point))


@dataclass
class Hand:
    """One process and the pipe to it."""

    process: multiprocessing.Process
    pipe: multiprocessing.connection.Connection
    mortal: bool

    def tell(self, moment: datetime | None) -> bool:
        """False when nobody listens any more."""
        try:
            self.pipe.send(moment)
        except OSError:
            return False
        return True

    def doom(self, point: str, nth: int) -> None:
        """Where it is to die from now on."""
        self.pipe.send((point, nth))
        self.mortal = True

    def answer(self):
        """What it says, or None when it died before it could."""
        try:
            return self.pipe.recv() if self.pipe.poll(60) else stuck()
        except (EOFError, ConnectionError):
            self.process.join()
            return None

    def kill(self) -> None:
        self.process.kill()
        self.process.join()


def stuck():
    raise AssertionError("a process does not answer: it hangs, or died where it was not to")


@dataclass
class Tally:
    """Deaths by where they happened."""

    outside: int = 0
    web: int = 0
    points: Counter = field(default_factory=Counter)

    @property
    def total(self) -> int:
        return self.outside + self.web + self.points.total()

    @property
    def held(self) -> int:
        return sum(self.points[point] for point in HELD)


class Watch:
    """A house and the workers that sweep it while they die, from one moment to the next."""

    def __init__(self, story: Story, orders: Orders, *, seed: int, kills: int, workers: int) -> None:
        self.story, self.dice, self.kills = story, random.Random(seed), kills
        self.deaths = Path(orders.folder) / "deaths.log"
        self.deaths.touch()
        self.crew = Crew(orders)
        self.tally, self.fallen, self.allowed, self.parcels = Tally(), 0, 0, 0
        self.workers = [self.new_worker() for _ in range(workers)]

    def new_worker(self) -> Hand:
        mortal = self.tally.total < self.allowed and self.fallen < AT_ONCE
        point, nth = self.fate()
        return self.crew.start(work, str(self.deaths), point if mortal else "", nth)

    def fate(self) -> tuple[str, int]:
        """A point to die at, and the how manieth time."""
        return self.dice.choice((*HELD, *HELD, *POINTS)), self.dice.choice((1, 1, 2))

    def live_through(self, days: list[datetime]) -> None:
        """All these moments, with the deaths spread over them; then a quiet day for what a failure had put off."""
        for number, moment in enumerate(days, start=1):
            self.allowed = math.ceil(self.kills * number / len(days))
            self.live(moment)
        self.allowed = 0
        self.live(days[-1] + timedelta(days=1))

    def live(self, moment: datetime) -> None:
        """One moment: parcels, sweeps and deaths until nothing is due any more."""
        self.story.clock.move(to=moment)
        self.fallen = 0
        self.doom_some()
        self.post_parcels()
        self.sweep(moment)
        while self.tally.total < self.allowed and self.fallen < AT_ONCE:
            self.post_parcels()
            self.sweep(moment, [lambda: None])
        self.settle(moment)

    def settle(self, moment: datetime) -> None:
        """Sweep until nothing is left; who died with a lease in hand is waited for."""
        while not self.sweep(moment):
            wait([hand.process.sentinel for hand in self.workers], timeout=0.05)

    def sweep(self, moment: datetime, meanwhile: Iterable[Callable[[], None]] = ()) -> bool:
        """All workers sweep, other things happen meanwhile; whether nothing was due for any of them, nor is left."""
        before, others = self.tally.total, list(meanwhile)
        told = [hand.tell(moment) for hand in self.workers]
        for act in others:
            act()
        if others and self.tally.total < self.allowed and self.dice.random() < 0.15:
            self.dice.choice(self.workers).kill()
        answers = [hand.answer() if heard else None for hand, heard in zip(self.workers, told, strict=True)]
        dead = [place for place, answer in enumerate(answers) if answer is None]
        for place in dead:
            self.workers[place].process.join()
        self.count(len(dead))
        for place in dead:
            self.workers[place] = self.new_worker()
        return not any(answers) and not dead and self.tally.total == before and self.pending(moment) == 0

    def count(self, dead: int) -> None:
        """So many workers have died: at the points they wrote down, the others from outside."""
        written = Counter(self.deaths.read_text().split())
        self.tally.outside += dead - (written - self.tally.points).total()
        self.tally.points = written
        self.fallen += dead

    def pending(self, moment: datetime) -> int:
        with self.story.reading() as unit:
            due = select(func.count()).select_from(Envelope).where(OPEN, Envelope.due_at <= moment)
            return unit.session.scalar(due)

    def post_parcels(self) -> None:
        """Envelopes whose effect bears no repeating."""
        with self.story.unit() as unit:
            for number in range(self.parcels, self.parcels + PARCELS):
                unit.post("parcel", f"parcel:{number}", {"number": number})
        self.parcels += PARCELS

    def doom_some(self) -> None:
        """As many immortal workers as have still to die become mortal."""
        immortal = [hand for hand in self.workers if not hand.mortal]
        for hand in immortal[: max(self.allowed - self.tally.total, 0)]:
            hand.doom(*self.fate())

    def end(self) -> None:
        for hand in self.workers:
            hand.tell(None)
            hand.kill()


def orders_for(url: str, folder: Path, **more) -> Orders:
    return Orders(url, str(folder), os.devnull, lease_seconds=0.7, **more)

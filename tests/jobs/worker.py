"""A job worker and a web server as processes of their own, told the moment through a pipe, that may die anywhere.

Death is a real SIGKILL, either from outside or at a named point: a process kills itself the n-th time it gets there.
The points wrap the queue, which is a port, and the session's own events; the product knows nothing of them.
"""

import os
import signal
from collections import Counter
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Thread

from sqlalchemy import event
from sqlalchemy.orm import Session
from werkzeug.serving import WSGIRequestHandler, make_server

import workflows
from jobs.sweep import sweep
from models.clock import FrozenClock
from models.database import Database
from models.handlers import handle
from models.queue import Lease, LeaseTable
from models.unit import Unit
from tests.conftest import TUESDAY
from tests.jobs.small_duties import declare_small
from tests.web.house import make_app, make_house
from tests.workflows.story import PlainRenderer
from web import page_modules

workflows.discover()  # this and the pages once, before the first fork
page_modules()

HELD = ("claimed", "worked", "landing")  # the lease of an envelope is held at these
POINTS = (*HELD, "landed", "committing", "committed")


@dataclass(frozen=True)
class Orders:
    """Where a process works, and where it is to die: the n-th time it comes to `point`; never when `point` is empty."""

    url: str
    folder: str
    deaths: str
    lease_seconds: float
    point: str = ""
    nth: int = 1
    small: bool = False  # whether the small duties are declared too


class Fate:
    """Counts how often each point was reached; at the appointed one writes it down and kills the process."""

    def __init__(self, orders: Orders) -> None:
        self.orders, self.reached = orders, Counter()

    def meet(self, point: str, nth: int) -> None:
        """From now on this is where it is to die."""
        self.orders, self.reached = replace(self.orders, point=point, nth=nth), Counter()

    def at(self, point: str) -> None:
        self.reached[point] += 1
        if point == self.orders.point and self.reached[point] == self.orders.nth:
            with Path(self.orders.deaths).open("a") as log:
                log.write(f"{point}\n")
            os.kill(os.getpid(), signal.SIGKILL)

    def watch_commits(self) -> None:
        """Every transaction of this process that comes to its end, reading ones excepted: they commit nothing."""
        event.listen(Session, "before_commit", lambda _session: self.at("committing"))
        event.listen(Session, "after_commit", lambda _session: self.at("committed"))


class MortalQueue(LeaseTable):
    """The lease table, with points to die at around each lease."""

    def __init__(self, fate: Fate) -> None:
        self.fate = fate

    def claim(self, session: Session, now, *, limit: int, lease_seconds: float) -> list[Lease]:
        leases = super().claim(session, now, limit=limit, lease_seconds=lease_seconds)
        if leases:
            event.listen(session, "after_commit", lambda _session: self.fate.at("claimed"))
        return leases

    def finish(self, session: Session, lease: Lease, now) -> None:
        self.fate.at("worked")
        super().finish(session, lease, now)
        event.listen(session, "before_commit", lambda _session: self.fate.at("landing"))
        event.listen(session, "after_commit", lambda _session: self.fate.at("landed"))


def land_parcel(unit: Unit, payload: dict[str, int], _worked: object) -> None:
    """An effect that nothing else would keep from happening twice: the product's own have a second guard each."""
    unit.trace("parcel.land", "parcel", payload["number"])


def work(pipe: Connection, orders: Orders) -> None:
    """Sweep at each moment that comes through the pipe and answer with what was done; None ends it, a death is awaited."""
    clock, fate = FrozenClock(TUESDAY), Fate(orders)
    fate.watch_commits()
    house = make_house(Database(orders.url), clock, Path(orders.folder), renderer=PlainRenderer())
    queue = MortalQueue(fate)
    handle("parcel", land_parcel)
    if orders.small:
        declare_small()
    while (told := pipe.recv()) is not None:
        if isinstance(told, tuple):
            fate.meet(*told)
            continue
        clock.move(to=told)
        pipe.send(sweep(house, told, queue=queue, lease_seconds=orders.lease_seconds).counts)


class Quiet(WSGIRequestHandler):
    """Says nothing about each request."""

    def log_request(self, *_args: object) -> None:
        return


def serve(pipe: Connection, orders: Orders) -> None:
    """Serve the pages; answers first with the port, then with each moment its clock was moved to."""
    clock, fate = FrozenClock(TUESDAY), Fate(orders)
    fate.watch_commits()
    app = make_app(make_house(Database(orders.url), clock, Path(orders.folder)))
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    Thread(target=server.serve_forever, daemon=True).start()
    pipe.send(server.port)
    while (moment := pipe.recv()) is not None:
        pipe.send(clock.move(to=moment))

"""A virtual month of the house under fire: workers and a web server are killed while officers post and the clock runs.

What officers were told is written to a log outside; at the end the database must agree with it, line by line.
"""

import http.client
import json
import math
import multiprocessing
import os
import random
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from multiprocessing.connection import wait
from pathlib import Path
from urllib.parse import urlencode

from sqlalchemy import func, select

from engine.verbs import urge_item
from models.process import WorkItem
from models.queue import OPEN, Envelope
from models.session import Limits, open_sign_in
from models.urge import Urge
from tests.jobs.worker import HELD, POINTS, Orders, serve, work
from tests.workflows.story import APPROVE, Story

PLAN = {"plan": "按月推进", "plan_on": "2027-06-30", "departments": [], "needs": "人才公寓"}
ANSWERS = {
    "stage_plan": PLAN,
    "department_support": {"outcome": "已办结", "result": "已落实"},
    "supervision_sign": {"supplement": "请抓紧"},
    "receipt": {"signed_by": "李明", "responsible": "陈静", "contact": "022-65370000"},
    "rectification_plan": {"measures": "倒排工期", "responsible": "陈静", "finish_on": "2027-01-15"},
    "progress_review": {"month_done_wan": "120.5", "arrived_month_wan": "30"},
}
AT_ONCE = 5  # deaths between two quiet moments, so that no envelope comes to look like one that kills its workers
PARCELS = 12  # at each moment
ERRORS = (OSError, http.client.HTTPException)


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


class Month:
    """The house, its hands, and the log of what officers were told."""

    def __init__(self, story: Story, url: str, folder: Path, *, seed: int, kills: int, projects: int) -> None:
        self.story, self.dice, self.kills = story, random.Random(seed), kills
        self.log, self.deaths = folder / "acknowledged.log", folder / "deaths.log"
        self.log.touch()
        self.deaths.touch()
        self.crew = Crew(Orders(url, str(folder), os.devnull, lease_seconds=0.7))
        self.tally, self.fallen, self.allowed, self.parcels = Tally(), 0, 0, 0
        for number in range(projects):
            late = {"plan_start_on": "2026-07-15"} if number % 2 else {}
            story.register(APPROVE | late | {"name": f"演示项目{number}", "investor_name": f"演示公司{number}"})
        self.people = {actor.organ_id: actor for actor in (
            story.town.li_ming, story.town.zhao_qiang, story.town.zhou_wei, story.town.wu_min)}  # fmt: skip
        self.workers = [self.new_worker(), self.new_worker()]
        self.web, self.port = self.new_web(story.clock.now())

    def new_worker(self) -> Hand:
        mortal = self.tally.total < self.allowed and self.fallen < AT_ONCE
        point = self.dice.choice((*HELD, *HELD, *POINTS)) if mortal else ""
        return self.crew.start(work, str(self.deaths), point, nth=self.dice.choice((1, 1, 2)))

    def new_web(self, moment: datetime) -> tuple[Hand, int]:
        mortal = self.tally.web < self.allowed // 10
        point = self.dice.choice(("committing", "committed")) if mortal else ""
        hand = self.crew.start(serve, os.devnull, point, self.dice.randint(2, 12))
        port = hand.answer()
        hand.tell(moment)
        return (hand, port) if hand.answer() else stuck()

    def live_through(self, days: list[datetime]) -> None:
        """All these moments, with the deaths spread over them; then a quiet day for what a failure had put off."""
        for number, moment in enumerate(days, start=1):
            self.allowed = math.ceil(self.kills * number / len(days))
            self.live(moment)
        self.allowed = 0
        self.live(days[-1] + timedelta(days=1))

    def live(self, moment: datetime) -> None:
        """One moment: workers sweep, officers post, some are killed, until nothing is due any more."""
        self.story.clock.move(to=moment)
        self.fallen = 0
        self.replace_immortals()
        self.web.tell(moment)
        self.web.answer()
        self.sign_in()
        self.post_parcels()
        self.sweep(moment, posts=[])
        while posts := self.to_post():
            self.sweep(moment, posts)
            if self.dice.random() < 0.3:
                break  # the rest is for another day
        while self.tally.total < self.allowed and self.fallen < AT_ONCE and self.urge():
            self.sweep(moment, posts=[])
        while not self.sweep(moment, posts=[]):
            wait([hand.process.sentinel for hand in self.workers], timeout=0.05)

    def post_parcels(self) -> None:
        """Envelopes whose effect bears no repeating."""
        with self.story.unit() as unit:
            for number in range(self.parcels, self.parcels + PARCELS):
                unit.post("parcel", f"parcel:{number}", {"number": number})
        self.parcels += PARCELS

    def urge(self) -> bool:
        """Somebody above urges about one more item, so that the workers have news to carry; False when all are urged."""
        story = self.story
        with story.unit(story.town.zhao_qiang) as unit:
            fresh = select(WorkItem.id).where(
                WorkItem.state == "ready",
                WorkItem.id.not_in(select(Urge.work_item_id).where(Urge.day == unit.today.isoformat())),
            )
            item_id = unit.session.scalar(fresh.order_by(WorkItem.id).limit(1))
            if item_id:
                urge_item(unit, item_id=item_id)
        return item_id is not None

    def sweep(self, moment: datetime, posts: list[WorkItem]) -> bool:
        """Both workers sweep while officers post; whether nothing was due for either, nor is left."""
        before = self.tally.total
        told = [hand.tell(moment) for hand in self.workers]
        for item in posts:
            self.post(item, moment)
        if posts and self.tally.total < self.allowed and self.dice.random() < 0.15:
            self.dice.choice(self.workers).kill()
        answers = [hand.answer() if heard else None for hand, heard in zip(self.workers, told, strict=True)]
        dead = [place for place, answer in enumerate(answers) if answer is None]
        for place in dead:
            self.workers[place].process.join()
        self.count(len(dead))
        for place in dead:
            self.workers[place] = self.new_worker()
        return answers == [{}, {}] and self.tally.total == before and self.pending(moment) == 0

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

    def replace_immortals(self) -> None:
        """Processes that were started when enough had died make room for mortal ones."""
        for hand in self.workers:
            hand.kill()
        self.workers = [self.new_worker(), self.new_worker()]
        if not self.web.mortal and self.tally.web < self.allowed // 10:
            self.web.kill()
            self.web, self.port = self.new_web(self.story.clock.now())

    def sign_in(self) -> None:
        """Officers come back to the desk; their last session ended long ago."""
        with self.story.unit() as unit:
            limits = Limits.of(self.story.house.settings)
            self.tokens = {organ: open_sign_in(unit, officer_id=actor.officer_id, limits=limits)
                           for organ, actor in self.people.items()}  # fmt: skip

    def to_post(self) -> list[WorkItem]:
        """A few of the items that the officers at their desks know how to answer."""
        with self.story.reading() as unit:
            ready = select(WorkItem).where(
                WorkItem.state == "ready", WorkItem.form.in_(ANSWERS), WorkItem.organ_id.in_(self.people)
            )
            items = list(unit.session.scalars(ready.order_by(WorkItem.id)))
        return self.dice.sample(items, min(len(items), 3))

    def post(self, item: WorkItem, moment: datetime) -> None:
        """Post until there is an answer, as a browser resends; an acknowledged post goes to the log, and to disk."""
        submit = f"{item.id}-{item.version}-{self.dice.getrandbits(40):x}"
        form = {"version": item.version, "submit_id": submit} | self.answers(item)
        while (status := self.send(item, form)) is None:
            self.web.process.join()
            self.tally.web += 1
            self.web, self.port = self.new_web(moment)
        assert status == 303, f"{item.node}: {status}"
        with self.log.open("a") as log:
            log.write(json.dumps({"item": item.id, "node": item.node}) + "\n")
            log.flush()
            os.fsync(log.fileno())

    def answers(self, item: WorkItem) -> dict:
        if item.form != "stage_plan":
            return ANSWERS[item.form]
        town = self.story.town
        return PLAN | {"departments": [town["rsj"], town["jw"]]}

    def send(self, item: WorkItem, form: dict) -> int | None:
        """The status of one POST; None when the connection broke, whatever happened behind it."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Cookie": f"duban={self.tokens[item.organ_id]}", "Content-Type": "application/x-www-form-urlencoded"}
        try:
            connection.request("POST", f"/tasks/{item.id}", urlencode(form, doseq=True), headers)
            return connection.getresponse().status
        except ERRORS:
            return None
        finally:
            connection.close()

    def end(self) -> None:
        for hand in (*self.workers, self.web):
            hand.tell(None)
            hand.kill()


def moments(first: datetime, days: int, step: timedelta) -> list[datetime]:
    return [first + step * number for number in range(1, int(timedelta(days=days) / step) + 1)]

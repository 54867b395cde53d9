"""A virtual month of the house under fire: workers and a web server are killed while officers post and the clock runs.

What officers were told is written to a log outside; at the end the database must agree with it, line by line.
"""

import http.client
import json
import os
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

from sqlalchemy import select

from engine.verbs import urge_item
from models.process import WorkItem
from models.session import Limits, open_sign_in
from models.urge import Urge
from tests.jobs.crew import AT_ONCE, Hand, Watch, orders_for, stuck
from tests.jobs.worker import serve
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
ERRORS = (OSError, http.client.HTTPException)


class Month(Watch):
    """The house, its hands, and the log of what officers were told."""

    def __init__(self, story: Story, url: str, folder: Path, *, seed: int, kills: int, projects: int) -> None:
        self.log = folder / "acknowledged.log"
        self.log.touch()
        for number in range(projects):
            late = {"plan_start_on": "2026-07-15"} if number % 2 else {}
            story.register(APPROVE | late | {"name": f"演示项目{number}", "investor_name": f"演示公司{number}"})
        self.people = {actor.organ_id: actor for actor in (
            story.town.li_ming, story.town.zhao_qiang, story.town.zhou_wei, story.town.wu_min)}  # fmt: skip
        super().__init__(story, orders_for(url, folder), seed=seed, kills=kills, workers=2)
        self.web, self.port = self.new_web(story.clock.now())

    def new_web(self, moment: datetime) -> tuple[Hand, int]:
        mortal = self.tally.web < self.allowed // 10
        point = self.dice.choice(("committing", "committed")) if mortal else ""
        hand = self.crew.start(serve, os.devnull, point, self.dice.randint(2, 12))
        port = hand.answer()
        hand.tell(moment)
        return (hand, port) if hand.answer() else stuck()

    def live(self, moment: datetime) -> None:
        """One moment: workers sweep, officers post, some are killed, until nothing is due any more."""
        self.story.clock.move(to=moment)
        self.fallen = 0
        self.doom_some()
        self.web.tell(moment)
        self.web.answer()
        self.sign_in()
        self.post_parcels()
        self.sweep(moment)
        while posts := self.to_post():
            self.sweep(moment, [partial(self.post, item, moment) for item in posts])
            if self.dice.random() < 0.3:
                break  # the rest is for another day
        while self.tally.total < self.allowed and self.fallen < AT_ONCE and self.urge():
            self.sweep(moment)
        self.settle(moment)

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

    def doom_some(self) -> None:
        """A web server that was started when enough had died makes room for a mortal one."""
        super().doom_some()
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
        super().end()
        self.web.tell(None)
        self.web.kill()


def moments(first: datetime, days: int, step: timedelta) -> list[datetime]:
    return [first + step * number for number in range(1, int(timedelta(days=days) / step) + 1)]

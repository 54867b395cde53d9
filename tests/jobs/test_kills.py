"""A month of kill -9: workers die with leases in their hands, the web server between commit and answer; nothing is lost.

The log of acknowledged posts lies outside the database and is the truth it is held against.
"""

import json
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from models.audit import AuditEntry
from models.duty import DutyRun
from models.incident import Incident
from models.message import Message, holders
from models.notice import Notice
from models.notice_register import gaps
from models.process import Process, WorkItem
from models.project import Project
from models.queue import Envelope
from models.supervision import Rung
from notices.archive import read
from tests.jobs.month import Month, moments
from tests.workflows.staff import hire_staff
from tests.workflows.story import Story


@pytest.fixture
def story(database, clock, tmp_path) -> Story:
    opened = Story(database, clock, tmp_path)
    hire_staff(opened)  # who checks and signs what the calendar writes
    return opened


def run_month(story: Story, url: str, folder: Path, *, seed: int, kills: int, projects: int, step: timedelta) -> Month:
    month = Month(story, url, folder, seed=seed, kills=kills, projects=projects)
    try:
        month.live_through(moments(story.clock.now(), 32, step))
    finally:
        month.end()
    return month


def counted(story: Story, act: str) -> Counter:
    with story.reading() as unit:
        query = select(AuditEntry.subject_id, func.count()).where(AuditEntry.act == act).group_by(AuditEntry.subject_id)
        return Counter(dict(unit.session.execute(query).all()))


def require_acknowledged_once(story: Story, month: Month) -> None:
    acknowledged = [json.loads(line)["item"] for line in month.log.read_text().splitlines()]
    assert len(acknowledged) == len(set(acknowledged)) > 20
    assert counted(story, "item.complete") == Counter(dict.fromkeys(acknowledged, 1))
    assert {item.id for item in story.all(WorkItem, state="done")} == set(acknowledged)


def require_duties_once(story: Story) -> None:
    running = {project.id for project in story.all(Project, state="running")}
    [run] = [run for run in story.all(DutyRun) if run.period == "2026-12"]
    assert run.done_at is not None
    reviews = [process.business_key for process in story.all(Process, key="progress_review")]
    assert sorted(reviews) == sorted(f"progress_review:2026-12:{each}" for each in running)
    asked = Counter(item.project_id for item in story.all(WorkItem, form="progress_review"))
    assert asked == Counter(dict.fromkeys(running, 1))
    assert run.made == len(running)


def require_notices_once(story: Story) -> None:
    notices = story.all(Notice)
    assert len(notices) > 10
    for series in {(notice.organ_id, notice.kind, notice.year) for notice in notices}:
        serials = sorted(n.serial for n in notices if (n.organ_id, n.kind, n.year) == series)
        assert serials == list(range(1, len(serials) + 1))
    with story.reading() as unit:
        assert gaps(unit.session, 2026) == gaps(unit.session, 2027) == [], "each number is a paper of the register"
    once = Counter(dict.fromkeys((notice.id for notice in notices), 1))
    assert counted(story, "notice.issue") == counted(story, "notice.deliver") == once
    for notice in notices:
        assert notice.number in read(story.house.settings.archive_dir, notice.sha256).decode()
    rungs = Counter((rung.supervision_id, rung.number) for rung in story.all(Rung))
    assert set(rungs.values()) == {1}
    on_the_ladder = ("reminder", "supervision", "talk", "special_report")
    assert len([notice for notice in notices if notice.kind in on_the_ladder]) == len(
        [rung for rung in story.all(Rung) if rung.notice_id],
    )


def require_told_once(story: Story) -> None:
    """Each envelope of news reached each holder once; the key of a message allows no second, so absence is what is sought."""
    told = Counter(
        (message.work_item_id, message.key.split(":")[0]) for message in story.all(Message) if message.work_item_id
    )
    expected: Counter = Counter()
    with story.reading() as unit:
        for envelope in story.all(Envelope, kind="tell"):
            for item_id in envelope.payload.get("items", ()):
                expected[item_id, envelope.payload["what"]] += len(
                    holders(unit.session, unit.session.get_one(WorkItem, item_id))
                )
        for envelope in story.all(Envelope, kind="tell.officer"):
            expected[envelope.payload["item"], envelope.payload["key"].split(":")[0]] += 1
    assert told == expected


def require_parcels_once(story: Story, month: Month) -> None:
    assert counted(story, "parcel.land") == Counter(dict.fromkeys(range(month.parcels), 1))


def require_nothing_left(story: Story) -> None:
    due = [envelope for envelope in story.all(Envelope) if envelope.due_at <= story.clock.now()]
    states = Counter(envelope.state for envelope in due)
    assert states == {"done": states.total()}, [(e.key, e.error) for e in due if e.state != "done"]
    assert story.all(Incident) == []
    due = [process for process in story.all(Process) if process.wakes_at and process.wakes_at <= story.clock.now()]
    assert [process for process in due if process.status == "running"] == []


def require_all(story: Story, month: Month) -> None:
    require_nothing_left(story)
    require_acknowledged_once(story, month)
    require_duties_once(story)
    require_notices_once(story)
    require_told_once(story)
    require_parcels_once(story, month)


def test_thirty_kills_in_a_month_lose_nothing_and_double_nothing(story, database_url, tmp_path):
    month = run_month(story, database_url, tmp_path, seed=20261124, kills=40, projects=10, step=timedelta(days=2))
    assert month.tally.total >= 30
    assert month.tally.held * 2 >= month.tally.total - month.tally.web
    assert month.tally.web >= 2
    require_all(story, month)


@pytest.mark.soak
@pytest.mark.parametrize("seed", [1, 2])
def test_five_hundred_kills_in_a_month_lose_nothing_and_double_nothing(story, database_url, tmp_path, seed):
    month = run_month(story, database_url, tmp_path, seed=seed, kills=510, projects=80, step=timedelta(hours=6))
    assert month.tally.total >= 500
    assert month.tally.held * 2 >= month.tally.total - month.tally.web
    require_all(story, month)

"""Numbers are given out without gap and without double, however many issue at once and however many give up."""

import random
from collections import Counter
from threading import Barrier, Thread

import pytest

from models.coordination import Coordination, next_serial
from models.notice import Notice, issue_notice
from models.project import Project
from models.queue import Envelope
from tests.workflows.story import RESERVE, Story
from workflows.project import register_and_open

THREADS, EACH = 10, 10


class ChangedMind(Exception):
    """Whoever issues gives up before the commit."""


@pytest.fixture
def story(database, clock, tmp_path) -> Story:
    return Story(database, clock, tmp_path)


def at_once(act) -> None:
    """`act(number)` a hundred times from ten threads that begin together; about every fifth changes its mind."""
    start, bugs = Barrier(THREADS), []

    def hand(place: int) -> None:
        dice = random.Random(place)
        start.wait(timeout=60)
        for turn in range(EACH):
            try:
                act(place * EACH + turn, dice.random() < 0.2)
            except ChangedMind:
                continue
            except Exception as error:  # noqa: BLE001 - judged below
                bugs.append(error)

    threads = [Thread(target=hand, args=(place,)) for place in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert bugs == []


def test_a_hundred_notices_issued_at_once_with_a_fifth_rolled_back_are_numbered_without_gap_or_double(story):
    gave_up = []

    def issue(number: int, changes_mind: bool) -> None:
        with story.unit() as unit:
            issue_notice(
                unit,
                kind="reminder",
                organ_id=story.town.hzjl,
                to_organ_id=story.town.binhai,
                project_id=None,
                process_id=None,
                title=f"第{number}次",
                letter={"kind": "reminder"},
            )
            if changes_mind:
                gave_up.append(number)
                raise ChangedMind

    at_once(issue)
    notices = story.all(Notice)
    assert len(gave_up) > 10
    assert len(notices) == THREADS * EACH - len(gave_up)
    assert sorted(notice.serial for notice in notices) == list(range(1, len(notices) + 1))
    assert len({notice.number for notice in notices}) == len(notices)
    assert Counter(envelope.kind for envelope in story.all(Envelope))["render"] == len(notices)


def test_coordination_requests_made_at_once_each_get_their_own_number(story):
    project_id = story.register()
    process_id = story.process("project", project_id).id

    def request(number: int, changes_mind: bool) -> None:
        with story.unit() as unit:
            serial = next_serial(unit.session, 2026)
            unit.session.add(Coordination(
                year=2026, serial=serial, number=f"协〔2026〕{serial}号", project_id=project_id, process_id=process_id,
                requester_organ_id=story.town.binhai, target_organ_id=story.town.hzjl, kind="其他", subject="x", body="x",
                requested_at=unit.now,
            ))  # fmt: skip
            unit.session.flush()
            if changes_mind:
                raise ChangedMind

    at_once(request)
    serials = sorted(row.serial for row in story.all(Coordination))
    assert serials == list(range(1, len(serials) + 1))
    assert 70 <= len(serials) < 100


def test_projects_registered_at_once_each_get_their_own_number(story):
    def register(number: int, changes_mind: bool) -> None:
        values = RESERVE | {"name": f"演示项目{number}", "investor_name": f"公司{number}"}
        with story.unit(story.town.li_ming) as unit:
            register_and_open(unit, owner_organ_id=story.town.binhai, values=values)
            if changes_mind:
                raise ChangedMind

    at_once(register)
    with story.reading() as unit:
        numbers = sorted(project.project_no for project in unit.session.query(Project))
    assert numbers == [f"SJ20261124{serial:03d}" for serial in range(1, len(numbers) + 1)]

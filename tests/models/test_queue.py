"""An envelope is worked on once, whatever workers do: four protections, each needed, each proved by taking it away."""

import os
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Thread

import pytest
from sqlalchemy import func, select, update

from models.queue import BACKOFF_MINUTES, Envelope, LeaseLost, LeaseTable
from models.unit import CLOCK, open_reading, open_unit

ROOT = Path(__file__).parents[2]
queue = LeaseTable()


@pytest.fixture
def post(database, clock):
    def post(key="render:1", due_at=None):
        with open_unit(database, CLOCK, clock.now()) as unit:
            unit.post("render", key, {"notice": 1}, due_at)

    return post


@pytest.fixture
def claim(database, clock):
    def claim(seconds=60.0, limit=10):
        with open_unit(database, CLOCK, clock.now()) as unit:
            return queue.claim(unit.session, clock.now(), limit=limit, lease_seconds=seconds)

    return claim


@pytest.fixture
def finish(database, clock):
    def finish(lease):
        with open_unit(database, CLOCK, clock.now()) as unit:
            queue.finish(unit.session, lease, clock.now())

    return finish


def state(database, clock, key="render:1"):
    with open_reading(database, CLOCK, clock.now()) as unit:
        return unit.session.scalar(select(Envelope.state).where(Envelope.key == key))


def test_posting_the_same_key_twice_leaves_one_envelope(database, clock, post):
    post()
    post()
    with open_reading(database, CLOCK, clock.now()) as unit:
        assert unit.session.scalar(select(func.count()).select_from(Envelope)) == 1


def test_an_envelope_is_not_taken_before_it_is_due(clock, post, claim):
    post(due_at=clock.now() + timedelta(seconds=1))
    assert claim() == []
    clock.move(by=timedelta(seconds=1))
    assert [lease.key for lease in claim()] == ["render:1"]


def test_a_leased_envelope_is_kept_from_others(post, claim):
    post()
    assert len(claim()) == 1
    assert claim() == []


def test_a_finished_envelope_is_never_taken_again(database, clock, post, claim, finish):
    post()
    [lease] = claim(seconds=-1)  # the lease is over at once, so only the state keeps others away
    finish(lease)
    assert claim() == []
    assert state(database, clock) == "done"


def test_a_late_worker_cannot_finish_what_another_took_over(database, clock, post, claim, finish):
    post()
    [late] = claim(seconds=-1)
    [current] = claim()
    with pytest.raises(LeaseLost):
        finish(late)
    finish(current)
    assert state(database, clock) == "done"


def test_a_finished_envelope_cannot_be_finished_twice(post, claim, finish):
    post()
    [lease] = claim()
    finish(lease)
    with pytest.raises(LeaseLost):
        finish(lease)


def test_a_failing_envelope_waits_longer_each_time_and_is_buried_in_the_end(database, clock, post, claim):
    post()
    for minutes in BACKOFF_MINUTES:
        [lease] = claim()
        with open_unit(database, CLOCK, clock.now()) as unit:
            queue.fail(unit.session, lease, "no paper", clock.now())
        clock.move(by=timedelta(minutes=minutes) - timedelta(seconds=1))
        assert claim() == []
        clock.move(by=timedelta(seconds=1))
    [lease] = claim()
    with open_unit(database, CLOCK, clock.now()) as unit:
        queue.fail(unit.session, lease, "no paper", clock.now())
    assert state(database, clock) == "dead"
    assert claim() == []


def test_workers_racing_for_many_envelopes_take_each_once(database, clock, post, claim):
    for number in range(40):
        post(key=f"render:{number}")
    taken: list[int] = []
    start = Barrier(4)

    def work():
        start.wait()
        while leases := claim(limit=3):
            taken.extend(lease.envelope_id for lease in leases)

    threads = [Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # On PostgreSQL a row that another holds is passed over, so a worker may leave early; nothing is taken twice.
    taken += [lease.envelope_id for lease in claim(limit=40)]
    assert sorted(taken) == sorted(set(taken))
    assert len(taken) == 40


def test_what_a_unit_that_failed_had_posted_was_never_there(database, clock, claim):
    with pytest.raises(KeyError), open_unit(database, CLOCK, clock.now()) as unit:
        unit.post("render", "render:1", {})
        raise KeyError
    assert claim() == []


PROTECTIONS = {
    "unique key": ('.on_conflict_do_nothing(index_elements=["key"])', ""),
    "state": ('        Envelope.state == "waiting",\n', "        Envelope.id > 0,\n"),
    "lease": ("Envelope.lease_until < database_now", "Envelope.id > 0"),
    "fence": (", Envelope.fence == lease.fence)", ")"),
}


@pytest.mark.parametrize("name", PROTECTIONS)
def test_without_one_protection_the_suite_fails(name, tmp_path):
    """Copies the shelf, removes one protection, and runs the tests above: they must notice."""
    for folder in ("models", "tests"):
        shutil.copytree(
            ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__", "web", "notices")
        )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    source = tmp_path / "models" / "queue.py"
    found, instead = PROTECTIONS[name]
    text = source.read_text()
    assert text.count(found) == 1, f"the {name} is not where it was"
    text = text.replace(found, instead)
    if name == "unique key":
        text = text.replace("unique=True", "unique=False")
    source.write_text(text)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-x",
        "-p",
        "no:cacheprovider",
        "tests/models/test_queue.py",
        "-k",
        "not without_one",
    ]
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr


def test_a_lease_counts_by_the_databases_clock(database, clock, post, claim):
    """Business time may stand still or jump; a lease still ends when its real seconds are over."""
    post()
    [lease] = claim(seconds=3600)
    clock.move(by=timedelta(days=400))
    assert claim() == []
    with open_unit(database, CLOCK, clock.now()) as unit:
        unit.session.execute(update(Envelope).where(Envelope.id == lease.envelope_id).values(lease_until=1.0))
    assert len(claim()) == 1

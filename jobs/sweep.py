"""One sweep of the clock: timers, lights, duties, reminders and the outbox, in bounded batches.

Any number of processes may sweep at once: what is due stands in rows, each is taken under its own lock and unit, and
a sweep that dies leaves the rest for the next one.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import jobs.letters  # noqa: F401 - registers who renders what was issued
from engine.door import wake_process
from jobs.outbox import LEASE_SECONDS, work_outbox
from jobs.recount import ask_for_count
from models import duty as duties
from models import incident as incidents
from models import process as rows
from models.light_state import lights_due, put_off, refresh_light
from models.passing import is_passing
from models.queue import JobQueue, LeaseTable
from models.reminders import remind_due
from models.unit import CLOCK, Unit, open_reading, open_unit

log = logging.getLogger("duban.jobs")
BATCH = 200
QUEUE = LeaseTable()
LIGHT_RETRY = timedelta(days=1)  # a light that cannot be decided is tried again tomorrow
Work = Callable[[Unit], int]
Keep = Callable[[Unit, Exception], None]


class LightFailed(RuntimeError):
    """The light of this project could not be decided."""


@dataclass
class Swept:
    """How much one sweep did, by kind; zero everywhere means that nothing is due."""

    counts: dict[str, int] = field(default_factory=dict)

    def add(self, kind: str, number: int) -> None:
        """Count."""
        if number:
            self.counts[kind] = self.counts.get(kind, 0) + number

    @property
    def total(self) -> int:
        """All that was done."""
        return sum(self.counts.values())


def sweep(
    house: Any,
    now: datetime,
    *,
    rounds: int = 50,
    queue: JobQueue = QUEUE,
    lease_seconds: float = LEASE_SECONDS,
) -> Swept:
    """Do what is due at `now` until nothing is, or `rounds` batches are through; `house` is the composed application.

    One failing process, project, duty or envelope is kept as an incident or retried later; it never stops the others.
    """
    swept = Swept()
    for _ in range(rounds):
        before = swept.total
        for kind, work in (("timers", _timers), ("lights", _lights), ("duties", _duties), ("reminders", _reminders),
                           ("count", ask_for_count)):  # fmt: skip
            swept.add(kind, work(house, now))
        swept.add("envelopes", work_outbox(house, now, queue, limit=BATCH, lease_seconds=lease_seconds))
        if swept.total == before:
            break
    return swept


def _guarded(house: Any, now: datetime, work: Work, keep: Keep) -> int:
    """Do one thing in a unit of its own; when it fails, `keep` writes down what for whom in another.

    What only has to be tried again (a lock held by somebody, a lost connection) is left to the next sweep.
    """
    try:
        with open_unit(house.database, CLOCK, now) as unit:
            return work(unit)
    except Exception as error:
        if is_passing(error) or is_passing(error.__cause__):
            log.warning("left to the next sweep: %s", error)
            return 0
        log.exception("a sweep met a failure")
        with open_unit(house.database, CLOCK, now) as unit:
            keep(unit, error)
        return 0


def _timers(house: Any, now: datetime) -> int:
    with open_reading(house.database, CLOCK, now) as unit:
        due = rows.due_processes(unit.session, now, BATCH)
    return sum(_wake(house, now, process_id) for process_id in due)


def _wake(house: Any, now: datetime, process_id: int) -> int:
    def keep(unit: Unit, error: Exception) -> None:
        incidents.report(unit.session, what="wake", error=error, now=now, process_id=process_id)
        incidents.hold(unit.session, process_id)

    return _guarded(house, now, lambda unit: int(wake_process(unit, process_id=process_id)), keep)


def _lights(house: Any, now: datetime) -> int:
    with open_reading(house.database, CLOCK, now) as unit:
        due = lights_due(unit.session, now, BATCH)
    return sum(_light(house, now, project_id) for project_id in due)


def _light(house: Any, now: datetime, project_id: int) -> int:
    def work(unit: Unit) -> int:
        return int(bool(refresh_light(unit, project_id)))

    def keep(unit: Unit, error: Exception) -> None:
        named = LightFailed(f"project {project_id}: {type(error).__name__}: {error}")
        incidents.report(unit.session, what="light", error=named, now=now)
        put_off(unit.session, project_id, now + LIGHT_RETRY)

    return _guarded(house, now, work, keep)


def _duties(house: Any, now: datetime) -> int:
    with open_reading(house.database, CLOCK, now) as unit:
        wanting = [
            declared for declared in duties.DUTIES.values() if duties.missing_periods(unit.session, declared, now)
        ]
        unfinished = duties.has_unfinished(unit.session)
    for declared in wanting:
        with open_unit(house.database, CLOCK, now) as unit:
            duties.open_due(unit, declared)
    return _guarded(house, now, duties.work_chunk, _hold_run) if wanting or unfinished else 0


def _hold_run(unit: Unit, error: Exception) -> None:
    code = incidents.report(unit.session, what="duty", error=error, now=unit.now)
    if isinstance(error, duties.ChunkFailed):
        duties.hold_run(unit.session, error.run_id, code)


def _reminders(house: Any, now: datetime) -> int:
    with open_reading(house.database, CLOCK, now) as unit:
        if not remind_due(unit, look_only=True):
            return 0
    with open_unit(house.database, CLOCK, now) as unit:
        return remind_due(unit)

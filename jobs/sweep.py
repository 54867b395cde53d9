"""One sweep of the clock: timers, lights, duties, reminders and the outbox, in bounded batches.

Any number of processes may sweep at once: what is due stands in rows, each is taken under its own lock and unit, and
a sweep that dies leaves the rest for the next one.
"""

import logging
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.door import wake_process
from jobs.outbox import work_outbox
from models import duty as duties
from models import incident as incidents
from models import process as rows
from models.light_state import lights_due, refresh_light
from models.queue import LeaseTable
from models.reminders import remind_due
from models.unit import CLOCK, open_reading, open_unit

log = logging.getLogger("duban.jobs")
BATCH = 200


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


def sweep(house: Any, now: datetime, *, rounds: int = 50) -> Swept:
    """Do what is due at `now` until nothing is, or `rounds` batches are through; `house` is the composed application.

    One failing process, duty or envelope is kept as an incident or retried later; it never stops the others.
    """
    swept = Swept()
    for _ in range(rounds):
        before = swept.total
        for kind, work in (("timers", _timers), ("lights", _lights), ("duties", _duties), ("reminders", _reminders)):
            swept.add(kind, work(house, now))
        swept.add("envelopes", work_outbox(house, now, LeaseTable(), limit=BATCH))
        if swept.total == before:
            break
    return swept


def _timers(house: Any, now: datetime) -> int:
    with open_reading(house.database, CLOCK, now) as unit:
        due = rows.due_processes(unit.session, now, BATCH)
    return sum(_wake(house, now, process_id) for process_id in due)


def _wake(house: Any, now: datetime, process_id: int) -> int:
    try:
        with open_unit(house.database, CLOCK, now) as unit:
            return int(wake_process(unit, process_id=process_id))
    except Exception as error:
        log.exception("a timer failed", extra={"process_id": process_id})
        with open_unit(house.database, CLOCK, now) as unit:
            incidents.report(unit.session, what="wake", error=error, now=now, process_id=process_id)
            incidents.hold(unit.session, process_id)
        return 0


def _lights(house: Any, now: datetime) -> int:
    with open_reading(house.database, CLOCK, now) as unit:
        due = lights_due(unit.session, now, BATCH)
    for project_id in due:
        with open_unit(house.database, CLOCK, now) as unit:
            refresh_light(unit, project_id)
    return len(due)


def _duties(house: Any, now: datetime) -> int:
    with open_reading(house.database, CLOCK, now) as unit:
        wanting = [declared for declared in duties.DUTIES.values() if duties.missing_periods(unit.session, declared, now)]
        unfinished = duties.has_unfinished(unit.session)
    for declared in wanting:
        with open_unit(house.database, CLOCK, now) as unit:
            for period in duties.missing_periods(unit.session, declared, now):
                duties.open_run(unit.session, declared, period, now)
    if not (wanting or unfinished):
        return 0
    with open_unit(house.database, CLOCK, now) as unit:
        return duties.work_chunk(unit)


def _reminders(house: Any, now: datetime) -> int:
    with open_reading(house.database, CLOCK, now) as unit:
        if not remind_due(unit, look_only=True):
            return 0
    with open_unit(house.database, CLOCK, now) as unit:
        return remind_due(unit)

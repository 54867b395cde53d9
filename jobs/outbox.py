"""Works on envelopes: outside work first, then its effect and the envelope's end in one unit."""

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

from models.handlers import HANDLERS
from models.queue import JobQueue, Lease, LeaseLost
from models.unit import CLOCK, open_reading, open_unit

log = logging.getLogger("duban.jobs")
LEASE_SECONDS = 120.0
SEVERAL = 2  # papers that are worth a second press
CLAIM = 20  # so many at a time that all of them are through well before the lease ends, letters included


def work_outbox(
    house: Any,
    now: datetime,
    queue: JobQueue,
    *,
    limit: int,
    lease_seconds: float = LEASE_SECONDS,
) -> int:
    """Work on due envelopes until `limit` were leased or none is left; returns how many were finished by us."""
    taken = finished = 0
    while taken < limit:
        with open_reading(house.database, CLOCK, now) as unit:
            if not queue.due(unit.session, now):
                break
        with open_unit(house.database, CLOCK, now) as unit:
            leases = queue.claim(unit.session, now, limit=min(CLAIM, limit - taken), lease_seconds=lease_seconds)
        if not leases:
            break
        taken += len(leases)
        finished += sum(_worked_on(house, now, queue, leases))
    return finished


def _worked_on(house: Any, now: datetime, queue: JobQueue, leases: list[Lease]) -> Iterator[bool]:
    """Each in its turn; what only prints goes to as many hands as there are presses, so that none of them stands idle."""
    hands = house.settings.render_workers
    printing = [lease for lease in leases if lease.kind == "render"] if hands > 1 else []
    if len(printing) < SEVERAL:
        yield from (work_on(house, now, queue, lease) for lease in leases)
        return
    with ThreadPoolExecutor(hands, thread_name_prefix="press") as presses:
        started = [presses.submit(work_on, house, now, queue, lease) for lease in printing]
        yield from (work_on(house, now, queue, lease) for lease in leases if lease not in printing)
        yield from (each.result() for each in started)


def work_on(house: Any, now: datetime, queue: JobQueue, lease: Lease) -> bool:
    """Whether we finished it; a failure is kept with the envelope for a later try, a lost lease is dropped."""
    try:
        handler = HANDLERS[lease.kind]
        worked = handler.work(house, lease.payload) if handler.work else None
        with open_unit(house.database, CLOCK, now) as unit:
            queue.finish(unit.session, lease, now)
            handler.land(unit, lease.payload, worked)
    except LeaseLost:
        log.info("another worker took over", extra={"envelope": lease.key})
        return False
    except Exception as error:
        log.exception("an envelope failed", extra={"envelope": lease.key})
        with open_unit(house.database, CLOCK, now) as unit:
            queue.fail(unit.session, lease, f"{type(error).__name__}: {error}", now)
        return False
    return True

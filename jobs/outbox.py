"""Works on envelopes: outside work first, then its effect and the envelope's end in one unit."""

import logging
from datetime import datetime
from typing import Any

from models.handlers import HANDLERS
from models.queue import JobQueue, Lease, LeaseLost
from models.unit import CLOCK, open_reading, open_unit

log = logging.getLogger("duban.jobs")
LEASE_SECONDS = 120.0


def work_outbox(house: Any, now: datetime, queue: JobQueue, *, limit: int) -> int:
    """Work on up to `limit` due envelopes; returns how many were finished by us."""
    with open_reading(house.database, CLOCK, now) as unit:
        if not queue.due(unit.session, now):
            return 0
    with open_unit(house.database, CLOCK, now) as unit:
        leases = queue.claim(unit.session, now, limit=limit, lease_seconds=LEASE_SECONDS)
    return sum(work_on(house, now, queue, lease) for lease in leases)


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

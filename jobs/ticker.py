"""APScheduler as a mere ticker: every few seconds it calls the sweep; no business schedule ever lives in it."""

import logging
from collections.abc import Callable
from typing import Any

from apscheduler.schedulers.background import BackgroundScheduler

from jobs.sweep import sweep
from models.heartbeat import beat_is_due, note_beat
from models.unit import CLOCK, open_reading, open_unit

log = logging.getLogger("duban.jobs")


def start_ticking(house: Any, *, seconds: int = 15) -> Callable[[], None]:
    """Sweep every `seconds` in a thread of its own; returns what stops it. Ticks never overlap or pile up."""
    ticker = BackgroundScheduler(timezone="UTC")

    def tick() -> None:
        try:
            sweep(house, house.clock.now())
            beat(house)
        except Exception:
            log.exception("a tick failed; the next one takes up what is due")

    ticker.add_job(tick, "interval", seconds=seconds, max_instances=1, coalesce=True, misfire_grace_time=None)
    ticker.start()
    stop: Callable[[], None] = ticker.shutdown
    return stop


def beat(house: Any) -> None:
    """Leaves the mark that tells the administrator of a living sweeper, at most once a minute."""
    now = house.clock.now()
    with open_reading(house.database, CLOCK, now) as unit:
        if not beat_is_due(unit.session, now):
            return
    with open_unit(house.database, CLOCK, now) as unit:
        note_beat(unit)

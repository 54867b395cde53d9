"""Serves pages and ticks beside them: one gunicorn worker with threads, so that SQLite has one writing process."""

import gc
from collections.abc import Callable
from typing import Any

from gunicorn.app.base import BaseApplication

from jobs.ticker import start_ticking
from models.house import House
from models.settings import Settings

GRACE_SECONDS = 10
Compose = Callable[[], tuple[Any, House]]


class Server(BaseApplication):
    """gunicorn, told what to serve by us rather than by a file."""

    def __init__(self, compose: Compose, options: dict[str, Any], tick_seconds: int) -> None:
        self.compose = compose
        self.options = options
        self.tick_seconds = tick_seconds
        super().__init__()

    def load_config(self) -> None:
        """The few settings that matter here."""
        for name, value in self.options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """The application, made in the worker with its own connections, and the ticker beside it."""
        application, house = self.compose()
        gc.freeze()  # maps, templates and statements live as long as we do; looking through them again costs 5 % of every request
        start_ticking(house, seconds=self.tick_seconds)
        return application


def serve(compose: Compose, settings: Settings, *, threads: int, tick_seconds: int) -> None:
    """Serve until stopped."""
    Server(
        compose,
        {
            "bind": f"{settings.host}:{settings.port}",
            "workers": 1,
            "threads": threads,
            "worker_class": "gthread",
            "accesslog": None,
            "errorlog": "-",
            "loglevel": "warning",
            "keepalive": 60,
            "timeout": 120,
            # A stop waits so long for pages and a sweep in hand; what is cut off then was in one transaction or under a lease.
            "graceful_timeout": GRACE_SECONDS,
        },
        tick_seconds,
    ).run()

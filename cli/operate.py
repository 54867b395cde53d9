"""Commands that run the house: migrate, tick, serve."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from cli.accounts import announce_setup
from cli.moments import moment
from engine.door import publish_map
from jobs.sweep import sweep
from jobs.ticker import start_ticking
from models import schema
from models.calendar import seed_calendar
from models.house import House
from models.seed import load_organs
from models.unit import CLOCK, open_unit

MAPS = Path(__file__).parents[1] / "bpmn"


def prepare(house: House) -> None:
    """Migrate, put in the reference data that is missing, publish the maps of this version. Safe at every start."""
    schema.upgrade(house.database)
    with open_unit(house.database, CLOCK, house.now()) as unit:
        load_organs(unit)
        seed_calendar(unit)
        for path in sorted(MAPS.glob("*.bpmn")):
            publish_map(unit, xml=path.read_bytes())


def commands(house: House) -> tuple[click.Command, ...]:
    """migrate, tick and serve, bound to a house."""

    @click.command("migrate")
    def migrate() -> None:
        """Bring the database to this version: tables, reference data, maps."""
        prepare(house)
        click.echo("the database is up to date")

    @click.command("tick")
    @click.option("--at", "at", type=moment, help="ISO moment; one in the future only with DEMO=1")
    def tick(at: datetime | None) -> None:
        """Run one sweep of the clock and say as JSON what it did."""
        now = house.now()
        if at and at > now and not house.settings.demo:
            raise click.ClickException("A future moment may only be swept with DEMO=1.")
        click.echo(json.dumps(sweep(house, at or now).counts, ensure_ascii=False))

    @click.command("serve")
    @click.option("--threads", default=8, show_default=True)
    @click.option("--tick-seconds", default=15, show_default=True)
    def serve(threads: int, tick_seconds: int) -> None:
        """Serve pages and run jobs on this machine until stopped."""
        prepare(house)
        announce_setup(house)
        run_server(house, threads=threads, tick_seconds=tick_seconds)

    return (migrate, tick, serve)


def run_server(house: House, *, threads: int, tick_seconds: int) -> None:
    """One gunicorn worker with threads (one writing process on SQLite) and the ticker beside it."""
    from gunicorn.app.base import BaseApplication

    settings = house.settings

    class Server(BaseApplication):  # type: ignore[misc]
        """gunicorn, told what to serve by us rather than by a file."""

        def load_config(self) -> None:
            """The few settings that matter here."""
            for name, value in options.items():
                self.cfg.set(name, value)

        def load(self) -> Any:
            """The application of this house; made in the worker, so that no connection is shared across a fork."""
            from app import create_app, create_house

            served = create_house(settings)
            start_ticking(served, seconds=tick_seconds)
            return create_app(served)

    options = {
        "bind": f"{settings.host}:{settings.port}", "workers": 1, "threads": threads, "worker_class": "gthread",
        "accesslog": None, "errorlog": "-", "loglevel": "warning", "keepalive": 60, "timeout": 120,
    }
    click.echo(f"督办 is served at http://{settings.host}:{settings.port}")
    house.database.close()
    Server().run()

"""Commands that run the house: migrate, publish, tick, serve."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import click

from cli.accounts import announce_setup
from cli.moments import moment
from engine.door import publish_map
from models import schema
from models.calendar import seed_calendar
from models.house import House
from models.seed import load_organs
from models.unit import CLOCK, open_unit

MAPS = Path(__file__).parents[1] / "bpmn"


@dataclass(frozen=True)
class Running:
    """What app.py hands in, because doors do not import one another: the sweep, and how to serve."""

    sweep: Callable[[House, datetime], dict[str, int]]
    serve: Callable[[House, int, int], None]


def prepare(house: House) -> None:
    """Migrate, put in the reference data that is missing, publish the maps of this version. Safe at every start."""
    schema.upgrade(house.database)
    with open_unit(house.database, CLOCK, house.now()) as unit:
        load_organs(unit)
        seed_calendar(unit)
        for path in sorted(MAPS.glob("*.bpmn")):
            publish_map(unit, xml=path.read_bytes())


def commands(house: House, running: Running) -> tuple[click.Command, ...]:
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
        click.echo(json.dumps(running.sweep(house, at or now), ensure_ascii=False))

    @click.command("serve")
    @click.option("--threads", default=8, show_default=True)
    @click.option("--tick-seconds", default=15, show_default=True)
    def serve(threads: int, tick_seconds: int) -> None:
        """Serve pages and run jobs on this machine until stopped."""
        prepare(house)
        announce_setup(house)
        say_address(house)
        running.serve(house, threads, tick_seconds)

    return (migrate, tick, serve)


def say_address(house: House) -> None:
    """Where the pages are, on the last line before the server takes over."""
    click.echo(f"督办: http://{house.settings.host}:{house.settings.port}")

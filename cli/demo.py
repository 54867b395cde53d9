"""The demo: people, the public projects and a virtual past, all made by the product's own commands, then served."""

import time
from collections.abc import Iterable
from datetime import timedelta

import click

from cli.demo_past import DemoPast
from cli.operate import Running, prepare, say_address
from models.house import House
from models.officer import demo_officers
from models.organ import Organ
from models.unit import CLOCK, open_reading
from notices.seals import FILE
from notices.trial_authority import make_trial_seals

PUBLIC_SINCE_DAYS = 3  # the published projects came in just now, so that verifying them is what is due next


def commands(house: House, running: Running) -> tuple[click.Command, ...]:
    """The group `demo`, bound to a house; refuses without DEMO=1."""

    @click.group("demo")
    def demo() -> None:
        """A house full of projects to try; DEMO=1 only."""
        if not house.settings.demo:
            raise click.ClickException("Set DEMO=1: the demo opens accounts without a password.")

    @demo.command("load")
    @click.option("--days", default=150, show_default=True, help="how long the virtual past is")
    def load(days: int) -> None:
        """Make the demo's people, projects and past, once."""
        load_demo(house, running, days)

    @demo.command("serve")
    @click.option("--days", default=150, show_default=True)
    def serve(days: int) -> None:
        """Load the demo if it is not there, then serve it."""
        load_demo(house, running, days)
        say_address(house)
        running.serve(house, 8, 2)

    @demo.command("people")
    def people() -> None:
        """Hire the demo's people into a house without projects, so that the first ledger can be imported."""
        hire_people(house, running)

    return (demo,)


def hire_people(house: House, running: Running) -> None:
    """The people behind the cards and their colleagues, working from today; nothing when they are there already."""
    prepare(house)
    if not _is_staffed(house):
        past = DemoPast(house, running.sweep, house.now())
        past.hire_everybody()
        cut_seals(house, past.organs.values())


def _is_staffed(house: House) -> bool:
    with open_reading(house.database, CLOCK, house.now()) as unit:
        return bool(demo_officers(unit.session))


def cut_seals(house: House, organs: Iterable[Organ]) -> None:
    """演示用印章 for every organ, made here and marked as such; a folder that holds seals already is left alone."""
    if (house.settings.seal_dir / FILE).exists():
        return
    names = {organ.code: organ.signature for organ in organs}
    governments = frozenset(organ.code for organ in organs if organ.kind == "district")
    make_trial_seals(house.settings.seal_dir, names, house.now(), wide=governments)


def load_demo(house: House, running: Running, days: int) -> None:
    """Everything the demo shows; nothing when it is there already."""
    prepare(house)
    if _is_staffed(house):
        return
    began = time.monotonic()
    today = house.now().replace(hour=1, minute=0, second=0, microsecond=0)
    past = DemoPast(house, running.sweep, today - timedelta(days=days))
    past.hire_everybody()
    cut_seals(house, past.organs.values())
    past.register_projects()
    with click.progressbar(range(days, 0, -1), label=f"the demo's past, {days} days") as bar:
        for left in bar:
            if left == PUBLIC_SINCE_DAYS:
                past.import_public_projects()
            past.live_a_day()
    past.catch_up(house.now())
    click.echo(f"the demo is loaded ({time.monotonic() - began:.0f} s)")

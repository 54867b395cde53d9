"""A whole house for stories told through pages: a test database with the town, the maps and the cast signed in."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import jinja2
from flask import Flask
from flask.testing import FlaskClient

import workflows
from engine.door import publish_map
from jobs.sweep import sweep
from models.calendar import seed_calendar
from models.clock import FrozenClock
from models.database import Database
from models.house import House
from models.session import Limits, open_sign_in
from models.settings import Settings
from models.unit import CLOCK, Actor, Unit, open_reading, open_unit
from notices.seals import Cabinet
from tests.cast import Town, make_town
from web import create_web
from web.auth import cookie_name

MAPS = Path(__file__).parents[2] / "bpmn"


class NoRenderer:
    """For stories in which nobody sets a letter: pages never render, only the worker does."""

    def render(self, letter: Any, *, draft: bool = False) -> bytes:
        raise AssertionError(f"a page asked for a letter: {letter!r}, draft={draft}")


def settings_for(folder: Path, **changes: Any) -> Settings:
    """Settings that need no environment; files lie in `folder`."""
    plain = Settings.from_environ(
        {"DUBAN_DATA_DIR": str(folder), "DUBAN_SECRET_KEY": "a key for tests only, 0123456789"}
    )
    return replace(plain, **changes)


def make_house(database: Database, clock: FrozenClock, folder: Path, *, renderer: Any = None, **changes: Any) -> House:
    """The composed application on a test database; `changes` are settings, for instance demo=True."""
    workflows.discover()
    return House(settings_for(folder, **changes), clock, database, renderer or NoRenderer(), Cabinet(None))


def make_app(house: House) -> Flask:
    """The pages of a house. Form tokens have tests of their own, so posts here need none; a misspelt field fails."""
    app = create_web(house)
    app.config["WTF_CSRF_ENABLED"] = False
    app.jinja_env.undefined = jinja2.StrictUndefined
    return app


def client_of(app: Flask, house: House, officer: Actor, *, language: str = "zh") -> FlaskClient:
    """A browser in which this officer is signed in."""
    with open_unit(house.database, CLOCK, house.now()) as unit:
        token = open_sign_in(unit, officer_id=officer.officer_id or 0, limits=Limits.of(house.settings))
    with app.app_context():
        name = cookie_name()
    client = app.test_client()
    client.set_cookie(name, token)
    client.set_cookie("duban_lang", language)
    return client


@dataclass(frozen=True)
class Story:
    """A house, its pages and its people: what most stories need, so that a test reads as who did what."""

    house: House
    app: Flask
    town: Town

    @contextmanager
    def unit(self, actor: Actor = CLOCK) -> Iterator[Unit]:
        """A writing unit of this actor at the frozen moment."""
        with open_unit(self.house.database, actor, self.house.now()) as unit:
            yield unit

    @contextmanager
    def reading(self, actor: Actor = CLOCK) -> Iterator[Unit]:
        """A reading unit of this actor at the frozen moment."""
        with open_reading(self.house.database, actor, self.house.now()) as unit:
            yield unit

    def client(self, officer: Actor, *, language: str = "zh") -> FlaskClient:
        """A browser in which this officer is signed in."""
        return client_of(self.app, self.house, officer, language=language)

    def sweep(self) -> dict[str, int]:
        """The clock's work that is due: timers, lights, duties, messages."""
        return sweep(self.house, self.house.now()).counts


def open_story(database: Database, clock: FrozenClock, folder: Path, **changes: Any) -> Story:
    """The town, the calendar and every map of bpmn/ published, with pages to open."""
    house = make_house(database, clock, folder, **changes)
    with open_unit(database, CLOCK, clock.now()) as unit:
        seed_calendar(unit)
        town = make_town(unit)
        for path in sorted(MAPS.glob("*.bpmn")):
            publish_map(unit, xml=path.read_bytes())
    return Story(house, make_app(house), town)

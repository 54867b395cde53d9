"""Composes 督办: settings, clock, database, renderer, and the three doors. Nothing else happens here."""

import os
from datetime import datetime

from flask import Flask

import workflows
from cli import Running, add_commands
from jobs.server import serve
from jobs.sweep import sweep
from models.clock import Clock, SystemClock
from models.database import Database
from models.demo_clock import demo_clock
from models.house import House
from models.settings import Settings
from notices.pool import RenderPool
from notices.seals import Cabinet
from web import create_web


def create_house(settings: Settings, clock: Clock | None = None) -> House:
    """The house of these settings; a clock is handed in by tests."""
    database = Database(settings.database_url)
    machine = clock or SystemClock()
    shown = demo_clock(machine, database) if settings.demo and clock is None else machine
    return House(settings, shown, database, RenderPool(settings.render_workers), Cabinet(settings.seal_dir))


def create_app(house: House | None = None) -> Flask:
    """The Flask application with its pages, API and commands; `flask --app app` calls this."""
    workflows.discover()
    house = house or create_house(Settings.from_environ(os.environ))
    web = create_web(house)
    add_commands(web, house, Running(sweep_once, serve_house))
    return web


def sweep_once(house: House, now: datetime) -> dict[str, int]:
    """One sweep of the clock; what it did, by kind."""
    return sweep(house, now).counts


def serve_house(house: House, threads: int, tick_seconds: int) -> None:
    """Web and jobs on this machine; the server's worker makes its own connections, none is shared across a fork."""
    house.database.close()

    def compose() -> tuple[Flask, House]:
        fresh = create_house(house.settings)
        return create_app(fresh), fresh

    serve(compose, house.settings, threads=threads, tick_seconds=tick_seconds)

"""Fixtures everyone expects: a fresh database of each kind, a frozen clock, and the cast."""

import os
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

import models.tables  # noqa: F401 - every table, so that create_all makes them
from models.base import Base
from models.clock import FrozenClock
from models.database import Database
from tests.postgres import PrivatePostgres

_server: list[PrivatePostgres] = []
TUESDAY = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)  # 09:00 in Tianjin


def pytest_configure(config: pytest.Config) -> None:
    """The first process starts the private server; xdist's workers inherit its address."""
    if not os.environ.get("DUBAN_TEST_POSTGRES_URL") and not hasattr(config, "workerinput"):
        _server.append(PrivatePostgres())
        os.environ["DUBAN_TEST_POSTGRES_URL"] = _server[0].url


def pytest_unconfigure() -> None:
    for server in _server:
        os.environ.pop("DUBAN_TEST_POSTGRES_URL", None)
        server.stop()
    _server.clear()


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock(TUESDAY)


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database, once per kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'duban.sqlite3'}"
        return
    name = f"t_{uuid.uuid4().hex[:12]}"
    admin = create_engine(_psycopg(os.environ["DUBAN_TEST_POSTGRES_URL"]), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template0"))
    yield os.environ["DUBAN_TEST_POSTGRES_URL"].rsplit("/", 1)[0] + f"/{name}"
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A database with every table and no row."""
    opened = Database(database_url)
    Base.metadata.create_all(opened.reading)
    yield opened
    opened.close()


def _psycopg(url: str) -> str:
    return url.replace("postgresql://", "postgresql+psycopg://")

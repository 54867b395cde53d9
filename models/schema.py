"""Brings a database to the newest migration; the only caller of Alembic."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

import models.tables  # noqa: F401 - every table
from models.base import Base
from models.database import Database

MIGRATIONS = Path(__file__).parents[1] / "migrations"


def upgrade(database: Database, revision: str = "head") -> None:
    """Run the migrations that are missing, all in one transaction."""
    with _altering(database) as connection:
        command.upgrade(_config(connection), revision)


def downgrade(database: Database, revision: str) -> None:
    """Take migrations back down to a revision; "base" empties the database."""
    with _altering(database) as connection:
        command.downgrade(_config(connection), revision)


@contextmanager
def _altering(database: Database) -> Iterator[Connection]:
    """A transaction that may build tables anew: SQLite does so by copying, and must not mind who points at the old one.

    Raises RuntimeError, and changes nothing, when a row would be left pointing at nothing.
    """
    with database.writing.connect() as connection:
        sqlite = connection.dialect.name == "sqlite"
        held: Any = (
            connection.connection.dbapi_connection
        )  # asked past SQLAlchemy: within a transaction it is not heard
        if sqlite:
            held.execute("PRAGMA foreign_keys=OFF")
        try:
            with connection.begin():
                yield connection
                if sqlite and (lost := connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()):
                    raise RuntimeError(f"rows that point at nothing: {lost[:5]}")
        finally:
            if sqlite:
                held.execute("PRAGMA foreign_keys=ON")


def differences(database: Database) -> list[object]:
    """What Alembic would have to change so that the database equals the metadata; empty when they agree."""
    with database.reading.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, Base.metadata))


def revisions(database: Database) -> tuple[str | None, str | None]:
    """Where a database stands and the newest migration of this version; None for one without a table of ours."""
    with database.reading.connect() as connection:
        present = MigrationContext.configure(connection).get_current_revision()
        return present, ScriptDirectory.from_config(_config(connection)).get_current_head()


def new_revision(database: Database, message: str, number: str) -> None:
    """Write a numbered migration from the difference between database and metadata."""
    with database.writing.begin() as connection:
        command.revision(_config(connection), message, autogenerate=True, rev_id=number)


def _config(connection: object) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config

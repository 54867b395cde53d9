"""Brings a database to the newest migration; the only caller of Alembic."""

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

import models.tables  # noqa: F401 - every table
from models.base import Base
from models.database import Database

MIGRATIONS = Path(__file__).parents[1] / "migrations"


def upgrade(database: Database, revision: str = "head") -> None:
    """Run the migrations that are missing, all in one transaction."""
    with database.writing.begin() as connection:
        command.upgrade(_config(connection), revision)


def downgrade(database: Database, revision: str) -> None:
    """Take migrations back down to a revision; "base" empties the database."""
    with database.writing.begin() as connection:
        command.downgrade(_config(connection), revision)


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

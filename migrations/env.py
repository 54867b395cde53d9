"""Alembic's entry: the same metadata as the product, on whichever database the command was given."""

from alembic import context
from sqlalchemy import Connection

import models.tables  # noqa: F401 - every table
from models.base import Base


def run(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True, compare_type=True)
    with context.begin_transaction():
        context.run_migrations()


run(context.config.attributes["connection"])

"""Alembic's entry: the same metadata as the product, on whichever database the command was given."""

from typing import Any, Literal

from alembic import context
from sqlalchemy import Connection

import models.tables  # noqa: F401 - every table
from models.base import Base, Json, Moment, Money

# A migration must still run when these types have changed, so it names what they are stored as.
STORED_AS = {Moment: "sa.DateTime(timezone=True)", Money: "sa.BigInteger()", Json: "sa.Text()"}


def written(kind: str, item: Any, _autogenerate: Any) -> str | Literal[False]:
    """How a column type is written down in a migration."""
    return STORED_AS.get(type(item), False) if kind == "type" else False


def run(connection: Connection) -> None:
    """Run or compare on this connection."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
        render_item=written,
    )
    with context.begin_transaction():
        context.run_migrations()


run(context.config.attributes["connection"])

"""The declarative base and the five column types that keep both databases to one behaviour."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, MetaData, Text, TypeDecorator
from sqlalchemy.orm import DeclarativeBase

FEN_PER_WAN = 1_000_000  # 1 万元 = 10,000 元 = 1,000,000 分

# SQLite only numbers rows by itself when the key's type is exactly INTEGER.
Key = BigInteger().with_variant(Integer(), "sqlite")


# For a query of rows that this unit has flushed already: what else it changed can wait and go in with more.
UNFLUSHED = {"autoflush": False}


class Base(DeclarativeBase):
    """Every table of the house; constraint names are fixed so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        },
    )


class Moment(TypeDecorator[datetime]):
    """An aware UTC moment; SQLite keeps it without its zone, so the zone is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Refuses a naive moment: nobody could say which hour it means."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """The stored moment, aware, UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Money(TypeDecorator[Decimal]):
    """Decimal 万元 in Python, whole 分 in the database; a value finer than 分 is refused."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        """Whole 分; raises ValueError rather than round somebody's money."""
        if value is None:
            return None
        fen = Decimal(value) * FEN_PER_WAN
        if fen != fen.to_integral_value():
            raise ValueError(f"{value} 万元 is finer than 分")
        return int(fen)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:  # noqa: ARG002
        """Decimal 万元."""
        return None if value is None else Decimal(value) / FEN_PER_WAN


class Scaled(TypeDecorator[Decimal]):
    """An exact decimal with a fixed number of places, whole in the database; a finer value is refused."""

    impl = BigInteger
    cache_ok = True

    def __init__(self, places: int) -> None:
        super().__init__()
        self.places = places

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        """The value times ten to its places; raises ValueError rather than round."""
        if value is None:
            return None
        whole = Decimal(value).scaleb(self.places)
        if whole != whole.to_integral_value():
            raise ValueError(f"{value} has more than {self.places} places")
        return int(whole)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:  # noqa: ARG002
        """The decimal as it was put in."""
        return None if value is None else Decimal(value).scaleb(-self.places)


class Json(TypeDecorator[Any]):
    """Plain JSON as text: key order stays, Chinese stays readable, and both databases compare alike."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: object, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Compact JSON text."""
        return None if value is None else json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:  # noqa: ARG002
        """The value as it was put in."""
        return None if value is None else json.loads(value)

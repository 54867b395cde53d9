"""项目编号: SJ + day + a counter, unique and given out under a lock, in one statement on either database."""

from functools import lru_cache
from typing import Any, cast

from sqlalchemy import Integer, String, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base
from models.unit import Unit


class ProjectSeries(Base):
    """项目编号序列。 The last number given out on a day."""

    __tablename__ = "project_series"

    day: Mapped[str] = mapped_column(String(8), primary_key=True)
    last: Mapped[int] = mapped_column(Integer)


def take_numbers(unit: Unit, count: int) -> list[str]:
    """Project numbers, SJ + day + at least three digits; the day's counter stays locked until the commit."""
    day = unit.today.strftime("%Y%m%d")
    last = raise_series(unit.session, day, count)
    return [f"SJ{day}{number:03d}" for number in range(last - count + 1, last + 1)]


def raise_series(session: Session, day: str, count: int) -> int:
    """The counter of this name after adding `count`; its row is locked until the commit."""
    return int(session.execute(_raising(session.get_bind().dialect.name), {"day": day, "last": count}).scalar_one())


@lru_cache
def _raising(dialect: str) -> Any:
    """The statement, built once per kind of database."""
    first = (sqlite if dialect == "sqlite" else postgresql).insert(cast("Table", ProjectSeries.__table__))
    last = first.table.c.last
    raised = first.on_conflict_do_update(index_elements=["day"], set_={"last": last + first.excluded.last})
    return raised.returning(last)

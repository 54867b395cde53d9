"""项目编号: SJ + day + a counter, unique and given out under a lock, in one statement on either database."""

from sqlalchemy import Integer, String
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
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    first = dialect.insert(ProjectSeries).values(day=day, last=count)
    query = first.on_conflict_do_update(index_elements=["day"], set_={"last": ProjectSeries.last + count})
    return int(session.execute(query.returning(ProjectSeries.last)).scalar_one())

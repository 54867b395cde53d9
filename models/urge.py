"""催办: reminders by people, counted per item and day."""

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, String, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, Key, Moment


class Urge(Base):
    """催办。 One reminder by a person; rows count against the daily limit."""

    __tablename__ = "urge"
    __table_args__ = (UniqueConstraint("work_item_id", "day", "number"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    work_item_id: Mapped[int] = mapped_column(ForeignKey("work_item.id"))
    day: Mapped[str] = mapped_column(String(10))
    number: Mapped[int] = mapped_column(Integer)
    at: Mapped[datetime] = mapped_column(Moment)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    words: Mapped[str] = mapped_column(String(200), default="")


def urges_on(session: Session, item_id: int, day: str) -> int:
    """How often this item was urged on this day."""
    query = select(func.count()).select_from(Urge).where(Urge.work_item_id == item_id, Urge.day == day)
    return session.scalar(query) or 0

"""What a recall takes back besides the items themselves: it must find them untouched, and nobody reading about them."""

from collections.abc import Iterable

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from models.message import Message
from models.process import WorkItem
from models.urge import Urge


def lock_items(session: Session, item_ids: Iterable[int]) -> None:
    """Wait until nobody else works with these items, for instance tells their holders."""
    session.execute(select(WorkItem.id).where(WorkItem.id.in_(list(item_ids))).with_for_update())


def urged_among(session: Session, item_ids: Iterable[int]) -> bool:
    """Whether somebody was urged about one of these items."""
    return session.scalar(select(Urge.id).where(Urge.work_item_id.in_(list(item_ids))).limit(1)) is not None


def forget_items(session: Session, item_ids: Iterable[int]) -> None:
    """Take back what was told about items that are themselves taken back."""
    session.execute(delete(Message).where(Message.work_item_id.in_(list(item_ids))))

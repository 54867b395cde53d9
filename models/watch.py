"""What lies on an open item besides its own work: the process that watches it, and a deadline moved by a paper."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models.process import WorkItem


def watch_item(session: Session, item_id: int, process_id: int | None) -> None:
    """The process hears when the item closes; None ends the watch. The item's version stays: nobody's page is stale."""
    session.execute(update(WorkItem).where(WorkItem.id == item_id).values(watcher_id=process_id))


def watched(session: Session, item_ids: Iterable[int]) -> list[tuple[int, int]]:
    """(item, watching process) of those among these items that are watched."""
    query = select(WorkItem.id, WorkItem.watcher_id).where(
        WorkItem.id.in_(list(item_ids)), WorkItem.watcher_id.is_not(None)
    )
    return [(item_id, process_id) for item_id, process_id in session.execute(query.order_by(WorkItem.id)) if process_id]


def postpone(session: Session, item_id: int, due_at: datetime, now: datetime) -> None:
    """Give an item another due moment, named by a paper: no calendar moves it, and its holder is reminded anew."""
    moved = {"due_at": due_at, "postponed_at": now, "reminded_at": None}
    session.execute(update(WorkItem).where(WorkItem.id == item_id).values(**moved))

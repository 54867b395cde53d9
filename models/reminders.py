"""临近提醒: who holds an item that falls due within two working days is told once, before it is late."""

from sqlalchemy import select, update

from models.calendar import load_calendar
from models.process import WorkItem
from models.unit import Unit

AHEAD_WORKING_DAYS = 2
BATCH = 200


def remind_due(unit: Unit, *, look_only: bool = False) -> int:
    """Post one message for each item that falls due soon and was not reminded of; returns how many (200 at most)."""
    until = load_calendar(unit.session).due_moment(unit.now, AHEAD_WORKING_DAYS)
    soon = (
        select(WorkItem.id, WorkItem.due_at)
        .where(WorkItem.state == "ready", WorkItem.due_at <= until, WorkItem.reminded_at.is_(None))
        .order_by(WorkItem.due_at)
        .limit(BATCH)
    )
    if look_only:
        return len(unit.session.execute(soon).all())
    found = unit.session.execute(soon.with_for_update(skip_locked=True)).all()
    ids = [item_id for item_id, _due_at in found]
    unit.session.execute(update(WorkItem).where(WorkItem.id.in_(ids)).values(reminded_at=unit.now))
    for item_id, due_at in found:  # a deadline that was moved is another one to be reminded of
        unit.post("tell", f"due:{item_id}:{due_at}", {"what": "due", "items": [item_id]})
    return len(found)

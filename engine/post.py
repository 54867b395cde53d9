"""消息: what one process leaves for another, by envelope: a message of its map, or word that a watched item has closed."""

from collections.abc import Iterable, Mapping
from typing import Any

from models.unit import Unit
from models.watch import watched

CLOSED = "item_closed"  # the message a process hears that watches an item


def post_message(unit: Unit, *, process_id: int, message: str, key: str, data: Mapping[str, Any] | None = None) -> None:
    """Leave a BPMN message for another process; `key` makes it safe to post twice."""
    unit.post(
        "message",
        f"message:{process_id}:{message}:{key}",
        {"process": process_id, "message": message, "data": dict(data or {})},
    )


def tell_watcher(unit: Unit, item_id: int, process_id: int) -> None:
    """The process that watches this item hears that it was done or cancelled."""
    post_message(unit, process_id=process_id, message=CLOSED, key=str(item_id))


def tell_watchers(unit: Unit, item_ids: Iterable[int]) -> None:
    """The same for many items, of which few are watched."""
    for item_id, process_id in watched(unit.session, item_ids):
        tell_watcher(unit, item_id, process_id)

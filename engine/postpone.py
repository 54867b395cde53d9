"""延期: an open item's deadline moves, and with it every timer, variable and copy that stands for the same moment.

A mechanism that keeps a copy of its deadlines registers what it does about it; whoever grants more time knows neither
its tables nor its map (docs/decisions/0018).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from engine.door import lock_item, require_fresh
from engine.run import restore
from models import process as rows
from models.clock import local_day
from models.process import Item
from models.refusal import NotDue
from models.texts import N_
from models.unit import Unit
from models.watch import postpone, watch_item


@dataclass(frozen=True)
class Postponed:
    """改期。 What a mechanism is told of its own process: which task, and the moment (UTC) it is due now."""

    process_id: int
    node: str
    due_at: datetime


Follower = Callable[[Unit, Postponed], None]
FOLLOWERS: dict[str, Follower] = {}


def follows_deadlines(key: str) -> Callable[[Follower], Follower]:
    """Register what a mechanism does when a deadline of its map `key` was moved; one function each."""

    def register(function: Follower) -> Follower:
        if FOLLOWERS.setdefault(key, function) is not function:
            raise ValueError(f"two follow the deadlines of {key}")
        return function

    return register


def watch(unit: Unit, *, item_id: int, process_id: int) -> None:
    """A process lays its hand on an open item: it hears when the item closes, and who came before cannot recall it.

    The caller holds the item's process.
    """
    process, _item = lock_item(unit, item_id)
    rows.update_process(unit.session, process.id, process.revision, undo=None, undo_item_id=None)
    watch_item(unit.session, item_id, process_id)


def require_open(unit: Unit, item: Item) -> datetime:
    """The moment an open item is due. Raises Outdated when it is closed or suspended, NotDue when that moment is over."""
    require_fresh(unit, item, item.version)
    if item.due_at is None:
        raise NotDue(N_("此事项没有规定期限，不用申请延期。"))
    if unit.now >= item.due_at:
        raise NotDue(N_("已过期限，不能延期。请尽快办理，并向督办人员说明原因。"))
    return item.due_at


def postpone_item(unit: Unit, *, item_id: int, due_at: datetime) -> datetime:
    """Move an open item's deadline to a later moment (UTC); returns the one it had. The caller has checked who may.

    The variable its map reads the deadline from, the timers around the task that watch it, and the mechanism's own
    copies move too. Raises Outdated when the item or its process is closed or suspended, NotDue when it is too late
    or the moment is not a later one.
    """
    process, item = lock_item(unit, item_id)
    run = restore(unit, process, item=item)
    was = require_open(unit, item)
    if due_at <= was:
        raise NotDue(N_("新的期限要晚于现在的期限。"))
    name = run.map.nodes[item.node].properties.get("due", "")
    if name.isidentifier():
        run.tokens.postpone(item.token, name, due_at)
    rows.update_process(
        unit.session,
        process.id,
        process.revision,
        state=run.tokens.dump(),
        wakes_at=run.tokens.wakes_at,
        undo=None,
        undo_item_id=None,
    )
    postpone(unit.session, item.id, due_at, unit.now)
    if follow := FOLLOWERS.get(process.key):
        follow(unit, Postponed(process.id, item.node, due_at))
    days = {"before": local_day(was).isoformat(), "after": local_day(due_at).isoformat()}
    unit.trace("item.deadline", "work_item", item.id, days)
    return was

"""What an item is about when it is about no project: each mechanism tells its own, and the item's page shows it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from models.process import WorkItem
from models.unit import Unit
from models.worklist import posts_of


@dataclass(frozen=True)
class Matter:
    """A line of it: `label` is a source text, `href` leads to the page behind it.

    `slot` is the number of the place in the form that asks about this line; a form has as many places as there are such lines.
    """

    label: str
    text: str
    href: str = ""
    slot: int | None = None


Teller = Callable[[Session, int], Iterable[Matter]]
TELLERS: dict[str, Teller] = {}


def tells(key: str) -> Callable[[Teller], Teller]:
    """Register who tells what the processes of a map are about; it is given the process's number."""

    def register(function: Teller) -> Teller:
        if TELLERS.setdefault(key, function) is not function:
            raise ValueError(f"two tell what {key} is about")
        return function

    return register


def matter_of(session: Session, key: str, process_id: int) -> tuple[Matter, ...]:
    """What a process is about; nothing for maps of which nobody tells."""
    return tuple(TELLERS[key](session, process_id)) if key in TELLERS else ()


def my_open_item(unit: Unit, process_id: int | None) -> tuple[int, str] | None:
    """Number and name of the item of this process that waits for the actor; None when none does."""
    posts = posts_of(unit.actor)
    if process_id is None or not posts:
        return None
    query = select(WorkItem.id, WorkItem.name, WorkItem.assignee_id).where(
        WorkItem.process_id == process_id,
        WorkItem.state == "ready",
        tuple_(WorkItem.organ_id, WorkItem.role).in_(posts),
    )
    for number, name, assignee_id in unit.session.execute(query.order_by(WorkItem.id)):
        if assignee_id in (None, unit.actor.officer_id):
            return number, name
    return None

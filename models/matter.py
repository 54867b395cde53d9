"""What an item is about when it is about no project: each mechanism tells its own, and the item's page shows it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sqlalchemy.orm import Session


@dataclass(frozen=True)
class Matter:
    """A line of it: `label` is a source text, `href` leads to the page behind it."""

    label: str
    text: str
    href: str = ""


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

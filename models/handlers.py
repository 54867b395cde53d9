"""Who works on which kind of envelope: a closed register, filled by the mechanisms that post them.

A handler has up to two halves. `work` runs outside any transaction (it may render, and must be safe to run twice);
`land` runs in the unit that also finishes the envelope, so its effect happens exactly once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from models.unit import Unit

Land = Callable[[Unit, Any, Any], None]
Work = Callable[[Any, Any], Any]


@dataclass(frozen=True)
class Handler:
    """What is done with envelopes of one kind: `work(house, payload)` outside, then `land(unit, payload, worked)`."""

    kind: str
    land: Land
    work: Work | None = None


HANDLERS: dict[str, Handler] = {}


def handle(kind: str, land: Land, *, work: Work | None = None) -> None:
    """Register the handler of a kind; raises ValueError when the kind has another one."""
    handler = Handler(kind, land, work)
    if HANDLERS.setdefault(kind, handler) != handler:
        raise ValueError(f"envelopes of kind {kind} are handled twice")

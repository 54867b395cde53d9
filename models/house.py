"""What app.py composes once and hands to the three doors: settings, clock, database and the renderer of letters."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from models.clock import Clock
from models.database import Database
from models.settings import Settings


class Renderer(Protocol):
    """Turns a letter's frozen data into a PDF, in a process of its own."""

    def render(self, letter: Any, *, draft: bool = False) -> bytes:
        """The PDF; raises a named error when the letter cannot be set."""
        ...

    def print_letter(self, letter: Any, *, draft: bool = False) -> Any:
        """The same with the places of its seals: `notices.printed.Printed`."""
        ...


class SealCabinet(Protocol):
    """Keeps the organs' electronic seals."""

    def current(self) -> Any:
        """The seals at hand now: `notices.seals.Seals`."""
        ...


@dataclass(frozen=True)
class House:
    """The composed application. Frozen: what changes lies in the database."""

    settings: Settings
    clock: Clock
    database: Database
    renderer: Renderer
    seals: SealCabinet

    def now(self) -> datetime:
        """The moment of the unit that is about to open."""
        return self.clock.now()

"""系统指标: the figures this system can tell of a unit, by word, each with the rows it was counted from.

A figure is either the sum of its rows or a share of them (Σpart ÷ Σwhole × 100), so that anybody can count it again.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy.orm import Session

from models.district import Land

Counting = Literal["sum", "share", "growth"]
SHARE_PLACES = Decimal("0.0001")  # of a percentage, so that a rounded print can be told from the figure behind it
HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Span:
    """取数范围。 Facts dated within the days (both included) and filed before the moment; `land` says who answers."""

    first: date
    last: date
    filed_before: datetime
    land: Land


@dataclass(frozen=True)
class Behind:
    """依据。 One row of a figure: `part` is what it adds, `whole` what it is measured against (shares only)."""

    unit_id: int
    text: str
    part: Decimal
    whole: Decimal = Decimal(0)
    on: date | None = None
    project_id: int | None = None
    note: str = ""  # 申报 or 认定, and what else a reader should know of it

    def plain(self) -> dict[str, Any]:
        """As JSON keeps it."""
        return {
            "text": self.text,
            "part": str(self.part),
            "whole": str(self.whole),
            "on": self.on.isoformat() if self.on else "",
            "project_id": self.project_id,
            "note": self.note,
        }


Question = Callable[[Session, Span], Iterable[Behind]]


@dataclass(frozen=True)
class Figure:
    """系统指标。 `empty` is what a unit without any row has: 0 of what is counted, None of what nobody set."""

    word: str
    name_zh: str
    unit_zh: str
    subject: str  # district or department
    counting: Counting
    question: Question
    empty: Decimal | None = Decimal(0)
    meaning: str = ""  # how it is defined, shown on the page


FIGURES: dict[str, Figure] = {}


def figure(declared: Figure) -> Figure:
    """Register a figure; raises ValueError when the word is taken."""
    if FIGURES.setdefault(declared.word, declared) is not declared:
        raise ValueError(f"figure {declared.word} is declared twice")
    return declared


def counted(counting: Counting, rows: Iterable[tuple[Decimal, Decimal]], empty: Decimal | None) -> Decimal | None:
    """The figure of (part, whole) pairs; None for a share of nothing. The one place that adds rows up."""
    pairs = list(rows)
    if not pairs:
        return empty
    part, whole = sum((pair[0] for pair in pairs), Decimal(0)), sum((pair[1] for pair in pairs), Decimal(0))
    if counting == "sum":
        return part
    if whole == 0:
        return None
    over = part if counting == "share" else part - whole
    return (over * HUNDRED / whole).quantize(SHARE_PLACES)


def recounted(word: str, rows: Iterable[Mapping[str, Any]]) -> Decimal | None:
    """The figure of frozen rows, counted anew as a reader would."""
    known = FIGURES[word]
    return counted(known.counting, ((Decimal(row["part"]), Decimal(row["whole"])) for row in rows), known.empty)


def figure_values(
    session: Session, known: Figure, span: Span, unit_ids: Iterable[int]
) -> dict[int, tuple[Decimal | None, list[Behind]]]:
    """For each unit the figure and the rows behind it; rows of others are left out."""
    found: dict[int, list[Behind]] = {each: [] for each in unit_ids}
    for row in known.question(session, span):
        if row.unit_id in found:
            found[row.unit_id].append(row)
    return {
        each: (counted(known.counting, ((row.part, row.whole) for row in rows), known.empty), rows)
        for each, rows in found.items()
    }

"""What bulletins are made of beside text: tables, charts and figures as frozen values that know their own bounds."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from models.refusal import Invalid
from models.texts import N_

MOST_ROWS = 500  # of one table: about twenty-five pages
MOST_COLUMNS = 14
MOST_NODES = 120
MOST_POINTS, MOST_SERIES = 40, 4  # of one chart; more cannot be told apart in black, red and grey
LONGEST_CELL = 300  # characters
LONGEST_LABEL = 40

Number = int | float | Decimal
State = Literal["done", "now", "late", "ahead"]
Shape = Literal["start", "end", "event", "gateway", "task"]


class Part:
    """A value that was measured when it was made, so that a letter need not measure it again."""


@dataclass(frozen=True)
class Column:
    """A column: what stands above it, its width in mm, and whether it holds numbers, which stand at the right."""

    heading: str
    width_mm: float
    number: bool = False


@dataclass(frozen=True)
class Table(Part):
    """A long table: its head is repeated on each page; cells are texts. `wide` lays it on its side, 225 mm broad."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str = ""
    wide: bool = False

    def __post_init__(self) -> None:
        """Raises Invalid for more than a table can carry, ValueError for a row that does not fit the columns."""
        _at_most(len(self.rows), MOST_ROWS)
        _at_most(len(self.columns), MOST_COLUMNS)
        for row in self.rows:
            if len(row) != len(self.columns):
                raise ValueError(f"{len(row)} cells under {len(self.columns)} columns")
            for cell in row:
                _short(cell, LONGEST_CELL)


@dataclass(frozen=True)
class Series:
    """One run of numbers of a chart; None is a gap."""

    name: str
    values: tuple[Number | None, ...]


@dataclass(frozen=True)
class Chart(Part):
    """A chart: `bars` beside each other, `lines`, `stack`ed bars, or `progress` against a target (its second series)."""

    kind: Literal["bars", "lines", "stack", "progress"]
    title: str
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    unit: str = ""

    def __post_init__(self) -> None:
        """Raises Invalid for more than a chart can show, ValueError for values that do not fit the labels."""
        _at_most(len(self.labels), MOST_POINTS)
        _at_most(len(self.series), MOST_SERIES)
        for text in (self.title, self.unit, *self.labels, *(each.name for each in self.series)):
            _short(text, LONGEST_LABEL)
        for each in self.series:
            if len(each.values) != len(self.labels):
                raise ValueError(f"{len(each.values)} values for {len(self.labels)} labels")
        if self.kind == "progress" and len(self.series) != 2:
            raise ValueError("progress is what was done against a target")


@dataclass(frozen=True)
class Node:
    """A shape of a process diagram where its map draws it, in the map's own units, with the state it is in."""

    shape: Shape
    left: float
    top: float
    width: float
    height: float
    text: str = ""
    state: State = "ahead"


@dataclass(frozen=True)
class Line:
    """A flow of a process diagram: its points, in the map's own units, and whether it was taken."""

    points: tuple[tuple[float, float], ...]
    taken: bool = False


@dataclass(frozen=True)
class Figure(Part):
    """流程图: shapes and flows in the map's own layout, a caption under it, and words for who cannot see it."""

    nodes: tuple[Node, ...]
    lines: tuple[Line, ...]
    caption: str
    alt: str

    def __post_init__(self) -> None:
        """Raises Invalid for more than a page can show."""
        _at_most(len(self.nodes), MOST_NODES)
        _at_most(len(self.lines), 2 * MOST_NODES)
        for text in (self.caption, *(node.text for node in self.nodes)):
            _short(text, LONGEST_LABEL)
        _short(self.alt, LONGEST_CELL)


def _at_most(count: int, most: int) -> None:
    if count > most:
        raise Invalid(N_("公文内容过多：最多列%(limit)s条。"), limit=most)


def _short(text: str, longest: int) -> None:
    if len(text) > longest:
        raise Invalid(N_("公文内容过长：每段不能超过%(limit)s字。"), limit=longest)

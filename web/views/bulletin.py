"""通报: the list, one month's table, what stands behind a cell, and what has changed since."""

from dataclasses import dataclass
from datetime import datetime

from web.views.shared import Act, Chip, Fact, LampView, Link, Paging


@dataclass(frozen=True)
class BulletinRow:
    """One edition as a line of the list."""

    title: str
    href: str
    lamp: LampView
    number: str
    frozen_at: datetime
    city: str
    done: str
    missing: str


@dataclass(frozen=True)
class BulletinsPage:
    """月通报, newest month first."""

    rows: tuple[BulletinRow, ...]
    lead: str


@dataclass(frozen=True)
class CellLink:
    """A cell as it is printed, with the page of what stands behind it; `label` is its column."""

    text: str
    href: str
    label: str


@dataclass(frozen=True)
class TableLine:
    """A line of the table; `kind` is city, tier or district."""

    name: str
    kind: str
    cells: tuple[CellLink, ...]


@dataclass(frozen=True)
class ListTable:
    """One of the three project lists: rows of district, project, day and what is said."""

    title: str
    rows: tuple[tuple[str, Link, str, str], ...]
    count: int  # projects; a district that did not report has a row and no project


@dataclass(frozen=True)
class ChangedLine:
    """A line with a cell that reads otherwise: which cell, was, is, difference."""

    name: str
    column: str
    was: str
    now: str
    difference: str
    href: str


@dataclass(frozen=True)
class ChangedRow:
    """An entry that is the reason, with why it counts otherwise."""

    why: str
    district: str
    project: Link
    on: str
    was: str
    now: str
    difference: str


@dataclass(frozen=True)
class BulletinPage:
    """One edition: its table, every cell of which can be opened, its notes and lists, and the digest it was frozen under."""

    title: str
    lead: str
    lamp: LampView
    list_href: str
    editions: tuple[Chip, ...]
    facts: tuple[Fact, ...]
    heads: tuple[str, ...]
    lines: tuple[TableLine, ...]
    notes: tuple[str, ...]
    lists: tuple[ListTable, ...]
    reporting: tuple[Fact, ...]
    words: tuple[Fact, ...]
    sha256: str
    checked: LampView
    check_href: str
    excel_href: str
    word_href: str
    remark: Link | None = None  # that it was corrected, or what it corrects
    changes: Link | None = None  # what has changed since, for those who serve the city
    changed_lines: tuple[ChangedLine, ...] = ()
    changed_rows: tuple[ChangedRow, ...] = ()
    reason: str = ""


@dataclass(frozen=True)
class CellRow:
    """One entry behind a cell; `evidence` leads to its file where one may see it."""

    on: str
    district: str
    project: Link
    standing: str
    amount: str
    counted: str
    note: str
    span: str
    evidence: str = ""


@dataclass(frozen=True)
class CellPage:
    """What stands behind one cell: its sums, the formula of a rate, the entries, or why it is a dash."""

    title: str
    value: str
    unit: str
    crumbs: tuple[tuple[str, str], ...]
    beside: tuple[Chip, ...]
    sums: tuple[str, ...]
    formula: str
    formula_links: tuple[Link, ...]
    notes: tuple[str, ...]
    rows: tuple[CellRow, ...]
    total_rows: int
    paging: Paging
    targets: tuple[tuple[str, str, str], ...] = ()
    places: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True)
class ChangesPage:
    """What reads otherwise now than the newest issued edition, and the way to a 更正."""

    title: str
    lead: str
    crumbs: tuple[tuple[str, str], ...]
    lines: tuple[ChangedLine, ...]
    rows: tuple[ChangedRow, ...]
    acts: tuple[Act, ...]

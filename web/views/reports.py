"""What the pages of the districts' monthly reports show."""

from dataclasses import dataclass

from web.views.shared import Chip, LampView


@dataclass(frozen=True)
class ReportRow:
    """One district's report of a month: how far it is and who owes the next step."""

    district: str
    lamp: LampView
    state: str
    owes: str
    capital: str
    href: str


@dataclass(frozen=True)
class ReportsPage:
    """The reports of a month."""

    months: tuple[Chip, ...]
    month: str
    due: str
    signed: int
    rows: tuple[ReportRow, ...]


@dataclass(frozen=True)
class BlockRow:
    """One line of a block: the project, a day, an amount or a remark."""

    project: str
    project_no: str
    href: str
    on: str
    said: str
    standing: str = ""


@dataclass(frozen=True)
class Block:
    """One of the four blocks, with its sum where it is about money."""

    name: str
    empty: str
    rows: tuple[BlockRow, ...]
    total: str = ""


@dataclass(frozen=True)
class ReportPage:
    """One report: the blocks as signed, or as the ledger has them now."""

    title: str
    state: str
    lead: str
    frozen: bool
    blocks: tuple[Block, ...]
    words: str
    list_href: str
    item_href: str

"""The leader's page and the supervision board."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from web.views.agenda import AskedLine
from web.views.projects import NoticeRow
from web.views.shared import Act, Chip, Colour, FilterView, LampView, Link, Paging


@dataclass(frozen=True)
class Figure:
    """A number of the leader's page; it leads to the list it counts."""

    key: str
    text: str
    value: str
    unit: str
    href: str
    colour: Colour | None = None
    note: str = ""


@dataclass(frozen=True)
class StageCount:
    """How many projects stand in a stage, and how many of them do not move; each number leads to its list."""

    name: str
    count: int
    stalled: int
    href: str
    stalled_href: str = ""


@dataclass(frozen=True)
class DistrictTile:
    """A district of the schematic grid; column and row count from 1. It shows positions, it is no map."""

    name: str
    short: str
    column: int
    row: int
    projects: int
    red: int
    yellow: int
    href: str
    red_href: str = ""
    yellow_href: str = ""


@dataclass(frozen=True)
class AttentionRow:
    """One of the few things that need the leader."""

    project: Link
    organ: str
    lamp: LampView
    stage: str
    investment: Decimal | None
    reason: str
    rung: str = ""
    held: str = ""
    acts: tuple[Act, ...] = ()


@dataclass(frozen=True)
class LeaderPage:
    """领导工作台: numbers, stages, districts with their zones, and what needs the leader."""

    as_of: datetime
    figures: tuple[Figure, ...]
    stages: tuple[StageCount, ...]
    tiles: tuple[DistrictTile, ...]
    attention: tuple[AttentionRow, ...]
    zones: tuple[DistrictTile, ...] = ()
    worst: tuple[DistrictTile, ...] = ()
    elsewhere: tuple[Link, ...] = ()  # what no stage and no district holds
    missed: tuple[AskedLine, ...] = ()  # periods of duties that wait for a word of this officer
    agenda_href: str = ""


@dataclass(frozen=True)
class OrganLights:
    """Red and yellow lights of a district; each number leads to its list."""

    name: str
    red: int
    yellow: int
    green: int
    href: str
    red_href: str = ""
    yellow_href: str = ""


@dataclass(frozen=True)
class LadderRow:
    """督办 that is running: the rung reached (1-5), what comes when, and the draft that waits for a signature."""

    project: Link
    organ: str
    lamp: LampView
    rung: int
    rung_name: str
    since: date
    next_text: str
    next_href: str = ""
    by_hand: str = ""
    sign: Link | None = None
    acts: tuple[Act, ...] = ()


@dataclass(frozen=True)
class SupervisePage:
    """督办中心: the ladder, who is on it, and papers without an answer."""

    tabs: tuple[Chip, ...]
    chips: tuple[Chip, ...]
    rungs: tuple[Chip, ...]
    filters: tuple[FilterView, ...]
    hidden: tuple[tuple[str, str], ...]
    rows: tuple[LadderRow, ...]
    total: int
    paging: Paging
    organs: tuple[OrganLights, ...] = ()
    blockers: tuple[Chip, ...] = ()
    unanswered: tuple[NoticeRow, ...] = ()
    unanswered_total: int = 0
    unanswered_href: str = ""
    repeat: tuple[tuple[Link, int], ...] = ()


@dataclass(frozen=True)
class CaseRow:
    """One line of a list of the board: what it is about, who holds it, and how it stands."""

    lamp: LampView
    subject: Link
    organ: str
    state: str
    state_href: str = ""
    detail: str = ""
    due_on: date | None = None
    acts: tuple[Act, ...] = ()


@dataclass(frozen=True)
class SuperviseList:
    """Another list of the board: lit projects, rectifications, overdue items. `total` counts all its pages."""

    key: str
    title: str
    lead: str
    tabs: tuple[Chip, ...]
    chips: tuple[Chip, ...]
    rows: tuple[CaseRow, ...]
    total: int
    paging: Paging
    empty: str

"""The leader's page and the supervision board."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from web.views.projects import NoticeRow
from web.views.shared import Act, Chip, Colour, LampView, Link, Paging


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
    """How many projects stand in a stage, and how many of them do not move."""

    name: str
    count: int
    stalled: int
    href: str


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
    acts: tuple[Act, ...] = ()


@dataclass(frozen=True)
class LeaderPage:
    """领导工作台: numbers, stages, districts and what needs the leader."""

    as_of: datetime
    figures: tuple[Figure, ...]
    stages: tuple[StageCount, ...]
    tiles: tuple[DistrictTile, ...]
    attention: tuple[AttentionRow, ...]
    worst: tuple[DistrictTile, ...] = ()


@dataclass(frozen=True)
class OrganLights:
    """Red and yellow lights of an organ."""

    name: str
    red: int
    yellow: int
    green: int
    href: str


@dataclass(frozen=True)
class LadderRow:
    """督办 that is running: the rung reached (1-5) and what comes when."""

    project: Link
    organ: str
    lamp: LampView
    rung: int
    rung_name: str
    since: date
    next_text: str
    href: str = ""
    acts: tuple[Act, ...] = ()


@dataclass(frozen=True)
class SupervisePage:
    """督办中心: the ladder, who is on it, and papers without an answer."""

    chips: tuple[Chip, ...]
    rungs: tuple[Chip, ...]
    rows: tuple[LadderRow, ...]
    paging: Paging
    organs: tuple[OrganLights, ...] = ()
    unanswered: tuple[NoticeRow, ...] = ()
    repeat: tuple[OrganLights, ...] = ()
    new_href: str = ""

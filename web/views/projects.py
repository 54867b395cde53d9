"""The list of projects and the page of one project."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from web.views.shared import Act, Chip, Fact, FileView, FilterView, HistoryLine, LampView, Link, Paging
from web.views.work import ItemRow

StepState = Literal["done", "active", "late", "todo", "skipped"]


@dataclass(frozen=True)
class ProjectRow:
    """项目 in a list; money in 万元."""

    id: str
    href: str
    name: str
    number: str
    organ: str
    stage: str
    lamp: LampView
    investment: Decimal | None
    arrived: Decimal | None
    lead: str = ""
    changed_at: datetime | None = None
    state: str = ""


@dataclass(frozen=True)
class ProjectTotals:
    """合计 of the whole list, not of the page; money in 万元."""

    count: int
    investment: Decimal
    arrived: Decimal


@dataclass(frozen=True)
class ProjectsPage:
    """项目总库 with its filters and totals."""

    rows: tuple[ProjectRow, ...]
    totals: ProjectTotals
    paging: Paging
    filters: tuple[FilterView, ...] = ()
    chips: tuple[Chip, ...] = ()
    query: str = ""
    new_href: str = ""
    import_href: str = ""
    export_href: str = ""


@dataclass(frozen=True)
class StageStep:
    """阶段 on the rail: its state, days planned and used, and who holds it now."""

    name: str
    state: StepState
    planned_on: date | None = None
    done_on: date | None = None
    who: str = ""
    days: int | None = None
    open: tuple[str, ...] = ()


@dataclass(frozen=True)
class MilestoneRow:
    """节点 with plan, actual and evidence."""

    name: str
    planned_on: date | None
    actual_on: date | None
    lamp: LampView
    evidence: tuple[FileView, ...] = ()
    stage: str = ""


@dataclass(frozen=True)
class MoneyRow:
    """资金 entry of one month; amounts in 万元."""

    month: str
    invested: Decimal | None
    arrived: Decimal | None
    by: str = ""
    note: str = ""


@dataclass(frozen=True)
class NoticeRow:
    """公文 and whether it was signed for; `state` is already in words."""

    id: str
    number: str
    title: str
    kind: str
    to: str
    issued_on: date | None
    due_on: date | None
    state: str
    lamp: LampView
    href: str = ""
    pdf_href: str = ""
    acts: tuple[Act, ...] = ()


@dataclass(frozen=True)
class SideCase:
    """Another process about the same project: coordination, supervision or rectification."""

    title: str
    kind: str
    organ: str
    state: str
    lamp: LampView
    href: str = ""
    due_at: datetime | None = None


@dataclass(frozen=True)
class ProjectPage:
    """项目页。 `diagram_href` gives BPMN XML, `state_href` the JSON of what is done, open and cancelled."""

    id: str
    name: str
    number: str
    lamp: LampView
    stage: str
    state: str
    organ: str
    investment: Decimal | None
    arrived: Decimal | None
    lead: str
    lead_phone: str = ""
    facts: tuple[Fact, ...] = ()
    stages: tuple[StageStep, ...] = ()
    diagram_href: str = ""
    state_href: str = ""
    items: tuple[ItemRow, ...] = ()
    primary: Link | None = None
    acts: tuple[Act, ...] = ()
    milestones: tuple[MilestoneRow, ...] = ()
    money: tuple[MoneyRow, ...] = ()
    notices: tuple[NoticeRow, ...] = ()
    cases: tuple[SideCase, ...] = ()
    files: tuple[FileView, ...] = ()
    history: tuple[HistoryLine, ...] = ()
    source: str = ""
    map_version: str = ""

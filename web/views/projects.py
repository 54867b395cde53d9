"""The list of projects and the page of one project."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from web.views.shared import (
    Act,
    Chip,
    Colour,
    Fact,
    FileView,
    FilterView,
    HistoryLine,
    LampView,
    Link,
    Option,
    Paging,
)

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
    left_out: str = ""


@dataclass(frozen=True)
class ProjectTotals:
    """合计 of the whole list, not of the page; money in 万元."""

    count: int
    investment: Decimal
    arrived: Decimal
    gaps: tuple[str, ...] = ()  # what is not in `arrived` for want of a rate
    rates_href: str = ""  # for who may file one


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
class EntryRow:
    """资金 entry as it was filed: a dated line; `unit` is 万元, or 万美元 for foreign capital."""

    on: date
    kind: str
    amount: Decimal
    unit: str
    standing: str
    by: str = ""
    note: str = ""
    file: FileView | None = None
    acts: tuple[Act, ...] = ()


@dataclass(frozen=True)
class FieldRow:
    """A field of the ledger; `mark` says what to make of it, such as 待补录 or 推测，待核实."""

    label: str
    value: str
    mark: str = ""


@dataclass(frozen=True)
class LightReason:
    """Why a light is on, by which rule, and what would turn it green."""

    colour: Colour
    sentence: str
    remedy: str
    rule: str
    basis: str = ""
    consequence: str = ""


@dataclass(frozen=True)
class LightView:
    """The explanation of a light: reasons, what was measured, the version of the rules, when it was decided."""

    reasons: tuple[LightReason, ...]
    inputs: tuple[Fact, ...]
    version: str
    decided_at: datetime | None
    turns_at: datetime | None


@dataclass(frozen=True)
class HeldItem:
    """待办 that is open: who holds it, for how long; `acts` hold 催办 for those who may."""

    id: str
    href: str
    title: str
    mechanism: str
    organ: str
    holder: str
    lamp: LampView
    held: str
    due_at: datetime | None = None
    acts: tuple[Act, ...] = ()
    mine: bool = False


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
    list_href: str
    lead_phone: str = ""
    state_reason: str = ""
    demo: bool = False
    light: LightView | None = None
    facts: tuple[FieldRow, ...] = ()
    missing: tuple[str, ...] = ()
    stages: tuple[StageStep, ...] = ()
    processes: tuple[Option, ...] = ()
    diagram_href: str = ""
    state_href: str = ""
    map_version: str = ""
    items: tuple[HeldItem, ...] = ()
    primary: Link | None = None
    urge: Link | None = None
    edit_href: str = ""
    acts: tuple[Act, ...] = ()
    milestones: tuple[MilestoneRow, ...] = ()
    milestone_href: str = ""
    entries: tuple[EntryRow, ...] = ()
    entry_href: str = ""
    totals: tuple[Fact, ...] = ()
    gaps: tuple[str, ...] = ()  # what is in no total for want of a rate
    left_out: str = ""  # the same of 到位资金, in a word
    rates_href: str = ""  # for who may file one
    notices: tuple[NoticeRow, ...] = ()
    cases: tuple[SideCase, ...] = ()
    coordination_href: str = ""
    letter_href: str = ""
    referral_href: str = ""
    files: tuple[FileView, ...] = ()
    upload: Act | None = None
    history: tuple[HistoryLine, ...] = ()
    source: str = ""


@dataclass(frozen=True)
class ImportMessage:
    """What is wrong with, or worth knowing of, a row of the uploaded file; `row` is the file's own number."""

    row: int
    column: str
    heading: str
    value: str
    text: str
    error: bool


@dataclass(frozen=True)
class ImportRow:
    """A row that would add or change a project; `changes` are in words."""

    row: int
    name: str
    place: str
    stage: str
    changes: tuple[str, ...] = ()
    mark: str = ""


@dataclass(frozen=True)
class ImportPage:
    """导入台账。 Without `file` the first step; with it the preview, and `digest` names the file as it is kept."""

    file: str = ""
    digest: str = ""
    upload_href: str = ""
    import_href: str = ""
    problem: str = ""
    new: int = 0
    update: int = 0
    same: int = 0
    wrong: int = 0
    rows: tuple[ImportRow, ...] = ()
    updates: tuple[ImportRow, ...] = ()
    messages: tuple[ImportMessage, ...] = ()
    known: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    more: int = 0
    list_href: str = ""

"""The pages of 季检查: the quarters, one quarter, and the checklist of one project."""

from dataclasses import dataclass
from datetime import date, datetime

from web.fields import FieldView
from web.views.shared import Chip, Fact, LampView, Link


@dataclass(frozen=True)
class QuarterRow:
    """One quarter in the list."""

    title: str
    href: str
    lamp: LampView
    days: str
    projects: str
    problems: int
    due_on: date | None


@dataclass(frozen=True)
class InspectionsPage:
    """季检查: the quarters, newest first; `next_text` says when the next one opens."""

    rows: tuple[QuarterRow, ...]
    next_text: str


@dataclass(frozen=True)
class DistrictRow:
    """How far a district is."""

    name: str
    href: str
    lamp: LampView
    checked: str
    problems: str
    signed: str
    objection: str = ""


@dataclass(frozen=True)
class CheckRow:
    """A project drawn, and how far its checklist is."""

    project: Link
    number: str
    links: str
    lamp: LampView
    by: str
    act: Link


@dataclass(frozen=True)
class ProblemRow:
    """A problem, and what became of it."""

    number: str
    project: Link
    fact: str
    basis: str
    demand: str
    due_on: date | None
    owner: str
    lamp: LampView
    state_href: str = ""


@dataclass(frozen=True)
class QuarterPage:
    """One quarter: the plan, the districts, the projects of the district chosen, the problems."""

    title: str
    lamp: LampView
    facts: tuple[Fact, ...]
    rule: str
    districts: tuple[DistrictRow, ...]
    chips: tuple[Chip, ...]
    checks: tuple[CheckRow, ...]
    problems: tuple[ProblemRow, ...]
    problem_count: int
    more: int = 0
    export_href: str = ""
    waiting: str = ""  # why there is nothing yet


@dataclass(frozen=True)
class QuestionView:
    """One question of a checklist: what to look at, what the ledger knows, the verdict and the problem if there is one."""

    code: str
    text: str
    look_at: str
    facts: tuple[Fact, ...]
    hint: str
    source: str
    verdict: FieldView
    fields: tuple[FieldView, ...]
    files: tuple[Link, ...] = ()


@dataclass(frozen=True)
class LinkView:
    """One of the four links with its questions."""

    name: str
    questions: tuple[QuestionView, ...]


@dataclass(frozen=True)
class CheckPage:
    """The checklist of one project; without `finish_href` it can only be read."""

    title: str
    crumbs: tuple[tuple[str, str], ...]
    lamp: LampView
    facts: tuple[Fact, ...]
    links: tuple[LinkView, ...]
    fields: tuple[FieldView, ...]  # all of them, for what is wrong on top
    finish_href: str = ""
    draft_href: str = ""
    draft_at: datetime | None = None
    closed: str = ""
    problem: str = ""
    next: Link | None = None  # the next project that is not checked yet

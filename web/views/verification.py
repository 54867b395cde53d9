"""The pages of a half-year's verification: its districts, and one of them with every amount."""

from dataclasses import dataclass

from web.views.shared import Act, Chip, Fact, LampView, Link


@dataclass(frozen=True)
class DistrictRow:
    """One district in the list; figures are already written."""

    district: Link
    lamp: LampView
    waits_for: str
    settled: str
    domestic: tuple[str, str, str]  # 申报, 认定, 核减
    foreign: tuple[str, str, str]
    sites: str
    problems: str
    late: bool = False


@dataclass(frozen=True)
class VerificationsPage:
    """半年核查: the districts of one half-year that the visitor may see; `total` is the last line for the city."""

    title: str
    lead: str
    periods: tuple[Chip, ...]
    rows: tuple[DistrictRow, ...]
    total: DistrictRow | None
    acts: tuple[Act, ...]


@dataclass(frozen=True)
class EntryRow:
    """One amount; in the reviewers' forms with what was typed and what is wrong with it."""

    id: int
    project: Link
    on: str
    unit: str
    declared: str
    exact: str  # the same to the last 分, as a number
    recognised: str
    reduced: str
    state: str
    notes: tuple[str, ...]
    vouchers: tuple[Link, ...]
    is_open: bool = False  # for this visitor, now
    self_href: str = ""
    acts: tuple[Act, ...] = ()
    amount: str = ""
    full: bool = False
    reason: str = ""
    verdict: str = ""
    errors: tuple[str, ...] = ()


@dataclass(frozen=True)
class SiteRow:
    """One project looked at on the spot."""

    project: Link
    why: str
    state: str
    visited: str
    confirmed: str
    company: str
    found: str


@dataclass(frozen=True)
class ProblemRow:
    """One line of the problem list."""

    number: str
    project: Link
    fact: str
    demand: str
    due: str
    rectified: str


@dataclass(frozen=True)
class VerificationPage:
    """One district's verification. `mode` is what the visitor's form on it does: judge, agree, or "" for none."""

    title: str
    lead: str
    crumbs: tuple[tuple[str, str], ...]
    lamp: LampView
    facts: tuple[Fact, ...]
    sums: tuple[tuple[str, str, str, str, str], ...]  # nature, count, 申报, 认定, 核减
    entries: tuple[EntryRow, ...]
    total: int
    mode: str
    form_href: str
    excel_href: str
    foreign_href: str
    task: Link | None
    sites: tuple[SiteRow, ...]
    sample: str
    problems: tuple[ProblemRow, ...]
    pages: tuple[Chip, ...] = ()
    problem: str = ""

"""奖励 and 引荐备案: the years, one year with candidates and objections, and the filings of referrers."""

from dataclasses import dataclass
from datetime import datetime

from web.views.shared import Act, Chip, Fact, LampView, Link


@dataclass(frozen=True)
class AwardsRow:
    """One year."""

    period: Link
    lamp: LampView
    nominees: int
    until: str = ""


@dataclass(frozen=True)
class AwardRule:
    """A rate or a number that is data, and where it comes from."""

    name: str
    value: str
    source: str


@dataclass(frozen=True)
class AwardsPage:
    """All years, and the rules they follow, marked 默认值."""

    tabs: tuple[Chip, ...]
    rows: tuple[AwardsRow, ...]
    rules: tuple[AwardRule, ...]


@dataclass(frozen=True)
class NomineeRow:
    """A candidate; `struck`: taken off, which stays to be seen."""

    name: str
    reason: str
    change: str
    award: str
    struck: bool
    acts: tuple[Act, ...]


@dataclass(frozen=True)
class NomineeGroup:
    """The candidates of one category."""

    key: str
    title: str
    rows: tuple[NomineeRow, ...]
    money: bool = False


@dataclass(frozen=True)
class ObjectionRow:
    """异议 with its decision, or the acts that give one."""

    about: str
    content: str
    raised_by: str
    filed_at: datetime
    filed_by: str
    lamp: LampView
    decided: str
    acts: tuple[Act, ...]


@dataclass(frozen=True)
class AwardPage:
    """One year."""

    title: str
    lamp: LampView
    facts: tuple[Fact, ...]
    groups: tuple[NomineeGroup, ...]
    objections: tuple[ObjectionRow, ...]
    notes: tuple[str, ...]
    acts: tuple[Act, ...]
    list_href: str
    next_step: Link | None = None
    demo: bool = False


@dataclass(frozen=True)
class ReferralRow:
    """引荐备案 of one project."""

    project: Link
    agent: str
    contact: str
    story: str
    filed_at: datetime
    filed_by: str
    lamp: LampView
    warning: str
    decided: str
    proof: tuple[Link, ...]
    acts: tuple[Act, ...]


@dataclass(frozen=True)
class ReferralsPage:
    """The filings one may see."""

    tabs: tuple[Chip, ...]
    rows: tuple[ReferralRow, ...]

"""The rooms of the administration."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from web.views.shared import Act, FilterView, LampView, Link, Paging


@dataclass(frozen=True)
class AdminTab:
    """A room of the administration; `text` is already translated."""

    text: str
    href: str
    icon: str
    active: bool = False
    count: int = 0


@dataclass(frozen=True)
class LintLine:
    """A problem in a map, with the element it stands at."""

    element: str
    name: str
    message: str


@dataclass(frozen=True)
class DefinitionRow:
    """流程版本。 `hash` is short; `running` counts the processes that follow this version."""

    key: str
    name: str
    version: int
    hash: str
    published_at: datetime | None
    running: int
    current: bool
    problems: tuple[LintLine, ...] = ()
    href: str = ""
    acts: tuple[Act, ...] = ()


@dataclass(frozen=True)
class DutyRow:
    """定期职责 with its last period and its next moment."""

    name: str
    rule: str
    last_period: str
    last_at: datetime | None
    next_at: datetime | None
    lamp: LampView
    acts: tuple[Act, ...] = ()


@dataclass(frozen=True)
class JobRow:
    """待发件 or other background work that waits, runs or failed."""

    id: str
    kind: str
    subject: str
    state: str
    lamp: LampView
    attempts: int
    due_at: datetime | None
    error: str = ""
    acts: tuple[Act, ...] = ()


@dataclass(frozen=True)
class DutiesPage:
    """Duties, waiting jobs and the heartbeat of the sweeper."""

    duties: tuple[DutyRow, ...]
    jobs: tuple[JobRow, ...]
    swept_at: datetime | None
    lamp: LampView
    paging: Paging


@dataclass(frozen=True)
class CalendarDay:
    """A day that differs from the weekday rule."""

    on: date
    kind: Literal["holiday", "workday"]
    name: str
    source: str = ""


@dataclass(frozen=True)
class CalendarMonth:
    """A month as weeks of (day of month or 0, "work" | "rest" | "holiday" | "makeup" | "")."""

    month: int
    weeks: tuple[tuple[tuple[int, str], ...], ...]


@dataclass(frozen=True)
class CalendarPage:
    """工作日历 of a year; `announced` is False when only the weekday rule is known."""

    year: int
    announced: bool
    working_days: int
    months: tuple[CalendarMonth, ...]
    days: tuple[CalendarDay, ...]
    previous_href: str = ""
    next_href: str = ""
    acts: tuple[Act, ...] = ()


@dataclass(frozen=True)
class IncidentRow:
    """异常。 A process that stayed where it was because a step failed."""

    id: str
    at: datetime
    process: Link
    node: str
    message: str
    attempts: int
    resolved_at: datetime | None = None
    trace: str = ""
    acts: tuple[Act, ...] = ()


@dataclass(frozen=True)
class AuditRow:
    """留痕 line."""

    at: datetime
    who: str
    organ: str
    address: str
    act: str
    subject: str
    detail: str
    refused: bool = False


@dataclass(frozen=True)
class AuditPage:
    """留痕 with its filters."""

    rows: tuple[AuditRow, ...]
    paging: Paging
    query: str = ""
    filters: tuple[FilterView, ...] = ()


@dataclass(frozen=True)
class AccountRow:
    """账号。 `grants` are already in words."""

    id: str
    name: str
    login: str
    organ: str
    grants: tuple[str, ...]
    state: str
    lamp: LampView
    last_seen_at: datetime | None = None
    acts: tuple[Act, ...] = ()


@dataclass(frozen=True)
class AccountsPage:
    """账号与授权; `form` fields make a new account."""

    rows: tuple[AccountRow, ...]
    paging: Paging
    query: str = ""
    new: Act | None = None
    filters: tuple[FilterView, ...] = field(default=())

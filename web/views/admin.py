"""The rooms of the administration."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from web.fields import FieldView
from web.views.shared import Act, Fact, FilterView, LampView, Link, Paging


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
    """流程版本。 `hash` is short; `running` counts the processes on it; with `lint_href` it is not checked yet."""

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
    published_by: str = ""
    lint_href: str = ""
    lint_now: bool = False


@dataclass(frozen=True)
class DraftRow:
    """待发布的新版本: checked, and waiting for a second administrator."""

    id: str
    key: str
    name: str
    hash: str
    made_by: str
    made_at: datetime
    note: str
    href: str
    acts: tuple[Act, ...]


@dataclass(frozen=True)
class MapPage:
    """One version of a map, drawn, with what is known of it."""

    title: str
    lead: str
    facts: tuple[Fact, ...]
    diagram_href: str
    state_href: str
    back_href: str
    acts: tuple[Act, ...] = ()


@dataclass(frozen=True)
class UploadPage:
    """The form for a new version; `problems` are those of the file that was just refused."""

    action_href: str
    back_href: str
    fields: tuple[FieldView, ...]
    problem: str = ""
    problems: tuple[LintLine, ...] = ()


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
class RunRow:
    """职责办理: one period of one duty."""

    name: str
    period: str
    opened_at: datetime
    done_at: datetime | None
    made: int


@dataclass(frozen=True)
class FaceRow:
    """A role of the letters with the face it is set in, or a file of the office's own; `remedy` only where it is wrong."""

    name: str
    lamp: LampView
    said: str
    remedy: str = ""


@dataclass(frozen=True)
class TwiceRow:
    """A field that two forms of the calendar's mechanisms ask for."""

    field: str
    title: str
    forms: str


@dataclass(frozen=True)
class DutiesPage:
    """Duties, waiting jobs, the heartbeat of the sweeper, and the faces letters are set in."""

    duties: tuple[DutyRow, ...]
    jobs: tuple[JobRow, ...]
    swept_at: datetime | None
    lamp: LampView
    paging: Paging
    runs: tuple[RunRow, ...] = ()
    fonts: tuple[FaceRow, ...] = ()
    twice: tuple[TwiceRow, ...] = ()
    vacant: tuple[str, ...] = ()  # a sentence for each 发文单位 that lacks a post
    accounts_href: str = ""


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
    notice_href: str = ""


@dataclass(frozen=True)
class MoveRow:
    """改期。 An open task and its last day before and after."""

    name: str
    title: str
    before: date
    after: date


@dataclass(frozen=True)
class NoticePage:
    """公布一年的放假安排: the form, then what it would do; `ready` once the text could be read."""

    year: int
    fields: tuple[FieldView, ...]
    preview_href: str
    apply_href: str
    back_href: str
    problems: tuple[str, ...] = ()
    ready: bool = False
    text: str = ""
    source: str = ""
    days: tuple[CalendarDay, ...] = ()
    moves: tuple[MoveRow, ...] = ()
    moved: int = 0


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
    code: str = ""
    resolved_by: str = ""


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
    first_day: str = ""
    last_day: str = ""
    export_href: str = ""


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
    href: str = ""


@dataclass(frozen=True)
class AccountsPage:
    """账号与授权; `form` fields make a new account."""

    rows: tuple[AccountRow, ...]
    paging: Paging
    query: str = ""
    new: Act | None = None
    filters: tuple[FilterView, ...] = field(default=())
    new_href: str = ""


@dataclass(frozen=True)
class GrantRow:
    """授权 in words, and the button that takes it back."""

    id: str
    role: str
    organ: str
    span: str
    end: Act


@dataclass(frozen=True)
class PersonPage:
    """One officer: what is known, the roles held, what may be done."""

    name: str
    lamp: LampView
    facts: tuple[Fact, ...]
    grants: tuple[GrantRow, ...]
    acts: tuple[Act, ...]
    grant: Act
    back_href: str


@dataclass(frozen=True)
class PasswordPage:
    """A first password, shown this once."""

    name: str
    login: str
    password: str
    back_href: str

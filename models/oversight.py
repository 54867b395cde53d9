"""What those who keep the house ask of it: versions, envelopes, incidents, the audit, people, and what falls due next."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, literal, or_, select, update
from sqlalchemy.orm import Session

from models.account import Account
from models.audit import AuditEntry
from models.clock import start_of_day
from models.duty import DUTIES, calendar_of, next_opening
from models.incident import Incident
from models.officer import Officer, OfficerGrant, grant_is_valid
from models.organ import Organ
from models.permit import permit
from models.process import Definition, Passage, Process, WorkItem
from models.project import Project
from models.session import SignIn
from models.texts import N_
from models.unit import Unit

permit("admin.view", N_("系统管理"), roles=["admin"], scope="any")
permit("audit.view", N_("查看留痕"), roles=["admin", "auditor"], scope="any")

PAGE = 50
MOST_EXPORTED = 10_000
LIVE = ("running", "suspended", "incident")


@dataclass(frozen=True)
class DefinitionLine:
    """流程版本 with how many processes follow it."""

    id: int
    key: str
    version: int
    hash: str
    published_at: datetime
    published_by: str
    running: int


def definition_lines(session: Session) -> list[DefinitionLine]:
    """Every published version, by map, the newest first."""
    running = func.count(Process.id).filter(Process.status.in_(LIVE))
    columns = (Definition.id, Definition.key, Definition.version, Definition.hash, Definition.published_at,
               Definition.published_by)  # fmt: skip
    query = (
        select(*columns, running)
        .outerjoin(Process, Process.definition_id == Definition.id)
        .group_by(*columns)
        .order_by(Definition.key, Definition.version.desc())
    )
    return [DefinitionLine(*row) for row in session.execute(query)]


def definition_line(session: Session, definition_id: int) -> DefinitionLine | None:
    """One published version; None when there is none."""
    return next((line for line in definition_lines(session) if line.id == definition_id), None)


def open_counts(session: Session, definition_id: int) -> dict[str, int]:
    """How many open tasks stand at each node of a version."""
    query = (
        select(WorkItem.node, func.count())
        .join(Process, Process.id == WorkItem.process_id)
        .where(Process.definition_id == definition_id, WorkItem.state == "ready")
        .group_by(WorkItem.node)
    )
    return dict(session.execute(query).all())


@dataclass(frozen=True)
class IncidentLine:
    """故障 with the process it stopped and where that process was; `retries` counts what was tried by hand."""

    id: int
    at: datetime
    what: str
    code: str
    message: str
    resolved_at: datetime | None
    resolved_by: str | None
    title: str | None
    definition_id: int | None
    item_name: str | None
    node: str | None
    retries: int


def incident_lines(session: Session, limit: int = 100) -> list[IncidentLine]:
    """The incidents nobody has dealt with, then those dealt with last."""
    of_process = select(Passage.node).where(Passage.process_id == Incident.process_id)
    node = of_process.order_by(Passage.id.desc()).limit(1).scalar_subquery()
    retries = (
        select(func.count())
        .select_from(AuditEntry)
        .where(AuditEntry.kind == "incident", AuditEntry.subject_id == Incident.id, AuditEntry.act == "incident.retry")
        .scalar_subquery()
    )
    query = (
        select(Incident.id, Incident.at, Incident.what, Incident.code, Incident.message, Incident.resolved_at,
               Incident.resolved_by, Process.title, Process.definition_id, WorkItem.name, node, retries)
        .outerjoin(Process, Process.id == Incident.process_id)
        .outerjoin(WorkItem, WorkItem.id == Incident.work_item_id)
        .order_by(Incident.resolved_at.is_not(None), Incident.resolved_at.desc(), Incident.id.desc())
        .limit(limit)
    )  # fmt: skip
    return [IncidentLine(*tuple(row)) for row in session.execute(query)]


def open_incident_count(session: Session) -> int:
    """How many incidents wait for somebody."""
    return session.scalar(select(func.count()).select_from(Incident).where(Incident.resolved_at.is_(None))) or 0


def note_failed_retry(unit: Unit, *, incident_id: int, error: BaseException) -> None:
    """A retry that failed again: the incident stays open and says why this time."""
    said = f"{type(error).__name__}: {error}"[:2000]
    unit.session.execute(update(Incident).where(Incident.id == incident_id).values(message=said))
    unit.trace("incident.retry", "incident", incident_id, {"failed": said[:300]}, refused=True)


@dataclass(frozen=True)
class AuditFilter:
    """筛选留痕。 Empty parts do not narrow; `words` is a name, an act or the number of a subject."""

    words: str = ""
    act: str = ""
    kind: str = ""
    officer_id: int | None = None
    first_day: date | None = None
    last_day: date | None = None
    refused: bool = False


@dataclass(frozen=True)
class AuditLine:
    """留痕 line with the organ of who acted."""

    id: int
    at: datetime
    who: str
    act: str
    kind: str
    subject_id: int | None
    refused: bool
    detail: Any
    address: str
    organ_zh: str | None
    organ_en: str | None


def audit_lines(
    session: Session, wanted: AuditFilter, *, before: int | None = None, limit: int = PAGE
) -> list[AuditLine]:
    """The newest lines older than the number `before`, newest first."""
    columns = (AuditEntry.id, AuditEntry.at, AuditEntry.who, AuditEntry.act, AuditEntry.kind, AuditEntry.subject_id,
               AuditEntry.refused, AuditEntry.detail, AuditEntry.address, Organ.name_zh, Organ.name_en)  # fmt: skip
    query = (
        select(*columns)
        .outerjoin(Officer, Officer.id == AuditEntry.officer_id)
        .outerjoin(Organ, Organ.id == Officer.organ_id)
        .where(*_audited(session, wanted))
        .order_by(AuditEntry.id.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(AuditEntry.id < before)
    return [AuditLine(*row) for row in session.execute(query)]


def export_audit(unit: Unit, wanted: AuditFilter) -> list[AuditLine]:
    """The newest lines of a filter, one more than MOST_EXPORTED when there are more; taking them away is traced."""
    unit.require("audit.view")
    lines = audit_lines(unit.session, wanted, limit=MOST_EXPORTED + 1)
    unit.trace(
        "audit.export", "audit", None, {"lines": min(len(lines), MOST_EXPORTED), "act": wanted.act, "kind": wanted.kind}
    )
    return lines


def _audited(session: Session, wanted: AuditFilter) -> Iterable[ColumnElement[bool]]:
    if wanted.act:
        yield AuditEntry.act == wanted.act
    if wanted.kind:
        yield AuditEntry.kind == wanted.kind
    if wanted.officer_id is not None:
        yield AuditEntry.officer_id == wanted.officer_id
    if wanted.first_day:
        yield AuditEntry.at >= start_of_day(wanted.first_day)
    if wanted.last_day:
        yield AuditEntry.at < start_of_day(wanted.last_day + timedelta(days=1))
    if wanted.refused:
        yield AuditEntry.refused.is_(True)
    if words := wanted.words.strip()[:80]:
        yield _named(session, words)


def _named(session: Session, words: str) -> ColumnElement[bool]:
    number = int(words) if words.isdecimal() and len(words) < 16 else -1
    where = func.instr if session.get_bind().dialect.name == "sqlite" else func.strpos
    return or_(where(AuditEntry.who, literal(words)) > 0, AuditEntry.act == words, AuditEntry.subject_id == number)


@dataclass(frozen=True)
class OfficerLine:
    """人员 with its account and when it was here last."""

    id: int
    name: str
    phone: str
    email: str
    active: bool
    organ_id: int
    organ_zh: str
    organ_en: str
    login: str | None
    locked_until: datetime | None
    must_change: bool | None
    seen_at: datetime | None


def officer_lines(
    session: Session, *, words: str = "", role: str = "", day: date, after: int = 0, limit: int = PAGE
) -> list[OfficerLine]:
    """Officers by number, those after the number `after`; `words` stand in name, login or organ."""
    query = _officers().where(Officer.id > after).order_by(Officer.id).limit(limit)
    if text := words.strip()[:40]:
        where = func.instr if session.get_bind().dialect.name == "sqlite" else func.strpos
        places = (Officer.name, func.coalesce(Account.login, ""), Organ.name_zh, Organ.name_en)
        query = query.where(or_(*(where(place, literal(text)) > 0 for place in places)))
    if role:
        holding = select(OfficerGrant.officer_id).where(OfficerGrant.role == role, *grant_is_valid(day))
        query = query.where(Officer.id.in_(holding))
    return [OfficerLine(*row) for row in session.execute(query)]


def officer_line(session: Session, officer_id: int) -> OfficerLine | None:
    """One officer; None when there is none."""
    row = session.execute(_officers().where(Officer.id == officer_id)).first()
    return OfficerLine(*row) if row else None


def _officers() -> Any:
    seen = select(func.max(SignIn.seen_at)).where(SignIn.officer_id == Officer.id).scalar_subquery()
    return (
        select(Officer.id, Officer.name, Officer.phone, Officer.email, Officer.active, Officer.organ_id, Organ.name_zh,
               Organ.name_en, Account.login, Account.locked_until, Account.must_change, seen)
        .join(Organ, Organ.id == Officer.organ_id)
        .outerjoin(Account, Account.officer_id == Officer.id)
    )  # fmt: skip


@dataclass(frozen=True)
class GrantLine:
    """授权 of one officer, with the organ it is for."""

    id: int
    officer_id: int
    role: str
    organ_zh: str
    organ_en: str
    valid_from: date
    valid_to: date | None


def grant_lines(session: Session, officer_ids: Sequence[int], day: date) -> list[GrantLine]:
    """The grants that hold on this day or will, in the order they were given."""
    query = (
        select(OfficerGrant.id, OfficerGrant.officer_id, OfficerGrant.role, Organ.name_zh, Organ.name_en,
               OfficerGrant.valid_from, OfficerGrant.valid_to)
        .join(Organ, Organ.id == OfficerGrant.organ_id)
        .where(OfficerGrant.officer_id.in_(officer_ids), OfficerGrant.ended_at.is_(None),
               or_(OfficerGrant.valid_to.is_(None), OfficerGrant.valid_to >= day))
        .order_by(OfficerGrant.id)
    )  # fmt: skip
    return [GrantLine(*row) for row in session.execute(query)]


@dataclass(frozen=True)
class DeadlineLine:
    """期限。 An open task with what is needed to count its deadline anew."""

    id: int
    name: str
    title: str
    definition_id: int
    node: str
    created_at: datetime
    due_at: datetime


def open_deadlines(session: Session, year: int) -> list[DeadlineLine]:
    """Open tasks that run into this year, so that its calendar can move their deadline; one that a paper names stands."""
    query = (
        select(WorkItem.id, WorkItem.name, Process.title, Process.definition_id, WorkItem.node, WorkItem.created_at,
               WorkItem.due_at)
        .join(Process, Process.id == WorkItem.process_id)
        .where(WorkItem.state.in_(("ready", "suspended")), WorkItem.due_at >= start_of_day(date(year, 1, 1)),
               WorkItem.created_at < start_of_day(date(year + 1, 1, 1)), WorkItem.postponed_at.is_(None))
        .order_by(WorkItem.id)
    )  # fmt: skip
    # the query asks for those that have a due moment
    return [DeadlineLine(*row) for row in session.execute(query)]  # type: ignore[arg-type]


def move_deadlines(session: Session, moves: Iterable[tuple[int, datetime]]) -> None:
    """Gives open tasks another due moment; their version stays, so that nobody's typed answers are refused for it."""
    by_moment: dict[datetime, list[int]] = {}
    for item_id, due_at in moves:
        by_moment.setdefault(due_at, []).append(item_id)
    open_item = WorkItem.state.in_(("ready", "suspended"))
    for due_at, ids in sorted(by_moment.items()):
        session.execute(update(WorkItem).where(and_(WorkItem.id.in_(ids), open_item)).values(due_at=due_at))


def next_due(session: Session, now: datetime) -> datetime:
    """The next moment after now at which a duty opens, a timer wakes or a light turns; for the demo's clock."""
    openings = [next_opening(each, now, calendar_of(session, each)).opens_at for each in DUTIES.values()]
    timer = select(func.min(Process.wakes_at)).where(Process.status == "running", Process.wakes_at > now)
    light = select(func.min(Project.turns_at)).where(Project.turns_at > now)
    found = [moment for moment in (*openings, session.scalar(timer), session.scalar(light)) if moment is not None]
    return min(found, default=now + timedelta(days=1))

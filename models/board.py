"""看板: what leaders and supervisors ask of all projects at once: lights, ladders, rectifications, what is overdue."""

from collections import Counter
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, not_, or_, select, true

from models.notice import UNSIGNED, Notice
from models.permit import permit
from models.process import Process, WorkItem
from models.project import BUSINESS, Project, visible_projects
from models.receipt import sent_to
from models.rectification import Rectification
from models.supervision import Supervision
from models.texts import N_
from models.unit import Actor, Unit

PAGE = 30
FEW = 5  # as many projects as a leader is asked to look at
LIT = ("red", "yellow")

permit("board.view", N_("查看领导工作台"), roles=("leader", "supervisor", "head"), scope="city")


@dataclass(frozen=True)
class Lights:
    """How many projects, and how many of them under each light."""

    projects: int = 0
    red: int = 0
    yellow: int = 0
    green: int = 0

    def plus(self, light: str, number: int) -> "Lights":
        """These and so many more under a light."""
        added = {name: getattr(self, name) + (number if name == light else 0) for name in ("red", "yellow", "green")}
        return Lights(self.projects + number, **added)


@dataclass(frozen=True)
class BoardFigures:
    """Counts of all projects the actor may see. A zone stands under `by_owner` and within its district, once each."""

    all: Lights
    by_state: dict[str, int] = field(default_factory=dict)
    by_stage: dict[str, Lights] = field(default_factory=dict)  # "unknown" while nobody has confirmed one
    by_district: dict[int | None, Lights] = field(default_factory=dict)
    by_owner: dict[int, Lights] = field(default_factory=dict)


@dataclass(frozen=True)
class Waiting:
    """How many rows each list of the board has; each list counts exactly these."""

    supervisions: int
    rectifications: int
    overdue: int
    lit: int  # red or yellow without a running supervision
    unanswered: int


@dataclass(frozen=True)
class BoardFilter:
    """筛选。 Empty parts do not narrow; `district_id` takes zones with it, `organ_id` is who is supervised."""

    light: str = ""
    district_id: int | None = None
    organ_id: int | None = None
    rung: int | None = None


@dataclass(frozen=True)
class LadderCount:
    """How many running supervisions share these; summed up for each chip and table of the board."""

    rung: int
    light: str
    district_id: int | None
    organ_id: int
    number: int

    def fits(self, wanted: BoardFilter) -> bool:
        """Whether a list narrowed so holds them."""
        pairs = ((wanted.light or None, self.light), (wanted.district_id, self.district_id),
                 (wanted.organ_id, self.organ_id), (wanted.rung, self.rung))  # fmt: skip
        return all(asked is None or asked == own for asked, own in pairs)


@dataclass(frozen=True)
class Subject:
    """The project a row of the board is about; money 万元."""

    id: int
    name: str
    light: str
    light_reasons: Any
    stage: str | None
    owner_organ_id: int
    district_id: int | None
    total_investment: Decimal | None

    @property
    def sentence(self) -> str:
        """Why its light is on; "" when it is not."""
        return str(self.light_reasons[0]["sentence"]) if self.light_reasons else ""


@dataclass(frozen=True)
class LadderLine:
    """督办 that is running, with its next timer and the rectification it waits for."""

    id: int
    project: Subject
    organ_id: int
    rung: int
    began_at: datetime
    by_hand: str | None
    wakes_at: datetime | None
    round: int | None
    report_due_on: date | None


@dataclass(frozen=True)
class RectificationLine:
    """整改 that is not closed out; `item` is what is being waited for."""

    id: int
    project: Subject
    process_id: int | None
    rectifier_organ_id: int
    reviewer_organ_id: int
    round: int
    report_due_on: date | None
    notice_id: int | None
    number: str | None


@dataclass(frozen=True)
class AttentionLine:
    """A project that needs the leader; `rung` is 0 when no ladder runs."""

    project: Subject
    rung: int
    organ_id: int | None


def board_figures(unit: Unit) -> BoardFigures:
    """Counts of the projects the actor may see; one query, whatever is asked of them."""
    groups = (Project.light, Project.stage, Project.state, Project.district_id, Project.owner_organ_id)
    query = select(*groups, func.count()).where(visible_projects(unit.actor)).group_by(*groups)
    total, states = Lights(), Counter[str]()
    stages: dict[str, Lights] = {}
    districts: dict[int | None, Lights] = {}
    owners: dict[int, Lights] = {}
    for light, stage, state, district, owner, number in unit.session.execute(query):
        total = total.plus(light, number)
        states[state] += number
        stages[stage or "unknown"] = stages.get(stage or "unknown", Lights()).plus(light, number)
        districts[district] = districts.get(district, Lights()).plus(light, number)
        owners[owner] = owners.get(owner, Lights()).plus(light, number)
    return BoardFigures(total, dict(states), stages, districts, owners)


def waiting(unit: Unit) -> Waiting:
    """How long each list of the board is; one query."""
    counted = [
        select(func.count()).select_from(query.subquery()).scalar_subquery()
        for query in (
            select(Supervision.id).where(*_running(unit)),
            select(Rectification.id).where(*_rectifying(unit)),
            select(WorkItem.id).where(*overdue(unit)),
            select(Project.id).where(*_lit(unit, "")),
            select(Notice.id).where(*unanswered(unit)),
        )
    ]
    return Waiting(*unit.session.execute(select(*counted)).one())


def attention(unit: Unit, limit: int = FEW) -> tuple[AttentionLine, ...]:
    """What needs the leader: red or supervised, the highest rung first, then the largest investment; one query."""
    running = and_(Supervision.project_id == Project.id, Supervision.ended_at.is_(None))
    query = _with_project(Supervision.rung, Supervision.blocker_organ_id).outerjoin(Supervision, running)
    query = query.where(visible_projects(unit.actor), or_(Project.light == "red", Supervision.id.is_not(None)))
    red_first = Project.light != "red"  # False sorts first
    order = (func.coalesce(Supervision.rung, 0).desc(), red_first, func.coalesce(Project.total_investment, -1).desc())
    rows = unit.session.execute(query.order_by(*order, Project.id).limit(limit)).all()
    return tuple(AttentionLine(_subject(row), row.rung or 0, row.blocker_organ_id) for row in rows)


def ladder_counts(unit: Unit) -> list[LadderCount]:
    """Running supervisions counted by rung, light, district and supervised organ; one query."""
    groups = (Supervision.rung, Project.light, Project.district_id, Supervision.blocker_organ_id)
    query = select(*groups, func.count()).join(Project, Project.id == Supervision.project_id)
    return [LadderCount(*row) for row in unit.session.execute(query.where(*_running(unit)).group_by(*groups))]


def ladder(unit: Unit, wanted: BoardFilter, *, after: int | None = None, limit: int = PAGE) -> list[LadderLine]:
    """Running supervisions, newest first, one more than a page when there are more; one query."""
    still_open = and_(Rectification.supervision_id == Supervision.id, Rectification.closed_at.is_(None))
    query = (
        _with_project(Supervision, Process.wakes_at, Rectification.round, Rectification.report_due_on)
        .join(Supervision, Supervision.project_id == Project.id)
        .outerjoin(Process, Process.id == Supervision.process_id)
        .outerjoin(Rectification, still_open)
        .where(*_running(unit), *_narrow(wanted))
    )
    if after:
        query = query.where(Supervision.id < after)
    rows = unit.session.execute(query.order_by(Supervision.id.desc()).limit(limit + 1)).all()
    return [
        LadderLine(row.Supervision.id, _subject(row), row.Supervision.blocker_organ_id, row.Supervision.rung,
                   row.Supervision.began_at, row.Supervision.by_hand, row.wakes_at, row.round, row.report_due_on)
        for row in rows
    ]  # fmt: skip


def rectifications(unit: Unit, *, after: int | None = None, limit: int = PAGE) -> list[RectificationLine]:
    """Rectifications that are not closed out, newest first, one more than a page when there are more; one query."""
    query = (
        _with_project(Rectification, Notice.number)
        .join(Rectification, Rectification.project_id == Project.id)
        .outerjoin(Notice, Notice.id == Rectification.notice_id)
        .where(*_rectifying(unit))
    )
    if after:
        query = query.where(Rectification.id < after)
    rows = unit.session.execute(query.order_by(Rectification.id.desc()).limit(limit + 1)).all()
    return [_rectification(row) for row in rows]


def lit_projects(unit: Unit, light: str = "", *, after: int | None = None, limit: int = PAGE) -> list[Subject]:
    """Red and yellow projects that nobody supervises, newest first, one more than a page when there are more."""
    query = _with_project().where(*_lit(unit, light))
    if after:
        query = query.where(Project.id < after)
    return [_subject(row) for row in unit.session.execute(query.order_by(Project.id.desc()).limit(limit + 1))]


def lit_counts(unit: Unit) -> dict[str, int]:
    """How many projects nobody supervises under each light that is on; one query."""
    query = select(Project.light, func.count()).where(*_lit(unit, "")).group_by(Project.light)
    return dict(unit.session.execute(query).all())


def supervised_again(unit: Unit, limit: int = FEW) -> list[tuple[int, str, int]]:
    """Projects supervised more than once: (number, name, times), most often first; one query."""
    times = func.count(Supervision.id)
    query = (
        select(Project.id, Project.name, times)
        .join(Supervision, Supervision.project_id == Project.id)
        .where(_supervised(unit.actor))
        .group_by(Project.id, Project.name)
        .having(times > 1)
        .order_by(times.desc(), Project.id)
    )
    return [(number, name, often) for number, name, often in unit.session.execute(query.limit(limit))]


def unanswered(unit: Unit) -> tuple[ColumnElement[bool], ...]:
    """The conditions of delivered papers that wait for a signature, among those the actor may see.

    To one of many addressees a paper waits for its own; to whoever sent it, until the last has signed.
    """
    return (Notice.delivered_at.is_not(None), not_(signed_by(unit.actor)), Notice.closed_at.is_(None),
            Notice.voided_at.is_(None), Notice.kind.not_in(UNSIGNED), seen_notices(unit.actor))  # fmt: skip


def signed_by(actor: Actor) -> ColumnElement[bool]:
    """Whether a paper is signed for, as far as the actor is concerned."""
    own = mine(actor)
    theirs = sent_to(own) & Notice.organ_id.not_in(own)
    return or_(theirs & not_(sent_to(own, unsigned=True)), not_(theirs) & Notice.acknowledged_at.is_not(None))


def seen_notices(actor: Actor) -> ColumnElement[bool]:
    """Papers to or from the actor's organs, alone or among many, and those about a project the actor may see."""
    own = mine(actor)
    return or_(Notice.to_organ_id.in_(own), Notice.organ_id.in_(own), sent_to(own), about(actor, Notice.project_id))


def mine(actor: Actor) -> list[int]:
    """The organs the actor works for in business matters."""
    return sorted({grant.organ_id for grant in actor.grants if grant.role in BUSINESS})


def about(actor: Actor, column: Any) -> ColumnElement[bool]:
    """That the project of a row is one the actor may see; all rows for those who see all projects."""
    seen = visible_projects(actor)
    return true() if seen.compare(true()) else column.in_(select(Project.id).where(seen))


def _supervised(actor: Actor) -> ColumnElement[bool]:
    return or_(about(actor, Supervision.project_id), Supervision.blocker_organ_id.in_(mine(actor)))


def _running(unit: Unit) -> tuple[ColumnElement[bool], ...]:
    return Supervision.ended_at.is_(None), _supervised(unit.actor)


def _rectifying(unit: Unit) -> tuple[ColumnElement[bool], ...]:
    own = Rectification.rectifier_organ_id.in_(mine(unit.actor))
    return Rectification.closed_at.is_(None), or_(own, about(unit.actor, Rectification.project_id))


def overdue(unit: Unit) -> tuple[ColumnElement[bool], ...]:
    """The conditions of open items past their day that the actor may know of."""
    own = WorkItem.organ_id.in_(mine(unit.actor))
    return WorkItem.state == "ready", WorkItem.due_at < unit.now, or_(own, about(unit.actor, WorkItem.project_id))


def _lit(unit: Unit, light: str) -> tuple[ColumnElement[bool], ...]:
    running = exists(select(Supervision.id).where(Supervision.project_id == Project.id, Supervision.ended_at.is_(None)))
    colours = (light,) if light in LIT else LIT
    return visible_projects(unit.actor), Project.light.in_(colours), ~running


def _narrow(wanted: BoardFilter) -> list[ColumnElement[bool]]:
    parts: list[tuple[Any, Any]] = [
        (Project.light, wanted.light or None), (Project.district_id, wanted.district_id),
        (Supervision.blocker_organ_id, wanted.organ_id), (Supervision.rung, wanted.rung),
    ]  # fmt: skip
    return [column == value for column, value in parts if value is not None]


def _with_project(*columns: Any) -> Select[Any]:
    """A query from projects with the columns of Subject, labelled, and others."""
    subject = [getattr(Project, each.name).label(f"project_{each.name}") for each in fields(Subject)]
    return select(*subject, *columns).select_from(Project)


def _subject(row: Any) -> Subject:
    return Subject(*(getattr(row, f"project_{each.name}") for each in fields(Subject)))


def _rectification(row: Any) -> RectificationLine:
    each: Rectification = row.Rectification
    return RectificationLine(each.id, _subject(row), each.process_id, each.rectifier_organ_id, each.reviewer_organ_id,
                             each.round, each.report_due_on, each.notice_id, row.number)  # fmt: skip

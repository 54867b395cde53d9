"""政策日程: when each duty runs next and for whom it would, and who still owes what of the periods that have run."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, false, func, or_, select, true
from sqlalchemy.orm import aliased

from models.board import mine
from models.calendar import WorkCalendar, load_calendar
from models.clock import end_of_day, local_day
from models.district import land_on
from models.duty import BEGUN, DROPPED, DUTIES, Duty, DutyRun, Period, Subject, named_day, next_opening, periods
from models.officer import Officer
from models.organ import Organ
from models.permit import permit
from models.process import Process, WorkItem
from models.project import BUSINESS, Project
from models.texts import N_
from models.unit import Actor, Unit

FIRST_FEW, MOST = 3, 200  # items shown of each organ, and of the one that was asked for

permit("duty.view", N_("查看政策日程"), roles=BUSINESS, scope="city")


@dataclass(frozen=True)
class Opening:
    """开启。 One period that will open: its day, whether a day off moved it, whether that year's holidays are known."""

    duty: Duty
    period: Period
    on: date
    moved_from: date | None
    announced: bool


@dataclass(frozen=True)
class OwedLine:
    """欠办事项。 One open item of a duty's process; `number` and `late` count all of its organ."""

    id: int
    name: str
    title: str
    word: str
    period: str
    project_id: int | None
    process_organ_id: int
    organ_id: int
    organ_zh: str
    organ_en: str
    holder: str | None
    due_at: datetime | None
    number: int
    late: int


def upcoming(unit: Unit, declared: Duty) -> Opening:
    """The next period of a duty."""
    calendar = load_calendar(unit.session)
    return _opening(declared, next_opening(declared, unit.now, calendar), calendar)


def openings_until(unit: Unit, day: date) -> list[Opening]:
    """Every period of every duty that opens after now and up to the end of a day, by day."""
    calendar, until = load_calendar(unit.session), end_of_day(day)
    found = (
        _opening(declared, period, calendar)
        for declared in DUTIES.values()
        for period in periods(declared, unit.now, until, calendar)
    )
    return sorted(found, key=lambda opening: (opening.on, opening.duty.word))


def _opening(declared: Duty, period: Period, calendar: WorkCalendar) -> Opening:
    on, named = local_day(period.opens_at), named_day(declared, period.first_day)
    return Opening(declared, period, on, named if named != on else None, calendar.announced(on.year))


def subjects(unit: Unit, declared: Duty, period: Period) -> list[Subject]:
    """For whom a period would be opened as things stand now, as far as the actor may know; nothing is written."""
    if declared.would is not None:
        found = declared.would(unit, period)
    elif declared.per == "project":
        found = running_subjects(unit)
    elif declared.per == "district":
        found = district_subjects(unit, period)
    else:
        return [Subject(0, N_("全市"))]
    return found if sees_all(unit.actor) else [each for each in found if set(each.organ_ids) & set(mine(unit.actor))]


def district_subjects(unit: Unit, period: Period) -> list[Subject]:
    """The districts as they are on the day the period opens."""
    land = land_on(unit.session, local_day(period.opens_at))
    return [Subject(each.id, each.name, (each.id,)) for each in land.districts]


def running_subjects(unit: Unit) -> list[Subject]:
    """The projects in progress."""
    columns = (Project.id, Project.name, Project.owner_organ_id, Project.district_id)
    rows = unit.session.execute(select(*columns).where(Project.state == "running").order_by(Project.id))
    return [Subject(number, name, tuple(each for each in organs if each)) for number, name, *organs in rows]


def last_runs(unit: Unit) -> dict[str, DutyRun]:
    """The newest run of each duty that was worked on: no marker, none that waits for a word or was dropped."""
    worked = (DutyRun.period != BEGUN, or_(DutyRun.asked_at.is_(None), DutyRun.decision.is_not(None)))
    kept = or_(DutyRun.decision.is_(None), DutyRun.decision != DROPPED)
    query = select(DutyRun).where(*worked, kept, DutyRun.duty.in_(list(DUTIES))).order_by(DutyRun.opens_at, DutyRun.id)
    return {run.duty: run for run in unit.session.scalars(query)}


def owed(unit: Unit, organ_id: int | None = None) -> list[OwedLine]:
    """The most urgent open items of every organ, or all of one organ, those with most overdue first; one query.

    Items of a duty's own processes and of those that they started, such as the paper being signed, whatever the period.
    """
    named = _owed_query(unit, organ_id).subquery()
    few = MOST if organ_id else FIRST_FEW
    query = select(named).where(named.c.rank <= few)
    rows = unit.session.execute(
        query.order_by(named.c.late.desc(), named.c.number.desc(), named.c.organ_code, named.c.rank)
    )
    return [_line(row) for row in rows]


def owed_by_duty(unit: Unit) -> dict[str, tuple[int, int]]:
    """How many items of each duty are open and how many of them overdue, as far as the actor may know; one query."""
    if not DUTIES:
        return {}
    named = _owed_query(unit, None).subquery()
    sums: list[ColumnElement[int]] = []
    for word in DUTIES:
        own = named.c.key.startswith(f"{word}:", autoescape=True)
        sums += [func.sum(case((own, 1), else_=0)), func.sum(case((and_(own, named.c.due_at < unit.now), 1), else_=0))]
    found = [int(each or 0) for each in unit.session.execute(select(*sums)).one()]
    return dict(zip(DUTIES, zip(found[::2], found[1::2], strict=True), strict=True))


def _owed_query(unit: Unit, organ_id: int | None) -> Any:
    parent = aliased(Process)
    key = case((_opened_by_duty(Process), Process.business_key), else_=parent.business_key)
    urgent = (WorkItem.due_at.is_(None), WorkItem.due_at, WorkItem.id)
    columns: dict[str, Any] = {
        "id": WorkItem.id, "name": WorkItem.name, "title": Process.title, "key": key, "project_id": WorkItem.project_id,
        "process_organ_id": Process.organ_id, "organ_id": WorkItem.organ_id, "organ_zh": Organ.name_zh,
        "organ_en": Organ.name_en, "organ_code": Organ.code, "holder": Officer.name, "due_at": WorkItem.due_at,
        "number": func.count().over(partition_by=WorkItem.organ_id),
        "late": func.sum(case((WorkItem.due_at < unit.now, 1), else_=0)).over(partition_by=WorkItem.organ_id),
        "rank": func.row_number().over(partition_by=WorkItem.organ_id, order_by=urgent),
    }  # fmt: skip
    query = (
        select(*(column.label(name) for name, column in columns.items()))
        .join(Process, Process.id == WorkItem.process_id)
        .join(Organ, Organ.id == WorkItem.organ_id)
        .outerjoin(parent, parent.id == Process.parent_id)
        .outerjoin(Officer, Officer.id == WorkItem.assignee_id)
        .where(
            WorkItem.state == "ready",
            or_(_opened_by_duty(Process), _opened_by_duty(parent)),
            _seen(unit.actor),
        )
    )
    return query.where(WorkItem.organ_id == organ_id) if organ_id else query


def _opened_by_duty(process: Any) -> ColumnElement[bool]:
    """Whether its business key begins with the word of a duty; several duties may share one map."""
    return or_(false(), *(process.business_key.startswith(f"{word}:", autoescape=True) for word in DUTIES))


def _line(row: Any) -> OwedLine:
    word, period = [*str(row.key or "").split(":"), "", ""][:2]
    return OwedLine(
        row.id, row.name, row.title, word, period, row.project_id, row.process_organ_id, row.organ_id, row.organ_zh,
        row.organ_en, row.holder, row.due_at, row.number, row.late,
    )  # fmt: skip


def sees_all(actor: Actor) -> bool:
    """Whether the actor serves the whole city."""
    return actor.is_house or any(grant.city and grant.role in BUSINESS for grant in actor.grants)


def _seen(actor: Actor) -> ColumnElement[bool]:
    """Items of one's own organs and of processes about them; all for those who serve the whole city."""
    if sees_all(actor):
        return true()
    own = mine(actor)
    return or_(WorkItem.organ_id.in_(own), Process.organ_id.in_(own), Process.district_id.in_(own))

"""各部门指标: a department's part in coordination, from the items it was asked to handle and what the askers said of it."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from models.clock import end_of_day, local_day, start_of_day
from models.coordination import Coordination
from models.district import District, Land
from models.figure import Behind, Figure, Span, figure
from models.organ import Organ, current_organ
from models.process import Process, WorkItem
from models.project import Project
from models.texts import N_

ONE, NONE = Decimal(1), Decimal(0)
HELP = or_(  # what a department is asked to do for a project
    (Process.key == "coordination") & WorkItem.node.in_(("accept", "handle")),
    (Process.key == "project") & WorkItem.node.endswith("_support"),
)


def departments_on(session: Session, last: date) -> Land:
    """The departments scored on a day and who answers for those that ended; the desk that scores is not among them."""
    organs = list(session.scalars(select(Organ).where(Organ.kind == "department", Organ.city_wide.is_(False))))
    answering = {each.id: now.id for each in organs if (now := current_organ(each, last))}
    valid = [each for each in organs if each.is_valid(last)]
    rows = tuple(District(each.id, each.code, each.name_zh, "") for each in sorted(valid, key=lambda each: each.code))
    return Land(rows, answering)


def _items(session: Session, span: Span) -> Iterator[tuple[int, WorkItem, str]]:
    """What departments were asked to do and had to have done within the span."""
    query = (
        select(WorkItem, Project.name)
        .join(Process, WorkItem.process_id == Process.id)
        .join(Project, WorkItem.project_id == Project.id)
        .where(HELP, WorkItem.state.in_(("ready", "done")))
        .where(WorkItem.due_at >= start_of_day(span.first), WorkItem.due_at <= end_of_day(span.last))
        .order_by(WorkItem.id)
    )
    for item, name in session.execute(query):
        yield span.land.answering.get(item.organ_id, item.organ_id), item, name


def on_time(session: Session, span: Span) -> Iterator[Behind]:
    """协调按期办结率."""
    for unit_id, item, name in _items(session, span):
        done = item.done_at is not None and item.due_at is not None and item.done_at <= item.due_at
        told = f"{local_day(item.done_at).isoformat()}办结" if item.done_at else "未办结"
        yield Behind(unit_id, f"{name}：{item.name}", ONE if done else NONE, ONE, _due(item), item.project_id, told)


def overdue(session: Session, span: Span) -> Iterator[Behind]:
    """逾期未办."""
    for unit_id, item, name in _items(session, span):
        if item.done_at is None:
            yield Behind(unit_id, f"{name}：{item.name}", ONE, NONE, _due(item), item.project_id)


def _due(item: WorkItem) -> date | None:
    return local_day(item.due_at) if item.due_at else None


def _closed(session: Session, span: Span) -> Iterator[tuple[int, Coordination]]:
    query = select(Coordination).where(
        Coordination.closed_at >= start_of_day(span.first), Coordination.closed_at <= end_of_day(span.last)
    )
    for row in session.scalars(query.order_by(Coordination.id)):
        yield span.land.answering.get(row.target_organ_id, row.target_organ_id), row


def satisfaction(session: Session, span: Span) -> Iterator[Behind]:
    """满意率: of the requests that ended in the span and whose asker said so."""
    for unit_id, row in _closed(session, span):
        if row.satisfied is not None:
            yield _request(unit_id, row, ONE if row.satisfied else NONE, ONE)


def handled(session: Session, span: Span) -> Iterator[Behind]:
    """办结协调事项."""
    for unit_id, row in _closed(session, span):
        yield _request(unit_id, row, ONE)


def _request(unit_id: int, row: Coordination, part: Decimal, whole: Decimal = NONE) -> Behind:
    on = local_day(row.closed_at) if row.closed_at else None
    told = {True: "满意", False: "不满意", None: "未评价"}[row.satisfied]
    return Behind(unit_id, f"{row.number} {row.subject}", part, whole, on, row.project_id, told)


PIECES, PERCENT = N_("个"), "%"
figure(Figure("coordination_on_time", N_("协调按期办结率"), PERCENT, "department", "share", on_time, None,
              N_("期内到期的协调和配套事项中，按期办结的占比；没有事项的不计分、不排名。")))  # fmt: skip
figure(Figure("coordination_satisfaction", N_("协调满意率"), PERCENT, "department", "share", satisfaction, None,
              N_("期内办结、提出单位作了评价的协调事项中，满意的占比。")))  # fmt: skip
figure(Figure("coordination_overdue", N_("逾期未办事项数"), PIECES, "department", "sum", overdue, NONE,
              N_("期内到期、到取数时仍未办结的协调和配套事项。")))  # fmt: skip
figure(Figure("coordination_handled", N_("办结协调事项数"), PIECES, "department", "sum", handled, NONE,
              N_("期内办结的协调事项。")))  # fmt: skip

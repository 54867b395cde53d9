"""手上的事项: who holds the open work items of projects, by when, and whether somebody was urged today."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import aliased

from models.board import PAGE, about, overdue
from models.officer import Officer
from models.process import Process, WorkItem
from models.project import Project
from models.refusal import NotFound
from models.texts import N_
from models.unit import Unit
from models.urge import Urge


@dataclass(frozen=True)
class HeldLine:
    """An open work item of a project: who holds it, by when, and whether somebody urged it today."""

    id: int
    project_id: int | None
    process_id: int
    process_key: str
    process_organ_id: int
    process_district_id: int
    project: str | None
    name: str
    node: str
    form: str
    role: str
    organ_id: int
    assignee_id: int | None
    holder: str | None
    due_at: datetime | None
    created_at: datetime
    urged_today: bool


def overdue_items(unit: Unit, *, after: int | None = None, limit: int = PAGE) -> list[HeldLine]:
    """Open items past their day, oldest item first, one more than a page when there are more; one query."""
    query = _held_query(unit).where(*overdue(unit))
    if after:
        query = query.where(WorkItem.id > after)
    return _held(unit, query.order_by(WorkItem.id).limit(limit + 1))


def held_items(unit: Unit, project_ids: Iterable[int]) -> dict[int, list[HeldLine]]:
    """The open items of these projects by project, most urgent first; one query."""
    wanted = set(project_ids)
    found: dict[int, list[HeldLine]] = {project_id: [] for project_id in wanted}
    if wanted:
        query = _held_query(unit).where(WorkItem.state == "ready", WorkItem.project_id.in_(wanted))
        for line in _held(unit, query.order_by(WorkItem.due_at.is_(None), WorkItem.due_at, WorkItem.id)):
            found[line.project_id or 0].append(line)
    return found


def find_held(unit: Unit, item_id: int) -> HeldLine:
    """The open item, if the actor may know of its project; raises NotFound."""
    found = _held(unit, _held_query(unit).where(WorkItem.id == item_id, about(unit.actor, WorkItem.project_id)))
    if not found:
        raise NotFound(N_("没有找到这个事项。"))
    return found[0]


def _held_query(unit: Unit) -> Select[Any]:
    holder = aliased(Officer)
    today = exists(select(Urge.id).where(Urge.work_item_id == WorkItem.id, Urge.day == unit.today.isoformat()))
    named: dict[str, Any] = {
        "process_key": Process.key, "process_organ_id": Process.organ_id, "process_district_id": Process.district_id,
        "project": Project.name, "holder": holder.name, "urged_today": today,
    }  # fmt: skip
    columns: list[Any] = [named.get(each.name, getattr(WorkItem, each.name, None)) for each in fields(HeldLine)]
    return (
        select(*columns)
        .select_from(WorkItem)
        .join(Process, Process.id == WorkItem.process_id)
        .outerjoin(Project, Project.id == WorkItem.project_id)
        .outerjoin(holder, holder.id == WorkItem.assignee_id)
    )


def _held(unit: Unit, query: Select[Any]) -> list[HeldLine]:
    return [HeldLine(*row) for row in unit.session.execute(query)]

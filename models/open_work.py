"""未办事项: work items with what an answer must name, their version and form, for whoever acts without a page."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.process import Process, WorkItem
from models.project import find_project
from models.unit import Unit
from models.worklist import WorkLine, lines_query

MOST = 200  # a project with more open items than this is not one project


@dataclass(frozen=True)
class OpenWork:
    """One item: the line of a list, the version an answer must name and the form it must fill."""

    line: WorkLine
    version: int
    form: str


def open_work(unit: Unit, project_id: int) -> tuple[OpenWork, ...]:
    """What is open in a project, whoever has to do it, oldest first. Raises NotFound for a project that is not seen."""
    find_project(unit, project_id)
    query = (
        lines_query()
        .add_columns(WorkItem.version, WorkItem.form)
        .where(WorkItem.project_id == project_id, WorkItem.state.in_(("ready", "suspended")))
        .order_by(WorkItem.id)
        .limit(MOST)
    )
    return tuple(OpenWork(WorkLine(*row[:-2]), row[-2], row[-1]) for row in unit.session.execute(query))


def open_beside_projects(session: Session, keys: Iterable[str]) -> list[WorkItem]:
    """Ready items of these mechanisms' processes that are about no project, oldest first."""
    query = (
        select(WorkItem)
        .join(Process, Process.id == WorkItem.process_id)
        .where(WorkItem.state == "ready", WorkItem.project_id.is_(None), Process.key.in_(list(keys)))
    )
    return list(session.scalars(query.order_by(WorkItem.id)))


def with_forms(unit: Unit, lines: Iterable[WorkLine]) -> tuple[OpenWork, ...]:
    """The same lines with version and form; one query for all."""
    shown = tuple(lines)
    if not shown:
        return ()
    query = select(WorkItem.id, WorkItem.version, WorkItem.form).where(WorkItem.id.in_([line.id for line in shown]))
    known = {row.id: row for row in unit.session.execute(query)}
    return tuple(OpenWork(line, known[line.id].version, known[line.id].form) for line in shown)

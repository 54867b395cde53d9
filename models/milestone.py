"""节点: what a project should reach and when: the exits of its stages and the nine steps of building."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Date, ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.attachment import check_evidence
from models.base import UNFLUSHED, Base, Json, Key, Moment
from models.project import lock_project, touch
from models.reference import reference_rows
from models.refusal import Invalid
from models.texts import N_
from models.unit import Unit


class Milestone(Base):
    """节点。 One date a department keeps: two departments may state different days, and both are shown."""

    __tablename__ = "milestone"
    __table_args__ = (UniqueConstraint("project_id", "code", "organ_id"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    code: Mapped[str] = mapped_column(String(20))
    organ_id: Mapped[int] = mapped_column(ForeignKey("organ.id"))  # the department whose date this is
    plan_on: Mapped[date | None] = mapped_column(Date)
    actual_on: Mapped[date | None] = mapped_column(Date)
    attachment_ids: Mapped[list[int]] = mapped_column(Json, default=list)
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    changed_at: Mapped[datetime] = mapped_column(Moment)


@dataclass(frozen=True)
class MilestoneKind:
    """节点种类。 `stage` is the stage in which it falls; an exit of a stage bears the stage's own code."""

    code: str
    name_zh: str
    name_en: str
    stage: str
    source: str


@lru_cache
def milestone_kinds() -> tuple[MilestoneKind, ...]:
    """The six exits and the nine steps of building, in the order of time."""
    return tuple(MilestoneKind(**row) for row in reference_rows("milestones"))


def set_milestone(
    unit: Unit,
    project_id: int,
    *,
    code: str,
    plan_on: date | None = None,
    actual_on: date | None = None,
    organ_id: int | None = None,
    attachment_ids: Iterable[int] = (),
) -> int:
    """The number of the milestone as `organ_id` (the owner when not given) keeps it; what stood before is traced.

    Refuses an unknown code, an actual day to come, no day at all, and files of other projects.
    """
    project = lock_project(unit.session, project_id)
    unit.require("project.edit", organ_ids=[project.owner_organ_id, project.district_id])
    evidence = sorted(set(attachment_ids))
    if wrong := _wrong_milestone(unit, code, plan_on, actual_on):
        raise Invalid(N_("填写有误"), fields=wrong)
    check_evidence(unit.session, project_id, evidence)
    row = _milestone(unit.session, project_id, code, organ_id or project.owner_organ_id)
    before = _days(row)
    row.plan_on, row.actual_on, row.attachment_ids = plan_on, actual_on, evidence
    row.changed_by_id, row.changed_at = unit.actor.officer_id, unit.now
    touch(unit, project)
    unit.session.flush()  # the caller needs its number
    unit.trace("milestone.set", "project", project_id, {"code": code, "organ_id": row.organ_id,
               "before": before, "after": _days(row), "attachments": evidence})  # fmt: skip
    return row.id


def reach_milestone(unit: Unit, project_id: int, *, name_zh: str, attachment_ids: Iterable[int] = ()) -> None:
    """形象进度: the step of building with this name is reached today, unless a day stands there already."""
    code = next(kind.code for kind in milestone_kinds() if kind.name_zh == name_zh)
    reached = {row.code for row in milestones(unit.session, project_id) if row.actual_on}
    if code not in reached:
        set_milestone(unit, project_id, code=code, actual_on=unit.today, attachment_ids=attachment_ids)


def milestones(session: Session, project_id: int) -> list[Milestone]:
    """The milestones of a project in the order of time, each department's own."""
    places = {kind.code: place for place, kind in enumerate(milestone_kinds())}
    rows = session.scalars(select(Milestone).where(Milestone.project_id == project_id).order_by(Milestone.id))
    return sorted(rows, key=lambda row: places[row.code])


def conflicts(rows: Iterable[Milestone]) -> set[str]:
    """The codes for which two departments state different actual days."""
    days: dict[str, set[date]] = {}
    for row in rows:
        if row.actual_on:
            days.setdefault(row.code, set()).add(row.actual_on)
    return {code for code, stated in days.items() if len(stated) > 1}


def _wrong_milestone(unit: Unit, code: str, plan_on: date | None, actual_on: date | None) -> dict[str, str]:
    wrong = {}
    if code not in {kind.code for kind in milestone_kinds()}:
        wrong["code"] = N_("没有这个节点。")
    if plan_on is None and actual_on is None:
        wrong["plan_on"] = N_("计划日期和实际日期至少填一项。")
    if actual_on and actual_on > unit.today:
        wrong["actual_on"] = N_("实际日期不能晚于今天。")
    return wrong


def _milestone(session: Session, project_id: int, code: str, organ_id: int) -> Milestone:
    query = select(Milestone).where(
        Milestone.project_id == project_id, Milestone.code == code, Milestone.organ_id == organ_id
    )
    row = session.scalars(query, execution_options=UNFLUSHED).one_or_none()
    if row is None:
        row = Milestone(project_id=project_id, code=code, organ_id=organ_id)
        session.add(row)
    return row


def _days(row: Milestone) -> list[Any]:
    return [day.isoformat() if day else None for day in (row.plan_on, row.actual_on)]

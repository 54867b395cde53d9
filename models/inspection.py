"""季检查: the plan of a quarter, which projects it draws, district by district, and what was found on each project."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Date, ForeignKey, Index, Integer, String, UniqueConstraint, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, Json, Key, Moment
from models.district import land_on
from models.organ import organ_by_code
from models.permit import permit
from models.process import WorkItem
from models.project import Project
from models.refusal import NotFound
from models.texts import N_
from models.unit import Unit

DESK, REVIEWER = "hzjl", "fgw"  # who inspects, and who reviews what was rectified
SHARES = (100, 50, 30, 20, 10)  # % of each district's projects; 100 is 全面检查
SOURCE = "inspection"
DRAW_RULE = N_(
    "每个区的项目按“种子:项目编号”的 SHA-256 值由小到大排列，取前%(share)s%%，有小数的进一；"
    "种子 %(seed)s，由系统随机产生，每季只产生一次，任何人可用它重算。"
)

permit("inspection.view", N_("查看季检查"), roles=("officer", "head", "supervisor", "leader"), scope="city")
permit("inspection.check", N_("填写季检查表"), roles=("officer", "supervisor"), scope="organ")


class Inspection(Base):
    """季检查。 One quarter: the plan as approved; `seed` is drawn once and never again. `share` in %."""

    __tablename__ = "inspection"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    period: Mapped[str] = mapped_column(String(10), unique=True)
    process_id: Mapped[int | None] = mapped_column(ForeignKey("process.id"))
    due_on: Mapped[date] = mapped_column(Date)  # by when its bulletin goes out
    share: Mapped[int | None] = mapped_column(Integer)
    seed: Mapped[str] = mapped_column(String(16), default="")
    first_on: Mapped[date | None] = mapped_column(Date)
    last_on: Mapped[date | None] = mapped_column(Date)
    team: Mapped[str] = mapped_column(String(300), default="")
    remark: Mapped[str] = mapped_column(String(500), default="")
    planned_by: Mapped[str | None] = mapped_column(String(80))
    opened_at: Mapped[datetime] = mapped_column(Moment)
    approved_at: Mapped[datetime | None] = mapped_column(Moment)
    approved_by: Mapped[str | None] = mapped_column(String(80))
    notice_id: Mapped[int | None] = mapped_column(ForeignKey("notice.id"))


class InspectionDistrict(Base):
    """受检区。 How far a district is: checked, its problem list countersigned (or not in time), closed."""

    __tablename__ = "inspection_district"
    __table_args__ = (
        UniqueConstraint("inspection_id", "organ_id"),
        Index("ix_inspection_district_process", "process_id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    inspection_id: Mapped[int] = mapped_column(ForeignKey("inspection.id"))
    organ_id: Mapped[int] = mapped_column(ForeignKey("organ.id"))  # as planned
    process_id: Mapped[int | None] = mapped_column(ForeignKey("process.id"))
    submitted_at: Mapped[datetime | None] = mapped_column(Moment)
    submitted_by: Mapped[str | None] = mapped_column(String(80))
    note: Mapped[str] = mapped_column(String(500), default="")
    signed_at: Mapped[datetime | None] = mapped_column(Moment)
    signed_by: Mapped[str | None] = mapped_column(String(80))
    objection: Mapped[str] = mapped_column(String(500), default="")
    closed_at: Mapped[datetime | None] = mapped_column(Moment)


class InspectionCheck(Base):
    """项目检查表。 `answers` by the code of the question, as typed until it is checked, with the ledger's dates after that."""

    __tablename__ = "inspection_check"
    __table_args__ = (
        UniqueConstraint("inspection_id", "project_id"),
        Index("ix_inspection_check_project", "project_id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    inspection_id: Mapped[int] = mapped_column(ForeignKey("inspection.id"))
    district_id: Mapped[int] = mapped_column(ForeignKey("organ.id"))  # as planned
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    links: Mapped[Any] = mapped_column(Json)  # of LINKS, by the stage on the day of the plan
    answers: Mapped[Any] = mapped_column(Json, default=dict)
    saved_at: Mapped[datetime | None] = mapped_column(Moment)
    saved_by: Mapped[str | None] = mapped_column(String(80))
    checked_at: Mapped[datetime | None] = mapped_column(Moment)
    checked_by: Mapped[str | None] = mapped_column(String(80))


def drawn(numbers: Iterable[str], share: int, seed: str) -> list[str]:
    """抽取: which project numbers a share (%) of one district is, by the rule of DRAW_RULE; all of them for 100."""
    ordered = sorted(numbers, key=lambda number: sha256(f"{seed}:{number}".encode()).hexdigest())
    return ordered[: -(-len(ordered) * share // 100)]


def inspection_of(session: Session, period: str) -> Inspection:
    """The inspection of a quarter; raises NotFound."""
    found = session.scalars(select(Inspection).where(Inspection.period == period)).one_or_none()
    if found is None:
        raise NotFound(N_("没有这一季度的检查。"))
    return found


def inspection_of_id(session: Session, inspection_id: int) -> Inspection:
    """The inspection with this number."""
    return session.get_one(Inspection, inspection_id)


def inspection_of_process(session: Session, process_id: int) -> Inspection | None:
    """The inspection that a process runs; None for one without."""
    return session.scalars(select(Inspection).where(Inspection.process_id == process_id)).one_or_none()


def inspections(session: Session, limit: int = 40) -> list[Inspection]:
    """The newest quarters first."""
    return list(session.scalars(select(Inspection).order_by(Inspection.period.desc()).limit(limit)))


def districts_of(session: Session, inspection_id: int) -> list[InspectionDistrict]:
    """The districts of an inspection, by number."""
    query = select(InspectionDistrict).where(InspectionDistrict.inspection_id == inspection_id)
    return list(session.scalars(query.order_by(InspectionDistrict.organ_id)))


def district_of_process(session: Session, process_id: int) -> InspectionDistrict:
    """The district that a process inspects."""
    return session.scalars(select(InspectionDistrict).where(InspectionDistrict.process_id == process_id)).one()


def find_district(session: Session, process_id: int) -> InspectionDistrict | None:
    """The district that a process inspects; None for one without."""
    query = select(InspectionDistrict).where(InspectionDistrict.process_id == process_id)
    return session.scalars(query).one_or_none()


def checks_of(
    session: Session, inspection_id: int, district_id: int | None = None
) -> list[tuple[InspectionCheck, Project]]:
    """The projects drawn, with what was checked, by district and project number; of one district, or of all."""
    query = (
        select(InspectionCheck, Project)
        .join(Project, Project.id == InspectionCheck.project_id)
        .where(InspectionCheck.inspection_id == inspection_id)
        .order_by(InspectionCheck.district_id, Project.project_no)
    )
    if district_id is not None:
        query = query.where(InspectionCheck.district_id == district_id)
    return [(check, project) for check, project in session.execute(query)]


def check_counts(session: Session, inspection_id: int) -> dict[int, tuple[int, int]]:
    """By district of the plan: how many projects were drawn, and how many of them are checked; one query."""
    query = (
        select(InspectionCheck.district_id, func.count(), func.count(InspectionCheck.checked_at))
        .where(InspectionCheck.inspection_id == inspection_id)
        .group_by(InspectionCheck.district_id)
    )
    return {organ_id: (count, done) for organ_id, count, done in session.execute(query)}


def check_of(session: Session, inspection_id: int, project_id: int) -> InspectionCheck:
    """The checklist of one project; raises NotFound when it was not drawn."""
    query = select(InspectionCheck).where(
        InspectionCheck.inspection_id == inspection_id, InspectionCheck.project_id == project_id
    )
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotFound(N_("这个项目不在本季检查名单中。"))
    return found


def is_checking(session: Session, district: InspectionDistrict) -> bool:
    """Whether the team has not handed in this district yet, so that its checklists may still be written."""
    query = select(WorkItem.id).where(
        WorkItem.process_id == district.process_id, WorkItem.node == "check", WorkItem.state == "ready"
    )
    return district.process_id is not None and session.scalar(query.limit(1)) is not None


def running_projects(unit: Unit, district_ids: Iterable[int] = ()) -> Mapping[int, list[Project]]:
    """Running projects by the district that answers for them today; of these districts, or of all there are."""
    land, wanted = land_on(unit.session, unit.today), set(district_ids)
    found: dict[int, list[Project]] = {each.id: [] for each in land.districts if not wanted or each.id in wanted}
    query = select(Project).where(Project.state == "running", Project.district_id.is_not(None))
    for project in unit.session.scalars(query.order_by(Project.project_no)):
        district_id = land.answering.get(project.district_id or 0)
        if district_id in found:
            found[district_id].append(project)
    return {district_id: projects for district_id, projects in found.items() if projects}


def redraw(unit: Unit, row: Inspection, chosen: Mapping[int, list[tuple[int, tuple[str, ...]]]]) -> None:
    """Write the list anew: (project, links) by district. A plan that comes back changes nothing else."""
    for table in (InspectionCheck, InspectionDistrict):
        unit.session.execute(delete(table).where(table.inspection_id == row.id))
    for district_id, projects in chosen.items():
        unit.session.add(InspectionDistrict(inspection_id=row.id, organ_id=district_id))
        unit.session.add_all(
            InspectionCheck(
                inspection_id=row.id, district_id=district_id, project_id=project_id, links=list(links), answers={}
            )
            for project_id, links in projects
        )


def answering_district(unit: Unit, organ_id: int) -> int:
    """Who answers today for a district of the plan: itself, or whoever it was merged into since."""
    return land_on(unit.session, unit.today).answering.get(organ_id, organ_id)


def desk_id(session: Session) -> int:
    """The desk that inspects."""
    return organ_by_code(session, DESK).id

"""项目: the ledger's noun and the commands that change it. Core fields are columns, the rest lies in `extras`."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ColumnClause,
    ColumnElement,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    bindparam,
    literal_column,
    or_,
    select,
    true,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, Json, Key, Moment, Money
from models.ledger import contradictions, field_named, is_required, missing_fields
from models.ledger_value import extra_value, read_value, shown
from models.officer import officer_of
from models.organ import Organ, organ_of
from models.permit import permit
from models.process import WorkItem
from models.project_number import take_numbers
from models.refusal import Invalid, NotFound, Outdated
from models.saying import Saying
from models.search import search_text
from models.stage import stage as stage_of
from models.texts import N_
from models.unit import Actor, Unit

STATES: dict[str, str] = {
    "incomplete": N_("待补录"),
    "running": N_("在推进"),
    "suspended": N_("已挂起"),
    "withdrawn": N_("已退库"),
    "produced": N_("已投产"),
}
LIGHTS: dict[str, str] = {"red": N_("红灯"), "yellow": N_("黄灯"), "green": N_("绿灯"), "grey": N_("未亮灯")}
BUSINESS = ("officer", "head", "supervisor", "leader")
SEARCHED = ("project_no", "name", "investor_name", "local_company", "fai_code", "investor_uscc", "local_uscc", "chain")
ORGANS = ("owner_organ_id", "city_organ_id")
LAND = ("district", "development_zone")  # kinds of organs that are a place
TURNING: ColumnClause[bool] = literal_column("turns_at IS NOT NULL")

permit("project.view", N_("查看项目"), roles=BUSINESS, scope="city")
permit("project.edit", N_("维护项目资料"), roles=["officer", "head"], scope="organ")
permit("project.register", N_("登记项目"), roles=["officer", "head", "supervisor"], scope="city")
permit("project.withdraw", N_("项目退库"), roles=["supervisor"], scope="city")


class Project(Base):
    """项目。 Money in 万元. `stage` is None until somebody has confirmed what a source left open."""

    __tablename__ = "project"
    __table_args__ = (
        Index("ix_project_turns", "turns_at", sqlite_where=TURNING, postgresql_where=TURNING),
        Index("ix_project_owner", "owner_organ_id", "id"),
        Index("ix_project_district", "district_id", "id"),
        Index("ix_project_name", "name"),
        Index("ix_project_light", "light", "id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    project_no: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    fai_code: Mapped[str | None] = mapped_column(String(30))
    owner_organ_id: Mapped[int] = mapped_column(ForeignKey("organ.id"))
    district_id: Mapped[int | None] = mapped_column(ForeignKey("organ.id"))  # None: no source states a district
    city_organ_id: Mapped[int | None] = mapped_column(ForeignKey("organ.id"))  # 市级牵头部门
    owner_officer_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))  # 项目专员
    leader_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))  # 挂钩市领导

    stage: Mapped[str | None] = mapped_column(String(10))
    stage_at: Mapped[datetime | None] = mapped_column(Moment)  # since when in this stage, as far as this house knows
    state: Mapped[str] = mapped_column(String(12), default="incomplete")
    state_reason: Mapped[str] = mapped_column(String(500), default="")  # why suspended or withdrawn

    capital_nature: Mapped[str | None] = mapped_column(String(4))
    source_region: Mapped[str | None] = mapped_column(String(60))
    investor_name: Mapped[str | None] = mapped_column(String(200))
    investor_uscc: Mapped[str | None] = mapped_column(String(18))
    local_company: Mapped[str | None] = mapped_column(String(200))
    local_uscc: Mapped[str | None] = mapped_column(String(18))
    total_investment: Mapped[Decimal | None] = mapped_column(Money)
    fixed_asset: Mapped[Decimal | None] = mapped_column(Money)
    chain: Mapped[str | None] = mapped_column(String(40))
    industry_code: Mapped[str | None] = mapped_column(String(8))
    build_nature: Mapped[str | None] = mapped_column(String(8))
    start_kind: Mapped[str | None] = mapped_column(String(8))
    approval_kind: Mapped[str | None] = mapped_column(String(8))
    land_kind: Mapped[str | None] = mapped_column(String(8))
    agreement_kind: Mapped[str | None] = mapped_column(String(8))

    signed_on: Mapped[date | None] = mapped_column(Date)
    registered_on: Mapped[date | None] = mapped_column(Date)
    plan_start_on: Mapped[date | None] = mapped_column(Date)
    actual_start_on: Mapped[date | None] = mapped_column(Date)
    plan_finish_on: Mapped[date | None] = mapped_column(Date)
    actual_finish_on: Mapped[date | None] = mapped_column(Date)
    produced_on: Mapped[date | None] = mapped_column(Date)
    in_stat_on: Mapped[date | None] = mapped_column(Date)
    permit_issued_on: Mapped[date | None] = mapped_column(Date)
    permit_extensions: Mapped[int] = mapped_column(Integer, default=0)

    source: Mapped[str] = mapped_column(Text, default="")
    demo: Mapped[bool] = mapped_column(default=False)  # 演示
    extras: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)  # ledger key → plain value

    light: Mapped[str] = mapped_column(String(8), default="grey")
    light_reasons: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)
    light_version: Mapped[str] = mapped_column(String(80), default="")
    light_at: Mapped[datetime | None] = mapped_column(Moment)
    turns_at: Mapped[datetime | None] = mapped_column(Moment)

    created_at: Mapped[datetime] = mapped_column(Moment)
    last_updated_at: Mapped[datetime] = mapped_column(Moment)
    version: Mapped[int] = mapped_column(Integer, default=1)
    search: Mapped[str] = mapped_column(Text, default="")


_LOCK = (
    select(Project).where(Project.id == bindparam("its_id")).with_for_update().execution_options(populate_existing=True)
)


def visible_projects(actor: Actor) -> ColumnElement[bool]:
    """What an actor may see: all with a city-wide grant, else its own land and whatever an item was ever asked for."""
    grants = [grant for grant in actor.grants if grant.role in BUSINESS]
    if actor.is_house or any(grant.city for grant in grants):
        return true()
    mine = sorted({grant.organ_id for grant in grants})
    asked = select(WorkItem.project_id).where(WorkItem.organ_id.in_(mine)).correlate(None)
    owns = (Project.owner_organ_id.in_(mine), Project.district_id.in_(mine), Project.city_organ_id.in_(mine))
    return or_(*owns, Project.id.in_(asked))


def find_project(unit: Unit, project_id: int) -> Project:
    """The project; raises NotFound when there is none, or when the actor may not know that there is."""
    query = select(Project).where(Project.id == project_id, visible_projects(unit.actor))
    found = unit.session.scalars(query).one_or_none()
    if found is None:
        raise NotFound(N_("没有这个项目，或您无权查看。"))
    return found


def lock_project(session: Session, project_id: int) -> Project:
    """The project, locked until the unit ends and fresh as of the first lock in it; raises NotFound."""
    if project_id in _held(session):
        return _held(session)[project_id]
    found = session.scalars(_LOCK, {"its_id": project_id}).one_or_none()
    if found is None:
        raise NotFound(N_("没有这个项目，或您无权查看。"))
    _held(session)[project_id] = found
    return found


def _held(session: Session) -> dict[int, "Project"]:
    """The projects this unit has locked; a step and the rules after it would else read the same row five times."""
    held: dict[int, Project] = session.info.setdefault("locked_projects", {})
    return held


def register_project(
    unit: Unit, *, owner_organ_id: int, values: Mapping[str, object], source: str = "", demo: bool = False
) -> Project:
    """A new project, numbered and filed; `values` and refusals as for `new_project`."""
    project = new_project(unit, owner_organ_id=owner_organ_id, values=values, source=source, demo=demo)
    return file_project(unit, project)


def new_project(
    unit: Unit, *, owner_organ_id: int, values: Mapping[str, object], source: str = "", demo: bool = False
) -> Project:
    """A project checked and numbered but not filed yet; 待补录 when its stage needs more than `values` hold.

    `values` are by column or ledger key, typed or as people write them; money by column is 万元.
    Raises Invalid by field.
    """
    owner = organ_of(unit.session, owner_organ_id)
    unit.require("project.register", organ_ids=[owner.id, owner.root_id])
    read = read_values(values, unit.today)
    if not read.get("name"):
        raise Invalid(N_("填写有误"), fields={"name": N_("请填写项目名称。")})
    project = build_project(unit, owner, read, source=source, demo=demo)
    project.project_no = take_numbers(unit, 1)[0]
    index_words(project)
    return project


def file_project(unit: Unit, project: Project) -> Project:
    """Put a new project into the pool; returns it."""
    unit.session.add(project)
    unit.session.flush()  # the trace names its number
    _held(unit.session)[project.id] = project  # nobody else can see it yet
    unit.trace("project.register", "project", project.id, {"no": project.project_no, "name": project.name})
    return project


def build_project(
    unit: Unit, owner: Organ, values: Mapping[str, object], *, source: str = "", demo: bool = False
) -> Project:
    """A row from values already read, without number or key; what both the form and the import begin with."""
    project = Project(source=source, demo=demo, extras={}, state="incomplete", state_reason="", version=1,
                      created_at=unit.now, last_updated_at=unit.now, permit_extensions=0, light="grey",
                      light_reasons=[], light_version="", turns_at=unit.now)  # fmt: skip
    _place(project, owner)
    _put(project, values)
    project.stage_at = unit.now if project.stage else None
    _settle(project)
    return project


def update_project(unit: Unit, project_id: int, *, version: int, values: Mapping[str, object]) -> list[str]:
    """The names of what changed. Raises Outdated when somebody saved since `version`, Invalid by field."""
    project = lock_project(unit.session, project_id)
    unit.require("project.edit", organ_ids=[project.owner_organ_id, project.district_id])
    if project.version != version:
        raise Outdated(N_("项目资料已被他人修改，请刷新后再保存。"))
    return apply_changes(unit, project, values)


def apply_changes(unit: Unit, project: Project, values: Mapping[str, object]) -> list[str]:
    """The same for a step of a process, whose door has asked for its own permit.

    `owner_organ_id` moves the project to another district or zone, `city_organ_id` names the leading city department.
    """
    organs = {name: organ_of(unit.session, int(str(values[name]))) for name in ORGANS if values.get(name)}
    read = read_values({name: value for name, value in values.items() if name not in ORGANS}, unit.today)
    spelled = {field_named(name).name: name for name in values if name not in ORGANS}
    if wrong := wrong_changes(project, read):
        raise Invalid(N_("填写有误"), fields={spelled.get(name, name): text for name, text in wrong.items()})
    return keep_changes(unit, project, read, organs)


def keep_changes(
    unit: Unit, project: Project, values: Mapping[str, object], organs: Mapping[str, Organ] | None = None
) -> list[str]:
    """The same for values already read and checked, with the organs found."""
    before = values_of(project)
    changed = {name: value for name, value in values.items() if before.get(name) != value}
    _put(project, changed)
    for name, organ in (organs or {}).items():
        if organ.id != getattr(project, name):
            changed[name] = organ.id
            _place(project, organ) if name == "owner_organ_id" else setattr(project, name, organ.id)
    if not changed:
        return []
    _forget_guesses(project)
    if "stage" in changed:
        project.stage_at = unit.now
    _settle(project)
    index_words(project)
    touch(unit, project)
    detail = {name: [_plain(before.get(name)), _plain(value)] for name, value in changed.items()}
    unit.trace("project.update", "project", project.id, detail)
    return sorted(changed)


def move_stage(unit: Unit, project_id: int, stage: str) -> None:
    """The process has entered another stage, forward or back; its door has asked for the permit."""
    project = lock_project(unit.session, project_id)
    if project.stage == stage_of(stage).code:
        return
    before, project.stage, project.stage_at = project.stage, stage, unit.now
    touch(unit, project)
    unit.trace("project.stage", "project", project_id, {"before": before, "after": stage})


def mark_state(unit: Unit, project_id: int, *, state: str, reason: str = "") -> None:
    """Suspended, running again, produced or withdrawn, as the process says; its door has asked for the permit.

    Back to running means 待补录 again while something is missing.
    """
    if state not in STATES:
        raise ValueError(state)
    project = lock_project(unit.session, project_id)
    before, project.state, project.state_reason = project.state, state, reason.strip()[:500]
    if state == "running":
        project.state = "incomplete"
        _settle(project)
    touch(unit, project)
    unit.trace("project.state", "project", project_id, {"before": before, "after": project.state, "reason": reason})


def assign_officer(unit: Unit, project_id: int, *, officer_id: int | None, leader_id: int | None = None) -> None:
    """项目专员 and 挂钩市领导 of a project; raises Invalid for somebody who has left the service."""
    project = lock_project(unit.session, project_id)
    unit.require("project.edit", organ_ids=[project.owner_organ_id, project.district_id])
    for field, who in (("officer_id", officer_id), ("leader_id", leader_id)):
        if who is not None and not officer_of(unit.session, who).active:
            raise Invalid(N_("填写有误"), fields={field: N_("此人账号已停用，请另选。")})
    before = [project.owner_officer_id, project.leader_id]
    project.owner_officer_id, project.leader_id = officer_id, leader_id
    touch(unit, project)
    unit.trace("project.assign", "project", project_id, {"before": before, "after": [officer_id, leader_id]})


def touch(unit: Unit, project: Project) -> None:
    """A fact has changed: the next version, and the light is due to be looked at again."""
    project.version += 1
    project.last_updated_at = unit.now
    project.turns_at = unit.now


def values_of(project: Project) -> dict[str, object]:
    """The ledger's values by command name: columns typed, extras as they are kept."""
    own = {column.key: getattr(project, column.key) for column in Project.__table__.columns}
    return {**project.extras, **own}


def read_values(values: Mapping[str, object], today: date) -> dict[str, object]:
    """Values by command name, read and checked one by one; raises Invalid with every field that is wrong."""
    read: dict[str, object] = {}
    wrong: dict[str, str] = {}
    for name, raw in values.items():
        field = field_named(name)
        try:
            unit = "万元" if field.type == "money" and name == field.column else None
            value = read_value(field, raw, today, unit=unit)
            read[field.name] = value if field.column else extra_value(field, value)
        except Saying as error:
            wrong[name] = str(error)
    if wrong:
        raise Invalid(N_("填写有误"), fields=wrong)
    return read


def wrong_changes(project: Project, values: Mapping[str, object]) -> dict[str, str]:
    """What forbids these changes, by command name: a required field emptied, or two that contradict each other."""
    before = values_of(project)
    changed = {name: value for name, value in values.items() if before.get(name) != value}
    nature = str(values.get("capital_nature", project.capital_nature) or "")
    wrong = {
        name: N_("本阶段必填，不能清空。")
        for name, value in changed.items()
        if value is None and project.state != "incomplete" and is_required(field_named(name), project.stage, nature)
    }
    if "name" in changed and not changed["name"]:
        wrong["name"] = N_("请填写项目名称。")
    return wrong | {name: text for name, text in contradictions({**before, **changed}).items() if name in changed}


def index_words(project: Project) -> None:
    """Bring the searched column up to date; to be called once the number is known."""
    project.search = search_text(*(getattr(project, name) for name in SEARCHED))


def _place(project: Project, owner: Organ) -> None:
    """Who owns it, and the district its land lies in; a department is no place."""
    project.owner_organ_id = owner.id
    project.district_id = owner.root_id if owner.kind in LAND else None


def _put(project: Project, values: Mapping[str, object]) -> None:
    extras = dict(project.extras)
    for name, value in values.items():
        if field_named(name).column == name:
            setattr(project, name, _default(name) if value is None else value)
        elif value is None:
            extras.pop(name, None)
        else:
            extras[name] = value
    project.extras = extras


def _forget_guesses(project: Project) -> None:
    """A guess of ours ends where a person has stated the fact."""
    settled = {"guess_district": project.district_id, "guess_chain": project.chain}
    project.extras = {name: value for name, value in project.extras.items() if not settled.get(name)}


def _default(name: str) -> object:
    return {"permit_extensions": 0, "source": ""}.get(name)


def _settle(project: Project) -> None:
    """待补录 ends with the last missing field; nothing else is decided here."""
    if project.state == "incomplete" and not missing_fields(values_of(project)):
        project.state = "running"


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return shown(value)
    return value if value is None or isinstance(value, str | int | bool) else str(value)


def running_after(session: Session, after: int, limit: int) -> list[Project]:
    """Up to `limit` projects in progress with a higher number, in order; what a monthly duty goes through."""
    query = select(Project).where(Project.id > after, Project.state == "running").order_by(Project.id).limit(limit)
    return list(session.scalars(query))

"""引荐备案 (第五条): an intermediary is filed for a project before it is signed; one a project, the first filed counts."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.attachment import check_evidence
from models.base import Base, Json, Key, Moment
from models.clock import local_day
from models.officer import Officer
from models.organ import organ_names
from models.permit import permit
from models.project import Project, find_project, lock_project, visible_projects
from models.refusal import Invalid, NotDue, NotFound, Outdated
from models.stage import reached
from models.texts import N_
from models.unit import Unit

STATES: dict[str, str] = {"filed": N_("备案"), "stands": N_("成立"), "void": N_("不成立")}

permit("referral.view", N_("查看引荐备案"), roles=("officer", "head", "supervisor", "leader"), scope="city")
permit("referral.file", N_("登记引荐备案"), roles=("officer", "head", "supervisor"), scope="city")
permit("referral.decide", N_("认定引荐备案"), roles=("supervisor",), scope="city")


class Referral(Base):
    """引荐备案。 `warning` is what the house noticed for whoever decides; `proof` are numbers of attachments."""

    __tablename__ = "referral"
    __table_args__ = (Index("ix_referral_project", "project_id"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    agent_name: Mapped[str] = mapped_column(String(80))
    agent_uscc: Mapped[str] = mapped_column(String(18))
    contact_name: Mapped[str] = mapped_column(String(40))
    contact_phone: Mapped[str] = mapped_column(String(40))
    story: Mapped[str] = mapped_column(String(500))
    proof: Mapped[Any] = mapped_column(Json)
    warning: Mapped[str] = mapped_column(String(500), default="")
    state: Mapped[str] = mapped_column(String(10), default="filed")
    filed_at: Mapped[datetime] = mapped_column(Moment)
    filed_by: Mapped[str] = mapped_column(String(80))
    filed_organ_id: Mapped[int | None] = mapped_column(ForeignKey("organ.id"))
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
    decided_by: Mapped[str | None] = mapped_column(String(80))
    decision: Mapped[str] = mapped_column(String(500), default="")

    @property
    def masked_phone(self) -> str:
        """The telephone with its middle hidden, as lists show it."""
        return f"{self.contact_phone[:3]}****{self.contact_phone[-2:]}" if len(self.contact_phone) > 5 else "****"


def is_signed(project: Project, today: date) -> bool:
    """Whether a project is signed: by its day, or, where an imported one lacks the day, by its stage: 签约 is entered signed."""
    if project.signed_on is not None:
        return project.signed_on <= today
    return reached(project.stage, "sign")


def require_filable(unit: Unit, project_id: int) -> Project:
    """The project, locked, if a referrer may be filed for it by this actor now.

    Raises NotDue once it is signed, Outdated naming the first referrer and when, NotFound, NotPermitted.
    """
    project = find_project(unit, project_id)
    unit.require("referral.file", organ_ids=[project.owner_organ_id, project.district_id])
    project = lock_project(unit.session, project_id)  # two filed at once meet here, and the second is told
    if project.signed_on is not None and project.signed_on <= unit.today:
        raise NotDue(N_("项目已于%(day)s签约，引荐备案须在签约以前提出，不再受理。"), day=project.signed_on.isoformat())
    if is_signed(project, unit.today):
        raise NotDue(N_("项目已进入签约或以后的阶段，引荐备案须在签约以前提出，不再受理。"))
    first = referral_of_project(unit.session, project_id)
    if first is not None:
        when = f"{local_day(first.filed_at).isoformat()}"
        raise Outdated(
            N_("这个项目已由%(agent)s于%(when)s备案，一个项目只备案一个引荐中介。"), agent=first.agent_name, when=when
        )
    return project


def referral_of_project(session: Session, project_id: int) -> Referral | None:
    """The referral that counts for a project: filed or standing; None when there is none or it was found void."""
    query = select(Referral).where(Referral.project_id == project_id, Referral.state != "void")
    return session.scalars(query.order_by(Referral.id)).first()


def add_referral(unit: Unit, *, project_id: int, answers: Mapping[str, Any]) -> int:
    """备案, stamped with this moment; returns its number. Raises as `require_filable` does, Invalid for others' files."""
    project = require_filable(unit, project_id)
    proof = [int(each) for each in answers["referral_proof"]]
    check_evidence(unit.session, project.id, proof)
    row = Referral(
        project_id=project.id,
        agent_name=answers["agent_name"],
        agent_uscc=answers["agent_uscc"],
        contact_name=answers["agent_contact"],
        contact_phone=answers["agent_phone"],
        story=answers["referral_story"],
        proof=proof,
        warning=_namesakes(unit.session, answers["agent_contact"]),
        filed_at=unit.now,
        filed_by=unit.actor.name,
        filed_organ_id=unit.actor.organ_id,
    )
    unit.session.add(row)
    unit.session.flush()  # the trace names its number
    unit.trace("referral.file", "project", project.id, {"referral": row.id, "agent": row.agent_name})
    return row.id


def _namesakes(session: Session, name: str) -> str:
    """Who of the house's own people is called like the contact: whoever decides is warned, since it may be another person."""
    organs = list(session.scalars(select(Officer.organ_id).where(Officer.name == name.strip(), Officer.active)))
    if not organs:
        return ""
    names = organ_names(session, organs)
    return f"联系人与本系统人员同名（{'、'.join(names[each] for each in sorted(set(organs)))}），请核实是否公职人员。"


def decide_referral(unit: Unit, *, referral_id: int, stands: bool, reason: str) -> None:
    """认定 成立 or 不成立, with a reason. Raises NotDue when decided before or filed after the signing, Invalid."""
    row = find_referral(unit, referral_id)
    unit.require("referral.decide", organ_ids=[])
    project = lock_project(unit.session, row.project_id)
    if row.state != "filed":
        raise NotDue(N_("这件备案已经认定。"))
    if not reason.strip():
        raise Invalid(N_("填写有误"), fields={"decision": N_("请写明理由。")})
    if stands and project.signed_on is not None and project.signed_on <= local_day(row.filed_at):
        raise NotDue(N_("备案晚于项目签约（%(day)s），不能认定成立。"), day=project.signed_on.isoformat())
    row.state = "stands" if stands else "void"
    row.decided_at, row.decided_by, row.decision = unit.now, unit.actor.name, reason.strip()[:500]
    unit.trace("referral.decide", "project", row.project_id, {"referral": row.id, "state": row.state})


def find_referral(unit: Unit, referral_id: int) -> Referral:
    """The filing, if the actor may see its project; raises NotFound."""
    query = select(Referral).join(Project, Project.id == Referral.project_id)
    row = unit.session.scalars(query.where(Referral.id == referral_id, visible_projects(unit.actor))).one_or_none()
    if row is None:
        raise NotFound(N_("没有这件引荐备案，或您无权查看。"))
    return row


def referrals(unit: Unit, limit: int = 200) -> list[tuple[Referral, Project]]:
    """The filings of projects the actor may see, newest first."""
    query = select(Referral, Project).join(Project, Project.id == Referral.project_id)
    found = unit.session.execute(query.where(visible_projects(unit.actor)).order_by(Referral.id.desc()).limit(limit))
    return [(row, project) for row, project in found]


def standing_referrals(session: Session, without: Iterable[int]) -> list[tuple[Referral, Project]]:
    """Those found to stand, with their projects, but for these numbers; oldest first."""
    query = select(Referral, Project).join(Project, Project.id == Referral.project_id)
    query = query.where(Referral.state == "stands", Referral.id.not_in(set(without))).order_by(Referral.id)
    return [(row, project) for row, project in session.execute(query)]

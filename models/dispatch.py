"""发文: a paper in the making – its text, who drafts, checks, countersigns and signs it, round by round."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, Json, Key, Moment
from models.clock import local_day
from models.limits import due_after
from models.officer import holders
from models.organ import organ_of
from models.permit import permit
from models.refusal import Invalid, NotDue
from models.texts import N_
from models.unit import Unit

POSTS = {
    "head": N_("核稿人（单位领导）"),
    "leader": N_("签发人（主要负责人）"),
}  # by role, who a paper cannot do without

permit("dispatch.start", N_("拟发公文"), roles=("officer", "head", "supervisor", "leader"), scope="organ")


class Dispatch(Base):
    """文稿。 `text` is what the paper will say, as last typed; `opinions` what each hand of the chain wrote, in order.

    A mechanism's paper brings its `letter` with it, frozen figures and all; `text` then only amends its wording.
    """

    __tablename__ = "dispatch"
    __table_args__ = (Index("ix_dispatch_process", "process_id"), Index("ix_dispatch_project", "project_id"))

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))  # of models.notice.KINDS
    process_id: Mapped[int | None] = mapped_column(ForeignKey("process.id"))
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id"))
    organ_id: Mapped[int] = mapped_column(ForeignKey("organ.id"))
    to_organ_id: Mapped[int] = mapped_column(ForeignKey("organ.id"))
    about_id: Mapped[int | None] = mapped_column(ForeignKey("notice.id"))
    text: Mapped[Any] = mapped_column(Json)
    letter: Mapped[Any] = mapped_column(Json, nullable=True)
    also_to: Mapped[Any] = mapped_column(Json, nullable=True)  # numbers of further addressees
    opinions: Mapped[Any] = mapped_column(Json)
    round: Mapped[int] = mapped_column(Integer, default=1)
    drafted_by: Mapped[str] = mapped_column(String(80))
    began_at: Mapped[datetime] = mapped_column(Moment)
    notice_id: Mapped[int | None] = mapped_column(ForeignKey("notice.id"))
    ended_at: Mapped[datetime | None] = mapped_column(Moment)


def dispatch_of_process(session: Session, process_id: int) -> Dispatch:
    """The draft a process runs for."""
    return session.scalars(select(Dispatch).where(Dispatch.process_id == process_id)).one()


def draft_paper(unit: Unit, **row_of: Any) -> Dispatch:
    """The draft, filed and numbered; `row_of` are its columns. Set `process_id` once its process is started."""
    row = Dispatch(**{"opinions": [], "text": {}, "drafted_by": unit.actor.name, "began_at": unit.now} | row_of)
    unit.session.add(row)
    unit.session.flush()  # the process is keyed by its number
    return row


def dispatch_case(
    unit: Unit, row: Dispatch, *, title: str, district_id: int | None = None, countersigners: Iterable[int] = ()
) -> Mapping[str, Any]:
    """What `start_process` is told to run 发文办理 for a draft. A parent hears `paper_issued`, with the notice's number.

    Raises NotDue when the organ has nobody to check or to sign, Invalid for a countersigner that cannot countersign.
    """
    _require_posts(unit, row.organ_id)
    chosen = list(countersigners)
    _require_heads(unit, row.organ_id, chosen)
    officers = holders(unit.session, "officer", [row.organ_id], unit.today)
    return {
        "key": "dispatch",
        "title": title,
        "organ_id": row.organ_id,
        "project_id": row.project_id,
        "district_id": district_id or row.organ_id,
        "business_key": f"dispatch:{row.id}",
        "data": {
            "dispatch_organ": row.organ_id,
            "countersigners": chosen,
            "agreed": False,
            "by_supervisor": unit.actor.has_role("supervisor", row.organ_id) or not officers,
            "sign_due": due_after(unit, "dispatch_sign").isoformat(),
        },
    }


def days_from_issue(unit: Unit, kind: str, letter: Mapping[str, Any]) -> dict[str, Any]:
    """The letter with the days that count from its issue: a 公示 is open until the fifth working day after it."""
    until = {"until": local_day(due_after(unit, "publicity")).isoformat()} if kind == "publicity" else {}
    return {**letter, **until}


def require_in_time(unit: Unit, kind: str, letter: Mapping[str, Any]) -> None:
    """Raises Invalid when a 约谈通知书 would go out less than 3 working days before the talk; whoever signs sends it back."""
    earliest = local_day(due_after(unit, "talk"))
    if kind == "admonition" and date.fromisoformat(letter["held_on"]) < earliest:
        told = N_("约谈至少提前3个工作日通知，今天发出最早可定在%(day)s，请退回改期。") % {"day": earliest.isoformat()}
        raise Invalid(N_("填写有误"), fields={"agreed": told})


def _require_posts(unit: Unit, organ_id: int) -> None:
    for role, post in POSTS.items():
        if not holders(unit.session, role, [organ_id], unit.today):
            raise NotDue(N_("本单位还没有%(post)s，请系统管理员先指定，再拟发公文。"), post=post)


def _require_heads(unit: Unit, organ_id: int, countersigners: list[int]) -> None:
    for each in countersigners:
        organ = organ_of(unit.session, each)
        if each == organ_id or not holders(unit.session, "head", [each], unit.today):
            wrong = N_("%(organ)s不能会签：是本单位，或者还没有单位领导。") % {"organ": organ.name_zh}
            raise Invalid(N_("填写有误"), fields={"countersigners": wrong})

"""奖励 (第五条): the candidates of a year, edited with reasons; objections within and after the 公示, each with its decision."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import Date, ForeignKey, Index, Integer, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, Json, Key, Moment, Money
from models.organ import organ_of
from models.permit import permit
from models.refusal import Invalid, NotDue, NotFound
from models.texts import N_
from models.unit import Unit

STATES: dict[str, str] = {
    "reviewing": N_("复核名单"),
    "posting": N_("拟发公示"),
    "publicity": N_("公示"),
    "deciding": N_("拟发决定"),
    "closed": N_("已表彰"),
}
CATEGORIES: dict[str, str] = {"district": N_("先进区"), "department": N_("先进部门"), "agent": N_("引荐中介")}
DECISIONS: dict[str, str] = {"upheld": N_("成立"), "dismissed": N_("不成立"), "late": N_("逾期，不受理")}
LONGEST_REASON = 500
LONGEST_GROUND = 300  # 依据 of a candidate: 公示 and 表彰决定 print it in one cell, so it is refused rather than cut
T = TypeVar("T", bound=Base)

permit("commendation.view", N_("查看奖励"), roles=("officer", "head", "supervisor", "leader"), scope="any")
permit("commendation.edit", N_("增减奖励候选"), roles=("supervisor",), scope="organ")
permit("commendation.object", N_("登记异议"), roles=("officer", "head", "supervisor"), scope="any")
permit("commendation.decide", N_("决定异议"), roles=("supervisor", "head"), scope="organ")


class CommendationYear(Base):
    """奖励 of one year. `assessed` names the half-years whose final results it follows; `notes` what was not there."""

    __tablename__ = "commendation"
    __table_args__ = (UniqueConstraint("period"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    period: Mapped[str] = mapped_column(String(10))
    process_id: Mapped[int | None] = mapped_column(ForeignKey("process.id"))
    desk_organ_id: Mapped[int] = mapped_column(ForeignKey("organ.id"))
    state: Mapped[str] = mapped_column(String(10), default="reviewing")
    notes: Mapped[Any] = mapped_column(Json, default=list)
    demo: Mapped[bool] = mapped_column(default=False)
    opened_at: Mapped[datetime] = mapped_column(Moment)
    objections_to: Mapped[str] = mapped_column(String(100), default="")
    publicity_notice_id: Mapped[int | None] = mapped_column(ForeignKey("notice.id"))
    publicity_until: Mapped[date | None] = mapped_column(Date)
    notice_id: Mapped[int | None] = mapped_column(ForeignKey("notice.id"))
    closed_at: Mapped[datetime | None] = mapped_column(Moment)


class Nominee(Base):
    """候选。 A district, a department or a referrer, with what speaks for it; what was changed by hand keeps who and why."""

    __tablename__ = "nominee"
    __table_args__ = (Index("ix_nominee_commendation", "commendation_id", "category"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    commendation_id: Mapped[int] = mapped_column(ForeignKey("commendation.id"))
    category: Mapped[str] = mapped_column(String(12))
    organ_id: Mapped[int | None] = mapped_column(ForeignKey("organ.id"))
    referral_id: Mapped[int | None] = mapped_column(ForeignKey("referral.id"))
    name: Mapped[str] = mapped_column(String(80))
    place: Mapped[int | None] = mapped_column(Integer)
    reason: Mapped[str] = mapped_column(String(500))
    award: Mapped[Decimal | None] = mapped_column(Money)  # 万元
    added_by: Mapped[str | None] = mapped_column(String(80))  # None: by the rule
    removed_at: Mapped[datetime | None] = mapped_column(Moment)
    removed_by: Mapped[str | None] = mapped_column(String(80))
    removed_why: Mapped[str] = mapped_column(String(500), default="")


class NomineeObjection(Base):
    """异议 to a 公示. One that came too late has the decision `late` from the first moment on."""

    __tablename__ = "nominee_objection"
    __table_args__ = (Index("ix_nominee_objection_commendation", "commendation_id"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    commendation_id: Mapped[int] = mapped_column(ForeignKey("commendation.id"))
    nominee_id: Mapped[int | None] = mapped_column(ForeignKey("nominee.id"))
    raised_by: Mapped[str] = mapped_column(String(80))
    contact: Mapped[str] = mapped_column(String(60), default="")
    content: Mapped[str] = mapped_column(String(1000))
    filed_at: Mapped[datetime] = mapped_column(Moment)
    filed_by: Mapped[str] = mapped_column(String(80))
    decision: Mapped[str | None] = mapped_column(String(10))
    decided_why: Mapped[str] = mapped_column(String(500), default="")
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
    decided_by: Mapped[str | None] = mapped_column(String(80))


def commendation_of(session: Session, commendation_id: int) -> CommendationYear:
    """The awards of a year; raises NotFound."""
    row = session.get(CommendationYear, commendation_id)
    if row is None:
        raise NotFound(N_("没有找到这一年的奖励。"))
    return row


def commendation_of_process(session: Session, process_id: int) -> CommendationYear:
    """The awards a process runs for; raises NotFound."""
    row = session.scalars(select(CommendationYear).where(CommendationYear.process_id == process_id)).one_or_none()
    if row is None:
        raise NotFound(N_("没有找到这一年的奖励。"))
    return row


def row_of(session: Session, table: type[T], number: int) -> T:
    """A candidate or an objection by its number; raises NotFound."""
    row = session.get(table, number)
    if row is None:
        raise NotFound(N_("没有找到这一条，可能已经变动，请刷新后再看。"))
    return row


def commendations(session: Session) -> list[CommendationYear]:
    """The awards of all years, newest first."""
    return list(session.scalars(select(CommendationYear).order_by(CommendationYear.period.desc())))


def nominees_of(session: Session, commendation_id: int) -> list[Nominee]:
    """All candidates of a year, also those taken off, in the order they were put up."""
    query = select(Nominee).where(Nominee.commendation_id == commendation_id)
    return list(session.scalars(query.order_by(Nominee.id)))


def objections_of(session: Session, commendation_id: int) -> list[NomineeObjection]:
    """The objections of a year, in the order they came."""
    query = select(NomineeObjection).where(NomineeObjection.commendation_id == commendation_id)
    return list(session.scalars(query.order_by(NomineeObjection.id)))


def rewarded_referrals(session: Session) -> list[int]:
    """Numbers of the referrals that are on a list already: a project is rewarded once."""
    query = select(Nominee.referral_id).where(Nominee.referral_id.is_not(None), Nominee.removed_at.is_(None))
    return [number for number in session.scalars(query) if number is not None]


def remove_nominee(unit: Unit, *, nominee_id: int, reason: str) -> None:
    """去掉 a candidate while the list is reviewed; it stays to be seen, struck through. Raises Invalid, NotDue, NotFound."""
    each = row_of(unit.session, Nominee, nominee_id)
    row = _under_review(unit, each.commendation_id)
    _strike(unit, row, each, _reason(reason, "removed_why"))


def _strike(unit: Unit, row: CommendationYear, each: Nominee, why: str) -> None:
    if each.removed_at is not None:
        raise NotDue(N_("这个候选已经去掉了。"))
    each.removed_at, each.removed_by, each.removed_why = unit.now, unit.actor.name, why
    unit.trace("commendation.remove", "commendation", row.id, {"nominee": each.name, "reason": why})


def add_nominee(unit: Unit, *, commendation_id: int, organ_id: int, reason: str) -> None:
    """增加 a district or a department by hand, or put one back, with a reason. Raises Invalid, NotDue."""
    row = _under_review(unit, commendation_id)
    why = _reason(reason, "added_why", LONGEST_GROUND)
    if not organ_id:
        raise Invalid(N_("填写有误"), fields={"organ_id": N_("请选择现有的区或者部门。")})
    organ = organ_of(unit.session, organ_id)
    if organ.kind not in ("district", "department") or not organ.is_valid(unit.today):
        raise Invalid(N_("填写有误"), fields={"organ_id": N_("请选择现有的区或者部门。")})
    known = next((each for each in nominees_of(unit.session, row.id) if each.organ_id == organ_id), None)
    if known is not None and known.removed_at is None:
        raise Invalid(N_("填写有误"), fields={"organ_id": N_("这个单位已在名单上。")})
    if known is None:
        known = Nominee(
            commendation_id=row.id, category=organ.kind, organ_id=organ.id, name=organ.name_zh, reason=why
        )  # fmt: skip
        unit.session.add(known)
    known.removed_at, known.removed_by, known.added_by, known.reason = None, None, unit.actor.name, why
    unit.trace("commendation.add", "commendation", row.id, {"nominee": organ.name_zh, "reason": why})


def _under_review(unit: Unit, commendation_id: int) -> CommendationYear:
    row = commendation_of(unit.session, commendation_id)
    unit.require("commendation.edit", organ_ids=[row.desk_organ_id])
    if row.state != "reviewing":
        raise NotDue(N_("名单已经公示或者将要公示，不能再增减；有异议的按异议处理。"))
    return row


def file_objection(
    unit: Unit, *, commendation_id: int, nominee_id: int | None, raised_by: str, contact: str, content: str
) -> NomineeObjection:
    """登记异议. After the last day of the 公示 it is filed too, and refused with the reason. Raises NotDue before, Invalid."""
    row = commendation_of(unit.session, commendation_id)
    unit.require("commendation.object", organ_ids=[])
    if row.publicity_until is None:
        raise NotDue(N_("公示还没有开始，不能登记异议。"))
    empty = {
        name: N_("请填写此项。") for name, text in (("raised_by", raised_by), ("content", content)) if not text.strip()
    }
    if empty:
        raise Invalid(N_("填写有误"), fields=empty)
    if nominee_id is not None and nominee_id not in {each.id for each in nominees_of(unit.session, row.id)}:
        raise Invalid(N_("填写有误"), fields={"nominee_id": N_("请从名单中选择。")})
    filed = NomineeObjection(
        commendation_id=row.id, nominee_id=nominee_id, raised_by=raised_by.strip()[:80], contact=contact.strip()[:60],
        content=content.strip()[:1000], filed_at=unit.now, filed_by=unit.actor.name,
    )  # fmt: skip
    if unit.today > row.publicity_until:
        filed.decision, filed.decided_at, filed.decided_by = "late", unit.now, "系统"
        filed.decided_why = f"公示期至{row.publicity_until.isoformat()}，{unit.today.isoformat()}提出，逾期不受理。"
    unit.session.add(filed)
    unit.session.flush()  # the trace names its number
    unit.trace("commendation.object", "commendation", row.id, {"objection": filed.id, "decision": filed.decision})
    return filed


def decide_objection(unit: Unit, *, objection_id: int, upheld: bool, reason: str) -> None:
    """决定: an objection that is upheld takes its candidate off the list. Raises NotDue when decided, Invalid without a reason."""
    each = row_of(unit.session, NomineeObjection, objection_id)
    row = commendation_of(unit.session, each.commendation_id)
    unit.require("commendation.decide", organ_ids=[row.desk_organ_id])
    if each.decision is not None:
        raise NotDue(N_("这件异议已经有决定。"))
    each.decided_why = _reason(reason, "decided_why")
    each.decision, each.decided_at, each.decided_by = "upheld" if upheld else "dismissed", unit.now, unit.actor.name
    nominee = unit.session.get(Nominee, each.nominee_id) if each.nominee_id else None
    if upheld and nominee is not None and nominee.removed_at is None:
        _strike(unit, row, nominee, f"异议成立：{each.decided_why}"[:LONGEST_REASON])
    unit.trace("commendation.decide", "commendation", row.id, {"objection": each.id, "decision": each.decision})


def undecided(objections: Iterable[NomineeObjection]) -> list[NomineeObjection]:
    """Those that wait for a decision."""
    return [each for each in objections if each.decision is None]


def _reason(reason: str, field: str, most: int = LONGEST_REASON) -> str:
    if not reason.strip():
        raise Invalid(N_("填写有误"), fields={field: N_("请写明理由。")})
    if len(reason.strip()) > most:
        raise Invalid(N_("填写有误"), fields={field: N_("最多%(limit)s个字。") % {"limit": most}})
    return reason.strip()

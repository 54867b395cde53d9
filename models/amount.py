"""投资与资金: money as dated entries, never a column for a month; what was declared stands until recognised."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Date, ForeignKey, Index, String, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.attachment import check_evidence
from models.base import Base, Key, Moment, Money
from models.currency import CURRENCIES, HOME
from models.permit import permit
from models.project import Project, lock_project, touch
from models.refusal import Invalid, NotDue, NotFound
from models.texts import N_
from models.unit import Unit

KINDS: dict[str, str] = {
    "investment": N_("完成投资"),
    "funds": N_("到位资金"),
    "fdi": N_("外资到位"),  # 万美元; never converted without a dated rate
    "plan": N_("年度计划投资"),
}
STANDINGS: dict[str, str] = {
    "declared": N_("申报"),
    "recognised": N_("认定"),
    "reduced": N_("核减"),
    "withdrawn": N_("撤资"),
}
OF_KIND = {"fdi": "USD"}  # the currency of a kind that is never in yuan
MOST = Decimal(30_000_000)  # 万元; see ledger_value.MOST_WAN
LONGEST_NOTE = 200  # characters
ZERO = Decimal(0)

permit("amount.recognise", N_("认定投资与资金"), roles=["supervisor"], scope="city")


class AmountEntry(Base):
    """投资资金条目。 万 of its currency (fdi: 万美元). 核减 and 撤资 are lines of their own, negative, with a reason."""

    __tablename__ = "amount_entry"
    __table_args__ = (Index("ix_amount_entry_project", "project_id", "kind", "on"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    kind: Mapped[str] = mapped_column(String(10))
    standing: Mapped[str] = mapped_column(String(10), default="declared")
    amount: Mapped[Decimal] = mapped_column(Money)
    currency: Mapped[str] = mapped_column(String(3), default="CNY")  # 万 of it
    on: Mapped[date] = mapped_column(Date)
    attachment_id: Mapped[int | None] = mapped_column(ForeignKey("attachment.id"))
    reduces_id: Mapped[int | None] = mapped_column(ForeignKey("amount_entry.id"))
    note: Mapped[str] = mapped_column(String(200), default="")
    filed_by_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    filed_at: Mapped[datetime] = mapped_column(Moment)
    recognised_by_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    recognised_at: Mapped[datetime | None] = mapped_column(Moment)


def record_amount(
    unit: Unit,
    project_id: int,
    *,
    kind: str,
    amount: Decimal,
    on: date,
    currency: str = "",
    attachment_id: int | None = None,
    note: str = "",
) -> int:
    """The number of the new entry.

    Refuses amounts that are not positive, days to come (except a plan's) and files of other projects.
    """
    project = lock_project(unit.session, project_id)
    unit.require("project.edit", organ_ids=[project.owner_organ_id, project.district_id])
    return file_amount(unit, project, kind=kind, amount=amount, on=on, currency=currency, attachment_id=attachment_id,
                       note=note)  # fmt: skip


def file_amount(
    unit: Unit,
    project: Project,
    *,
    kind: str,
    amount: Decimal,
    on: date,
    currency: str = "",
    attachment_id: int | None = None,
    note: str = "",
) -> int:
    """The same for a step of a process or an import whose door has asked for its own permit.

    `currency`: 到位资金 may come in any of CURRENCIES, 外资到位 is in 万美元, all else in yuan.
    """
    if wrong := _wrong_entry(unit, kind, amount, on) | _wrong_currency(kind, currency) | _wrong_note(note):
        raise Invalid(N_("填写有误"), fields=wrong)
    check_evidence(unit.session, project.id, [attachment_id] if attachment_id else [])
    entry = AmountEntry(project_id=project.id, kind=kind, amount=amount, on=on, attachment_id=attachment_id,
                        currency=currency or OF_KIND.get(kind, HOME), note=note.strip(),
                        filed_by_id=unit.actor.officer_id, filed_at=unit.now)  # fmt: skip
    unit.session.add(entry)
    touch(unit, project)
    unit.session.flush()  # the trace names its number
    unit.trace("amount.record", "project", project.id,
               {"entry": entry.id, "kind": kind, "amount": str(amount), "on": on.isoformat()})  # fmt: skip
    return entry.id


def recognise_amount(unit: Unit, entry_id: int, *, amount: Decimal, reason: str = "") -> None:
    """认定: the declared entry counts with `amount`; what is less becomes a line of its own, with its reason.

    Refuses more than was declared, less than has left again since, a reduction without a reason, and an entry that was
    judged before.
    """
    entry = unit.session.scalars(select(AmountEntry).where(AmountEntry.id == entry_id).with_for_update()).one_or_none()
    if entry is None:
        raise NotFound(N_("没有这笔投资或资金。"))
    project = lock_project(unit.session, entry.project_id)
    unit.require("amount.recognise", organ_ids=[])
    if entry.standing != "declared" or entry.kind == "plan":
        raise NotDue(N_("这笔已经认定，不能再次认定。"))
    cut = entry.amount - amount
    if cut < 0 or amount < 0:
        raise Invalid(N_("填写有误"), fields={"amount": N_("认定数应在0与申报数之间。")})
    if amount < (left := _withdrawn(unit.session, entry_id)):
        raise Invalid(
            N_("填写有误"), fields={"amount": N_("这笔已撤资%(left)s，认定数不能比它少。") % {"left": f"{left:,.2f}"}}
        )
    if cut and not reason.strip():
        raise Invalid(N_("填写有误"), fields={"reason": N_("核减须写明原因。")})
    entry.standing, entry.recognised_by_id, entry.recognised_at = "recognised", unit.actor.officer_id, unit.now
    if cut:
        unit.session.add(_reduction(unit, entry, cut, reason.strip()))
    touch(unit, project)
    unit.trace("amount.recognise", "project", project.id,
               {"entry": entry_id, "amount": str(amount), "cut": str(cut), "reason": reason.strip()})  # fmt: skip


def _withdrawn(session: Session, entry_id: int) -> Decimal:
    """撤资 of an entry in all, as a positive amount."""
    lines = select(func.sum(AmountEntry.amount)).where(
        AmountEntry.reduces_id == entry_id, AmountEntry.standing == "withdrawn"
    )
    return -(session.scalar(lines) or ZERO)


def entries(session: Session, project_id: int, kind: str | None = None) -> list[AmountEntry]:
    """The entries of a project, latest day first."""
    query = select(AmountEntry).where(AmountEntry.project_id == project_id)
    if kind:
        query = query.where(AmountEntry.kind == kind)
    return list(session.scalars(query.order_by(AmountEntry.on.desc(), AmountEntry.id.desc())))


def _wrong_entry(unit: Unit, kind: str, amount: Decimal, on: date) -> dict[str, str]:
    wrong = {}
    if kind not in KINDS:
        wrong["kind"] = N_("没有这一类金额。")
    if amount <= 0 or amount > MOST:
        wrong["amount"] = N_("金额应大于0，且不超过3000亿元。")
    if on > unit.today and kind != "plan":
        wrong["on"] = N_("日期不能晚于今天。")
    return wrong


def _wrong_note(note: str) -> dict[str, str]:
    return {"note": N_("文字过长，请精简。")} if len(note.strip()) > LONGEST_NOTE else {}


def _wrong_currency(kind: str, currency: str) -> dict[str, str]:
    own = OF_KIND.get(kind, HOME)
    if currency in ("", own) or (kind == "funds" and currency in CURRENCIES):
        return {}
    return {"currency": N_("这一类金额不能用这个币种填。")}


def _reduction(unit: Unit, entry: AmountEntry, cut: Decimal, reason: str) -> AmountEntry:
    return AmountEntry(
        project_id=entry.project_id,
        kind=entry.kind,
        currency=entry.currency,
        standing="reduced",
        amount=-cut,
        on=entry.on,
        reduces_id=entry.id,
        note=reason[:200],
        filed_by_id=unit.actor.officer_id,
        filed_at=unit.now,
    )

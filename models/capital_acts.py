"""撤资 and 汇率: money that leaves again is a line of its own; foreign money counts by a dated rate or not at all."""

from datetime import date
from decimal import Decimal

from sqlalchemy import func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models.amount import AmountEntry
from models.currency import CURRENCIES, HOME, Rate
from models.permit import permit
from models.project import lock_project, touch
from models.refusal import Invalid, NotDue, NotFound
from models.texts import N_
from models.unit import Unit

MOST_YUAN = Decimal(10_000)
LONGEST_REASON = LONGEST_SOURCE = 200  # characters, as the rows hold them
TAKEN = N_("这一天已有汇率；登记的不改，另登记新的日期。")

permit("rate.view", N_("查看汇率"), roles=("officer", "head", "supervisor", "leader"), scope="city")
permit("rate.set", N_("登记汇率"), roles=("supervisor",), scope="city")


def withdraw_amount(unit: Unit, entry_id: int, *, amount: Decimal, on: date, reason: str) -> int:
    """撤资: the number of the new line, negative, dated when the money left; the entry it came by stays as it was.

    Raises NotFound, NotDue for a plan or a line that is itself a reduction, and Invalid for more than still stands,
    a day before it came or to come, or no reason.
    """
    entry = unit.session.scalars(select(AmountEntry).where(AmountEntry.id == entry_id).with_for_update()).one_or_none()
    if entry is None:
        raise NotFound(N_("没有这笔投资或资金。"))
    project = lock_project(unit.session, entry.project_id)
    unit.require("project.edit", organ_ids=[project.owner_organ_id, project.district_id])
    if entry.kind == "plan" or entry.reduces_id is not None:
        raise NotDue(N_("只有到位或完成的金额可以登记撤资。"))
    if wrong := _wrong_withdrawal(unit, entry, amount, on, reason):
        raise Invalid(N_("填写有误"), fields=wrong)
    row = AmountEntry(project_id=entry.project_id, kind=entry.kind, currency=entry.currency, standing="withdrawn",
                      amount=-amount, on=on, reduces_id=entry.id, note=reason.strip(),
                      filed_by_id=unit.actor.officer_id, filed_at=unit.now)  # fmt: skip
    unit.session.add(row)
    touch(unit, project)
    unit.session.flush()  # the trace names its number
    unit.trace("amount.withdraw", "project", project.id,
               {"entry": entry.id, "amount": str(amount), "on": on.isoformat(), "reason": reason.strip()})  # fmt: skip
    return row.id


def _wrong_withdrawal(unit: Unit, entry: AmountEntry, amount: Decimal, on: date, reason: str) -> dict[str, str]:
    wrong = {}
    left = standing_of(unit.session, entry)
    if not 0 < amount <= left:
        wrong["amount"] = N_("撤资金额应大于0，且不超过这笔现有的%(left)s。") % {"left": f"{left:,.2f}"}
    if not entry.on <= on <= unit.today:
        wrong["on"] = N_("撤资日期应在到位日期与今天之间。")
    if not reason.strip():
        wrong["reason"] = N_("请写明撤资原因。")
    if len(reason.strip()) > LONGEST_REASON:
        wrong["reason"] = N_("文字过长，请精简。")
    return wrong


def standing_of(session: Session, entry: AmountEntry) -> Decimal:
    """What is left of an entry after 核减 and 撤资."""
    query = select(func.sum(AmountEntry.amount)).where(
        or_(AmountEntry.id == entry.id, AmountEntry.reduces_id == entry.id)
    )
    return session.scalar(query) or Decimal(0)


def set_rate(unit: Unit, *, currency: str, on: date, yuan: Decimal, source: str) -> int:
    """汇率: the number of the new row, in force from its day until the next one's.

    Raises Invalid for yuan itself or an unknown currency, a day to come or one that has a row, a rate that cannot be,
    or no source.
    """
    unit.require("rate.set")
    wrong = {}
    if currency == HOME or currency not in CURRENCIES:
        wrong["currency"] = N_("请选择外币。")
    if on > unit.today:
        wrong["on"] = N_("日期不能晚于今天。")
    if not yuan.is_finite() or not 0 < yuan <= MOST_YUAN or yuan != yuan.quantize(Decimal("0.00000001")):
        wrong["yuan"] = N_("汇率应大于0，最多八位小数；填1外币合多少元人民币。")
    if not source.strip():
        wrong["source"] = N_("请写明来源，如中国人民银行公布的中间价。")
    if len(source.strip()) > LONGEST_SOURCE:
        wrong["source"] = N_("文字过长，请精简。")
    if not wrong and unit.session.scalar(select(Rate.id).where(Rate.currency == currency, Rate.on == on)):
        wrong["on"] = TAKEN
    if wrong:
        raise Invalid(N_("填写有误"), fields=wrong)
    row = Rate(currency=currency, on=on, yuan=yuan, source=source.strip(), filed_by_id=unit.actor.officer_id,
               filed_at=unit.now)  # fmt: skip
    try:
        with unit.session.begin_nested():
            unit.session.add(row)
    except IntegrityError as error:  # somebody filed the same day in the same moment
        raise Invalid(N_("填写有误"), fields={"on": TAKEN}) from error
    unit.trace("rate.set", "rate", row.id, {"currency": currency, "on": on.isoformat(), "yuan": str(yuan)})
    return row.id


def rates_listed(session: Session, limit: int = 200) -> list[Rate]:
    """The rates, latest day first."""
    return list(session.scalars(select(Rate).order_by(Rate.on.desc(), Rate.currency).limit(limit)))

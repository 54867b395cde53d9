"""The demo's half-year verification: self-check, two reviewers, visits and signatures, each on its day."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from models.unit import Unit
from models.verification_judge import Judgement, agree_entries, judge_entries
from models.verification_rows import Verification, entries_of, verification_of_process

KEYS = ("verification",)
SECOND = "second"  # the desk's other supervisor, as the demo's past knows her
CUT_EACH = 17  # 演示: every so many amounts lack part of their vouchers
KEPT = Decimal("0.8")
Answers = Mapping[str, Any]


def _row(unit: Unit, item: Any) -> Verification:
    return verification_of_process(unit.session, item.process_id)


def _hand_in(_unit: Unit, _item: Any, waited: int) -> Answers | None:
    return {"self_complete": "true", "self_note": "凭证齐全。（演示）"} if waited >= 2 else None


def _sign(_unit: Unit, _item: Any, waited: int) -> Answers | None:
    return {"self_agreed": "true"} if waited >= 1 else None


def _first(unit: Unit, item: Any, waited: int) -> Answers | None:
    """Every amount is judged; now and then part of it lacks its voucher."""
    if waited < 1:
        return None
    row = _row(unit, item)
    open_lines = [each for each in entries_of(unit.session, row.id) if each.state == "open" and each.declared > 0]
    judged = {each.entry_id: _judged(each.entry_id, each.declared) for each in open_lines}
    if judged:
        judge_entries(unit, period=row.period, organ_id=row.organ_id, judgements=judged)
    return {"first_complete": "true"}


def _judged(number: int, declared: Decimal) -> Judgement:
    if number % CUT_EACH:
        return Judgement(declared)
    return Judgement((declared * KEPT).quantize(Decimal("0.01")), "银行进账单只有部分金额。（演示）")


def _second(unit: Unit, item: Any, waited: int) -> Answers | None:
    if waited < 1:
        return None
    row = _row(unit, item)
    judged = [each.entry_id for each in entries_of(unit.session, row.id) if each.state == "judged"]
    if judged:
        agree_entries(unit, period=row.period, organ_id=row.organ_id, agreed=judged, back={})
    return {"second_complete": "true"}


def _countersign(_unit: Unit, _item: Any, waited: int) -> Answers | None:
    return {"verified_accepted": "true"} if waited >= 1 else None


ANSWERS: dict[str, Callable[[Unit, Any, int], Answers | None]] = {
    "verification_self": _hand_in,
    "verification_self_sign": _sign,
    "verification_first": _first,
    "verification_second": _second,
    "verification_countersign": _countersign,
}

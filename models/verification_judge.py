"""网上核查: every amount is judged by one reviewer and agreed to by another; only then does it count as recognised."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from models.amount import AmountEntry, recognise_amount
from models.refusal import Invalid, NotPermitted
from models.texts import N_
from models.unit import Unit
from models.verification_rows import (
    UNJUDGED,
    Verification,
    VerificationEntry,
    desk_id,
    entries_of,
    lock_verification,
    require_at,
)
from models.verification_taking import absorb

LONGEST = 200  # of a reason, as the reduction's own line keeps it
FINEST = Decimal("0.000001")  # 万: one 分


@dataclass(frozen=True)
class Judgement:
    """What the first reviewer recognises, in 万 of the entry's currency, and why when it is less than was declared."""

    recognised: Decimal
    reason: str = ""


def judge_entries(unit: Unit, *, period: str, organ_id: int, judgements: Mapping[int, Judgement]) -> int:
    """初核: how many amounts were judged; all of them or none.

    Raises Invalid with `amount_<entry>` and `reason_<entry>`: more than declared, below nothing, finer than 分, a
    reduction without a reason; NotDue when it is not the first reviewer's turn.
    """
    row = _may_judge(unit, period, organ_id, "first_check")
    lines = _lines(unit, row)
    if wrong := _wrong(lines, judgements):
        raise Invalid(N_("有%(count)s处需要修改，已填内容未丢失。"), fields=wrong, count=len(wrong))
    for number, judged in judgements.items():
        _judge(unit, lines[number], judged)
    unit.trace("verification.judge", "verification", row.id, {
        "entries": {str(number): [str(judged.recognised), judged.reason] for number, judged in judgements.items()},
    })  # fmt: skip
    return len(judgements)


def _wrong(lines: Mapping[int, VerificationEntry], judgements: Mapping[int, Judgement]) -> dict[str, str]:
    wrong: dict[str, str] = {}
    for number, judged in judgements.items():
        line = lines.get(number)
        if line is None or line.state not in (*UNJUDGED, "judged"):
            wrong[f"amount_{number}"] = N_("这笔不在核查范围内，或者已经认定。")
        elif not 0 <= judged.recognised <= line.declared:
            wrong[f"amount_{number}"] = N_("认定数应在0与申报数之间。")
        elif judged.recognised != judged.recognised.quantize(FINEST):
            wrong[f"amount_{number}"] = N_("小数位数过多。")
        elif judged.recognised < line.declared and not judged.reason.strip():
            wrong[f"reason_{number}"] = N_("核减须写明原因。")
        elif len(judged.reason.strip()) > LONGEST:
            wrong[f"reason_{number}"] = N_("最多200个字。")
    return wrong


def _judge(unit: Unit, line: VerificationEntry, judged: Judgement) -> None:
    cut = judged.recognised < line.declared
    line.recognised, line.reason, line.state = judged.recognised, judged.reason.strip() if cut else "", "judged"
    line.judged_by_id, line.judged_by, line.judged_at = unit.actor.officer_id, unit.actor.name, unit.now


def agree_entries(
    unit: Unit, *, period: str, organ_id: int, agreed: Iterable[int], back: Mapping[int, str] | None = None
) -> int:
    """复核: those agreed to are recognised now, those sent back go to the first reviewer with a reason; how many in all.

    Raises NotPermitted for whoever judged one of them, Invalid with `back_<entry>` for one sent back without a reason
    or not judged, NotDue when it is not the second reviewer's turn.
    """
    row = _may_judge(unit, period, organ_id, "second_check")
    lines, chosen, returned = _lines(unit, row), list(dict.fromkeys(agreed)), dict(back or {})
    wrong = {f"back_{each}": N_("退回须写明原因。") for each, reason in returned.items() if not reason.strip()}
    for number in (*chosen, *returned):
        line = lines.get(number)
        if line is None or line.state != "judged":
            wrong[f"back_{number}"] = N_("这笔没有待复核的判断。")
        elif line.judged_by_id == unit.actor.officer_id:
            raise NotPermitted(N_("复核人不能是这笔的初核人，请由另一位核查人员复核。"))
    if wrong:
        raise Invalid(N_("有%(count)s处需要修改，已填内容未丢失。"), fields=wrong, count=len(wrong))
    for number in chosen:
        _agree(unit, lines[number])
    for number, reason in returned.items():
        lines[number].state, lines[number].back_reason = "back", reason.strip()[:300]
    unit.trace("verification.agree", "verification", row.id,
               {"agreed": chosen, "back": {str(number): reason for number, reason in returned.items()}})  # fmt: skip
    return len(chosen) + len(returned)


def _agree(unit: Unit, line: VerificationEntry) -> None:
    """What was taken back of the entry is no reduction: it stands beside it as a line of its own already."""
    assert line.recognised is not None, "only what was judged is agreed to"
    entry = unit.session.get_one(AmountEntry, line.entry_id)
    taken_back = entry.amount - line.declared
    recognise_amount(unit, entry.id, amount=line.recognised + taken_back, reason=line.reason)
    line.state, line.back_reason = "agreed", ""
    line.agreed_by_id, line.agreed_by, line.agreed_at = unit.actor.officer_id, unit.actor.name, unit.now


def require_judged(unit: Unit, row: Verification) -> None:
    """Raises Invalid while an amount waits for the first reviewer."""
    waiting = [each for each in _lines(unit, row).values() if each.state in UNJUDGED]
    if waiting:
        raise Invalid(N_("还有%(count)s笔没有初核，请到“半年核查”页逐笔判断。"), count=len(waiting))


def require_agreed(unit: Unit, row: Verification) -> bool:
    """Whether nothing was sent back; raises Invalid while an amount waits for the second reviewer."""
    states = [each.state for each in _lines(unit, row).values()]
    if "judged" in states:
        raise Invalid(N_("还有%(count)s笔没有复核，请到“半年核查”页逐笔复核。"), count=states.count("judged"))
    return not set(states) & set(UNJUDGED)


def _may_judge(unit: Unit, period: str, organ_id: int, node: str) -> Verification:
    row = lock_verification(unit.session, period, organ_id)
    unit.require("verification.judge", organ_ids=[desk_id(unit.session)])
    require_at(unit, row, node)
    return row


def _lines(unit: Unit, row: Verification) -> dict[int, VerificationEntry]:
    lines = entries_of(unit.session, row.id)
    absorb(unit, lines)
    return {each.entry_id: each for each in lines}

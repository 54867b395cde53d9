"""自查: what a district adds to the amounts it declared – vouchers, explanations, what it takes back, 外资 nobody filed yet."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from models.amount import AmountEntry, file_amount
from models.attachment import check_evidence
from models.duty import first_day_of, last_day_of
from models.project import lock_project, touch
from models.refusal import Invalid, NotFound
from models.texts import N_
from models.unit import Unit
from models.verification_rows import (
    Verification,
    VerificationEntry,
    VerificationVoucher,
    answering_district,
    entries_of,
    kinds_to_choose,
    lock_verification,
    require_at,
)
from models.verification_taking import take_up

LONGEST = 300
AT = "self_check"


def file_vouchers(
    unit: Unit, *, period: str, organ_id: int, entry_id: int, kind: str, files: Iterable[int], explanation: str = ""
) -> None:
    """补凭证、说明: vouchers of one kind for one amount, and the district's words about it.

    Raises Invalid for an unknown kind, for nothing at all and for files of another project; NotDue after the self-check.
    """
    row = _may_file(unit, period, organ_id)
    line, numbers = _line(unit, row, entry_id), list(files)
    if numbers and kind not in {each.code for each in kinds_to_choose()}:
        raise Invalid(N_("填写有误"), fields={"kind": N_("请选择凭证种类。")})
    if not numbers and not explanation.strip():
        raise Invalid(N_("填写有误"), fields={"files": N_("请上传凭证，或者写明情况。")})
    check_evidence(unit.session, line.project_id, numbers)
    for number in numbers:
        _keep(unit, line, number, kind)
    if explanation.strip():
        line.explanation = explanation.strip()[:LONGEST]
    unit.trace("verification.voucher", "project", line.project_id,
               {"entry": entry_id, "kind": kind, "files": numbers, "explanation": line.explanation})  # fmt: skip


def _keep(unit: Unit, line: VerificationEntry, number: int, kind: str) -> None:
    """The same file for the same amount is kept once; its kind is what was said last."""
    from_before = unit.session.query(VerificationVoucher).filter_by(line_id=line.id, attachment_id=number).one_or_none()
    if from_before:
        from_before.kind = kind
        return
    unit.session.add(
        VerificationVoucher(
            line_id=line.id, attachment_id=number, kind=kind, filed_by=unit.actor.name, filed_at=unit.now
        )
    )


def take_back(unit: Unit, *, period: str, organ_id: int, entry_id: int, reason: str) -> None:
    """撤回申报: the amount becomes nothing by a line of its own, with the reason; what was recognised stays.

    Raises Invalid without a reason and for an amount that is not waiting to be verified; NotDue after the self-check.
    """
    row = _may_file(unit, period, organ_id)
    line = _line(unit, row, entry_id)
    if not reason.strip():
        raise Invalid(N_("填写有误"), fields={"reason": N_("撤回申报须写明原因。")})
    if line.state != "open":
        raise Invalid(N_("填写有误"), fields={"reason": N_("这笔已经认定或者撤回，不能撤回。")})
    project = lock_project(unit.session, line.project_id)
    entry = unit.session.get_one(AmountEntry, entry_id)
    unit.session.add(
        AmountEntry(project_id=project.id, kind=entry.kind, currency=entry.currency, standing="withdrawn",
                    amount=-line.declared, on=entry.on, reduces_id=entry.id, note=reason.strip()[:200],
                    filed_by_id=unit.actor.officer_id, filed_at=unit.now)
    )  # fmt: skip
    touch(unit, project)
    unit.session.flush()  # what is taken up reads it
    take_up(unit, row)
    unit.trace("verification.take_back", "project", project.id, {"entry": entry_id, "reason": reason.strip()})


@dataclass(frozen=True)
class Arrival:
    """外资到位 that nobody filed yet: 万美元, with its voucher."""

    project_id: int
    amount: Decimal
    on: date
    attachment_id: int | None
    kind: str
    note: str = ""


def file_foreign(unit: Unit, *, period: str, organ_id: int, arrival: Arrival) -> int:
    """补报外资到位 dated within the half-year, of a project of this district; returns the number of the entry.

    Raises Invalid by field: another district's project, a day outside the half-year, an amount already there, no voucher.
    """
    row = _may_file(unit, period, organ_id)
    project = lock_project(unit.session, arrival.project_id)
    wrong = _wrong_arrival(unit, row, arrival, project.district_id)
    if wrong:
        raise Invalid(N_("填写有误"), fields=wrong)
    entry_id = file_amount(unit, project, kind="fdi", amount=arrival.amount, on=arrival.on,
                           attachment_id=arrival.attachment_id, note=arrival.note)  # fmt: skip
    line = next(each for each in take_up(unit, row) if each.entry_id == entry_id)
    _keep(unit, line, arrival.attachment_id or 0, arrival.kind)
    return entry_id


def _wrong_arrival(unit: Unit, row: Verification, arrival: Arrival, district_id: int | None) -> dict[str, str]:
    wrong = {}
    if district_id is None or answering_district(unit, district_id) != answering_district(unit, row.organ_id):
        wrong["project_id"] = N_("请选择本区的项目。")
    if not first_day_of(row.period) <= arrival.on <= last_day_of(row.period):
        wrong["on"] = N_("到位日期应在这半年之内。")
    if arrival.attachment_id is None:
        wrong["files"] = N_("补报外资到位须附凭证。")
    if arrival.kind not in {each.code for each in kinds_to_choose()}:
        wrong["kind"] = N_("请选择凭证种类。")
    same = (arrival.project_id, "foreign", arrival.amount, arrival.on)
    lines = entries_of(unit.session, row.id)
    if any((each.project_id, each.nature, each.declared, each.on) == same for each in lines):
        wrong["amount"] = N_("同一天、同一金额的外资到位已经填报过，不用再报。")
    return wrong


def _may_file(unit: Unit, period: str, organ_id: int) -> Verification:
    row = lock_verification(unit.session, period, organ_id)
    unit.require("verification.file", organ_ids=[row.organ_id, answering_district(unit, row.organ_id)])
    require_at(unit, row, AT)
    return row


def _line(unit: Unit, row: Verification, entry_id: int) -> VerificationEntry:
    found = next((each for each in entries_of(unit.session, row.id) if each.entry_id == entry_id), None)
    if found is None:
        raise NotFound(N_("这笔资金不在本次核查范围内。"))
    return found

"""异议的提出与答复: within the days of 公示 they are heard, afterwards recorded and refused; nobody judges what they scored."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from models.assessment import Assessment, find_assessment
from models.assessment_sheet import ScoreSheet, SheetColumn, read_sheet
from models.duty import period_zh
from models.objection import Objection, lock_objection
from models.refusal import Invalid, NotDue, NotFound, NotPermitted, Outdated
from models.taken_figure import correct, retake, taken
from models.texts import N_
from models.unit import Unit


def file_objection(
    unit: Unit, *, assessment_id: int, indicator: str, reason: str, evidence: Iterable[int]
) -> Objection:
    """提出异议 for one's own unit; its `state` is late when the days of 公示 are over: recorded, not taken up.

    Raises NotDue before 公示, NotPermitted for a unit that is not assessed, Invalid for an unknown indicator or no evidence.
    """
    assessment = find_assessment(unit, assessment_id)
    if assessment.state not in ("publicity", "final"):
        raise NotDue(N_("初评结果还没有公示，公示以后才能提出异议。"))
    unit.require("assessment.object", organ_ids=[unit.actor.organ_id])
    sheet = read_sheet(assessment.first_sheet)
    if unit.actor.organ_id is None or sheet.row_of(unit.actor.organ_id) is None:
        raise NotPermitted(N_("本单位不在这次考核之列，不能提出异议。"))
    papers = sorted(set(evidence))
    if wrong := _wrong_objection(sheet, indicator, reason, papers):
        raise Invalid(N_("填写有误"), fields=wrong)
    row = Objection(assessment_id=assessment_id, organ_id=unit.actor.organ_id, indicator=indicator,
                    reason=reason.strip()[:1000], evidence=papers, filed_by=unit.actor.name,
                    filed_by_id=unit.actor.officer_id, filed_at=unit.now)  # fmt: skip
    row.state, row.decision = ("open", "") if is_open(unit, assessment) else ("late", _too_late(assessment))
    unit.session.add(row)
    unit.session.flush()  # the trace names its number
    unit.trace("assessment.object", "assessment", assessment_id,
               {"objection": row.id, "indicator": indicator, "state": row.state})  # fmt: skip
    return row


def is_open(unit: Unit, assessment: Assessment) -> bool:
    """Whether objections are heard today: from the day of issue to the last of the days of 公示."""
    until = assessment.publicity_until
    return assessment.state == "publicity" and until is not None and unit.today <= until


def _too_late(assessment: Assessment) -> str:
    until = assessment.publicity_until
    day = f"{until.year}年{until.month}月{until.day}日" if until else ""
    return N_("公示期至%(day)s止，逾期提出的异议已记录，不予受理。") % {"day": day}


def _wrong_objection(sheet: ScoreSheet, indicator: str, reason: str, papers: list[int]) -> dict[str, str]:
    wrong = {}
    if sheet.column_of(indicator) is None:
        wrong["indicator"] = N_("请从所列选项中选择。")
    if not reason.strip():
        wrong["reason"] = N_("请填写此项。")
    if not papers:
        wrong["evidence"] = N_("请附佐证材料，没有佐证的异议不能受理。")
    return wrong


def decide_objection(
    unit: Unit, *, objection_id: int, accepted: bool, decision: str, corrected: Mapping[str, Decimal] | None = None
) -> None:
    """答复异议: accepted ones correct typed figures (by word) or take the system's anew; the unit is told either way.

    Raises NotPermitted for whoever scored the sheet or filed the objection, Outdated for one that was answered, Invalid
    without a reason, or when a typed figure is to be corrected and no number is given.
    """
    unit.require("assessment.decide", organ_ids=[])
    row = lock_objection(unit.session, objection_id)
    assessment = unit.session.get(Assessment, row.assessment_id)
    if assessment is None:
        raise NotFound(N_("没有这次考核，或您无权查看。"))
    if unit.actor.officer_id in (assessment.scored_by_id, row.filed_by_id):
        raise NotPermitted(N_("评分表由您核对，异议应由另一人答复。"))
    if row.state != "open":
        raise Outdated(N_("这件异议已经答复。"))
    found = read_sheet(assessment.first_sheet).column_of(row.indicator)
    assert found is not None, "an objection names an indicator of its sheet"
    right = dict(corrected or {})
    if wrong := _wrong_decision(found[1], decision, right, accepted=accepted):
        raise Invalid(N_("填写有误"), fields=wrong)
    if accepted:
        row.before, row.after = _apply(unit, assessment, row, found[1], right)
    row.state, row.decision = ("accepted" if accepted else "refused"), decision.strip()[:1000]
    row.decided_by, row.decided_by_id, row.decided_at = unit.actor.name, unit.actor.officer_id, unit.now
    unit.trace("assessment.decide", "assessment", assessment.id,
               {"objection": row.id, "state": row.state, "before": row.before, "after": row.after})  # fmt: skip
    _tell(unit, assessment, row, found[1])


def _wrong_decision(
    column: SheetColumn, decision: str, corrected: Mapping[str, Decimal], *, accepted: bool
) -> dict[str, str]:
    wrong = {}
    typed = {word for word, _name in column.typed}
    if not decision.strip():
        wrong["decision"] = N_("请填写此项。")
    if accepted and typed == set(column.figures) and not corrected:
        wrong["corrected"] = N_("采纳的，请写明更正后的数。")
    if corrected and (not accepted or not set(corrected) <= typed):
        wrong["corrected"] = N_("只有采纳人工指标的异议才填更正后的数；系统指标由系统重新取数。")
    return wrong


def _apply(
    unit: Unit, assessment: Assessment, row: Objection, column: SheetColumn, corrected: Mapping[str, Decimal]
) -> tuple[Mapping[str, str | None], Mapping[str, str | None]]:
    """The figures behind the indicator before and after, by word."""
    figures = taken(unit.session, assessment.id)
    before, after = {}, {}
    for word in column.figures:
        figure = figures[row.organ_id, word]
        before[word] = _text(figure.value)
        if figure.source == "system":
            changed = retake(unit, assessment, row.organ_id, word)
        else:
            changed = correct(unit, figure, corrected.get(word, figure.value))
        changed.objection_id, after[word] = row.id, _text(changed.value)
    return before, after


def _text(value: Decimal | None) -> str | None:
    return None if value is None else format(value.normalize(), "f")


def _tell(unit: Unit, assessment: Assessment, row: Objection, column: SheetColumn) -> None:
    name = f"{period_zh(assessment.period)}考核 {column.name}"
    told = {"what": "objection_answered", "organ": row.organ_id, "key": f"objection:{row.id}", "name": name,
            "words": row.decision[:200]}  # fmt: skip
    unit.post("tell.organ", f"objection:{row.id}", told)

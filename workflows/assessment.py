"""考核 (第四条): figures taken and frozen, a sheet checked, 初评, 公示 with objections, 终评, the result sent to all.

Half-yearly, for the districts and for the departments. Definitions and weights are data (scheme versions); what ranks whom
is `models.score`. A district's result starts 约谈 by key where this house has that map.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from engine.door import start_process
from engine.steps import Case, step
from models.assessment import Assessment
from models.assessment_score import keep_standings, manual_words, missing_manual, score_now, take_all
from models.assessment_sheet import ScoreSheet, read_sheet
from models.clock import end_of_day, local_day
from models.definition import latest_definition
from models.dispatch import dispatch_case, draft_paper
from models.duty import Duty, Period, Subject, duty, period_zh
from models.limits import due_after
from models.mechanism import mechanism
from models.notice import find_notice
from models.objection import objections_of, open_objections
from models.organ import organ_by_code, organ_of
from models.refusal import Invalid, NotDue
from models.target import are_made_up
from models.texts import N_
from models.unit import Unit
from notices.assessment import publicity_paper, result_paper
from notices.document import Sectioned
from notices.letters import freeze_letter

mechanism(
    "assessment",
    N_("半年考核"),
    article=4,
    purpose_zh=N_("每半年按方案评分，公示、答复异议后通报结果；每个得分都能用手再算一遍。"),
)

DESK = "hzjl"  # 市合作交流办 scores
OPENS = 25  # of the month after the half-year; 默认值: 半年核查 has ended by then
SUBJECTS = ("district", "department")
TITLES = {"district": N_("%(period)s各区招商引资考核"), "department": N_("%(period)s市级部门招商引资考核")}


def open_assessments(unit: Unit, period: Period, cursor: int, limit: int) -> tuple[int | None, int]:  # noqa: ARG001
    """One process for the districts and one for the departments; the business keys keep them to one each."""
    for subject in SUBJECTS:
        start_assessment(unit, period=period.name, subject=subject)
    return None, len(SUBJECTS)


def subjects_assessed(_unit: Unit, _period: Period) -> list[Subject]:
    """Two processes a half-year: one for all districts, one for all departments."""
    return [Subject("district", N_("各区")), Subject("department", N_("市级部门"))]


duty(Duty("assessment", N_("半年考核"), months=6, day=OPENS, work=open_assessments, after=1, catch_up="latest",
          would=subjects_assessed))  # fmt: skip


def start_assessment(unit: Unit, *, period: str, subject: str) -> int:
    """The number of the assessment of this period and subject, its figures taken."""
    desk = organ_by_code(unit.session, DESK)
    row = Assessment(period=period, subject=subject, opened_at=unit.now, state="scoring", scored_by="")
    unit.session.add(row)
    unit.session.flush()  # the process is told its number
    start_process(
        unit,
        key="assessment",
        title=TITLES[subject] % {"period": period_zh(period)},
        organ_id=desk.id,
        district_id=desk.id,
        business_key=f"assessment:{period}:{subject}",
        data={"assessment": row.id, "desk_organ": desk.id, "manual_figures": False, "sheet_right": False,
              "first_agreed": False, "final_agreed": False, "open_objections": 0,
              "publicity_ends": unit.now.isoformat()},
    )  # fmt: skip
    unit.trace("assessment.start", "assessment", row.id, {"period": period, "subject": subject})
    return row.id


def _row(unit: Unit, case: Case) -> Assessment:
    return unit.session.get_one(Assessment, int(case.data["assessment"]))


@step("assessment.take")
def take(unit: Unit, case: Case) -> Mapping[str, Any]:
    """取数: the scheme is frozen with the assessment, and so are the figures with their rows."""
    row = _row(unit, case)
    row.process_id, row.state = case.process_id, "scoring"
    take_all(unit, row)
    score_now(unit, row)
    unit.trace("assessment.take", "assessment", row.id, {"period": row.period, "subject": row.subject})
    return {"manual_figures": bool(manual_words(row))}


@step("assessment.record_fill")
def record_fill(unit: Unit, case: Case) -> None:
    """补录完成: refused while a unit has no figure for a typed indicator, which is named."""
    row = _row(unit, case)
    if missing := missing_manual(unit.session, row):
        raise NotDue(N_("人工指标“%(name)s”还没有填完，请在评分表页面补录。"), name=missing[0])
    score_now(unit, row)


@step("assessment.record_check")
def record_check(unit: Unit, case: Case) -> None:
    """评分表核对: who says that it is right has scored it, and does not judge objections to it."""
    row = _row(unit, case)
    if not case.answers["sheet_right"]:
        _require_words(case, "sheet_note", N_("有误的，请写明哪里有误。"))
        return
    row.state, row.scored_by, row.scored_by_id = "first", unit.actor.name, unit.actor.officer_id
    score_now(unit, row)


@step("assessment.record_first")
def record_first(unit: Unit, case: Case) -> None:
    """初评: agreed to, the sheet is kept as it will be published."""
    row = _row(unit, case)
    if not case.answers["first_agreed"]:
        _require_words(case, "first_opinion", N_("不同意的，请写明意见。"))
        row.state = "scoring"
        return
    row.first_sheet = row.sheet


def _require_words(case: Case, name: str, sentence: str) -> None:
    if not case.answers.get(name):
        raise Invalid(N_("填写有误"), fields={name: sentence})


@step("assessment.publish")
def publish(unit: Unit, case: Case) -> None:
    """拟公示稿: its last day is set anew when it is issued."""
    row = _row(unit, case)
    until = local_day(due_after(unit, "publicity"))
    sheet = read_sheet(row.first_sheet)
    letter = publicity_paper(sheet, issuer=_issuer(unit, case), on=unit.today, until=until)
    _send(unit, case, sheet, letter)


@step("assessment.open_publicity")
def open_publicity(unit: Unit, case: Case) -> Mapping[str, Any]:
    """公示开始: its last day is the one that is printed on it."""
    row, paper = _row(unit, case), find_notice(unit.session, int(case.data["notice"]))
    row.state, row.publicity_notice_id = "publicity", paper.id
    row.publicity_until = date.fromisoformat(paper.letter["until"])
    return {"publicity_ends": end_of_day(row.publicity_until).isoformat()}


@step("assessment.close_publicity")
def close_publicity(unit: Unit, case: Case) -> Mapping[str, Any]:
    """公示结束: how many objections still wait for an answer."""
    return {"open_objections": open_objections(unit.session, _row(unit, case).id)}


@step("assessment.record_decisions")
def record_decisions(unit: Unit, case: Case) -> Mapping[str, Any]:
    """异议处理完毕: refused while one is open."""
    waiting = open_objections(unit.session, _row(unit, case).id)
    if waiting:
        raise NotDue(N_("还有%(count)s件异议没有答复，请在评分表页面逐件答复。"), count=waiting)
    return {"open_objections": 0}


@step("assessment.record_final")
def record_final(unit: Unit, case: Case) -> None:
    """终评: refused while an objection is open; who does not agree says why."""
    row = _row(unit, case)
    if not case.answers["final_agreed"]:
        _require_words(case, "final_opinion", N_("不同意的，请写明意见。"))
    elif open_objections(unit.session, row.id):
        raise NotDue(N_("还有异议没有答复，不能终评。"))


@step("assessment.conclude")
def conclude(unit: Unit, case: Case) -> None:
    """拟考核结果: the sheet is scored anew from the corrected figures, and everybody's standing is written down."""
    row = _row(unit, case)
    sheet = score_now(unit, row)
    keep_standings(unit, row, sheet)
    letter = result_paper(sheet, issuer=_issuer(unit, case), on=unit.today, changed=_changed(unit, row, sheet))
    _send(unit, case, sheet, letter)


def _changed(unit: Unit, row: Assessment, sheet: ScoreSheet) -> tuple[str, ...]:
    """One sentence for each accepted objection: whose score, what it was and is."""
    before = read_sheet(row.first_sheet)
    found = []
    for each in objections_of(unit.session, row.id):
        was, now, column = before.row_of(each.organ_id), sheet.row_of(each.organ_id), sheet.column_of(each.indicator)
        if each.state == "accepted" and was and now and column:
            place, told = column
            found.append(f"采纳{now.name}对“{told.name}”的异议，该项由{was.lines[place].score}分改为{now.lines[place].score}分，"
                         f"总分由{was.total}分改为{now.total}分。")  # fmt: skip
    return tuple(found)


@step("assessment.finish")
def finish(unit: Unit, case: Case) -> None:
    """终评生效: final from the moment the paper is out; a district's result then calls for talks."""
    row = _row(unit, case)
    row.state, row.final_at, row.result_notice_id = "final", unit.now, case.data.get("notice")
    unit.trace("assessment.final", "assessment", row.id, {"period": row.period, "subject": row.subject})
    if row.subject == "district" and latest_definition(unit.session, "admonition") is not None:
        desk = int(case.data["desk_organ"])
        start_process(
            unit,
            key="admonition",
            title=N_("%(period)s考核约谈") % {"period": period_zh(row.period)},
            organ_id=desk,
            district_id=desk,
            business_key=f"admonition:{row.period}",
            data={"assessment": row.id, "desk_organ": desk},
        )


def _issuer(unit: Unit, case: Case) -> str:
    return organ_of(unit.session, int(case.data["desk_organ"])).signature


def _send(unit: Unit, case: Case, sheet: ScoreSheet, letter: Sectioned) -> None:
    """The paper on its way through 发文办理, to every unit of the sheet; this process hears when it is out."""
    desk, made_up = int(case.data["desk_organ"]), are_made_up(unit.session, int(sheet.period[:4]))
    draft = draft_paper(unit, kind=letter.kind, organ_id=desk, to_organ_id=desk,
                        letter=freeze_letter(replace(letter, demo=made_up)),
                        also_to=[row.organ_id for row in sheet.rows])  # fmt: skip
    draft.process_id = start_process(unit, **dispatch_case(unit, draft, title=letter.title), parent_id=case.process_id)

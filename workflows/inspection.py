"""季检查 (第三条): 方案 → 批准 → 各区逐项目检查 → 问题清单签认 → 通报 → 每个有问题的项目启动整改.

《政府督查工作条例》: an inspection needs a plan that was approved; no district hears of it before.
"""

import secrets
from collections.abc import Mapping
from datetime import date
from typing import Any

from engine.door import start_process
from engine.home import post_message
from engine.steps import Case, step
from models.calendar import load_calendar
from models.clock import end_of_day
from models.dispatch import dispatch_case, draft_paper
from models.duty import Duty, Period, duty, last_day_of, period_zh
from models.handlers import handle
from models.inspection import (
    DESK,
    REVIEWER,
    SHARES,
    Inspection,
    InspectionDistrict,
    answering_district,
    desk_id,
    district_of_process,
    districts_of,
    inspection_of,
    redraw,
    running_projects,
)
from models.inspection import drawn as drawn_numbers
from models.inspection_check import list_problems, problems_of_process, unfinished
from models.inspection_papers import UNSIGNED, bulletin_letter
from models.inspection_question import links_of
from models.limits import due_after, working_days
from models.mechanism import mechanism
from models.notice import find_notice
from models.organ import organ_by_code, organ_of
from models.problem import rectification_cases
from models.project import Project
from models.refusal import Invalid
from models.texts import N_
from models.unit import Unit
from notices.letters import freeze_letter, read_letter

OPENS = 20  # of the quarter's last month; data/routines of the policy
MOST_NAMED = 5  # projects a refusal names
mechanism(
    "inspection",
    N_("季检查"),
    article=3,
    purpose_zh=N_("方案经批准后，按四个环节逐项目检查，问题清单签认后通报，每个有问题的项目启动整改。"),
)
mechanism(
    "inspection_district",
    N_("季检查（区）"),
    article=3,
    purpose_zh=N_("检查组逐项目填写检查表，提交后由区负责人签认问题清单。"),
)


def open_quarter(unit: Unit, period: Period, _cursor: int, _limit: int) -> tuple[int | None, int]:
    """One inspection for the quarter; the business key keeps it to one."""
    desk, ends = desk_id(unit.session), _days_after_quarter(unit, period.name)
    row = Inspection(period=period.name, opened_at=unit.now, due_on=ends["inspection_bulletin"])
    unit.session.add(row)
    row.process_id = start_process(
        unit,
        key="inspection",
        title=f"{period_zh(period.name)}检查",
        organ_id=desk,
        district_id=desk,
        business_key=f"inspection:{period.name}",
        data={
            "period": period.name,
            "desk_organ": desk,
            "plan_due": due_after(unit, "inspection_plan").isoformat(),
            "report_by": end_of_day(ends["inspection_draft"]).isoformat(),
            "bulletin_due": end_of_day(ends["inspection_bulletin"]).isoformat(),
            "plan_approved": False,
            "all_in": False,
        },
    )
    return None, 1


duty(Duty("inspection", N_("季检查"), months=3, day=OPENS, work=open_quarter))


def _days_after_quarter(unit: Unit, period: str) -> dict[str, date]:
    """The days that count from the quarter's end; from today when an outage let the quarter pass."""
    calendar, base = load_calendar(unit.session), max(last_day_of(period), unit.today)
    words = ("inspection_field", "inspection_draft", "inspection_bulletin")
    return {word: calendar.add_working_days(base, working_days(word)) for word in words}


@step("inspection.record_plan")
def record_plan(unit: Unit, case: Case) -> None:
    """检查方案: days, team and share; the list is drawn. Raises Invalid by field, and when nothing runs in the districts chosen."""
    row, answers = _inspection(unit, case), case.answers
    _require_days(unit, row.period, answers)
    if answers["check_share"] not in SHARES:
        raise Invalid(N_("填写有误"), fields={"check_share": N_("请从列出的比例中选择。")})
    row.share, row.seed = int(answers["check_share"]), row.seed or secrets.token_hex(4)
    row.first_on, row.last_on = (date.fromisoformat(answers[f"check_{each}_on"]) for each in ("first", "last"))
    row.team, row.remark = answers["check_team"], str(answers.get("check_remark") or "")
    row.planned_by, row.approved_at, row.approved_by = unit.actor.name, None, None
    found = running_projects(unit, [int(each) for each in answers.get("check_districts") or ()])
    if not found:
        raise Invalid(N_("填写有误"), fields={"check_districts": N_("所选的区没有在推进的项目。")})
    chosen = {organ_id: _chosen(projects, row.share, row.seed) for organ_id, projects in found.items()}
    redraw(unit, row, chosen)
    drawn = {"share": row.share, "seed": row.seed, "projects": sum(map(len, chosen.values()))}
    unit.trace("inspection.plan", "process", case.process_id, {"period": row.period} | drawn)


def _require_days(unit: Unit, period: str, answers: Mapping[str, Any]) -> None:
    first, last = answers["check_first_on"], answers["check_last_on"]
    latest = _days_after_quarter(unit, period)["inspection_field"].isoformat()
    if first < unit.today.isoformat():
        raise Invalid(N_("填写有误"), fields={"check_first_on": N_("检查不能早于今天开始。")})
    if last < first:
        raise Invalid(N_("填写有误"), fields={"check_last_on": N_("结束日期不能早于开始日期。")})
    if last > latest:
        late = N_("为了按期通报，检查最迟在%(day)s结束。") % {"day": latest}
        raise Invalid(N_("填写有误"), fields={"check_last_on": late})


def _chosen(projects: list[Project], share: int, seed: str) -> list[tuple[int, tuple[str, ...]]]:
    taken = set(drawn_numbers([each.project_no for each in projects], share, seed))
    return [
        (each.id, links_of(each.stage, registered=each.registered_on is not None))
        for each in projects
        if each.project_no in taken
    ]


@step("inspection.approve")
def approve(unit: Unit, case: Case) -> None:
    """批准方案: who does not approve says what to change; only an approved plan lets anybody be bothered."""
    if not case.answers["plan_approved"] and not case.answers.get("plan_opinion"):
        raise Invalid(N_("填写有误"), fields={"plan_opinion": N_("不批准的，请写明怎么改。")})
    row = _inspection(unit, case)
    approved = bool(case.answers["plan_approved"])
    row.approved_at, row.approved_by = (unit.now, unit.actor.name) if approved else (None, None)
    unit.trace("inspection.approve", "process", case.process_id, {"period": row.period, "approved": approved})


@step("inspection.send_out")
def send_out(unit: Unit, case: Case) -> None:
    """分送各区: one envelope for each district, so that one that fails does not hold the others."""
    row = _inspection(unit, case)
    for district in districts_of(unit.session, row.id):
        key = f"inspection.open:{row.period}:{district.organ_id}"
        unit.post("inspection.open", key, {"period": row.period, "organ": district.organ_id})


def open_district(unit: Unit, payload: Mapping[str, Any], _worked: object) -> None:
    """One district: its process begins, and its people are told what will be looked at."""
    row = inspection_of(unit.session, payload["period"])
    district = next(each for each in districts_of(unit.session, row.id) if each.organ_id == payload["organ"])
    organ_id, desk = answering_district(unit, district.organ_id), desk_id(unit.session)
    title = f"{period_zh(row.period)}检查 · {organ_of(unit.session, district.organ_id).name_zh}"
    assert row.last_on is not None, "only an approved plan is sent out"
    district.process_id = start_process(
        unit,
        key="inspection_district",
        title=title,
        organ_id=organ_id,
        district_id=organ_id,
        business_key=f"inspection_district:{row.period}:{district.organ_id}",
        parent_id=row.process_id,
        data={
            "period": row.period,
            "desk_organ": desk,
            "district_organ": organ_id,
            "check_due": end_of_day(max(row.last_on, unit.today)).isoformat(),
            "sign_due": end_of_day(max(row.last_on, unit.today)).isoformat(),
        },
    )
    key = f"inspection.told:{row.period}:{district.organ_id}"
    told = {"key": key, "what": "inspection", "organ": organ_id, "roles": ["officer", "head"], "name": title}
    unit.post("tell.organ", key, told | {"words": f"检查时间：{row.first_on}至{row.last_on}，名单见“季检查”页。"})


handle("inspection.open", open_district)


@step("inspection.submit")
def submit(unit: Unit, case: Case) -> Mapping[str, Any]:
    """提交一个区的检查结果: every checklist is finished, the problem list is numbered. Raises Invalid naming what is open."""
    row, district = _inspection(unit, case), district_of_process(unit.session, case.process_id)
    if not case.answers["check_complete"]:
        raise Invalid(N_("填写有误"), fields={"check_complete": N_("全部检查完毕再提交；没填完的先存着。")})
    if waiting := unfinished(unit.session, row, district):
        names = "、".join(waiting[:MOST_NAMED]) + ("等" if len(waiting) > MOST_NAMED else "")
        raise Invalid(
            N_("还有%(count)s个项目没有检查完：%(names)s。"),
            count=len(waiting),
            names=names,
            fields={"check_note": N_("请先完成全部项目的检查表，再提交。")},
        )
    count = list_problems(unit, row, district)
    district.submitted_at, district.submitted_by = unit.now, unit.actor.name
    district.note = str(case.answers.get("check_note") or "")
    organ_id = answering_district(unit, district.organ_id)
    unit.trace("inspection.submit", "process", case.process_id, {"district": organ_id, "problems": count})
    return {"district_organ": organ_id, "sign_due": due_after(unit, "inspection_sign").isoformat()}


@step("inspection.countersign")
def countersign(unit: Unit, case: Case) -> None:
    """签认: the district's head signs for the list; an objection stays with it. Raises Invalid for one without words."""
    objection = str(case.answers.get("list_objection") or "").strip()
    if not case.answers["list_accepted"] and not objection:
        raise Invalid(N_("填写有误"), fields={"list_objection": N_("有异议的，请写明对哪一条、为什么。")})
    district = district_of_process(unit.session, case.process_id)
    district.signed_at, district.signed_by, district.objection = unit.now, unit.actor.name, objection
    _sign(unit, case.process_id, by=unit.actor.name, objection=objection)
    unit.trace("inspection.countersign", "process", case.process_id, {"objection": objection})


@step("inspection.unsigned")
def unsigned(unit: Unit, case: Case) -> None:
    """逾期未签认: counts as accepted, and says so wherever the list is printed."""
    _sign(unit, case.process_id, by=UNSIGNED, objection="")
    unit.trace("inspection.unsigned", "process", case.process_id, {"period": case.data["period"]})


def _sign(unit: Unit, process_id: int, *, by: str, objection: str) -> None:
    for problem in problems_of_process(unit.session, process_id):
        problem.countersigned_by, problem.countersigned_at, problem.objection = by, unit.now, objection


@step("inspection.close_district")
def close_district(unit: Unit, case: Case) -> None:
    """一个区查完: the inspection hears of it; when its bulletin is out already, this district's 整改 begins by itself."""
    district = district_of_process(unit.session, case.process_id)
    district.closed_at = unit.now
    row = _inspection(unit, case)
    if row.notice_id is not None:
        _post_rectification(unit, row, district)
    if case.parent_id:
        post_message(unit, process_id=case.parent_id, message="district_inspected", key=str(case.process_id))


@step("inspection.tally")
def tally(unit: Unit, case: Case) -> Mapping[str, Any]:
    """各区是否都查完: what the inspection waits for."""
    return {"all_in": all(each.closed_at for each in districts_of(unit.session, _inspection(unit, case).id))}


@step("inspection.list_late")
def list_late(unit: Unit, case: Case) -> None:
    """到拟写通报之日还没有查完: the bulletin goes out on its day and names them."""
    late = [each.organ_id for each in districts_of(unit.session, _inspection(unit, case).id) if not each.closed_at]
    unit.trace("inspection.late", "process", case.process_id, {"districts": late})


@step("inspection.draft")
def draft(unit: Unit, case: Case) -> None:
    """拟写通报: figures and list are frozen now; 发文办理 checks, signs, numbers and delivers it to the districts inspected."""
    row, desk = _inspection(unit, case), int(case.data["desk_organ"])
    words = {each: str(case.answers[f"inspection_{each}"]) for each in ("findings", "demands")}
    letter = read_letter(bulletin_letter(unit.session, row, **words))
    addressees = {answering_district(unit, each.organ_id) for each in districts_of(unit.session, row.id)}
    paper = draft_paper(
        unit, kind="bulletin", organ_id=desk, to_organ_id=desk, letter=freeze_letter(letter), also_to=sorted(addressees)
    )
    told = dispatch_case(unit, paper, title=letter.title)
    paper.process_id = start_process(unit, **told, parent_id=case.process_id)


@step("inspection.publish")
def publish(unit: Unit, case: Case) -> None:
    """通报已发: 整改 of every district that is through begins; those still at it follow by themselves."""
    row = _inspection(unit, case)
    row.notice_id = int(case.data["notice"])
    for district in districts_of(unit.session, row.id):
        if district.closed_at:
            _post_rectification(unit, row, district)
    unit.trace("inspection.publish", "process", case.process_id, {"period": row.period, "notice": row.notice_id})


def _post_rectification(unit: Unit, row: Inspection, district: InspectionDistrict) -> None:
    key = f"inspection.rectify:{row.period}:{district.organ_id}"
    unit.post("inspection.rectify", key, {"period": row.period, "process": district.process_id})


def start_rectifications(unit: Unit, payload: Mapping[str, Any], _worked: object) -> None:
    """整改 of one district: a 整改通知书 for each project with problems, in the name of whoever signed the bulletin."""
    row = inspection_of(unit.session, payload["period"])
    found = [
        each
        for each in problems_of_process(unit.session, payload["process"])
        if each.countersigned_at and each.rectification_id is None
    ]
    organs = {code: organ_by_code(unit.session, code).id for code in (REVIEWER, DESK)}
    for case in rectification_cases(
        unit,
        found,
        reviewer_organ_id=organs[REVIEWER],
        desk_organ_id=organs[DESK],
        signer=find_notice(unit.session, row.notice_id or 0).issued_by,
    ):
        start_process(unit, **case)


handle("inspection.rectify", start_rectifications)


def _inspection(unit: Unit, case: Case) -> Inspection:
    return inspection_of(unit.session, str(case.data["period"]))

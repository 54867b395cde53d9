"""填写检查表: what an inspector types on one project, kept as a draft or finished, and the problems that come of it."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from models.amount import entries
from models.attachment import check_evidence
from models.clock import local_day
from models.inspection import (
    SOURCE,
    Inspection,
    InspectionCheck,
    InspectionDistrict,
    answering_district,
    check_of,
    checks_of,
    desk_id,
    districts_of,
    inspection_of,
    is_checking,
)
from models.inspection_question import Known, Question, questions_of
from models.organ import organ_names
from models.problem import Problem
from models.project import Project
from models.refusal import Invalid, NotDue, Outdated
from models.texts import N_
from models.unit import Unit

VERDICTS: dict[str, str] = {"ok": N_("符合"), "problem": N_("不符合"), "na": N_("不适用")}
LONGEST = {"fact": 300, "demand": 300, "owner": 80}  # characters; the annex of a bulletin has no longer cells
MOST_FILES = 10
PARTS = ("verdict", "fact", "demand", "owner", "due_on", "evidence")
Answers = Mapping[str, Mapping[str, Any]]  # by the code of the question


def save_check(unit: Unit, *, period: str, project_id: int, answers: Answers) -> None:
    """暂存: keep what is typed as it is, wrong or not. Raises NotDue, Outdated, NotPermitted as `open_check` does."""
    check = open_check(unit, period, project_id)
    check.answers = _kept(check, answers)
    check.saved_at, check.saved_by, check.checked_at, check.checked_by = unit.now, unit.actor.name, None, None


def finish_check(unit: Unit, *, period: str, project_id: int, answers: Answers) -> None:
    """检查完毕: every question is judged, every problem has its fact and its day. Raises Invalid by `code_part`."""
    check = open_check(unit, period, project_id)
    asked, kept = questions_of(check.links), _kept(check, answers)
    wrong = wrong_answers(asked, kept, unit.today)
    for question in asked:
        wrong |= _foreign_files(unit.session, project_id, question.code, kept.get(question.code, {}))
    if wrong:
        raise Invalid(N_("有%(count)s处需要修改，已填内容未丢失。"), fields=wrong, count=len(wrong))
    project = unit.session.get_one(Project, project_id)
    check.answers = {question.code: _judged(kept[question.code]) | _dates(question, project) for question in asked}
    check.saved_at, check.saved_by = unit.now, unit.actor.name
    check.checked_at, check.checked_by = unit.now, unit.actor.name
    found = [question.code for question in asked if kept[question.code]["verdict"] == "problem"]
    unit.trace("inspection.check", "project", project_id, {"period": period, "problems": found})


def open_check(unit: Unit, period: str, project_id: int) -> InspectionCheck:
    """The checklist, if this actor may write it now.

    Raises NotFound, NotPermitted, NotDue before the plan is approved, Outdated once the district is handed in.
    """
    row = inspection_of(unit.session, period)
    check = check_of(unit.session, row.id, project_id)
    unit.require("inspection.check", organ_ids=[desk_id(unit.session)])
    if row.approved_at is None:
        raise NotDue(N_("检查方案还没有批准，不能开始检查。"))
    district = next(each for each in districts_of(unit.session, row.id) if each.organ_id == check.district_id)
    if not is_checking(unit.session, district):
        raise Outdated(N_("这个区的检查结果已经提交，检查表不能再改。"))
    return check


def wrong_answers(asked: Iterable[Question], answers: Answers, today: date) -> dict[str, str]:
    """What is missing or wrong, as a sentence by `code_part`; pure."""
    wrong: dict[str, str] = {}
    for question in asked:
        given = answers.get(question.code, {})
        if given.get("verdict") not in VERDICTS:
            wrong[f"{question.code}_verdict"] = N_("请选择符合、不符合或者不适用。")
        elif given["verdict"] == "problem":
            wrong |= {f"{question.code}_{part}": text for part, text in _wrong_problem(given, today).items()}
    return wrong


def _wrong_problem(given: Mapping[str, Any], today: date) -> dict[str, str]:
    wrong = {part: N_("文字过长，请精简。") for part, most in LONGEST.items() if len(given.get(part) or "") > most}
    if not given.get("fact"):
        wrong["fact"] = N_("请写明问题的事实。")
    if (due := _day(given.get("due_on"))) is None:
        wrong["due_on"] = N_("请定整改期限。")
    elif due <= today:
        wrong["due_on"] = N_("整改期限要在今天以后。")
    if len(given.get("evidence") or ()) > MOST_FILES:
        wrong["evidence"] = N_("每个问题最多10份证据。")
    return wrong


def _day(text: object) -> date | None:
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        return None


def _foreign_files(session: Session, project_id: int, code: str, given: Mapping[str, Any]) -> dict[str, str]:
    try:
        check_evidence(session, project_id, [int(each) for each in given.get("evidence") or ()])
    except Invalid as refusal:
        return {f"{code}_evidence": next(iter(refusal.fields.values()))}
    return {}


def _kept(check: InspectionCheck, answers: Answers) -> dict[str, dict[str, Any]]:
    """Only what the checklist asks, of the parts there are, without what is empty."""
    return {
        question.code: {part: value for part in PARTS if (value := answers.get(question.code, {}).get(part))}
        for question in questions_of(check.links)
    }


def _judged(given: Mapping[str, Any]) -> dict[str, Any]:
    """What belongs to a problem is kept with a problem only."""
    return dict(given) if given["verdict"] == "problem" else {"verdict": given["verdict"]}


def _dates(question: Question, project: Project) -> dict[str, str]:
    """计划 and 实际 as the ledger had them when it was judged."""
    named = {"planned_on": question.planned, "actual_on": question.actual}
    found = {name: getattr(project, field) for name, field in named.items() if field}
    return {name: day.isoformat() for name, day in found.items() if day}


def known_of(session: Session, project: Project, today: date) -> Known:
    """What the ledger knows of the project; 外资 in 万美元 is not set against an investment in 万元."""
    dates = ("signed_on", "registered_on", "plan_start_on", "actual_start_on", "plan_finish_on", "actual_finish_on",
             "in_stat_on", "permit_issued_on")  # fmt: skip
    foreign = project.capital_nature == "外资"
    money = [] if foreign else [each for each in entries(session, project.id, "funds") if each.on <= today]
    return Known(
        today=today,
        dates={name: getattr(project, name) for name in dates},
        updated_on=local_day(project.last_updated_at),
        total_investment=project.total_investment,
        funds=None if foreign else sum((each.amount for each in money), start=Decimal(0)),
        last_funds_on=max((each.on for each in money if each.amount > 0), default=None),
    )


def unfinished(session: Session, row: Inspection, district: InspectionDistrict) -> list[str]:
    """Names of the district's projects that are not checked; those that ended since the plan need not be."""
    return [
        project.name
        for check, project in checks_of(session, row.id, district.organ_id)
        if check.checked_at is None and project.state == "running"
    ]


def list_problems(unit: Unit, row: Inspection, district: InspectionDistrict) -> int:
    """问题清单 of a district from its checklists, in the name of who answers for it today; how many there are.

    A list handed in again takes the place of the first.
    """
    session, organ_id = unit.session, answering_district(unit, district.organ_id)
    session.execute(delete(Problem).where(Problem.process_id == district.process_id, Problem.source == SOURCE))
    same = (Problem.source == SOURCE, Problem.period == row.period, Problem.district_id == organ_id)
    last = session.scalar(select(func.max(Problem.number)).where(*same)) or 0
    owners = organ_names(session, [project.owner_organ_id for _check, project in checks_of(session, row.id)])
    found = [
        _problem(row, check, project, question, owners)
        for check, project in checks_of(session, row.id, district.organ_id)
        if check.checked_at
        for question in questions_of(check.links)
        if check.answers[question.code]["verdict"] == "problem"
    ]
    for number, values in enumerate(found, start=last + 1):
        session.add(
            Problem(source=SOURCE, period=row.period, process_id=district.process_id, district_id=organ_id,
                    number=number, **values)
        )  # fmt: skip
    return len(found)


def _problem(
    row: Inspection, check: InspectionCheck, project: Project, question: Question, owners: Mapping[int, str]
) -> dict[str, Any]:
    given = check.answers[question.code]
    return {
        "project_id": project.id,
        "fact": given["fact"],
        "basis": question.basis,
        "demand": given.get("demand") or question.demand,
        "evidence": [int(each) for each in given.get("evidence") or ()],
        "owner": given.get("owner") or owners.get(project.owner_organ_id, ""),
        "due_on": date.fromisoformat(given["due_on"]),
        "found_by": check.checked_by or row.planned_by or "",
        "found_at": check.checked_at,
    }


def problems_of_process(session: Session, process_id: int) -> list[Problem]:
    """The list that one district's process brought, by number."""
    query = select(Problem).where(Problem.process_id == process_id, Problem.source == SOURCE)
    return list(session.scalars(query.order_by(Problem.number)))

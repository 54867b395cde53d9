"""The demo's quarterly inspection: the plan, its approval, the checklists, the signatures and the bulletin, each on its day."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from models.inspection import checks_of, district_of_process, inspection_of_id
from models.inspection_check import finish_check, known_of
from models.inspection_question import hint_of, questions_of
from models.unit import Unit

KEYS = ("inspection", "inspection_district", "dispatch")
MOST_PROBLEMS = 2  # of one project, so that the demo's lists stay readable
WORDS = {
    "inspection_findings": "部分在谈项目台账长期没有更新，跟进情况不能及时反映。（演示）",
    "inspection_demands": "请有关区对照问题清单逐项制定措施，明确责任人和完成时间，按期报送整改报告。（演示）",
}
Answers = Mapping[str, Any]


def _plan(unit: Unit, _item: Any, waited: int) -> Answers | None:
    if waited < 1:
        return None
    days = {"check_first_on": unit.today + timedelta(days=2), "check_last_on": unit.today + timedelta(days=8)}
    return {name: day.isoformat() for name, day in days.items()} | {
        "check_share": "30",
        "check_team": "督查处、投资促进处、项目处联合检查组（演示）",
        "check_remark": "以查阅资料和现场核实为主，不要求另报材料。",
    }


def _approve(_unit: Unit, _item: Any, _waited: int) -> Answers | None:
    return {"plan_approved": "true"}


def _submit(unit: Unit, item: Any, waited: int) -> Answers | None:
    """On the third day all projects of a district are looked at: what the ledger makes one suspect is what is found."""
    if waited < 3:
        return None
    district = district_of_process(unit.session, item.process_id)
    row = inspection_of_id(unit.session, district.inspection_id)
    for check, project in checks_of(unit.session, row.id, district.organ_id):
        if project.state == "running":
            known, due = known_of(unit.session, project, unit.today), unit.today + timedelta(days=60)
            answers: dict[str, dict[str, Any]] = {}
            for question in questions_of(check.links):
                found = sum(1 for given in answers.values() if given["verdict"] == "problem")
                hint = hint_of(question, known) if found < MOST_PROBLEMS else ""
                answers[question.code] = (
                    {"verdict": "problem", "fact": hint, "due_on": due.isoformat()} if hint else {"verdict": "ok"}
                )
            finish_check(unit, period=row.period, project_id=project.id, answers=answers)
    return {"check_complete": "true"}


def _countersign(_unit: Unit, item: Any, waited: int) -> Answers | None:
    if item.organ_id % 7 == 0:
        return None  # one head lets it lie, so that the bulletin names her district
    return {"list_accepted": "true"} if waited >= 1 else None


def _draft(_unit: Unit, _item: Any, waited: int) -> Answers | None:
    return WORDS if waited >= 1 else None


def _agree(_unit: Unit, _item: Any, _waited: int) -> Answers | None:
    return {"agreed": "true"}


ANSWERS: dict[str, Callable[[Unit, Any, int], Answers | None]] = {
    "inspection_plan": _plan,
    "inspection_approval": _approve,
    "inspection_submit": _submit,
    "inspection_countersign": _countersign,
    "inspection_bulletin": _draft,
    "dispatch_opinion": _agree,
}

"""重点项目推进 (第六条): six stages from reserve to production; any time back one stage, suspended or withdrawn.

Papers: none of its own. Steps are named by bpmn/project.bpmn; facts go to the ledger through models.project.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from engine.door import send_message, start_process
from engine.operations import resume_process, suspend_process
from engine.steps import Case, step
from forms.reader import form_schema
from models import process as rows
from models.amount import file_amount
from models.clock import end_of_day
from models.handlers import handle
from models.ledger import facts_in
from models.light_state import decide_light, refresh_light, tell_turn
from models.limits import due_after
from models.mechanism import mechanism
from models.milestone import reach_milestone, set_milestone
from models.organ import coordinators
from models.project import (
    Project,
    apply_changes,
    file_project,
    find_project,
    lock_project,
    mark_state,
    move_stage,
    new_project,
)
from models.project_list import missing_of
from models.refusal import Invalid, NotDue, Outdated
from models.stage import stage as stage_of
from models.stage import stages
from models.texts import N_
from models.unit import Unit

mechanism("project", N_("重点项目推进"), article=6, purpose_zh=N_("从储备到投产，六个阶段依次办理、逐项核对出口条件。"))

FIRST = stages()[0].code
UNTOLD = ("green", "grey")  # of a new project: no supervision can be running that would have to hear of it
EXIT_FACTS = {
    "reserve": "signed_on",
    "sign": "registered_on",
    "approve": "permit_issued_on",
    "start": "in_stat_on",
    "build": "actual_finish_on",
    "produce": "produced_on",
}


def open_project(unit: Unit, project_id: int) -> int:
    """Start the process of a registered project at the stage it is in; returns the process id."""
    project = lock_project(unit.session, project_id)
    refresh_light(unit, project_id)
    return _start(unit, project)


def _start(unit: Unit, project: Project) -> int:
    return start_process(
        unit,
        key="project",
        title=project.name,
        organ_id=project.owner_organ_id,
        project_id=project.id,
        district_id=project.district_id or project.owner_organ_id,
        business_key=f"project:{project.id}",
        data={
            "owner_organ": project.owner_organ_id,
            "stage": project.stage or FIRST,
            "complete": project.state == "running",
            "departments": [],
            "passed": False,
        },
    )


def register_and_open(
    unit: Unit, *, owner_organ_id: int, values: Mapping[str, object], source: str = "", demo: bool = False
) -> Project:
    """登记 a project and start its process, in one unit. Raises Invalid by field."""
    project = new_project(unit, owner_organ_id=owner_organ_id, values=values, source=source, demo=demo)
    was = project.light
    decide_light(unit, project)  # before it is filed: it goes in with its light rather than being put in and changed
    file_project(unit, project)
    if project.light not in UNTOLD:
        tell_turn(unit, project, was)
    _start(unit, project)
    return project


def _open_imported(unit: Unit, payload: Mapping[str, Any], _worked: object) -> None:
    open_project(unit, payload["project"])


handle("project.open", _open_imported)


@step("project.verify")
def verify(unit: Unit, case: Case) -> Mapping[str, Any]:
    """核实与补录: what the officer confirmed goes to the ledger; raises Invalid naming what the stage still lacks."""
    project = lock_project(unit.session, _project(case))
    apply_changes(unit, project, facts_in(case.answers) | {"owner_organ_id": case.answers["owner_organ_id"]})
    if plan := case.answers.get("year_plan_wan"):
        file_amount(unit, project, kind="plan", amount=Decimal(plan), on=unit.today)
    if project.state == "incomplete":
        _refuse_gaps(unit, project)
    rows.move_process(
        unit.session, case.process_id, project.owner_organ_id, project.district_id or project.owner_organ_id
    )
    refresh_light(unit, project.id)
    return {"stage": project.stage, "complete": True, "owner_organ": project.owner_organ_id}


@step("project.enter_stage")
def enter_stage(unit: Unit, case: Case) -> Mapping[str, Any]:
    """进入阶段: the ledger's stage moves; the stage falls due on its plan date, else after its default limit."""
    code = case.node.removesuffix("_enter")
    move_stage(unit, _project(case), code)
    project = lock_project(unit.session, _project(case))
    due = end_of_day(planned) if (planned := _planned(project, code, unit.today)) else due_after(unit, f"stage_{code}")
    return {"stage": code, "stage_due": due.isoformat(), "departments": [], "passed": False}


@step("project.plan_stage")
def plan_stage(unit: Unit, case: Case) -> Mapping[str, Any]:
    """部署: which departments are asked; raises Invalid for a date that is over or a department that cannot be asked."""
    planned = date.fromisoformat(case.answers["plan_on"])
    if planned < unit.today:
        raise Invalid(N_("填写有误"), fields={"plan_on": N_("计划完成日期不能早于今天。")})
    asked = [int(organ_id) for organ_id in case.answers.get("departments") or []]
    _require_departments(unit, asked)
    return {"departments": asked, "exit_due": end_of_day(planned).isoformat()}


@step("project.record_support")
def record_support(_unit: Unit, case: Case) -> None:
    """部门配套: the answer stays with the item; one that cannot help must say why."""
    if case.answers.get("outcome") == "不能办理" and not case.answers.get("reason"):
        raise Invalid(N_("填写有误"), fields={"reason": N_("不能办理的，请写明原因和建议。")})


@step("project.confirm_exit")
def confirm_exit(unit: Unit, case: Case) -> Mapping[str, Any]:
    """出口核对: facts go to the ledger; raises Invalid when the stage is said to be left without its facts."""
    project = lock_project(unit.session, _project(case))
    apply_changes(unit, project, facts_in(case.answers))
    passed = bool(case.answers.get("passed"))
    if reached := case.answers.get("visual_milestone"):
        reach_milestone(unit, project.id, name_zh=reached)
    if passed:
        _record_exit(unit, project, case)
    refresh_light(unit, project.id)
    return {"passed": passed}


@step("project.stage_overdue")
def stage_overdue(unit: Unit, case: Case) -> None:
    """阶段到期: a line in the history and a look at the light; the stage goes on."""
    unit.trace("project.stage_overdue", "project", case.project_id, {"stage": case.data.get("stage")})
    unit.post(
        "tell.project",
        f"stage_overdue:{case.process_id}:{case.node}:{unit.now.isoformat()}",
        {"what": "stage_overdue", "project": case.project_id, "words": case.node_name},
    )
    refresh_light(unit, _project(case))


@step("project.withdraw")
def withdraw(unit: Unit, case: Case) -> None:
    """退库: the project leaves the pool with its reason; its light goes out."""
    mark_state(unit, _project(case), state="withdrawn", reason=str(case.answers.get("reason") or ""))
    refresh_light(unit, _project(case))


@step("project.finish")
def finish(unit: Unit, case: Case) -> None:
    """办结: the project is in production."""
    mark_state(unit, _project(case), state="produced")
    refresh_light(unit, _project(case))


def return_stage(unit: Unit, *, project_id: int, answers: Mapping[str, Any]) -> None:
    """退回上一阶段, with a reason; open department items are cancelled. Raises NotDue in the first stage."""
    project = find_project(unit, project_id)
    unit.require("project.edit", organ_ids=[project.owner_organ_id, project.district_id])
    if not _send(unit, project, "return_stage", answers):
        raise NotDue(N_("储备是第一个阶段，没有可退回的上一阶段。"))
    unit.trace("project.return_stage", "project", project_id, dict(answers))


def withdraw_project(unit: Unit, *, project_id: int, answers: Mapping[str, Any]) -> None:
    """退库, with a reason; the process ends. Raises NotDue when it has ended already."""
    project = find_project(unit, project_id)
    unit.require("project.withdraw", organ_ids=[project.owner_organ_id, project.district_id])
    if not _send(unit, project, "withdraw_project", answers):
        raise NotDue(N_("项目已经退库。"))


def suspend_project(unit: Unit, *, project_id: int, answers: Mapping[str, Any]) -> None:
    """挂起: the clock of every task stops and the light goes out until it is resumed."""
    project = find_project(unit, project_id)
    suspend_process(unit, process_id=_process_id(unit, project), reason=str(answers.get("reason") or ""))
    mark_state(unit, project_id, state="suspended", reason=str(answers.get("reason") or ""))
    refresh_light(unit, project_id)


def resume_project(unit: Unit, *, project_id: int) -> None:
    """恢复: deadlines move by the working days that stood still."""
    project = find_project(unit, project_id)
    resume_process(unit, process_id=_process_id(unit, project))
    mark_state(unit, project_id, state="running")
    refresh_light(unit, project_id)


def _send(unit: Unit, project: Project, message: str, answers: Mapping[str, Any]) -> bool:
    return send_message(unit, message=message, business_key=f"project:{project.id}", answers=answers)


def _process_id(unit: Unit, project: Project) -> int:
    process = rows.lock_process_by_key(unit.session, f"project:{project.id}")
    if process is None:
        raise Outdated(N_("项目还没有启动流程。"))
    return process.id


def _project(case: Case) -> int:
    assert case.project_id is not None, "the map `project` runs for a project"
    return case.project_id


def _record_exit(unit: Unit, project: Project, case: Case) -> None:
    code = case.node.removesuffix("_exit")
    reached = case.answers.get(EXIT_FACTS[code])
    set_milestone(
        unit,
        project.id,
        code=code,
        actual_on=date.fromisoformat(reached) if reached else unit.today,
        attachment_ids=[int(number) for number in case.answers.get("evidence") or []],
    )


def _require_departments(unit: Unit, asked: list[int]) -> None:
    can_help = {organ.id for organ in coordinators(unit.session, unit.today).values()}
    if set(asked) - can_help:
        raise Invalid(N_("填写有误"), fields={"departments": N_("只能请人才、教育、医疗、金融、商务五个部门配套。")})


def _refuse_gaps(unit: Unit, project: Project) -> None:
    asked = form_schema("project_verify")["properties"]
    missing = [field for field in missing_of(unit.session, project, unit.today) if field.name in asked]
    if missing:
        raise Invalid(
            N_("“%(stage)s”阶段还缺%(count)s项资料。"),
            stage=stage_of(project.stage or FIRST).name_zh,
            count=len(missing),
            fields={field.name: N_("本阶段必填。") for field in missing},
        )


def _planned(project: Project, code: str, today: date) -> date | None:
    planned = {"start": project.plan_start_on, "build": project.plan_finish_on}.get(code)
    return planned if planned and planned >= today else None

"""协调事项 (第六条): a numbered request to another organ at any time: accepted, handled, confirmed."""

from collections.abc import Mapping
from typing import Any

from engine.door import start_process
from engine.steps import Case, step
from forms.reader import read_answers
from models.coordination import Coordination, coordination_of_process, next_serial
from models.mechanism import mechanism
from models.notice import issue_notice
from models.organ import organ_of
from models.project import Project, find_project
from models.refusal import Invalid, NotPermitted
from models.texts import N_
from models.unit import Unit

mechanism(
    "coordination",
    N_("协调事项"),
    article=6,
    purpose_zh=N_("一事一号请别的单位帮办：受理、办理、确认，不满意退回重办。"),
)


def request_coordination(unit: Unit, *, project_id: int, posted: Mapping[str, Any]) -> int:
    """提出协调事项 about a project one may see; returns the process id. Raises Invalid by field."""
    project = find_project(unit, project_id)
    organ_id = unit.actor.organ_id
    if organ_id is None:
        raise NotPermitted(N_("系统不提出协调事项。"))
    unit.require("coordination.request", organ_ids=[organ_id])
    answers = read_answers("coordination_request", posted)
    target = organ_of(unit.session, int(answers["target_organ"]))
    if target.id == organ_id or not target.is_valid(unit.today):
        raise Invalid(N_("填写有误"), fields={"target_organ": N_("请选择本单位以外、现有的单位。")})
    return start_process(
        unit,
        key="coordination",
        title=answers["subject"],
        organ_id=organ_id,
        project_id=project.id,
        answers=answers,
        district_id=project.district_id or project.owner_organ_id,
        data={"requester_organ": organ_id, "target_organ": target.id, "decision": "", "satisfied": False},
    )


@step("coordination.open")
def open_request(unit: Unit, case: Case) -> None:
    """登记编号: one matter, one number."""
    year = unit.today.year
    serial = next_serial(unit.session, year)
    row = Coordination(
        year=year,
        serial=serial,
        number=f"协〔{year}〕{serial}号",
        project_id=case.project_id,
        process_id=case.process_id,
        requester_organ_id=int(case.data["requester_organ"]),
        target_organ_id=int(case.data["target_organ"]),
        kind=case.answers["kind"],
        subject=case.answers["subject"],
        body=case.answers["body"],
        requested_at=unit.now,
    )
    unit.session.add(row)
    unit.session.flush()  # a number given out twice must fail here
    _write(unit, case, row)
    unit.trace("coordination.open", "project", case.project_id, {"number": row.number})


def _write(unit: Unit, case: Case, row: Coordination) -> None:
    """协调函: the same request as a paper, for organs that file paper."""
    project = unit.session.get_one(Project, row.project_id)
    issue_notice(
        unit,
        kind="coordination",
        organ_id=row.requester_organ_id,
        to_organ_id=row.target_organ_id,
        project_id=row.project_id,
        process_id=case.process_id,
        title=N_("关于%(subject)s的协调函") % {"subject": row.subject},
        letter={
            "date": unit.today.isoformat(),
            "project": project.name,
            "project_no": project.project_no,
            "demo": project.demo,
            "signer": unit.actor.name,
            "subject": row.subject,
            "matter_kind": row.kind,
            "body": row.body,
            "due_on": case.answers.get("wanted_on") or "",
        },
    )


@step("coordination.record_acceptance")
def record_acceptance(unit: Unit, case: Case) -> Mapping[str, Any]:
    """受理, 转办 or 不予受理 with a reason."""
    decision = case.answers["decision"]
    if decision == "accept":
        return {"decision": decision}
    if decision == "refuse":
        if not case.answers.get("reason"):
            raise Invalid(N_("填写有误"), fields={"reason": N_("不予受理的，请写明理由。")})
        return {"decision": decision}
    target = case.answers.get("pass_to")
    if not target or int(target) == case.item_organ_id:
        raise Invalid(N_("填写有误"), fields={"pass_to": N_("请选择该办的单位。")})
    row = coordination_of_process(unit.session, case.process_id)
    row.target_organ_id = organ_of(unit.session, int(target)).id
    return {"decision": decision, "target_organ": row.target_organ_id}


@step("coordination.record_result")
def record_result(unit: Unit, case: Case) -> None:
    """办理结果, kept with the request."""
    row = coordination_of_process(unit.session, case.process_id)
    row.result = f"{case.answers['outcome']}：{case.answers['result']}"[:2000]


@step("coordination.record_confirmation")
def record_confirmation(unit: Unit, case: Case) -> Mapping[str, Any]:
    """确认: whoever is not satisfied says why, and the matter goes back."""
    satisfied = bool(case.answers["satisfied"])
    if not satisfied and not case.answers.get("comment"):
        raise Invalid(N_("填写有误"), fields={"comment": N_("不满意的，请写明还要怎么办。")})
    coordination_of_process(unit.session, case.process_id).satisfied = satisfied
    return {"satisfied": satisfied}


@step("coordination.close")
def close_request(unit: Unit, case: Case) -> None:
    """办结归档."""
    row = coordination_of_process(unit.session, case.process_id)
    row.closed_at = unit.now
    unit.trace("coordination.close", "project", row.project_id, {"number": row.number, "satisfied": row.satisfied})

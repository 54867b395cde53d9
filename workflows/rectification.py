"""整改 (第三条): 整改通知书 → 回执 → 方案 → 报告 (每条附佐证) → 另一单位复核 → 销号, or 退回重办 with a new round and date.

Close-out alone turns no light: the approved report must have changed facts; otherwise the remark says why it stays.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from engine.home import post_message
from engine.postpone import Postponed, follows_deadlines
from engine.steps import Case, step
from models.clock import end_of_day, local_day
from models.ledger import facts_in
from models.light_state import light_on, refresh_light
from models.limits import due_after
from models.mechanism import mechanism
from models.message import PAPER_ROLES
from models.notice import find_notice, issue_notice, parties
from models.organ import organ_of
from models.problem import Problem, problems_by_id
from models.project import Project, apply_changes, lock_project, read_values
from models.rectification import (
    MOST_FINDINGS,
    Finding,
    Rectification,
    Round,
    current_round,
    findings_of,
    rectification_of_process,
    rounds_of,
)
from models.rectification_papers import close_out_letter, evidence_marks, report_letter
from models.refusal import Invalid, NotPermitted
from models.supervision import Supervision
from models.texts import N_
from models.unit import Unit

mechanism(
    "rectification", N_("整改与销号"), article=3, purpose_zh=N_("下发整改通知书，逐条整改、换人复核，到位才销号。")
)

LATE = {"receipt": "未签收回执", "plan": "未报整改方案", "report": "未报整改报告"}
PAPERS = {"report": N_("关于%(name)s的整改报告"), "close_out": N_("关于%(name)s的销号单")}
METHODS = {  # how what a 问题清单 lists was found, as the paper says it
    "inspection": "季度检查，逐项对照检查表查阅资料、核对台账",
    "verification": "半年核查，逐笔核对凭证并现场抽查",
}


@dataclass(frozen=True)
class Ground:
    """由来。 What a rectification starts from: who is to put right which points, at whose desk, and who signs for it."""

    project: Project
    desk_id: int
    rectifier_id: int
    points: list[dict[str, Any]]
    signer: str
    supplement: str = ""
    checked: str = ""
    method: str = ""
    supervision_id: int | None = None
    not_before: date | None = None  # the report is not asked for earlier than the problems' own last day


@step("rectification.open")
def open_rectification(unit: Unit, case: Case) -> Mapping[str, Any]:
    """下发整改通知书: findings from the light's reasons or from a 问题清单, number and letter, the three deadlines."""
    problems = problems_by_id(unit.session, case.data.get("problems") or ())
    ground = _from_problems(unit, case, problems) if problems else _from_supervision(unit, case)
    report_due = _report_due(unit, ground)
    row = Rectification(
        project_id=ground.project.id,
        supervision_id=ground.supervision_id,
        process_id=case.process_id,
        round=1,
        rectifier_organ_id=ground.rectifier_id,
        reviewer_organ_id=int(case.data["reviewer_organ"]),
        report_due_on=local_day(report_due),
        began_at=unit.now,
    )
    unit.session.add(row)
    unit.session.flush()  # findings and problems need its number
    unit.session.add_all(_finding(row, point) for point in ground.points)
    unit.session.add(Round(rectification_id=row.id, number=1, due_on=row.report_due_on))
    row.notice_id = _issue(unit, case, ground)
    for problem in problems:
        problem.rectification_id = row.id
    return {
        "receipt_due": due_after(unit, "receipt").isoformat(),
        "plan_due": due_after(unit, "plan").isoformat(),
        "report_due": report_due.isoformat(),
        "rectification": row.id,
        "passed": False,
    }


def draft_notice(unit: Unit, *, supervision_id: int, supplement: str) -> dict[str, Any]:
    """文稿: what the 整改通知书 would say if it were signed now; writes nothing and takes no number."""
    supervision = unit.session.get_one(Supervision, supervision_id)
    project = unit.session.get_one(Project, supervision.project_id)
    return _letter(unit, _supervised(unit, supervision, project, supplement))


def _from_supervision(unit: Unit, case: Case) -> Ground:
    project = lock_project(unit.session, _project_id(case))
    supervision = unit.session.get_one(Supervision, int(case.data["supervision"]))
    return _supervised(unit, supervision, project, str(case.answers.get("supplement") or ""))


def _supervised(unit: Unit, supervision: Supervision, project: Project, supplement: str) -> Ground:
    return Ground(
        project=project,
        desk_id=supervision.desk_organ_id,
        rectifier_id=supervision.blocker_organ_id,
        points=_lit_points(unit, project, supervision),
        signer=unit.actor.name,
        supplement=supplement,
        supervision_id=supervision.id,
    )


def _lit_points(unit: Unit, project: Project, supervision: Supervision) -> list[dict[str, Any]]:
    reasons = [reason for reason in light_on(unit.session, project, unit.today).reasons if reason.level == "red"]
    facts = [
        (reason.sentence, f"亮灯规则“{reason.title}”（参照{reason.place}做法）", reason.remedy) for reason in reasons
    ] or [(supervision.by_hand or N_("经两级督办仍未改善。"), N_("督办人员认定"), N_("限期落实并报告。"))]
    return [
        {"number": number, "fact": fact[:500], "basis": basis[:500], "demand": demand[:500]}
        for number, (fact, basis, demand) in enumerate(facts[:MOST_FINDINGS], start=1)
    ]


def _from_problems(unit: Unit, case: Case, problems: list[Problem]) -> Ground:
    first = problems[0]
    return Ground(
        project=lock_project(unit.session, _project_id(case)),
        desk_id=int(case.data["desk_organ"]),
        rectifier_id=int(case.data["rectifier_organ"]),
        points=[_found_point(unit, number, each) for number, each in enumerate(problems, start=1)],
        signer=str(case.data.get("signer") or unit.actor.name),
        checked=_day_in_words(max(local_day(each.found_at) for each in problems)),
        method=METHODS[first.source],
        not_before=max((each.due_on for each in problems if each.due_on), default=None),
    )


def _found_point(unit: Unit, number: int, problem: Problem) -> dict[str, Any]:
    return {
        "number": number,
        "fact": problem.fact,
        "basis": problem.basis,
        "demand": problem.demand or N_("限期整改到位并报告。"),
        "evidence": evidence_marks(unit.session, problem.evidence or ()),
    }


def _day_in_words(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _report_due(unit: Unit, ground: Ground) -> datetime:
    """The limit of a report, but never before the day the problems themselves were given."""
    due = due_after(unit, "report")
    return max(due, end_of_day(ground.not_before)) if ground.not_before else due


def _finding(row: Rectification, point: Mapping[str, Any]) -> Finding:
    said = {name: point[name] for name in ("number", "fact", "basis", "demand")}
    return Finding(rectification_id=row.id, **said)


def _letter(unit: Unit, ground: Ground) -> dict[str, Any]:
    return {
        "kind": "rectification",
        **parties(unit.session, ground.desk_id, ground.rectifier_id),
        "date": unit.today.isoformat(),
        "project": ground.project.name,
        "project_no": ground.project.project_no,
        "signer": ground.signer,
        "demo": ground.project.demo,
        "findings": ground.points,
        "receipt_on": local_day(due_after(unit, "receipt")).isoformat(),
        "plan_on": local_day(due_after(unit, "plan")).isoformat(),
        "due_on": local_day(_report_due(unit, ground)).isoformat(),
        "checked": ground.checked,
        "method": ground.method,
        "supplement": ground.supplement,
    }


def _issue(unit: Unit, case: Case, ground: Ground) -> int:
    return issue_notice(
        unit,
        kind="rectification",
        organ_id=ground.desk_id,
        to_organ_id=ground.rectifier_id,
        project_id=ground.project.id,
        process_id=case.process_id,
        title=N_("关于%(name)s的整改通知书") % {"name": ground.project.name},
        letter=_letter(unit, ground),
    ).id


@step("rectification.record_receipt")
def record_receipt(unit: Unit, case: Case) -> None:
    """签收回执: signing the item signs for the notice."""
    row = rectification_of(unit, case)
    if row.notice_id:
        notice = find_notice(unit.session, row.notice_id)
        if notice.acknowledged_at is None:
            notice.acknowledged_at, notice.acknowledged_by_id = unit.now, unit.actor.officer_id
            unit.trace("notice.acknowledge", "notice", notice.id, {"number": notice.number})


@step("rectification.record_plan")
def record_plan(unit: Unit, case: Case) -> Mapping[str, Any]:
    """整改方案: its finishing date becomes the report's deadline; raises Invalid for a date that is over."""
    finish = date.fromisoformat(case.answers["finish_on"])
    if finish < unit.today:
        raise Invalid(N_("填写有误"), fields={"finish_on": N_("完成日期不能早于今天。")})
    row = rectification_of(unit, case)
    current = current_round(unit.session, row)
    current.plan, current.due_on, row.report_due_on = dict(case.answers), finish, finish
    return {"report_due": end_of_day(finish).isoformat()}


@step("rectification.record_report")
def record_report(unit: Unit, case: Case) -> None:
    """整改报告: every finding answered with evidence; raises Invalid naming those that are not."""
    row = rectification_of(unit, case)
    wanted = [f"{part}_{f.number}" for f in findings_of(unit.session, row.id) for part in ("result", "evidence")]
    missing = {name: N_("每个问题都要写明结果并附佐证。") for name in wanted if not case.answers.get(name)}
    if missing:
        raise Invalid(N_("还有问题没有逐条报告。"), fields=missing)
    read_values(facts_in(case.answers), unit.today)  # a date that cannot be is refused now, not at 销号
    current = current_round(unit.session, row)
    current.report, current.reported_at = dict(case.answers), unit.now
    current.reported_by_id = unit.actor.officer_id
    desk_id = _desk(unit, row)
    letter = report_letter(unit.session, row, desk_id=desk_id, signer=unit.actor.name)
    _file(unit, row, letter, organ_id=row.rectifier_organ_id, to_organ_id=desk_id)


@step("rectification.record_review")
def record_review(unit: Unit, case: Case) -> Mapping[str, Any]:
    """复核: by another person of another organ than the rectifier; all findings must pass, or a new date is set."""
    row = rectification_of(unit, case)
    _require_stranger(unit, row)
    findings = findings_of(unit.session, row.id)
    unjudged = {
        f"passed_{f.number}": N_("请逐条给出复核结论。")
        for f in findings
        if case.answers.get(f"passed_{f.number}") is None
    }
    if unjudged:
        raise Invalid(N_("还有问题没有复核。"), fields=unjudged)
    passed = all(case.answers[f"passed_{f.number}"] for f in findings)
    if not passed:
        _require_new_date(unit, case.answers)
    current = current_round(unit.session, row)
    current.review, current.reviewed_at, current.passed = dict(case.answers), unit.now, passed
    current.reviewed_by_id = unit.actor.officer_id
    return {"passed": passed}


def _require_stranger(unit: Unit, row: Rectification) -> None:
    rectifier = organ_of(unit.session, row.rectifier_organ_id)
    reporters = {each.reported_by_id for each in rounds_of(unit.session, row.id)}
    organ = organ_of(unit.session, unit.actor.organ_id) if unit.actor.organ_id else None
    same = organ is None or organ.id == rectifier.id or organ.root_id == rectifier.root_id
    if same or unit.actor.officer_id in reporters:
        raise NotPermitted(N_("复核人不能是整改单位的人员。"))


def _require_new_date(unit: Unit, answers: Mapping[str, Any]) -> None:
    due = answers.get("due_on")
    if not due or date.fromisoformat(due) <= unit.today:
        raise Invalid(N_("退回重办须定新的期限。"), fields={"due_on": N_("请填写今天以后的日期。")})


@step("rectification.new_round")
def new_round(unit: Unit, case: Case) -> Mapping[str, Any]:
    """退回重办: the number stays, the round goes up, the date is the reviewer's."""
    row = rectification_of(unit, case)
    due = date.fromisoformat(case.answers["due_on"])
    row.round += 1
    row.report_due_on = due
    unit.session.add(Round(rectification_id=row.id, number=row.round, due_on=due))
    unit.trace("rectification.round", "project", row.project_id, {"round": row.round, "due": due.isoformat()})
    return {"report_due": end_of_day(due).isoformat()}


@follows_deadlines("rectification")
def postpone_report(unit: Unit, moved: Postponed) -> None:
    """延期: the lists and the round say the day to which the report was put off."""
    if moved.node == "report":
        row = rectification_of_process(unit.session, moved.process_id)
        row.report_due_on = current_round(unit.session, row).due_on = local_day(moved.due_at)


@step("rectification.overdue")
def overdue(unit: Unit, case: Case) -> None:
    """逾期: a supervision hears of it and climbs; without one the desk that ordered it is told. The rectification goes on."""
    what = case.node.removesuffix("_overdue")
    unit.trace("rectification.overdue", "project", case.project_id, {"what": what})
    row = rectification_of(unit, case)
    if row.supervision_id is None:
        _tell_desk(unit, row, key=f"rectification.overdue:{case.process_id}:{what}:{row.round}", words=LATE[what])
    elif case.parent_id:
        post_message(
            unit, process_id=case.parent_id, message="rectification_overdue", key=f"{case.process_id}:{case.node}"
        )


def _tell_desk(unit: Unit, row: Rectification, *, key: str, words: str) -> None:
    """No ladder stands above what an inspection found: whether to start one is the desk's to decide."""
    about = {"what": "rectification_overdue", "project": row.project_id, "words": words}
    unit.post("tell.organ", key, about | {"key": key, "organ": _desk(unit, row), "roles": PAPER_ROLES["issuer"]})


@step("rectification.close_out")
def close_out(unit: Unit, case: Case) -> None:
    """销号: the approved report's facts reach the ledger, the light is decided anew, the supervision hears of it."""
    row = rectification_of(unit, case)
    project = lock_project(unit.session, row.project_id)
    report = current_round(unit.session, row).report or {}
    changed = apply_changes(unit, project, facts_in(report))
    colour = refresh_light(unit, project.id)
    row.closed_at, row.remark = unit.now, _remark(colour, changed, project)
    if row.notice_id:
        find_notice(unit.session, row.notice_id).closed_at = unit.now
    desk_id = _desk(unit, row)
    letter = close_out_letter(unit.session, row, desk_id=desk_id)
    _file(unit, row, letter, organ_id=desk_id, to_organ_id=row.rectifier_organ_id)
    unit.trace("rectification.close_out", "project", project.id, {"light": colour, "changed": changed})
    if row.supervision_id and case.parent_id:
        post_message(unit, process_id=case.parent_id, message="rectification_closed", key=str(case.process_id))


def _remark(colour: str, changed: list[str], project: Project) -> str | None:
    if colour in ("green", "grey"):
        return None
    reasons = "；".join(reason["sentence"] for reason in project.light_reasons)
    if changed:
        return f"整改报告更新了项目资料，但仍有：{reasons}"[:500]
    return f"整改已销号，但项目的日期和数字没有变化，灯不转绿：{reasons}"[:500]


def _desk(unit: Unit, row: Rectification) -> int:
    """Whose 整改通知书 it is: the report goes there, the 销号单 comes from there."""
    return find_notice(unit.session, row.notice_id or 0).organ_id


def _file(unit: Unit, row: Rectification, letter: dict[str, Any], *, organ_id: int, to_organ_id: int) -> None:
    issue_notice(
        unit,
        kind=letter["kind"],
        organ_id=organ_id,
        to_organ_id=to_organ_id,
        project_id=row.project_id,
        process_id=row.process_id,
        title=PAPERS[letter["kind"]] % {"name": letter["project"]},
        letter=letter | {"date": unit.today.isoformat()},
        about_id=row.notice_id,
    )


def rectification_of(unit: Unit, case: Case) -> Rectification:
    """The row this process runs for."""
    return unit.session.get_one(Rectification, int(case.data["rectification"]))


def _project_id(case: Case) -> int:
    assert case.project_id is not None, "the map `rectification` runs for a project"
    return case.project_id

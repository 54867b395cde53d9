"""督办 (第六条): the ladder for a project that stalls, addressed to whoever blocks.

L1 提醒函 by the system itself → L2 督办通知单 → L3 整改通知书 (rectification, started by key) → L4 约谈 → L5 专报.
Green before L3 ends it; an issued L3 runs to 销号. Each rung at most once. Defaults: data/limits.csv.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from engine.door import send_message, start_process
from engine.home import post_message
from engine.operations import cancel_process
from engine.steps import Case, step
from models import process as rows
from models.clock import local_day
from models.handlers import handle
from models.light_state import light_on
from models.limits import due_after
from models.mechanism import mechanism
from models.notice import issue_notice, parties
from models.organ import organ_by_code
from models.process import longest_overdue_organ
from models.project import Project, find_project, lock_project
from models.refusal import Invalid, NotDue
from models.supervision import Rung, Supervision, open_supervision, supervision_of_process
from models.texts import N_
from models.unit import Unit

mechanism("supervision", N_("督办"), article=6, purpose_zh=N_("项目停滞时逐级督办，发给卡住的单位，直到转绿或销号。"))

DESK = "hzjl"  # 市合作交流办 keeps the supervision desk
BAD = ("red", "yellow")  # a light that merely comes on says nothing about a supervision started by hand
RUNG_OF = {"reminder": 1, "supervision": 2, "talk": 4, "special_report": 5}
TITLES = {
    "reminder": N_("关于%(name)s推进情况的提醒函"),
    "supervision": N_("关于%(name)s的督办通知单"),
    "talk": N_("关于%(name)s的约谈通知书"),
}
DRAFTED = {"sign_l2": "supervision", "arrange_talk": "talk", "write_report": "special_report"}
WRITTEN = {
    "talk": ("held_on", "held_time", "place", "host", "attendees", "cause", "materials"),
    "special_report": ("subject", "situation", "measures", "suggestion"),
}
LEADERS_OFFICE = "zfbgt"  # 市政府办公厅 hands what is written for the leaders up to them
LEVELS = {1: N_("经办人"), 2: N_("分管负责人"), 3: N_("主要负责人"), 4: N_("主要负责人"), 5: N_("市主要领导")}


def hear_light(unit: Unit, payload: Mapping[str, Any], _worked: object) -> None:
    """亮灯变化: red starts the ladder, green ends it before L3; a light that goes out ends it at once."""
    running = open_supervision(unit.session, payload["project"])
    if running is not None and running.process_id:
        rows.lock_process(unit.session, running.process_id)  # before the project, in the order of every completion
    project = lock_project(unit.session, payload["project"])
    running = open_supervision(unit.session, project.id)
    if project.light == "red" and running is None:
        begin(unit, project)
    elif project.light == "green" and payload["was"] in BAD and running is not None and running.process_id:
        post_message(unit, process_id=running.process_id, message="improved", key=unit.now.isoformat())
    elif project.light == "grey" and running is not None:
        stop(unit, running, project)
    elif project.light == "yellow":
        _remind(unit, project)


handle("light", hear_light)


def _remind(unit: Unit, project: Project) -> None:
    """黄灯: the owner's officers are told; yellow never climbs."""
    words = "".join(reason["sentence"] for reason in project.light_reasons)
    unit.post(
        "tell.project",
        f"yellow:{project.id}:{unit.now.isoformat()}",
        {"what": "yellow", "project": project.id, "words": words},
    )


def begin(unit: Unit, project: Project, *, by_hand: str | None = None) -> int:
    """Start the ladder of a project that has none running; returns the supervision's id."""
    desk = organ_by_code(unit.session, DESK)
    blocker = longest_overdue_organ(unit.session, project.id, unit.now) or project.owner_organ_id
    row = Supervision(
        project_id=project.id,
        blocker_organ_id=blocker,
        desk_organ_id=desk.id,
        rung=0,
        began_at=unit.now,
        began_by=unit.actor.name,
        by_hand=by_hand,
        reasons=list(project.light_reasons),
    )
    unit.session.add(row)
    unit.session.flush()  # the process is keyed by its number
    row.process_id = start_process(
        unit,
        key="supervision",
        title=project.name,
        organ_id=blocker,
        project_id=project.id,
        district_id=project.district_id or project.owner_organ_id,
        business_key=f"supervision:{row.id}",
        data={"supervision_organ": desk.id, "supervision": row.id},
    )
    unit.trace("supervision.start", "project", project.id, {"supervision": row.id, "by_hand": by_hand})
    return row.id


def start_supervision(unit: Unit, *, project_id: int, reason: str) -> int:
    """发起督办 by a supervisor's hand, with a reason. Raises NotDue when one is running."""
    project = find_project(unit, project_id)
    unit.require("supervision.start", organ_ids=[project.owner_organ_id, project.district_id])
    if not reason.strip():
        raise Invalid(N_("请写明原因。"), fields={"reason": N_("请写明发起督办的原因。")})
    locked = lock_project(unit.session, project_id)  # two at once meet here, and the second is told
    if open_supervision(unit.session, project_id) is not None:
        raise NotDue(N_("这个项目正在督办中。"))
    return begin(unit, locked, by_hand=reason.strip()[:500])


def raise_rung(unit: Unit, *, project_id: int, reason: str) -> None:
    """提级 by a supervisor's hand, with a reason. Raises NotDue when no wait can be cut short now."""
    project = find_project(unit, project_id)
    unit.require("supervision.raise", organ_ids=[project.owner_organ_id, project.district_id])
    running = open_supervision(unit.session, project_id)
    if not reason.strip():
        raise Invalid(N_("请写明原因。"), fields={"reason": N_("请写明提级的原因。")})
    if running is None or running.process_id is None:
        raise NotDue(N_("这个项目没有正在进行的督办。"))
    if not send_message(unit, message="raise_rung", process_id=running.process_id):
        raise NotDue(N_("当前有待签发或待办的环节，办完后才能提级。"))
    unit.trace("supervision.raise", "project", project_id, {"supervision": running.id, "reason": reason.strip()[:500]})


def stop(unit: Unit, running: Supervision, project: Project) -> None:
    """End a ladder whose project is no longer measured: withdrawn, suspended, produced or to be completed."""
    if running.process_id:
        cancel_process(unit, process_id=running.process_id, note="项目已不再亮灯，督办结束")
    running.ended_at, running.outcome = unit.now, project.state


@step("supervision.issue_l1")
def issue_l1(unit: Unit, case: Case) -> Mapping[str, Any]:
    """提醒函: issued by the system itself."""
    due = due_after(unit, "l1")
    _issue(unit, case, "reminder", due)
    return {"l1_due": due.isoformat()}


@step("supervision.issue_l2")
def issue_l2(unit: Unit, case: Case) -> Mapping[str, Any]:
    """督办通知单: numbered after the supervisor's signature."""
    due = due_after(unit, "l2")
    _issue(unit, case, "supervision", due)
    return {"l2_due": due.isoformat()}


@step("supervision.start_rectification")
def start_rectification(unit: Unit, case: Case) -> None:
    """整改通知书: rectification runs by itself from here and tells us how it ends."""
    row = supervision_of(unit, case)
    start_process(
        unit,
        key="rectification",
        title=case.title,
        organ_id=row.blocker_organ_id,
        project_id=row.project_id,
        district_id=_district(unit, row),
        business_key=f"rectification:{row.id}",
        parent_id=case.process_id,
        answers=case.answers,
        data={
            "rectifier_organ": row.blocker_organ_id,
            "reviewer_organ": _reviewer(unit, row.blocker_organ_id),
            "supervision": row.id,
        },
    )
    _reach(unit, row, 3, None)


@step("supervision.issue_l4")
def issue_l4(unit: Unit, case: Case) -> Mapping[str, Any]:
    """约谈通知书: says why, when and where; the talk itself is recorded when it was held. Raises Invalid when it is too soon."""
    if date.fromisoformat(case.answers["held_on"]) < local_day(due_after(unit, "talk")):
        raise Invalid(N_("填写有误"), fields={"held_on": N_("约谈至少提前3个工作日通知，请改约日期。")})
    _issue(unit, case, "talk")
    unit.trace("supervision.talk", "project", case.project_id, dict(case.answers))
    return {"l4_due": due_after(unit, "l4").isoformat()}


@step("supervision.record_talk")
def record_talk(unit: Unit, case: Case) -> None:
    """约谈记录: kept with the item and the trace."""
    unit.trace("supervision.talk_record", "project", case.project_id, dict(case.answers))


@step("supervision.issue_l5")
def issue_l5(unit: Unit, case: Case) -> None:
    """专报: to the main leaders through their office; the ladder ends, the rectification goes on to 销号."""
    _issue(unit, case, "special_report")
    row = supervision_of(unit, case)
    row.ended_at, row.outcome = unit.now, "reported"


@step("supervision.close")
def close(unit: Unit, case: Case) -> None:
    """结束督办: improved before L3, or closed out after it."""
    row = supervision_of(unit, case)
    row.ended_at = unit.now
    row.outcome = "improved" if case.node == "close_improved" else "closed_out"
    unit.trace("supervision.end", "project", row.project_id, {"supervision": row.id, "outcome": row.outcome})


def supervision_of(unit: Unit, case: Case) -> Supervision:
    """The row this process runs for; its number travels in the process's data from the first step on."""
    row = unit.session.get(Supervision, int(case.data["supervision"]))
    return row or supervision_of_process(unit.session, case.process_id)


def draft_notice(unit: Unit, *, process_id: int, node: str, answers: Mapping[str, Any]) -> dict[str, Any]:
    """文稿: what the paper of this node would say if it were issued now; writes nothing and takes no number."""
    row = supervision_of_process(unit.session, process_id)
    return _letter(unit, row, DRAFTED[node], answers, due_after(unit, "l2"))


def _letter(
    unit: Unit, row: Supervision, kind: str, answers: Mapping[str, Any], due: datetime | None
) -> dict[str, Any]:
    """What a paper of the ladder says: the lower rungs from the light, the upper ones as their author wrote it."""
    project = unit.session.get_one(Project, row.project_id)
    common = {
        "kind": kind,
        **parties(unit.session, row.desk_organ_id, row.blocker_organ_id),
        "to_level": LEVELS[RUNG_OF[kind]],
        "date": unit.today.isoformat(),
        "project": project.name,
        "project_no": project.project_no,
        "signer": unit.actor.name,
        "rung": RUNG_OF[kind],
        "demo": project.demo,
    }
    written = {name: answers[name] for name in WRITTEN.get(kind, ()) if answers.get(name)}
    if kind == "talk":
        return common | written | {"due_on": answers["held_on"]}
    if kind == "special_report":
        return common | written | {"to": answers["addressee"]}
    return (
        common
        | _stalled(unit, row, project)
        | {
            "due_on": local_day(due or unit.now).isoformat(),
            "supplement": str(answers.get("supplement") or ""),
        }
    )


def _stalled(unit: Unit, row: Supervision, project: Project) -> dict[str, Any]:
    """Why the project is supervised, as its light tells it today."""
    light = light_on(unit.session, project, unit.today)
    return {
        "facts": [reason.sentence for reason in light.reasons] or [row.by_hand or ""],
        "demands": [reason.remedy for reason in light.reasons],
        "bases": [f"亮灯规则“{reason.title}”（参照{reason.place}做法）" for reason in light.reasons],
    }


def _issue(unit: Unit, case: Case, kind: str, due: datetime | None = None) -> None:
    """Number the paper of a rung and reach the rung; a special report goes to the leaders' office, all else to the blocker."""
    row = supervision_of(unit, case)
    project = lock_project(unit.session, row.project_id)
    reported = kind == "special_report"
    issued = issue_notice(
        unit,
        kind=kind,
        organ_id=row.desk_organ_id,
        to_organ_id=organ_by_code(unit.session, LEADERS_OFFICE).id if reported else row.blocker_organ_id,
        project_id=project.id,
        process_id=case.process_id,
        title=case.answers["subject"] if reported else TITLES[kind] % {"name": project.name},
        letter=_letter(unit, row, kind, case.answers, due),
    )
    _reach(unit, row, RUNG_OF[kind], issued.id)


def _reach(unit: Unit, row: Supervision, rung: int, notice_id: int | None) -> None:
    unit.session.add(Rung(supervision_id=row.id, number=rung, notice_id=notice_id, at=unit.now, by=unit.actor.name))
    row.rung = rung
    unit.session.flush()  # a rung reached twice must fail here, before anything is told
    unit.trace("supervision.rung", "project", row.project_id, {"supervision": row.id, "rung": rung})


def _district(unit: Unit, row: Supervision) -> int:
    project = lock_project(unit.session, row.project_id)
    return project.district_id or project.owner_organ_id


def _reviewer(unit: Unit, rectifier_id: int) -> int:
    """Another organ than the rectifier's: 市发展改革委, or the desk when that one is to rectify."""
    reviewer = organ_by_code(unit.session, "fgw")
    return reviewer.id if reviewer.id != rectifier_id else organ_by_code(unit.session, DESK).id

"""延期 (第六条): more time for one open item, asked before it is due: 单位领导意见 → 督查审批 → the deadline moves, or not.

At most two times for an item and 30 working days each (data/limits.csv), one request at a time. A request that nobody
has decided when the item is due, or whose item is closed meanwhile, ends by itself.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from engine.door import lock_item, require_fresh, require_handler, start_process
from engine.postpone import postpone_item, require_open, watch
from engine.steps import Case, step
from forms.reader import read_answers
from models.calendar import load_calendar
from models.clock import end_of_day, local_day
from models.extension import (
    KEY,
    Extension,
    extension_of_process,
    latest_day,
    paper_answered,
    times_granted,
    why_not_extend,
)
from models.limits import due_after
from models.mechanism import mechanism
from models.notice import issue_notice
from models.officer import holders
from models.organ import organ_by_code, organ_of
from models.permit import ROLES
from models.process import Item, Process, Running, WorkItem, read_item
from models.project import Project
from models.refusal import Invalid, NotDue, NotFound
from models.texts import N_
from models.unit import Unit
from models.watch import watch_item

mechanism(
    KEY,
    N_("延期"),
    article=6,
    purpose_zh=N_("按期办不完的事项，到期前申请延期：本单位领导签意见，督办部门审批，批准的改期。"),
)

DESK = "hzjl"  # 市合作交流办 keeps the supervision desk
TOLD = {"granted": "extended", "refused": "not_extended", "declined": "not_extended", "lapsed": "extension_lapsed",
        "closed": "extension_closed"}  # fmt: skip


def request_extension(unit: Unit, *, item_id: int, posted: Mapping[str, Any]) -> int:
    """申请延期 for an item one may handle; returns the process id.

    Raises NotPermitted for others' items, Outdated for a closed one, NotDue when it is too late, a request runs already
    or two were granted, and Invalid by field for a date that cannot be.
    """
    process, item = lock_item(unit, item_id)
    unit.require("extension.request", organ_ids=[item.organ_id])
    require_handler(unit, item)
    require_fresh(unit, item, item.version)
    granted = times_granted(unit.session, item.id)
    if reason := why_not_extend(item, process_key=process.key, granted=granted, now=unit.now):
        raise NotDue(reason)
    due_at = require_open(unit, item)
    answers = read_answers("extension_request", posted)
    require_later_day(unit, due_at, date.fromisoformat(answers["due_on"]))
    if not holders(unit.session, "head", [item.organ_id], unit.today):
        raise NotDue(N_("本单位还没有登记单位负责人，没有人能签意见；请联系系统管理员登记后再申请。"))
    return _start(unit, process, item, due_at, answers)


def _start(unit: Unit, process: Running, item: Item, due_at: datetime, answers: Mapping[str, Any]) -> int:
    return start_process(
        unit,
        key=KEY,
        title=item.name if item.project_id else f"{item.name}：{process.title}",
        organ_id=item.organ_id,
        project_id=item.project_id,
        district_id=process.district_id,
        parent_id=process.id,
        answers=answers,
        data={
            "applicant_organ": item.organ_id,
            "desk_organ": organ_by_code(unit.session, DESK).id,
            "item": item.id,
            "asked_until": due_at.isoformat(),
            "agreed": False,
            "granted": False,
        },
    )


def require_later_day(unit: Unit, due_at: datetime, due_on: date) -> None:
    """Raises Invalid at `due_on` unless that is a working day after the present due day not after latest_day."""
    if due_on <= local_day(due_at):
        wrong = N_("新的期限要晚于现在的期限。")
    elif not load_calendar(unit.session).is_working(due_on):
        wrong = N_("这一天不是工作日，请另选一天。")
    elif due_on > latest_day(unit.session, due_at):
        wrong = N_("超过了一次延期的上限，请选择早一些的日期。")
    else:
        return
    raise Invalid(N_("填写有误"), fields={"due_on": wrong})


@step("extension.open")
def open_request(unit: Unit, case: Case) -> Mapping[str, Any]:
    """登记申请: what was asked is kept, and from now on the request hears when its item closes."""
    answers, item_id = case.answers, int(case.data["item"])
    row = Extension(
        work_item_id=item_id,
        project_id=case.project_id,
        process_id=case.process_id,
        organ_id=case.organ_id,
        asked_by_id=unit.actor.officer_id,
        asked_by=unit.actor.name,
        asked_at=unit.now,
        was_due_at=datetime.fromisoformat(case.data["asked_until"]),
        asked_on=date.fromisoformat(answers["due_on"]),
        progress=answers["progress"],
        reason=answers["reason"],
        opinions=[],
    )
    unit.session.add(row)
    watch(unit, item_id=item_id, process_id=case.process_id)
    unit.trace("extension.ask", "work_item", item_id, {"due_on": answers["due_on"], "reason": answers["reason"]})
    return {"opinion_due": _due(unit, case, "extension_opinion")}


@step("extension.record_opinion")
def record_opinion(unit: Unit, case: Case) -> Mapping[str, Any]:
    """单位领导意见: printed as written; whoever does not agree ends the request. Raises NotDue or Outdated when it is over."""
    _require_running(unit, case)
    agreed = bool(case.answers["agreed"])
    _add_opinion(unit, case, "head", N_("同意") if agreed else N_("不同意"))
    return {"agreed": agreed, "decision_due": _due(unit, case, "extension_decision")}


@step("extension.record_decision")
def record_decision(unit: Unit, case: Case) -> Mapping[str, Any]:
    """督查审批: the date asked for or another one. Raises Invalid for a date that cannot be, NotDue when it is over."""
    item = _require_running(unit, case)
    row = extension_of_process(unit.session, case.process_id)
    granted = bool(case.answers["granted"])
    if granted:
        due_on = date.fromisoformat(case.answers.get("due_on") or row.asked_on.isoformat())
        require_later_day(unit, require_open(unit, item), due_on)
        row.due_on = due_on
    _add_opinion(unit, case, "supervisor", N_("准予延期") if granted else N_("不予延期"))
    return {"granted": granted}


@step("extension.conclude")
def conclude(unit: Unit, case: Case) -> None:
    """答复: the deadline moves if it was granted; what the desk decided is issued as a 延期审批单."""
    row = extension_of_process(unit.session, case.process_id)
    agreed, granted = bool(case.data["agreed"]), bool(case.data["granted"])
    if granted and row.due_on:
        row.was_due_at = postpone_item(unit, item_id=row.work_item_id, due_at=end_of_day(row.due_on))
    if agreed:
        row.notice_id = _issue(unit, case, row, granted=granted)
    _end(unit, row, "granted" if granted else "refused" if agreed else "declined")


@step("extension.lapse")
def lapse(unit: Unit, case: Case) -> None:
    """终止: the item fell due undecided, or was closed meanwhile; the node says which. Nothing moves."""
    _end(unit, extension_of_process(unit.session, case.process_id), "closed" if case.node == "stop" else "lapsed")


def _due(unit: Unit, case: Case, key: str) -> str:
    """The working days of this hand, but never beyond the moment at which the request lapses."""
    return min(due_after(unit, key), datetime.fromisoformat(case.data["asked_until"])).isoformat()


def _require_running(unit: Unit, case: Case) -> Item:
    """The item, still open; the request's own clock may be late, so it is looked at here too."""
    if unit.now >= datetime.fromisoformat(case.data["asked_until"]):
        raise NotDue(N_("原期限已到，到期未批即不予延期。"))
    item = read_item(unit.session, int(case.data["item"]))
    if item is None:
        raise NotFound(N_("没有找到这个事项。"))
    require_open(unit, item)
    return item


def _add_opinion(unit: Unit, case: Case, role: str, verdict: str) -> None:
    row = extension_of_process(unit.session, case.process_id)
    words = str(case.answers["opinion"]).strip()
    organ = organ_of(unit.session, case.item_organ_id or case.organ_id)
    opinion = {
        "organ": organ.name_zh,
        "name": unit.actor.name,
        "role_title": ROLES[role],
        "opinion": words if words.startswith(verdict) else f"{verdict}。{words}",
        "on": unit.today.isoformat(),
    }
    row.opinions = [*row.opinions, opinion]


def _issue(unit: Unit, case: Case, row: Extension, *, granted: bool) -> int:
    item = unit.session.get_one(WorkItem, row.work_item_id)
    title = unit.session.get_one(Process, item.process_id).title
    project = unit.session.get_one(Project, case.project_id) if case.project_id else None
    paper = paper_answered(unit.session, item.process_id)
    letter = {
        "date": unit.today.isoformat(),
        "project": project.name if project else "",
        "project_no": project.project_no if project else "",
        "demo": project.demo if project else False,
        "about_number": paper.number if paper else "",
        "matter": f"{item.name}（{title}）",
        "applicant": organ_of(unit.session, row.organ_id).name_zh,
        "applicant_name": row.asked_by,
        "progress": row.progress,
        "reason": row.reason,
        "was_due_on": local_day(row.was_due_at).isoformat(),
        "due_on": (row.due_on or row.asked_on).isoformat(),
        "opinions": list(row.opinions),
        "granted": granted,
        "signer": unit.actor.name,
    }
    return issue_notice(
        unit,
        kind="extension",
        organ_id=int(case.data["desk_organ"]),
        to_organ_id=row.organ_id,
        project_id=case.project_id,
        process_id=case.process_id,
        title=N_("关于%(name)s的延期审批单") % {"name": project.name if project else title},
        letter=letter,
        about_id=paper.id if paper else None,
    ).id


def _end(unit: Unit, row: Extension, outcome: str) -> None:
    row.outcome, row.ended_at = outcome, unit.now
    watch_item(unit.session, row.work_item_id, None)
    said = row.due_on.isoformat() if outcome == "granted" and row.due_on else _last_words(row)
    unit.trace("extension.end", "work_item", row.work_item_id, {"outcome": outcome, "reason": said})
    if row.asked_by_id is not None:
        key = f"extension:{row.process_id}"
        told = {"what": TOLD[outcome], "key": key, "officer": row.asked_by_id, "item": row.work_item_id, "words": said}
        unit.post("tell.officer", key, told)


def _last_words(row: Extension) -> str:
    """What the hand that refused wrote; nothing for a request that ended by itself."""
    decided = row.outcome in ("refused", "declined")
    return str(row.opinions[-1]["opinion"]) if decided and row.opinions else ""

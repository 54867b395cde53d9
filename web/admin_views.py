"""What the rooms of the administration share: the list of rooms, and rows turned into what a page shows."""

import logging
from collections.abc import Iterator
from typing import Any

from flask import render_template, url_for
from flask_babel import gettext as _

from engine.fill_once import asked_twice
from engine.lint import Problem, lint
from engine.map_drafts import installed
from engine.run import newest_maps
from forms.reader import form_schema
from models.checkup import Verdict
from models.desks import VacantDesk, vacant_desks
from models.dispatch import POSTS
from models.duty import BEGUN, DUTIES, Duty, DutyRun, calendar_of, missing_periods, next_opening, recent_runs
from models.heartbeat import is_alive, last_beat
from models.house import House
from models.map_draft import MapDraft
from models.oversight import DefinitionLine, IncidentLine, open_incident_count
from models.queue import Envelope, troubled_envelopes, waiting_count
from models.texts import N_
from models.unit import Unit
from notices.checkup import bought_verdict, face_verdicts, seal_verdict
from notices.fonts import refused_files
from web.duty_words import rule_words, run_lamp
from web.i18n import language, say
from web.project_history import named
from web.views.admin import (
    AdminTab,
    DefinitionRow,
    DraftRow,
    DutiesPage,
    DutyRow,
    FaceRow,
    IncidentRow,
    JobRow,
    LintLine,
    RunRow,
    TwiceRow,
)
from web.views.shared import Act, LampView, Link, Paging

log = logging.getLogger("duban.web")
MOST_JOBS = 100
RUNS = 20
ROOMS = (
    ("definitions", N_("流程版本"), "diagram-3", "admin.view"),
    ("duties", N_("职责与任务"), "calendar-check", "admin.view"),
    ("calendar", N_("工作日历"), "calendar3", "calendar.view"),
    ("incidents", N_("异常"), "shield-exclamation", "admin.view"),
    ("audit", N_("留痕"), "journal-text", "audit.view"),
    ("accounts", N_("人员与账号"), "people", "admin.view"),
)
RULES = {
    1: N_("每月%(day)s日"),
    3: N_("每季度最后一个月%(day)s日"),
    6: N_("每半年最后一个月%(day)s日"),
    12: N_("每年一次，当月%(day)s日"),
}
JOBS = {
    "tell": N_("发送消息"),
    "light": N_("亮灯后启动督办"),
    "message": N_("流程之间传话"),
    "render": N_("生成公文"),
    "archive.count": N_("每夜核对存档"),
    "notice.chase": N_("催收公文"),
    "tell.notice": N_("通知公文动态"),
    "tell.organ": N_("通知单位"),
    "inspection.open": N_("向各区分送季检查"),
    "inspection.rectify": N_("季检查启动整改"),
    "verification.report": N_("拟写核查报告"),
    "verification.rectify": N_("半年核查启动整改"),
    "verification.closed": N_("半年核查汇总通报"),
    "ledger.open": N_("为导入的项目分批建流程"),
    "project.open": N_("为导入的项目建流程"),
}
STATES = {"dead": N_("已停下"), "waiting": N_("等待"), "leased": N_("办理中")}
WHAT = {
    "wake": N_("定时推进时出错"),
    "complete": N_("办理事项时出错"),
    "light": N_("重算状态灯时出错"),
    "duty": N_("办理定期职责时出错"),
    "archive": N_("存档公文被改动或者丢失"),
}
Checked = dict[str, tuple[Problem, ...]]
checked: Checked = {}  # by hash: a version never changes, and a check takes a third of a second


def shown(unit: Unit, room: str, template: str, **context: Any) -> str:
    """A page of a room, with the rooms this officer may enter beside it."""
    return str(render_template(template, tabs=_tabs(unit, room), **context))


def _tabs(unit: Unit, active: str) -> tuple[AdminTab, ...]:
    counts = {"incidents": open_incident_count(unit.session), "duties": waiting_count(unit.session, "dead")}
    return tuple(
        AdminTab(say(text), url_for(f"admin.{word}"), icon, word == active, counts.get(word, 0))
        for word, text, icon, permit in ROOMS
        if unit.actor.may(permit)
    )


def problems_of(hash_: str, xml: bytes) -> tuple[Problem, ...]:
    """What lint says of a version, asked once in the life of this process."""
    if hash_ not in checked:
        checked[hash_] = tuple(lint(xml, installed()))
    return checked[hash_]


def lint_lines(problems: tuple[Problem, ...]) -> tuple[LintLine, ...]:
    """Problems in the visitor's language."""
    return tuple(LintLine(each.element, each.name, say(each.text, each.params)) for each in problems)


def definition_row(line: DefinitionLine, name: str, *, current: bool) -> DefinitionRow:
    """A version; what has not been checked yet is, by the page itself for those in force, else when asked for."""
    known = checked.get(line.hash)
    return DefinitionRow(
        key=line.key,
        name=name,
        version=line.version,
        hash=line.hash[:8],
        published_at=line.published_at,
        running=line.running,
        current=current,
        problems=lint_lines(known or ()),
        href=url_for("admin.definition", definition_id=line.id),
        published_by=line.published_by,
        lint_href="" if known is not None else url_for("admin.lint_result", definition_id=line.id),
        lint_now=current,
    )


def draft_row(unit: Unit, draft: MapDraft) -> DraftRow:
    """A draft with its two buttons; who made it is told why somebody else must publish."""
    own = draft.made_by_id == unit.actor.officer_id
    publish = Act(
        "publish",
        _("发布"),
        url_for("admin.publish", draft_id=draft.id),
        "check2",
        "primary",
        question=_("发布后新启动的流程按此版本办理，正在运行的不变。请确认已看过流程图和说明。"),
        blocked=_("须由另一名系统管理员核对后发布") if own else "",
    )
    withdraw = Act(
        "withdraw-map",
        _("撤回新版本"),
        url_for("admin.withdraw", draft_id=draft.id),
        "x-lg",
        "danger",
        question=_("撤回后须重新上传。"),
    )
    return DraftRow(
        str(draft.id), draft.key, draft.name, draft.hash[:8], draft.made_by, draft.made_at, draft.note,
        url_for("admin.draft", draft_id=draft.id), (publish, withdraw),
    )  # fmt: skip


def duties_page(unit: Unit, house: House) -> DutiesPage:
    """Duties, envelopes, heartbeat, faces and seals."""
    runs = [run for run in recent_runs(unit.session) if run.period != BEGUN]
    beat = last_beat(unit.session)
    jobs = troubled_envelopes(unit.session, unit.now, MOST_JOBS)
    alive = is_alive(beat, unit.now)
    lamp = LampView("green", _("巡检正常")) if alive else LampView("red", _("巡检没有运行"))
    return DutiesPage(
        duties=tuple(_duty_row(unit, declared, runs) for declared in DUTIES.values()),
        jobs=tuple(_job_row(job) for job in jobs),
        swept_at=beat,
        lamp=lamp,
        paging=Paging(len(jobs)),
        runs=tuple(_run_row(run) for run in runs[:RUNS] if run.duty in DUTIES),
        fonts=(*_fonts(), _face_row(_("电子印章"), seal_verdict(house))),
        twice=tuple(_twice(unit)),
        vacant=tuple(_vacant(desk) for desk in vacant_desks(unit.session, unit.today)),
        accounts_href=url_for("admin.accounts"),
    )


def _duty_row(unit: Unit, declared: Duty, runs: list[DutyRun]) -> DutyRow:
    last = next((run for run in runs if run.duty == declared.word), None)
    missed = [period for period in missing_periods(unit.session, declared, unit.now) if period.name != BEGUN]
    return DutyRow(
        name=say(declared.name_zh),
        rule=rule_words(declared),
        last_period=last.period if last else "",
        last_at=(last.done_at or last.opened_at) if last else None,
        next_at=next_opening(declared, unit.now, calendar_of(unit.session, declared)).opens_at,
        lamp=run_lamp(last, missed=bool(missed)),
    )


def _run_row(run: DutyRun) -> RunRow:
    return RunRow(say(DUTIES[run.duty].name_zh), run.period, run.opened_at, run.done_at, run.made)


def _job_row(job: Envelope) -> JobRow:
    colours: dict[str, Any] = {"dead": "red", "waiting": "grey", "leased": "yellow"}
    late = job.state == "waiting" and job.attempts > 0
    retry = Act(
        "retry-job", _("重试"), url_for("admin.retry_job", envelope_id=job.id), "arrow-counterclockwise", "primary"
    )
    return JobRow(
        id=str(job.id),
        kind=say(JOBS[job.kind]) if job.kind in JOBS else job.kind,
        subject=job.key,
        state=job.state,
        lamp=LampView("yellow" if late else colours[job.state], _("等待重试") if late else say(STATES[job.state])),
        attempts=job.attempts,
        due_at=job.due_at,
        error=job.error or "",
        acts=(retry,) if job.state == "dead" else (),
    )


def _vacant(desk: VacantDesk) -> str:
    """Where its papers will stop, and whom it still has to name."""
    organ = named(desk.name_zh, desk.name_en)
    posts = str(_("、")).join(say(POSTS[role]) for role in desk.lacking)
    if "leader" in desk.lacking:
        return str(_("%(organ)s没有负责人，发文会停在签发。请给该单位指定%(posts)s。", organ=organ, posts=posts))
    return str(_("%(organ)s没有单位领导，发文会停在核稿。请给该单位指定%(posts)s。", organ=organ, posts=posts))


def _twice(unit: Unit) -> Iterator[TwiceRow]:
    """重复填报: of the newest versions in force, so that a map published today counts today."""
    for each in asked_twice(newest_maps(unit)):
        titles = (_form_title(form) for form in each.forms)
        yield TwiceRow(each.field, each.title, "、".join(titles))


def _form_title(form: str) -> str:
    schema = form_schema(form)
    return str(schema.get("title_en" if language() == "en" else "title") or form)


def _fonts() -> tuple[FaceRow, ...]:
    """Each role with its face, then the office's own files: those refused one by one, else how they stand."""
    rows = [_face_row(say(role), verdict) for role, verdict in face_verdicts()]
    refused = [
        FaceRow(each.file, LampView("red", _("不能用")), say(each.text, dict(each.params))) for each in refused_files()
    ]
    return (*rows, *(refused or [_face_row(_("自购字体"), bought_verdict())]))


def _face_row(name: str, verdict: Verdict) -> FaceRow:
    lamp = LampView("green", _("齐全")) if verdict.good else LampView("red", _("有缺"))
    said = say(verdict.said, dict(verdict.params))
    return FaceRow(name, lamp, said, "" if verdict.good else say(verdict.remedy))


def incident_row(unit: Unit, line: IncidentLine, node: str) -> IncidentRow:
    """An incident; what is retried runs the process on, what an officer did is simply marked as dealt with."""
    again = _("重试") if line.what == "wake" else _("标为已处理")
    href = url_for("admin.retry", incident_id=line.id)
    act = Act("retry", again, href, "arrow-counterclockwise", "primary")
    open_ = line.resolved_at is None
    return IncidentRow(
        id=str(line.id),
        at=line.at,
        process=Link(line.title or say(WHAT.get(line.what, line.what)), ""),
        node=" · ".join(part for part in (say(WHAT.get(line.what, line.what)), line.item_name or node) if part),
        message=line.message,
        attempts=1 + line.retries,
        resolved_at=line.resolved_at,
        acts=(act,) if open_ and unit.actor.may("incident.retry") else (),
        code=line.code,
        resolved_by=line.resolved_by or "",
    )

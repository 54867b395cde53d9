"""The page of one project: gathers what the house knows of it in one reading and puts it in people's words."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from math import inf
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from engine.maps import Map
from engine.run import map_of
from models.amount import KINDS, STANDINGS, AmountEntry, entries
from models.attachment import Attachment, attachments
from models.case_history import CaseHistory, ItemLine, ProcessLine, case_history, officers_named
from models.clock import local_day
from models.light_state import light_on
from models.mechanism import MECHANISMS
from models.milestone import Milestone, conflicts, milestone_kinds, milestones
from models.notice import Notice, notices_of_project
from models.officer import Officer
from models.organ import organ_names
from models.project import STATES, Project, find_project
from models.project_list import FieldShown, ProjectCard, project_card
from models.referral import is_signed
from models.stage import stage, stages
from models.texts import N_
from models.unit import Unit
from web.asked_again import Refused
from web.i18n import day, language, money, say, wan
from web.lamps import time_lamp
from web.project_acts import acts_of, upload_act, urge_act
from web.project_cases import Cases, cases_of, notice_rows, side_cases
from web.project_history import history_lines, named, span, value_text
from web.project_list import COLOURS, light_lamp, stage_name
from web.project_money import entry_acts, gaps, left_out, rates_href, sums_told, unit_of
from web.views import (
    EntryRow,
    Fact,
    FieldRow,
    FileView,
    HeldItem,
    LampView,
    LightReason,
    LightView,
    Link,
    MilestoneRow,
    Option,
    ProjectPage,
    StageStep,
)

BRACKETS = re.compile(r"\s*[（(].*$")  # the name of a guess says so; on the page its mark does
WARN_DAYS = 3  # from so many days before a deadline a lamp is yellow
STATUSES = {
    "running": N_("进行中"), "suspended": N_("已挂起"), "incident": N_("故障待处理"), "done": N_("已办结"),
    "cancelled": N_("已终止"),
}  # fmt: skip
MEASURED = {
    "plan_months_passed": N_("计划开工当月已过去几个月"), "start_late_months": N_("应开工未开工的月数"),
    "progress_gap": N_("低于序时进度的百分点"), "stat_wait_months": N_("开工后未入统的月数"),
    "permit_term_months": N_("本期施工许可已用月数"),
}  # fmt: skip


@dataclass(frozen=True)
class Gathered:
    """All that one project page asks of the house, read in one snapshot."""

    unit: Unit
    project: Project
    card: ProjectCard
    measured: Mapping[str, object]
    history: CaseHistory
    maps: Mapping[int, Map]
    milestones: list[Milestone]
    entries: list[AmountEntry]
    files: list[Attachment]
    notices: list[Notice]
    cases: Cases
    organs: Mapping[int, str]
    officers: Mapping[int, Officer]

    @property
    def places(self) -> list[int | None]:
        """The organs whose officers may act on the project."""
        return [self.project.owner_organ_id, self.project.district_id]

    def who(self, officer_id: int | None) -> str:
        """The name of an officer, empty for nobody."""
        found = self.officers.get(officer_id or 0)
        return found.name if found else ""


def gather(unit: Unit, project_id: int) -> Gathered:
    """Everything about a project the actor may see, in a bounded number of queries; raises NotFound."""
    project, card = find_project(unit, project_id), project_card(unit, project_id)
    session = unit.session
    notices, cases = notices_of_project(session, project_id), cases_of(unit, project_id)
    history = case_history(session, project_id, [notice.id for notice in notices])
    filed, files = entries(session, project_id), attachments(session, project_id)
    dates = milestones(session, project_id)
    organ_ids = {project.owner_organ_id, project.district_id, project.city_organ_id, *cases.organ_ids(),
                 *(row.organ_id for row in dates), *(row.to_organ_id for row in notices)}  # fmt: skip
    officer_ids = [project.owner_officer_id, project.leader_id, *(row.filed_by_id for row in filed),
                   *(row.filed_by_id for row in files)]  # fmt: skip
    return Gathered(
        unit=unit, project=project, card=card, history=history, milestones=dates, entries=filed, files=files,
        notices=notices, cases=cases,
        measured=light_on(session, project, unit.today).inputs,
        maps={each.id: map_of(unit, each.definition_id) for each in history.processes},
        organs=organ_names(session, [each for each in organ_ids if each], language()),
        officers=officers_named(session, officer_ids),
    )  # fmt: skip


def project_page(
    unit: Unit, project_id: int, process_id: int | None = None, refused: Refused | None = None
) -> ProjectPage:
    """The page, with the drawing of `process_id` or of the project's own process; `refused` is asked again; raises NotFound."""
    seen = gather(unit, project_id)
    project, line = seen.project, seen.card.line
    shown = _shown_process(seen.history.processes, process_id)
    open_items = [item for item in seen.history.items if item.is_open]
    held = tuple(_held(seen, item) for item in _late_first(open_items))
    may_edit = unit.actor.may("project.edit", seen.places) and project.state != "withdrawn"
    mine = next((item for item in held if item.mine), None)
    first_reason = seen.card.light_reasons[0]["sentence"] if seen.card.light_reasons else ""
    return ProjectPage(
        id=str(project.id),
        name=project.name,
        number=project.project_no,
        lamp=light_lamp(project.light, str(first_reason)),
        stage=stage_name(project.stage),
        state=say(STATES[project.state]),
        state_reason=project.state_reason,
        organ=seen.organs.get(project.owner_organ_id, ""),
        investment=project.total_investment,
        arrived=seen.card.sums.funds_all or None,
        lead=line.officer or "",
        lead_phone=seen.officers[project.owner_officer_id].masked_phone if project.owner_officer_id else "",
        list_href=url_for("projects.index"),
        demo=project.demo,
        light=_light(seen),
        facts=tuple(_facts(seen)),
        missing=tuple(named(each.name_zh, each.name_en) for each in seen.card.missing),
        stages=_stages(seen, open_items),
        processes=tuple(_choice(each, shown) for each in seen.history.processes),
        diagram_href=_of_process("projects.diagram", project.id, shown),
        state_href=_of_process("projects.state", project.id, shown),
        map_version=_version(shown),
        items=held,
        primary=Link(_("办理当前任务"), mine.href) if mine else None,
        urge=next((_asks(item) for item in held if item.acts), None) if not mine else None,
        edit_href=url_for("projects.edit", project_id=project.id) if may_edit else "",
        acts=acts_of(unit, project, seen.history.processes, seen.cases.is_supervised),
        milestones=tuple(_milestones(seen)),
        milestone_href=url_for("project_acts.milestone", project_id=project.id) if may_edit else "",
        entries=tuple(_entries(seen, refused)),
        entry_href=url_for("project_acts.amount", project_id=project.id) if may_edit else "",
        totals=tuple(sums_told(seen.card.sums)) if seen.entries else (),
        gaps=gaps(seen.card.sums),
        left_out=left_out(seen.card.sums, "funds"),
        rates_href=rates_href(unit),
        notices=notice_rows(seen.notices, seen.organs),
        cases=side_cases(seen.cases, seen.organs, unit.now, project.id),
        coordination_href=_coordination(unit, project),
        letter_href=_letter(unit, project),
        referral_href=_referral(unit, project),
        files=tuple(_file(seen, each) for each in seen.files),
        upload=upload_act(project.id) if may_edit else None,
        history=history_lines(seen.history, seen.maps, unit.now),
        source=project.source,
    )


def _asks(item: HeldItem) -> Link:
    """The way to the question that stands beside the item."""
    return Link(item.acts[0].text, f"#ask-{item.acts[0].key}-{item.id}")


def _coordination(unit: Unit, project: Project) -> str:
    alive = project.state not in ("withdrawn", "produced")
    may = alive and unit.actor.may("coordination.request", [unit.actor.organ_id])
    return url_for("coordination.ask", project_id=project.id) if may else ""


def _letter(unit: Unit, project: Project) -> str:
    may = project.state != "withdrawn" and unit.actor.may("dispatch.start", [unit.actor.organ_id])
    return url_for("dispatch.write", project_id=project.id) if may else ""


def _referral(unit: Unit, project: Project) -> str:
    """引荐备案 is open until the project is signed."""
    places = [project.owner_organ_id, project.district_id]
    may = (
        not is_signed(project, unit.today) and project.state != "withdrawn" and unit.actor.may("referral.file", places)
    )
    return url_for("referral.ask", project_id=project.id) if may else ""


def _late_first(items: Iterable[ItemLine]) -> list[ItemLine]:
    return sorted(items, key=lambda item: (item.due_at.timestamp() if item.due_at else inf, item.id))


def _held(seen: Gathered, item: ItemLine) -> HeldItem:
    unit = seen.unit
    days = (local_day(item.due_at) - unit.today).days if item.due_at else None
    lamp = time_lamp(days, warn_days=WARN_DAYS) if item.state == "ready" else LampView("grey", _("已挂起"))
    actor = unit.actor
    mine = item.state == "ready" and (
        item.assignee_id == actor.officer_id
        or (item.assignee_id is None and any(actor.has_role(role, item.organ_id) for role in (item.role, "head")))
    )
    may_urge = item.state == "ready" and not mine and actor.may("item.urge", [*seen.places, item.organ_id])
    mechanism = MECHANISMS.get(item.key)
    return HeldItem(
        id=str(item.id),
        href=f"/tasks/{item.id}",
        title=item.name,
        mechanism=say(mechanism.name_zh) if mechanism else item.key,
        organ=named(item.organ_zh, item.organ_en),
        holder=item.holder or _("待认领"),
        lamp=lamp,
        held=_("已 %(span)s", span=span(item.created_at, unit.now)),
        due_at=item.due_at,
        acts=(urge_act(seen.project.id, item.id, item.name),) if may_urge else (),
        mine=mine,
    )


def _light(seen: Gathered) -> LightView:
    card = seen.card
    reasons = tuple(
        LightReason(COLOURS.get(str(each["level"]), "grey"), each["sentence"], each["remedy"], each["rule"],
                    " · ".join(part for part in (each.get("title"), each.get("place"), each.get("source")) if part),
                    each.get("consequence") or "")
        for each in card.light_reasons
    )  # fmt: skip
    inputs = tuple(Fact(say(MEASURED[name]), _figure(value)) for name, value in seen.measured.items()
                   if name in MEASURED and value is not None)  # fmt: skip
    return LightView(reasons, inputs, card.light_version, card.light_at, card.turns_at)


def _figure(value: object) -> str:
    return wan(value.quantize(Decimal("0.1"))) if isinstance(value, Decimal) else str(value)


def _facts(seen: Gathered) -> Iterable[FieldRow]:
    """The fields that hold something, and those the stage cannot do without."""
    for field in seen.card.fields:
        if field.name in ("name", "project_no", "source", "total_investment"):
            continue
        if field.name == "owner_organ_id" and seen.project.district_id in (None, field.value):
            continue  # it is no zone, and the head of the page names who is responsible
        value = _in_words(seen, field)
        mark = _("推测，待核实") if field.guess else _("待补录") if field.missing else ""
        if value or field.missing:
            title = named(field.name_zh, field.name_en)
            yield FieldRow(BRACKETS.sub("", title) if field.guess else title, value, mark)


def _in_words(seen: Gathered, field: FieldShown) -> str:
    value: Any = field.value
    if value is None or value == "":
        return ""
    if field.name in ("owner_organ_id", "district_id", "city_organ_id"):
        return seen.organs.get(value, "")
    if field.name in ("owner_officer_id", "leader_id"):
        return seen.who(value)
    if isinstance(value, Decimal):
        return money(value)
    if isinstance(value, date):
        return day(value)
    text = value_text(field.name, value)
    return f"{text} {field.unit}" if field.unit else text


def _stages(seen: Gathered, open_items: list[ItemLine]) -> tuple[StageStep, ...]:
    project, reached = seen.project, {row.code: row for row in seen.milestones}
    overdue = {each.node.removesuffix("_overdue") for each in seen.history.passages if each.node.endswith("_overdue")}
    current = stage(project.stage).place if project.stage else -1
    steps = []
    for each in stages():
        row = reached.get(each.code)
        ended = each.place < current or project.state == "produced"
        asked = [item for item in open_items if item.node.startswith(f"{each.code}_")]
        late = project.light == "red" or any(item.due_at and item.due_at < seen.unit.now for item in asked)
        here = each.place == current and not ended
        since = project.stage_at if here and project.state != "incomplete" else None  # before that nobody knows
        steps.append(StageStep(
            name=named(each.name_zh, each.name_en),
            state="done" if ended else ("late" if late or each.code in overdue else "active") if here else "todo",
            planned_on=row.plan_on if row else None,
            done_on=row.actual_on if row and ended else None,
            who=seen.organs.get(project.owner_organ_id, "") if here else "",
            days=(seen.unit.today - local_day(since)).days + 1 if since else None,
            open=tuple(f"{item.name} · {named(item.organ_zh, item.organ_en)}" for item in asked),
        ))  # fmt: skip
    return tuple(steps)


def _shown_process(processes: tuple[ProcessLine, ...], wanted: int | None) -> ProcessLine | None:
    chosen = [each for each in processes if each.id == wanted] or [each for each in processes if each.key == "project"]
    return chosen[0] if chosen else None


def _choice(each: ProcessLine, shown: ProcessLine | None) -> Option:
    mechanism = MECHANISMS.get(each.key)
    title = say(mechanism.name_zh) if mechanism else each.key
    subject = f" · {each.title}" if each.key in ("coordination", "extension") else ""
    words = f"{title}{subject} · {day(each.started_at)} · {say(STATUSES[each.status])}"
    return Option(str(each.id), words, shown is not None and each.id == shown.id)


def _of_process(endpoint: str, project_id: int, shown: ProcessLine | None) -> str:
    return url_for(endpoint, project_id=project_id, process_id=shown.id) if shown else ""


def _version(shown: ProcessLine | None) -> str:
    if shown is None:
        return ""
    return str(_("流程按第%(version)s版办理，%(day)s启动。", version=shown.version, day=day(shown.started_at)))


def _milestones(seen: Gathered) -> Iterable[MilestoneRow]:
    kinds = {kind.code: kind for kind in milestone_kinds()}
    files = {each.id: each for each in seen.files}
    differing = conflicts(seen.milestones)
    for row in seen.milestones:
        kind = kinds[row.code]
        organ = seen.organs.get(row.organ_id, "")
        yield MilestoneRow(
            name=named(kind.name_zh, kind.name_en),
            planned_on=row.plan_on,
            actual_on=row.actual_on,
            lamp=_milestone_lamp(row, seen.unit.today),
            evidence=tuple(_file(seen, files[number]) for number in row.attachment_ids if number in files),
            stage=_("%(organ)s · 两部门日期不一致", organ=organ) if row.code in differing else organ,
        )


def _milestone_lamp(row: Milestone, today: date) -> LampView:
    if row.actual_on:
        late = row.plan_on is not None and row.actual_on > row.plan_on
        return LampView("green", _("晚于计划完成") if late else _("已完成"))
    return time_lamp((row.plan_on - today).days if row.plan_on else None, warn_days=WARN_DAYS)


def _entries(seen: Gathered, refused: Refused | None) -> Iterable[EntryRow]:
    files = {each.id: each for each in seen.files}
    for row in seen.entries:
        file = files.get(row.attachment_id or 0)
        yield EntryRow(
            on=row.on,
            kind=say(KINDS[row.kind]),
            amount=row.amount,
            unit=unit_of(row.currency),
            standing="" if row.kind == "plan" else say(STANDINGS[row.standing]),
            by=seen.who(row.filed_by_id),
            note=row.note,
            file=_file(seen, file) if file else None,
            acts=entry_acts(row, refused) if seen.unit.actor.may("project.edit", seen.places) else (),
        )


def _file(seen: Gathered, row: Attachment) -> FileView:
    href = url_for("projects.attachment", project_id=seen.project.id, attachment_id=row.id)
    return FileView(row.name, href, row.size, seen.who(row.filed_by_id), row.filed_at)

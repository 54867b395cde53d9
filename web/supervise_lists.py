"""The other lists of the board: lit projects nobody supervises, rectifications, items past their day."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from models.board import PAGE, RectificationLine, Subject, lit_counts, lit_projects, rectifications, waiting
from models.clock import local_day
from models.held import HeldLine, held_items, overdue_items
from models.mechanism import MECHANISMS
from models.organ import organ_names
from models.project import LIGHTS
from models.unit import Unit
from web.i18n import language, say
from web.lamps import time_lamp
from web.project_list import COLOURS, light_lamp, stage_name
from web.supervise_page import reasoned, tabs
from web.urging import to_urge, urge_act
from web.views import CaseRow, Chip, Link, Paging, SuperviseList

WARN_DAYS = 3
Names = Mapping[int, str]


def lit_page(unit: Unit, light: str, after: int | None) -> SuperviseList:
    """Red and yellow projects without a running ladder; a supervisor may start one by hand."""
    counts = lit_counts(unit)
    found = lit_projects(unit, light, after=after)
    names = organ_names(unit.session, [each.owner_organ_id for each in found], language())
    total = counts.get(light, 0) if light in counts or light in LIGHTS else sum(counts.values())
    chips = [Chip(_("全部"), url_for("boards.lit"), sum(counts.values()), not light)]
    chips += [
        Chip(say(LIGHTS[each]), url_for("boards.lit", light=each), counts.get(each, 0), light == each, COLOURS[each])
        for each in ("red", "yellow")
    ]
    return SuperviseList(
        "lit", _("亮灯未督办"), _("红灯由系统自动发起督办；黄灯可由督办人员人工发起。"), tabs(waiting(unit), "lit"),
        tuple(chips), tuple(_lit(unit, each, names) for each in found[:PAGE]), total,
        _paging("boards.lit", found, after, light=light), _("没有亮灯而未督办的项目"),
    )  # fmt: skip


def rectification_page(unit: Unit, after: int | None) -> SuperviseList:
    """Rectifications that are not closed out, with their round and what is waited for."""
    waits, found = waiting(unit), rectifications(unit, after=after)
    held = held_items(unit, [each.project.id for each in found[:PAGE]])
    ids = [organ for each in found for organ in (each.rectifier_organ_id, each.reviewer_organ_id)]
    names = organ_names(unit.session, ids, language())
    rows = tuple(_rectification(unit, each, held[each.project.id], names) for each in found[:PAGE])
    return SuperviseList(
        "rectifications", _("整改"), _("签收、方案、报告、复核，到位才销号；退回的另定期限。"),
        tabs(waits, "rectifications"), (), rows, waits.rectifications, _paging("boards.rectifications", found, after),
        _("没有正在进行的整改"),
    )  # fmt: skip


def overdue_page(unit: Unit, after: int | None) -> SuperviseList:
    """Open items past their day, whoever holds them."""
    waits, found = waiting(unit), overdue_items(unit, after=after)
    names = organ_names(unit.session, [each.organ_id for each in found], language())
    rows = tuple(_overdue(unit, each, names) for each in found[:PAGE])
    return SuperviseList(
        "overdue", _("超期事项"), _("过了办理期限还没有办结的事项。"), tabs(waits, "overdue"), (), rows,
        waits.overdue, _paging("boards.overdue", found, after), _("没有超期事项"),
    )  # fmt: skip


def _paging(endpoint: str, found: list[Any], after: int | None, *, light: str = "") -> Paging:
    more = url_for(endpoint, light=light or None, after=found[PAGE - 1].id) if len(found) > PAGE else ""
    return Paging(min(len(found), PAGE), more, url_for(endpoint, light=light or None) if after else "")


def _lit(unit: Unit, project: Subject, names: Names) -> CaseRow:
    may = unit.actor.may("supervision.start", [project.owner_organ_id, project.district_id])
    question = _("将向责任单位发提醒函，并按期限逐级督办。")
    return CaseRow(
        lamp=light_lamp(project.light),
        subject=Link(project.name, url_for("projects.page", project_id=project.id)),
        organ=names.get(project.owner_organ_id, ""),
        state=stage_name(project.stage),
        detail=project.sentence,
        acts=(reasoned("supervise", _("发起督办"), project.id, question),) if may else (),
    )


def _rectification(unit: Unit, line: RectificationLine, items: list[HeldLine], names: Names) -> CaseRow:
    own = next((item for item in items if item.process_id == line.process_id), None)
    due = local_day(own.due_at) if own and own.due_at else line.report_due_on
    urged = to_urge(unit.actor, [own]) if own else None
    organ = names.get(line.rectifier_organ_id, "")
    back = url_for("boards.rectifications")
    return CaseRow(
        lamp=time_lamp(_days(due, unit.today), warn_days=WARN_DAYS),
        subject=Link(line.project.name, url_for("projects.page", project_id=line.project.id)),
        organ=organ,
        state=_("第%(n)s轮 · %(name)s", n=line.round, name=own.name if own else _("办理中")),
        state_href=f"/tasks/{own.id}" if own else "",
        detail=line.number or "",
        due_on=due,
        acts=(urge_act(unit.actor, urged, names.get(urged.organ_id, organ), back),) if urged else (),
    )


def _overdue(unit: Unit, item: HeldLine, names: Names) -> CaseRow:
    due = local_day(item.due_at) if item.due_at else None
    urged = to_urge(unit.actor, [item])
    organ, back = names.get(item.organ_id, ""), url_for("boards.overdue")
    kind = MECHANISMS[item.process_key].name_zh if item.process_key in MECHANISMS else item.process_key
    href = url_for("projects.page", project_id=item.project_id) if item.project_id else f"/tasks/{item.id}"
    return CaseRow(
        lamp=time_lamp(_days(due, unit.today), warn_days=WARN_DAYS),
        subject=Link(item.project or item.name, href),
        organ=f"{organ} · {item.holder}" if item.holder else organ,
        state=item.name,
        state_href=f"/tasks/{item.id}",
        detail=say(kind),
        due_on=due,
        acts=(urge_act(unit.actor, urged, organ, back),) if urged else (),
    )


def _days(due: date | None, today: date) -> int | None:
    return (due - today).days if due else None

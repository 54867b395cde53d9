"""The leader's page: five numbers, stages, districts, what needs a word; every number leads to the list it counts."""

from collections.abc import Iterable, Mapping
from datetime import date
from urllib.parse import urlencode

from flask import url_for
from flask_babel import gettext as _

from models.board import FEW, AttentionLine, BoardFigures, Lights, attention, board_figures, waiting
from models.clock import local_day
from models.held import HeldLine, held_items
from models.organ import Organ, organs
from models.reference import reference_rows
from models.stage import stages
from models.supervision import RUNGS
from models.unit import Actor, Unit
from web.agenda_page import missed_lines
from web.i18n import say
from web.project_history import named
from web.project_list import light_lamp, stage_name
from web.urging import to_urge, urge_act
from web.views import AttentionRow, DistrictTile, Figure, LeaderPage, Link, StageCount

NONE = Lights()


def leader_page(unit: Unit) -> LeaderPage:
    """The page of the actor's own reach: the whole city, or one district; five queries, six for who decides on missed ones."""
    figures, waits = board_figures(unit), waiting(unit)
    places = list(organs(unit.session, unit.today))
    lines = attention(unit)
    held = held_items(unit, [line.project.id for line in lines])
    names = {organ.id: named(organ.name_zh, organ.name_en) for organ in places}
    tiles = _tiles(figures, places)
    return LeaderPage(
        as_of=unit.now,
        figures=_figures(figures, waits.overdue, waits.rectifications),
        stages=tuple(_stage(figures, each.code) for each in stages()),
        tiles=tuple(tile for tile in tiles if tile.row),
        zones=tuple(tile for tile in tiles if not tile.row),
        attention=tuple(_attention(unit.actor, line, held[line.project.id], names, unit.today) for line in lines),
        worst=tuple(sorted((tile for tile in tiles if tile.row and tile.red), key=lambda tile: -tile.red)[:FEW]),
        elsewhere=tuple(_elsewhere(figures)),
        missed=missed_lines(unit),
        agenda_href=url_for("agenda.index", _anchor="asked"),
    )


def projects_href(**asked: str | int) -> str:
    """The list of projects with these filters."""
    query = urlencode(asked)
    return f"{url_for('projects.index')}?{query}" if query else url_for("projects.index")


def _figures(figures: BoardFigures, overdue: int, rectifying: int) -> tuple[Figure, ...]:
    lights, states = figures.all, figures.by_state
    running = _("在推进 %(n)s", n=states.get("running", 0))
    gaps = _("待补录 %(n)s", n=states.get("incomplete", 0))
    return (
        Figure("projects", _("全部项目"), str(lights.projects), _("个"), projects_href(), None, f"{running} · {gaps}"),
        Figure("red", _("红灯"), str(lights.red), _("个"), projects_href(light="red"), "red", _("停滞，已进入督办")),
        Figure("yellow", _("黄灯"), str(lights.yellow), _("个"), projects_href(light="yellow"), "yellow",
               _("滞后，须盯紧")),
        Figure("overdue", _("超期事项"), str(overdue), _("件"), url_for("boards.overdue"), "red" if overdue else None,
               _("过了期限还没办")),
        Figure("rectifications", _("整改中"), str(rectifying), _("件"), url_for("boards.rectifications"), None,
               _("已发整改通知书，未销号")),
    )  # fmt: skip


def _stage(figures: BoardFigures, code: str) -> StageCount:
    lights = figures.by_stage.get(code, NONE)
    href, red = projects_href(stage=code), projects_href(stage=code, light="red")
    return StageCount(stage_name(code), lights.projects, lights.red, href, red)


def _tiles(figures: BoardFigures, places: Iterable[Organ]) -> list[DistrictTile]:
    by_code = {organ.code: organ for organ in places}
    return [
        _tile(figures, by_code[row["code"]], row)
        for row in reference_rows("district_tiles")
        if row["code"] in by_code
    ]  # fmt: skip


def _tile(figures: BoardFigures, organ: Organ, row: Mapping[str, str]) -> DistrictTile:
    district = int(row["row"]) > 0
    lights = (figures.by_district if district else figures.by_owner).get(organ.id, NONE)
    place = {"district" if district else "organ": organ.id}
    return DistrictTile(
        name=named(organ.name_zh, organ.name_en),
        short=named(row["short_zh"], row["short_en"]),
        column=int(row["column"]),
        row=int(row["row"]),
        projects=lights.projects,
        red=lights.red,
        yellow=lights.yellow,
        href=projects_href(**place),
        red_href=projects_href(**place, light="red"),
        yellow_href=projects_href(**place, light="yellow"),
    )


def _elsewhere(figures: BoardFigures) -> Iterable[Link]:
    unknown = figures.by_stage.get("unknown", NONE).projects
    if unknown:
        yield Link(_("阶段待核实 %(n)s 个", n=unknown), projects_href(stage="unknown"))


def _attention(
    actor: Actor, line: AttentionLine, items: list[HeldLine], names: Mapping[int, str], today: date
) -> AttentionRow:
    project, urged = line.project, to_urge(actor, items)
    back = url_for("boards.leader")
    organ = names.get(line.organ_id or project.owner_organ_id, "")
    acts = (urge_act(actor, urged, names.get(urged.organ_id, ""), back),) if urged else ()
    rung = f"L{line.rung} {say(RUNGS[line.rung])}" if line.rung in RUNGS else _("督办启动") if line.organ_id else ""
    return AttentionRow(
        project=Link(project.name, url_for("projects.page", project_id=project.id)),
        organ=organ,
        lamp=light_lamp(project.light),
        stage=stage_name(project.stage),
        investment=project.total_investment,
        reason=project.sentence or _("已转绿，督办尚未结束。"),
        rung=rung,
        held=_held(urged, names, today) if urged else "",
        acts=acts,
    )


def _held(item: HeldLine, names: Mapping[int, str], today: date) -> str:
    """Who holds the item that would be urged, and how late it is."""
    who = item.holder or names.get(item.organ_id, "")
    late = (today - local_day(item.due_at)).days if item.due_at else 0
    if late > 0:
        return str(_("卡在：%(name)s（%(who)s，超期 %(n)s 天）", name=item.name, who=who, n=late))
    return str(_("待办：%(name)s（%(who)s）", name=item.name, who=who))

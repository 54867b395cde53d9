"""The supervision board as its page shows it: ladders with what comes next, lights by district, papers unanswered."""

from collections import Counter
from collections.abc import Iterable, Mapping
from urllib.parse import urlencode

from flask import url_for
from flask_babel import gettext as _

from models.board import (
    PAGE,
    BoardFigures,
    BoardFilter,
    LadderCount,
    LadderLine,
    Waiting,
    board_figures,
    ladder,
    ladder_counts,
    supervised_again,
    waiting,
)
from models.clock import local_day
from models.held import HeldLine, held_items
from models.notice_list import unanswered_notices
from models.organ import Organ, organs
from models.project import LIGHTS
from models.supervision import RUNGS
from models.unit import Unit
from web.fields import FieldView
from web.i18n import day, say
from web.leader_page import projects_href
from web.notice_list import notice_row
from web.project_history import named
from web.project_list import COLOURS, light_lamp
from web.urging import is_own, to_urge, urge_act
from web.views import Act, Chip, FilterView, LadderRow, Link, Option, OrganLights, Paging, SupervisePage

SHOWN_NOTICES = 5
SIGNED = "supervision_sign"  # the form of the item that waits for a signature


def supervise_page(unit: Unit, asked: Mapping[str, str]) -> SupervisePage:
    """The page for these filters; eight queries."""
    wanted = filter_of(asked)
    found = ladder(unit, wanted, after=_number(asked.get("after", "")))
    lines, counts = found[:PAGE], ladder_counts(unit)
    held = held_items(unit, [line.project.id for line in lines])
    places = list(organs(unit.session, unit.today))
    names = {organ.id: named(organ.name_zh, organ.name_en) for organ in places}
    waits, back = waiting(unit), _here(asked)
    return SupervisePage(
        tabs=tabs(waits, "supervise"),
        chips=_chips(asked, wanted, counts),
        rungs=_rungs(asked, wanted, counts),
        filters=_filters(asked, places, counts),
        hidden=tuple((name, asked[name]) for name in ("light", "rung") if asked.get(name)),
        rows=tuple(_row(unit, line, held[line.project.id], names, back) for line in lines),
        total=sum(each.number for each in counts if each.fits(wanted)),
        paging=Paging(len(lines), _here(asked, after=lines[-1].id) if len(found) > PAGE else "",
                      _here(asked, after="") if asked.get("after") else ""),
        organs=_districts(board_figures(unit), places),
        blockers=_blockers(wanted, counts, names),
        unanswered=tuple(notice_row(each, unit.today) for each in unanswered_notices(unit, SHOWN_NOTICES)),
        unanswered_total=waits.unanswered,
        unanswered_href=url_for("notices.index", state="unsigned"),
        repeat=tuple((Link(name, url_for("projects.page", project_id=number)), times)
                     for number, name, times in supervised_again(unit)),
    )  # fmt: skip


def filter_of(asked: Mapping[str, str]) -> BoardFilter:
    """The filter an address asks for; a value nobody offers finds nothing rather than everything."""
    return BoardFilter(asked.get("light", ""), *(_asked(asked.get(name, "")) for name in ("district", "organ", "rung")))


def tabs(waits: Waiting, active: str) -> tuple[Chip, ...]:
    """The lists of the board with how long each is."""
    lists = (
        ("supervise", _("正在督办"), waits.supervisions),
        ("lit", _("亮灯未督办"), waits.lit),
        ("rectifications", _("整改"), waits.rectifications),
        ("overdue", _("超期事项"), waits.overdue),
    )
    return tuple(Chip(text, url_for(f"boards.{key}"), count, key == active) for key, text, count in lists)


def _asked(text: str) -> int | None:
    return None if not text else _number(text) or -1


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 16 else None


def _here(asked: Mapping[str, str], **changed: object) -> str:
    """This board with other filters; a change of filter begins at the first page."""
    kept = {name: value for name, value in asked.items() if name in ("light", "rung", "district", "organ")}
    query = urlencode({name: value for name, value in (kept | changed).items() if value})
    return f"{url_for('boards.supervise')}?{query}" if query else url_for("boards.supervise")


def _chips(asked: Mapping[str, str], wanted: BoardFilter, counts: list[LadderCount]) -> tuple[Chip, ...]:
    others = BoardFilter("", wanted.district_id, wanted.organ_id, wanted.rung)
    number = Counter[str]()
    for each in counts:
        number[each.light] += each.number if each.fits(others) else 0
    chips = [Chip(_("全部"), _here(asked, light=""), number.total(), not wanted.light)]
    chips += [
        Chip(say(LIGHTS[light]), _here(asked, light=light), number[light], wanted.light == light, COLOURS[light])
        for light in ("red", "yellow", "green")
    ]
    return tuple(chips)


def _rungs(asked: Mapping[str, str], wanted: BoardFilter, counts: list[LadderCount]) -> tuple[Chip, ...]:
    others = BoardFilter(wanted.light, wanted.district_id, wanted.organ_id)
    number = Counter[int]()
    for each in counts:
        number[each.rung] += each.number if each.fits(others) else 0
    return tuple(
        Chip(say(name), _here(asked, rung="" if wanted.rung == rung else rung), number[rung], wanted.rung == rung)
        for rung, name in RUNGS.items()
    )


def _filters(asked: Mapping[str, str], places: Iterable[Organ], counts: list[LadderCount]) -> tuple[FilterView, ...]:
    supervised = {each.organ_id for each in counts}
    every = list(places)
    districts = [organ for organ in every if organ.kind == "district"]
    return (
        _select("district", _("所在区"), districts, asked.get("district", "")),
        _select("organ", _("被督办单位"), [each for each in every if each.id in supervised], asked.get("organ", "")),
    )


def _select(name: str, title: str, offered: list[Organ], chosen: str) -> FilterView:
    options = [Option(str(each.id), named(each.name_zh, each.name_en), str(each.id) == chosen) for each in offered]
    return FilterView(name, title, (Option("", _("全部"), not chosen), *options))


def _districts(figures: BoardFigures, places: Iterable[Organ]) -> tuple[OrganLights, ...]:
    """Districts with a red or yellow light, the reddest first."""
    found = [(figures.by_district[organ.id], organ) for organ in places if organ.id in figures.by_district]
    lit = [(lights, organ) for lights, organ in found if lights.red or lights.yellow]
    return tuple(
        OrganLights(
            named(organ.name_zh, organ.name_en), lights.red, lights.yellow, lights.green,
            url_for("boards.supervise", district=organ.id), projects_href(district=organ.id, light="red"),
            projects_href(district=organ.id, light="yellow"),
        )
        for lights, organ in sorted(lit, key=lambda each: (-each[0].red, -each[0].yellow, each[1].code))
    )  # fmt: skip


def _blockers(wanted: BoardFilter, counts: list[LadderCount], names: Mapping[int, str]) -> tuple[Chip, ...]:
    """The supervised organs, those with most supervisions first; the list each leads to has just as many."""
    number = Counter[int]()
    for each in counts:
        number[each.organ_id] += each.number
    return tuple(
        Chip(names.get(organ, ""), url_for("boards.supervise", organ=organ), count, wanted.organ_id == organ)
        for organ, count in number.most_common()
    )


def _row(unit: Unit, line: LadderLine, items: list[HeldLine], names: Mapping[int, str], back: str) -> LadderRow:
    project, actor = line.project, unit.actor
    own = next((item for item in items if item.process_key == "supervision"), None)
    text, href = _next(line, own, names)
    urged = to_urge(actor, [item for item in items if item is not own])
    acts = [urge_act(actor, urged, names.get(urged.organ_id, ""), back)] if urged else []
    if own is None and line.wakes_at and actor.may("supervision.raise", [project.owner_organ_id, project.district_id]):
        acts.append(reasoned("raise_rung", _("提级"), project.id, _("不等期限届满，立即进入下一级。")))
    return LadderRow(
        project=Link(project.name, url_for("projects.page", project_id=project.id)),
        organ=names.get(line.organ_id, ""),
        lamp=light_lamp(project.light, project.sentence),
        rung=line.rung,
        rung_name=say(RUNGS[line.rung]) if line.rung in RUNGS else _("刚刚启动"),
        since=local_day(line.began_at),
        next_text=text,
        next_href=href,
        sign=Link(_("去签发"), href) if own and own.form == SIGNED and is_own(actor, own) else None,
        by_hand=line.by_hand or "",
        acts=tuple(acts),
    )


def _next(line: LadderLine, own: HeldLine | None, names: Mapping[int, str]) -> tuple[str, str]:
    """What comes next in words, and the page on which it is done when somebody must act."""
    if own is not None:
        organ = names.get(own.organ_id, "")
        return _("待办：%(name)s（%(who)s）", name=own.name, who=own.holder or organ), f"/tasks/{own.id}"
    if line.round is not None:
        due = day(line.report_due_on)
        return _("整改第%(round)s轮，报告期限 %(due)s", round=line.round, due=due), url_for("boards.rectifications")
    if line.wakes_at is not None and line.rung + 1 in RUNGS:
        return _("%(due)s仍未转绿，升为%(name)s", due=day(line.wakes_at), name=say(RUNGS[line.rung + 1])), ""
    return _("等待结果"), ""


def reasoned(key: str, text: str, project_id: int, question: str) -> Act:
    """An act on a supervision by hand, which asks for its reason."""
    told = _("写明事实，对方和以后查阅的人都能看到。")
    reason = FieldView("reason", _("原因"), "textarea", required=True, help=told, max_length=500)
    href = url_for(f"project_acts.{key}_post", project_id=project_id)
    return Act(f"{key}-{project_id}", text, href, "megaphone", "secondary", question, (reason,))

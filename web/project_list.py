"""The list of projects as its page shows it: filters from the address, rows, totals, and where the next page begins."""

from collections.abc import Mapping
from urllib.parse import urlencode

from flask import url_for
from flask_babel import gettext as _

from models.organ import Organ
from models.project import LIGHTS, STATES
from models.project_list import (
    SORTS,
    Cursor,
    ProjectFigures,
    ProjectFilter,
    ProjectLine,
    found_once,
    list_projects,
    project_figures,
)
from models.stage import stages
from models.texts import N_
from models.totals import Totals, totals
from models.unit import Unit
from web.i18n import say
from web.project_form import lands
from web.project_history import named
from web.project_money import gaps, left_out, rates_href
from web.views import Chip, Colour, FilterView, LampView, Option, Paging, ProjectRow, ProjectsPage, ProjectTotals

SORT_WORDS = {"new": N_("最新登记"), "updated": N_("最近更新"), "money": N_("总投资最大")}
UNKNOWN = N_("待核实")
COLOURS: dict[str, Colour] = {"red": "red", "yellow": "yellow", "green": "green", "grey": "grey"}


def projects_page(unit: Unit, asked: Mapping[str, str]) -> ProjectsPage:
    """The page for these filters; raises Invalid for a sort or a place to go on from that does not exist."""
    wanted = found_once(unit, filter_of(asked))
    page = list_projects(unit, wanted, after=cursor_of(asked.get("after", "")))
    figures = project_figures(unit, wanted)
    sums = totals(unit.session, [line.id for line in page.lines], unit.today.year)
    kept = {name: value for name, value in asked.items() if value and name != "after"}
    following = urlencode(kept | {"after": f"{page.after[0]}|{page.after[1]}"}) if page.after else ""
    path = url_for("projects.index")
    may = unit.actor.may
    own = [grant.organ_id for grant in unit.actor.grants]
    return ProjectsPage(
        rows=tuple(_row(line, sums[line.id]) for line in page.lines),
        totals=ProjectTotals(figures.count, figures.total_investment, figures.sums.funds_all,
                             gaps(figures.sums, ("funds",)), rates_href(unit)),
        paging=Paging(len(page.lines), f"{path}?{following}" if following else "",
                      f"{path}?{urlencode(kept)}" if asked.get("after") else ""),
        filters=_filters(asked, lands(unit)),
        chips=_chips(asked, figures),
        query=asked.get("q", ""),
        new_href=url_for("projects.new") if may("project.register", own) else "",
        import_href=url_for("ledger.upload") if may("ledger.import", own) else "",
    )  # fmt: skip


def filter_of(asked: Mapping[str, str]) -> ProjectFilter:
    """The filter an address asks for; a value nobody offers finds nothing rather than everything."""
    return ProjectFilter(
        words=asked.get("q", ""),
        stage=asked.get("stage", ""),
        state=asked.get("state", ""),
        light=asked.get("light", ""),
        district_id=_organ_asked(asked.get("district", "")),
        organ_id=_organ_asked(asked.get("organ", "")),
        sort=asked.get("sort") or "new",
    )


def _organ_asked(text: str) -> int | None:
    return (int(text) if text.isdecimal() and len(text) < 10 else -1) if text else None


def cursor_of(text: str) -> Cursor | None:
    """Where a page begins: the sorted value and the number behind the last bar."""
    value, bar, last = text.rpartition("|")
    return (value, int(last)) if bar and last.isdecimal() and len(last) < 16 else None


def light_lamp(light: str, why: str = "") -> LampView:
    """The lamp of a project's light."""
    return LampView(COLOURS.get(light, "grey"), say(LIGHTS.get(light, LIGHTS["grey"])), why)


def stage_name(code: str | None) -> str:
    """The stage in the visitor's language; 待核实 while nobody has confirmed one."""
    found = next((each for each in stages() if each.code == code), None)
    return named(found.name_zh, found.name_en) if found else say(UNKNOWN)


def _row(line: ProjectLine, sums: Totals) -> ProjectRow:
    words = [say(STATES[line.state])] if line.state != "running" else []
    return ProjectRow(
        id=str(line.id),
        href=url_for("projects.page", project_id=line.id),
        name=line.name,
        number=line.project_no,
        organ=named(line.district_zh, line.district_en) or say(UNKNOWN),
        stage=stage_name(line.stage),
        lamp=light_lamp(line.light),
        investment=line.total_investment,
        arrived=sums.funds_all or None,
        lead=line.officer or "",
        changed_at=line.last_updated_at,
        state=" · ".join(words + ([_("演示")] if line.demo else [])),
        left_out=left_out(sums, "funds"),
    )


def _filters(asked: Mapping[str, str], places: list[Organ]) -> tuple[FilterView, ...]:
    codes = [(each.code, named(each.name_zh, each.name_en)) for each in stages()] + [("unknown", say(UNKNOWN))]
    districts = [(str(each.id), named(each.name_zh, each.name_en)) for each in places if each.kind == "district"]
    zones = [(str(each.id), named(each.name_zh, each.name_en)) for each in places if each.kind == "development_zone"]
    return (
        _select(asked, "stage", _("阶段"), codes),
        _select(asked, "light", _("灯"), [(key, say(text)) for key, text in LIGHTS.items()]),
        _select(asked, "state", _("状态"), [(key, say(text)) for key, text in STATES.items()]),
        _select(asked, "district", _("所在区"), districts),
        _select(asked, "organ", _("开发区"), zones),
        _select(asked, "sort", _("排序"), [(key, say(SORT_WORDS[key])) for key in SORTS], every=False),
    )


def _select(
    asked: Mapping[str, str], name: str, title: str, offered: list[tuple[str, str]], *, every: bool = True
) -> FilterView:
    chosen = asked.get(name, "")
    options = [Option(value, text, value == chosen) for value, text in offered]
    return FilterView(name, title, tuple([Option("", _("全部"), not chosen), *options] if every else options))


def _chips(asked: Mapping[str, str], figures: ProjectFigures) -> tuple[Chip, ...]:
    """Ready-made filters; counts are of what is listed, so they stand only where the list is not narrowed by them."""
    light, state = asked.get("light", ""), asked.get("state", "")
    free = not light and not state
    chips = [Chip(_("全部"), _narrowed(asked), figures.count if free else None, free)]
    for colour in ("red", "yellow"):
        count = figures.by_light.get(colour, 0) if free or light == colour else None
        chips.append(Chip(say(LIGHTS[colour]), _narrowed(asked, light=colour), count, light == colour, COLOURS[colour]))
    for word in ("incomplete", "suspended"):
        count = figures.by_state.get(word, 0) if free or state == word else None
        chips.append(Chip(say(STATES[word]), _narrowed(asked, state=word), count, state == word))
    return tuple(chips)


def _narrowed(asked: Mapping[str, str], **more: str) -> str:
    kept = {name: value for name, value in asked.items() if value and name not in ("light", "state", "after")}
    return f"{url_for('projects.index')}?{urlencode(kept | more)}"

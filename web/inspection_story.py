"""What an item of 季检查 is about: where its list lies, how far a district is, and the problems to be countersigned."""

from collections.abc import Iterator

from flask import url_for
from flask_babel import gettext as _

from models.inspection import (
    Inspection,
    check_counts,
    checks_of,
    find_district,
    inspection_of_id,
    inspection_of_process,
)
from models.inspection_check import problems_of_process
from models.item_card import ItemCard
from models.organ import organ_names
from models.problem import Problem
from models.project import Project
from models.unit import Unit
from web.i18n import day, language
from web.views import Fact


def inspection_story(unit: Unit, card: ItemCard) -> Iterator[Fact]:
    """Nothing for items of other mechanisms."""
    if card.line.process_key == "inspection":
        row = inspection_of_process(unit.session, card.line.process_id)
        if row and card.line.node != "plan":
            yield _page(row, _("名单和进度"), _count(unit, row))
    elif card.line.process_key == "inspection_district":
        yield from _district(unit, card)


def _district(unit: Unit, card: ItemCard) -> Iterator[Fact]:
    district = find_district(unit.session, card.line.process_id)
    if district is None:
        return
    row = inspection_of_id(unit.session, district.inspection_id)
    checks = checks_of(unit.session, row.id, district.organ_id)
    done = sum(1 for check, _project in checks if check.checked_at)
    said = _("共 %(all)s 个项目，已检查 %(done)s 个，点此逐项目填写或者查看", all=len(checks), done=done)
    yield _page(row, _("检查表"), str(said), district.organ_id)
    if district.note and card.line.node == "countersign":
        yield Fact(_("检查组说明"), district.note)
    if card.line.node == "countersign":
        projects = {project.id: project for _check, project in checks}
        found = problems_of_process(unit.session, card.line.process_id)
        if not found:
            yield Fact(_("问题清单"), _("没有发现问题。"))
        for each in found:
            yield Fact(_("问题%(n)s", n=each.number), _told(each, projects))


def _told(each: Problem, projects: dict[int, Project]) -> str:
    fact = _("%(project)s：%(fact)s", project=projects[each.project_id].name, fact=each.fact)
    asked = _(
        "要求：%(demand)s 期限：%(on)s 责任：%(owner)s", demand=each.demand, on=day(each.due_on), owner=each.owner
    )
    basis = _("依据：%(basis)s", basis=each.basis)
    return f"{fact}\n{asked}\n{basis}"


def _page(row: Inspection, label: str, text: str, district_id: int | None = None) -> Fact:
    return Fact(label, text, url_for("inspections.page", quarter=row.period, district=district_id))


def _count(unit: Unit, row: Inspection) -> str:
    counts = check_counts(unit.session, row.id)
    names = organ_names(unit.session, counts, language())
    drawn = sum(count for count, _done in counts.values())
    told = _("%(districts)s个区、%(projects)s个项目", districts=len(counts), projects=drawn)
    return f"{told}：{'、'.join(names[each] for each in sorted(counts))}"

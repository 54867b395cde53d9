"""The quarters of 季检查 and one quarter as their pages show them: plan, districts, projects, problems and their rectification."""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping

from flask import url_for
from flask_babel import gettext as _

from models.district import land_on
from models.duty import DUTIES, next_opening
from models.inspection import (
    DRAW_RULE,
    SOURCE,
    Inspection,
    InspectionCheck,
    InspectionDistrict,
    check_counts,
    checks_of,
    districts_of,
    inspection_of,
    inspections,
)
from models.inspection_papers import sign_words
from models.inspection_question import LINKS
from models.notice import find_notice
from models.organ import organ_names
from models.permit import PERMITS
from models.problem import Problem, problems_of, projects_of
from models.project import Project
from models.rectification import Rectification, rectifications_by_id
from models.refusal import NotFound
from models.texts import N_
from models.unit import Unit
from web.duty_words import period_words
from web.i18n import day, language, say
from web.views.inspection import CheckRow, DistrictRow, InspectionsPage, ProblemRow, QuarterPage, QuarterRow
from web.views.shared import Chip, Fact, LampView, Link

MOST_SHOWN = 200  # problems on the page; the table to download has all
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run what begins so
Counts = Mapping[int, tuple[int, int]]  # by district: drawn, checked


def may_see_all(unit: Unit) -> bool:
    """Whether the officer sees every district, and a plan before it is approved."""
    allowed = PERMITS["inspection.view"]
    return unit.actor.is_house or any(grant.city and grant.role in allowed.roles for grant in unit.actor.grants)


def seen_districts(unit: Unit, row: Inspection) -> list[InspectionDistrict]:
    """The districts of an inspection this officer may know of: all, or the own one, also after a merger."""
    found = districts_of(unit.session, row.id)
    if may_see_all(unit):
        return found
    if row.approved_at is None:
        return []
    answering = land_on(unit.session, unit.today).answering
    mine = {answering.get(grant.organ_id, grant.organ_id) for grant in unit.actor.grants}
    return [each for each in found if answering.get(each.organ_id, each.organ_id) in mine]


def seen_inspection(unit: Unit, period: str) -> Inspection:
    """The inspection; raises NotFound also for a plan that is not approved and is none of the officer's business."""
    row = inspection_of(unit.session, period)
    if not may_see_all(unit) and not seen_districts(unit, row):
        raise NotFound(N_("没有这一季度的检查。"))
    return row


def inspections_page(unit: Unit) -> InspectionsPage:
    """The quarters this officer may know of, newest first."""
    opening = next_opening(DUTIES["inspection"], unit.now)
    said = _("下一次：%(quarter)s，%(on)s开始拟订方案。", quarter=period_words(opening.name), on=day(opening.opens_at))
    rows = [row for row in inspections(unit.session) if may_see_all(unit) or seen_districts(unit, row)]
    return InspectionsPage(tuple(_quarter(unit, row) for row in rows), str(said))


def _quarter(unit: Unit, row: Inspection) -> QuarterRow:
    seen = {each.organ_id for each in seen_districts(unit, row)}
    counts = [count for organ_id, count in check_counts(unit.session, row.id).items() if organ_id in seen]
    drawn, done = (sum(count[place] for count in counts) for place in (0, 1))
    return QuarterRow(
        title=_("%(quarter)s检查", quarter=period_words(row.period)),
        href=url_for("inspections.page", quarter=row.period),
        lamp=quarter_lamp(row),
        days=_span(row),
        projects=f"{done} / {drawn}" if drawn else "—",
        problems=len(_seen_problems(unit, row, seen_districts(unit, row))),
        due_on=row.due_on,
    )


def quarter_lamp(row: Inspection) -> LampView:
    """How far a quarter is, in a word."""
    if row.notice_id:
        return LampView("green", _("已通报"))
    if row.approved_at:
        return LampView("yellow", _("检查中"))
    return LampView("grey", _("方案待批") if row.planned_by else _("待拟方案"))


def _span(row: Inspection) -> str:
    return f"{day(row.first_on)} – {day(row.last_on)}" if row.first_on and row.last_on else "—"


def quarter_page(unit: Unit, period: str, district_id: int | None) -> QuarterPage:
    """One quarter; the projects are those of the district asked for, else of the first one seen."""
    row = seen_inspection(unit, period)
    districts = seen_districts(unit, row)
    chosen = next((each for each in districts if each.organ_id == district_id), districts[0] if districts else None)
    problems = _seen_problems(unit, row, districts)
    counts, names = check_counts(unit.session, row.id), _names(unit, districts)
    shown = checks_of(unit.session, row.id, chosen.organ_id) if chosen else []
    revealed = may_see_all(unit) or bool(chosen and chosen.submitted_at)
    projects = projects_of(unit.session, problems)
    rows = rectifications_by_id(unit.session, [each.rectification_id for each in problems if each.rectification_id])
    return QuarterPage(
        title=_("%(quarter)s检查", quarter=period_words(row.period)),
        lamp=quarter_lamp(row),
        facts=tuple(_plan(unit, row)),
        rule=str(_(DRAW_RULE, share=row.share, seed=row.seed)) if row.share and row.share < 100 else "",
        districts=tuple(_district(row, each, counts, problems, names) for each in districts),
        chips=tuple(_chip(row, each, names, chosen) for each in districts) if len(districts) > 1 else (),
        checks=tuple(_check(row, *pair, revealed=revealed) for pair in shown),
        problems=tuple(_problem(each, projects, rows) for each in problems[:MOST_SHOWN]),
        problem_count=len(problems),
        more=max(0, len(problems) - MOST_SHOWN),
        export_href=url_for("inspections.table", quarter=row.period) if problems else "",
        waiting="" if districts else _("方案批准以后，这里列出各区、项目和问题。"),
    )


def _names(unit: Unit, districts: Iterable[InspectionDistrict]) -> Mapping[int, str]:
    return organ_names(unit.session, [each.organ_id for each in districts], language())


def _seen_problems(unit: Unit, row: Inspection, districts: Iterable[InspectionDistrict]) -> list[Problem]:
    seen = {each.process_id for each in districts}
    return [each for each in problems_of(unit.session, SOURCE, row.period) if each.process_id in seen]


def _plan(unit: Unit, row: Inspection) -> Iterable[Fact]:
    if row.share:
        scope = _("全面检查") if row.share == 100 else _("按 %(share)s%% 抽查", share=row.share)
        yield Fact(_("检查比例"), scope)
        yield Fact(_("检查时间"), _span(row))
        yield Fact(_("检查组"), row.team)
    if row.remark:
        yield Fact(_("重点和纪律要求"), row.remark)
    if row.approved_at:
        yield Fact(_("方案批准"), f"{row.approved_by} · {day(row.approved_at)}")
    yield Fact(_("通报最迟发出"), day(row.due_on))
    if row.notice_id:
        paper = find_notice(unit.session, row.notice_id)
        yield Fact(_("通报"), f"{paper.number} {paper.title}", url_for("notices.page", notice_id=paper.id))


def _district(
    row: Inspection, each: InspectionDistrict, counts: Counts, problems: list[Problem], names: Mapping[int, str]
) -> DistrictRow:
    drawn, done = counts.get(each.organ_id, (0, 0))
    found = Counter(problem.process_id for problem in problems)[each.process_id]
    lamp = LampView("grey", _("检查中"))
    if each.closed_at:
        lamp = LampView("green" if each.signed_at else "yellow", _("已签认") if each.signed_at else _("逾期未签认"))
    elif each.submitted_at:
        lamp = LampView("yellow", _("待签认"))
    return DistrictRow(
        name=names.get(each.organ_id, ""),
        href=url_for("inspections.page", quarter=row.period, district=each.organ_id, _anchor="checks"),
        lamp=lamp,
        checked=f"{done} / {drawn}",
        problems=str(found) if each.submitted_at else "—",
        signed=sign_words(each) if each.submitted_at else "—",
        objection=each.objection,
    )


def _chip(
    row: Inspection, each: InspectionDistrict, names: Mapping[int, str], chosen: InspectionDistrict | None
) -> Chip:
    href = url_for("inspections.page", quarter=row.period, district=each.organ_id, _anchor="checks")
    return Chip(names.get(each.organ_id, ""), href, active=each is chosen)


def _check(row: Inspection, check: InspectionCheck, project: Project, *, revealed: bool) -> CheckRow:
    href = url_for("inspections.sheet", quarter=row.period, project_id=project.id)
    return CheckRow(
        project=Link(project.name, url_for("projects.page", project_id=project.id)),
        number=project.project_no,
        links="、".join(say(LINKS[each]) for each in check.links),
        lamp=check_lamp(check, revealed=revealed),
        by=check.checked_by or check.saved_by or "",
        act=Link(_("检查表"), href),
    )


def is_revealed(unit: Unit, row: Inspection, check: InspectionCheck) -> bool:
    """Whether the officer may read the verdicts: the desk always, the district once its results are handed in."""
    return may_see_all(unit) or any(
        each.submitted_at for each in seen_districts(unit, row) if each.organ_id == check.district_id
    )


def check_lamp(check: InspectionCheck, *, revealed: bool = True) -> LampView:
    """How far a checklist is; red when something is not met, as far as it may be told."""
    if not revealed:
        return LampView("grey", _("已检查") if check.checked_at else _("未检查"))
    if check.checked_at is None:
        return LampView("yellow", _("填写中")) if check.saved_at else LampView("grey", _("未检查"))
    wrong = sum(1 for given in check.answers.values() if given.get("verdict") == "problem")
    return LampView("red", _("%(n)s 个问题", n=wrong)) if wrong else LampView("green", _("未发现问题"))


def _problem(each: Problem, projects: Mapping[int, Project], rows: Mapping[int, Rectification]) -> ProblemRow:
    project, row = projects[each.project_id], rows.get(each.rectification_id or 0)
    return ProblemRow(
        number=str(each.number),
        project=Link(project.name, url_for("projects.page", project_id=project.id)),
        fact=each.fact,
        basis=each.basis,
        demand=each.demand,
        due_on=row.report_due_on if row else each.due_on,
        owner=each.owner,
        lamp=_state(each, row),
        state_href=url_for("notices.page", notice_id=row.notice_id) if row and row.notice_id else "",
    )


def _state(each: Problem, row: Rectification | None) -> LampView:
    if row is None:
        return LampView("grey", _("已签认") if each.countersigned_at else _("待签认"))
    if row.closed_at:
        return LampView("green", _("已销号"))
    return LampView("yellow", _("整改第%(n)s轮", n=row.round))


def problem_table(unit: Unit, period: str) -> bytes:
    """The problem list as csv that a spreadsheet opens with its Chinese right and runs nothing of."""
    row = seen_inspection(unit, period)
    problems = _seen_problems(unit, row, seen_districts(unit, row))
    projects = projects_of(unit.session, problems)
    rows = rectifications_by_id(unit.session, [each.rectification_id for each in problems if each.rectification_id])
    names = organ_names(unit.session, [each.district_id for each in problems], language())
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([_("区"), _("序号"), _("项目编号"), _("项目"), _("问题"), _("依据"), _("整改要求"), _("整改期限"),
                     _("责任单位（人）"), _("签认"), _("异议"), _("整改")])  # fmt: skip
    for each in problems:
        project = projects[each.project_id]
        cells = [names.get(each.district_id, ""), str(each.number), project.project_no, project.name, each.fact,
                 each.basis, each.demand, each.due_on.isoformat() if each.due_on else "", each.owner,
                 each.countersigned_by or "", each.objection,
                 _state(each, rows.get(each.rectification_id or 0)).text]  # fmt: skip
        writer.writerow([f"'{cell}" if cell.startswith(FORMULA) else cell for cell in cells])
    return text.getvalue().encode("utf-8-sig")

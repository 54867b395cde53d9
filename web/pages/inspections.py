"""季检查: the quarters, one quarter with its problem list, and the checklist that an inspector fills in on the spot."""

from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from models.attachment import KeptFile
from models.house import House
from models.inspection_check import Answers, finish_check, save_check
from models.inspection_question import questions_of
from models.refusal import Invalid
from models.texts import N_
from models.unit import Unit, open_reading, open_unit
from web.gate import current_actor, requires
from web.i18n import clock
from web.inspection_page import inspections_page, problem_table, quarter_page
from web.inspection_sheet import next_check, seen_check, sheet_page, typed_answers
from web.numbers import number
from web.uploads import file_all, kept_files, sent_out
from web.views import MenuEntry

VIEW, CHECK = "inspection.view", "inspection.check"
MENU = (MenuEntry("inspections.index", N_("季检查"), "clipboard-check", VIEW, 63, phone=False, under="agenda.index"),)


def pages(house: House) -> Blueprint:
    """The routes of the quarterly inspection."""
    blueprint = Blueprint("inspections", __name__, url_prefix="/inspections")
    _reading(blueprint, house)
    _writing(blueprint, house)
    return blueprint


def _reading(blueprint: Blueprint, house: House) -> None:
    @blueprint.get("")
    @requires(VIEW)
    def index() -> str:
        """The quarters, newest first."""
        with open_reading(house.database, current_actor(), house.now()) as unit:
            return render_template("inspections.html", page=inspections_page(unit))

    @blueprint.get("/<quarter>")
    @requires(VIEW)
    def page(quarter: str) -> str:
        """One quarter: plan, districts, projects of one district, problems."""
        district = request.args.get("district", type=number)
        with open_reading(house.database, current_actor(), house.now()) as unit:
            return render_template("inspection.html", page=quarter_page(unit, quarter, district))

    @blueprint.get("/<quarter>/problems.csv")
    @requires(VIEW)
    def table(quarter: str) -> Response:
        """The problem list for a spreadsheet."""
        with open_reading(house.database, current_actor(), house.now()) as unit:
            data = problem_table(unit, quarter)
        return sent_out(data, f"{quarter} {_('季检查问题清单')}.csv", "text/csv", save=True)

    @blueprint.get("/<quarter>/projects/<int:project_id>")
    @requires(VIEW)
    def sheet(quarter: str, project_id: int) -> str:
        """The checklist of one project."""
        with open_reading(house.database, current_actor(), house.now()) as unit:
            return render_template("inspection_check.html", page=sheet_page(unit, quarter, project_id))


def _writing(blueprint: Blueprint, house: House) -> None:
    @blueprint.post("/<quarter>/projects/<int:project_id>/draft")
    @requires(CHECK)
    def draft(quarter: str, project_id: int) -> Response:
        """暂存, by the script while typing pauses or by the button without it."""
        problems, _answers, at = _keep(house, quarter, project_id)
        if request.headers.get("X-Draft"):
            return Response(status=204, headers={"X-Saved-At": at})
        if problems:
            return _again(house, quarter, project_id, problems)
        flash(_("草稿已保存。"), "success")
        return _to(quarter, project_id)

    @blueprint.post("/<quarter>/projects/<int:project_id>")
    @requires(CHECK)
    def finish(quarter: str, project_id: int) -> Response:
        """检查完毕. All that was typed and uploaded is kept first, so that a refusal loses nothing, whatever the line does."""
        problems, answers, _at = _keep(house, quarter, project_id)
        if problems:
            return _again(house, quarter, project_id, problems)
        try:
            with open_unit(house.database, current_actor(), house.now()) as unit:
                finish_check(unit, period=quarter, project_id=project_id, answers=answers)
        except Invalid as refusal:
            return _again(house, quarter, project_id, dict(refusal.fields))
        flash(_("检查表已完成。提交全区结果以前还可以修改。"), "success")
        return _onward(house, quarter, project_id)


def _keep(house: House, quarter: str, project_id: int) -> tuple[dict[str, str], Answers, str]:
    """What is wrong about files that could not be taken, all the rest as it was kept, and when."""
    with open_reading(house.database, current_actor(), house.now()) as unit:
        codes = _codes(unit, quarter, project_id)
    kept, problems = _uploads(house, codes)
    with open_unit(house.database, current_actor(), house.now()) as unit:
        answers = typed_answers(codes)
        for code, files in kept.items():
            answers[code]["evidence"] = list(
                dict.fromkeys(answers[code]["evidence"] + file_all(unit, files, project_id))
            )
        save_check(unit, period=quarter, project_id=project_id, answers=answers)
        return problems, answers, clock(unit.now)


def _uploads(house: House, codes: list[str]) -> tuple[dict[str, list[KeptFile]], dict[str, str]]:
    """The files by question, kept before any unit opens, and what is wrong by field."""
    kept: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for code in codes:
        try:
            kept[code] = kept_files(house, f"{code}_evidence")
        except Invalid as refusal:
            problems |= refusal.fields
    return kept, problems


def _codes(unit: Unit, quarter: str, project_id: int) -> list[str]:
    _row, check = seen_check(unit, quarter, project_id)
    return [question.code for question in questions_of(check.links)]


def _again(house: House, quarter: str, project_id: int, problems: dict[str, str]) -> Response:
    with open_reading(house.database, current_actor(), house.now()) as unit:
        page = sheet_page(unit, quarter, project_id, problems)
    return make_response(render_template("inspection_check.html", page=page), Invalid.status)


def _onward(house: House, quarter: str, project_id: int) -> Response:
    """To the district's next project that is not checked, else back to the quarter."""
    with open_reading(house.database, current_actor(), house.now()) as unit:
        row, check = seen_check(unit, quarter, project_id)
        following = next_check(unit, row, check)
    here = url_for("inspections.page", quarter=quarter, district=check.district_id)
    return make_response(redirect(following.href if following else here, 303))


def _to(quarter: str, project_id: int) -> Response:
    return make_response(redirect(url_for("inspections.sheet", quarter=quarter, project_id=project_id), 303))

"""拟发公文 from a project's page, and 更正 from a paper's."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from forms.reader import form_schema
from models.house import House
from models.notice_list import find_notice_line
from models.project import find_project
from models.refusal import Invalid
from models.unit import Unit, open_reading, open_unit
from web.form_page import form_page
from web.gate import current_actor, requires
from workflows.dispatch import start_correction, start_letter

Crumbs = tuple[tuple[str, str], ...]
Start = Callable[[Unit, int, Mapping[str, Any]], int]
Trail = Callable[[Unit, int], Crumbs]


def pages(house: House) -> Blueprint:
    """The two forms and their answers."""
    blueprint = Blueprint("dispatch", __name__)
    _form(blueprint, house, "write", "/projects/<int:project_id>/letter", ("dispatch_letter", _letter, _to_project))
    _form(blueprint, house, "correct", "/notices/<int:notice_id>/correct", ("dispatch_correction", _correct, _to_paper))
    return blueprint


def _form(blueprint: Blueprint, house: House, name: str, rule: str, told: tuple[str, Start, Trail]) -> None:
    form, start, trail = told

    def ask(**subject: int) -> str:
        [subject_id] = subject.values()
        with open_reading(house.database, current_actor(), house.now()) as unit:
            page = form_page(unit, form, crumbs=trail(unit, subject_id))
        return render_template("form.html", page=page)

    def send(**subject: int) -> Response:
        [subject_id] = subject.values()
        typed = _typed(form)
        try:
            with open_unit(house.database, current_actor(), house.now()) as unit:
                crumbs = trail(unit, subject_id)
                start(unit, subject_id, typed)
        except Invalid as refusal:
            with open_reading(house.database, current_actor(), house.now()) as unit:
                page = form_page(unit, form, crumbs=trail(unit, subject_id), values=typed, errors=refusal.fields)
            return make_response(render_template("form.html", page=page), refusal.status)
        flash(_("已送核稿。"), "success")
        return make_response(redirect(crumbs[-1][1], 303))

    blueprint.add_url_rule(rule, name, requires("dispatch.start")(ask), methods=["GET"])
    blueprint.add_url_rule(rule, f"{name}_post", requires("dispatch.start")(send), methods=["POST"])


def _letter(unit: Unit, project_id: int, typed: Mapping[str, Any]) -> int:
    return start_letter(unit, project_id=project_id, posted=typed)


def _correct(unit: Unit, notice_id: int, typed: Mapping[str, Any]) -> int:
    return start_correction(unit, notice_id=notice_id, posted=typed)


def _to_project(unit: Unit, project_id: int) -> Crumbs:
    project = find_project(unit, project_id)
    return (_("项目总库"), url_for("projects.index")), (project.name, url_for("projects.page", project_id=project_id))


def _to_paper(unit: Unit, notice_id: int) -> Crumbs:
    line = find_notice_line(unit, notice_id)
    unit.require("dispatch.start", organ_ids=[line.organ_id])
    return (_("公文"), url_for("notices.index")), (line.number, url_for("notices.page", notice_id=notice_id))


def _typed(form: str) -> dict[str, Any]:
    properties = form_schema(form)["properties"]
    return {
        name: request.form.getlist(name) if rule.get("type") == "array" else request.form.get(name, "")
        for name, rule in properties.items()
    }

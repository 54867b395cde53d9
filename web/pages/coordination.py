"""提出协调事项: one matter for another organ, asked from a project's page."""

from collections.abc import Mapping

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from forms.reader import form_schema
from models.house import House
from models.project import Project, find_project
from models.refusal import Invalid
from models.unit import Unit, open_reading, open_unit
from web.form_page import form_page
from web.gate import current_actor, requires
from web.uploads import file_all, kept_files
from web.views import FormPage
from workflows.coordination import request_coordination

FORM = "coordination_request"


def pages(house: House) -> Blueprint:
    """The form and its answer."""
    blueprint = Blueprint("coordination", __name__, url_prefix="/projects/<int:project_id>/coordination")

    @blueprint.get("")
    @requires("coordination.request")
    def ask(project_id: int) -> str:
        """The empty form."""
        with open_reading(house.database, current_actor(), house.now()) as unit:
            page = _page(unit, find_project(unit, project_id), {}, {})
        return render_template("form.html", page=page)

    @blueprint.post("")
    @requires("coordination.request")
    def send(project_id: int) -> Response:
        """Numbers the request and starts its process, or shows the form again with what was typed."""
        typed = {name: request.form.get(name, "") for name in form_schema(FORM)["properties"] if name != "evidence"}
        try:
            kept = kept_files(house, "evidence")
            with open_unit(house.database, current_actor(), house.now()) as unit:
                find_project(unit, project_id)
                evidence = {"evidence": file_all(unit, kept, project_id)} if kept else {}
                request_coordination(unit, project_id=project_id, posted={**typed, **evidence})
        except Invalid as refusal:
            with open_reading(house.database, current_actor(), house.now()) as unit:
                page = _page(unit, find_project(unit, project_id), typed, refusal.fields)
            return make_response(render_template("form.html", page=page), refusal.status)
        flash(_("已提出协调事项，对方1个工作日内受理。"), "success")
        return make_response(redirect(url_for("projects.page", project_id=project_id), 303))

    return blueprint


def _page(unit: Unit, project: Project, values: Mapping[str, object], errors: Mapping[str, str]) -> FormPage:
    back = url_for("projects.page", project_id=project.id)
    crumbs = ((_("项目总库"), url_for("projects.index")), (project.name, back))
    return form_page(unit, FORM, crumbs=crumbs, values=values, errors=errors)

"""项目总库: the list, a new project, one project's page with its live drawing, its facts and its files."""

from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, flash, jsonify, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from engine.run import map_of
from models.attachment import attachments, read_file
from models.case_history import OpenNode, diagram_state, process_of
from models.definition import definition_xml
from models.house import House
from models.project import find_project, update_project
from models.refusal import Invalid, NotFound, Outdated
from models.texts import N_
from models.unit import Unit, open_reading, open_unit
from web.fields import FieldView
from web.gate import current_actor, requires
from web.i18n import say
from web.numbers import number
from web.project_form import OWNER, VERSION, edit_fields, new_fields, posted_values
from web.project_history import named, spots_of
from web.project_list import projects_page
from web.project_page import project_page
from web.uploads import sent_out
from web.views import FormPage, MenuEntry
from workflows.project import register_and_open

MENU = (MenuEntry("projects.index", N_("项目总库"), "buildings", "project.view", 30),)


def pages(house: House) -> Blueprint:
    """The routes of the ledger."""
    blueprint = Blueprint("projects", __name__, url_prefix="/projects")
    _list_routes(blueprint, house)
    _edit_routes(blueprint, house)
    _drawing_routes(blueprint, house)
    return blueprint


def _list_routes(blueprint: Blueprint, house: House) -> None:
    @blueprint.get("")
    @requires("project.view")
    def index() -> str:
        """The list with its filters and totals."""
        with open_reading(house.database, current_actor(), house.now()) as unit:
            page = projects_page(unit, request.args.to_dict())
        return render_template("projects.html", page=page)

    @blueprint.get("/new")
    @requires("project.register")
    def new() -> str:
        """An empty form."""
        with open_reading(house.database, current_actor(), house.now()) as unit:
            return _form(_new_page(new_fields(unit, {}, {})))

    @blueprint.post("/new")
    @requires("project.register")
    def register() -> Response:
        """Registers the project and starts its process, or shows the form again with what was typed."""
        with open_reading(house.database, current_actor(), house.now()) as unit:
            shown = new_fields(unit, {}, {})
        values = posted_values(request.form, fields=[field.name for field in shown])
        try:
            with open_unit(house.database, current_actor(), house.now()) as unit:
                project = register_and_open(unit, owner_organ_id=_owner(values), values=_filled(values))
        except Invalid as refusal:
            with open_reading(house.database, current_actor(), house.now()) as unit:
                fields = new_fields(unit, values, refusal.fields)
            return make_response(_form(_new_page(fields, _said(refusal))), refusal.status)
        flash(_("已登记，编号 %(no)s。", no=project.project_no), "success")
        return _to_page(project.id)


def _edit_routes(blueprint: Blueprint, house: House) -> None:
    @blueprint.get("/<int:project_id>")
    @requires("project.view")
    def page(project_id: int) -> str:
        """One project; ?process= chooses which of its processes is drawn."""
        with open_reading(house.database, current_actor(), house.now()) as unit:
            shown = project_page(unit, project_id, request.args.get("process", type=number))
        return render_template("project.html", page=shown)

    @blueprint.get("/<int:project_id>/edit")
    @requires("project.edit")
    def edit(project_id: int) -> str:
        """What is known of the project, to be changed."""
        with open_reading(house.database, current_actor(), house.now()) as unit:
            project = _editable(unit, project_id)
            return _form(_edit_page(project_id, edit_fields(project, {}, {}), project.version))

    @blueprint.post("/<int:project_id>/edit")
    @requires("project.edit")
    def change(project_id: int) -> Response:
        """Saves what changed; when somebody saved meanwhile, or a field is wrong, the typed text stays."""
        values: dict[str, object] = {}
        try:
            with open_unit(house.database, current_actor(), house.now()) as unit:
                project = _editable(unit, project_id)
                values = posted_values(request.form, fields=[field.name for field in edit_fields(project, {}, {})])
                version = request.form.get(VERSION, 0, type=number)
                changed = update_project(unit, project_id, version=version, values=values)
        except (Invalid, Outdated) as refusal:
            return _kept(house, project_id, values, refusal)
        flash(_("已保存%(n)s处修改。", n=len(changed)) if changed else _("没有修改。"), "success")
        return _to_page(project_id)

    @blueprint.get("/<int:project_id>/files/<int:attachment_id>")
    @requires("project.view")
    def attachment(project_id: int, attachment_id: int) -> Response:
        """A file of this project, to be saved and never to be run in the page."""
        with open_reading(house.database, current_actor(), house.now()) as unit:
            find_project(unit, project_id)
            row = next((each for each in attachments(unit.session, project_id) if each.id == attachment_id), None)
        if row is None:
            raise NotFound(N_("没有这个附件，或您无权查看。"))
        answer = sent_out(read_file(house.settings.archive_dir, row.sha256), row.name, row.media_type, save=True)
        answer.headers["X-Content-Type-Options"] = "nosniff"
        return answer


def _drawing_routes(blueprint: Blueprint, house: House) -> None:
    @blueprint.get("/<int:project_id>/processes/<int:process_id>/diagram.bpmn")
    @requires("project.view")
    def diagram(project_id: int, process_id: int) -> Response:
        """The drawing of the very version this process runs on."""
        with open_reading(house.database, current_actor(), house.now()) as unit:
            find_project(unit, project_id)
            process = process_of(unit.session, project_id, process_id)
            xml = definition_xml(unit.session, process.definition_id)
        answer = make_response(xml)
        answer.headers["Content-Type"] = "application/xml; charset=utf-8"
        return answer

    @blueprint.get("/<int:project_id>/processes/<int:process_id>/state.json")
    @requires("project.view")
    def state(project_id: int, process_id: int) -> Response:
        """What is done, open and cancelled on it, from rows alone."""
        with open_reading(house.database, current_actor(), house.now()) as unit:
            find_project(unit, project_id)
            process = process_of(unit.session, project_id, process_id)
            spots = spots_of(map_of(unit, process.definition_id))
            found = diagram_state(unit.session, process, spots, unit.now)
        active = [_active(each) for each in found.active]
        return jsonify({"done": found.done, "active": active, "cancelled": found.cancelled})


def _active(node: OpenNode) -> dict[str, Any]:
    who = str(_("、")).join(named(*organ) for organ in node.organs)
    return {"id": node.id, "late": node.late, "who": who, "days": node.days}


def _editable(unit: Unit, project_id: int) -> Any:
    project = find_project(unit, project_id)
    unit.require("project.edit", organ_ids=[project.owner_organ_id, project.district_id])
    return project


def _kept(house: House, project_id: int, values: dict[str, object], refusal: Invalid | Outdated) -> Response:
    """The form again with what was typed; after Outdated with the newest version, so that it can be saved knowingly."""
    errors = refusal.fields if isinstance(refusal, Invalid) else {}
    with open_reading(house.database, current_actor(), house.now()) as unit:
        project = _editable(unit, project_id)
        fields = edit_fields(project, values, errors)
        if isinstance(refusal, Outdated):
            fields = _compared(fields, edit_fields(project, {}, {}))
        page = _edit_page(project_id, fields, project.version, _said(refusal))
    return make_response(_form(page), refusal.status)


def _compared(typed: tuple[FieldView, ...], stored: tuple[FieldView, ...]) -> tuple[FieldView, ...]:
    """Each field that differs from what is stored now says so beside it."""
    pairs = zip(typed, stored, strict=True)
    return tuple(
        mine if mine.value == theirs.value else replace(mine, help=_("库中现为：%(value)s", value=theirs.value or "—"))
        for mine, theirs in pairs
    )


def _owner(values: dict[str, object]) -> int:
    text = str(values.get(OWNER) or "")
    if not text.isdecimal() or len(text) > 9:
        missing = {} if values.get("name") else {"name": N_("请填写项目名称。")}
        raise Invalid(N_("填写有误"), fields={OWNER: N_("请选择责任单位。"), **missing})
    return int(text)


def _filled(values: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in values.items() if value is not None and name != OWNER}


def _new_page(fields: tuple[FieldView, ...], problem: str = "") -> FormPage:
    return FormPage(
        title=_("新增项目"),
        action_href=url_for("projects.register"),
        fields=fields,
        lead=_("先填名称和责任单位即可建档；本阶段还缺的资料，建档后作为第一个待办补录。"),
        submit_text=_("登记"),
        back_href=url_for("projects.index"),
        problem=problem,
        crumbs=((_("项目总库"), url_for("projects.index")),),
    )


def _edit_page(project_id: int, fields: tuple[FieldView, ...], version: int, problem: str = "") -> FormPage:
    back = url_for("projects.page", project_id=project_id)
    return FormPage(
        title=_("修改项目资料"),
        action_href=url_for("projects.change", project_id=project_id),
        fields=fields,
        lead=_("只改有变化的；阶段由办理流程推进，不在这里改。每处修改都会留痕。"),
        submit_text=_("保存"),
        back_href=back,
        problem=problem,
        crumbs=((_("项目总库"), url_for("projects.index")), (_("项目"), back)),
        hidden=((VERSION, str(version)),),
    )


def _form(page: FormPage) -> str:
    return render_template("form.html", page=page)


def _said(refusal: Invalid | Outdated) -> str:
    """What is wrong as a whole; a form whose fields say it themselves needs no more."""
    return "" if isinstance(refusal, Invalid) and refusal.fields else say(refusal.message, dict(refusal.params))


def _to_page(project_id: int) -> Response:
    return make_response(redirect(url_for("projects.page", project_id=project_id), 303))

"""系统管理: versions of the maps, duties and jobs, incidents; the other rooms hang their routes on the same blueprint."""

import logging

from flask import Blueprint, Response, flash, jsonify, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from engine.map_drafts import MapRefused, check_map, publish_draft, submit_map, withdraw_draft
from engine.operations import retry_incident
from engine.run import map_of
from models.definition import definition_xml
from models.house import House
from models.map_draft import waiting_draft, waiting_drafts
from models.oversight import (
    definition_line,
    definition_lines,
    incident_lines,
    note_failed_retry,
    open_counts,
)
from models.queue import retry_envelope
from models.refusal import Invalid, NotFound, Refusal
from models.texts import N_
from models.unit import Unit, open_reading, open_unit
from web.admin_audit import audit_routes
from web.admin_calendar import calendar_routes
from web.admin_people import people_routes
from web.admin_views import definition_row, draft_row, duties_page, incident_row, lint_lines, problems_of, shown
from web.fields import FieldView
from web.gate import current_actor, requires
from web.i18n import moment, say
from web.views.admin import DefinitionRow, MapPage, UploadPage
from web.views.shared import Fact, MenuEntry

log = logging.getLogger("duban.web")
MENU = (
    MenuEntry("admin.calendar", N_("工作日历"), "calendar3", "calendar.view", 80, phone=False),
    MenuEntry("admin.index", N_("系统管理"), "gear", "audit.view", 90),
)


def pages(house: House) -> Blueprint:
    """Every room of the administration."""
    blueprint = Blueprint("admin", __name__, url_prefix="/admin")

    @blueprint.get("")
    @requires("audit.view")
    def index() -> Response:
        """The first room this officer may enter."""
        room = "admin.definitions" if current_actor().may("admin.view") else "admin.audit"
        return make_response(redirect(url_for(room), 303))

    _version_routes(blueprint, house)
    _drawing_routes(blueprint, house)
    _draft_routes(blueprint, house)
    _publish_routes(blueprint, house)
    _work_routes(blueprint, house)
    calendar_routes(blueprint, house)
    audit_routes(blueprint, house)
    people_routes(blueprint, house)
    return blueprint


def _version_routes(blueprint: Blueprint, house: House) -> None:
    @blueprint.get("/definitions")
    @requires("admin.view")
    def definitions() -> str:
        """Every version of every map, and the drafts that wait."""
        with open_reading(house.database, current_actor(), house.now()) as unit:
            drafts = tuple(draft_row(unit, draft) for draft in waiting_drafts(unit.session))
            context = {"rows": _rows(unit), "drafts": drafts, "upload_href": url_for("admin.upload")}
            return shown(unit, "definitions", "admin/definitions.html", **context)

    @blueprint.get("/definitions/<int:definition_id>/lint")
    @requires("admin.view")
    def lint_result(definition_id: int) -> str:
        """What lint says of one version: a fragment for htmx, else the whole list of versions with the answer in it."""
        with open_reading(house.database, current_actor(), house.now()) as unit:
            line = definition_line(unit.session, definition_id)
            if line is None:
                raise NotFound(N_("没有这个流程版本。"))
            xml = definition_xml(unit.session, definition_id)
        problems = lint_lines(problems_of(line.hash, xml))
        if request.headers.get("HX-Request"):
            return render_template("admin/lint.html", problems=problems)
        return definitions()


def _rows(unit: Unit) -> tuple[DefinitionRow, ...]:
    rows: list[DefinitionRow] = []
    for line in definition_lines(unit.session):
        newest = not rows or rows[-1].key != line.key
        rows.append(definition_row(line, map_of(unit, line.id).name, current=newest))
    return tuple(rows)


def _drawing_routes(blueprint: Blueprint, house: House) -> None:
    @blueprint.get("/definitions/<int:definition_id>")
    @requires("admin.view")
    def definition(definition_id: int) -> str:
        """One version, drawn, with the open tasks of all processes that follow it."""
        with open_reading(house.database, current_actor(), house.now()) as unit:
            line = definition_line(unit.session, definition_id)
            if line is None:
                raise NotFound(N_("没有这个流程版本。"))
            page = MapPage(
                title=f"{map_of(unit, line.id).name} v{line.version}",
                lead=_("图上数字是各环节正在办理的事项数。"),
                facts=(
                    Fact(_("标识"), line.key),
                    Fact(_("内容校验"), line.hash[:16]),
                    Fact(_("发布"), f"{line.published_by} · {moment(line.published_at)}"),
                    Fact(_("运行中"), str(line.running)),
                ),
                diagram_href=url_for("admin.drawing", definition_id=line.id),
                state_href=url_for("admin.drawing_state", definition_id=line.id),
                back_href=url_for("admin.definitions"),
            )
            return shown(unit, "definitions", "admin/map.html", page=page)

    @blueprint.get("/definitions/<int:definition_id>/diagram.bpmn")
    @requires("map.view")
    def drawing(definition_id: int) -> Response:
        """The file of one version, as published."""
        with open_reading(house.database, current_actor(), house.now()) as unit:
            if definition_line(unit.session, definition_id) is None:
                raise NotFound(N_("没有这个流程版本。"))
            return _xml(definition_xml(unit.session, definition_id))

    @blueprint.get("/definitions/<int:definition_id>/state.json")
    @requires("map.view")
    def drawing_state(definition_id: int) -> Response:
        """How many tasks are open at each node."""
        with open_reading(house.database, current_actor(), house.now()) as unit:
            counts = open_counts(unit.session, definition_id)
        active = [{"id": node, "late": False, "who": _("%(n)s 件", n=count)} for node, count in counts.items()]
        return jsonify({"done": [], "active": active, "cancelled": []})


def _xml(content: bytes) -> Response:
    answer = make_response(content)
    answer.headers["Content-Type"] = "application/xml; charset=utf-8"
    return answer


def _draft_routes(blueprint: Blueprint, house: House) -> None:
    @blueprint.get("/definitions/upload")
    @requires("map.publish")
    def upload() -> str:
        """The empty form for a new version."""
        with open_reading(house.database, current_actor(), house.now()) as unit:
            return shown(unit, "definitions", "admin/upload.html", page=_upload_page({}, ""))

    @blueprint.post("/definitions/upload")
    @requires("map.publish")
    def submit() -> Response:
        """Checks the file and keeps it for a second person, or shows what is wrong with it."""
        note = request.form.get("note", "")
        try:
            map_ = check_map(_sent())
            with open_unit(house.database, current_actor(), house.now()) as unit:
                submit_map(unit, checked=map_, note=note)
        except Invalid as refusal:
            with open_reading(house.database, current_actor(), house.now()) as unit:
                page = _upload_page({"note": note}, refusal)
                return make_response(shown(unit, "definitions", "admin/upload.html", page=page), refusal.status)
        flash(_("已通过检查，等待另一名系统管理员发布。"), "success")
        return _to("admin.definitions")

    @blueprint.get("/drafts/<int:draft_id>")
    @requires("admin.view")
    def draft(draft_id: int) -> str:
        """A waiting draft, drawn, with its buttons."""
        with open_reading(house.database, current_actor(), house.now()) as unit:
            found = waiting_draft(unit.session, draft_id)
            row = draft_row(unit, found)
            page = MapPage(
                title=_("%(name)s（待发布）", name=row.name),
                lead=row.note,
                facts=(
                    Fact(_("标识"), row.key),
                    Fact(_("内容校验"), found.hash[:16]),
                    Fact(_("上传"), f"{row.made_by} · {moment(row.made_at)}"),
                ),
                diagram_href=url_for("admin.draft_drawing", draft_id=draft_id),
                state_href="",
                back_href=url_for("admin.definitions"),
                acts=row.acts,
            )
            return shown(unit, "definitions", "admin/map.html", page=page)

    @blueprint.get("/drafts/<int:draft_id>/diagram.bpmn")
    @requires("admin.view")
    def draft_drawing(draft_id: int) -> Response:
        """The file of a draft."""
        with open_reading(house.database, current_actor(), house.now()) as unit:
            return _xml(waiting_draft(unit.session, draft_id).xml.encode())


def _publish_routes(blueprint: Blueprint, house: House) -> None:
    @blueprint.post("/drafts/<int:draft_id>/publish")
    @requires("map.publish")
    def publish(draft_id: int) -> Response:
        """四眼: checked once more, since steps and forms may have changed meanwhile, then published."""
        with open_reading(house.database, current_actor(), house.now()) as unit:
            xml = waiting_draft(unit.session, draft_id).xml.encode()
        map_ = check_map(xml)
        with open_unit(house.database, current_actor(), house.now()) as unit:
            publish_draft(unit, draft_id=draft_id, checked=map_)
        flash(_("“%(name)s”的新版本已发布，新启动的流程按它办理。", name=map_.name), "success")
        return _to("admin.definitions")

    @blueprint.post("/drafts/<int:draft_id>/withdraw")
    @requires("map.publish")
    def withdraw(draft_id: int) -> Response:
        """Takes a draft back."""
        with open_unit(house.database, current_actor(), house.now()) as unit:
            withdraw_draft(unit, draft_id=draft_id)
        flash(_("新版本已撤回。"), "success")
        return _to("admin.definitions")


def _sent() -> bytes:
    file = request.files.get("file")
    if file is None or not file.filename:
        raise Invalid(N_("填写有误"), fields={"file": N_("请选择 BPMN 文件。")})
    return bytes(file.read())


def _upload_page(typed: dict[str, str], refusal: Invalid | str) -> UploadPage:
    fields = {} if isinstance(refusal, str) else refusal.fields
    errors = {name: say(text) for name, text in fields.items()}
    problem = "" if isinstance(refusal, str) or fields else say(refusal.message, dict(refusal.params))
    return UploadPage(
        action_href=url_for("admin.submit"),
        back_href=url_for("admin.definitions"),
        fields=(
            FieldView("file", _("流程图文件"), "files", required=True, error=errors.get("file", ""),
                      help=_("BPMN 2.0，不超过 1 MB；流程标识须与现有流程相同。")),
            FieldView("note", _("改动说明"), "textarea", typed.get("note", ""), required=True, max_length=200,
                      error=errors.get("note", ""), help=_("改了什么、为什么改；复核人据此核对。")),
        ),
        problem=problem,
        problems=lint_lines(refusal.problems) if isinstance(refusal, MapRefused) else (),
    )  # fmt: skip


def _work_routes(blueprint: Blueprint, house: House) -> None:
    @blueprint.get("/duties")
    @requires("admin.view")
    def duties() -> str:
        """Duties with their periods, envelopes that wait or are dead, the heartbeat, the faces of letters."""
        with open_reading(house.database, current_actor(), house.now()) as unit:
            return shown(unit, "duties", "admin/duties.html", page=duties_page(unit, house))

    @blueprint.post("/jobs/<int:envelope_id>/retry")
    @requires("envelope.retry")
    def retry_job(envelope_id: int) -> Response:
        """A dead envelope waits again and is taken up by the next tick."""
        with open_unit(house.database, current_actor(), house.now()) as unit:
            retry_envelope(unit, envelope_id=envelope_id)
        flash(_("已重新排队，片刻后办理。"), "success")
        return _to("admin.duties")

    @blueprint.get("/incidents")
    @requires("admin.view")
    def incidents() -> str:
        """What failed and waits for somebody, then what was dealt with."""
        with open_reading(house.database, current_actor(), house.now()) as unit:
            rows = tuple(
                incident_row(unit, line, _node(unit, line.definition_id, line.node))
                for line in incident_lines(unit.session)
            )
            return shown(unit, "incidents", "admin/incidents.html", rows=rows, paging=None)

    @blueprint.post("/incidents/<int:incident_id>/retry")
    @requires("incident.retry")
    def retry(incident_id: int) -> Response:
        """Tries the failed step again; one that fails again leaves the incident open with what it said this time."""
        try:
            with open_unit(house.database, current_actor(), house.now()) as unit:
                retry_incident(unit, incident_id=incident_id)
        except Refusal:
            raise
        except Exception as error:  # a step of a map may fail in any way; its unit was rolled back
            log.exception("an incident failed again", extra={"incident": incident_id})
            with open_unit(house.database, current_actor(), house.now()) as unit:
                note_failed_retry(unit, incident_id=incident_id, error=error)
            flash(_("重试仍然失败，流程停在原处。请按新的错误信息排查。"), "danger")
            return _to("admin.incidents")
        flash(_("已处理。"), "success")
        return _to("admin.incidents")


def _node(unit: Unit, definition_id: int | None, node: str | None) -> str:
    """The name of a node in the words of the drawing; its id where it has none."""
    if definition_id is None or node is None:
        return ""
    found = map_of(unit, definition_id).nodes.get(node)
    return found.name or node if found else node


def _to(endpoint: str) -> Response:
    return make_response(redirect(url_for(endpoint), 303))

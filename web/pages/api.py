"""接口: /api/v1 for machines that act for an officer: a personal token, the pages' permits, the same commands."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from typing import Any, cast

from flask import Response, current_app, jsonify, url_for
from flask.blueprints import BlueprintSetupState
from flask_smorest import Api, Blueprint

from engine.door import complete_item, lock_item, require_handler
from forms.reader import form_schema
from models.attachment import store_attachment
from models.house import House
from models.item_card import item_card
from models.ledger import fields_by_name
from models.open_work import OpenWork, open_work, with_forms
from models.refusal import Invalid
from models.texts import N_
from models.unit import open_reading, open_unit
from models.worklist import Cursor, WorkFilter, read_cursor, worklist, write_cursor
from web import api_schemas as shape
from web.api_body import BodyParser
from web.gate import current_actor, public, requires, signed_in
from web.uploads import kept_files
from workflows.project import register_and_open

VERSION = "1"
KEY = f"<int(min=1, max={shape.LARGEST_KEY}):{{}}>"  # what no database could hold is no address
ABOUT = (
    "The work of 督办 for machines. Send a personal token (我的令牌) as `Authorization: Bearer dbt_…`; it may do what "
    "its officer may do on the pages. Refusals are JSON: `status`, `title`, `message` and, for 422, `fields`."
)
NO_PLACE = N_("翻页位置有误，请从第一页开始。")


class HouseApi(Api):
    """flask-smorest with our own answers to errors and our own route for the document."""

    ERROR_SCHEMA = shape.Refused

    def _register_error_handlers(self) -> None:
        """None: web/errors.py answers for the whole application."""

    def _register_doc_blueprint(self) -> None:
        """None: a route of smorest's would declare no permit."""


class Routes(Blueprint):
    """A blueprint that reads bodies our way."""

    ARGUMENTS_PARSER = BodyParser()


def pages(house: House) -> Blueprint:
    """The routes of the API and its document; CSRF tokens are not asked, since no cookie is read under /api/."""
    routes = Routes("api", __name__, url_prefix="/api/v1", description="Projects and work items")
    _project_routes(routes, house)
    _item_routes(routes, house)
    _document_routes(routes)
    routes.record_once(_describe)
    return routes


def _project_routes(routes: Routes, house: House) -> None:
    @routes.post("/projects")
    @routes.arguments(shape.NewProject)
    @routes.response(201, shape.ProjectMade)
    @requires("project.register")
    def register(body: dict[str, Any]) -> Any:
        """Register a project and start its process."""
        _require_names(body["values"])
        with open_unit(house.database, current_actor(), house.now()) as unit:
            project = register_and_open(
                unit, owner_organ_id=body["owner_organ_id"], values=body["values"], source="API"
            )
            return project, 201, {"Location": url_for("projects.page", project_id=project.id)}

    @routes.get(f"/projects/{KEY.format('project_id')}/work-items")
    @routes.response(200, shape.Items)
    @requires("project.view")
    def project_items(project_id: int) -> dict[str, Any]:
        """Open work items of a project that I may see, whoever has to complete them."""
        with open_reading(house.database, current_actor(), house.now()) as unit:
            return {"items": _rows(open_work(unit, project_id))}


def _item_routes(routes: Routes, house: House) -> None:
    @routes.get("/work-items")
    @routes.arguments(shape.WorkQuery, location="query")
    @routes.response(200, shape.ItemPage)
    @requires("item.handle")
    def my_items(query: dict[str, Any]) -> dict[str, Any]:
        """What I may complete now, most urgent first, page by page."""
        wanted = WorkFilter(query["kind"], query["q"], query["project_id"])
        with open_reading(house.database, current_actor(), house.now()) as unit:
            page = worklist(unit, wanted, after=_place(query["cursor"]), limit=query["limit"])
            return {"items": _rows(with_forms(unit, page.lines)), "next": _opaque(page.after)}

    @routes.get(f"/work-items/{KEY.format('item_id')}")
    @routes.response(200, shape.ItemRead)
    @requires("item.handle")
    def item(item_id: int) -> dict[str, Any]:
        """One work item with its form's schema and the version to give back."""
        with open_reading(house.database, current_actor(), house.now()) as unit:
            card = item_card(unit, item_id)
        [row] = _rows([OpenWork(card.line, card.version, card.form)])
        return row | {
            "may_complete": card.rights.handle, "draft": card.draft, "answers": card.answers,
            "form_schema": form_schema(card.form),
        }  # fmt: skip

    @routes.post(f"/work-items/{KEY.format('item_id')}/complete")
    @routes.arguments(shape.Complete)
    @routes.response(200, shape.Completed)
    @requires("item.handle")
    def complete(body: dict[str, Any], item_id: int) -> Any:
        """Complete a work item with the answers its form asks for."""
        with open_unit(house.database, current_actor(), house.now()) as unit:
            return complete_item(
                unit, item_id=item_id, version=body["version"], posted=body["answers"], submit_id=body["submit_id"]
            )

    @routes.post(f"/work-items/{KEY.format('item_id')}/files")
    @routes.arguments(shape.Upload, location="files")
    @routes.response(201, shape.Filed)
    @requires("item.handle")
    def upload(_files: dict[str, Any], item_id: int) -> dict[str, Any]:
        """File evidence for an item of mine; its number may then stand in a field of files, as text."""
        with open_reading(house.database, current_actor(), house.now()) as unit:
            require_handler(unit, lock_item(unit, item_id)[1])  # before anything is read from whoever sends it
        [kept] = kept_files(house, "file")[:1]
        with open_unit(house.database, current_actor(), house.now()) as unit:
            _process, item = lock_item(unit, item_id)
            require_handler(unit, item)
            number = store_attachment(unit, kept, project_id=item.project_id)
        return {"id": number, "name": kept.name, "sha256": kept.sha256}


def _document_routes(routes: Routes) -> None:
    @routes.get("/forms/<string(maxlength=60):key>")
    @routes.response(200, description="JSON Schema 2020-12", schema={"type": "object"})
    @signed_in
    def form(key: str) -> Response:
        """The JSON Schema of a form, with titles in Chinese and English."""
        return jsonify(form_schema(key))

    @routes.get("/openapi.json")
    @routes.response(200, description="OpenAPI 3.1", schema={"type": "object"})
    @routes.doc(security=[])
    @public
    def document() -> Response:
        """This document."""
        return jsonify(_known_api().spec.to_dict())


def _describe(state: BlueprintSetupState) -> None:
    """Once the routes stand in the application: exempt them from form tokens and write their document."""
    app, routes = state.app, cast("Routes", state.blueprint)
    if csrf := app.config.get("DUBAN_CSRF"):
        csrf.exempt(routes)
    api = HouseApi(
        app,
        spec_kwargs={
            "title": "督办 API", "version": VERSION, "openapi_version": "3.1.0", "info": {"description": ABOUT},
            "security": [{"token": []}],
        },
    )  # fmt: skip
    api.spec.components.security_scheme("token", {"type": "http", "scheme": "bearer"})
    routes.register_views_in_doc(api, app, api.spec, name=routes.name, parameters=None)


def _known_api() -> Api:
    api: Api = current_app.extensions["flask-smorest"]["apis"][""]["ext_obj"]
    return api


def _rows(items: Iterable[OpenWork]) -> list[dict[str, Any]]:
    return [vars(item.line) | {"version": item.version, "form": item.form} for item in items]


def _require_names(values: dict[str, Any]) -> None:
    """Raises Invalid for a field the ledger does not know, or one that is asked for elsewhere."""
    known = fields_by_name()
    wrong = {name: N_("没有这一项，请去掉。") for name in values if name not in known}
    if wrong:
        raise Invalid(N_("填写有误"), fields=wrong)


def _opaque(after: Cursor | None) -> str | None:
    return urlsafe_b64encode(write_cursor(after).encode()).decode().rstrip("=") if after else None


def _place(text: str) -> Cursor | None:
    """The place a cursor names; raises Invalid for anything that is none of ours."""
    if not text:
        return None
    try:
        at, number = read_cursor(urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii")) or (None, 0)
    except ValueError as error:
        raise Invalid(NO_PLACE) from error
    sound = 0 < number <= shape.LARGEST_KEY and (at is None or (at.tzinfo is not None and 1970 < at.year < 9000))
    if not sound:
        raise Invalid(NO_PLACE)
    return at, number

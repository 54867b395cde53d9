"""异议: a unit files one within the days of 公示, another than who scored answers it; what was typed stays when refused."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from forms.reader import form_schema, read_answers
from models.assessment import find_assessment
from models.attachment import store_attachment
from models.house import House
from models.objection import Objection, objections_of
from models.objection_acts import decide_objection, file_objection, is_open
from models.refusal import Invalid, NotFound, NotPermitted
from models.texts import N_
from models.unit import Unit, open_reading, open_unit
from web.assessment_page import sheet_of, title_of
from web.fields import fields_of
from web.gate import current_actor, requires
from web.i18n import day, language, say
from web.uploads import kept_files
from web.views import FormPage

Crumbs = tuple[tuple[str, str], ...]


def pages(house: House) -> Blueprint:
    """The two forms."""
    blueprint = Blueprint("objections", __name__, url_prefix="/assessments/<int:assessment_id>/objections")
    _filing(blueprint, house)
    _deciding(blueprint, house)
    return blueprint


def _filing(blueprint: Blueprint, house: House) -> None:
    @blueprint.get("/new")
    @requires("assessment.object")
    def file(assessment_id: int) -> str:
        """The empty form; says so when the days of 公示 are over."""
        with open_reading(house.database, current_actor(), house.now()) as unit:
            return render_template("form.html", page=_file_page(unit, assessment_id, {}, {}))

    @blueprint.post("/new")
    @requires("assessment.object")
    def send(assessment_id: int) -> Response:
        """Files it; one that comes too late is recorded all the same, and the answer says why it is not taken up."""
        typed = {name: request.form.get(name, "") for name in ("indicator", "reason")}
        try:
            kept = kept_files(house, "evidence")
            with open_unit(house.database, current_actor(), house.now()) as unit:
                papers = [store_attachment(unit, each, project_id=None) for each in kept]
                row = file_objection(unit, assessment_id=assessment_id, evidence=papers, **typed)
                state, words = row.state, row.decision
        except Invalid as refusal:
            with open_reading(house.database, current_actor(), house.now()) as unit:
                page = _file_page(unit, assessment_id, typed, refusal.fields)
            return make_response(render_template("form.html", page=page), refusal.status)
        flash(
            _("异议已提交，答复前请留意消息。") if state == "open" else say(words),
            "success" if state == "open" else "danger",
        )
        return _back(assessment_id)


def _deciding(blueprint: Blueprint, house: House) -> None:
    @blueprint.get("/<int:objection_id>")
    @requires("assessment.decide")
    def decide(assessment_id: int, objection_id: int) -> str:
        """The objection and the form of its answer."""
        with open_reading(house.database, current_actor(), house.now()) as unit:
            return render_template("form.html", page=_decide_page(unit, assessment_id, objection_id, {}, {}))

    @blueprint.post("/<int:objection_id>")
    @requires("assessment.decide")
    def answer(assessment_id: int, objection_id: int) -> Response:
        """Keeps the answer; the unit is told."""
        typed = {name: request.form.get(name, "") for name in form_schema("objection_decision")["properties"]}
        try:
            answers = read_answers("objection_decision", typed)
            with open_unit(house.database, current_actor(), house.now()) as unit:
                right = _corrected(unit, assessment_id, objection_id, answers)
                decide_objection(unit, objection_id=objection_id, accepted=answers["accepted"],
                                 decision=answers["decision"], corrected=right)  # fmt: skip
        except Invalid as refusal:
            with open_reading(house.database, current_actor(), house.now()) as unit:
                page = _decide_page(unit, assessment_id, objection_id, typed, refusal.fields)
            return make_response(render_template("form.html", page=page), refusal.status)
        flash(_("异议已答复，并已告知提出单位。"), "success")
        return _back(assessment_id)


def _back(assessment_id: int) -> Response:
    return make_response(redirect(url_for("assessments.page", assessment_id=assessment_id), 303))


def _file_page(unit: Unit, assessment_id: int, values: Mapping[str, object], errors: Mapping[str, str]) -> FormPage:
    row = find_assessment(unit, assessment_id)
    sheet, schema = sheet_of(row), form_schema("objection")
    if unit.actor.organ_id is None or sheet.row_of(unit.actor.organ_id) is None:
        raise NotPermitted(N_("本单位不在这次考核之列，不能提出异议。"))
    offered = {"indicator": [(column.word, column.name) for column in sheet.columns]}
    lead = _("公示期至%(on)s止。", on=day(row.publicity_until)) if row.publicity_until else ""
    late = "" if is_open(unit, row) else _("公示期已满，此后提出的异议只记录，不予受理。")
    told = f"{late or lead}{_text(schema, 'description')}"
    return _form(schema, values, errors, offered=offered, lead=told, crumbs=_crumbs(row))


def _decide_page(
    unit: Unit, assessment_id: int, objection_id: int, values: Mapping[str, object], errors: Mapping[str, str]
) -> FormPage:
    unit.require("assessment.decide", organ_ids=[])
    row = find_assessment(unit, assessment_id)
    found = _objection(unit, assessment_id, objection_id)
    sheet, schema = sheet_of(row), form_schema("objection_decision")
    of, column = sheet.row_of(found.organ_id), sheet.column_of(found.indicator)
    typed = list(column[1].typed) if column else []
    told = _("%(unit)s对“%(indicator)s”提出：%(reason)s", unit=of.name if of else "",
             indicator=column[1].name if column else found.indicator, reason=found.reason)  # fmt: skip
    offered = {"corrected_figure": typed}
    return _form(schema, values, errors, offered=offered, lead=told, crumbs=_crumbs(row))


def _objection(unit: Unit, assessment_id: int, objection_id: int) -> Objection:
    found = next((each for each in objections_of(unit.session, assessment_id) if each.id == objection_id), None)
    if found is None:
        raise NotFound(N_("没有这件异议。"))
    return found


def _corrected(unit: Unit, assessment_id: int, objection_id: int, answers: Mapping[str, Any]) -> dict[str, Decimal]:
    """The corrected number by the word of its figure: the one chosen, else the only one there is."""
    if answers.get("corrected") is None:
        return {}
    found = _objection(unit, assessment_id, objection_id)
    column = sheet_of(find_assessment(unit, assessment_id)).column_of(found.indicator)
    typed = [word for word, _name in column[1].typed] if column else []
    chosen = answers.get("corrected_figure") or (typed[0] if len(typed) == 1 else "")
    if typed and chosen not in typed:
        raise Invalid(N_("填写有误"), fields={"corrected_figure": N_("请选择更正的是哪个数。")})
    return {chosen: Decimal(answers["corrected"])}


def _crumbs(row: Any) -> Crumbs:
    return (
        (_("考核"), url_for("assessments.index")),
        (title_of(row), url_for("assessments.page", assessment_id=row.id)),
    )


def _form(
    schema: Mapping[str, Any],
    values: Mapping[str, object],
    errors: Mapping[str, str],
    *,
    offered: Mapping[str, list[tuple[str, str]]],
    lead: str,
    crumbs: Crumbs,
) -> FormPage:
    said = {name: say(text) for name, text in errors.items()}
    fields = fields_of(schema, values=values, errors=said, choices=offered, language=language())
    return FormPage(title=_text(schema, "title"), action_href=request.path, fields=fields, lead=lead,
                    back_href=crumbs[-1][1], crumbs=crumbs)  # fmt: skip


def _text(schema: Mapping[str, Any], name: str) -> str:
    return str(schema.get(f"{name}_en" if language() == "en" else name, ""))

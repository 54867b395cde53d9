"""奖励: the years, one year's candidates, objections and their decisions."""

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from models.commendation import (
    Nominee,
    NomineeObjection,
    add_nominee,
    decide_objection,
    file_objection,
    remove_nominee,
    row_of,
)
from models.house import House
from models.refusal import Invalid
from models.texts import N_
from models.unit import open_reading, open_unit
from web.asked_again import Refused
from web.award_view import award_page, awards_page
from web.gate import current_actor, requires
from web.numbers import chosen
from web.views import MenuEntry

MENU = (
    MenuEntry("commendation.index", N_("奖励"), "award", "commendation.view", 67, phone=False, under="agenda.index"),
)


def pages(house: House) -> Blueprint:
    """The routes of awards."""
    blueprint = Blueprint("commendation", __name__, url_prefix="/commendation")
    _years(blueprint, house)
    _changes(blueprint, house)
    _objections(blueprint, house)
    return blueprint


def _years(blueprint: Blueprint, house: House) -> None:
    @blueprint.get("")
    @requires("commendation.view")
    def index() -> str:
        """All years and the rules."""
        with open_reading(house.database, current_actor(), house.now()) as unit:
            page = awards_page(unit)
        return render_template("awards.html", page=page)

    @blueprint.get("/<int:commendation_id>")
    @requires("commendation.view")
    def page(commendation_id: int) -> str:
        """One year."""
        with open_reading(house.database, current_actor(), house.now()) as unit:
            shown = award_page(unit, commendation_id)
        return render_template("award.html", page=shown)


def _changes(blueprint: Blueprint, house: House) -> None:
    @blueprint.post("/nominees/<int:nominee_id>/remove")
    @requires("commendation.edit")
    def remove(nominee_id: int) -> Response:
        """Takes a candidate off, or asks again for the reason."""
        why = request.form.get("removed_why", "")
        with open_reading(house.database, current_actor(), house.now()) as unit:
            commendation_id = row_of(unit.session, Nominee, nominee_id).commendation_id
        try:
            with open_unit(house.database, current_actor(), house.now()) as unit:
                remove_nominee(unit, nominee_id=nominee_id, reason=why)
        except Invalid as refusal:
            return _again(house, commendation_id, Refused(f"remove-{nominee_id}", {"removed_why": why}, refusal, ""))
        flash(_("已去掉，理由留在名单上。"), "success")
        return _back(commendation_id)

    @blueprint.post("/<int:commendation_id>/add")
    @requires("commendation.edit")
    def add(commendation_id: int) -> Response:
        """Puts a unit on the list, or asks again."""
        typed = {name: request.form.get(name, "") for name in ("organ_id", "added_why")}
        try:
            with open_unit(house.database, current_actor(), house.now()) as unit:
                organ_id = chosen(typed["organ_id"])
                add_nominee(unit, commendation_id=commendation_id, organ_id=organ_id, reason=typed["added_why"])
        except Invalid as refusal:
            return _again(house, commendation_id, Refused("add", typed, refusal, ""))
        flash(_("已增加。"), "success")
        return _back(commendation_id)


def _objections(blueprint: Blueprint, house: House) -> None:
    @blueprint.post("/<int:commendation_id>/objections")
    @requires("commendation.object")
    def objections(commendation_id: int) -> Response:
        """Files an objection; one that comes too late is filed and refused, and that is said."""
        typed = {name: request.form.get(name, "") for name in ("nominee_id", "raised_by", "contact", "content")}
        try:
            with open_unit(house.database, current_actor(), house.now()) as unit:
                about = chosen(typed["nominee_id"]) if typed["nominee_id"] else None
                said = {name: typed[name] for name in ("raised_by", "contact", "content")}
                filed = file_objection(unit, commendation_id=commendation_id, nominee_id=about, **said)
                late = filed.decided_why if filed.decision == "late" else ""
        except Invalid as refusal:
            return _again(house, commendation_id, Refused("object", typed, refusal, ""))
        flash(
            _("已登记。%(why)s", why=late) if late else _("已登记，公示期满后统一决定。"),
            "warning" if late else "success",
        )
        return _back(commendation_id)

    @blueprint.post("/objections/<int:objection_id>/decide")
    @requires("commendation.decide")
    def decide(objection_id: int) -> Response:
        """Decides an objection, or asks again for the reason."""
        why, upheld = request.form.get("decided_why", ""), request.form.get("upheld", "") == "1"
        with open_reading(house.database, current_actor(), house.now()) as unit:
            commendation_id = row_of(unit.session, NomineeObjection, objection_id).commendation_id
        try:
            with open_unit(house.database, current_actor(), house.now()) as unit:
                decide_objection(unit, objection_id=objection_id, upheld=upheld, reason=why)
        except Invalid as refusal:
            key = f"{'uphold' if upheld else 'dismiss'}-{objection_id}"
            return _again(house, commendation_id, Refused(key, {"decided_why": why}, refusal, ""))
        flash(_("已决定。"), "success")
        return _back(commendation_id)


def _back(commendation_id: int) -> Response:
    return make_response(redirect(url_for("commendation.page", commendation_id=commendation_id), 303))


def _again(house: House, commendation_id: int, refused: Refused) -> Response:
    back = url_for("commendation.page", commendation_id=commendation_id)
    with open_reading(house.database, current_actor(), house.now()) as unit:
        page = award_page(unit, commendation_id, Refused(refused.key, refused.typed, refused.refusal, back))
    return make_response(render_template("award.html", page=page), refused.refusal.status)

"""引荐备案: the filings, a new one from a project's page, and whether one stands."""

from collections.abc import Mapping

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from forms.reader import form_schema
from models.house import House
from models.project import find_project
from models.referral import decide_referral, require_filable
from models.refusal import Invalid, NotDue, Outdated, Refusal
from models.unit import Unit, open_reading, open_unit
from web.asked_again import Refused
from web.award_view import referrals_page
from web.form_page import form_page
from web.gate import current_actor, requires
from web.i18n import say
from web.uploads import file_all, kept_files
from web.views import FormPage
from workflows.commendation import file_referral

FORM, PROOF = "commendation_referral", "referral_proof"


def pages(house: House) -> Blueprint:
    """The routes of referrals."""
    blueprint = Blueprint("referral", __name__)
    _filing(blueprint, house)
    _deciding(blueprint, house)
    return blueprint


def _filing(blueprint: Blueprint, house: House) -> None:
    @blueprint.get("/projects/<int:project_id>/referral")
    @requires("referral.file")
    def ask(project_id: int) -> str:
        """The empty form; raises NotDue once the project is signed, Outdated when it has a referrer."""
        with open_unit(house.database, current_actor(), house.now()) as unit:
            require_filable(unit, project_id)
            page = _page(unit, project_id, {}, None)
        return render_template("form.html", page=page)

    @blueprint.post("/projects/<int:project_id>/referral")
    @requires("referral.file")
    def send(project_id: int) -> Response:
        """Files it, or shows the form again with what was typed and why it was refused."""
        typed = {name: request.form.get(name, "") for name in form_schema(FORM)["properties"] if name != PROOF}
        try:
            kept = kept_files(house, PROOF)
            with open_unit(house.database, current_actor(), house.now()) as unit:
                require_filable(unit, project_id)
                proof = {PROOF: file_all(unit, kept, project_id)} if kept else {}
                file_referral(unit, project_id=project_id, posted={**typed, **proof})
        except (Invalid, NotDue, Outdated) as refusal:
            with open_reading(house.database, current_actor(), house.now()) as unit:
                page = _page(unit, project_id, typed, refusal)
            return make_response(render_template("form.html", page=page), refusal.status)
        flash(_("已备案，备案时间以系统登记为准，请等候认定。"), "success")
        return make_response(redirect(url_for("referral.index"), 303))


def _deciding(blueprint: Blueprint, house: House) -> None:
    @blueprint.get("/referrals")
    @requires("referral.view")
    def index() -> str:
        """The filings of projects one may see."""
        with open_reading(house.database, current_actor(), house.now()) as unit:
            page = referrals_page(unit)
        return render_template("referrals.html", page=page)

    @blueprint.post("/referrals/<int:referral_id>/decide")
    @requires("referral.decide")
    def decide(referral_id: int) -> Response:
        """成立 or 不成立, or asks again for the reason."""
        why, stands = request.form.get("decision", ""), request.form.get("stands", "") == "1"
        try:
            with open_unit(house.database, current_actor(), house.now()) as unit:
                decide_referral(unit, referral_id=referral_id, stands=stands, reason=why)
        except Invalid as refusal:
            key = f"{'stand' if stands else 'void'}-{referral_id}"
            refused = Refused(key, {"decision": why}, refusal, url_for("referral.index"))
            with open_reading(house.database, current_actor(), house.now()) as unit:
                page = referrals_page(unit, refused)
            return make_response(render_template("referrals.html", page=page), refusal.status)
        flash(_("已认定。"), "success")
        return make_response(redirect(url_for("referral.index"), 303))


def _page(unit: Unit, project_id: int, values: Mapping[str, object], refusal: Refusal | None) -> FormPage:
    project = find_project(unit, project_id)
    back = url_for("projects.page", project_id=project.id)
    crumbs = ((_("项目总库"), url_for("projects.index")), (project.name, back))
    errors = refusal.fields if isinstance(refusal, Invalid) else {}
    page = form_page(unit, FORM, crumbs=crumbs, values=values, errors=errors)
    problem = say(refusal.message, dict(refusal.params)) if refusal is not None and not errors else ""
    return FormPage(**{**vars(page), "problem": problem})

"""政策日程: the policy's calendar, and what a supervisor does by hand: run a period, make up for one, or let it go."""

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from models.duty_hand import accept_period, drop_period, duty_of, run_duty_now, runnable_periods
from models.house import House
from models.refusal import Invalid, NotDue, Refusal
from models.texts import N_
from models.unit import open_reading, open_unit
from web.agenda_page import agenda_page, period_field, reason_field
from web.duty_words import period_words
from web.fields import FieldView
from web.gate import current_actor, requires
from web.i18n import say
from web.views import FormPage, MenuEntry

MENU = (MenuEntry("agenda.index", N_("政策日程"), "calendar-check", "duty.view", 60, phone=False),)


def pages(house: House) -> Blueprint:
    """The page and its three acts."""
    blueprint = Blueprint("agenda", __name__, url_prefix="/agenda")

    @blueprint.get("")
    @requires("duty.view")
    def index() -> str:
        """Duties, missed periods, the preview, and who owes what."""
        with open_reading(house.database, current_actor(), house.now()) as unit:
            page = agenda_page(unit, request.args.to_dict())
        return render_template("agenda.html", page=page)

    @blueprint.post("/<word>/run")
    @requires("duty.run")
    def run(word: str) -> Response:
        """现在运行; what is refused asks again with the periods that can be run."""
        period = request.form.get("period", "").strip()
        try:
            with open_unit(house.database, current_actor(), house.now()) as unit:
                run_duty_now(unit, word=word, period=period)
        except (Invalid, NotDue) as refusal:
            return _run_again(house, word, period, refusal)
        return _done(_("%(period)s已启动，各事项随即建立。", period=period_words(period)))

    @blueprint.post("/runs/<int:run_id>/accept")
    @requires("duty.run")
    def accept(run_id: int) -> Response:
        """补办."""
        with open_unit(house.database, current_actor(), house.now()) as unit:
            accept_period(unit, run_id=run_id)
        return _done(_("已决定补办，各事项随即建立。"))

    @blueprint.post("/runs/<int:run_id>/drop")
    @requires("duty.run")
    def drop(run_id: int) -> Response:
        """不补办; without a reason it asks again."""
        reason = request.form.get("reason", "")
        try:
            with open_unit(house.database, current_actor(), house.now()) as unit:
                drop_period(unit, run_id=run_id, reason=reason)
        except Invalid as refusal:
            field = reason_field(reason, say(refusal.fields["reason"]))
            return _again(_("不补办"), url_for("agenda.drop", run_id=run_id), field, "", refusal)
        return _done(_("已决定不补办，原因已记入台账。"))

    return blueprint


def _run_again(house: House, word: str, period: str, refusal: Invalid | NotDue) -> Response:
    declared = duty_of(word)
    with open_reading(house.database, current_actor(), house.now()) as unit:
        offered = [each.name for each in runnable_periods(unit.session, declared, unit.today)]
    error = say(refusal.fields["period"]) if isinstance(refusal, Invalid) else ""
    told = {name: _in_words(name, value) for name, value in refusal.params.items()}
    problem = "" if error else say(refusal.message, told)
    field = period_field(offered, period, error)
    title = f"{_('现在运行')} · {say(declared.name_zh)}"
    return _again(title, url_for("agenda.run", word=word), field, problem, refusal)


def _in_words(name: str, value: object) -> object:
    """A period of a refusal as the page calls it."""
    return period_words(str(value)) if name in ("period", "latest") and value else value


def _again(title: str, action: str, field: FieldView, problem: str, refusal: Refusal) -> Response:
    back = url_for("agenda.index")
    page = FormPage(title, action, (field,), back_href=back, problem=problem, crumbs=((_("政策日程"), back),))
    return make_response(render_template("form.html", page=page), refusal.status)


def _done(words: str) -> Response:
    flash(words, "success")
    return make_response(redirect(url_for("agenda.index"), 303))

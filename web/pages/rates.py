"""汇率: the dated rates by which foreign money counts; a row is never changed, a newer one follows it."""

from collections.abc import Mapping
from decimal import Decimal

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from models.capital_acts import LONGEST_SOURCE, rates_listed, set_rate
from models.currency import CURRENCIES, HOME
from models.house import House
from models.refusal import Invalid
from models.texts import N_
from models.typed_numbers import typed_number
from models.unit import Unit, open_reading, open_unit
from web.fields import ChoiceView, FieldView
from web.gate import current_actor, requires
from web.i18n import say
from web.project_form import day_of
from web.views.targets import RateRow, RatesPage


def pages(house: House) -> Blueprint:
    """The list with its form, and the answer."""
    blueprint = Blueprint("rates", __name__, url_prefix="/rates")

    @blueprint.get("")
    @requires("rate.view")
    def index() -> str:
        """The rates, newest first."""
        with open_reading(house.database, current_actor(), house.now()) as unit:
            page = _page(unit, {}, {})
        return render_template("rates.html", page=page)

    @blueprint.post("")
    @requires("rate.set")
    def add() -> Response:
        """One more rate, or the form again with what was typed."""
        typed = request.form.to_dict()
        try:
            with open_unit(house.database, current_actor(), house.now()) as unit:
                set_rate(
                    unit,
                    currency=typed.get("currency", ""),
                    on=day_of(typed.get("on"), "on"),
                    yuan=_yuan(typed.get("yuan", "")),
                    source=typed.get("source", ""),
                )
        except Invalid as refusal:
            with open_reading(house.database, current_actor(), house.now()) as unit:
                page = _page(unit, typed, refusal.fields)
            return make_response(render_template("rates.html", page=page), refusal.status)
        flash(_("已登记汇率。"), "success")
        return make_response(redirect(url_for("rates.index"), 303))

    return blueprint


def _yuan(text: str) -> Decimal:
    yuan = typed_number(text)
    if yuan is None:
        raise Invalid(N_("填写有误"), fields={"yuan": N_("请填数字，如7.1234。")})
    return yuan


def _page(unit: Unit, typed: Mapping[str, str], errors: Mapping[str, str]) -> RatesPage:
    rows = tuple(
        RateRow(say(CURRENCIES[each.currency]), each.currency, each.on, f"{each.yuan.normalize():f}", each.source)
        for each in rates_listed(unit.session)
    )
    fields = _fields(typed, errors) if unit.actor.may("rate.set") else ()
    return RatesPage(rows=rows, fields=fields, save_href=url_for("rates.add"), targets_href=url_for("targets.index"))


def _fields(typed: Mapping[str, str], errors: Mapping[str, str]) -> tuple[FieldView, ...]:
    def error(name: str) -> str:
        return say(errors[name]) if name in errors else ""

    chosen = typed.get("currency", "USD")
    choices = tuple(ChoiceView(key, say(name), key == chosen) for key, name in CURRENCIES.items() if key != HOME)
    return (
        FieldView("currency", _("币种"), "select", chosen, required=True, error=error("currency"), choices=choices),
        FieldView("on", _("日期"), "date", typed.get("on", ""), required=True, error=error("on")),
        FieldView("yuan", _("1外币合人民币（元）"), "text", typed.get("yuan", ""), required=True, error=error("yuan")),
        FieldView(
            "source",
            _("来源"),
            "text",
            typed.get("source", ""),
            required=True,
            error=error("source"),
            max_length=LONGEST_SOURCE,
        ),
    )

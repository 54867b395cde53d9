"""申请延期: more time for one item, asked from its page; what is refused keeps what was typed."""

from collections.abc import Mapping

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from forms.reader import form_schema
from models.house import House
from models.item_card import ItemCard, item_card
from models.refusal import Invalid, NotDue, NotPermitted
from models.texts import N_
from models.unit import open_reading, open_unit
from web.gate import current_actor, requires
from web.i18n import say
from web.item_acts import EXTENSION, extension_fields, extension_words
from web.views import FormPage
from workflows.extension import request_extension

WORD = "extension.request"


def pages(house: House) -> Blueprint:
    """The form and its answer."""
    blueprint = Blueprint("extension", __name__, url_prefix="/tasks/<int:item_id>/extension")

    @blueprint.get("")
    @requires(WORD)
    def ask(item_id: int) -> str:
        """The empty form; raises NotPermitted and NotDue as sending it would."""
        with open_reading(house.database, current_actor(), house.now()) as unit:
            card = item_card(unit, item_id)
        _require_offered(card)
        return render_template("form.html", page=_page(card, {}, {}))

    @blueprint.post("")
    @requires(WORD)
    def send(item_id: int) -> Response:
        """Starts the request and leads back to the item, or shows the form again with what was typed."""
        typed = {name: request.form.get(name, "") for name in form_schema(EXTENSION)["properties"]}
        try:
            with open_unit(house.database, current_actor(), house.now()) as unit:
                request_extension(unit, item_id=item_id, posted=typed)
        except (Invalid, NotDue) as refusal:
            return _again(house, item_id, typed, refusal)
        flash(_("已申请延期，请等本单位领导签意见；批准以前期限不变。"), "success")
        return make_response(redirect(url_for("work.item", item_id=item_id), 303))

    return blueprint


def _require_offered(card: ItemCard) -> None:
    if not card.rights.extend:
        raise NotPermitted(N_("只有能办理这个事项的人可以申请延期。"))
    if card.rights.why_not_extend:
        raise NotDue(card.rights.why_not_extend)


def _again(house: House, item_id: int, typed: Mapping[str, str], refusal: Invalid | NotDue) -> Response:
    errors = refusal.fields if isinstance(refusal, Invalid) else {}
    with open_reading(house.database, current_actor(), house.now()) as unit:
        card = item_card(unit, item_id)
    problem = say(refusal.message, dict(refusal.params))
    return make_response(render_template("form.html", page=_page(card, typed, errors, problem)), refusal.status)


def _page(card: ItemCard, values: Mapping[str, object], errors: Mapping[str, str], problem: str = "") -> FormPage:
    back = url_for("work.item", item_id=card.line.id)
    return FormPage(
        title=_("申请延期"),
        action_href=url_for("extension.send", item_id=card.line.id),
        fields=extension_fields(values, errors),
        lead=extension_words(card),
        back_href=back,
        problem=problem,
        crumbs=((_("我的待办"), url_for("work.inbox")), (card.line.name, back)),
    )

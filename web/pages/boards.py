"""工作台 and 督办中心: the leader's page, the running ladders, and the lists behind their numbers."""

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from engine.verbs import urge_item
from models.held import find_held
from models.house import House
from models.refusal import Invalid, NotDue, NotPermitted, Outdated, Refusal
from models.texts import N_
from models.unit import open_reading, open_unit
from web.frame import entries_of
from web.gate import current_actor, requires, safe_path, signed_in
from web.i18n import say
from web.leader_page import leader_page
from web.numbers import number
from web.supervise_lists import lit_page, overdue_page, rectification_page
from web.supervise_page import supervise_page
from web.urging import instructs, words_field
from web.views import FormPage, MenuEntry

MENU = (
    MenuEntry("boards.leader", N_("工作台"), "speedometer2", "board.view", 10),
    MenuEntry("boards.supervise", N_("督办中心"), "megaphone", "supervision.view", 40),
)


def pages(house: House) -> Blueprint:
    """The routes of the boards."""
    blueprint = Blueprint("boards", __name__)
    _leader(blueprint, house)
    _lists(blueprint, house)
    _acts(blueprint, house)
    return blueprint


def _leader(blueprint: Blueprint, house: House) -> None:
    @blueprint.get("/")
    @signed_in
    def leader() -> str | Response:
        """The leader's page; whoever has none is led to the first page of her menu."""
        actor = current_actor()
        entries = entries_of(actor)
        if not entries:
            raise NotPermitted(N_("您的账号还没有任何职责，请联系系统管理员授予角色。"))
        if entries[0].endpoint != "boards.leader":
            return make_response(redirect(url_for(entries[0].endpoint), 303))
        with open_reading(house.database, actor, house.now()) as unit:
            page = leader_page(unit)
        return render_template("leader.html", page=page)


def _lists(blueprint: Blueprint, house: House) -> None:
    @blueprint.get("/supervise")
    @requires("supervision.view")
    def supervise() -> str:
        """The running ladders with their filters."""
        with open_reading(house.database, current_actor(), house.now()) as unit:
            page = supervise_page(unit, request.args.to_dict())
        return render_template("supervise.html", page=page)

    @blueprint.get("/supervise/lit")
    @requires("supervision.view")
    def lit() -> str:
        """Red and yellow projects without a running ladder."""
        with open_reading(house.database, current_actor(), house.now()) as unit:
            page = lit_page(unit, request.args.get("light", ""), _after())
        return render_template("supervise_list.html", page=page)

    @blueprint.get("/supervise/rectifications")
    @requires("rectification.view")
    def rectifications() -> str:
        """Rectifications that are not closed out."""
        with open_reading(house.database, current_actor(), house.now()) as unit:
            page = rectification_page(unit, _after())
        return render_template("supervise_list.html", page=page)

    @blueprint.get("/supervise/overdue")
    @requires("supervision.view")
    def overdue() -> str:
        """Open items past their day."""
        with open_reading(house.database, current_actor(), house.now()) as unit:
            page = overdue_page(unit, _after())
        return render_template("supervise_list.html", page=page)


def _acts(blueprint: Blueprint, house: House) -> None:
    @blueprint.post("/supervise/items/<int:item_id>/urge")
    @requires("item.urge")
    def urge(item_id: int) -> Response:
        """催办, or 批示 by a leader; when it is refused the words stay."""
        words, actor = request.form.get("words", "").strip(), current_actor()
        try:
            with open_unit(house.database, actor, house.now()) as unit:
                find_held(unit, item_id)
                _check_words(words)
                urge_item(unit, item_id=item_id, words=words)
        except (Invalid, NotDue, Outdated) as refusal:
            return _asked_again(item_id, words, refusal)
        flash(_("批示已送达承办人。") if instructs(actor) else _("已催办，对方会在待办和消息中看到。"), "success")
        return make_response(redirect(_back(), 303))


def _check_words(words: str) -> None:
    if instructs(current_actor()) and not words:
        raise Invalid(N_("填写有误"), fields={"words": N_("请写明批示内容。")})


def _asked_again(item_id: int, words: str, refusal: Refusal) -> Response:
    error = say(refusal.fields["words"]) if isinstance(refusal, Invalid) and "words" in refusal.fields else ""
    actor = current_actor()
    page = FormPage(
        title=_("批示") if instructs(actor) else _("催办"),
        action_href=url_for("boards.urge", item_id=item_id),
        fields=(words_field(actor, words, error),),
        problem="" if error else say(refusal.message, dict(refusal.params)),
        back_href=_back(),
        hidden=(("next", _back()),),
    )
    return make_response(render_template("form.html", page=page), refusal.status)


def _back() -> str:
    return safe_path(request.form.get("next", "")) or url_for("boards.supervise")


def _after() -> int | None:
    return request.args.get("after", type=number)

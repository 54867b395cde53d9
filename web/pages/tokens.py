"""我的令牌: one's own keys to the API: listed, issued and shown once, revoked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from models.house import House
from models.refusal import Invalid
from models.session import ApiToken, issue_token, own_tokens, revoke_token
from models.unit import Unit, open_reading, open_unit
from web.fields import FieldView
from web.gate import current_actor, signed_in
from web.i18n import say
from web.views import Act

USUAL_LIFE = timedelta(days=90)


@dataclass(frozen=True)
class TokenRow:
    """One token; its text is known to nobody any more."""

    id: int
    name: str
    created_on: date
    expires_on: date
    last_used_on: date | None
    over: bool
    revoke: Act


@dataclass(frozen=True)
class TokensPage:
    """The tokens and the form for another; `fresh` is the text of one just issued, shown this once."""

    rows: tuple[TokenRow, ...]
    fields: tuple[FieldView, ...]
    action_href: str
    document_href: str
    fresh: str = ""


def pages(house: House) -> Blueprint:
    """The routes; each speaks of the visitor's own tokens only."""
    blueprint = Blueprint("tokens", __name__, url_prefix="/me/tokens")

    @blueprint.get("")
    @signed_in
    def index() -> str:
        """The list and an empty form."""
        return _shown(house, {}, {})

    @blueprint.post("")
    @signed_in
    def issue() -> Response:
        """Issues a token and shows it; it cannot be shown again, so this answer is the page itself."""
        typed = {name: request.form.get(name, "").strip() for name in ("name", "expires_on")}
        try:
            with open_unit(house.database, current_actor(), house.now()) as unit:
                token = issue_token(unit, name=_name(typed["name"]), expires_on=_day(typed["expires_on"]))
        except Invalid as refusal:
            return make_response(_shown(house, typed, refusal.fields), refusal.status)
        return make_response(_shown(house, {}, {}, token), 201)

    @blueprint.post("/<int:token_id>/revoke")
    @signed_in
    def revoke(token_id: int) -> Response:
        """Ends one of one's own tokens at once."""
        with open_unit(house.database, current_actor(), house.now()) as unit:
            revoke_token(unit, token_id=token_id)
        flash(_("令牌已撤销，使用它的程序不能再登录。"), "success")
        return make_response(redirect(url_for("tokens.index"), 303))

    return blueprint


def _shown(house: House, typed: Mapping[str, str], problems: Mapping[str, str], fresh: str = "") -> str:
    with open_reading(house.database, current_actor(), house.now()) as unit:
        page = TokensPage(
            rows=tuple(_row(unit, token) for token in own_tokens(unit.session, current_actor().officer_id or 0)),
            fields=_fields(unit, typed, problems),
            action_href=url_for("tokens.issue"),
            document_href=url_for("api.document"),
            fresh=fresh,
        )
    return render_template("tokens.html", page=page)


def _row(unit: Unit, token: ApiToken) -> TokenRow:
    question = _("撤销后，使用“%(name)s”的程序立即不能再办理，且不能恢复。", name=token.name)
    href = url_for("tokens.revoke", token_id=token.id)
    act = Act("revoke", _("撤销"), href, icon="trash", style="danger", question=question)
    over = token.expires_on < unit.today
    created = token.created_at.date()
    return TokenRow(token.id, token.name, created, token.expires_on, token.last_used_on, over, act)


def _fields(unit: Unit, typed: Mapping[str, str], problems: Mapping[str, str]) -> tuple[FieldView, ...]:
    said = {name: say(text) for name, text in problems.items()}
    until = typed.get("expires_on", (unit.today + USUAL_LIFE).isoformat())
    return (
        FieldView(
            "name", _("令牌名称"), value=typed.get("name", ""), required=True, error=said.get("name", ""),
            help=_("写明哪个系统使用，例如“区投促局台账同步”。"), max_length=60,
        ),
        FieldView(
            "expires_on", _("有效期至"), "date", until, required=True, error=said.get("expires_on", ""),
            help=_("最长一年，到期后须重新签发。"), smallest=unit.today.isoformat(),
        ),
    )  # fmt: skip


def _name(text: str) -> str:
    if len(text) > 60 or not text.isprintable():
        raise Invalid(_("填写有误"), fields={"name": _("最多60个字，且不含无法显示的字符。")})
    return text


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Invalid(_("填写有误"), fields={"expires_on": _("请填写日期，例如 2026-11-24。")}) from error

"""The pages of coming and going: login, logout, a new password, the first administrator, and the demo's role cards."""

from flask import Blueprint, Flask, Response, flash, make_response, redirect, render_template, request, session, url_for
from flask_babel import gettext

from models.account import TURNED_AWAY, change_password, lock_of, own_lock, sign_in
from models.house import House
from models.officer import administrators, demo_officers
from models.organ import organ_names
from models.password import check_password, hashed
from models.refusal import Invalid, NotFound, Refusal
from models.session import Limits, sign_in_demo, sign_out
from models.setup import set_up
from models.texts import N_
from models.unit import CLOCK, open_reading, open_unit
from web import gate
from web.fields import FieldView, Widget
from web.gate import (
    Need,
    RouteWithoutPermit,
    check_routes,
    cookie_name,
    current_actor,
    current_house,
    declared,
    public,
    requires,
    safe_path,
    signed_in,
    stranger,
    visitor,
)
from web.i18n import language, say
from web.views import FormPage, LoginPage, RoleCard

__all__ = [
    "Need",
    "RouteWithoutPermit",
    "check_routes",
    "current_actor",
    "current_house",
    "declared",
    "init_app",
    "public",
    "requires",
    "signed_in",
    "visitor",
]

pages = Blueprint("auth", __name__)
demo = Blueprint("demo_login", __name__)

CARDS = {  # what the card is called, and its picture
    "officer": (N_("区经办人"), "person-badge"),
    "department": (N_("部门经办人"), "building"),
    "supervisor": (N_("督办人员"), "clipboard-check"),
    "leader": (N_("市领导"), "speedometer2"),
    "admin": (N_("系统管理员"), "gear"),
}
DIFFERENT = N_("两次输入的密码不一致。")


def init_app(app: Flask, house: House) -> None:
    """Puts the gate before every route and adds the pages of signing in; the role cards' only with DEMO=1."""
    gate.init_app(app, house)
    app.register_blueprint(pages)
    if house.settings.demo:
        app.register_blueprint(demo)


@pages.get("/login")
@public
def login() -> Response:
    """The page to sign in on; who is signed in already goes on."""
    if visitor():
        return _onward(request.args.get("next", ""))
    return _login_page(safe_path(request.args.get("next", "")))


@pages.post("/login")
@public
def enter() -> Response:
    """Signs in and leads to where one was going; a refusal says the same words whatever the reason."""
    house, now = current_house(), current_house().now()
    name, going = request.form.get("name", ""), safe_path(request.form.get("next", ""))
    with open_reading(house.database, stranger(), now) as unit:
        lock = lock_of(unit.session, name)
    attempt = lock.try_key(request.form.get("password", ""))
    with open_unit(house.database, stranger(), now) as unit:
        entered = sign_in(unit, attempt=attempt, limits=Limits.of(house.settings))
    if entered is None:
        response = _login_page(going, name=name, problem=say(TURNED_AWAY))
        response.status_code = 401
        return response
    return _begun(entered.token, going)


@pages.post("/logout")
@signed_in
def logout() -> Response:
    """Ends this sign-in; what the browser kept of typed texts goes too, since the next person may sit at this desk."""
    house = current_house()
    with open_unit(house.database, current_actor(), house.now()) as unit:
        sign_out(unit, token=request.cookies.get(cookie_name(), ""))
    session.clear()
    response = make_response(redirect(url_for("auth.login"), 303))
    response.delete_cookie(cookie_name(), secure=_over_tls(), httponly=True, samesite="Lax")
    response.headers["Clear-Site-Data"] = '"storage"'
    return response


@pages.get("/password")
@signed_in
def password() -> Response:
    """The form for a new password of one's own; 404 for those who sign in without one."""
    house, actor = current_house(), current_actor()
    with open_reading(house.database, actor, house.now()) as unit:
        own_lock(unit.session, actor.officer_id or 0)
    return _password_page({})


@pages.post("/password")
@signed_in
def renew() -> Response:
    """Sets the new password; the other sign-ins end, this one stays."""
    house, now, actor = current_house(), current_house().now(), current_actor()
    with open_reading(house.database, actor, now) as unit:
        lock = own_lock(unit.session, actor.officer_id or 0)
    try:
        new_hash = lock.new_key(_chosen_password())
    except Invalid as refused:
        return _password_page(refused.fields)
    attempt = lock.try_key(request.form.get("old", ""))
    with open_unit(house.database, actor, now) as unit:
        changed = change_password(unit, attempt=attempt, new_hash=new_hash, keep=request.cookies.get(cookie_name(), ""))
    if not changed:
        return _password_page({"old": N_("原密码不正确，或账号已被锁定。")})
    flash(_("密码已修改，其他设备上的登录已退出。"), "success")
    return _onward("")


@pages.get("/setup")
@public
def setup() -> Response:
    """The form for the first administrator; there is no such page once there is one."""
    _ask_for_an_empty_house()
    return _setup_page({})


@pages.post("/setup")
@public
def found() -> Response:
    """Makes the first administrator, who then signs in."""
    _ask_for_an_empty_house()
    house, form = current_house(), request.form
    try:
        chosen = _chosen_password()
        check_password(chosen, form.get("login", "").strip().casefold())
        password_hash = hashed(chosen)
        with open_unit(house.database, stranger(), house.now()) as unit:
            set_up(
                unit,
                code=form.get("code", ""),
                login=form.get("login", ""),
                name=form.get("name", ""),
                password_hash=password_hash,
            )
    except Invalid as refused:
        return _setup_page(refused.fields)
    except Refusal as refused:
        return _setup_page({"code": refused.message})
    flash(_("管理员账号已建立，请登录。"), "success")
    return make_response(redirect(url_for("auth.login"), 303))


@demo.post("/demo-login")
@public
def enter_demo() -> Response:
    """Signs in as the officer of a role card; this route exists with DEMO=1 only."""
    house = current_house()
    with open_unit(house.database, stranger(), house.now()) as unit:
        officer = demo_officers(unit.session).get(request.args.get("card", ""))
        if officer is None:
            raise NotFound(N_("没有这张角色卡。"))
        token = sign_in_demo(unit, officer_id=officer.id, limits=Limits.of(house.settings))
    return _begun(token, safe_path(request.args.get("next", "")))


def _begun(token: str, going: str) -> Response:
    """Onward with a new token; whatever the browser held of an earlier visit, the form token too, is void."""
    session.clear()
    response = _onward(going)
    response.set_cookie(cookie_name(), token, secure=_over_tls(), httponly=True, samesite="Lax")
    return response


def _onward(going: str) -> Response:
    return make_response(redirect(safe_path(going) or "/", 303))


def _over_tls() -> bool:
    return current_house().settings.secure_cookies


def _(text: str) -> str:
    return str(gettext(text))


def _chosen_password() -> str:
    """The new password that was typed twice; raises Invalid when the two differ."""
    chosen = request.form.get("password", "")
    if chosen != request.form.get("again", ""):
        raise Invalid(N_("填写有误"), fields={"again": DIFFERENT})
    return chosen


def _ask_for_an_empty_house() -> None:
    house = current_house()
    with open_reading(house.database, stranger(), house.now()) as unit:
        if administrators(unit.session, unit.today):
            raise NotFound(N_("系统已有管理员，请由管理员开设账号。"))


def _login_page(going: str, *, name: str = "", problem: str = "") -> Response:
    page = LoginPage(login_href=url_for("auth.enter"), next=going, name=name, problem=problem, cards=_cards(going))
    return make_response(render_template("login.html", page=page))


def _cards(going: str) -> tuple[RoleCard, ...]:
    house = current_house()
    if not house.settings.demo:
        return ()
    with open_reading(house.database, CLOCK, house.now()) as unit:
        shown = demo_officers(unit.session)
        organs = organ_names(unit.session, [officer.organ_id for officer in shown.values()], language())
        return tuple(
            RoleCard(
                code=card,
                role=say(CARDS[card][0]),
                person=officer.name,
                organ=organs[officer.organ_id],
                href=url_for("demo_login.enter_demo", card=card, next=going or None),
                icon=CARDS[card][1],
            )
            for card, officer in shown.items()
        )


def _password_page(problems: dict[str, str]) -> Response:
    fields = (
        _field("old", _("原密码"), problems, widget="password"),
        _field("password", _("新密码"), problems, widget="password", hint=_rule()),
        _field("again", _("再输一次新密码"), problems, widget="password"),
    )
    page = FormPage(
        title=_("修改密码"),
        action_href=url_for("auth.renew"),
        fields=fields,
        lead=_("初次登录或管理员重置后，须先修改密码。修改后其他设备上的登录将退出。"),
        submit_text=_("修改密码"),
    )
    return _form(page, problems)


def _setup_page(problems: dict[str, str]) -> Response:
    fields = (
        _field("code", _("初始化码"), problems, hint=_("启动时显示在服务器上，24 小时内有效，只能用一次。")),
        _field("name", _("姓名"), problems, typed=True),
        _field("login", _("账号"), problems, typed=True, hint=_("2 至 60 个小写字母、数字或 . _ - @")),
        _field("password", _("密码"), problems, widget="password", hint=_rule()),
        _field("again", _("再输一次密码"), problems, widget="password"),
    )
    page = FormPage(
        title=_("建立第一位系统管理员"),
        action_href=url_for("auth.found"),
        fields=fields,
        lead=_("系统还没有管理员。"),
        submit_text=_("建立"),
    )
    return _form(page, problems)


def _rule() -> str:
    return _("10 至 128 个字符，含小写字母、大写字母、数字、符号中的至少三类。")


def _field(
    name: str, title: str, problems: dict[str, str], *, widget: Widget = "text", typed: bool = False, hint: str = ""
) -> FieldView:
    value = request.form.get(name, "") if typed else ""
    error = say(problems[name]) if name in problems else ""
    return FieldView(name, title, widget, value, required=True, error=error, help=hint)


def _form(page: FormPage, problems: dict[str, str]) -> Response:
    response = make_response(render_template("form.html", page=page))
    response.status_code = 422 if problems else 200
    return response

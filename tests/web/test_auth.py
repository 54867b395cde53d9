"""Coming in, staying in, going out; and no route that does not say who may use it."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.views import MethodView
from sqlalchemy import select

from models.account import create_account, disable_officer
from models.audit import AuditEntry
from models.house import House
from models.officer import show_card
from models.permit import permit
from models.seed import load_organs
from models.session import SignIn, issue_token
from models.settings import Settings
from models.setup import issue_setup_code
from models.unit import CLOCK, open_reading, open_unit
from notices.seals import Cabinet
from tests.cast import make_town
from tests.web.conftest import bare_app
from web.auth import RouteWithoutPermit, check_routes, current_actor, init_app, public, requires, signed_in, visitor
from web.gate import safe_path

permit("test.desk", "看桌面", roles=["officer"], scope="organ")


class NoRenderer:
    """These pages issue no letter."""

    def render(self, letter, *, draft=False):
        raise NotImplementedError


@pytest.fixture
def house(database, clock, tmp_path: Path) -> House:
    settings = Settings.from_environ({"DUBAN_DATA_DIR": str(tmp_path)})
    return House(settings, clock, database, NoRenderer(), Cabinet(None))


@pytest.fixture
def town(house):
    with open_unit(house.database, CLOCK, house.now()) as unit:
        return make_town(unit)


@pytest.fixture
def password(house, town):
    """What was handed to 李明, whose login is "liming"."""
    with open_unit(house.database, town.admin, house.now()) as unit:
        return create_account(unit, officer_id=town.li_ming.officer_id, login="liming")


def serve(catalogue: Path, house: House) -> Flask:
    """The pages of signing in and a few to sign in for."""
    app = bare_app(catalogue, house.settings.public_url)
    init_app(app, house)

    @app.get("/")
    @signed_in
    def home() -> str:
        return f"home of {current_actor().name}"

    @app.route("/desk", methods=["GET", "POST"])
    @requires("test.desk")
    def desk() -> str:
        return f"desk of {current_actor().name} from {current_actor().address}"

    @app.get("/accounts")
    @requires("account.manage")
    def accounts() -> str:
        return "accounts"

    @app.get("/verify")
    @public
    def verify() -> str:
        return f"seen by {visitor()}"

    @app.get("/api/v1/items")
    @requires("test.desk")
    def items() -> dict[str, str]:
        return {"for": current_actor().name}

    check_routes(app)
    return app


@pytest.fixture
def app(catalogue, house):
    return serve(catalogue, house)


@pytest.fixture
def browser(app):
    return app.test_client()


def token_in(page) -> str:
    return re.search(r'name="csrf_token" value="([^"]+)"', page.text).group(1)


def post(browser, path, on="/login", **fields):
    """What a person does: open a page with a form, fill it in, send it."""
    fields["csrf_token"] = token_in(browser.get(on, headers={"Accept": "text/html"}))
    return browser.post(path, data=fields)


def sign_in(browser, password, name="liming", **more):
    return post(browser, "/login", name=name, password=password, **more)


@pytest.fixture
def signed(browser, password):
    """李明's browser, with a password of her own."""
    sign_in(browser, password)
    post(browser, "/password", on="/password", old=password, password="Spring-water-1", again="Spring-water-1")
    return browser


def refusals(house):
    with open_reading(house.database, CLOCK, house.now()) as unit:
        return unit.session.scalars(select(AuditEntry).where(AuditEntry.refused)).all()


# --- coming in -----------------------------------------------------------------------------------------------------


def test_who_is_not_signed_in_is_led_to_the_login_page_and_back(browser, password):
    led = browser.get("/desk?chip=late")
    assert (led.status_code, led.location) == (303, "/login?next=/desk?chip%3Dlate")
    page = browser.get(led.location)
    assert 'name="next" value="/desk?chip=late"' in page.text
    answer = sign_in(browser, password, next="/desk?chip=late")
    assert (answer.status_code, answer.location) == (303, "/desk?chip=late")


def test_a_first_password_is_changed_before_anything_else(browser, password):
    sign_in(browser, password)
    assert browser.get("/desk").location == "/password"
    assert browser.get("/desk", headers={"HX-Request": "true"}).headers["HX-Redirect"] == "/password"
    changed = post(
        browser, "/password", on="/password", old=password, password="Spring-water-1", again="Spring-water-1"
    )
    assert changed.location == "/"
    assert browser.get("/desk").text == "desk of 李明 from 127.0.0.1"


@pytest.mark.parametrize(
    ("old", "new", "again", "field"),
    [
        ("wrong-Password-1", "Spring-water-1", "Spring-water-1", "old"),
        (None, "short", "short", "password"),
        (None, "Spring-water-1", "Spring-water-2", "again"),
        (None, None, None, "password"),
    ],
)
def test_a_new_password_that_will_not_do_is_refused_beside_its_field(browser, password, *, old, new, again, field):
    sign_in(browser, password)
    answer = post(
        browser, "/password", on="/password", old=old or password, password=new or password, again=again or password
    )
    assert answer.status_code == 422
    assert f'data-testid="error-{field}"' in answer.text
    assert browser.get("/desk").location == "/password"


def test_a_wrong_password_and_an_unknown_account_read_the_same(browser, password):
    wrong, unknown = sign_in(browser, "Wrong-guess-1"), sign_in(browser, "Wrong-guess-1", name="nobody")
    assert wrong.status_code == unknown.status_code == 401
    assert 'data-testid="login-problem"' in wrong.text
    masked = [re.sub(r'value="[^"]*"|X-CSRFToken[^}]*', "", page.text) for page in (wrong, unknown)]
    assert masked[0] == masked[1]
    assert browser.get("/desk").status_code == 303


def test_five_wrong_passwords_lock_the_account_for_a_quarter_of_an_hour(browser, clock, password):
    for _ in range(5):
        assert sign_in(browser, "Wrong-guess-1").status_code == 401
    assert sign_in(browser, password).status_code == 401
    clock.move(by=timedelta(minutes=15))
    assert sign_in(browser, password).status_code == 303


def test_a_refused_sign_in_is_on_record_without_the_password(browser, house, password):
    sign_in(browser, "Wrong-guess-1")
    [line] = refusals(house)
    assert (line.act, line.address, line.detail) == (
        "session.open",
        "127.0.0.1",
        {"login": "liming", "reason": "wrong"},
    )


def test_each_sign_in_gets_a_new_token_and_a_planted_one_is_worth_nothing(app, house, password):
    browser = app.test_client()
    browser.set_cookie("duban", "planted-by-somebody-else")
    form_token = token_in(browser.get("/login"))
    sign_in(browser, password)
    first = browser.get_cookie("duban").value
    assert first != "planted-by-somebody-else"
    assert token_in(browser.get("/password")) != form_token
    post(browser, "/logout", on="/password")
    sign_in(browser, password)
    assert browser.get_cookie("duban").value != first
    with open_reading(house.database, CLOCK, house.now()) as unit:
        assert first not in unit.session.scalars(select(SignIn.token_hash)).all()


def test_the_token_is_out_of_reach_of_scripts_and_of_other_sites(browser, password):
    sign_in(browser, password)
    cookie = browser.get_cookie("duban")
    assert (cookie.http_only, cookie.same_site, cookie.secure, cookie.expires) == (True, "Lax", False, None)


def test_over_tls_the_token_is_bound_to_this_host(catalogue, house, password):
    encrypted = replace(house, settings=replace(house.settings, public_url="https://duban.example.cn"))
    browser = serve(catalogue, encrypted).test_client()
    page = browser.get("/login", base_url="https://localhost")
    fields = {"name": "liming", "password": password, "csrf_token": token_in(page)}
    answer = browser.post(
        "/login", data=fields, base_url="https://localhost", headers={"Referer": "https://localhost/login"}
    )
    [cookie] = [text for text in answer.headers.getlist("Set-Cookie") if "duban" in text]
    assert cookie.startswith("__Host-duban=")
    assert "Secure; HttpOnly; Path=/; SameSite=Lax" in cookie
    assert "Domain" not in cookie


def test_a_sign_in_without_the_forms_token_is_refused(browser, password):
    assert browser.post("/login", data={"name": "liming", "password": password}).status_code == 400
    assert browser.get_cookie("duban") is None


@pytest.mark.parametrize(
    "elsewhere",
    ["//evil.example", "https://evil.example", "/\\evil.example", "/\tevil", "evil", "javascript:alert(1)", ""],
)
def test_the_way_back_never_leads_elsewhere(browser, password, elsewhere):
    assert safe_path(elsewhere) == ""
    assert sign_in(browser, password, next=elsewhere).location == "/"


def test_who_is_signed_in_already_goes_straight_on(signed):
    assert signed.get("/login?next=/desk").location == "/desk"
    assert signed.get("/login?next=//evil.example").location == "/"


# --- staying in ----------------------------------------------------------------------------------------------------


def test_half_an_hour_without_a_request_ends_the_session(signed, clock):
    clock.move(by=timedelta(minutes=29))
    assert signed.get("/desk").status_code == 200
    clock.move(by=timedelta(minutes=29))
    assert signed.get("/desk").status_code == 200, "the visit before began the half hour anew"
    clock.move(by=timedelta(minutes=30))
    assert signed.get("/desk").location.startswith("/login")


def test_eight_hours_end_the_session_however_busy(signed, clock):
    for _ in range(8 * 4 - 1):
        clock.move(by=timedelta(minutes=15))
        assert signed.get("/desk").status_code == 200
    clock.move(by=timedelta(minutes=15))
    assert signed.get("/desk").status_code == 303


def test_the_operator_sets_the_limits(catalogue, house, clock, password):
    strict = replace(house, settings=replace(house.settings, idle_minutes=5))
    browser = serve(catalogue, strict).test_client()
    sign_in(browser, password)
    clock.move(by=timedelta(minutes=5))
    assert browser.get("/password").status_code == 303


def test_a_form_sent_too_late_leads_back_to_the_page_on_which_its_draft_waits(signed, clock):
    csrf = token_in(signed.get("/password"))
    clock.move(by=timedelta(hours=1))
    answer = signed.post(
        "/desk", data={"csrf_token": csrf, "text": "写了很久"}, headers={"Referer": "http://localhost/items/7?tab=form"}
    )
    assert (answer.status_code, answer.location) == (303, "/login?next=/items/7?tab%3Dform")
    stranger = signed.post("/desk", data={"csrf_token": csrf}, headers={"Referer": "http://evil.example/items/7"})
    assert stranger.location == "/login"


def test_a_fragment_asked_for_too_late_moves_the_whole_page_to_the_login(browser):
    asked = {"HX-Request": "true", "HX-Current-URL": "http://localhost/inbox?q=%E5%8E%82"}
    answer = browser.get("/desk", headers=asked)
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/login?next=/inbox?q%3D%25E5%258E%2582"


def test_a_disabled_officer_is_out_with_the_next_request(signed, house, town):
    assert signed.get("/desk").status_code == 200
    with open_unit(house.database, town.admin, house.now()) as unit:
        disable_officer(unit, officer_id=town.li_ming.officer_id)
    assert signed.get("/desk").status_code == 303


def test_logging_out_ends_the_session_on_our_side_too(signed):
    token = signed.get_cookie("duban").value
    answer = post(signed, "/logout", on="/password")
    assert answer.location == "/login"
    assert answer.headers["Clear-Site-Data"] == '"storage"'
    assert signed.get_cookie("duban") is None
    signed.set_cookie("duban", token)
    assert signed.get("/desk").status_code == 303


def test_one_cannot_be_logged_out_by_a_link(signed):
    assert signed.get("/logout").status_code == 405
    assert signed.post("/logout").status_code == 400
    assert signed.get("/desk").status_code == 200


# --- may they? -----------------------------------------------------------------------------------------------------


def test_a_route_is_refused_to_roles_without_its_permit_and_the_refusal_is_on_record(signed, house, town):
    assert signed.get("/accounts").status_code == 403
    [line] = refusals(house)
    assert (line.officer_id, line.who, line.act) == (town.li_ming.officer_id, "李明", "accounts")
    assert line.detail == {"method": "GET", "path": "/accounts"}


def test_a_public_page_is_open_and_knows_nobody(browser):
    assert browser.get("/verify").text == "seen by None"


def test_a_page_that_does_not_exist_is_simply_not_there(browser):
    assert browser.get("/nowhere").status_code == 404


def test_a_route_that_declares_nothing_keeps_the_application_from_starting(app):
    app = serve_more(app, lambda: "secret")
    with pytest.raises(RouteWithoutPermit, match=r"GET /more \(more\)"):
        check_routes(app)


def test_a_route_with_an_undeclared_permit_keeps_the_application_from_starting(app):
    app = serve_more(app, requires("nobody.declared.this")(lambda: "secret"))
    with pytest.raises(RouteWithoutPermit, match="/more"):
        check_routes(app)


def test_even_unchecked_a_route_that_declares_nothing_stays_shut(app, password):
    browser = serve_more(app, lambda: "secret").test_client()
    assert browser.get("/more").status_code == 303
    sign_in(browser, password)
    post(browser, "/password", on="/password", old=password, password="Spring-water-1", again="Spring-water-1")
    assert browser.get("/more").status_code == 403


def test_each_method_of_a_class_says_what_it_needs(app):
    class Things(MethodView):
        @requires("test.desk")
        def get(self) -> str:
            return "things"

        def post(self) -> str:
            return "secret"

    app = serve_more(app, Things.as_view("things"))
    with pytest.raises(RouteWithoutPermit, match=r"POST /more") as stopped:
        check_routes(app)
    assert "GET /more" not in str(stopped.value)


def serve_more(app: Flask, view) -> Flask:
    app.add_url_rule("/more", "more", view)
    return app


# --- the API -------------------------------------------------------------------------------------------------------


def test_the_api_knows_its_caller_by_a_personal_token(app, house, town):
    with open_unit(house.database, town.li_ming, house.now()) as unit:
        token = issue_token(unit, name="报表", expires_on=unit.today)
    caller = app.test_client()
    answer = caller.get("/api/v1/items", headers={"Authorization": f"Bearer {token}"})
    assert answer.json == {"for": "李明"}
    for wrong in (
        {},
        {"Authorization": "Bearer nonsense"},
        {"Authorization": f"Basic {token}"},
        {"Authorization": "Bearer"},
    ):
        refused = caller.get("/api/v1/items", headers=wrong)
        assert (refused.status_code, refused.headers["WWW-Authenticate"]) == (401, "Bearer")
        assert refused.json["status"] == 401


def test_neither_key_opens_the_others_door(signed, house, town):
    with open_unit(house.database, town.li_ming, house.now()) as unit:
        token = issue_token(unit, name="报表", expires_on=unit.today)
    assert signed.get("/api/v1/items").status_code == 401
    assert (
        signed.application.test_client().get("/desk", headers={"Authorization": f"Bearer {token}"}).status_code == 303
    )


def test_the_api_keeps_to_the_permits_of_the_pages(app, house, town):
    with open_unit(house.database, town.zhao_qiang, house.now()) as unit:
        token = issue_token(unit, name="报表", expires_on=unit.today)
    answer = app.test_client().get("/api/v1/items", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 403


# --- the first administrator ---------------------------------------------------------------------------------------


def test_the_printed_code_makes_the_first_administrator_and_the_page_is_gone(browser, house):
    with open_unit(house.database, CLOCK, house.now()) as unit:
        load_organs(unit)
        code = issue_setup_code(unit)
    mine = {"name": "高远", "login": "gaoyuan", "password": "Morning-star-7", "again": "Morning-star-7"}
    wrong = post(browser, "/setup", on="/setup", code="wrong", **mine)
    assert wrong.status_code == 422
    assert 'data-testid="error-code"' in wrong.text
    assert "高远" in wrong.text
    assert "Morning-star-7" not in wrong.text
    weak = post(browser, "/setup", on="/setup", code=code, **(mine | {"password": "weak", "again": "weak"}))
    assert 'data-testid="error-password"' in weak.text
    assert post(browser, "/setup", on="/setup", code=code, **mine).location == "/login"
    assert sign_in(browser, "Morning-star-7", name="gaoyuan").status_code == 303
    assert browser.get("/accounts").text == "accounts"
    assert browser.get("/setup").status_code == 404


def test_a_house_with_an_administrator_has_no_setup_page(browser, town):
    assert browser.get("/setup").status_code == 404
    answer = post(
        browser,
        "/setup",
        on="/login",
        code="x",
        name="y",
        login="zz",
        password="Morning-star-7",
        again="Morning-star-7",
    )
    assert answer.status_code == 404


# --- the demo ------------------------------------------------------------------------------------------------------


@pytest.fixture
def demo(house, town):
    with open_unit(house.database, CLOCK, house.now()) as unit:
        show_card(unit, officer_id=town.li_ming.officer_id, card="officer")
        show_card(unit, officer_id=town.sun_li.officer_id, card="leader")
    return replace(house, settings=replace(house.settings, demo=True))


def test_the_demos_login_page_shows_a_card_for_each_role(catalogue, demo):
    page = serve(catalogue, demo).test_client().get("/login").text
    assert re.findall(r'data-testid="role-(\w+)"', page) == ["officer", "leader"]
    assert "李明" in page
    assert "滨海新区" in page


def test_a_card_signs_in_and_the_demos_clock_may_jump(catalogue, demo, clock):
    browser = serve(catalogue, demo).test_client()
    answer = post(browser, "/demo-login?card=officer&next=/desk")
    assert answer.location == "/desk"
    clock.move(by=timedelta(days=30))
    assert browser.get("/desk").text.startswith("desk of 李明")
    assert post(serve(catalogue, demo).test_client(), "/demo-login?card=admin").status_code == 404


def test_a_card_needs_the_forms_token_too(catalogue, demo):
    assert serve(catalogue, demo).test_client().post("/demo-login?card=officer").status_code == 400


def test_without_demo_there_are_no_cards_and_no_such_route(browser, app, demo):
    assert not any("demo" in rule.rule for rule in app.url_map.iter_rules())
    assert "role-officer" not in browser.get("/login").text
    assert post(browser, "/demo-login?card=officer").status_code == 404


def test_a_demo_sign_in_is_worth_nothing_once_demo_is_off(catalogue, demo, app):
    browser = serve(catalogue, demo).test_client()
    post(browser, "/demo-login?card=officer")
    token = browser.get_cookie("duban").value
    sober = app.test_client()
    sober.set_cookie("duban", token)
    assert browser.get("/desk").status_code == 200
    assert sober.get("/desk").status_code == 303

"""What an attacker tries on the whole application: headers, tokens, writes by reading, planted ids, texts and hosts."""

import hashlib
import html
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from types import ModuleType
from typing import Any

import pytest
from flask import Blueprint
from sqlalchemy import select

import web
from models.account import create_account, disable_officer
from models.audit import AuditEntry
from models.base import Base
from models.clock import FrozenClock
from models.database import Database
from models.officer import OfficerGrant, actor_for, end_grant, grant_role
from models.session import issue_token
from tests.cast import hire
from tests.conftest import TUESDAY
from tests.web.house import Story, make_house, open_story
from tests.web.ledger_desk import PNG, project_in, ready
from tests.web.places import OWN, City, Place, build_city, nothing_kept
from tests.web.test_matrix import STALE_TOKEN, UNSAFE, Asked, Door, address_of, rows_of
from web import create_web
from web.auth import RouteWithoutPermit

POLICY = "default-src 'none'"
KEEPS_READING = {  # what a GET may leave behind
    "audit_entry": "reading the audit away and asking in vain are on record",
    "sign_in": "when the officer was last here",
    "api_token": "the day a token was last used",
    "notice": "拆阅: the addressee's first look at a paper",
}
HUGE = (2**31, 2**63, 10**30)


@pytest.fixture(scope="module")
def city(tmp_path_factory) -> Iterator[City]:
    """One city for all who only look at it; what is committed is taken back where a test says so."""
    folder = tmp_path_factory.mktemp("city")
    database = Database(f"sqlite:///{folder / 'city.sqlite3'}")
    Base.metadata.create_all(database.reading)
    yield build_city(database, FrozenClock(TUESDAY), folder)
    database.close()


@pytest.fixture
def story(database, clock, tmp_path) -> Story:
    return open_story(database, clock, tmp_path)


def everything(city: City) -> Iterator[tuple[Asked, Place]]:
    """Each route × method × person, about the person's own thing."""
    for asked in rows_of(city.guarded_app(), city):
        if asked.whose in ("-", OWN):
            yield asked, city.place_of(asked.who, OWN)


# ---- headers ------------------------------------------------------------------------------------------------------


def wrong_with(answer: Any) -> list[str]:
    """What is missing from the headers of an answer, or stands in its page that the policy would stop."""
    headers, wrong = answer.headers, []
    if (
        not headers.get("Content-Security-Policy", "").startswith(POLICY)
        or "unsafe" in headers["Content-Security-Policy"]
    ):
        wrong.append("policy")
    expected = {"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "same-origin"}
    wrong += [name for name, value in expected.items() if headers.get(name) != value]
    wrong += ["kept"] if "no-store" not in headers.get("Cache-Control", "") else []
    wrong += ["server"] if "Werkzeug" in headers.get("Server", "") else []
    if answer.mimetype == "text/html":
        wrong += inline(answer.get_data(as_text=True))
    return wrong


class _Inline(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.in_script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag in ("script", "style") and not named.get("src") and named.get("type") != "application/json":
            self.found.append(f"<{tag}>")
        if tag in ("iframe", "object", "embed", "base", "math", "marquee", "video", "details-x"):
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            if name.startswith("on") or name in ("style", "srcdoc"):
                self.found.append(f"{tag} {name}")
            if name in ("href", "src", "action", "formaction") and re.match(
                r"\s*(javascript|data|vbscript):", value or "", re.IGNORECASE
            ):
                self.found.append(f"{tag} {name}={value}")


def inline(page: str) -> list[str]:
    """Scripts, styles and handlers that stand in the page itself."""
    reader = _Inline()
    reader.feed(page)
    return reader.found


def test_every_answer_carries_the_headers_and_nothing_runs_inline(city):
    with nothing_kept(city.story.house.database):
        door, seen, wrong = Door(city), set(), {}
        for asked, place in everything(city):
            if asked.method != "GET" and asked.who != "officer":
                continue
            answer = door.ask(asked, place)
            seen |= {(answer.mimetype, answer.status_code)}
            if problems := wrong_with(answer):
                wrong[asked] = problems
        for path, method in (
            ("/no/such/page", "GET"),
            ("/tasks", "DELETE"),
            ("/api/v1/none", "GET"),
            ("/login", "TRACE"),
        ):
            answer = door.client.open(path, method=method)
            seen |= {(answer.mimetype, answer.status_code)}
            if problems := wrong_with(answer):
                wrong[path] = problems
    assert wrong == {}
    for kind in ("text/html", "application/json", "application/pdf", "application/xml", "text/csv", "image/png"):
        assert any(mime == kind and status == 200 for mime, status in seen), kind
    assert {303, 400, 401, 403, 404, 405} <= {status for _, status in seen} | {400}


def test_a_picture_of_the_page_is_only_kept_for_files_of_the_house(city):
    answer = city.guarded_app().test_client().get("/static/app.css")
    assert answer.status_code == 200
    assert wrong_with(answer) in ([], ["kept"])
    assert city.guarded_app().test_client().get("/static/..%2f..%2fapp.py").status_code == 404


# ---- tokens -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sent", ["", "guessed", "another's"])
def test_no_change_without_the_forms_token(city, sent):
    with nothing_kept(city.story.house.database):
        door, let_through = Door(city), []
        token = {"": None, "guessed": "0" * 40, "another's": door.forms["head"][1]}[sent]
        for asked, place in everything(city):
            if asked.method not in UNSAFE or asked.who not in ("anonymous", "officer", "supervisor", "admin"):
                continue
            cookie, data = door.forms[asked.who][0], {"csrf_token": token} if token else {}
            address = address_of(city, asked, place)
            answer = door.client.open(address, method=asked.method, headers={"Cookie": cookie}, data=data)
            refused = answer.status_code == 400 and STALE_TOKEN in answer.get_data(as_text=True)
            refused |= asked.rule.startswith("/api/") and answer.status_code == 401  # no cookie opens the API
            if not refused:
                let_through.append((asked, answer.status_code))
    assert let_through == []


def test_the_login_form_needs_its_token_over_https_from_our_own_pages_only(database, clock, tmp_path):
    app = create_web(make_house(database, clock, tmp_path, public_url="https://duban.example"))
    client = app.test_client()
    page = client.get("/login", base_url="https://duban.example")
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.get_data(as_text=True))[1]
    cookie = next(each for each in page.headers.getlist("Set-Cookie") if each.startswith("session="))
    assert "Secure" in cookie and "HttpOnly" in cookie and "SameSite=Lax" in cookie
    assert "max-age" in page.headers["Strict-Transport-Security"]
    answer = client.post("/login", base_url="https://duban.example", data={"name": "a", "password": "b", "csrf_token": token},
                         headers={"Referer": "https://evil.example/"})  # fmt: skip
    assert answer.status_code == 400


# ---- reading writes nothing ---------------------------------------------------------------------------------------


def contents(database: Database) -> dict[str, dict[Any, str]]:
    """Each row of each table by its key, as a digest."""
    found: dict[str, dict[Any, str]] = {}
    with database.reading.connect() as connection:
        for table in Base.metadata.sorted_tables:
            keys = list(table.primary_key.columns)
            found[table.name] = {
                tuple(row._mapping[key] for key in keys): hashlib.sha256(repr(tuple(row)).encode()).hexdigest()
                for row in connection.execute(select(table))
            }
    return found


def test_no_address_writes_when_it_is_only_read(database, clock, tmp_path):
    city = build_city(database, clock, tmp_path)
    door = Door(city)
    before = contents(database)
    for asked, place in everything(city):
        if asked.method == "GET" and asked.who in ("anonymous", "officer", "supervisor", "admin", "auditor"):
            door.ask(asked, place)
            if asked.who == "officer" and not asked.rule.startswith("/api/"):
                door.client.head(address_of(city, asked, place), headers={"Cookie": door.forms[asked.who][0]})
    after = contents(database)
    changed = {name for name in before if before[name] != after[name]}
    assert changed <= set(KEEPS_READING)
    for name in changed - {"audit_entry"}:
        assert before[name].keys() == after[name].keys(), name  # nothing is added and nothing vanishes
    assert all(after["audit_entry"].get(key) == row for key, row in before["audit_entry"].items())
    with database.reading.connect() as connection:
        new = [
            row for row in connection.execute(select(AuditEntry.__table__)) if (row.id,) not in before["audit_entry"]
        ]
    assert {row.act for row in new if not row.refused} <= {"notice.open", "audit.export"}


# ---- coming in ----------------------------------------------------------------------------------------------------


def token_of(page: Any) -> str:
    return re.search(r'name="csrf_token" value="([^"]+)"', page.get_data(as_text=True))[1]


@pytest.fixture
def served(story):
    """The pages as they are served, and 李明's first password."""
    with story.unit(story.town.admin) as unit:
        password = create_account(unit, officer_id=story.town.li_ming.officer_id, login="liming")
    return create_web(story.house), password


def enter(client: Any, password: str, **more: str) -> Any:
    form = {"name": "liming", "password": password, "csrf_token": token_of(client.get("/login")), **more}
    return client.post("/login", data=form)


def test_five_wrong_guesses_lock_the_account_on_the_served_pages_whoever_guesses(served, clock):
    app, password = served
    for _ in range(5):
        assert enter(app.test_client(), "wrong-Guess-1").status_code == 401
    assert enter(app.test_client(), password).status_code == 401
    clock.move(by=timedelta(minutes=15))
    assert enter(app.test_client(), password).status_code == 303


def test_what_was_planted_before_signing_in_is_worth_nothing_after(served):
    app, password = served
    client = app.test_client()
    client.set_cookie("duban", "planted-by-somebody-else")
    before = token_of(client.get("/login"))
    answer = enter(client, password)
    cookie = next(each for each in answer.headers.getlist("Set-Cookie") if each.startswith("duban="))
    assert "planted" not in cookie
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Path=/" in cookie
    assert client.post("/logout", data={"csrf_token": before}).status_code == 400
    thief = app.test_client()
    thief.set_cookie("duban", "planted-by-somebody-else")
    assert thief.get("/messages").headers["Location"].startswith("/login")


ELSEWHERE = ["//evil.example", "///evil.example", "https://evil.example", "\\\\evil.example", "/\\evil.example",
             "javascript:alert(1)", "/\tx//evil.example", "http:evil.example", "%2f%2fevil.example", "/%0d%0aX-Set: 1",
             " //evil.example", "@evil.example", "/\u202e//evil"]  # fmt: skip


@pytest.mark.parametrize("going", ELSEWHERE)
def test_no_way_on_leads_to_another_machine(served, going):
    app, password = served
    client = app.test_client()
    answers = [enter(client, password, next=going), client.get("/login", query_string={"next": going}),
               client.get(f"/messages?lang=en&next={going}"), client.get("//evil.example/messages?lang=en")]  # fmt: skip
    for answer in answers:
        where = answer.headers.get("Location", "/")
        assert where.startswith("/") and not where.startswith("//") and "\\" not in where and "\n" not in where
        assert "X-Set" not in answer.headers


def test_the_name_a_browser_calls_us_by_is_never_written_into_a_page(city):
    with nothing_kept(city.story.house.database):
        door = Door(city)
        said = []
        for asked, place in everything(city):
            if asked.method != "GET" or asked.rule.startswith("/api/") or asked.who not in ("anonymous", "supervisor"):
                continue
            headers = {"Cookie": door.forms[asked.who][0], "Host": "evil.example", "X-Forwarded-Host": "evil.example",
                       "X-Forwarded-For": "6.6.6.6"}  # fmt: skip
            answer = door.client.get(address_of(city, asked, place), headers=headers)
            if b"evil.example" in answer.data or "evil.example" in str(answer.headers):
                said.append(asked.rule)
    assert said == []


# ---- what one may no longer do ------------------------------------------------------------------------------------


def test_a_role_taken_back_or_given_counts_from_the_next_request(story):
    town = story.town
    project_id = project_in(story, town.binhai)
    client = story.client(town.li_ming)
    assert client.get(f"/projects/{project_id}").status_code == 200
    with story.unit(town.admin) as unit:
        [grant_id] = unit.session.scalars(
            select(OfficerGrant.id).where(OfficerGrant.officer_id == town.li_ming.officer_id)
        )
        end_grant(unit, grant_id=grant_id)
    assert client.get(f"/projects/{project_id}").status_code == 403
    with story.unit(town.admin) as unit:
        grant_role(unit, officer_id=town.li_ming.officer_id, role="officer", organ_id=town.wuqing)
    assert client.get(f"/projects/{project_id}").status_code == 404
    assert client.get("/projects").status_code == 200


def test_a_grant_holds_from_its_first_to_its_last_day(story, clock):
    town = story.town
    with story.unit(town.admin) as unit:
        newcomer = hire(unit, "借调", "officer", town.wuqing)
        [own] = unit.session.scalars(select(OfficerGrant.id).where(OfficerGrant.officer_id == newcomer.officer_id))
        end_grant(unit, grant_id=own)
        grant_role(unit, officer_id=newcomer.officer_id, role="officer", organ_id=town.binhai,
                   valid_from=unit.today + timedelta(days=1), valid_to=unit.today + timedelta(days=2))  # fmt: skip
    seen = []
    for _ in range(4):
        seen.append(story.client(newcomer).get("/projects").status_code)
        clock.move(by=timedelta(days=1))
    assert seen == [403, 200, 200, 403]


def test_a_disabled_officer_is_out_of_pages_and_api_at_once(story):
    town = story.town
    with story.unit(town.li_ming) as unit:
        token = issue_token(unit, name="接口", expires_on=unit.today)
    client, api = story.client(town.li_ming), {"Authorization": f"Bearer {token}"}
    assert story.app.test_client().get("/api/v1/work-items", headers=api).status_code == 200
    with story.unit(town.admin) as unit:
        disable_officer(unit, officer_id=town.li_ming.officer_id)
    assert client.get("/tasks").headers["Location"].startswith("/login")
    assert story.app.test_client().get("/api/v1/work-items", headers=api).status_code == 401


def test_administration_audit_and_business_are_never_in_one_hand(story):
    town = story.town
    admin = story.client(town.admin)

    def grant(officer: Any, role: str) -> int:
        form = {"role": role, "organ_id": str(town.binhai)}
        return admin.post(f"/admin/accounts/{officer.officer_id}/grants", data=form).status_code

    assert grant(town.admin, "officer") == grant(town.admin, "auditor") == 422
    assert grant(town.li_ming, "admin") == grant(town.li_ming, "auditor") == grant(town.auditor, "head") == 422
    assert grant(town.li_ming, "head") == 303
    for keeper in (town.admin, town.auditor):
        assert admin.post(f"/admin/accounts/{keeper.officer_id}/disable").status_code == 409  # the last one stays
    with story.reading() as unit:
        roles = {grant.role for grant in actor_for(unit.session, town.admin.officer_id, unit.today).grants}
        refused = unit.session.scalars(select(AuditEntry).where(AuditEntry.act == "officer.grant")).all()
    assert roles == {"admin"}
    assert {entry.detail["role"] for entry in refused} >= {"head"}


def test_an_administrator_cannot_end_a_grant_under_another_persons_name(story):
    town = story.town
    with story.reading() as unit:
        [grant_id] = unit.session.scalars(
            select(OfficerGrant.id).where(OfficerGrant.officer_id == town.li_ming.officer_id)
        )
    address = f"/admin/accounts/{town.wang_fang.officer_id}/grants/{grant_id}/end"
    assert story.client(town.admin).post(address).status_code == 404
    assert story.client(town.li_ming).get("/projects").status_code == 200


def test_what_is_asked_for_in_vain_is_on_record(story):
    theirs = project_in(story, story.town.wuqing)
    assert story.client(story.town.li_ming).get(f"/projects/{theirs}").status_code == 404
    with story.reading() as unit:
        line = unit.session.scalars(select(AuditEntry).where(AuditEntry.refused).order_by(AuditEntry.id.desc())).first()
    assert (line.who, line.act, line.detail["path"]) == ("李明", "projects.page", f"/projects/{theirs}")


# ---- ids, numbers, sizes ------------------------------------------------------------------------------------------


def test_no_number_is_too_large_to_be_answered(database, clock, tmp_path):
    city = build_city(database, clock, tmp_path)
    broken = []
    with nothing_kept(database):
        door = Door(city)
        for asked, place in everything(city):
            names = re.findall(r"<(?:int[^:>]*):(\w+)>", asked.rule)
            if not names or asked.who not in ("officer", "supervisor", "admin"):
                continue
            for number in HUGE:
                everywhere = replace(place, ids=place.ids | dict.fromkeys(names, number), items=_far(place, number))
                answer = ask_of(door, city, asked, everywhere, dict.fromkeys(names, number))
                if answer.status_code >= 500:
                    broken.append((asked.method, asked.rule, asked.who, number))
    assert broken == []


def _far(place: Place, number: int) -> dict[str, Any]:
    return {node: replace(item, id=number) for node, item in place.items.items()}


def ask_of(door: Door, city: City, asked: Asked, place: Place, common: dict[str, int]) -> Any:
    """The same request about ids that nothing has."""
    kept = city.common, city.token_ids
    city.common, city.token_ids = {**city.common, **common}, {}
    try:
        return door.ask(asked, place)
    finally:
        city.common, city.token_ids = kept


LISTS = {
    "officer": (
        "/projects",
        "/tasks",
        "/notices",
        "/supervise",
        "/supervise/lit",
        "/supervise/overdue",
        "/api/v1/work-items",
    ),
    "admin": ("/admin/accounts", "/admin/audit", "/admin/audit.csv", "/admin/calendar"),
}
NAMES = ("q", "after", "before", "page", "project", "project_id", "process", "district", "owner", "light", "stage", "state",
         "f", "t", "rung", "organ", "year", "from", "to", "officer", "role", "act", "cursor", "kind", "limit", "done", "next")  # fmt: skip
INJECTED = (
    "' OR 1=1--", "'; DROP TABLE project;--", '" OR ""="', "1) UNION SELECT * FROM officer--", "%", "_", "%%%%", "\\", "'||'",
    "1;SELECT pg_sleep(9)", "${7*7}{{7*7}}", "\x00", "\ud800", "9" * 30, "-1", "0x10", "１２", "٣", "\u202e", "a" * 5000,
)  # fmt: skip


def test_no_search_or_filter_runs_what_is_typed_or_breaks(story):
    town = story.town
    mine = project_in(story, town.binhai)
    project_in(story, town.wuqing, name="武清密件项目")
    with story.unit(town.li_ming) as unit:
        token = issue_token(unit, name="接口", expires_on=unit.today)
    broken, leaked = [], []
    for who, actor in (("officer", town.li_ming), ("admin", town.admin)):
        client = story.client(actor)
        for path in LISTS[who]:
            asked = [(path, dict.fromkeys(NAMES, text)) for text in INJECTED] + [
                (path, {"q": text}) for text in INJECTED
            ]
            for name in NAMES:
                asked.append((path, {name: "9" * 30}))
            for address, query in asked:
                headers = {"Authorization": f"Bearer {token}"} if address.startswith("/api/") else {}
                sent = {name: text.encode("utf-8", "surrogatepass") for name, text in query.items()}
                answer = client.get(address, query_string=sent, headers=headers)
                if answer.status_code >= 500:
                    broken.append((address, *query))
                if who == "officer" and "武清密件" in answer.get_data(as_text=True):
                    leaked.append((address, *query))
    assert broken == []
    assert leaked == []
    for cursor in ("2026-01-01_5", "0001-01-01T00:00:00+00:00_5", "_0", "9999-12-31T23:59:59+14:00_1", "x_1", "_"):
        assert story.client(town.li_ming).get("/tasks", query_string={"after": cursor}).status_code == 422, cursor
    for text in ("%", "_", "%%%%", "' OR 1=1--"):
        page = story.client(town.li_ming).get("/projects", query_string={"q": text}).get_data(as_text=True)
        assert f'/projects/{mine}"' not in page, text
    assert f'/projects/{mine}"' in story.client(town.li_ming).get("/projects").get_data(as_text=True)


TRAVERSAL = ("..%2f..%2fetc%2fpasswd", "....//....//etc/passwd", "..\\..\\app.py", "%2e%2e/%2e%2e/app.py", "a%00b", "~root",
             "/etc/passwd", "..;/app.py", "file:%2f%2f%2fetc%2fpasswd", "%ed%a0%80", "stage_plan.schema.json", "../reader")  # fmt: skip


def test_no_address_leads_to_a_file_of_the_machine(story):
    project_id = project_in(story, story.town.binhai)
    with story.unit(story.town.li_ming) as unit:
        token = issue_token(unit, name="接口", expires_on=unit.today)
    client, api = story.client(story.town.li_ming), {"Authorization": f"Bearer {token}"}
    for planted in TRAVERSAL:
        for path in (f"/projects/{project_id}/files/{planted}", f"/projects/{project_id}/processes/{planted}/diagram.bpmn",
                     f"/notices/{planted}.pdf", f"/verify/{planted}", f"/static/{planted}", f"/tasks/1/files/{planted}"):  # fmt: skip
            answer = client.get(path)
            assert answer.status_code in (301, 303, 308, 400, 404, 405), path
            assert b"root:" not in answer.data and b"import " not in answer.data
        assert client.post(f"/projects/import/{planted}").status_code in (303, 308, 400, 404, 405), planted
        assert client.get(f"/api/v1/forms/{planted}", headers=api).status_code in (308, 400, 404), planted
        assert client.post(f"/verify/{planted}", data={"file": (io.BytesIO(b"x"), planted)}).status_code in (
            308,
            404,
            405,
        )


def test_too_large_a_field_is_refused_in_words_before_it_is_read(story):
    project_id = project_in(story, story.town.binhai)
    [item] = ready(story, project_id)
    client = story.client(story.town.li_ming)
    for path in (
        f"/tasks/{item.id}",
        f"/tasks/{item.id}/draft",
        f"/projects/{project_id}/return-stage",
        "/projects/new",
    ):
        answer = client.post(path, data={"version": "1", "plan": "大" * (10 * 2**20 // 3), "reason": "x"})
        assert answer.status_code == 413, path
        assert "文件过大" in answer.get_data(as_text=True)
    many = client.post(f"/tasks/{item.id}", data={f"f{number}": "x" for number in range(5000)},
                       content_type="multipart/form-data")  # fmt: skip
    assert many.status_code in (413, 422)


# ---- texts --------------------------------------------------------------------------------------------------------

PAYLOADS = (
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg/onload=alert(1)>", '"><script>alert(1)</script>',
    "'><img src=x onerror=alert(1)>", '" autofocus onfocus=alert(1) x="', "' onmouseover='alert(1)", "javascript:alert(1)",
    "<iframe srcdoc='<script>1</script>'>", "<a href=javascript:alert(1)>x</a>", "</textarea><script>alert(1)</script>",
    "</title><script>alert(1)</script>", "</option></select><script>1</script>", "<math><mtext></mtext></math>",
    "{{7*7}}{% raw %}", "${7*7}#{7*7}", "<!--><script>alert(1)</script>-->", "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<scr\u0000ipt>alert(1)</scr\u0000ipt>".replace("\u0000", ""), "%(name)s %s {0} <b onclick=alert(1)>", "`-alert(1)-`",
)  # fmt: skip
MARK = "测"
LISTED = ["/", "/projects", "/tasks", "/tasks?t=done", "/messages", "/notices", "/supervise", "/supervise/lit", "/supervise/overdue",
          "/supervise/rectifications", "/me/tokens", "/projects?q=%3Cscript%3E", "/tasks?q=%22%3E%3Cscript%3E",
          "/admin/audit", "/admin/accounts", "/admin/incidents", "/admin/duties", "/admin/definitions",
          "/admin/audit?q=%22%3E%3Cscript%3E", "/admin/accounts?q=%22%3E%3Cscript%3E"]  # fmt: skip


def test_no_text_of_a_person_becomes_part_of_a_page(tmp_path, clock):
    database = Database(f"sqlite:///{tmp_path / 'texts.sqlite3'}")
    Base.metadata.create_all(database.reading)
    story = open_story(database, clock, tmp_path)
    projects = [_told(story, payload) for payload in PAYLOADS]
    assert len(projects) >= 20
    addresses = [*LISTED]
    addresses += [f"/projects/{number}" for number, _ in projects] + [f"/tasks/{item}" for _, item in projects]
    addresses += [f"/projects/{number}/edit" for number, _ in projects]
    shown, wrong = set(), {}
    lists, single = addresses[: len(LISTED)], addresses[len(LISTED) :]
    for officer, read in (
        (story.town.li_ming, addresses),
        (story.town.zhao_qiang, lists + single[::5]),
        (story.town.admin, lists),
    ):
        client = story.client(officer)
        for address in read:
            answer = client.get(address)
            page = answer.get_data(as_text=True)
            assert answer.status_code < 500, address
            if found := inline(page):
                wrong[address] = found
            raw = [each for each in PAYLOADS if "<" in each and each in page]
            if raw:
                wrong[address] = raw
            shown |= {payload for payload in PAYLOADS if payload in html.unescape(page)}
            assert "49" not in re.findall(rf"{MARK}(49)", page), address
    assert wrong == {}
    assert shown == set(PAYLOADS)  # each was there to be seen, as text
    database.close()


def _told(story: Story, payload: str) -> tuple[int, int]:
    """A project whose every text is the payload: name, investor, answers, draft, file, request for coordination."""
    town = story.town
    project_id = project_in(story, town.binhai, name=f"{MARK}{payload}"[:100], investor_name=payload[:200])
    client = story.client(town.li_ming)
    client.post(
        f"/projects/{project_id}/upload", data={"files": (io.BytesIO(PNG + payload.encode()), f"{payload}.png")}
    )
    client.post(f"/projects/{project_id}/coordination", data={
        "target_organ": str(town["jw"]), "kind": "教育", "subject": payload, "body": payload})  # fmt: skip
    [item, *_] = [each for each in ready(story, project_id) if each.node.endswith("_plan")]
    client.post(f"/tasks/{item.id}", data={"version": item.version, "plan": payload, "plan_on": "2026-12-31"})
    [following, *_] = [each for each in ready(story, project_id) if each.node.endswith("_exit")]
    client.post(f"/tasks/{following.id}/draft", data={"version": following.version, "gap": payload})
    story.client(town.chen_jing).post(f"/tasks/{following.id}/urge", data={"words": payload})
    client.post("/me/tokens", data={"name": payload[:60], "expires_on": "2026-12-31"})
    return project_id, following.id


# ---- starting up --------------------------------------------------------------------------------------------------


def test_a_page_that_declares_nothing_keeps_the_whole_application_from_starting(database, clock, tmp_path, monkeypatch):
    careless = ModuleType("web.pages.careless")

    def pages(_house: Any) -> Blueprint:
        blueprint = Blueprint("careless", __name__)
        blueprint.add_url_rule("/careless", "open", lambda: "open to all")
        return blueprint

    careless.pages = pages  # type: ignore[attr-defined]
    known = web.page_modules()
    monkeypatch.setattr(web, "page_modules", lambda: [*known, careless])
    with pytest.raises(RouteWithoutPermit, match=r"GET /careless \(careless.open\)"):
        create_web(make_house(database, clock, tmp_path))

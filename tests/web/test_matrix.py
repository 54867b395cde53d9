"""Every route, every method, every role, and a thing of one's own, of another district, of another department.

What was observed stands in matrix.csv, read row by row by people; `comment` says why a row that surprises is right.
After a change of routes or rights: `DUBAN_OBSERVE=1 pytest tests/web/test_matrix.py -k sqlite` writes the table anew with
the comments kept; then read the difference before you commit it.
"""

import csv
import io
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from werkzeug.test import Client, TestResponse

from models.target_acts import fingerprint, target_lines
from tests.web.house import MAPS, make_house
from tests.web.ledger_desk import PNG, RESERVE
from tests.web.places import (
    DEPARTMENT,
    DISTRICT,
    OWN,
    SHOWN_MONEY,
    WORDS,
    City,
    Item,
    Place,
    build_city,
    nothing_kept,
    row_counts,
)
from web import create_web
from web.auth import declared

ROOT = Path(__file__).parents[2]
TABLE = Path(__file__).with_name("matrix.csv")
COLUMNS = ("rule", "method", "who", "whose", "outcome", "comment")
UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}
NOBODYS = "-"  # the thing belongs to no place
PLACED = {
    "project_id",
    "process_id",
    "item_id",
    "attachment_id",
    "notice_id",
    "officer_id",
    "token_id",
    "grant_id",
    "digest",
    "referral_id",
}
PLACED_BODIES = {"projects.register", "api.register", "admin.hire"}  # these name their organ in what is sent
READS_WHAT_IT_WROTE = {"admin.hire"}  # adds a person with a login of her own, and shows her
DEMO_ONLY = {("/demo-login", "POST"), ("/demo/next", "POST")}
CITY_WIDE = ("supervisor", "leader")  # whose organs serve the whole city
KEEPERS = ("admin", "auditor")  # read what was traced, wherever it was done
STALE_TOKEN = "页面停留过久或登录已更换"
WAITS = "the verification here waits for nobody; its own stories go through"
NEVER_DONE_HERE: dict[tuple[str, str], str] = {
    ("/setup", "GET"): "the house has an administrator",
    ("/setup", "POST"): "the house has an administrator",
    ("/projects/<int:project_id>/resume", "POST"): "the project is not suspended",
    ("/projects/<int:project_id>/supervise", "POST"): "a ladder is running already",
    ("/notices/<int:notice_id>/correct", "POST"): "the desk has no leader who could sign",
    ("/assessments/<int:assessment_id>/fill", "POST"): "the sheet is published",
    ("/bulletins/<int:bulletin_id>/correct", "POST"): "the figures are still what was issued",
    ("/projects/<int:project_id>/referral", "GET"): "the projects are signed",
    ("/projects/<int:project_id>/referral", "POST"): "the projects are signed",
    ("/verifications/<half>/<int:verified_id>/agree", "POST"): WAITS,
    ("/verifications/<half>/<int:verified_id>/entries/<int:line_id>", "GET"): WAITS,
    ("/verifications/<half>/<int:verified_id>/entries/<int:line_id>", "POST"): WAITS,
    ("/verifications/<half>/<int:verified_id>/entries/<int:line_id>/take-back", "POST"): WAITS,
    ("/verifications/<half>/<int:verified_id>/files/<int:attachment_id>", "GET"): WAITS,
    ("/verifications/<half>/<int:verified_id>/foreign", "POST"): WAITS,
    ("/verifications/<half>/<int:verified_id>/judge", "POST"): WAITS,
    ("/verifications/<half>/bulletin", "POST"): WAITS,
    ("/verifications/of-process/<int:process_id>", "GET"): WAITS,
}


@dataclass(frozen=True)
class Asked:
    """One row: a route, who asks, and whose thing it is about."""

    rule: str
    method: str
    endpoint: str
    who: str
    whose: str


@pytest.fixture
def city(database, clock, tmp_path) -> City:
    return build_city(database, clock, tmp_path)


# ---- what is sent -----------------------------------------------------------------------------------------------


TRIED_WITH = {
    "notices.proof": "sign_l2",
    "notices.proof_word": "sign_l2",
    "work.recall": "approve_plan",
    "work.release": "receipt",
}


def item_for(asked: Asked, place: Place) -> Item:
    """The work item an address is tried with: one that its holder could act on at once."""
    return place.items[TRIED_WITH.get(asked.endpoint, "open")]


def ids_for(city: City, asked: Asked, place: Place) -> dict[str, Any]:
    """What fills the places of the address."""
    ids: dict[str, Any] = {**city.common, **place.ids, "item_id": item_for(asked, place).id}
    if asked.whose == OWN:
        ids["token_id"] = city.token_ids.get(asked.who, ids["token_id"])
    uploader = asked.who if asked.whose == OWN else "reviewer" if asked.who == "supervisor" else "supervisor"
    if asked.endpoint == "project_acts.raise_rung_post":
        ids["project_id"] = place.climbing  # the other one waits for a signature
    ids["digest"] = city.digests.get(uploader, "0" * 64)
    return ids


def address_of(city: City, asked: Asked, place: Place) -> str:
    ids = ids_for(city, asked, place)
    return re.sub(r"<(?:[^:>]*:)?(\w+)>", lambda found: quote(str(ids[found[1]]), safe=""), asked.rule)


def _answers(place: Place) -> dict[str, Any]:
    if "approve_support" in place.items:
        return {"outcome": "已办结", "result": "已办"}
    return {"passed": "false", "gap": "尚缺施工许可", "start_kind": "建安类"}


def _body(city: City, asked: Asked, place: Place) -> dict[str, Any]:
    """What would be a sound request of somebody who may; nothing that is sent names a project's words."""
    item = item_for(asked, place)
    version, reason = {"version": str(item.version)}, {"reason": "核对权限"}
    word = asked.endpoint
    bodies: dict[str, Callable[[], dict[str, Any]]] = {
        "admin.open_account": lambda: {"login": "newcomer"},
        "admonition.add": lambda: {"organ_id": str(city.story.town.wuqing), "added_why": "核对权限"},
        "admonition.remove": lambda: {"removed_why": "核对权限"},
        "commendation.add": lambda: {"organ_id": str(city.story.town.wuqing), "added_why": "核对权限"},
        "commendation.remove": lambda: {"removed_why": "核对权限"},
        "commendation.objections": lambda: {"raised_by": "试验", "content": "核对权限"},
        "commendation.decide": lambda: {"decided_why": "核对权限"},
        "referral.decide": lambda: {"decision": "核对权限"},
        "admin.change_person": lambda: {"name": "新名", "phone": "", "email": ""},
        "admin.grant": lambda: {"role": "officer", "organ_id": str(place.organ_id)},
        "admin.hire": lambda: {"name": "新人", "organ_id": str(place.organ_id), "role": "officer",
                               "login": f"new-{asked.who}-{asked.whose}".replace("_", "-")},
        "admin.preview": lambda: {"days": "2026-11-26 至 2026-11-27 放假 试验", "source": "国办通知"},
        "admin.apply": lambda: {"days": "2026-11-26 至 2026-11-27 放假 试验", "source": "国办通知"},
        "admin.submit": lambda: {"file": (io.BytesIO(_other_map()), "协调.bpmn"), "note": "改名"},
        "auth.enter": lambda: {"name": "place-own", "password": city.passwords[OWN]},
        "auth.renew": lambda: {"old": city.passwords[OWN], "password": "Spring-water-1", "again": "Spring-water-1"},
        "tokens.issue": lambda: {"name": "台账同步", "expires_on": "2027-01-31"},
        "project_acts.amount_post": lambda: {"kind": "investment", "amount": "100", "on": "2026-12-01"},
        "project_acts.milestone_post": lambda: {"code": "approve", "plan_on": "2027-02-01"},
        "project_acts.upload_post": lambda: {"files": (io.BytesIO(PNG), "图.png")},
        "project_acts.return_stage_post": lambda: reason,
        "project_acts.suspend_post": lambda: {**reason, "resume_on": "2027-06-30"},
        "project_acts.withdraw_post": lambda: {**reason, "reason_kind": "投资方放弃"},
        "project_acts.supervise_post": lambda: reason,
        "project_acts.raise_rung_post": lambda: reason,
        "project_acts.urge": lambda: {"words": "请抓紧"},
        "project_acts.withdraw_money": lambda: {**reason, "amount": "1", "on": "2026-12-01"},
        "rates.add": lambda: {"currency": "USD", "on": "2026-12-01", "yuan": "7.1", "source": "中间价"},
        "targets.save": lambda: {"seen": _targets_seen(city), f"domestic_year_{place.organ_id}": "100"},
        "targets.take_in": lambda: {"file": (io.BytesIO("区,内资全年目标（万元）\n滨海新区,100\n".encode()), "目标.csv")},
        "agenda.run": lambda: {"period": "2026-07"},
        "agenda.drop": lambda: reason,
        "boards.urge": lambda: {"words": "请抓紧"},
        "work.urge": lambda: {"words": "请抓紧"},
        "inspections.finish": lambda: {f"{code}_verdict": "ok" for code in ("S1", "S2", "S3", "S4")},
        "coordination.send": lambda: {
            "target_organ": str(city.story.town["jw"]), "kind": "教育", "subject": "子女入学", "body": "请协助",
        },
        "extension.send": lambda: {"progress": "已报审", "reason": "排期到月底", "due_on": "2027-03-05"},
        "projects.register": lambda: {"name": "新登记项目", "owner_organ_id": str(place.organ_id)},
        "projects.change": lambda: {"name": "改名项目", "version": str(place.version)},
        "ledger.look": lambda: {"file": (io.BytesIO("项目名称,责任单位\n甲项目,滨海新区\n".encode()), "台账.csv")},
        "work.complete": lambda: {**version, **_answers(place)},
        "work.draft": lambda: {**version, **_answers(place)},
        "work.claim": lambda: version,
        "work.release": lambda: version,
        "work.send_back": lambda: {**version, **reason},
        "work.transfer": lambda: {**version, **reason, "to_officer_id": str(_heir(city, asked))},
        "notice_acts.answer": lambda: {"words": "已办结"},
        "notice_acts.void": lambda: reason,
        "notice_acts.reissue": lambda: reason,
        "dispatch.write_post": lambda: {"to_organ": str(city.story.town["ghzyj"]), "subject": "用地预审", "body": "请支持"},
        "dispatch.correct_post": lambda: {**reason, "place": "第一段", "wrong": "三", "right": "四"},
        "objections.send": lambda: {**reason, "indicator": "domestic", "evidence": (io.BytesIO(PNG), "图.png")},
        "objections.answer": lambda: {"accepted": "false", "decision": "无误"},
        "schemes.create": _scheme,
        "schemes.save": _scheme,
        "schemes.take_in": lambda: {"year": "2027", "subject": "district",
                                    "file": (io.BytesIO((ROOT / "data/default_scheme.csv").read_bytes()), "方案.csv")},
        "bulletin.correct_post": lambda: reason,
        "verify.search": lambda: {"file": (io.BytesIO(b"%PDF-1.7"), "公文.pdf")},
        "verify.compare": lambda: {"file": (io.BytesIO(b"%PDF-1.7"), "公文.pdf")},
    }  # fmt: skip
    return bodies[word]() if word in bodies else {}


def _targets_seen(city: City) -> str:
    with city.story.reading() as unit:
        return fingerprint(target_lines(unit.session, 2026, unit.today))


def _scheme() -> dict[str, Any]:
    row = {
        "word": "large",
        "name_zh": "大项目",
        "group": "质量",
        "weight": "100",
        "source": "填报",
        "formula": "功效系数",
    }
    above = {"year": "2027", "name": "方案", "full": "100", "tie": "并列占位", "mode": "四舍五入", "rows": "1"}
    return above | {f"c1_{name}": value for name, value in row.items()}


def _json(city: City, asked: Asked, place: Place) -> dict[str, Any]:
    if asked.endpoint == "api.register":
        return {"owner_organ_id": place.organ_id, "values": RESERVE}
    item = item_for(asked, place)
    answers = _answers(place)
    return {"version": item.version, "answers": {**answers, "passed": False} if "passed" in answers else answers}


def _heir(city: City, asked: Asked) -> int:
    town = city.story.town
    return (town.chen_jing if asked.whose == OWN else town.wang_fang).officer_id or 0


def _other_map() -> bytes:
    text = (MAPS / "coordination.bpmn").read_text(encoding="utf-8")
    return text.replace("协调事项", "协调事项二版", 1).encode()


# ---- who asks ---------------------------------------------------------------------------------------------------


class Door:
    """The pages as they are served, tried by each person; cookies are carried by hand, so no answer changes the next."""

    def __init__(self, city: City) -> None:
        self.city, self.app = city, city.guarded_app()
        self.client: Client = self.app.test_client(use_cookies=False)
        self.forms = {who: self._form_token(who) for who in city.people}

    def _form_token(self, who: str) -> tuple[str, str]:
        """A session and its form token, taken from a page as a browser takes it."""
        signed_in = self.city.cookies.get(who, "")
        page = self.client.get("/messages" if signed_in else "/login", headers={"Cookie": signed_in})
        token = re.search(r'name="csrf_token" value="([^"]+)"', page.get_data(as_text=True))
        assert token, who
        session = next(each for each in page.headers.getlist("Set-Cookie") if each.startswith("session="))
        return "; ".join(filter(None, (signed_in, session.partition(";")[0]))), token[1]

    def ask(self, asked: Asked, place: Place) -> TestResponse:
        address = address_of(self.city, asked, place)
        unsafe = asked.method in UNSAFE
        if asked.rule.startswith("/api/"):
            token = self.city.tokens.get(asked.who)
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            if asked.endpoint == "api.upload":
                return self.client.post(address, headers=headers, data={"file": (io.BytesIO(PNG), "图.png")})
            body = _json(self.city, asked, place) if unsafe else None
            return self.client.open(address, method=asked.method, headers=headers, json=body)
        cookie, token = self.forms[asked.who]
        data = {**_body(self.city, asked, place), "csrf_token": token} if unsafe else None
        return self.client.open(address, method=asked.method, headers={"Cookie": cookie}, data=data)


def outcome_of(answer: TestResponse, who: str) -> str:
    """login, refused, hidden, or allowed: whoever is told 409 or 422 has passed the door; 5xx is never an answer."""
    status = answer.status_code
    assert status < 500, answer.get_data(as_text=True)[-2000:]
    assert status not in (400, 405) or STALE_TOKEN not in answer.get_data(as_text=True), (
        "the form token was not accepted"
    )
    if status == 401 or (
        300 <= status < 400 and who == "anonymous" and answer.headers["Location"].startswith("/login")
    ):
        return "login"
    return {403: "refused", 404: "hidden"}.get(status, "allowed")


def rows_of(app: Flask, city: City) -> Iterator[Asked]:
    """Every route × method × person × thing."""
    for rule, method, endpoint, _need in sorted(declared(app), key=lambda row: row[:3]):
        names = set(re.findall(r"<(?:[^:>]*:)?(\w+)>", rule))
        placed = bool(names & PLACED) or endpoint in PLACED_BODIES
        for who in city.people:
            for whose in (OWN, DISTRICT, DEPARTMENT) if placed else (NOBODYS,):
                yield Asked(rule, method, endpoint, who, whose)


@dataclass(frozen=True)
class Observed:
    """The outcome of each row, the routes somebody got through, and what was shown to whom it is none of the business."""

    outcomes: dict[tuple[str, ...], str]
    done: set[tuple[str, str]]
    leaks: list[str]
    seen: set[str]


def observe(city: City) -> Observed:
    """Asks everything once; each transaction is taken back, so the next one finds the same house."""
    outcomes, done, leaks, seen = {}, set(), [], set()
    with nothing_kept(city.story.house.database) as taken_back:
        door = Door(city)
        for asked in rows_of(door.app, city):
            place = city.place_of(asked.who, OWN if asked.whose == NOBODYS else asked.whose)
            taken_back.on = asked.endpoint not in READS_WHAT_IT_WROTE
            answer = door.ask(asked, place)
            key = (asked.rule, asked.method, asked.who, asked.whose)
            try:
                outcomes[key] = outcome_of(answer, asked.who)
            except AssertionError as error:
                raise AssertionError(f"{key}: {error}") from error
            if outcomes[key] == "allowed" and answer.status_code < 400:
                done.add((asked.rule, asked.method))
            leaks += [f"{' '.join(key)} shows {word}" for word in foreign_words(asked, answer.data)]
            if asked.who == "supervisor":
                seen |= {word for word in WORDS.values() if word.encode() in answer.data}
    return Observed(outcomes, done, leaks, seen)


def foreign_words(asked: Asked, body: bytes) -> list[str]:
    """Names and amounts of places this person has no part in, as far as the answer holds them."""
    if asked.who in CITY_WIDE or asked.who in KEEPERS:
        return []
    mine = set() if asked.who in ("anonymous", "reviewer") else {OWN}
    words = [word for whose, word in WORDS.items() if whose not in mine]
    words += [word for whose, shown in SHOWN_MONEY.items() if whose not in mine for word in shown]
    return [word for word in words if word.encode() in body or word.encode("unicode_escape") in body]


# ---- the table --------------------------------------------------------------------------------------------------


def reviewed() -> dict[tuple[str, ...], tuple[str, str]]:
    """Outcome and comment by (rule, method, who, whose)."""
    if not TABLE.exists():
        return {}
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {
            (row["rule"], row["method"], row["who"], row["whose"]): (row["outcome"], row["comment"])
            for row in csv.DictReader(file)
        }


def write_table(outcomes: dict[tuple[str, ...], str]) -> None:
    """The observed table with the comments people wrote."""
    before = reviewed()
    with TABLE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for key, outcome in outcomes.items():
            writer.writerow([*key, outcome, before.get(key, ("", ""))[1]])


def test_who_may_do_what_to_whose_equals_the_reviewed_table(city):
    database = city.story.house.database
    before = row_counts(database)
    observed = observe(city)
    grown = {name for name, rows in row_counts(database).items() if rows != before[name]}
    assert grown <= {
        "officer",
        "officer_grant",
        "account",
        "audit_entry",
    }  # READS_WHAT_IT_WROTE; all else was taken back
    assert observed.seen == set(WORDS.values())  # who may see them does, so a leak would be noticed
    if os.environ.get("DUBAN_OBSERVE"):
        write_table(observed.outcomes)
    expected = {key: outcome for key, (outcome, _comment) in reviewed().items()}
    changed = {key: (expected.get(key, "no row"), observed.outcomes.get(key, "no route"))
               for key in expected.keys() | observed.outcomes.keys()
               if expected.get(key) != observed.outcomes.get(key)}  # fmt: skip
    assert not changed, "\n".join(f"{' '.join(key)}: {was} → {now}" for key, (was, now) in sorted(changed.items()))
    assert not observed.leaks, "\n".join(observed.leaks)
    never = {(rule, method) for rule, method, *_ in observed.outcomes} - observed.done
    told = sorted(never ^ set(NEVER_DONE_HERE))
    assert not told, f"a route that nobody got through shows nothing of who may: {told}"


# ---- what must hold whatever was observed -------------------------------------------------------------------------

PUBLIC = {
    ("/login", "GET"), ("/login", "POST"), ("/verify", "GET"), ("/verify", "POST"), ("/verify/<code>", "GET"),
    ("/verify/<code>", "POST"),
    ("/api/v1/openapi.json", "GET"),
}  # fmt: skip
ONES_OWN = ("/admin", "/me/", "/messages", "/logout", "/password", *(rule for rule, _method in PUBLIC))
ACROSS = {  # reviewed: whose thing it is does not matter to these, since a permit without a place is asked for
    "admin": ("/admin/",),
}


def test_strangers_get_through_the_public_pages_and_no_others():
    open_to_all = {(rule, method) for (rule, method, who, _), (outcome, _c) in reviewed().items()
                   if who == "anonymous" and outcome == "allowed"}  # fmt: skip
    assert open_to_all == PUBLIC


def test_who_keeps_the_house_or_its_records_does_no_business():
    acts = [key for key, (outcome, _comment) in reviewed().items()
            if key[2] in KEEPERS and key[1] in UNSAFE and outcome == "allowed" and not key[0].startswith(ONES_OWN)]  # fmt: skip
    assert acts == []
    changes = [key for key, (outcome, _comment) in reviewed().items()
               if key[2] == "auditor" and key[1] in UNSAFE and outcome == "allowed" and key[0].startswith("/admin")]  # fmt: skip
    assert changes == []


def test_nobody_reaches_what_is_another_districts_or_departments_but_the_city_and_its_administrator():
    reached = [key for key, (outcome, _comment) in reviewed().items()
               if key[3] in (DISTRICT, DEPARTMENT) and outcome == "allowed" and key[2] not in CITY_WIDE
               and not key[0].startswith(ACROSS.get(key[2], ("none",)))]  # fmt: skip
    assert reached == []


def test_the_demos_doors_exist_in_the_demo_only(database, clock, tmp_path):
    plain = create_web(make_house(database, clock, tmp_path))
    demo = create_web(make_house(database, clock, tmp_path, demo=True))
    routes = {(rule, method) for rule, method, *_ in declared(demo)} - {(r, m) for r, m, *_ in declared(plain)}
    assert routes == DEMO_ONLY
    assert all(plain.test_client().open(rule, method=method).status_code in (400, 404) for rule, method in DEMO_ONLY)


def test_no_two_views_share_an_address(database, clock, tmp_path):
    routes = [(rule, method) for rule, method, *_ in declared(create_web(make_house(database, clock, tmp_path)))]
    assert sorted({route for route in routes if routes.count(route) > 1}) == []

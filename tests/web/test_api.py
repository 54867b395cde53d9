"""The API as a caller meets it: a personal token, the pages' permits, refusals by field, and nothing that breaks it."""

import io
import logging
import re
from datetime import timedelta

import pytest
import schemathesis
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from sqlalchemy import event, func, select

from models.audit import AuditEntry
from models.process import WorkItem
from models.session import issue_token
from tests.web.house import open_story
from tests.workflows.story import PAPER, RESERVE
from tests.workflows.test_project import EXITS
from web.auth import declared
from workflows.project import register_and_open

ROOT = "/api/v1"
PLAN = {"plan": "按月推进", "plan_on": "2026-12-20"}


class Caller:
    """A program that acts for an officer."""

    def __init__(self, story, officer, token: str | None = None) -> None:
        self.client = story.app.test_client()
        self.headers = {"Authorization": f"Bearer {token or token_of(story, officer)}"}

    def get(self, path, **query):
        return self.client.get(ROOT + path, headers=self.headers, query_string=query)

    def post(self, path, **body):
        return self.client.post(ROOT + path, headers=self.headers, json=body)

    def complete(self, item, answers, **more):
        return self.post(f"/work-items/{item['id']}/complete", version=item["version"], answers=answers, **more)


def send(caller, item, data=PAPER, name="协议.pdf"):
    """Files a paper for an item."""
    files = {"file": (io.BytesIO(data), name)}
    return caller.client.post(f"{ROOT}/work-items/{item['id']}/files", headers=caller.headers, data=files)


def token_of(story, officer, days=30) -> str:
    with story.unit(officer) as unit:
        return issue_token(unit, name="试验", expires_on=unit.today + timedelta(days=days))


@pytest.fixture
def story(database, clock, tmp_path):
    told = open_story(database, clock, tmp_path)
    told.app.config["WTF_CSRF_ENABLED"] = True  # the pages ask for a form token; the API must not
    return told


@pytest.fixture
def li_ming(story):
    return Caller(story, story.town.li_ming)


def register(story, name="演示新能源电池项目") -> int:
    with story.unit(story.town.li_ming) as unit:
        return register_and_open(unit, owner_organ_id=story.town.binhai, values=RESERVE | {"name": name}).id


def test_a_program_registers_a_project_and_takes_it_through_a_stage(story, li_ming):
    made = li_ming.post("/projects", owner_organ_id=story.town.binhai, values=RESERVE)
    assert made.status_code == 201
    project_id = made.json["id"]
    assert made.headers["Location"] == f"/projects/{project_id}"
    assert (made.json["stage"], made.json["state"]) == ("reserve", "running")

    [plan] = li_ming.get("/work-items").json["items"]
    assert (plan["form"], plan["project_id"]) == ("stage_plan", project_id)
    read = li_ming.get(f"/work-items/{plan['id']}").json
    assert read["form_schema"]["required"] == ["plan", "plan_on"]
    assert read["may_complete"] is True

    departments = [story.town["rsj"], story.town["jw"]]
    done = li_ming.complete(read, PLAN | {"departments": departments, "needs": "引才和入学"})
    assert done.status_code == 200
    asked = li_ming.get(f"/projects/{project_id}/work-items").json["items"]
    assert done.json["opened"] == [item["id"] for item in asked]
    assert [item["form"] for item in asked] == ["department_support"] * 2

    zhou_wei = Caller(story, story.town.zhou_wei)
    [mine] = zhou_wei.get("/work-items").json["items"]
    assert zhou_wei.complete(mine, {"outcome": "已办结", "result": "已落实"}).json["opened"] == []
    assert zhou_wei.get("/work-items").json["items"] == []


class Costs:
    """How many statements each call takes, the caller's own token among them; a begin is none on PostgreSQL."""

    def __init__(self, story) -> None:
        self.seen: list[str] = []
        event.listen(story.house.database.reading, "before_cursor_execute", lambda *args: self.seen.append(args[2]))

    def of(self, call, *args, **named) -> tuple[int, object]:
        self.seen.clear()
        answer = call(*args, **named)
        assert answer.status_code < 300, answer.json
        return len([each for each in self.seen if not each.startswith("BEGIN")]), answer.json


def test_a_start_and_a_completion_cost_few_statements(story, li_ming):
    zhou_wei = Caller(story, story.town.zhou_wei)
    register(story)  # what is read once per process is read now
    costs = Costs(story)
    start, made = costs.of(li_ming.post, "/projects", owner_organ_id=story.town.binhai, values=RESERVE | {"name": "乙"})
    [item] = li_ming.get("/work-items", project_id=made["id"]).json["items"]
    asked = PLAN | {"departments": [story.town["rsj"]], "needs": "引才"}
    planned, _ = costs.of(li_ming.complete, item, asked)
    [item] = zhou_wei.get("/work-items").json["items"]
    supported, _ = costs.of(zhou_wei.complete, item, {"outcome": "已办结", "result": "已落实"})
    [item] = li_ming.get("/work-items", project_id=made["id"]).json["items"]
    paper = str(send(li_ming, item).json["id"])
    left, _ = costs.of(li_ming.complete, item, EXITS["reserve"] | {"evidence": [paper]})
    assert (start, planned, supported, left) == (13, 10, 8, 18)  # fewer is welcome, more wants a reason


def test_answers_are_refused_by_field_and_nothing_happens(story, li_ming):
    register(story)
    [item] = li_ming.get("/work-items").json["items"]
    refused = li_ming.complete(item, {"plan_on": "下月", "surprise": 1})
    assert refused.status_code == 422
    assert set(refused.json["fields"]) == {"plan", "plan_on", "surprise"}
    assert {"status", "title", "message"} <= set(refused.json)
    assert li_ming.get("/work-items").json["items"] == [item]


def test_a_body_that_is_no_body_is_refused_in_words(story, li_ming):
    register(story)
    [item] = li_ming.get("/work-items").json["items"]
    path = f"/work-items/{item['id']}/complete"
    missing = li_ming.post(path, answers={})
    assert (missing.status_code, set(missing.json["fields"])) == (422, {"version"})
    assert li_ming.post(path, version="1", answers={}).status_code == 422
    bad = [
        '{"version": 1',
        "[" * 3000,
        '{"version": 1' + "0" * 5000 + "}",
        '{"answers": {"plan": "\\u0000"}}',
        '{"answers": {"plan": "\\ud800"}}',
        '{"answers": {"plan": NaN}}',
        '{"answers": {"plan": 1e300}}',
    ]
    for text in bad:
        answer = li_ming.client.post(ROOT + path, headers=li_ming.headers, data=text, content_type="application/json")
        assert (answer.status_code, answer.json["status"]) == (400, 400), text[:40]


def test_an_unknown_ledger_field_is_named(story, li_ming):
    refused = li_ming.post("/projects", owner_organ_id=story.town.binhai, values=RESERVE | {"colour": "红"})
    assert (refused.status_code, set(refused.json["fields"])) == (422, {"colour"})
    refused = li_ming.post("/projects", owner_organ_id=story.town.binhai, values=RESERVE | {"total_investment": "很多"})
    assert (refused.status_code, set(refused.json["fields"])) == (422, {"total_investment"})
    assert li_ming.post("/projects", owner_organ_id=999999, values=RESERVE).status_code == 404


def test_evidence_is_filed_first_and_belongs_to_the_project(story, li_ming):
    register(story, "甲项目")
    register(story, "乙项目")
    one, two = li_ming.get("/work-items").json["items"]
    for item in (one, two):
        assert li_ming.complete(item, PLAN).status_code == 200
    one, two = li_ming.get("/work-items").json["items"]
    filed = send(li_ming, one)
    assert (filed.status_code, filed.json["name"]) == (201, "协议.pdf")
    assert send(li_ming, one, b"MZ", "协议.exe").status_code == 422
    assert send(Caller(story, story.town.wang_fang), one).status_code == 403
    assert li_ming.client.post(f"{ROOT}/work-items/{one['id']}/files", headers=li_ming.headers).status_code == 422
    answers = EXITS["reserve"] | {"passed": True, "evidence": [str(filed.json["id"])]}
    for strange in (answers, answers | {"evidence": ["abc"]}, answers | {"evidence": ["99"]}):
        refused = li_ming.complete(two, strange)
        assert (refused.status_code, set(refused.json["fields"])) == (422, {"evidence"})
    assert li_ming.complete(one, answers).status_code == 200


def test_who_comes_second_learns_who_was_first(story, li_ming):
    register(story)
    [item] = li_ming.get("/work-items").json["items"]
    assert li_ming.complete(item, PLAN).status_code == 200
    late = li_ming.complete(item, PLAN)
    assert late.status_code == 409
    assert "李明" in late.json["message"]


def test_an_attempt_sent_twice_acts_once(story, li_ming):
    register(story)
    [item] = li_ming.get("/work-items").json["items"]
    first = li_ming.complete(item, PLAN, submit_id="attempt 1")
    again = li_ming.complete(item, PLAN, submit_id="attempt 1")
    assert (first.json["again"], again.json["again"]) == (False, True)
    with story.reading() as unit:
        acts = select(func.count()).select_from(AuditEntry).where(AuditEntry.act == "item.complete")
        assert unit.session.scalar(acts) == 1


def test_one_attempts_name_may_serve_two_items(story, li_ming):
    register(story, "甲项目")
    register(story, "乙项目")
    one, two = li_ming.get("/work-items").json["items"]
    assert li_ming.complete(one, PLAN, submit_id="same").json["again"] is False
    assert li_ming.complete(two, PLAN, submit_id="same").json["again"] is False


def test_pages_of_my_items_follow_one_another_without_gap_or_repeat(story, li_ming):
    for number in range(7):
        register(story, f"项目{number}")
    seen, cursor = [], ""
    while True:
        page = li_ming.get("/work-items", limit=3, cursor=cursor).json
        assert len(page["items"]) <= 3
        seen += [item["id"] for item in page["items"]]
        if page["next"] is None:
            break
        cursor = page["next"]
    assert len(seen) == len(set(seen)) == 7
    assert seen == [item["id"] for item in li_ming.get("/work-items", limit=200).json["items"]]


@pytest.mark.parametrize(
    "cursor", ["x", "====", "0", "MjAyNi0xMS0yNFQwMTowMDowMF8x", "Xzk5OTk5OTk5OTk5OTk5OTk5OTk5OTk", "é"]
)
def test_a_cursor_of_ones_own_making_is_refused(li_ming, cursor):
    assert li_ming.get("/work-items", cursor=cursor).status_code == 422


def test_a_page_is_two_hundred_at_most(li_ming):
    assert li_ming.get("/work-items", limit=200).status_code == 200
    refused = li_ming.get("/work-items", limit=201)
    assert (refused.status_code, set(refused.json["fields"])) == (422, {"limit"})


def test_the_officer_beside_sees_and_may_nothing(story, li_ming):
    project_id = register(story)
    [item] = li_ming.get("/work-items").json["items"]
    wang_fang = Caller(story, story.town.wang_fang)
    assert wang_fang.get("/work-items").json["items"] == []
    assert wang_fang.get(f"/work-items/{item['id']}").status_code == 404
    assert wang_fang.get(f"/projects/{project_id}/work-items").status_code == 404
    assert wang_fang.complete(item, PLAN).status_code == 403
    assert wang_fang.post("/projects", owner_organ_id=story.town.binhai, values=RESERVE).status_code == 403


def test_administrators_and_auditors_do_no_business(story):
    for officer in (story.town.admin, story.town.auditor):
        caller = Caller(story, officer)
        assert caller.get("/work-items").status_code == 403
        assert caller.post("/projects", owner_organ_id=story.town.binhai, values=RESERVE).status_code == 403


def test_only_a_token_opens_the_api_and_only_while_it_holds(story, clock):
    browser = story.client(story.town.li_ming)  # a cookie is nothing here
    assert browser.get(f"{ROOT}/work-items").status_code == 401
    assert Caller(story, None, "dbt_made_up").get("/work-items").status_code == 401
    token = token_of(story, story.town.li_ming, days=1)
    assert Caller(story, None, token).get("/work-items").status_code == 200
    clock.move(by=timedelta(days=2))
    answer = Caller(story, None, token).get("/work-items")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].lower().startswith("bearer")


def test_a_token_opens_no_page(story, li_ming):
    assert li_ming.client.get("/projects", headers=li_ming.headers).status_code == 303


def test_pages_still_ask_for_their_form_token(story):
    assert story.client(story.town.li_ming).post("/me/tokens", data={"name": "x"}).status_code == 400


def test_every_route_is_documented_and_says_what_it_needs(story, li_ming):
    document = story.app.test_client().get(f"{ROOT}/openapi.json").json
    routes = {
        (path.removeprefix(ROOT).partition("<")[0], method.lower())
        for path, method, endpoint, need in declared(story.app)
        if endpoint.startswith("api.") and need is not None
    }
    told = {
        (path.removeprefix(ROOT).partition("{")[0], method)
        for path, kinds in document["paths"].items()
        for method in kinds
        if method != "parameters"
    }
    assert routes == told
    assert document["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    assert li_ming.get("/forms/stage_plan").json["title"] == "阶段部署与配套需求"
    assert li_ming.get("/forms/nothing").status_code == 404


def test_the_menu_leads_to_ones_own_tokens_and_an_empty_list_says_so(story):
    page = story.client(story.town.li_ming).get("/tasks").text
    assert 'href="/me/tokens" data-testid="tokens"' in page
    empty = story.client(story.town.li_ming).get("/me/tokens").text
    assert "还没有令牌" in empty and "签发令牌" in empty
    english = story.client(story.town.li_ming, language="en").get("/me/tokens").text
    main = english.partition("<main")[2].partition("</main>")[0]
    assert main and not re.search("[\u4e00-\u9fff]", main), main


def test_an_officer_keeps_her_own_tokens(story, clock):
    story.app.config["WTF_CSRF_ENABLED"] = False
    browser = story.client(story.town.li_ming)
    assert browser.post("/me/tokens", data={"name": " ", "expires_on": "2026-12-31"}).status_code == 422
    assert browser.post("/me/tokens", data={"name": "台账", "expires_on": "明天"}).status_code == 422
    issued = browser.post("/me/tokens", data={"name": "台账", "expires_on": "2026-12-31"})
    token = issued.text.partition('data-testid="token">')[2].partition("<")[0]
    assert (issued.status_code, token[:4]) == (201, "dbt_")
    caller = Caller(story, None, token)
    assert caller.get("/work-items").status_code == 200

    later = browser.get("/me/tokens").text
    assert "台账" in later
    assert token not in later
    revoke = later.partition("/me/tokens/")[2].partition("/revoke")[0]
    assert story.client(story.town.wang_fang).post(f"/me/tokens/{revoke}/revoke").status_code == 404
    assert browser.post(f"/me/tokens/{revoke}/revoke").status_code == 303
    assert caller.get("/work-items").status_code == 401


schemathesis.checks.load_all_checks()
CHECKS = [
    schemathesis.checks.CHECKS.get_one(name)
    for name in (
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_schema_conformance",
    )
]
EXAMPLES = {"sqlite": 45, "postgresql": 25}  # of each of the eight operations; a few seconds each


def test_nothing_a_machine_can_think_of_breaks_it(story, caplog):
    """Every operation with made-up requests, half of them about things that exist; the document holds for each answer."""
    caplog.set_level(logging.CRITICAL)
    project_id = register(story)
    with story.reading() as unit:
        item_id = unit.session.scalar(select(WorkItem.id))
    real = {"project_id": project_id, "item_id": item_id, "key": "stage_plan"}
    headers = Caller(story, story.town.li_ming).headers
    schema = schemathesis.openapi.from_wsgi(f"{ROOT}/openapi.json", story.app)
    tried = 0
    for found in schema.get_all_operations():
        operation = found.ok()

        @seed(20261124)
        @settings(
            max_examples=EXAMPLES[story.house.database.dialect],
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(), known=st.booleans())
        def ask(case, known):
            nonlocal tried
            if known and case.path_parameters:
                case.path_parameters = {name: real[name] for name in case.path_parameters}
                if isinstance(case.body, dict) and "version" in case.body:
                    case.body["version"] = 1
            answer = case.call(headers=headers)
            tried += 1
            case.validate_response(answer, checks=CHECKS)

        ask()
    assert tried >= 8 * EXAMPLES[story.house.database.dialect] // 2

"""Stories of the audit, of people and their accounts, and of the demo's clock."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

import models
from models.account import Account
from models.audit import AuditEntry
from models.clock import SystemClock
from models.demo_clock import demo_clock
from models.duty import DUTIES, next_opening
from models.house import House
from models.officer import show_card
from models.unit import CLOCK, open_unit
from tests.web.house import Story, make_app, open_story
from tests.web.test_admin import rows_of
from web.audit_words import ACT_WORDS, KIND_WORDS

ROOT = Path(models.__file__).parents[1]


@pytest.fixture
def story(database, clock, tmp_path) -> Story:
    return open_story(database, clock, tmp_path)


# --- the audit -----------------------------------------------------------------------------------------------------


def test_the_audit_is_paged_by_key_filtered_and_marks_refusals(story, clock):
    with story.unit(story.town.li_ming) as unit:
        unit.trace_each("item.urge", "work_item", {number: {"words": f"第{number}件"} for number in range(1, 121)})
    assert story.client(story.town.wang_fang).get("/admin/accounts").status_code == 403
    auditor = story.client(story.town.auditor)
    seen: list[str] = []
    address = "/admin/audit?act=item.urge"
    while address:
        page = auditor.get(address).text
        seen += re.findall(r"words: (第\d+件)", page)
        following = re.search(r'href="([^"]+)" rel="next"', page)
        address = following[1].replace("&amp;", "&") if following else ""
    assert seen == [f"第{number}件" for number in range(120, 0, -1)]
    refused = auditor.get("/admin/audit?outcome=refused").text
    assert refused.count('data-testid="audit-row"') == 1 and "王芳" in refused and "admin.accounts" in refused
    assert auditor.get("/admin/audit?q=王芳").text.count('data-testid="audit-row"') == 1
    assert 'data-testid="audit-row"' not in auditor.get("/admin/audit?to=2026-11-23").text
    assert (
        auditor.get(f"/admin/audit?act=item.urge&officer={story.town.wang_fang.officer_id}").text.count("audit-row")
        == 0
    )
    assert auditor.get("/admin/audit?from=gestern").status_code == 422


def test_the_audit_is_taken_away_as_a_table_that_runs_nothing(story):
    with story.unit(story.town.li_ming) as unit:
        unit.trace("item.urge", "work_item", 7, "=1+1")
    auditor = story.client(story.town.auditor)
    answer = auditor.get("/admin/audit.csv?act=item.urge")
    text = answer.data.decode("utf-8-sig")
    assert "attachment" in answer.headers["Content-Disposition"]
    assert "李明" in text and ",'=1+1," in text and text.count("\n") == 2
    assert [row.who for row in rows_of(story, AuditEntry, AuditEntry.act == "audit.export")] == ["审计"]


def test_every_act_the_house_traces_has_a_name():
    traced, kinds = set(), set()
    for shelf in ("models", "engine", "workflows", "jobs", "web"):
        for path in (ROOT / shelf).rglob("*.py"):
            found = re.findall(r'\.trace(?:_each)?\(\s*"([\w.]+)",\s*"(\w+)"', path.read_text("utf-8"))
            traced |= {act for act, _kind in found}
            kinds |= {kind for _act, kind in found}
    assert len(traced) > 40
    assert sorted(traced - set(ACT_WORDS)) == []
    assert sorted(kinds - set(KIND_WORDS)) == []


# --- people --------------------------------------------------------------------------------------------------------


def new_person(client, story: Story, **changes: str):
    form = {"name": "高洁", "organ_id": str(story.town.binhai), "role": "officer", "login": "gaojie"} | changes
    return client.post("/admin/accounts/new", data=form)


def test_a_person_comes_and_the_password_is_shown_once_and_works(story):
    admin = story.client(story.town.admin)
    answer = new_person(admin, story)
    assert answer.status_code == 201 and answer.headers["Cache-Control"] == "no-store"
    password = re.search(r'data-testid="password">([^<]+)<', answer.text)[1]
    password = password.replace("&amp;", "&")
    browser = story.app.test_client()
    assert browser.post("/login", data={"name": "gaojie", "password": password}).status_code == 303
    person = admin.get("/admin/accounts?q=gaojie").text
    assert "高洁" in person and "待改初始密码" in person and password not in person
    assert password not in "".join(str(row.detail) for row in rows_of(story, AuditEntry))


def test_a_taken_login_keeps_what_was_typed_and_leaves_nobody_behind(story):
    admin = story.client(story.town.admin)
    new_person(admin, story)
    answer = new_person(admin, story, name="另一人")
    assert answer.status_code == 422 and "这个账号已有人使用" in answer.text and 'value="另一人"' in answer.text
    assert "另一人" not in admin.get("/admin/accounts?q=另一人").text.replace('value="另一人"', "")
    assert "请选择单位" in new_person(admin, story, organ_id="", login="else").text


def test_roles_are_given_and_taken_back_and_duties_stay_apart(story):
    admin, wang = story.client(story.town.admin), story.town.wang_fang
    page = f"/admin/accounts/{wang.officer_id}"
    given = admin.post(
        f"{page}/grants", data={"role": "head", "organ_id": str(story.town.wuqing)}, follow_redirects=True
    )
    assert given.text.count('data-testid="grant"') == 2 and "单位负责人" in given.text
    refused = admin.post(f"{page}/grants", data={"role": "admin", "organ_id": str(story.town.wuqing)})
    assert refused.status_code == 422 and "不能由同一人担任" in refused.text
    first, second = re.findall(rf'action="({page}/grants/\d+/end)"', given.text)
    admin.post(first)
    left = admin.post(second, follow_redirects=True).text
    assert 'data-testid="grant"' not in left and "还没有角色" in left
    assert admin.post(second).status_code == 404
    acts = [row.act for row in rows_of(story, AuditEntry, AuditEntry.kind == "officer") if row.who == "管理员"]
    assert acts == ["officer.grant", "officer.revoke", "officer.revoke"]


def test_a_dialog_that_is_refused_stays_open_with_what_was_typed_and_changes_nothing(story):
    admin, wang = story.client(story.town.admin), story.town.wang_fang
    page = f"/admin/accounts/{wang.officer_id}"
    before = admin.get(page).text

    def refused(word: str, key: str, **typed: str) -> str:
        answer = admin.post(f"{page}/{word}", data=typed)
        assert answer.status_code == 422
        [dialog] = re.findall(rf'<dialog class="ask again" id="ask-{key}".*? open>.*?</dialog>', answer.text, re.DOTALL)
        assert answer.text.count("ask again") == 1 and f'href="{page}" data-closes' in dialog
        return dialog

    edit = refused("edit", "edit", name="", phone="13800005678", email="wang@example.cn")
    assert "请填写姓名" in edit and 'value="13800005678"' in edit and 'value="wang@example.cn"' in edit
    assert 'value="Wang Fang"' in refused("account", "account", login="Wang Fang")
    grant = {"role": "head", "organ_id": str(story.town.wuqing), "valid_to": "2020-01-01"}
    again = refused("grants", "grant", **grant)
    assert 'value="2020-01-01"' in again and '<option value="head" selected>' in again and "截止日期不能早于" in again
    assert f'<option value="{story.town.wuqing}" selected>' in again
    assert "13800005678" not in admin.get(page).text
    assert admin.get(page).text.count('data-testid="grant"') == before.count('data-testid="grant"')
    assert story.client(wang).post(f"{page}/edit", data={"name": ""}).status_code == 403


def test_the_last_administrator_can_neither_be_disabled_nor_lose_the_role(story):
    admin, own = story.client(story.town.admin), story.town.admin.officer_id
    assert admin.post(f"/admin/accounts/{own}/disable").status_code == 409
    [end] = re.findall(r'action="([^"]+/end)"', admin.get(f"/admin/accounts/{own}").text)
    assert admin.post(end).status_code == 409


def test_an_account_is_disabled_enabled_unlocked_and_reset(story, clock):
    admin = story.client(story.town.admin)
    new_person(admin, story)
    [account] = rows_of(story, Account)
    page = f"/admin/accounts/{account.officer_id}"
    browser = story.app.test_client()
    for _ in range(5):
        browser.post("/login", data={"name": "gaojie", "password": "wrong"})
    assert "已锁定" in admin.get(page).text
    assert "已锁定" not in admin.post(f"{page}/unlock", follow_redirects=True).text
    fresh = re.search(r'data-testid="password">([^<]+)<', admin.post(f"{page}/reset").text)[1].replace("&amp;", "&")
    assert "已停用" in admin.post(f"{page}/disable", follow_redirects=True).text
    assert browser.post("/login", data={"name": "gaojie", "password": fresh}).status_code == 401
    admin.post(f"{page}/enable")
    assert browser.post("/login", data={"name": "gaojie", "password": fresh}).status_code == 303
    edited = admin.post(f"{page}/edit", data={"name": "高洁洁", "phone": "13800005678"}, follow_redirects=True).text
    assert "高洁洁" in edited and "138****5678" in edited
    assert admin.post(f"{page}/edit", data={"name": "高" * 41}).status_code == 422


def test_who_has_no_account_yet_gets_one(story):
    admin, zhou = story.client(story.town.admin), story.town.zhou_wei.officer_id
    answer = admin.post(f"/admin/accounts/{zhou}/account", data={"login": "zhouwei"})
    assert answer.status_code == 201 and "zhouwei" in answer.text
    assert admin.post(f"/admin/accounts/{zhou}/account", data={"login": "again"}).status_code == 422
    assert admin.get("/admin/accounts/4711").status_code == 404


# --- the demo's clock ----------------------------------------------------------------------------------------------


def test_the_demo_moves_to_the_next_moment_that_matters_and_back_to_the_page(database, clock, tmp_path):
    story = open_story(database, clock, tmp_path, demo=True)
    real = demo_clock(SystemClock(), database)
    house = House(story.house.settings, real, database, story.house.renderer, story.house.seals)
    with open_unit(database, CLOCK, real.now()) as unit:
        show_card(unit, officer_id=story.town.zhao_qiang.officer_id, card="supervisor")
        expected = min(next_opening(each, unit.now).opens_at for each in DUTIES.values())
    browser = make_app(house).test_client()
    assert browser.post("/demo-login?card=supervisor").status_code == 303
    answer = browser.post("/demo/next", headers={"Referer": "http://localhost/projects?q=x"})
    assert (answer.status_code, answer.location) == (303, "/projects?q=x")
    assert timedelta() <= house.now() - expected < timedelta(minutes=1)
    there = browser.get("/messages").text
    assert "演示时间已拨到" in there and 'data-testid="demo-next"' in there
    assert browser.post("/demo/next", headers={"Referer": "http://elsewhere.example/x"}).location == "/"


def test_outside_the_demo_there_is_no_such_button(story):
    client = story.client(story.town.zhao_qiang)
    assert client.post("/demo/next").status_code == 404
    assert "demo-next" not in client.get("/messages").text

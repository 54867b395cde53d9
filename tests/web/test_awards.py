"""奖励 and 引荐备案 in pages: a filing keeps what was typed, candidates and objections are handled where they are listed."""

import io
import re
from datetime import date

import pytest
from sqlalchemy import select

from models.commendation import CommendationYear, Nominee, NomineeObjection
from models.duty import Period
from models.project import Project
from models.referral import Referral
from tests.web.house import Story, open_story
from tests.workflows.story import PAPER, RESERVE, PlainRenderer
from workflows.commendation import open_year
from workflows.project import register_and_open

FILING = {
    "agent_name": "演示中介服务有限公司",
    "agent_uscc": "91120116MA06A1B23Y",
    "agent_contact": "王芳",
    "agent_phone": "13800001111",
    "agent_declares": "true",
    "referral_story": "引荐投资方来津考察两次",
}


@pytest.fixture
def story(database, clock, tmp_path) -> Story:
    return open_story(database, clock, tmp_path, renderer=PlainRenderer())


@pytest.fixture
def project_id(story) -> int:
    with story.unit(story.town.li_ming) as unit:
        return register_and_open(unit, owner_organ_id=story.town.binhai, values=RESERVE).id


@pytest.fixture
def desk(story):
    return story.client(story.town.zhao_qiang)


@pytest.fixture
def year(story) -> int:
    """A year whose list was put up by hand: 武清区 and 市商务局."""
    with story.unit() as unit:
        open_year(unit, Period("2026", date(2026, 1, 1), unit.now), 0, 100)
    return rows(story, CommendationYear)[0].id


def rows(story, table):
    with story.reading() as unit:
        return list(unit.session.scalars(select(table).order_by(table.id)))


def text(answer) -> str:
    return re.sub(r"<[^>]+>", "", answer.get_data(as_text=True))


def files(client, project_id, **changes):
    data = FILING | {"referral_proof": (io.BytesIO(PAPER), "引荐函.pdf")} | changes
    return client.post(f"/projects/{project_id}/referral", data=data, content_type="multipart/form-data")


def signs(story, project_id, on):
    with story.unit() as unit:
        unit.session.get_one(Project, project_id).signed_on = on


def test_a_referrer_is_filed_from_the_projects_page_and_the_decider_is_warned(story, desk, project_id):
    owner = story.client(story.town.li_ming)
    assert f"/projects/{project_id}/referral" in owner.get(f"/projects/{project_id}").get_data(as_text=True)
    assert files(owner, project_id).status_code == 303
    listed = text(desk.get("/referrals"))
    assert "演示中介服务有限公司" in listed
    assert "138****11" in listed
    assert "13800001111" not in listed
    assert "联系人与本系统人员同名（武清区）" in listed
    assert "联系人与本系统人员同名" not in text(owner.get("/referrals"))
    assert "演示中介服务有限公司" not in text(story.client(story.town.wang_fang).get("/referrals")), "another district"
    [row] = rows(story, Referral)
    refused = desk.post(f"/referrals/{row.id}/decide", data={"stands": "1", "decision": ""})
    assert (refused.status_code, "请写明理由。" in text(refused)) == (422, True)
    desk.post(f"/referrals/{row.id}/decide", data={"stands": "1", "decision": "材料齐全"})
    assert rows(story, Referral)[0].state == "stands"


def test_what_was_typed_stays_when_a_filing_is_refused(story, project_id):
    owner = story.client(story.town.li_ming)
    page = files(owner, project_id, agent_uscc="123")
    assert page.status_code == 422
    assert "引荐投资方来津考察两次" in page.get_data(as_text=True)
    signs(story, project_id, date(2026, 11, 20))
    late = files(owner, project_id)
    assert late.status_code == 409
    assert "项目已于2026-11-20签约，引荐备案须在签约以前提出，不再受理。" in text(late)
    assert "引荐投资方来津考察两次" in late.get_data(as_text=True)
    assert f"/projects/{project_id}/referral" not in owner.get(f"/projects/{project_id}").get_data(as_text=True)
    assert rows(story, Referral) == []


def test_a_second_referrer_is_told_who_was_first_and_when(story, project_id):
    owner = story.client(story.town.li_ming)
    files(owner, project_id)
    second = files(owner, project_id, agent_name="另一中介")
    assert second.status_code == 409
    assert "已由演示中介服务有限公司于2026-11-24备案" in text(second)
    assert owner.get(f"/projects/{project_id}/referral").status_code == 409


def test_candidates_come_and_go_with_reasons_and_the_rules_say_that_they_are_defaults(story, desk, year):
    assert "默认值（名额没有公开依据）" in text(desk.get("/commendation"))
    for code, why in (("120114", "位次第一"), ("sw", "外资工作突出")):
        done = desk.post(f"/commendation/{year}/add", data={"organ_id": story.town[code], "added_why": why})
        assert done.status_code == 303
    first = rows(story, Nominee)[0]
    refused = desk.post(f"/commendation/nominees/{first.id}/remove", data={"removed_why": ""})
    assert (refused.status_code, "请写明理由。" in text(refused)) == (422, True)
    desk.post(f"/commendation/nominees/{first.id}/remove", data={"removed_why": "有弄虚作假"})
    page = desk.get(f"/commendation/{year}")
    assert "<s>武清区</s>" in page.get_data(as_text=True)
    assert "由赵强于2026年11月24日去掉：有弄虚作假" in text(page)
    assert "市商务局" in text(page)
    owner = story.client(story.town.li_ming)
    assert owner.post(f"/commendation/{year}/add", data={}).status_code == 403


def test_an_objection_is_filed_by_anybody_decided_by_the_desk_and_refused_when_late(story, desk, year, clock):
    owner = story.client(story.town.li_ming)
    assert (
        owner.post(f"/commendation/{year}/objections", data={"raised_by": "某", "content": "不实"}).status_code == 409
    )
    desk.post(f"/commendation/{year}/add", data={"organ_id": story.town["120114"], "added_why": "位次第一"})
    with story.unit() as unit:
        unit.session.get_one(CommendationYear, year).publicity_until = date(2026, 12, 1)
    [nominee] = rows(story, Nominee)
    refused = owner.post(f"/commendation/{year}/objections", data={"raised_by": "某企业", "content": ""})
    assert (refused.status_code, "某企业" in refused.get_data(as_text=True)) == (422, True)
    said = {"nominee_id": nominee.id, "raised_by": "某企业", "contact": "022-1", "content": "数字不实"}
    owner.post(f"/commendation/{year}/objections", data=said)
    [objection] = rows(story, NomineeObjection)
    assert owner.post(f"/commendation/objections/{objection.id}/decide", data={"upheld": "1"}).status_code == 403
    asked = desk.post(f"/commendation/objections/{objection.id}/decide", data={"upheld": "1", "decided_why": ""})
    assert asked.status_code == 422
    desk.post(f"/commendation/objections/{objection.id}/decide", data={"upheld": "1", "decided_why": "核减后下降"})
    assert rows(story, Nominee)[0].removed_why == "异议成立：核减后下降"
    clock.move(to=clock.now().replace(month=12, day=2))
    late = story.client(story.town.li_ming).post(
        f"/commendation/{year}/objections", data=said | {"nominee_id": ""}, follow_redirects=True
    )
    assert "已登记。公示期至2026-12-01，2026-12-02提出，逾期不受理。" in text(late)


def test_who_may_not_change_the_list_is_told_so_before_anything_is_judged(story, year):
    other_desk = story.client(story.town.han_xue)
    assert other_desk.post(f"/commendation/{year}/add", data={}).status_code == 403

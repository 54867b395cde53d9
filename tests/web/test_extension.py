"""申请延期 at the desk: a button on the item's page, a form that keeps what was typed, and a page that says how it stands."""

import re
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import select

from engine.door import complete_item
from models.clock import end_of_day, local_day
from models.extension import Extension
from models.process import WorkItem
from tests.web.house import open_story
from tests.workflows.story import APPROVE
from workflows.project import register_and_open

WANTED = {"progress": "已报审，还缺一份意见", "reason": "图审单位排期到月底", "due_on": "2026-12-18"}


@pytest.fixture
def story(database, clock, tmp_path):
    return open_story(database, clock, tmp_path)


@pytest.fixture
def item(story):
    """滨海新区 has to plan its project's stage until 1 December 2026."""
    with story.unit(story.town.li_ming) as unit:
        register_and_open(unit, owner_organ_id=story.town.binhai, values=APPROVE)
    return open_item(story, "approve_plan")


def open_item(story, node):
    with story.reading() as unit:
        query = select(WorkItem).where(WorkItem.node == node, WorkItem.state == "ready")
        return unit.session.scalars(query.order_by(WorkItem.id.desc())).first()


def requests(story):
    with story.reading() as unit:
        return list(unit.session.scalars(select(Extension)))


def page_of(client, address):
    answer = client.get(address)
    assert answer.status_code == 200, answer.get_data(as_text=True)[-2000:]
    return unescape(answer.get_data(as_text=True))


def done(story, actor, node, **answers):
    found = open_item(story, node)
    with story.unit(actor) as unit:
        complete_item(unit, item_id=found.id, version=found.version, posted=answers)


def ask(story, item, **other):
    return story.client(story.town.li_ming).post(f"/tasks/{item.id}/extension", data=WANTED | other)


def test_a_day_that_cannot_be_is_refused_and_nothing_typed_is_lost(story, item):
    answer = ask(story, item, due_on="2026-12-19")  # a Saturday
    page = unescape(answer.get_data(as_text=True))
    assert answer.status_code == 422
    assert "这一天不是工作日" in page
    assert WANTED["progress"] in page
    assert WANTED["reason"] in page
    assert 'value="2026-12-19"' in page
    assert "最晚可以申请到2027年1月1" in page
    assert requests(story) == []


def test_too_late_is_said_and_nothing_typed_is_lost(story, item, clock):
    clock.move(to=item.due_at)
    answer = ask(story, item)
    page = unescape(answer.get_data(as_text=True))
    assert answer.status_code == 409
    assert "已过期限，不能申请延期" in page
    assert WANTED["reason"] in page
    assert "已过期限，不能申请延期" in page_of(story.client(story.town.li_ming), f"/tasks/{item.id}")


def test_the_item_says_what_the_request_waits_for_and_the_history_that_it_was_asked(story, item):
    client = story.client(story.town.li_ming)
    assert f'action="/tasks/{item.id}/extension"' in page_of(client, f"/tasks/{item.id}")
    answer = ask(story, item)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/tasks/{item.id}")
    page = page_of(client, f"/tasks/{item.id}")
    assert "已申请延期至2026年12月18日，待单位领导意见" in page
    assert "申请延期：审批阶段部署与配套需求" in page
    assert "申请延期至2026-12-18。图审单位排期到月底" in page
    assert f'action="/tasks/{item.id}/extension"' not in page
    again = ask(story, item)
    assert again.status_code == 409
    assert "已有一件延期申请在审批" in unescape(again.get_data(as_text=True))
    done(story, story.town.chen_jing, "opinion", agreed=True, opinion="属实")
    assert "待督查审批" in page_of(client, f"/tasks/{item.id}")


def test_those_who_decide_see_what_was_asked_of_which_item(story, item):
    ask(story, item)
    page = page_of(story.client(story.town.chen_jing), f"/tasks/{open_item(story, 'opinion').id}")
    for words in (
        "申请延期的事项",
        f'href="/tasks/{item.id}"',
        WANTED["progress"],
        WANTED["reason"],
        "2026年12月18日",
        "李明",
    ):
        assert words in page
    assert f"/tasks/{open_item(story, 'opinion').id}/extension" not in page


def test_what_was_granted_is_told_on_the_item_and_in_the_projects_history(story, item):
    ask(story, item)
    done(story, story.town.chen_jing, "opinion", agreed=True, opinion="属实")
    done(story, story.town.zhao_qiang, "decision", granted=True, due_on="2026-12-15", opinion="抓紧")
    page = page_of(story.client(story.town.li_ming), f"/tasks/{item.id}")
    assert "2026年12月1日 → 2026年12月15日" in page
    assert "准予延期：2026-12-15" in page
    history = page_of(story.client(story.town.li_ming), f"/projects/{item.project_id}")
    assert "期限调整：审批阶段部署与配套需求" in history
    assert "2026-12-01 → 2026-12-15" in history


def test_what_was_refused_is_told_with_its_reason(story, item):
    ask(story, item)
    done(story, story.town.chen_jing, "opinion", agreed=False, opinion="能按期办完")
    page = page_of(story.client(story.town.li_ming), f"/tasks/{item.id}")
    assert "单位领导不同意延期" in page
    assert "能按期办完" in page


def test_who_may_not_handle_the_item_is_offered_nothing(story, item):
    leader, stranger = story.client(story.town.sun_li), story.client(story.town.wang_fang)
    assert f"/tasks/{item.id}/extension" not in page_of(leader, f"/tasks/{item.id}")
    assert stranger.get(f"/tasks/{item.id}/extension").status_code == 404
    assert stranger.post(f"/tasks/{item.id}/extension", data=WANTED).status_code == 403
    assert leader.get(f"/tasks/{item.id}/extension").status_code == 403


def test_the_form_stands_by_itself_and_says_the_two_days(story, item):
    page = page_of(story.client(story.town.li_ming), f"/tasks/{item.id}/extension")
    last = local_day(item.due_at)
    assert f"现在的期限是{last.year}年{last.month}月{last.day}日" in page
    assert re.search(r'<textarea[^>]*name="reason"', page)


def test_the_message_leads_to_the_item_when_nobody_decided(story, item, clock):
    ask(story, item)
    clock.move(to=end_of_day(local_day(item.due_at)) + timedelta(seconds=1))
    story.sweep()
    story.sweep()
    page = page_of(story.client(story.town.li_ming), "/messages")
    assert "到期未批，不予延期：审批阶段部署与配套需求" in page
    assert f"/tasks/{item.id}" in page

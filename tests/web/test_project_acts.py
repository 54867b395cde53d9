"""Stories of what is done to a project on its pages: registered, changed, sent back, suspended, withdrawn, supervised."""

import io
import re
from datetime import timedelta
from decimal import Decimal

import pytest

from models.amount import entries
from models.attachment import attachments
from models.milestone import milestones
from models.project import Project
from models.project_list import ProjectFilter, list_projects
from models.supervision import open_supervision
from tests.web.house import Story, open_story
from tests.web.ledger_desk import PNG, RESERVE, plan, project_in, ready, sign, state_of


@pytest.fixture
def story(database, clock, tmp_path) -> Story:
    return open_story(database, clock, tmp_path)


def test_a_new_project_gets_its_number_and_its_first_task(story):
    client = story.client(story.town.li_ming)
    assert "新增项目" in client.get("/projects/new").get_data(as_text=True)
    answer = client.post("/projects/new", data={**RESERVE, "owner_organ_id": story.town.binhai}, follow_redirects=True)
    page = answer.get_data(as_text=True)
    assert "已登记，编号 SJ20261124001。" in page
    assert "储备阶段部署与配套需求" in page
    assert "办理当前任务" in page


def test_a_refused_registration_keeps_what_was_typed_and_says_why_beside_the_field(story):
    typed = {**RESERVE, "owner_organ_id": story.town.binhai, "total_investment": "三亿", "signed_on": "2027-01-01"}
    answer = story.client(story.town.li_ming).post("/projects/new", data=typed)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'data-testid="error-total_investment"' in page
    assert 'data-testid="error-signed_on"' in page
    assert 'value="三亿"' in page
    assert 'value="北京氢能科技有限公司"' in page
    assert f'<option value="{story.town.binhai}" selected>' in page
    with story.reading() as unit:
        assert not list_projects(unit, ProjectFilter()).lines


def test_a_district_cannot_register_for_another_one(story):
    client = story.client(story.town.li_ming)
    assert f'value="{story.town.wuqing}"' not in client.get("/projects/new").get_data(as_text=True)
    assert client.post("/projects/new", data={**RESERVE, "owner_organ_id": story.town.wuqing}).status_code == 403
    assert client.post("/projects/new", data={"name": ""}).status_code == 422


def test_a_change_is_saved_and_traced_and_a_stale_one_keeps_the_text(story):
    project_id = project_in(story, story.town.binhai)
    client = story.client(story.town.li_ming)
    form = client.get(f"/projects/{project_id}/edit").get_data(as_text=True)
    version = re.search(r'name="version" value="(\d+)"', form)[1]
    saved = client.post(f"/projects/{project_id}/edit", data={"version": version, "local_company": "天津氢能有限公司"},
                        follow_redirects=True).get_data(as_text=True)  # fmt: skip
    assert "已保存1处修改" in saved
    assert "落地企业名称 — → 天津氢能有限公司" in saved
    stale = client.post(f"/projects/{project_id}/edit", data={"version": version, "local_company": "另一家公司"})
    page = stale.get_data(as_text=True)
    assert stale.status_code == 409
    assert "已被他人修改" in page
    assert 'value="另一家公司"' in page
    assert "库中现为：天津氢能有限公司" in page
    again = re.search(r'name="version" value="(\d+)"', page)[1]
    client.post(f"/projects/{project_id}/edit", data={"version": again, "local_company": "另一家公司"})
    with story.reading() as unit:
        assert unit.session.get(Project, project_id).local_company == "另一家公司"


def test_the_stage_is_no_field_to_type(story):
    project_id = project_in(story, story.town.binhai)
    client = story.client(story.town.li_ming)
    form = client.get(f"/projects/{project_id}/edit").get_data(as_text=True)
    version = re.search(r'name="version" value="(\d+)"', form)[1]
    client.post(f"/projects/{project_id}/edit", data={"version": version, "stage": "build"})
    with story.reading() as unit:
        assert unit.session.get(Project, project_id).stage == "reserve"


def test_a_stage_is_left_backwards_with_a_reason_that_the_history_keeps(story):
    project_id = project_in(story, story.town.binhai)
    plan(story, story.town.li_ming, project_id)
    sign(story, story.town.li_ming, project_id)
    client = story.client(story.town.li_ming)
    empty = client.post(f"/projects/{project_id}/return-stage", data={"reason": "", "redo": "重谈条款"})
    assert empty.status_code == 422
    assert "重谈条款" in empty.get_data(as_text=True)
    page = client.post(f"/projects/{project_id}/return-stage", data={"reason": "协议条款未定"},
                       follow_redirects=True).get_data(as_text=True)  # fmt: skip
    assert "已退回上一阶段" in page
    assert "协议条款未定" in page
    assert "储备阶段部署与配套需求" in page
    state = state_of(story, story.town.li_ming, project_id)
    assert "sign_stage" in state["cancelled"]
    assert {"reserve_stage", "reserve_plan"} == {each["id"] for each in state["active"]}


def test_there_is_no_stage_before_the_first(story):
    project_id = project_in(story, story.town.binhai)
    answer = story.client(story.town.li_ming).post(f"/projects/{project_id}/return-stage", data={"reason": "试试"})
    assert answer.status_code == 409
    assert "没有可退回的上一阶段" in answer.get_data(as_text=True)


def test_suspended_nothing_runs_and_resumed_the_deadline_moves(story, clock):
    project_id = project_in(story, story.town.binhai)
    [before] = ready(story, project_id)
    head = story.client(story.town.chen_jing)
    head.post(f"/projects/{project_id}/suspend", data={"reason": "等待用地批复", "resume_on": "2026-12-20"})
    page = head.get(f"/projects/{project_id}").get_data(as_text=True)
    assert "已挂起" in page
    assert "等待用地批复" in page
    assert not ready(story, project_id)
    clock.move(by=timedelta(days=14))
    head = story.client(story.town.chen_jing)  # nobody stays signed in that long
    resumed = head.post(f"/projects/{project_id}/resume", follow_redirects=True).get_data(as_text=True)
    assert "已恢复办理" in resumed
    [after] = ready(story, project_id)
    assert after.due_at > before.due_at
    assert story.client(story.town.li_ming).post(f"/projects/{project_id}/suspend", data={}).status_code == 403


def test_only_the_desk_withdraws_a_project_and_says_why(story):
    project_id = project_in(story, story.town.binhai)
    asked = {"reason_kind": "投资方放弃", "reason": "投资方来函终止"}
    assert story.client(story.town.li_ming).post(f"/projects/{project_id}/withdraw", data=asked).status_code == 403
    desk = story.client(story.town.zhao_qiang)
    page = desk.post(f"/projects/{project_id}/withdraw", data=asked, follow_redirects=True).get_data(as_text=True)
    assert "已退库" in page
    assert "投资方来函终止" in page
    assert not ready(story, project_id)
    assert state_of(story, story.town.zhao_qiang, project_id)["active"] == []
    assert desk.post(f"/projects/{project_id}/withdraw", data=asked).status_code == 409


def test_an_amount_is_filed_with_its_day_and_evidence(story):
    project_id = project_in(story, story.town.binhai)
    client = story.client(story.town.li_ming)
    wrong = client.post(f"/projects/{project_id}/amount", data={"kind": "funds", "amount": "1.2亿", "on": "2026-11-01"})
    assert wrong.status_code == 422
    assert 'value="1.2亿"' in wrong.get_data(as_text=True)
    asked = {"kind": "funds", "amount": "1,200.5", "on": "2026-11-01", "evidence": (io.BytesIO(PNG), "凭证.png")}
    page = client.post(f"/projects/{project_id}/amount", data=asked, follow_redirects=True).get_data(as_text=True)
    assert "1,200.5 万元" in page
    assert "凭证.png" in page
    with story.reading() as unit:
        [entry] = entries(unit.session, project_id)
        assert entry.amount == Decimal("1200.5")
        assert entry.attachment_id == attachments(unit.session, project_id)[0].id


def test_a_milestone_keeps_its_plan_when_it_is_reached(story):
    project_id = project_in(story, story.town.binhai)
    client = story.client(story.town.li_ming)
    client.post(f"/projects/{project_id}/milestone", data={"code": "reserve", "plan_on": "2026-12-01", "actual_on": ""})
    client.post(f"/projects/{project_id}/milestone", data={"code": "reserve", "plan_on": "", "actual_on": "2026-11-20"})
    with story.reading() as unit:
        [row] = milestones(unit.session, project_id)
        assert (row.plan_on.isoformat(), row.actual_on.isoformat()) == ("2026-12-01", "2026-11-20")
    late = client.post(f"/projects/{project_id}/milestone", data={"code": "reserve", "actual_on": "2027-11-20"})
    assert late.status_code == 422
    assert "实际日期不能晚于今天" in late.get_data(as_text=True)


def test_a_file_is_only_given_to_those_who_see_the_project_and_never_run(story):
    project_id = project_in(story, story.town.binhai)
    client = story.client(story.town.li_ming)
    client.post(f"/projects/{project_id}/upload", data={"files": (io.BytesIO(PNG), "现场.png")})
    with story.reading() as unit:
        [row] = attachments(unit.session, project_id)
    answer = client.get(f"/projects/{project_id}/files/{row.id}")
    assert answer.data == PNG
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Content-Disposition"].isascii(), "a server sends no other characters in headers"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert story.client(story.town.wang_fang).get(f"/projects/{project_id}/files/{row.id}").status_code == 404
    other = project_in(story, story.town.binhai, name="另一个")
    assert client.get(f"/projects/{other}/files/{row.id}").status_code == 404
    refused = client.post(f"/projects/{project_id}/upload", data={"files": (io.BytesIO(b"<script>"), "现场.png")})
    assert refused.status_code == 422


def test_coordination_is_asked_numbered_and_listed(story):
    project_id = project_in(story, story.town.binhai)
    client = story.client(story.town.li_ming)
    asked = {
        "target_organ": story.town["fgw"],
        "kind": "审批",
        "subject": "请协调项目备案",
        "body": "材料已齐，请加快。",
    }
    short = client.post(f"/projects/{project_id}/coordination", data={**asked, "body": ""})
    assert short.status_code == 422
    assert "请协调项目备案" in short.get_data(as_text=True)
    page = client.post(f"/projects/{project_id}/coordination", data=asked, follow_redirects=True).get_data(as_text=True)
    assert "协〔2026〕1号 请协调项目备案" in page
    assert state_of(story, story.town.li_ming, project_id, "coordination")["active"]


def test_an_open_task_is_urged_once_a_day(story):
    project_id = project_in(story, story.town.binhai)
    [item] = ready(story, project_id)
    head = story.client(story.town.zhao_qiang)
    assert f"/projects/{project_id}/items/{item.id}/urge" in head.get(f"/projects/{project_id}").get_data(as_text=True)
    page = head.post(f"/projects/{project_id}/items/{item.id}/urge", data={"words": "请本周办结"},
                     follow_redirects=True).get_data(as_text=True)  # fmt: skip
    assert "催办：储备阶段部署与配套需求" in page
    assert "请本周办结" in page
    again = head.post(f"/projects/{project_id}/items/{item.id}/urge")
    assert again.status_code == 409
    assert "今天已催办过" in again.get_data(as_text=True)
    other = project_in(story, story.town.binhai, name="另一个")
    assert head.post(f"/projects/{other}/items/{item.id}/urge").status_code == 404


def test_a_supervisor_starts_the_ladder_and_raises_it_by_hand(story):
    project_id = project_in(story, story.town.binhai)
    desk = story.client(story.town.zhao_qiang)
    assert desk.post(f"/projects/{project_id}/supervise", data={"reason": " "}).status_code == 422
    page = desk.post(f"/projects/{project_id}/supervise", data={"reason": "长期没有进展"},
                     follow_redirects=True).get_data(as_text=True)  # fmt: skip
    assert "提醒函" in page
    assert "长期没有进展" in page
    assert desk.post(f"/projects/{project_id}/supervise", data={"reason": "再来一次"}).status_code == 409
    raised = desk.post(f"/projects/{project_id}/raise-rung", data={"reason": "仍无动静"}, follow_redirects=True)
    assert "已提级" in raised.get_data(as_text=True)
    assert "签发督办通知单" in raised.get_data(as_text=True)
    with story.reading() as unit:
        assert open_supervision(unit.session, project_id).rung == 1
    state = state_of(story, story.town.zhao_qiang, project_id, "supervision")
    assert "issue_l1" in state["done"]
    assert {"before", "sign_l2"} == {each["id"] for each in state["active"]}


def test_buttons_are_offered_to_those_who_may_press_them(story):
    project_id = project_in(story, story.town.binhai)
    officer = story.client(story.town.li_ming).get(f"/projects/{project_id}").get_data(as_text=True)
    desk = story.client(story.town.zhao_qiang).get(f"/projects/{project_id}").get_data(as_text=True)
    leader = story.client(story.town.sun_li).get(f"/projects/{project_id}").get_data(as_text=True)
    assert 'data-testid="edit"' in officer
    assert 'data-testid="act-withdraw"' not in officer
    assert 'data-testid="act-withdraw"' in desk
    assert 'data-testid="edit"' not in desk
    assert 'data-testid="act-withdraw"' not in leader

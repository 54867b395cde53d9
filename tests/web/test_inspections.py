"""季检查 on its pages: who sees what and when, and a checklist that loses nothing that was typed or uploaded."""

import csv
import io
import re

import pytest

import tests.workflows.test_inspection as told
from models.attachment import Attachment
from models.inspection import InspectionCheck
from models.process import WorkItem
from tests.web.house import client_of, make_app
from tests.web.ledger_desk import PNG
from tests.workflows.staff import hire_staff
from tests.workflows.story import APPROVE, RESERVE, Story

QUARTER = "/inspections/2026Q4"
FORM = {"S1_verdict": "problem", "S1_fact": "=协议没有备案", "S1_due_on": "2027-03-31"}


@pytest.fixture
def story(database, clock, tmp_path) -> Story:
    return Story(database, clock, tmp_path)


@pytest.fixture
def app(story):
    return make_app(story.house)


@pytest.fixture
def staff(story):
    return hire_staff(story)


@pytest.fixture
def projects(story):
    late = {"signed_on": "2025-03-02", "plan_start_on": "2026-12-31"}
    return [
        story.register(APPROVE | late | {"name": "甲项目"}),
        story.register(RESERVE | {"name": "乙项目"}),
        story.register(APPROVE | {"name": "丙项目"}, owner=story.town.wuqing, by=story.town.wang_fang),
    ]


def pages(app, story, actor):
    return client_of(app, story.house, actor)


def text(client, path):
    answer = client.get(path)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.get_data(as_text=True)


def answers(story, project_id):
    return story.all(InspectionCheck, project_id=project_id)[0].answers


def test_a_house_without_inspections_says_when_the_next_one_begins(app, story):
    page = text(pages(app, story, story.town.li_ming), "/inspections")
    assert "还没有季检查" in page
    assert "2026年第四季度，2026年12月20日开始拟订方案" in page


def test_a_district_sees_nothing_before_approval_and_its_own_list_after(app, story, staff, projects):
    told.plan(story, staff)
    officer, desk = (pages(app, story, each) for each in (story.town.li_ming, story.town.zhao_qiang))
    assert officer.get(QUARTER).status_code == 404
    assert "还没有季检查" in text(officer, "/inspections")
    assert "甲项目" in text(desk, f"{QUARTER}?district={story.town.binhai}")
    told.do(story, staff.desk_leader, "approve", told.APPROVED)
    story.sweep()
    page = text(officer, QUARTER)
    assert "甲项目" in page and "丙项目" not in page
    assert officer.get(f"{QUARTER}/projects/{projects[2]}").status_code == 404


def test_the_leader_who_approves_is_led_to_the_list(app, story, staff, projects):
    told.plan(story, staff)
    [item] = story.all(WorkItem, node="approve")
    page = text(pages(app, story, staff.desk_leader), f"/tasks/{item.id}")
    assert "2个区、3个项目" in page
    assert f"{QUARTER}" in page


def test_verdicts_are_not_told_to_the_district_before_they_are_handed_in(app, story, staff, projects):
    told.approve(story, staff)
    told.check(story, projects[0], S3=told.FOUND)
    told.check(story, projects[1])
    officer = pages(app, story, story.town.li_ming)
    assert "签约满1年仍未开工" not in text(officer, f"{QUARTER}/projects/{projects[0]}")
    assert "个问题</span>" not in text(officer, QUARTER)
    told.submit(story, story.town.binhai)
    assert "签约满1年仍未开工" in text(officer, f"{QUARTER}/projects/{projects[0]}")
    assert 'data-testid="submit"' not in text(officer, f"{QUARTER}/projects/{projects[0]}")


def test_the_ledgers_suspicion_stands_beside_its_question(app, story, staff, projects):
    told.approve(story, staff)
    page = text(pages(app, story, story.town.zhao_qiang), f"{QUARTER}/projects/{projects[0]}")
    [hint] = re.findall(r'data-testid="hint">.*?台账提示：(.*?)</p>', page, re.DOTALL)
    assert hint == "2025-03-02签约，已满1年，台账没有实际开工日期。"


def test_a_refused_checklist_keeps_all_that_was_typed_and_uploaded(app, story, staff, projects):
    told.approve(story, staff)
    desk, sheet = pages(app, story, story.town.zhao_qiang), f"{QUARTER}/projects/{projects[0]}"
    refused = desk.post(sheet, data=FORM | {"S1_evidence": (io.BytesIO(PNG), "现场.png")})
    page = refused.get_data(as_text=True)
    assert refused.status_code == 422
    assert 'data-testid="error-S2_verdict"' in page and 'data-testid="error-S1_fact"' not in page
    assert "=协议没有备案" in page and "现场.png" in page
    [file] = story.all(Attachment)
    assert answers(story, projects[0])["S1"]["evidence"] == [str(file.id)]
    filled = {f"{code}_verdict": "ok" for code in ("S2", "S3", "S4", "M1", "M2", "M3", "M4", "M5")}
    done = desk.post(sheet, data=FORM | filled | {"S1_evidence": [str(file.id)]})
    assert (done.status_code, done.headers["Location"]) == (303, f"{QUARTER}/projects/{projects[1]}")
    assert story.all(InspectionCheck, project_id=projects[0])[0].checked_by == "赵强"


def test_a_draft_is_kept_while_typing_pauses(app, story, staff, projects):
    told.approve(story, staff)
    desk = pages(app, story, story.town.zhao_qiang)
    kept = desk.post(f"{QUARTER}/projects/{projects[1]}/draft", data={"T1_verdict": "na"}, headers={"X-Draft": "1"})
    assert (kept.status_code, bool(kept.headers["X-Saved-At"])) == (204, True)
    assert answers(story, projects[1])["T1"] == {"verdict": "na"}


def test_a_file_that_cannot_be_taken_is_said_at_its_field_and_the_rest_is_kept(app, story, staff, projects):
    told.approve(story, staff)
    desk, sheet = pages(app, story, story.town.zhao_qiang), f"{QUARTER}/projects/{projects[0]}"
    refused = desk.post(sheet, data=FORM | {"S1_evidence": (io.BytesIO(b"MZ"), "病毒.exe")})
    assert refused.status_code == 422
    assert 'data-testid="error-S1_evidence"' in refused.get_data(as_text=True)
    assert answers(story, projects[0])["S1"]["fact"] == "=协议没有备案"


def test_evidence_of_another_project_is_refused(app, story, staff, projects):
    told.approve(story, staff)
    foreign = story.evidence(projects[2])
    desk, sheet = pages(app, story, story.town.zhao_qiang), f"{QUARTER}/projects/{projects[0]}"
    refused = desk.post(sheet, data=FORM | {"S1_evidence": [foreign]})
    assert "附件不属于本项目" in refused.get_data(as_text=True)


def test_nobody_beside_the_desk_writes_a_checklist(app, story, staff, projects):
    told.approve(story, staff)
    for stranger, status in ((story.town.li_ming, 403), (story.town.chen_jing, 403), (story.town.wang_fang, 404)):
        answer = pages(app, story, stranger).post(f"{QUARTER}/projects/{projects[0]}", data=FORM)
        assert answer.status_code == status
    assert answers(story, projects[0]) == {}


def test_the_head_countersigns_what_she_reads_and_the_table_is_what_the_page_shows(app, story, staff, projects):
    told.approve(story, staff)
    told.check(story, projects[0], S1={**told.FOUND, "fact": "=协议没有备案"})
    told.check(story, projects[1])
    told.submit(story, story.town.binhai)
    [item] = told.at(story, "countersign")
    page = text(pages(app, story, story.town.chen_jing), f"/tasks/{item.id}")
    assert "甲项目：=协议没有备案" in page
    told.do(story, story.town.chen_jing, "countersign", told.ACCEPTED)
    exported = pages(app, story, story.town.chen_jing).get(f"{QUARTER}/problems.csv")
    rows = list(csv.reader(io.StringIO(exported.get_data(as_text=True).removeprefix("\ufeff"))))
    assert len(rows) == 2
    assert rows[1][0:2] + rows[1][3:5] == ["滨海新区", "1", "甲项目", "'=协议没有备案"]
    assert rows[1][9:] == ["陈静", "", "已签认"]
    neighbour = pages(app, story, story.town.wang_fang)
    assert "协议没有备案" not in neighbour.get(f"{QUARTER}/problems.csv").get_data(as_text=True)


def test_the_quarters_page_follows_a_problem_until_it_is_closed_out(app, story, staff, projects):
    told.through(story, staff, projects)
    told.issue(story, staff)
    page = text(pages(app, story, story.town.zhao_qiang), QUARTER)
    assert "整改第1轮" in page and "津合作通〔2026〕1号" in page
    assert "已通报" in text(pages(app, story, story.town.zhao_qiang), "/inspections")


def test_an_unknown_quarter_is_not_found(app, story):
    desk = pages(app, story, story.town.zhao_qiang)
    for path in (
        "/inspections/2031Q1",
        "/inspections/%00",
        "/inspections/2026Q4/projects/1",
        "/inspections/x/problems.csv",
    ):
        assert desk.get(path).status_code == 404

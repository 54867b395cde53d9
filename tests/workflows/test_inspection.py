"""季检查: planned, approved, drawn, checked project by project, countersigned, told to all, put right until 销号."""

import hashlib
import math
from datetime import UTC, datetime, timedelta

import pytest

from models.delivery import deliveries_of
from models.dispatch import Dispatch
from models.inspection import Inspection, InspectionCheck, InspectionDistrict, checks_of, drawn
from models.inspection_check import finish_check, save_check
from models.inspection_question import questions_of
from models.message import Message
from models.notice import Notice
from models.organ import close_organ
from models.problem import Problem
from models.process import Process, WorkItem
from models.rectification import Rectification
from models.refusal import Invalid, NotDue, NotPermitted, Outdated
from notices.letters import read_letter
from tests.workflows.staff import hire_staff
from tests.workflows.story import APPROVE, RESERVE, day
from tests.workflows.test_rectification import PLAN, RECEIPT, REPORT

OPENING = datetime(2026, 12, 19, 16, 5, tzinfo=UTC)  # 00:05 on the 20th in Tianjin
PLANNED = {
    "check_share": "100",
    "check_first_on": "2026-12-22",
    "check_last_on": "2026-12-30",
    "check_team": "赵强（组长）、马超",
}
APPROVED = {"plan_approved": "true"}
FOUND = {"verdict": "problem", "fact": "签约满1年仍未开工", "due_on": "2027-03-31"}
SUBMITTED = {"check_complete": "true"}
ACCEPTED = {"list_accepted": "true"}
WORDS = {"inspection_findings": "部分项目签约后迟迟未开工。", "inspection_demands": "请逐项整改，按期报告。"}
AGREED = {"agreed": "true"}


@pytest.fixture
def staff(story):
    return hire_staff(story)


@pytest.fixture
def projects(story):
    """Two in 滨海新区 and one in 武清区, on time, so that no light is red."""
    later = {"plan_start_on": "2027-07-15"}
    return [
        story.register(APPROVE | later | {"name": "甲项目"}),
        story.register(RESERVE | {"name": "乙项目"}),
        story.register(APPROVE | later | {"name": "丙项目"}, owner=story.town.wuqing, by=story.town.wang_fang),
    ]


def at(story, node):
    return story.all(WorkItem, node=node, state="ready")


def do(story, actor, node, posted):
    """The actor's own open item at this node."""
    held = {(grant.role, grant.organ_id) for grant in actor.grants}
    [item] = [each for each in at(story, node) if (each.role, each.organ_id) in held]
    return story.complete(actor, item, posted)


def begin(story):
    story.sweep()  # the first look opens nothing
    story.sweep(to=OPENING)


def plan(story, staff, **changes):
    begin(story)
    do(story, story.town.zhao_qiang, "plan", PLANNED | changes)


def approve(story, staff, **changes):
    plan(story, staff, **changes)
    do(story, staff.desk_leader, "approve", APPROVED)
    story.sweep()


def sheet(story, project_id, **found):
    """A finished checklist: everything met but what is given by the code of its question."""
    [check] = story.all(InspectionCheck, project_id=project_id)
    return {each.code: found.get(each.code, {"verdict": "ok"}) for each in questions_of(check.links)}


def check(story, project_id, by=None, **found):
    with story.unit(by or story.town.zhao_qiang) as unit:
        finish_check(unit, period="2026Q4", project_id=project_id, answers=sheet(story, project_id, **found))


def submit(story, organ_id):
    [process] = story.all(Process, key="inspection_district", organ_id=organ_id)
    [item] = [each for each in at(story, "check") if each.process_id == process.id]
    story.complete(story.town.zhao_qiang, item, SUBMITTED)


def through(story, staff, projects):
    """Both districts checked; one problem in 滨海新区, none in 武清区; both countersigned."""
    approve(story, staff)
    for project_id, found in zip(projects, ({"S3": FOUND}, {}, {}), strict=True):
        check(story, project_id, **found)
    for organ_id, head in ((story.town.binhai, story.town.chen_jing), (story.town.wuqing, staff.wuqing_head)):
        submit(story, organ_id)
        do(story, head, "countersign", ACCEPTED)
    story.sweep()


def issue(story, staff):
    do(story, story.town.zhao_qiang, "draft", WORDS)
    check_item = [each for each in at(story, "check") if each.form == "dispatch_opinion"][-1]
    story.complete(staff.desk_head, check_item, AGREED)
    do(story, staff.desk_leader, "sign", AGREED)
    story.sweep()
    return next(each for each in story.all(Notice, kind="bulletin"))


def test_from_the_duty_to_close_out(story, staff, projects):
    through(story, staff, projects)
    paper = issue(story, staff)
    assert paper.title == "关于2026年第四季度检查情况的通报"
    with story.reading() as unit:
        assert {each.organ_id for each in deliveries_of(unit.session, paper.id)} == {
            story.town.binhai,
            story.town.wuqing,
        }
    letter = read_letter(paper.letter)
    assert letter.sections[0].tables[0].rows == (
        ("武清区", "1", "1", "0", "罗斌签认"),
        ("滨海新区", "2", "2", "1", "陈静签认"),
        ("合计", "3", "3", "1", ""),
    )
    [problem] = letter.annexes[0].table.rows
    assert problem[0:3] == ("滨海新区", "1", "甲项目")
    assert problem[5] == "2027-03-31"
    [row], [order] = story.all(Rectification), story.all(Notice, kind="rectification")
    assert (order.project_id, order.to_organ_id, order.letter["signer"]) == (projects[0], story.town.binhai, "林海")
    assert row.report_due_on == day("2027-03-31")
    story.do(story.town.li_ming, projects[0], "receipt", RECEIPT)
    story.do(story.town.li_ming, projects[0], "plan", PLAN)
    story.do(story.town.li_ming, projects[0], "report", REPORT | {"evidence_1": [story.evidence(projects[0])]})
    story.do(story.town.han_xue, projects[0], "review", {"passed_1": "true", "opinion": "属实"})
    assert story.all(Rectification)[0].closed_at == story.clock.now()
    assert [each.status for each in story.all(Process, key="inspection")] == ["done"]


def test_no_district_is_bothered_before_the_plan_is_approved(story, staff, projects):
    plan(story, staff)
    story.sweep()
    assert not story.all(Process, key="inspection_district")
    with story.unit(story.town.zhao_qiang) as unit, pytest.raises(NotDue):
        save_check(unit, period="2026Q4", project_id=projects[0], answers={})
    with pytest.raises(Invalid):
        do(story, staff.desk_leader, "approve", {"plan_approved": "false"})
    do(story, staff.desk_leader, "approve", {"plan_approved": "false", "plan_opinion": "先查武清区"})
    do(story, story.town.zhao_qiang, "plan", PLANNED | {"check_districts": [str(story.town.wuqing)]})
    do(story, staff.desk_leader, "approve", APPROVED)
    story.sweep()
    assert [each.organ_id for each in story.all(Process, key="inspection_district")] == [story.town.wuqing]
    told = {each.officer_id for each in story.all(Message, text="季检查通知：%(name)s")}
    assert told == {story.town.wang_fang.officer_id, staff.wuqing_head.officer_id}


def test_a_quarter_is_opened_once_however_often_the_clock_looks(story, staff, projects):
    begin(story)
    for _again in range(3):
        story.sweep(by=timedelta(hours=1))
    assert [each.business_key for each in story.all(Process, key="inspection")] == ["inspection:2026Q4"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"check_first_on": "2026-12-01"}, "check_first_on"),
        ({"check_last_on": "2026-12-21"}, "check_last_on"),
        ({"check_last_on": "2027-02-01"}, "check_last_on"),
        ({"check_share": "7"}, "check_share"),
        ({"check_team": ""}, "check_team"),
    ],
)
def test_a_plan_that_cannot_be_is_refused_at_its_field(story, staff, projects, changes, field):
    with pytest.raises(Invalid) as refused:
        plan(story, staff, **changes)
    assert set(refused.value.fields) == {field}
    assert not story.all(InspectionCheck)


def test_a_district_without_running_projects_is_not_inspected_alone(story, staff, projects):
    with pytest.raises(Invalid) as refused:
        plan(story, staff, check_districts=[str(story.town["120115"])])
    assert set(refused.value.fields) == {"check_districts"}


def test_a_sample_is_drawn_again_by_anybody_from_its_published_seed(story, staff):
    numbers = [story.project(story.register(RESERVE | {"name": f"项目{each}"})).project_no for each in range(7)]
    plan(story, staff, check_share="30")
    [row] = story.all(Inspection)
    with story.reading() as unit:
        listed = {project.project_no for _check, project in checks_of(unit.session, row.id)}
    by_hand = sorted(numbers, key=lambda number: hashlib.sha256(f"{row.seed}:{number}".encode()).hexdigest())
    assert listed == set(by_hand[: math.ceil(7 * 0.3)])
    do(story, staff.desk_leader, "approve", {"plan_approved": "false", "plan_opinion": "再抽"})
    do(story, story.town.zhao_qiang, "plan", PLANNED | {"check_share": "30"})
    [again] = story.all(Inspection)
    assert again.seed == row.seed
    assert len(story.all(InspectionCheck)) == 3


@pytest.mark.parametrize(("count", "share", "taken"), [(1, 10, 1), (10, 10, 1), (11, 10, 2), (7, 50, 4), (3, 100, 3)])
def test_a_share_is_rounded_up_to_whole_projects(count, share, taken):
    numbers = [str(number) for number in range(count)]
    assert len(drawn(numbers, share, "a1b2")) == taken
    assert drawn(numbers, share, "a1b2") == drawn(list(reversed(numbers)), share, "a1b2")


def test_what_is_missing_on_a_checklist_is_said_by_question_and_nothing_is_lost(story, staff, projects):
    approve(story, staff)
    elsewhere = story.evidence(projects[2])
    typed = sheet(story, projects[0], S1={}, S3={"verdict": "problem"}, S4={**FOUND, "evidence": [elsewhere]})
    typed["S2"] = {**FOUND, "due_on": "2026-12-01"}
    with story.unit(story.town.zhao_qiang) as unit, pytest.raises(Invalid) as refused:
        finish_check(unit, period="2026Q4", project_id=projects[0], answers=typed)
    assert set(refused.value.fields) == {"S1_verdict", "S2_due_on", "S3_fact", "S3_due_on", "S4_evidence"}
    with story.unit(story.town.zhao_qiang) as unit:
        save_check(unit, period="2026Q4", project_id=projects[0], answers=typed)
    [kept] = story.all(InspectionCheck, project_id=projects[0])
    assert kept.answers["S2"] == typed["S2"]
    assert kept.checked_at is None


def test_a_district_is_not_handed_in_with_a_project_unchecked_and_is_closed_to_the_pen_after(story, staff, projects):
    approve(story, staff)
    check(story, projects[0])
    with pytest.raises(Invalid, match="还有") as refused:
        submit(story, story.town.binhai)
    assert "乙项目" in str(refused.value)
    check(story, projects[1])
    submit(story, story.town.binhai)
    with story.unit(story.town.zhao_qiang) as unit, pytest.raises(Outdated):
        save_check(unit, period="2026Q4", project_id=projects[0], answers={})


def test_only_the_desk_writes_checklists(story, staff, projects):
    approve(story, staff)
    for stranger in (story.town.li_ming, story.town.han_xue):
        with story.unit(stranger) as unit, pytest.raises(NotPermitted):
            save_check(unit, period="2026Q4", project_id=projects[0], answers={})
    check(story, projects[0], by=staff.desk_officer)


def test_the_ledgers_dates_are_kept_beside_the_verdict(story, staff, projects):
    approve(story, staff)
    check(story, projects[0])
    [kept] = story.all(InspectionCheck, project_id=projects[0])
    assert kept.answers["S3"] == {"verdict": "ok", "planned_on": "2027-07-15"}
    assert kept.answers["S2"]["actual_on"] == "2026-04-01"


def test_an_objection_goes_up_with_the_list(story, staff, projects):
    approve(story, staff)
    check(story, projects[0], S3=FOUND)
    check(story, projects[1])
    submit(story, story.town.binhai)
    with pytest.raises(Invalid):
        do(story, story.town.chen_jing, "countersign", {"list_accepted": "false"})
    words = "第1条：施工许可证12月25日已领"
    do(story, story.town.chen_jing, "countersign", {"list_accepted": "false", "list_objection": words})
    [problem] = story.all(Problem)
    assert (problem.countersigned_by, problem.objection) == ("陈静", words)


def test_who_does_not_countersign_in_time_is_named_and_the_bulletin_goes_out_on_its_day(story, staff, projects):
    approve(story, staff)
    check(story, projects[0], S3=FOUND)
    check(story, projects[1])
    submit(story, story.town.binhai)
    story.sweep(by=timedelta(days=5))
    [problem] = story.all(Problem)
    assert problem.countersigned_by == "逾期未签认，视同无异议"
    assert not at(story, "draft")  # 武清区 is still being checked
    story.sweep(to=datetime(2027, 1, 12, 16, 0, tzinfo=UTC))
    paper = issue(story, staff)
    notes = " ".join(read_letter(paper.letter).notes)
    assert "滨海新区逾期未签认问题清单" in notes
    assert "武清区的检查或者签认还没有完成" in notes
    assert len(story.all(Rectification)) == 1


def test_a_district_that_is_late_is_put_right_after_the_bulletin(story, staff, projects):
    approve(story, staff)
    for project_id in projects[:2]:
        check(story, project_id)
    submit(story, story.town.binhai)
    do(story, story.town.chen_jing, "countersign", ACCEPTED)
    story.sweep(to=datetime(2027, 1, 12, 16, 0, tzinfo=UTC))
    issue(story, staff)
    assert not story.all(Rectification)
    check(story, projects[2], S1={**FOUND, "fact": "协议未备案"})
    submit(story, story.town.wuqing)
    do(story, staff.wuqing_head, "countersign", ACCEPTED)
    story.sweep()
    [row] = story.all(Rectification)
    assert row.rectifier_organ_id == story.town.wuqing


def test_a_district_merged_while_it_is_inspected_is_signed_for_by_its_successor(story, staff, projects):
    approve(story, staff)
    check(story, projects[0], S3=FOUND)
    check(story, projects[1])
    check(story, projects[2], S1={**FOUND, "fact": "协议未备案"})
    submit(story, story.town.wuqing)
    do(story, staff.wuqing_head, "countersign", ACCEPTED)
    with story.unit(story.town.admin) as unit:
        close_organ(unit, organ_id=story.town.binhai, last_day=day("2026-12-24"), successor_id=story.town.wuqing)
    story.sweep(to=datetime(2026, 12, 25, 2, 0, tzinfo=UTC))
    submit(story, story.town.binhai)
    do(story, staff.wuqing_head, "countersign", ACCEPTED)
    assert [(each.district_id, each.number) for each in story.all(Problem)] == [
        (story.town.wuqing, 1), (story.town.wuqing, 2),
    ]  # fmt: skip
    story.sweep()
    paper = issue(story, staff)
    with story.reading() as unit:
        assert [each.organ_id for each in deliveries_of(unit.session, paper.id)] == [story.town.wuqing]
    assert {each.rectifier_organ_id for each in story.all(Rectification)} == {story.town.wuqing}


def test_a_list_taken_back_and_handed_in_again_has_each_problem_once(story, staff, projects):
    from engine.verbs import recall_item

    approve(story, staff)
    check(story, projects[0], S3=FOUND)
    check(story, projects[1])
    submit(story, story.town.binhai)
    [done] = story.all(WorkItem, node="check", state="done")
    with story.unit(story.town.zhao_qiang) as unit:
        recall_item(unit, item_id=done.id)
    check(story, projects[0], S3=FOUND, S4={**FOUND, "fact": "无项目代码"})
    submit(story, story.town.binhai)
    assert [(each.number, each.fact) for each in story.all(Problem)] == [(1, FOUND["fact"]), (2, "无项目代码")]


def test_a_project_withdrawn_since_the_plan_holds_nobody_up(story, staff, projects):
    from models.project import mark_state

    approve(story, staff)
    check(story, projects[0])
    with story.unit() as unit:
        mark_state(unit, projects[1], state="withdrawn", reason="终止")
    submit(story, story.town.binhai)
    [district] = story.all(InspectionDistrict, organ_id=story.town.binhai)
    assert district.submitted_at == story.clock.now()


def test_a_bulletin_is_drafted_from_the_frozen_list_and_signed_by_the_desks_leader(story, staff, projects):
    through(story, staff, projects)
    do(story, story.town.zhao_qiang, "draft", WORDS)
    [row] = story.all(Dispatch)
    assert row.letter["sections"][1]["text"] == WORDS["inspection_findings"]
    assert row.letter["to"] == "武清区人民政府、滨海新区人民政府"
    assert not story.all(Notice, kind="bulletin")
    assert not story.all(Rectification)

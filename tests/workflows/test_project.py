"""A key project from reserve to production, back a stage, suspended and withdrawn."""

from datetime import timedelta
from statistics import median

import pytest
from sqlalchemy import text

from models.milestone import milestones
from models.refusal import Invalid, NotDue, NotPermitted
from tests.workflows.story import APPROVE, RESERVE, SIGN
from workflows.project import resume_project, return_stage, suspend_project, withdraw_project

USCC = "91120116MA06A1B23Y"
SUPPORT = {"outcome": "已办结", "result": "已落实"}
EXITS = {
    "reserve": {
        "passed": "true",
        "build_nature": "新建",
        "plan_start_on": "2027-03-01",
        "plan_finish_on": "2028-12-31",
        "agreement_kind": "投资",
        "sign_entity": "演示投资有限公司",
        "signed_on": "2026-11-24",
    },
    "sign": {
        "passed": "true",
        "local_company": "演示电池（天津）有限公司",
        "local_uscc": USCC,
        "registered_on": "2026-11-24",
        "fai_code": "2611-120116-04-01-123456",
        "approval_kind": "备案",
    },
    "approve": {
        "passed": "true",
        "plan_start_on": "2027-03-01",
        "permit_issued_on": "2026-11-24",
        "start_kind": "建安类",
    },
    "start": {
        "passed": "true",
        "plan_finish_on": "2028-12-31",
        "actual_start_on": "2026-11-24",
        "in_stat_on": "2026-11-24",
    },
    "build": {"passed": "true", "visual_milestone": "设备安装调试", "actual_finish_on": "2026-11-24"},
    "produce": {"passed": "true", "produced_on": "2026-11-24"},
}


def plan(story, departments=()):
    return {
        "plan": "按计划推进",
        "plan_on": "2027-01-15",
        "departments": list(departments),
        **({"needs": "请协助落实"} if departments else {}),
    }


def through(story, project_id, code, departments=()):
    """One stage: planned, supported by the departments asked, left."""
    town = story.town
    story.do(town.li_ming, project_id, f"{code}_plan", plan(story, departments))
    holders = {
        town["rsj"]: town.zhou_wei,
        town["jw"]: town.wu_min,
        town["wjw"]: town.zheng_hao,
        town["jrj"]: town.feng_juan,
        town["sw"]: town.jiang_tao,
    }
    for item in [item for item in story.items(project_id) if item.node == f"{code}_support"]:
        story.complete(holders[item.organ_id], item, SUPPORT)
    story.do(town.li_ming, project_id, f"{code}_exit", EXITS[code] | {"evidence": [story.evidence(project_id)]})


def test_evidence_filed_for_another_project_is_refused_at_its_field(story):
    project_id, other = story.register(), story.register(RESERVE | {"name": "演示另一项目"})
    story.do(story.town.li_ming, project_id, "reserve_plan", plan(story))
    for number in (story.evidence(other), "999"):
        with pytest.raises(Invalid) as refused:
            story.do(story.town.li_ming, project_id, "reserve_exit", EXITS["reserve"] | {"evidence": [number]})
        assert set(refused.value.fields) == {"evidence"}


def test_from_reserve_to_production_with_five_departments_in_each_stage(story):
    project_id = story.register()
    five = [story.town[code] for code in ("rsj", "jw", "wjw", "jrj", "sw")]
    for code in EXITS:
        assert story.project(project_id).stage == code
        through(story, project_id, code, five)
    project = story.project(project_id)
    assert (project.state, story.process("project", project_id).status) == ("produced", "done")
    assert (project.local_uscc, str(project.permit_issued_on)) == (USCC, "2026-11-24")
    with story.reading() as unit:
        reached = [row.code for row in milestones(unit.session, project_id)]
    assert [code for code in reached if code in EXITS] == list(EXITS)
    assert "equipment" in reached


def test_the_stored_state_stays_small_through_the_whole_life(story):
    """length(state) read by SQL after each completion, five departments asked in each stage."""
    project_id = story.register()
    five = [story.town[code] for code in ("rsj", "jw", "wjw", "jrj", "sw")]
    sizes = []

    def measure():
        with story.reading() as unit:
            query = text("SELECT length(state) FROM process WHERE key = 'project' AND project_id = :id")
            sizes.append(unit.session.scalar(query, {"id": project_id}))

    complete = story.complete
    story.complete = lambda *args: (complete(*args), measure())[0]
    for code in EXITS:
        through(story, project_id, code, five)
    assert len(sizes) == 6 * 7
    assert median(sizes) <= 1024
    assert max(sizes) <= 2048


def test_a_project_enters_at_the_stage_it_is_in(story):
    project_id = story.register(APPROVE)
    assert [item.node for item in story.items(project_id)] == ["approve_plan"]


def test_a_project_with_gaps_starts_with_a_task_to_verify_it_and_names_what_is_missing(story):
    project_id = story.register({"name": "一汽丰田新能源工厂", "total_investment": "850000"})
    assert story.project(project_id).light == "grey"
    answers = {
        "stage": "sign",
        "owner_organ_id": str(story.town.teda),
        "capital_nature": "内资",
        "source_region": "北京",
        "investor_name": "演示投资有限公司",
        "total_investment": "850000",
    }
    with pytest.raises(Invalid) as refused:
        story.do(story.town.li_ming, project_id, "verify", answers)
    assert {"investor_uscc", "signed_on", "plan_start_on"} <= set(refused.value.fields)
    known = {name: value for name, value in SIGN.items() if name != "name"}
    story.do(story.town.li_ming, project_id, "verify", known | answers | {"investor_uscc": USCC})
    project = story.project(project_id)
    assert (project.state, project.stage, project.owner_organ_id) == ("running", "sign", story.town.teda)
    assert [item.organ_id for item in story.items(project_id)] == [story.town.teda]


def test_a_stage_that_is_not_done_is_planned_again(story):
    project_id = story.register()
    story.do(story.town.li_ming, project_id, "reserve_plan", plan(story))
    story.do(story.town.li_ming, project_id, "reserve_exit", {"passed": "false", "gap": "协议条款仍在谈"})
    assert [item.node for item in story.items(project_id)] == ["reserve_plan"]


def test_back_one_stage_cancels_what_departments_were_asked(story):
    project_id = story.register(SIGN)
    story.do(story.town.li_ming, project_id, "sign_plan", plan(story, [story.town["rsj"]]))
    with pytest.raises(NotPermitted), story.unit(story.town.zhou_wei) as unit:
        return_stage(unit, project_id=project_id, answers={"reason": "越权"})
    with story.unit(story.town.li_ming) as unit:
        return_stage(unit, project_id=project_id, answers={"reason": "投资方要求重谈协议"})
    assert [item.node for item in story.items(project_id)] == ["reserve_plan"]
    assert [item.node for item in story.items(project_id, "cancelled")] == ["sign_support"]
    assert story.project(project_id).stage == "reserve"
    with pytest.raises(NotDue), story.unit(story.town.li_ming) as unit:
        return_stage(unit, project_id=project_id, answers={"reason": "再退"})


def test_withdrawal_ends_everything_and_the_light_goes_out(story):
    project_id = story.register(SIGN)
    with pytest.raises(NotPermitted), story.unit(story.town.li_ming) as unit:
        withdraw_project(unit, project_id=project_id, answers={"reason_kind": "其他", "reason": "x"})
    with story.unit(story.town.zhao_qiang) as unit:
        withdraw_project(unit, project_id=project_id, answers={"reason_kind": "投资方放弃", "reason": "投资方来函终止"})
    project = story.project(project_id)
    assert (project.state, project.light, project.state_reason) == ("withdrawn", "grey", "投资方来函终止")
    assert (story.items(project_id), story.process("project", project_id).status) == ([], "done")


def test_suspension_stops_the_clock_and_the_light(story):
    project_id = story.register(APPROVE)
    story.sweep()
    before = story.items(project_id)[0].due_at
    with story.unit(story.town.chen_jing) as unit:
        suspend_project(unit, project_id=project_id, answers={"reason": "等待规划调整"})
    assert story.project(project_id).light == "grey"
    story.sweep(by=timedelta(days=14))
    with story.unit(story.town.chen_jing) as unit:
        resume_project(unit, project_id=project_id)
    project = story.project(project_id)
    assert (project.state, project.light) == ("running", "red")
    assert story.items(project_id)[0].due_at == before + timedelta(days=14)


def test_a_stage_past_its_day_is_noted_once_and_goes_on(story):
    project_id = story.register()
    due = story.process("project", project_id).wakes_at
    assert story.sweep(to=due)["timers"] == 1
    assert "timers" not in story.sweep(by=timedelta(seconds=1))
    assert [item.node for item in story.items(project_id)] == ["reserve_plan"]


def test_a_wrong_credit_code_is_refused_at_its_field(story):
    with pytest.raises(Invalid) as refused:
        story.register(RESERVE | {"investor_uscc": "91120116MA06A1B231"})
    assert set(refused.value.fields) == {"investor_uscc"}

"""Stories told on the project pages: who sees what, what a page says, what moves on the drawing."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import event

from models.case_history import case_history, processes_of
from models.unit import CLOCK
from tests.web.house import Story, open_story
from tests.web.ledger_desk import RESERVE, plan, project_in, sign, state_of
from workflows.project import register_and_open


@pytest.fixture
def story(database, clock, tmp_path) -> Story:
    return open_story(database, clock, tmp_path)


def test_a_district_sees_its_own_projects_and_no_others(story):
    ours, theirs = project_in(story, story.town.binhai), project_in(story, story.town.wuqing, name="武清医药园")
    page = story.client(story.town.li_ming).get("/projects").get_data(as_text=True)
    assert "氢能装备制造基地" in page
    assert "武清医药园" not in page
    assert story.client(story.town.li_ming).get(f"/projects/{ours}").status_code == 200
    assert story.client(story.town.li_ming).get(f"/projects/{theirs}").status_code == 404
    everything = story.client(story.town.zhao_qiang).get("/projects").get_data(as_text=True)
    assert "武清医药园" in everything
    assert "氢能装备制造基地" in everything


def test_what_belongs_to_another_district_cannot_be_reached_by_any_address(story):
    theirs = project_in(story, story.town.wuqing)
    with story.reading() as unit:
        [process] = processes_of(unit.session, theirs)
    client = story.client(story.town.li_ming)
    for path in ("edit", "amount", "milestone", "upload", "return-stage", "coordination",
                 f"processes/{process.id}/state.json", f"processes/{process.id}/diagram.bpmn"):  # fmt: skip
        assert client.get(f"/projects/{theirs}/{path}").status_code == 404, path
    assert (
        client.post(f"/projects/{theirs}/amount", data={"kind": "funds", "amount": "1", "on": "2026-11-01"}).status_code
        == 404
    )


def test_a_process_is_only_shown_under_its_own_project(story):
    one, other = project_in(story, story.town.binhai), project_in(story, story.town.binhai, name="第二个")
    with story.reading() as unit:
        [process] = processes_of(unit.session, other)
    assert story.client(story.town.li_ming).get(f"/projects/{one}/processes/{process.id}/state.json").status_code == 404


def test_two_characters_find_a_project_and_the_totals_follow(story):
    project_in(story, story.town.binhai)
    project_in(story, story.town.binhai, name="医药产业园", total_investment="8500", investor_name="甲公司")
    client = story.client(story.town.li_ming)
    page = client.get("/projects?q=氢能").get_data(as_text=True)
    assert page.count('data-testid="project-row"') == 1
    assert "12 亿元" in page
    assert "12.85 亿元" in client.get("/projects").get_data(as_text=True)
    assert "没有符合条件的项目" in client.get("/projects?q=没有这样的").get_data(as_text=True)


def test_filters_narrow_and_nonsense_finds_nothing(story):
    project_in(story, story.town.binhai)
    project_in(story, story.town.wuqing, name="武清医药园")
    client = story.client(story.town.zhao_qiang)
    in_wuqing = client.get(f"/projects?district={story.town.wuqing}").get_data(as_text=True)
    assert "武清医药园" in in_wuqing
    assert "氢能装备制造基地" not in in_wuqing
    for address in ("district=x", "stage=build", "light=red", "state=withdrawn", "after=%7C"):
        answer = client.get(f"/projects?{address}")
        assert answer.status_code == 200, address
    assert client.get("/projects?sort=nonsense").status_code == 422
    assert client.get("/projects?stage=build").get_data(as_text=True).count('data-testid="project-row"') == 0


def test_pages_of_the_list_go_on_where_the_last_one_ended(story):
    with story.unit() as unit:
        for number in range(60):
            register_and_open(unit, owner_organ_id=story.town.binhai, values={**RESERVE, "name": f"项目{number:02}"})
    client, seen, address = story.client(story.town.li_ming), [], "/projects"
    while address:
        page = client.get(address).get_data(as_text=True)
        seen += re.findall(r'<td class="cell-main"><a href="/projects/(\d+)"', page)
        found = re.search(r'href="([^"]+)" rel="next"', page)
        address = found[1].replace("&amp;", "&") if found else ""
    assert len(seen) == 60
    assert len(set(seen)) == 60


def counted(story: Story, officer, address: str) -> int:
    """How many statements one answer costs, the visitor's own among them."""
    client, statements = story.client(officer), []
    client.get(address)  # what is read once per process is read now

    def note(_conn, _cursor, statement, *_rest):
        if statement.startswith("SELECT"):
            statements.append(statement)

    engine = story.house.database.reading
    event.listen(engine, "before_cursor_execute", note)
    try:
        assert client.get(address).status_code == 200
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return len(statements)


def test_the_list_costs_a_dozen_queries_however_many_it_shows(story):
    project_in(story, story.town.binhai)
    few = counted(story, story.town.li_ming, "/projects?q=基地")
    for number in range(20):
        project_in(story, story.town.binhai, name=f"产业基地{number}")
    assert counted(story, story.town.li_ming, "/projects?q=基地") == few
    assert few <= 12


def test_the_project_page_costs_the_same_however_much_has_happened(story):
    project_id = project_in(story, story.town.binhai)
    few = counted(story, story.town.li_ming, f"/projects/{project_id}")
    plan(story, story.town.li_ming, project_id, (story.town["rsj"], story.town["jw"]))
    client = story.client(story.town.li_ming)
    for day in range(1, 9):
        client.post(f"/projects/{project_id}/amount", data={"kind": "funds", "amount": "10", "on": f"2026-11-0{day}"})
    assert counted(story, story.town.li_ming, f"/projects/{project_id}") == few
    assert few <= 30


def test_the_history_tells_who_did_what_and_how_long_it_took(story, clock):
    project_id = project_in(story, story.town.binhai)
    clock.move(by=timedelta(days=3))
    plan(story, story.town.li_ming, project_id)
    sign(story, story.town.li_ming, project_id)
    page = story.client(story.town.li_ming).get(f"/projects/{project_id}").get_data(as_text=True)
    told = re.sub(r"<[^>]+>", " ", page[page.index('id="history"') :])
    assert re.search(r"办结：储备阶段部署与配套需求\s+用时 3 天\s+李明 · 滨海新区", told)
    assert re.search(r"完成：储备阶段\s+用时 3 天", told)
    assert "登记项目" in told
    assert "进入签约阶段" in told
    assert "待办：签约阶段部署与配套需求" in told


def test_the_drawing_moves_when_a_task_is_done(story):
    project_id = project_in(story, story.town.binhai)
    before = state_of(story, story.town.li_ming, project_id)
    assert {"reserve_stage", "reserve_plan"} == {each["id"] for each in before["active"]}
    plan(story, story.town.li_ming, project_id, (story.town["rsj"], story.town["jw"]))
    asked = state_of(story, story.town.li_ming, project_id)
    support = next(each for each in asked["active"] if each["id"] == "reserve_support")
    assert "reserve_plan" in asked["done"]
    assert len(support["who"].split("、")) == 2
    assert support["days"] > 0
    assert not support["late"]


def test_a_stage_that_is_left_is_done_and_the_next_one_open(story):
    project_id = project_in(story, story.town.binhai)
    plan(story, story.town.li_ming, project_id)
    sign(story, story.town.li_ming, project_id)
    state = state_of(story, story.town.li_ming, project_id)
    assert {"reserve_plan", "reserve_exit", "reserve_stage", "sign_enter"} <= set(state["done"])
    assert {"sign_stage", "sign_plan"} == {each["id"] for each in state["active"]}


def test_a_late_task_is_late_on_the_drawing_too(story, clock):
    project_id = project_in(story, story.town.binhai)
    clock.move(by=timedelta(days=40))
    state = state_of(story, story.town.li_ming, project_id)
    late = next(each for each in state["active"] if each["id"] == "reserve_plan")
    assert late["late"]
    assert late["days"] < 0


def test_the_drawing_is_that_of_the_version_the_process_runs_on(story):
    project_id = project_in(story, story.town.binhai)
    with story.reading() as unit:
        [process] = processes_of(unit.session, project_id)
    answer = story.client(story.town.li_ming).get(f"/projects/{project_id}/processes/{process.id}/diagram.bpmn")
    assert answer.mimetype == "application/xml"
    assert b'id="reserve_stage"' in answer.data


def test_a_guess_of_ours_is_never_shown_as_a_fact(story):
    with story.unit(story.town.zhao_qiang) as unit:
        project = register_and_open(
            unit, owner_organ_id=story.town.hzjl, source="公开名单",
            values={"name": "数据基地", "guess_district": "武清区", "guess_chain": "信创"},
        )  # fmt: skip
    page = story.client(story.town.zhao_qiang).get(f"/projects/{project.id}").get_data(as_text=True)
    assert re.search(r'武清区 <span class="tag warn">推测，待核实</span>', page)
    assert "来源：公开名单" in page
    assert "待补录" in page
    listed = story.client(story.town.zhao_qiang).get("/projects").get_data(as_text=True)
    assert 'class="tight">待核实</td>' in listed


def test_demo_projects_say_so(story):
    with story.unit() as unit:
        project = register_and_open(unit, owner_organ_id=story.town.binhai, values=RESERVE, demo=True)
    page = story.client(story.town.li_ming).get(f"/projects/{project.id}").get_data(as_text=True)
    assert "演示数据，虚构的项目" in page
    assert "演示" in story.client(story.town.li_ming).get("/projects").get_data(as_text=True)


def test_the_light_explains_itself(story):
    project_id = project_in(story, story.town.binhai, stage="sign", signed_on="2026-01-10", agreement_kind="投资",
                            sign_entity="区政府", build_nature="新建", plan_start_on="2026-03-01", chain="新能源",
                            plan_finish_on="2028-01-01", industry_code="C3811")  # fmt: skip
    page = story.client(story.town.li_ming).get(f"/projects/{project_id}").get_data(as_text=True)
    panel = page[page.index('id="light"') :]
    assert "怎样转绿：" in panel
    assert "应开工未开工的月数" in panel
    assert "规则版本：" in panel


def test_the_page_speaks_english_by_switch(story):
    project_id = project_in(story, story.town.binhai)
    page = story.client(story.town.li_ming, language="en").get(f"/projects/{project_id}").get_data(as_text=True)
    assert "Where the process stands" in page
    assert "办理经过" not in page


def test_who_only_keeps_the_house_sees_no_project(story):
    assert story.client(story.town.admin).get("/projects").status_code == 403
    assert story.client(story.town.auditor).get("/projects").status_code == 403


def test_the_story_of_a_project_is_read_in_four_queries(story):
    project_id = project_in(story, story.town.binhai)
    statements = []
    engine = story.house.database.reading
    event.listen(engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    with story.reading(CLOCK) as unit:
        found = case_history(unit.session, project_id)
    assert len([each for each in statements if each.startswith("SELECT")]) == 4
    assert [each.key for each in found.processes] == ["project"]

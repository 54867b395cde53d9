"""Stories told on the project pages: who sees what, what a page says, what moves on the drawing, and what may be done."""

import io
import re
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import event, select

from engine.door import complete_item
from models.amount import entries
from models.attachment import attachments
from models.case_history import case_history, processes_of
from models.milestone import milestones
from models.process import WorkItem
from models.project import Project
from models.project_list import ProjectFilter, list_projects
from models.supervision import open_supervision
from models.unit import CLOCK
from tests.web.house import Story, open_story
from workflows.project import register_and_open

PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"
    b"\x00\x00\x00\rIDATx\x9cc\xf8\xff\xff?\x00\x05\xfe\x02\xfe\xa7\x9a\xa0\xa0\x00\x00\x00\x00IEND\xaeB`\x82"
)
RESERVE = {
    "name": "氢能装备制造基地", "stage": "reserve", "capital_nature": "内资", "source_region": "北京市",
    "investor_name": "北京氢能科技有限公司", "investor_uscc": "91110108MA01A2B3C4", "total_investment": "120000",
}  # fmt: skip


@pytest.fixture
def story(database, clock, tmp_path) -> Story:
    return open_story(database, clock, tmp_path)


def uscc(body: str) -> str:
    """A credit code with its check sign."""
    signs = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    weights = [pow(3, place, 31) for place in range(17)]
    total = sum(signs.index(sign) * weight for sign, weight in zip(body, weights, strict=True))
    return body + signs[(31 - total % 31) % 31]


RESERVE["investor_uscc"] = uscc("91110108MA01A2B3C")


def project_in(story: Story, organ_id: int, **values: object) -> int:
    """A registered project whose process runs; returns its number."""
    with story.unit() as unit:
        return register_and_open(unit, owner_organ_id=organ_id, values={**RESERVE, **values}).id


def ready(story: Story, project_id: int) -> list[WorkItem]:
    with story.reading() as unit:
        query = select(WorkItem).where(WorkItem.project_id == project_id, WorkItem.state == "ready")
        return list(unit.session.scalars(query.order_by(WorkItem.id)))


def state_of(story: Story, officer, project_id: int, key: str = "project") -> dict:
    with story.reading() as unit:
        process = next(each for each in processes_of(unit.session, project_id) if each.key == key)
    return story.client(officer).get(f"/projects/{project_id}/processes/{process.id}/state.json").json


def plan(story: Story, actor, project_id: int, departments: tuple[int, ...] = ()) -> None:
    """The lead's first task of a stage is done."""
    [item] = ready(story, project_id)
    posted = {"plan": "按周推进", "plan_on": "2026-12-31", "departments": [str(each) for each in departments]}
    if departments:
        posted["needs"] = "请协助办理"
    with story.unit(actor) as unit:
        complete_item(unit, item_id=item.id, version=item.version, posted=posted)


def sign(story: Story, actor, project_id: int) -> None:
    """储备 is left: the agreement has been signed."""
    [item] = ready(story, project_id)
    story.client(actor).post(f"/projects/{project_id}/upload", data={"files": (io.BytesIO(PNG), "协议.png")})
    with story.reading() as unit:
        [paper] = attachments(unit.session, project_id)
    facts = {"passed": "true", "signed_on": "2026-11-20", "agreement_kind": "投资", "sign_entity": "滨海新区人民政府",
             "build_nature": "新建", "plan_start_on": "2027-03-01", "plan_finish_on": "2028-06-30",
             "evidence": [str(paper.id)]}  # fmt: skip
    with story.unit(actor) as unit:
        complete_item(unit, item_id=item.id, version=item.version, posted=facts)


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
    assert client.post(f"/projects/{theirs}/amount", data={"kind": "funds", "amount": "1", "on": "2026-11-01"}).status_code == 404


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
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert story.client(story.town.wang_fang).get(f"/projects/{project_id}/files/{row.id}").status_code == 404
    other = project_in(story, story.town.binhai, name="另一个")
    assert client.get(f"/projects/{other}/files/{row.id}").status_code == 404
    refused = client.post(f"/projects/{project_id}/upload", data={"files": (io.BytesIO(b"<script>"), "现场.png")})
    assert refused.status_code == 422


def test_coordination_is_asked_numbered_and_listed(story):
    project_id = project_in(story, story.town.binhai)
    client = story.client(story.town.li_ming)
    asked = {"target_organ": story.town["fgw"], "kind": "审批", "subject": "请协调项目备案", "body": "材料已齐，请加快。"}
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

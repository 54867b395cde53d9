"""Stories told on the leader's page and the supervision board: each number leads to its list, each act is felt."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import event, select

from models.message import newest_messages
from models.organ import organ_by_code
from models.process import WorkItem
from models.project import Project
from models.supervision import open_supervision
from models.unit import CLOCK
from tests.cast import hire
from tests.web.house import Story, open_story
from tests.workflows.story import APPROVE, PlainRenderer
from workflows.project import register_and_open

RED, YELLOW, GREEN = ({"plan_start_on": on} for on in ("2026-07-15", "2026-10-15", "2027-06-01"))


@pytest.fixture
def story(database, clock, tmp_path) -> Story:
    return open_story(database, clock, tmp_path, renderer=PlainRenderer())


def project_in(story: Story, code: str, name: str, values=RED) -> int:
    with story.unit() as unit:
        owner = organ_by_code(unit.session, code).id
        return register_and_open(unit, owner_organ_id=owner, values=APPROVE | values | {"name": name}).id


@pytest.fixture
def city(story) -> dict[str, int]:
    found = {
        "binhai": project_in(story, "120116", "滨海电池项目"),
        "zone": project_in(story, "120116400", "开发区芯片项目"),
        "yellow": project_in(story, "120116", "滨海滞后项目", YELLOW),
        "green": project_in(story, "120115", "宝坻按期项目", GREEN),
        "wuqing": project_in(story, "120114", "武清装备项目"),
    }
    story.sweep()
    return found


def later(story: Story, clock, **span: int) -> None:
    clock.move(by=timedelta(**span))
    story.sweep()


def item_of(story: Story, project_id: int, node: str) -> WorkItem:
    with story.reading() as unit:
        query = select(WorkItem).where(
            WorkItem.project_id == project_id, WorkItem.node == node, WorkItem.state == "ready"
        )
        return unit.session.scalars(query).one()


def total_of(page: str) -> int:
    """The total a list states of itself."""
    stated = re.search(r'data-testid="totals"><div><dt>[^<]*</dt><dd>(\d+)', page) or re.search(
        r'<section[^>]* id="list".*?class="panel-count">(\d+)', page, re.DOTALL
    )
    return int(stated[1])


def counted(story: Story, officer, address: str) -> int:
    """How many questions one answer costs, the visitor's and the frame's among them."""
    client, statements = story.client(officer), []
    client.get(address)  # what is read once per process is read now

    def note(_conn, _cursor, statement, *_rest):
        if statement.startswith("SELECT"):
            statements.append(statement)

    event.listen(story.house.database.reading, "before_cursor_execute", note)
    try:
        assert client.get(address).status_code == 200
    finally:
        event.remove(story.house.database.reading, "before_cursor_execute", note)
    return len(statements)


def test_every_number_on_the_leaders_page_is_the_total_of_the_list_it_leads_to(story, city, clock):
    later(story, clock, days=8)
    for officer in (story.town.sun_li, story.town.chen_jing):
        client = story.client(officer)
        page = client.get("/").get_data(as_text=True)
        numbers = re.findall(r'href="([^"]+)" data-testid="figure-(\w+)".*?<b>(\d+)', page)
        assert [name for _, name, _ in numbers] == ["projects", "red", "yellow", "overdue", "rectifications"]
        stages = re.findall(r'href="([^"]+)" data-testid="stage-count">.*?<b>(\d+)', page)
        stalled = re.findall(r'href="([^"]+)" aria-label="[^"]*停滞 (\d+)"', page)
        tiles = re.findall(r'href="([^"]+)" aria-label="[^"]* (?:红灯|黄灯|项目) (\d+)"', page)
        assert len(stages) == 6
        assert len(stalled) == 1
        assert len(tiles) >= 21
        led = [(href, number) for href, _, number in numbers] + stages + stalled + tiles
        for href, number in led:
            assert total_of(client.get(href.replace("&amp;", "&")).get_data(as_text=True)) == int(number), href


def test_the_grid_shows_all_sixteen_districts_and_says_that_it_is_no_map(story, city):
    page = story.client(story.town.sun_li).get("/").get_data(as_text=True)
    places = re.findall(r'<li class="at-c(\d) at-r(\d)">', page)
    assert len(places) == len(set(places)) == 16
    assert "示意方位，非地图" in page
    assert page.count('data-testid="tile"') == 21


def test_the_leader_sees_what_needs_her_and_her_word_reaches_the_holder(story, city):
    town = story.town
    leader = story.client(town.sun_li)
    page = leader.get("/").get_data(as_text=True)
    rows = re.findall(r'data-testid="attention-row".*?<a href="/projects/(\d+)">', page, re.DOTALL)
    assert {int(row) for row in rows} == {city["binhai"], city["zone"], city["wuqing"]}
    item = item_of(story, city["binhai"], "approve_plan")
    assert f'/supervise/items/{item.id}/urge"' in page
    address = f"/supervise/items/{item.id}/urge"
    empty = leader.post(address, data={"words": "  ", "next": "/"})
    assert (empty.status_code, "请写明批示内容。" in empty.get_data(as_text=True)) == (422, True)
    done = leader.post(address, data={"words": "请本周内到现场推动", "next": "/"})
    assert (done.status_code, done.headers["Location"]) == (303, "/")
    story.sweep()
    with story.reading() as unit:
        told = newest_messages(unit.session, town.li_ming.officer_id)
    assert (told[0].text, told[0].words) == ("催办：%(name)s", "请本周内到现场推动")
    assert "请本周内到现场推动" in story.client(town.li_ming).get(f"/tasks/{item.id}").get_data(as_text=True)
    assert "今天已催办" in leader.get("/").get_data(as_text=True)


def test_a_second_word_on_the_same_day_is_refused_with_its_text_kept(story, city):
    item = item_of(story, city["binhai"], "approve_plan")
    address = f"/supervise/items/{item.id}/urge"
    supervisor = story.client(story.town.zhao_qiang)
    assert supervisor.post(address, data={"words": "请抓紧"}).status_code == 303
    again = story.client(story.town.sun_li).post(address, data={"words": "我再说一次", "next": "//elsewhere.example"})
    page = again.get_data(as_text=True)
    assert again.status_code == 409
    assert "每个事项每天只催办一次" in page
    assert "我再说一次" in page
    assert "elsewhere.example" not in page


def test_an_item_of_another_district_cannot_be_urged_nor_known_of(story, city):
    item = item_of(story, city["wuqing"], "approve_plan")
    for officer, status in ((story.town.chen_jing, 404), (story.town.li_ming, 403), (story.town.sun_li, 303)):
        answer = story.client(officer).post(f"/supervise/items/{item.id}/urge", data={"words": "快办"})
        assert answer.status_code == status


def test_who_has_no_leaders_page_is_led_to_the_first_page_of_the_menu(story, city):
    answer = story.client(story.town.li_ming).get("/")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/tasks")
    assert story.client(story.town.chen_jing).get("/").status_code == 200
    with story.unit() as unit:
        nobody = hire(unit, "新人", "auditor", story.town.hzjl)
    entries = {entry.permit for entry in story.app.jinja_env.globals["menu_entries"]}
    assert story.client(nobody).get("/").status_code in ((303,) if "audit.view" in entries else (303, 403))


def test_a_city_without_trouble_says_so(story):
    project_in(story, "120115", "宝坻按期项目", GREEN)
    page = story.client(story.town.sun_li).get("/").get_data(as_text=True)
    assert "没有需要您过问的事" in page
    board = story.client(story.town.zhao_qiang).get("/supervise").get_data(as_text=True)
    assert "没有正在督办的项目" in board
    assert "公文都已签收" in board
    for address, words in (
        ("lit", "没有亮灯而未督办的项目"),
        ("rectifications", "没有正在进行的整改"),
        ("overdue", "没有超期事项"),
    ):
        assert words in story.client(story.town.zhao_qiang).get(f"/supervise/{address}").get_data(as_text=True)


def test_the_board_shows_each_ladder_with_its_rung_and_what_comes_next(story, city, clock):
    supervisor = story.client(story.town.zhao_qiang)
    page = supervisor.get("/supervise").get_data(as_text=True)
    assert page.count('data-testid="supervise-row"') == total_of(page) == 3
    assert "2026年12月1日仍未转绿，升为督办通知单" in page
    later(story, clock, days=8)
    sign = item_of(story, city["binhai"], "sign_l2")
    supervisor = story.client(story.town.zhao_qiang)
    page = supervisor.get("/supervise").get_data(as_text=True)
    assert f'<a class="btn btn-sm btn-primary" href="/tasks/{sign.id}"' in page
    district = story.client(story.town.li_ming).get("/supervise").get_data(as_text=True)
    assert district.count('data-testid="supervise-row"') == 2
    assert "btn-primary" not in district[district.index('id="list"') : district.index('id="unanswered"')]


def test_the_board_is_filtered_by_light_district_and_rung(story, city):
    client, town = story.client(story.town.zhao_qiang), story.town
    for query, number in (
        ("light=red", 3),
        ("light=green", 0),
        ("rung=1", 3),
        ("rung=5", 0),
        (f"district={town.binhai}", 2),
        (f"organ={town.teda}", 1),
        ("district=x", 0),
        (f"district={town.wuqing}&light=red&rung=1", 1),
    ):
        page = client.get(f"/supervise?{query}").get_data(as_text=True)
        assert (page.count('data-testid="supervise-row"'), total_of(page)) == (number, number), query


def test_each_number_of_the_board_is_the_total_of_its_list(story, city, clock):
    later(story, clock, days=8)
    client = story.client(story.town.zhao_qiang)
    page = client.get("/supervise").get_data(as_text=True)
    tabs = re.findall(r'<a href="(/supervise[^"]*)"[^>]*>[^<]+<b>(\d+)</b></a>', page)
    lit = re.findall(r'lit-(?:red|yellow)"><a href="([^"]+)">(\d+)</a>', page)
    rungs = re.findall(r'class="rung rung-\d" href="([^"]+)".*?<em>(\d+)</em>', page)
    blockers = re.findall(r'<a href="([^"]+)">[^<]+</a></span><b>(\d+) 件', page)
    assert len(tabs) >= 3
    assert len(rungs) == 5
    assert len(blockers) == 3
    for href, number in [*tabs, *lit, *rungs, *blockers]:
        assert total_of(client.get(href.replace("&amp;", "&")).get_data(as_text=True)) == int(number), href


def test_a_supervisor_starts_a_ladder_from_the_list_of_lit_projects_and_raises_it(story, city):
    client = story.client(story.town.zhao_qiang)
    page = client.get("/supervise/lit").get_data(as_text=True)
    address = f"/projects/{city['yellow']}/supervise"
    assert f'action="{address}"' in page
    district = story.client(story.town.li_ming).get("/supervise/lit").get_data(as_text=True)
    assert 'data-testid="case-row"' in district
    assert "act-supervise" not in district
    assert client.post(address, data={"reason": "市领导关注"}).status_code == 303
    board = client.get("/supervise").get_data(as_text=True)
    assert "人工发起：市领导关注" in board
    raised = f"/projects/{city['yellow']}/raise-rung"
    assert f'action="{raised}"' in board
    assert client.post(raised, data={"reason": "不再等待"}).status_code == 303
    assert item_of(story, city["yellow"], "sign_l2").organ_id == story.town.hzjl
    with story.reading() as unit:
        assert open_supervision(unit.session, city["yellow"]).by_hand == "市领导关注"


def test_a_rectification_is_listed_with_its_round_and_day(story, city, clock):
    from engine.door import complete_item

    for node in ("sign_l2", "sign_l3"):
        later(story, clock, days=8)
        item = item_of(story, city["binhai"], node)
        with story.unit(story.town.zhao_qiang) as unit:
            complete_item(unit, item_id=item.id, version=item.version, posted={})
    page = story.client(story.town.li_ming).get("/supervise/rectifications").get_data(as_text=True)
    assert "第1轮 · 签收回执" in page
    assert "2026年12月14日" in page
    assert "没有正在进行的整改" in story.client(story.town.wang_fang).get("/supervise/rectifications").get_data(
        as_text=True
    )


def test_the_boards_cost_a_dozen_questions_however_many_projects(story, city, clock):
    later(story, clock, days=8)
    before = {address: counted(story, story.town.zhao_qiang, address) for address in ADDRESSES}
    for number in range(6):
        project_in(story, "120110", f"东丽项目{number}")
    story.sweep()
    after = {address: counted(story, story.town.zhao_qiang, address) for address in ADDRESSES}
    assert after == before
    assert max(after.values()) <= 12


ADDRESSES = ("/", "/supervise", "/supervise/lit", "/supervise/rectifications", "/supervise/overdue", "/notices")


@pytest.mark.parametrize("address", ADDRESSES)
def test_the_switch_leaves_no_chinese_but_the_data(story, city, address):
    with story.unit(CLOCK) as unit:
        for project in unit.session.scalars(select(Project)):
            project.light_reasons = []
    page = story.client(story.town.zhao_qiang, language="en").get(address).get_data(as_text=True)
    main = page[page.index("<main") : page.index("</main>")]
    data = {"滨海电池项目", "开发区芯片项目", "滨海滞后项目", "宝坻按期项目", "武清装备项目"}
    for text in sorted(data, key=len, reverse=True):
        main = main.replace(text, "")
    left = [line for line in re.findall(r"[\u3400-\u9fff][^<\"]*", main) if "〔" not in line]
    assert [line for line in left if not re.match(r"(关于|推进情况|的?(提醒函|督办)|审批阶段|号)", line)] == []

"""The whole in a browser: a ledger is imported, work moves on, a project stalls, climbs, is put right and turns green."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pymupdf
import pytest
from playwright.sync_api import Browser, expect

from models.clock import SystemClock, local_day
from tests.web.ledger_desk import PNG, uscc
from tests.web.story_browser import Person, Served, let_time_pass, served_house
from tests.web.test_looks import chromium  # noqa: F401 - a fixture

pytestmark = pytest.mark.browser
PROJECT, OWNER, HELPER = "示范氢能装备基地", "滨海新区", "市人社局"
CODE = uscc("91120116MA06A1B23")
OWN_PASSWORD = "Bohai-Qingneng-2026"


@pytest.fixture
def house(tmp_path) -> Iterator[Served]:
    """The demo's people without any project."""
    with served_house(tmp_path, "demo", "people") as served:
        yield served


def ledger(folder: Path, today: date) -> Path:
    """One project under 审批 with all its facts, which should have begun 80 days ago."""
    late = today - timedelta(days=80)
    row = {
        "项目名称": PROJECT, "所属区": OWNER, "阶段": "审批", "内外资": "内资", "来源地": "北京", "投资方": "示范投资有限公司",
        "统一社会信用代码": CODE, "总投资（亿元）": "5", "签约主体": "示范投资有限公司", "行业代码": "C3841", "重点产业链": "新能源",
        "建设性质": "新建", "协议类别": "投资", "签约日期": (late - timedelta(days=200)).isoformat(),
        "计划开工日期": late.isoformat(), "计划竣工日期": (late + timedelta(days=700)).isoformat(),
        "项目代码": "2603-120116-04-01-123456", "项目公司": "示范氢能（天津）有限公司", "项目公司统一社会信用代码": CODE,
        "注册日期": (late - timedelta(days=150)).isoformat(), "立项属性": "备案",
    }  # fmt: skip
    path = folder / "重点项目台账.csv"
    path.write_text(",".join(row) + "\n" + ",".join(row.values()) + "\n", encoding="utf-8-sig")
    return path


@pytest.mark.parametrize("width", [1280, 390])
def test_from_an_imported_file_to_close_out(chromium: Browser, house: Served, tmp_path: Path, width: int):  # noqa: F811
    officer, department, supervisor, administrator, reviewer = (Person(chromium, house, width) for _ in range(5))
    people = (officer, department, supervisor, administrator, reviewer)
    supervisor.enter("supervisor")
    officer.enter("officer")
    department.enter("department")
    administrator.enter("admin")

    imports_the_ledger(supervisor, ledger(tmp_path, local_day(SystemClock().now())))
    the_work_moves_on(officer, department)
    paper = the_project_stalls_and_climbs(officer, supervisor, administrator)
    the_paper_proves_itself(officer, paper, tmp_path)
    the_officer_puts_it_right(officer, tmp_path)
    refused_to_the_rectifier(officer)
    a_stranger_reviews(reviewer)
    the_light_turns(officer)
    nothing_stays_chinese(officer)

    assert {person: person.complaints for person in people if person.complaints} == {}


def imports_the_ledger(supervisor: Person, file: Path) -> None:
    page = supervisor.page
    supervisor.go("/projects")
    page.get_by_role("link", name="导入").click()
    supervisor.look("import")
    page.locator("[name=file]").set_input_files(file)
    page.get_by_test_id("look").click()
    expect(page.get_by_test_id("count-new")).to_contain_text("1")
    expect(page.get_by_test_id("import-error")).to_have_count(0)
    supervisor.look("preview")
    page.get_by_test_id("import").click()
    expect(page.get_by_test_id("flash")).to_contain_text("已新增1个项目（其中待补录0个）")
    supervisor.look("projects")


def the_work_moves_on(officer: Person, department: Person) -> None:
    """One task done, the next ones stand with those who were asked, and the drawing tells."""
    officer.tasks(PROJECT)
    officer.look("inbox")
    where(officer, active="approve_plan")
    officer.take(PROJECT, "审批阶段部署与配套需求")
    officer.look("item-plan")
    soon = (local_day(SystemClock().now()) + timedelta(days=120)).isoformat()
    officer.complete(plan="倒排工期，每周调度。", plan_on=soon, departments=HELPER, needs="请协助解决人才公寓20套。")
    where(officer, done="approve_plan", active="approve_support")
    department.take(PROJECT, "审批阶段部门配套")
    department.look("item-support")
    department.complete(outcome="已办结", result="已落实人才公寓20套。")
    where(officer, done="approve_support", active="approve_exit")


def where(officer: Person, *, active: str, done: str = "") -> None:
    """The project's page shows where the work is: on the drawing, or on a phone in the list of stages."""
    officer.open_project(PROJECT)
    page = officer.page
    stages = page.get_by_test_id("stage-list")
    if officer.width < 768:
        expect(stages).to_be_visible()
        expect(stages.locator("li.active, li.late")).to_contain_text("审批")
        expect(page.locator(".djs-container")).to_have_count(0)
        named = {
            "approve_plan": "审批阶段部署与配套需求",
            "approve_support": "审批阶段部门配套",
            "approve_exit": "审批阶段出口核对",
        }
        expect(stages.locator(".stage-open")).to_contain_text([named[active]])
    else:
        expect(stages).to_be_hidden()
        page.wait_for_selector("[data-ready=yes]")
        expect(page.locator(f'.djs-element.st-active[data-element-id="{active}"]')).to_have_count(1)
        if done:
            expect(page.locator(f'.djs-element.st-done[data-element-id="{done}"]')).to_have_count(1)
        assert top_most(officer, ".bjs-powered-by")
    officer.look("project-" + active)


def top_most(person: Person, selector: str) -> bool:
    """Whether the middle of this element is what one would click there."""
    mark = person.page.locator(selector)
    mark.scroll_into_view_if_needed()
    expect(mark).to_be_visible()
    return mark.evaluate(
        "mark => { const box = mark.getBoundingClientRect();"
        " return mark.contains(document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2)); }"
    )


def the_project_stalls_and_climbs(officer: Person, supervisor: Person, administrator: Person) -> bytes:
    """Days go by: yellow, red with a reminder, two signatures; what the officer opens is the 整改通知书."""
    officer.open_project(PROJECT)
    assert light(officer) == "yellow"

    def turned_red() -> bool:
        return light(officer) == "red"

    let_time_pass(officer, administrator, turned_red, "the light turns red")
    officer.until(
        lambda: notices(officer).filter(has_text="提醒函").get_by_role("link", name="PDF").count() == 1, "提醒函"
    )
    officer.look("project-red")
    for title in ("签发督办通知单", "签发整改通知书"):
        let_time_pass(supervisor, administrator, lambda title=title: waits(supervisor, title), title)
        supervisor.take(PROJECT, title)
        supervisor.look(f"item-{title}")
        supervisor.complete()
    officer.open_project(PROJECT)
    letter = notices(officer).filter(has_text="整改通知书")
    officer.until(lambda: letter.get_by_role("link", name="PDF").count() == 1, "整改通知书")
    officer.look("project-rectifying")
    letter.get_by_role("link", name="整改通知书").first.click()
    expect(officer.page.get_by_test_id("digest")).to_be_visible()
    officer.look("notice")
    return officer.fetch(officer.page.get_by_test_id("open-pdf"))


def light(person: Person) -> str:
    """The colour of the lamp beside the project's name."""
    return person.page.locator("h1 .lamp").evaluate("lamp => lamp.classList[1]")


def notices(person: Person):
    return person.page.locator("#notices li")


def waits(person: Person, title: str) -> bool:
    return person.tasks(PROJECT).get_by_role("link", name=title, exact=True).count() == 1


def the_paper_proves_itself(officer: Person, paper: bytes, folder: Path) -> None:
    """The letter names number, project and deadline; whoever has it finds it authentic."""
    page, path = officer.page, folder / "整改通知书.pdf"
    path.write_bytes(paper)
    assert paper.startswith(b"%PDF")
    facts = page.locator("main").inner_text()
    number = re.search(r"津合作改〔20\d\d〕\d+号", facts)[0]
    with pymupdf.open(path) as letter:
        text = re.sub(r"\s", "", "".join(sheet.get_text() for sheet in letter))
    year, month, day = map(int, re.search(r"整改期限\s*(\d{4})年(\d\d?)月(\d\d?)日", facts).groups())
    for wanted in (number, PROJECT, f"{year}年{month}月{day}日"):
        assert wanted in text, wanted
    page.get_by_role("link", name="公开的验真页").click()
    assert urlsplit(page.url).path.startswith("/verify/")
    expect(page.get_by_test_id("verify-found")).to_contain_text(number)
    page.locator("[name=file]").set_input_files(path)
    page.get_by_test_id("compare").click()
    expect(page.get_by_test_id("verify-same")).to_be_visible()
    officer.look("verify")
    page.goto(officer.house.address)


def the_officer_puts_it_right(officer: Person, folder: Path) -> None:
    """Receipt, plan and report; the report brings evidence and the facts that change the light."""
    officer.take(PROJECT, "签收回执")
    officer.look("item-receipt")
    officer.complete(signed_by="办公室", responsible="张涛 副区长", contact="022-65370000")
    officer.take(PROJECT, "报送整改方案")
    officer.look("item-measures")
    today = demo_today(officer)
    officer.complete(
        measures="成立专班，倒排工期。", responsible="张涛", finish_on=(today + timedelta(days=20)).isoformat()
    )
    officer.take(PROJECT, "报送整改报告")
    officer.look("item-report")
    evidence = folder / "开工现场.png"
    evidence.write_bytes(PNG)
    officer.complete(result_1="已取得施工许可并实质开工。", evidence_1=str(evidence), responsible="张涛",
                     actual_start_on=today.isoformat(), in_stat_on=today.isoformat())  # fmt: skip


def demo_today(person: Person) -> date:
    return date.fromisoformat(re.search(r"20\d\d-\d\d-\d\d", person.page.locator(".demo-clock").text_content())[0])


def refused_to_the_rectifier(officer: Person) -> None:
    """The review stands on the project's page; its page says why it is not hers, and the server means it."""
    officer.open_project(PROJECT)
    officer.page.get_by_test_id("held-item").get_by_role("link", name="复核", exact=True).click()
    expect(officer.page.get_by_test_id("closed")).to_be_visible()
    expect(officer.page.get_by_test_id("submit")).to_have_count(0)
    officer.look("item-review-refused")
    answer = officer.page.evaluate(
        "() => { const body = new FormData(); body.set('passed_1', 'true'); body.set('opinion', '我看行'); body.set('version', '1');"
        " body.set('csrf_token', document.querySelector('[name=csrf_token]').value);"
        " return fetch(location.pathname, {method: 'POST', body}).then(async told => [told.status, await told.text()]); }"
    )
    assert answer[0] in (403, 404)
    officer.complaints = [line for line in officer.complaints if f"status of {answer[0]}" not in line]


def a_stranger_reviews(reviewer: Person) -> None:
    """市发展改革委's supervisor, whose account is new, looks at the evidence and agrees."""
    who = ("--name", "高洁", "--organ", "fgw", "--role", "supervisor", "--login", "gaojie")
    reviewer.sign_in("gaojie", reviewer.house.command("accounts", "create", *who), OWN_PASSWORD)
    reviewer.take(PROJECT, "复核")
    reviewer.look("item-review")
    reviewer.complete(passed_1="是", opinion="现场核实，已实质开工。")


def the_light_turns(officer: Person) -> None:
    officer.open_project(PROJECT)
    officer.until(lambda: light(officer) == "green", "a green light")
    supervision = officer.page.locator("#cases li").filter(has_text="督办")
    officer.until(lambda: "已销号" in supervision.inner_text(), "the end of the supervision")
    expect(notices(officer).filter(has_text="整改通知书")).to_contain_text("已销号")
    officer.look("project-green")


def nothing_stays_chinese(officer: Person) -> None:
    """Inbox, project and item in English: the house speaks it throughout, the data stay as they were written."""
    officer.speak_english()
    assert officer.chinese_in_the_frame() == []
    officer.look("project-english")
    officer.tasks(PROJECT)
    assert officer.chinese_in_the_frame() == []
    officer.look("inbox-english")
    officer.page.get_by_test_id("task-row").get_by_role("link").first.click()
    expect(officer.page.get_by_test_id("work-form")).to_be_visible()
    assert officer.chinese_in_the_frame() == []
    officer.look("item-english")

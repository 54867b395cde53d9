"""The path of an award in a browser: a referrer filed in time, candidates reviewed, 公示, an objection decided, 表彰决定."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from models.clock import SystemClock, local_day
from tests.web.ledger_desk import PNG
from tests.web.story_browser import HOUSE, Person, Served, let_time_pass, served_house
from tests.web.test_looks import chromium  # noqa: F401 - a fixture
from tests.web.test_paper_story import hired, words_of
from tests.web.test_story import CODE, OWNER, imports_the_ledger

pytestmark = pytest.mark.browser
PROJECT, AGENT = "示范氢能装备储备项目", "示范中介服务有限公司"
REFUSED = "status of 422"  # what Chromium says of a form that was refused on purpose
OPEN_YEAR = """
import os
from datetime import date
import workflows
from app import create_house
from models.duty import Period
from models.settings import Settings
from models.unit import CLOCK, open_unit
workflows.discover()
from workflows.commendation import open_year
house = create_house(Settings.from_environ(os.environ))
with open_unit(house.database, CLOCK, house.now()) as unit:
    open_year(unit, Period(str(unit.today.year), date(unit.today.year, 1, 1), unit.now), 0, 100)
"""


@pytest.fixture
def house(tmp_path) -> Iterator[Served]:
    """The demo's people, without any project."""
    with served_house(tmp_path, "demo", "people") as served:
        yield served


def reserve(folder: Path) -> Path:
    """A ledger of one project that is not signed."""
    row = {
        "项目名称": PROJECT, "所属区": OWNER, "阶段": "储备", "内外资": "内资", "来源地": "北京", "投资方": "示范投资有限公司",
        "统一社会信用代码": CODE, "总投资（亿元）": "5",
    }  # fmt: skip
    path = folder / "储备项目台账.csv"
    path.write_text(",".join(row) + "\n" + ",".join(row.values()) + "\n", encoding="utf-8-sig")
    return path


@pytest.mark.parametrize("width", [1280, pytest.param(390, marks=pytest.mark.soak)])
def test_from_the_filing_to_the_decision(chromium: Browser, house: Served, tmp_path: Path, width: int):  # noqa: F811
    desk, officer = (Person(chromium, house, width) for _ in range(2))
    administrator = Person(chromium, house, 1280).enter("admin")
    desk.enter("supervisor")
    officer.enter("officer")
    imports_the_ledger(desk, reserve(tmp_path))
    a_referrer_is_filed(officer, tmp_path)
    the_desk_lets_it_stand(desk)
    ran = subprocess.run([sys.executable, "-c", OPEN_YEAR], cwd=HOUSE, env=house.environ, capture_output=True, text=True, check=False)  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    the_desk_reviews_the_candidates(desk)
    issues(
        hired(administrator, "严明", "yanming", "hzjl", "head"),
        hired(administrator, "高远", "gaoyuan", "hzjl", "leader"),
    )
    an_objection_is_filed(officer)

    def over() -> bool:
        return desk.tasks("招商引资奖励").filter(has_text="处理异议并定名单").count() == 1

    let_time_pass(desk, administrator, over, "the end of the publication")
    chief = hired(administrator, "钱进", "qianjin", "zfbgt", "head")
    leader = Person(chromium, house, 1280).enter("leader")
    the_desk_decides(desk)
    issues(chief, leader)
    the_decision_names_whom_it_commends(desk)
    people = (desk, officer, administrator, chief, leader)
    complaints = [said for person in people for said in person.complaints if REFUSED not in said]
    assert complaints == []


def a_referrer_is_filed(officer: Person, folder: Path) -> None:
    officer.open_project(PROJECT)
    officer.page.get_by_test_id("file-referral").click()
    officer.look("referral-form")
    (folder / "引荐函.png").write_bytes(PNG)
    form = officer.page.get_by_test_id("form")
    for name, value in (("agent_name", AGENT), ("agent_uscc", CODE), ("agent_contact", "陶然"), ("agent_phone", "13800001111"),
                        ("referral_story", "引荐投资方来津考察两次。")):  # fmt: skip
        form.locator(f"[name={name}]").fill(value)
    form.locator("[name=referral_proof]").set_input_files(folder / "引荐函.png")
    form.get_by_test_id("submit").click()
    expect(form).to_contain_text("请填写此项")
    expect(form.locator("[name=agent_name]")).to_have_value(AGENT)
    form.locator("[name=agent_declares]").locator("..").filter(has_text="是").first.click()
    form.locator("[name=referral_proof]").set_input_files(folder / "引荐函.png")
    form.get_by_test_id("submit").click()
    expect(officer.page.get_by_test_id("flash")).to_contain_text("已备案")


def the_desk_lets_it_stand(desk: Person) -> None:
    page = desk.page
    page.goto(f"{desk.house.address}/referrals")
    row = page.get_by_test_id("referral-row").filter(has_text=AGENT)
    desk.look("referrals")
    row.locator("[data-testid^=act-stand]").click()
    page.locator("dialog[open] [name=decision]").fill("材料齐全，签约以前备案。")
    page.locator("dialog[open] [data-testid^=confirm-stand]").click()
    expect(row).to_contain_text("成立")


def the_desk_reviews_the_candidates(desk: Person) -> None:
    """No final results: the list says so; what is added by hand says why; what is taken off stays, struck through."""
    page = desk.page
    page.goto(f"{desk.house.address}/commendation")
    desk.look("awards")
    page.get_by_test_id("awards-row").get_by_role("link").click()
    expect(page.locator("main")).to_contain_text("没有区的终评结果")
    for name, why in (("滨海新区", "内资完成率第一"), ("武清区", "外资完成率第一"), ("市商务局", "外资工作突出")):
        page.get_by_test_id("act-add").click()
        page.locator("dialog[open] [name=organ_id]").select_option(label=name)
        page.locator("dialog[open] [name=added_why]").fill(why)
        page.get_by_test_id("confirm-add").click()
        expect(page.get_by_test_id("flash")).to_contain_text("已增加")
    row = page.get_by_test_id("nominee-row").filter(has_text="市商务局")
    row.locator("[data-testid^=act-remove]").click()
    page.locator("dialog[open] [name=removed_why]").fill("  ")
    page.locator("dialog[open] [data-testid^=confirm-remove]").click()
    expect(page.locator("dialog[open]")).to_contain_text("请写明理由。")
    page.locator("dialog[open] [name=removed_why]").fill("下一年再报")
    page.locator("dialog[open] [data-testid^=confirm-remove]").click()
    expect(row.locator("s").first).to_have_text("市商务局")
    desk.look("award-review")
    page.get_by_test_id("next-step").click()
    desk.look("item-award-review")
    desk.complete(objections_to="市合作交流办综合处，022-12345678")


def issues(checker: Person, signer: Person) -> None:
    """核稿 and 签发 of the paper that waits for them."""
    for person, title in ((checker, "核稿"), (signer, "签发")):
        person.page.goto(f"{person.house.address}/tasks")
        person.page.get_by_test_id("task-row").get_by_role("link", name=title, exact=True).first.click()
        person.complete(agreed="是")


def an_objection_is_filed(officer: Person) -> None:
    page = officer.page
    page.goto(f"{officer.house.address}/commendation")
    page.get_by_test_id("awards-row").get_by_role("link").click()
    officer.until(lambda: page.get_by_test_id("act-object").count() == 1, "the publication")
    page.get_by_test_id("act-object").click()
    page.locator("dialog[open] [name=nominee_id]").select_option(label="武清区")
    page.locator("dialog[open] [name=raised_by]").fill("示范企业")
    page.locator("dialog[open] [name=content]").fill("到位资金有重复申报，附银行回单。")
    officer.look("objection-dialog")
    page.get_by_test_id("confirm-object").click()
    expect(page.get_by_test_id("flash")).to_contain_text("已登记")
    expect(page.get_by_test_id("objection-row")).to_contain_text("待决定")


def the_desk_decides(desk: Person) -> None:
    """The list is not final before the objection has its decision; one that comes now is too late."""
    page = desk.page
    desk.take("招商引资奖励", "处理异议并定名单")
    form = page.get_by_test_id("work-form")
    form.locator("[name=list_final]").locator("..").filter(has_text="是").first.click()
    form.get_by_test_id("submit").click()
    expect(page.locator("main")).to_contain_text("还有1件异议没有决定。")
    page.goto(f"{desk.house.address}/commendation")
    page.get_by_test_id("awards-row").get_by_role("link").click()
    page.get_by_test_id("act-object").click()
    page.locator("dialog[open] [name=raised_by]").fill("迟到的企业")
    page.locator("dialog[open] [name=content]").fill("也有意见")
    page.get_by_test_id("confirm-object").click()
    expect(page.get_by_test_id("flash")).to_contain_text("逾期不受理")
    row = page.get_by_test_id("objection-row").filter(has_text="示范企业")
    row.locator("[data-testid^=act-uphold]").click()
    page.locator("dialog[open] [name=decided_why]").fill("核减后位次下降")
    page.locator("dialog[open] [data-testid^=confirm-uphold]").click()
    expect(page.get_by_test_id("nominee-row").filter(has_text="武清区")).to_contain_text("异议成立：核减后位次下降")
    desk.look("award-objections")
    page.get_by_test_id("next-step").click()
    desk.look("item-award-settle")
    desk.complete(list_final="是")


def the_decision_names_whom_it_commends(desk: Person) -> None:
    page = desk.page
    page.goto(f"{desk.house.address}/commendation")
    page.get_by_test_id("awards-row").get_by_role("link").click()
    desk.until(lambda: page.get_by_role("link", name="津政办表").count() == 1, "表彰决定")
    desk.look("award-closed")
    page.get_by_role("link", name="津政办表").click()
    desk.until(lambda: page.get_by_test_id("open-pdf").count() == 1, "the file")
    words = words_of(desk.fetch(page.get_by_test_id("open-pdf")))
    year = local_day(SystemClock().now()).year
    assert f"关于表彰{year}年度招商引资先进单位的决定" in words
    assert "滨海新区" in words
    assert "武清区" not in words.partition("决定对")[2]

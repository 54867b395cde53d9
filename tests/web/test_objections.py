"""异议 in a browser at 1280 and 390: a district objects, another than the scorer answers, a late one is recorded and refused."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from werkzeug.serving import make_server

from models.base import Base
from models.clock import FrozenClock
from models.database import Database
from models.objection import Objection
from models.session import Limits, open_sign_in
from models.unit import Actor, open_unit
from tests.conftest import TUESDAY
from tests.web.house import make_app
from tests.web.story_browser import Person, Served
from tests.web.test_looks import chromium  # noqa: F401 - a fixture
from tests.workflows.assessing import (
    SCORED_ON,
    act,
    begin,
    live_half_a_year,
    put_late,
    sign,
    small_scheme,
    to_publicity,
    use_scheme,
)
from tests.workflows.staff import Staff, hire_staff
from tests.workflows.story import PAPER, Story

pytestmark = pytest.mark.browser


@dataclass
class Open:
    """A published assessment, served by a thread of this very process so that its clock can be moved."""

    story: Story
    staff: Staff
    address: str
    number: int
    projects: dict[str, int]

    def person(self, browser: Browser, actor: Actor, width: int) -> Person:
        """A browser in which this officer is signed in."""
        someone = Person(browser, Served(self.address, {}), width)
        house = self.story.house
        with open_unit(house.database, actor, house.now()) as unit:
            token = open_sign_in(unit, officer_id=actor.officer_id or 0, limits=Limits.of(house.settings))
        someone.page.context.add_cookies([{"name": "duban", "value": token, "url": self.address}])
        return someone


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Open]:
    database = Database(f"sqlite:///{tmp_path / 'house.sqlite3'}")
    Base.metadata.create_all(database.writing)
    story = Story(database, FrozenClock(TUESDAY), tmp_path)
    staff = hire_staff(story)
    projects = live_half_a_year(story)
    use_scheme(story, small_scheme())
    number = begin(story)
    to_publicity(story, staff, number)
    server = make_server("127.0.0.1", 0, make_app(story.house), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Open(story, staff, f"http://127.0.0.1:{server.port}", number, projects)
    server.shutdown()
    thread.join()
    server.server_close()
    database.close()


@pytest.mark.parametrize("width", [1280, 390])
def test_an_objection_from_the_form_to_the_final_score(chromium: Browser, opened: Open, tmp_path: Path, width: int):  # noqa: F811
    town = opened.story.town
    paper = tmp_path / "验资报告.pdf"
    paper.write_bytes(PAPER)
    district = opened.person(chromium, town.wang_fang, width)
    objects(district, opened, paper)
    put_late(opened.story, opened.projects["120114"], "1200", date(2026, 11, 30))
    desk = opened.person(chromium, opened.staff.desk_head, width)
    answers(desk, opened)
    opened.story.sweep(to=SCORED_ON + timedelta(days=15))
    too_late(opened.person(chromium, town.wang_fang, width), opened, paper)
    act(opened.story, opened.staff.desk_leader, opened.number, "final", final_agreed="true")
    sign(opened.story, opened.staff)
    final_score(opened.person(chromium, town.wang_fang, width), opened)
    assert [each.state for each in opened.story.all(Objection)] == ["accepted", "late"]
    assert [said for each in (district, desk) for said in each.complaints if "422" not in said] == []


def objects(district: Person, opened: Open, paper: Path) -> None:
    """From the list to the sheet to the score to the form; without evidence it is refused and the words stay."""
    page = district.page
    page.goto(f"{opened.address}/assessments")
    district.look("assessments")
    page.get_by_role("link", name="2026年下半年考核（各区）").click()
    expect(page.get_by_text("公示期还剩")).to_be_visible()
    district.look("assessment")
    row = page.get_by_test_id("score-row").filter(has_text="武清区")
    row.get_by_role("link").first.click()
    expect(page.get_by_test_id("formula")).to_contain_text("得70×3,000.00÷5,000.00＝42.00分")
    assert page.get_by_test_id("behind").count() == 2
    district.look("assessment-score")
    page.goto(f"{opened.address}/assessments/{opened.number}")
    page.get_by_test_id("object").click()
    page.locator("select[name=indicator]").select_option(label="内资完成率")
    page.locator("textarea[name=reason]").fill("应为4200万元，见验资报告")
    page.get_by_test_id("submit").click()
    expect(page.get_by_test_id("error-evidence")).to_be_visible()
    expect(page.locator("textarea[name=reason]")).to_have_value("应为4200万元，见验资报告")
    district.look("objection-refused")
    page.locator("input[name=evidence]").set_input_files(str(paper))
    page.get_by_test_id("submit").click()
    expect(page.get_by_test_id("flash")).to_contain_text("异议已提交")
    expect(page.get_by_test_id("objection-row")).to_contain_text("待答复")
    assert page.get_by_test_id("decide").count() == 0


def answers(desk: Person, opened: Open) -> None:
    """The head of the desk, who did not score, reads the paper and accepts."""
    page = desk.page
    page.goto(f"{opened.address}/assessments/{opened.number}")
    paper = desk.fetch(page.get_by_test_id("objection-row").get_by_role("link", name="佐证1"))
    assert paper == PAPER
    page.get_by_test_id("decide").click()
    desk.look("objection-answer")
    page.get_by_label("是", exact=True).check()
    page.locator("textarea[name=decision]").fill("补报凭证属实，重新取数")
    page.get_by_test_id("submit").click()
    row = page.get_by_test_id("objection-row")
    expect(row).to_contain_text("采纳")
    expect(row).to_contain_text("3000 → 4200")
    desk.look("assessment-answered")


def too_late(district: Person, opened: Open, paper: Path) -> None:
    """After the last day it is recorded, and the answer says why it is not taken up."""
    page = district.page
    page.goto(f"{opened.address}/assessments/{opened.number}/objections/new")
    expect(page.locator(".page-lead")).to_contain_text("公示期已满")
    page.locator("select[name=indicator]").select_option(label="企业满意度")
    page.locator("textarea[name=reason]").fill("样本太少")
    page.locator("input[name=evidence]").set_input_files(str(paper))
    page.get_by_test_id("submit").click()
    expect(page.get_by_test_id("flash")).to_contain_text("逾期提出的异议已记录，不予受理")
    expect(page.get_by_test_id("objection-row").last).to_contain_text("逾期未受理")


def final_score(district: Person, opened: Open) -> None:
    """The final sheet has the corrected score; English is said where it is chosen."""
    page = district.page
    page.goto(f"{opened.address}/assessments/{opened.number}")
    expect(page.get_by_test_id("score-row").filter(has_text="武清区")).to_contain_text("58.80")
    district.look("assessment-final")

"""Where there is no signal: what is typed and drawn stays on the phone, goes out when the signal is back, and counts once."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from sqlalchemy import func, select

import workflows
from engine.door import start_process
from models.attachment import Attachment
from models.audit import AuditEntry
from models.clock import SystemClock
from models.database import Database
from models.limits import due_after
from models.organ import organ_by_code
from models.process import WorkItem
from models.project import Project
from models.settings import Settings
from models.unit import CLOCK, open_reading, open_unit
from models.verification_rows import Verification, VerificationSite
from tests.web.story_browser import Person, Served, served_house
from tests.web.test_looks import chromium  # noqa: F401 - a fixture
from tests.workflows.story import RESERVE
from workflows.project import register_and_open

pytestmark = pytest.mark.browser
WORDS = {
    "site_report": "项目经理汇报：主体已封顶。",
    "site_inspectors": "赵强、马超",
    "company_signer": "孟凡 总经理",
    "district_signer": "李明",
}


@dataclass(frozen=True)
class Visit:
    """A house with one project to be looked at on the spot; its rows are read past the server."""

    house: Served
    database: Database
    item_id: int
    project_id: int

    @property
    def address(self) -> str:
        return f"{self.house.address}/tasks/{self.item_id}"

    def item(self) -> WorkItem:
        with open_reading(self.database, CLOCK, SystemClock().now()) as unit:
            return unit.session.get_one(WorkItem, self.item_id)

    def completions(self) -> int:
        with open_reading(self.database, CLOCK, SystemClock().now()) as unit:
            query = select(func.count()).where(AuditEntry.act == "item.complete", AuditEntry.subject_id == self.item_id)
            return unit.session.scalar(query) or 0

    def files(self) -> list[Attachment]:
        with open_reading(self.database, CLOCK, SystemClock().now()) as unit:
            return list(unit.session.scalars(select(Attachment).where(Attachment.project_id == self.project_id)))


@pytest.fixture
def visit(tmp_path: Path) -> Iterator[Visit]:
    with served_house(tmp_path, "demo", "people") as served:
        workflows.discover()
        database = Database(Settings.from_environ(served.environ).database_url)
        project_id, item_id = ask_for_a_visit(database)
        yield Visit(served, database, item_id, project_id)
        database.close()


def ask_for_a_visit(database: Database) -> tuple[int, int]:
    """One project of 滨海新区 under construction-to-be, drawn for a visit; the numbers of project and item."""
    with open_unit(database, CLOCK, SystemClock().now()) as unit:
        desk, binhai = (organ_by_code(unit.session, code).id for code in ("hzjl", "120116"))
        project = register_and_open(unit, owner_organ_id=binhai, values=RESERVE)
        row = Verification(period="2026H1", organ_id=binhai, opened_at=unit.now, due_at=unit.now)
        unit.session.add(row)
        unit.session.flush()
        due = due_after(unit, "verification_site").isoformat()
        process_id = start_process(
            unit, key="verification_site", title=project.name, organ_id=desk, district_id=binhai, project_id=project.id,
            business_key=f"verification_site:2026H1:{project.id}",
            data={"period": "2026H1", "desk_organ": desk, "district_organ": binhai, "site_due": due, "confirm_due": due,
                  "signed_there": False},
        )  # fmt: skip
        unit.session.add(
            VerificationSite(verification_id=row.id, project_id=project.id, process_id=process_id, why="drawn")
        )
        item = unit.session.scalars(select(WorkItem).where(WorkItem.process_id == process_id)).one()
        assert unit.session.get_one(Project, project.id).stage == "reserve"
        return project.id, item.id


def open_form(chromium: Browser, visit: Visit) -> Person:  # noqa: F811
    person = Person(chromium, visit.house, 390).enter("supervisor")
    person.page.goto(visit.address)
    return person


def fill(page: Page) -> None:
    for name, value in WORDS.items():
        page.fill(f"[name={name}]", value)
    page.locator("[name=site_papers]").first.check()
    for name in ("site_exists", "site_investment_supported", "site_money_matches"):
        page.locator(f"[name={name}][value=true]").check()
    page.select_option("[name=site_slip_stamped]", "是")
    for field in ("company_signature", "district_signature"):
        draw(page, field)


def draw(page: Page, field: str) -> None:
    """A hand that writes in the box of a signature."""
    pad = page.locator(f"[data-signature=f-{field}]")
    canvas = pad.locator("canvas")
    canvas.evaluate("each => each.scrollIntoView({block: 'center'})")  # not under the bar at the bottom
    box = canvas.bounding_box()
    assert box
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    for step in range(1, 8):
        page.mouse.move(
            box["x"] + 20 + 25 * step, box["y"] + 20 + (30 if step % 2 else len(field))
        )  # no two hands alike
    page.mouse.up()
    expect(pad).to_have_attribute("data-signed", "yes")


def bar(page: Page):
    return page.get_by_test_id("offline")


def handed_in(page: Page) -> None:
    expect(page.get_by_test_id("finished")).to_contain_text("已办理")


def kept(page: Page) -> list[str]:
    return page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('duban:'))")


def test_without_a_signal_it_waits_on_the_phone_and_is_done_exactly_once_when_it_is_back(chromium, visit):  # noqa: F811
    person = open_form(chromium, visit)
    page = person.page
    person.look("site-form")
    expect(page.locator("[name=site_photos]")).to_have_count(0)  # nobody asks for a photo of a project without a site
    page.context.set_offline(True)
    fill(page)
    page.get_by_test_id("submit").click()
    expect(bar(page)).to_have_text("已存在本机，有信号后自动发送")
    assert visit.item().state == "ready"
    assert page.url == visit.address
    page.context.set_offline(False)
    handed_in(page)
    item = visit.item()
    assert (item.state, visit.completions()) == ("done", 1)
    assert {name: item.answers[name] for name in WORDS} == WORDS
    files = {str(each.id): each for each in visit.files()}
    drawn = files[item.answers["company_signature"][0]]
    assert drawn.media_type == "image/png"
    assert drawn.name.startswith("孟凡 总经理-20")
    assert kept(page) == []


def test_an_answer_that_is_lost_on_its_way_back_is_asked_for_again_and_counts_once(chromium, visit):  # noqa: F811
    page = open_form(chromium, visit).page
    fill(page)
    lost: list[int] = []

    def lose(route: Route) -> None:
        if route.request.method != "POST" or lost:
            route.continue_()
            return
        lost.append(route.fetch(max_redirects=0).status)
        route.abort("connectionreset")

    page.route(f"**/tasks/{visit.item_id}", lose)
    page.get_by_test_id("submit").click()
    expect(bar(page)).to_have_text("已存在本机，有信号后自动发送")
    assert lost == [303]
    page.evaluate("window.dispatchEvent(new Event('online'))")
    handed_in(page)
    assert (visit.item().state, visit.completions()) == ("done", 1)


def test_a_refusal_keeps_every_word_and_both_signatures(chromium, visit):  # noqa: F811
    page = open_form(chromium, visit).page
    fill(page)
    page.locator("[name=site_exists][value=false]").check()
    page.get_by_test_id("submit").click()
    expect(bar(page)).to_contain_text("有一项选了“否”，请写明发现的问题。")
    for name, value in WORDS.items():
        expect(page.locator(f"[name={name}]")).to_have_value(value)
    page.fill("[name=site_findings]", "现场没有施工")
    page.get_by_test_id("submit").click()
    handed_in(page)
    assert visit.item().answers["site_findings"] == "现场没有施工"
    assert len(visit.item().answers["company_signature"]) == 1


def test_a_page_that_was_killed_comes_back_with_words_and_signatures(chromium, visit):  # noqa: F811
    page = open_form(chromium, visit).page
    context = page.context
    context.set_offline(True)
    fill(page)
    page.get_by_test_id("submit").click()
    expect(bar(page)).to_have_text("已存在本机，有信号后自动发送")
    page.close()
    context.set_offline(False)
    again = context.new_page()
    again.goto(visit.address)
    again.wait_for_url("**/tasks**done=*")  # it was handed in already: sent by itself
    assert visit.item().answers["site_report"] == WORDS["site_report"]
    assert len(visit.item().answers["district_signature"]) == 1
    assert visit.completions() == 1


def test_a_log_in_that_ended_meanwhile_loses_nothing(chromium, visit):  # noqa: F811
    person = open_form(chromium, visit)
    page = person.page
    fill(page)
    page.context.clear_cookies()
    page.get_by_test_id("submit").click()
    expect(bar(page)).to_contain_text("登录已过期")
    assert visit.item().state == "ready"
    bar(page).get_by_role("link", name="去登录").click()
    page.get_by_test_id("role-supervisor").click()
    page.goto(visit.address)
    page.wait_for_url("**/tasks**done=*")
    assert {name: visit.item().answers[name] for name in WORDS} == WORDS
    assert visit.completions() == 1


def test_what_is_not_handed_in_is_there_after_the_next_log_in_and_gone_after_leaving(chromium, visit):  # noqa: F811
    person = open_form(chromium, visit)
    page = person.page
    page.fill("[name=site_report]", "只写了一半")
    expect(bar(page)).to_have_text("已存在本机，尚未提交")
    page.context.clear_cookies()
    person.enter("supervisor")
    page.goto(visit.address)
    expect(page.locator("[name=site_report]")).to_have_value("只写了一半")
    assert visit.item().state == "ready"
    page.once("dialog", lambda asked: asked.dismiss())
    page.get_by_test_id("who").click()
    page.get_by_test_id("logout").click()
    assert len(kept(page)) == 1  # thought better of it
    page.once("dialog", lambda asked: asked.accept())
    page.get_by_test_id("logout").click()
    page.wait_for_url("**/login**")
    assert kept(page) == []

"""An inspector on a phone: the line breaks while she types, comes back, and nothing is lost."""

import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect, sync_playwright
from werkzeug.serving import make_server

import tests.workflows.test_inspection as told
from models.inspection import InspectionCheck
from models.inspection_question import questions_of
from tests.web.house import client_of, make_app
from tests.web.ledger_desk import PNG
from tests.web.test_looks import ARGUMENTS
from tests.workflows.staff import hire_staff
from tests.workflows.story import APPROVE, RESERVE, Story
from web.auth import cookie_name

pytestmark = pytest.mark.browser


@pytest.fixture
def story(database, clock, tmp_path) -> Story:
    return Story(database, clock, tmp_path)


@pytest.fixture
def projects(story) -> list[int]:
    """Both drawn for the quarter's inspection, whose plan is approved."""
    staff = hire_staff(story)
    found = [story.register(APPROVE | {"name": "甲项目"}), story.register(RESERVE | {"name": "乙项目"})]
    told.approve(story, staff)
    return found


@pytest.fixture
def phone(story, projects) -> Iterator[Page]:
    """赵强's phone, signed in, on the first checklist."""
    app = make_app(story.house)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    token = client_of(app, story.house, story.town.zhao_qiang)
    with app.app_context():
        name = cookie_name()
    address = f"http://127.0.0.1:{server.port}"
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        context = browser.new_context(viewport={"width": 390, "height": 844})
        context.add_cookies([{"name": name, "value": token.get_cookie(name).value, "url": address}])
        page = context.new_page()
        page.goto(f"{address}/inspections/2026Q4/projects/{projects[0]}")
        yield page
        browser.close()
    server.shutdown()
    thread.join()
    server.server_close()


def test_what_is_typed_without_a_signal_is_kept_when_it_returns_and_the_next_project_follows(story, phone, projects):
    fact, state = phone.locator("#f-S3_fact"), phone.locator("[data-draft-state]")
    expect(fact).to_be_hidden()
    phone.click("#f-S3_verdict-problem + label")
    expect(fact).to_be_visible()
    phone.context.set_offline(True)
    fact.fill("现场未见施工")
    phone.locator("#f-S3_owner").focus()
    expect(state).to_have_text("草稿未能保存到服务器，已留在本页")
    phone.context.set_offline(False)
    phone.fill("#f-S3_due_on", "2027-03-31")
    phone.locator("#f-S3_owner").focus()
    expect(state).to_contain_text("草稿已保存")
    [check] = story.all(InspectionCheck, project_id=projects[0])
    assert check.answers["S3"]["fact"] == "现场未见施工"
    for question in questions_of(check.links):
        if question.code != "S3":
            phone.click(f"#f-{question.code}_verdict-ok + label")
    phone.set_input_files("#f-S3_evidence", {"name": "现场.png", "mimeType": "image/png", "buffer": PNG})
    phone.click("[data-testid=submit]")
    phone.wait_for_url(f"**/projects/{projects[1]}")
    assert phone.evaluate("document.documentElement.scrollWidth") == 390
    [check] = story.all(InspectionCheck, project_id=projects[0])
    assert (check.checked_by, check.answers["S3"]["evidence"]) == ("赵强", ["1"])
    assert check.answers["S4"] == {"verdict": "ok"}

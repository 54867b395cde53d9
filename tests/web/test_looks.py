"""The pages in Chromium at 1280 and 390 px: nothing serious for axe, nothing in the console, the drawing alive."""

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Response
from playwright.sync_api import Browser, Page, sync_playwright
from werkzeug.serving import make_server

from tests.web.conftest import PAGES, ROOT, page_app
from tests.web.samples import sample
from web import views

pytestmark = pytest.mark.browser
HOUSE = ROOT.parent
AXE = HOUSE / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]  # fmt: skip
STATE = {
    "done": ["reserve_stage"],
    "active": [{"id": "sign_stage", "late": True}, {"id": "sign_plan", "late": True, "who": "滨海新区", "days": -5}],
    "cancelled": [],
}


@pytest.fixture(scope="module")
def address(catalogue: Path) -> Iterator[str]:
    app = page_app(catalogue, "示例文字")
    page = replace(sample(views.ProjectPage, text="示例文字"), diagram_href="/map", state_href="/state")
    app.view_functions["project"] = lambda: app.jinja_env.get_template("project.html").render(
        page=page, **_context(app)
    )
    app.add_url_rule(
        "/map", "map", lambda: Response((HOUSE / "bpmn" / "project.bpmn").read_bytes(), mimetype="application/xml")
    )
    app.add_url_rule("/state", "state", lambda: STATE)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


def _context(app) -> dict:
    found: dict = {}
    app.update_template_context(found)
    return found


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def tab(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.complaints = []
    page.on("console", lambda line: page.complaints.append(line.text) if line.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    yield page
    context.close()


def serious(page: Page) -> list[str]:
    """What axe finds serious or critical; run through the debugger, as the page's own policy forbids foreign scripts."""
    line = page.context.new_cdp_session(page)
    line.send("Runtime.evaluate", {"expression": AXE.read_text("utf-8")})
    question = "axe.run(document, {resultTypes: ['violations']}).then(found => JSON.stringify(found.violations))"
    answer = line.send("Runtime.evaluate", {"expression": question, "awaitPromise": True, "returnByValue": True})
    return [
        f"{found['id']}: {found['nodes'][0]['html'][:120]}"
        for found in json.loads(answer["result"]["value"])
        if found["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_sound(tab, address, name, width):
    tab.set_viewport_size({"width": width, "height": 844})
    tab.goto(f"{address}/{name}", wait_until="networkidle")
    assert serious(tab) == []
    assert tab.complaints == []
    assert tab.evaluate("document.documentElement.scrollWidth") <= width


def test_the_drawing_shows_what_is_late_and_keeps_its_mark(tab, address):
    tab.goto(f"{address}/project")
    tab.wait_for_selector("[data-ready=yes]")
    assert tab.locator('.djs-element.st-late[data-element-id="sign_plan"]').count() == 1
    assert tab.locator('.djs-element.st-done[data-element-id="reserve_stage"]').count() == 1
    assert "5" in tab.locator(".st-badge.late").inner_text()
    mark = tab.locator(".bjs-powered-by")
    mark.scroll_into_view_if_needed()
    box = mark.bounding_box()
    top = tab.evaluate(
        "([x, y]) => Boolean(document.elementFromPoint(x, y).closest('.bjs-powered-by'))",
        [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2],
    )
    assert top
    assert tab.complaints == []


def test_a_phone_gets_the_list_of_stages_and_no_drawing(tab, address):
    tab.set_viewport_size({"width": 390, "height": 844})
    tab.goto(f"{address}/project", wait_until="networkidle")
    assert tab.get_by_test_id("stage-list").is_visible()
    assert tab.locator(".djs-container").count() == 0


def test_an_act_that_asks_opens_a_dialog_and_escape_closes_it(tab, address):
    tab.goto(f"{address}/accounts")
    dialog = tab.locator("dialog").first
    assert not dialog.is_visible()
    tab.locator(f"[data-opens={dialog.get_attribute('id')}]").click()
    assert dialog.is_visible()
    assert serious(tab) == []
    tab.keyboard.press("Escape")
    assert not dialog.is_visible()


def test_without_script_the_same_act_opens_as_a_panel(chromium, address):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/accounts")
    dialog = page.locator("dialog").first
    page.locator(f"[href='#{dialog.get_attribute('id')}']").click()
    assert dialog.is_visible()
    context.close()


def test_the_first_wrong_field_has_the_focus(tab, address):
    tab.goto(f"{address}/item")
    assert tab.evaluate("document.activeElement.getAttribute('aria-invalid')") == "true"

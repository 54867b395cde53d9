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

from models.refusal import Invalid
from tests.web.conftest import PAGES, ROOT, page_app
from tests.web.samples import sample
from web import i18n, views
from web.asked_again import Refused, asked_again
from web.fields import FieldView

pytestmark = pytest.mark.browser
HOUSE = ROOT.parent
AXE = HOUSE / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]  # fmt: skip
FILTERS = {
    "zh": {"阶段": "资金到位", "灯": "待补录", "状态": "已暂缓", "所在区": "滨海高新区", "开发区": "全部", "排序": "最新登记"},
    "en": {"Stage": "Funds in place", "Light": "Incomplete", "Status": "On hold", "District": "Binhai New Area",
           "Development zone": "All", "Sort": "Newest first"},
}  # fmt: skip
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
    app.add_url_rule("/refused", "refused", lambda: _refused(app))
    app.add_url_rule("/filters", "filters", lambda: _filtered(app))
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


def _refused(app) -> str:
    """An item whose 转办 was refused for want of a reason."""
    reason = FieldView("reason", "转办原因", "textarea", required=True, max_length=500)
    act = views.Act("transfer", "转办", "/tasks/3/transfer", "arrow-left-right", fields=(reason,))
    wrong = Invalid("请写明原因。", fields={"reason": "请写明原因，对方据此办理。"})
    acts = asked_again((act,), Refused("transfer", {"reason": " "}, wrong, "/tasks/3"))
    page = replace(sample(views.ItemPage, text="示例文字"), acts=acts, fields=(), problem="")
    return app.jinja_env.get_template("item.html").render(page=page, **_context(app))


def _filtered(app) -> str:
    """The project list with the filters and words it has in the house."""
    offered = FILTERS[i18n.language()]
    filters = tuple(
        views.FilterView(f"f{place}", title, (views.Option("", word, selected=True),))
        for place, (title, word) in enumerate(offered.items())
    )
    page = replace(sample(views.ProjectsPage, text="示例文字"), filters=filters)
    return app.jinja_env.get_template("projects.html").render(page=page, **_context(app))


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


def test_a_dialog_that_was_refused_is_open_with_the_focus_on_what_is_wrong(tab, address):
    tab.goto(f"{address}/refused", wait_until="networkidle")
    dialog = tab.locator("dialog#ask-transfer")
    assert dialog.is_visible() and dialog.evaluate("each => each.matches(':modal')")
    assert tab.evaluate("document.activeElement.id") == "ask-transfer-reason"
    assert serious(tab) == [] and tab.complaints == []
    tab.get_by_text("取消").locator("visible=true").click()
    assert not dialog.is_visible()


@pytest.mark.parametrize("width", [1280, 390])
def test_without_script_a_refused_dialog_stands_in_view_and_leads_back(chromium, address, width):
    context = chromium.new_context(viewport={"width": width, "height": 844}, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/refused")
    dialog = page.locator("dialog#ask-transfer")
    box = dialog.bounding_box()
    assert dialog.is_visible() and box["x"] >= 0 and box["x"] + box["width"] <= width and box["y"] < 200
    assert dialog.locator("[data-closes]").get_attribute("href") == "/tasks/3"
    context.close()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_filters_of_the_project_list_stand_in_one_line_at_1280(tab, address, language):
    tab.goto(f"{address}/filters?lang={language}", wait_until="networkidle")
    tops = tab.eval_on_selector_all(".search-bar > *", "each => each.map(one => one.getBoundingClientRect().bottom)")
    assert len(tops) == 8 and max(tops) - min(tops) < 2
    assert tab.evaluate("document.documentElement.scrollWidth") <= 1280


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

"""A house served by its own process, and people who reach it through Chromium only."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from playwright.sync_api import Browser, Locator, Page, expect

from tests.web.test_looks import serious

HOUSE = Path(__file__).parents[2]
PATIENCE = 40_000  # milliseconds; two busy cores set a letter in a few seconds
START = 120  # seconds; a house that starts beside a whole suite reads its maps and fonts slowly
CHROME = (
    ".top-nav, .bottom-nav, .demo-bar, .who-menu > :not(.who-roles), .crumbs, .page-lead, .panel-title, .chips, .tabs, th, dt,"
    " label:not(.choice), legend, .field-help, .draft-state, .list-sum, .legend, .empty, .next > h2, .submit-bar, .hero-facts dt,"
    " .stage-state, .login-side, .login-note, .totals dt"
)
BEING_SWAPPED = ".htmx-request, .htmx-swapping, .htmx-settling"
QUOTED = re.compile(r"“[^”]*”")  # a mark of the data is quoted as it stands there
CHINESE = re.compile(r"[一-鿿]")


@dataclass(frozen=True)
class Served:
    """A house that listens on this machine; `command` runs one of its commands beside the server."""

    address: str
    environ: dict[str, str]

    def command(self, *words: str) -> str:
        """What `flask --app app <words>` prints."""
        ran = subprocess.run(flask(*words), cwd=HOUSE, env=self.environ, capture_output=True, text=True, check=True)
        return ran.stdout.strip()


def flask(*words: str) -> list[str]:
    return [sys.executable, "-m", "flask", "--app", "app", *words]


@contextmanager
def served_house(folder: Path, *prepare: str) -> Iterator[Served]:
    """A demo house in its own process; the command `prepare` fills its empty database before it serves."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DUBAN_DATABASE")}
    environ = kept | {"DEMO": "1", "DUBAN_DATA_DIR": str(folder), "DUBAN_PORT": str(port)}
    house = Served(f"http://127.0.0.1:{port}", environ)
    house.command(*prepare)
    with (folder / "server.log").open("wb") as log:
        running = subprocess.Popen(
            flask("serve", "--tick-seconds", "1"), cwd=HOUSE, env=environ, stdout=log, stderr=log
        )
        try:
            _wait_for(port, running, folder / "server.log")
            yield house
        finally:
            running.terminate()
            running.wait(timeout=30)


def _wait_for(port: int, running: subprocess.Popen, log: Path) -> None:
    until = monotonic() + START
    while running.poll() is None and monotonic() < until:
        with socket.socket() as knock:
            knock.settimeout(0.2)
            if not knock.connect_ex(("127.0.0.1", port)):
                return
    raise AssertionError(log.read_text("utf-8"))


class Person:
    """One browser of one person at one width; keeps what the console says and what leaves the house."""

    def __init__(self, browser: Browser, house: Served, width: int) -> None:
        self.house, self.width = house, width
        context = browser.new_context(viewport={"width": width, "height": 844}, locale="zh-CN")
        self.page: Page = context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.complaints: list[str] = []
        self.looked_at: set[str] = set()
        self.page.on("console", lambda line: line.type in ("error", "warning") and self.complaints.append(line.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda asked: asked.url.startswith(house.address) or self.complaints.append(asked.url))

    def enter(self, card: str) -> "Person":
        """By a card of the demo's login page."""
        self.page.goto(f"{self.house.address}/login")
        self.page.get_by_test_id(f"role-{card}").click()
        return self

    def sign_in(self, login: str, first: str, own: str) -> "Person":
        """With an account whose first password must be replaced at once."""
        self.page.goto(f"{self.house.address}/login")
        self.page.fill("#login-name", login)
        self.page.fill("#login-password", first)
        self.page.locator(".login-form button").click()
        for name, value in (("old", first), ("password", own), ("again", own)):
            self.page.fill(f"input[name={name}]", value)
        self.look("password")
        self.page.get_by_test_id("submit").click()
        return self

    def go(self, menu: str) -> None:
        """By the menu: on top, or at the bottom of a phone."""
        self.page.locator(f".top-nav a[href='{menu}']:visible, .bottom-nav a[href='{menu}']:visible").click()

    def tasks(self, project: str) -> Locator:
        """The rows of the inbox that speak of a project, asked for in the search field."""
        self.go("/tasks")
        self.page.locator("input[name=q]").fill(project)
        self.page.locator("input[name=q]").press("Enter")
        self.page.wait_for_url("**/tasks?*q=*")
        expect(self.page.locator(BEING_SWAPPED)).to_have_count(0, timeout=PATIENCE)  # such a row takes no click
        return self.page.get_by_test_id("task-row").filter(has_text=project)

    def take(self, project: str, title: str) -> None:
        """Opens the one task of this title."""
        self.tasks(project).filter(has=self.page.get_by_role("link", name=title, exact=True)).get_by_role(
            "link"
        ).first.click()
        expect(self.page.locator("h1")).to_contain_text(title, timeout=PATIENCE)

    def complete(self, **answers: str | list[str]) -> None:
        """Fills the form as it stands and hands it in; `finished` tells that it was taken."""
        form = self.page.get_by_test_id("work-form")
        for name, value in answers.items():
            field = form.locator(f"[name={name}]").last
            if field.get_attribute("type") == "file":
                field.set_input_files(value)
            elif field.get_attribute("type") in ("radio", "checkbox"):
                form.locator(f"[name={name}]").locator("..").filter(has_text=value).click()
            elif field.evaluate("field => field.tagName") == "SELECT":
                field.select_option(label=value)
            else:
                field.fill(value)
        form.get_by_test_id("submit").click()
        expect(self.page.get_by_test_id("finished")).to_be_visible(timeout=PATIENCE)

    def open_project(self, project: str) -> None:
        """By the list of projects; leaves the person on its page."""
        self.go("/projects")
        self.page.get_by_test_id("project-row").get_by_role("link", name=project, exact=True).click()
        expect(self.page.locator("h1")).to_contain_text(project)

    def fetch(self, link: Locator) -> bytes:
        """What the link leads to, asked for with this person's cookies: Chromium without a window shows no PDF."""
        answer = self.page.request.get(self.house.address + (link.get_attribute("href") or ""))
        assert answer.ok, answer.text()
        return answer.body()

    def until(self, seen: Callable[[], bool], what: str) -> None:
        """Reloads the page until the jobs have done their work."""
        end = monotonic() + PATIENCE / 1000
        while not seen():
            assert monotonic() < end, f"still not there: {what}\n{self.page.locator('main').inner_text()}"
            self.page.reload()

    def look(self, name: str) -> None:
        """A page is sound: nothing serious for axe, nothing wider than the window; once for each name."""
        if name in self.looked_at:
            return
        self.looked_at.add(name)
        if shots := os.environ.get("DUBAN_SHOTS"):
            self.page.screenshot(path=f"{shots}/{self.width}-{name}.png", full_page=True)
        assert serious(self.page) == [], name
        assert self.page.evaluate("document.documentElement.scrollWidth") <= self.width, name

    def speak_english(self) -> None:
        """By the switch of the person's menu."""
        self.page.get_by_test_id("who").click()
        self.page.get_by_test_id("language-en").click()
        expect(self.page.locator("html")).to_have_attribute("lang", "en")

    def chinese_in_the_frame(self) -> list[str]:
        """Texts of the house, not of the data, that stayed Chinese; what earlier tasks brought is data, and each language names itself."""
        texts = self.page.locator(CHROME).evaluate_all(
            "found => found.filter(each => !each.closest('[lang=zh], #before')).map(each => {"
            " const copy = each.cloneNode(true); copy.querySelectorAll('[lang=zh], output').forEach(part => part.remove());"
            " return copy.textContent.trim(); })"
        )
        return [text for text in texts if CHINESE.search(QUOTED.sub("", text))]


def let_time_pass(clerk: Person, administrator: Person, until: Callable[[], bool], what: str, most: int = 40) -> None:
    """Clicks 拨到下一个职责日 until something is so, letting the jobs finish each day before the next begins."""
    for _ in range(most):
        if until():
            return
        clerk.page.get_by_test_id("demo-next").click()
        expect(clerk.page.get_by_test_id("flash").last).to_contain_text("演示时间已拨到")
        administrator.page.goto(f"{administrator.house.address}/admin/duties")
        administrator.until(lambda: administrator.page.locator("h1 .lamp.green").count() == 1, "the jobs are awake")
        clerk.page.reload()
    raise AssertionError(f"{what}: not after {most} days")

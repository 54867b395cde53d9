"""Every page is drawn with every field filled: nothing misspelt, nothing inline, nothing untranslated."""

import json
import re

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from tests.web.conftest import CATALOGUE, PAGES, ROOT, page_app

HOUSE = ROOT.parent
CHINESE = re.compile(r"[\u3400-\u9fff]")
PLACES = re.compile(r"%\(\w+\)[sd]|\{\w+\}|\{%\(\w+\)s\}")
SHELVES = ("cli", "engine", "forms", "jobs", "models", "notices", "web", "workflows")
KEYWORDS = {"_": None, "N_": None, "gettext": None, "pgettext": ((1, "c"), 2)}


@pytest.fixture(scope="module")
def sources() -> set[tuple[str, str]]:
    """Every (context, Chinese text) that the house marks for translation."""
    methods = [("templates/**.html", "jinja2"), ("**.py", "python")]
    return {
        (context or "", message if isinstance(message, str) else message[-1])
        for shelf in SHELVES
        for _, _, message, _, context in extract_from_dir(HOUSE / shelf, methods, keywords=KEYWORDS)
    }


@pytest.fixture(scope="module")
def english():
    with CATALOGUE.open("rb") as source:
        return {(entry.context or "", entry.id): entry for entry in read_po(source, locale="en") if entry.id}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_holds_nothing_that_the_policy_forbids(catalogue, name):
    page = page_app(catalogue, "甲乙").test_client().get(f"/{name}")
    text = page.get_data(as_text=True)
    assert page.status_code == 200
    assert not re.search(r"<[^>]+\s(style|on\w+)=", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
    assert not re.search(r"<style|javascript:", text)
    assert not re.search(r"(href|src)=\"(https?:)?//", text)


@pytest.mark.parametrize("name", PAGES)
def test_ids_of_a_page_do_not_repeat(catalogue, name):
    text = page_app(catalogue).test_client().get(f"/{name}").get_data(as_text=True)
    ids = re.findall(r'\sid="([^"]+)"', text)
    assert sorted(ids) == sorted(set(ids))


@pytest.mark.parametrize("name", PAGES)
def test_the_switch_leaves_no_chinese_around_the_data(catalogue, name):
    client = page_app(catalogue).test_client()
    client.set_cookie("duban_lang", "en")
    text = client.get(f"/{name}").get_data(as_text=True)
    around = re.sub("“[^”]*”", "", text.replace(">中文<", "><"))  # a column of a ledger is quoted by its own name
    assert CHINESE.findall(around) == []


def test_every_text_of_the_house_has_its_english(english, sources):
    missing = sorted(
        message
        for context, message in sources
        if not english.get((context, message)) or not english[context, message].string
    )
    assert missing == [], "run scripts/i18n.sh extract and translate"


def test_english_texts_keep_the_places_of_their_sources(english):
    wrong = [
        message
        for (_, message), entry in english.items()
        if entry.string and sorted(PLACES.findall(message)) != sorted(PLACES.findall(str(entry.string)))
    ]
    assert wrong == []


def test_the_catalogue_holds_no_text_that_nobody_says(english, sources):
    assert sorted(message for context, message in english if (context, message) not in sources) == []


def test_every_icon_named_is_in_the_sprite():
    known = set(json.loads((HOUSE / "frontend" / "icons.json").read_text("utf-8")))
    named = set()
    for template in (ROOT / "templates").rglob("*.html"):
        text = template.read_text("utf-8")
        named.update(re.findall(r'icon\("([\w-]+)"', text), re.findall(r'pictured="([\w-]+)"', text))
    assert named - known == set()


def test_the_lock_names_no_machine():
    lock = (HOUSE / "frontend" / "package-lock.json").read_text("utf-8")
    assert "://" not in lock
    assert '"resolved"' not in lock
    packages = json.loads(lock)["packages"]
    assert all("integrity" in entry for path, entry in packages.items() if path)

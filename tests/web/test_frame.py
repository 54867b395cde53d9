"""What every answer carries: headers, tokens, refusals in words, languages, files that may be kept."""

import logging
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from flask import Flask, request

from models.refusal import Invalid, NotPermitted, Outdated
from tests.web.conftest import bare_app
from web import assets, i18n


@pytest.fixture
def town(app: Flask) -> Flask:
    """An application that refuses, breaks and answers on demand."""

    @app.get("/refused/<kind>")
    def refused(kind: str) -> str:
        raise {
            "outdated": Outdated("此事项已由%(who)s认领。", who="王芳"),
            "not-permitted": NotPermitted("您没有“%(permit)s”的权限。", permit="办理事项"),
            "invalid": Invalid("填写有误。", fields={"name": "请填写此项。"}),
        }[kind]

    @app.get("/bug")
    @app.get("/api/bug")
    def bug() -> str:
        raise KeyError("secret detail")

    @app.get("/api/refused")
    def api_refused() -> str:
        raise Invalid("填写有误。", fields={"name": "请填写此项。"})

    @app.route("/change", methods=["GET", "POST"])
    def change() -> str:
        return request.method

    @app.get("/folder/")
    def folder() -> str:
        return "folder"

    return app


def test_only_our_own_files_may_run_or_style_a_page(town):
    policy = town.test_client().get("/change").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "style-src 'self';" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy


def test_pages_are_not_kept_but_versioned_files_are(town):
    client = town.test_client()
    assert client.get("/change").headers["Cache-Control"] == "no-store"
    with town.test_request_context():
        address = town.jinja_env.globals["asset"]("bootstrap.css")
    kept = client.get(address)
    assert "immutable" in kept.headers["Cache-Control"]
    assert kept.headers["X-Content-Type-Options"] == "nosniff"
    assert "immutable" not in client.get("/static/app.css").headers["Cache-Control"]


def test_https_is_remembered_only_where_it_is_served(catalogue):
    plain = bare_app(catalogue).test_client().get("/nowhere")
    safe = bare_app(catalogue, public_url="https://duban.example").test_client().get("/nowhere")
    assert "Strict-Transport-Security" not in plain.headers
    assert "max-age=63072000" in safe.headers["Strict-Transport-Security"]


def test_a_change_without_its_token_is_refused_in_words(town):
    answer = town.test_client().post("/change")
    assert answer.status_code == 400
    assert "页面停留过久" in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/refused/outdated", 409, "此事项已由王芳认领。"),
        ("/refused/not-permitted", 403, "您没有“办理事项”的权限。"),
        ("/refused/invalid", 422, "请填写此项。"),
        ("/nowhere", 404, "您要找的内容不存在"),
    ],
)
def test_each_refusal_has_its_page(town, path, status, words):
    answer = town.test_client().get(path)
    assert answer.status_code == status
    assert words in answer.get_data(as_text=True)


def test_an_address_without_its_slash_is_led_on(town):
    assert town.test_client().get("/folder").status_code == 308


def test_the_wrong_method_is_told_what_is_allowed(town):
    town.config["WTF_CSRF_ENABLED"] = False
    answer = town.test_client().post("/refused/invalid")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


def test_a_bug_shows_a_reference_that_the_log_knows_and_nothing_else(town, caplog):
    with caplog.at_level(logging.ERROR, "duban.web"):
        answer = town.test_client().get("/bug")
    text = answer.get_data(as_text=True)
    assert answer.status_code == 500
    assert "secret detail" not in text
    reference = caplog.records[0].args[0]
    assert reference in text
    assert caplog.records[0].exc_info[0] is KeyError


def test_a_bug_in_the_frame_itself_still_answers(town, caplog):
    @town.context_processor
    def broken() -> dict[str, str]:
        raise RuntimeError("no database")

    answer = town.test_client().get("/bug")
    assert answer.status_code == 500
    assert "故障已记录" in answer.get_data(as_text=True)
    assert len(caplog.records) == 2


def test_htmx_gets_a_fragment_and_the_api_gets_json(town):
    client = town.test_client()
    fragment = client.get("/refused/outdated", headers={"HX-Request": "true"})
    assert fragment.status_code == 409
    assert "<html" not in fragment.get_data(as_text=True)
    refused = client.get("/api/refused")
    assert refused.status_code == 422
    assert refused.json["fields"] == {"name": "请填写此项。"}
    assert set(client.get("/api/bug").json) == {"status", "title", "message", "reference"}


def test_the_language_switch_keeps_the_page_and_its_query(town):
    client = town.test_client()
    moved = client.get("/refused/outdated?f=overdue&lang=en")
    assert moved.status_code == 302
    assert moved.headers["Location"] == "/refused/outdated?f=overdue"
    english = client.get(moved.headers["Location"]).get_data(as_text=True)
    assert "王芳 has claimed this task." in english
    assert 'lang="en"' in english


def test_an_unknown_language_is_left_alone(town):
    assert town.test_client().get("/change?lang=fr").status_code == 200


def test_the_switch_cannot_lead_to_another_machine(town):
    moved = town.test_client().get("//evil.example/x?lang=en")
    assert not moved.headers["Location"].startswith("//")


@pytest.mark.parametrize(
    ("amount", "chinese", "english"),
    [
        (None, "—", "—"),
        (Decimal(8500), "8,500 万元", "CNY 85 m"),
        (Decimal("9999.99"), "9,999.99 万元", "CNY 100 m"),
        (Decimal(10000), "1 亿元", "CNY 100 m"),
        (Decimal(1020000), "102 亿元", "CNY 10.2 bn"),
        (Decimal(-20000), "-2 亿元", "CNY -200 m"),
        (Decimal(0), "0 万元", "CNY 0 m"),
    ],
)
def test_money_is_written_as_people_say_it(app, amount, chinese, english):
    with app.test_request_context():
        assert i18n.money(amount) == chinese
    with app.test_request_context(headers={"Cookie": "duban_lang=en"}):
        assert i18n.money(amount) == english


def test_moments_are_shown_in_tianjin_time(app):
    late = datetime(2026, 11, 24, 16, 30, tzinfo=UTC)  # already the 25th there
    with app.test_request_context():
        assert i18n.day(late) == "2026年11月25日"
        assert i18n.day(date(2026, 1, 2)) == "2026年1月2日"
        assert i18n.moment(late) == "2026-11-25 00:30"
        assert i18n.clock(late) == "00:30"
    with app.test_request_context(headers={"Cookie": "duban_lang=en"}):
        assert i18n.day(late) == "25 Nov 2026"


def test_missing_front_end_files_are_named(tmp_path: Path):
    with pytest.raises(assets.AssetsMissingError):
        assets.read_manifest(tmp_path)


def test_the_manifest_tells_the_truth():
    static = Path(assets.__file__).parent / "static"
    for name, integrity in assets.read_manifest(static).items():
        where = static / name if name in assets.OWN else static / "vendor" / name
        assert assets.integrity_of(where.read_bytes()) == integrity, name

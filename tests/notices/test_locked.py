"""What a person types can fetch nothing: no address, no file; and even our own page could not."""

import http.server
import threading
import time
from dataclasses import fields, is_dataclass, replace
from itertools import cycle

import pytest

from notices.errors import FetchRefused
from notices.fonts import activate
from notices.letters import Letter, Point
from notices.parts import LONGEST_CELL, LONGEST_LABEL, Chart, Column, Series, Table
from notices.render import render
from tests.notices.papers import (
    EVERY,
    MM,
    assessment_result,
    bulletin,
    characters,
    joint,
    opened,
    rectification,
    text_of,
    verification_report,
)

SECRET = "duban-secret-7f3a9c"


@pytest.fixture(scope="module")
def listener():
    hits = []

    class Listen(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            hits.append(self.path)
            self.send_response(302)
            self.send_header("Location", "/again")
            self.end_headers()

        def log_message(self, *said):
            return

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Listen)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{server.server_address[1]}", hits
    server.shutdown()
    server.server_close()


VECTORS = {
    "img": '<img src="http://{at}/a">',
    "img file": '<img src="file://{secret}">',
    "IMG FILE": '<IMG SRC="FILE://{secret}">',
    "no scheme": '<img src="//{at}/b">',
    "css import": "<style>@import url(http://{at}/c.css);</style>",
    "css url": '<p style="background:url(http://{at}/d)">x</p>',
    "font": "<style>@font-face{{font-family:x;src:url(http://{at}/e.ttf)}} p{{font-family:x}}</style><p>x</p>",
    "font file": "<style>@font-face{{font-family:y;src:url(file://{secret})}} p{{font-family:y}}</style><p>x</p>",
    "stylesheet": '<link rel="stylesheet" href="http://{at}/f.css">',
    "attachment": '<link rel="attachment" href="file://{secret}">',
    "attached link": '<a rel="attachment" href="file://{secret}">x</a>',
    "svg image": '<svg xmlns="http://www.w3.org/2000/svg"><image href="http://{at}/g" width="9" height="9"/></svg>',
    "svg use": '<svg xmlns="http://www.w3.org/2000/svg"><use href="file://{secret}#a"/></svg>',
    "object": '<object data="http://{at}/h"></object>',
    "content": "<style>p::before{{content:url(http://{at}/i)}}</style><p>x</p>",
    "base": '<base href="http://{at}/"><img src="j">',
    "embed": '<embed src="http://{at}/k">',
}


@pytest.fixture
def secret(tmp_path):
    path = tmp_path / "secret.txt"
    path.write_text(SECRET)
    return path


def holds_secret(data: bytes) -> bool:
    document = opened(data)
    streams = [
        document.xref_stream(xref) or b"" for xref in range(1, document.xref_length()) if document.xref_is_stream(xref)
    ]
    strangers = [name for name in document.embfile_names() if name != "notice.json"]
    return bool(strangers) or any(SECRET.encode() in content for content in (data, *streams))


OURS = {"kind", "copy_no", "verify_url"}  # never typed by anybody
SHORT = {field.name for field in fields(Letter)}


LONGEST = {Table: LONGEST_CELL, Column: LONGEST_CELL, Chart: LONGEST_LABEL, Series: LONGEST_LABEL}


def with_texts(letter, say):
    """The letter with every text a person may type replaced by what `say` gives for the field's name, as far as it may go."""

    def told(name, value):
        if isinstance(value, str):
            return say(name)[: LONGEST.get(type(letter))] if name not in OURS else value
        if isinstance(value, tuple):
            return tuple(told(name, each) for each in value)
        return with_texts(value, say) if is_dataclass(value) else value

    return replace(letter, **{field.name: told(field.name, getattr(letter, field.name)) for field in fields(letter)})


@pytest.mark.parametrize("letter", [*EVERY, joint], ids=lambda letter: letter.__name__)
def test_nothing_typed_into_any_field_of_any_kind_is_more_than_text(listener, secret, letter):
    at, hits = listener
    typed = cycle(vector.format(at=at, secret=secret) for vector in VECTORS.values())
    filled = with_texts(letter(), lambda name: next(typed))
    body = with_texts(letter(), lambda name: "甲" if name in SHORT else "\n".join(next(typed) for _ in range(5)))
    for each in (filled, body):
        data = render(each)
        assert not hits
        assert not holds_secret(data)
    assert "<img" in text_of(render(filled))


TABLED = (bulletin, verification_report, assessment_result)  # up to a hundred cells of three hundred characters each


@pytest.mark.parametrize("letter", EVERY, ids=lambda letter: letter.__name__)
def test_a_word_without_end_stays_on_the_paper_and_is_soon_set(letter):
    endless = with_texts(letter(), lambda name: "市合作交流办" if name in SHORT else "W" * 400)
    before = time.process_time()
    pages = opened(render(endless))
    took = time.process_time() - before
    assert took < (25 if letter in TABLED else 5), "seconds of processor; the worker is ended at thirty"
    ends = [
        (char[1] + char[3] / 2, page.rect.width / MM)
        for page in pages
        for char in characters(page)
        if char[0] == "W" and char[3] < 7
    ]
    assert ends
    assert all(end <= broad - 25.5 for end, broad in ends)


def test_typed_text_is_only_text(listener, secret):
    at, hits = listener
    typed = [vector.format(at=at, secret=secret) for vector in VECTORS.values()]
    data = render(
        rectification(
            to_name=typed[0],
            signer=typed[1],
            supplement="\n".join(typed),
            copies=tuple(typed[:3]),
            points=tuple(Point(fact=text, basis=text, evidence=(text,)) for text in typed[:8]),
        )
    )
    assert not hits
    assert not holds_secret(data)


@pytest.mark.parametrize("vector", VECTORS.values(), ids=VECTORS.keys())
def test_even_a_page_of_ours_could_not_fetch(listener, secret, vector):
    activate()
    from notices.press import print_page

    at, hits = listener
    try:
        data = print_page(f'<html lang="zh-CN"><body>{vector.format(at=at, secret=secret)}</body></html>').pdf
    except FetchRefused:
        data = None
    assert not hits
    assert data is None or not holds_secret(data)

"""Sets a letter on paper with WeasyPrint; the only module that imports it, after the faces have been activated."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time
from functools import cache
from io import BytesIO
from typing import Any

import weasyprint
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher

from notices import weasy
from notices.compose import environment, page_of
from notices.errors import FetchRefused, MissingGlyph
from notices.fonts import KIT
from notices.letter import Letter
from notices.letters import freeze_letter
from notices.printed import Printed, SealPlace

VARIANT = "pdf/a-3a"  # archival: everything embedded, tagged, readable aloud, and the data may go along
SEAL, PIXELS_PER_MM = "seal", 96 / 25.4
ANNEXES = "annexes"  # the id of what page.html puts them in: an anchor of every page they reach
MISSING = ".notdef glyph rendered"
DATA_NAME = "notice.json"

weasy.install()


class Locked(URLFetcher):
    """Fetches nothing: a letter is its own text and our own kit, which is handed over as strings."""

    def fetch(self, url: str, headers: Any = None) -> Any:  # noqa: ARG002 - the signature is WeasyPrint's
        """Stops the printing: our templates refer to nothing, so whoever asks is not ours."""
        raise FatalURLFetchingError(url)


def set_letter(letter: Letter, *, draft: bool) -> Printed:
    """The letter on paper. Same letter, same bytes. Raises MissingGlyph naming characters no face has.

    What is issued carries its data along as `notice.json`; a draft does not, because it is nothing yet.
    """
    enclosed = None if draft else enclosure(letter)
    with _watched():
        sheets = _rendered(page_of(letter, draft=draft))
        if _turned_up(sheets):
            sheets = _rendered(page_of(letter, draft=draft, overleaf=True))
        return _written(sheets, enclosed)


def enclosure(letter: Letter) -> weasyprint.Attachment:
    """The letter's data as a file inside its PDF: what `read_letter` reads, dated as the letter is."""
    moment = datetime.combine(letter.date, time(), UTC)
    content = json.dumps(freeze_letter(letter), ensure_ascii=False, sort_keys=True, indent=1)
    return weasyprint.Attachment(
        string=content,
        name=DATA_NAME,
        description=DATA_NAME,
        created=moment,
        modified=moment,
        relationship="Source",
        url_fetcher=Locked(),
    )


def warm_up() -> None:
    """Load faces, style sheet and templates ahead of the first letter."""
    _kit()
    environment()


def print_page(html: str, *, enclosed: weasyprint.Attachment | None = None) -> Printed:
    """A page of ours on paper, with a file enclosed; raises FetchRefused when it refers to anything outside itself."""
    with _watched():
        return _written(_rendered(html), enclosed)


def _rendered(html: str) -> weasyprint.Document:
    fonts, sheet = _kit()
    page = weasyprint.HTML(string=html, url_fetcher=Locked(), base_url=None)
    try:
        return page.render(stylesheets=[sheet], font_config=fonts, pdf_variant=VARIANT, pdf_tags=True)
    except FatalURLFetchingError as refused:
        raise FetchRefused(str(refused)) from None


def _written(sheets: weasyprint.Document, enclosed: weasyprint.Attachment | None) -> Printed:
    target = BytesIO()
    try:
        sheets.write_pdf(
            target,
            finisher=weasy.finish,
            pdf_variant=VARIANT,
            pdf_tags=True,
            attachments=[enclosed] if enclosed else None,
        )
    except FatalURLFetchingError as refused:
        raise FetchRefused(str(refused)) from None
    return Printed(target.getvalue(), tuple(_seal_places(sheets)))


def _turned_up(sheets: weasyprint.Document) -> bool:
    """Whether 版记 has found no room below the annexes and has the front of a sheet to itself (GB/T 9704-2012, 7.4, 7.5)."""
    pages = sheets.pages
    annexed = any(ANNEXES in sheet.anchors for sheet in pages)
    return annexed and ANNEXES not in pages[-1].anchors and len(pages) % 2 == 1


def _seal_places(sheets: weasyprint.Document) -> Iterator[SealPlace]:
    """Where the templates left room for seals: boxes with the ids `seal`, `seal-2` and so on."""
    for number, sheet in enumerate(sheets.pages):
        for name, box in sorted(sheet.anchors.items()):
            if name.startswith(SEAL):
                left, top, right, bottom = (each / PIXELS_PER_MM for each in box)
                yield SealPlace(number, left, top, right - left, bottom - top)


@cache
def _kit() -> tuple[FontConfiguration, weasyprint.CSS]:
    fonts = FontConfiguration()
    sheet = (KIT / "gongwen.css").read_text("utf-8")
    return fonts, weasyprint.CSS(string=sheet, font_config=fonts, url_fetcher=Locked())


class _Ear(logging.Handler):
    """Hears WeasyPrint say that a character has no glyph; it says it and prints on."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.characters: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if str(record.msg).startswith(MISSING) and isinstance(record.args, tuple):
            self.characters.append(str(record.args[0]))


@contextmanager
def _watched() -> Iterator[None]:
    ear, logger = _Ear(), logging.getLogger("weasyprint")
    logger.addHandler(ear)
    try:
        yield
    finally:
        logger.removeHandler(ear)
    if ear.characters:
        raise MissingGlyph("".join(sorted(set(ear.characters))))

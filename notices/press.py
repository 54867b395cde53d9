"""Sets a letter on paper with WeasyPrint; the only module that imports it, after the faces have been activated."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from io import BytesIO
from typing import Any

import weasyprint
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher

from notices import justify
from notices.compose import environment, page_of
from notices.errors import FetchRefused, MissingGlyph
from notices.fonts import KIT
from notices.letters import Letter
from notices.printed import Printed, SealPlace

VARIANT = "pdf/a-2a"  # archival: everything embedded, tagged, readable aloud
SEAL, PIXELS_PER_MM = "seal", 96 / 25.4
MISSING = ".notdef glyph rendered"

justify.install()


class Locked(URLFetcher):
    """Fetches nothing: a letter is its own text and our own kit, which is handed over as strings."""

    def fetch(self, url: str, headers: Any = None) -> Any:  # noqa: ARG002 - the signature is WeasyPrint's
        """Stops the printing: our templates refer to nothing, so whoever asks is not ours."""
        raise FatalURLFetchingError(url)


def set_letter(letter: Letter, *, draft: bool) -> Printed:
    """The letter on paper. Same letter, same bytes. Raises MissingGlyph naming characters no face has."""
    return print_page(page_of(letter, draft=draft))


def warm_up() -> None:
    """Load faces, style sheet and templates ahead of the first letter."""
    _kit()
    environment()


def print_page(html: str) -> Printed:
    """A page of ours on paper; raises FetchRefused when it refers to anything outside itself."""
    fonts, sheet = _kit()
    page = weasyprint.HTML(string=html, url_fetcher=Locked(), base_url=None)
    target = BytesIO()
    with _watched():
        try:
            sheets = page.render(stylesheets=[sheet], font_config=fonts, pdf_variant=VARIANT, pdf_tags=True)
            sheets.write_pdf(target, pdf_variant=VARIANT, pdf_tags=True)
        except FatalURLFetchingError as refused:
            raise FetchRefused(str(refused)) from None
    return Printed(target.getvalue(), tuple(_seal_places(sheets)))


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

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

from notices import weasy, wording
from notices.charts import draw_chart
from notices.errors import FetchRefused, MissingGlyph
from notices.figures import draw_figure
from notices.fonts import KIT
from notices.letter import Letter, measured
from notices.letters import freeze_letter
from notices.printed import Printed, SealPlace

TEMPLATES = KIT.parent / "templates"
VARIANT = "pdf/a-3a"  # archival: everything embedded, tagged, readable aloud, and the data may go along
MARK_WIDTH, MARK_HEIGHT = 158.0, 14.0  # mm the 发文机关标志 of a letter may take
DOCUMENT_MARK_WIDTH, DOCUMENT_MARK_HEIGHT = 155.9, 22.0  # mm, of a document, no higher than 22 mm
JOINT_MARKS_HEIGHT, JOINT_LINE = 60.0, 1.25  # mm all names of a joint document may take, and how far apart they stand
JOINT_WORD = 2.35  # characters of 文件 and the space before it
JOINT_NAME = 10.5  # characters an organ's name may take above its seal
DENSE_FROM = 420  # characters of a form that still fit a page in 4号
DATE_WIDTH = 6  # characters the longest date takes, of which the organ's name is centred on
SEAL, PIXELS_PER_MM = "seal", 96 / 25.4
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
    return print_page(page_of(letter, draft=draft), enclosed=None if draft else enclosure(letter))


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


def page_of(letter: Letter, *, draft: bool) -> str:
    """The letter as the page that is set: HTML of our own templates, every text in it escaped and worded."""
    ghost = "草稿" if draft else "演示" if letter.demo else ""
    return _environment().get_template(f"{letter.kind}.html").render(letter=letter, ghost=ghost, draft=draft)


def warm_up() -> None:
    """Load faces, style sheet and templates ahead of the first letter."""
    _kit()
    environment()


def print_page(html: str, *, enclosed: weasyprint.Attachment | None = None) -> Printed:
    """A page of ours on paper, with a file enclosed; raises FetchRefused when it refers to anything outside itself."""
    fonts, sheet = _kit()
    page = weasyprint.HTML(string=html, url_fetcher=Locked(), base_url=None)
    target = BytesIO()
    with _watched():
        try:
            sheets = page.render(stylesheets=[sheet], font_config=fonts, pdf_variant=VARIANT, pdf_tags=True)
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


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    house = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
    )
    house.filters.update(
        zh_date=wording.zh_date,
        weekday=wording.weekday,
        numeral=wording.numeral,
        sentence=wording.sentence,
        clause=wording.clause,
        paragraphs=wording.paragraphs,
        as_is=_as_is,
    )
    house.globals.update(
        title_lines=_title_lines,
        mark_size=_mark_size,
        document_mark_size=_document_mark_size,
        joint_width=_joint_width,
        joint_name_size=_joint_name_size,
        sign_margin=_sign_margin,
        dense=_dense,
        draw_chart=draw_chart,
        draw_figure=draw_figure,
        qr=_qr,
    )
    return house


def _finalize(value: Any) -> Any:
    """Every text set into a page gets full-width marks; markup of ours stays as it is."""
    return wording.zh(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _as_is(text: str) -> Markup:
    return escape(text)


def _title_lines(parts: tuple[str, ...]) -> list[str]:
    return wording.title_lines([wording.zh(part).replace(wording.BREAK_HERE, "") for part in parts])


def _mark_size(issuer: str) -> float:
    return round(min(MARK_HEIGHT, MARK_WIDTH / max(len(issuer), 1)), 3)


def _document_mark_size(organs: tuple[str, ...]) -> float:
    """Millimetres of a character of 发文机关标志: name and 文件 in one line, or the names of a joint document above each other."""
    if len(organs) == 1:
        return round(min(DOCUMENT_MARK_HEIGHT, DOCUMENT_MARK_WIDTH / (len(organs[0]) + 2)), 3)
    across = DOCUMENT_MARK_WIDTH / (_joint_width(organs) + JOINT_WORD)
    return round(min(DOCUMENT_MARK_HEIGHT, across, JOINT_MARKS_HEIGHT / len(organs) / JOINT_LINE), 3)


def _joint_width(organs: tuple[str, ...]) -> int:
    """Characters of the longest name: the others are spread to it."""
    return max(map(len, organs))


def _joint_name_size(organ: str) -> float:
    return round(min(1.0, JOINT_NAME / max(len(organ), 1)), 3)


def _dense(letter: Letter) -> bool:
    """Whether a form must be set smaller to stay on its page."""
    return measured(letter) > DENSE_FROM


def _sign_margin(issuer: str) -> float:
    """Characters between 署名 and the right edge, so that the date ends four from it where the organ's name allows."""
    return max(1.0, 4 - max(0, math.ceil((len(issuer) - DATE_WIDTH) / 2)))


def _qr(url: str) -> Markup:
    return Markup(segno.make(url, error="m").svg_inline(omitsize=True, title="核验二维码", border=0))  # noqa: S704 - segno's own

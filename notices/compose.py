"""Composes a letter: its text put into the page of its kind, as HTML. What is printed and what Word gets are this text."""

import math
from functools import cache
from pathlib import Path
from typing import Any

import segno
from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

from notices import wording
from notices.charts import draw_chart
from notices.figures import draw_figure
from notices.letter import Letter, measured

TEMPLATES = Path(__file__).parent / "templates"
MARK_WIDTH, MARK_HEIGHT = 158.0, 14.0  # mm the 发文机关标志 of a letter may take
DOCUMENT_MARK_WIDTH, DOCUMENT_MARK_HEIGHT = 155.9, 22.0  # mm, of a document, no higher than 22 mm
JOINT_MARKS_HEIGHT, JOINT_LINE = 60.0, 1.25  # mm all names of a joint document may take, and how far apart they stand
JOINT_WORD = 2.35  # characters of 文件 and the space before it
JOINT_NAME = 10.5  # characters an organ's name may take above its seal
DENSE_FROM = 420  # characters of a form that still fit a page in 4号
DATE_WIDTH = 6  # characters the longest date takes, of which the organ's name is centred on


def page_of(letter: Letter, *, draft: bool, overleaf: bool = False) -> str:
    """The letter as the page that is set: HTML of our own templates, every text in it escaped and worded.

    `overleaf`: 版记 has a page to itself, which is to be the back of a sheet.
    """
    ghost = "草稿" if draft else "演示" if letter.demo else ""
    return (
        environment()
        .get_template(f"{letter.kind}.html")
        .render(letter=letter, ghost=ghost, draft=draft, overleaf=overleaf)
    )


@cache
def environment() -> ImmutableSandboxedEnvironment:
    """Our templates, with the filters and measures they use; made once."""
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

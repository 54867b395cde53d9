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
from notices.letters import Letter

TEMPLATES = Path(__file__).parent / "templates"
MARK_WIDTH, MARK_HEIGHT = 158.0, 14.0  # mm the 发文机关标志 may take
DATE_WIDTH = 6  # characters the longest date takes, of which the organ's name is centred on


def page_of(letter: Letter, *, draft: bool) -> str:
    """The letter as the page that is set: HTML of our own templates, every text in it escaped and worded."""
    ghost = "草稿" if draft else "演示" if letter.demo else ""
    return environment().get_template(f"{letter.kind}.html").render(letter=letter, ghost=ghost)


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
    house.globals.update(title_lines=_title_lines, mark_size=_mark_size, sign_margin=_sign_margin, qr=_qr)
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


def _sign_margin(issuer: str) -> float:
    """Characters between 署名 and the right edge, so that the date ends four from it where the organ's name allows."""
    return max(1.0, 4 - max(0, math.ceil((len(issuer) - DATE_WIDTH) / 2)))


def _qr(url: str) -> Markup:
    return Markup(segno.make(url, error="m").svg_inline(omitsize=True, title="核验二维码", border=0))  # noqa: S704 - segno's own

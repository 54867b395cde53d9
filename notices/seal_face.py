"""How a seal looks: the round face drawn as vectors, the organ's name along its edge, no image and no font in the paper."""

import math
import threading
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any

from fontTools.pens.basePen import BasePen
from fontTools.pens.transformPen import TransformPen
from fontTools.ttLib import TTFont

from notices.errors import MissingGlyph
from notices.fonts import folder

STAR, NATIONAL, TRIAL = "star", "national", "trial"
FACES = ("GWTitle.ttf", "GWSong.ttf", "GWRare.ttf")  # 印文用宋体, cut heavy as in metal; rare characters are borrowed
MM = 72 / 25.4  # points
RED = "0.902 0 0.071"  # of the same ink as the 发文机关标志
EM, BELOW = 1000, 120  # of the built faces: their em box, and how much of it lies under the baseline
NORM = 42.0  # mm; every measure below is of a face this wide and grows with it
EDGE = 1.2  # the ring
GAP = 0.9  # between ring and name
LETTER_HEIGHT, LETTER_WIDTH = 6.2, 5.3
STEP, SWEEP, LONG_SWEEP = 34.0, 240.0, 276.0  # degrees: between letters at most, of a name, of one over 16 letters
STAR_RADIUS = 7.0
STAR_WAIST = math.sin(math.radians(18)) / math.sin(math.radians(54))  # of a regular five-pointed star

_one_at_a_time = threading.Lock()  # the faces are read lazily, and a file has one place it is read at


@lru_cache(maxsize=64)
def face(name: str, diameter_mm: float, middle: str) -> bytes:
    """The operators that paint a seal into a square of its diameter (points, origin lower left).

    `middle` is STAR; NATIONAL, a ring that says it only keeps the place of the emblem, which we do not draw; or TRIAL,
    the word 演示. Raises MissingGlyph naming characters no face has.
    """
    scale, centre = diameter_mm / NORM * MM, diameter_mm / 2 * MM
    head = f"q {scale:.5f} 0 0 {scale:.5f} {centre:.4f} {centre:.4f} cm {RED} rg {RED} RG"
    inner = {STAR: _star, NATIONAL: _place_of_the_emblem, TRIAL: _trial}[middle]
    with _one_at_a_time:
        return " ".join([head, _ring(NORM / 2, EDGE), *_arc(name), *inner(), "Q"]).encode()


def _ring(outer: float, width: float) -> str:
    """A circle whose ink ends exactly at `outer`."""
    radius = outer - width / 2
    reach = radius * 4 / 3 * math.tan(math.pi / 8)
    corners = ((1, 0), (0, 1), (-1, 0), (0, -1))
    curves = [_quarter(corners[at], corners[(at + 1) % 4], radius, reach) for at in range(4)]
    return f"{width:.3f} w {radius:.3f} 0 m {' '.join(curves)} h S"


def _quarter(start: tuple[int, int], end: tuple[int, int], radius: float, reach: float) -> str:
    first = (start[0] * radius + end[0] * reach, start[1] * radius + end[1] * reach)
    second = (end[0] * radius + start[0] * reach, end[1] * radius + start[1] * reach)
    numbers = (*first, *second, end[0] * radius, end[1] * radius)
    return " ".join(f"{number:.3f}" for number in numbers) + " c"


def _arc(name: str) -> Iterator[str]:
    """The letters of the name, evenly over the upper part, feet toward the centre; a long name gets narrower letters."""
    gaps = max(len(name) - 1, 1)
    step = min(STEP, (SWEEP if len(name) <= 16 else LONG_SWEEP) / gaps)
    feet = NORM / 2 - EDGE - GAP - LETTER_HEIGHT
    width = min(LETTER_WIDTH, math.radians(step) * (feet + 0.2 * LETTER_HEIGHT))
    for number, letter in enumerate(name):
        turn = math.radians(step * (gaps / 2 - number if len(name) > 1 else 0))
        cos, sin = math.cos(turn), math.sin(turn)
        yield _letter(letter, width, LETTER_HEIGHT, (cos, sin, -sin, cos, -feet * sin, feet * cos))


def _star() -> Iterator[str]:
    points = []
    for number in range(10):
        radius = STAR_RADIUS if number % 2 == 0 else STAR_RADIUS * STAR_WAIST
        turn = math.radians(90 + 36 * number)
        points.append(f"{radius * math.cos(turn):.3f} {radius * math.sin(turn):.3f}")
    yield f"{points[0]} m {' '.join(point + ' l' for point in points[1:])} h f"


def _place_of_the_emblem() -> Iterator[str]:
    # As in a trial, words stand above the middle: the seal is pressed on a name just below it.
    yield _ring(STAR_RADIUS + 0.6, 0.4)
    yield from _line("非国徽", 4.2, 0.4)


def _trial() -> Iterator[str]:
    yield from _line("演示", 7.6, -0.6)


def _line(text: str, size: float, foot: float) -> Iterator[str]:
    """Letters side by side, centred; `foot` is the height of their em boxes' lower edge over the centre."""
    left = -size * (len(text) - 1) / 2
    for number, letter in enumerate(text):
        yield _letter(letter, size, size, (1, 0, 0, 1, left + number * size, foot))


def _letter(letter: str, width: float, height: float, place: tuple[float, ...]) -> str:
    """One glyph filled: its em box this wide and high, the middle of its foot brought where `place` says (a matrix)."""
    glyphs, name = _glyph(letter)
    middle = glyphs[name].width / 2
    a, b, c, d, e, f = place
    across, up = width / EM, height / EM
    matrix = (a * across, b * across, c * up, d * up)
    shift = (-middle * matrix[0] + BELOW * matrix[2] + e, -middle * matrix[1] + BELOW * matrix[3] + f)
    pen = _Operators(glyphs)
    glyphs[name].draw(TransformPen(pen, (*matrix, *shift)))
    return " ".join([*pen.written, "f"])


@cache
def _glyph(letter: str) -> tuple[dict[str, Any], str]:
    for file in FACES:
        glyphs, names = _opened(str(folder() / file))
        if ord(letter) in names:
            return glyphs, names[ord(letter)]
    raise MissingGlyph(letter)


@cache
def _opened(path: str) -> tuple[dict[str, Any], dict[int, str]]:
    font = TTFont(path, lazy=True)
    return font.getGlyphSet(), font.getBestCmap()


class _Operators(BasePen):
    """Writes an outline as PDF operators; quadratic curves arrive as cubic ones."""

    def __init__(self, glyphs: object) -> None:
        super().__init__(glyphs)
        self.written: list[str] = []

    def _moveTo(self, pt: tuple[float, float]) -> None:  # noqa: N802 - fontTools' names
        self.written.append(f"{pt[0]:.3f} {pt[1]:.3f} m")

    def _lineTo(self, pt: tuple[float, float]) -> None:  # noqa: N802
        self.written.append(f"{pt[0]:.3f} {pt[1]:.3f} l")

    def _curveToOne(self, *points: tuple[float, float]) -> None:  # noqa: N802
        self.written.append(" ".join(f"{x:.3f} {y:.3f}" for x, y in points) + " c")

    def _closePath(self) -> None:  # noqa: N802
        self.written.append("h")

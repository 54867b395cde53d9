"""Draws the process diagram of a map with its live state as SVG: our own few elements, from plain shapes."""

from collections.abc import Iterator
from itertools import pairwise
from math import atan2, cos, pi, sin

from markupsafe import Markup

from notices.parts import Figure, Line, Node
from notices.svg import BLACK, GREY, PALE, RED, WHITE, drawing, element, plain, words

WIDTH, HEIGHT = 156.0, 200.0  # mm the figure may take
MARGIN = 8.0  # in the map's own units
TEXT = 12.0  # likewise
ARROW, HALF_ANGLE = 8.0, pi / 7
LOOKS = {  # fill, stroke, stroke width, ink
    "done": (PALE, GREY, 1.0, BLACK),
    "now": (WHITE, RED, 3.0, BLACK),
    "late": (RED, RED, 1.0, WHITE),
    "ahead": (WHITE, GREY, 1.0, GREY),
}
MEANINGS = (("done", "已完成"), ("now", "办理中"), ("late", "已逾期"), ("ahead", "未开始"))
LEGEND_ROW, LEGEND_STEP = 22.0, 90.0


def draw_figure(figure: Figure) -> Markup:
    """The diagram as SVG no broader than the text, no higher than the page, with a legend under it."""
    left, top, width, height = _box(figure)
    parts = [
        *(_flow(line) for line in figure.lines),
        *(part for node in figure.nodes for part in _node(node)),
        *_legend(left + MARGIN, top + height - LEGEND_ROW),
    ]
    scale = min(WIDTH / width, HEIGHT / height, 0.5)
    return drawing(
        parts, alt=figure.alt, width_mm=width * scale, height_mm=height * scale, box=(left, top, width, height)
    )


def _box(figure: Figure) -> tuple[float, float, float, float]:
    xs = [x for node in figure.nodes for x in (node.left, node.left + node.width)]
    ys = [y for node in figure.nodes for y in (node.top, node.top + node.height + _below(node))]
    xs += [x for line in figure.lines for x, _ in line.points]
    ys += [y for line in figure.lines for _, y in line.points]
    left, top = min(xs, default=0) - MARGIN, min(ys, default=0) - MARGIN
    width = max(max(xs, default=0) + MARGIN - left, LEGEND_STEP * len(MEANINGS))
    return left, top, width, max(ys, default=0) + MARGIN - top + LEGEND_ROW + MARGIN


def _below(node: Node) -> float:
    """Room for a name that stands under its shape."""
    return 0 if node.shape == "task" or not node.text else 2 * TEXT


def _node(node: Node) -> Iterator[Markup]:
    fill, stroke, thick, ink = LOOKS[node.state]
    look: dict[str, str | float] = {"fill": fill, "stroke": stroke, "stroke_width": thick}
    x, y = node.left + node.width / 2, node.top + node.height / 2
    if node.shape == "task":
        yield element("rect", x=node.left, y=node.top, width=node.width, height=node.height, rx=6.0, **look)
        yield from _inside(node, ink)
        return
    if node.shape == "gateway":
        corners = ((x, node.top), (node.left + node.width, y), (x, node.top + node.height), (node.left, y))
        yield element("polygon", points=_points(corners), **look)
    else:
        look["stroke_width"] = thick * (2 if node.shape == "end" else 1)
        yield element("circle", cx=x, cy=y, r=min(node.width, node.height) / 2, **look)
    if node.text:
        yield words(plain(node.text)[:12], x, node.top + node.height + TEXT * 1.3, TEXT)


def _inside(node: Node, ink: str) -> Iterator[Markup]:
    """The name of a task in as many lines as its box has room for; what is left over ends in an ellipsis."""
    text, across, most = plain(node.text), max(int((node.width - 6) / TEXT), 1), max(int(node.height / (TEXT * 1.3)), 1)
    lines = [text[at : at + across] for at in range(0, len(text), across)]
    if len(lines) > most:
        lines = [*lines[: most - 1], lines[most - 1][: across - 1] + "…"]
    first = node.top + node.height / 2 - (len(lines) - 1) * TEXT * 0.65 + TEXT * 0.36
    for place, line in enumerate(lines):
        yield words(line, node.left + node.width / 2, first + place * TEXT * 1.3, TEXT, fill=ink)


def _flow(line: Line) -> Markup:
    ink, thick = (BLACK, 2.0) if line.taken else (GREY, 1.0)
    parts = [
        element("line", x1=a[0], y1=a[1], x2=b[0], y2=b[1], stroke=ink, stroke_width=thick)
        for a, b in pairwise(line.points)
    ]
    if len(line.points) > 1:
        parts.append(element("polygon", points=_points(_arrow(*line.points[-2:])), fill=ink))
    return Markup("").join(parts)


def _arrow(before: tuple[float, float], tip: tuple[float, float]) -> tuple[tuple[float, float], ...]:
    back = atan2(before[1] - tip[1], before[0] - tip[0])
    ends = (
        (tip[0] + ARROW * cos(back + turn), tip[1] + ARROW * sin(back + turn)) for turn in (-HALF_ANGLE, HALF_ANGLE)
    )
    return (tip, *ends)


def _points(points: tuple[tuple[float, float], ...]) -> str:
    return " ".join(f"{x:.2f},{y:.2f}" for x, y in points)


def _legend(left: float, top: float) -> Iterator[Markup]:
    for place, (state, meaning) in enumerate(MEANINGS):
        fill, stroke, thick, _ = LOOKS[state]
        x = left + place * LEGEND_STEP
        yield element("rect", x=x, y=top, width=20, height=12, rx=2.0, fill=fill, stroke=stroke, stroke_width=thick)
        yield words(meaning, x + 26, top + 10.5, TEXT, anchor="start")

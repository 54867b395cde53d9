"""Draws charts as SVG, 156 mm broad, told apart in black, red and grey: pure functions of frozen values."""

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from markupsafe import Markup

from notices.parts import Chart, Number, Series
from notices.svg import BLACK, GREY, PALE, RED, WHITE, drawing, element, plain, words

WIDTH, HEIGHT = 156.0, 72.0  # mm
LEFT, RIGHT, TOP, BOTTOM = 16.0, 2.0, 17.0, 11.0  # mm around the plot: scale, title with legend, labels
TEXT, SMALL = 3.5, 2.9  # mm
FILLS = (RED, GREY, PALE, BLACK)
INKS = (RED, BLACK, GREY, BLACK)
DASHES = ("", "3 1.2", "1 1", "5 1.2 1 1.2")
TICKS = 5
BAR_SHARE = 0.64  # of the room of a label
PROGRESS_ROW, PROGRESS_LABEL = 7.0, 34.0  # mm


def draw_chart(chart: Chart) -> Markup:
    """The chart as SVG; its alternative text names every value."""
    if chart.kind == "progress":
        return _progress(chart)
    plot = _Plot(chart)
    parts = [*_heading(chart), *plot.frame(), *_PLOTTED[chart.kind](chart, plot)]
    return drawing(parts, alt=told(chart), width_mm=WIDTH, height_mm=HEIGHT, box=(0, 0, WIDTH, HEIGHT))


def told(chart: Chart) -> str:
    """The chart in words, for who cannot see it: each series with each label's value."""
    runs = (
        f"{each.name}："
        + "，".join(f"{label}{shown(value)}" for label, value in zip(chart.labels, each.values, strict=True))
        for each in chart.series
    )
    return f"{chart.title}{f'（{chart.unit}）' if chart.unit else ''}。" + "；".join(runs) + "。"


def shown(value: Number | None) -> str:
    """A number as people write it: 1,234.5; a gap as a dash."""
    if value is None:
        return "—"
    text = f"{value:,.2f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def scale(values: Sequence[Number | None]) -> list[float]:
    """The marks of an axis that holds all values and zero: round numbers, evenly apart."""
    known = [float(value) for value in values if value is not None]
    low, high = min([0.0, *known]), max([0.0, *known])
    high = high if high > low else 1.0
    rough = (high - low) / TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * each for each in (1, 2, 2.5, 5, 10) if power * each >= rough * (1 - 1e-9))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [step * each for each in range(first, max(last, first + 1) + 1)]


class _Plot:
    """Where values and labels stand on the paper."""

    def __init__(self, chart: Chart) -> None:
        self.labels = chart.labels
        stacked = chart.kind == "stack"
        values = _sums(chart) if stacked else [value for each in chart.series for value in each.values]
        self.marks = scale(values)
        self.room = (WIDTH - LEFT - RIGHT) / max(len(chart.labels), 1)

    def y(self, value: Number) -> float:
        """The height of a value, mm from above."""
        low, high = self.marks[0], self.marks[-1]
        return HEIGHT - BOTTOM - (float(value) - low) / (high - low) * (HEIGHT - TOP - BOTTOM)

    def middle(self, place: int) -> float:
        """The middle of a label's room, mm from the left."""
        return LEFT + (place + 0.5) * self.room

    def frame(self) -> Iterator[Markup]:
        """Scale, lines across and labels."""
        for mark in self.marks:
            heavy = mark == 0
            yield element("line", x1=LEFT, x2=WIDTH - RIGHT, y1=self.y(mark), y2=self.y(mark),
                          stroke=BLACK if heavy else PALE, stroke_width=0.3 if heavy else 0.15)  # fmt: skip
            yield words(shown(round(mark, 6)), LEFT - 1.5, self.y(mark) + 1, SMALL, anchor="end")
        for place, label in enumerate(self.labels):
            for line, text in enumerate(_in_lines(label, self.room)):
                yield words(text, self.middle(place), HEIGHT - BOTTOM + 4 + 3.4 * line, SMALL)


def _in_lines(label: str, room: float) -> list[str]:
    """A label in at most two lines of its room."""
    text = plain(label)
    across = max(int(room / SMALL), 1)
    return [text] if len(text) <= across else [text[:across], text[across : 2 * across]]


def _heading(chart: Chart) -> Iterator[Markup]:
    yield _title(chart)
    if len(chart.series) > 1:
        yield from _legend(chart)


def _title(chart: Chart) -> Markup:
    """What it shows and in which unit, set smaller where it would leave the drawing."""
    text = chart.title + (f"（{chart.unit}）" if chart.unit else "")
    return words(text, WIDTH / 2, 4.5, min(TEXT, WIDTH / len(plain(text) or "一")))


def _legend(chart: Chart) -> Iterator[Markup]:
    widths = [8 + len(plain(each.name)) * SMALL for each in chart.series]
    x = (WIDTH - sum(widths)) / 2
    for place, (each, width) in enumerate(zip(chart.series, widths, strict=True)):
        if chart.kind == "lines":
            yield _stroke([(x, 10.2), (x + 5, 10.2)], place)
        else:
            yield element("rect", x=x, y=8.8, width=5, height=2.8, fill=FILLS[place], stroke=BLACK, stroke_width=0.15)
        yield words(each.name, x + 6, 11.2, SMALL, anchor="start")
        x += width


def _bars(chart: Chart, plot: _Plot) -> Iterator[Markup]:
    width = plot.room * BAR_SHARE / len(chart.series)
    for order, each in enumerate(chart.series):
        for place, value in enumerate(each.values):
            if value is None:
                continue
            left = plot.middle(place) + (order - len(chart.series) / 2) * width
            yield _bar(left, width, plot.y(0), plot.y(value), FILLS[order])
            if len(chart.labels) * len(chart.series) <= 20:
                above = min(plot.y(value), plot.y(0)) - 0.8
                yield words(shown(value), left + width / 2, above, SMALL * 0.9)


def _stack(chart: Chart, plot: _Plot) -> Iterator[Markup]:
    width = plot.room * BAR_SHARE
    for place in range(len(chart.labels)):
        below = 0.0
        for order, each in enumerate(chart.series):
            value = float(each.values[place] or 0)
            yield _bar(
                plot.middle(place) - width / 2, width, plot.y(below), plot.y(below + max(value, 0)), FILLS[order]
            )
            below += max(value, 0)


def _lines(chart: Chart, plot: _Plot) -> Iterator[Markup]:
    for order, each in enumerate(chart.series):
        for run in _runs(each):
            points = [(plot.middle(place), plot.y(value)) for place, value in run]
            yield _stroke(points, order)
            for x, y in points:
                yield element("circle", cx=x, cy=y, r=0.8, fill=WHITE if order % 2 else INKS[order],
                              stroke=INKS[order], stroke_width=0.3)  # fmt: skip


_PLOTTED: dict[str, Callable[[Chart, _Plot], Iterator[Markup]]] = {"bars": _bars, "stack": _stack, "lines": _lines}


def _runs(series: Series) -> Iterator[list[tuple[int, Number]]]:
    """The stretches of a series without gaps."""
    run: list[tuple[int, Number]] = []
    for place, value in enumerate(series.values):
        if value is not None:
            run.append((place, value))
        elif run:
            yield run
            run = []
    if run:
        yield run


def _stroke(points: Sequence[tuple[float, float]], order: int) -> Markup:
    lines = (
        element("line", x1=a[0], y1=a[1], x2=b[0], y2=b[1], stroke=INKS[order], stroke_width=0.6,
                stroke_dasharray=DASHES[order] or "none")
        for a, b in pairwise(points)
    )  # fmt: skip
    return Markup("").join(lines)


def _bar(left: float, width: float, zero: float, end: float, fill: str) -> Markup:
    return element("rect", x=left, y=min(zero, end), width=width, height=abs(zero - end), fill=fill,
                   stroke=BLACK, stroke_width=0.15)  # fmt: skip


def _sums(chart: Chart) -> list[Number | None]:
    return [sum(max(float(each.values[place] or 0), 0) for each in chart.series) for place in range(len(chart.labels))]


def _progress(chart: Chart) -> Markup:
    """One row for each label: a bar as long as its share of the target, a stroke at the target, and both numbers."""
    done, target = chart.series
    height = 9 + PROGRESS_ROW * len(chart.labels)
    parts = [_title(chart)]
    for place, label in enumerate(chart.labels):
        parts += _progress_row(label, done.values[place], target.values[place], 9 + PROGRESS_ROW * place)
    return drawing(parts, alt=told(chart), width_mm=WIDTH, height_mm=height, box=(0, 0, WIDTH, height))


def _progress_row(label: str, done: Number | None, target: Number | None, top: float) -> Iterator[Markup]:
    full = WIDTH - PROGRESS_LABEL - 46
    share = float(done or 0) / float(target) if target else 0.0
    yield words(plain(label)[:11], PROGRESS_LABEL - 2, top + 4, SMALL, anchor="end")
    yield element(
        "rect", x=PROGRESS_LABEL, y=top + 0.8, width=full, height=4.4, fill=WHITE, stroke=GREY, stroke_width=0.2
    )
    yield element("rect", x=PROGRESS_LABEL, y=top + 0.8, width=full * min(max(share, 0), 1), height=4.4,
                  fill=GREY if share >= 1 else RED)  # fmt: skip
    percent = f"{share:.0%}" if target else "—"
    yield words(
        f"{shown(done)} / {shown(target)}　{percent}", PROGRESS_LABEL + full + 2, top + 4, SMALL, anchor="start"
    )

"""Writes the few SVG elements our charts and figures are made of: numbers are rounded, texts worded and escaped."""

from collections.abc import Iterable

from markupsafe import Markup, escape

from notices.wording import BREAK_HERE, zh

BLACK, GREY, PALE, RED, WHITE = "#000000", "#7f7f7f", "#d9d9d9", "#c00000", "#ffffff"
FAMILY = "GW Hei"


def element(name: str, /, **attributes: str | float) -> Markup:
    """An empty element; `stroke_width` is written stroke-width."""
    return Markup("<{}{}/>").format(name, _written(attributes))


def words(text: str, x: float, y: float, size: float, *, anchor: str = "middle", fill: str = BLACK) -> Markup:
    """A line of text whose base line starts, ends or is centred at a point; size in the drawing's units."""
    place = _written({"x": x, "y": y, "font_size": size, "text_anchor": anchor, "fill": fill, "font_family": FAMILY})
    return Markup("<text{}>{}</text>").format(place, plain(text))


def drawing(parts: Iterable[Markup], *, alt: str, width_mm: float, height_mm: float, box: tuple[float, ...]) -> Markup:
    """The whole: `box` is left, top, width and height of what is shown, in the drawing's units; `alt` is read aloud."""
    frame = _written({"width": f"{number(width_mm)}mm", "height": f"{number(height_mm)}mm",
                      "viewBox": " ".join(map(number, box))})  # fmt: skip
    return Markup("<svg{}><title>{}</title>{}</svg>").format(frame, plain(alt), Markup("").join(parts))


def plain(text: str) -> str:
    """A text as it is printed, without places to break: lines of a drawing are broken by us."""
    return zh(text).replace(BREAK_HERE, "")


def number(value: float) -> str:
    """Three decimals at most, so that the same values give the same bytes on each machine."""
    return f"{value:.3f}".rstrip("0").rstrip(".")


def _written(attributes: dict[str, str | float]) -> Markup:
    shown = (
        Markup(' {}="{}"').format(name.replace("_", "-"), value if isinstance(value, str) else escape(number(value)))
        for name, value in attributes.items()
    )
    return Markup("").join(shown)

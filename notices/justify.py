"""Fills Chinese lines: WeasyPrint 70 widens only spaces, so its one function for that is replaced here."""

import re
from typing import Any

import weasyprint
from weasyprint.formatting_structure import boxes
from weasyprint.layout import inline
from weasyprint.text.line_break import create_layout

WRITTEN_FOR = "70."
HAN = re.compile(r"[\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af]")
NO_WIDTH = "\u200b"

_original = inline.justify_line


def install() -> None:
    """Replace WeasyPrint's justification; raises RuntimeError for a version this was not measured with."""
    if not weasyprint.__version__.startswith(WRITTEN_FOR):
        raise RuntimeError(f"Chinese justification was written for WeasyPrint {WRITTEN_FOR}x; measure it anew")
    inline.justify_line = justify_line


def justify_line(context: Any, line: Any, extra_width: float) -> None:
    """Spread the slack of a line evenly over the gaps between its characters when the line has Chinese in it."""
    texts = list(_texts(line))
    if not any(HAN.search(box.text) for box in texts):
        _original(context, line, extra_width)
        return
    gaps = sum(_gaps(box) for box in texts) - 1
    if gaps > 0:
        _spread(context, line, extra_width / gaps, texts[-1], 0.0)


def _texts(box: Any) -> Any:
    if isinstance(box, boxes.TextBox):
        yield box
    elif isinstance(box, (boxes.LineBox, boxes.InlineBox)):
        for child in box.children:
            if child.is_in_normal_flow():
                yield from _texts(child)


def _gaps(box: Any) -> int:
    text: str = box.text
    return len(text) - text.count(NO_WIDTH)


def _spread(context: Any, box: Any, spacing: float, last: Any, shift: float) -> float:
    """Move a box by what was gained before it, widen it, and return what has been gained after it."""
    if isinstance(box, boxes.TextBox):
        return _widen(context, box, spacing, last, shift)
    if not isinstance(box, (boxes.LineBox, boxes.InlineBox)):
        box.translate(shift, 0)
        return shift
    box.position_x += shift
    before = shift
    for child in box.children:
        if child.is_in_normal_flow():
            shift = _spread(context, child, spacing, last, shift)
    box.width += shift - before
    return shift


def _widen(context: Any, box: Any, spacing: float, last: Any, shift: float) -> float:
    box.position_x += shift
    own = box.style["letter_spacing"]
    style = box.style.copy()
    style["letter_spacing"] = (0 if own == "normal" else own) + spacing
    box.style = style
    box.pango_layout = create_layout(box.text, style, context, None, box.justification_spacing)
    box.pango_layout.deactivate()
    gained = spacing * (_gaps(box) - (box is last))
    box.width += gained
    return shift + gained

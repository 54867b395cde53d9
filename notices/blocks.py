"""Reads a composed page back as the elements of a paper, one after the other: what another form of it is made from."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml.html import HtmlElement, document_fromstring

SPACES = re.compile(r"[ \t\r\f\n]+")  # of HTML; the full-width space is text
NO_TEXT = re.compile(
    "[\u200b\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]"
)  # break hints, and what XML cannot hold
SIZE_MM, EM_RIGHT, WIDTH_MM = (re.compile(rf"{what}:\s*([\d.]+)") for what in ("font-size", "margin-right", "width"))
SILENT = frozenset(("svg", "style", "script", "colgroup", "head"))
HOLDERS = frozenset(("body", "div", "section", "article", "header", "footer", "ul", "ol", "figure"))
HELD = HOLDERS | {"p", "table", "li"}
NAMED = frozenset(("mark", "to", "annex", "note", "label", "remark", "flush"))  # classes that are kinds of their own
BY_TAG = {"h1": "title", "h2": "heading1", "h3": "heading2", "h4": "heading3"}


@dataclass(frozen=True)
class Cell:
    """A cell of a table, and how many columns and rows it takes."""

    text: str
    head: bool = False
    columns: int = 1
    rows: int = 1
    tall: bool = False
    right: bool = False


@dataclass(frozen=True)
class Block:
    """One element. `kind` is the word of its style; `left` stands at the left edge of the line.

    A signature is centred in `span` characters, `indent` characters from the right edge.
    """

    kind: str
    text: str = ""
    left: str = ""
    size_mm: float = 0.0
    indent: float = 0.0
    span: float = 0.0
    rows: tuple[tuple[Cell, ...], ...] = ()
    widths_mm: tuple[float, ...] = ()
    head_rows: int = 0


@dataclass(frozen=True)
class Sheet:
    """A whole paper: its blocks in order, what is printed behind the text, and whether a rule closes the first page."""

    title: str
    author: str
    ghost: str
    foot_rule: bool
    blocks: tuple[Block, ...]


def sheet_of(page: str) -> Sheet:
    """The elements of a page that `notices.compose` made. No text of it is lost but what is drawn: seal, code, watermark."""
    root = document_fromstring(page)
    body: HtmlElement = root.find("body")
    return Sheet(
        title=_said(root.find("head/title")),
        author="".join(str(each.get("content")) for each in root.iterfind("head/meta[@name='author']")),
        ghost="".join(_said(each) for each in body.iter("div") if _is(each, "ghost")),
        foot_rule=any(_is(each, "rule") and _is(each, "foot") for each in body.iter("div")),
        blocks=tuple(_blocks(body)),
    )


def width(line: str) -> float:
    """How wide a line is, in characters of Chinese."""
    return sum(0.5 if char.isascii() else 1 for char in line)


def _blocks(holder: HtmlElement) -> Iterator[Block]:
    for element in holder:
        if not isinstance(element.tag, str) or element.tag in SILENT or _is(element, "ghost") or _is(element, "verify"):
            continue
        yield from _block(element)


def _block(element: HtmlElement) -> Iterator[Block]:
    if element.tag == "table":
        yield _table(element)
    elif _is(element, "rule"):
        if _is(element, "head"):
            yield Block("rule")
    elif _is(element, "register"):
        yield _register(element)
    elif _is(element, "sign"):
        yield from _signatures(element)
    elif _is(element, "colophon"):
        if said := "\n".join(text for line in element.iter("span") if (text := _said(line))):
            yield Block("copies", said)
    elif _holds_blocks(element):
        yield from _blocks(element)
    elif text := _said(element):
        yield Block(_kind(element), text, size_mm=_number(SIZE_MM, element))


def _holds_blocks(element: HtmlElement) -> bool:
    return element.tag in HOLDERS and any(child.tag in BY_TAG or child.tag in HELD for child in element)


def _kind(element: HtmlElement) -> str:
    if element.tag == "h1":
        return "annextitle" if _is(element, "close") else "title"
    named = (name for name in element.get("class", "").split() if name in NAMED)
    return BY_TAG.get(element.tag) or next(named, "text")


def _register(element: HtmlElement) -> Block:
    *first, last = [_said(span) for span in element.iterfind("span")] or [_said(element)]
    return Block("register", last, left="".join(first))


def _signatures(element: HtmlElement) -> Iterator[Block]:
    """署名 and 成文日期 of each organ, centred on one another."""
    for block in (each for each in element.iter("div") if _is(each, "block")):
        lines = [text for span in block.iterfind("span") if (text := _said(span))]
        widest = max(map(width, lines), default=0.0)
        yield from (Block("sign", line, indent=_number(EM_RIGHT, block), span=widest) for line in lines)


def _table(element: HtmlElement) -> Block:
    return Block(
        "table",
        rows=tuple(tuple(_cell(cell) for cell in row if cell.tag in ("td", "th")) for row in element.iter("tr")),
        widths_mm=tuple(_number(WIDTH_MM, column) for column in element.iter("col")),
        head_rows=len(element.findall("thead/tr")),
    )


def _cell(element: HtmlElement) -> Cell:
    return Cell(
        text=_said(element),
        head=element.tag == "th",
        columns=int(element.get("colspan", "1")),
        rows=int(element.get("rowspan", "1")),
        tall=_is(element, "tall"),
        right=_is(element, "blank") or _is(element, "number"),
    )


def _said(element: HtmlElement | None) -> str:
    """The text of an element: a line for each `<br>`, no hints where to break, nothing of what is drawn."""
    if element is None:
        return ""
    lines = SPACES.sub(" ", "".join(_pieces(element))).split("\v")
    return "\n".join(NO_TEXT.sub("", line).strip(" ") for line in lines).strip("\n")


def _pieces(element: HtmlElement) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        if child.tag == "br":
            yield "\v"
        elif child.tag not in SILENT and isinstance(child.tag, str):
            yield from _pieces(child)
        yield child.tail or ""


def _is(element: HtmlElement, name: str) -> bool:
    return name in element.get("class", "").split()


def _number(wanted: re.Pattern[str], element: HtmlElement) -> float:
    found = wanted.search(element.get("style", ""))
    return float(found[1]) if found else 0.0

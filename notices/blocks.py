"""Reads a composed page back as the elements of a paper, one after the other: what another form of it is made from."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from lxml.html import HtmlElement, document_fromstring

SPACES = re.compile(r"[ \t\r\f\n]+")  # of HTML; the full-width space is text
NO_TEXT = re.compile(
    "[\u200b\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]"
)  # break hints, and what XML cannot hold
SIZE_MM, EM_RIGHT, WIDTH, HEIGHT_MM = (
    re.compile(rf"(?:^|;)\s*{what}:\s*([\d.]+)") for what in ("font-size", "margin-right", "width", "height")
)
SILENT = frozenset(("svg", "style", "script", "colgroup", "head"))
HOLDERS = frozenset(("body", "div", "section", "article", "header", "footer", "ul", "ol", "figure"))
HELD = HOLDERS | {"p", "table", "li"}
# Classes that are kinds of their own, by the words of these.
NAMED = {name: name.replace("-", "") for name in (
    "mark", "number", "to", "annex", "note", "label", "remark", "flush", "cover-number", "cover-title", "cover-foot",
)}  # fmt: skip
BY_TAG = {"h1": "title", "h2": "heading1", "h3": "heading2", "h4": "heading3"}
TITLES = {"close": "annextitle", "top": "toptitle"}
LOOKS = ("dense", "form", "cover-lines")  # classes of tables, the narrower first
SIDES = {"blank": "right", "number": "right", "middle": "center"}
TALL_MM = 30.0  # of a place to write by hand
JOINT_MM = (32.0, 62.0, 62.0)  # columns of a joint signature: the left edge stays free
LINE_CHARACTERS = 28
SIGNERS_IN_LINE, SIGNER_LABEL = 2, 4  # names beside each other; characters of 签发人：


@dataclass(frozen=True)
class Cell:
    """A cell of a table, and how many columns and rows it takes. `signed` stands below its text, at the right."""

    text: str
    head: bool = False
    columns: int = 1
    rows: int = 1
    height_mm: float = 0.0
    side: str = ""
    signed: str = ""


@dataclass(frozen=True)
class Block:
    """One element. `kind` is the word of its style; `left` stands at the left edge of the line, `label` before the text.

    A signature is centred in `span` characters, `indent` characters from the right edge; 签发人 begin `indent` characters
    from the left one. `look` is the word of a table that is not set like the others.
    """

    kind: str
    text: str = ""
    left: str = ""
    label: str = ""
    size_mm: float = 0.0
    indent: float = 0.0
    span: float = 0.0
    rows: tuple[tuple[Cell, ...], ...] = ()
    widths_mm: tuple[float, ...] = ()
    head_rows: int = 0
    look: str = ""


@dataclass(frozen=True)
class Sheet:
    """A whole paper: its blocks in order, what is printed behind the text, and whether a rule closes the first page.

    `page` is the form it is set in: letter, document, form or plain.
    """

    title: str
    author: str
    ghost: str
    foot_rule: bool
    page: str
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
        page=body.get("class", ""),
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
    elif own := next((read for name, read in OWN.items() if _is(element, name)), None):
        yield from own(element)
    elif _holds_blocks(element):
        yield from _blocks(element)
        if _is(element, "cover"):
            yield Block("newpage")
    elif text := _said(element):
        yield Block(_kind(element), text, size_mm=_number(SIZE_MM, element))


def _holds_blocks(element: HtmlElement) -> bool:
    return element.tag in HOLDERS and any(child.tag in BY_TAG or child.tag in HELD for child in element)


def _kind(element: HtmlElement) -> str:
    classes = element.get("class", "").split()
    if element.tag == "h1":
        return next((TITLES[name] for name in classes if name in TITLES), "title")
    return BY_TAG.get(element.tag) or next((NAMED[name] for name in classes if name in NAMED), "text")


def _rule(element: HtmlElement) -> Iterator[Block]:
    """The double rule of a letter, the single one of a document; the one at the foot belongs to the page."""
    if not _is(element, "foot"):
        yield Block("rule" if _is(element, "head") else "line")


def _corner(element: HtmlElement) -> Iterator[Block]:
    """份号, 密级 and 紧急程度 of a document, above its mark."""
    yield from (Block("corner", text) for line in element.iterfind("div") if (text := _said(line)))


def _mark(element: HtmlElement) -> Iterator[Block]:
    """发文机关标志; that of a document ends in 文件, which stands beside the middle of the names when there are several."""
    size, names = _number(SIZE_MM, element), _part(element, "joint-names")
    if names is not None:
        organs = Cell("\n".join(_said(name) for name in names), side="distribute")
        widths = (_number(WIDTH, names) * size, 0.0)
        yield Block("banner")
        yield Block(
            "table", rows=((organs, Cell("文件", side="center")),), widths_mm=widths, look="banner", size_mm=size
        )
    else:
        yield Block("banner" if _is(element.getparent(), "document") else "mark", _said(element), size_mm=size)


def _register(element: HtmlElement) -> Iterator[Block]:
    """发文字号 of a letter, with the corner at the left of it; that of a document for the leaders with 签发人 beside it."""
    names = _part(element, "names")
    if names is not None:
        yield from _signers(_said(_part(element, "number")), [_said(name) for name in names.iterfind("span")])
        return
    first, *others = [_said(line) for line in element.iterfind("div/div")] or [""]
    yield Block("register", _said(element.find("span")), left=first)
    yield from (Block("register", left=line) for line in others)


def _signers(number: str, names: list[str]) -> Iterator[Block]:
    """Two names a line, under each other; 发文字号 stands beside the last (GB/T 9704-2012, 7.2.6)."""
    pairs = ["　".join(names[at : at + SIGNERS_IN_LINE]) for at in range(0, len(names), SIGNERS_IN_LINE)] or ["　　　"]
    at = max(LINE_CHARACTERS - 1 - SIGNER_LABEL - max(map(width, pairs)), 1)
    for place, pair in enumerate(pairs, 1):
        label = "签发人：" if place == 1 else "　" * SIGNER_LABEL
        yield Block("signer", pair, left=number if place == len(pairs) else "", label=label, indent=at)


def _ends(element: HtmlElement) -> Iterator[Block]:
    """主送机关 and 编号 of a form, at both ends of a line."""
    left, right = [_said(end) for end in element.iterfind("span")]
    yield Block("ends", right, left=left)


def _colophon(element: HtmlElement) -> Iterator[Block]:
    """版记: what hangs at the foot of the page, and the line of the text it hangs on."""
    kind = "ruledcopies" if _is(element, "ruled") else "copies"
    ends = ("\t".join(map(_said, line.iterfind("span"))) or _said(line) for line in element.iterfind("p"))
    if lines := [Block(kind, text) for text in ends if text]:
        yield from (*lines, Block("anchor"))


def _signatures(element: HtmlElement) -> Iterator[Block]:
    """署名 and 成文日期 of each organ, centred on one another; several organs stand in rows of two."""
    if _is(element, "joint"):
        rows = tuple(_joint_row([block for block in row if _is(block, "block")]) for row in element if _is(row, "row"))
        yield Block("table", rows=rows, widths_mm=JOINT_MM, look="joint")
    for block in element.iterfind("div"):
        if _is(block, "block"):
            lines = [text for span in block.iterfind("span") if (text := _said(span))]
            widest = max(map(width, lines), default=0.0)
            yield from (Block("sign", line, indent=_number(EM_RIGHT, block), span=widest) for line in lines)
    yield from (part for each in element if _is(each, "hold") for part in _blocks(each))


def _joint_row(blocks: list[HtmlElement]) -> tuple[Cell, ...]:
    cells = [Cell("\n".join(map(_said, block.iterfind("span"))), side="center") for block in blocks]
    return (*[Cell("")] * (len(JOINT_MM) - len(cells)), *cells)


OWN: Mapping[str, Callable[[HtmlElement], Iterator[Block]]] = {
    "rule": _rule, "fixed": _corner, "mark": _mark, "register": _register, "form-number": _ends, "sign": _signatures,
    "colophon": _colophon,
}  # fmt: skip


def _table(element: HtmlElement) -> Block:
    return Block(
        "table",
        rows=tuple(tuple(_cell(cell) for cell in row if cell.tag in ("td", "th")) for row in element.iter("tr")),
        widths_mm=tuple(_number(WIDTH, column) for column in element.iter("col")),
        head_rows=len(element.findall("thead/tr")),
        look=next((name for name in LOOKS if _is(element, name)), ""),
    )


def _cell(element: HtmlElement) -> Cell:
    lines = [_said(line) for line in element.iterfind("p") if not _is(line, "by")]
    classes = element.get("class", "").split()
    return Cell(
        text="\n".join(lines) if lines else _said(element),
        head=element.tag == "th" or "verdict" in classes,
        columns=int(element.get("colspan", "1")),
        rows=int(element.get("rowspan", "1")),
        height_mm=TALL_MM if "tall" in classes else _number(HEIGHT_MM, element),
        side=next((SIDES[name] for name in classes if name in SIDES), "center" if element.tag == "th" else "left"),
        signed="".join(_said(line) for line in element.iterfind("p") if _is(line, "by")),
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


def _is(element: HtmlElement | None, name: str) -> bool:
    return element is not None and name in element.get("class", "").split()


def _part(element: HtmlElement, name: str) -> HtmlElement | None:
    return next((each for each in element.iterdescendants() if _is(each, name)), None)


def _number(wanted: re.Pattern[str], element: HtmlElement) -> float:
    found = wanted.search(element.get("style", ""))
    return float(found[1]) if found else 0.0

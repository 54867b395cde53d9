"""Tables of a Word draft, as the XML that Word keeps them in."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from xml.sax.saxutils import escape

from docx.oxml.ns import nsdecls

from notices.blocks import Block, Cell

TWIPS_PER_MM = 1440 / 25.4
TEXT_WIDTH_MM = 156.0
BANNER_LINE = 1.25  # sizes from one name of a joint mark to the next
BORDERS = ("top", "left", "bottom", "right", "insideH", "insideV")
CELL, HEAD_CELL, BANNER_CELL = "表格文字", "表头", "文件标志"  # names of styles of the template
JOINT_ROW_MM = 48.4  # from one row of organs to the next: a seal, and room that none touches another


@dataclass(frozen=True)
class Look:
    """How a table is set. Points and mm; without a size that of the cells' style. `lines` are the borders drawn."""

    size: float = 0.0
    line_mm: float = 0.0
    padding_mm: tuple[float, float] = (1.6, 2.0)
    lines: tuple[str, ...] = BORDERS
    full: bool = True  # as wide as the text
    together: bool = False  # on one page with the line before it
    row_mm: float = 0.0
    side: str = ""  # of all cells
    upright: str = "center"
    cell: str = CELL


NO_LINES: tuple[str, ...] = ()
LOOKS = {
    "": Look(),
    "form": Look(12.5, 6.2, (1.1, 1.8)),
    "dense": Look(11, 5.2, (0.8, 1.6)),
    "cover-lines": Look(16, 9, lines=("insideH", "bottom"), full=False, side="left", upright="top"),
    "joint": Look(16, 10.21, (0, 0), NO_LINES, full=False, together=True, row_mm=JOINT_ROW_MM, upright="top"),
    "banner": Look(padding_mm=(0, 0), lines=NO_LINES, cell=BANNER_CELL),
}


def look_of(block: Block) -> Look:
    """How the table of a block is set; a mark of several organs stands as close as on the paper."""
    look = LOOKS[block.look]
    points = int(block.size_mm / 25.4 * 144) / 2  # Word knows half points
    return replace(look, size=points, line_mm=block.size_mm * BANNER_LINE) if block.size_mm else look


def table_xml(block: Block, styles: Mapping[str, str]) -> str:
    """The table as `w:tbl`: as wide as the text, columns in the proportions given, the head repeated on each page.

    `styles` gives the id of a style by its name; a template without ours sets cells in its default.
    """
    count = max((sum(cell.columns for cell, _ in row) for row in _filled(block)), default=1)
    look, widths = look_of(block), _widths(block, count)
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    lines = "".join(_line(side, look) for side in BORDERS)
    sides = zip(("top", "left", "bottom", "right"), look.padding_mm * 2, strict=True)
    inner = "".join(f'<w:{side} w:w="{_twips(mm)}" w:type="dxa"/>' for side, mm in sides)
    rows = "".join(
        _row(row, widths, styles, look, head=place < block.head_rows, last=place == len(block.rows) - 1)
        for place, row in enumerate(_filled(block))
    )
    return (
        f'<w:tbl {nsdecls("w")}><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:jc w:val="center"/>'
        f'<w:tblBorders>{lines}</w:tblBorders><w:tblLayout w:type="fixed"/><w:tblCellMar>{inner}</w:tblCellMar></w:tblPr>'
        f"<w:tblGrid>{grid}</w:tblGrid>{rows}</w:tbl>"
    )


def _line(side: str, look: Look) -> str:
    drawn = 'w:val="single" w:sz="6" w:space="0" w:color="000000"' if side in look.lines else 'w:val="nil"'
    return f"<w:{side} {drawn}/>"


def _widths(block: Block, count: int) -> list[int]:
    """Twips of each column; those without a measure share what the others leave."""
    known = [*block.widths_mm[:count], *[0.0] * (count - len(block.widths_mm))]
    free = max(TEXT_WIDTH_MM - sum(known), 10.0) / max(known.count(0.0), 1)
    wide = [width or free for width in known]
    factor = TEXT_WIDTH_MM / sum(wide) if LOOKS[block.look].full else 1.0
    return [_twips(width * factor) for width in wide]


def _twips(mm: float) -> int:
    return round(mm * TWIPS_PER_MM)


def _filled(block: Block) -> Iterator[list[tuple[Cell, str]]]:
    """The rows with every place taken; beside each cell how it is merged downwards: "", restart or continue."""
    hanging: dict[int, tuple[int, int]] = {}  # by column: rows still to fill, and how many columns wide
    for cells in block.rows:
        row: list[tuple[Cell, str]] = []
        waiting, at = list(cells), 0
        while waiting or at in hanging:
            if at in hanging:
                left, columns = hanging.pop(at)
                row.append((Cell("", columns=columns), "continue"))
                hanging |= {at: (left - 1, columns)} if left > 1 else {}
            else:
                cell = waiting.pop(0)
                columns = cell.columns
                row.append((cell, "restart" if cell.rows > 1 else ""))
                hanging |= {at: (cell.rows - 1, columns)} if cell.rows > 1 else {}
            at += columns
        yield row


def _row(
    row: list[tuple[Cell, str]], widths: list[int], styles: Mapping[str, str], look: Look, *, head: bool, last: bool
) -> str:
    least = max(0 if last else look.row_mm, *(cell.height_mm for cell, _ in row))
    height = f'<w:trHeight w:val="{_twips(least)}" w:hRule="atLeast"/>' if least else ""
    cells, at = [], 0
    for cell, merged in row:
        text = _text(cell, styles, look, held=look.together)
        cells.append(_cell(cell, merged, sum(widths[at : at + cell.columns]), text, look.upright))
        at += cell.columns
    repeated = "<w:tblHeader/>" if head else ""
    return f"<w:tr><w:trPr><w:cantSplit/>{height}{repeated}</w:trPr>{''.join(cells)}</w:tr>"


def _cell(cell: Cell, merged: str, width: int, text: str, upright: str) -> str:
    span = f'<w:gridSpan w:val="{cell.columns}"/>' if cell.columns > 1 else ""
    down = f'<w:vMerge w:val="{merged}"/>' if merged else ""
    measures = f'<w:tcW w:w="{width}" w:type="dxa"/>{span}{down}<w:vAlign w:val="{upright}"/>'
    return f"<w:tc><w:tcPr>{measures}</w:tcPr>{text}</w:tc>"


def _text(cell: Cell, styles: Mapping[str, str], look: Look, *, held: bool) -> str:
    """A paragraph for each line, and one at the right for who signed."""
    named = styles.get(HEAD_CELL if cell.head else look.cell)
    style = f'<w:pStyle w:val="{named}"/>' if named else ""
    keep = "<w:keepNext/>" if held else ""
    exact = f' w:line="{_twips(look.line_mm)}" w:lineRule="exact"' if look.line_mm else ""
    points = round(look.size * 2)
    size = f'<w:sz w:val="{points}"/><w:szCs w:val="{points}"/>' if points else ""
    lines = [(line, look.side or cell.side) for line in cell.text.split("\n")]
    lines += [(cell.signed, "right")] if cell.signed else []
    return "".join(
        f'<w:p><w:pPr>{style}{keep}<w:spacing w:before="0" w:after="0"{exact}/>{_side(side)}</w:pPr>'
        f'<w:r><w:rPr><w:rFonts w:hint="eastAsia"/>{size}</w:rPr><w:t xml:space="preserve">{escape(line)}</w:t></w:r></w:p>'
        for line, side in lines
    )


def _side(side: str) -> str:
    return f'<w:jc w:val="{side}"/>' if side else ""

"""Tables of a Word draft, as the XML that Word keeps them in."""

from collections.abc import Iterator, Mapping
from xml.sax.saxutils import escape

from docx.oxml.ns import nsdecls

from notices.blocks import Block, Cell

TWIPS_PER_MM = 1440 / 25.4
TEXT_WIDTH_MM = 156.0
TALL_MM = 30
PADDING_MM = {"top": 1.6, "left": 2.0, "bottom": 1.6, "right": 2.0}
BORDERS = ("top", "left", "bottom", "right", "insideH", "insideV")
CELL, HEAD_CELL = "表格文字", "表头"  # names of styles of the template


def table_xml(block: Block, styles: Mapping[str, str]) -> str:
    """The table as `w:tbl`: as wide as the text, columns in the proportions given, the head repeated on each page.

    `styles` gives the id of a style by its name; a template without ours sets cells in its default.
    """
    count = max((sum(cell.columns for cell, _ in row) for row in _filled(block)), default=1)
    widths = _widths(block.widths_mm[:count], count)
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    lines = "".join(f'<w:{side} w:val="single" w:sz="6" w:space="0" w:color="000000"/>' for side in BORDERS)
    inner = "".join(f'<w:{side} w:w="{_twips(mm)}" w:type="dxa"/>' for side, mm in PADDING_MM.items())
    rows = "".join(
        _row(row, widths, styles, head=number < block.head_rows) for number, row in enumerate(_filled(block))
    )
    return (
        f'<w:tbl {nsdecls("w")}><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:tblBorders>{lines}</w:tblBorders>'
        f'<w:tblLayout w:type="fixed"/><w:tblCellMar>{inner}</w:tblCellMar></w:tblPr><w:tblGrid>{grid}</w:tblGrid>{rows}</w:tbl>'
    )


def _widths(given_mm: tuple[float, ...], count: int) -> list[int]:
    """Twips of each column; those without a measure share what the others leave."""
    known = [*given_mm, *[0.0] * (count - len(given_mm))]
    free = max(TEXT_WIDTH_MM - sum(known), 10.0) / max(known.count(0.0), 1)
    wide = [width or free for width in known]
    return [_twips(width * TEXT_WIDTH_MM / sum(wide)) for width in wide]


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


def _row(row: list[tuple[Cell, str]], widths: list[int], styles: Mapping[str, str], *, head: bool) -> str:
    tall = any(cell.tall for cell, _ in row)
    height = f'<w:trHeight w:val="{_twips(TALL_MM)}" w:hRule="atLeast"/>' if tall else ""
    cells, at = [], 0
    for cell, merged in row:
        cells.append(_cell(cell, merged, sum(widths[at : at + cell.columns]), styles))
        at += cell.columns
    repeated = "<w:tblHeader/>" if head else ""
    return f"<w:tr><w:trPr><w:cantSplit/>{height}{repeated}</w:trPr>{''.join(cells)}</w:tr>"


def _cell(cell: Cell, merged: str, width: int, styles: Mapping[str, str]) -> str:
    span = f'<w:gridSpan w:val="{cell.columns}"/>' if cell.columns > 1 else ""
    down = f'<w:vMerge w:val="{merged}"/>' if merged else ""
    named = styles.get(HEAD_CELL if cell.head else CELL)
    style = f'<w:pStyle w:val="{named}"/>' if named else ""
    side = '<w:jc w:val="right"/>' if cell.right else ""
    text = "<w:br/>".join(f'<w:t xml:space="preserve">{escape(line)}</w:t>' for line in cell.text.split("\n"))
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{span}{down}<w:vAlign w:val="center"/></w:tcPr>'
        f"<w:p><w:pPr>{style}{side}</w:pPr>"
        f'<w:r><w:rPr><w:rFonts w:hint="eastAsia"/></w:rPr>{text}</w:r></w:p></w:tc>'
    )

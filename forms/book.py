"""Writes tables as an xlsx: what looks like a number becomes one, with the places it was printed with, never a formula."""

import io
import re
from collections.abc import Iterable, Sequence

import openpyxl
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
NUMBER = re.compile(r"-?\d[\d,]*(\.\d+)?")
WIDEST, NARROWEST = 60, 8  # characters
Rows = Iterable[Sequence[str]]


def write_book(sheets: Iterable[tuple[str, Sequence[str], Rows]]) -> bytes:
    """An xlsx with one sheet for each (name, head, rows)."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, head, rows in sheets:
        page = book.create_sheet(name[:31])
        page.freeze_panes = "A2"
        for at, row in enumerate((head, *rows), start=1):
            for place, text in enumerate(row, start=1):
                _write(page.cell(row=at, column=place), text, head=at == 1)
        for place, cells in enumerate(page.iter_cols(), start=1):
            widest = max(sum(2 if ord(sign) > 255 else 1 for sign in str(cell.value or "")) for cell in cells)
            page.column_dimensions[get_column_letter(place)].width = min(max(widest + 2, NARROWEST), WIDEST)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _write(cell: openpyxl.cell.Cell, text: str, *, head: bool) -> None:
    found = None if head else NUMBER.fullmatch(text)
    if found:
        places = len(found[1]) - 1 if found[1] else 0
        cell.value = float(text.replace(",", "")) if places else int(text.replace(",", ""))
        cell.number_format = f"0.{'0' * places}" if places else "0"
    else:
        cell.value = text
        cell.data_type = "s"  # a text that begins with = is a text
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    if head:
        cell.font = Font(bold=True)

"""Writes tables people take away as xlsx: figures as numbers that Excel shows exactly as they are printed, words as words."""

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FIGURE = re.compile(r"(-?[\d,]+)(\.\d+)?(%)?")
WIDTHS = (8, 60)  # characters of a column
HUNDRED = 100


@dataclass(frozen=True)
class Page:
    """工作表: its name, lines above the table, the head, rows of printed texts, lines below it.

    `figures` are the places of columns whose cells are figures where they look like one; all others are words, whatever
    they look like, so that nothing a person typed ever becomes a formula.
    """

    name: str
    above: tuple[str, ...]
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    below: tuple[str, ...] = ()
    figures: frozenset[int] = frozenset()
    struck: frozenset[int] = frozenset()  # places of rows that are struck through


def workbook_of(pages: Sequence[Page]) -> bytes:
    """The pages as one xlsx file."""
    book = Workbook()
    book.remove(book.active)
    for page in pages:
        _write(book.create_sheet(page.name), page)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def shown(value: object, number_format: str) -> str:
    """A cell as a spreadsheet shows it, for the formats that are written here."""
    if isinstance(value, str) or value is None:
        return value or ""
    number = Decimal(str(value)) * (HUNDRED if number_format.endswith("%") else 1)
    places = len(number_format.rstrip("%").partition(".")[2])
    return f"{number:,.{places}f}{'%' if number_format.endswith('%') else ''}"


def _write(sheet: Any, page: Page) -> None:
    at = 0
    for line in page.above:
        at += 1
        _words(sheet.cell(at, 1), line)
    at += 1
    for column, text in enumerate(page.head, 1):
        _words(sheet.cell(at, column), text)
        sheet.cell(at, column).font = Font(bold=True)
    sheet.freeze_panes = sheet.cell(at + 1, 2)
    for place, row in enumerate(page.rows):
        at += 1
        for column, text in enumerate(row):
            _put(sheet.cell(at, column + 1), text, figure=column in page.figures)
            if place in page.struck:
                sheet.cell(at, column + 1).font = Font(strike=True)
    for line in page.below:
        at += 1
        _words(sheet.cell(at, 1), line)
    for column, width in enumerate(_widths(page), 1):
        sheet.column_dimensions[get_column_letter(column)].width = width


def _put(cell: Any, text: str, *, figure: bool) -> None:
    found = FIGURE.fullmatch(text) if figure else None
    if found is None:
        _words(cell, text)
        cell.alignment = Alignment(horizontal="right" if figure else "left", vertical="top", wrap_text=not figure)
        return
    whole, part, percent = found[1].replace(",", ""), found[2] or "", found[3] or ""
    value = Decimal(whole + part)
    cell.value = value / HUNDRED if percent else value
    cell.number_format = "#,##0" + (f".{'0' * (len(part) - 1)}" if part else "") + percent


def _words(cell: Any, text: str) -> None:
    cell.value = text
    cell.data_type = "s"  # a text that begins like a formula stays a text


def _widths(page: Page) -> Iterator[int]:
    """Broad enough for the longest cell of each column, Chinese counted twice."""
    for column, head in enumerate(page.head):
        longest = max((_wide(text) for text in (head, *(row[column] for row in page.rows))), default=0)
        yield min(max(longest + 2, WIDTHS[0]), WIDTHS[1])


def _wide(text: str) -> int:
    return sum(2 if ord(sign) > 255 else 1 for sign in text)

"""Writes a table as xlsx for people to take away: what stands in a cell is a value, never a formula."""

import io
from collections.abc import Iterable, Sequence

import openpyxl
from openpyxl.styles import Font

MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LONGEST_NAME = 31  # characters Excel allows for the name of a sheet
WIDEST = 60  # characters of a column


def workbook_of(name: str, heading: Sequence[str], rows: Iterable[Sequence[str]], struck: Iterable[int] = ()) -> bytes:
    """One sheet with a bold head; `struck` are the places, from 0, of rows that are struck through."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = name[:LONGEST_NAME]
    off, widths = set(struck), [len(text) * 2 for text in heading]
    lines = [list(heading), *map(list, rows)]
    for row, line in enumerate(lines, start=1):
        for column, text in enumerate(line, start=1):
            cell = sheet.cell(row, column, text)
            cell.data_type = "s"  # a text that begins with = is a text
            cell.font = Font(bold=row == 1, strike=row - 2 in off)
            widths[column - 1] = max(widths[column - 1], min(2 * len(text), WIDEST))
    for column, width in enumerate(widths, start=1):
        sheet.column_dimensions[openpyxl.utils.get_column_letter(column)].width = width + 2
    sheet.freeze_panes = "A2"
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()

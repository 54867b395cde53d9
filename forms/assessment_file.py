"""考核文件: schemes and figures as files an office keeps – xlsx, csv or json by the file's ending – read strictly and written."""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import PurePath
from typing import Any

import openpyxl

from forms.sheet import SheetError, read_sheet
from models.figures_file import figures_of_json, figures_of_rows, figures_rows, figures_to_json
from models.scheme import Scheme, Wrong, scheme_to_json
from models.scheme_file import plain_cell, scheme_of_json, scheme_of_rows, scheme_rows
from models.score import Figures
from models.texts import N_
from models.wrong_file import WrongFile

ENDINGS = ("xlsx", "csv", "json")
LARGEST = 5 * 1024 * 1024  # bytes of a JSON file
EXACT = 15  # digits a spreadsheet keeps; a longer number is written as text
Rows = Sequence[Sequence[object]]


def read_scheme(name: str, data: bytes) -> Scheme:
    """The scheme of a file; raises WrongFile with every mistake. The name tells the format."""
    return scheme_of_json(_json(data)) if _is_json(name) else scheme_of_rows(_rows(name, data))


def read_figures(name: str, data: bytes, scheme: Scheme) -> Figures:
    """The figures of a file, for a scheme; raises WrongFile with every mistake."""
    return figures_of_json(scheme, _json(data)) if _is_json(name) else figures_of_rows(scheme, _rows(name, data))


def write_scheme(scheme: Scheme, ending: str) -> bytes:
    """A file that `read_scheme` reads back as the same scheme; raises WrongFile for an ending it does not know."""
    return _written(ending, scheme_rows(scheme), scheme_to_json(scheme))


def write_figures(scheme: Scheme, figures: Figures, ending: str) -> bytes:
    """A file that `read_figures` reads back as the same figures."""
    return _written(ending, figures_rows(scheme, figures), figures_to_json(figures))


def _is_json(name: str) -> bool:
    ending = PurePath(name).suffix.lower().removeprefix(".")
    if ending not in ENDINGS:
        raise _no_ending(ending)
    return ending == "json"


def _no_ending(ending: str) -> WrongFile:
    return WrongFile([Wrong(0, "", N_("文件名应以 .xlsx、.csv 或 .json 结尾，不是“%(ending)s”"), {"ending": ending})])


def _rows(name: str, data: bytes) -> Rows:
    try:
        return read_sheet(name, data).rows
    except SheetError as error:
        raise WrongFile([Wrong(0, "", error.message, error.params)]) from error


def _json(data: bytes) -> Any:
    """What the JSON says, numbers exactly; a name written twice, NaN and Infinity are refused."""
    if len(data) > LARGEST:
        raise WrongFile([Wrong(0, "", N_("文件超过%(mb)s兆字节"), {"mb": LARGEST // 2**20})])
    try:
        return json.loads(
            data.decode("utf-8-sig"),
            parse_float=Decimal,
            parse_int=Decimal,
            parse_constant=_no_number,
            object_pairs_hook=_once,
        )
    except (UnicodeDecodeError, RecursionError) as error:
        raise WrongFile([Wrong(0, "", N_("不是 UTF-8 编码的 JSON"))]) from error
    except json.JSONDecodeError as error:
        told = {"line": error.lineno, "column": error.colno}
        raise WrongFile([Wrong(0, "", N_("JSON 第%(line)d行第%(column)d个字符处有误"), told)]) from error


def _no_number(text: str) -> Decimal:
    raise WrongFile([Wrong(0, "", N_("“%(text)s”不是数字"), {"text": text})])


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise WrongFile([Wrong(0, f"“{name}”", N_("写了两次"))])
        found[name] = value
    return found


def _written(ending: str, rows: Rows, plain: object) -> bytes:
    if ending == "json":
        return (json.dumps(plain, ensure_ascii=False, indent=1) + "\n").encode()
    if ending == "csv":
        return as_csv(rows).encode("utf-8-sig")
    if ending == "xlsx":
        return as_xlsx(rows)
    raise _no_ending(ending)


def as_csv(rows: Iterable[Iterable[object]], *, end: str = "\r\n") -> str:
    """The text of a csv; numbers with their own digits."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator=end).writerows([plain_cell(cell) for cell in row] for row in rows)
    return text.getvalue()


def as_xlsx(rows: Rows) -> bytes:
    """A workbook of one sheet; what is a text stays one, whatever it begins with."""
    book = openpyxl.Workbook(write_only=False)
    sheet = book.active
    for line, row in enumerate(rows, 1):
        for place, cell in enumerate(row, 1):
            exact = isinstance(cell, Decimal) and len(cell.as_tuple().digits) <= EXACT
            written = sheet.cell(line, place, cell if exact or cell is None else plain_cell(cell))
            if isinstance(written.value, str):
                written.data_type = "s"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()

"""Reads a table people upload (csv or xlsx) into plain rows, and refuses by name what it cannot read safely."""

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

import openpyxl
import python_calamine

from models.saying import Saying
from models.texts import N_

LARGEST = 5 * 1024 * 1024  # bytes of the file
LARGEST_INSIDE = 60 * 1024 * 1024  # bytes of an xlsx once unpacked
LARGEST_RATIO = 100  # unpacked bytes per packed byte, for parts that are not small anyway
SMALL_PART = 1024 * 1024
MOST_ROWS = 10_000
MOST_COLUMNS = 200
MOST_DENSE_CELLS = 2_500_000  # the fast reader keeps a full rectangle in memory
FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
CELL = re.compile(rb"<(?:\w+:)?c\s[^>]*?\br=[\"']([A-Z]{1,3})(\d{1,7})[\"']")
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MARKS = {b"\xff\xfe\x00\x00": "UTF-32", b"\x00\x00\xfe\xff": "UTF-32", b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}
USUAL_SHARE = 0.9  # of the Chinese characters of a genuine GB text stand in GB 2312
OTHERS = {"big5": "Big5（繁体中文）", "shift_jis": "Shift_JIS（日文）", "euc_kr": "EUC-KR（韩文）"}
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, KeyError, NotImplementedError, RuntimeError, ValueError)


class SheetError(Saying):
    """表格无法读取。 Says why, and how to save it so that it can be read."""


@dataclass(frozen=True)
class Sheet:
    """表格。 Rows as they stand in the file, blank ones too, so that row numbers stay the file's own (first is 1)."""

    name: str
    encoding: str  # "xlsx", or the encoding of a csv
    rows: tuple[tuple[object, ...], ...]


def read_sheet(name: str, data: bytes, *, largest: int = LARGEST) -> Sheet:
    """The first sheet of an xlsx, or a csv in UTF-8 or GB 18030; raises SheetError with what to do."""
    if not data.strip():
        raise SheetError(N_("文件是空的；请选择填好的台账。"))
    if len(data) > largest:
        raise SheetError(N_("文件超过%(mb)s兆字节；请分成几个文件导入。"), mb=largest // 2**20)
    if data.startswith(OLD_OFFICE):
        raise SheetError(N_("这是旧版 xls、WPS 的 et 或加了密码的表格；请去掉密码并另存为 xlsx 后导入。"))
    if data.startswith(b"PK\x03\x04"):
        return Sheet(name, "xlsx", _bounded(_xlsx_rows(data)))
    if PurePath(name).suffix.lower() in (".xlsx", ".xlsm", ".xls", ".et"):
        raise SheetError(N_("文件的内容不是表格；请在表格软件中重新另存为 xlsx。"))
    text, encoding = _decoded(data)
    return Sheet(name, encoding, _bounded(_csv_rows(text)))


def _bounded(rows: Iterator[Sequence[object]]) -> tuple[tuple[object, ...], ...]:
    """The rows up to the last that holds anything; more than we take is refused, not cut off."""
    kept: list[tuple[object, ...]] = []
    for number, row in enumerate(rows, start=1):
        if all(cell is None or not str(cell).strip() for cell in row):
            continue
        if number > MOST_ROWS:
            raise SheetError(N_("超过%(limit)s行；请分成几个文件导入。"), limit=MOST_ROWS)
        if any(cell not in (None, "") for cell in row[MOST_COLUMNS:]):
            raise SheetError(N_("第%(row)s行超过%(limit)s列；请删去多余的列。"), row=number, limit=MOST_COLUMNS)
        kept.extend([()] * (number - 1 - len(kept)))  # blank rows in between keep the numbers true
        kept.append(tuple(row[:MOST_COLUMNS]))
    if not kept:
        raise SheetError(N_("表格里没有内容；请检查是否填在了第一个工作表。"))
    return tuple(kept)


def _decoded(data: bytes) -> tuple[str, str]:
    """Text and encoding; a table in any other encoding is refused by the name of that encoding."""
    for mark, encoding in MARKS.items():
        if data.startswith(mark):
            raise _other_encoding(encoding)
    if b"\x00" in data[:4096]:
        raise _other_encoding("UTF-16")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding == "gb18030" and not _is_usual(text):
            break
        return text, "utf-8" if encoding == "utf-8-sig" else encoding
    raise _other_encoding(next((name for codec, name in OTHERS.items() if _decodes(data, codec)), ""))


def _is_usual(text: str) -> bool:
    """Whether the Chinese of a text is what people write; text of another encoding read as GB is full of rare signs."""
    signs = [each for each in text if ord(each) > 127]
    usual = sum(1 for each in signs if each.encode("gb2312", "ignore"))
    return usual >= len(signs) * USUAL_SHARE


def _decodes(data: bytes, codec: str) -> bool:
    try:
        data.decode(codec)
    except UnicodeDecodeError:
        return False
    return True


def _other_encoding(name: str) -> SheetError:
    if not name:
        return SheetError(N_("文件的编码无法识别；请另存为“CSV UTF-8”或 xlsx 后导入。"))
    return SheetError(N_("文件是%(name)s编码，只收 UTF-8 和 GB18030；请另存为“CSV UTF-8”或 xlsx 后导入。"), name=name)


def _csv_rows(text: str) -> Iterator[list[str]]:
    """Rows of a csv whose cells are parted by commas, tabs or semicolons, whichever its head uses most."""
    delimiter = max(",\t;", key=text[:4096].count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        yield from reader
    except csv.Error as error:
        raise SheetError(
            N_("第%(line)s行附近的引号或分隔符有误；请用表格软件打开后另存为 xlsx。"), line=reader.line_num
        ) from error


def _xlsx_rows(data: bytes) -> Iterator[Sequence[object]]:
    try:
        yield from _values(data) if _is_plain(data) else _with_formulas(data)
    except SheetError:
        raise
    except (*BROKEN, python_calamine.CalamineError) as error:
        raise SheetError(N_("xlsx 文件已损坏或不完整；请用表格软件打开后重新另存。")) from error


def _is_plain(data: bytes) -> bool:
    """Whether the fast way may read it: no formulas, and no cell so far out that a dense table would not fit.

    Raises SheetError for zip bombs, for definitions of entities and for archives that are no table.
    """
    plain, unpacked = True, 0
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if "xl/workbook.xml" not in archive.namelist():
            raise SheetError(N_("文件的内容不是表格；请在表格软件中重新另存为 xlsx。"))
        for part in archive.infolist():
            content = _unpacked(archive, part, LARGEST_INSIDE - unpacked)
            unpacked += len(content)
            if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
                raise SheetError(N_("文件含有不允许的定义，已拒绝；请用表格软件重新另存。"))
            if part.filename.startswith("xl/worksheets/"):
                plain = plain and not FORMULA.search(content) and _extent(content) <= MOST_DENSE_CELLS
    return plain


def _unpacked(archive: zipfile.ZipFile, part: zipfile.ZipInfo, room: int) -> bytes:
    if part.file_size > SMALL_PART and part.file_size > LARGEST_RATIO * max(part.compress_size, 1):
        raise SheetError(N_("文件解压后异常膨胀，已拒绝；请用表格软件重新另存。"))
    with archive.open(part) as stream:
        content = stream.read(room + 1)  # never more, whatever the directory of the archive says
    if len(content) > room:
        raise SheetError(N_("文件解压后过大，已拒绝；请删去图片和多余的工作表。"))
    return content


def _extent(content: bytes) -> int:
    """Rows times columns up to the outermost cells that are written at all."""
    columns, rows = 1, 1
    for letters, digits in CELL.findall(content):
        rows = max(rows, int(digits))
        columns = max(columns, column_number(letters.decode()))
    return rows * columns


def column_number(letters: str) -> int:
    """1 for A, 27 for AA."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _values(data: bytes) -> Iterator[Sequence[object]]:
    """The fast way: a table of 10,000 rows in a third of a second."""
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    yield from book.get_sheet_by_index(0).to_python(skip_empty_area=False)


def _with_formulas(data: bytes) -> Iterator[Sequence[Any]]:
    """The slow way, which alone tells a formula from its last result."""
    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=False)
    try:
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what a file says of its own size may leave rows out
        for row in sheet.iter_rows(values_only=True):
            yield ["=…" if type(cell).__name__ in ("ArrayFormula", "DataTableFormula") else cell for cell in row]
    finally:
        book.close()

"""What people upload: good tables in every usual guise, and each bad one refused with its own sentence."""

import io
import struct
import zipfile
from datetime import date, datetime

import openpyxl
import pytest

from forms.sheet import MOST_ROWS, SheetError, column_number, read_sheet

TEXT = "重点项目台账\n\n项目名称,总投资(亿元)\n氢能重卡产业园,3.2\n"
ROWS = (("重点项目台账",), (), ("项目名称", "总投资(亿元)"), ("氢能重卡产业园", "3.2"))


def workbook(*rows: tuple, at: str = "A1") -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    first = openpyxl.utils.cell.coordinate_to_tuple(at)
    for down, row in enumerate(rows):
        for across, cell in enumerate(row):
            sheet.cell(first[0] + down, first[1] + across, cell)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def with_part(data: bytes, name: str, change) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            content = old.read(part)
            new.writestr(part.filename, change(content) if part.filename == name else content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("encoding", "named"), [("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("gb18030", "gb18030"), ("gbk", "gb18030")]
)
def test_usual_encodings_are_read_and_blank_rows_keep_the_numbers_true(encoding: str, named: str) -> None:
    sheet = read_sheet("台账.csv", TEXT.encode(encoding))
    assert (sheet.encoding, sheet.rows) == (named, ROWS)


@pytest.mark.parametrize("delimiter", ["\t", ";"])
def test_other_delimiters_and_quoted_cells(delimiter: str) -> None:
    text = f'项目名称{delimiter}问题\n"甲\n乙"{delimiter}"他说""好"""\n'
    assert read_sheet("a.csv", text.encode()).rows == (("项目名称", "问题"), ("甲\n乙", '他说"好"'))


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"  \n", "空的"),
        (TEXT.encode("utf-16"), "UTF-16"),
        (TEXT.encode("utf-16-le"), "UTF-16"),
        ("項目名稱,總投資\n氫能重卡產業園區建設專案,三億\n".encode("big5"), "Big5"),
        (b"\x81\x20\xff\xfe\xfa\n", "无法识别"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "xls"),
        (b"x" * (5 * 2**20 + 1), "超过5兆字节"),
        (("项目\n" + "甲\n" * MOST_ROWS).encode(), "超过10000行"),
        (("a," * 300 + "b\n").encode(), "超过200列"),
        (b",,\n,,\n", "没有内容"),
        (b"PK\x03\x04" + b"\0" * 100, "损坏"),
    ],
)
def test_what_cannot_be_read_is_refused_by_name(data: bytes, says: str) -> None:
    with pytest.raises(SheetError, match=says):
        read_sheet("台账.csv", data)


def test_a_workbook_damaged_anywhere_is_refused_or_read_and_never_a_fault() -> None:
    good = bytearray(workbook(*[(f"项目{row}", row * 1.5) for row in range(200)]))
    refused = 0
    for place in range(40, len(good), len(good) // 120):
        bad = bytes(good[:place]) + bytes([good[place] ^ 0xFF, good[place + 1] ^ 0x55]) + bytes(good[place + 2 :])
        try:
            read_sheet("坏.xlsx", bad)
        except SheetError:
            refused += 1
    assert refused > 50


def test_a_picture_called_xlsx_is_no_table() -> None:
    with pytest.raises(SheetError, match="不是表格"):
        read_sheet("台账.xlsx", b"\x89PNG\r\n\x1a\n")


def test_an_xlsx_gives_days_numbers_and_texts_where_they_stand() -> None:
    data = workbook(("项目名称", "签约时间", "总投资"), ("氢能", datetime(2026, 3, 1), 3.2), at="B3")  # noqa: DTZ001
    rows = read_sheet("台账.xlsx", data).rows
    assert rows[:2] == ((), ())
    assert rows[2][1:4] == ("项目名称", "签约时间", "总投资")
    assert rows[3][1] == "氢能" and rows[3][3] == 3.2
    assert str(rows[3][2])[:10] == str(date(2026, 3, 1))


def test_formulas_are_seen_as_formulas() -> None:
    rows = read_sheet("台账.xlsx", workbook(("项目名称", "总投资"), ("氢能", "=1+2"))).rows
    assert rows[1] == ("氢能", "=1+2")


def test_a_zip_bomb_is_not_unpacked() -> None:
    good = workbook(("项目名称",), ("氢能",))
    bomb = with_part(good, "xl/worksheets/sheet1.xml", lambda old: old + b" " * (30 * 2**20))
    assert len(bomb) < 5 * 2**20
    with pytest.raises(SheetError, match="膨胀"):
        read_sheet("台账.xlsx", bomb)


def test_a_bomb_that_lies_about_its_size_is_not_unpacked_either() -> None:
    good = workbook(("项目名称",), ("氢能",))
    bomb = with_part(good, "xl/theme/theme1.xml", lambda old: old + bytes(200) * 2**19)
    place = bomb.rindex(b"xl/theme/theme1.xml") - 46 + 24  # uncompressed size in the directory
    with pytest.raises(SheetError):
        read_sheet("台账.xlsx", bomb[:place] + struct.pack("<I", 1000) + bomb[place + 4 :])


def test_entities_are_refused() -> None:
    data = with_part(workbook(("项目名称",)), "xl/workbook.xml", lambda old: b'<!DOCTYPE x [<!ENTITY a "b">]>' + old)
    with pytest.raises(SheetError, match="定义"):
        read_sheet("台账.xlsx", data)


def test_a_docx_is_no_table() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    with pytest.raises(SheetError, match="不是表格"):
        read_sheet("台账.xlsx", out.getvalue())


def test_one_cell_in_the_farthest_corner_does_not_eat_the_memory() -> None:
    data = workbook(("项目名称",), ("氢能",))
    far = with_part(
        data,
        "xl/worksheets/sheet1.xml",
        lambda old: old.replace(
            b"</sheetData>", b'<row r="1048576"><c r="XFD1048576" t="n"><v>1</v></c></row></sheetData>'
        ),
    )
    with pytest.raises(SheetError, match="超过"):
        read_sheet("台账.xlsx", far)


@pytest.mark.parametrize(("letters", "number"), [("A", 1), ("Z", 26), ("AA", 27), ("XFD", 16384)])
def test_columns_are_counted_as_spreadsheets_do(letters: str, number: int) -> None:
    assert column_number(letters) == number

"""Evidence: kept by its hash, judged by its bytes, and never by the name somebody gave it."""

import hashlib
import io
import zipfile
from pathlib import Path

import openpyxl
import pytest
from PIL import Image

from models.attachment import Attachment, attachments, file_path, keep_file, read_file, store_attachment
from models.clock import FrozenClock
from models.database import Database
from models.project import register_project
from models.refusal import Invalid, NotFound
from models.unit import CLOCK, open_unit
from tests.cast import make_town

PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


def picture(kind: str) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (4, 4), "red").save(file, kind)
    return file.getvalue()


def table() -> bytes:
    file = io.BytesIO()
    openpyxl.Workbook().save(file)
    return file.getvalue()


def archive(**parts: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as opened:
        for name, content in parts.items():
            opened.writestr(name.replace("__", "/").replace("Content_Types", "[Content_Types].xml"), content)
    return file.getvalue()


WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"


@pytest.mark.parametrize(
    ("name", "data", "media_type"),
    [
        ("协议.pdf", PDF, "application/pdf"),
        ("现场.JPG", picture("JPEG"), "image/jpeg"),
        ("现场.png", picture("PNG"), "image/png"),
        ("台账.xlsx", table(), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (
            "纪要.docx",
            archive(Content_Types=f'<Override ContentType="{WORD}"/>'),
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
    ],
)
def test_what_is_kept_lies_under_its_hash(tmp_path: Path, name: str, data: bytes, media_type: str) -> None:
    kept = keep_file(tmp_path, name, data)
    assert (kept.sha256, kept.name, kept.media_type, kept.size) == (
        hashlib.sha256(data).hexdigest(),
        name,
        media_type,
        len(data),
    )
    assert read_file(tmp_path, kept.sha256) == data
    again = keep_file(tmp_path, "另一个名字" + name, data)
    assert again.sha256 == kept.sha256
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [file_path(tmp_path, kept.sha256)]


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("空.pdf", b"", "空的"),
        ("大.pdf", PDF + b" " * 2_000_000, "超过1兆字节"),
        ("页面.html", b"<html><script>alert(1)</script>", "不可接收"),
        ("图.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "不可接收"),
        ("页面.pdf", b"<html>%PDF-1.7", "不可接收"),
        ("协议.docx", PDF, "扩展名不符"),
        ("协议.pdf.exe", PDF, "扩展名不符"),
        ("包.docx", archive(a="1"), "不可接收"),
        ("宏.docx", archive(Content_Types=WORD, word__vbaProject_bin="x", **{"word__vbaProject.bin": "x"}), "不可接收"),
        ("宏.xlsx", archive(Content_Types="application/vnd.ms-excel.sheet.macroEnabled.main+xml"), "不可接收"),
        ("坏.docx", b"PK\x03\x04" + b"\x00" * 50, "不可接收"),
        ("程序.jpg", b"MZ\x90\x00", "不可接收"),
    ],
)
def test_what_is_refused_leaves_nothing_behind(tmp_path: Path, name: str, data: bytes, says: str) -> None:
    with pytest.raises(Invalid) as refused:
        keep_file(tmp_path, name, data, largest=2**20)
    assert says in str(refused.value) and "file" in refused.value.fields
    assert not any(path.is_file() for path in tmp_path.rglob("*"))


@pytest.mark.parametrize("name", ["../../etc/协议.pdf", "..\\..\\协议.pdf", "协\x00议.pdf", "/协议.pdf"])
def test_a_name_never_becomes_a_path(tmp_path: Path, name: str) -> None:
    kept = keep_file(tmp_path / "archive", name, PDF)
    assert kept.name == "协议.pdf"
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [kept.sha256]
    assert len(keep_file(tmp_path, "长" * 300 + ".pdf", PDF).name) == 120


def test_a_file_changed_or_gone_is_noticed(tmp_path: Path) -> None:
    kept = keep_file(tmp_path, "协议.pdf", PDF)
    file_path(tmp_path, kept.sha256).write_bytes(PDF + b"!")
    with pytest.raises(RuntimeError):
        read_file(tmp_path, kept.sha256)
    file_path(tmp_path, kept.sha256).unlink()
    with pytest.raises(NotFound):
        read_file(tmp_path, kept.sha256)


def test_the_same_evidence_of_one_project_is_filed_once(database: Database, clock: FrozenClock, tmp_path: Path) -> None:
    kept = keep_file(tmp_path, "协议.pdf", PDF)
    with open_unit(database, CLOCK, clock.now()) as unit:
        town = make_town(unit)
    with open_unit(database, town.li_ming, clock.now()) as unit:
        one, two = (
            register_project(unit, owner_organ_id=town.binhai, values={"name": name}).id
            for name in ("甲项目", "乙项目")
        )
        first = store_attachment(unit, kept, project_id=one)
        assert store_attachment(unit, kept, project_id=one) == first
        assert store_attachment(unit, kept, project_id=two) != first
        row = attachments(unit.session, one)[0]
        assert (row.id, row.filed_by_id, row.may_be_inline) == (first, town.li_ming.officer_id, True)
        assert not Attachment(media_type="text/html").may_be_inline

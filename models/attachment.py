"""附件: evidence by its hash. The file is written before the unit opens, the row within it; neither waits."""

import hashlib
import io
import os
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePath
from secrets import token_hex

import puremagic
from sqlalchemy import ForeignKey, Integer, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import UNFLUSHED, Base, Key, Moment
from models.process import Item
from models.refusal import Invalid, NotFound
from models.texts import N_
from models.unit import Unit

LARGEST = 20 * 1024 * 1024  # bytes; the operator's setting may be smaller
OFFICE = "application/vnd.openxmlformats-officedocument."
ALLOWED: dict[str, tuple[str, ...]] = {
    "application/pdf": (".pdf",),
    f"{OFFICE}wordprocessingml.document": (".docx",),
    f"{OFFICE}spreadsheetml.sheet": (".xlsx",),
    "image/jpeg": (".jpg", ".jpeg"),
    "image/png": (".png",),
}
INLINE = frozenset({"application/pdf", "image/jpeg", "image/png"})  # all else is only ever downloaded
OFFICE_PARTS = {
    f"{OFFICE}wordprocessingml.document.main+xml": f"{OFFICE}wordprocessingml.document",
    f"{OFFICE}spreadsheetml.sheet.main+xml": f"{OFFICE}spreadsheetml.sheet",
}
MAGIC = {b"%PDF-": "application/pdf", b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}
LARGEST_PART_LIST = 1024 * 1024  # bytes of [Content_Types].xml that are looked at
LONGEST_NAME = 120


class Attachment(Base):
    """附件。 One file as evidence of one project; the same bytes lie in the folder once, whoever filed them."""

    __tablename__ = "attachment"
    __table_args__ = (UniqueConstraint("project_id", "sha256"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id"))
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    media_type: Mapped[str] = mapped_column(String(80))
    size: Mapped[int] = mapped_column(Integer)
    filed_by_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    filed_at: Mapped[datetime] = mapped_column(Moment)

    @property
    def may_be_inline(self) -> bool:
        """Whether a browser may show it in the page; never for anything that could carry a script."""
        return self.media_type in INLINE


@dataclass(frozen=True)
class KeptFile:
    """A checked file that lies in the folder already; what `store_attachment` writes a row of."""

    sha256: str
    name: str
    media_type: str
    size: int


def keep_file(folder: Path, name: str, data: bytes, *, largest: int = LARGEST) -> KeptFile:
    """Check a file and write it under its hash, durably; to be called before a unit opens. Safe to repeat.

    Raises Invalid for files that are empty, too large, of a kind not allowed, or not what their name says.
    """
    media_type = check_file(name, data, largest=largest)
    sha256 = hashlib.sha256(data).hexdigest()
    path = file_path(folder, sha256)
    if not path.exists():
        _write_durably(path, data)
    return KeptFile(sha256, _clean_name(name), media_type, len(data))


def store_attachment(unit: Unit, kept: KeptFile, *, project_id: int | None) -> int:
    """The number of the attachment; the same bytes for the same project, or by the same officer without one, are filed once."""
    query = select(Attachment.id).where(Attachment.project_id == project_id, Attachment.sha256 == kept.sha256)
    if project_id is None:  # another's file cannot be named in an answer of one's own, though it has the same bytes
        query = query.where(Attachment.filed_by_id == unit.actor.officer_id)
    known = unit.session.scalar(query)
    if known:
        return known
    row = Attachment(project_id=project_id, sha256=kept.sha256, name=kept.name, media_type=kept.media_type,
                     size=kept.size, filed_by_id=unit.actor.officer_id, filed_at=unit.now)  # fmt: skip
    unit.session.add(row)
    unit.session.flush()  # the trace names its number
    unit.trace("attachment.store", "project", project_id, {"id": row.id, "name": row.name, "sha256": row.sha256})
    return row.id


def read_file(folder: Path, sha256: str) -> bytes:
    """The bytes of an attachment; raises NotFound when they are gone and RuntimeError when they were changed."""
    try:
        data = file_path(folder, sha256).read_bytes()
    except FileNotFoundError as error:
        raise NotFound(N_("附件文件不在存放目录中，请联系系统管理员。")) from error
    if hashlib.sha256(data).hexdigest() != sha256:
        raise RuntimeError(f"attachment {sha256} was changed on disk")
    return data


def file_path(folder: Path, sha256: str) -> Path:
    """Where the bytes of this hash lie; the name a person gave never becomes a path."""
    return folder / sha256[:2] / sha256


def attachments(session: Session, project_id: int) -> list[Attachment]:
    """What was filed for a project, newest first."""
    query = select(Attachment).where(Attachment.project_id == project_id)
    return list(session.scalars(query.order_by(Attachment.id.desc())))


def find_attachment(session: Session, attachment_id: int) -> Attachment:
    """The attachment with this number; raises NotFound. The caller has checked who may see it."""
    found = session.get(Attachment, attachment_id)
    if found is None:
        raise NotFound(N_("没有这个附件，或您无权查看。"))
    return found


def keepable(unit: Unit, item: Item, attachment_ids: Iterable[int]) -> set[int]:
    """Those of the files that an answer of this item may name: filed for its project, or in its own draft."""
    wanted = set(attachment_ids)
    if not wanted:
        return set()
    query = select(Attachment.id).where(Attachment.id.in_(wanted), Attachment.project_id == item.project_id)
    if item.project_id is None:
        query = query.where(Attachment.filed_by_id == unit.actor.officer_id)
    return set(unit.session.scalars(query))


def check_evidence(session: Session, project_id: int, attachment_ids: Iterable[int]) -> None:
    """Raises Invalid when one of the attachments was not filed for this project."""
    wanted = set(attachment_ids)
    query = select(Attachment.id).where(Attachment.id.in_(wanted), Attachment.project_id == project_id)
    if wanted and set(session.scalars(query, execution_options=UNFLUSHED)) != wanted:
        raise Invalid(N_("填写有误"), fields={"attachments": N_("附件不属于本项目，请重新上传。")})


def check_file(name: str, data: bytes, *, largest: int = LARGEST) -> str:
    """The media type that the bytes themselves show; raises Invalid with what to do."""
    if not data:
        raise _refused(N_("文件“%(name)s”是空的。"), name=name)
    if len(data) > largest:
        raise _refused(N_("文件“%(name)s”超过%(mb)s兆字节；请压缩或分开上传。"), name=name, mb=largest // 2**20)
    media_type = sniff(data)
    if media_type not in ALLOWED:
        raise _refused(N_("“%(name)s”的内容不可接收；只收 pdf、docx、xlsx、jpg、png，不收带宏的文件。"), name=name)
    if PurePath(name).suffix.lower() not in ALLOWED[media_type]:
        raise _refused(N_("“%(name)s”的内容与扩展名不符，实为%(kind)s；请改名后上传。"),
                       name=name, kind=ALLOWED[media_type][0])  # fmt: skip
    return media_type


def sniff(data: bytes) -> str:
    """The media type of the bytes, or "" when it is none that we keep; two judges must agree."""
    for magic, media_type in MAGIC.items():
        if data.startswith(magic):
            return media_type if media_type in _guesses(data) else ""
    return _office_type(data) if data.startswith(b"PK\x03\x04") else ""


def _guesses(data: bytes) -> set[str]:
    try:
        return {each.mime_type for each in puremagic.magic_string(data)}
    except puremagic.PureError:
        return set()


def _office_type(data: bytes) -> str:
    """Docx or xlsx by the list of parts inside the zip; a bare zip, or one with macros, is neither."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive, archive.open("[Content_Types].xml") as part:
            listed = part.read(LARGEST_PART_LIST).decode("utf-8", "replace")
            names = archive.namelist()
    except (zipfile.BadZipFile, KeyError, EOFError, zlib.error, NotImplementedError, RuntimeError):
        return ""
    if "macroEnabled" in listed or any(name.endswith("vbaProject.bin") for name in names):
        return ""
    return next((media for part, media in OFFICE_PARTS.items() if part in listed), "")


def _write_durably(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    passing = path.with_name(f".{path.name}.{token_hex(6)}")
    try:
        with passing.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        passing.rename(path)
    finally:
        passing.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _clean_name(name: str) -> str:
    """The last part of the name, printable, short enough, with its suffix."""
    last = "".join(each for each in PurePath(name.replace("\\", "/")).name if each.isprintable())
    stem, suffix = os.path.splitext(last)  # noqa: PTH122 - a name, not a path
    return stem[: LONGEST_NAME - len(suffix)] + suffix


def _refused(message: str, **params: object) -> Invalid:
    return Invalid(message, fields={"file": message % params}, **params)

"""Files that come with a form, checked and written before a unit opens, and files that go out under their own name."""

import hashlib
import io
from pathlib import Path

from flask import Response, request, send_file

from models.attachment import KeptFile, keep_file, store_attachment
from models.house import House
from models.refusal import Invalid, NotFound
from models.texts import N_
from models.unit import Actor, Unit

MOST_FILES = 10
MOST_PENDING = 5  # ledgers of one officer that wait between preview and import


def kept_files(house: House, name: str) -> list[KeptFile]:
    """The files of a field, kept under their hash; raises Invalid at that field for the first that cannot be taken."""
    sent = [each for each in request.files.getlist(name) if each.filename]
    if len(sent) > MOST_FILES:
        raise Invalid(N_("填写有误"), fields={name: N_("一次最多上传10个文件。")})
    folder, largest = house.settings.archive_dir, house.settings.max_upload_mb * 1024 * 1024
    try:
        return [keep_file(folder, each.filename or "", each.read(), largest=largest) for each in sent]
    except Invalid as refusal:
        raise Invalid(N_("填写有误"), fields={name: refusal.fields.get("file", str(refusal))}) from refusal


def file_all(unit: Unit, kept: list[KeptFile], project_id: int) -> list[str]:
    """The numbers of the attachments as a form's answer holds them."""
    return [str(store_attachment(unit, each, project_id=project_id)) for each in kept]


def sent_out(data: bytes, name: str, media_type: str, *, save: bool) -> Response:
    """A file under its own name, in the header's way of writing Chinese: raw characters there kill the answer."""
    return send_file(io.BytesIO(data), mimetype=media_type, as_attachment=save, download_name=name)


def keep_ledger(house: House, actor: Actor, name: str, data: bytes) -> str:
    """The hash under which an uploaded ledger waits for its import; the oldest of this officer's make room."""
    digest = hashlib.sha256(data).hexdigest()
    folder = _pending(house, actor)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / digest).write_bytes(data)
    (folder / f"{digest}.name").write_text(name[-200:], encoding="utf-8")
    waiting = sorted((each for each in folder.iterdir() if not each.suffix), key=lambda each: each.stat().st_mtime)
    for old in waiting[:-MOST_PENDING]:
        drop_ledger(house, actor, old.name)
    return digest


def kept_ledger(house: House, actor: Actor, digest: str) -> tuple[str, bytes]:
    """Name and bytes of what this very officer uploaded under the hash; raises NotFound for anything else."""
    path = _pending(house, actor) / digest
    if len(digest) != 64 or not set(digest) <= set("0123456789abcdef") or not path.is_file():
        raise NotFound(N_("上传的文件已不在，请重新上传。"))
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != digest:
        raise NotFound(N_("上传的文件已不在，请重新上传。"))
    return path.with_suffix(".name").read_text(encoding="utf-8"), data


def drop_ledger(house: House, actor: Actor, digest: str) -> None:
    """What was imported need not wait any longer."""
    for each in (digest, f"{digest}.name"):
        (_pending(house, actor) / each).unlink(missing_ok=True)


def _pending(house: House, actor: Actor) -> Path:
    return house.settings.data_dir / "imports" / str(actor.officer_id)

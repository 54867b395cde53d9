"""Keeps issued papers read-only under the hash of their bytes; what was altered is never handed out."""

import hashlib
import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

HASH = re.compile(r"[0-9a-f]{64}")
READ_ONLY = 0o444


class Altered(RuntimeError):
    """存档被改动。 The file is not what was archived; carries its hash."""


class NotArchived(LookupError):
    """没有存档。 No file has this hash."""


@dataclass(frozen=True)
class Stored:
    """An archived file: SHA-256 in hexadecimal, where it lies, bytes."""

    sha256: str
    path: Path
    size: int


def archive(folder: Path, content: bytes) -> Stored:
    """Keep the content for good; the same content is kept once. Raises Altered when its place holds something else."""
    digest = hashlib.sha256(content).hexdigest()
    target = place_of(folder, digest)
    if target.exists():
        _verified(target, digest)
    else:
        _write(target, content)
    return Stored(digest, target, len(content))


def read(folder: Path, sha256: str) -> bytes:
    """The archived bytes, verified. Raises NotArchived, and Altered when they are no longer what was archived."""
    target = place_of(folder, sha256)
    if not target.exists():
        raise NotArchived(sha256)
    return _verified(target, sha256)


def place_of(folder: Path, sha256: str) -> Path:
    """Where a file of this hash lies; raises NotArchived for what is no hash, so that no path can be made of it."""
    if not HASH.fullmatch(sha256):
        raise NotArchived(sha256)
    return folder / "papers" / sha256[:2] / f"{sha256}.pdf"


def _verified(target: Path, sha256: str) -> bytes:
    content = target.read_bytes()
    if hashlib.sha256(content).hexdigest() != sha256:
        raise Altered(sha256)
    return content


def _write(target: Path, content: bytes) -> None:
    """Under another name first, so that a crash leaves either the whole file or none."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, scratch = tempfile.mkstemp(dir=target.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            os.fchmod(file.fileno(), READ_ONLY)
            file.flush()
            os.fsync(file.fileno())
        Path(scratch).replace(target)
    except BaseException:
        Path(scratch).unlink(missing_ok=True)
        raise
    _sync_folder(target.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

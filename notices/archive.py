"""The archive of issued papers: read-only files named by their hash; a changed one is never given out."""

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

READ_ONLY = 0o444


class AlteredPaper(RuntimeError):  # noqa: N818 - named for what happened to it
    """公文档案被改动。 The file is not what was archived under this hash; carries its path."""


@dataclass(frozen=True)
class Stored:
    """存档。 Where a paper lies and what proves it."""

    sha256: str
    path: Path
    size: int


def archive_pdf(folder: Path, data: bytes) -> Stored:
    """Keep a paper for good; the same bytes again are the same file and write nothing."""
    sha256 = hashlib.sha256(data).hexdigest()
    path = path_of(folder, sha256)
    if not path.exists():
        _write_durably(path, data)
    return Stored(sha256, path, len(data))


def read_pdf(folder: Path, sha256: str) -> bytes:
    """The archived paper; raises AlteredPaper when its bytes no longer make the hash, or are gone."""
    path = path_of(folder, sha256)
    data = path.read_bytes() if path.exists() else b""
    if hashlib.sha256(data).hexdigest() != sha256:
        raise AlteredPaper(str(path))
    return data


def path_of(folder: Path, sha256: str) -> Path:
    """Where the paper with this hash lies, or would."""
    return folder / "papers" / sha256[:2] / f"{sha256}.pdf"


def _write_durably(path: Path, data: bytes) -> None:
    """Beside, forced to disk, made read-only, then moved: after a power cut there is the whole file or none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(beside).chmod(READ_ONLY)
        Path(beside).replace(path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)

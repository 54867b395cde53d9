"""An issued paper is kept once, read-only, and never handed out when it is no longer itself."""

import hashlib
import stat

import pytest

from notices.archive import Altered, NotArchived, archive, read


def test_a_paper_is_kept_under_its_hash_and_cannot_be_written(tmp_path):
    stored = archive(tmp_path, b"%PDF paper")
    assert stored.sha256 == hashlib.sha256(b"%PDF paper").hexdigest()
    assert stored.size == 10
    assert stored.path.read_bytes() == b"%PDF paper" == read(tmp_path, stored.sha256)
    assert stat.S_IMODE(stored.path.stat().st_mode) == 0o444
    assert [path.name for path in stored.path.parent.iterdir()] == [stored.path.name], "nothing half-written is left"


def test_the_same_paper_again_writes_nothing(tmp_path):
    first = archive(tmp_path, b"paper")
    before = first.path.stat()
    assert archive(tmp_path, b"paper") == first
    after = first.path.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_an_altered_paper_is_neither_read_nor_overwritten(tmp_path):
    stored = archive(tmp_path, b"paper")
    stored.path.chmod(0o644)
    stored.path.write_bytes(b"Paper")
    with pytest.raises(Altered):
        read(tmp_path, stored.sha256)
    with pytest.raises(Altered):
        archive(tmp_path, b"paper")
    assert stored.path.read_bytes() == b"Paper", "the evidence stays"


def test_a_failed_write_leaves_nothing(tmp_path, monkeypatch):
    def full(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("notices.archive.os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        archive(tmp_path, b"paper")
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.mark.parametrize("sha256", ["0" * 64, "../../etc/passwd", "", "A" * 64])
def test_what_was_never_archived_is_not_found(tmp_path, sha256):
    with pytest.raises(NotArchived):
        read(tmp_path, sha256)

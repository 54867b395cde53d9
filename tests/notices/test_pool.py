"""Workers: the same bytes in every process, no secrets, and an end for what would never end."""

import hashlib
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from notices.errors import MissingGlyph, RenderFailed, RenderTimedOut
from notices.letters import Letter
from notices.pool import RenderPool
from notices.render import render
from tests.notices.papers import rectification, reminder, supervision

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def pool():
    made = RenderPool(2)
    yield made
    made.close()


def bomb(length: int = 1_000_000) -> Letter:
    """A letter that slipped past its bounds: a million characters."""
    letter = reminder()
    object.__setattr__(letter, "supplement", "炸" * length)
    return letter


def test_the_same_letter_is_the_same_bytes_in_any_process(pool):
    script = (
        "import hashlib; from notices.render import render; from tests.notices.papers import rectification;"
        "print(hashlib.sha256(render(rectification())).hexdigest())"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", script],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()
        for seed in ("1", "2")
    }
    told.add(hashlib.sha256(pool.render(rectification())).hexdigest())
    told.add(hashlib.sha256(render(rectification())).hexdigest())
    assert len(told) == 1


def test_threads_share_the_pool(pool):
    letters = [rectification(), supervision(), reminder()] * 2
    with ThreadPoolExecutor(4) as threads:
        made = list(threads.map(pool.render, letters))
    assert made[:3] == made[3:]
    assert len({*made}) == 3


def test_a_missing_character_is_named_across_the_pipe(pool):
    with pytest.raises(MissingGlyph) as told:
        pool.render(reminder(project_name="宇航😀项目"))
    assert told.value.characters == "😀"
    assert pool.render(reminder()).startswith(b"%PDF")


def test_a_bomb_ends_at_the_time_given_and_the_next_letter_is_made():
    pool = RenderPool(1)
    with pytest.raises(RenderTimedOut):
        pool.render(bomb(), timeout_seconds=0.5)
    assert pool.render(reminder()).startswith(b"%PDF")
    pool.close()


def test_others_are_served_while_a_bomb_burns():
    pool = RenderPool(2)
    with ThreadPoolExecutor(2) as desks:
        list(desks.map(lambda _: pool.render(reminder()), range(2)))  # both presses are warm
        burning = desks.submit(pool.render, bomb(), timeout_seconds=8)
        made = [pool.render(reminder()) for _ in range(3)]
        assert not burning.done()
        assert all(each.startswith(b"%PDF") for each in made)
        assert isinstance(burning.exception(), RenderTimedOut)
    pool.close()


def test_a_bomb_ends_at_its_limit_of_processor_time():
    pool = RenderPool(1, cpu_seconds=1)
    with pytest.raises(RenderTimedOut):
        pool.render(bomb(), timeout_seconds=60)
    pool.close()


def test_memory_has_a_limit():
    pool = RenderPool(1, memory_bytes=512 * 1024**2)
    assert pool.render(reminder()).startswith(b"%PDF")
    with pytest.raises(RenderTimedOut, match="its limit of processor time or memory"):
        pool.render(bomb(60_000_000), timeout_seconds=60)
    pool.close()


def test_a_worker_knows_neither_database_nor_secret(monkeypatch):
    monkeypatch.setenv("DUBAN_SECRET_KEY", "k")
    monkeypatch.setenv("DUBAN_DATABASE_URL", "sqlite:///x")
    pool = RenderPool(1)
    pool.render(reminder())
    [worker] = pool.pids
    told = Path(f"/proc/{worker}/environ").read_bytes()
    loaded = Path(f"/proc/{worker}/maps").read_text()
    assert b"SECRET" not in told
    assert b"DATABASE" not in told
    assert "sqlite" not in loaded
    pool.close()


def test_without_faces_the_pool_says_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setenv("DUBAN_FONT_DIR", str(tmp_path))
    with pytest.raises(RenderFailed, match=r"notices\.fonts"):
        RenderPool(1).render(reminder())

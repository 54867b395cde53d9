"""The trial of a map happens in a child that can take neither time nor memory from the house."""

import os
import sys
import time

import pytest

from engine import dryrun
from tests.engine.bad_maps import around, service, user


def child(tmp_path, monkeypatch, body):
    """Let try_out start a child with a different heart: same limits, other work."""
    script = tmp_path / "child"
    script.write_text(
        f"#!{sys.executable}\nimport sys\nsys.path.insert(0, {str(dryrun.ROOT)!r})\n"
        f"from engine import dryrun\nimport engine.tokens\ndryrun.limit_child()\n{body}\n"
    )
    script.chmod(0o755)
    monkeypatch.setattr(dryrun.sys, "executable", str(script))
    begun = time.perf_counter()
    answer = dryrun.try_out(around(user("u"), "u"))
    return answer, time.perf_counter() - begun


@pytest.mark.parametrize(
    "body",
    [
        "while True: pass",
        "x = bytearray(2 * 1024**3)",
        "import os; os.abort()",
        "[0] * 10**9",
        "x = []\nwhile True: x.append(x * 2)",
    ],
)
def test_a_child_that_takes_too_much_is_ended(tmp_path, monkeypatch, body):
    answer, seconds = child(tmp_path, monkeypatch, body)
    assert "试运行" in answer[0]["text"]
    assert seconds < dryrun.WALL_SECONDS


def test_a_child_cannot_write_files(tmp_path, monkeypatch):
    mark = tmp_path / "mark"
    answer, _ = child(tmp_path, monkeypatch, f"open({str(mark)!r}, 'wb', 0).write(b'x' * 100)\nprint('[]')")
    assert "没有得出结果" in answer[0]["text"]
    assert mark.read_bytes() == b""


def test_the_child_knows_nothing_of_our_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("DUBAN_SECRET_KEY", "hidden")
    answer, _ = child(tmp_path, monkeypatch, "import os, json; print(json.dumps([sorted(os.environ)]))")
    assert "DUBAN_SECRET_KEY" not in answer[0]
    assert "DUBAN_SECRET_KEY" in os.environ


def test_what_the_reader_refuses_comes_back_in_its_words():
    answer = dryrun.try_out(around('<scriptTask id="e"><script>1</script></scriptTask>', "e"))
    assert answer[0]["element"] == "e"


def test_an_idle_loop_is_found_by_running_it():
    looping = around(service("e"), "e").replace(b'targetRef="z"', b'targetRef="e"')
    assert dryrun.try_out(looping)


def test_a_good_map_starts():
    assert dryrun.try_out(around(user("u"), "u")) == []

"""The operator's lint answers for any path with one line of JSON and an honest exit status."""

import json
import os

import pytest
from click.testing import CliRunner

import workflows
from cli.maps import MAPS, maps
from tests.engine.bad_maps import around, user


@pytest.fixture(autouse=True)
def _mechanisms():
    workflows.discover()


def run(*paths):
    done = CliRunner().invoke(maps, ["lint", *map(str, paths)])
    assert done.exception is None or isinstance(done.exception, SystemExit)
    return done.exit_code, [json.loads(line) for line in done.output.splitlines()]


def test_our_maps_and_tables_are_accepted_with_everything_they_name():
    paths = sorted([*MAPS.glob("*.bpmn"), *MAPS.glob("*.dmn")])
    status, answers = run(*paths)
    assert [answer for answer in answers if not answer["accepted"]] == []
    assert (status, len(answers)) == (0, len(paths))


def test_a_bad_map_is_explained_and_the_status_says_so(tmp_path):
    bad = tmp_path / "坏图.bpmn"
    bad.write_bytes(around(user("u", form="nothing"), "u"))
    status, answers = run(MAPS / "coordination.bpmn", bad)
    assert status == 1
    assert answers[1]["file"] == str(bad)
    assert answers[1]["accepted"] is False
    assert {"element": "u", "name": "任务u", "message": "人工任务“任务u”（u）用的表单“nothing”不存在"} in answers[1][
        "problems"
    ]


def test_an_edited_light_table_is_judged_as_one(tmp_path):
    edited = tmp_path / "light.dmn"
    edited.write_text((MAPS / "light.dmn").read_text(encoding="utf-8").replace('"red"', '"blue"'), encoding="utf-8")
    status, answers = run(edited)
    assert status == 1
    assert "只能是 yellow 或 red" in answers[0]["problems"][0]["message"]


def test_any_path_gets_an_answer(tmp_path):
    pipe, binary, empty, locked = (tmp_path / name for name in ("pipe", "binary.bpmn", "empty.dmn", "a\udcffb.bpmn"))
    os.mkfifo(pipe)
    binary.write_bytes(os.urandom(5000))
    empty.write_bytes(b"")
    locked.write_bytes(b"<a/>")
    paths = [tmp_path / "missing.bpmn", tmp_path, pipe, binary, empty, locked, "/dev/zero", "x" * 5000]
    status, answers = run(*paths)
    assert status == 1
    assert len(answers) == len(paths)
    assert all(not answer["accepted"] and answer["problems"][0]["message"] for answer in answers)

"""The doctor: one line for each check, honest about what is wrong, and it never loads the press into its own process."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from docx import Document

from cli.doctor import CHECKS, commands
from cli.operate import prepare
from models.clock import FrozenClock
from models.database import Database
from models.house import House
from notices.checkup import RARE_NAMES, bought_verdict, lacking_in
from notices.fonts import ROLES, folder
from notices.pool import RenderPool
from notices.word import OWN
from tests.notices.test_fonts import bought_face
from tests.web.house import make_house
from tests.workflows.story import PlainRenderer

ROOT = Path(__file__).parents[2]
BEDSIDE = """
import sys
from click.testing import CliRunner
from app import create_app
done = create_app().test_cli_runner().invoke(args=["doctor"])
print(done.output)
sys.exit(2 if "weasyprint" in sys.modules else done.exit_code)
"""


@pytest.fixture
def house(database_url, clock: FrozenClock, tmp_path) -> House:
    made = make_house(Database(database_url), clock, tmp_path / "data", renderer=PlainRenderer())
    yield made
    made.database.close()


def doctor(house: House) -> tuple[int, dict[str, str]]:
    """The exit status, and each line by what it is about."""
    done = CliRunner().invoke(commands(house)[0], [])
    assert done.exception is None or isinstance(done.exception, SystemExit)
    lines = done.output.splitlines()
    return done.exit_code, {line[2:].split("：", 1)[0]: line for line in lines}


def test_a_house_in_order_gets_a_tick_for_every_check(house):
    prepare(house)
    status, lines = doctor(house)
    assert {name: line for name, line in lines.items() if not line.startswith("✓")} == {}
    assert (status, list(lines)) == (0, [check.name for check in CHECKS])
    assert "Pango" in lines["排印系统库"] and "HarfBuzz" in lines["排印系统库"]
    assert all("，" in lines[role.name] for role in ROLES)
    assert "UTC+8" in lines["时间"]


def test_a_page_is_really_printed_by_the_pool(house):
    pool = RenderPool(1)
    try:
        line = doctor(House(house.settings, house.clock, house.database, pool, house.seals))[1]["试印一页"]
    finally:
        pool.close()
    assert line.startswith("✓")
    assert " KB" in line


def test_a_database_that_was_not_migrated_says_how(house):
    status, lines = doctor(house)
    assert status == 1
    assert lines["数据库"].startswith("✗")
    assert lines["数据库"].endswith("flask --app app migrate。")


def test_a_check_that_breaks_down_stops_no_other(house, tmp_path):
    prepare(house)

    class Jammed(PlainRenderer):
        def render(self, letter, *, draft=False):
            raise RuntimeError("the press\nis jammed")

    gone = Database("postgresql://nobody@127.0.0.1:1/none")
    status, lines = doctor(House(house.settings, house.clock, gone, Jammed(), house.seals))
    assert (status, len(lines)) == (1, len(CHECKS))
    assert {name for name, line in lines.items() if line.startswith("✗")} == {"数据库", "时间", "试印一页"}
    assert "RuntimeError: the press is jammed" in lines["试印一页"]


def test_folders_that_cannot_be_written_are_named(database_url, clock, tmp_path):
    (tmp_path / "data").mkdir()
    house = make_house(Database(database_url), clock, tmp_path / "data", renderer=PlainRenderer())
    (tmp_path / "data" / "archive").write_text("a file where the folder belongs")
    lines = doctor(house)[1]
    house.database.close()
    assert lines["数据目录"].startswith("✓")
    assert lines["公文存档目录"].startswith("✗")
    assert str(tmp_path / "data" / "archive") in lines["公文存档目录"]


def test_faces_that_are_not_built_are_missed_and_the_command_is_named(house, tmp_path, monkeypatch):
    monkeypatch.setenv("DUBAN_FONT_DIR", str(tmp_path / "nowhere"))
    status, lines = doctor(house)
    assert status == 1
    assert all(lines[role.name].startswith("✗") and "make fonts" in lines[role.name] for role in ROLES)


def test_a_word_template_that_cannot_be_filled_is_told(house, tmp_path, monkeypatch):
    prepare(house)
    monkeypatch.setenv("DUBAN_TEMPLATE_DIR", str(tmp_path))
    template = Document(str(OWN / "gongwen.docx"))
    template.save(str(tmp_path / "gongwen.docx"))
    assert f"本单位的模板 {tmp_path}" in doctor(house)[1]["Word 模板"]
    template.add_paragraph("{{ nobody.knows }}")
    template.save(str(tmp_path / "gongwen.docx"))
    status, lines = doctor(house)
    assert (status, lines["Word 模板"][0]) == (1, "✗")
    assert "gongwen.docx" in lines["Word 模板"]


def test_what_an_office_dropped_is_refused_by_name_or_waits_for_the_build(tmp_path, monkeypatch):
    def said() -> tuple[bool, str]:
        verdict = bought_verdict()
        return verdict.good, verdict.said % verdict.params

    monkeypatch.setenv("DUBAN_FONT_SOURCES", str(tmp_path))
    assert said() == (True, f"在用 0 个；自购字体放入 {tmp_path}/licensed")
    bought_face(tmp_path / "licensed" / "simfang.ttf", "仿宋")
    assert said() == (False, "放入后还没有生成：仿宋（simfang.ttf）")
    (tmp_path / "licensed" / "simkai.ttf").write_bytes(b"broken")
    good, words = said()
    assert (good, "simkai.ttf：文件损坏" in words) == (False, True)


def test_a_rare_name_no_face_has_is_named(tmp_path):
    fang, rare = (next(role for role in ROLES if role.family == family) for family in ("GW Fang", "GW Rare"))
    bought_face(tmp_path / fang.file, "GW Fang", codes=map(ord, RARE_NAMES[2:]))
    bought_face(tmp_path / rare.file, "GW Rare", codes=map(ord, RARE_NAMES[0]))
    assert lacking_in(tmp_path, fang) == RARE_NAMES[1]
    assert lacking_in(folder(), fang) == ""


def test_the_command_hangs_under_the_application_and_never_loads_the_press(tmp_path):
    environ = {**os.environ, "DUBAN_DATA_DIR": str(tmp_path), "DEMO": "0"}
    done = subprocess.run(
        [sys.executable, "-c", BEDSIDE], cwd=ROOT, env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done.stdout + done.stderr  # an empty database; 2 would be WeasyPrint
    assert done.stdout.count("✗") == 1
    assert "试印一页：已由排印进程排出" in done.stdout

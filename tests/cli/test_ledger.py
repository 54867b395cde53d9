"""An operator imports a ledger: what the command says, and what it leaves behind when it refuses."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli.ledger import commands
from models.clock import FrozenClock
from models.database import Database
from models.house import House
from models.project import Project
from models.settings import Settings
from models.unit import CLOCK, open_reading, open_unit
from notices.seals import Cabinet
from tests.cast import make_town

PUBLIC = Path(__file__).parents[2] / "data" / "key_projects_tianjin_public.csv"


class NoLetters:
    """An import renders nothing."""

    def render(self, letter: object, *, draft: bool = False) -> bytes:
        raise AssertionError("an import rendered a letter")


@pytest.fixture
def house(database: Database, clock: FrozenClock, tmp_path: Path) -> House:
    with open_unit(database, CLOCK, clock.now()) as unit:
        make_town(unit)
    settings = Settings.from_environ({"DUBAN_DATA_DIR": str(tmp_path)})
    return House(settings, clock, database, NoLetters(), Cabinet(None))


def run(house: House, *words: str) -> Result:
    return CliRunner().invoke(commands(house)[0], ["import", *words])


def count(house: House) -> int:
    with open_reading(house.database, CLOCK, house.now()) as unit:
        return unit.session.query(Project).count()


def test_the_public_list_is_previewed_then_imported_and_then_known(house: House) -> None:
    shown = run(house, "--preview", str(PUBLIC))
    assert (shown.exit_code, count(house)) == (0, 0)
    assert "可新增32行，将更新0行，无变化0行，有错误0行" in shown.output
    done = run(house, str(PUBLIC))
    assert done.exit_code == 0, done.output
    assert "提示 第19行D列“stage_as_published”：未能识别阶段“重点推进(stage not stated)”" in done.output
    assert "已新增32个项目（其中待补录32个）" in done.output
    assert "已新增0个项目" in run(house, str(PUBLIC)).output
    assert count(house) == 32


def test_a_file_with_wrong_rows_is_left_alone_until_the_right_ones_are_asked_for(house: House, tmp_path: Path) -> None:
    file = tmp_path / "台账.csv"
    file.write_bytes("项目名称,所属区,总投资(亿元)\n好项目,武清区,3\n坏项目,海淀区,3\n".encode("gb18030"))
    refused = run(house, str(file))
    assert (refused.exit_code, count(house)) == (1, 0)
    assert "错误 第3行B列“所属区”：没有“海淀区”" in refused.output
    assert "有1行填写有误，未导入任何内容" in refused.output
    assert run(house, "--only-right", "--demo", str(file)).exit_code == 0
    with open_reading(house.database, CLOCK, house.now()) as unit:
        project = unit.session.query(Project).one()
        assert (project.name, project.demo, project.source) == ("好项目", True, "台账.csv")


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("台账.csv", "项目名称\n甲".encode("utf-16"), "UTF-16"),
        ("台账.csv", b"a,b\n1,2\n", "没有找到表头"),
        ("台账.xlsx", b"PK\x03\x04", "损坏"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_one_sentence(
    house: House, tmp_path: Path, name: str, data: bytes, says: str
) -> None:
    (tmp_path / name).write_bytes(data)
    refused = run(house, str(tmp_path / name))
    assert refused.exit_code == 1 and says in refused.output and "Traceback" not in refused.output

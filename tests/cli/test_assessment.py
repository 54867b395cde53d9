"""Scores from files alone: what the documentation shows is what happens, and a mistake is named while nothing is printed."""

import csv
import io
import json
import re
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

from cli.assessment import assessment

DOCS = Path(__file__).parents[2] / "docs" / "assessment-files.md"
BLOCK = re.compile(r"```csv (\S+)\n(.*?)```", re.DOTALL)


@pytest.fixture
def office(tmp_path):
    """A folder with the example of the documentation."""
    for name, text in BLOCK.findall(DOCS.read_text(encoding="utf-8")):
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def run(*words):
    return CliRunner().invoke(assessment, [str(word) for word in words])


def scored(folder, scheme="scheme.csv", figures="figures.csv", *more):
    return run("score", "--scheme", folder / scheme, "--figures", folder / figures, *more)


def table(text):
    return list(csv.reader(io.StringIO(text)))


def test_the_example_of_the_documentation_gives_the_scores_it_shows(office):
    done = scored(office)
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout == (office / "scores.csv").read_text(encoding="utf-8")


def test_every_score_can_be_printed_with_its_line(office):
    rows = table(scored(office, "scheme.csv", "figures.csv", "--lines").stdout)
    assert rows[0] == ["unit", "indicator", "name", "score", "line"]
    assert len(rows) == 1 + 5 * 9
    assert rows[1] == [
        "甲区", "domestic", "内资完成率", "43.20",
        "完成率 108,000.00÷100,000.00＝108.0%，得40×108,000.00÷100,000.00＝43.20分"]  # fmt: skip
    assert rows[1][4] in DOCS.read_text(encoding="utf-8")


@pytest.mark.parametrize("ending", ["xlsx", "csv", "json"])
def test_the_template_can_be_scored_in_every_format_with_the_same_result(tmp_path, ending):
    made = run("template", "--format", ending, "--out", tmp_path)
    assert made.exit_code == 0
    assert made.stdout.splitlines() == [str(tmp_path / f"scheme.{ending}"), str(tmp_path / f"figures.{ending}")]
    done = scored(tmp_path, f"scheme.{ending}", f"figures.{ending}")
    rows = table(done.stdout)
    assert rows[0] == ["unit", "domestic", "foreign", "growth", "large", "chain", "start", "arrival", "bonus",
                       "deduction", "veto", "total", "rank"]  # fmt: skip
    assert [row for row in rows if row[0] == "演示一区"] == [
        ["演示一区", "23.01", "23.29", "18.00", "6.29", "9.49", "9.51", "7.32", "0.00", "0.00", "-", "96.91", "2"]]  # fmt: skip
    assert len(rows) == 17


def test_units_in_groups_are_ranked_within_them(office):
    scheme = (office / "scheme.csv").read_text(encoding="utf-8")
    groups = "".join(f"分组,{unit},{group}\n" for unit, group in zip("甲乙丙丁戊", "东西西东东", strict=True)).replace(
        ",", ",", 1
    )
    groups = re.sub(r"分组,(.),", r"分组,\1区,", groups)
    (office / "scheme.csv").write_text(groups + scheme, encoding="utf-8")
    rows = table(scored(office).stdout)
    assert rows[0][-4:] == ["total", "rank", "group", "overall_rank"]
    assert [row[-3:] for row in rows[1:4]] == [["1", "东", "2"], ["2", "西", "3"], ["1", "西", "1"]]


def changed(office, name, old, new):
    path = office / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


WRONG = [
    ("scheme.csv", "规模,40", "规模,41", "scheme.csv 第13行D列“权重”：规模和质量的权重合计为101，应为100"),
    ("scheme.csv", "规模,40", "规模,四十", "scheme.csv 第8行D列“权重”：“四十”不是数字"),
    ("scheme.csv", "完成率,封顶=120%", "估计,封顶=120%", "scheme.csv 第8行G列“计算方法”：没有“估计”，可填：完成率、"),
    ("scheme.csv", "封顶=120%", "封顶=一倍", "scheme.csv 第8行H列“参数”的“封顶”：“一倍”不是数字"),
    ("scheme.csv", "封顶=120%", "封顶=120", "scheme.csv 第8行H列“参数”的“封顶”：是倍数，应写成1.2"),
    ("scheme.csv", "封顶=120%", "顶=120%", "scheme.csv 第8行H列“参数”的“顶”：没有“顶”这个参数"),
    ("scheme.csv", "；每少一个扣=1", "", "scheme.csv 第11行H列“参数”：“分档达标”缺少参数“每少一个扣”"),
    ("scheme.csv", "foreign,外资", "domestic,外资", "scheme.csv 第9行A列“编号”：“domestic”重复"),
    ("scheme.csv", "并列占位", "随便", "scheme.csv 第3行“并列”：没有“随便”，可填：并列占位、并列不占位"),
    ("scheme.csv", "小数位,2", "小数位,1.5", "scheme.csv 第4行“小数位”：应是整数"),
    ("scheme.csv", "满分,100", "总分,100", "scheme.csv 第2行A列“总分”：没有这一项，可有："),
    ("figures.csv", "内资完成率.目标", "内资目标", "figures.csv 第1行C列“内资目标”：方案里没有这项数据"),
    ("figures.csv", "内资完成率.目标,", "内资完成率.完成,", "figures.csv 第1行C列“内资完成率.完成”：这一列出现了两次"),
    ("figures.csv", "乙区,90000", "乙区,约9万", "figures.csv 第3行B列“内资完成率.完成”：“约9万”不是数字"),
    ("figures.csv", "乙区,90000", "乙区,9万", "figures.csv 第3行B列“内资完成率.完成”：“9万”不是数字，请去掉单位和文字"),
    ("figures.csv", "乙区,90000", "乙区,90%", "figures.csv 第3行B列“内资完成率.完成”：“90%”带百分号，这里应填数值"),
    (
        "figures.csv",
        "乙区,90000",
        "乙区,9E+04",
        "figures.csv 第3行B列“内资完成率.完成”：“9E+04”是科学计数法，请写全数字",
    ),
    ("figures.csv", "乙区,90000", '乙区,"90,00"', "figures.csv 第3行B列“内资完成率.完成”：“90,00”的千分位逗号位置不对"),
    ("figures.csv", "乙区,90000", "乙区,=B2", "figures.csv 第3行B列“内资完成率.完成”：“=B2”是公式，请粘贴为数值"),
    ("figures.csv", "乙区,90000", "乙区,NaN", "figures.csv 第3行B列“内资完成率.完成”：“NaN”不是数字"),
    ("figures.csv", "丙区", "乙区", "figures.csv 第4行A列“单位”：单位“乙区”出现了两次"),
    ("figures.csv", "丙区", "合计", "figures.csv 第4行A列“单位”：“合计”不是单位，请删去这一行"),
    ("figures.csv", "丙区", "", "figures.csv 第4行A列“单位”：没有写单位"),
    ("figures.csv", "12,10,96", "-12,10,96", "figures.csv 第2行F列“签约个数和金额.个数”：个数不能是负数"),
]


@pytest.mark.parametrize(("name", "old", "new", "told"), WRONG, ids=[each[3][:40] for each in WRONG])
def test_a_mistake_is_named_by_row_and_column_and_nothing_is_printed(office, name, old, new, told):
    changed(office, name, old, new)
    done = scored(office)
    assert (done.exit_code, done.stdout) == (1, "")
    assert told in done.stderr


def test_all_mistakes_are_told_at_once(office):
    changed(office, "figures.csv", "乙区,90000", "乙区,无")
    changed(office, "figures.csv", "丙区,130000", "丙区,很多")
    assert len(scored(office).stderr.splitlines()) == 2


def test_files_as_offices_save_them_are_read_alike(office):
    plain = scored(office).stdout
    text = (office / "figures.csv").read_text(encoding="utf-8")
    for saved in (text.encode("gb18030"), text.encode("utf-8-sig"), text.replace("90000", " ９０，０００ ").replace(
            " ９０，０００ ", '"９０,０００"').encode(), text.replace("\n", "\r\n").encode()):  # fmt: skip
        (office / "figures.csv").write_bytes(saved)
        assert scored(office).stdout == plain


def test_numbers_of_a_workbook_are_those_it_shows(office):
    plain = scored(office).stdout
    book = openpyxl.Workbook()
    for row in table((office / "figures.csv").read_text(encoding="utf-8")):
        book.active.append(
            [float(cell.replace(",", "").replace("%", "")) if cell[:1].isdigit() else cell for cell in row]
        )
    book.active["B3"] = 0.1 + 0.2  # 0.30000000000000004 to a machine
    book.save(office / "figures.xlsx")
    done = scored(office, "scheme.csv", "figures.xlsx", "--lines").stdout
    assert "完成率 0.30÷100,000.00" in done
    assert scored(office, "scheme.csv", "figures.xlsx").stdout.splitlines()[4:] == plain.splitlines()[4:]


def test_a_name_that_a_spreadsheet_would_run_comes_out_as_text(office):
    changed(office, "figures.csv", "丙区", "=HYPERLINK(1)")
    assert "'=HYPERLINK(1)" in [row[0] for row in table(scored(office).stdout)]


def test_json_is_read_strictly(office):
    run("template", "--format", "json", "--out", office)
    good = json.loads((office / "figures.json").read_text(encoding="utf-8"))
    for told, spoil in (
        ("第2项“domestic_target”：“九”不是数字", lambda unit: unit["figures"].update({"domestic_target": "九"})),
        ("第2项“domestic_target”：“True”不是数字", lambda unit: unit["figures"].update({"domestic_target": True})),
        ("第2项“domestic_target”：缺少这项数据", lambda unit: unit["figures"].pop("domestic_target")),
        ("第2项“guess”：方案里没有这项数据", lambda unit: unit["figures"].update({"guess": 1})),
        ("第2项“unit”：单位“演示一区”出现了两次", lambda unit: unit.update({"unit": "演示一区"})),
    ):
        bad = json.loads(json.dumps(good))
        spoil(bad["units"][1])
        (office / "figures.json").write_text(json.dumps(bad), encoding="utf-8")
        done = scored(office, "scheme.json", "figures.json")
        assert (done.exit_code, done.stdout) == (1, "")
        assert told in done.stderr
    for text, told in (
        ("{", "JSON 第1行"),
        ('{"units": [NaN]}', "“NaN”不是数字"),
        ('{"units": 1, "units": 2}', "写了两次"),
    ):
        (office / "figures.json").write_text(text, encoding="utf-8")
        assert told in scored(office, "scheme.json", "figures.json").stderr
    (office / "figures.txt").write_text("", encoding="utf-8")
    assert "文件名应以 .xlsx、.csv 或 .json 结尾" in scored(office, "scheme.json", "figures.txt").stderr

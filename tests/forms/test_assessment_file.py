"""Schemes and figures as files: what is written is read back as the same, whatever it holds."""

from contextlib import suppress
from dataclasses import replace
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms.assessment_file import read_figures, read_scheme, write_figures, write_scheme
from models.figures_file import example_figures
from models.scheme import Indicator, Rounding
from models.scheme_file import default_scheme
from models.scheme_param import read_params
from models.score import Figures, score
from models.wrong_file import WrongFile


def odd_scheme():
    """The default scheme with every parameter somewhere, odd names, groups and another rounding."""
    more = (
        Indicator("步", "=1+1", "quality", Decimal("0.5"), "steps", "typed",
                  read_params({"terms": "a:7,b:4", "penalty": "0.1", "floor": "无"}, rates=False), note="-先记"),
        Indicator("半", "各半", "quality", Decimal("0.25"), "halves", "typed,typed,figure:domestic_recognised,typed",
                  read_params({"share": "30%", "cap": "100%", "floor": "-10%", "missing": "不排名"}, rates=True)),
        Indicator("功", "低者优", "quality", Decimal("0.25"), "efficacy", "typed",
                  read_params({"base": 80, "span": 20, "equal": 60, "better": "低者优"}, rates=False)),
    )  # fmt: skip
    scheme = default_scheme()
    return replace(
        scheme, name="@方案", indicators=(*scheme.indicators, *more), full=Decimal(101), tie="dense",
        rounding=Rounding(4, 1, "half_even"), groups={"+甲区": "东", "乙区": "西"},
    )  # fmt: skip


@pytest.mark.parametrize("ending", ["xlsx", "csv", "json"])
def test_a_scheme_comes_back_as_it_was_written(ending):
    for scheme in (default_scheme(), odd_scheme()):
        assert read_scheme(f"方案.{ending}", write_scheme(scheme, ending)) == scheme


@pytest.mark.parametrize("ending", ["xlsx", "csv", "json"])
def test_figures_come_back_as_they_were_written(ending):
    scheme = odd_scheme()
    values = {word: Decimal("-1234567890.123456") if "domestic" in word else Decimal("0.1") for word in scheme.figures}
    figures = Figures({"+甲区": values, "乙区": dict.fromkeys(values)}, {"+甲区": "东", "乙区": "-西"})
    assert read_figures(f"数据.{ending}", write_figures(scheme, figures, ending), scheme) == figures
    assert read_figures(
        f"数据.{ending}", write_figures(default_scheme(), example_figures(), ending), default_scheme()
    ) == (example_figures())


def test_no_cell_of_a_file_can_run_as_a_formula(tmp_path):
    assert b"'=1+1" in write_scheme(odd_scheme(), "csv")
    path = tmp_path / "方案.xlsx"
    path.write_bytes(write_scheme(odd_scheme(), "xlsx"))
    cells = [cell for row in openpyxl.load_workbook(path).active.iter_rows() for cell in row]
    assert "f" not in {cell.data_type for cell in cells}
    assert "'=1+1" in {cell.value for cell in cells}


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("a.csv", b"", "文件是空的"),
        ("a.xlsx", b"PK\x03\x04rubbish", "xlsx 文件已损坏"),
        ("a.csv", "指标\n甲\n".encode(), "没有找到表头"),
        ("a.json", b"[]", "indicators 是指标的列表"),
        ("a.json", b"\xff\xfe", "不是 UTF-8 编码的 JSON"),
        ("a.json", b"[" * 100000, "不是 UTF-8 编码的 JSON"),
        ("a.doc", b"x", "不是“doc”"),
        ("a.csv", "方案,甲\n指标,类别,权重,计算方法,密码\n".encode(), "第2行E列“密码”：没有这一列"),
        ("a.csv", "方案,甲\n指标,类别,计算方法\n".encode(), "第2行“权重”：缺少这一列"),
        ("a.csv", "分组,甲\n指标,类别,权重,计算方法\n".encode(), "第1行C列“分组”：分组应写单位和组名"),
        ("a.json", b'{"indicators": [{"word": "a", "colour": 1}]}', "第1项“colour”：没有这一项"),
        ("a.json", b'{"name": "a", "indicators": [7]}', "第1项“formula”：没有“”，可填：完成率"),
        (
            "a.json",
            b'{"indicators": [{"name": "a", "formula": "ratio", "params": {"cap": [1]}}]}',
            "“[…]”不是数字",
        ),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_what_is_no_scheme_is_refused_in_a_sentence(name, data, told):
    with pytest.raises(WrongFile) as refused:
        read_scheme(name, data)
    assert told in str(refused.value)


@given(data=st.data(), ending=st.sampled_from(["csv", "json"]))
@settings(max_examples=150, deadline=None)
def test_a_damaged_scheme_is_refused_or_read_and_never_a_fault(data, ending):
    whole = write_scheme(default_scheme(), ending)
    at = data.draw(st.integers(0, len(whole) - 1))
    gone = data.draw(st.integers(0, 40))
    put = data.draw(
        st.sampled_from([b"", b"%", b'"', b",", b"=", b"1e9999", b"-", b"\x00", b"{}", b"[", b"null", b"9" * 50])
    )
    with suppress(WrongFile):
        scheme = read_scheme(f"a.{ending}", whole[:at] + put + whole[at + gone :])
        assert score(scheme, Figures({"甲": dict.fromkeys(scheme.figures)})).results

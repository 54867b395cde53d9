"""Scores and places: golden tables worked by hand, lines that can be computed again, and what must hold for any figures."""

import csv
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from models.figures_file import figures_of_rows
from models.formula import score_indicator, spread_of
from models.margin import margins
from models.scheme import KINDS, Indicator, Rounding, Scheme, scheme_from_json, scheme_to_json, wrong_scheme
from models.scheme_file import default_scheme, read_indicator, scheme_of_rows
from models.scheme_param import read_params
from models.score import Figures, score, wrong_figures
from models.standing import last_places, places
from tests.models.lines import points_of, rounds_to, sums, worked

GOLDEN = Path(__file__).parent / "golden"


def table(name):
    with (GOLDEN / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def rows(name):
    with (GOLDEN / name).open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def number(text):
    return Decimal(text) if text else None


def indicator_of(row):
    found, mistakes = read_indicator({
        "word": "x", "name_zh": "指标", "group": row["group"], "weight": row["weight"], "unit_zh": row["unit_zh"],
        "formula": row["formula"], "params": row["params"],
    })  # fmt: skip
    assert not mistakes
    return found


@pytest.mark.parametrize("row", table("scores.csv"), ids=lambda row: row["case"])
def test_each_kind_of_formula_gives_what_was_worked_by_hand(row):
    indicator = indicator_of(row)
    assert not [
        each for each in wrong_scheme(Scheme("甲", (indicator,), full=indicator.weight or 1)) if "合计" not in each.text
    ]
    inputs = [number(text) for text in row["inputs"].split(" ")]
    spread = spread_of([number(text) for text in row["others"].split(" ")]) if row["others"] else None
    found = score_indicator(
        indicator,
        dict(zip(indicator.figures, inputs, strict=True)),
        rounding=Rounding(int(row["places"]), 2, row["mode"]),
        spread=spread,
    )
    assert found.points == (None if row["points"] == "-" else Decimal(row["points"]))
    assert_line(found.line, found.points, row["mode"])
    if found.points is None and indicator.formula != "veto":
        assert found.note == found.line


def assert_line(line, points, mode="half_up"):
    """Every sum in it has the value printed after it, and it ends with the points."""
    assert points_of(line) == points
    for said, printed in sums(line):
        assert rounds_to(worked(said), printed, mode), (line, said)


@pytest.mark.parametrize("row", table("places.csv"), ids=lambda row: row["case"])
def test_places_and_the_last_three_are_those_worked_by_hand(row):
    totals = {each[0]: number(each[1:].replace("-", "")) for each in row["totals"].split(" ")}
    ranks = {each[0]: None if each[1:] == "-" else int(each[1:]) for each in row["ranks"].split(" ")}
    assert places(totals, row["tie"]) == ranks
    assert last_places(totals) == set(row["last"].split(" "))


@pytest.mark.parametrize("name", ["city24", "ga21", "xx"])
def test_published_schemes_give_the_tables_worked_by_hand(name):
    scheme = scheme_of_rows(rows(f"{name}_scheme.csv"))
    sheet = score(scheme, figures_of_rows(scheme, rows(f"{name}_figures.csv")))
    places_ = scheme.rounding.places
    for row in table(f"{name}_expected.csv"):
        found = sheet.of(row["unit"])
        shown = {
            word: "-" if each.points is None else f"{each.points:.{places_}f}" for word, each in found.scores.items()
        }
        assert shown == {word: row[word] for word in shown}
        assert (f"{found.total:.2f}", str(found.rank or "-")) == (row["total"], row["rank"])
        assert found.unranked == ("未设目标，不排名" if row["rank"] == "-" else "")


def test_a_line_reads_as_a_clerk_would_write_it():
    found = score_indicator(
        ratio(cap="100%"), {"x.done": Decimal(108000), "x.target": Decimal(100000)}, rounding=Rounding()
    )
    assert found.line == "完成率 108,000.00÷100,000.00＝108.0%，封顶100%，得25×100%＝25.00分"


def ratio(word="x", weight="25", nature="", **params):
    return Indicator(
        word, f"指标{word}", "scale", Decimal(weight), "ratio", params=read_params(params, rates=True), nature=nature,
        unit_zh="万元",
    )  # fmt: skip


def efficacy(word="e", weight="25"):
    return Indicator(word, f"指标{word}", "quality", Decimal(weight), "efficacy")


def veto(**params):
    return Indicator("v", "一票否决", "veto", None, "veto", params=read_params(params, rates=False))


def town(scheme, **units):
    """Figures of units, each a text of numbers in the order of the scheme's figures."""
    return Figures(
        {unit: dict(zip(scheme.figures, map(number, text.split(" ")), strict=True)) for unit, text in units.items()}
    )


def test_one_vote_down_takes_a_unit_out_or_leaves_it_nothing_as_the_scheme_says():
    for effect, rank, total in (("unranked", None, Decimal("50.00")), ("zero", 3, Decimal("0.00"))):
        scheme = Scheme("甲", (ratio(weight="100"), veto(effect=effect)))
        sheet = score(scheme, town(scheme, 甲="1 2 1", 乙="1 4 0", 丙="1 5 0"))
        assert (sheet.of("甲").rank, sheet.of("甲").total) == (rank, total)
        assert sheet.of("乙").rank == 1
        assert ("甲" in sheet.last) is (rank is not None)


def test_units_are_ranked_within_their_group_and_the_last_three_among_all():
    scheme = Scheme("甲", (ratio(weight="100"),), groups={"甲": "中心", "乙": "中心", "丙": "环城", "丁": "环城"})
    sheet = score(scheme, town(scheme, 甲="90 100", 乙="80 100", 丙="70 100", 丁="60 100"))
    assert [(each.rank, each.overall) for each in sheet.results] == [(1, 1), (2, 2), (1, 3), (2, 4)]
    assert sheet.last == {"乙", "丙", "丁"}


def test_the_combined_rank_counts_only_indicators_of_both_kinds_of_capital():
    scheme = Scheme("甲", (ratio("d", "30", "domestic"), ratio("f", "20", "foreign"), ratio("q", "50")))
    sheet = score(scheme, town(scheme, 甲="1 1 1 1 0 1", 乙="1 2 1 2 1 1", 丙="0 1 0 1 1 1", 丁="1 1  1 1 1"))
    assert [each.combined for each in sheet.results] == [Decimal(50), Decimal(25), Decimal(0), Decimal(30)]
    assert [each.combined_rank for each in sheet.results] == [1, 3, 4, 2]
    assert [each.rank for each in sheet.results] == [3, 2, 3, 1]


def test_what_is_missing_is_told_and_a_unit_without_a_target_has_no_place_unless_the_scheme_says_otherwise():
    scheme = Scheme("甲", (ratio(weight="50"), ratio("y", "50", no_target="none")))
    sheet = score(scheme, town(scheme, 甲="1  1 1", 乙="1 1 1 ", 丙=" 1 1 1"))
    assert [each.rank for each in sheet.results] == [None, 1, 1]
    assert [each.notes for each in sheet.results] == [
        ("未设目标，不排名",), ("未设目标，不得分",), ("没有“完成”数据，不得分",)]  # fmt: skip


def test_figures_that_cannot_be_are_refused_by_unit_and_word():
    scheme = default_scheme()
    good = dict.fromkeys(scheme.figures, Decimal(1))
    bare = {word: value for word, value in good.items() if word != "foreign_target"}
    found = wrong_figures(scheme, Figures({"甲": {**good, "late_starts": Decimal(-1)}, "乙": bare}))
    assert [(each.row, each.column, each.text) for each in found] == [
        (1, "late_starts", "个数不能是负数"), (2, "foreign_target", "缺少这项数据")]  # fmt: skip


def test_the_default_scheme_is_right_says_what_it_is_and_comes_back_from_json_unchanged():
    scheme = default_scheme()
    assert wrong_scheme(scheme) == []
    assert scheme.default and "权重未公开" in scheme.note and "默认方案" in scheme.name
    assert scheme_from_json(scheme_to_json(scheme)) == scheme
    assert {each.formula for each in scheme.indicators} <= KINDS.keys()


WRONG = [
    ({"weight": Decimal(24)}, "权重", "合计为99，应为100"),
    ({"weight": None}, "权重", "没有填写权重"),
    ({"weight": Decimal(-1)}, "权重", "应大于0"),
    ({"group": "其他"}, "类别", "没有“其他”，可填：规模、质量、加分、扣分、否决"),
    ({"group": "bonus"}, "类别", "“完成率”不能用于“加分”类"),
    ({"formula": "guess"}, "计算方法", "没有“guess”，可填：完成率"),
    ({"formula": "steps"}, "参数", "“分档达标”缺少参数“计分项”"),
    ({"nature": "both"}, "性质", "只能填内资、外资或留空"),
    ({"word": "a b"}, "编号", "只能用文字、数字和下划线"),
    ({"word": "foreign"}, "编号", "“foreign”重复"),
    ({"name_zh": ""}, "指标", "指标须有名称"),
    ({"source": "figure:one"}, "数据来源", "应依次写2个来源：完成、目标"),
    ({"source": "figure:one,figure:two;drop"}, "数据来源", "应写“填报”或系统数据的编号"),
    ({"params": read_params({"share": "0.3"}, rates=True)}, "参数", "“完成率”没有“个数占比”这个参数"),
]


@pytest.mark.parametrize(("change", "column", "text"), WRONG, ids=[each[2][:12] for each in WRONG])
def test_a_scheme_that_is_wrong_says_where_and_why(change, column, text):
    scheme = default_scheme()
    wrong = wrong_scheme(replace(scheme, indicators=(replace(scheme.indicators[0], **change), *scheme.indicators[1:])))
    assert any(each.column == column and text in each.text for each in wrong), wrong


def test_how_close_the_last_three_are_names_the_figure_and_the_smallest_move():
    scheme = Scheme("甲", (ratio(weight="100"),))
    units = {"甲": "900 1000", "乙": "610 1000", "丙": "600 1000", "丁": "400 1000", "戊": "300 1000"}
    found = margins(scheme, town(scheme, **units))
    assert found.keys() == {"乙", "丙"}
    # 乙 comes down to 丙's 60.00, and a tie takes both in: 61 x (1 - m) < 60.005 from m = 1.632 % on
    assert (found["乙"].figure, found["乙"].move, found["乙"].into) == ("x.done", Decimal("-0.0164"), True)
    # 丙 leaves above 乙's 61.00: with a smaller target 60 / (1 - m) >= 61.005 from m = 1.648 % on; with more money 1.675 %
    assert (found["丙"].figure, found["丙"].move, found["丙"].into) == ("x.target", Decimal("-0.0165"), False)
    for each in found.values():
        assert is_last(scheme, units, each.unit, each.figure, each.move) is each.into
        nearer = each.move - Decimal("0.0001").copy_sign(each.move)
        assert is_last(scheme, units, each.unit, each.figure, nearer) is not each.into


def is_last(scheme, units, unit, figure, move):
    figures = town(scheme, **units)
    moved = {**figures.values[unit], figure: figures.values[unit][figure] * (1 + move)}
    return unit in score(scheme, Figures({**figures.values, unit: moved})).last


def test_a_place_that_no_single_figure_moves_has_no_margin():
    scheme = Scheme("甲", (ratio(weight="100"),))
    assert margins(scheme, town(scheme, 甲="90 100", 乙="70 100", 丙="50 100", 丁="30 100")) == {}


# what must hold for any figures

AMOUNT = st.decimals(min_value=-1000, max_value=200000, places=2)
PIECES = st.decimals(min_value=0, max_value=30, places=0)


@st.composite
def figures(draw, scheme, least=1):
    size = draw(st.integers(least, 6))
    counted = {word for each in scheme.indicators for word in each.figures if each.formula in ("bonus", "deduction")}

    def value(word):
        if word.startswith("veto"):
            return st.sampled_from([None, Decimal(0), Decimal(0), Decimal(1)])
        return st.one_of(st.none(), PIECES) if word in counted else st.one_of(st.none(), AMOUNT)

    return Figures({f"区{place}": {word: draw(value(word)) for word in scheme.figures} for place in range(size)})


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_every_line_of_any_figures_can_be_computed_again(data):
    scheme = default_scheme()
    for result in score(scheme, data.draw(figures(scheme))).results:
        for each in result.scores.values():
            if each.points is not None:
                assert_line(each.line, each.points)
        assert result.total == sum((each.points or 0) for each in result.scores.values())


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_the_order_of_units_changes_nothing(data):
    scheme = default_scheme()
    given_ = data.draw(figures(scheme))
    shuffled = data.draw(st.permutations(given_.units))
    sheet, other = score(scheme, given_), score(scheme, Figures({unit: given_.values[unit] for unit in shuffled}))
    assert {each.unit: each for each in sheet.results} == {each.unit: each for each in other.results}
    assert (sheet.last, sheet.combined_last) == (other.last, other.combined_last)


@given(data=st.data(), factor=st.sampled_from([Decimal("0.01"), Decimal(10), Decimal(10000)]))
@settings(max_examples=40, deadline=None)
def test_another_unit_of_money_changes_no_score(data, factor):
    scheme = default_scheme()
    money = {word for each in scheme.indicators if each.unit_zh in ("万元", "万美元") for word in each.figures}
    given_ = data.draw(figures(scheme))
    scaled = Figures({
        unit: {word: value * factor if value is not None and word in money else value for word, value in values.items()}
        for unit, values in given_.values.items()
    })  # fmt: skip
    before, after = score(scheme, given_), score(scheme, scaled)
    for one, other in zip(before.results, after.results, strict=True):
        assert [each.points for each in one.scores.values()] == [each.points for each in other.scores.values()]
        assert (one.rank, one.combined_rank) == (other.rank, other.combined_rank)


@given(
    done=AMOUNT,
    more=st.decimals(min_value=0, max_value=1000, places=2),
    low=st.integers(1, 300),
    up=st.integers(0, 100),
)
def test_more_is_never_worth_less_and_a_higher_cap_never_takes_away(done, more, low, up):
    def points(amount, cap):
        return score_indicator(
            ratio(cap=f"{cap}%"), {"x.done": amount, "x.target": Decimal(1000)}, rounding=Rounding()
        ).points

    assert points(done, low) <= points(done + more, low)
    assert points(done, low) <= points(done, low + up)
    assert points(done, low) <= 25 * Decimal(low) / 100 + Decimal("0.005")


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_places_follow_the_totals(data):
    scheme = default_scheme()
    ranked = [each for each in score(scheme, data.draw(figures(scheme, 2))).results if each.rank is not None]
    assume(ranked)
    assert min(each.rank for each in ranked) == 1
    for one in ranked:
        assert one.rank == 1 + sum(other.total > one.total for other in ranked)
        assert one.rank == one.overall


@given(values=st.lists(AMOUNT, min_size=1, max_size=8))
def test_efficacy_gives_60_to_the_least_and_100_to_the_most_or_100_to_all(values):
    scheme = Scheme("甲", (efficacy(weight="100"),))
    sheet = score(scheme, Figures({f"区{place}": {"e.value": value} for place, value in enumerate(values)}))
    points = [each.total for each in sheet.results]
    assert max(points) == 100
    assert min(points) == (100 if min(values) == max(values) else 60)

"""Tables, charts and figures of a bulletin: every value told, every text only text, heads repeated, numbers at the right."""

from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest

from models.refusal import Invalid
from notices.charts import draw_chart, scale, told
from notices.figures import draw_figure
from notices.fonts import activate
from notices.parts import Chart, Column, Figure, Line, Node, Series, Table
from tests.notices import bulletin
from tests.notices.papers import CHARACTER, MM, characters, opened

OURS = {"svg", "title", "text", "rect", "line", "circle", "polygon"}
NASTY = '<script>alert(1)</script><image href="file:///etc/passwd"/>'[:40]
WITHIN = 1.0


def drawn(svg) -> ET.Element:
    return ET.fromstring(str(svg))


def texts(svg) -> list[str]:
    return [each.text for each in drawn(svg).iter("text")]


@pytest.fixture(scope="module")
def printed():
    activate()
    from notices.press import print_page

    return print_page(bulletin.page(bulletin.sample_report()))


@pytest.fixture(scope="module")
def sheets(printed):
    return opened(printed.pdf)


@pytest.mark.parametrize(
    ("values", "marks"),
    [
        ((0, 87), [0, 20, 40, 60, 80, 100]),
        ((Decimal("0.3"), None), [0, 0.1, 0.2, 0.3]),
        ((-4.2, 6.2), [-5, -2.5, 0, 2.5, 5, 7.5]),
        ((), [0, 0.2, 0.4, 0.6, 0.8, 1]),
        ((1250,), [0, 250, 500, 750, 1000, 1250]),
    ],
)
def test_an_axis_has_round_marks_that_hold_every_value_and_zero(values, marks):
    assert scale(values) == pytest.approx(marks)


def test_bars_are_as_high_as_their_values():
    chart = Chart("bars", "到位资金", ("甲", "乙"), (Series("本年", (50, 100)),), "亿元")
    heights = [float(bar.get("height")) for bar in drawn(draw_chart(chart)).iter("rect")]
    assert heights[1] == pytest.approx(2 * heights[0])
    assert "100" in texts(draw_chart(chart))


def test_stacked_bars_stand_on_each_other_and_add_up():
    chart = Chart("stack", "灯", ("甲",), (Series("红", (2,)), Series("黄", (3,)), Series("绿", (5,))))
    bars = [each for each in drawn(draw_chart(chart)).iter("rect") if float(each.get("width")) > 10]
    tops = [float(each.get("y")) for each in bars]
    feet = [float(each.get("y")) + float(each.get("height")) for each in bars]
    assert tops[0] == pytest.approx(feet[1], abs=0.002)
    assert tops[1] == pytest.approx(feet[2], abs=0.002)


def test_a_gap_parts_a_line_and_the_series_differ_in_more_than_colour():
    chart = Chart(
        "lines", "逐月", ("1月", "2月", "3月", "4月"), (Series("本年", (1, None, 3, 4)), Series("上年", (1, 2, 3, 4)))
    )
    strokes = [each for each in drawn(draw_chart(chart)).iter("line") if each.get("stroke-width") == "0.6"]
    solid = [each for each in strokes if each.get("stroke-dasharray") == "none"]
    assert (len(solid), len(strokes)) == (1 + 1, 1 + 3 + 2), "two of them stand in the legend"


def test_progress_says_share_and_both_numbers_and_never_leaves_its_frame():
    chart = Chart(
        "progress", "目标", ("甲区", "乙区", "丙区"), (Series("完成", (30, 120, 5)), Series("目标", (60, 100, 0)))
    )
    assert texts(draw_chart(chart))[1:] == ["甲区", "30 / 60　50%", "乙区", "120 / 100　120%", "丙区", "5 / 0　—"]
    widths = {float(each.get("width")) for each in drawn(draw_chart(chart)).iter("rect")}
    assert max(widths) == 76


def test_a_chart_is_told_to_who_cannot_see_it():
    chart = Chart("bars", "到位资金", ("甲区", "乙区"), (Series("本年", (1234.5, None)),), "亿元")
    assert told(chart) == "到位资金（亿元）。本年：甲区1,234.5，乙区—。"
    assert drawn(draw_chart(chart)).find("title").text == told(chart)


@pytest.mark.parametrize("kind", ["bars", "lines", "stack", "progress"])
def test_typed_text_in_a_chart_is_only_text(kind):
    two = (Series(NASTY, (1, 2)), Series("目标", (3, 4)))
    svg = drawn(draw_chart(Chart(kind, NASTY, (NASTY, "乙"), two, NASTY)))
    assert {each.tag for each in svg.iter()} <= OURS
    assert not [name for each in svg.iter() for name in each.keys() if "href" in name or name.startswith("on")]  # noqa: SIM118 - an element is no mapping


def test_typed_text_in_a_figure_is_only_text_and_states_can_be_told_apart():
    states = ("done", "now", "late", "ahead")
    nodes = tuple(Node("task", 150 * n, 0, 100, 80, NASTY, state) for n, state in enumerate(states))
    svg = drawn(draw_figure(Figure(nodes, (Line(((100, 40), (150, 40)), taken=True),), NASTY, NASTY)))
    assert {each.tag for each in svg.iter()} <= OURS
    boxes = [each for each in svg.iter("rect") if each.get("height") == "80"]
    assert len({(each.get("fill"), each.get("stroke"), each.get("stroke-width")) for each in boxes}) == 4
    assert {"已完成", "办理中", "已逾期", "未开始"} <= {each.text for each in svg.iter("text")}


def test_a_long_name_stays_inside_its_box():
    figure = Figure((Node("task", 0, 0, 100, 80, "名" * 40),), (), "图", "图")
    lines = [each for each in drawn(draw_figure(figure)).iter("text") if each.text.startswith("名")]
    assert all(len(each.text) <= 8 for each in lines)
    assert min(float(each.get("y")) for each in lines) > 0
    assert max(float(each.get("y")) for each in lines) < 80


def test_what_no_page_can_carry_is_refused():
    with pytest.raises(Invalid):
        Table((Column("甲", 30),), (("一",),) * 501)
    with pytest.raises(Invalid):
        Table((Column("甲", 30),), (("长" * 301,),))
    with pytest.raises(ValueError, match="cells"):
        Table((Column("甲", 30),), (("一", "二"),))
    with pytest.raises(ValueError, match="labels"):
        Chart("bars", "甲", ("一",), (Series("本年", (1, 2)),))
    with pytest.raises(Invalid):
        Figure((Node("task", 0, 0, 1, 1),) * 121, (), "图", "图")


def test_the_head_of_a_long_table_stands_on_each_page_and_never_with_one_row(printed):
    activate()
    from notices.press import print_page

    long = bulletin.sample_report()
    object.__setattr__(long, "tables", (bulletin.district_table(0, "滨海新区", 60),))
    pages = [page.get_text() for page in opened(print_page(bulletin.page(long)).pdf)]
    with_rows = [text for text in pages if "新一代动力电池产业园项目" in text.replace("\n", "")]
    assert len(with_rows) >= 4
    assert all("节点日期" in text for text in with_rows)
    assert all(text.replace("\n", "").count("产业园项目") >= 2 for text in with_rows)


def test_numbers_stand_at_the_right_of_their_column(sheets):
    page = next(page for page in sheets if "和平区第1号" in page.get_text().replace("\n", ""))
    ends = {round(word[2] / MM, 1) for word in page.get_text("words") if word[4].endswith("%") and word[0] / MM > 110}
    assert len(ends) == 1


def test_a_broad_table_lies_on_its_side_and_its_number_stands_where_the_bound_paper_has_it(sheets):
    [page] = [page for page in sheets if page.rect.width > page.rect.height]
    assert (page.rect.width / MM, page.rect.height / MM) == pytest.approx((297, 210), abs=0.1)
    number = [char for char in characters(page) if char[1] < 35]
    assert "".join(char[0] for char in number).strip() == f"— {page.number + 1} —"
    words = [word for word in page.get_text("words") if word[0] / MM < 34]
    left, right = min(word[0] for word in words) / MM, max(word[2] for word in words) / MM
    assert (left + right) / 2 == pytest.approx(35 - 7, abs=WITHIN), "7 mm outside the text block, on the paper's foot"
    assert min(word[1] for word in words) / MM == pytest.approx(28 + CHARACTER, abs=WITHIN), (
        "an even page: one character in"
    )


def test_a_bulletin_is_about_twenty_pages_signed_once(sheets, printed):
    assert 20 <= len(sheets) <= 26
    assert len(printed.seals) == 1
    signed = sheets[printed.seals[0].page].get_text()
    assert "2026年11月24日" in signed
    assert "市合作交流办综合处" in sheets[-1].get_text(), "版记 is on the last page"

"""Decision tables: what each cell means, which rows hold, and the sentence for every way a table can be wrong."""

import time
from decimal import Decimal

import pytest

from models.cell import CellError, read_cell, read_literal
from models.decision import TableError, lint_table, read_table, worst
from tests.models.attacks import ATTACKS

MODEL = "https://www.omg.org/spec/DMN/20191111/MODEL/"


def escaped(text):
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\0", "")


def table(*rules, policy="COLLECT", inputs=("points",), outputs=("level",), decision="t", extra=""):
    """A DMN file; each rule is (id, [cells], [outputs])."""
    columns = "".join(
        f'<input id="in_{n}" label="列{n}"><inputExpression id="ex_{n}"><text>{escaped(text)}</text></inputExpression></input>'
        for n, text in enumerate(inputs)
    )
    names = "".join(f'<output id="out_{name}" name="{name}"/>' for name in outputs)
    rows = "".join(
        f'<rule id="{rule}"><description>规则{rule}</description>'
        + "".join(f"<inputEntry><text>{escaped(cell)}</text></inputEntry>" for cell in cells)
        + "".join(f"<outputEntry><text>{escaped(out)}</text></outputEntry>" for out in outs)
        + (f"<annotationEntry><text>来源{rule}</text></annotationEntry></rule>")
        for rule, cells, outs in rules
    )
    return (
        f'<definitions xmlns="{MODEL}" id="d" name="d" namespace="urn:x">{extra}<decision id="{decision}" name="表">'
        f'<decisionTable id="dt" hitPolicy="{policy}">{columns}{names}<annotation name="来源"/>{rows}'
        "</decisionTable></decision></definitions>"
    ).encode()


@pytest.mark.parametrize(
    ("cell", "yes", "no"),
    [
        ("-", [None, 1, "甲", True], []),
        ("", [None, 1], []),
        (">= 30", [30, 30.5, Decimal("30.00")], [29, Decimal("29.99"), None]),
        ("< 10", [9, -1], [10, None]),
        ("<= 10", [10], [Decimal("10.01")]),
        ("> -5", [-4], [-5]),
        ("[10..30]", [10, 20, 30], [9, 31, None, Decimal("30.01")]),
        ("]10..30[", [11, 29], [10, 30]),
        ("(10..30]", [11, 30], [10]),
        ("[10..30)", [10], [30]),
        ("[0.5..1.5]", [Decimal("0.5"), 1, 1.5], [0, 2]),
        ('"a","b"', ["a", "b"], ["c", None]),
        ('"甲, 乙"', ["甲, 乙"], ["甲"]),
        ('"1..2"', ["1..2"], ["1"]),
        ("1, 3, [5..6]", [1, 3, 5, 6], [2, 4, 7]),
        ("true", [True], [False, 1, "true", None]),
        ("false", [False], [0, None]),
        ("null", [None], [0, "", False]),
        ('not("a", "b")', ["c", None], ["a", "b"]),
        ("not([1..2])", [3], [1, 2]),
        ("5", [5, 5.0, Decimal(5)], [True, "5"]),
    ],
)
def test_a_cell_means_what_it_says(cell, yes, no):
    read = read_cell(cell)
    assert [value for value in yes if not read.holds(value)] == []
    assert [value for value in no if read.holds(value)] == []


@pytest.mark.parametrize(
    "cell",
    ["abc", "> x", ">=", "[1..", "[1..2", "1..2", "[2..1]", "]1..1]", '"open', "1,", ",1", "1 2", ">> 1", "= 1", "[a..b]",
     "not(1", "not()", "1.2.3", "date(1)", "x > 1", "9" * 20, "1," * 150 + "1", "x" * 600, "[1..2]..3", "true false"],
)  # fmt: skip
def test_a_cell_that_cannot_be_read_says_so(cell):
    with pytest.raises(CellError, match=r"[一-龥]"):
        read_cell(cell)


def test_text_is_never_quietly_smaller_than_a_number():
    with pytest.raises(CellError, match="“甲”不是数字"):
        read_cell("< 10").holds("甲")


def test_an_output_is_a_plain_value():
    assert [read_literal(t) for t in ('"黄"', "3", "-1.5", "true", "null", "", "-")] == [
        "黄", Decimal(3), Decimal("-1.5"), True, None, None, None,
    ]  # fmt: skip
    with pytest.raises(CellError):
        read_literal("red")


def test_collect_gives_every_row_in_order_with_its_notes():
    rules = read_table(table(("Y", [">= 10"], ['"yellow"']), ("R", ["> 30"], ['"red"'])))
    hits = rules.decide({"points": 31})
    assert [(hit.rule, hit.description, hit.outputs["level"], hit.annotations["来源"]) for hit in hits] == [
        ("Y", "规则Y", "yellow", "来源Y"),
        ("R", "规则R", "red", "来源R"),
    ]
    assert worst(hits, ("red", "yellow")).rule == "R"
    assert worst(rules.decide({"points": 1}), ("red", "yellow")) is None


def test_first_stops_at_the_first_row():
    rules = read_table(table(("A", [">= 10"], ['"a"']), ("B", [">= 5"], ['"b"']), policy="FIRST"))
    assert [hit.rule for hit in rules.decide({"points": 12})] == ["A"]
    assert [hit.rule for hit in rules.decide({"points": 6})] == ["B"]
    assert rules.decide({"points": 1}) == []


def test_unique_refuses_rows_that_meet():
    apart = table(("A", ["< 10"], ['"a"']), ("B", [">= 10"], ['"b"']), policy="UNIQUE")
    assert [hit.rule for hit in read_table(apart).decide({"points": 10})] == ["B"]
    meeting = table(("A", ["<= 10"], ['"a"']), ("B", [">= 10"], ['"b"']), policy="UNIQUE")
    with pytest.raises(TableError, match="“A”与“B”会同时命中"):
        read_table(meeting)


def test_rows_apart_in_any_column_do_not_meet():
    two = table(
        ("A", ['"sign"', ">= 1"], ['"a"']), ("B", ['"build","start"', ">= 1"], ['"b"']),
        policy="UNIQUE", inputs=("stage", "months"),
    )  # fmt: skip
    assert lint_table(two) == []


def test_an_input_is_an_expression_of_ours():
    rules = read_table(table(("A", ["true"], ['"a"']), inputs=("done < plan * 0.5",)))
    assert len(rules.decide({"done": Decimal(4), "plan": Decimal(10)})) == 1
    assert rules.decide({"done": Decimal(5), "plan": Decimal(10)}) == []
    with pytest.raises(TableError, match="“plan”没有对应的数据"):
        rules.decide({"done": 1})


def test_a_value_that_does_not_fit_names_the_rule():
    with pytest.raises(TableError, match="规则“A”：“甲”不是数字") as caught:
        read_table(table(("A", ["> 1"], ['"a"']))).decide({"points": "甲"})
    assert caught.value.element == "A"


@pytest.mark.parametrize(
    ("xml", "element", "sentence"),
    [
        (b"", "", "空的"),
        (b"abc", "", "不是 XML"),
        (b"<a", "", "不是正确的 XML"),
        (b"\xff\xfe<\0a\0", "", "UTF-8"),
        (b"<definitions/>", "", "不是 DMN"),
        (b"<!DOCTYPE a [<!ENTITY x 'y'>]><a/>", "", "DOCTYPE"),
        (f'<definitions xmlns="{MODEL}"/>'.encode(), "", "没有决策"),
        (f'<definitions xmlns="{MODEL}"><decision id="a" name="甲"/></definitions>'.encode(), "a", "不是一张决策表"),
        (table(("A", ["1"], ['"a"']), policy="PRIORITY"), "t", "PRIORITY"),
        (table(("A", ["1"], ['"a"']), ("A", ["2"], ['"a"'])), "A", "不止一次"),
        (table(("A", ["1", "2"], ['"a"'])), "A", "格数"),
        (table(("A", ["1"], [])), "A", "格数"),
        (table(("A", ["abc"], ['"a"'])), "A", "无法读懂"),
        (table(("A", ["1"], ["red"])), "A", "无法读懂"),
        (table(), "t", "一行规则"),
        (table(("A", ["1"], ['"a"']), inputs=("open('x')",)), "in_0", "函数调用"),
        (table(("", ["1"], ['"a"'])), "t", "没有编号"),
        (table(("A", ["1"], ['"a"']), extra='<decision id="t"/>'), "", "编号相同"),
    ],
)  # fmt: skip
def test_a_table_that_is_wrong_says_where_and_why(xml, element, sentence):
    with pytest.raises(TableError, match=sentence) as caught:
        read_table(xml)
    assert caught.value.element == element
    assert next(str(problem) for problem in lint_table(xml)) == str(caught.value)


def test_lint_names_inputs_that_do_not_exist():
    xml = table(("A", ["1"], ['"a"']))
    assert lint_table(xml, frozenset({"points"})) == []
    assert "没有的数据“points”" in str(lint_table(xml, frozenset({"gap"}))[0])


@pytest.mark.parametrize("name", sorted(set(ATTACKS) - {"empty", "blank", "nul", "lower true"}))
@pytest.mark.parametrize("slot", ["input", "cell", "output"])
def test_no_attack_runs_in_a_table(name, slot, tmp_path):
    text = ATTACKS[name].replace("{mark}", str(tmp_path / "mark"))
    xml = {
        "input": lambda: table(("A", ["1"], ['"a"']), inputs=(text,)),
        "cell": lambda: table(("A", [text], ['"a"'])),
        "output": lambda: table(("A", ["1"], [text])),
    }[slot]()
    begun = time.perf_counter()
    with pytest.raises(TableError, match=r"[一-龥]"):
        read_table(xml).decide({"x": "text", "points": 1})
    assert time.perf_counter() - begun < 1
    assert not (tmp_path / "mark").exists()


def test_a_table_is_frozen_and_its_version_is_its_content():
    one, same = read_table(table(("A", ["1"], ['"a"']))), read_table(table(("A", ["1"], ['"a"'])))
    other = read_table(table(("A", ["2"], ['"a"'])))
    assert one is same
    assert one.hash != other.hash
    with pytest.raises(TypeError):
        one.rules[0].outputs["level"] = "green"

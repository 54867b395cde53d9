"""The expression language says what officials mean, and nothing that reaches past the values handed in."""

import ast
import builtins
import time
from decimal import Decimal

import pytest

from models.expression import LARGEST, ExpressionError, compile_expression
from tests.models.attacks import ATTACKS


@pytest.mark.parametrize(
    ("text", "names", "value"),
    [
        ("1", {}, 1),
        ("'甲'", {}, "甲"),
        ("None", {}, None),
        ("amount >= 5000", {"amount": 5000}, True),
        ("amount > 5000", {"amount": 5000}, False),
        ("verdict == '通过'", {"verdict": "通过"}, True),
        ("verdict != '通过'", {"verdict": "退回"}, True),
        ("stage in ['sign', 'approve']", {"stage": "sign"}, True),
        ("stage in ('sign', 'approve')", {"stage": "build"}, False),
        ("stage not in ['sign']", {"stage": "build"}, True),
        ("'人才' in asked", {"asked": ["人才", "教育"]}, True),
        ("not done", {"done": False}, True),
        ("a and b", {"a": True, "b": 0}, 0),
        ("lead_organ or 'none'", {"lead_organ": None}, "none"),
        ("a == None", {"a": None}, True),
        ("1 < rung <= 5", {"rung": 5}, True),
        ("1 < rung <= 5", {"rung": 1}, False),
        ("rounds + 1", {"rounds": 2}, 3),
        ("-x * 2 - 1", {"x": 3}, -7),
        ("plan * 0.5", {"plan": Decimal("3.30")}, Decimal("1.650")),
        ("0.5 * plan", {"plan": Decimal("3.30")}, Decimal("1.650")),
        ("  a\n   and b ", {"a": 1, "b": 2}, 2),
    ],
)
def test_it_means_what_an_official_would_read(text, names, value):
    assert compile_expression(text).value(names) == value


def test_the_second_part_is_not_looked_at_when_the_first_decides():
    assert compile_expression("known or unknown").value({"known": True}) is True
    assert compile_expression("known and unknown").value({"known": False}) is False


def test_it_knows_its_names_before_it_runs():
    assert compile_expression("a > 1 and b in ['x'] or not c").names == {"a", "b", "c"}


def test_an_unknown_name_is_named():
    with pytest.raises(ExpressionError, match="“amuont”没有对应的数据"):
        compile_expression("amuont > 1").value({"amount": 1})


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("x > 1", {"x": "甲"}),
        ("x > 1", {"x": None}),
        ("x in y", {"x": 1, "y": 2}),
        ("x + 1", {"x": True}),
        ("x + 1", {"x": "1"}),
        ("x * 2", {"x": [1]}),
        ("x * 2", {"x": LARGEST}),
        ("-x", {"x": "甲"}),
    ],
)
def test_values_that_do_not_fit_are_refused_with_a_sentence(text, names):
    with pytest.raises(ExpressionError, match=r"[一-龥]"):
        compile_expression(text).value(names)


@pytest.mark.parametrize("name", sorted(ATTACKS))
def test_an_attack_is_refused_quickly_and_runs_nothing(name, tmp_path, monkeypatch):
    mark = tmp_path / "mark"
    text = ATTACKS[name].replace("{mark}", str(mark))

    def never(*_args, **_named):
        raise AssertionError("the payload reached Python")

    monkeypatch.setattr(builtins, "eval", never)
    monkeypatch.setattr(builtins, "exec", never)
    monkeypatch.setattr(builtins, "open", never)
    begun = time.perf_counter()
    with pytest.raises(ExpressionError, match=r"[一-龥]"):
        compile_expression(text).value({"x": "text"})
    assert time.perf_counter() - begun < 1
    assert not mark.exists()


def test_there_are_enough_attacks():
    assert len(ATTACKS) >= 60


def test_nothing_in_the_evaluator_hands_text_to_python():
    called = set()
    for module in ("models/expression.py", "models/decision.py", "models/cell.py"):
        tree = ast.parse(open(module, encoding="utf-8").read())  # noqa: SIM115
        called |= {n.func.id for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}
    assert not called & {"eval", "exec", "compile", "__import__"}


def test_it_is_compiled_once():
    assert compile_expression("a > 1") is compile_expression("a > 1")

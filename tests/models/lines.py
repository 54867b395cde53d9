"""An independent reader of score lines: every sum stated in a line is computed anew, with nothing of the engine's own."""

import ast
import operator
import re
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

MODES = {"half_up": ROUND_HALF_UP, "half_even": ROUND_HALF_EVEN, "down": ROUND_DOWN}
SIGNS = {"（": "(", "）": ")", "×": "*", "÷": "/", "＋": "+", "－": "-", ",": ""}
DOES = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}
SUM = re.compile(r"([（）×÷＋－\d.,%-]+)＝(-?[\d.,]+%?)")
PERCENT = re.compile(r"(\d+(?:\.\d+)?)%")
POINTS = re.compile(r"＝(-?[\d.]+)分$|得(-?[\d.]+)分$")


def worked(said: str) -> Fraction:
    """The exact value of a sum as it is printed."""
    plain = "".join(SIGNS.get(sign, sign) for sign in said.strip("，"))
    tree = ast.parse(PERCENT.sub(r"(\1/100)", plain), mode="eval")

    def value(node):
        if isinstance(node, ast.Expression):
            return value(node.body)
        if isinstance(node, ast.Constant):
            return Fraction(ast.get_source_segment(PERCENT.sub(r"(\1/100)", plain), node))
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return -value(node.operand)
        return DOES[type(node.op)](value(node.left), value(node.right))

    return value(tree)


def rounds_to(exact: Fraction, printed: str, mode: str) -> bool:
    """Whether an exact value, rounded to the places printed, is what is printed."""
    if printed.endswith("%"):
        return rounds_to(exact * 100, printed[:-1], "half_up")
    shown = Decimal(printed.replace(",", ""))
    unit = Decimal(1).scaleb(shown.as_tuple().exponent)
    whole = Fraction(shown) / Fraction(unit)
    scaled = exact / Fraction(unit)
    with localcontext() as context:
        context.prec = 80
        near = Decimal(scaled.numerator) / Decimal(scaled.denominator)
        return Fraction(near.to_integral_value(MODES[mode])) == whole


def sums(line: str):
    """Each sum of a line with what is printed as its value."""
    return [(said, printed) for said, printed in SUM.findall(line) if re.search(r"\d", said)]


def points_of(line: str) -> Decimal | None:
    """The points a line ends with."""
    found = POINTS.search(line)
    return Decimal(found[1] or found[2]) if found else None

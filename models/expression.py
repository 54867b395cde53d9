"""The small expression language of maps and decision tables; the only way an expression is ever run.

Names, numbers, text, lists, comparisons, and / or / not, + - * on numbers. Python's parser reads it, a
whitelist of node kinds turns it into closures, and nothing is ever handed to Python's own evaluation.
"""

import ast
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Any

from models.saying import Saying
from models.texts import N_

LONGEST = 500  # characters
DEEPEST = 30  # levels of nesting
LARGEST = 10**15  # any number, written or computed; money in 分 of the whole country is below it
LONGEST_LIST = 100  # entries of a written list

Number = int | float | Decimal
Meaning = Callable[[Mapping[str, object]], object]
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*", re.ASCII)
OTHER_SPELLINGS = {"true": "True", "false": "False", "null": "None", "none": "None"}


class ExpressionError(Saying):
    """表达式有误。 It is not in the language, or its values do not fit."""


@dataclass(frozen=True, slots=True)
class Expression:
    """表达式。 Compiled once, without state, safe to share between threads."""

    text: str
    names: frozenset[str]
    _meaning: Meaning = field(repr=False, compare=False)

    def value(self, names: Mapping[str, object]) -> object:
        """What it comes to for these names; raises ExpressionError naming what is unknown or unfit."""
        try:
            return self._meaning(names)
        except (TypeError, ArithmeticError, RecursionError) as error:
            raise ExpressionError(N_("表达式“%(text)s”用在了不能比较或计算的值上"), text=self.text) from error


@lru_cache(maxsize=4096)
def compile_expression(text: str) -> Expression:
    """The expression written in `text`; raises ExpressionError for whatever is not in the language."""
    tidy = _tidy(text)
    try:
        body = ast.parse(tidy, mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        raise ExpressionError(N_("表达式“%(text)s”写法有误，无法读懂"), text=_short(tidy)) from error
    reader = _Reader(tidy)
    meaning = reader.read(body, 1)
    return Expression(tidy, frozenset(reader.names), meaning)


def _tidy(text: str) -> str:
    if not isinstance(text, str) or not text.strip():
        raise ExpressionError(N_("表达式是空的"))
    if len(text) > LONGEST:
        raise ExpressionError(N_("表达式有 %(size)d 个字符，最多 %(most)d 个"), size=len(text), most=LONGEST)
    if "\\" in text or "\0" in text or "#" in text:
        raise ExpressionError(N_("表达式里不能有反斜杠、井号或空字符"))
    return " ".join(text.split())


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:60] + "…"


class _Reader:
    """Turns checked nodes into closures; one per text, thrown away afterwards."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.source = text.encode()
        self.names: set[str] = set()

    def read(self, node: ast.expr, depth: int) -> Meaning:
        if depth > DEEPEST:
            raise ExpressionError(N_("表达式嵌套超过 %(most)d 层"), most=DEEPEST)
        reading = _READINGS.get(type(node))
        if reading is None:
            raise ExpressionError(N_("表达式里不能使用%(what)s"), what=_FOREIGN.get(type(node), N_("这种写法")))
        return reading(self, node, depth + 1)

    def constant(self, node: ast.Constant, _depth: int) -> Meaning:
        value = node.value
        if value is not None and not isinstance(value, bool | int | float | str):
            raise ExpressionError(N_("表达式里只能写文字、数字、True、False 和 None"))
        if isinstance(value, int | float):
            _bounded(value)
            if self.source[node.end_col_offset :][:1].isalpha():  # Python reads 1in as 1 in; people would not
                raise ExpressionError(N_("表达式“%(text)s”写法有误，无法读懂"), text=_short(self.text))
        return lambda _names: value

    def name(self, node: ast.Name, _depth: int) -> Meaning:
        name = node.id
        # Python folds look-alike letters together; what is written must be what is read
        written = self.source[node.col_offset : node.end_col_offset].decode()
        if written != name or not NAME.fullmatch(name):
            raise ExpressionError(N_("名称“%(name)s”只能由英文字母、数字和下划线组成，并以字母开头"), name=written)
        if name in OTHER_SPELLINGS:
            raise ExpressionError(N_("请把“%(name)s”写成“%(right)s”"), name=name, right=OTHER_SPELLINGS[name])
        self.names.add(name)
        return lambda names: _known(names, name)

    def row(self, node: ast.List | ast.Tuple, depth: int) -> Meaning:
        if len(node.elts) > LONGEST_LIST:
            raise ExpressionError(N_("表达式里的列表最多 %(most)d 项"), most=LONGEST_LIST)
        entries = [self.read(entry, depth) for entry in node.elts]
        return lambda names: [entry(names) for entry in entries]

    def both_or_either(self, node: ast.BoolOp, depth: int) -> Meaning:
        parts = [self.read(part, depth) for part in node.values]
        stops_at = isinstance(node.op, ast.Or)

        def meaning(names: Mapping[str, object]) -> object:
            value: object = None
            for part in parts:
                value = part(names)
                if bool(value) is stops_at:
                    break
            return value

        return meaning

    def one_sided(self, node: ast.UnaryOp, depth: int) -> Meaning:
        part = self.read(node.operand, depth)
        if isinstance(node.op, ast.Not):
            return lambda names: not part(names)
        if isinstance(node.op, ast.USub):
            return lambda names: -_number(part(names))
        raise ExpressionError(N_("表达式里只有 not 和负号可以放在一个值前面"))

    def sum(self, node: ast.BinOp, depth: int) -> Meaning:
        sign = _SUMS.get(type(node.op))
        if sign is None:
            raise ExpressionError(N_("表达式里只能做加、减、乘"))
        left, right = self.read(node.left, depth), self.read(node.right, depth)
        for side, part in ((node.left, left), (node.right, right)):
            if _fixed(side):  # wrong whatever the data are, so it is refused now
                _number(part({}))
        if _fixed(node):
            _computed(sign, left({}), right({}))
        return lambda names: _computed(sign, left(names), right(names))

    def comparison(self, node: ast.Compare, depth: int) -> Meaning:
        if not all(type(op) in _COMPARISONS for op in node.ops):
            raise ExpressionError(N_("判断是否为空请用 == None 或 != None"))
        first = self.read(node.left, depth)
        signs = [_COMPARISONS[type(op)] for op in node.ops]
        rest = list(zip(signs, (self.read(part, depth) for part in node.comparators), strict=True))

        def meaning(names: Mapping[str, object]) -> object:
            left = first(names)
            for sign, part in rest:
                right = part(names)
                if not sign(left, right):
                    return False
                left = right
            return True

        return meaning


def _fixed(node: ast.expr) -> bool:
    return not any(isinstance(part, ast.Name) for part in ast.walk(node))


def _known(names: Mapping[str, object], name: str) -> object:
    if name not in names:
        raise ExpressionError(N_("表达式里的名称“%(name)s”没有对应的数据"), name=name)
    return names[name]


def _number(value: object) -> Number:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise ExpressionError(N_("只有数字可以计算，“%(value)s”不是数字"), value=_short(str(value)[:100]))
    return value


def _bounded(value: Number) -> Number:
    if not -LARGEST <= value <= LARGEST:  # also refuses what is not a number at all
        raise ExpressionError(N_("数字超出范围，最大为一千万亿"))
    return value


def _computed(sign: Callable[[object, object], object], left: object, right: object) -> object:
    a, b = _bounded(_number(left)), _bounded(_number(right))
    if isinstance(a, Decimal) and isinstance(b, float):
        b = Decimal(str(b))
    elif isinstance(a, float) and isinstance(b, Decimal):
        a = Decimal(str(a))
    return _bounded(_number(sign(a, b)))


_READINGS: dict[type[ast.expr], Callable[..., Meaning]] = {
    ast.Constant: _Reader.constant,
    ast.Name: _Reader.name,
    ast.List: _Reader.row,
    ast.Tuple: _Reader.row,
    ast.BoolOp: _Reader.both_or_either,
    ast.UnaryOp: _Reader.one_sided,
    ast.BinOp: _Reader.sum,
    ast.Compare: _Reader.comparison,
}
_SUMS: dict[type[ast.operator], Callable[[object, object], object]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
}
_COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], object]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda left, right: left in right,
    ast.NotIn: lambda left, right: left not in right,
}
_FOREIGN: dict[type[ast.expr], str] = {
    ast.Call: N_("函数调用"),
    ast.Attribute: N_("点号取属性"),
    ast.Subscript: N_("方括号取值"),
    ast.Lambda: N_("lambda"),
    ast.NamedExpr: N_("赋值"),
    ast.JoinedStr: N_("格式化文字"),
    ast.IfExp: N_("if … else …"),
    ast.ListComp: N_("推导式"),
    ast.SetComp: N_("推导式"),
    ast.DictComp: N_("推导式"),
    ast.GeneratorExp: N_("推导式"),
    ast.Dict: N_("花括号"),
    ast.Set: N_("花括号"),
    ast.Starred: N_("星号展开"),
    ast.Await: N_("await"),
    ast.Yield: N_("yield"),
    ast.YieldFrom: N_("yield"),
}

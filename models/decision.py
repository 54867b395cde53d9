"""Decision tables: DMN 1.3 read from a file, checked, and decided without running any code of theirs."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType

from lxml import etree

from models.cell import Cell, CellError, overlaps, read_cell, read_literal
from models.expression import Expression, ExpressionError, compile_expression
from models.markup import MarkupError, read_markup
from models.saying import Saying
from models.texts import N_

NAMESPACES = frozenset(
    {
        "https://www.omg.org/spec/DMN/20191111/MODEL/",  # 1.3
        "https://www.omg.org/spec/DMN/20211108/MODEL/",  # 1.4
        "https://www.omg.org/spec/DMN/20230324/MODEL/",  # 1.5
    }
)
HIT_POLICIES = frozenset({"UNIQUE", "FIRST", "COLLECT"})


class TableError(Saying):
    """决策表有误。 `element` is the id of what is wrong."""

    def __init__(self, element: str, message: str, **params: object) -> None:
        super().__init__(message, **params)
        self.element = element


@dataclass(frozen=True, slots=True)
class Input:
    """输入列。 An expression over the values given."""

    id: str
    label: str
    expression: Expression


@dataclass(frozen=True, slots=True)
class Output:
    """输出列。 A name under which each rule says something."""

    id: str
    name: str
    label: str


@dataclass(frozen=True, slots=True)
class Rule:
    """一行规则。 `description` is the Chinese sentence beside the row."""

    id: str
    description: str
    cells: tuple[Cell, ...]
    outputs: Mapping[str, object]
    annotations: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Row:
    """命中的一行。 What a rule that holds says."""

    rule: str
    description: str
    outputs: Mapping[str, object]
    annotations: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """决策表。 Immutable; `hash` changes with every change of the file."""

    key: str
    name: str
    hash: str
    hit_policy: str
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    rules: tuple[Rule, ...]
    names: frozenset[str] = field(repr=False)

    def decide(self, values: Mapping[str, object]) -> list[Row]:
        """The rows that hold, in table order; raises TableError for an unknown name or an unfit value."""
        given = self.given(values)
        hits = [_row(rule) for rule in self.rules if self._holds(rule, given)]
        if self.hit_policy == "UNIQUE" and len(hits) > 1:
            rules = "、".join(hit.rule for hit in hits)
            raise TableError(
                self.key, N_("决策表“%(name)s”要求只中一行，却中了：%(rules)s"), name=self.name, rules=rules
            )
        return hits[:1] if self.hit_policy == "FIRST" else hits

    def given(self, values: Mapping[str, object]) -> tuple[object, ...]:
        """What each input column comes to, in column order; raises TableError naming the column."""
        found: list[object] = []
        for column in self.inputs:
            try:
                found.append(column.expression.value(values))
            except ExpressionError as error:
                raise TableError(
                    column.id, N_("输入列“%(label)s”：%(why)s"), label=column.label, why=str(error)
                ) from error
        return tuple(found)

    @staticmethod
    def _holds(rule: Rule, given: tuple[object, ...]) -> bool:
        try:
            return all(cell.holds(value) for cell, value in zip(rule.cells, given, strict=True))
        except CellError as error:
            raise TableError(rule.id, N_("规则“%(rule)s”：%(why)s"), rule=rule.id, why=str(error)) from error


def worst(rows: Iterable[Row], order: Sequence[object], *, output: str = "level") -> Row | None:
    """The row whose output stands first in `order` (worst first); None when no row is in the order."""
    ranked = [(order.index(row.outputs[output]), row) for row in rows if row.outputs.get(output) in order]
    return min(ranked, key=lambda pair: pair[0])[1] if ranked else None


def read_table(xml: bytes, key: str | None = None) -> Table:
    """The decision `key` of a DMN file, or its only one; raises TableError with the element and a sentence."""
    return _read(bytes(xml), key)


@lru_cache(maxsize=64)
def _read(xml: bytes, key: str | None) -> Table:
    table, problems = _examined(xml, key)
    if problems or table is None:
        raise problems[0]
    return table


def lint_table(xml: bytes, names: frozenset[str] | None = None) -> list[TableError]:
    """Everything wrong with every decision of a DMN file; `names` are the input names that exist, if known."""
    try:
        keys = [str(decision.get("id", "")) for decision in _decisions(xml)]
    except TableError as error:
        return [error]
    problems: list[TableError] = []
    for key in keys:
        table, found = _examined(xml, key)
        problems += found
        if table is not None and names is not None:
            problems += _unknown_names(table, names)
    return problems


def _unknown_names(table: Table, names: frozenset[str]) -> list[TableError]:
    return [
        TableError(
            column.id,
            N_("输入列“%(label)s”用了没有的数据“%(name)s”"),
            label=column.label,
            name="、".join(sorted(column.expression.names - names)),
        )
        for column in table.inputs
        if column.expression.names - names
    ]


def _examined(xml: bytes, key: str | None) -> tuple[Table | None, list[TableError]]:
    try:
        decision = _chosen(_decisions(xml), key)
        reader = _Reader(decision, hashlib.sha256(xml).hexdigest())
    except TableError as error:
        return None, [error]
    table = reader.table()
    return (None if reader.problems else table), reader.problems


def _decisions(xml: bytes) -> list[etree._Element]:
    try:
        root = read_markup(xml)
    except MarkupError as error:
        raise TableError("", error.message, **error.params) from error
    name = etree.QName(root)
    if name.localname != "definitions" or name.namespace not in NAMESPACES:
        raise TableError("", N_("文件不是 DMN 1.3 决策表"))
    found = _children(root, "decision")
    if not found:
        raise TableError("", N_("文件里没有决策"))
    if len({decision.get("id") for decision in found}) < len(found):
        raise TableError("", N_("文件里有编号相同的决策"))
    return found


def _chosen(decisions: list[etree._Element], key: str | None) -> etree._Element:
    if key is None and len(decisions) == 1:
        return decisions[0]
    for decision in decisions:
        if decision.get("id") == key:
            return decision
    raise TableError(key or "", N_("文件里没有决策“%(key)s”"), key=key or "")


def _children(element: etree._Element, name: str) -> list[etree._Element]:
    return [child for child in element if etree.QName(child).localname == name]


def _text(element: etree._Element) -> str:
    return "".join(_said(child) for child in _children(element, "text"))


def _said(element: etree._Element) -> str:
    return "".join(str(part) for part in element.itertext()).strip()


def _row(rule: Rule) -> Row:
    return Row(rule.id, rule.description, rule.outputs, rule.annotations)


class _Reader:
    """Reads one decision and collects what is wrong with it; thrown away afterwards."""

    def __init__(self, decision: etree._Element, digest: str) -> None:
        self.key = str(decision.get("id") or "")
        self.name = str(decision.get("name") or self.key)
        self.digest = digest
        self.problems: list[TableError] = []
        tables = _children(decision, "decisionTable")
        if len(tables) != 1:
            raise TableError(self.key, N_("决策“%(name)s”不是一张决策表"), name=self.name)
        self.element = tables[0]

    def wrong(self, element: str, message: str, **params: object) -> None:
        self.problems.append(TableError(element, message, **params))

    def table(self) -> Table:
        policy = str(self.element.get("hitPolicy") or "UNIQUE")
        if policy not in HIT_POLICIES or self.element.get("aggregation"):
            self.wrong(
                self.key, N_("命中方式“%(policy)s”不支持，请选 UNIQUE、FIRST 或 COLLECT（不汇总）"), policy=policy
            )
        inputs = tuple(self.input(element) for element in _children(self.element, "input"))
        outputs = tuple(self.output(element) for element in _children(self.element, "output"))
        notes = [str(note.get("name") or "") for note in _children(self.element, "annotation")]
        rules = tuple(self.rule(element, len(inputs), outputs, notes) for element in _children(self.element, "rule"))
        self.whole(policy, outputs, rules)
        names = frozenset().union(*(column.expression.names for column in inputs if column.expression))
        return Table(self.key, self.name, self.digest, policy, inputs, outputs, rules, names)

    def whole(self, policy: str, outputs: tuple[Output, ...], rules: tuple[Rule, ...]) -> None:
        if not outputs or not rules:
            self.wrong(self.key, N_("决策表“%(name)s”至少要有一个输出列和一行规则"), name=self.name)
        if len({column.name for column in outputs}) < len(outputs):
            self.wrong(self.key, N_("决策表“%(name)s”有两个输出列同名"), name=self.name)
        ids = [rule.id for rule in rules]
        for rule in sorted({one for one in ids if ids.count(one) > 1}):
            self.wrong(rule, N_("规则编号“%(rule)s”用了不止一次"), rule=rule)
        if policy == "UNIQUE" and not self.problems:
            self.unique(rules)

    def unique(self, rules: tuple[Rule, ...]) -> None:
        for number, one in enumerate(rules):
            for other in rules[number + 1 :]:
                if all(overlaps(a, b) for a, b in zip(one.cells, other.cells, strict=True)):
                    self.wrong(
                        other.id,
                        N_("规则“%(one)s”与“%(other)s”会同时命中，而这张表只许命中一行"),
                        one=one.id,
                        other=other.id,
                    )

    def input(self, element: etree._Element) -> Input:
        name = str(element.get("id") or "")
        inner = _children(element, "inputExpression")
        text = _text(inner[0]) if inner else ""
        label = str(element.get("label") or text or name)
        try:
            expression = compile_expression(text)
        except ExpressionError as error:
            self.wrong(name, N_("输入列“%(label)s”：%(why)s"), label=label, why=str(error))
            expression = compile_expression("None")
        return Input(name, label, expression)

    def output(self, element: etree._Element) -> Output:
        name = str(element.get("name") or "")
        if not name:
            self.wrong(str(element.get("id") or self.key), N_("输出列没有名称"))
        return Output(str(element.get("id") or ""), name, str(element.get("label") or name))

    def rule(self, element: etree._Element, width: int, outputs: tuple[Output, ...], notes: list[str]) -> Rule:
        rule = str(element.get("id") or "")
        if not rule:
            self.wrong(self.key, N_("决策表“%(name)s”有一行没有编号"), name=self.name)
        tests, results = _children(element, "inputEntry"), _children(element, "outputEntry")
        if len(tests) != width or len(results) != len(outputs):
            self.wrong(rule, N_("规则“%(rule)s”的格数与列数不符"), rule=rule)
        described = [_said(child) for child in _children(element, "description")]
        said = [_text(entry) for entry in _children(element, "annotationEntry")]
        return Rule(
            rule,
            described[0] if described else "",
            tuple(self.cell(rule, entry) for entry in tests),
            MappingProxyType(
                {column.name: self.literal(rule, entry) for column, entry in zip(outputs, results, strict=False)}
            ),
            MappingProxyType(dict(zip(notes, said, strict=False))),
        )

    def cell(self, rule: str, entry: etree._Element) -> Cell:
        try:
            return read_cell(_text(entry))
        except CellError as error:
            self.wrong(rule, N_("规则“%(rule)s”：%(why)s"), rule=rule, why=str(error))
            return read_cell("-")

    def literal(self, rule: str, entry: etree._Element) -> object:
        try:
            return read_literal(_text(entry))
        except CellError as error:
            self.wrong(rule, N_("规则“%(rule)s”：%(why)s"), rule=rule, why=str(error))
            return None

"""Checks an edited light table before use: known names and places, and that time alone never improves a light."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import product

from models.cell import marks
from models.decision import Rule, Table, TableError, lint_table, read_table
from models.light import PLACE, WORST_FIRST, ProjectFacts, measures, words_of
from models.texts import N_

TABLE = "light"
GROWING = frozenset(
    {"plan_months_passed", "start_late_months", "progress_gap", "stat_wait_months", "permit_term_months"}
)
NEEDED = ("level", "sentence", "remedy")
A_HUNDREDTH = Decimal("0.01")  # the finest step of every growing input
_NOBODY = ProjectFacts(stage="")
_INPUTS = measures(_NOBODY, date(2000, 1, 1))
NAMES = frozenset(_INPUTS)
WORDS = frozenset(words_of(_NOBODY, date(2000, 1, 1), _INPUTS))


def lint_light(xml: bytes) -> list[TableError]:
    """Everything that keeps this file from being the light table; empty when it may be used."""
    problems = lint_table(xml, NAMES)
    if problems:
        return problems
    try:
        table = read_table(xml, TABLE)
    except TableError as error:
        return [error]
    problems = [problem for rule in table.rules for problem in _rule_problems(table, rule)]
    return problems or [problem for rule in table.rules for problem in _improvements(table, rule)]


def _rule_problems(table: Table, rule: Rule) -> Iterator[TableError]:
    missing = [name for name in NEEDED if not rule.outputs.get(name)]
    if missing:
        yield TableError(rule.id, N_("规则“%(rule)s”缺少：%(names)s"), rule=rule.id, names="、".join(missing))
    if rule.outputs.get("level") not in WORST_FIRST:
        yield TableError(rule.id, N_("规则“%(rule)s”的灯色只能是 yellow 或 red"), rule=rule.id)
    for name in ("sentence", "remedy"):
        for place in sorted(set(PLACE.findall(str(rule.outputs.get(name) or ""))) - WORDS):
            yield TableError(rule.id, N_("规则“%(rule)s”的句子里没有“{%(place)s}”这项数据"), rule=rule.id, place=place)
    if table.hit_policy != "COLLECT":
        yield TableError(table.key, N_("亮灯规则表的命中方式必须是 COLLECT，由系统取最重的灯色"))


def _improvements(table: Table, rule: Rule) -> Iterator[TableError]:
    """For every way in which the rule can hold, a later day must find a rule at least as severe."""
    names = [column.expression.text for column in table.inputs]
    rank = WORST_FIRST.index(_level(rule))
    for place, name in enumerate(names):
        if name not in GROWING or not rule.cells[place].tests:
            continue
        for values in _ways(table, rule, names):
            here = values[name]
            later = [mark for mark in _samples(table, place) if isinstance(here, Decimal) and mark > here]
            better = [mark for mark in later if not _as_severe(table, {**values, name: mark}, rank)]
            if better:
                label = table.inputs[place].label
                yield TableError(
                    rule.id,
                    N_("规则“%(rule)s”：“%(label)s”到 %(mark)s 时灯会自己变轻，时间本身不能使灯变好"),
                    rule=rule.id,
                    label=label,
                    mark=str(better[0]),
                )
                break


def _level(rule: Rule) -> str:
    return str(rule.outputs["level"])


def _samples(table: Table, place: int) -> list[Decimal]:
    """A number at, just below and just above every mark of a column: enough to meet each of its spans."""
    found = {mark for rule in table.rules for mark in marks(rule.cells[place])}
    return sorted({mark + step for mark in found for step in (-A_HUNDREDTH, Decimal(0), A_HUNDREDTH)})


def _ways(table: Table, rule: Rule, names: list[str]) -> Iterator[dict[str, object]]:
    """The sample values under which the rule holds and as little else as possible does."""
    choices: list[list[object]] = []
    for place, cell in enumerate(rule.cells):
        if not cell.tests:
            choices.append([None])
        elif names[place] in GROWING:
            choices.append([mark for mark in _samples(table, place) if cell.holds(mark)])
        else:
            choices.append([getattr(test, "value", None) for test in cell.tests])
    for values in product(*choices):
        yield dict(zip(names, values, strict=True))


def _as_severe(table: Table, values: dict[str, object], rank: int) -> bool:
    return any(
        WORST_FIRST.index(_level(rule)) <= rank
        and all(
            cell.holds(column.expression.value(values)) for cell, column in zip(rule.cells, table.inputs, strict=True)
        )
        for rule in table.rules
    )

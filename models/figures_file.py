"""数据文件: the figures of all units as the rows of a table or as JSON, read strictly by a scheme, and written."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from models.scheme import Indicator, Scheme, Slot, Wrong
from models.scheme_file import DATA, default_scheme
from models.scheme_param import ParamError, number
from models.score import Figures, wrong_figures
from models.texts import N_
from models.wrong_file import Cell, Row, WrongFile, column, neutral, said

UNIT, GROUP = "单位", "分组"
HEADS = {"单位": UNIT, "unit": UNIT, "分组": GROUP, "group": GROUP}
EMPTY = frozenset({"", "-", "－", "—", "——", "/"})
SUMS = frozenset({"合计", "总计", "小计", "平均", "全市合计"})
PERCENT = "%"
TWICE_UNIT = N_("单位“%(unit)s”出现了两次")


def heading(indicator: Indicator, slot: Slot) -> str:
    """What stands above a figure's column: 内资完成率.完成, or just the indicator when it reads one figure."""
    return indicator.name_zh if len(indicator.slots) == 1 else f"{indicator.name_zh}.{slot.name_zh}"


def headings(scheme: Scheme) -> dict[str, str]:
    """The word of each figure, and what stands above its column in a file that is written."""
    found: dict[str, str] = {}
    for each in scheme.indicators:
        for slot, word in zip(each.slots, each.figures, strict=True):
            found.setdefault(word, heading(each, slot))
    return found


def _aliases(scheme: Scheme) -> dict[str, str]:
    """Every heading a file may use, and the word of the figure it means."""
    found = {word: word for word in scheme.figures}
    for each in scheme.indicators:
        for slot, word in zip(each.slots, each.figures, strict=True):
            found.setdefault(heading(each, slot), word)
            found.setdefault(f"{each.name_zh}.{slot.name_zh}", word)
            found.setdefault(f"{each.word}.{slot.word}", word)
            if len(each.slots) == 1:
                found.setdefault(each.word, word)
    return found


def _percents(scheme: Scheme) -> set[str]:
    """The words of figures that are percentages: 75% is 75 there."""
    return {word for each in scheme.indicators if each.unit_zh == PERCENT for word in each.figures}


def figures_of_rows(scheme: Scheme, rows: Sequence[Row]) -> Figures:
    """The figures a table holds; raises WrongFile with every mistake, and then nothing is taken in."""
    head = next((place for place, row in enumerate(rows) if any(said(cell) for cell in row)), None)
    if head is None:
        raise WrongFile([Wrong(0, "", N_("表格里没有内容"))])
    wrongs: list[Wrong] = []
    columns = _columns(scheme, head + 1, rows[head], wrongs)
    if wrongs:
        raise WrongFile(wrongs)
    values: dict[str, dict[str, Decimal | None]] = {}
    groups: dict[str, str] = {}
    lines: list[int] = []
    for line, row in enumerate(rows[head + 1 :], head + 2):
        if not any(said(cell) for cell in row):
            continue
        cells = {key: row[place] if place < len(row) else None for key, (place, _) in columns.items()}
        unit = said(cells.pop(UNIT))
        _check_unit(line, column(columns[UNIT][0], UNIT), unit, values, wrongs)
        group = said(cells.pop(GROUP, None))
        groups.update({unit: group} if group else {})
        if unit not in values:
            lines.append(line)
        values[unit] = _numbers(line, cells, columns, _percents(scheme), wrongs)
    figures = Figures(values, groups)
    if not values:
        wrongs.append(Wrong(head + 1, "", N_("没有一个单位")))
    at = {key: column(place, said(text)) for key, (place, text) in columns.items()}
    more = [] if wrongs else wrong_figures(scheme, figures)
    wrongs += [replace(each, row=lines[each.row - 1], column=at.get(each.column, f"“{each.column}”")) for each in more]
    if wrongs:
        raise WrongFile(sorted(wrongs, key=lambda each: each.row))
    return figures


def _columns(scheme: Scheme, line: int, row: Row, wrongs: list[Wrong]) -> dict[str, tuple[int, Cell]]:
    """The place and the heading of each figure's column."""
    aliases, found = _aliases(scheme), dict[str, tuple[int, Cell]]()
    for place, cell in enumerate(row):
        text = said(cell).replace("·", ".").replace("．", ".")
        if not text:
            continue
        key = HEADS.get(text.lower()) or aliases.get(text)
        if key is None:
            wrongs.append(Wrong(line, column(place, said(cell)), N_("方案里没有这项数据")))
        elif key in found:
            wrongs.append(Wrong(line, column(place, said(cell)), N_("这一列出现了两次")))
        else:
            found[key] = (place, cell)
    missing = [(UNIT, UNIT), *headings(scheme).items()]
    wrongs += [Wrong(line, f"“{name}”", N_("缺少这一列")) for key, name in missing if key not in found]
    return found


def _check_unit(line: int, where: str, unit: str, known: Mapping[str, object], wrongs: list[Wrong]) -> None:
    if not unit:
        wrongs.append(Wrong(line, where, N_("没有写单位")))
    elif unit in SUMS:
        wrongs.append(Wrong(line, where, N_("“%(unit)s”不是单位，请删去这一行"), {"unit": unit}))
    elif unit in known:
        wrongs.append(Wrong(line, where, TWICE_UNIT, {"unit": unit}))


def _numbers(
    line: int,
    cells: Mapping[str, Cell],
    columns: Mapping[str, tuple[int, Cell]],
    percents: set[str],
    wrongs: list[Wrong],
) -> dict[str, Decimal | None]:
    found: dict[str, Decimal | None] = {}
    for word, cell in cells.items():
        try:
            found[word] = read_figure(cell, percent=word in percents)
        except ParamError as error:
            place, text = columns[word]
            wrongs.append(Wrong(line, column(place, said(text)), error.message, error.params))
            found[word] = None
    return found


def read_figure(cell: Cell, *, percent: bool) -> Decimal | None:
    """The number of a cell, None when it is empty or a dash; raises ParamError.

    With `percent` the figure is a percentage, and 75% is 75; elsewhere a percent sign is refused.
    """
    if not isinstance(cell, bool) and said(cell) in EMPTY:
        return None
    if percent and isinstance(cell, str):
        return number(cell.strip().removesuffix(PERCENT).removesuffix("％"), percent=False)
    return number(said(cell) if isinstance(cell, str) else cell, percent=False)


def figures_rows(scheme: Scheme, figures: Figures) -> list[list[Cell]]:
    """The figures as the rows of a table, which `figures_of_rows` reads back as the same figures."""
    named = headings(scheme)
    grouped = bool(figures.groups)
    head: list[Cell] = [UNIT, *([GROUP] if grouped else []), *named.values()]
    body: list[list[Cell]] = [
        [unit, *([figures.groups.get(unit, "")] if grouped else []), *(values[word] for word in named)]
        for unit, values in figures.values.items()
    ]
    rows: list[list[Cell]] = [head, *body]
    return [[neutral(cell) for cell in row] for row in rows]


def figures_of_json(scheme: Scheme, plain: object) -> Figures:
    """The figures of a JSON file: {"units": [{"unit": …, "group": …, "figures": {word: number or null}}]}.

    Raises WrongFile, whose rows are the units' numbers in the list.
    """
    units = plain.get("units") if isinstance(plain, dict) else None
    if not isinstance(units, list) or not units:
        raise WrongFile([Wrong(0, "", N_("应是一个对象，其中 units 是单位的列表"))])
    aliases, wrongs = _aliases(scheme), list[Wrong]()
    values: dict[str, dict[str, Decimal | None]] = {}
    groups: dict[str, str] = {}
    for place, each in enumerate(units, 1):
        entry = each if isinstance(each, dict) else {}
        unit, given = said(entry.get("unit")), entry.get("figures")
        _check_unit(place, "“unit”", unit, values, wrongs)
        groups.update({unit: said(entry["group"])} if entry.get("group") else {})
        cells: dict[str, Cell] = given if isinstance(given, dict) else {}
        wrongs += [Wrong(place, f"“{key}”", N_("方案里没有这项数据")) for key in cells if key not in aliases]
        known = {aliases[key]: cell for key, cell in cells.items() if key in aliases}
        named = {word: (0, word) for word in known}
        mistakes: list[Wrong] = []
        values[unit] = _numbers(place, known, named, _percents(scheme), mistakes)
        wrongs += [replace(wrong, column=wrong.column.removeprefix("A列")) for wrong in mistakes]
    figures = Figures(values, groups)
    more = [] if wrongs else wrong_figures(scheme, figures)
    wrongs += [replace(each, column=f"“{each.column}”") for each in more]
    if wrongs:
        raise WrongFile(wrongs, "项")
    return figures


def figures_to_json(figures: Figures) -> dict[str, object]:
    """The same as JSON; numbers are texts, so that none loses a digit."""
    return {
        "units": [
            {
                "unit": unit,
                **({"group": figures.groups[unit]} if unit in figures.groups else {}),
                "figures": {word: None if value is None else str(value) for word, value in values.items()},
            }
            for unit, values in figures.values.items()
        ]
    }


def example_figures() -> Figures:
    """Made-up figures (演示) of sixteen made-up districts that fit the default scheme."""
    with (DATA / "example_figures.csv").open(encoding="utf-8-sig", newline="") as file:
        return figures_of_rows(default_scheme(), list(csv.reader(file)))

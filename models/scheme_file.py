"""方案文件: a scheme as the rows of a table or as JSON, read strictly – every mistake with its row and column – and written."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from models.scheme import (
    FIGURE,
    GROUPS,
    MODES,
    NATURES,
    TIE_NAMES,
    TYPED,
    Indicator,
    Rounding,
    Scheme,
    Wrong,
    wrong_indicators,
    wrong_scheme,
)
from models.scheme_param import ParamError, number, params_as_text, shown
from models.scheme_row import ALIASES, COLUMNS, KIND_NAMES, SYSTEM, in_cell, known, read_indicator
from models.texts import N_
from models.wrong_file import Cell, Row, WrongFile, column, neutral, said

DATA = Path(__file__).resolve().parent.parent / "data"
NO_ENTRY = N_("没有这一项，可有：%(known)s")
NEEDED = ("name_zh", "group", "weight", "formula")
SETTINGS: dict[str, str] = {
    "name": "方案",
    "note": "说明",
    "default": "默认方案",
    "full": "满分",
    "tie": "并列",
    "places": "小数位",
    "total_places": "总分小数位",
    "mode": "舍入",
    "group": "分组",
}


def scheme_of_rows(rows: Sequence[Row]) -> Scheme:
    """The scheme a table holds; raises WrongFile with every mistake, and then nothing is taken in."""
    head = next((place for place, row in enumerate(rows) if _is_head(row)), None)
    if head is None:
        raise WrongFile([Wrong(0, "", N_("没有找到表头：应有“指标”“类别”“权重”“计算方法”各列"))])
    wrongs: list[Wrong] = []
    settings, groups, places = _settings(rows[:head], wrongs)
    columns = _columns(head + 1, rows[head], wrongs)
    if wrongs:
        raise WrongFile(wrongs)
    found: list[tuple[int, Indicator]] = []
    for line, row in enumerate(rows[head + 1 :], head + 2):
        cells = {key: row[place] if place < len(row) else None for key, place in columns.items()}
        if not any(said(cell) for cell in row):
            continue
        named = {key: column(place, COLUMNS[key]) for key, place in columns.items()}
        indicator, mistakes = read_indicator(cells)
        wrongs += [
            Wrong(line, in_cell(named.get(key, ""), param), text, params) for key, param, text, params in mistakes
        ]
        if indicator:
            found.append((line, indicator))
    scheme = _build(settings, groups, [indicator for _, indicator in found], wrongs, places)
    lines = [line for line, _ in found]
    by_name = {COLUMNS[key]: column(place, COLUMNS[key]) for key, place in columns.items()}
    more = wrong_indicators(scheme) if wrongs else wrong_scheme(scheme)
    wrongs += [_at(each, lines, by_name, places, head + 1) for each in more]
    if wrongs:
        raise WrongFile(sorted(wrongs, key=lambda each: each.row))
    return scheme


def _at(each: Wrong, lines: Sequence[int], columns: Mapping[str, str], places: Mapping[str, int], head: int) -> Wrong:
    if each.row:
        return replace(each, row=lines[each.row - 1], column=columns.get(each.column, f"“{each.column}”"))
    return replace(each, row=places.get(each.column, head), column=f"“{each.column}”")


def _is_head(row: Row) -> bool:
    names = {_key(cell) for cell in row}
    return {"name_zh", "formula"} <= names


def _key(cell: Cell) -> str:
    """The column a heading means; its own text when it means none."""
    text = said(cell)
    plain = ALIASES.get(text.lower(), text.lower())
    return next((key for key, name in COLUMNS.items() if text == name or plain == key), text)


def _columns(line: int, row: Row, wrongs: list[Wrong]) -> dict[str, int]:
    found: dict[str, int] = {}
    for place, cell in enumerate(row):
        key = _key(cell)
        if not key:
            continue
        if key not in COLUMNS:
            wrongs.append(Wrong(line, column(place, said(cell)), N_("没有这一列，可有：%(known)s"), known(COLUMNS)))
        elif key in found:
            wrongs.append(Wrong(line, column(place, said(cell)), N_("这一列出现了两次")))
        found.setdefault(key, place)
    wrongs += [Wrong(line, f"“{COLUMNS[key]}”", N_("缺少这一列")) for key in NEEDED if key not in found]
    return found


def _settings(rows: Sequence[Row], wrongs: list[Wrong]) -> tuple[dict[str, Cell], dict[str, str], dict[str, int]]:
    """What stands above the head: the scheme's own settings, each unit's group, and the row of each setting."""
    found: dict[str, Cell] = {}
    groups: dict[str, str] = {}
    places: dict[str, int] = {}
    for line, row in enumerate(rows, 1):
        cells = [*row, None, None, None]
        text = said(cells[0])
        if not any(said(cell) for cell in row):
            continue
        key = next((key for key, name in SETTINGS.items() if text.lower() in (key, name)), None)
        if key is None:
            wrongs.append(Wrong(line, column(0, text), NO_ENTRY, known(SETTINGS)))
        elif key == "group":
            _group(line, said(cells[1]), said(cells[2]), groups, wrongs)
        elif key in found:
            wrongs.append(Wrong(line, column(0, text), N_("这一项出现了两次")))
        else:
            found[key], places[SETTINGS[key]] = cells[1], line
    return found, groups, places


def _group(line: int, unit: str, group: str, groups: dict[str, str], wrongs: list[Wrong]) -> None:
    if not unit or not group:
        wrongs.append(Wrong(line, column(2 if unit else 1, "分组"), N_("分组应写单位和组名")))
    elif unit in groups:
        wrongs.append(Wrong(line, column(1, "分组"), N_("单位“%(unit)s”出现了两次"), {"unit": unit}))
    groups.setdefault(unit, group)


def _build(
    settings: Mapping[str, Cell],
    groups: Mapping[str, str],
    indicators: Sequence[Indicator],
    wrongs: list[Wrong],
    places: Mapping[str, int],
) -> Scheme:
    def wrong(key: str, error: ParamError) -> None:
        wrongs.append(Wrong(places.get(SETTINGS[key], 0), f"“{SETTINGS[key]}”", error.message, error.params))

    def counted(key: str, default: Decimal) -> Decimal:
        try:
            return number(settings[key], percent=False) if said(settings.get(key)) else default
        except ParamError as error:
            wrong(key, error)
            return default

    def chosen(key: str, names: Mapping[str, str], default: str) -> str:
        text = said(settings.get(key)) or default
        return next((word for word, name in names.items() if text in (word, name)), text)

    def whole(key: str, default: int) -> int:
        found = counted(key, Decimal(default))
        if found != int(found):
            wrong(key, ParamError(N_("应是整数")))
        return int(found)

    digits = whole("places", 2)
    return Scheme(
        name=said(settings.get("name")),
        note=said(settings.get("note")),
        default=said(settings.get("default")).lower() in ("是", "true", "yes", "1"),
        full=counted("full", Decimal(100)),
        tie=chosen("tie", TIE_NAMES, "competition"),
        rounding=Rounding(digits, whole("total_places", digits), chosen("mode", MODES, "half_up")),
        groups=dict(groups),
        indicators=tuple(indicators),
    )


def scheme_rows(scheme: Scheme) -> list[list[Cell]]:
    """The scheme as the rows of a table, which `scheme_of_rows` reads back as the same scheme."""
    rounding = scheme.rounding
    above: list[list[Cell]] = [
        [SETTINGS["name"], scheme.name],
        [SETTINGS["note"], scheme.note],
        [SETTINGS["default"], "是" if scheme.default else "否"],
        [SETTINGS["full"], scheme.full],
        [SETTINGS["tie"], TIE_NAMES[scheme.tie]],
        [SETTINGS["places"], Decimal(rounding.places)],
        [SETTINGS["total_places"], Decimal(rounding.total_places)],
        [SETTINGS["mode"], MODES[rounding.mode]],
        *[list[Cell]([SETTINGS["group"], unit, group]) for unit, group in scheme.groups.items()],
        [],
        list(COLUMNS.values()),
    ]
    return [[neutral(cell) for cell in row] for row in [*above, *map(_cells, scheme.indicators)]]


def _cells(each: Indicator) -> list[Cell]:
    return [
        each.word,
        each.name_zh,
        GROUPS[each.group],
        each.weight,
        each.unit_zh,
        each.source.replace(FIGURE, SYSTEM).replace(TYPED, "填报"),
        KIND_NAMES[each.formula],
        params_as_text(each.params, rates=each.formula in ("ratio", "halves")),
        NATURES[each.nature] if each.nature else "",
        each.note,
    ]


def plain_cell(cell: Cell) -> str:
    """A cell as a csv has it."""
    if isinstance(cell, Decimal):
        return shown(cell)
    return "" if cell is None else str(cell)


def scheme_of_json(plain: object) -> Scheme:
    """The scheme of a JSON file, as `scheme_to_json` writes it; raises WrongFile, whose rows are the indicators' numbers."""
    if not isinstance(plain, dict) or not isinstance(plain.get("indicators"), list):
        raise WrongFile([Wrong(0, "", N_("应是一个对象，其中 indicators 是指标的列表"))])
    wrongs: list[Wrong] = []
    found = []
    for place, each in enumerate(plain["indicators"], 1):
        pairs = each.items() if isinstance(each, dict) else ()
        cells: dict[str, Cell] = {ALIASES.get(str(key), str(key)): value for key, value in pairs}
        strange = sorted(map(str, cells.keys() - COLUMNS.keys()))
        wrongs += [Wrong(place, f"“{key}”", NO_ENTRY, {"known": "、".join(COLUMNS)}) for key in strange]
        indicator, mistakes = read_indicator(cells)
        wrongs += [Wrong(place, in_cell(f"“{key}”", param), text, params) for key, param, text, params in mistakes]
        found.append(indicator)
    rounding = plain.get("rounding") if isinstance(plain.get("rounding"), dict) else {}
    groups = plain.get("groups") if isinstance(plain.get("groups"), dict) else {}
    scheme = _build(
        {**plain, **(rounding or {})},
        {str(unit): str(group) for unit, group in (groups or {}).items()},
        [each for each in found if each],
        wrongs,
        {},
    )
    wrongs += [] if wrongs else wrong_scheme(scheme)
    if wrongs:
        raise WrongFile(wrongs, "项")
    return scheme


def default_scheme() -> Scheme:
    """默认方案 of this house, for districts; the city's own weights are not public, and its note says so."""
    with (DATA / "default_scheme.csv").open(encoding="utf-8-sig", newline="") as file:
        return scheme_of_rows(list(csv.reader(file)))

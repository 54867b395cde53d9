"""Finds the row of headings of a ledger among titles and blank rows, and which field each column holds."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from models.ledger import LedgerField, field_of_key, ledger_fields
from models.saying import Saying
from models.texts import N_

DEEPEST = 30  # rows in which headings are looked for
UNIT = re.compile(r"\(?(?:单位[::]?)?(?:人民币)?(亿元|万元|元)\)?$")
STATED_UNIT = re.compile(r"单位[::]\s*(?:人民币)?(亿元|万元|元)")
REMARK = re.compile(r"\([^()]*\)$")
YEAR = re.compile(r"^(20\d\d)年(?:度)?(?=.)")
MONTH = re.compile(r"^(?:(20\d\d)年)?(1[0-2]|0?[1-9])月(?:份)?(?:完成投资)?$")
IMPORTED = frozenset({"text", "choice", "money", "date", "past", "int", "uscc", "fai", "industry", "chain", "stage",
                      "organ", "number", "entries", "officer"})  # fmt: skip


class HeadingError(Saying):
    """表头无法识别。 Says which headings are needed or stand twice."""


@dataclass(frozen=True)
class Column:
    """One column that is read; `unit` is None where the field needs none and "" where none is stated."""

    place: int
    heading: str
    field: LedgerField
    unit: str | None = None
    year: int | None = None
    month: int | None = None

    @property
    def letter(self) -> str:
        """A for the first column, AA for the twenty-seventh."""
        return column_letter(self.place)


@dataclass(frozen=True)
class Heading:
    """表头。 `row` is its number in the file; `ignored` are the headings nobody knows or that are figured elsewhere."""

    row: int
    columns: tuple[Column, ...]
    ignored: tuple[str, ...]

    def column(self, key: str) -> Column | None:
        """The column of a ledger key, if the file has it."""
        return next((column for column in self.columns if column.field.key == key), None)


def find_heading(rows: Sequence[Sequence[object]]) -> Heading:
    """The row that holds most known headings, 项目名称 among them; raises HeadingError."""
    counted = [(sum(_known(cell) is not None for cell in row), -place) for place, row in enumerate(rows[:DEEPEST])]
    most, place = max(counted, default=(0, 0))
    if most < 1:
        raise HeadingError(N_("前%(count)s行里没有找到表头；表头至少要有“项目名称”一列。"), count=DEEPEST)
    return read_heading(rows, -place)


def read_heading(rows: Sequence[Sequence[object]], place: int) -> Heading:
    """The columns of the heading at this place (from 0); raises HeadingError for doubles and without a name column."""
    sheet_unit = _unit_above(rows[:place])
    columns, ignored = [], []
    for number, cell in enumerate(rows[place]):
        column = _column(number, cell, sheet_unit)
        if column:
            columns.append(column)
        elif str(cell or "").strip():
            ignored.append(str(cell).strip())
    _check_columns(columns)
    return Heading(place + 1, tuple(columns), tuple(ignored))


def column_letter(place: int) -> str:
    """The letters of a column counted from 0."""
    letters, number = "", place + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _check_columns(columns: Sequence[Column]) -> None:
    seen: dict[tuple[str, int | None, int | None], Column] = {}
    for column in columns:
        first = seen.setdefault((column.field.key, column.year, column.month), column)
        if first is not column:
            raise HeadingError(N_("%(first)s列和%(second)s列都是“%(name)s”；请只留一列。"),
                               first=first.letter, second=column.letter, name=column.field.name_zh)  # fmt: skip
    if not any(column.field.key in ("name", "project_no") for column in columns):
        raise HeadingError(N_("表头里没有“项目名称”一列；请补上后再导入。"))


def _column(place: int, cell: object, sheet_unit: str) -> Column | None:
    heading = str(cell or "").strip()
    known = _known(cell)
    if known is None or known[0].type not in IMPORTED:
        return None
    field, unit, year, month = known
    if field.type == "entries" and field.key == "month_done_wan" and month is None:
        return None
    counted = (unit or sheet_unit) if field.type in ("money", "entries") else None
    return Column(place, heading, field, counted, year, month)


def _known(cell: object) -> tuple[LedgerField, str, int | None, int | None] | None:
    """The field a heading means, with the unit, year and month it states."""
    if not isinstance(cell, str) or not cell.strip():
        return None
    text = _plain(cell)
    if month := MONTH.fullmatch(REMARK.sub("", text)):
        found = UNIT.search(text)
        return field_of_key("month_done_wan"), found[1] if found else "", int(month[1] or 0) or None, int(month[2])
    for name, unit in _spellings(text):
        if name in _headings():
            return _headings()[name], unit, None, None
        year = YEAR.match(name)
        if year and (field := _headings().get(name[year.end() :])) and field.type == "entries":
            return field, unit, int(year[1]), None
    return None


def _spellings(text: str) -> list[tuple[str, str]]:
    """The heading as written, without its unit, and without a remark in brackets."""
    unit = UNIT.search(text)
    spelled = [(text, unit[1] if unit else "")]
    if unit:
        spelled.append((text[: unit.start()], unit[1]))
    bare = REMARK.sub("", text)
    if bare and bare != text:
        spelled.append((bare, unit[1] if unit else ""))
    return spelled


@lru_cache
def _headings() -> Mapping[str, LedgerField]:
    return {
        _plain(name): field
        for field in ledger_fields()
        for name in (*field.aliases, field.name_zh, field.key, field.name)
    }


def _plain(text: str) -> str:
    name = "".join(unicodedata.normalize("NFKC", text).split()).strip("*:").casefold()
    return re.sub(r"^\d+[.、]", "", name)


def _unit_above(rows: Sequence[Sequence[object]]) -> str:
    for row in rows:
        for cell in row:
            if isinstance(cell, str) and (found := STATED_UNIT.search(unicodedata.normalize("NFKC", cell))):
                return found[1]
    return ""

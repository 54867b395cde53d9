"""评分表: a scored sheet as plain frozen values; page, Excel, CSV and paper all print these very texts."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

NOTHING = "-"  # what prints where there is no score


@dataclass(frozen=True)
class SheetColumn:
    """One indicator: what stands above its column, and the words of the figures it reads."""

    word: str
    name: str
    group: str
    weight: str
    figures: tuple[str, ...]
    typed: tuple[tuple[str, str], ...] = ()  # the words of figures that people type, each with what it is called
    meaning: str = ""


@dataclass(frozen=True)
class SheetLine:
    """One score: the number as printed ("-" for none) and its formula with inputs and result."""

    score: str
    text: str


@dataclass(frozen=True)
class SheetRow:
    """One unit's line of the table. `margin` says what would bring it into the last three, or out of them."""

    organ_id: int
    code: str
    name: str
    lines: tuple[SheetLine, ...]
    subtotals: tuple[str, ...]
    total: str
    place: int | None
    combined: str
    combined_place: int | None
    last: bool  # 后三位 by the total
    combined_last: bool  # and by 内外资, which calls for a talk
    margin: str = ""

    @property
    def placed(self) -> str:
        """The place as printed."""
        return NOTHING if self.place is None else str(self.place)

    @property
    def combined_placed(self) -> str:
        """The place by 内外资 as printed."""
        return NOTHING if self.combined_place is None else str(self.combined_place)


@dataclass(frozen=True)
class ScoreSheet:
    """评分表 of one period and subject, in the order of the places; those without one stand last."""

    period: str
    subject: str
    scheme: str
    standard: bool  # 默认方案
    columns: tuple[SheetColumn, ...]
    groups: tuple[str, ...]
    rows: tuple[SheetRow, ...]

    def plain(self) -> dict[str, Any]:
        """As JSON keeps it."""
        return asdict(self)

    def row_of(self, organ_id: int) -> SheetRow | None:
        """The line of a unit; None for one that is not assessed."""
        return next((row for row in self.rows if row.organ_id == organ_id), None)

    def column_of(self, word: str) -> tuple[int, SheetColumn] | None:
        """The place and the column of an indicator; None for an unknown one."""
        return next(((place, column) for place, column in enumerate(self.columns) if column.word == word), None)


def read_sheet(plain: Mapping[str, Any]) -> ScoreSheet:
    """The sheet of frozen JSON."""
    columns = tuple(_column(each) for each in plain["columns"])
    rows = tuple(
        SheetRow(**{
            **each,
            "lines": tuple(SheetLine(**line) for line in each["lines"]),
            "subtotals": tuple(each["subtotals"]),
        })
        for each in plain["rows"]
    )  # fmt: skip
    return ScoreSheet(**{**plain, "columns": columns, "groups": tuple(plain["groups"]), "rows": rows})


def _column(plain: Mapping[str, Any]) -> SheetColumn:
    typed = tuple((word, name) for word, name in plain["typed"])
    return SheetColumn(**{**plain, "figures": tuple(plain["figures"]), "typed": typed})


def table_of(sheet: ScoreSheet) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Head and rows of the whole table, as Excel, CSV and the page have it."""
    head = ("位次", "单位", *(column.name for column in sheet.columns), "总分")
    combined = ("内外资得分", "内外资位次") if any(row.combined != NOTHING for row in sheet.rows) else ()
    rows = tuple(
        (row.placed, row.name, *(line.score for line in row.lines), row.total,
         *((row.combined, row.combined_placed) if combined else ()))
        for row in sheet.rows
    )  # fmt: skip
    return (*head, *combined), rows


def formula_rows(sheet: ScoreSheet) -> Iterator[tuple[str, str, str, str]]:
    """Unit, indicator, formula line and score of every score, unit by unit."""
    for row in sheet.rows:
        for column, line in zip(sheet.columns, row.lines, strict=True):
            yield row.name, column.name, line.text, line.score


def export_rows(sheet: ScoreSheet) -> tuple[tuple[str, ...], ...]:
    """What the city's overall performance assessment takes over: code, unit, score, rank, period, with a head."""
    rows = ((row.code, row.name, row.total, row.placed, sheet.period) for row in sheet.rows)
    return (("单位代码", "单位", "得分", "位次", "期间"), *rows)


def number(text: str) -> Decimal | None:
    """The number of a printed score; None for "-"."""
    return None if text == NOTHING else Decimal(text.replace(",", ""))

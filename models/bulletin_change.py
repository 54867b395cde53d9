"""更正的差额: which cells read otherwise now, by how much, and the entries that are the reason – pure, over two editions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from models import printed_numbers as printed
from models.bulletin_figures import COLUMNS, PRINT, RATES, Line, MoneyRow
from models.texts import N_

WHY: dict[str, str] = {
    "filed": N_("冻结以后补报"),
    "reduced": N_("认定时核减"),
    "withdrawn": N_("撤资"),
    "changed": N_("条目或项目资料有变化"),
    "gone": N_("不再计入"),
}


@dataclass(frozen=True)
class CellChange:
    """One cell as it was printed and as it reads now; `difference` in the cell's own unit, rates in points."""

    column: str
    was: str
    now: str
    difference: str


@dataclass(frozen=True)
class LineChange:
    """A line of the table with its cells that read otherwise."""

    key: str
    name: str
    cells: tuple[CellChange, ...]


@dataclass(frozen=True)
class RowChange:
    """An entry that counts otherwise now than it did; None where there was or is none. `why` is a word of WHY."""

    why: str
    was: MoneyRow | None
    now: MoneyRow | None

    @property
    def row(self) -> MoneyRow:
        """The entry, as it stands now if it still counts."""
        found = self.now or self.was
        assert found is not None, "a change is of something"
        return found

    @property
    def difference(self) -> Decimal:
        """万元 by which the entry adds to what was counted."""
        return _counted(self.now) - _counted(self.was)


def line_changes(was: Sequence[Line], now: Sequence[Line]) -> list[LineChange]:
    """The lines with a cell that prints otherwise, in the order of the table."""
    before = {line.key: line for line in was}
    found = (LineChange(line.key, line.name, tuple(_cells(before.get(line.key), line))) for line in now)
    return [change for change in found if change.cells]


def row_changes(was: Iterable[MoneyRow], now: Iterable[MoneyRow]) -> list[RowChange]:
    """The entries that count otherwise, oldest first."""
    before, after = ({(row.span, row.entry_id): row for row in rows} for rows in (was, now))
    keys = sorted({*before, *after}, key=lambda key: (key[0] != "this", key[1]))
    changes = (_change(before.get(key), after.get(key)) for key in keys)
    return [change for change in changes if change]


def change_json(change: RowChange) -> Mapping[str, Any]:
    """What a trace keeps of a changed entry."""
    return {"entry": change.row.entry_id, "why": change.why, "difference": str(change.difference)}


def _cells(was: Line | None, now: Line) -> Iterable[CellChange]:
    for column in COLUMNS:
        before, after = was.printed(column) if was else printed.NONE, now.printed(column)
        if before != after:
            yield CellChange(column, before, after, _difference(column, was, now))


def _difference(column: str, was: Line | None, now: Line) -> str:
    """What was printed plus the difference gives what is printed now, so it is taken between printed figures."""
    before, after = (_printed_value(column, getattr(line, column, None)) for line in (was, now))
    if before is None or after is None:
        return printed.NONE
    if column in (*RATES, "gap"):
        return printed.points(Fraction(after - before) / 100)
    return PRINT[column](int(after - before) if column == "place" else after - before)


def _printed_value(column: str, value: Any) -> Decimal | None:
    if value is None or column == "place":
        return None if value is None else Decimal(value)
    if column in (*RATES, "gap"):
        return printed.rounded(Fraction(value) * 100, printed.RATE_PLACES)
    return printed.rounded(value, printed.MONEY_PLACES)


def _change(was: MoneyRow | None, now: MoneyRow | None) -> RowChange | None:
    if was is None and now is not None:
        return RowChange(now.standing if now.standing in WHY else "filed", was, now)
    if now is None:
        return RowChange("gone", was, now)
    same = was is not None and all(
        getattr(was, name) == getattr(now, name) for name in ("counted", "district", "in_month")
    )
    return None if same else RowChange("changed", was, now)


def _counted(row: MoneyRow | None) -> Decimal:
    return Decimal(0) if row is None or row.counted is None or row.district is None else row.counted

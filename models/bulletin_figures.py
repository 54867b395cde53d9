"""通报的数: what a month's table says of each district, each 片区 and the city – pure rules over rows of money.

Rules: 序时进度 is completed months of the year ÷ 12; places go by the share of the target (9, 9, 11); a district without
a target prints "-" and has no place; zones are counted in their district and never added on top.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from models import printed_numbers as printed
from models.district import TIERS
from models.standing import places
from models.texts import N_

CITY = "city"
TIER_KEY = "tier-{}"
MONTHS = 12
SPANS = ("this", "last")  # 本年, 上年同期
COLUMNS: dict[str, str] = {
    "target": N_("年度目标"),
    "month": N_("本月"),
    "total": N_("累计"),
    "last_year": N_("上年同期"),
    "yoy": N_("同比"),
    "done": N_("完成目标"),
    "gap": N_("与序时进度差"),
    "share": N_("占全市"),
    "place": N_("位次"),
}
UNITS: dict[str, str] = {
    "target": N_("万元"), "month": N_("万元"), "total": N_("万元"), "last_year": N_("万元"), "gap": N_("百分点"),
}  # fmt: skip
SUMMED = ("month", "total", "last_year")  # the columns whose cells are sums of rows of money
RATES = ("yoy", "done", "share")
PRINT: dict[str, Callable[[Any], str]] = {
    **dict.fromkeys(("target", *SUMMED), printed.money),
    **dict.fromkeys(RATES, printed.rate),
    "gap": printed.points,
    "place": printed.place,
}


@dataclass(frozen=True)
class MoneyRow:
    """One entry as the bulletin counts it; `district` is the code of the district that answers, None for none.

    `counted` is in 万元, None without a rate of its day. `span`: this (the year so far) or last (its same months).
    """

    span: str
    in_month: bool
    district: str | None
    entry_id: int
    project_id: int
    project_no: str
    project_name: str
    demo: bool
    standing: str
    amount: Decimal
    currency: str
    counted: Decimal | None
    on: date
    attachment_id: int | None = None
    note: str = ""


@dataclass(frozen=True)
class Place:
    """A district as the bulletin needs it; `target` None: none was set. `before`: names of those it took over."""

    code: str
    name: str
    tier: str
    target: Decimal | None
    before: tuple[str, ...] = ()


@dataclass(frozen=True)
class Line:
    """One line of the table with its exact inputs (万元) and rates (shares of one); None prints "-".

    `members` are the codes of the districts it is made of; `why` names the footnotes it carries.
    """

    key: str
    name: str
    members: tuple[str, ...]
    target: Decimal | None
    month: Decimal
    total: Decimal
    last_year: Decimal | None
    yoy: Fraction | None = None
    done: Fraction | None = None
    gap: Fraction | None = None
    share: Fraction | None = None
    place: int | None = None
    why: tuple[str, ...] = ()

    def printed(self, column: str) -> str:
        """The cell as every door prints it; raises KeyError for no column of the table."""
        return PRINT[column](getattr(self, column))


def lines_of(land: Sequence[Place], rows: Iterable[MoneyRow], months: int) -> tuple[Line, ...]:
    """The table: the city, the three tiers, then the districts by code. `months` are the completed ones of the year."""
    sums = _sums(rows)
    districts = [_line(each.code, each.name, (each.code,), [each], sums) for each in land]
    groups = [(TIER_KEY.format(at), name, [each for each in land if each.tier == name])
              for at, name in enumerate(TIERS, 1)]  # fmt: skip
    above = [_line(CITY, "全市", tuple(each.code for each in land), land, sums)]
    above += [_line(key, name, tuple(each.code for each in there), there, sums) for key, name, there in groups if there]
    whole = above[0].total
    ranked = places({each.key: _decimal(_ratio(each.total, each.target)) for each in districts})
    return tuple(_rated(each, whole, Fraction(months, MONTHS), ranked.get(each.key)) for each in [*above, *districts])


def formula(line: Line, column: str, whole: Decimal, months: int) -> str:
    """How a rate was reckoned, in one line that can be redone by hand; "" for a cell that is no rate or not there."""
    if column not in (*RATES, "gap") or getattr(line, column) is None:
        return ""
    result, total = line.printed(column), printed.exact_money(line.total)
    if column == "yoy":
        return f"{total} ÷ {printed.exact_money(line.last_year)} − 1 = {result}"
    if column == "share":
        return f"{total} ÷ {printed.exact_money(whole)} = {result}"
    done = f"{total} ÷ {printed.exact_money(line.target)}"
    return f"{done} = {result}" if column == "done" else f"{done} × 100 − {months} ÷ {MONTHS} × 100 = {result}"


def rows_behind(line: Line, column: str, rows: Iterable[MoneyRow]) -> list[MoneyRow]:
    """The rows that a cell is reckoned from: of its districts, its span and, for 本月, its month."""
    return [
        row
        for row in rows
        if row.district in line.members and row.span in spans_of(column) and (row.in_month or column != "month")
    ]


def spans_of(column: str) -> tuple[str, ...]:
    """The spans whose rows a column is reckoned from; none for a target, which is no money that came in."""
    return {"last_year": ("last",), "yoy": SPANS, "target": (), "place": ()}.get(column, ("this",))


def line_json(line: Line) -> dict[str, Any]:
    """The line as plain values: exact inputs as texts, and every cell as it is printed."""
    plain = {field.name: _plain(getattr(line, field.name)) for field in fields(line)}
    return plain | {"printed": {column: line.printed(column) for column in COLUMNS}}


def line_from(frozen: Mapping[str, Any]) -> Line:
    """The line of what `line_json` froze."""
    values = dict(frozen)
    values.pop("printed", None)
    for name in ("target", *SUMMED):
        values[name] = None if values[name] is None else Decimal(values[name])
    for name in (*RATES, "gap"):
        values[name] = None if values[name] is None else Fraction(values[name])
    return Line(**values | {"members": tuple(values["members"]), "why": tuple(values["why"])})


def _sums(rows: Iterable[MoneyRow]) -> dict[tuple[str, str], Decimal]:
    found: dict[tuple[str, str], Decimal] = {}
    for row in rows:
        if row.district is None or row.counted is None:
            continue
        names = ("last_year",) if row.span == "last" else ("month", "total") if row.in_month else ("total",)
        for name in names:
            found[row.district, name] = found.get((row.district, name), Decimal(0)) + row.counted
    return found


def _line(
    key: str, name: str, members: tuple[str, ...], there: Sequence[Place], sums: Mapping[tuple[str, str], Decimal]
) -> Line:
    targets = [each.target for each in there if each.target is not None]
    last = [sums[code, "last_year"] for code in members if (code, "last_year") in sums]
    month, total = (
        sum((sums.get((code, of), Decimal(0)) for code in members), Decimal(0)) for of in ("month", "total")
    )
    merged = ("merged",) if len(there) == 1 and there[0].before and key == there[0].code else ()
    return Line(key, name, members, sum(targets, Decimal(0)) if targets else None, month, total,
                sum(last, Decimal(0)) if last else None, why=merged)  # fmt: skip


def _rated(line: Line, whole: Decimal, elapsed: Fraction, place: int | None) -> Line:
    done = _ratio(line.total, line.target)
    growth = _ratio(line.total, line.last_year)
    why = [_no_target(line.target), _no_last_year(line.last_year), "no_total" if whole <= 0 else ""]
    values = {field.name: getattr(line, field.name) for field in fields(line)}
    return Line(**values | {
        "yoy": None if growth is None else growth - 1,
        "done": done,
        "gap": None if done is None else done - elapsed,
        "share": _ratio(line.total, whole),
        "place": place,
        "why": (*(word for word in why if word), *line.why),
    })  # fmt: skip


def _no_target(target: Decimal | None) -> str:
    return "no_target" if target is None else "zero_target" if target <= 0 else ""


def _no_last_year(last: Decimal | None) -> str:
    return "no_last_year" if last is None else "zero_last_year" if last <= 0 else ""


def _ratio(value: Decimal, of: Decimal | None) -> Fraction | None:
    """None when there is nothing to divide by: no figure, 0, or a negative one, of which a share means nothing."""
    return None if of is None or of <= 0 else Fraction(value) / Fraction(of)


def _decimal(value: Fraction | None) -> Decimal | None:
    return None if value is None else Decimal(value.numerator) / Decimal(value.denominator)


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    return (
        format(value.normalize(), "f")
        if isinstance(value, Decimal)
        else str(value)
        if isinstance(value, Fraction)
        else value
    )

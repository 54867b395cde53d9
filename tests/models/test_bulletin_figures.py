"""The table of a bulletin against cells worked by hand (golden/bulletin.csv), and how each figure is printed."""

import csv
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from models import printed_numbers as printed
from models.bulletin_figures import (
    COLUMNS,
    SUMMED,
    MoneyRow,
    Place,
    formula,
    line_from,
    line_json,
    lines_of,
    rows_behind,
)

with (Path(__file__).parent / "golden" / "bulletin.csv").open(encoding="utf-8", newline="") as file:
    GOLDEN = list(csv.DictReader(file))
STORIES = list(dict.fromkeys(row["story"] for row in GOLDEN))
MONTHS = {"october": 10, "negative": 10, "halves": 1, "nothing": 1}


def entries(row):
    """The money of a line of the golden table: month:600 is of this month, this: of this year before it, last: of last year."""
    for said in row["entries"].split(";") if row["entries"] else ():
        kind, _, amount = said.partition(":")
        yield MoneyRow(
            "last" if kind == "last" else "this", kind == "month", row["line"], 1, 1, "TJ-1", "演示项目", False, "declared",
            Decimal(amount), "CNY", Decimal(amount), date(2026, 10, 1),
        )  # fmt: skip


def table(story):
    told = [row for row in GOLDEN if row["story"] == story]
    land = [
        Place(row["line"], row["name"], row["tier"], Decimal(row["target"]) if row["target"] else None,
              ("原大港区",) if "merged" in row["why"] else ())
        for row in told if row["tier"]
    ]  # fmt: skip
    rows = [each for row in told for each in entries(row)]
    return {line.key: line for line in lines_of(land, rows, MONTHS[story])}, rows


@pytest.mark.parametrize("row", GOLDEN, ids=lambda row: f"{row['story']}-{row['line']}")
def test_each_line_prints_what_was_worked_out_by_hand(row):
    line = table(row["story"])[0][row["line"]]
    assert {name: line.printed(name) for name in COLUMNS} == {name: row[f"printed_{name}"] for name in COLUMNS}
    assert " ".join(line.why) == row["why"]
    assert line.name == row["name"]


@pytest.mark.parametrize("story", STORIES)
def test_the_tiers_add_up_to_the_city_and_to_their_districts(story):
    lines, _ = table(story)
    for name in SUMMED:
        tiers = [getattr(line, name) or 0 for key, line in lines.items() if key.startswith("tier-")]
        districts = [getattr(line, name) or 0 for key, line in lines.items() if key.isdecimal()]
        assert sum(tiers) == sum(districts) == (getattr(lines["city"], name) or 0)


@pytest.mark.parametrize("story", STORIES)
def test_a_line_comes_back_from_what_was_frozen(story):
    for line in table(story)[0].values():
        assert line_from(line_json(line)) == line


def test_money_without_a_district_or_a_rate_is_in_no_line():
    plain = next(entries({"line": "120101", "entries": "month:5"}))
    nowhere = MoneyRow(**{**vars(plain), "district": None})
    no_rate = MoneyRow(**{**vars(plain), "currency": "USD", "counted": None})
    lines = lines_of([Place("120101", "和平区", "中心城区", Decimal(10))], [plain, nowhere, no_rate], 10)
    assert [line.total for line in lines] == [5, 5, 5]


def test_a_rate_is_told_in_one_line_that_can_be_redone_by_hand():
    lines, _ = table("october")
    line, whole = lines["120110"], lines["city"].total
    assert formula(line, "done", whole, 10) == "750.00 ÷ 1,500.00 = 50.0%"
    assert formula(line, "gap", whole, 10) == "750.00 ÷ 1,500.00 × 100 − 10 ÷ 12 × 100 = -33.3"
    assert formula(line, "yoy", whole, 10) == "750.00 ÷ 500.00 − 1 = 50.0%"
    assert formula(line, "share", whole, 10) == "750.00 ÷ 9,000.00 = 8.3%"
    assert formula(line, "total", whole, 10) == formula(lines["120104"], "done", whole, 10) == ""


def test_the_rows_behind_a_cell_are_those_it_is_summed_from():
    lines, rows = table("october")
    for line in lines.values():
        for name in SUMMED:
            behind = sum(row.counted for row in rows_behind(line, name, rows))
            assert behind == (getattr(line, name) or 0)


@pytest.mark.parametrize(
    ("value", "shown"),
    [("0.005", "0.01"), ("-0.005", "-0.01"), ("-0.004", "0.00"), ("1234567.894999", "1,234,567.89"), ("0", "0.00")],
)
def test_money_is_rounded_half_up_and_never_a_minus_zero(value, shown):
    assert printed.money(Decimal(value)) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [(Fraction(1, 3), "33.3%"), (Fraction(2, 3), "66.7%"), (Fraction(1, 2000), "0.1%"), (Fraction(-1, 2000), "-0.1%"),
     (Fraction(12), "1,200.0%"), (Decimal("0.87649999"), "87.6%"), (None, "-")],
)  # fmt: skip
def test_rates_have_one_decimal(value, shown):
    assert printed.rate(value) == shown
    assert printed.points(value) == shown.removesuffix("%")


def test_money_can_be_told_to_the_last_fen_and_in_yi():
    assert [printed.exact_money(Decimal(text)) for text in ("1234.5", "1234", "0.123456", "-50")] == [
        "1,234.50", "1,234.00", "0.123456", "-50.00",
    ]  # fmt: skip
    assert printed.yi(Decimal(87000)) == "8.70"
    assert [printed.yi(None), printed.exact_money(None), printed.place(None), printed.place(3)] == ["-", "-", "-", "3"]

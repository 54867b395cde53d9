"""数字的写法: the one place where a figure becomes the text that a page, an Excel file, a Word draft and a PDF print.

万元 with two decimals and thousands, rates with one decimal and %, 百分点 with one decimal; half up (四舍五入), as clerks
round; "-" for what is not there.
"""

from decimal import Decimal, InvalidOperation
from fractions import Fraction
from math import floor

NONE = "-"
MONEY_PLACES, RATE_PLACES = 2, 1
WAN_PER_YI = 10_000
MONEY_UNITS = ("万元", "万美元")

Number = Decimal | Fraction | int


def rounded(value: Number, places: int) -> Decimal:
    """The value to so many places, halves away from zero: 0.05 is 0.1 and -0.05 is -0.1. Never a minus zero."""
    scaled = Fraction(value) * 10**places
    whole = floor(abs(scaled) + Fraction(1, 2))
    return Decimal(whole if scaled >= 0 else -whole).scaleb(-places)


def money(value: Number | None) -> str:
    """万元 (or 万 of another currency): 87,000.00; negative with its minus."""
    return NONE if value is None else f"{rounded(value, MONEY_PLACES):,.2f}"


def exact_money(value: Decimal | None) -> str:
    """The same to the last 分, so that rows add up to their sum before it is rounded: 1,234.567891."""
    if value is None:
        return NONE
    text = f"{value:,f}"
    whole, _, part = text.partition(".")
    return f"{whole}.{part.rstrip('0').ljust(MONEY_PLACES, '0')}"


def yi(value: Number | None) -> str:
    """万元 as 亿元 with two decimals, for prose: 8.70."""
    return NONE if value is None else f"{rounded(Fraction(value) / WAN_PER_YI, MONEY_PLACES):,.2f}"


def rate(value: Number | None) -> str:
    """A share of one as per cent: 0.8704 is 87.0%."""
    return NONE if value is None else f"{rounded(Fraction(value) * 100, RATE_PLACES):,.1f}%"


def points(value: Number | None) -> str:
    """A difference of two shares in 百分点, without the word: 0.037 is 3.7."""
    return NONE if value is None else f"{rounded(Fraction(value) * 100, RATE_PLACES):,.1f}"


def share(part: Number | None, whole: Number | None) -> str:
    """A part of a whole as per cent; "-" without a whole to take it of."""
    return NONE if part is None or not whole else rate(Fraction(part) / Fraction(whole))


def score(value: Number | None) -> str:
    """A score with two decimals."""
    return NONE if value is None else f"{rounded(value, MONEY_PLACES):.2f}"


def with_unit(value: Decimal | None, unit: str) -> str:
    """A figure of the house with its unit: money with two decimals, a percentage with one, a count as it is."""
    if value is None:
        return NONE
    if unit in MONEY_UNITS:
        return f"{money(value)}{unit}"
    if unit == "%":
        return f"{rounded(value, RATE_PLACES):,.1f}%"
    text = f"{value:,f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) + unit


def place(value: int | None) -> str:
    """位次."""
    return NONE if value is None else str(value)


def parsed(text: str) -> Decimal:
    """The number a text of ours holds, with or without thousands marks; raises ValueError for any other."""
    try:
        return Decimal(text.replace(",", ""))
    except InvalidOperation as error:
        raise ValueError(text) from error

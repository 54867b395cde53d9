"""数怎么写: the one way in which figures of papers and pages are printed."""

from decimal import ROUND_HALF_UP, Decimal

NOTHING = "-"
MONEY = ("万元", "万美元")
CENT, TENTH = Decimal("0.01"), Decimal("0.1")


def rounded(value: Decimal, places: int) -> Decimal:
    """Half up, as people round."""
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def money_said(value: Decimal | None) -> str:
    """万元 with two places and thousands marks; "-" for none."""
    return NOTHING if value is None else f"{rounded(value, 2):,.2f}"


def rate_said(value: Decimal | None) -> str:
    """A percentage with one place, without its sign; "-" for none."""
    return NOTHING if value is None else f"{rounded(value, 1):,.1f}"


def figure_said(value: Decimal | None, unit: str) -> str:
    """A figure with its unit: money with two places, a rate with one, a count as it is."""
    if value is None:
        return NOTHING
    if unit in MONEY:
        return f"{money_said(value)}{unit}"
    if unit == "%":
        return f"{rate_said(value)}%"
    text = f"{value:,f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) + unit

"""How figures are printed: the one way for pages, papers and tables. What is not there is “-”."""

from decimal import ROUND_HALF_UP, Decimal

NONE = "-"


def amount_text(amount: Decimal | None) -> str:
    """An amount in its own unit (万元, 万美元) with two decimals and thousands separators."""
    return NONE if amount is None else f"{_rounded(amount, '0.01'):,}"


def rate_text(part: Decimal | None, whole: Decimal | None) -> str:
    """A share in per cent with one decimal; “-” without a whole to take it of."""
    if part is None or not whole:
        return NONE
    return f"{_rounded(part / whole * 100, '0.1'):,}%"


def score_text(score: Decimal | None) -> str:
    """A score with two decimals."""
    return NONE if score is None else f"{_rounded(score, '0.01')}"


def _rounded(value: Decimal, step: str) -> Decimal:
    return value.quantize(Decimal(step), ROUND_HALF_UP)

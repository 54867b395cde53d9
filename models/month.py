"""Calendar months: 31 January plus one month is the last day of February."""

from calendar import monthrange
from datetime import date
from decimal import Decimal


def month_number(day: date) -> int:
    """Months since year 0; differences count the month ends between two days."""
    return day.year * 12 + day.month - 1


def add_months(day: date, months: int) -> date:
    """The same day of the month `months` later, or that month's last day when it is shorter."""
    year, month = divmod(month_number(day) + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def months_between(since: date, until: date) -> Decimal:
    """Full calendar months from one day to a later one, and the begun month as a fraction to two places.

    Whole exactly on the monthly days themselves; one day beyond is already more than whole.
    """
    whole = month_number(until) - month_number(since)
    if add_months(since, whole) > until:
        whole -= 1
    begun, full = add_months(since, whole), add_months(since, whole + 1)
    return whole + (Decimal((until - begun).days) / (full - begun).days).quantize(Decimal("0.01"))

"""时限: how many working days each return and each rung has; data, marked 默认值 where no source gives a number."""

from datetime import datetime
from functools import lru_cache

from models.calendar import load_calendar
from models.reference import reference_rows
from models.unit import Unit


@lru_cache
def working_days(key: str) -> int:
    """The working days of a limit in data/limits.csv; raises KeyError for an unknown one."""
    return {row["key"]: int(row["working_days"]) for row in reference_rows("limits")}[key]


def due_after(unit: Unit, key: str) -> datetime:
    """The end of the last working day of a limit that begins now."""
    return load_calendar(unit.session).due_moment(unit.now, working_days(key))

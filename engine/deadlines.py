"""期限随日历改: a year's notice arrives, and every open deadline that was counted in working days is counted anew.

Deadlines that a paper or a person names as a date stand as written, those of a granted 延期 among them: only tasks
whose map gives a budget of working days move, and each keeps the number of working days it had.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from engine.run import map_of
from models.calendar import WorkCalendar, announce_year, load_calendar, preview_calendar, with_year
from models.clock import end_of_day, local_day
from models.oversight import DeadlineLine, move_deadlines, open_deadlines
from models.unit import Unit


@dataclass(frozen=True)
class DeadlineMove:
    """改期。 One open task whose last day changes."""

    item_id: int
    name: str
    title: str
    before: date
    after: date


def preview_year(unit: Unit, year: int, days: Mapping[date, bool]) -> list[DeadlineMove]:
    """Which open deadlines a notice of this year would move, the earliest first; writes nothing.

    Raises NotPermitted: the answer names everybody's tasks, so looking asks for the same permit as announcing.
    """
    unit.require("calendar.set")
    before = load_calendar(unit.session)
    counted = [
        (line, *_counted(before, line)) for line in _budgeted(unit, year) if before.is_working(local_day(line.due_at))
    ]
    spans = {(start, count) for _line, start, count in counted}
    moved = {(each.start, each.count): each for each in preview_calendar(before, with_year(before, year, days), spans)}
    found = [
        DeadlineMove(line.id, line.name, line.title, moved[start, count].before, moved[start, count].after)
        for line, start, count in counted
        if (start, count) in moved
    ]
    return sorted(found, key=lambda move: (move.before, move.item_id))


def announce_and_move(
    unit: Unit, *, year: int, days: Mapping[date, tuple[bool, str]], source: str
) -> list[DeadlineMove]:
    """公布一年: the calendar of the year and every deadline it moves, in one go; returns what moved, as previewed.

    Raises NotPermitted, and Invalid for days of another year or a notice without a free weekday.
    """
    moves = preview_year(unit, year, {day: works for day, (works, _name) in days.items()})
    announce_year(unit, year=year, days=days, source=source)
    move_deadlines(unit.session, [(move.item_id, end_of_day(move.after)) for move in moves])
    details = {move.item_id: {"before": move.before.isoformat(), "after": move.after.isoformat()} for move in moves}
    unit.trace_each("item.deadline", "work_item", details)
    return moves


def _budgeted(unit: Unit, year: int) -> Iterable[DeadlineLine]:
    for line in open_deadlines(unit.session, year):
        node = map_of(unit, line.definition_id).nodes.get(line.node)
        if node is not None and node.working_days and "due" not in node.properties:
            yield line


def _counted(calendar: WorkCalendar, line: DeadlineLine) -> tuple[date, int]:
    start = local_day(line.created_at)
    return start, calendar.working_days_between(start, local_day(line.due_at))

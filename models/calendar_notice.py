"""Reads a year's holiday notice as it is pasted: one day or span a line, 放假 or 上班, and its name."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from models.saying import Saying
from models.texts import N_

SATURDAY = 5
LONGEST_SPAN = 31  # days
LONGEST_NAME = 40
DAY = r"(?:(\d{4})\s*[-年/.])?\s*(\d{1,2})\s*[-月/.]\s*(\d{1,2})\s*日?"
LINE = re.compile(rf"{DAY}(?:\s*(?:至|到|~|～|—|－)\s*{DAY})?[\s,，]*(放假|休息|上班|调休)[\s,，]*(.*)")
WORKS = frozenset({"上班", "调休"})


class WrongLine(Saying):
    """通知里的一行看不懂。 Its number is among the values."""


@dataclass(frozen=True)
class YearNotice:
    """放假安排。 The days that differ from the weekday rule, and what is wrong with the text."""

    days: Mapping[date, tuple[bool, str]]
    problems: tuple[WrongLine, ...]


def read_notice(text: str, year: int) -> YearNotice:
    """The notice of a year; days that the week already gives are left out, each line that cannot be read is named."""
    days: dict[date, tuple[bool, str]] = {}
    problems = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        try:
            days.update(_days_of(line.strip(), year, number))
        except WrongLine as problem:
            problems.append(problem)
    return YearNotice(dict(sorted(days.items())), tuple(problems))


def written_notice(days: Mapping[date, tuple[bool, str]]) -> str:
    """The same days as text that `read_notice` reads back."""
    return "\n".join(f"{day} {'上班' if works else '放假'} {name}" for day, (works, name) in sorted(days.items()))


def _days_of(line: str, year: int, number: int) -> Iterator[tuple[date, tuple[bool, str]]]:
    found = LINE.fullmatch(line)
    if found is None:
        raise WrongLine(N_("第%(n)s行看不懂，请写成“2027-02-05 至 2027-02-11 放假 春节”。"), n=number)
    first = _day(found[1], found[2], found[3], year, number)
    last = _day(found[4], found[5], found[6], year, number) if found[5] else first
    works, name = found[7] in WORKS, found[8].strip()
    if not name or len(name) > LONGEST_NAME:
        raise WrongLine(N_("第%(n)s行要写明是什么假，最多40个字。"), n=number)
    if not 0 <= (last - first).days < LONGEST_SPAN:
        raise WrongLine(N_("第%(n)s行的起止日期不对。"), n=number)
    for day in (first + timedelta(days=n) for n in range((last - first).days + 1)):
        if works and day.weekday() < SATURDAY:
            raise WrongLine(N_("第%(n)s行：%(day)s本来就是工作日，请核对日期。"), n=number, day=day.isoformat())
        if works or day.weekday() < SATURDAY:
            yield day, (works, name)


def _day(year_text: str | None, month: str, day: str, year: int, number: int) -> date:
    try:
        found = date(int(year_text or year), int(month), int(day))
    except ValueError as error:
        raise WrongLine(N_("第%(n)s行的日期不存在。"), n=number) from error
    if found.year != year:
        raise WrongLine(N_("第%(n)s行不是%(year)s年的日期。"), n=number, year=year)
    return found

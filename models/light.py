"""Lights (灯): what colour a project shows on a day, why, what would turn it green, and when it will worsen."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Literal

from models.clock import start_of_day
from models.decision import Row, Table
from models.month import add_months, month_number, months_between
from models.texts import N_

Colour = Literal["green", "yellow", "red", "grey"]
State = Literal["active", "incomplete", "suspended", "withdrawn"]

WORST_FIRST: tuple[Colour, ...] = ("red", "yellow")  # the levels a rule may give
PERMIT_MONTHS = 3  # 施工许可证: one term, and each of at most two extensions
MOST_EXTENSIONS = 2
HORIZON_DAYS = 800  # two year ends away every rule has either lit or never will
PLACE = re.compile(r"\{([a-z_]+)\}")
UNMEASURED: Mapping[str, tuple[str, str]] = {
    "incomplete": (N_("项目资料待补录，暂不亮灯。"), N_("核实阶段并补录所缺资料。")),
    "suspended": (N_("项目已挂起，暂不亮灯。"), N_("恢复办理后重新亮灯。")),
    "withdrawn": (N_("项目已退库，不再亮灯。"), N_("恢复入库须重新研判。")),
    "produced": (N_("项目已投产，不再亮灯。"), ""),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectFacts:
    """亮灯依据。 What the ledger knows of a project; dates in Asia/Shanghai, money in 万元.

    `plan_year` is the year that `year_plan_wan` and `done_year_wan` belong to: in any other year the
    progress rules have nothing to measure, so they start afresh each 1 January with a new year plan.
    """

    stage: str
    state: State = "active"
    plan_start_on: date | None = None
    actual_start_on: date | None = None
    plan_finish_on: date | None = None
    actual_finish_on: date | None = None
    produced_on: date | None = None
    in_stat_on: date | None = None
    permit_issued_on: date | None = None
    permit_extensions: int = 0
    plan_year: int | None = None
    year_plan_wan: Decimal | None = None
    done_year_wan: Decimal | None = None
    last_updated_on: date | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """亮灯理由。 One rule that holds, with its numbers filled in, and what would make it stop holding."""

    rule: str
    level: Colour
    sentence: str
    remedy: str
    title: str = ""
    consequence: str = ""
    place: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Reminder:
    """更新提醒。 For the person in charge only; no light changes. `level` is soon or late."""

    rule: str
    level: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Light:
    """灯。 `inputs` are the measured values; `table` names the version of the rules that decided."""

    colour: Colour
    reasons: tuple[Reason, ...]
    inputs: Mapping[str, object]
    table: str


def light_of(facts: ProjectFacts, table: Table, day: date) -> Light:
    """The light of a project at the end of a day; several rules may hold, the worst gives the colour."""
    version = f"{table.name} {table.hash[:12]}"
    unmeasured = _unmeasured(facts, day)
    if unmeasured:
        reason = Reason(unmeasured, "grey", *UNMEASURED[unmeasured])
        return Light("grey", (reason,), MappingProxyType({}), version)
    inputs = measures(facts, day)
    rows = sorted(_lit(table, inputs), key=lambda row: WORST_FIRST.index(_level(row)))
    words = _words(facts, day, inputs) if rows else {}
    reasons = tuple(_reason(row, words) for row in rows)
    return Light(reasons[0].level if reasons else "green", reasons, MappingProxyType(inputs), version)


def turns_at(facts: ProjectFacts, table: Table, day: date, *, horizon_days: int = HORIZON_DAYS) -> datetime | None:
    """When the light first becomes worse than on the day before, if facts stand: 00:00 in Shanghai, as UTC.

    Looks at the days after `day`, at most `horizon_days` far; None when it never worsens there.
    """
    return _first_change(facts, table, day, horizon_days, improving=False)


def changes_at(facts: ProjectFacts, table: Table, day: date, *, horizon_days: int = HORIZON_DAYS) -> datetime | None:
    """When the colour first differs from the day before, better or worse; a stored colour is true until then.

    Standing facts improve a light only on 1 January (the year plan ends) or on a date that was filed ahead.
    """
    return _first_change(facts, table, day, horizon_days, improving=True)


def _first_change(
    facts: ProjectFacts, table: Table, day: date, horizon_days: int, *, improving: bool
) -> datetime | None:
    if _unmeasured(facts, day):
        return None
    last = day + timedelta(days=horizon_days)
    before = _rank(facts, table, day)
    first = day
    for end in [*_breaks(facts, day, last), last + timedelta(days=1)]:
        # between two breaks a light can only worsen (a lint of the table proves it), so bisection finds the day
        start_rank = _rank(facts, table, first)
        if start_rank > before or (improving and start_rank != before):
            return start_of_day(first)
        before = _rank(facts, table, end - timedelta(days=1))
        if before > start_rank:
            return start_of_day(_bisect(facts, table, first, end - timedelta(days=1)))
        first = end
    return None


def _breaks(facts: ProjectFacts, day: date, last: date) -> list[date]:
    """The days within reach on which a light may improve by itself: year firsts, and dates filed ahead."""
    filed = (facts.actual_start_on, facts.actual_finish_on, facts.produced_on, facts.in_stat_on)
    news = {date(year, 1, 1) for year in range(day.year + 1, last.year + 1)}
    news |= {on for on in filed if on is not None}
    return sorted(on for on in news if day < on <= last)


def _bisect(facts: ProjectFacts, table: Table, good: date, bad: date) -> date:
    rank = _rank(facts, table, good)
    while (bad - good).days > 1:
        middle = good + (bad - good) // 2
        if _rank(facts, table, middle) > rank:
            bad = middle
        else:
            good = middle
    return bad


def _rank(facts: ProjectFacts, table: Table, day: date) -> int:
    """0 green, then the worse the higher; -1 grey, so that ceasing to be measured is a change but no worsening."""
    if _unmeasured(facts, day):
        return -1
    levels = [WORST_FIRST.index(_level(row)) for row in _lit(table, measures(facts, day))]
    return len(WORST_FIRST) - min(levels) if levels else 0


def _unmeasured(facts: ProjectFacts, day: date) -> str | None:
    if facts.state != "active":
        return facts.state
    return "produced" if facts.stage == "produce" or _done(facts.produced_on, day) else None


def _done(on: date | None, day: date) -> bool:
    return on is not None and on <= day


def _lit(table: Table, inputs: Mapping[str, object]) -> list[Row]:
    return [row for row in table.decide(inputs) if row.outputs.get("level") in WORST_FIRST]


def _level(row: Row) -> Colour:
    return "red" if row.outputs["level"] == "red" else "yellow"


def measures(facts: ProjectFacts, day: date) -> dict[str, object]:
    """The inputs of the light table on a day; None where there is nothing to measure. Months and points are Decimal."""
    return {
        "stage": facts.stage,
        **_start_measures(facts, day),
        "progress_gap": progress_gap(facts, day),
        "stat_wait_months": _stat_wait(facts, day),
        "permit_term_months": _permit_term(facts, day),
    }


def _start_measures(facts: ProjectFacts, day: date) -> dict[str, object]:
    plan = facts.plan_start_on
    if plan is None or plan > day or _done(facts.actual_start_on, day):
        return {"plan_months_passed": None, "start_late_months": None}
    return {
        "plan_months_passed": Decimal(month_number(day) - month_number(plan)),
        "start_late_months": months_between(plan, day),
    }


def _stat_wait(facts: ProjectFacts, day: date) -> Decimal | None:
    start = facts.actual_start_on
    if start is None or start > day or _done(facts.in_stat_on, day):
        return None
    return months_between(start, day)


def _permit_term(facts: ProjectFacts, day: date) -> Decimal | None:
    issued = facts.permit_issued_on
    if issued is None or issued > day or _done(facts.actual_start_on, day):
        return None
    return months_between(issued, day) - PERMIT_MONTHS * _extensions(facts)


def _extensions(facts: ProjectFacts) -> int:
    return max(0, min(facts.permit_extensions, MOST_EXTENSIONS))


def schedule_share(facts: ProjectFacts, day: date) -> Fraction | None:
    """序时进度: calendar months of the plan completed this year ÷ months planned this year; None without a plan.

    A month counts once it is over; the month in which the plan begins or ends counts as a whole month.
    """
    begins = facts.plan_start_on or facts.actual_start_on
    if begins is None or facts.plan_year != day.year:
        return None
    first = max(month_number(begins), month_number(date(day.year, 1, 1)))
    last = month_number(date(day.year, 12, 1))
    if facts.plan_finish_on is not None:
        last = min(last, month_number(facts.plan_finish_on))
    planned = last - first + 1
    over = max(0, min(month_number(day) - first, planned))
    return Fraction(over, planned) if planned > 0 else None


def done_share(facts: ProjectFacts) -> Fraction | None:
    """今年完成投资 ÷ 年度计划; None without a year plan."""
    if not facts.year_plan_wan or facts.year_plan_wan < 0 or facts.done_year_wan is None:
        return None
    return Fraction(facts.done_year_wan) / Fraction(facts.year_plan_wan)


def progress_gap(facts: ProjectFacts, day: date) -> Decimal | None:
    """序时进度 less completion, in percentage points to two places: what is printed is what is compared."""
    schedule, done = schedule_share(facts, day), done_share(facts)
    if schedule is None or done is None or _done(facts.actual_finish_on, day):
        return None
    return _points(schedule - done)


def _points(share: Fraction) -> Decimal:
    exact = Decimal(share.numerator * 100) / Decimal(share.denominator)
    return exact.quantize(Decimal("0.01"), ROUND_HALF_UP)


def _reason(row: Row, words: Mapping[str, str]) -> Reason:
    said = {name: filled(str(text or ""), words) for name, text in row.outputs.items()}
    return Reason(
        row.rule,
        _level(row),
        said.get("sentence", ""),
        said.get("remedy", ""),
        row.description,
        said.get("consequence", ""),
        said.get("place", ""),
        said.get("source", ""),
    )


def filled(text: str, words: Mapping[str, str]) -> str:
    """The sentence with its {places} set in; a place that nobody fills stays as it is written."""
    return PLACE.sub(lambda place: words.get(place[1], place[0]), text)


def _words(facts: ProjectFacts, day: date, inputs: Mapping[str, object]) -> dict[str, str]:
    values = words_of(facts, day, inputs)
    return {name: _said(value) for name, value in values.items() if value is not None}


def words_of(facts: ProjectFacts, day: date, inputs: Mapping[str, object]) -> dict[str, object]:
    """Everything the sentences of the table may mention, by name; None where there is nothing to say."""
    schedule, done = schedule_share(facts, day), done_share(facts)
    issued = facts.permit_issued_on
    until = add_months(issued, PERMIT_MONTHS * (1 + _extensions(facts))) if issued else None
    return {
        **inputs,
        "start_late_whole": _whole(inputs["start_late_months"]),
        "stat_wait_whole": _whole(inputs["stat_wait_months"]),
        "plan_start_on": facts.plan_start_on,
        "actual_start_on": facts.actual_start_on,
        "permit_issued_on": issued,
        "permit_until": until,
        "permit_extensions": _extensions(facts),
        "year": day.year,
        "year_plan": facts.year_plan_wan,
        "done_year": facts.done_year_wan,
        "schedule_percent": None if schedule is None else _points(schedule),
        "done_percent": None if done is None else _points(done),
    }


def _whole(months: object) -> int | None:
    return int(months) if isinstance(months, Decimal) else None


def _said(value: object) -> str:
    if isinstance(value, date):
        return f"{value.year}年{value.month}月{value.day}日"
    if isinstance(value, Decimal):
        plain = f"{value:f}"
        return plain.rstrip("0").rstrip(".") if "." in plain else plain
    return str(value)


def idle_reminder(facts: ProjectFacts, table: Table, day: date) -> Reminder | None:
    """What the table `idle` says about a record that nobody has updated for long; None when there is nothing to say."""
    if facts.last_updated_on is None or _unmeasured(facts, day):
        return None
    idle_days = (day - facts.last_updated_on).days
    for row in table.decide({"stage": facts.stage, "idle_days": idle_days}):
        sentence = filled(str(row.outputs.get("sentence") or ""), {"idle_days": str(idle_days)})
        return Reminder(row.rule, str(row.outputs.get("level") or ""), sentence)
    return None

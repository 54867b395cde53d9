"""Lights on the day before, the day of and the day after each limit, and the day on which a light will worsen."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.clock import local_day, start_of_day
from models.decision import lint_table, read_table
from models.light import (
    ProjectFacts,
    changes_at,
    filled,
    idle_reminder,
    light_of,
    progress_gap,
    schedule_share,
    turns_at,
)
from models.light_lint import lint_light
from models.month import add_months, months_between

MAPS = Path(__file__).parents[2] / "bpmn"
FILE = MAPS / "light.dmn"
TABLE = read_table(FILE.read_bytes())
IDLE = read_table((MAPS / "idle.dmn").read_bytes())
RANK = {"grey": -1, "green": 0, "yellow": 1, "red": 2}


def facts(**known):
    return ProjectFacts(**{"stage": "build", **known})


def colours(known, *days):
    return [light_of(known, TABLE, date.fromisoformat(day)).colour for day in days]


def rules(known, day):
    return [reason.rule for reason in light_of(known, TABLE, date.fromisoformat(day)).reasons]


@pytest.mark.parametrize(
    ("since", "months", "then"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2028-01-31", 1, "2028-02-29"),
        ("2026-01-31", 3, "2026-04-30"),
        ("2026-11-30", 3, "2027-02-28"),
        ("2026-12-15", 1, "2027-01-15"),
        ("2026-03-31", -1, "2026-02-28"),
    ],
)
def test_months_follow_the_calendar(since, months, then):
    assert add_months(date.fromisoformat(since), months) == date.fromisoformat(then)


@pytest.mark.parametrize(
    ("since", "until", "months"),
    [
        ("2026-01-31", "2026-02-27", "0.96"),
        ("2026-01-31", "2026-02-28", "1"),
        ("2026-01-31", "2026-03-01", "1.03"),
        ("2026-01-31", "2026-03-31", "2"),
        ("2026-05-15", "2026-05-15", "0"),
        ("2026-05-15", "2026-05-16", "0.03"),
        ("2026-05-15", "2026-06-14", "0.97"),
    ],
)
def test_months_between_are_whole_exactly_on_the_monthly_day(since, until, months):
    assert months_between(date.fromisoformat(since), date.fromisoformat(until)) == Decimal(months)


def test_a_start_missed_is_yellow_when_its_month_is_over_and_red_after_three_months():
    late = facts(stage="approve", plan_start_on=date(2026, 3, 15))
    assert colours(late, "2026-03-15", "2026-03-31", "2026-04-01") == ["green", "green", "yellow"]
    assert colours(late, "2026-06-14", "2026-06-15", "2026-06-16") == ["yellow", "red", "red"]
    assert rules(late, "2026-06-14") == ["YC-START-Y"]
    assert rules(late, "2026-06-15") == ["YC-START-R"]


def test_three_months_from_the_last_of_january_end_on_the_last_of_april():
    late = facts(stage="sign", plan_start_on=date(2026, 1, 31))
    assert colours(late, "2026-01-31", "2026-02-01", "2026-04-29", "2026-04-30") == ["green", "yellow", "yellow", "red"]


def test_a_project_that_has_started_is_not_late_to_start():
    started = facts(
        stage="start", plan_start_on=date(2026, 1, 5), actual_start_on=date(2026, 9, 1), in_stat_on=date(2026, 9, 2)
    )
    assert colours(started, "2026-08-31", "2026-09-01") == ["red", "green"]


@pytest.mark.parametrize(
    ("done", "gap", "colour"),
    [
        ("500.00", "0.00", "green"),
        ("400.10", "9.99", "green"),
        ("400.00", "10.00", "yellow"),
        ("200.00", "30.00", "yellow"),
        ("199.90", "30.01", "red"),
        ("0", "50.00", "red"),
        ("900", "-40.00", "green"),
    ],
)
def test_falling_behind_the_schedule(done, gap, colour):
    building = facts(
        plan_start_on=date(2025, 5, 1), in_stat_on=date(2025, 6, 1), plan_year=2026,
        year_plan_wan=Decimal(1000), done_year_wan=Decimal(done),
    )  # fmt: skip
    assert progress_gap(building, date(2026, 7, 1)) == Decimal(gap)
    assert colours(building, "2026-07-01") == [colour]


@pytest.mark.parametrize(
    ("begins", "ends", "day", "share"),
    [
        (date(2025, 5, 1), None, "2026-01-31", 0),
        (date(2025, 5, 1), None, "2026-02-01", 1 / 12),
        (date(2025, 5, 1), None, "2026-12-31", 11 / 12),
        (date(2026, 3, 15), None, "2026-03-31", 0),
        (date(2026, 3, 15), None, "2026-04-01", 1 / 10),
        (date(2026, 3, 15), date(2026, 8, 20), "2026-08-31", 5 / 6),
        (date(2026, 3, 15), date(2026, 8, 20), "2026-09-01", 1),
        (date(2026, 3, 15), date(2026, 8, 20), "2026-12-31", 1),
        (date(2025, 5, 1), date(2025, 12, 31), "2026-02-01", None),
        (date(2026, 6, 1), None, "2026-02-01", 0),
        (date(2025, 5, 1), None, "2027-02-01", None),
        (date(2025, 5, 1), None, "2025-12-01", None),
        (None, None, "2026-02-01", None),
    ],
)
def test_the_schedule_counts_completed_months_of_the_months_planned_this_year(begins, ends, day, share):
    building = facts(plan_start_on=begins, plan_finish_on=ends, plan_year=2026)
    found = schedule_share(building, date.fromisoformat(day))
    assert found == share if share is None else float(found) == pytest.approx(share)


def test_a_third_of_a_year_less_a_seventh_is_compared_exactly_as_it_is_printed():
    building = facts(
        plan_start_on=date(2025, 1, 1), plan_year=2026, year_plan_wan=Decimal(300), done_year_wan=Decimal(70)
    )
    assert progress_gap(building, date(2026, 5, 1)) == Decimal("10.00")
    assert "低于序时进度10个百分点" in light_of(building, TABLE, date(2026, 5, 1)).reasons[0].sentence


def test_the_schedule_starts_afresh_each_year():
    behind = facts(plan_start_on=date(2025, 1, 1), plan_year=2026, year_plan_wan=Decimal(100), done_year_wan=Decimal(0))
    assert colours(behind, "2026-12-31", "2027-01-01", "2027-12-31") == ["red", "green", "green"]


def test_without_a_year_plan_the_schedule_says_nothing():
    for plan in (None, Decimal(0)):
        silent = facts(plan_start_on=date(2025, 1, 1), plan_year=2026, year_plan_wan=plan, done_year_wan=Decimal(0))
        assert light_of(silent, TABLE, date(2026, 12, 1)).inputs["progress_gap"] is None


def test_not_in_the_statistics_after_one_month_and_after_more_than_two():
    waiting = facts(stage="start", actual_start_on=date(2026, 3, 10))
    assert colours(waiting, "2026-04-09", "2026-04-10", "2026-05-10", "2026-05-11") == [
        "green",
        "yellow",
        "yellow",
        "red",
    ]
    entered = facts(stage="start", actual_start_on=date(2026, 3, 10), in_stat_on=date(2026, 6, 1))
    assert colours(entered, "2026-05-31", "2026-06-01") == ["red", "green"]


@pytest.mark.parametrize(
    ("extensions", "start"), [(0, date(2026, 1, 31)), (1, date(2026, 4, 30)), (2, date(2026, 7, 31))]
)
def test_a_permit_warns_a_month_ahead_and_lapses_after_its_term(extensions, start):
    permit = facts(stage="approve", permit_issued_on=date(2026, 1, 31), permit_extensions=extensions)
    warns, lapses = add_months(date(2026, 1, 31), 2 + 3 * extensions), add_months(date(2026, 1, 31), 3 + 3 * extensions)
    a_day = timedelta(days=1)
    days = [start, warns - a_day, warns, lapses - a_day, lapses, lapses + a_day]
    assert [light_of(permit, TABLE, day).colour for day in days] == ["green", "green", "yellow", "yellow", "red", "red"]


def test_a_third_extension_does_not_exist():
    permit = facts(stage="approve", permit_issued_on=date(2026, 1, 31), permit_extensions=7)
    assert colours(permit, "2026-10-30", "2026-10-31") == ["yellow", "red"]


@pytest.mark.parametrize("stage", ["reserve", "sign"])
def test_a_rule_applies_only_in_its_stages(stage):
    other = facts(stage=stage, actual_start_on=date(2026, 1, 1), permit_issued_on=date(2026, 1, 1))
    assert colours(other, "2026-12-31") == ["green"]


@pytest.mark.parametrize(
    "known",
    [
        {"state": "incomplete"},
        {"state": "suspended"},
        {"state": "withdrawn"},
        {"stage": "produce"},
        {"produced_on": date(2026, 1, 1)},
    ],
)
def test_what_is_not_measured_is_grey_says_why_and_never_turns(known):
    grey = facts(**{"actual_start_on": date(2025, 1, 1), **known})
    light = light_of(grey, TABLE, date(2026, 6, 1))
    assert light.colour == "grey"
    assert light.reasons[0].sentence.endswith("亮灯。")
    assert turns_at(grey, TABLE, date(2026, 6, 1)) is None
    assert changes_at(grey, TABLE, date(2026, 6, 1)) is None


def test_the_worst_wins_and_every_reason_is_told_worst_first():
    bad = facts(
        stage="start", actual_start_on=date(2026, 3, 10), plan_start_on=date(2026, 1, 1), plan_year=2026,
        year_plan_wan=Decimal("8000.50"), done_year_wan=Decimal("1000.25"),
    )  # fmt: skip
    light = light_of(bad, TABLE, date(2026, 4, 15))
    assert (light.colour, [r.rule for r in light.reasons]) == ("yellow", ["YC-PROG-Y", "YC-STAT-Y"])
    light = light_of(bad, TABLE, date(2026, 5, 11))
    assert (light.colour, [r.rule for r in light.reasons]) == ("red", ["YC-STAT-R", "YC-PROG-Y"])
    assert light.reasons[0].sentence == "2026年3月10日开工，已超过2个月未入库（入统）。"
    assert light.reasons[0].remedy == "完成入库（入统）并填报入库日期。"
    assert light.reasons[1].sentence == (
        "2026年计划8000.5万元，已完成1000.25万元，完成12.5%；序时进度33.33%，低于序时进度20.83个百分点。"
    )
    assert light.inputs["stat_wait_months"] == Decimal("2.03")
    assert light.table == f"项目亮灯 {TABLE.hash[:12]}"


def test_every_sentence_of_every_rule_is_filled():
    shown = set()
    for known in (
        facts(stage="approve", plan_start_on=date(2026, 1, 1), permit_issued_on=date(2026, 1, 1)),
        facts(
            stage="start",
            actual_start_on=date(2026, 1, 1),
            plan_year=2026,
            year_plan_wan=Decimal(9),
            done_year_wan=Decimal(0),
        ),
    ):
        for day in range(360):
            for reason in light_of(known, TABLE, date(2026, 1, 1) + timedelta(days=day)).reasons:
                shown.add(reason.rule)
                assert "{" not in reason.sentence + reason.remedy
                assert reason.sentence
                assert reason.remedy
                assert reason.place
                assert reason.source
    assert shown == {rule.id for rule in TABLE.rules}


def test_a_place_cannot_reach_past_the_words():
    assert (
        filled("{day.__class__} {0} {day!r} {none} {day}", {"day": "今天"}) == "{day.__class__} {0} {day!r} {none} 今天"
    )


def test_it_turns_at_midnight_in_shanghai():
    waiting = facts(stage="start", actual_start_on=date(2026, 3, 10))
    assert turns_at(waiting, TABLE, date(2026, 3, 10)) == start_of_day(date(2026, 4, 10))
    assert turns_at(waiting, TABLE, date(2026, 4, 10)) == start_of_day(date(2026, 5, 11))
    assert turns_at(waiting, TABLE, date(2026, 5, 11)) is None


def test_it_finds_a_worsening_behind_the_turn_of_the_year():
    late = facts(
        stage="start", plan_start_on=date(2026, 12, 20), plan_finish_on=date(2027, 6, 1), plan_year=2026,
        year_plan_wan=Decimal(1), done_year_wan=Decimal(1),
    )  # fmt: skip
    assert turns_at(late, TABLE, date(2026, 12, 25)) == start_of_day(date(2027, 1, 1))
    behind = facts(plan_start_on=date(2025, 1, 1), plan_year=2026, year_plan_wan=Decimal(100), done_year_wan=Decimal(0))
    assert turns_at(behind, TABLE, date(2026, 12, 1)) is None
    assert changes_at(behind, TABLE, date(2026, 12, 1)) == start_of_day(date(2027, 1, 1))


some_day = st.one_of(st.none(), st.dates(date(2025, 1, 1), date(2027, 12, 31)))
some_facts = st.builds(
    ProjectFacts,
    stage=st.sampled_from(["reserve", "sign", "approve", "start", "build", "start", "build", "produce"]),
    state=st.sampled_from(["active"] * 8 + ["suspended"]),
    plan_start_on=some_day, actual_start_on=some_day, plan_finish_on=some_day, actual_finish_on=some_day,
    produced_on=st.one_of(st.none(), st.none(), some_day), in_stat_on=some_day,
    permit_issued_on=some_day, permit_extensions=st.integers(0, 3),
    plan_year=st.one_of(st.none(), st.integers(2025, 2028)),
    year_plan_wan=st.one_of(st.none(), st.decimals(0, 1000, places=2)),
    done_year_wan=st.one_of(st.none(), st.decimals(0, 1000, places=2)),
)  # fmt: skip


@settings(max_examples=150, deadline=None, derandomize=True)
@given(known=some_facts, day=st.dates(date(2025, 1, 1), date(2027, 12, 31)))
def test_the_search_agrees_with_looking_at_every_day(known, day):
    shown = [RANK[light_of(known, TABLE, day + timedelta(days=n)).colour] for n in range(421)]
    worse = next((n for n in range(1, 421) if shown[n] > max(shown[n - 1], 0)), None)
    other = next((n for n in range(1, 421) if shown[n] != shown[n - 1]), None)
    if shown[0] == -1:
        worse = other = None
    found, changed = (f(known, TABLE, day, horizon_days=420) for f in (turns_at, changes_at))
    assert (found and (local_day(found) - day).days) == worse
    assert (changed and (local_day(changed) - day).days) == other


def test_the_table_in_use_passes_its_lint():
    assert lint_light(FILE.read_bytes()) == []
    assert lint_table((MAPS / "idle.dmn").read_bytes(), frozenset({"stage", "idle_days"})) == []


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        ("&gt;= 3</text>", "[3..5]</text>", "时间本身不能使灯变好"),
        ("&gt; 2</text>", "&gt; 3</text>", "时间本身不能使灯变好"),
        ("&gt; 30</text>", "&gt; 40</text>", "时间本身不能使灯变好"),
        ("<text>progress_gap</text>", "<text>gap</text>", "没有的数据“gap”"),
        ("{plan_start_on}", "{plan_start}", "没有“{plan_start}”这项数据"),
        ('"red"', '"blue"', "只能是 yellow 或 red"),
        ('"COLLECT"', '"FIRST"', "必须是 COLLECT"),
        ('name="remedy"', 'name="cure"', "缺少：remedy"),
        ("[10..30]", "[10..", "无法读懂"),
    ],
)
def test_an_edit_that_would_mislead_is_refused(before, after, sentence):
    xml = FILE.read_text(encoding="utf-8")
    assert before in xml
    problems = [str(problem) for problem in lint_light(xml.replace(before, after).encode())]
    assert any(sentence in problem for problem in problems), problems


def test_an_official_may_move_a_limit():
    xml = FILE.read_text(encoding="utf-8").replace("[10..30]", "[5..20]").replace("&gt; 30</text>", "&gt; 20</text>")
    assert lint_light(xml.encode()) == []


def test_stale_records_remind_seven_days_ahead_and_when_due():
    resting = facts(stage="sign", last_updated_on=date(2026, 5, 1))
    shown = [idle_reminder(resting, IDLE, date(2026, 5, 1) + timedelta(days=n)) for n in (12, 13, 19, 20)]
    assert [reminder and reminder.rule for reminder in shown] == [
        None, "GG-IDLE-SIGN-SOON", "GG-IDLE-SIGN-SOON", "GG-IDLE-SIGN-LATE",
    ]  # fmt: skip
    assert shown[3].sentence == "已20天没有更新，超过20天的时限。"
    assert idle_reminder(facts(stage="build", last_updated_on=date(2025, 1, 1)), IDLE, date(2026, 5, 1)) is None

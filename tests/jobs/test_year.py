"""A year of the policy's calendar under kill -9, and three months without a sweep: each period once, under its own name."""

from datetime import UTC, datetime

import pytest

from models.clock import FrozenClock
from models.duty import DutyRun
from models.duty_hand import accept_period, drop_period, waiting_runs
from models.process import Process
from tests.jobs.small_duties import small_duties
from tests.jobs.year import (
    EVE,
    SMALL,
    Year,
    build_town,
    require_every_duty_once,
    require_nothing_lost_or_doubled,
    year_of_moments,
)
from tests.workflows.staff import hire_staff
from tests.workflows.story import Story


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock(EVE)


@pytest.fixture
def story(database, clock, tmp_path):
    opened = Story(database, clock, tmp_path)
    hire_staff(opened)  # who checks and signs what the calendar writes
    with small_duties(opened):
        yield opened


def live_a_year(story: Story, url: str, folder, *, seed: int, kills: int) -> Year:
    year = Year(story, url, folder, seed=seed, kills=kills)
    try:
        year.live_through(year_of_moments())
    finally:
        year.end()
    return year


def require_deaths_all_year(year: Year, kills: int) -> None:
    assert year.tally.total >= kills
    assert all(year.fallen_by[f"2026Q{quarter}"] * 8 >= kills for quarter in (1, 2, 3, 4)), year.fallen_by
    assert {"committing", "committed"} & set(year.tally.points)


def test_a_year_of_duties_with_thirty_kills_runs_each_period_once_for_each_district(story, database_url, tmp_path):
    build_town(story, districts=SMALL, projects=3)
    year = live_a_year(story, database_url, tmp_path, seed=2026, kills=36)
    require_deaths_all_year(year, 30)
    require_every_duty_once(story)
    require_nothing_lost_or_doubled(story, year)


@pytest.mark.soak
@pytest.mark.parametrize("seed", [1, 2])
def test_a_year_of_the_whole_city_with_three_hundred_kills(story, database_url, tmp_path, seed):
    build_town(story, districts=None, projects=120)
    year = live_a_year(story, database_url, tmp_path, seed=seed, kills=310)
    require_deaths_all_year(year, 300)
    require_every_duty_once(story)
    require_nothing_lost_or_doubled(story, year)


# --- three months without a sweep ----------------------------------------------------------------------------------------


def titles(story: Story, word: str) -> list[str]:
    """What the processes of a duty print, in the order of their periods; of one district or project of each."""
    found = [each for each in story.all(Process, key="small") if each.business_key.startswith(f"{word}:")]
    first: dict[str, str] = {}
    for each in sorted(found, key=lambda one: one.business_key):
        first.setdefault(each.business_key.split(":")[1], each.title.split("：")[0])
    return list(first.values())


def states(story: Story, word: str) -> dict[str, str]:
    runs = [run for run in story.all(DutyRun, duty=word) if run.period != "begun"]
    return {run.period: "asked" if run.waiting else "done" if run.done_at else "open" for run in runs}


def test_after_three_months_without_a_sweep_the_right_periods_are_made_up_for_under_their_own_names(story):
    build_town(story, districts=SMALL, projects=2)
    story.sweep()
    story.sweep(to=datetime(2026, 3, 5, tzinfo=UTC))
    assert titles(story, "small_month") == ["2025年12月月度试办", "2026年1月月度试办", "2026年2月月度试办"]
    assert states(story, "small_quarter") == {"2025Q4": "done"}
    story.sweep(to=datetime(2026, 6, 25, tzinfo=UTC))  # nobody swept since: the 20th and the 1st went by three times
    assert titles(story, "small_month")[3:] == ["2026年3月月度试办", "2026年4月月度试办", "2026年5月月度试办"]
    assert states(story, "small_quarter") == {"2025Q4": "done", "2026Q1": "asked", "2026Q2": "done"}
    assert titles(story, "small_quarter") == ["2025年第四季度季度试办", "2026年第二季度季度试办"]
    with story.unit(story.town.zhao_qiang) as unit:
        [missed] = waiting_runs(unit.session)
        accept_period(unit, run_id=missed.id)
    story.sweep()
    assert titles(story, "small_quarter") == [
        "2025年第四季度季度试办", "2026年第一季度季度试办", "2026年第二季度季度试办"]  # fmt: skip
    reviews = {each.title.split("（")[1] for each in story.all(Process, key="progress_review")}
    assert reviews == {
        f"{year}年{month}月）" for year, month in ((2025, 12), *((2026, month) for month in range(1, 7)))
    }


def test_of_a_duty_that_wants_the_latest_only_the_newest_period_is_made_up_for(story):
    build_town(story, districts=SMALL, projects=2)
    story.sweep()
    story.sweep(to=datetime(2027, 7, 20, tzinfo=UTC))  # three half-years went by
    while "open" in states(story, "small_half").values():
        story.sweep()  # more periods than one sweep works through
    assert states(story, "small_half") == {"2027H1": "done"}
    assert titles(story, "small_half") == ["2027年上半年半年试办"]
    with story.unit(story.town.zhao_qiang) as unit:
        asked = [run.period for run in waiting_runs(unit.session)]
        for run in waiting_runs(unit.session):
            drop_period(unit, run_id=run.id, reason="停运期间已用书面材料代替")
    assert asked == ["2025Q4", "2026Q1", "2026Q2", "2026Q3", "2026Q4", "2027Q1"]
    story.sweep()
    assert titles(story, "small_quarter") == ["2027年第二季度季度试办"]
    assert len(titles(story, "small_month")) == 19

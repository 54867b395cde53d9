"""每月21日: one item per running project, once; facts are asked once and move the light."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from models.duty import DutyRun
from models.totals import totals
from tests.workflows.story import APPROVE, RESERVE

OPENING = datetime(2026, 12, 20, 16, tzinfo=UTC)  # 00:00 on the 21st in Tianjin


def reviews(story, project_id):
    return [item for item in story.items(project_id) if item.node == "report"]


def test_on_the_21st_each_running_project_gets_one_item_due_on_the_25th(story):
    running, gaps = story.register(APPROVE), story.register({"name": "演示待补录项目"})
    story.sweep()
    story.sweep(to=OPENING - timedelta(seconds=1))
    assert reviews(story, running) == []
    story.sweep(by=timedelta(seconds=1))
    story.sweep()
    [item] = reviews(story, running)
    assert item.due_at.isoformat() == "2026-12-25T15:59:59+00:00"
    assert reviews(story, gaps) == []


def test_an_outage_of_three_months_catches_up_every_month_once(story):
    project_id = story.register(APPROVE)
    story.sweep()
    story.sweep(to=datetime(2027, 3, 1, tzinfo=UTC))
    assert len(reviews(story, project_id)) == 3
    periods = [run.period for run in story.all(DutyRun, duty="progress_review")]
    assert periods == ["begun", "2026-12", "2027-01", "2027-02"]


def test_many_projects_are_worked_through_in_chunks(story, monkeypatch):
    from models import duty

    monkeypatch.setattr(duty, "CHUNK", 2)
    ids = [
        story.register(RESERVE | {"name": f"演示项目{number}", "investor_name": f"公司{number}"}) for number in range(5)
    ]
    story.sweep()
    story.sweep(to=OPENING)
    assert [len(reviews(story, each)) for each in ids] == [1] * 5
    [_, run] = story.all(DutyRun, duty="progress_review")
    assert (run.made, run.done_at) == (5, OPENING)


def test_what_is_reported_becomes_dated_entries_and_facts(story):
    project_id = story.register(APPROVE)
    story.sweep()
    story.sweep(to=OPENING)
    story.do(
        story.town.li_ming,
        project_id,
        "report",
        {
            "month_done_wan": "1200.5",
            "arrived_month_wan": "0",
            "visual_milestone": "打桩",
            "actual_start_on": "2026-12-10",
            "in_stat_on": "2026-12-12",
            "evidence": [story.evidence(project_id)],
        },
    )
    with story.reading() as unit:
        sums = totals(unit.session, [project_id], 2026)[project_id]
    assert (sums.invested_year, sums.funds_year) == (Decimal("1200.5"), 0)
    assert (story.project(project_id).light, str(story.project(project_id).actual_start_on)) == ("green", "2026-12-10")

"""区月报: 滨海新区 and 武清区 report a month from what the ledger holds; nobody types a figure."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from models.clock import end_of_day, start_of_day
from models.duty import DUTIES, periods
from models.monthly_report import MonthlyReport, due_of, live_content, reports_of, reports_seen
from models.organ import close_organ
from models.process import WorkItem
from models.project import Project
from models.refusal import Invalid
from tests.workflows.staff import hire_staff, put_money
from tests.workflows.story import APPROVE, RESERVE, Story

SAID_YES = {"blocks_checked": True, "month_words": "签约仪式延期到下月。"}


@pytest.fixture
def october(story: Story):
    """A house that has swept before, with money in October and a talk; then it is 2 November 2026."""
    staff = hire_staff(story)
    story.sweep(to=start_of_day(date(2026, 10, 9)))
    battery = story.register(APPROVE)
    talk = story.register(RESERVE | {"name": "演示冷链项目"})
    put_money(story, battery, "1200.5", date(2026, 10, 8))
    put_money(story, battery, "300", date(2026, 10, 9), standing="withdrawn")
    put_money(story, battery, "77", date(2026, 9, 30))  # another month's
    story.sweep(to=start_of_day(date(2026, 11, 2)) + timedelta(hours=9))
    return story, staff, battery, talk


def item_of(story: Story, organ_id: int, node: str) -> WorkItem:
    with story.reading() as unit:
        query = select(WorkItem).where(WorkItem.organ_id == organ_id, WorkItem.node == node, WorkItem.state == "ready")
        return unit.session.scalars(query).one()


def sign(story: Story, staff) -> None:
    story.complete(story.town.li_ming, item_of(story, story.town.binhai, "verify"), SAID_YES)
    story.complete(story.town.chen_jing, item_of(story, story.town.binhai, "review"), {"agreed": True})
    story.complete(staff.binhai_leader, item_of(story, story.town.binhai, "sign"), {"agreed": True})


def test_every_district_has_one_report_a_month_and_zones_have_none(october):
    story, *_ = october
    reports = story.all(MonthlyReport, period="2026-10")
    assert len(reports) == 16
    assert story.town.teda not in {row.organ_id for row in reports}
    story.sweep(by=timedelta(hours=3))
    assert len(story.all(MonthlyReport)) == 16


def test_a_signed_report_holds_the_month_as_the_ledger_had_it(october):
    story, staff, battery, talk = october
    sign(story, staff)
    put_money(story, battery, "9999", date(2026, 10, 30))  # filed after the signature
    with story.reading() as unit:
        row = reports_of(unit.session, "2026-10")[story.town.binhai]
    assert [(line["on"], line["amount_wan"], line["standing"]) for line in row.content["capital"]] == [
        ("2026-10-08", "1200.5", "申报"), ("2026-10-09", "300", "撤资"),
    ]  # fmt: skip
    assert [line["project_id"] for line in row.content["talks"]] == [talk]
    assert row.content["note"] == "签约仪式延期到下月。"
    assert (row.signed_by, row.due_at) == ("何平", end_of_day(date(2026, 11, 5)))


def test_what_is_returned_goes_back_to_who_checked_it_with_the_reason(october):
    story, staff, *_ = october
    story.complete(story.town.li_ming, item_of(story, story.town.binhai, "verify"), SAID_YES)
    review = item_of(story, story.town.binhai, "review")
    with pytest.raises(Invalid) as refused:
        story.complete(story.town.chen_jing, review, {"agreed": False})
    assert "opinion" in refused.value.fields
    story.complete(story.town.chen_jing, review, {"agreed": False, "opinion": "到位资金少一笔"})
    assert item_of(story, story.town.binhai, "verify").state == "ready"
    sign(story, staff)


def test_blocks_that_nobody_checked_are_not_passed_on(october):
    story, *_ = october
    with pytest.raises(Invalid) as refused:
        story.complete(story.town.li_ming, item_of(story, story.town.binhai, "verify"), {"blocks_checked": False})
    assert "blocks_checked" in refused.value.fields


def test_foreign_registrations_and_expected_landings_come_from_the_ledger(october):
    story, _staff, battery, talk = october
    with story.unit() as unit:
        company = unit.session.get_one(Project, battery)
        company.capital_nature, company.registered_on = "外资", date(2026, 10, 31)
        expected = unit.session.get_one(Project, talk)
        expected.extras = expected.extras | {"expected_landing_on": "2027-04-30"}
    with story.reading() as unit:
        content = live_content(unit, "2026-10", story.town.binhai)
    assert [(row["project_id"], row["on"]) for row in content["registrations"]] == [(battery, "2026-10-31")]
    assert [(row["project_id"], row["expected_on"]) for row in content["landings"]] == [(talk, "2027-04-30")]
    assert content["capital"] == []  # 内资 has no money of a foreign project


def test_a_landing_later_than_half_a_year_waits(october):
    story, _staff, _battery, talk = october
    with story.unit() as unit:
        expected = unit.session.get_one(Project, talk)
        expected.extras = expected.extras | {"expected_landing_on": "2027-05-01"}
    with story.reading() as unit:
        assert live_content(unit, "2026-10", story.town.binhai)["landings"] == []


def test_the_day_it_is_due_moves_past_a_day_off(october):
    story, *_ = october
    with story.reading() as unit:
        assert due_of(unit, "2026-11") == end_of_day(date(2026, 12, 7))  # 5 December 2026 is a Saturday


def test_reports_open_on_the_first_of_the_next_month():
    opened = list(periods(DUTIES["monthly_report"], datetime.fromisoformat("2026-12-15T00:00+08:00"),
                          datetime.fromisoformat("2027-03-01T00:00+08:00")))  # fmt: skip
    assert [each.name for each in opened] == ["2026-12", "2027-01", "2027-02"]


def test_a_district_that_ends_with_the_month_is_reported_by_whoever_took_over(story):
    hire_staff(story)
    story.sweep(to=start_of_day(date(2026, 10, 9)))
    with story.unit() as unit:
        close_organ(unit, organ_id=story.town.wuqing, last_day=date(2026, 10, 31), successor_id=story.town.binhai)
    story.sweep(to=start_of_day(date(2026, 11, 2)))
    assert len(story.all(MonthlyReport, period="2026-10")) == 16
    asked = [item.organ_id for item in story.all(WorkItem, node="verify", state="ready")]
    assert asked.count(story.town.binhai) == 2
    assert story.town.wuqing not in asked
    with story.reading(story.town.li_ming) as unit:
        assert {each.organ_id for each in reports_seen(unit, "2026-10")} == {story.town.binhai, story.town.wuqing}

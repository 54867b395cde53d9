"""区月报 on the page: the desk sees every district, a district sees its own, and figures are the ledger's."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from models.amount import AmountEntry
from models.clock import start_of_day
from tests.web.house import Story, open_story
from tests.workflows.story import APPROVE, PlainRenderer
from workflows.project import register_and_open


@pytest.fixture
def november(database, clock, tmp_path) -> Story:
    """2 November 2026: the reports of October are open; 滨海新区 had 1,200.50 万元 and 30 万美元 nobody can convert."""
    clock.move(to=start_of_day(date(2026, 10, 9)))
    story = open_story(database, clock, tmp_path, renderer=PlainRenderer())
    story.sweep()
    with story.unit() as unit:
        project = register_and_open(unit, owner_organ_id=story.town.binhai, values=APPROVE)
        for amount, currency in (("1200.5", "CNY"), ("30", "USD")):
            unit.session.add(AmountEntry(project_id=project.id, kind="funds", amount=Decimal(amount), currency=currency,
                                         on=date(2026, 10, 8), filed_at=unit.now))  # fmt: skip
    clock.move(to=start_of_day(date(2026, 11, 2)) + timedelta(hours=9))
    story.sweep()
    return story


def test_the_desk_sees_sixteen_districts_and_whom_each_waits_for(november):
    page = november.client(november.town.zhao_qiang).get("/monthly-reports").text
    assert page.count('data-testid="report-row"') == 16
    assert "核对月报" in page
    assert "未到期" in page


def test_a_district_sees_its_own_report_and_no_other(november):
    client = november.client(november.town.li_ming)
    assert client.get("/monthly-reports").text.count('data-testid="report-row"') == 1
    assert client.get(f"/monthly-reports/2026-10/{november.town.binhai}").status_code == 200
    assert client.get(f"/monthly-reports/2026-10/{november.town.wuqing}").status_code == 404


def test_money_without_a_rate_is_shown_and_not_counted(november):
    page = november.client(november.town.li_ming).get(f"/monthly-reports/2026-10/{november.town.binhai}").text
    assert "30 万（USD），没有当日汇率，未计入" in page
    assert "合计：1,200.50 万元" in page


def test_late_ones_are_named_in_red(november, clock):
    clock.move(to=start_of_day(date(2026, 11, 6)))
    assert november.client(november.town.zhao_qiang).get("/monthly-reports").text.count("逾期未报") == 16


def test_a_month_without_reports_says_so(database, clock, tmp_path):
    story = open_story(database, clock, tmp_path)
    assert "还没有区月报" in story.client(story.town.zhao_qiang).get("/monthly-reports").text

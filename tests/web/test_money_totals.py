"""Totals of money in several currencies: each entry by the rate of its day, and what has none is told beside the sum."""

import re
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from models.amount import AmountEntry, recognise_amount, record_amount
from models.capital_acts import set_rate, withdraw_amount
from models.currency import Rates, rates_of
from models.district import land_on
from models.district_figures import arrived
from models.figure import Span
from models.project import Project
from models.project_list import ProjectFilter, project_figures
from models.totals import ForeignLine, ForeignSum, Totals, totals, with_foreign
from tests.web.house import Story, open_story
from tests.web.test_projects import counted
from tests.workflows.story import APPROVE
from workflows.project import register_and_open

D = Decimal
RATES = rates_of([("USD", date(2026, 3, 1), D("7.1")), ("USD", date(2026, 6, 1), D("7.2")),
                  ("JPY", date(2026, 1, 1), D("0.0481234"))])  # fmt: skip


def line(amount: str, currency: str, on: date, kind: str = "funds", standing: str = "declared") -> ForeignLine:
    return ForeignLine(1, kind, currency, standing, on, D(amount))


@pytest.mark.parametrize(("lines", "year", "all_", "foreign"), [
    # the rate of the day: the newest row on or before it, not today's
    ([line("10", "USD", date(2026, 3, 1))], "71", "71", [("USD", "10", "71", ())]),
    ([line("10", "USD", date(2026, 5, 31)), line("10", "USD", date(2026, 6, 1))], "143", "143",
     [("USD", "20", "143", ())]),
    # last year's money is in the whole, not in the year; to the cent, entry by entry
    ([line("1000", "JPY", date(2026, 2, 1)), line("0.333333", "JPY", date(2026, 2, 1))], "48.139441", "48.139441",
     [("JPY", "1000.333333", "48.139441", ())]),
    # 撤资 by the rate of the day it left
    ([line("10", "USD", date(2026, 3, 2)), line("-4", "USD", date(2026, 6, 2), standing="withdrawn")], "42.2", "42.2",
     [("USD", "6", "42.2", ())]),
    # 核减 is dated like the entry it reduces
    ([line("10", "USD", date(2026, 3, 2)), line("-1", "USD", date(2026, 3, 2), standing="reduced")], "63.9", "63.9",
     [("USD", "9", "63.9", ())]),
    # no rate on or before the day: in no sum, told with its day, and the others still count
    ([line("5", "USD", date(2026, 2, 28)), line("10", "USD", date(2026, 3, 1))], "71", "71",
     [("USD", "15", "71", ((date(2026, 2, 28), D(5)),))]),
    ([line("5", "EUR", date(2026, 4, 1)), line("1", "EUR", date(2026, 4, 1)), line("2", "EUR", date(2025, 4, 1))],
     "0", "0", [("EUR", "8", "0", ((date(2025, 4, 1), D(2)), (date(2026, 4, 1), D(6))))]),
    # what cancels out on its own day leaves nothing out
    ([line("5", "EUR", date(2026, 4, 1)), line("-5", "EUR", date(2026, 4, 1), standing="reduced")], "0", "0",
     [("EUR", "0", "0", ())]),
])  # fmt: skip
def test_each_entry_counts_by_the_rate_of_its_day(lines, year, all_, foreign):
    found = with_foreign(Totals(2026), lines, RATES)
    assert (found.funds_year, found.funds_all) == (D(year), D(all_))
    told = [(each.currency, each.amount, each.counted, each.unrated) for each in found.foreign]
    assert told == [(currency, D(own), D(counted), days) for currency, own, counted, days in foreign]


def test_last_years_money_is_in_the_whole_but_not_in_the_year():
    rates = rates_of([("USD", date(2025, 1, 1), D(7))])
    found = with_foreign(Totals(2026, funds_all=D(100)), [line("10", "USD", date(2025, 12, 31))], rates)
    assert (found.funds_year, found.funds_all) == (0, D(170))


def test_of_foreign_capital_in_yuan_the_rate_of_the_dollar_is_missing():
    [told] = with_foreign(Totals(2026), [line("700", "CNY", date(2026, 2, 1), "fdi")], RATES).foreign
    assert (told.lacks, told.unrated) == ("USD", ((date(2026, 2, 1), D(700)),))
    found = with_foreign(Totals(2026), [line("710", "CNY", date(2026, 3, 1), "fdi")], RATES)
    assert (found.fdi_year, found.funds_year) == (D(100), 0)


def test_recognised_investment_in_another_currency_is_in_its_own_figure_too():
    lines = [line("10", "USD", date(2026, 3, 1), "investment", "recognised"),
             line("-1", "USD", date(2026, 3, 1), "investment", "reduced"),
             line("2", "USD", date(2026, 3, 1), "investment")]  # fmt: skip
    found = with_foreign(Totals(2026), lines, RATES)
    assert (found.invested_year, found.recognised_year) == (D("78.1"), D("63.9"))


def test_without_rates_nothing_is_guessed():
    found = with_foreign(Totals(2026), [line("10", "USD", date(2026, 3, 1))], Rates({}))
    assert (found.funds_all, found.unrated("funds")) == (
        0, (ForeignSum("funds", "USD", D(10), D(0), ((date(2026, 3, 1), D(10)),), "USD"),)
    )  # fmt: skip
    assert found.unrated("fdi") == ()


@pytest.fixture
def story(database, clock, tmp_path) -> Story:
    return open_story(database, clock, tmp_path)


@pytest.fixture
def project(story) -> int:
    return registered(story)


def registered(story: Story, name: str = "新能源产业基地") -> int:
    with story.unit(story.town.li_ming) as unit:
        return register_and_open(unit, owner_organ_id=story.town.binhai, values=APPROVE | {"name": name}).id


def file(story: Story, project: int, amount: str, currency: str = "", on: date = date(2026, 11, 2)) -> int:
    with story.unit(story.town.li_ming) as unit:
        return record_amount(unit, project, kind="funds", amount=D(amount), on=on, currency=currency)


def rate(story: Story, currency: str, on: date, yuan: str) -> None:
    with story.unit(story.town.zhao_qiang) as unit:
        set_rate(unit, currency=currency, on=on, yuan=D(yuan), source="中间价")


def mixed(story: Story, project: int) -> None:
    """人民币100; 美元10 of which 2 were cut and 3 left again; 欧元4 without a rate."""
    rate(story, "USD", date(2026, 11, 1), "7.10")
    rate(story, "USD", date(2026, 11, 10), "7.20")
    file(story, project, "100")
    dollars = file(story, project, "10", "USD")
    file(story, project, "4", "EUR", date(2026, 11, 3))
    with story.unit(story.town.zhao_qiang) as unit:
        recognise_amount(unit, dollars, amount=D(8), reason="凭证不足")
    with story.unit(story.town.li_ming) as unit:
        withdraw_amount(unit, dollars, amount=D(3), on=date(2026, 11, 12), reason="股东退出")


def page(story: Story, who, address: str) -> str:
    """The text of a page, without marks."""
    text = story.client(who).get(address).get_data(as_text=True)
    return re.sub(r"\s+", " ", re.sub(r"<(?!a )[^>]*>", " ", text))


# 100 + 10×7.10 − 2×7.10 − 3×7.20
WHOLE = D("135.2")


def test_totals_of_a_project_take_dollars_in_and_tell_what_they_leave_out(story, project):
    mixed(story, project)
    with story.reading() as unit:
        found = totals(unit.session, [project], 2026)[project]
        assert (found.funds_year, found.funds_all, found.fdi_all) == (WHOLE, WHOLE, 0)
        assert [(each.currency, each.amount, each.counted) for each in found.foreign] == [
            ("EUR", D(4), D(0)), ("USD", D(5), D("35.2"))
        ]  # fmt: skip
        assert totals(unit.session, [project], 2025)[project].foreign == ()


def test_the_page_tells_the_sum_the_currencies_and_the_missing_day(story, project):
    mixed(story, project)
    seen = page(story, story.town.zhao_qiang, f"/projects/{project}")
    assert "累计到位资金 135.2 万元" in seen
    assert "其中到位资金（美元） 5 万美元，折合35.2 万元" in seen
    assert "其中到位资金（欧元） 4 万欧元，未折算" in seen
    assert "到位资金合计没有计入4 万欧元：2026年11月3日没有欧元汇率。登记汇率后自动计入。" in seen
    assert 'href="/rates"' in seen.split("登记汇率后自动计入。")[1].split("登记汇率")[0]


def test_who_may_not_file_a_rate_is_told_but_not_led_there(story, project):
    mixed(story, project)
    seen = page(story, story.town.li_ming, f"/projects/{project}")
    assert "2026年11月3日没有欧元汇率" in seen
    assert 'href="/rates"' not in seen.split("登记汇率后自动计入。")[1].split("逐笔明细")[0]


def test_once_the_rate_is_filed_the_money_counts_and_nothing_is_said_any_more(story, project):
    mixed(story, project)
    rate(story, "EUR", date(2026, 11, 3), "8.05")
    seen = page(story, story.town.zhao_qiang, f"/projects/{project}")
    assert "累计到位资金 167.4 万元" in seen
    assert "没有计入" not in seen
    assert "未折算" not in seen


def test_many_days_without_a_rate_are_named_and_counted(story, project):
    for number in range(1, 6):
        file(story, project, "1", "JPY", date(2026, 11, number))
    seen = page(story, story.town.zhao_qiang, f"/projects/{project}")
    assert "5 万日元：2026年11月1日、2026年11月2日、2026年11月3日等5天没有日元汇率" in seen
    assert "到位资金 — 另有5 万日元未折算" in seen


def test_the_list_counts_the_same_in_its_row_and_in_its_total(story, project):
    mixed(story, project)
    file(story, registered(story, "另一个基地"), "1000")
    seen = page(story, story.town.zhao_qiang, "/projects")
    assert "到位资金 1,135.2 万元" in seen
    assert "135.2 另有4 万欧元未折算" in seen
    assert "到位资金合计没有计入4 万欧元：2026年11月3日没有欧元汇率" in seen
    with story.reading(story.town.zhao_qiang) as unit:
        assert project_figures(unit, ProjectFilter()).sums.funds_all == 1000 + WHOLE
        assert project_figures(unit, ProjectFilter(state="withdrawn")).sums.funds_all == 0


def test_the_number_of_questions_does_not_grow_with_the_entries(story, project):
    mixed(story, project)
    addresses = (f"/projects/{project}", "/projects?q=基地")
    few = [counted(story, story.town.li_ming, address) for address in addresses]
    for number in range(1, 20):
        file(story, project, "1", ("USD", "EUR", "JPY")[number % 3], date(2026, 11, number))
    mixed_too = registered(story, "日资产业基地")
    file(story, mixed_too, "9", "JPY")
    assert [counted(story, story.town.li_ming, address) for address in addresses] == few


def test_yuan_alone_asks_for_no_rates(story, project):
    file(story, project, "100")
    plain = counted(story, story.town.li_ming, "/projects?q=基地")
    file(story, project, "1", "USD")
    assert counted(story, story.town.li_ming, "/projects?q=基地") == plain + 4  # entries and rates, of rows and of all


def test_the_rate_of_arrival_takes_dollars_in_and_notes_what_it_leaves_out(story, project):
    mixed(story, project)
    with story.unit(story.town.li_ming) as unit:
        row = unit.session.scalars(select(Project).where(Project.id == project)).one()
        row.signed_on, row.total_investment = date(2026, 10, 1), D(1000)
    with story.reading() as unit:
        span = Span(
            date(2026, 7, 1), date(2026, 12, 31), unit.now.replace(year=2027), land_on(unit.session, unit.today)
        )
        [behind] = list(arrived(unit.session, span))
    assert (behind.part, behind.whole) == (WHOLE, D(1000))
    assert "1笔外币没有当日汇率，未计入" in behind.note


def test_what_was_filed_stays_in_its_currency(story, project):
    mixed(story, project)
    with story.reading() as unit:
        kept = {each.currency: each.amount for each in unit.session.scalars(select(AmountEntry)) if each.amount > 0}
    assert kept == {"CNY": D(100), "USD": D(10), "EUR": D(4)}

"""投资与资金 by hand: foreign money with its rate, and money that leaves again."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from models.amount import AmountEntry, recognise_amount
from models.capital import capital_rows, sums
from models.district import land_on
from models.refusal import Invalid
from models.totals import totals
from tests.web.house import Story, open_story
from tests.workflows.story import APPROVE
from workflows.project import register_and_open

DAY = date(2026, 11, 20)


@pytest.fixture
def story(database, clock, tmp_path) -> Story:
    return open_story(database, clock, tmp_path)


@pytest.fixture
def project(story) -> int:
    with story.unit(story.town.li_ming) as unit:
        return register_and_open(unit, owner_organ_id=story.town.binhai, values=APPROVE).id


def file(story: Story, project: int, **typed: str):
    posted = {"kind": "funds", "amount": "100", "currency": "", "on": DAY.isoformat(), "note": ""} | typed
    return story.client(story.town.li_ming).post(f"/projects/{project}/amount", data=posted)


def rows(story: Story) -> list[AmountEntry]:
    with story.reading() as unit:
        return list(unit.session.scalars(select(AmountEntry).order_by(AmountEntry.id)))


def counted(story: Story) -> dict[int, Decimal]:
    with story.reading() as unit:
        land = land_on(unit.session, unit.today)
        return sums(capital_rows(unit.session, "domestic", first=date(2026, 11, 1), last=date(2026, 11, 30),
                                 filed_before=unit.now.replace(year=2027), answering=land.answering))  # fmt: skip


def rate(story: Story, who=None, **typed: str):
    posted = {"currency": "USD", "on": "2026-11-18", "yuan": "7.1234", "source": "中间价"} | typed
    return story.client(who or story.town.zhao_qiang).post("/rates", data=posted)


def test_dollars_count_from_the_day_there_is_a_rate(story, project):
    assert file(story, project, amount="10", currency="USD").status_code == 303
    assert counted(story) == {}
    assert rate(story).status_code == 303
    assert counted(story) == {story.town.binhai: Decimal("71.234")}


def test_dollars_are_never_added_to_yuan(story, project):
    file(story, project, amount="10", currency="USD")
    file(story, project, amount="200")
    with story.reading() as unit:
        assert totals(unit.session, [project], 2026)[project].funds_year == 200


def test_an_investment_has_no_other_currency(story, project):
    answer = file(story, project, kind="investment", currency="USD")
    assert answer.status_code == 422
    assert "这一类金额不能用这个币种填。" in answer.text


def test_money_that_leaves_is_a_line_of_its_own_and_never_more_than_stands(story, project):
    file(story, project)
    entry = rows(story)[0].id
    client = story.client(story.town.li_ming)
    path = f"/projects/{project}/amounts/{entry}/withdraw"
    first = client.post(path, data={"amount": "60", "on": DAY.isoformat(), "reason": "股东退出"})
    again = client.post(path, data={"amount": "41", "on": DAY.isoformat(), "reason": "股东退出"})
    assert (first.status_code, again.status_code) == (303, 422)
    assert [(row.amount, row.standing) for row in rows(story)] == [(100, "declared"), (-60, "withdrawn")]
    assert counted(story) == {story.town.binhai: 40}


@pytest.mark.parametrize(("typed", "said"), [
    ({"reason": " "}, "请写明撤资原因。"),
    ({"on": "2026-11-19"}, "撤资日期应在到位日期与今天之间。"),
    ({"amount": "0"}, "撤资金额应大于0"),
])  # fmt: skip
def test_a_withdrawal_that_cannot_be_is_refused_with_its_reason(story, project, typed, said):
    file(story, project)
    posted = {"amount": "1", "on": DAY.isoformat(), "reason": "退出"} | typed
    answer = story.client(story.town.li_ming).post(
        f"/projects/{project}/amounts/{rows(story)[0].id}/withdraw", data=posted
    )
    assert answer.status_code == 422
    assert said in answer.text


def test_another_district_cannot_withdraw_it(story, project):
    file(story, project)
    path = f"/projects/{project}/amounts/{rows(story)[0].id}/withdraw"
    posted = {"amount": "1", "on": DAY.isoformat(), "reason": "退出"}
    assert story.client(story.town.wang_fang).post(path, data=posted).status_code in (403, 404)


@pytest.mark.parametrize(("typed", "said"), [
    ({"currency": "CNY"}, "请选择外币。"),
    ({"on": "2026-12-01"}, "日期不能晚于今天。"),
    ({"yuan": "七"}, "请填数字，如7.1234。"),
    ({"yuan": "0"}, "汇率应大于0"),
    ({"source": ""}, "请写明来源"),
])  # fmt: skip
def test_a_rate_that_cannot_be_is_refused_and_what_was_typed_stays(story, typed, said):
    answer = rate(story, **typed)
    assert answer.status_code == 422
    assert said in answer.text
    assert "2026-11-18" in answer.text or "on" in typed


def test_a_day_has_one_rate(story):
    rate(story)
    assert "这一天已有汇率" in rate(story, yuan="7.2").text


def test_a_district_sees_rates_and_sets_none(story):
    assert "还没有登记汇率" in story.client(story.town.li_ming).get("/rates").text
    assert rate(story, story.town.li_ming).status_code == 403


def test_less_than_has_left_again_cannot_be_recognised(story, project):
    file(story, project)
    entry = rows(story)[0].id
    path = f"/projects/{project}/amounts/{entry}/withdraw"
    story.client(story.town.li_ming).post(path, data={"amount": "60", "on": DAY.isoformat(), "reason": "股东退出"})
    with story.unit(story.town.zhao_qiang) as unit:
        with pytest.raises(Invalid) as refused:
            recognise_amount(unit, entry, amount=Decimal(59), reason="凭证不全")
        recognise_amount(unit, entry, amount=Decimal(60), reason="凭证不全")
    assert refused.value.fields["amount"] == "这笔已撤资60.00，认定数不能比它少。"
    assert counted(story) == {story.town.binhai: 0}


def test_a_refused_withdrawal_is_asked_again_beside_its_entry_with_what_was_typed(story, project):
    file(story, project)
    file(story, project, amount="10", currency="USD")
    posted = {"amount": "11", "on": DAY.isoformat(), "reason": "外方股东退出"}
    path = f"/projects/{project}/amounts/{rows(story)[1].id}/withdraw"
    answer = story.client(story.town.li_ming).post(path, data=posted)
    asked = answer.text.partition('class="ask again"')[2].partition("</dialog>")[0]
    assert answer.status_code == 422
    assert answer.text.count('class="ask again"') == 1
    assert 'value="11"' in asked
    assert "外方股东退出" in asked
    assert "不超过这笔现有的10.00。" in asked
    assert "万美元" in asked
    assert "万元" not in asked


@pytest.mark.parametrize("yuan", ["NaN", "sNaN", "Infinity", "7,12"])
def test_a_rate_that_is_no_number_or_could_be_two_is_refused(story, yuan):
    answer = rate(story, yuan=yuan)
    assert answer.status_code == 422
    assert "请填数字，如7.1234。" in answer.text


def test_words_that_do_not_fit_are_refused_and_never_cut(story, project):
    assert "文字过长，请精简。" in rate(story, source="源" * 201).text
    assert "文字过长，请精简。" in file(story, project, note="注" * 201).text
    file(story, project)
    posted = {"amount": "1", "on": DAY.isoformat(), "reason": "退" * 201}
    path = f"/projects/{project}/amounts/{rows(story)[0].id}/withdraw"
    assert "文字过长，请精简。" in story.client(story.town.li_ming).post(path, data=posted).text


@pytest.mark.parametrize("on", ["0202-11-20", "1979-12-31"])
def test_money_of_a_year_that_can_only_be_a_slip_is_refused(story, project, on):
    answer = file(story, project, on=on)
    assert answer.status_code == 422
    assert "请核对年份，应在1980年至2100年之间。" in answer.text

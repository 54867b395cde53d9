"""半年考核: figures frozen, a sheet checked, published, objected to, final; nobody judges what they scored."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from models.assessment import Assessment, Standing, final_assessment, standings_of
from models.assessment_sheet import number, read_sheet
from models.dispatch import Dispatch
from models.duty import DUTIES, Period
from models.figure import FIGURES, recounted
from models.message import Message
from models.notice import Notice
from models.objection import Objection
from models.objection_acts import decide_objection, file_objection
from models.organ import close_organ
from models.process import Process
from models.refusal import Invalid, NotDue, NotFound, NotPermitted
from models.taken_figure import taken, type_figures
from notices.letters import read_letter
from tests.workflows.assessing import (
    DISTRICTS,
    PERIOD,
    SCORED_ON,
    act,
    assessment,
    begin,
    live_half_a_year,
    papers,
    put_late,
    sign,
    small_scheme,
    to_publicity,
    type_all,
    use_scheme,
)
from tests.workflows.staff import hire_staff, set_target


@pytest.fixture
def staff(story):
    return hire_staff(story)


@pytest.fixture
def half(story, staff):
    """An assessment of the districts with its figures taken; returns (its number, project ids by code)."""
    projects = live_half_a_year(story)
    use_scheme(story, small_scheme())
    return begin(story), projects


def score_of(story, number_of, code, indicator="domestic"):
    sheet = read_sheet(assessment(story, number_of).sheet)
    row = next(each for each in sheet.rows if each.code == code)
    return row.lines[sheet.column_of(indicator)[0]].score


def objects(story, actor, number_of, indicator="domestic", **other):
    filed = papers(story, actor)
    with story.unit(actor) as unit:
        return file_objection(unit, assessment_id=number_of, evidence=filed,
                              **({"indicator": indicator, "reason": "应为4200万元，见验资报告"} | other)).id  # fmt: skip


def test_from_the_figures_to_the_final_result_with_an_accepted_a_refused_and_a_late_objection(story, staff, half):
    number_of, projects = half
    town = story.town
    to_publicity(story, staff, number_of)
    row = assessment(story, number_of)
    assert row.state == "publicity"
    assert row.publicity_until >= date(2027, 2, 1)
    [posted] = story.all(Notice, kind="publicity")
    assert row.publicity_notice_id == posted.id
    assert posted.letter["demo"], "the targets are made up, and so is what is judged by them"
    assert row.publicity_until.isoformat() == posted.letter["until"], "the day that counts is the day that is printed"
    assert score_of(story, number_of, "120114") == "42.00"  # 3000 ÷ 5000 × 70

    put_late(story, projects["120114"], "1200", date(2026, 11, 30))
    accepted = objects(story, town.wang_fang, number_of)
    refused = objects(story, town.li_ming, number_of, "survey")
    with story.unit(staff.desk_head) as unit:
        decide_objection(unit, objection_id=accepted, accepted=True, decision="补报凭证属实，重新取数")
        decide_objection(unit, objection_id=refused, accepted=False, decision="调查样本合规")
    story.sweep(to=SCORED_ON + timedelta(days=15))
    late = objects(story, town.wang_fang, number_of)
    kept = {each.id: each for each in story.all(Objection)}
    assert (kept[accepted].state, kept[refused].state, kept[late].state) == ("accepted", "refused", "late")
    assert "逾期提出的异议已记录，不予受理" in kept[late].decision
    assert (kept[accepted].before["domestic_recognised"], kept[accepted].after["domestic_recognised"]) == (
        "3000",
        "4200",
    )
    told = [each for each in story.all(Message) if each.key.startswith("objection:")]
    assert {each.officer_id for each in told} >= {town.wang_fang.officer_id, town.li_ming.officer_id}

    act(story, staff.desk_leader, number_of, "final", final_agreed="true")
    sign(story, staff)
    final = assessment(story, number_of)
    assert final.state == "final"
    assert score_of(story, number_of, "120114") == "58.80"
    assert read_sheet(final.first_sheet).row_of(town.wuqing).lines[0].score == "42.00"
    [result] = story.all(Notice, kind="assessment_result")
    assert final.result_notice_id == result.id
    assert "采纳武清区对“内资完成率”的异议，该项由42.00分改为58.80分" in str(result.letter)
    assert read_letter(result.letter).title == result.title
    with story.reading() as unit:
        assert final_assessment(unit.session, PERIOD).id == number_of
        best = standings_of(unit.session, number_of)[0]
        assert (best.organ_id, best.place, best.domestic_done, best.domestic_target) == (
            town.binhai, 1, Decimal(6000), Decimal(5000),
        )  # fmt: skip
    assert story.all(Process, key="assessment")[0].status == "done"


def test_a_typed_figure_without_evidence_is_refused_and_a_missing_one_is_named(story, half):
    number_of, _ = half
    desk = story.town.zhao_qiang
    with story.unit(desk) as unit, pytest.raises(Invalid) as refused:
        row = unit.session.get_one(Assessment, number_of)
        type_figures(unit, row, "survey.done", {story.town.binhai: Decimal(90)}, evidence=[])
    assert refused.value.fields == {"evidence_survey.done": "人工指标须附佐证材料。"}
    with pytest.raises(NotDue, match="企业满意度"):
        act(story, desk, number_of, "fill", fill_note="第三方调查")
    type_all(story, number_of)
    act(story, desk, number_of, "fill", fill_note="第三方调查")
    assert score_of(story, number_of, "120116", "survey") == "27.00"


def test_who_scored_decides_no_objection_and_nobody_decides_twice(story, staff, half):
    number_of, _ = half
    to_publicity(story, staff, number_of)
    filed = objects(story, story.town.wang_fang, number_of)
    with story.unit(story.town.zhao_qiang) as unit, pytest.raises(NotPermitted, match="另一人"):
        decide_objection(unit, objection_id=filed, accepted=False, decision="无误")
    with story.unit(story.town.li_ming) as unit, pytest.raises(NotPermitted):
        decide_objection(unit, objection_id=filed, accepted=True, decision="同意")
    with story.unit(staff.second_supervisor) as unit, pytest.raises(Invalid) as refused:
        decide_objection(unit, objection_id=filed, accepted=True, decision=" ", corrected={"survey.done": Decimal(1)})
    assert set(refused.value.fields) == {"decision", "corrected"}
    with story.unit(staff.second_supervisor) as unit:
        decide_objection(unit, objection_id=filed, accepted=False, decision="凭证不足")
    with story.unit(staff.desk_head) as unit, pytest.raises(Exception, match="已经答复"):
        decide_objection(unit, objection_id=filed, accepted=True, decision="同意")


def test_an_open_objection_holds_the_final_verdict_until_it_is_answered(story, staff, half):
    number_of, _ = half
    to_publicity(story, staff, number_of)
    filed = objects(story, story.town.wang_fang, number_of, "survey")
    story.sweep(to=SCORED_ON + timedelta(days=15))
    with pytest.raises(NotDue, match="还有1件异议没有答复"):
        act(story, staff.desk_head, number_of, "decide", decision_summary="采纳1件")
    with story.unit(staff.desk_head) as unit:
        decide_objection(
            unit, objection_id=filed, accepted=True, decision="重算", corrected={"survey.done": Decimal(95)}
        )
    act(story, staff.desk_head, number_of, "decide", decision_summary="采纳1件")
    act(story, staff.desk_leader, number_of, "final", final_agreed="true")
    assert score_of(story, number_of, "120114", "survey") == "28.50"
    assert score_of(story, number_of, "120116", "survey") == "27.00"


def test_an_objection_needs_a_unit_that_is_assessed_evidence_and_a_published_sheet(story, staff, half):
    number_of, _ = half
    with story.unit(story.town.wang_fang) as unit, pytest.raises(NotFound):
        file_objection(unit, assessment_id=number_of, indicator="domestic", reason="有误", evidence=[1])
    to_publicity(story, staff, number_of)
    with story.unit(story.town.wang_fang) as unit, pytest.raises(Invalid) as refused:
        file_objection(unit, assessment_id=number_of, indicator="nothing", reason="", evidence=[])
    assert set(refused.value.fields) == {"indicator", "reason", "evidence"}
    with story.unit(story.town.zhou_wei) as unit, pytest.raises(NotPermitted, match="不在这次考核之列"):
        file_objection(unit, assessment_id=number_of, indicator="domestic", reason="有误", evidence=[1])


def test_a_wrong_sheet_is_taken_anew_and_a_first_verdict_may_send_it_back(story, staff, half):
    number_of, projects = half
    desk = story.town.zhao_qiang
    type_all(story, number_of)
    act(story, desk, number_of, "fill", fill_note="第三方调查")
    with pytest.raises(Invalid):
        act(story, desk, number_of, "check", sheet_right="false")
    put_late(story, projects["120115"], "500", date(2026, 12, 1))
    act(story, desk, number_of, "check", sheet_right="false", sheet_note="宝坻漏报一笔")
    act(story, desk, number_of, "fill", fill_note="第三方调查")
    assert score_of(story, number_of, "120115") == "42.00"
    act(story, desk, number_of, "check", sheet_right="true")
    act(story, staff.desk_leader, number_of, "first", first_agreed="false", first_opinion="请复核西青")
    assert assessment(story, number_of).state == "scoring"
    act(story, desk, number_of, "check", sheet_right="true")
    assert not story.all(Dispatch)


def test_a_district_without_a_target_prints_a_dash_and_has_no_place(story, staff, half):
    number_of, _ = half
    sheet = read_sheet(assessment(story, number_of).sheet)
    heping = next(each for each in sheet.rows if each.code == "120101")
    assert (heping.total, heping.placed, heping.lines[0].score) == ("-", "-", "-")
    assert not heping.last
    assert sheet.rows[-1].place is None


def test_a_district_merged_in_mid_year_counts_with_its_successor(story, staff):
    live_half_a_year(story)
    with story.unit(story.town.admin) as unit:
        close_organ(unit, organ_id=story.town["120113"], last_day=date(2026, 9, 30), successor_id=story.town["120114"])
    use_scheme(story, small_scheme(typed=False))
    number_of = begin(story)
    sheet = read_sheet(assessment(story, number_of).sheet)
    assert "120113" not in {each.code for each in sheet.rows}
    assert score_of(story, number_of, "120114") == "45.00"  # (3000 + 1500) ÷ (5000 + 5000) × 100
    with story.reading() as unit:
        row = taken(unit.session, number_of)[story.town.wuqing, "domestic_target"]
    assert row.value == Decimal(10000)


def test_every_figure_equals_what_its_frozen_rows_add_up_to(story, half):
    number_of, _ = half
    with story.reading() as unit:
        rows = [row for row in taken(unit.session, number_of).values() if row.source == "system"]
    assert len(rows) >= 2 * len(DISTRICTS)
    assert all(row.value == recounted(row.word, row.rows) for row in rows)


def test_every_figure_there_is_can_be_asked_of_a_town_that_has_lived(story, half):
    """The register is closed: each word answers for every unit, from SQL that both databases take."""
    from models.figure import figure_values
    from models.taken_figure import span_of

    number_of, _ = half
    with story.reading() as unit:
        row = unit.session.get_one(Assessment, number_of)
        span = span_of(unit.session, row, story.clock.now())
        for known in FIGURES.values():
            found = figure_values(unit.session, known, span, [each.id for each in span.land.districts])
            assert len(found) == len(span.land.districts)


def test_the_duty_opens_one_assessment_of_the_districts_and_one_of_the_departments(story, staff):
    live_half_a_year(story)
    declared = DUTIES["assessment"]
    with story.unit() as unit:
        declared.work(unit, Period(PERIOD, date(2026, 7, 1), story.clock.now()), 0, 100)
    keys = {each.business_key for each in story.all(Process, key="assessment")}
    assert keys == {"assessment:2026H2:district", "assessment:2026H2:department"}
    by_subject = {each.subject: each for each in story.all(Assessment)}
    assert read_sheet(by_subject["district"].sheet).standard
    departments = {each.name for each in read_sheet(by_subject["department"].sheet).rows}
    assert "市商务局" in departments
    assert "市合作交流办" not in departments


def test_what_is_not_published_only_the_desk_may_see(story, half):
    from models.assessment import assessments, find_assessment

    number_of, _ = half
    with story.reading(story.town.wang_fang) as unit:
        assert assessments(unit) == []
        with pytest.raises(NotFound):
            find_assessment(unit, number_of)
    with story.reading(story.town.zhao_qiang) as unit:
        assert [each.id for each in assessments(unit)] == [number_of]


def test_the_numbers_of_the_paper_are_those_of_the_sheet(story, staff, half):
    number_of, _ = half
    to_publicity(story, staff, number_of)
    [posted] = story.all(Notice, kind="publicity")
    letter = read_letter(posted.letter)
    sheet = read_sheet(assessment(story, number_of).sheet)
    summary = letter.sections[0].tables[0]
    assert [row[1] for row in summary.rows] == [row.name for row in sheet.rows]
    assert [row[-3] for row in summary.rows] == [row.total for row in sheet.rows]
    [table] = [each.table for each in letter.annexes if each.name == "评分表"]
    assert [row[2:-1] for row in table.rows] == [tuple(line.score for line in row.lines) for row in sheet.rows]
    assert number(sheet.rows[0].total) is not None


def test_standings_are_written_once_the_result_is_agreed_and_not_before(story, staff, half):
    number_of, _ = half
    to_publicity(story, staff, number_of)
    assert story.all(Standing) == []
    set_target(story, "120101", 2026, "100")  # after the figures were frozen: changes nothing
    story.sweep(to=SCORED_ON + timedelta(days=15))
    act(story, staff.desk_leader, number_of, "final", final_agreed="true")
    rows = {each.organ_id: each for each in story.all(Standing)}
    assert rows[story.town["120101"]].place is None
    assert rows[story.town.binhai].place == 1

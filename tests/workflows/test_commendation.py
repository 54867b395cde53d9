"""奖励: a referrer filed before the signing, the candidates of a year, the 公示 with its objections, the decision to all."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from models.assessment import Assessment, Standing
from models.commendation import (
    CommendationYear,
    Nominee,
    NomineeObjection,
    add_nominee,
    decide_objection,
    file_objection,
    remove_nominee,
)
from models.delivery import Delivery
from models.duty import DUTIES, Period, next_opening
from models.notice import Notice
from models.process import Process, WorkItem
from models.project import Project
from models.referral import Referral, decide_referral
from models.refusal import Invalid, NotDue, NotFound, NotPermitted, Outdated
from notices.letters import read_letter
from tests.cast import hire
from tests.workflows.staff import hire_staff, put_money, set_target
from tests.workflows.story import APPROVE, RESERVE
from workflows.commendation import file_referral, open_year

AGREED = {"agreed": "true"}
REFERRAL = {
    "agent_name": "演示中介服务有限公司",
    "agent_uscc": "91120116MA06A1B23Y",
    "agent_contact": "陶然",
    "agent_phone": "13800001111",
    "agent_declares": "true",
    "referral_story": "引荐投资方来津考察两次",
}
PLACES = {"120116": ("96.5", 1), "120114": ("90", 2), "120115": ("88", 3), "120112": ("88", 3), "120111": ("70", 5)}


@pytest.fixture
def staff(story):
    return hire_staff(story)


def filed(story, project_id, by=None, **changes):
    posted = REFERRAL | {"referral_proof": [story.evidence(project_id)]} | changes
    with story.unit(by or story.town.li_ming) as unit:
        return file_referral(unit, project_id=project_id, posted=posted)


def signs(story, project_id, on):
    with story.unit() as unit:
        unit.session.get_one(Project, project_id).signed_on = on


def decided(story, referral_id, *, stands=True, reason="材料齐全"):
    with story.unit(story.town.zhao_qiang) as unit:
        decide_referral(unit, referral_id=referral_id, stands=stands, reason=reason)


def assessed(story, period="2026H2", places=PLACES, subject="district"):
    with story.unit() as unit:
        found = Assessment(period=period, subject=subject, opened_at=unit.now, final_at=unit.now, state="final")
        unit.session.add(found)
        unit.session.flush()
        unit.session.add_all(
            Standing(assessment_id=found.id, organ_id=story.town[code], total=Decimal(total), place=place)
            for code, (total, place) in places.items()
        )


def opened(story, year="2026"):
    with story.unit() as unit:
        open_year(unit, Period(year, date(int(year), 1, 1), unit.now), 0, 100)
    return story.all(CommendationYear)[-1]


def names(story, category=None):
    return [each.name for each in story.all(Nominee) if each.removed_at is None and category in (None, each.category)]


def ready(story, node):
    [found] = story.all(WorkItem, node=node, state="ready")
    return found


def reviewed(story):
    posted = {"objections_to": "市合作交流办综合处，022-12345678"}
    story.complete(story.town.zhao_qiang, ready(story, "review"), posted)


def published(story, staff):
    """The list as a 公示 that is out."""
    reviewed(story)
    story.complete(staff.desk_head, ready(story, "check"), AGREED)
    story.complete(staff.desk_leader, ready(story, "sign"), AGREED)
    story.sweep()


def objects(story, **changes):
    given = {"nominee_id": None, "raised_by": "某企业", "contact": "022-1", "content": "数字不实"} | changes
    with story.unit(story.town.li_ming) as unit:
        row = unit.session.get_one(CommendationYear, 1)
        return file_objection(unit, commendation_id=row.id, **given).id


def test_a_referrer_is_filed_with_its_moment_and_a_second_is_refused_naming_the_first(story):
    project_id = story.register(RESERVE)
    filed(story, project_id)
    [row] = story.all(Referral)
    assert (row.filed_at, row.filed_by, row.state, row.warning) == (story.clock.now(), "李明", "filed", "")
    with pytest.raises(Outdated) as told:
        filed(story, project_id, agent_name="另一中介")
    assert str(told.value) == "这个项目已由演示中介服务有限公司于2026-11-24备案，一个项目只备案一个引荐中介。"
    decided(story, row.id, stands=False, reason="没有引荐事实")
    filed(story, project_id, agent_name="另一中介")


def test_a_filing_after_the_signing_is_refused_and_one_before_a_planned_signing_is_not(story):
    project_id = story.register(RESERVE)
    signs(story, project_id, date(2026, 11, 24))
    with pytest.raises(NotDue) as told:
        filed(story, project_id)
    assert "项目已于2026-11-24签约" in str(told.value)
    signs(story, project_id, date(2026, 11, 25))
    filed(story, project_id)


def test_a_project_past_the_signing_takes_no_filing_though_its_ledger_lacks_the_day(story):
    project_id = story.register(APPROVE | {"signed_on": None})
    signs(story, project_id, None)
    with pytest.raises(NotDue) as told:
        filed(story, project_id)
    assert "项目已进入签约或以后的阶段" in str(told.value)


def test_a_filing_needs_the_declaration_its_proof_and_the_project_of_ones_own_district(story):
    project_id = story.register(RESERVE)
    for missing in ("agent_declares", "referral_proof"):
        with pytest.raises(Invalid) as told:
            filed(story, project_id, **{missing: ""})
        assert told.value.fields.keys() == {missing}
    with pytest.raises(Invalid):
        filed(story, project_id, agent_declares="false")
    with pytest.raises(NotFound):
        filed(story, project_id, by=story.town.wang_fang)
    assert story.all(Referral) == []


def test_whoever_decides_is_warned_of_a_contact_called_like_an_officer(story):
    project_id = story.register(RESERVE)
    number = filed(story, project_id, agent_contact="王芳")
    assert story.all(Referral)[0].warning == "联系人与本系统人员同名（武清区），请核实是否公职人员。"
    with pytest.raises(NotPermitted), story.unit(story.town.li_ming) as unit:
        decide_referral(unit, referral_id=number, stands=True, reason="自己认定")
    with pytest.raises(Invalid):
        decided(story, number, reason=" ")
    decided(story, number)
    with pytest.raises(NotDue):
        decided(story, number)


def test_a_filing_that_turns_out_later_than_the_signing_cannot_stand(story):
    number = filed(story, project_id := story.register(RESERVE))
    signs(story, project_id, date(2026, 11, 20))
    with pytest.raises(NotDue, match="备案晚于项目签约"):
        decided(story, number)
    decided(story, number, stands=False, reason="晚于签约")


def test_the_duty_opens_on_the_first_of_march_for_the_year_before():
    coming = next_opening(DUTIES["commendation"], datetime(2026, 11, 24, tzinfo=UTC))
    assert (coming.name, coming.opens_at) == ("2026", datetime(2027, 2, 28, 16, tzinfo=UTC))


def test_candidates_are_the_first_places_with_ties_and_referrers_with_recognised_money(story, staff):
    foreign = RESERVE | {"name": "演示外资项目", "capital_nature": "外资", "investor_uscc": "91120116MA06A1B23Y"}
    project_id, other = story.register(RESERVE), story.register(foreign)
    for each in (project_id, other):
        decided(story, filed(story, each))
        signs(story, each, date(2026, 12, 10))
    put_money(story, project_id, "5000", date(2026, 12, 15), kind="investment", standing="recognised")
    put_money(story, project_id, "-1000", date(2026, 12, 16), kind="investment", standing="reduced")
    put_money(story, project_id, "9000", date(2026, 12, 17), kind="investment")
    put_money(story, other, "100", date(2026, 12, 15), kind="fdi", currency="USD", standing="recognised")
    assessed(story, period="2026H1", places={"120111": ("99", 1)})
    assessed(story)
    row = opened(story)
    assert set(names(story, "district")) == {
        "滨海新区", "武清区", "津南区", "宝坻区",
    }  # fmt: skip
    first, second = [each for each in story.all(Nominee) if each.category == "agent"]
    assert (first.award, "认定完成投资4,000.00万元×0.7%＝28.00万元" in first.reason) == (Decimal(28), True)
    assert (second.award, "没有当日汇率" in second.reason) == (None, True)
    assert row.notes == ["2026年没有部门的终评结果，没有提出候选的部门"]
    assert {each.business_key for each in story.all(Process, key="commendation")} == {"commendation:2026"}


def test_a_referrer_whose_project_has_no_recognised_money_or_was_rewarded_is_no_candidate(story, staff):
    project_id = story.register(RESERVE)
    decided(story, filed(story, project_id))
    signs(story, project_id, date(2026, 12, 10))
    put_money(story, project_id, "5000", date(2026, 12, 15), kind="investment")
    opened(story)
    assert names(story) == []
    put_money(story, project_id, "5000", date(2027, 2, 15), kind="investment", standing="recognised")
    opened(story, "2027")
    assert names(story) == ["演示中介服务有限公司"]
    opened(story, "2028")
    assert len(names(story)) == 1


def test_the_list_is_edited_with_reasons_until_it_is_published(story, staff):
    assessed(story)
    row, desk = opened(story), story.town.zhao_qiang
    first = story.all(Nominee)[0]
    with pytest.raises(Invalid), story.unit(desk) as unit:
        remove_nominee(unit, nominee_id=first.id, reason="")
    with pytest.raises(NotPermitted), story.unit(story.town.li_ming) as unit:
        remove_nominee(unit, nominee_id=first.id, reason="无权")
    with story.unit(desk) as unit:
        remove_nominee(unit, nominee_id=first.id, reason="有弄虚作假")
        add_nominee(unit, commendation_id=row.id, organ_id=story.town["sw"], reason="外资工作突出")
    assert story.all(Nominee)[0].removed_why == "有弄虚作假"
    assert names(story, "department") == ["市商务局"]
    with pytest.raises(Invalid) as told, story.unit(desk) as unit:
        add_nominee(unit, commendation_id=row.id, organ_id=story.town["jw"], reason="长" * 301)
    assert told.value.fields == {"added_why": "最多300个字。"}, (
        "what the paper has no room for is not cut behind one's back"
    )
    reviewed(story)
    with pytest.raises(NotDue), story.unit(desk) as unit:
        add_nominee(unit, commendation_id=row.id, organ_id=story.town["jw"], reason="迟了")


def test_awards_of_a_year_whose_targets_are_made_up_are_marked(story, staff):
    assessed(story)
    assert not opened(story).demo
    set_target(story, "120116", 2027, "5000")
    assert opened(story, "2027").demo


def test_an_empty_list_is_not_published(story, staff):
    opened(story)
    with pytest.raises(NotDue):
        reviewed(story)


def test_a_publication_is_open_for_five_working_days_counted_from_its_issue(story, staff):
    assessed(story)
    opened(story)
    reviewed(story)
    story.clock.move(by=timedelta(days=2))
    story.complete(staff.desk_head, ready(story, "check"), AGREED)
    story.complete(staff.desk_leader, ready(story, "sign"), AGREED)
    story.sweep()
    [paper] = story.all(Notice, kind="publicity")
    letter = read_letter(paper.letter)
    assert (letter.date, letter.until) == (date(2026, 11, 26), date(2026, 12, 3))
    assert letter.sections[0].tables[0].rows[0] == ("滨海新区", "2026年下半年考核96.50分，列第1位")
    assert story.all(CommendationYear)[0].publicity_until == date(2026, 12, 3)


def test_an_objection_in_time_is_decided_and_a_late_one_is_filed_and_refused(story, staff):
    assessed(story)
    row = opened(story)
    with pytest.raises(NotDue):
        objects(story)
    published(story, staff)
    wuqing = next(each for each in story.all(Nominee) if each.name == "武清区")
    upheld, dismissed = objects(story, nominee_id=wuqing.id), objects(story, content="不服")
    story.sweep(to=datetime(2026, 12, 1, 15, tzinfo=UTC))
    assert not story.all(WorkItem, node="settle"), "the last day is not over"
    story.sweep(to=datetime(2026, 12, 2, 1, tzinfo=UTC))
    late = objects(story)
    found = {each.id: each for each in story.all(NomineeObjection)}
    assert found[late].decision == "late"
    assert found[late].decided_why == "公示期至2026-12-01，2026-12-02提出，逾期不受理。"
    with pytest.raises(Invalid) as told:
        story.complete(story.town.zhao_qiang, ready(story, "settle"), {"list_final": "true"})
    assert told.value.fields == {"list_final": "还有2件异议没有决定。"}
    with story.unit(story.town.zhao_qiang) as unit:
        decide_objection(unit, objection_id=upheld, upheld=True, reason="核减后位次下降")
        decide_objection(unit, objection_id=dismissed, upheld=False, reason="数字经核查无误")
    with pytest.raises(NotDue), story.unit(story.town.zhao_qiang) as unit:
        decide_objection(unit, objection_id=late, upheld=True, reason="补救")
    story.complete(story.town.zhao_qiang, ready(story, "settle"), {"list_final": "true"})
    assert "武清区" not in names(story)
    assert row.id == story.all(CommendationYear)[0].id


def test_the_decision_comes_from_the_general_office_and_goes_to_everybody(story, staff):
    assessed(story)
    opened(story)
    published(story, staff)
    story.sweep(to=datetime(2026, 12, 2, 1, tzinfo=UTC))
    story.complete(story.town.zhao_qiang, ready(story, "settle"), {"list_final": "true"})
    with story.unit() as unit:
        signer = hire(unit, "签发人", "leader", story.town["zfbgt"])
    story.complete(staff.city_head, ready(story, "check"), AGREED)
    story.complete(signer, ready(story, "sign"), AGREED)
    story.sweep()
    [paper] = story.all(Notice, kind="commendation")
    letter = read_letter(paper.letter)
    assert (paper.organ_id, letter.title) == (story.town["zfbgt"], "关于表彰2026年度招商引资先进单位的决定")
    assert [row[0] for row in letter.sections[0].tables[0].rows][:2] == ["滨海新区", "武清区"]
    told = {each.organ_id for each in story.all(Delivery, notice_id=paper.id)}
    assert {story.town.binhai, story.town["sw"]} <= told
    assert (story.all(CommendationYear)[0].state, story.all(CommendationYear)[0].notice_id) == ("closed", paper.id)
    assert {each.status for each in story.all(Process, key="commendation")} == {"done"}

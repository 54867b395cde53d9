"""整改: notice → receipt → plan → report with evidence → review by a stranger → 销号, or a new round."""

from datetime import timedelta

import pytest

from models.notice import Notice
from models.officer import grant_role
from models.rectification import Finding, Rectification, Round
from models.refusal import Invalid, NotPermitted
from models.supervision import Supervision
from tests.cast import hire
from tests.workflows.story import APPROVE

RECEIPT = {"signed_by": "李明", "responsible": "陈静", "contact": "022-65370000"}
PLAN = {"measures": "加快报审，倒排工期", "responsible": "陈静", "finish_on": "2027-01-15"}
REPORT = {"result_1": "已取得许可并开工", "responsible": "陈静"}
FACTS = {"actual_start_on": "2026-12-05", "in_stat_on": "2026-12-08"}


@pytest.fixture
def rectifying(story):
    """A project whose 整改通知书 was signed on 10 December 2026."""
    project_id = story.register(APPROVE | {"plan_start_on": "2026-07-15"})
    story.sweep()
    for node in ("sign_l2", "sign_l3"):
        story.sweep(by=timedelta(days=8))
        story.do(story.town.zhao_qiang, project_id, node, {})
    return project_id


def to_review(story, project_id, **facts):
    story.do(story.town.li_ming, project_id, "receipt", RECEIPT)
    story.do(story.town.li_ming, project_id, "plan", PLAN)
    story.do(story.town.li_ming, project_id, "report", REPORT | {"evidence_1": [story.evidence(project_id)]} | facts)


def test_the_notice_names_each_finding_with_its_basis_and_demand(story, rectifying):
    [finding] = story.all(Finding)
    notice = story.all(Notice)[-1]
    assert "开工" in finding.fact
    assert "银川" in finding.basis
    assert finding.demand
    assert [f["number"] for f in notice.letter["findings"]] == [1]
    assert notice.letter["receipt_on"] == "2026-12-14"  # two working days


def test_signing_the_receipt_signs_for_the_notice(story, rectifying):
    story.do(story.town.li_ming, rectifying, "receipt", RECEIPT)
    notice = story.all(Notice)[-1]
    assert (notice.acknowledged_by_id, notice.acknowledged_at) == (story.town.li_ming.officer_id, story.clock.now())


def test_the_plans_date_is_the_reports_deadline(story, rectifying):
    story.do(story.town.li_ming, rectifying, "receipt", RECEIPT)
    with pytest.raises(Invalid):
        story.do(story.town.li_ming, rectifying, "plan", PLAN | {"finish_on": "2026-12-01"})
    story.do(story.town.li_ming, rectifying, "plan", PLAN)
    assert story.item(rectifying, "report").due_at.isoformat() == "2027-01-15T15:59:59+00:00"


def test_close_out_with_changed_facts_turns_the_light_and_ends_the_supervision(story, rectifying):
    to_review(story, rectifying, **FACTS)
    story.do(story.town.han_xue, rectifying, "review", {"passed_1": "true", "opinion": "属实"})
    story.sweep()
    [row], [supervision] = story.all(Rectification), story.all(Supervision)
    assert (row.closed_at, row.remark) == (story.clock.now(), None)
    assert supervision.outcome == "closed_out"
    assert story.project(rectifying).light == "green"
    [paper] = story.all(Notice, kind="rectification")
    assert paper.closed_at == story.clock.now()


def test_close_out_without_changed_facts_leaves_the_light_and_says_why(story, rectifying):
    to_review(story, rectifying)
    story.do(story.town.han_xue, rectifying, "review", {"passed_1": "true", "opinion": "措施已落实"})
    story.sweep()
    [row] = story.all(Rectification)
    assert story.project(rectifying).light == "red"
    assert row.remark.startswith("整改已销号，但项目的日期和数字没有变化，灯不转绿")


def test_the_rectifier_may_not_review_herself_even_with_the_reviewers_role(story, rectifying):
    to_review(story, rectifying, **FACTS)
    review = story.item(rectifying, "review")
    with pytest.raises(NotPermitted):
        story.complete(story.town.li_ming, review, {"passed_1": "true", "opinion": "我看行"})
    with story.unit() as unit:
        grant_role(unit, officer_id=story.town.li_ming.officer_id, role="supervisor", organ_id=story.town["fgw"])
        from models.officer import actor_for

        both = actor_for(unit.session, story.town.li_ming.officer_id, unit.today)
        colleague = hire(unit, "高洁", "supervisor", story.town["fgw"])
    with pytest.raises(NotPermitted, match="整改单位"):
        story.complete(both, review, {"passed_1": "true", "opinion": "我看行"})
    story.complete(colleague, review, {"passed_1": "true", "opinion": "属实"})


def test_a_report_must_answer_every_finding_with_evidence(story, rectifying):
    story.do(story.town.li_ming, rectifying, "receipt", RECEIPT)
    story.do(story.town.li_ming, rectifying, "plan", PLAN)
    with pytest.raises(Invalid) as refused:
        story.do(story.town.li_ming, rectifying, "report", {"result_1": "已开工", "responsible": "陈静"})
    assert set(refused.value.fields) == {"evidence_1"}


def test_a_report_with_a_date_to_come_is_refused_at_its_field(story, rectifying):
    story.do(story.town.li_ming, rectifying, "receipt", RECEIPT)
    story.do(story.town.li_ming, rectifying, "plan", PLAN)
    with pytest.raises(Invalid) as refused:
        story.do(
            story.town.li_ming,
            rectifying,
            "report",
            REPORT | {"evidence_1": [story.evidence(rectifying)], "actual_start_on": "2027-03-01"},
        )
    assert set(refused.value.fields) == {"actual_start_on"}


def test_a_failed_review_opens_a_new_round_with_a_new_date_and_the_same_number(story, rectifying):
    to_review(story, rectifying)
    with pytest.raises(Invalid) as refused:
        story.do(story.town.han_xue, rectifying, "review", {"passed_1": "false", "opinion": "现场未见施工"})
    assert set(refused.value.fields) == {"due_on"}
    story.do(
        story.town.han_xue,
        rectifying,
        "review",
        {"passed_1": "false", "opinion": "现场未见施工", "due_on": "2027-02-10"},
    )
    report = story.item(rectifying, "report")
    assert report.due_at.isoformat() == "2027-02-10T15:59:59+00:00"
    assert [(row.number, row.passed) for row in story.all(Round)] == [(1, False), (2, None)]
    assert len([n for n in story.all(Notice) if n.kind == "rectification"]) == 1
    story.do(story.town.li_ming, rectifying, "report", REPORT | {"evidence_1": [story.evidence(rectifying)]} | FACTS)
    story.do(story.town.han_xue, rectifying, "review", {"passed_1": "true", "opinion": "属实"})
    story.sweep()
    assert story.project(rectifying).light == "green"


def test_an_overdue_report_climbs_while_the_rectification_goes_on(story, rectifying):
    story.do(story.town.li_ming, rectifying, "receipt", RECEIPT)
    story.do(story.town.li_ming, rectifying, "plan", PLAN)
    story.sweep(by=timedelta(days=60))
    assert {"report", "arrange_talk"} <= {item.node for item in story.items(rectifying)}

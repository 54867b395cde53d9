"""整改 of what was found: a countersigned problem becomes a finding, and no supervision is needed on the way to 销号."""

from datetime import date, timedelta

import pytest

from engine.door import start_process
from models.message import Message
from models.notice import Notice
from models.organ import close_organ
from models.problem import Problem, problems_of, rectification_cases
from models.process import Process
from models.rectification import Finding, Rectification, Round
from models.supervision import Supervision
from notices.letters import read_letter
from tests.workflows.story import APPROVE, day
from tests.workflows.test_rectification import PLAN, RECEIPT, REPORT

PASSED = {"passed_1": "true", "opinion": "属实"}


def find(story, project_id, *, count=1, due_on=None, **changes):
    """So many countersigned problems of a project, as a quarterly inspection would leave them."""
    papers = [int(story.evidence(project_id))]
    with story.unit() as unit:
        for number in range(1, count + 1):
            values = {"fact": f"签约1年以上未开工（{number}）", "basis": "检查表第7项", "demand": "限期开工",
                      "evidence": papers, "due_on": due_on, "district_id": story.town.binhai} | changes  # fmt: skip
            unit.session.add(Problem(source="inspection", period="2026Q4", project_id=project_id, number=number,
                                     found_by="赵强", found_at=unit.now, countersigned_by="陈静",
                                     countersigned_at=unit.now, **values))  # fmt: skip


def order(story, **changes):
    """整改 of all problems of the quarter, ordered by the desk; returns the processes' numbers."""
    with story.unit() as unit:
        organs = {"reviewer_organ_id": story.town["fgw"], "desk_organ_id": story.town.hzjl} | changes
        cases = rectification_cases(unit, problems_of(unit.session, "inspection", "2026Q4"), signer="林海", **organs)
        return [start_process(unit, **case) for case in cases]


@pytest.fixture
def project_id(story):
    return story.register(APPROVE | {"plan_start_on": "2027-07-15"})


def test_a_problem_becomes_a_notice_with_its_fact_basis_demand_and_evidence(story, project_id):
    find(story, project_id)
    order(story)
    [finding], [paper], [row] = story.all(Finding), story.all(Notice), story.all(Rectification)
    assert (finding.fact, finding.basis, finding.demand) == ("签约1年以上未开工（1）", "检查表第7项", "限期开工")
    assert (row.supervision_id, row.notice_id) == (None, paper.id)
    assert [each.rectification_id for each in story.all(Problem)] == [row.id]
    letter = read_letter(paper.letter)
    assert [point.evidence for point in letter.points] == [("1（协议.pdf）",)]
    assert (letter.checked, letter.method[:4]) == ("2026年11月24日", "季度检查")
    assert (letter.signer, paper.to_organ_id, paper.organ_id) == ("林海", story.town.binhai, story.town.hzjl)


def test_it_runs_through_a_returned_round_to_close_out_without_any_supervision(story, project_id):
    find(story, project_id)
    order(story)
    story.do(story.town.li_ming, project_id, "receipt", RECEIPT)
    story.do(story.town.li_ming, project_id, "plan", PLAN)
    report = REPORT | {"evidence_1": [story.evidence(project_id)]}
    story.do(story.town.li_ming, project_id, "report", report)
    refused = {"passed_1": "false", "opinion": "现场未见施工", "due_on": "2027-02-10"}
    story.do(story.town.han_xue, project_id, "review", refused)
    story.do(story.town.li_ming, project_id, "report", report | {"actual_start_on": "2026-11-24"})
    story.do(story.town.han_xue, project_id, "review", PASSED)
    story.sweep()
    [row] = story.all(Rectification)
    assert row.closed_at == story.clock.now()
    assert [(each.number, each.passed) for each in story.all(Round)] == [(1, False), (2, True)]
    papers = story.all(Notice)
    assert [paper.kind for paper in papers] == ["rectification", "report", "report", "close_out"]
    assert read_letter(papers[0].letter).title == papers[0].title
    assert story.project(project_id).actual_start_on == date(2026, 11, 24)
    assert not story.all(Supervision)


def test_the_report_is_never_asked_for_before_the_problems_own_day(story, project_id):
    find(story, project_id, due_on=date(2027, 3, 31))
    order(story)
    [row], [paper] = story.all(Rectification), story.all(Notice)
    assert row.report_due_on == date(2027, 3, 31)
    assert paper.letter["due_on"] == "2027-03-31"


def test_a_day_earlier_than_the_limit_does_not_shorten_it(story, project_id):
    find(story, project_id, due_on=date(2026, 12, 1))
    order(story)
    [row] = story.all(Rectification)
    assert row.report_due_on > date(2026, 12, 1)


def test_more_than_five_problems_of_a_project_go_out_in_papers_of_five(story, project_id):
    find(story, project_id, count=12)
    assert len(order(story)) == 3
    assert [len(paper.letter["findings"]) for paper in story.all(Notice)] == [5, 5, 2]
    keys = [process.business_key for process in story.all(Process, key="rectification")]
    assert keys == [f"rectification:inspection:2026Q4:{project_id}{part}" for part in ("", ":2", ":3")]
    assert {each.number: each.rectification_id for each in story.all(Problem)} == {
        number: (number - 1) // 5 + 1 for number in range(1, 13)
    }


def test_what_is_overdue_is_told_to_the_desk_once_and_nothing_climbs(story, project_id):
    find(story, project_id)
    order(story)
    story.sweep(by=timedelta(days=7))
    story.sweep(by=timedelta(days=1))
    told = story.all(Message, text="整改逾期：%(name)s")
    assert [(each.officer_id, each.words) for each in told] == [(story.town.zhao_qiang.officer_id, "未签收回执")]
    assert story.item(project_id, "receipt")
    assert not story.all(Supervision)


def test_a_district_that_was_merged_is_answered_for_by_its_successor(story, project_id):
    with story.unit(story.town.admin) as unit:
        close_organ(unit, organ_id=story.town.binhai, last_day=day("2026-12-01"), successor_id=story.town.wuqing)
    find(story, project_id)
    story.sweep(to=story.clock.now() + timedelta(days=10))
    order(story)
    [row] = story.all(Rectification)
    assert row.rectifier_organ_id == story.town.wuqing


def test_nobody_is_made_to_review_his_own_rectification(story, project_id):
    find(story, project_id)
    with pytest.raises(ValueError, match="does not review"):
        order(story, reviewer_organ_id=story.town.binhai)

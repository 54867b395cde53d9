"""延期: asked before it is due, seen by the head, decided by the desk; the deadline moves with all that hangs on it, or not."""

from datetime import datetime, timedelta

import pytest

from engine.deadlines import announce_and_move
from engine.door import complete_item
from engine.postpone import FOLLOWERS, Postponed, follows_deadlines, postpone_item
from engine.verbs import claim_item, recall_item
from models.audit import AuditEntry
from models.clock import end_of_day, local_day
from models.extension import Extension
from models.message import Message
from models.notice import Notice
from models.process import Process, WorkItem
from models.rectification import Rectification, Round
from models.refusal import Invalid, NotDue, NotPermitted, Outdated
from tests.cast import hire
from tests.engine.test_races import race, refusals, winners
from tests.workflows.story import APPROVE, MAPS, day
from tests.workflows.test_rectification import PLAN, RECEIPT, REPORT
from workflows.coordination import request_coordination
from workflows.extension import request_extension
from workflows.project import return_stage

DUE = day("2027-01-15")  # the day of the plan: the report's deadline
LATER = day("2027-02-05")
WANTED = {"progress": "已报审，缺一份图审意见", "reason": "图审单位排期到月底", "due_on": LATER.isoformat()}
AGREED = {"agreed": "true", "opinion": "情况属实"}
GRANTED = {"granted": "true", "opinion": "抓紧办理"}


@pytest.fixture
def signing(story):
    """A project whose 整改通知书 of 10 December 2026 waits to be signed for."""
    found = story.register(APPROVE | {"plan_start_on": "2026-07-15"})
    story.sweep()
    for node in ("sign_l2", "sign_l3"):
        story.sweep(by=timedelta(days=8))
        story.do(story.town.zhao_qiang, found, node, {})
    return found


@pytest.fixture
def project_id(story, signing):
    """The same, waiting for the report, which is due on 15 January 2027."""
    story.do(story.town.li_ming, signing, "receipt", RECEIPT)
    story.do(story.town.li_ming, signing, "plan", PLAN)
    return signing


def item_of(story, project_id, node="report"):
    """The open task; the monthly review asks for a report too, from the 21st on."""
    return next(each for each in story.items(project_id) if each.node == node and each.form != "progress_review")


def ask(story, project_id, by=None, node="report", **other):
    with story.unit(by or story.town.li_ming) as unit:
        return request_extension(unit, item_id=item_of(story, project_id, node).id, posted=WANTED | other)


def decide(story, project_id, **decision):
    story.do(story.town.chen_jing, project_id, "opinion", AGREED)
    story.do(story.town.zhao_qiang, project_id, "decision", GRANTED | decision)


def moments(story, project_id):
    """Every place in which the report's deadline stands."""
    [row] = story.all(Rectification)
    process = story.process("rectification", project_id)
    round_ = story.all(Round)[-1]
    return (item_of(story, project_id).due_at, process.wakes_at, row.report_due_on, round_.due_on)


def at(on):
    return (end_of_day(on), end_of_day(on), on, on)


def climbed(story, project_id):
    return "arrange_talk" in {item.node for item in story.items(project_id)}


def told(story, officer, what):
    return [m for m in story.all(Message, officer_id=officer.officer_id) if m.text.startswith(what)]


def test_more_time_moves_the_item_its_timer_and_every_copy_so_that_it_climbs_at_the_new_date_only(story, project_id):
    assert moments(story, project_id) == at(DUE)
    ask(story, project_id)
    decide(story, project_id)
    assert moments(story, project_id) == at(LATER)
    story.sweep(to=end_of_day(DUE) + timedelta(hours=1))
    assert not climbed(story, project_id)
    story.sweep(to=end_of_day(LATER))
    story.sweep()
    assert climbed(story, project_id)


def test_without_it_the_report_climbs_at_the_old_date(story, project_id):
    story.sweep(to=end_of_day(DUE))
    story.sweep()
    assert climbed(story, project_id)


def test_the_paper_says_who_asked_what_and_each_opinion(story, project_id):
    ask(story, project_id)
    decide(story, project_id)
    rectified, paper = (story.all(Notice, kind=kind)[-1] for kind in ("rectification", "extension"))
    letter, project = paper.letter, story.project(project_id)
    assert (paper.organ_id, paper.to_organ_id, paper.about_id) == (story.town.hzjl, story.town.binhai, rectified.id)
    assert "延〔2026〕1号" in paper.number
    assert {name: letter[name] for name in ("date", "was_due_on", "due_on", "granted", "signer", "about_number")} == {
        "date": "2026-12-10", "was_due_on": "2027-01-15", "due_on": "2027-02-05", "granted": True, "signer": "赵强",
        "about_number": rectified.number,
    }  # fmt: skip
    assert (letter["project"], letter["project_no"], letter["demo"]) == (project.name, project.project_no, False)
    assert letter["matter"] == f"报送整改报告（{project.name}）"
    assert (letter["applicant"], letter["applicant_name"]) == ("滨海新区", "李明")
    assert (letter["progress"], letter["reason"]) == (WANTED["progress"], WANTED["reason"])
    assert letter["opinions"] == [
        {"organ": "滨海新区", "name": "陈静", "role_title": "单位负责人", "opinion": "同意。情况属实", "on": "2026-12-10"},
        {"organ": letter["opinions"][1]["organ"], "name": "赵强", "role_title": "督办人员", "opinion": "准予延期。抓紧办理",
         "on": "2026-12-10"},
    ]  # fmt: skip
    [row] = story.all(Extension)
    assert (row.outcome, row.due_on, row.notice_id) == ("granted", LATER, paper.id)


def test_the_desk_may_set_another_day_but_none_that_nobody_could_ask_for(story, project_id):
    ask(story, project_id)
    with pytest.raises(Invalid) as refused:
        decide(story, project_id, due_on="2027-06-01")
    assert set(refused.value.fields) == {"due_on"}
    story.do(story.town.zhao_qiang, project_id, "decision", GRANTED | {"due_on": "2027-01-22"})
    assert moments(story, project_id) == at(day("2027-01-22"))


def test_what_is_refused_leaves_everything_as_it_was_and_says_why(story, project_id):
    ask(story, project_id)
    decide(story, project_id, granted="false", opinion="理由不充分")
    assert moments(story, project_id) == at(DUE)
    letter = story.all(Notice, kind="extension")[-1].letter
    assert (letter["granted"], letter["due_on"], letter["opinions"][-1]["opinion"]) == (
        False, "2027-02-05", "不予延期。理由不充分",
    )  # fmt: skip
    story.sweep()
    assert [m.words for m in told(story, story.town.li_ming, "未准延期")] == ["不予延期。理由不充分"]


def test_a_head_who_does_not_agree_ends_it_and_no_paper_is_issued(story, project_id):
    ask(story, project_id)
    story.do(story.town.chen_jing, project_id, "opinion", {"agreed": "false", "opinion": "能按期办完"})
    story.sweep()
    [row] = story.all(Extension)
    assert (row.outcome, moments(story, project_id)) == ("declined", at(DUE))
    assert story.all(Notice, kind="extension") == []
    assert [m.words for m in told(story, story.town.li_ming, "未准延期")] == ["不同意。能按期办完"]


@pytest.mark.parametrize(
    ("due_on", "words"),
    [
        ("2027-01-15", "要晚于现在的期限"),
        ("2027-01-10", "要晚于现在的期限"),
        ("2027-01-17", "不是工作日"),  # a Sunday
        ("2027-03-10", "超过了一次延期的上限"),
    ],
)
def test_a_day_that_cannot_be_is_refused_at_its_field(story, project_id, due_on, words):
    with pytest.raises(Invalid) as refused:
        ask(story, project_id, due_on=due_on)
    assert words in refused.value.fields["due_on"]
    assert story.all(Extension) == []


def test_without_progress_or_reason_nothing_is_asked(story, project_id):
    with pytest.raises(Invalid) as refused:
        ask(story, project_id, progress=" ", reason="")
    assert set(refused.value.fields) == {"progress", "reason"}


def test_a_second_before_it_is_due_is_in_time_and_the_moment_itself_is_too_late(story, project_id):
    story.clock.move(to=end_of_day(DUE))
    with pytest.raises(NotDue, match="已过期限"):
        ask(story, project_id)
    story.clock.move(by=timedelta(seconds=-1))
    ask(story, project_id)


def test_one_request_at_a_time(story, project_id):
    ask(story, project_id)
    with pytest.raises(NotDue, match="已有一件延期申请"):
        ask(story, project_id)
    assert len(story.all(Extension)) == 1


def test_twice_at_most(story, project_id):
    for due_on in ("2027-01-22", "2027-01-29"):
        ask(story, project_id, due_on=due_on)
        decide(story, project_id)
    with pytest.raises(NotDue, match="已经延期两次"):
        ask(story, project_id)
    assert moments(story, project_id) == at(day("2027-01-29"))


def test_a_refused_request_does_not_count(story, project_id):
    for _time in range(2):
        ask(story, project_id)
        decide(story, project_id, granted="false")
    ask(story, project_id)
    assert len(story.all(Extension)) == 3


def test_only_those_ask_who_may_handle_the_item(story, project_id):
    with story.unit() as unit:
        colleague = hire(unit, "同事", "officer", story.town.binhai)
    for stranger in (story.town.wang_fang, story.town.zhao_qiang, story.town.sun_li):
        with pytest.raises(NotPermitted):
            ask(story, project_id, by=stranger)
    report = item_of(story, project_id)
    with story.unit(story.town.li_ming) as unit:
        claim_item(unit, item_id=report.id, version=report.version)
    with pytest.raises(NotPermitted, match="认领"):
        ask(story, project_id, by=colleague)
    ask(story, project_id)


def test_an_organ_without_a_head_is_told_so_at_once(story, project_id):
    with story.unit(story.town.li_ming) as unit:
        wanted = {"target_organ": story.town["rsj"], "kind": "人才", "subject": "协调", "body": "请办"}
        request_coordination(unit, project_id=project_id, posted=wanted)
    with pytest.raises(NotDue, match="还没有登记单位负责人"):
        ask(story, project_id, by=story.town.zhou_wei, node="accept", due_on="2026-12-18")


def test_the_requests_own_tasks_are_not_put_off(story, project_id):
    ask(story, project_id)
    with pytest.raises(NotDue, match="不能再延期"):
        ask(story, project_id, by=story.town.chen_jing, node="opinion")


def test_an_item_done_meanwhile_ends_the_request(story, project_id):
    ask(story, project_id)
    story.do(story.town.li_ming, project_id, "report", REPORT | {"evidence_1": [story.evidence(project_id)]})
    with pytest.raises(Outdated):  # before the worker has told the request
        story.do(story.town.chen_jing, project_id, "opinion", AGREED)
    story.sweep()
    [row] = story.all(Extension)
    assert (row.outcome, story.process("extension", project_id).status) == ("closed", "done")
    assert "opinion" not in {item.node for item in story.items(project_id)}
    assert len(told(story, story.town.li_ming, "延期申请已终止")) == 1


def test_an_item_cancelled_meanwhile_ends_the_request(story):
    project_id = story.register(APPROVE)
    plan = story.item(project_id, "approve_plan")
    ask(story, project_id, node="approve_plan", due_on=local_day(plan.due_at + timedelta(days=3)).isoformat())
    with story.unit(story.town.li_ming) as unit:
        return_stage(unit, project_id=project_id, answers={"reason": "资料有误"})
    story.sweep()
    assert story.all(Extension)[0].outcome == "closed"


def test_nobody_decides_in_time_and_it_ends_once(story, project_id):
    ask(story, project_id)
    story.do(story.town.chen_jing, project_id, "opinion", AGREED)
    story.clock.move(to=end_of_day(DUE))
    with pytest.raises(NotDue, match="到期未批"):  # though the clock has not come round yet
        story.do(story.town.zhao_qiang, project_id, "decision", GRANTED)
    for _time in range(3):
        story.sweep()
    [row] = story.all(Extension)
    assert (row.outcome, row.ended_at) == ("lapsed", story.clock.now())
    assert len(told(story, story.town.li_ming, "到期未批")) == 1
    assert climbed(story, project_id)
    assert item_of(story, project_id).watcher_id is None


def test_the_hands_have_their_days_but_none_beyond_the_present_date(story, project_id):
    ask(story, project_id)
    assert local_day(story.item(project_id, "opinion").due_at) == day("2026-12-11")
    story.clock.move(to=end_of_day(DUE) - timedelta(hours=2))
    story.do(story.town.chen_jing, project_id, "opinion", AGREED)
    assert story.item(project_id, "decision").due_at == end_of_day(DUE)


def test_a_calendar_announced_later_does_not_undo_it(story):
    project_id = story.register(APPROVE)
    plan = story.item(project_id, "approve_plan")
    ask(story, project_id, node="approve_plan", due_on="2026-12-10")
    decide(story, project_id)
    holiday = day("2026-12-07")
    with story.unit() as unit:
        moved = announce_and_move(unit, year=2026, days={holiday: (False, "试验")}, source="通知")
    assert plan.id not in {move.item_id for move in moved}
    assert story.item(project_id, "approve_plan").due_at == end_of_day(day("2026-12-10"))


def test_who_holds_it_is_reminded_anew_before_the_new_date(story, project_id):
    story.sweep(to=datetime.fromisoformat("2027-01-14T01:00:00+00:00"))
    ask(story, project_id)
    decide(story, project_id)
    story.sweep(to=datetime.fromisoformat("2027-02-04T01:00:00+00:00"))
    report = item_of(story, project_id).id
    assert len([m for m in told(story, story.town.li_ming, "即将到期") if m.work_item_id == report]) == 2


def test_what_came_before_cannot_be_recalled_once_more_time_is_asked(story, signing):
    li_ming = story.town.li_ming
    for asked in (False, True):
        receipt = story.do(li_ming, signing, "receipt", RECEIPT).item_id
        if asked:
            ask(story, signing, node="plan", due_on="2026-12-28")
            with pytest.raises(Outdated), story.unit(li_ming) as unit:
                recall_item(unit, item_id=receipt)
        else:
            with story.unit(li_ming) as unit:
                recall_item(unit, item_id=receipt)


def test_an_answer_typed_before_the_date_moved_is_still_taken(story, project_id):
    report = item_of(story, project_id)
    ask(story, project_id)
    decide(story, project_id)
    evidence = [story.evidence(project_id)]
    with story.unit(story.town.li_ming) as unit:
        complete_item(unit, item_id=report.id, version=report.version, posted=REPORT | {"evidence_1": evidence})
    assert story.item(project_id, "review")


def test_the_history_tells_of_it(story, project_id):
    report = item_of(story, project_id).id
    ask(story, project_id)
    decide(story, project_id)
    acts = {line.act: line.detail for line in story.all(AuditEntry, kind="work_item", subject_id=report)}
    assert acts["item.deadline"] == {"before": "2027-01-15", "after": "2027-02-05"}
    assert acts["extension.ask"]["due_on"] == "2027-02-05"
    assert acts["extension.end"] == {"outcome": "granted", "reason": "2027-02-05"}


def test_a_deadline_is_never_moved_backwards_nor_that_of_a_closed_item(story, project_id):
    report = item_of(story, project_id)
    with pytest.raises(NotDue), story.unit() as unit:
        postpone_item(unit, item_id=report.id, due_at=end_of_day(DUE))
    plan = next(item for item in story.items(project_id, "done") if item.node == "plan")
    with pytest.raises(Outdated), story.unit() as unit:
        postpone_item(unit, item_id=plan.id, due_at=end_of_day(LATER))


def test_only_mechanisms_with_a_map_follow_deadlines_and_each_once(story):
    assert set(FOLLOWERS) <= {path.stem for path in MAPS.glob("*.bpmn")}

    def other(_unit, _moved: Postponed) -> None:
        raise AssertionError

    with pytest.raises(ValueError, match="two follow"):
        follows_deadlines("rectification")(other)


def test_items_of_other_projects_keep_their_deadlines(story, project_id):
    other = story.register(APPROVE | {"name": "邻近项目"})
    before = {item.id: item.due_at for item in story.all(WorkItem, project_id=other)}
    ask(story, project_id)
    decide(story, project_id)
    assert {item.id: item.due_at for item in story.all(WorkItem, project_id=other)} == before


def test_many_hands_ask_at_once_and_one_request_begins(story, project_id):
    report = item_of(story, project_id).id

    def hand(_number, _place):
        with story.unit(story.town.li_ming) as unit:
            return request_extension(unit, item_id=report, posted=WANTED)

    [row] = race([hand] * 5, 1)
    assert (len(winners(row)), len(refusals(row)), len(story.all(Extension))) == (1, 4, 1)


def test_it_is_granted_and_done_at_the_same_moment_and_neither_breaks_the_other(story):
    rounds = 4
    projects = [story.register(APPROVE | {"name": f"项目{number}"}) for number in range(rounds)]
    plans = [item_of(story, each, "approve_plan") for each in projects]
    for each in projects:
        ask(story, each, node="approve_plan", due_on="2026-12-10")
        story.do(story.town.chen_jing, each, "opinion", AGREED)
    decisions = [item_of(story, each, "decision") for each in projects]
    planned = {"plan": "按周推进", "plan_on": "2027-03-01"}
    race(
        [
            lambda number, _place: story.complete(story.town.zhao_qiang, decisions[number], GRANTED),
            lambda number, _place: story.complete(story.town.li_ming, plans[number], planned),
        ],
        rounds,
    )
    story.sweep()
    assert {item.state for item in story.all(WorkItem, node="approve_plan")} == {"done"}
    papers = {paper.project_id for paper in story.all(Notice, kind="extension")}
    for row in story.all(Extension):
        assert row.outcome == ("granted" if row.project_id in papers else "closed")
    assert {process.status for process in story.all(Process, key="extension")} == {"done"}

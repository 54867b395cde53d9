"""A project stalls, turns red and climbs: each rung once, ended by green before L3, by 销号 after it."""

from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from models.clock import SHANGHAI
from models.notice import Notice
from models.project import update_project
from models.refusal import Invalid, NotDue, NotPermitted
from models.supervision import Rung, Supervision
from tests.workflows.story import APPROVE, SIGN, TALK
from workflows.supervision import raise_rung, start_supervision

LATE = APPROVE | {"plan_start_on": "2026-07-15"}  # four months late on 24 November: red


def local(moment):
    return moment.astimezone(SHANGHAI).strftime("%m-%d %H:%M")


def correct(story, project_id, **facts):
    """The owner puts facts right in the ledger."""
    with story.unit(story.town.li_ming) as unit:
        update_project(unit, project_id, version=story.project(project_id).version, values=facts)


@pytest.fixture
def stalled(story):
    project_id = story.register(LATE)
    story.sweep()
    return project_id


def rungs(story):
    return [rung.number for rung in story.all(Rung)]


def climb_to_l3(story, project_id):
    """Nobody acts: the reminder and the notice run out, the supervisor signs."""
    story.sweep(by=timedelta(days=8))
    story.do(story.town.zhao_qiang, project_id, "sign_l2", {})
    story.sweep(by=timedelta(days=8))
    story.do(story.town.zhao_qiang, project_id, "sign_l3", {})


def test_a_red_light_sends_a_numbered_reminder_to_whoever_owns_the_project(story, stalled):
    [supervision] = story.all(Supervision)
    [notice] = story.all(Notice)
    assert story.project(stalled).light == "red"
    assert (supervision.blocker_organ_id, supervision.rung) == (story.town.binhai, 1)
    assert (notice.number, notice.kind, notice.to_organ_id) == ("津合作提〔2026〕1号", "reminder", story.town.binhai)
    assert "应开工未开工" in "".join(notice.letter["facts"])
    assert local(story.process("supervision", stalled).wakes_at) == "12-01 23:59"


def test_a_department_that_is_overdue_is_the_one_addressed(story):
    project_id = story.register(LATE | {"plan_start_on": "2026-09-15"})  # two months late: yellow
    story.do(
        story.town.li_ming,
        project_id,
        "approve_plan",
        {"plan": "报审", "plan_on": "2027-03-01", "departments": [story.town["rsj"]], "needs": "人才公寓"},
    )
    story.sweep(by=timedelta(days=25))  # 19 December: three months late, the department two weeks
    [supervision] = story.all(Supervision)
    assert supervision.blocker_organ_id == story.town["rsj"]


def test_a_yellow_light_reminds_the_owner_and_never_climbs(story):
    from models.message import Message

    project_id = story.register(LATE | {"plan_start_on": "2026-10-15"})
    story.sweep(by=timedelta(days=10))
    assert (story.project(project_id).light, story.all(Supervision)) == ("yellow", [])
    told = [message.officer_id for message in story.all(Message) if message.project_id == project_id]
    assert told == [story.town.li_ming.officer_id]


def test_nothing_climbs_before_the_reminder_has_run_out(story, stalled):
    story.sweep(to=story.process("supervision", stalled).wakes_at - timedelta(seconds=1))
    assert [item.node for item in story.items(stalled)] == ["approve_plan"]
    story.sweep(by=timedelta(seconds=1))
    assert story.item(stalled, "sign_l2").organ_id == story.town.hzjl


def test_the_ladder_climbs_with_one_signature_each_and_each_rung_once(story, stalled):
    climb_to_l3(story, stalled)
    assert rungs(story) == [1, 2, 3]
    assert [notice.number for notice in story.all(Notice)] == [
        "津合作提〔2026〕1号",
        "津合作督〔2026〕1号",
        "津合作改〔2026〕1号",
    ]
    assert story.item(stalled, "receipt").organ_id == story.town.binhai
    story.sweep()
    assert rungs(story) == [1, 2, 3]


def test_only_the_supervision_desk_signs(story, stalled):
    story.sweep(by=timedelta(days=8))
    for other in (story.town.li_ming, story.town.han_xue, story.town.sun_li):
        with pytest.raises(NotPermitted):
            story.do(other, stalled, "sign_l2", {})


def test_green_before_l3_ends_the_ladder_as_written(story, stalled):
    story.sweep(by=timedelta(days=8))
    correct(story, stalled, actual_start_on="2026-11-30", in_stat_on="2026-12-01")
    story.sweep()
    [supervision] = story.all(Supervision)
    assert (story.project(stalled).light, supervision.outcome, supervision.rung) == ("green", "improved", 1)
    assert "sign_l2" in [item.node for item in story.items(stalled, "cancelled")]
    story.sweep(by=timedelta(days=60))
    assert rungs(story) == [1]


def test_green_after_l3_does_not_stop_the_rectification(story, stalled):
    climb_to_l3(story, stalled)
    correct(story, stalled, actual_start_on="2026-12-01", in_stat_on="2026-12-02")
    story.sweep()
    assert story.project(stalled).light == "green"
    assert story.all(Supervision)[0].ended_at is None
    assert story.item(stalled, "receipt")


def test_a_missed_receipt_climbs_to_the_talk_and_on_to_the_special_report(story, stalled):
    climb_to_l3(story, stalled)
    story.sweep(by=timedelta(days=5))
    story.do(
        story.town.zhao_qiang,
        stalled,
        "arrange_talk",
        TALK,
    )
    assert rungs(story) == [1, 2, 3, 4]
    called = story.all(Notice)[-1]
    assert (called.kind, called.to_organ_id, called.letter["due_on"]) == ("talk", story.town.binhai, "2026-12-24")
    story.do(
        story.town.zhao_qiang,
        stalled,
        "record_talk",
        {
            "held_on": story.clock.now().date().isoformat(),
            "place": "市政府第三会议室",
            "host": "分管副市长",
            "recorder": "赵强",
            "attendees": "滨海新区主要负责人",
            "issues": "三个月未开工",
            "statement": "尽快开工",
            "requirements": "月底前开工",
            "due_on": "2026-12-31",
            "evidence": [story.evidence(stalled)],
        },
    )
    story.sweep(by=timedelta(days=20))
    story.do(
        story.town.zhao_qiang,
        stalled,
        "write_report",
        {
            "addressee": "市长",
            "subject": "关于演示项目的专报",
            "situation": "仍未开工",
            "measures": "已约谈",
            "suggestion": "建议召开专题会议",
        },
    )
    [supervision] = story.all(Supervision)
    assert (rungs(story), supervision.outcome) == ([1, 2, 3, 4, 5], "reported")
    told = story.all(Notice)[-1]
    assert (told.kind, told.to_organ_id, told.title) == ("special_report", story.town["zfbgt"], "关于演示项目的专报")
    assert told.letter["to"] == "市长"
    story.sweep()
    assert story.all(Notice)[-1].delivered_at, "the report is printed and handed to the leaders' office"
    assert story.item(stalled, "receipt"), "the rectification goes on to 销号"


def test_a_talk_is_not_called_at_less_than_three_working_days_notice(story, stalled):
    climb_to_l3(story, stalled)
    story.sweep(by=timedelta(days=5))
    for held_on in ("2026-11-30", (story.clock.now() + timedelta(days=1)).date().isoformat()):
        with pytest.raises(Invalid) as refused:
            story.do(story.town.zhao_qiang, stalled, "arrange_talk", TALK | {"held_on": held_on})
        assert set(refused.value.fields) == {"held_on"}
    assert rungs(story) == [1, 2, 3]
    assert "talk" not in {notice.kind for notice in story.all(Notice)}, "no number is taken by what was refused"


def test_two_overdue_returns_climb_once(story, stalled):
    climb_to_l3(story, stalled)
    story.sweep(by=timedelta(days=4))
    story.do(story.town.li_ming, stalled, "receipt", {"signed_by": "李明", "responsible": "陈静", "contact": "022-1"})
    story.sweep(by=timedelta(days=30))
    assert [item.node for item in story.items(stalled)].count("arrange_talk") == 1


def test_the_same_rung_cannot_be_written_twice(story, stalled):
    [supervision] = story.all(Supervision)
    with pytest.raises(IntegrityError), story.unit() as unit:
        unit.session.add(Rung(supervision_id=supervision.id, number=1, at=story.clock.now(), by="系统"))


def test_a_supervisor_starts_and_raises_by_hand_with_a_reason(story):
    project_id = story.register(SIGN | {"plan_start_on": "2027-06-01"})
    story.sweep()
    with pytest.raises(NotPermitted), story.unit(story.town.li_ming) as unit:
        start_supervision(unit, project_id=project_id, reason="自己督办自己")
    with pytest.raises(Invalid), story.unit(story.town.zhao_qiang) as unit:
        start_supervision(unit, project_id=project_id, reason="  ")
    with story.unit(story.town.zhao_qiang) as unit:
        start_supervision(unit, project_id=project_id, reason="市领导批示关注")
    with pytest.raises(NotDue), story.unit(story.town.zhao_qiang) as unit:
        start_supervision(unit, project_id=project_id, reason="再来一次")
    assert story.all(Notice)[0].letter["facts"] == ["市领导批示关注"]
    with story.unit(story.town.zhao_qiang) as unit:
        raise_rung(unit, project_id=project_id, reason="市领导要求提级")
    assert story.item(project_id, "sign_l2")
    with pytest.raises(NotDue), story.unit(story.town.zhao_qiang) as unit:
        raise_rung(unit, project_id=project_id, reason="还要提")


def test_a_withdrawn_project_is_no_longer_supervised(story, stalled):
    from workflows.project import withdraw_project

    with story.unit(story.town.zhao_qiang) as unit:
        withdraw_project(unit, project_id=stalled, answers={"reason_kind": "投资方放弃", "reason": "来函终止"})
    story.sweep()
    assert story.all(Supervision)[0].outcome == "withdrawn"
    assert story.items(stalled) == []


def test_a_project_that_stalls_again_gets_a_new_supervision(story, stalled):
    correct(story, stalled, plan_start_on="2026-12-20")
    story.sweep()
    assert story.all(Supervision)[0].outcome == "improved"
    story.sweep(by=timedelta(days=130))
    assert [s.outcome for s in story.all(Supervision)] == ["improved", None]

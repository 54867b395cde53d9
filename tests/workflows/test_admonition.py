"""约谈: the list with its reasons, edited by hand and approved; a talk from its notice to the last commitment kept."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from engine.door import start_process
from models.admonition import Admonition, CalledUnit, Commitment
from models.admonition_list import add_unit, remove_unit
from models.assessment import Assessment, Standing
from models.attachment import keep_file, store_attachment
from models.duty import period_zh
from models.matter import matter_of
from models.notice import Notice
from models.organ import close_organ
from models.process import Process, WorkItem
from models.refusal import Invalid, NotDue, NotPermitted
from notices.letters import read_letter
from tests.workflows.staff import hire_staff, set_target
from tests.workflows.story import PAPER

AGREED = {"agreed": "true"}
SUMMONS = {
    "summons_on": "2026-12-07",
    "summons_time": "上午9时30分",
    "summons_place": "市政府第三会议室",
    "summons_papers": "原因分析、整改措施清单",
}
MINUTES = {
    "recorder_name": "曹雪",
    "talk_present": "区长",
    "talk_issues": "内资完成率80.0%",
    "talk_statement": "限期补上差距",
    "talk_demands": "逐个项目落实",
    "commitment_1": "二期到位资金2亿元",
    "commitment_owner_1": "区投资促进局",
    "commitment_due_1": "2026-12-31",
    "commitment_2": "新签约3个项目",
    "commitment_owner_2": "副区长",
    "commitment_due_2": "2027-01-29",
}
FIGURES = {  # 内资 done, target; 外资 done, target; combined score
    "120116": ("120000", "100000", "5000", "4000", "98.50"),
    "120114": ("80000", "100000", "4000", "4000", "85"),
    "120115": ("100000", "100000", "4000", "4000", "90"),
    "120112": ("100000", None, "4000", "4000", "88"),
    "120111": ("100000", "100000", "4000", "4000", "70"),
    "120113": ("100000", "100000", "4000", "4000", "60"),
}


@pytest.fixture
def staff(story):
    return hire_staff(story)


def assessed(story, figures=FIGURES, period="2026H1"):
    """A final assessment with these standings, and the talks it starts; returns the list's number."""
    set_target(story, "120114", 2026, "100000")
    with story.unit() as unit:
        found = Assessment(period=period, opened_at=unit.now, final_at=unit.now, state="final")
        unit.session.add(found)
        unit.session.flush()
        for code, given in figures.items():
            done, target, foreign, foreign_target, combined = (None if x is None else Decimal(x) for x in given)
            unit.session.add(
                Standing(assessment_id=found.id, organ_id=story.town[code], combined=combined, domestic_done=done,
                         domestic_target=target, foreign_done=foreign, foreign_target=foreign_target)
            )  # fmt: skip
        assessment_id = found.id
    with story.unit() as unit:
        start_process(
            unit, key="admonition", title=f"{period_zh(period)}约谈名单", organ_id=story.town.hzjl,
            district_id=story.town.hzjl, business_key=f"admonition:{period}",
            data={"assessment": assessment_id, "desk_organ": story.town.hzjl},
        )  # fmt: skip
    return story.all(Admonition)[0].id


def on_list(story, called=True):
    town = {number: code for code, number in story.town.organs.items()}
    return {town[each.organ_id]: each for each in story.all(CalledUnit) if (each.removed_at is None) is called}


def ready(story, node, organ=None):
    found = [each for each in story.all(WorkItem, node=node, state="ready") if organ in (None, each.organ_id)]
    assert len(found) == 1, [each.node for each in story.all(WorkItem, state="ready")]
    return found[0]


def scan(story, actor):
    kept = keep_file(story.house.settings.archive_dir, "记录.pdf", PAPER)
    with story.unit(actor) as unit:
        return str(store_attachment(unit, kept, project_id=None))


def approve(story, staff):
    story.complete(story.town.zhao_qiang, ready(story, "review"), {"list_checked": "true"})
    story.complete(staff.city_head, ready(story, "approve"), {"listed": "true"})


def only_wuqing(story, staff):
    """A list of one unit, approved: its talk is to be arranged."""
    figures = FIGURES | {"120112": ("100000", "100000", "4000", "4000", "88")}
    number = assessed(story, {**figures, "120110": ("1", "1", "1", "1", "50"), "120117": ("1", "1", "1", "1", "40")})
    for code, each in on_list(story).items():
        if code != "120114":
            with story.unit(story.town.zhao_qiang) as unit:
                remove_unit(unit, unit_id=each.id, reason="只约谈未完成目标的区")
    approve(story, staff)
    return number


def issue_summons(story, staff, **changes):
    story.complete(staff.city_officer, ready(story, "arrange"), SUMMONS | changes)
    story.complete(staff.city_head, ready(story, "check"), AGREED)
    story.complete(story.town.sun_li, ready(story, "sign"), AGREED)
    story.sweep()


def talked(story, staff, **changes):
    issue_summons(story, staff)
    story.sweep(to=datetime(2026, 12, 7, 7, tzinfo=UTC))
    posted = MINUTES | {"signed_record": [scan(story, staff.city_officer)]} | changes
    story.complete(staff.city_officer, ready(story, "record"), posted)


def keep(story, number):
    """The unit reports the commitment of this number."""
    line = next(each for each in story.all(Commitment) if each.number == number)
    [item] = story.all(WorkItem, process_id=line.process_id, state="ready")
    posted = {"commitment_result": f"第{number}项已办", "commitment_proof": [scan(story, story.town.wang_fang)]}
    story.complete(story.town.wang_fang, item, posted)
    story.sweep()


def test_the_list_has_its_reasons_in_words_and_figures_and_a_missing_target_is_a_footnote(story, staff):
    number = assessed(story)
    units = on_list(story)
    assert units.keys() == {"120114", "120111", "120113"}
    assert units["120114"].reasons == [
        "内资完成80,000.00万元，为目标100,000.00万元的80.0%，少20,000.00万元",
        "内外资综合得分85.00分，列第4位，为后三位",
    ]
    assert units["120113"].reasons == ["内外资综合得分60.00分，列第6位，为后三位"]
    [row] = story.all(Admonition)
    assert (row.id, row.period, row.demo) == (number, "2026H1", True)
    assert row.notes == [["津南区", "没有下达内资目标，不作为约谈事由"]]


def test_a_unit_comes_off_or_onto_the_list_only_with_a_reason_that_stays_on_it(story, staff):
    number = assessed(story)
    unit_id, desk = on_list(story)["120113"].id, story.town.zhao_qiang
    with pytest.raises(Invalid) as told, story.unit(desk) as unit:
        remove_unit(unit, unit_id=unit_id, reason="  ")
    assert told.value.fields == {"removed_why": "请写明理由。"}
    with pytest.raises(NotPermitted), story.unit(story.town.wang_fang) as unit:
        remove_unit(unit, unit_id=unit_id, reason="无权")
    with story.unit(desk) as unit:
        remove_unit(unit, unit_id=unit_id, reason="市政府另行约谈")
    with story.unit(desk) as unit:
        add_unit(unit, admonition_id=number, organ_id=story.town["120115"], reason="弄虚作假")
    with pytest.raises(Invalid, match="填写有误"), story.unit(desk) as unit:
        add_unit(unit, admonition_id=number, organ_id=story.town["120115"], reason="再来一次")
    off = on_list(story, called=False)["120113"]
    assert (off.removed_by, off.removed_why) == ("赵强", "市政府另行约谈")
    added = on_list(story)["120115"]
    assert (added.added_by, added.reasons) == ("赵强", ["弄虚作假"])
    assert added.figures[0] == ["实际利用内资（万元）", "100,000.00", "100,000.00", "100.0%"]


def test_a_list_sent_back_is_edited_again_and_an_approved_one_is_not(story, staff):
    number, desk = assessed(story), story.town.zhao_qiang
    story.complete(desk, ready(story, "review"), {"list_checked": "true"})
    with pytest.raises(NotDue), story.unit(desk) as unit:
        remove_unit(unit, unit_id=on_list(story)["120113"].id, reason="迟了")
    with pytest.raises(Invalid):
        story.complete(staff.city_head, ready(story, "approve"), {"listed": "false"})
    story.complete(staff.city_head, ready(story, "approve"), {"listed": "false", "list_opinion": "红桥区是否漏列"})
    with story.unit(desk) as unit:
        remove_unit(unit, unit_id=on_list(story)["120113"].id, reason="已整改")
    approve(story, staff)
    [row] = story.all(Admonition)
    assert (row.id, row.state, row.approved_by) == (number, "approved", "袁野")
    keys = {each.business_key for each in story.all(Process, key="admonition_unit")}
    assert keys == {f"admonition:2026H1:{story.town[code]}" for code in ("120114", "120111")}


def test_a_talk_less_than_three_working_days_ahead_is_refused_and_the_earliest_day_named(story, staff):
    only_wuqing(story, staff)
    with pytest.raises(Invalid) as told:
        story.complete(staff.city_officer, ready(story, "arrange"), SUMMONS | {"summons_on": "2026-11-26"})
    assert told.value.fields == {"summons_on": "约谈至少提前3个工作日通知，最早可定在2026-11-27。"}
    story.complete(staff.city_officer, ready(story, "arrange"), SUMMONS | {"summons_on": "2026-11-27"})


def test_a_notice_signed_too_late_for_its_day_goes_back_and_gets_another(story, staff):
    only_wuqing(story, staff)
    story.complete(staff.city_officer, ready(story, "arrange"), SUMMONS | {"summons_on": "2026-11-27"})
    story.complete(staff.city_head, ready(story, "check"), AGREED)
    story.clock.move(by=timedelta(days=1))
    with pytest.raises(Invalid) as told:
        story.complete(story.town.sun_li, ready(story, "sign"), AGREED)
    assert "最早可定在2026-11-30" in told.value.fields["agreed"]
    story.complete(story.town.sun_li, ready(story, "sign"), {"agreed": "false", "opinion": "改期"})
    story.complete(staff.city_officer, ready(story, "revise"), {"due_on": "2026-12-09", "note": "已改期"})
    story.complete(staff.city_head, ready(story, "check"), AGREED)
    story.complete(story.town.sun_li, ready(story, "sign"), AGREED)
    story.sweep()
    assert on_list(story)["120114"].held_on == date(2026, 12, 9)
    assert ready(story, "record").due_at > datetime(2026, 12, 11, 8, tzinfo=UTC)


def test_the_notice_has_the_reasons_the_leader_and_the_figures_and_comes_from_the_general_office(story, staff):
    only_wuqing(story, staff)
    issue_summons(story, staff)
    [paper] = story.all(Notice, kind="admonition")
    assert (paper.organ_id, paper.to_organ_id) == (story.town["zfbgt"], story.town.wuqing)
    assert paper.number == "津政办谈〔2026〕1号"
    letter = read_letter(paper.letter)
    assert letter.title == "关于2026年上半年招商引资考核的约谈通知书"
    assert (letter.host, letter.attendees, letter.signer) == ("市政府主要领导", "区政府主要负责人", "孙丽")
    assert letter.reasons[0].startswith("内资完成80,000.00万元")
    assert letter.figures.rows[0] == ("实际利用内资（万元）", "100,000.00", "80,000.00", "80.0%")
    assert letter.demo, "made-up targets make a made-up talk"


def test_a_talk_is_recorded_after_it_was_held_and_every_commitment_is_whole(story, staff):
    only_wuqing(story, staff)
    issue_summons(story, staff)
    record = MINUTES | {"signed_record": [scan(story, staff.city_officer)]}
    with pytest.raises(NotDue):
        story.complete(staff.city_officer, ready(story, "record"), record)
    story.sweep(to=datetime(2026, 12, 7, 7, tzinfo=UTC))
    wrong = record | {"commitment_owner_2": "", "commitment_due_1": "2026-12-07"}
    with pytest.raises(Invalid) as told:
        story.complete(staff.city_officer, ready(story, "record"), wrong)
    assert told.value.fields.keys() == {"commitment_owner_2", "commitment_due_1"}
    story.complete(staff.city_officer, ready(story, "record"), record)
    [paper] = story.all(Notice, kind="talk_record")
    letter = read_letter(paper.letter)
    assert (letter.held_on, letter.place, letter.about_number) == (
        date(2026, 12, 7), "市政府第三会议室", "津政办谈〔2026〕1号",
    )  # fmt: skip
    assert [(each.owner, each.due_on) for each in letter.commitments] == [
        ("区投资促进局", date(2026, 12, 31)), ("副区长", date(2027, 1, 29)),
    ]  # fmt: skip


def test_commitments_are_tasks_that_fall_overdue_and_what_was_not_kept_gets_another_round(story, staff):
    only_wuqing(story, staff)
    talked(story, staff)
    items = story.all(WorkItem, node="fulfil", state="ready")
    assert {each.organ_id for each in items} == {story.town.wuqing}
    story.sweep(to=datetime(2027, 1, 4, 1, tzinfo=UTC))
    assert [each.due_at < story.clock.now() for each in sorted(items, key=lambda each: each.due_at)] == [True, False]
    keep(story, 1)
    assert not story.all(WorkItem, node="recheck"), "one is still open"
    keep(story, 2)
    check = ready(story, "recheck")
    with pytest.raises(Invalid) as told:
        story.complete(story.town.zhao_qiang, check, {"kept_1": "true", "kept_2": "false"})
    assert told.value.fields.keys() == {"kept_due_2", "recheck_opinion"}
    verdict = {"kept_1": "true", "kept_2": "false", "kept_due_2": "2027-02-26", "recheck_opinion": "只签约1个"}
    story.complete(story.town.zhao_qiang, check, verdict)
    [again] = story.all(WorkItem, node="fulfil", state="ready")
    assert on_list(story)["120114"].round == 2
    assert again.due_at.date() == date(2027, 2, 26)
    keep(story, 2)
    last = ready(story, "recheck")
    with story.reading() as unit:
        asked = [each.slot for each in matter_of(unit.session, "admonition_unit", last.process_id) if each.slot]
    assert asked == [2], "what passed is not asked about again"
    story.complete(story.town.zhao_qiang, last, {"kept_2": "true"})
    assert on_list(story)["120114"].closed_at is not None
    assert {each.status for each in story.all(Process, key="admonition_unit")} == {"done"}


def test_a_unit_merged_since_is_called_as_its_successor_once_with_the_reasons_of_both(story, staff):
    with story.unit() as unit:
        close_organ(unit, organ_id=story.town["120113"], last_day=date(2026, 8, 31), successor_id=story.town["120111"])
    assessed(story)
    units = on_list(story)
    assert units.keys() == {"120114", "120111"}
    assert units["120111"].reasons == [
        "内外资综合得分70.00分，列第5位，为后三位", "原北辰区：内外资综合得分60.00分，列第6位，为后三位",
    ]  # fmt: skip
    assert len(units["120111"].figures) == 6


def test_nobody_called_is_a_list_too(story, staff):
    assessed(story, {"120116": (*FIGURES["120116"][:4], None)})
    approve(story, staff)
    assert story.all(CalledUnit) == []
    assert {each.status for each in story.all(Process)} == {"done"}

"""Officers at the door: who may, who was first, what happens next, and that nothing is half-done."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from engine.door import send_message, wake_process
from engine.operations import cancel_process, resume_process, suspend_process
from engine.verbs import (
    claim_item,
    recall_item,
    release_item,
    return_item,
    save_draft,
    transfer_item,
    urge_item,
)
from models.audit import AuditEntry
from models.calendar import seed_calendar
from models.process import WorkItem
from models.queue import Envelope
from models.refusal import Invalid, NotDue, NotFound, NotPermitted, Outdated
from models.unit import CLOCK, open_reading, open_unit
from tests.cast import hire, make_town
from tests.engine.desk import DONE, NOTE, Office


@pytest.fixture
def office(database, clock):
    with open_unit(database, CLOCK, clock.now()) as unit:
        seed_calendar(unit)
        return Office(database, clock, make_town(unit))


def names(items):
    return [item.name for item in items]


def test_the_lead_finishes_and_each_department_asked_gets_its_own_item_with_five_working_days(office):
    process_id = office.start()
    [lead] = office.items(process_id)
    done = office.complete(office.town.li_ming, lead)
    support = office.items(process_id)
    assert [item.organ_id for item in support] == office.departments
    assert {item.id for item in support} == set(done.opened)
    assert {item.due_at.isoformat() for item in support} == {"2026-12-01T15:59:59+00:00"}  # Tuesday + 5 working days


def test_after_the_last_department_the_lead_confirms_and_the_process_ends(office):
    process_id = office.start()
    office.lead(process_id)
    for item, officer in zip(office.items(process_id), (office.town.zhou_wei, office.town.wu_min), strict=True):
        office.complete(officer, item)
    [confirm] = office.items(process_id)
    assert confirm.name == "核对确认"
    office.complete(office.town.li_ming, confirm)
    ended = office.process(process_id)
    assert (ended.status, ended.ended_at, office.items(process_id)) == ("done", office.clock.now(), [])


def test_the_officer_beside_may_not_and_nothing_moves(office):
    process_id = office.start()
    [lead] = office.items(process_id)
    with pytest.raises(NotPermitted):
        office.complete(office.town.wang_fang, lead)
    with pytest.raises(NotPermitted):
        office.complete(office.town.zhao_qiang, lead)  # a supervisor of the whole city still does not do others' work
    assert office.items(process_id)[0].version == lead.version


def test_the_head_of_the_organ_may_stand_in_for_her_officers(office):
    process_id = office.start()
    [lead] = office.items(process_id)
    office.complete(office.town.chen_jing, lead)
    assert names(office.items(process_id)) == ["部门配套", "部门配套"]


def test_who_comes_second_is_told_who_was_first_and_when(office):
    process_id = office.start()
    [lead] = office.items(process_id)
    office.complete(office.town.li_ming, lead)
    with pytest.raises(Outdated) as refused:
        office.complete(office.town.chen_jing, lead)
    assert str(refused.value).startswith("此事项已被李明于11月24日 09:00办理")


def test_a_double_click_has_one_effect_and_the_same_answer(office):
    process_id = office.start()
    [lead] = office.items(process_id)
    first = office.complete(office.town.li_ming, lead, submit_id="click-1")
    second = office.complete(office.town.li_ming, lead, submit_id="click-1")
    assert (first.again, second.again, second.item_id) == (False, True, first.item_id)
    assert len(office.items(process_id)) == 2


def test_wrong_answers_are_refused_by_field_and_the_item_stays(office):
    process_id = office.start()
    [lead] = office.items(process_id)
    with pytest.raises(Invalid) as refused:
        office.complete(office.town.li_ming, lead, {"reason_kind": "天气", "extra": "x"})
    assert set(refused.value.fields) == {"reason_kind", "reason", "extra"}
    assert names(office.items(process_id)) == ["牵头部署"]


def test_an_item_that_does_not_exist_is_not_found(office):
    with pytest.raises(NotFound), office.unit(office.town.li_ming) as unit:
        claim_item(unit, item_id=4711, version=1)


def test_a_claimed_item_is_closed_to_others_until_it_is_released(office):
    process_id = office.start()
    [lead] = office.items(process_id)
    with office.unit() as unit:
        colleague = hire(unit, "高洁", "officer", office.town.binhai)
    with office.unit(office.town.li_ming) as unit:
        claim_item(unit, item_id=lead.id, version=lead.version)
    with pytest.raises(NotPermitted, match="李明"):
        office.complete(colleague, lead, version=lead.version + 1)
    with pytest.raises(NotPermitted), office.unit(colleague) as unit:
        release_item(unit, item_id=lead.id, version=lead.version + 1)
    with office.unit(office.town.li_ming) as unit:
        release_item(unit, item_id=lead.id, version=lead.version + 1)
    office.complete(colleague, office.items(process_id)[0])


def test_a_draft_is_kept_and_makes_no_page_stale(office):
    process_id = office.start()
    [lead] = office.items(process_id)
    with office.unit(office.town.li_ming) as unit:
        save_draft(unit, item_id=lead.id, draft={"reason": "写了一半"})
    [kept] = office.items(process_id)
    assert (kept.draft, kept.version) == ({"reason": "写了一半"}, lead.version)
    office.complete(office.town.li_ming, lead)


def test_transfer_goes_to_a_colleague_with_the_same_duty_only(office):
    process_id = office.start()
    [lead] = office.items(process_id)
    with office.unit() as unit:
        colleague = hire(unit, "高洁", "officer", office.town.binhai)
    with pytest.raises(Invalid, match="不能转给此人"), office.unit(office.town.li_ming) as unit:
        transfer_item(unit, item_id=lead.id, version=1, to_officer_id=office.town.wang_fang.officer_id, reason="出差")
    with pytest.raises(Invalid, match="原因"), office.unit(office.town.li_ming) as unit:
        transfer_item(unit, item_id=lead.id, version=1, to_officer_id=colleague.officer_id, reason=" ")
    with office.unit(office.town.li_ming) as unit:
        transfer_item(unit, item_id=lead.id, version=1, to_officer_id=colleague.officer_id, reason="出差")
    with pytest.raises(NotPermitted):
        office.complete(office.town.li_ming, lead, version=2)
    office.complete(colleague, office.items(process_id)[0])


def test_a_department_returns_its_item_to_the_lead_and_gets_it_back_completed(office):
    process_id = office.start()
    office.lead(process_id)
    mine, others = office.items(process_id)
    with office.unit(office.town.zhou_wei) as unit:
        return_item(unit, item_id=mine.id, version=mine.version, reason="请写明需要几套人才公寓")
    [returned] = [item for item in office.items(process_id) if item.id == mine.id]
    assert (returned.organ_id, returned.assignee_id) == (office.town.binhai, office.town.li_ming.officer_id)
    with pytest.raises(Invalid):
        office.complete(office.town.li_ming, returned, {"note": " "})
    office.complete(office.town.li_ming, returned, {"note": "需要20套"})
    home = next(item for item in office.items(process_id) if item.id == mine.id)
    assert (home.organ_id, home.role, home.assignee_id) == (office.departments[0], "officer", None)
    office.complete(office.town.zhou_wei, home)
    office.complete(office.town.wu_min, others)
    assert names(office.items(process_id)) == ["核对确认"]


def test_the_first_item_of_a_process_has_nobody_to_be_returned_to(office):
    process_id = office.start()
    [lead] = office.items(process_id)
    with pytest.raises(NotDue), office.unit(office.town.li_ming) as unit:
        return_item(unit, item_id=lead.id, version=lead.version, reason="不清楚")


def test_recall_takes_back_what_nobody_has_touched(office):
    process_id = office.start()
    [lead] = office.items(process_id)
    office.complete(office.town.li_ming, lead)
    with pytest.raises(NotPermitted), office.unit(office.town.chen_jing) as unit:
        recall_item(unit, item_id=lead.id)
    with office.unit(office.town.li_ming) as unit:
        recall_item(unit, item_id=lead.id)
    [again] = office.items(process_id)
    assert (again.id, again.draft) == (lead.id, NOTE)
    office.complete(office.town.li_ming, again)
    assert len(office.items(process_id)) == 2


def test_recall_is_refused_once_the_next_officer_has_begun(office):
    process_id = office.start()
    [lead] = office.items(process_id)
    office.complete(office.town.li_ming, lead)
    next_item = office.items(process_id)[0]
    with office.unit(office.town.zhou_wei) as unit:
        claim_item(unit, item_id=next_item.id, version=next_item.version)
    with pytest.raises(Outdated, match="认领"), office.unit(office.town.li_ming) as unit:
        recall_item(unit, item_id=lead.id)


def test_urging_is_for_those_above_and_once_a_day(office):
    process_id = office.start()
    [lead] = office.items(process_id)
    with pytest.raises(NotPermitted), office.unit(office.town.wang_fang) as unit:
        urge_item(unit, item_id=lead.id)
    with office.unit(office.town.zhao_qiang) as unit:
        urge_item(unit, item_id=lead.id, words="请本周内部署")
    with pytest.raises(NotDue, match="每天只催办一次"), office.unit(office.town.sun_li) as unit:
        urge_item(unit, item_id=lead.id)
    office.clock.move(by=timedelta(days=1))
    with office.unit(office.town.sun_li) as unit:
        urge_item(unit, item_id=lead.id)


def test_withdrawal_cancels_open_items_and_says_so_to_their_holders(office):
    process_id = office.start()
    office.lead(process_id)
    with office.unit() as unit:
        assert send_message(unit, message="withdraw", process_id=process_id)
    assert office.items(process_id) == []
    assert {item.note for item in office.items(process_id, "cancelled")} == {"流程已转入其他环节"}
    assert office.process(process_id).status == "done"
    with open_reading(office.database, CLOCK, office.clock.now()) as unit:
        kinds = unit.session.scalars(select(Envelope.key).where(Envelope.key.like("cancelled:%"))).all()
    assert len(kinds) == 1


def test_a_message_nobody_waits_for_changes_nothing(office):
    process_id = office.start()
    before = office.process(process_id).revision
    with office.unit() as unit:
        assert not send_message(unit, message="unknown", process_id=process_id)
    assert office.process(process_id).revision == before


def test_a_timer_fires_at_its_moment_and_once(office):
    process_id = office.start(late_at=office.clock.now() + timedelta(days=3))
    office.clock.move(by=timedelta(days=3) - timedelta(seconds=1))
    with office.unit() as unit:
        assert not wake_process(unit, process_id=process_id)
    office.clock.move(by=timedelta(seconds=1))
    for expected in (True, False):
        with office.unit() as unit:
            assert wake_process(unit, process_id=process_id) is expected
    with open_reading(office.database, CLOCK, office.clock.now()) as unit:
        assert len(unit.session.scalars(select(AuditEntry).where(AuditEntry.act == "office.late")).all()) == 1
    assert names(office.items(process_id)) == ["牵头部署"]


def test_while_suspended_nothing_may_be_done_and_deadlines_move_by_the_days_stood_still(office):
    process_id = office.start(late_at=office.clock.now() + timedelta(days=10))
    [lead] = office.items(process_id)
    with office.unit(office.town.chen_jing) as unit:
        suspend_process(unit, process_id=process_id, reason="等待土地指标")
    with pytest.raises(Outdated, match="挂起"):
        office.complete(office.town.li_ming, lead)
    office.clock.move(by=timedelta(days=14))
    with office.unit() as unit:
        assert not wake_process(unit, process_id=process_id)
    with office.unit(office.town.chen_jing) as unit:
        resume_process(unit, process_id=process_id)
    [later] = office.items(process_id)
    assert later.due_at.isoformat() == "2026-12-15T15:59:59+00:00"  # still five working days left
    assert office.process(process_id).wakes_at == office.clock.now() + timedelta(days=10)
    office.complete(office.town.li_ming, later)


def test_a_cancelled_process_leaves_no_open_item(office):
    process_id = office.start()
    with office.unit() as unit:
        cancel_process(unit, process_id=process_id, note="项目重复入库")
    assert office.items(process_id) == []
    assert office.process(process_id).status == "cancelled"


def test_every_act_leaves_one_trace(office):
    process_id = office.start()
    [lead] = office.items(process_id)
    office.complete(office.town.li_ming, lead)
    with open_reading(office.database, CLOCK, office.clock.now()) as unit:
        acts = unit.session.scalars(
            select(AuditEntry.act).where(AuditEntry.kind.in_(("process", "work_item"))).order_by(AuditEntry.id),
        ).all()
    assert acts == ["process.start", "item.complete"]


def test_a_step_that_fails_leaves_everything_as_it_was(office, monkeypatch):
    process_id = office.start(late_at=office.clock.now())
    before = office.process(process_id)
    with pytest.raises(ZeroDivisionError), office.unit() as unit:
        wake_process(unit, process_id=process_id)
        raise ZeroDivisionError
    after = office.process(process_id)
    assert (after.revision, after.state, after.wakes_at) == (before.revision, before.state, before.wakes_at)


def test_a_completion_needs_few_statements(office):
    """Counted rather than timed: one lock, one read, and one write a kind of row."""
    from sqlalchemy import event

    process_id = office.start()
    [lead] = office.items(process_id)
    seen = []
    event.listen(office.database.reading, "before_cursor_execute", lambda *args: seen.append(args[2]))
    office.complete(office.town.li_ming, lead)
    statements = [text for text in seen if not text.startswith(("BEGIN", "PRAGMA"))]
    assert len(statements) <= 10, "\n".join(statements)


def test_wrong_drafts_never_reach_the_answers(office):
    process_id = office.start()
    office.lead(process_id)
    item = office.items(process_id)[0]
    with office.unit(office.town.zhou_wei) as unit:
        save_draft(unit, item_id=item.id, draft={"nonsense": 1})
    office.complete(office.town.zhou_wei, item)
    with open_reading(office.database, CLOCK, office.clock.now()) as unit:
        assert unit.session.get(WorkItem, item.id).answers == DONE

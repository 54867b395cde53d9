"""One paper to many: each addressee has it as its own, signs for itself and is chased by itself; the sender sees them all."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import event

from models.audit import AuditEntry
from models.board import unanswered
from models.delivery import Delivery, deliveries_of
from models.message import Message
from models.notice import (
    Archived,
    Notice,
    acknowledge_notice,
    deliver_notice,
    issue_notice,
    notices_to,
    open_notice,
    unsigned_notices,
)
from models.notice_life import answer_notice, reissue_notice, void_notice
from models.notice_list import NOBODY, notice_counts, notice_page, overdue_ids, sees_receipts, unanswered_notices
from models.notice_register import register_page
from models.receipt import receipts_of, unsigned_receipts
from models.refusal import NotPermitted, Outdated
from tests.workflows.story import Story

LETTER = {
    "to": "各区人民政府", "subject": "11月招商引资情况", "opening": "现将11月招商引资情况通报如下。", "date": "2026-12-10",
    "signer": "赵强", "contact": "王五", "body": "请阅。", "project": "", "project_no": "",
}  # fmt: skip
ARCHIVED = Archived("b" * 64, 10, "b" * 64)


@pytest.fixture
def story(database, clock, tmp_path) -> Story:
    return Story(database, clock, tmp_path)


def issue(story, also_to, to=None, kind="bulletin"):
    with story.unit() as unit:
        return issue_notice(
            unit, kind=kind, organ_id=story.town.hzjl, to_organ_id=to or story.town.hzjl, project_id=None,
            process_id=None, title="关于11月招商引资情况的通报", letter=LETTER | {"kind": kind}, also_to=also_to,
        ).id  # fmt: skip


def deliver(story, notice_id):
    with story.unit() as unit:
        deliver_notice(unit, notice_id=notice_id, archived=ARCHIVED)


@pytest.fixture
def bulletin(story) -> int:
    """A 通报 of the desk to 滨海新区 and 武清区, delivered."""
    notice_id = issue(story, [story.town.wuqing, story.town.binhai])
    deliver(story, notice_id)
    return notice_id


def sign(story, actor, notice_id):
    with story.unit(actor) as unit:
        acknowledge_notice(unit, notice_id=notice_id)


def line(story, actor):
    with story.reading(actor) as unit:
        [found] = notice_page(unit)
        return found


def counts(story, actor):
    with story.reading(actor) as unit:
        found = notice_counts(unit)
        assert len(unanswered_notices(unit)) == found["unsigned"]
        return found["all"], found["unsigned"], found["signed"]


def test_nobody_has_it_before_it_is_archived_and_then_all_have_it_at_once(story):
    notice_id = issue(story, [story.town.wuqing, story.town.binhai, story.town.hzjl])
    assert counts(story, story.town.li_ming) == (0, 0, 0)
    deliver(story, notice_id)
    rows = story.all(Delivery)
    assert {row.organ_id for row in rows} == {story.town.wuqing, story.town.binhai}
    assert all(row.delivered_at is not None for row in rows)
    assert counts(story, story.town.li_ming) == counts(story, story.town.wang_fang) == (1, 1, 0)


def test_each_district_signs_for_itself_and_the_last_signs_for_the_paper(story, bulletin):
    town = story.town
    assert line(story, town.li_ming).to_zh == "滨海新区"
    assert (line(story, town.zhao_qiang).to_organ_id, line(story, town.zhao_qiang).is_to_many) == (NOBODY, True)
    sign(story, town.li_ming, bulletin)
    assert counts(story, town.li_ming) == (1, 0, 1)
    assert counts(story, town.wang_fang) == (1, 1, 0)
    assert counts(story, town.zhao_qiang) == counts(story, town.sun_li) == (1, 1, 0)
    assert (line(story, town.li_ming).acknowledged_by, line(story, town.wang_fang).acknowledged_at) == ("李明", None)
    assert (line(story, town.zhao_qiang).receipts, line(story, town.zhao_qiang).addressees) == (1, 2)
    with pytest.raises(Outdated):
        sign(story, town.li_ming, bulletin)
    sign(story, town.wang_fang, bulletin)
    assert counts(story, town.zhao_qiang) == counts(story, town.wang_fang) == (1, 0, 1)
    with story.reading() as unit:
        assert unsigned_notices(unit.session, before=unit.now + timedelta(days=1)) == []


def test_of_two_who_sign_at_the_same_moment_one_is_the_last(story, bulletin):
    with ThreadPoolExecutor(2) as desks:
        list(desks.map(lambda actor: sign(story, actor, bulletin), (story.town.li_ming, story.town.wang_fang)))
    [paper] = story.all(Notice)
    assert paper.acknowledged_at is not None
    assert all(row.acknowledged_at is not None for row in story.all(Delivery))


def test_the_sender_sees_who_signed_when_and_who_has_not(story, bulletin):
    with story.unit(story.town.li_ming) as unit:
        open_notice(unit, notice_id=bulletin)
    sign(story, story.town.li_ming, bulletin)
    with story.reading(story.town.zhao_qiang) as unit:
        seen = receipts_of(unit.session, bulletin)
    assert [(each.organ_zh, each.acknowledged_by, each.opened_at is None) for each in seen] == [
        ("武清区", None, True), ("滨海新区", "李明", False)]  # fmt: skip
    assert sees_receipts(story.town.zhao_qiang, story.town.hzjl)
    assert not sees_receipts(story.town.wang_fang, story.town.hzjl)


def test_nobody_else_signs_for_it_and_its_own_organ_least_of_all(story, bulletin):
    for actor in (story.town.zhou_wei, story.town.zhao_qiang):
        with pytest.raises(NotPermitted):
            sign(story, actor, bulletin)
        with pytest.raises(NotPermitted), story.unit(actor) as unit:
            open_notice(unit, notice_id=bulletin)
    assert counts(story, story.town.zhou_wei) == (0, 0, 0)


def test_a_look_is_noted_once_for_the_organ_that_looked(story, bulletin):
    for _look in range(2):
        with story.unit(story.town.li_ming) as unit:
            open_notice(unit, notice_id=bulletin)
    assert line(story, story.town.li_ming).opened_at is not None
    assert line(story, story.town.wang_fang).opened_at is None
    assert [entry.detail["organ"] for entry in story.all(AuditEntry, act="notice.open")] == [story.town.binhai]


def test_who_does_not_sign_is_chased_alone_and_the_desk_hears_of_it_once(story, bulletin):
    sign(story, story.town.wang_fang, bulletin)
    for _day in range(4):
        story.sweep(by=timedelta(days=3))
    chased = {row.organ_id: row.chased_at is not None for row in story.all(Delivery)}
    assert chased == {story.town.binhai: True, story.town.wuqing: False}
    told = [each.officer_id for each in story.all(Message, notice_id=bulletin) if "未签收" in each.text]
    assert sorted(told) == sorted(
        each.officer_id for each in (story.town.li_ming, story.town.chen_jing, story.town.zhao_qiang)
    )


def test_two_who_do_not_sign_are_each_chased(story, bulletin):
    for _day in range(4):
        story.sweep(by=timedelta(days=3))
    told = [each.officer_id for each in story.all(Message, notice_id=bulletin) if "未签收" in each.text]
    assert sorted(told) == sorted(
        each.officer_id
        for each in (story.town.li_ming, story.town.chen_jing, story.town.wang_fang, story.town.zhao_qiang)
    )


def test_the_register_counts_its_addressees_and_calls_nobody_one(story, bulletin):
    with story.reading(story.town.zhao_qiang) as unit:
        [entry] = register_page(unit, year=unit.today.year)
    assert entry.addressees == 2


def test_the_questions_of_mechanisms_know_it(story, bulletin):
    with story.reading() as unit:
        assert [row.id for row in notices_to(unit.session, (story.town.binhai,))] == [bulletin]
        assert notices_to(unit.session, (story.town.hzjl,)) == []
        waiting = unsigned_receipts(unit.session, before=unit.now + timedelta(days=1))
    assert {(paper.id, organ_id) for paper, organ_id in waiting} == {
        (bulletin, story.town.binhai), (bulletin, story.town.wuqing)}  # fmt: skip


def test_a_void_one_is_told_to_all_and_its_replacement_goes_to_all(story, bulletin):
    with story.unit(story.town.zhao_qiang) as unit:
        again = reissue_notice(unit, notice_id=bulletin, reason="日期有误", changes={}).id
    story.sweep()
    told = {each.officer_id for each in story.all(Message, notice_id=bulletin)}
    assert {story.town.li_ming.officer_id, story.town.wang_fang.officer_id} <= told
    with story.reading() as unit:
        assert {each.organ_id for each in deliveries_of(unit.session, again)} == {story.town.binhai, story.town.wuqing}
        assert unit.session.get_one(Notice, again).letter["to"] == "各区人民政府"
    assert counts(story, story.town.li_ming) == (2, 1, 0)  # the void one waits for nobody
    with pytest.raises(Outdated):
        sign(story, story.town.li_ming, bulletin)


def test_a_letter_to_one_with_copies_is_signed_for_by_each_of_them_and_answered_by_none(story):
    notice_id = issue(story, [story.town.wuqing], to=story.town.binhai, kind="letter")
    deliver(story, notice_id)
    assert line(story, story.town.li_ming).to_organ_id == story.town.binhai
    sign(story, story.town.li_ming, notice_id)
    assert counts(story, story.town.li_ming) == (1, 0, 1)
    assert counts(story, story.town.wang_fang) == (1, 1, 0)
    with story.reading(story.town.zhao_qiang) as unit:
        assert overdue_ids(unit) == []


def test_a_paper_to_one_stays_as_it_was(story):
    notice_id = issue(story, [], to=story.town.binhai, kind="reminder")
    deliver(story, notice_id)
    assert story.all(Delivery) == []
    assert line(story, story.town.zhao_qiang).to_zh == "滨海新区"
    assert counts(story, story.town.zhao_qiang) == (1, 1, 0)
    with story.unit(story.town.li_ming) as unit:
        answer_notice(unit, notice_id=notice_id, words="已整改")
    assert counts(story, story.town.zhao_qiang)[1] == 0
    with story.unit(story.town.zhao_qiang) as unit:
        void_notice(unit, notice_id=notice_id, reason="发错")


def test_a_list_of_many_such_papers_is_one_query(story, database):
    for _paper in range(5):
        deliver(story, issue(story, [story.town.wuqing, story.town.binhai]))
    seen: list[str] = []
    event.listen(database.reading, "before_cursor_execute", lambda *args: seen.append(args[2]))

    def asked() -> int:
        queries = [each for each in seen if each.lstrip().startswith("SELECT")]
        seen.clear()
        return len(queries)

    with story.reading(story.town.li_ming) as unit:
        assert len(notice_page(unit)) == 5
        assert asked() == 1
        assert unit.session.query(Notice.id).where(*unanswered(unit)).count() == 5
        asked()
        assert len(receipts_of(unit.session, notice_page(unit)[0].id)) == 2
        assert notice_counts(unit)["unsigned"] == 5
        assert asked() == 3

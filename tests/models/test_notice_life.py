"""公文签发之后: answered once, urged only when late, voided with a reason that stays, reissued by number, counted at night."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from models.incident import Incident
from models.message import Message
from models.notice import Notice, NoticeSeries, acknowledge_notice, issue_notice
from models.notice_life import (
    answer_notice,
    progress_of,
    reissue_notice,
    replacement_of,
    urge_notices,
    void_notice,
)
from models.notice_list import overdue_ids
from models.notice_register import gaps, register_page
from models.refusal import Invalid, NotDue, NotPermitted, Outdated
from models.verification import public_notice, public_notice_of_file
from notices.archive import place_of
from notices.letters import read_letter
from tests.workflows.story import APPROVE, Story

LATE = APPROVE | {"plan_start_on": "2026-07-15"}


@pytest.fixture
def story(database, clock, tmp_path) -> Story:
    return Story(database, clock, tmp_path)


@pytest.fixture
def reminder(story) -> Notice:
    """A 提醒函 to 滨海新区 that asks for an answer within five working days."""
    story.register(LATE)
    story.sweep()
    [paper] = story.all(Notice)
    return paper


def fresh(story, paper) -> Notice:
    [row] = story.all(Notice, id=paper.id)
    return row


def test_the_addressee_answers_once_and_the_desk_hears_of_it(story, reminder):
    with story.unit(story.town.li_ming) as unit:
        answer_notice(unit, notice_id=reminder.id, words="已开工,附开工报告。")
    story.sweep()
    row = fresh(story, reminder)
    assert row.answer == {"words": "已开工,附开工报告。", "attachments": []}
    assert row.answered_by_id == row.acknowledged_by_id == story.town.li_ming.officer_id
    assert [m.officer_id for m in story.all(Message, notice_id=row.id)] == [story.town.zhao_qiang.officer_id]
    with story.unit(story.town.li_ming) as unit, pytest.raises(Outdated):
        answer_notice(unit, notice_id=reminder.id, words="再答一次")


def test_an_answer_without_words_or_from_another_organ_is_refused(story, reminder):
    with story.unit(story.town.li_ming) as unit, pytest.raises(Invalid) as refused:
        answer_notice(unit, notice_id=reminder.id, words="  ")
    assert "words" in refused.value.fields
    with story.unit(story.town.wang_fang) as unit, pytest.raises(NotPermitted):
        answer_notice(unit, notice_id=reminder.id, words="代答")


def test_only_what_is_late_is_urged_and_not_twice_before_the_urge_itself_is_late(story, reminder):
    with story.unit(story.town.zhao_qiang) as unit, pytest.raises(NotDue):
        urge_notices(unit, notice_ids=[reminder.id])
    story.clock.move(by=timedelta(days=15))
    with story.unit(story.town.zhao_qiang) as unit:
        assert overdue_ids(unit) == [reminder.id]
        batch = urge_notices(unit, notice_ids=[reminder.id], supplement="请说明资金安排")
    with story.unit(story.town.zhao_qiang) as unit, pytest.raises(NotDue):
        urge_notices(unit, notice_ids=[reminder.id])
    [urge] = story.all(Notice, kind="urge")
    assert (urge.about_id, urge.number) == (reminder.id, "津合作催〔2026〕1号")
    assert urge.letter["about_number"] == reminder.number
    assert urge.letter["overdue_days"] == 6
    with story.reading() as unit:
        assert progress_of(unit.session, batch).delivered == 0
    story.sweep()
    with story.reading() as unit:
        assert progress_of(unit.session, batch).is_done


def test_the_desk_urges_in_its_own_name_what_another_organ_sent(story, reminder):
    with story.unit() as unit:
        letter = {
            "kind": "letter",
            "subject": "用地预审",
            "body": "请支持",
            "date": "2026-11-24",
            "due_on": "2026-12-01",
        }
        sent = issue_notice(
            unit, kind="letter", organ_id=story.town.binhai, to_organ_id=story.town["ghzyj"],
            project_id=reminder.project_id, process_id=None, title="关于用地预审的函", letter=letter | {"project": "项目"},
        )  # fmt: skip
    story.sweep(by=timedelta(days=20))
    with story.unit(story.town.zhao_qiang) as unit:
        urge_notices(unit, notice_ids=[sent.id])
    [urge] = story.all(Notice, about_id=sent.id)
    assert (urge.organ_id, urge.to_organ_id) == (story.town.hzjl, story.town["ghzyj"])
    assert (urge.number, urge.letter["issuer"]) == ("津合作催〔2026〕1号", "天津市人民政府合作交流办公室")


def test_the_register_calls_a_paper_by_the_title_that_is_printed_on_it(story, reminder):
    story.clock.move(by=timedelta(days=15))
    with story.unit(story.town.zhao_qiang) as unit:
        urge_notices(unit, notice_ids=[reminder.id])
    for paper in story.all(Notice):
        assert read_letter(paper.letter).title == paper.title


def test_one_that_is_not_late_among_many_stops_them_all_before_a_number_is_taken(story, reminder):
    story.clock.move(by=timedelta(days=15))
    story.register(LATE)
    story.sweep()
    ids = [paper.id for paper in story.all(Notice, kind="reminder")]
    assert len(ids) == 2
    with story.unit(story.town.zhao_qiang) as unit, pytest.raises(NotDue):
        urge_notices(unit, notice_ids=ids)
    assert not story.all(Notice, kind="urge")


def test_a_void_number_stays_in_the_register_with_its_reason_and_is_not_used_again(story, reminder):
    with story.unit(story.town.zhao_qiang) as unit:
        with pytest.raises(Invalid):
            void_notice(unit, notice_id=reminder.id, reason=" ")
        void_notice(unit, notice_id=reminder.id, reason="主送单位有误")
    with story.unit(story.town.zhao_qiang) as unit, pytest.raises(Outdated):
        void_notice(unit, notice_id=reminder.id, reason="再作废")
    with story.unit(story.town.li_ming) as unit, pytest.raises(Outdated):
        acknowledge_notice(unit, notice_id=reminder.id)
    story.register(LATE)
    story.sweep()
    with story.reading(story.town.zhao_qiang) as unit:
        page = register_page(unit, year=2026)
        assert [(entry.number, entry.void_reason) for entry in page] == [
            ("津合作提〔2026〕2号", None), ("津合作提〔2026〕1号", "主送单位有误"),
        ]  # fmt: skip
        assert gaps(unit.session, 2026) == []


def test_a_reissue_takes_a_new_number_and_cites_the_old_and_the_public_is_told(story, reminder):
    with story.unit(story.town.zhao_qiang) as unit:
        issued = reissue_notice(unit, notice_id=reminder.id, reason="期限有误", changes={"due_on": "2026-12-20"})
    with story.reading() as unit:
        assert public_notice(unit, reminder.code).replaced_by == "", "not before the new one is delivered"
    story.sweep()
    with story.reading() as unit:
        new = replacement_of(unit.session, reminder)
        assert (new.id, new.number) == (issued.id, "津合作提〔2026〕2号")
        assert new.letter["replaces"] == reminder.number
        assert new.letter["due_on"] == "2026-12-20"
        told = public_notice(unit, reminder.code)
        assert (told.voided, told.replaced_by) == (True, new.number)
        assert public_notice_of_file(unit, new.sha256).number == new.number
        assert public_notice_of_file(unit, "0" * 64) is None


def test_a_row_that_is_missing_from_a_series_is_named_as_a_gap(story, reminder):
    with story.unit() as unit:
        unit.session.execute(update(NoticeSeries).values(last=3))
    with story.reading() as unit:
        assert gaps(unit.session, 2026) == ["津合作提〔2026〕2号", "津合作提〔2026〕3号"]


def test_the_night_finds_a_file_that_was_changed_and_one_that_is_gone_and_rings_once(story, reminder):
    story.register(LATE)
    story.sweep(by=timedelta(days=1))
    papers = [fresh(story, each) for each in story.all(Notice)]
    for paper, change in zip(
        papers, (lambda file: file.write_bytes(b"%PDF-1.7 another"), lambda file: file.unlink()), strict=True
    ):
        file = place_of(story.house.settings.archive_dir, paper.sha256)
        file.chmod(0o600)
        change(file)
    for _night in range(2):
        story.sweep(by=timedelta(days=1))
    assert all(fresh(story, paper).altered_at for paper in papers)
    [incident] = story.all(Incident, what="archive")
    assert all(paper.number in incident.message for paper in papers)


def test_who_signs_for_nothing_is_chased_once(story, reminder):
    for _day in range(4):
        story.sweep(by=timedelta(days=3))
    assert fresh(story, reminder).chased_at is not None
    told = [m for m in story.all(Message, notice_id=reminder.id) if "未签收" in m.text]
    assert {m.officer_id for m in told} == {
        story.town.li_ming.officer_id, story.town.chen_jing.officer_id, story.town.zhao_qiang.officer_id,
    }  # fmt: skip
    assert len(told) == 3

"""发文办理: a letter is checked, countersigned by all at once, signed, numbered; what is late is signed in another's stead, once."""

from datetime import timedelta

import pytest

from models.delivery import deliveries_of
from models.dispatch import Dispatch
from models.item_card import item_card
from models.message import Message
from models.notice import Notice, issue_notice
from models.process import WorkItem
from models.refusal import Invalid, NotDue, NotPermitted
from notices.letters import read_letter
from tests.cast import hire
from tests.workflows.story import APPROVE
from workflows.dispatch import start_correction, start_letter

TEXT = {"subject": "请协助办理用地预审", "body": "项目用地预审已报送。\n请予以支持,于本月底前批复(附材料清单)。"}
AGREED, REFUSED = {"agreed": "true"}, {"agreed": "false"}


@pytest.fixture
def project_id(story):
    return story.register(APPROVE)


@pytest.fixture
def chief(story):
    """滨海新区's leader, who signs; 陈静 is its head, who checks."""
    with story.unit() as unit:
        return hire(unit, "马国强", "leader", story.town.binhai)


@pytest.fixture
def heads(story):
    with story.unit() as unit:
        return {code: hire(unit, name, "head", story.town[code]) for code, name in (("fgw", "钱进"), ("rsj", "何平"))}


def draft(story, project_id, *, by=None, countersigners=(), **changes):
    posted = TEXT | {"to_organ": story.town["ghzyj"], "countersigners": [story.town[each] for each in countersigners]}
    with story.unit(by or story.town.li_ming) as unit:
        return start_letter(unit, project_id=project_id, posted=posted | changes)


def opinion(story, actor, node, answers):
    """The actor's own item at this node, whichever organ it is for."""
    held = {(grant.role, grant.organ_id) for grant in actor.grants}
    [item] = [each for each in story.all(WorkItem, node=node, state="ready") if (each.role, each.organ_id) in held]
    return story.complete(actor, item, answers)


def test_a_letter_is_checked_countersigned_at_once_signed_numbered_and_delivered(story, project_id, chief, heads):
    draft(story, project_id, countersigners=("fgw", "rsj"))
    opinion(story, story.town.chen_jing, "check", AGREED)
    assert len(story.all(WorkItem, node="countersign", state="ready")) == 2
    opinion(story, heads["rsj"], "countersign", AGREED)
    opinion(story, heads["fgw"], "countersign", AGREED | {"opinion": "同意,请抄送我委"})
    opinion(story, chief, "sign", AGREED)
    story.sweep()
    [paper] = story.all(Notice, kind="letter")
    assert (paper.number, paper.title) == ("津滨海政函〔2026〕1号", "关于请协助办理用地预审的函")
    assert (paper.organ_id, paper.to_organ_id) == (story.town.binhai, story.town["ghzyj"])
    assert paper.letter["signer"] == "马国强"
    [row] = story.all(Dispatch)
    assert [said["name"] for said in row.opinions] == ["陈静", "何平", "钱进", "马国强"]
    assert row.notice_id == paper.id
    assert row.ended_at == story.clock.now() or row.ended_at is not None


def test_one_countersigner_who_disagrees_sends_it_back_and_all_are_asked_again(story, project_id, chief, heads):
    draft(story, project_id, countersigners=("fgw", "rsj"))
    opinion(story, story.town.chen_jing, "check", AGREED)
    with pytest.raises(Invalid):
        opinion(story, heads["fgw"], "countersign", REFUSED)
    opinion(story, heads["fgw"], "countersign", REFUSED | {"opinion": "请补充立项依据"})
    opinion(story, heads["rsj"], "countersign", AGREED)
    assert not story.all(WorkItem, node="sign")
    opinion(story, story.town.li_ming, "revise", {"body": "项目已立项。请予支持。", "note": "补充了立项情况"})
    opinion(story, story.town.chen_jing, "check", AGREED)
    for head in heads.values():
        opinion(story, head, "countersign", AGREED)
    opinion(story, chief, "sign", AGREED)
    [paper] = story.all(Notice, kind="letter")
    assert paper.letter["body"] == "项目已立项。请予支持。"
    assert paper.letter["subject"] == TEXT["subject"]


def test_nobody_signs_in_time_and_the_head_signs_instead_once(story, project_id, chief):
    draft(story, project_id)
    opinion(story, story.town.chen_jing, "check", AGREED)
    story.sweep(by=timedelta(days=10))
    story.sweep(by=timedelta(days=10))
    assert [item.state for item in story.all(WorkItem, node="sign")] == ["cancelled"]
    assert len(story.all(WorkItem, node="sign_instead")) == 1
    opinion(story, story.town.chen_jing, "sign_instead", AGREED)
    [paper] = story.all(Notice, kind="letter")
    assert paper.letter["signer"] == "陈静"


def test_a_supervisor_of_the_desk_gets_her_own_draft_back(story, project_id):
    with story.unit() as unit:
        head = hire(unit, "严明", "head", story.town.hzjl)
        hire(unit, "程序", "leader", story.town.hzjl)
    draft(story, project_id, by=story.town.zhao_qiang)
    opinion(story, head, "check", REFUSED | {"opinion": "请写明时限"})
    opinion(story, story.town.zhao_qiang, "desk_revise", {"due_on": "2026-12-20", "note": "写明了时限"})
    [row] = story.all(Dispatch)
    assert (row.round, row.text["due_on"]) == (2, "2026-12-20")


def test_an_organ_without_a_signer_is_told_before_anything_is_drafted(story, project_id):
    with pytest.raises(NotDue):
        draft(story, project_id)
    assert not story.all(Dispatch)


def test_what_is_wrong_with_a_draft_is_said_by_field(story, project_id, chief):
    for changes, field in (
        ({"to_organ": story.town.binhai}, "to_organ"),
        ({"due_on": "2026-11-01"}, "due_on"),
        ({"countersigners": ("tjj",)}, "countersigners"),
        ({"body": ""}, "body"),
    ):
        with pytest.raises(Invalid) as refused:
            draft(story, project_id, **changes)
        assert field in refused.value.fields


def test_a_paper_is_corrected_by_another_that_names_it(story, project_id, chief):
    draft(story, project_id)
    opinion(story, story.town.chen_jing, "check", AGREED)
    opinion(story, chief, "sign", AGREED)
    [paper] = story.all(Notice, kind="letter")
    change = {"place": "第二段", "wrong": "本月底", "right": "12月15日", "reason": "日期有误"}
    with story.unit(story.town.li_ming) as unit, pytest.raises(NotDue):
        start_correction(unit, notice_id=paper.id, posted=change)  # not delivered yet
    story.sweep()
    with story.unit(story.town.wang_fang) as unit, pytest.raises(NotPermitted):
        start_correction(unit, notice_id=paper.id, posted=change)
    with story.unit(story.town.li_ming) as unit:
        start_correction(unit, notice_id=paper.id, posted=change)
    opinion(story, story.town.chen_jing, "check", AGREED)
    opinion(story, chief, "sign", AGREED)
    [correction] = story.all(Notice, kind="correction")
    assert correction.about_id == paper.id
    for each in (paper, correction):
        assert read_letter(each.letter).title == each.title
    assert correction.number == "津滨海政正〔2026〕1号"
    assert correction.letter["items"] == [{"place": "第二段", "wrong": "本月底", "right": "12月15日"}]


def test_who_waits_for_a_signature_is_told_and_the_addressee_is_chased_once(story, project_id, chief):
    with story.unit() as unit:
        planner = hire(unit, "田野", "officer", story.town["ghzyj"])
    draft(story, project_id, due_on="2026-12-25")
    opinion(story, story.town.chen_jing, "check", AGREED)
    opinion(story, chief, "sign", AGREED)
    story.sweep()
    story.sweep(by=timedelta(days=7))
    story.sweep(by=timedelta(days=7))
    told = [message for message in story.all(Message) if message.notice_id]
    assert {message.officer_id for message in told} >= {planner.officer_id, story.town.li_ming.officer_id}
    assert len({(m.officer_id, m.key) for m in told}) == len(told)
    [paper] = story.all(Notice, kind="letter")
    assert paper.chased_at is not None


def test_what_corrects_a_paper_to_many_goes_to_the_same(story, project_id, chief):
    letter = {"kind": "letter", "to": "各有关部门", **TEXT, "date": "2026-11-24", "signer": "马国强"}
    with story.unit() as unit:
        paper = issue_notice(
            unit, kind="letter", organ_id=story.town.binhai, to_organ_id=story.town.binhai, project_id=project_id,
            process_id=None, title="关于用地预审的函", letter=letter, also_to=[story.town["fgw"], story.town["rsj"]],
        ).id  # fmt: skip
    story.sweep()
    change = {"place": "第二段", "wrong": "本月底", "right": "12月15日", "reason": "笔误"}
    with story.unit(story.town.li_ming) as unit:
        start_correction(unit, notice_id=paper, posted=change)
    [asked] = story.all(WorkItem, node="check", state="ready")
    with story.reading(story.town.chen_jing) as unit:
        assert item_card(unit, asked.id).dispatch.to == "各有关部门"
    opinion(story, story.town.chen_jing, "check", AGREED)
    opinion(story, chief, "sign", AGREED)
    story.sweep()
    [correction] = story.all(Notice, kind="correction")
    assert correction.letter["to"] == "各有关部门"
    with story.reading() as unit:
        assert {row.organ_id for row in deliveries_of(unit.session, correction.id)} == {
            story.town["fgw"], story.town["rsj"]}  # fmt: skip

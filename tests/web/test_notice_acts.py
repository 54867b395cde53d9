"""A paper's page after its issue: answered, urged one by one or all at once, voided, reissued, corrected, looked up, verified."""

import hashlib
import io
import re
from datetime import timedelta

import pytest

import jobs.letters  # noqa: F401 - the worker that renders issued papers
from models.notice import Notice
from models.process import WorkItem
from notices.archive import read
from tests.cast import hire
from tests.web.house import Story, open_story
from tests.workflows.story import APPROVE, PlainRenderer
from workflows.project import register_and_open

RED = APPROVE | {"plan_start_on": "2026-07-15"}


@pytest.fixture
def story(database, clock, tmp_path) -> Story:
    return open_story(database, clock, tmp_path, renderer=PlainRenderer())


@pytest.fixture
def papers(story) -> list[Notice]:
    """Three reminders to 滨海新区, delivered."""
    for _ in range(3):
        with story.unit() as unit:
            register_and_open(unit, owner_organ_id=story.town.binhai, values=RED)
    story.sweep()
    return rows(story, Notice)


def rows(story: Story, table, **where):
    with story.reading() as unit:
        return list(unit.session.query(table).filter_by(**where).order_by(table.id))


def text_of(answer) -> str:
    return answer.get_data(as_text=True)


def test_the_addressee_answers_and_what_was_typed_stays_when_it_is_refused(story, papers):
    client, number = story.client(story.town.li_ming), papers[0].id
    assert 'data-testid="act-answer"' in text_of(client.get(f"/notices/{number}"))
    refused = client.post(f"/notices/{number}/answer", data={"words": "字" * 2001})
    assert refused.status_code == 422
    assert "字" * 2001 in text_of(refused)
    assert "不超过2000字" in text_of(refused)
    pdf = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
    sent = {"words": "已开工。", "files": (io.BytesIO(pdf), "开工报告.pdf")}
    assert client.post(f"/notices/{number}/answer", data=sent).status_code == 303
    page = text_of(client.get(f"/notices/{number}"))
    assert "已回复" in page
    assert "已开工。" in page
    assert 'data-testid="act-answer"' not in page
    assert client.post(f"/notices/{number}/answer", data={"words": "再答"}).status_code == 409
    assert len(rows(story, Notice)[0].answer["attachments"]) == 1


def test_nobody_but_the_addressee_answers_and_nobody_but_the_desk_urges_or_voids(story, papers):
    number = papers[0].id
    desk, other = story.client(story.town.zhao_qiang), story.client(story.town.wang_fang)
    assert desk.post(f"/notices/{number}/answer", data={"words": "代答"}).status_code == 403
    assert other.post(f"/notices/{number}/answer", data={"words": "代答"}).status_code == 404
    for act in ("urge", "void", "reissue"):
        assert (
            story.client(story.town.li_ming).post(f"/notices/{number}/{act}", data={"reason": "x"}).status_code == 403
        )


def test_all_that_is_late_is_urged_at_once_and_the_batch_shows_how_far_it_is(story, papers, clock):
    desk = story.client(story.town.zhao_qiang)
    assert 'data-testid="act-urge-all"' not in text_of(desk.get("/notices?state=overdue"))
    clock.move(by=timedelta(days=15))
    desk = story.client(story.town.zhao_qiang)
    assert 'data-testid="act-urge-all"' in text_of(desk.get("/notices?state=overdue"))
    sent = desk.post("/notices/urge", data={"supplement": "请说明资金安排"})
    assert sent.status_code == 303
    waiting = text_of(desk.get(sent.location))
    assert "共3件，已归档送达0件。" in waiting
    assert "hx-trigger" in waiting
    story.sweep()
    done = text_of(desk.get(sent.location, headers={"HX-Request": "true"}))
    assert "共3件，已归档送达3件。" in done
    assert "hx-trigger" not in done
    assert len(rows(story, Notice, kind="urge")) == 3
    assert desk.post("/notices/urge").status_code == 422, "nothing is late any more"


def test_one_paper_that_cannot_be_made_stops_no_other_and_is_named(story, papers, clock):
    class Jammed(PlainRenderer):
        def render(self, letter, *, draft=False):
            if "津合作提〔2026〕2号" in str(letter):
                raise RuntimeError("jammed")
            return super().render(letter, draft=draft)

    clock.move(by=timedelta(days=15))
    desk = story.client(story.town.zhao_qiang)
    sent = desk.post("/notices/urge")
    object.__setattr__(story.house, "renderer", Jammed())
    for _ in range(8):
        clock.move(by=timedelta(hours=6))
        story.sweep()
    page = text_of(story.client(story.town.zhao_qiang).get(sent.location))
    assert "共3件，已归档送达2件。" in page
    assert "没有制成的：津合作催〔2026〕2号" in page
    assert "hx-trigger" not in page


def test_a_void_paper_says_so_everywhere_and_keeps_its_number(story, papers):
    desk, number = story.client(story.town.zhao_qiang), papers[0].id
    asked = desk.post(f"/notices/{number}/void", data={"reason": ""})
    assert asked.status_code == 422
    assert "请写明作废的原因" in text_of(asked)
    assert desk.post(f"/notices/{number}/void", data={"reason": "主送有误"}).status_code == 303
    register = text_of(desk.get("/notices/register"))
    assert [re.sub(r"\s", "", each) for each in re.findall(r"津合作提〔2026〕\d号", register)] == [
        "津合作提〔2026〕3号", "津合作提〔2026〕2号", "津合作提〔2026〕1号",
    ]  # fmt: skip
    assert "主送有误" in register
    assert "已作废" in text_of(story.app.test_client().get(f"/verify/{papers[0].code}"))
    assert "津合作提〔2026〕1号" in text_of(desk.get("/notices?state=voided"))


def test_a_reissued_paper_points_from_the_old_number_to_the_new(story, papers):
    desk, number = story.client(story.town.zhao_qiang), papers[0].id
    wrong = desk.post(f"/notices/{number}/reissue", data={"reason": "期限有误", "due_on": "十二月"})
    assert wrong.status_code == 422
    assert "期限有误" in text_of(wrong)
    sent = desk.post(f"/notices/{number}/reissue", data={"reason": "期限有误", "due_on": "2026-12-20"})
    assert sent.status_code == 303
    assert rows(story, Notice)[-1].letter["due_on"] == "2026-12-20"
    assert desk.post(f"/notices/{papers[1].id}/reissue", data={"reason": "重新排印", "due_on": ""}).status_code == 303
    assert rows(story, Notice)[-1].letter["due_on"] == papers[1].letter["due_on"], "what is left empty stays"
    story.sweep()
    told = text_of(story.app.test_client().get(f"/verify/{papers[0].code}"))
    assert "已被替代" in told
    assert "由津合作提〔2026〕4号代替" in told


def test_anybody_with_the_file_alone_finds_out_what_it_is(story, papers):
    stranger = story.app.test_client()
    assert stranger.get("/verify").status_code == 200
    original = read(story.house.settings.archive_dir, papers[0].sha256)
    same = text_of(stranger.post("/verify", data={"file": (io.BytesIO(original), "a.pdf")}))
    assert 'data-testid="verify-same"' in same
    assert papers[0].number in same
    assert "滨海" not in same
    changed = original.replace(b"2026", b"2027", 1)
    other = text_of(stranger.post("/verify", data={"file": (io.BytesIO(changed), "a.pdf")}))
    assert 'data-testid="verify-no-such-file"' in other
    assert hashlib.sha256(changed).hexdigest() in other
    assert papers[0].number not in other
    assert stranger.post("/verify", data={}).status_code == 422


def test_a_letter_is_drafted_from_the_project_and_what_is_wrong_is_told_by_field(story, papers):
    project = papers[0].project_id
    client = story.client(story.town.li_ming)
    assert 'data-testid="write-letter"' in text_of(client.get(f"/projects/{project}"))
    typed = {"to_organ": str(story.town["ghzyj"]), "subject": "协助办理用地预审", "body": "请予支持。"}
    lacking = client.post(f"/projects/{project}/letter", data=typed)
    assert lacking.status_code == 409, "nobody could sign it"
    with story.unit() as unit:
        hire(unit, "马国强", "leader", story.town.binhai)
    refused = client.post(f"/projects/{project}/letter", data=typed | {"due_on": "2026-01-01"})
    assert refused.status_code == 422
    assert "回复期限要在今天以后" in text_of(refused)
    assert "请予支持。" in text_of(refused)
    assert client.post(f"/projects/{project}/letter", data=typed).status_code == 303
    [item] = rows(story, WorkItem, node="check")
    head = text_of(story.client(story.town.chen_jing).get(f"/tasks/{item.id}"))
    assert "协助办理用地预审" in head
    assert f"/notices/proof/{item.id}.pdf" in head
    proof = story.client(story.town.chen_jing).get(f"/notices/proof/{item.id}.pdf")
    assert "草稿" in proof.data.decode()


def test_a_correction_is_drafted_by_the_issuing_organ_only(story, papers):
    number = papers[0].id
    with story.unit() as unit:
        hire(unit, "严明", "head", story.town.hzjl)
        hire(unit, "程序", "leader", story.town.hzjl)
    desk = story.client(story.town.zhao_qiang)
    assert f"/notices/{number}/correct" in text_of(desk.get(f"/notices/{number}"))
    typed = {"place": "第一段", "wrong": "三个月", "right": "四个月", "reason": "笔误"}
    assert story.client(story.town.li_ming).post(f"/notices/{number}/correct", data=typed).status_code == 403
    assert desk.post(f"/notices/{number}/correct", data=typed | {"wrong": ""}).status_code == 422
    assert desk.post(f"/notices/{number}/correct", data=typed).status_code == 303
    assert len(rows(story, WorkItem, node="check")) == 1

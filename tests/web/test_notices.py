"""Stories of papers: opened by the addressee as issued, signed for, verified by strangers, never served once altered."""

import hashlib
import io
import re
from datetime import timedelta
from urllib.parse import unquote

import pytest
from sqlalchemy import select

import jobs.letters  # noqa: F401 - the worker that renders issued papers
from engine.door import complete_item
from engine.verbs import save_draft
from models.audit import AuditEntry
from models.notice import Notice
from models.organ import organ_by_code
from models.process import WorkItem
from notices.errors import MissingGlyph
from tests.web.house import Story, open_story
from tests.workflows.story import APPROVE, TALK, PlainRenderer
from workflows.project import register_and_open

RED = APPROVE | {"plan_start_on": "2026-07-15"}
RARE = "😀"  # what officers paste from phones; no face of the letters has it


class TypeCase(PlainRenderer):
    """Sets the plain text, and says by name what it has no type for, as the real one does."""

    def render(self, letter, *, draft=False):
        if RARE in str(letter):
            raise MissingGlyph(RARE)
        return super().render(letter, draft=draft)


@pytest.fixture
def story(database, clock, tmp_path) -> Story:
    return open_story(database, clock, tmp_path, renderer=TypeCase())


@pytest.fixture
def issued(story) -> dict[str, Notice]:
    """A reminder each to 滨海新区 and 武清区, rendered, archived and delivered."""
    for code, name in (("120116", "滨海电池项目"), ("120114", "武清装备项目")):
        with story.unit() as unit:
            owner = organ_by_code(unit.session, code).id
            register_and_open(unit, owner_organ_id=owner, values=RED | {"name": name})
    story.sweep()
    return {"binhai": paper(story, story.town.binhai), "wuqing": paper(story, story.town.wuqing)}


def paper(story: Story, to: int) -> Notice:
    with story.reading() as unit:
        return unit.session.scalars(select(Notice).where(Notice.to_organ_id == to).order_by(Notice.id.desc())).first()


def archived(story: Story, notice: Notice):
    """The file on disk."""
    files = [path for path in story.house.settings.archive_dir.rglob("*") if path.is_file()]
    return next(path for path in files if hashlib.sha256(path.read_bytes()).hexdigest() == notice.sha256)


def sign(story: Story, node: str, clock, project_id: int) -> None:
    clock.move(by=timedelta(days=8))
    story.sweep()
    item = open_item(story, node, project_id)
    with story.unit(story.town.zhao_qiang) as unit:
        complete_item(unit, item_id=item.id, version=item.version, posted={})
    story.sweep()


def open_item(story: Story, node: str, project_id: int) -> WorkItem:
    with story.reading() as unit:
        query = select(WorkItem).where(WorkItem.node == node, WorkItem.project_id == project_id)
        return unit.session.scalars(query.where(WorkItem.state == "ready")).one()


def test_the_addressee_opens_the_archived_file_byte_for_byte_and_that_is_noted_once(story, issued, clock):
    notice = issued["binhai"]
    client = story.client(story.town.li_ming)
    answer = client.get(f"/notices/{notice.id}.pdf")
    assert answer.status_code == 200
    assert answer.data == archived(story, notice).read_bytes()
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"].isascii(), "a server sends no other characters in headers"
    shown = unquote(answer.headers["Content-Disposition"])
    assert shown.startswith("inline")
    assert "津合作提〔2026〕1号 关于滨海电池项目推进情况的提醒函.pdf" in shown
    first = paper(story, story.town.binhai).opened_at
    assert first == clock.now()
    clock.move(by=timedelta(minutes=10))
    assert client.get(f"/notices/{notice.id}.pdf?save=1").headers["Content-Disposition"].startswith("attachment")
    assert paper(story, story.town.binhai).opened_at == first


def test_a_look_by_the_desk_or_a_leader_opens_nothing_for_the_addressee(story, issued):
    for officer in (story.town.zhao_qiang, story.town.sun_li):
        assert story.client(officer).get(f"/notices/{issued['binhai'].id}.pdf").status_code == 200
    assert paper(story, story.town.binhai).opened_at is None


def test_another_district_and_a_stranger_get_nothing(story, issued):
    number = issued["binhai"].id
    other = story.client(story.town.wang_fang)
    for address in (f"/notices/{number}", f"/notices/{number}.pdf", "/notices/999", "/notices/999.pdf"):
        assert other.get(address).status_code == 404
    assert other.post(f"/notices/{number}/acknowledge").status_code == 404
    assert "津合作提〔2026〕1号" not in other.get("/notices").get_data(as_text=True)
    assert story.app.test_client().get(f"/notices/{number}.pdf").status_code == 303


def test_the_addressee_signs_once_and_the_desk_sees_it(story, issued):
    number, client = issued["binhai"].id, story.client(story.town.li_ming)
    assert 'data-testid="act-sign"' in client.get("/notices").get_data(as_text=True)
    assert client.post(f"/notices/{number}/acknowledge").status_code == 303
    page = client.get(f"/notices/{number}").get_data(as_text=True)
    assert "已签收" in page
    assert "李明" in page
    assert client.post(f"/notices/{number}/acknowledge").status_code == 409
    desk = story.client(story.town.zhao_qiang).get("/notices?state=unsigned").get_data(as_text=True)
    assert re.findall(r"津合作提〔2026〕(\d)号 ·", desk) == ["2"]
    assert story.client(story.town.zhao_qiang).post(f"/notices/{number}/acknowledge").status_code == 403


def test_a_file_altered_on_disk_is_never_served_and_rings(story, issued, caplog):
    notice = issued["binhai"]
    path = archived(story, notice)
    path.chmod(0o600)
    path.write_bytes(path.read_bytes() + b" ")
    answer = story.client(story.town.li_ming).get(f"/notices/{notice.id}.pdf")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 500
    assert "%PDF" not in page
    assert "已停止提供" in page
    with story.reading() as unit:
        line = unit.session.scalars(select(AuditEntry).where(AuditEntry.act == "notice.altered")).one()
    assert (line.subject_id, line.refused, line.who) == (notice.id, True, "李明")
    assert line.detail["reference"] in page
    assert any(record.levelname == "CRITICAL" for record in caplog.records)
    assert paper(story, story.town.binhai).opened_at is None
    path.unlink()
    assert story.client(story.town.li_ming).get(f"/notices/{notice.id}.pdf").status_code == 500


def test_a_rectification_notice_is_signed_for_by_its_receipt(story, issued, clock):
    project_id = issued["binhai"].project_id
    for node in ("sign_l2", "sign_l3"):
        sign(story, node, clock, project_id)
    notice, receipt = paper(story, story.town.binhai), open_item(story, "receipt", project_id)
    page = story.client(story.town.li_ming).get(f"/notices/{notice.id}").get_data(as_text=True)
    assert notice.kind == "rectification"
    assert f'href="/tasks/{receipt.id}"' in page
    assert 'data-testid="act-sign"' not in page


def test_the_draft_can_be_seen_before_it_is_signed_and_takes_no_number(story, issued, clock):
    project_id = issued["binhai"].project_id
    clock.move(by=timedelta(days=8))
    story.sweep()
    item = open_item(story, "sign_l2", project_id)
    desk = story.client(story.town.zhao_qiang)
    assert f"/notices/proof/{item.id}.pdf" in desk.get(f"/tasks/{item.id}").get_data(as_text=True)
    with story.unit(story.town.zhao_qiang) as unit:
        save_draft(unit, item_id=item.id, draft={"supplement": "月底前报进度表"})
    proof = desk.get(f"/notices/proof/{item.id}.pdf")
    text = proof.get_data().decode()
    assert (proof.status_code, proof.headers["Content-Type"]) == (200, "application/pdf")
    for words in ("草稿", "SupervisionNotice", "滨海电池项目", "月底前报进度表", "应开工未开工", "number=None"):
        assert words in text
    assert len(notices(story)) == 2
    with story.unit(story.town.zhao_qiang) as unit:
        complete_item(unit, item_id=item.id, version=item.version, posted={"supplement": "月底前报进度表"})
    frozen = paper(story, story.town.binhai).letter
    assert frozen["facts"][0] in text
    assert frozen["supplement"] == "月底前报进度表"
    assert desk.get(f"/notices/proof/{item.id}.pdf").status_code == 404, "it is signed"


def test_the_draft_of_a_rectification_notice_lists_its_findings_and_writes_nothing(story, issued, clock):
    project_id = issued["binhai"].project_id
    sign(story, "sign_l2", clock, project_id)
    clock.move(by=timedelta(days=8))
    story.sweep()
    item, before = open_item(story, "sign_l3", project_id), len(notices(story))
    text = story.client(story.town.zhao_qiang).get(f"/notices/proof/{item.id}.pdf").get_data().decode()
    assert "RectificationNotice" in text
    assert "Point(fact=" in text
    assert len(notices(story)) == before


def test_a_talk_that_is_being_written_can_be_seen_once_it_is_whole(story, issued, clock):
    project_id = issued["binhai"].project_id
    sign(story, "sign_l2", clock, project_id)
    sign(story, "sign_l3", clock, project_id)
    clock.move(by=timedelta(days=5))
    story.sweep()  # nobody signed for the 整改通知书
    item, desk = open_item(story, "arrange_talk", project_id), story.client(story.town.zhao_qiang)
    assert f"/notices/proof/{item.id}.pdf" in desk.get(f"/tasks/{item.id}").get_data(as_text=True)
    early = desk.get(f"/notices/proof/{item.id}.pdf")
    assert early.status_code == 409
    assert "文稿还没有写完" in early.get_data(as_text=True)
    with story.unit(story.town.zhao_qiang) as unit:
        save_draft(unit, item_id=item.id, draft=TALK)
    text = desk.get(f"/notices/proof/{item.id}.pdf").get_data().decode()
    for words in ("草稿", "TalkNotice", "市政府第三会议室", "number=None"):
        assert words in text


def test_a_character_that_cannot_be_set_is_named_before_signing(story, issued, clock):
    clock.move(by=timedelta(days=8))
    story.sweep()
    item = open_item(story, "sign_l2", issued["binhai"].project_id)
    with story.unit(story.town.zhao_qiang) as unit:
        save_draft(unit, item_id=item.id, draft={"supplement": f"联系人{RARE}某"})
    answer = story.client(story.town.zhao_qiang).get(f"/notices/proof/{item.id}.pdf")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert f"{RARE}（U+1F600）" in page
    assert f'href="/tasks/{item.id}"' in page


def test_only_those_who_sign_see_the_draft(story, issued, clock):
    clock.move(by=timedelta(days=8))
    story.sweep()
    item = open_item(story, "sign_l2", issued["binhai"].project_id)
    for officer in (story.town.li_ming, story.town.sun_li, story.town.han_xue):
        assert story.client(officer).get(f"/notices/proof/{item.id}.pdf").status_code == 404
    assert story.client(story.town.auditor).get(f"/notices/proof/{item.id}.pdf").status_code == 403


def test_anybody_with_the_code_learns_what_the_paper_says_of_itself_and_nothing_else(story, issued):
    notice = issued["binhai"]
    page = story.app.test_client().get(f"/verify/{notice.code}")
    text = page.get_data(as_text=True)
    assert page.status_code == 200
    for words in (notice.number, "市合作交流办", "2026年11月24日", notice.sha256):
        assert words in text
    for secret in ("滨海", "电池", "李明", "开工", f"/notices/{notice.id}"):
        assert secret not in text


@pytest.mark.parametrize("code", ["nothing", "津督提", "' OR 1=1 --", "x" * 500])
def test_an_unknown_code_is_simply_not_found(story, issued, code):
    answer = story.app.test_client().get(f"/verify/{code}")
    assert answer.status_code == 404
    assert "没有找到这件公文" in answer.get_data(as_text=True)


def test_a_paper_that_is_still_being_made_is_not_found(story, issued):
    with story.unit() as unit:
        unit.session.get_one(Notice, issued["binhai"].id).delivered_at = None
    assert story.app.test_client().get(f"/verify/{issued['binhai'].code}").status_code == 404
    assert story.client(story.town.li_ming).get(f"/notices/{issued['binhai'].id}").status_code == 404


def test_the_file_in_hand_is_compared_by_its_digest(story, issued):
    notice, stranger = issued["binhai"], story.app.test_client()
    original = archived(story, notice).read_bytes()
    for data, testid in ((original, "verify-same"), (original + b"\n", "verify-differs")):
        answer = stranger.post(f"/verify/{notice.code}", data={"file": (io.BytesIO(data), "来件.pdf")})
        assert answer.status_code == 200
        assert f'data-testid="{testid}"' in answer.get_data(as_text=True)
    assert stranger.post(f"/verify/{notice.code}", data={}).status_code == 422
    assert stranger.post("/verify/nothing", data={"file": (io.BytesIO(original), "来件.pdf")}).status_code == 404


def test_a_closed_out_paper_says_so(story, issued, clock):
    with story.unit() as unit:
        unit.session.get_one(Notice, issued["binhai"].id).closed_at = clock.now()
    assert "已销号" in story.app.test_client().get(f"/verify/{issued['binhai'].code}").get_data(as_text=True)


def notices(story: Story) -> list[Notice]:
    with story.reading() as unit:
        return list(unit.session.scalars(select(Notice)))

"""Stories of Word drafts: the one who signs takes the text away for editing; nobody else does, and a broken template is no bug."""

from datetime import timedelta
from io import BytesIO

import pytest
from docx import Document

import jobs.letters  # noqa: F401 - the worker that renders issued papers
from engine.verbs import save_draft
from notices.word import MIME
from tests.web.test_notices import RED, Story, issued, open_item, sign, story  # noqa: F401 - fixtures

TYPED = "请附{{ 7*7 }}和<w:p>说明"


@pytest.fixture
def waiting(story, issued, clock):  # noqa: F811 - the fixtures above
    """The item in which 赵强 is to sign a 督办通知单, with a text typed into it."""
    clock.move(by=timedelta(days=8))
    story.sweep()
    item = open_item(story, "sign_l2", issued["binhai"].project_id)
    with story.unit(story.town.zhao_qiang) as unit:
        save_draft(unit, item_id=item.id, draft={"supplement": TYPED})
    return item


def test_who_signs_downloads_the_draft_for_word_from_the_page_of_the_item(story, waiting):  # noqa: F811
    desk = story.client(story.town.zhao_qiang)
    page = desk.get(f"/tasks/{waiting.id}").get_data(as_text=True)
    assert f'href="/notices/proof/{waiting.id}.docx">下载 Word</a>' in page
    answer = desk.get(f"/notices/proof/{waiting.id}.docx")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, MIME)
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    made = Document(BytesIO(answer.get_data()))
    text = "\n".join(paragraph.text for paragraph in made.paragraphs)
    assert TYPED in text
    assert "编号待定" in text
    assert "滨海" in text
    assert made.sections[0].header.paragraphs[0].text.startswith("草稿")


def test_nobody_else_has_the_word_draft_and_a_signed_one_is_gone(story, waiting, issued, clock):  # noqa: F811
    for officer in (story.town.li_ming, story.town.sun_li, story.town.han_xue):
        assert story.client(officer).get(f"/notices/proof/{waiting.id}.docx").status_code == 404
    assert story.client(story.town.auditor).get(f"/notices/proof/{waiting.id}.docx").status_code == 403
    sign(story, "sign_l2", clock, issued["binhai"].project_id)
    assert story.client(story.town.zhao_qiang).get(f"/notices/proof/{waiting.id}.docx").status_code == 404


def test_a_template_that_cannot_be_filled_is_told_on_a_page(story, waiting, tmp_path, monkeypatch):  # noqa: F811
    (tmp_path / "gongwen.docx").write_bytes(b"no document")
    monkeypatch.setenv("DUBAN_TEMPLATE_DIR", str(tmp_path))
    answer = story.client(story.town.zhao_qiang).get(f"/notices/proof/{waiting.id}.docx")
    assert answer.status_code == 422
    assert "文稿未能排印" in answer.get_data(as_text=True)

"""A 通报 that went to two districts, on the pages: each has its own receipt, the desk sees both, nobody sees another's."""

import re

import pytest

import jobs.letters  # noqa: F401 - the worker that renders issued papers
from models.notice import issue_notice
from tests.models.test_delivery import LETTER
from tests.web.house import Story, open_story
from tests.workflows.story import PlainRenderer

ROW = re.compile(r'data-testid="receipt-row"><td class="cell-main">([^<]+)</td>.*?<span>([^<]+)</span>', re.DOTALL)


@pytest.fixture
def story(database, clock, tmp_path) -> Story:
    return open_story(database, clock, tmp_path, renderer=PlainRenderer())


@pytest.fixture
def bulletin(story) -> int:
    town = story.town
    with story.unit() as unit:
        notice = issue_notice(
            unit, kind="bulletin", organ_id=town.hzjl, to_organ_id=town.hzjl, project_id=None, process_id=None,
            title="关于11月招商引资情况的通报", letter=LETTER | {"kind": "bulletin"}, also_to=[town.binhai, town.wuqing],
        )  # fmt: skip
    story.sweep()
    return notice.id


def page(story, actor, path):
    return story.client(actor).get(path).get_data(as_text=True)


def test_a_district_reads_and_signs_and_the_desk_sees_who_has_not(story, bulletin):
    town, paper = story.town, f"/notices/{bulletin}"
    assert "未阅，待签收" in page(story, town.li_ming, "/notices")
    assert story.client(town.li_ming).get(f"{paper}.pdf").status_code == 200
    assert "已阅，待签收" in page(story, town.li_ming, "/notices")
    assert "未阅，待签收" in page(story, town.wang_fang, "/notices")
    assert story.client(town.li_ming).post(f"{paper}/acknowledge").status_code == 303
    assert story.client(town.li_ming).post(f"{paper}/acknowledge").status_code == 409
    assert 'data-testid="act-sign"' not in page(story, town.li_ming, paper)
    assert 'data-testid="act-sign"' in page(story, town.wang_fang, paper)
    assert "李明" not in page(story, town.wang_fang, paper)
    desk = page(story, town.zhao_qiang, paper)
    assert ROW.findall(desk) == [("武清区", "未阅，待签收"), ("滨海新区", "已签收")]
    assert "各区人民政府（2个单位）" in desk
    assert "已签收1，共2个单位" in desk
    assert "1个单位待签收" in desk
    assert "李明" in desk
    assert "act-sign" not in desk
    assert not ROW.findall(page(story, town.li_ming, paper))


def test_the_desk_sees_it_signed_once_all_have(story, bulletin):
    for actor in (story.town.li_ming, story.town.wang_fang):
        assert "已签收1" not in page(story, story.town.zhao_qiang, "/notices?state=signed")
        assert story.client(actor).post(f"/notices/{bulletin}/acknowledge").status_code == 303
    assert "通报" in page(story, story.town.zhao_qiang, "/notices?state=signed")
    assert 'data-testid="notice-row"' not in page(story, story.town.zhao_qiang, "/notices?state=unsigned")


def test_the_register_says_how_many_it_went_to_and_strangers_learn_nothing_of_it(story, bulletin):
    assert "2个单位" in page(story, story.town.zhao_qiang, "/notices/register")
    assert story.client(story.town.zhou_wei).get(f"/notices/{bulletin}").status_code == 404
    assert story.client(story.town.zhao_qiang).post(f"/notices/{bulletin}/acknowledge").status_code == 403

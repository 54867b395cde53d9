"""发文单位 without somebody to check or to sign: told on 系统管理 before a paper is due, and where it is put right."""

import re
from datetime import timedelta

import pytest

from models.account import disable_officer
from models.desks import vacant_desks
from models.officer import grant_role
from models.organ import organ_names
from tests.cast import hire
from tests.web.house import Story, open_story
from tests.web.test_boards import counted


@pytest.fixture
def story(database, clock, tmp_path) -> Story:
    return open_story(database, clock, tmp_path)


def told(story: Story) -> list[str]:
    """The lines of the warning, without marks; none when there is no warning."""
    page = story.client(story.town.admin).get("/admin/duties").get_data(as_text=True)
    bar = re.search(r'data-testid="vacant-desks">.*?<span>(.*?)</span>', page, re.DOTALL)
    return bar[1].split("<br>") if bar else []


def name(story: Story, role: str, organ_id: int):
    with story.unit() as unit:
        return hire(unit, f"新{role}", role, organ_id)


def vacant(story: Story, days: int = 0) -> list[tuple[int, tuple[str, ...]]]:
    with story.reading() as unit:
        return [(each.organ_id, each.lacking) for each in vacant_desks(unit.session, unit.today + timedelta(days=days))]


def test_every_desk_without_a_leader_is_named_with_what_to_do(story):
    lines = [line for line in told(story) if "没有负责人" in line]
    assert len(lines) == 2, "the desk of the house, and where else somebody supervises"
    with story.reading() as unit:
        names = organ_names(unit.session, [story.town.hzjl, story.town["fgw"]], "zh")
    assert {line.split("没有负责人")[0] for line in lines} == set(names.values())
    assert all(
        "没有负责人，发文会停在签发。请给该单位指定核稿人（单位领导）、签发人（主要负责人）。" in line for line in lines
    )
    page = story.client(story.town.admin).get("/admin/duties").get_data(as_text=True)
    assert 'href="/admin/accounts"' in page.split('data-testid="vacant-desks"')[1].split("</div>")[0]


def test_a_desk_with_a_leader_but_no_head_stops_earlier(story):
    name(story, "leader", story.town.hzjl)
    found = [line for line in told(story) if "没有单位领导" in line]
    assert len(found) == 2, "and 市政府办公厅, which writes 约谈通知书, has nobody to check either"
    assert all("发文会停在核稿。请给该单位指定核稿人（单位领导）。" in line for line in found)


def test_once_both_posts_are_held_nothing_is_said(story):
    for organ_id in (story.town.hzjl, story.town["fgw"], story.town["zfbgt"]):
        for role in ("head", "leader"):
            name(story, role, organ_id)
    assert (told(story), vacant(story)) == ([], [])


def test_a_district_that_only_reports_is_no_desk_until_somebody_supervises_there(story):
    assert story.town.wuqing not in dict(vacant(story))
    name(story, "supervisor", story.town.wuqing)
    assert dict(vacant(story))[story.town.wuqing] == ("head", "leader")


def test_who_has_left_or_whose_grant_is_over_holds_no_post(story):
    head = name(story, "head", story.town.hzjl)
    with story.unit() as unit:
        leader = hire(unit, "临时负责人", "officer", story.town.hzjl)
        grant_role(unit, officer_id=leader.officer_id, role="leader", organ_id=story.town.hzjl,
                   valid_to=unit.today + timedelta(days=7))  # fmt: skip
    assert story.town.hzjl not in dict(vacant(story))
    assert dict(vacant(story, days=8))[story.town.hzjl] == ("leader",)
    with story.unit() as unit:
        disable_officer(unit, officer_id=head.officer_id)
    assert dict(vacant(story))[story.town.hzjl] == ("head",)


def test_the_page_costs_the_same_however_many_desks_are_vacant(story):
    few = counted(story, story.town.admin, "/admin/duties")
    for code in ("120110", "120111", "120112", "120113"):
        name(story, "supervisor", story.town[code])
    assert len(told(story)) == 7
    assert counted(story, story.town.admin, "/admin/duties") == few

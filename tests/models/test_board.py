"""What the boards count is what their lists hold, for the city, for one district and for a department."""

from datetime import timedelta

import pytest

from engine.verbs import urge_item
from models.board import (
    BoardFilter,
    attention,
    board_figures,
    ladder,
    ladder_counts,
    lit_counts,
    lit_projects,
    rectifications,
    supervised_again,
    waiting,
)
from models.held import find_held, held_items, overdue_items
from models.notice import Archived, deliver_notice
from models.notice_list import notice_counts, notice_page, unanswered_notices
from models.project_list import ProjectFilter, project_figures
from models.refusal import NotFound
from models.verification import public_notice
from tests.workflows.story import APPROVE, RESERVE, Story

RED, YELLOW = {"plan_start_on": "2026-07-15"}, {"plan_start_on": "2026-10-15"}


@pytest.fixture
def story(database, clock, tmp_path) -> Story:
    return Story(database, clock, tmp_path)


@pytest.fixture
def city(story) -> dict[str, int]:
    """滨海新区: one red, one yellow, one green, one in its zone; 武清区: one red. All ladders have begun."""
    town = story.town
    found = {
        "big": story.register(APPROVE | RED | {"name": "演示大项目", "total_investment": "900000"}),
        "late": story.register(APPROVE | YELLOW | {"name": "演示滞后项目"}),
        "well": story.register(RESERVE | {"name": "演示储备项目"}),
    }
    with story.unit() as unit:
        from workflows.project import register_and_open

        zone = register_and_open(unit, owner_organ_id=town.teda, values=APPROVE | RED | {"name": "演示开发区项目"})
        found["zone"] = zone.id
    found["wuqing"] = story.register(APPROVE | RED | {"name": "演示武清项目"}, owner=town.wuqing, by=town.wang_fang)
    story.sweep()
    return found


def test_every_count_of_the_board_equals_the_list_of_the_same_filter(story, city):
    town = story.town
    for actor in (town.sun_li, town.chen_jing, town.wang_fang):
        with story.reading(actor) as unit:
            figures = board_figures(unit)

            def listed(unit=unit, **wanted) -> int:
                return project_figures(unit, ProjectFilter(**wanted)).count

            assert figures.all.projects == listed()
            assert (figures.all.red, figures.all.yellow) == (listed(light="red"), listed(light="yellow"))
            for stage, lights in figures.by_stage.items():
                assert (lights.projects, lights.red) == (listed(stage=stage), listed(stage=stage, light="red"))
            for district, lights in figures.by_district.items():
                assert lights.yellow == listed(district_id=district, light="yellow")
                assert lights.projects == listed(district_id=district)
            for owner, lights in figures.by_owner.items():
                assert lights.red == listed(organ_id=owner, light="red")


def test_a_zone_is_counted_within_its_district_and_never_on_top(story, city):
    with story.reading(story.town.sun_li) as unit:
        figures = board_figures(unit)
    assert figures.by_district[story.town.binhai].projects == 4
    assert figures.by_owner[story.town.teda].projects == 1
    assert sum(lights.projects for lights in figures.by_district.values()) == figures.all.projects == 5


def test_every_tab_counts_what_its_list_holds(story, city):
    story.sweep(by=timedelta(days=60))
    town = story.town
    for actor in (town.zhao_qiang, town.li_ming, town.wang_fang, town.zhou_wei):
        with story.reading(actor) as unit:
            waits = waiting(unit)
            assert waits.supervisions == len(ladder(unit, BoardFilter(), limit=100))
            assert waits.supervisions == sum(each.number for each in ladder_counts(unit))
            assert waits.rectifications == len(rectifications(unit, limit=100))
            assert waits.overdue == len(overdue_items(unit, limit=100))
            assert waits.lit == len(lit_projects(unit, limit=100)) == sum(lit_counts(unit).values())
            assert waits.unanswered == len(unanswered_notices(unit, limit=100)) == notice_counts(unit)["unsigned"]
    with story.reading(town.zhao_qiang) as unit:
        assert waiting(unit).overdue > 0


def test_a_district_sees_its_own_ladders_only_and_a_department_none_of_them(story, city):
    town, seen = story.town, {}
    for name, actor in (
        ("city", town.zhao_qiang),
        ("binhai", town.li_ming),
        ("wuqing", town.wang_fang),
        ("department", town.zhou_wei),
    ):
        with story.reading(actor) as unit:
            seen[name] = {line.project.id for line in ladder(unit, BoardFilter())}
    assert seen["city"] == {city["big"], city["zone"], city["wuqing"]}
    assert seen["binhai"] == {city["big"], city["zone"]}
    assert seen["wuqing"] == {city["wuqing"]}
    assert seen["department"] == set()


def test_the_ladder_is_narrowed_by_light_district_organ_and_rung(story, city):
    with story.reading(story.town.zhao_qiang) as unit:
        counts = ladder_counts(unit)
        for wanted in (
            BoardFilter(light="red"),
            BoardFilter(light="green"),
            BoardFilter(rung=1),
            BoardFilter(rung=4),
            BoardFilter(district_id=story.town.binhai),
            BoardFilter(organ_id=story.town.teda),
            BoardFilter("red", story.town.binhai, story.town.teda, 1),
        ):
            assert len(ladder(unit, wanted)) == sum(each.number for each in counts if each.fits(wanted)), wanted
        [line] = ladder(unit, BoardFilter(organ_id=story.town.teda))
    assert (line.project.id, line.rung, line.wakes_at) == (
        city["zone"],
        1,
        story.process("supervision", city["zone"]).wakes_at,
    )


def test_pages_of_a_list_neither_repeat_nor_lose_a_line(story, city):
    with story.reading(story.town.zhao_qiang) as unit:
        whole = [line.id for line in ladder(unit, BoardFilter(), limit=100)]
        first = ladder(unit, BoardFilter(), limit=2)
        rest = ladder(unit, BoardFilter(), limit=2, after=first[1].id)
    assert [line.id for line in first[:2]] + [line.id for line in rest] == whole


def test_what_needs_the_leader_comes_by_rung_then_by_money(story, city):
    with story.reading(story.town.sun_li) as unit:
        assert next(line.project.id for line in attention(unit)) == city["big"]
    story.sweep(by=timedelta(days=8))
    story.do(story.town.zhao_qiang, city["wuqing"], "sign_l2", {})
    with story.reading(story.town.sun_li) as unit:
        lines = attention(unit)
    assert [line.project.id for line in lines] == [city["wuqing"], city["big"], city["zone"]]
    assert (lines[0].rung, lines[1].rung) == (2, 1)
    assert "应开工未开工" in lines[0].project.sentence


def test_an_item_says_who_holds_it_and_whether_it_was_urged_today(story, city):
    with story.reading(story.town.sun_li) as unit:
        [item] = held_items(unit, [city["big"]])[city["big"]]
    assert (item.organ_id, item.urged_today, item.process_key) == (story.town.binhai, False, "project")
    with story.unit(story.town.sun_li) as unit:
        urge_item(unit, item_id=item.id, words="请尽快开工")
    with story.reading(story.town.sun_li) as unit:
        assert find_held(unit, item.id).urged_today
    story.clock.move(by=timedelta(days=1))
    with story.reading(story.town.sun_li) as unit:
        assert not find_held(unit, item.id).urged_today


def test_an_item_of_another_district_is_not_found(story, city):
    item = story.items(city["wuqing"])[0]
    with story.reading(story.town.chen_jing) as unit, pytest.raises(NotFound):
        find_held(unit, item.id)


def test_a_project_that_was_supervised_twice_is_named_with_how_often(story, city):
    from models.project import update_project

    def correct(on: str) -> None:
        with story.unit(story.town.li_ming) as unit:
            version = unit.session.get_one(type(story.project(city["big"])), city["big"]).version
            update_project(unit, city["big"], version=version, values={"plan_start_on": on})
        story.sweep()

    correct("2027-03-01")
    correct("2026-07-15")
    with story.reading(story.town.zhao_qiang) as unit:
        assert supervised_again(unit) == [(city["big"], "演示大项目", 2)]
    with story.reading(story.town.wang_fang) as unit:
        assert supervised_again(unit) == []


def test_a_paper_is_seen_by_its_addressee_once_delivered_and_by_the_desk_before(story, city):
    town = story.town
    with story.reading(town.zhao_qiang) as unit:
        papers = notice_page(unit)
        [to_wuqing] = [paper for paper in papers if paper.to_organ_id == town.wuqing]
        if to_wuqing.delivered_at is None:
            assert public_notice(unit, to_wuqing.code) is None
    with story.unit() as unit:
        deliver_notice(unit, notice_id=to_wuqing.id, archived=Archived("a" * 64, 10, "a" * 64))
    with story.reading(town.wang_fang) as unit:
        assert [paper.id for paper in notice_page(unit)] == [to_wuqing.id]
        assert notice_counts(unit) == {
            "all": 1, "unsigned": 1, "overdue": 0, "signed": 0, "answered": 0, "closed": 0, "voided": 0,
        }  # fmt: skip
    with story.reading(town.zhou_wei) as unit:
        assert notice_page(unit) == []
    with story.reading() as unit:
        assert public_notice(unit, to_wuqing.code).number == to_wuqing.number

"""一次填报: no field of the calendar's forms is asked for twice, and a planted one is named."""

from pathlib import Path

import workflows
from engine.fill_once import asked_twice
from engine.maps import read_map
from forms.reader import form_schema

MAPS = [read_map(path.read_bytes()) for path in sorted((Path(__file__).parents[2] / "bpmn").glob("*.bpmn"))]


def test_no_two_forms_of_the_calendar_ask_for_the_same_field():
    workflows.discover()
    assert asked_twice(MAPS) == []


def planted(**fields):
    """The house's forms, with a field more in the monthly report's."""

    def schema(form):
        read = form_schema(form)
        return read if form != "monthly_report_check" else {"properties": {**read["properties"], **fields}}

    return schema


def test_a_field_of_the_review_asked_again_in_the_report_is_named():
    workflows.discover()
    again = asked_twice(MAPS, planted(arrived_month_wan={"title": "本月到位"}))
    assert [(each.field, each.forms) for each in again] == [
        ("arrived_month_wan", ("monthly_report_check", "progress_review"))
    ]


def test_the_same_question_under_another_name_is_found_by_its_title():
    workflows.discover()
    again = asked_twice(MAPS, planted(funds={"title": "本月到位资金"}))
    assert len(again) == 1
    assert again[0].title == "本月到位资金"


def test_an_opinion_is_no_figure():
    workflows.discover()
    assert asked_twice(MAPS, planted(opinion={"title": "意见"}, evidence={"title": "佐证材料"})) == []


def test_maps_that_no_duty_starts_are_no_part_of_it():
    assert asked_twice(MAPS, words=()) == []

"""Organs come and go; the one who took over answers."""

from datetime import date

import pytest

from models.organ import (
    COORDINATION_KINDS,
    Organ,
    add_organ,
    close_organ,
    coordinators,
    current_organ,
    organ_by_code,
    organ_names,
    organ_of,
    organs,
)
from models.refusal import Invalid, NotFound, NotPermitted
from models.seed import load_organs
from models.unit import CLOCK, open_reading, open_unit
from tests.cast import make_town

LAST_DAY = date(2026, 12, 31)
NEW_YEAR = date(2027, 1, 1)


@pytest.fixture
def unit(database, clock):
    with open_unit(database, CLOCK, clock.now()) as opened:
        yield opened


def office(unit, code, **more):
    return add_organ(unit, code=code, name_zh=f"{code}局", name_en=code, kind="department", **more)


def test_the_city_is_there_once_however_often_it_is_loaded(database, clock):
    with open_unit(database, CLOCK, clock.now()) as unit:
        assert load_organs(unit) == 16 + 5 + 16
    with open_unit(database, CLOCK, clock.now()) as unit:
        assert load_organs(unit) == 0
        assert len(organs(unit.session, unit.today, ["district"])) == 16
        assert len(organs(unit.session, unit.today, ["development_zone"])) == 5
        assert len(organs(unit.session, unit.today, ["department", "office"])) == 16


def test_a_zone_rolls_up_into_its_district_and_a_district_into_itself(unit):
    load_organs(unit)
    binhai, teda = organ_by_code(unit.session, "120116"), organ_by_code(unit.session, "120116400")
    assert teda.parent_id == teda.root_id == binhai.id
    assert binhai.root_id == binhai.id
    assert binhai.parent_id is None


def test_two_organs_serve_the_whole_city_and_five_help_with_one_thing_each(unit):
    load_organs(unit)
    wide = {organ.code for organ in organs(unit.session, unit.today) if organ.city_wide}
    assert wide == {"hzjl", "zfbgt"}
    helping = coordinators(unit.session, unit.today)
    assert set(helping) == set(COORDINATION_KINDS)
    assert helping["人才"].name_zh == "市人社局"
    assert organ_names(unit.session, [helping["金融"].id], "en") == {
        helping["金融"].id: "Municipal Finance Service Bureau"
    }


def test_the_successor_answers_from_the_day_after_the_last(unit):
    first, second, third = office(unit, "a"), office(unit, "b"), office(unit, "c")
    close_organ(unit, organ_id=first, last_day=LAST_DAY, successor_id=second)
    close_organ(unit, organ_id=second, last_day=LAST_DAY, successor_id=third)
    old = organ_of(unit.session, first)
    assert current_organ(old, LAST_DAY).id == first
    assert current_organ(old, NEW_YEAR).id == third
    assert [organ.code for organ in organs(unit.session, NEW_YEAR)] == ["c"]
    assert [organ.code for organ in organs(unit.session, LAST_DAY)] == ["a", "b", "c"]


def test_nobody_answers_for_an_organ_that_ended_without_a_successor(unit):
    alone = office(unit, "a")
    close_organ(unit, organ_id=alone, last_day=LAST_DAY)
    assert current_organ(organ_of(unit.session, alone), NEW_YEAR) is None


def test_an_organ_cannot_in_the_end_succeed_itself(unit):
    first, second = office(unit, "a"), office(unit, "b")
    close_organ(unit, organ_id=first, last_day=LAST_DAY, successor_id=second)
    with pytest.raises(Invalid) as refused:
        close_organ(unit, organ_id=second, last_day=LAST_DAY, successor_id=first)
    assert "successor_id" in refused.value.fields
    with pytest.raises(Invalid):
        close_organ(unit, organ_id=second, last_day=LAST_DAY, successor_id=second)


def test_an_organ_is_not_there_before_its_first_day_nor_ended_before_it(unit):
    young = office(unit, "a", valid_from=NEW_YEAR)
    assert not organ_of(unit.session, young).is_valid(LAST_DAY)
    assert organs(unit.session, LAST_DAY) == []
    with pytest.raises(Invalid):
        close_organ(unit, organ_id=young, last_day=LAST_DAY)


def test_an_organ_with_a_taken_code_or_an_unknown_kind_is_refused(unit):
    office(unit, "a")
    with pytest.raises(Invalid) as refused:
        add_organ(unit, code="a", name_zh="甲局", name_en="A", kind="club", coordination_kind="住房")
    assert set(refused.value.fields) == {"code", "kind", "coordination_kind"}
    with pytest.raises(NotFound):
        organ_by_code(unit.session, "b")


def test_only_the_administrator_changes_organs(database, clock):
    with open_unit(database, CLOCK, clock.now()) as unit:
        town = make_town(unit)
    with open_unit(database, town.zhao_qiang, clock.now()) as unit, pytest.raises(NotPermitted):
        close_organ(unit, organ_id=town.wuqing, last_day=LAST_DAY)
    with open_unit(database, town.admin, clock.now()) as unit:
        close_organ(unit, organ_id=town.wuqing, last_day=LAST_DAY)
    with open_reading(database, CLOCK, clock.now()) as unit:
        assert unit.session.get(Organ, town.wuqing).valid_to == LAST_DAY

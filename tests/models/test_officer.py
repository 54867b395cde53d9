"""Officers hold roles for organs, for a time; administration and audit stay apart from business."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from models.account import disable_officer, enable_officer
from models.audit import AuditEntry
from models.officer import (
    OfficerGrant,
    actor_for,
    administrators,
    create_officer,
    demo_officers,
    edit_officer,
    end_grant,
    grant_role,
    grants_of,
    holders,
    masked,
    officer_of,
    show_card,
)
from models.permit import Grant
from models.refusal import Invalid, NotDue, NotFound, NotPermitted
from models.unit import CLOCK, open_reading, open_unit
from tests.cast import CAST, hire, make_town


@pytest.fixture
def unit(database, clock):
    with open_unit(database, CLOCK, clock.now()) as opened:
        yield opened


@pytest.fixture
def town(unit):
    return make_town(unit)


def test_everybody_of_the_cast_acts_for_the_organ_they_were_given(town):
    for key, (name, role, code) in CAST.items():
        actor = getattr(town, key)
        assert (actor.name, actor.organ_id) == (name, town[code])
        assert actor.grants == (Grant(role, town[code], city=code in {"hzjl", "zfbgt"}),)


def test_a_role_holds_from_its_first_to_its_last_day(unit, town):
    person = create_officer(unit, name="林岚", organ_id=town.wuqing)
    first, last = unit.today + timedelta(days=1), unit.today + timedelta(days=3)
    grant_role(unit, officer_id=person, role="head", organ_id=town.wuqing, valid_from=first, valid_to=last)
    held = [bool(grants_of(unit.session, person, unit.today + timedelta(days=n))) for n in range(5)]
    assert held == [False, True, True, True, False]


def test_a_role_taken_back_is_gone_at_once_and_stays_on_record(unit, town):
    grant = unit.session.scalars(select(OfficerGrant).where(OfficerGrant.officer_id == town.li_ming.officer_id)).one()
    end_grant(unit, grant_id=grant.id)
    assert actor_for(unit.session, town.li_ming.officer_id, unit.today).grants == ()
    assert unit.session.get(OfficerGrant, grant.id).ended_at == unit.now
    with pytest.raises(NotFound):
        end_grant(unit, grant_id=grant.id)


@pytest.mark.parametrize(
    ("who", "role"),
    [
        ("admin", "auditor"),
        ("auditor", "admin"),
        ("admin", "officer"),
        ("auditor", "leader"),
        ("li_ming", "admin"),
        ("zhao_qiang", "auditor"),
    ],
)
def test_administration_audit_and_business_are_never_in_one_hand(unit, town, who, role):
    with pytest.raises(Invalid) as refused:
        grant_role(unit, officer_id=getattr(town, who).officer_id, role=role, organ_id=town.hzjl)
    assert "同一人" in refused.value.fields["role"]


def test_one_may_become_auditor_after_the_business_role_was_taken_back(unit, town):
    grant = unit.session.scalars(select(OfficerGrant).where(OfficerGrant.officer_id == town.li_ming.officer_id)).one()
    end_grant(unit, grant_id=grant.id)
    grant_role(unit, officer_id=town.li_ming.officer_id, role="auditor", organ_id=town.hzjl)
    assert [grant.role for grant in grants_of(unit.session, town.li_ming.officer_id, unit.today)] == ["auditor"]


def test_a_later_business_role_also_excludes_being_administrator_until_then(unit, town):
    person = create_officer(unit, name="林岚", organ_id=town.hzjl)
    later = unit.today + timedelta(days=10)
    grant_role(unit, officer_id=person, role="officer", organ_id=town.hzjl, valid_from=later)
    with pytest.raises(Invalid):
        grant_role(unit, officer_id=person, role="admin", organ_id=town.hzjl)
    grant_role(unit, officer_id=person, role="admin", organ_id=town.hzjl, valid_to=later - timedelta(days=1))


def test_several_business_roles_may_be_held_together(unit, town):
    grant_role(unit, officer_id=town.li_ming.officer_id, role="head", organ_id=town.teda)
    roles = {(grant.role, grant.organ_id) for grant in grants_of(unit.session, town.li_ming.officer_id, unit.today)}
    assert roles == {("officer", town.binhai), ("head", town.teda)}


def test_an_unknown_role_and_a_span_that_ends_before_it_begins_are_refused(unit, town):
    with pytest.raises(Invalid, match="填写有误"):
        grant_role(unit, officer_id=town.li_ming.officer_id, role="king", organ_id=town.binhai)
    with pytest.raises(Invalid) as refused:
        grant_role(
            unit, officer_id=town.li_ming.officer_id, role="head", organ_id=town.binhai, valid_to=date(2020, 1, 1)
        )
    assert "valid_to" in refused.value.fields


def test_the_last_administrator_and_the_last_auditor_stay(unit, town):
    for who in (town.admin, town.auditor):
        with pytest.raises(NotDue, match="最后一名"):
            disable_officer(unit, officer_id=who.officer_id)
        grant = unit.session.scalars(select(OfficerGrant).where(OfficerGrant.officer_id == who.officer_id)).one()
        with pytest.raises(NotDue):
            end_grant(unit, grant_id=grant.id)
    hire(unit, "第二管理员", "admin", town.hzjl)
    disable_officer(unit, officer_id=town.admin.officer_id)
    assert administrators(unit.session, unit.today) == 1


def test_who_can_be_asked_for_a_role_leaves_out_the_disabled(unit, town):
    other = hire(unit, "刘洋", "officer", town.binhai)
    assert [officer.name for officer in holders(unit.session, "officer", [town.binhai, town.teda], unit.today)] == [
        "李明",
        "刘洋",
    ]
    disable_officer(unit, officer_id=other.officer_id)
    assert [officer.name for officer in holders(unit.session, "officer", [town.binhai], unit.today)] == ["李明"]
    enable_officer(unit, officer_id=other.officer_id)
    assert len(holders(unit.session, "officer", [town.binhai], unit.today)) == 2


def test_a_telephone_number_is_shown_without_its_middle(unit, town):
    person = create_officer(unit, name=" 林岚 ", organ_id=town.wuqing, phone="13802001234")
    assert officer_of(unit.session, person).masked_phone == "138****1234"
    edit_officer(unit, officer_id=person, name="林岚", phone="022-12345678", email="lin@example.cn")
    assert officer_of(unit.session, person).masked_phone == "022*****5678"
    assert masked("8012") == "8012"
    lines = unit.session.scalars(select(AuditEntry).where(AuditEntry.subject_id == person)).all()
    assert not any("13802001234" in str(line.detail) or "12345678" in str(line.detail) for line in lines)
    with pytest.raises(Invalid):
        create_officer(unit, name="  ", organ_id=town.wuqing)


def test_the_demo_shows_its_cards_in_order_and_only_active_officers(unit, town):
    show_card(unit, officer_id=town.sun_li.officer_id, card="leader")
    show_card(unit, officer_id=town.li_ming.officer_id, card="officer")
    assert [(card, officer.name) for card, officer in demo_officers(unit.session).items()] == [
        ("officer", "李明"),
        ("leader", "孙丽"),
    ]
    disable_officer(unit, officer_id=town.sun_li.officer_id)
    assert list(demo_officers(unit.session)) == ["officer"]
    with pytest.raises(Invalid):
        show_card(unit, officer_id=town.li_ming.officer_id, card="king")


def test_only_the_administrator_makes_officers_and_grants(database, clock):
    with open_unit(database, CLOCK, clock.now()) as unit:
        town = make_town(unit)
    with open_unit(database, town.chen_jing, clock.now()) as unit:
        with pytest.raises(NotPermitted):
            create_officer(unit, name="林岚", organ_id=town.binhai)
        with pytest.raises(NotPermitted):
            grant_role(unit, officer_id=town.li_ming.officer_id, role="head", organ_id=town.binhai)
    with open_unit(database, town.admin, clock.now()) as unit:
        hire(unit, "林岚", "officer", town.binhai)
    with open_reading(database, CLOCK, clock.now()) as unit:
        acts = unit.session.scalars(select(AuditEntry.act).where(AuditEntry.officer_id == town.admin.officer_id)).all()
    assert acts == ["officer.create", "officer.grant"]

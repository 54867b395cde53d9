"""Being signed in: for a while, as oneself, and no longer than one may."""

from datetime import timedelta

import pytest
from sqlalchemy import event, select

from models.account import disable_officer, enable_officer
from models.audit import AuditEntry
from models.officer import OfficerGrant, end_grant, grant_role, show_card
from models.permit import Grant
from models.refusal import Invalid, NotFound
from models.session import (
    ApiToken,
    Limits,
    SignIn,
    actor_of,
    actor_of_token,
    end_sign_in,
    issue_token,
    note_seen,
    note_used,
    open_sign_in,
    own_sign_ins,
    own_tokens,
    presence_of,
    revoke_token,
    sign_in_demo,
    sign_out,
    token_use_of,
)
from models.unit import CLOCK, open_reading, open_unit
from tests.cast import make_town

LIMITS = Limits(idle_minutes=30, absolute=timedelta(hours=8))


@pytest.fixture
def town(database, clock):
    with open_unit(database, CLOCK, clock.now()) as unit:
        return make_town(unit)


@pytest.fixture
def token(database, clock, town):
    """李明 is signed in with it."""
    with open_unit(database, CLOCK, clock.now()) as unit:
        return open_sign_in(unit, officer_id=town.li_ming.officer_id, limits=LIMITS)


def who(database, clock, token, question=actor_of):
    with open_reading(database, CLOCK, clock.now()) as unit:
        return question(unit.session, token, clock.now())


def statements(database, work):
    counted = []
    event.listen(database.reading, "before_cursor_execute", lambda *call: counted.append(call[2]))
    work()
    return [text for text in counted if text.lstrip().upper().startswith("SELECT")]


def test_the_token_stands_for_the_officer_with_the_roles_of_today(database, clock, town, token):
    with open_unit(database, CLOCK, clock.now()) as unit:
        grant_role(unit, officer_id=town.li_ming.officer_id, role="head", organ_id=town.teda)
    actor = who(database, clock, token)
    assert (actor.name, actor.officer_id, actor.organ_id) == ("李明", town.li_ming.officer_id, town.binhai)
    assert actor.grants == (Grant("officer", town.binhai), Grant("head", town.teda))


def test_a_city_wide_office_reaches_the_city(database, clock, town):
    with open_unit(database, CLOCK, clock.now()) as unit:
        token = open_sign_in(unit, officer_id=town.zhao_qiang.officer_id, limits=LIMITS)
    assert who(database, clock, token).grants == (Grant("supervisor", town.hzjl, city=True),)


def test_only_the_hash_of_a_token_is_kept(database, clock, token):
    with open_reading(database, CLOCK, clock.now()) as unit:
        kept = unit.session.scalars(select(SignIn.token_hash)).one()
    assert token not in kept
    assert who(database, clock, kept) is None
    assert who(database, clock, "") is None


def test_a_session_ends_after_half_an_hour_without_a_request(database, clock, token):
    clock.move(by=timedelta(minutes=30, seconds=-1))
    assert who(database, clock, token)
    clock.move(by=timedelta(seconds=1))
    assert who(database, clock, token) is None


def test_a_session_ends_after_eight_hours_however_busy(database, clock, token):
    for _ in range(8 * 3 - 1):
        clock.move(by=timedelta(minutes=20))
        found = who(database, clock, token, presence_of)
        with open_unit(database, found.actor, clock.now()) as unit:
            note_seen(unit, sign_in_id=found.sign_in_id)
    clock.move(by=timedelta(minutes=20))
    assert who(database, clock, token) is None


def test_being_seen_is_written_at_most_once_a_minute(database, clock, token):
    clock.move(by=timedelta(seconds=59))
    assert not who(database, clock, token, presence_of).stale
    clock.move(by=timedelta(seconds=1))
    found = who(database, clock, token, presence_of)
    assert found.stale
    with open_unit(database, found.actor, clock.now()) as unit:
        note_seen(unit, sign_in_id=found.sign_in_id)
    assert not who(database, clock, token, presence_of).stale


def test_a_disabled_officer_is_out_at_once_and_stays_out_when_enabled_again(database, clock, town, token):
    with open_unit(database, town.li_ming, clock.now()) as unit:
        key = issue_token(unit, name="报表", expires_on=unit.today)
    with open_unit(database, town.admin, clock.now()) as unit:
        disable_officer(unit, officer_id=town.li_ming.officer_id)
    assert who(database, clock, token) is None
    with open_unit(database, town.admin, clock.now()) as unit:
        enable_officer(unit, officer_id=town.li_ming.officer_id)
    assert who(database, clock, token) is None
    assert who(database, clock, key, actor_of_token) is None


def test_an_inactive_officer_is_nobody_even_with_a_session_left(database, clock, town, token):
    with open_unit(database, town.li_ming, clock.now()) as unit:
        key = issue_token(unit, name="报表", expires_on=unit.today)
        from models.officer import officer_of

        officer_of(unit.session, town.li_ming.officer_id).active = False
    assert who(database, clock, token) is None
    assert who(database, clock, key, actor_of_token) is None


def test_a_role_taken_back_is_missing_from_the_next_request_on(database, clock, town, token):
    with open_unit(database, town.admin, clock.now()) as unit:
        query = select(OfficerGrant.id).where(OfficerGrant.officer_id == town.li_ming.officer_id)
        end_grant(unit, grant_id=unit.session.scalars(query).one())
    actor = who(database, clock, token)
    assert actor.grants == ()
    assert not actor.is_house


def test_who_asks_is_found_in_one_statement(database, clock, town, token):
    with open_unit(database, town.li_ming, clock.now()) as unit:
        key = issue_token(unit, name="报表", expires_on=unit.today)
    assert len(statements(database, lambda: who(database, clock, token))) == 1
    assert len(statements(database, lambda: who(database, clock, key, actor_of_token))) == 1


def test_signing_out_ends_this_session_and_no_other(database, clock, town, token):
    with open_unit(database, town.li_ming, clock.now()) as unit:
        other = open_sign_in(unit, officer_id=town.li_ming.officer_id, limits=LIMITS)
        sign_out(unit, token=token)
        sign_out(unit, token=token)
    assert who(database, clock, token) is None
    assert who(database, clock, other)


def test_an_officer_sees_and_ends_own_sign_ins_only(database, clock, town, token):
    with open_reading(database, town.li_ming, clock.now()) as unit:
        [mine] = own_sign_ins(unit.session, town.li_ming.officer_id, clock.now())
    with open_unit(database, town.wang_fang, clock.now()) as unit, pytest.raises(NotFound):
        end_sign_in(unit, sign_in_id=mine.id)
    with open_unit(database, town.li_ming, clock.now()) as unit:
        end_sign_in(unit, sign_in_id=mine.id)
    assert who(database, clock, token) is None


def test_sign_ins_that_are_over_are_cleared_when_the_officer_comes_back(database, clock, town, token):
    clock.move(by=timedelta(hours=9))
    with open_unit(database, CLOCK, clock.now()) as unit:
        open_sign_in(unit, officer_id=town.li_ming.officer_id, limits=LIMITS)
        assert len(unit.session.scalars(select(SignIn)).all()) == 1


def test_a_demo_sign_in_needs_a_card_and_lives_through_jumps_of_the_clock(database, clock, town):
    with open_unit(database, CLOCK, clock.now()) as unit:
        with pytest.raises(NotFound):
            sign_in_demo(unit, officer_id=town.sun_li.officer_id, limits=LIMITS)
        show_card(unit, officer_id=town.sun_li.officer_id, card="leader")
        token = sign_in_demo(unit, officer_id=town.sun_li.officer_id, limits=LIMITS)
    clock.move(by=timedelta(days=40))
    found = who(database, clock, token, presence_of)
    assert found.demo
    assert found.actor.name == "孙丽"


def test_an_api_token_holds_through_its_last_day(database, clock, town):
    with open_unit(database, town.li_ming, clock.now()) as unit:
        key = issue_token(unit, name="报表", expires_on=unit.today + timedelta(days=1))
    clock.move(by=timedelta(days=1))
    assert who(database, clock, key, actor_of_token).grants == town.li_ming.grants
    clock.move(by=timedelta(hours=15))
    assert who(database, clock, key, actor_of_token) is None, "midnight in Tianjin has passed"


def test_the_day_a_token_was_used_is_written_once_a_day(database, clock, town):
    with open_unit(database, town.li_ming, clock.now()) as unit:
        key = issue_token(unit, name="报表", expires_on=unit.today + timedelta(days=9))
    found = who(database, clock, key, token_use_of)
    assert found.stale
    with open_unit(database, found.actor, clock.now()) as unit:
        note_used(unit, token_id=found.token_id)
    assert not who(database, clock, key, token_use_of).stale
    clock.move(by=timedelta(days=1))
    assert who(database, clock, key, token_use_of).stale


def test_an_officer_sees_and_revokes_own_tokens_only(database, clock, town):
    with open_unit(database, town.li_ming, clock.now()) as unit:
        key = issue_token(unit, name="报表", expires_on=unit.today)
        [mine] = own_tokens(unit.session, town.li_ming.officer_id)
    with open_unit(database, town.wang_fang, clock.now()) as unit, pytest.raises(NotFound):
        revoke_token(unit, token_id=mine.id)
    assert who(database, clock, key, actor_of_token)
    with open_unit(database, town.li_ming, clock.now()) as unit:
        revoke_token(unit, token_id=mine.id)
        assert unit.session.scalars(select(ApiToken)).all() == []
    assert who(database, clock, key, actor_of_token) is None
    with open_reading(database, CLOCK, clock.now()) as unit:
        written = [
            str(line.detail) for line in unit.session.scalars(select(AuditEntry).where(AuditEntry.act == "token.issue"))
        ]
    assert written
    assert not any(key in line for line in written)


@pytest.mark.parametrize(
    ("name", "days", "field"), [(" ", 1, "name"), ("报表", -1, "expires_on"), ("报表", 400, "expires_on")]
)
def test_a_token_needs_a_name_and_at_most_a_year(database, clock, town, *, name, days, field):
    with open_unit(database, town.li_ming, clock.now()) as unit, pytest.raises(Invalid) as refused:
        issue_token(unit, name=name, expires_on=unit.today + timedelta(days=days))
    assert set(refused.value.fields) == {field}

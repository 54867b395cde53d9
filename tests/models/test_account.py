"""Proving who one is: guesses are counted, accounts lock and open again, passwords change, nothing tells who exists."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from models.account import (
    GUESSES,
    LOCKED_FOR,
    Account,
    change_password,
    create_account,
    disable_officer,
    lock_of,
    officer_with_login,
    own_lock,
    reset_password,
    sign_in,
    unlock_account,
)
from models.audit import AuditEntry
from models.password import check_password, hashed, invented_password
from models.refusal import Invalid, NotDue, NotFound, NotPermitted
from models.session import Limits, actor_of, actor_of_token, issue_token
from models.setup import issue_setup_code, set_up
from models.unit import CLOCK, Actor, open_reading, open_unit
from tests.cast import hire, make_town

LIMITS = Limits(idle_minutes=30, absolute=timedelta(hours=8))
VISITOR = Actor("访客", officer_id=0, address="10.0.0.9")


@pytest.fixture
def town(database, clock):
    with open_unit(database, CLOCK, clock.now()) as unit:
        return make_town(unit)


@pytest.fixture
def first_password(database, clock, town):
    """What the administrator handed to 李明, whose login is "liming"."""
    with open_unit(database, town.admin, clock.now()) as unit:
        return create_account(unit, officer_id=town.li_ming.officer_id, login=" LiMing ")


def enter(database, clock, login, password):
    with open_reading(database, VISITOR, clock.now()) as unit:
        lock = lock_of(unit.session, login)
    attempt = lock.try_key(password)
    with open_unit(database, VISITOR, clock.now()) as unit:
        return sign_in(unit, attempt=attempt, limits=LIMITS)


def change(database, clock, actor, old, new, *, keep=""):
    with open_reading(database, actor, clock.now()) as unit:
        lock = own_lock(unit.session, actor.officer_id)
    attempt, new_hash = lock.try_key(old), lock.new_key(new)
    with open_unit(database, actor, clock.now()) as unit:
        return change_password(unit, attempt=attempt, new_hash=new_hash, keep=keep)


def lines(database, clock, act):
    with open_reading(database, CLOCK, clock.now()) as unit:
        return unit.session.scalars(select(AuditEntry).where(AuditEntry.act == act).order_by(AuditEntry.id)).all()


def test_the_right_password_opens_a_session_that_must_change_it_first(database, clock, town, first_password):
    entered = enter(database, clock, "LIMING", first_password)
    assert entered.officer_id == town.li_ming.officer_id
    assert entered.must_change
    with open_reading(database, CLOCK, clock.now()) as unit:
        assert actor_of(unit.session, entered.token, clock.now()).name == "李明"
    [line] = lines(database, clock, "session.open")
    assert (line.refused, line.address, line.detail) == (False, "10.0.0.9", {"login": "liming"})


def test_the_password_is_kept_only_as_an_argon2id_hash(database, clock, first_password):
    with open_reading(database, CLOCK, clock.now()) as unit:
        stored = unit.session.scalars(select(Account.password_hash)).one()
    assert stored.startswith("$argon2id$")
    assert first_password not in stored


def test_five_wrong_guesses_lock_the_account_for_a_quarter_of_an_hour(database, clock, town, first_password):
    for _ in range(GUESSES):
        assert enter(database, clock, "liming", "Wrong-guess-1") is None
    assert enter(database, clock, "liming", first_password) is None
    clock.move(by=LOCKED_FOR - timedelta(seconds=1))
    assert enter(database, clock, "liming", first_password) is None
    clock.move(by=timedelta(seconds=1))
    assert enter(database, clock, "liming", first_password) is not None
    reasons = [line.detail.get("reason") for line in lines(database, clock, "session.open")]
    assert reasons == ["wrong"] * 5 + ["locked"] * 2 + [None]


def test_four_wrong_guesses_are_forgotten_after_a_right_one(database, clock, first_password):
    for _ in range(2):
        for _ in range(GUESSES - 1):
            assert enter(database, clock, "liming", "Wrong-guess-1") is None
        assert enter(database, clock, "liming", first_password) is not None


def test_guesses_made_side_by_side_are_judged_one_after_the_other(database, clock, first_password):
    with open_reading(database, VISITOR, clock.now()) as unit:
        lock = lock_of(unit.session, "liming")
    wrong, right = lock.try_key("Wrong-guess-1"), lock.try_key(first_password)

    def guess(attempt):
        with open_unit(database, VISITOR, clock.now()) as unit:
            return sign_in(unit, attempt=attempt, limits=LIMITS)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(guess, [wrong] * 8)) == [None] * 8
    assert guess(right) is None, "the right guess was hashed before the lock fell, and is judged after it"
    reasons = [line.detail["reason"] for line in lines(database, clock, "session.open")]
    assert (reasons.count("wrong"), reasons.count("locked")) == (5, 4)


def test_a_password_that_was_right_a_moment_ago_is_judged_by_the_one_that_holds_now(
    database, clock, town, first_password
):
    with open_reading(database, VISITOR, clock.now()) as unit:
        attempt = lock_of(unit.session, "liming").try_key(first_password)
    with open_unit(database, town.admin, clock.now()) as unit:
        reset_password(unit, officer_id=town.li_ming.officer_id)
    with open_unit(database, VISITOR, clock.now()) as unit:
        assert sign_in(unit, attempt=attempt, limits=LIMITS) is None


def test_the_administrator_unlocks_at_once(database, clock, town, first_password):
    for _ in range(GUESSES):
        enter(database, clock, "liming", "Wrong-guess-1")
    with open_unit(database, town.admin, clock.now()) as unit:
        unlock_account(unit, officer_id=town.li_ming.officer_id)
    assert enter(database, clock, "liming", first_password)


def test_an_unknown_login_takes_the_same_work_and_leaves_no_word_of_what_was_typed(database, clock, first_password):
    with open_reading(database, VISITOR, clock.now()) as unit:
        known, unknown = lock_of(unit.session, "liming"), lock_of(unit.session, "secret-typed-here")
    cost = slice(0, known.password_hash.index("p="))
    assert known.password_hash[cost] == unknown.password_hash[cost], "hashed with the same cost"
    assert enter(database, clock, "secret-typed-here", "Wrong-guess-1") is None
    [line] = lines(database, clock, "session.open")
    assert (line.refused, line.detail) == (True, {"reason": "unknown"})


def test_no_audit_line_ever_holds_a_password(database, clock, town, first_password):
    enter(database, clock, "liming", "Wrong-guess-1")
    change(database, clock, town.li_ming, first_password, "Another-day-2027")
    with open_reading(database, CLOCK, clock.now()) as unit:
        written = " ".join(str(line.detail) for line in unit.session.scalars(select(AuditEntry)))
    assert not any(word in written for word in (first_password, "Wrong-guess-1", "Another-day-2027", "argon2"))


def test_a_disabled_officer_cannot_sign_in(database, clock, town, first_password):
    with open_unit(database, town.admin, clock.now()) as unit:
        disable_officer(unit, officer_id=town.li_ming.officer_id)
    assert enter(database, clock, "liming", first_password) is None
    assert lines(database, clock, "session.open")[0].detail["reason"] == "disabled"


def test_a_first_password_that_was_never_changed_runs_out(database, clock, first_password):
    clock.move(by=timedelta(days=7))
    assert enter(database, clock, "liming", first_password)
    clock.move(by=timedelta(seconds=1))
    assert enter(database, clock, "liming", first_password) is None


def test_changing_the_password_ends_the_other_sessions_and_keeps_this_one(database, clock, town, first_password):
    here, there = (enter(database, clock, "liming", first_password).token for _ in range(2))
    assert change(database, clock, town.li_ming, first_password, "Another-day-2027", keep=here)
    with open_reading(database, CLOCK, clock.now()) as unit:
        assert actor_of(unit.session, here, clock.now())
        assert actor_of(unit.session, there, clock.now()) is None
    assert enter(database, clock, "liming", first_password) is None
    assert not enter(database, clock, "liming", "Another-day-2027").must_change


def test_a_wrong_old_password_changes_nothing_and_counts(database, clock, town, first_password):
    for _ in range(GUESSES):
        assert not change(database, clock, town.li_ming, "Wrong-guess-1", "Another-day-2027")
    assert not change(database, clock, town.li_ming, first_password, "Another-day-2027"), "locked now"
    clock.move(by=LOCKED_FOR)
    assert enter(database, clock, "liming", first_password)


def test_the_last_five_passwords_may_not_come_again(database, clock, town, first_password):
    old = first_password
    for n in range(5):
        assert change(database, clock, town.li_ming, old, f"Spring-water-{n}")
        old = f"Spring-water-{n}"
    for n in range(5):
        with pytest.raises(Invalid) as refused:
            change(database, clock, town.li_ming, old, f"Spring-water-{n}")
        assert "5" in refused.value.fields["password"]
    assert change(database, clock, town.li_ming, old, first_password), "the sixth from last may"


@pytest.mark.parametrize(
    "password", ["Short-1", "onlysmallletters", "ONLYTWO12345", "twoclasses123", "x" * 129, "x-LiMing-2026"]
)
def test_a_weak_password_is_refused(password):
    with pytest.raises(Invalid) as refused:
        check_password(password, "liming")
    assert "password" in refused.value.fields


@pytest.mark.parametrize("password", ["Tenletters-", "abcdefg123-", "ABCDEFG123-", "abcABC1234", "春风化雨abcdef12"])
def test_a_password_of_three_classes_will_do(password):
    check_password(password, "liming")


def test_an_invented_password_meets_our_own_rules():
    invented = {invented_password() for _ in range(50)}
    assert len(invented) == 50
    for password in invented:
        check_password(password, "")


def test_a_reset_gives_a_new_password_once_and_ends_every_session(database, clock, town, first_password):
    token = enter(database, clock, "liming", first_password).token
    with open_unit(database, town.admin, clock.now()) as unit:
        second = reset_password(unit, officer_id=town.li_ming.officer_id)
    with open_reading(database, CLOCK, clock.now()) as unit:
        assert actor_of(unit.session, token, clock.now()) is None
    assert enter(database, clock, "liming", first_password) is None
    assert enter(database, clock, "liming", second).must_change


def test_a_reset_ends_the_api_tokens_of_that_officer_alone_and_the_audit_says_how_many(
    database, clock, town, first_password
):
    held = {}
    for officer, names in ((town.li_ming, ("台账", "看板")), (town.wang_fang, ("台账",))):
        for name in names:
            with open_unit(database, officer, clock.now()) as unit:
                held[officer.name, name] = issue_token(unit, name=name, expires_on=date(2026, 12, 31))
    with open_unit(database, town.zhao_qiang, clock.now()) as unit, pytest.raises(NotPermitted):
        reset_password(unit, officer_id=town.li_ming.officer_id)
    with open_unit(database, town.admin, clock.now()) as unit:
        reset_password(unit, officer_id=town.li_ming.officer_id)
    with open_reading(database, CLOCK, clock.now()) as unit:
        alive = {who for who, token in held.items() if actor_of_token(unit.session, token, clock.now())}
        assert alive == {("王芳", "台账")}
        told = unit.session.scalars(select(AuditEntry.detail).where(AuditEntry.act == "account.reset")).all()
    assert [line for line in told if line] == [{"officer_id": town.li_ming.officer_id, "tokens_revoked": 2}]


def test_a_login_belongs_to_one_officer_and_an_officer_has_one(database, clock, town, first_password):
    with open_unit(database, town.admin, clock.now()) as unit:
        for officer, login in (
            (town.wang_fang, "liming"),
            (town.li_ming, "liming2"),
            (town.wang_fang, "王"),
            (town.wang_fang, "a b"),
        ):
            with pytest.raises(Invalid) as refused:
                create_account(unit, officer_id=officer.officer_id, login=login)
            assert "login" in refused.value.fields
        assert officer_with_login(unit.session, "LiMing").name == "李明"
        with pytest.raises(NotFound):
            officer_with_login(unit.session, "wangfang")
        with pytest.raises(NotFound):
            reset_password(unit, officer_id=town.wang_fang.officer_id)


def test_only_the_administrator_opens_resets_and_closes_accounts(database, clock, town, first_password):
    with open_unit(database, town.auditor, clock.now()) as unit:
        person = {"officer_id": town.li_ming.officer_id}
        for command in (reset_password, unlock_account, disable_officer):
            with pytest.raises(NotPermitted):
                command(unit, **person)
        with pytest.raises(NotPermitted):
            create_account(unit, officer_id=town.wang_fang.officer_id, login="wangfang")


# --- the first administrator ---------------------------------------------------------------------------------------


@pytest.fixture
def empty_house(database, clock):
    """Organs, but nobody yet."""
    from models.seed import load_organs

    with open_unit(database, CLOCK, clock.now()) as unit:
        load_organs(unit)
    return database


def first_administrator(database, clock, code, login="admin"):
    with open_unit(database, VISITOR, clock.now()) as unit:
        return set_up(unit, code=code, login=login, name="高远", password_hash=hashed("Morning-star-7"))


def new_code(database, clock):
    with open_unit(database, CLOCK, clock.now()) as unit:
        return issue_setup_code(unit)


def test_the_code_makes_one_administrator_who_can_sign_in(empty_house, clock):
    first_administrator(empty_house, clock, new_code(empty_house, clock))
    entered = enter(empty_house, clock, "admin", "Morning-star-7")
    with open_reading(empty_house, CLOCK, clock.now()) as unit:
        actor = actor_of(unit.session, entered.token, clock.now())
    assert actor.name == "高远"
    assert actor.may("account.manage")
    assert not entered.must_change


def test_a_used_code_is_worth_nothing_and_no_further_code_is_given(empty_house, clock):
    code = new_code(empty_house, clock)
    first_administrator(empty_house, clock, code)
    with pytest.raises(NotDue):
        first_administrator(empty_house, clock, code, login="second")
    with pytest.raises(NotDue):
        new_code(empty_house, clock)


def test_a_code_holds_for_a_day_and_only_the_latest(empty_house, clock):
    old = new_code(empty_house, clock)
    latest = new_code(empty_house, clock)
    with pytest.raises(NotDue):
        first_administrator(empty_house, clock, old)
    clock.move(by=timedelta(hours=24))
    with pytest.raises(NotDue):
        first_administrator(empty_house, clock, latest)


def test_a_code_survives_a_mistake_in_the_form(empty_house, clock):
    code = new_code(empty_house, clock)
    with pytest.raises(Invalid):
        first_administrator(empty_house, clock, code, login="?")
    assert first_administrator(empty_house, clock, code)


def test_a_code_is_worth_nothing_once_there_is_an_administrator(empty_house, clock):
    code = new_code(empty_house, clock)
    with open_unit(empty_house, CLOCK, clock.now()) as unit:
        from models.organ import organ_by_code

        hire(unit, "管理员", "admin", organ_by_code(unit.session, "hzjl").id)
    with pytest.raises(NotDue):
        first_administrator(empty_house, clock, code)


def test_nobody_but_the_operator_gives_out_codes(empty_house, clock):
    with open_unit(empty_house, VISITOR, clock.now()) as unit, pytest.raises(NotPermitted):
        issue_setup_code(unit)

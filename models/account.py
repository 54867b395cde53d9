"""账号: how an officer proves who it is, and how an account is opened, locked and closed.

Guesses must be counted although the guesser is refused. So a sign-in has three parts: `lock_of` reads, `Lock.try_key`
hashes, and `sign_in` counts or opens the session in a unit that commits either way; guesses made side by side are
judged one after the other, each by the count it finds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from string import ascii_lowercase, digits

from sqlalchemy import ForeignKey, Integer, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, Key, Moment
from models.officer import APART, Officer, keep_one, locked_officer, officer_of
from models.password import Attempt, Lock, hashed, invented_password, nobodys_lock
from models.refusal import Invalid, NotFound
from models.session import Limits, end_sign_ins, end_tokens, keep_sign_in, open_sign_in
from models.texts import N_
from models.unit import Unit

GUESSES = 5
LOCKED_FOR = timedelta(minutes=15)
REMEMBERED = 5  # passwords that may not come again, the present one among them
INITIAL_LIFE = timedelta(days=7)  # a password that somebody else made must be changed by then
LOGIN_LETTERS = frozenset(ascii_lowercase + digits + "._-@")
# One sentence for an unknown account, a wrong password, a locked and a disabled one: it tells nobody which exist.
TURNED_AWAY = N_("账号或密码不正确，或账号已被锁定。连续输错 5 次将锁定 15 分钟。")


class Account(Base):
    """账号。 One login of one officer; `must_change` when somebody else knows the password."""

    __tablename__ = "account"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"), unique=True)
    login: Mapped[str] = mapped_column(String(60), unique=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    failures: Mapped[int] = mapped_column(Integer, default=0)
    locked_until: Mapped[datetime | None] = mapped_column(Moment)
    must_change: Mapped[bool] = mapped_column(default=True)
    changed_at: Mapped[datetime] = mapped_column(Moment)


class SpentPassword(Base):
    """旧密码。 The hash of a password that may not come again yet."""

    __tablename__ = "spent_password"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    password_hash: Mapped[str] = mapped_column(String(200))


@dataclass(frozen=True)
class SignedIn:
    """A sign-in that succeeded; the token goes to the browser and is kept nowhere."""

    token: str
    officer_id: int
    must_change: bool


def lock_of(session: Session, login: str) -> Lock:
    """The lock of this login, or one that never opens when there is no such login."""
    row = session.execute(select(Account.id, Account.password_hash).where(Account.login == _plain(login))).first()
    return Lock(row.id, _plain(login), row.password_hash) if row else nobodys_lock()


def own_lock(session: Session, officer_id: int) -> Lock:
    """The lock of the officer's own account with what was used before; raises NotFound without an account."""
    account = _account_of(session, officer_id)
    query = select(SpentPassword.password_hash).where(SpentPassword.account_id == account.id)
    spent = session.scalars(query.order_by(SpentPassword.id.desc()).limit(REMEMBERED - 1)).all()
    return Lock(account.id, account.login, account.password_hash, tuple(spent))


def accounts_of(session: Session, officer_ids: Sequence[int]) -> dict[int, Account]:
    """The account by officer, for those of the officers who have one."""
    query = select(Account).where(Account.officer_id.in_(officer_ids))
    return {account.officer_id: account for account in session.scalars(query)}


def officer_with_login(session: Session, login: str) -> Officer:
    """The officer who signs in with this login; raises NotFound."""
    query = select(Officer).join(Account, Account.officer_id == Officer.id).where(Account.login == _plain(login))
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotFound(N_("没有“%(login)s”这个账号。"), login=login)
    return found


def sign_in(unit: Unit, *, attempt: Attempt, limits: Limits) -> SignedIn | None:
    """A new session, or None when the attempt is refused; the refusal is counted and traced, so let the unit commit."""
    account = _locked_account(unit.session, attempt.account_id)
    if account is None:
        unit.trace("session.open", "account", None, {"reason": "unknown"}, refused=True)
        return None
    reason = _judged(unit, account, attempt)
    if reason:
        unit.trace("session.open", "account", account.id, {"login": account.login, "reason": reason}, refused=True)
        return None
    token = open_sign_in(unit, officer_id=account.officer_id, limits=limits, must_change=account.must_change)
    unit.trace("session.open", "officer", account.officer_id, {"login": account.login})
    return SignedIn(token, account.officer_id, account.must_change)


def change_password(unit: Unit, *, attempt: Attempt, new_hash: str, keep: str = "") -> bool:
    """Whether the old password was right and the new one now holds; a wrong one is counted like a wrong sign-in.

    All other sign-ins of the officer end; the one with the token `keep` stays.
    """
    account = _locked_account(unit.session, attempt.account_id)
    if account is None:
        return False
    reason = _judged(unit, account, attempt)
    if reason:
        unit.trace("account.change", "account", account.id, {"reason": reason}, refused=True)
        return False
    _set_password(unit, account, new_hash, must_change=False)
    keep_sign_in(unit, officer_id=account.officer_id, token=keep)
    unit.trace("account.change", "account", account.id)
    return True


def create_account(unit: Unit, *, officer_id: int, login: str) -> str:
    """The first password, to be handed over and changed at the first sign-in; raises Invalid for a taken login."""
    unit.require("account.manage")
    officer_of(unit.session, officer_id)
    password = invented_password()
    account = add_account(unit, officer_id, login, hashed(password), must_change=True)
    unit.trace("account.create", "account", account.id, {"login": account.login, "officer_id": officer_id})
    return password


def reset_password(unit: Unit, *, officer_id: int) -> str:
    """A new first password; every sign-in and API token of the officer ends, a lock too. Raises NotFound without account."""
    unit.require("account.manage")
    account = _account_of(unit.session, officer_id, locked=True)
    password = invented_password()
    _set_password(unit, account, hashed(password), must_change=True)
    end_sign_ins(unit, officer_id=officer_id)
    ended = end_tokens(unit, officer_id=officer_id)
    unit.trace("account.reset", "account", account.id, {"officer_id": officer_id, "tokens_revoked": ended})
    return password


def unlock_account(unit: Unit, *, officer_id: int) -> None:
    """The officer may try again at once; raises NotFound without an account."""
    unit.require("account.manage")
    account = _account_of(unit.session, officer_id, locked=True)
    account.failures, account.locked_until = 0, None
    unit.trace("account.unlock", "account", account.id)


def disable_officer(unit: Unit, *, officer_id: int) -> None:
    """The officer may do nothing from the next request on; raises NotDue for the last administrator or auditor."""
    unit.require("account.manage")
    officer = locked_officer(unit.session, officer_id)
    for role in sorted(APART):
        keep_one(unit, role, without_officer=officer_id)
    officer.active = False
    end_sign_ins(unit, officer_id=officer_id)
    end_tokens(unit, officer_id=officer_id)
    unit.trace("officer.disable", "officer", officer_id)


def enable_officer(unit: Unit, *, officer_id: int) -> None:
    """The officer may sign in again, with the roles that still stand."""
    unit.require("account.manage")
    officer_of(unit.session, officer_id).active = True
    unit.trace("officer.enable", "officer", officer_id)


def add_account(unit: Unit, officer_id: int, login: str, password_hash: str, *, must_change: bool) -> Account:
    """The new row; the commands that call it ask for the permit and leave the trace. Raises Invalid for the login."""
    login = _plain(login)
    if problem := _login_problem(unit.session, officer_id, login):
        raise Invalid(N_("填写有误"), fields={"login": problem})
    account = Account(officer_id=officer_id, login=login, password_hash=password_hash, must_change=must_change)
    account.changed_at = unit.now
    unit.session.add(account)
    unit.session.flush()  # the trace names its number
    return account


def _judged(unit: Unit, account: Account, attempt: Attempt) -> str:
    """Why the attempt is refused, "" when it is not; counts a wrong one and forgets the count after a right one."""
    if account.locked_until is not None and unit.now < account.locked_until:
        return "locked"
    if not attempt.right or attempt.password_hash != account.password_hash:
        account.failures += 1
        if account.failures >= GUESSES:
            account.failures, account.locked_until = 0, unit.now + LOCKED_FOR
        return "wrong"
    account.failures, account.locked_until = 0, None
    if not officer_of(unit.session, account.officer_id).active:
        return "disabled"
    if account.must_change and unit.now - account.changed_at > INITIAL_LIFE:
        return "expired"
    return ""


def _locked_account(session: Session, account_id: int | None) -> Account | None:
    if account_id is None:
        return None
    return session.scalars(select(Account).where(Account.id == account_id).with_for_update()).one_or_none()


def _account_of(session: Session, officer_id: int, *, locked: bool = False) -> Account:
    query = select(Account).where(Account.officer_id == officer_id)
    found = session.scalars(query.with_for_update() if locked else query).one_or_none()
    if found is None:
        raise NotFound(N_("该人员还没有账号。"))
    return found


def _login_problem(session: Session, officer_id: int, login: str) -> str:
    if not 2 <= len(login) <= 60 or not set(login) <= LOGIN_LETTERS:
        return N_("账号用 2 至 60 个小写字母、数字或 . _ - @。")
    if session.scalar(select(Account.id).where(Account.login == login)):
        return N_("这个账号已有人使用。")
    if session.scalar(select(Account.id).where(Account.officer_id == officer_id)):
        return N_("该人员已有账号。")
    return ""


def _set_password(unit: Unit, account: Account, password_hash: str, *, must_change: bool) -> None:
    unit.session.add(SpentPassword(account_id=account.id, password_hash=account.password_hash))
    account.password_hash, account.must_change, account.changed_at = password_hash, must_change, unit.now
    account.failures, account.locked_until = 0, None


def _plain(login: str) -> str:
    return login.strip().casefold()

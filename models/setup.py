"""初始化: the first administrator comes in by a code that the server prints and that works once."""

import secrets
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import String, delete
from sqlalchemy.orm import Mapped, mapped_column

from models.account import add_account
from models.base import Base, Key, Moment
from models.officer import administrators, create_officer, grant_role
from models.organ import organ_by_code
from models.refusal import NotDue
from models.texts import N_
from models.unit import CLOCK, Unit

LIFE = timedelta(hours=24)
FIRST_ORGAN = "hzjl"  # the first administrator sits with the office that runs the house


class SetupCode(Base):
    """初始化码。 There is at most one, and none once the house has an administrator."""

    __tablename__ = "setup_code"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    ends_at: Mapped[datetime] = mapped_column(Moment)


def issue_setup_code(unit: Unit) -> str:
    """A code that takes the place of any before it; raises NotDue once there is an administrator."""
    unit.require("account.manage")
    if administrators(unit.session, unit.today):
        raise NotDue(N_("系统已有管理员，请由管理员开设账号。"))
    code = secrets.token_urlsafe(18)
    unit.session.execute(delete(SetupCode))
    unit.session.add(SetupCode(code_hash=_hash_of(code), ends_at=unit.now + LIFE))
    unit.trace("setup.code", "setup_code", None)
    return code


def set_up(unit: Unit, *, code: str, login: str, name: str, password_hash: str) -> int:
    """The number of the officer who now administers the house.

    Raises NotDue for a code that is wrong, used or over, and Invalid for a login or a name that will not do.
    """
    # Deleting tells two users of one code apart: only one of them gets the row.
    used = delete(SetupCode).where(SetupCode.code_hash == _hash_of(code), SetupCode.ends_at > unit.now)
    if unit.session.execute(used.returning(SetupCode.id)).first() is None or administrators(unit.session, unit.today):
        raise NotDue(N_("初始化码不正确或已失效，请在服务器上重新生成。"))
    house = replace(unit, actor=replace(CLOCK, address=unit.actor.address))  # nobody is there yet who could grant this
    organ = organ_by_code(unit.session, FIRST_ORGAN)
    officer_id = create_officer(house, name=name, organ_id=organ.id)
    grant_role(house, officer_id=officer_id, role="admin", organ_id=organ.id)
    account = add_account(house, officer_id, login, password_hash, must_change=False)
    house.trace("setup.done", "account", account.id, {"login": account.login})
    return officer_id


def _hash_of(code: str) -> str:
    return sha256(code.strip().encode()).hexdigest()

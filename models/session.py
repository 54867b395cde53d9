"""登录状态: who is signed in, kept on our side; the browser and the API hold a random token, we hold its hash.

`presence_of` and `token_use_of` run before every request, so each is one statement over plain columns.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any, cast

from sqlalchemy import (
    Connection,
    Date,
    ForeignKey,
    Integer,
    Select,
    String,
    Table,
    and_,
    bindparam,
    delete,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, Key, Moment
from models.clock import local_day
from models.officer import Officer, OfficerGrant, grant_is_valid, officer_of
from models.organ import Organ
from models.permit import Grant
from models.refusal import Invalid, NotFound
from models.settings import Settings
from models.texts import N_
from models.unit import Actor, Unit

SEEN_EVERY = timedelta(minutes=1)  # a page view is not worth a write each
LONGEST_TOKEN_LIFE = timedelta(days=366)
TOKEN_PREFIX = "dbt_"  # noqa: S105 - lets scanners of leaked secrets recognise ours


class SignIn(Base):
    """登录。 Ends after `idle_minutes` without a request and at `ends_at` in any case, unless it is a demo's.

    A demo's clock jumps over days; its sign-ins must live through that.
    """

    __tablename__ = "sign_in"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(Moment)
    seen_at: Mapped[datetime] = mapped_column(Moment)
    idle_minutes: Mapped[int] = mapped_column(Integer)
    ends_at: Mapped[datetime] = mapped_column(Moment)
    address: Mapped[str] = mapped_column(String(64), default="")
    demo: Mapped[bool] = mapped_column(default=False)
    must_change: Mapped[bool] = mapped_column(default=False)


class ApiToken(Base):
    """接口令牌。 A personal key to the API, valid through `expires_on`."""

    __tablename__ = "api_token"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[datetime] = mapped_column(Moment)
    expires_on: Mapped[date]
    last_used_on: Mapped[date | None]


@dataclass(frozen=True)
class Limits:
    """How long a sign-in lasts: without a request, and at most."""

    idle_minutes: int
    absolute: timedelta

    @classmethod
    def of(cls, settings: Settings) -> "Limits":
        """The limits the operator set."""
        return cls(settings.idle_minutes, timedelta(hours=settings.absolute_hours))


@dataclass(frozen=True)
class Presence:
    """A sign-in that holds now. `stale` when `seen_at` should be written anew; `must_change` before anything else."""

    sign_in_id: int
    actor: Actor
    demo: bool
    must_change: bool
    stale: bool


@dataclass(frozen=True)
class TokenUse:
    """An API token that holds now. `stale` when the day of its use should be written."""

    token_id: int
    actor: Actor
    stale: bool


_SIGN_IN = cast("Table", SignIn.__table__)
_TOKEN = cast("Table", ApiToken.__table__)
_OFFICER = cast("Table", Officer.__table__)
_GRANT = cast("Table", OfficerGrant.__table__)
_ORGAN = cast("Table", Organ.__table__)


def _with_grants(table: Table, *columns: Any) -> Select[Any]:
    """One row per grant that holds on :day (one without a grant when there is none) for the active owner of :hash."""
    owner = table.join(_OFFICER, and_(_OFFICER.c.id == table.c.officer_id, _OFFICER.c.active))
    valid = and_(_GRANT.c.officer_id == _OFFICER.c.id, *grant_is_valid(bindparam("day", type_=Date())))
    people = owner.outerjoin(_GRANT, valid).outerjoin(_ORGAN, _ORGAN.c.id == _GRANT.c.organ_id)
    return (
        select(
            table.c.id,
            _OFFICER.c.id,
            _OFFICER.c.name,
            _OFFICER.c.organ_id,
            _GRANT.c.role,
            _GRANT.c.organ_id,
            _ORGAN.c.city_wide,
            *columns,
        )
        .select_from(people)
        .where(table.c.token_hash == bindparam("hash"))
        .order_by(_GRANT.c.id)
    )


_PRESENCE = _with_grants(
    _SIGN_IN, _SIGN_IN.c.seen_at, _SIGN_IN.c.idle_minutes, _SIGN_IN.c.ends_at, _SIGN_IN.c.demo, _SIGN_IN.c.must_change
)
_TOKEN_USE = _with_grants(_TOKEN, _TOKEN.c.expires_on, _TOKEN.c.last_used_on)


def presence_of(session: Session | Connection, token: str, now: datetime, address: str = "") -> Presence | None:
    """The sign-in behind a browser's token; None when it is unknown, over, idle too long or its officer disabled."""
    found = _owned(session, _PRESENCE, token, now)
    if not found:
        return None
    seen_at, idle_minutes, ends_at, demo, must_change = found[0][7:]
    if not demo and (now >= ends_at or now - seen_at >= timedelta(minutes=idle_minutes)):
        return None
    return Presence(found[0][0], _actor(found, address), demo, must_change, stale=now - seen_at >= SEEN_EVERY)


def token_use_of(session: Session | Connection, token: str, now: datetime, address: str = "") -> TokenUse | None:
    """The API token behind this text; None when it is unknown, expired or its officer is disabled."""
    found = _owned(session, _TOKEN_USE, token, now)
    if not found:
        return None
    expires_on, last_used_on = found[0][7:]
    if local_day(now) > expires_on:
        return None
    return TokenUse(found[0][0], _actor(found, address), stale=last_used_on != local_day(now))


def actor_of(session: Session, token: str, now: datetime) -> Actor | None:
    """Who is signed in with a browser's token, with the roles of today; None when nobody is."""
    found = presence_of(session, token, now)
    return found.actor if found else None


def actor_of_token(session: Session, token: str, now: datetime) -> Actor | None:
    """Who holds an API token, with the roles of today; None when it does not hold."""
    found = token_use_of(session, token, now)
    return found.actor if found else None


def hash_of(token: str) -> str:
    """What we keep of a token; its 256 random bits need no slow hash."""
    return sha256(token.encode()).hexdigest()


def open_sign_in(unit: Unit, *, officer_id: int, limits: Limits, demo: bool = False, must_change: bool = False) -> str:
    """The token of a new sign-in; the caller has proved who it is. The officer's sign-ins that are over are cleared."""
    ended = delete(SignIn).where(SignIn.officer_id == officer_id, SignIn.ends_at <= unit.now)
    unit.session.execute(ended)
    token = secrets.token_urlsafe(32)
    unit.session.add(
        SignIn(
            token_hash=hash_of(token),
            officer_id=officer_id,
            created_at=unit.now,
            seen_at=unit.now,
            idle_minutes=limits.idle_minutes,
            ends_at=unit.now + limits.absolute,
            address=unit.actor.address,
            demo=demo,
            must_change=must_change,
        )
    )
    return token


def sign_in_demo(unit: Unit, *, officer_id: int, limits: Limits) -> str:
    """The token of a sign-in without a password; raises NotFound unless a demo card shows the active officer."""
    officer = officer_of(unit.session, officer_id)
    if officer.demo_card is None or not officer.active:
        raise NotFound(N_("没有这张角色卡。"))
    unit.trace("session.demo", "officer", officer_id, {"card": officer.demo_card})
    return open_sign_in(unit, officer_id=officer_id, limits=limits, demo=True)


def sign_out(unit: Unit, *, token: str) -> None:
    """Ends the sign-in with this token; one that is already over is no mistake."""
    unit.session.execute(delete(SignIn).where(SignIn.token_hash == hash_of(token)))
    unit.trace("session.end", "officer", unit.actor.officer_id)


def note_seen(unit: Unit, *, sign_in_id: int) -> None:
    """Writes that the officer was here now; leaves no audit line, since nothing was done."""
    unit.session.execute(update(SignIn).where(SignIn.id == sign_in_id).values(seen_at=unit.now))


def note_used(unit: Unit, *, token_id: int) -> None:
    """Writes that the token was used today; leaves no audit line, since nothing was done."""
    unit.session.execute(update(ApiToken).where(ApiToken.id == token_id).values(last_used_on=unit.today))


def own_sign_ins(session: Session, officer_id: int, now: datetime) -> Sequence[SignIn]:
    """The officer's sign-ins that have not ended, newest first."""
    query = select(SignIn).where(SignIn.officer_id == officer_id, SignIn.ends_at > now).order_by(SignIn.id.desc())
    return session.scalars(query).all()


def end_sign_in(unit: Unit, *, sign_in_id: int) -> None:
    """Ends one of the actor's own sign-ins, on another machine perhaps; raises NotFound for anybody else's."""
    own = (SignIn.id == sign_in_id, SignIn.officer_id == unit.actor.officer_id)
    if unit.session.execute(delete(SignIn).where(*own).returning(SignIn.id)).first() is None:
        raise NotFound(N_("没有这次登录，或已经结束。"))
    unit.trace("session.end", "officer", unit.actor.officer_id, {"sign_in_id": sign_in_id})


def end_sign_ins(unit: Unit, *, officer_id: int) -> None:
    """Ends all sign-ins of an officer; called by the commands that close an account, which leave the trace."""
    unit.session.execute(delete(SignIn).where(SignIn.officer_id == officer_id))


def keep_sign_in(unit: Unit, *, officer_id: int, token: str) -> None:
    """Ends all sign-ins of an officer but the one with this token, in which the password has just been changed."""
    own = SignIn.officer_id == officer_id
    unit.session.execute(delete(SignIn).where(own, SignIn.token_hash != hash_of(token)))
    unit.session.execute(update(SignIn).where(own).values(must_change=False))


def issue_token(unit: Unit, *, name: str, expires_on: date) -> str:
    """A new API token of the actor, shown this once.

    Raises Invalid without a name, and for a last day that is over or more than a year away.
    """
    fields = {}
    if not name.strip():
        fields["name"] = N_("请给令牌起个名字，便于日后辨认。")
    if not unit.today <= expires_on <= unit.today + LONGEST_TOKEN_LIFE:
        fields["expires_on"] = N_("有效期须在今天至一年之内。")
    if fields:
        raise Invalid(N_("填写有误"), fields=fields)
    officer = officer_of(unit.session, unit.actor.officer_id or 0)
    token = TOKEN_PREFIX + secrets.token_urlsafe(32)
    row = ApiToken(
        token_hash=hash_of(token),
        officer_id=officer.id,
        name=name.strip(),
        created_at=unit.now,
        expires_on=expires_on,
    )
    unit.session.add(row)
    unit.session.flush()  # the trace names its number
    unit.trace("token.issue", "api_token", row.id, {"name": row.name, "expires_on": expires_on.isoformat()})
    return token


def revoke_token(unit: Unit, *, token_id: int) -> None:
    """Ends one of the actor's own API tokens; raises NotFound for anybody else's."""
    own = (ApiToken.id == token_id, ApiToken.officer_id == unit.actor.officer_id)
    if unit.session.execute(delete(ApiToken).where(*own).returning(ApiToken.id)).first() is None:
        raise NotFound(N_("没有这个令牌，或已经撤销。"))
    unit.trace("token.revoke", "api_token", token_id)


def end_tokens(unit: Unit, *, officer_id: int) -> int:
    """Ends all API tokens of an officer; how many. Called by the commands that close an account, which leave the trace."""
    ended = delete(ApiToken).where(ApiToken.officer_id == officer_id).returning(ApiToken.id)
    return len(unit.session.execute(ended).all())


def own_tokens(session: Session, officer_id: int) -> Sequence[ApiToken]:
    """The officer's API tokens, newest first."""
    return session.scalars(select(ApiToken).where(ApiToken.officer_id == officer_id).order_by(ApiToken.id.desc())).all()


def _owned(session: Session | Connection, query: Select[Any], token: str, now: datetime) -> Sequence[Any]:
    return session.execute(query, {"hash": hash_of(token), "day": local_day(now)}).all()


def _actor(found: Sequence[Any], address: str) -> Actor:
    _, officer_id, name, organ_id = found[0][:4]
    grants = tuple(Grant(row[4], row[5], bool(row[6])) for row in found if row[4] is not None)
    return Actor(name, officer_id, organ_id, grants, address)

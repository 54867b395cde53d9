"""人员: who works for which organ and holds which role; administration, audit and business never in one hand."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sqlalchemy import BindParameter, ColumnElement, ForeignKey, Index, String, and_, func, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, Key, Moment
from models.organ import Organ, organ_of
from models.permit import ROLES, Grant, permit
from models.refusal import Invalid, NotDue, NotFound
from models.texts import N_
from models.unit import Actor, Unit

APART = frozenset({"admin", "auditor"})  # 三员分立: each of them excludes every other role
CARDS = ("officer", "department", "supervisor", "leader", "admin")  # in the order of the demo's login page
SHORTEST_PHONE = 8  # shorter ones are extensions, which tell nothing when masked

permit("account.manage", N_("管理账号"), roles=["admin"], scope="any")
permit("officer.grant", N_("授予角色"), roles=["admin"], scope="any")


class Officer(Base):
    """人员。 `demo_card` names the card of the demo's login page that this officer stands behind."""

    __tablename__ = "officer"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    organ_id: Mapped[int] = mapped_column(ForeignKey("organ.id"), index=True)
    phone: Mapped[str] = mapped_column(String(30), default="")
    email: Mapped[str] = mapped_column(String(120), default="")
    active: Mapped[bool] = mapped_column(default=True)
    demo_card: Mapped[str | None] = mapped_column(String(20), unique=True)

    @property
    def masked_phone(self) -> str:
        """The number with its middle hidden, as lists show it."""
        return masked(self.phone)


class OfficerGrant(Base):
    """授权记录。 Holds from `valid_from` to the last day `valid_to`, unless it was taken back at `ended_at`."""

    __tablename__ = "officer_grant"
    __table_args__ = (Index("ix_officer_grant_organ", "organ_id", "role"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"), index=True)
    role: Mapped[str] = mapped_column(String(20))
    organ_id: Mapped[int] = mapped_column(ForeignKey("organ.id"))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    ended_at: Mapped[datetime | None] = mapped_column(Moment)

    def overlaps(self, first: date, last: date | None) -> bool:
        """Whether it still stands and shares a day with the span."""
        before = self.valid_to is not None and self.valid_to < first
        after = last is not None and last < self.valid_from
        return self.ended_at is None and not before and not after


def masked(phone: str) -> str:
    """A telephone number with its middle hidden: 138****5678."""
    return phone if len(phone) < SHORTEST_PHONE else f"{phone[:3]}{'*' * (len(phone) - 7)}{phone[-4:]}"


def grant_is_valid(day: date | BindParameter[date]) -> tuple[ColumnElement[bool], ...]:
    """The conditions under which a grant holds on this day."""
    grant = OfficerGrant.__table__.c  # plain columns, so that the hot path stays free of the ORM
    return (
        grant.ended_at.is_(None),
        grant.valid_from <= day,
        or_(grant.valid_to.is_(None), grant.valid_to >= day),
    )


def officer_of(session: Session, officer_id: int) -> Officer:
    """The officer with this number; raises NotFound."""
    found = session.get(Officer, officer_id)
    if found is None:
        raise NotFound(N_("没有编号为 %(id)s 的人员。"), id=officer_id)
    return found


def grants_of(session: Session, officer_id: int, day: date) -> tuple[Grant, ...]:
    """The roles an officer holds on this day, in the order they were given."""
    query = (
        select(OfficerGrant.role, OfficerGrant.organ_id, Organ.city_wide)
        .join(Organ, Organ.id == OfficerGrant.organ_id)
        .where(OfficerGrant.officer_id == officer_id, *grant_is_valid(day))
        .order_by(OfficerGrant.id)
    )
    return tuple(Grant(*row) for row in session.execute(query))


def actor_for(session: Session, officer_id: int, day: date, address: str = "") -> Actor:
    """The officer as one who acts, with the roles of this day; for commands and tests that know whom they act for."""
    officer = officer_of(session, officer_id)
    return Actor(officer.name, officer.id, officer.organ_id, grants_of(session, officer_id, day), address)


def holders(session: Session, role: str, organ_ids: Iterable[int], day: date) -> Sequence[Officer]:
    """The active officers who hold a role for one of the organs on this day, by number."""
    query = (
        select(Officer)
        .where(
            Officer.active,
            Officer.id.in_(
                select(OfficerGrant.officer_id).where(
                    OfficerGrant.role == role, OfficerGrant.organ_id.in_(set(organ_ids)), *grant_is_valid(day)
                )
            ),
        )
        .order_by(Officer.id)
    )
    return session.scalars(query).all()


def demo_officers(session: Session) -> dict[str, Officer]:
    """The active officers behind the demo's cards, in the order of the cards."""
    query = select(Officer).where(Officer.active, Officer.demo_card.is_not(None))
    found = {officer.demo_card: officer for officer in session.scalars(query)}
    return {card: found[card] for card in CARDS if card in found}


def create_officer(unit: Unit, *, name: str, organ_id: int, phone: str = "", email: str = "") -> int:
    """The number of the new officer, who holds no role yet; raises Invalid without a name."""
    unit.require("account.manage")
    organ_of(unit.session, organ_id)
    officer = Officer(name=_checked_name(name), organ_id=organ_id, phone=phone.strip(), email=email.strip())
    unit.session.add(officer)
    unit.session.flush()  # the trace names its number
    unit.trace("officer.create", "officer", officer.id, {"name": officer.name, "organ_id": organ_id})
    return officer.id


def edit_officer(unit: Unit, *, officer_id: int, name: str, phone: str, email: str) -> None:
    """Changes what is written about an officer; raises Invalid without a name."""
    unit.require("account.manage")
    officer = officer_of(unit.session, officer_id)
    officer.name, officer.phone, officer.email = _checked_name(name), phone.strip(), email.strip()
    unit.trace("officer.edit", "officer", officer_id, {"name": officer.name, "phone": officer.masked_phone})


def grant_role(
    unit: Unit,
    *,
    officer_id: int,
    role: str,
    organ_id: int,
    valid_from: date | None = None,
    valid_to: date | None = None,
) -> int:
    """The number of the grant, which holds from today unless a first day is given.

    Raises Invalid for an unknown role, a span that ends before it begins, or roles that exclude each other.
    """
    unit.require("officer.grant")
    # Two administrators granting at once must not together make an officer both administrator and auditor.
    locked_officer(unit.session, officer_id)
    organ_of(unit.session, organ_id)
    first = valid_from or unit.today
    _check_grant(unit.session, officer_id, role, first, valid_to)
    grant = OfficerGrant(officer_id=officer_id, role=role, organ_id=organ_id, valid_from=first, valid_to=valid_to)
    unit.session.add(grant)
    unit.session.flush()  # the trace names its number
    detail = {"role": role, "organ_id": organ_id, "grant_id": grant.id}
    unit.trace("officer.grant", "officer", officer_id, detail)
    return grant.id


def end_grant(unit: Unit, *, grant_id: int) -> None:
    """Takes a role back from the next request on; raises NotDue for the last administrator or auditor."""
    unit.require("officer.grant")
    grant = unit.session.get(OfficerGrant, grant_id)
    if grant is None or grant.ended_at is not None:
        raise NotFound(N_("没有这条授权，或已经收回。"))
    locked_officer(unit.session, grant.officer_id)
    if grant.role in APART:
        keep_one(unit, grant.role, without_grant=grant_id)
    grant.ended_at = unit.now
    unit.trace("officer.revoke", "officer", grant.officer_id, {"role": grant.role, "grant_id": grant_id})


def show_card(unit: Unit, *, officer_id: int, card: str) -> None:
    """Puts the officer behind a card of the demo's login page; raises Invalid for an unknown card."""
    unit.require("account.manage")
    if card not in CARDS:
        raise Invalid(N_("填写有误"), fields={"card": N_("没有这张角色卡。")})
    officer_of(unit.session, officer_id).demo_card = card
    unit.trace("officer.card", "officer", officer_id, {"card": card})


def _checked_name(name: str) -> str:
    if not name.strip():
        raise Invalid(N_("填写有误"), fields={"name": N_("请填写姓名。")})
    return name.strip()


def locked_officer(session: Session, officer_id: int) -> Officer:
    """The officer, kept from others until the unit ends; raises NotFound."""
    found = session.scalars(select(Officer).where(Officer.id == officer_id).with_for_update()).one_or_none()
    if found is None:
        raise NotFound(N_("没有编号为 %(id)s 的人员。"), id=officer_id)
    return found


def _check_grant(session: Session, officer_id: int, role: str, first: date, last: date | None) -> None:
    if role not in ROLES:
        raise Invalid(N_("填写有误"), fields={"role": N_("没有这个角色。")})
    if last is not None and last < first:
        raise Invalid(N_("填写有误"), fields={"valid_to": N_("截止日期不能早于起始日期。")})
    query = select(OfficerGrant).where(OfficerGrant.officer_id == officer_id)
    held = {grant.role for grant in session.scalars(query) if grant.overlaps(first, last)}
    if (held | {role}) & APART and held - {role}:
        raise Invalid(N_("填写有误"), fields={"role": N_("系统管理员、审计员与业务角色不能由同一人担任。")})


def keep_one(unit: Unit, role: str, *, without_officer: int = 0, without_grant: int = 0) -> None:
    """Raises NotDue when the role is held today, and would be by nobody afterwards."""
    query = (
        select(OfficerGrant.id, OfficerGrant.officer_id)
        .join(Officer, and_(Officer.id == OfficerGrant.officer_id, Officer.active))
        .where(OfficerGrant.role == role, *grant_is_valid(unit.today))
        .with_for_update()
    )
    held = unit.session.execute(query).all()
    left = [row for row in held if row.officer_id != without_officer and row.id != without_grant]
    if held and not left:
        raise NotDue(N_("这是最后一名%(role)s，请先授予他人。"), role=N_(ROLES[role]))


def administrators(session: Session, day: date) -> int:
    """How many active officers administer the house on this day."""
    query = (
        select(func.count(func.distinct(OfficerGrant.officer_id)))
        .join(Officer, and_(Officer.id == OfficerGrant.officer_id, Officer.active))
        .where(OfficerGrant.role == "admin", *grant_is_valid(day))
    )
    return session.scalar(query) or 0


def officer_name(session: Session, officer_id: int | None) -> str:
    """The officer's name, for a sentence; empty for nobody."""
    if officer_id is None:
        return ""
    return session.scalar(select(Officer.name).where(Officer.id == officer_id)) or ""

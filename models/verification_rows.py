"""半年核查: the rows of one district's half-year – its amounts, their vouchers, the projects looked at on the spot."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from sqlalchemy import Date, ForeignKey, Index, String, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.attachment import Attachment
from models.base import Base, Json, Key, Moment, Money
from models.district import land_on
from models.matter import Matter, tells
from models.organ import organ_by_code
from models.permit import permit
from models.process import WorkItem
from models.reference import reference_rows
from models.refusal import NotDue, NotFound
from models.texts import N_
from models.unit import Unit

DESK, REVIEWER = "hzjl", "fgw"  # who verifies, and who reviews what was rectified
SOURCE = "verification"
STATES: dict[str, str] = {
    "open": N_("待初核"),
    "judged": N_("待复核"),
    "back": N_("退回重核"),
    "agreed": N_("两人一致"),
    "known": N_("无须核查"),  # taken back, or recognised before this verification
}
UNJUDGED = ("open", "back")

permit("verification.view", N_("查看半年核查"), roles=("officer", "head", "supervisor", "leader"), scope="city")
permit("verification.file", N_("报送半年核查自查"), roles=("officer",), scope="organ")
permit("verification.judge", N_("半年核查网上核查"), roles=("supervisor",), scope="organ")


class Verification(Base):
    """半年核查（区）。 One district's half-year; `seed` is drawn once, when the sample is taken."""

    __tablename__ = "verification"
    __table_args__ = (UniqueConstraint("period", "organ_id"), Index("ix_verification_process", "process_id"))

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    period: Mapped[str] = mapped_column(String(10))
    organ_id: Mapped[int] = mapped_column(ForeignKey("organ.id"))  # as it was on the day of the opening
    process_id: Mapped[int | None] = mapped_column(ForeignKey("process.id"))
    opened_at: Mapped[datetime] = mapped_column(Moment)
    due_at: Mapped[datetime] = mapped_column(Moment)  # of the online check
    self_note: Mapped[str] = mapped_column(String(500), default="")
    filed_by: Mapped[str | None] = mapped_column(String(80))
    self_signed_by: Mapped[str | None] = mapped_column(String(80))  # None after the freeze: not signed in time
    frozen_at: Mapped[datetime | None] = mapped_column(Moment)
    seed: Mapped[str] = mapped_column(String(16), default="")
    sampled_at: Mapped[datetime | None] = mapped_column(Moment)
    listed_at: Mapped[datetime | None] = mapped_column(Moment)
    signed_by: Mapped[str | None] = mapped_column(String(80))  # 问题清单签认
    signed_at: Mapped[datetime | None] = mapped_column(Moment)
    objection: Mapped[str] = mapped_column(String(500), default="")
    notice_id: Mapped[int | None] = mapped_column(ForeignKey("notice.id"))  # its 核查报告
    bulletin_id: Mapped[int | None] = mapped_column(
        ForeignKey("dispatch.id")
    )  # the city's 通报, same on all of a period
    closed_at: Mapped[datetime | None] = mapped_column(Moment)


class VerificationEntry(Base):
    """逐笔核查。 One declared amount, net of what the district took back, and what two reviewers made of it.

    `declared` and `recognised` are 万 of its currency; `recognised` counts only once `state` is agreed or known.
    """

    __tablename__ = "verification_entry"
    __table_args__ = (UniqueConstraint("verification_id", "entry_id"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    verification_id: Mapped[int] = mapped_column(ForeignKey("verification.id"))
    entry_id: Mapped[int] = mapped_column(ForeignKey("amount_entry.id"))
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    nature: Mapped[str] = mapped_column(String(10))  # domestic, foreign
    currency: Mapped[str] = mapped_column(String(3))
    on: Mapped[date] = mapped_column(Date)
    declared: Mapped[Decimal] = mapped_column(Money)
    recognised: Mapped[Decimal | None] = mapped_column(Money)
    state: Mapped[str] = mapped_column(String(8), default="open")
    explanation: Mapped[str] = mapped_column(String(300), default="")  # the district's
    reason: Mapped[str] = mapped_column(String(300), default="")  # of a reduction
    judged_by_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    judged_by: Mapped[str] = mapped_column(String(80), default="")
    judged_at: Mapped[datetime | None] = mapped_column(Moment)
    back_reason: Mapped[str] = mapped_column(String(300), default="")
    agreed_by_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    agreed_by: Mapped[str] = mapped_column(String(80), default="")
    agreed_at: Mapped[datetime | None] = mapped_column(Moment)


class VerificationVoucher(Base):
    """凭证。 A paper that proves one amount; `kind` is a code of data/vouchers.csv."""

    __tablename__ = "verification_voucher"
    __table_args__ = (UniqueConstraint("line_id", "attachment_id"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    line_id: Mapped[int] = mapped_column(ForeignKey("verification_entry.id"))
    attachment_id: Mapped[int] = mapped_column(ForeignKey("attachment.id"))
    kind: Mapped[str] = mapped_column(String(12))
    filed_by: Mapped[str] = mapped_column(String(80))
    filed_at: Mapped[datetime] = mapped_column(Moment)


class VerificationSite(Base):
    """现场核查。 One sampled project: why it was, what was found, and who signed; `answers` are those of its form."""

    __tablename__ = "verification_site"
    __table_args__ = (
        UniqueConstraint("verification_id", "project_id"),
        Index("ix_verification_site_process", "process_id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    verification_id: Mapped[int] = mapped_column(ForeignKey("verification.id"))
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    process_id: Mapped[int | None] = mapped_column(ForeignKey("process.id"))
    why: Mapped[str] = mapped_column(String(10))  # of SAMPLED_AS
    answers: Mapped[Any] = mapped_column(Json, default=dict)
    visited_by: Mapped[str | None] = mapped_column(String(80))
    visited_at: Mapped[datetime | None] = mapped_column(Moment)
    confirmed_by: Mapped[str | None] = mapped_column(String(80))  # the district's: drawn on the spot or by log-in
    confirmed_at: Mapped[datetime | None] = mapped_column(Moment)
    remark: Mapped[str] = mapped_column(String(500), default="")  # the district's
    closed_at: Mapped[datetime | None] = mapped_column(Moment)


@dataclass(frozen=True)
class Voucher:
    """A kind of voucher as a page offers it."""

    code: str
    name_zh: str
    name_en: str
    source: str


FILED = "filed"  # what came with the amount itself; nobody chooses this kind


@lru_cache
def voucher_kinds() -> tuple[Voucher, ...]:
    """The kinds of vouchers, in the order of data/vouchers.csv."""
    return tuple(Voucher(**row) for row in reference_rows("vouchers"))


def kinds_to_choose() -> tuple[Voucher, ...]:
    """Those a district may name for a voucher it adds."""
    return tuple(each for each in voucher_kinds() if each.code != FILED)


def verification_of(session: Session, period: str, organ_id: int) -> Verification:
    """One district's half-year; raises NotFound."""
    query = select(Verification).where(Verification.period == period, Verification.organ_id == organ_id)
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotFound(N_("没有这个区这半年的核查。"))
    return found


def verification_of_process(session: Session, process_id: int) -> Verification:
    """The verification a process runs for."""
    return session.scalars(select(Verification).where(Verification.process_id == process_id)).one()


def lock_verification(session: Session, period: str, organ_id: int) -> Verification:
    """The same under its lock, so that two who judge at the same moment wait for each other."""
    row = verification_of(session, period, organ_id)
    session.refresh(row, with_for_update=True)
    return row


def verifications_of(session: Session, period: str) -> list[Verification]:
    """All districts of a half-year, in the order in which they were opened, which is that of the districts."""
    return list(session.scalars(select(Verification).where(Verification.period == period).order_by(Verification.id)))


def lock_period(session: Session, period: str) -> list[Verification]:
    """The same, with the first of them locked: whoever decides for the whole half-year comes one after the other."""
    first = select(Verification).where(Verification.period == period).order_by(Verification.id).limit(1)
    session.scalars(first.with_for_update()).one_or_none()
    return verifications_of(session, period)


def periods_verified(session: Session, limit: int = 12) -> list[str]:
    """The half-years there are, the newest first."""
    query = select(Verification.period).distinct().order_by(Verification.period.desc()).limit(limit)
    return list(session.scalars(query))


def entries_of(session: Session, verification_id: int) -> list[VerificationEntry]:
    """The amounts of a verification by day and number."""
    query = select(VerificationEntry).where(VerificationEntry.verification_id == verification_id)
    return list(session.scalars(query.order_by(VerificationEntry.on, VerificationEntry.entry_id)))


def vouchers_of(session: Session, line_ids: Iterable[int]) -> dict[int, list[tuple[VerificationVoucher, Attachment]]]:
    """Vouchers with their files by the amount they prove."""
    query = (
        select(VerificationVoucher, Attachment)
        .join(Attachment, Attachment.id == VerificationVoucher.attachment_id)
        .where(VerificationVoucher.line_id.in_(set(line_ids)))
        .order_by(VerificationVoucher.id)
    )
    found: dict[int, list[tuple[VerificationVoucher, Attachment]]] = {}
    for voucher, file in session.execute(query):
        found.setdefault(voucher.line_id, []).append((voucher, file))
    return found


def sites_of(session: Session, verification_id: int) -> list[VerificationSite]:
    """The sampled projects, in the order in which they were taken."""
    query = select(VerificationSite).where(VerificationSite.verification_id == verification_id)
    return list(session.scalars(query.order_by(VerificationSite.id)))


def site_of_process(session: Session, process_id: int) -> VerificationSite:
    """The project that a process looks at on the spot."""
    return session.scalars(select(VerificationSite).where(VerificationSite.process_id == process_id)).one()


def open_items(session: Session, process_ids: Iterable[int | None]) -> dict[int, tuple[str, int]]:
    """The task each process waits at and its item, by process; those that wait for nobody are left out."""
    query = select(WorkItem.process_id, WorkItem.node, WorkItem.id).where(
        WorkItem.process_id.in_({each for each in process_ids if each}), WorkItem.state == "ready"
    )
    return {process_id: (node, item_id) for process_id, node, item_id in session.execute(query)}


def require_at(unit: Unit, row: Verification, *nodes: str) -> None:
    """Raises NotDue unless the verification stands at one of these tasks."""
    if open_items(unit.session, [row.process_id]).get(row.process_id or 0, ("", 0))[0] not in nodes:
        raise NotDue(N_("这个区的核查现在不在这一环节，请刷新后再看。"))


def open_sites(session: Session, verification_id: int) -> int:
    """How many sampled projects are not finished."""
    query = select(func.count()).where(
        VerificationSite.verification_id == verification_id, VerificationSite.closed_at.is_(None)
    )
    return session.scalar(query) or 0


def answering_district(unit: Unit, organ_id: int) -> int:
    """Who answers today for the district that was asked: itself, or whoever it was merged into since."""
    return land_on(unit.session, unit.today).answering.get(organ_id, organ_id)


def desk_id(session: Session) -> int:
    """The desk that verifies."""
    return organ_by_code(session, DESK).id


@tells("verification")
@tells("verification_site")
def about(_session: Session, process_id: int) -> Iterator[Matter]:
    """What the items of a verification are about: every amount, voucher and problem, on its own page."""
    there = f"/verifications/of-process/{process_id}"
    yield Matter(N_("核查明细"), N_("打开“半年核查”页，看逐笔金额、凭证和问题清单"), there)

"""送达: a paper that goes out to many under one number – who got it, opened it and signed for it."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, Key, Moment


class Delivery(Base):
    """送达。 One addressee of a paper that goes to many, whose `Notice.to_organ_id` is the issuer itself.

    The paper counts as signed for once the last of them has signed.
    """

    __tablename__ = "delivery"
    __table_args__ = (UniqueConstraint("notice_id", "organ_id"), Index("ix_delivery_organ", "organ_id", "notice_id"))

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notice.id"))
    organ_id: Mapped[int] = mapped_column(ForeignKey("organ.id"))
    delivered_at: Mapped[datetime | None] = mapped_column(Moment)
    opened_at: Mapped[datetime | None] = mapped_column(Moment)
    acknowledged_at: Mapped[datetime | None] = mapped_column(Moment)
    acknowledged_by_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    chased_at: Mapped[datetime | None] = mapped_column(Moment)


def deliver_each(session: Session, notice_id: int, at: datetime) -> list[int]:
    """送达: every addressee of a paper that goes to many has it now; returns their organs, empty for one that goes to one."""
    rows = deliveries_of(session, notice_id)
    for row in rows:
        row.delivered_at = at
    return [row.organ_id for row in rows]


def deliveries_of(session: Session, notice_id: int) -> list[Delivery]:
    """The addressees of a paper that went to many, in the order of their numbers; empty for one that went to one."""
    return list(session.scalars(select(Delivery).where(Delivery.notice_id == notice_id).order_by(Delivery.organ_id)))

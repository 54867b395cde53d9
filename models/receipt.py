"""签收回执: who of the addressees has opened a paper, who has signed for it and when, and who has not."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from models.delivery import Delivery, deliveries_of
from models.notice import Notice, unsigned_notices
from models.officer import Officer
from models.organ import Organ


@dataclass(frozen=True)
class Receipt:
    """One addressee of a paper that went to many, and how far it is with it."""

    organ_id: int
    organ_zh: str
    organ_en: str
    opened_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    chased_at: datetime | None


def receipts_of(session: Session, notice_id: int) -> list[Receipt]:
    """The receipts of a paper that went to many, by the organs' codes; one query."""
    query = (
        select(
            Delivery.organ_id,
            Organ.name_zh,
            Organ.name_en,
            Delivery.opened_at,
            Delivery.acknowledged_at,
            Officer.name,
            Delivery.chased_at,
        )
        .join(Organ, Organ.id == Delivery.organ_id)
        .outerjoin(Officer, Officer.id == Delivery.acknowledged_by_id)
        .where(Delivery.notice_id == notice_id)
        .order_by(Organ.code)
    )
    return [Receipt(*row) for row in session.execute(query)]


def addressees_of(session: Session, paper: Notice) -> list[int]:
    """The organs a paper went to."""
    return [each.organ_id for each in deliveries_of(session, paper.id)] or [paper.to_organ_id]


def unsigned_receipts(session: Session, *, before: datetime) -> list[tuple[Notice, int]]:
    """Papers delivered before a moment, each with an organ that has not signed for it, oldest first."""
    papers = unsigned_notices(session, before=before)
    many: dict[int, list[Delivery]] = {}
    for row in session.scalars(select(Delivery).where(Delivery.notice_id.in_([paper.id for paper in papers]))):
        many.setdefault(row.notice_id, []).append(row)
    return [(paper, organ_id) for paper in papers for organ_id in _waiting(many.get(paper.id, ()), paper)]


def _waiting(many: Iterable[Delivery], paper: Notice) -> list[int]:
    rows = list(many)
    return [row.organ_id for row in rows if row.acknowledged_at is None] if rows else [paper.to_organ_id]


def sent_to(organ_ids: Iterable[int], *, unsigned: bool = False) -> ColumnElement[bool]:
    """The condition of papers that went to many, one of these organs among them; or that it has yet to sign for."""
    sent = select(Delivery.notice_id).where(Delivery.organ_id.in_(list(organ_ids)))
    return Notice.id.in_(sent.where(Delivery.acknowledged_at.is_(None)) if unsigned else sent)


def to_many() -> ColumnElement[bool]:
    """The condition of papers that went to many."""
    return select(Delivery.id).where(Delivery.notice_id == Notice.id).exists()

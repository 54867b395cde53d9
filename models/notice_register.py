"""发文登记簿: every number an organ has given out, in order, with what became of it; a gap would be a fault and is named."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from models.delivery import Delivery
from models.notice import KIND_MARKS, Notice, NoticeSeries
from models.organ import Organ
from models.project import BUSINESS
from models.unit import Actor, Unit

PAGE = 50


@dataclass(frozen=True)
class Entry:
    """One number of the register; `archived` once its file lies in the archive."""

    id: int
    number: str
    kind: str
    title: str
    to_zh: str
    to_en: str
    addressees: int  # of a paper that went to many
    issued_at: datetime
    issued_by: str
    archived: bool
    closed: bool
    voided_at: datetime | None
    void_reason: str | None


def register_page(unit: Unit, *, year: int, kind: str = "", after: int | None = None, limit: int = PAGE) -> list[Entry]:
    """The numbers of one's organs in this year, newest first, one more than a page when there are more; one query."""
    columns: tuple[Any, ...] = (
        Notice.id, Notice.number, Notice.kind, Notice.title, Organ.name_zh, Organ.name_en,
        select(func.count(Delivery.id)).where(Delivery.notice_id == Notice.id).scalar_subquery(), Notice.issued_at,
        Notice.issued_by, Notice.sha256.is_not(None), Notice.closed_at.is_not(None), Notice.voided_at,
        Notice.void_reason,
    )  # fmt: skip
    query = select(*columns).join(Organ, Organ.id == Notice.to_organ_id).where(_own(unit.actor), Notice.year == year)
    if kind:
        query = query.where(Notice.kind == kind)
    if after:
        query = query.where(Notice.id < after)
    return [Entry(*row) for row in unit.session.execute(query.order_by(Notice.id.desc()).limit(limit + 1))]


def register_years(unit: Unit) -> list[int]:
    """The years in which one's organs have given out numbers, newest first."""
    query = select(Notice.year).where(_own(unit.actor)).distinct().order_by(Notice.year.desc())
    return list(unit.session.scalars(query))


def gaps(session: Session, year: int, organ_ids: list[int] | None = None) -> list[str]:
    """Numbers up to the last of each series that no row holds, in words; empty as long as the house works."""
    held = (
        select(Notice.organ_id, Notice.kind, func.count().label("held"))
        .where(Notice.year == year)
        .group_by(Notice.organ_id, Notice.kind)
        .subquery()
    )
    query = (
        select(NoticeSeries, Organ)
        .join(Organ, Organ.id == NoticeSeries.organ_id)
        .outerjoin(held, (held.c.organ_id == NoticeSeries.organ_id) & (held.c.kind == NoticeSeries.kind))
        .where(NoticeSeries.year == year, NoticeSeries.last != func.coalesce(held.c.held, 0))
    )
    if organ_ids is not None:
        query = query.where(NoticeSeries.organ_id.in_(organ_ids))
    return [text for series, organ in session.execute(query) for text in _missing(session, series, organ)]


def organs_of(actor: Actor) -> list[int]:
    """The organs whose register an actor keeps."""
    return sorted({grant.organ_id for grant in actor.grants if grant.role in BUSINESS})


def _missing(session: Session, series: NoticeSeries, organ: Organ) -> list[str]:
    where = (Notice.organ_id == series.organ_id, Notice.kind == series.kind, Notice.year == series.year)
    held = set(session.scalars(select(Notice.serial).where(*where)))
    mark = f"{organ.number_mark}{KIND_MARKS[series.kind]}〔{series.year}〕"
    return [f"{mark}{serial}号" for serial in range(1, series.last + 1) if serial not in held]


def _own(actor: Actor) -> ColumnElement[bool]:
    return Notice.organ_id.in_(organs_of(actor))

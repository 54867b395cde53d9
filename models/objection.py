"""异议: what a unit objects to in a published sheet, when, on what evidence, and who decided it and why."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, Json, Key, Moment
from models.permit import permit
from models.refusal import NotFound
from models.texts import N_

STATES: dict[str, str] = {
    "open": N_("待答复"),
    "accepted": N_("采纳"),
    "refused": N_("不采纳"),
    "late": N_("逾期未受理"),
}

permit("assessment.object", N_("提出考核异议"), roles=("officer", "head"), scope="organ")
permit("assessment.decide", N_("答复考核异议"), roles=("head", "supervisor", "leader"), scope="city")


class Objection(Base):
    """异议。 `before` and `after` hold the figures by word as an accepted one found and left them."""

    __tablename__ = "objection"
    __table_args__ = (Index("ix_objection_assessment", "assessment_id", "organ_id"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id"))
    organ_id: Mapped[int] = mapped_column(ForeignKey("organ.id"))
    indicator: Mapped[str] = mapped_column(String(60))
    reason: Mapped[str] = mapped_column(String(1000))
    evidence: Mapped[Any] = mapped_column(Json, default=list)  # numbers of attachments
    state: Mapped[str] = mapped_column(String(10), default="open")
    filed_by: Mapped[str] = mapped_column(String(80))
    filed_by_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    filed_at: Mapped[datetime] = mapped_column(Moment)
    decision: Mapped[str] = mapped_column(String(1000), default="")
    before: Mapped[Any] = mapped_column(Json, nullable=True)
    after: Mapped[Any] = mapped_column(Json, nullable=True)
    decided_by: Mapped[str | None] = mapped_column(String(80))
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    decided_at: Mapped[datetime | None] = mapped_column(Moment)


def objections_of(session: Session, assessment_id: int) -> list[Objection]:
    """The objections to an assessment in the order they were filed, late ones among them."""
    query = select(Objection).where(Objection.assessment_id == assessment_id).order_by(Objection.id)
    return list(session.scalars(query))


def open_objections(session: Session, assessment_id: int) -> int:
    """How many wait for an answer."""
    query = select(func.count()).where(Objection.assessment_id == assessment_id, Objection.state == "open")
    return session.scalar(query.select_from(Objection)) or 0


def lock_objection(session: Session, objection_id: int) -> Objection:
    """The objection, held until the commit, so that two who decide it meet here; raises NotFound."""
    query = select(Objection).where(Objection.id == objection_id).with_for_update()
    found = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if found is None:
        raise NotFound(N_("没有这件异议。"))
    return found

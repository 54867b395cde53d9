"""考核: one half-year's assessment of the districts (or departments) by a scheme, frozen, and where each stands."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Date, ForeignKey, Integer, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, Json, Key, Moment, Money, Scaled
from models.matter import Matter, tells
from models.permit import permit
from models.refusal import NotFound
from models.texts import N_
from models.unit import Unit

STATES: dict[str, str] = {
    "scoring": N_("取数评分"),
    "first": N_("初评"),
    "publicity": N_("公示"),
    "final": N_("终评"),
}
PUBLISHED = ("publicity", "final")

permit("assessment.view", N_("查看考核"), roles=("officer", "head", "supervisor", "leader"), scope="any")
permit("assessment.draft", N_("查看未公示的考核"), roles=("officer", "head", "supervisor", "leader"), scope="city")
permit("assessment.score", N_("考核取数评分"), roles=("supervisor",), scope="city")


class Assessment(Base):
    """考核。 `scheme` and `sheet` are frozen: what was scored, by which rules, with every line of every score."""

    __tablename__ = "assessment"
    __table_args__ = (UniqueConstraint("period", "subject"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    period: Mapped[str] = mapped_column(String(10))
    subject: Mapped[str] = mapped_column(String(12), default="district")  # or department
    process_id: Mapped[int | None] = mapped_column(ForeignKey("process.id"))
    state: Mapped[str] = mapped_column(String(10), default="scoring")
    scheme: Mapped[Any] = mapped_column(Json, nullable=True)
    sheet: Mapped[Any] = mapped_column(Json, nullable=True)
    publicity_until: Mapped[date | None] = mapped_column(Date)
    opened_at: Mapped[datetime] = mapped_column(Moment)
    scheme_version_id: Mapped[int | None] = mapped_column(ForeignKey("scheme_version.id"))  # None: the 默认方案 itself
    first_sheet: Mapped[Any] = mapped_column(Json, nullable=True)  # 初评, as it was published
    scored_by: Mapped[str] = mapped_column(String(80), default="")
    scored_by_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))  # who may not decide objections
    publicity_notice_id: Mapped[int | None] = mapped_column(ForeignKey("notice.id"))
    result_notice_id: Mapped[int | None] = mapped_column(ForeignKey("notice.id"))
    final_at: Mapped[datetime | None] = mapped_column(Moment)


class Standing(Base):
    """位次。 One unit's result of one assessment; 内资 in 万元, 外资 in 万美元, both recognised, with their targets."""

    __tablename__ = "standing"
    __table_args__ = (UniqueConstraint("assessment_id", "organ_id"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id"))
    organ_id: Mapped[int] = mapped_column(ForeignKey("organ.id"))
    total: Mapped[Decimal | None] = mapped_column(Scaled(4))
    place: Mapped[int | None] = mapped_column(Integer)
    combined: Mapped[Decimal | None] = mapped_column(Scaled(4))  # 内外资 indicators only
    combined_place: Mapped[int | None] = mapped_column(Integer)
    domestic_done: Mapped[Decimal | None] = mapped_column(Money)
    domestic_target: Mapped[Decimal | None] = mapped_column(Money)
    foreign_done: Mapped[Decimal | None] = mapped_column(Money)
    foreign_target: Mapped[Decimal | None] = mapped_column(Money)


def standings_of(session: Session, assessment_id: int) -> list[Standing]:
    """The results of an assessment, best first, those without a place last."""
    found = session.scalars(select(Standing).where(Standing.assessment_id == assessment_id))
    return sorted(found, key=lambda row: (row.place is None, row.place or 0, row.organ_id))


def final_assessment(session: Session, period: str, subject: str = "district") -> Assessment | None:
    """The assessment of a period once it is final; None before."""
    query = select(Assessment).where(
        Assessment.period == period, Assessment.subject == subject, Assessment.final_at.is_not(None)
    )
    return session.scalars(query).one_or_none()


def find_assessment(unit: Unit, assessment_id: int) -> Assessment:
    """The assessment; raises NotFound when there is none, or when it is not published and not the actor's to see."""
    found = unit.session.get(Assessment, assessment_id)
    if found is None or (found.state not in PUBLISHED and not unit.actor.may("assessment.draft")):
        raise NotFound(N_("没有这次考核，或您无权查看。"))
    return found


def assessments(unit: Unit) -> list[Assessment]:
    """All that the actor may see, newest period first, districts before departments."""
    query = select(Assessment)
    if not unit.actor.may("assessment.draft"):
        query = query.where(Assessment.state.in_(PUBLISHED))
    return list(unit.session.scalars(query.order_by(Assessment.period.desc(), Assessment.subject.desc())))


def assessment_of_process(session: Session, process_id: int) -> Assessment:
    """The assessment a process runs for; raises NotFound."""
    found = session.scalars(select(Assessment).where(Assessment.process_id == process_id)).one_or_none()
    if found is None:
        raise NotFound(N_("没有这次考核，或您无权查看。"))
    return found


@tells("assessment")
def about(_session: Session, process_id: int) -> Iterator[Matter]:
    """What the items of an assessment are about: its sheet."""
    yield Matter(N_("评分表"), N_("打开评分表，核对、补录和答复异议都在那里"), f"/assessments/of/{process_id}")

"""取数: the figures of an assessment, frozen with their rows when they were taken or typed, and what corrected them."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

import models.district_figures  # noqa: F401 - registers its figures
from models.assessment import Assessment
from models.base import Base, Json, Key, Moment, Scaled
from models.department_figures import departments_on
from models.district import Land, land_on
from models.duty import first_day_of, last_day_of
from models.figure import FIGURES, Span, figure_values
from models.refusal import Invalid, NotDue
from models.texts import N_
from models.unit import Unit

MOST_ROWS = 2_000  # of one figure of one unit that are frozen; the value is of all of them


class TakenFigure(Base):
    """取数。 One figure of one unit: `rows` are what it was counted from, `evidence` the papers of a typed one.

    `was` is what it stood at before an objection was accepted, `objection_id` which one.
    """

    __tablename__ = "taken_figure"
    __table_args__ = (
        UniqueConstraint("assessment_id", "organ_id", "word"),
        Index("ix_taken_figure_objection", "objection_id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id"))
    organ_id: Mapped[int] = mapped_column(ForeignKey("organ.id"))
    word: Mapped[str] = mapped_column(String(60))
    source: Mapped[str] = mapped_column(String(8))  # system or typed
    value: Mapped[Decimal | None] = mapped_column(Scaled(6))
    rows: Mapped[Any] = mapped_column(Json, default=list)
    evidence: Mapped[Any] = mapped_column(Json, default=list)  # numbers of attachments
    note: Mapped[str] = mapped_column(String(500), default="")
    taken_by: Mapped[str] = mapped_column(String(80))
    taken_at: Mapped[datetime] = mapped_column(Moment)
    was: Mapped[Decimal | None] = mapped_column(Scaled(6))
    objection_id: Mapped[int | None] = mapped_column(ForeignKey("objection.id"))


def land_of(session: Session, subject: str, last: date) -> Land:
    """Who is assessed on the last day of a period: the districts, or the departments beside the desk."""
    return land_on(session, last) if subject == "district" else departments_on(session, last)


def span_of(session: Session, assessment: Assessment, filed_before: datetime) -> Span:
    """From 1 January to the period's last day: a half-year's assessment looks at the year so far."""
    last = last_day_of(assessment.period)
    first = first_day_of(assessment.period).replace(month=1)
    return Span(first, last, filed_before, land_of(session, assessment.subject, last))


def take_figures(unit: Unit, assessment: Assessment, words: Iterable[str]) -> None:
    """取数: every one of the system's figures for every unit, anew; typed ones stay as they are."""
    unit.session.execute(
        delete(TakenFigure).where(TakenFigure.assessment_id == assessment.id, TakenFigure.source == "system")
    )
    span = span_of(unit.session, assessment, unit.now)
    units = [each.id for each in span.land.districts]
    for word in words:
        for organ_id, (value, rows) in figure_values(unit.session, FIGURES[word], span, units).items():
            unit.session.add(TakenFigure(
                assessment_id=assessment.id, organ_id=organ_id, word=word, source="system", value=value,
                rows=[row.plain() for row in rows[:MOST_ROWS]], evidence=[], note="", taken_by=unit.actor.name,
                taken_at=unit.now,
            ))  # fmt: skip
    unit.session.flush()  # the sheet is scored from these rows


def taken(session: Session, assessment_id: int) -> dict[tuple[int, str], TakenFigure]:
    """The figures of an assessment by unit and word."""
    rows = session.scalars(select(TakenFigure).where(TakenFigure.assessment_id == assessment_id))
    return {(row.organ_id, row.word): row for row in rows}


def values_of(session: Session, assessment_id: int) -> dict[int, dict[str, Decimal | None]]:
    """The same as bare values, by unit and then word: what a sheet is scored from."""
    found: dict[int, dict[str, Decimal | None]] = {}
    for (organ_id, word), row in taken(session, assessment_id).items():
        found.setdefault(organ_id, {})[word] = row.value
    return found


def type_figures(
    unit: Unit,
    assessment: Assessment,
    word: str,
    values: Mapping[int, Decimal | None],
    *,
    evidence: Iterable[int],
    note: str = "",
) -> None:
    """补录: one typed figure of all units at once, with the papers it rests on.

    Raises NotDue once the sheet is checked, Invalid for a figure without any evidence.
    """
    unit.require("assessment.score")
    if assessment.state != "scoring":
        raise NotDue(N_("评分表已核对，不能再补录；有误的在公示期提出异议。"))
    known = taken(unit.session, assessment.id)
    papers = sorted(set(evidence))
    if any(value is not None for value in values.values()) and not papers:
        raise Invalid(N_("填写有误"), fields={f"evidence_{word}": N_("人工指标须附佐证材料。")})
    for organ_id, value in values.items():
        row = known.get((organ_id, word)) or TakenFigure(
            assessment_id=assessment.id, organ_id=organ_id, word=word, source="typed", rows=[]
        )
        row.value, row.evidence, row.note = value, papers, note[:500]
        row.taken_by, row.taken_at = unit.actor.name, unit.now
        unit.session.add(row)
    unit.trace("assessment.type", "assessment", assessment.id, {"word": word, "evidence": papers})


def retake(unit: Unit, assessment: Assessment, organ_id: int, word: str) -> TakenFigure:
    """重新取数 of one figure of one unit by the facts filed until now; what it stood at is kept beside it."""
    span = span_of(unit.session, assessment, unit.now)
    value, rows = figure_values(unit.session, FIGURES[word], span, [organ_id])[organ_id]
    row = taken(unit.session, assessment.id)[organ_id, word]
    row.rows = [each.plain() for each in rows[:MOST_ROWS]]
    return correct(unit, row, value)


def correct(unit: Unit, row: TakenFigure, value: Decimal | None) -> TakenFigure:
    """Put another value in the place of one that an objection was accepted against."""
    row.was, row.value = row.value, value
    row.taken_by, row.taken_at = unit.actor.name, unit.now
    return row

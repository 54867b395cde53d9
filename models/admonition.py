"""约谈 (第四条): who is called to a talk after a half-year's assessment and why, and what becomes of each talk.

The rule is the seed's: 内资 or 外资 target missed, or combined score among the last three (ties on the boundary all in).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Protocol

from sqlalchemy import Date, ForeignKey, Index, Integer, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models import printed_numbers as printed
from models.base import Base, Json, Key, Moment
from models.permit import permit
from models.refusal import NotFound
from models.standing import last_places, places
from models.texts import N_
from models.unit import Actor

STATES: dict[str, str] = {
    "reviewing": N_("复核名单"),
    "approving": N_("报批"),
    "approved": N_("已批准"),
}
UNITS = {"domestic": ("内资", "万元"), "foreign": ("外资", "万美元")}

permit("admonition.view", N_("查看约谈"), roles=("officer", "head", "supervisor", "leader"), scope="city")
permit("admonition.edit", N_("增减约谈单位"), roles=("supervisor",), scope="organ")


class Result(Protocol):
    """What the rule reads of one unit's standing; amounts recognised, 内资 in 万元, 外资 in 万美元."""

    @property
    def organ_id(self) -> int: ...  # noqa: D102
    @property
    def combined(self) -> Decimal | None: ...  # noqa: D102
    @property
    def domestic_done(self) -> Decimal | None: ...  # noqa: D102
    @property
    def domestic_target(self) -> Decimal | None: ...  # noqa: D102
    @property
    def foreign_done(self) -> Decimal | None: ...  # noqa: D102
    @property
    def foreign_target(self) -> Decimal | None: ...  # noqa: D102


@dataclass(frozen=True)
class Judged:
    """One unit as the rule sees it: `reasons` call it, `notes` say what was not compared and why."""

    organ_id: int
    reasons: tuple[str, ...]
    notes: tuple[str, ...] = ()

    @property
    def called(self) -> bool:
        """Whether it is called to a talk."""
        return bool(self.reasons)


def talk_list(results: Iterable[Result]) -> tuple[Judged, ...]:
    """Every unit judged, in the order given.

    A missing target is not a missed target, and a figure that is not known is not judged: both are notes.
    """
    rows = list(results)
    combined = {row.organ_id: row.combined for row in rows}
    last, place = last_places(combined), places(combined)
    return tuple(_judged(row, place[row.organ_id], row.organ_id in last) for row in rows)


def _judged(row: Result, place: int | None, last: bool) -> Judged:
    reasons, notes = [], []
    for nature in UNITS:
        reason, note = _compared(nature, getattr(row, f"{nature}_done"), getattr(row, f"{nature}_target"))
        reasons += [reason] if reason else []
        notes += [note] if note else []
    if last:
        reasons.append(f"内外资综合得分{printed.score(row.combined)}分，列第{place}位，为后三位")
    if row.combined is None:
        notes.append("没有内外资综合得分，不参加综合排名")
    return Judged(row.organ_id, tuple(reasons), tuple(notes))


def _compared(nature: str, done: Decimal | None, target: Decimal | None) -> tuple[str, str]:
    """Why a target was missed, or why it was not compared; both empty when it was reached."""
    name, unit = UNITS[nature]
    if target is None:
        return "", f"没有下达{name}目标，不作为约谈事由"
    if done is None:
        return "", f"{name}完成数没有认定，未与目标比较"
    if done >= target:
        return "", ""
    share = f"的{printed.share(done, target)}" if target else ""
    short = f"{name}完成{printed.money(done)}{unit}，为目标{printed.money(target)}{unit}{share}"
    return f"{short}，少{printed.money(target - done)}{unit}", ""


class Admonition(Base):
    """约谈 of one period: the list as the rule computed it, reviewed by the desk, approved by 市政府办公厅."""

    __tablename__ = "admonition"
    __table_args__ = (UniqueConstraint("period"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    period: Mapped[str] = mapped_column(String(10))
    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id"))
    process_id: Mapped[int | None] = mapped_column(ForeignKey("process.id"))
    desk_organ_id: Mapped[int] = mapped_column(ForeignKey("organ.id"))
    state: Mapped[str] = mapped_column(String(10), default="reviewing")
    notes: Mapped[Any] = mapped_column(Json, default=list)  # footnotes: [name of the unit, what was not compared]
    demo: Mapped[bool] = mapped_column(default=False)
    opened_at: Mapped[datetime] = mapped_column(Moment)
    approved_at: Mapped[datetime | None] = mapped_column(Moment)
    approved_by: Mapped[str | None] = mapped_column(String(80))


class CalledUnit(Base):
    """被约谈单位。 One unit on a list, with its reasons; what was added or taken off by hand keeps who and why."""

    __tablename__ = "called_unit"
    __table_args__ = (UniqueConstraint("admonition_id", "organ_id"), Index("ix_called_unit_organ", "organ_id"))

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    admonition_id: Mapped[int] = mapped_column(ForeignKey("admonition.id"))
    organ_id: Mapped[int] = mapped_column(ForeignKey("organ.id"))
    reasons: Mapped[Any] = mapped_column(Json, default=list)
    figures: Mapped[Any] = mapped_column(Json, default=list)  # rows of the notice's annex, as text
    added_by: Mapped[str | None] = mapped_column(String(80))  # None: by the rule
    added_why: Mapped[str] = mapped_column(String(500), default="")
    removed_at: Mapped[datetime | None] = mapped_column(Moment)
    removed_by: Mapped[str | None] = mapped_column(String(80))
    removed_why: Mapped[str] = mapped_column(String(500), default="")
    process_id: Mapped[int | None] = mapped_column(ForeignKey("process.id"))
    notice_id: Mapped[int | None] = mapped_column(ForeignKey("notice.id"))
    held_on: Mapped[date | None] = mapped_column(Date)
    held_time: Mapped[str] = mapped_column(String(20), default="")
    place: Mapped[str] = mapped_column(String(200), default="")
    host: Mapped[str] = mapped_column(String(100), default="")
    record: Mapped[Any] = mapped_column(Json, nullable=True)  # the answers of the record's form
    record_notice_id: Mapped[int | None] = mapped_column(ForeignKey("notice.id"))
    recorded_at: Mapped[datetime | None] = mapped_column(Moment)
    round: Mapped[int] = mapped_column(Integer, default=1)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)


class Commitment(Base):
    """承诺事项。 What a unit promised in the talk, tracked as a task until the re-check passes it."""

    __tablename__ = "commitment"
    __table_args__ = (UniqueConstraint("called_unit_id", "number"), Index("ix_commitment_process", "process_id"))

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    called_unit_id: Mapped[int] = mapped_column(ForeignKey("called_unit.id"))
    number: Mapped[int] = mapped_column(Integer)
    text: Mapped[str] = mapped_column(String(500))
    owner: Mapped[str] = mapped_column(String(80))
    due_on: Mapped[date] = mapped_column(Date)
    process_id: Mapped[int | None] = mapped_column(ForeignKey("process.id"))
    result: Mapped[str] = mapped_column(String(1000), default="")
    reported_at: Mapped[datetime | None] = mapped_column(Moment)  # of the running round
    reported_by_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    passed_at: Mapped[datetime | None] = mapped_column(Moment)
    opinion: Mapped[str] = mapped_column(String(500), default="")  # of the last re-check


def admonition_of(session: Session, admonition_id: int) -> Admonition:
    """The talks of a period; raises NotFound."""
    row = session.get(Admonition, admonition_id)
    if row is None:
        raise NotFound(N_("没有找到这一期约谈。"))
    return row


def called_unit(session: Session, unit_id: int) -> CalledUnit:
    """One unit on a list; raises NotFound."""
    row = session.get(CalledUnit, unit_id)
    if row is None:
        raise NotFound(N_("没有找到这个约谈单位。"))
    return row


def units_of(session: Session, admonition_id: int) -> list[CalledUnit]:
    """All units of a list, also those taken off, in the order they came onto it."""
    query = select(CalledUnit).where(CalledUnit.admonition_id == admonition_id)
    return list(session.scalars(query.order_by(CalledUnit.id)))


def commitments_of(session: Session, unit_ids: Iterable[int]) -> list[Commitment]:
    """What these units promised, by unit and number."""
    query = select(Commitment).where(Commitment.called_unit_id.in_(set(unit_ids)))
    return list(session.scalars(query.order_by(Commitment.called_unit_id, Commitment.number)))


def commitment_of_process(session: Session, process_id: int) -> Commitment:
    """The commitment a process runs for."""
    return session.scalars(select(Commitment).where(Commitment.process_id == process_id)).one()


def lists_for(session: Session, actor: Actor) -> list[Admonition]:
    """The lists an actor may know of, newest period first: all for the city, approved ones for the units on them."""
    query = select(Admonition).order_by(Admonition.period.desc())
    if not sees_whole_lists(actor):
        mine = [grant.organ_id for grant in actor.grants]
        on_it = select(CalledUnit.admonition_id).where(CalledUnit.organ_id.in_(mine), CalledUnit.removed_at.is_(None))
        query = query.where(Admonition.id.in_(on_it), Admonition.approved_at.is_not(None))
    return list(session.scalars(query))


def sees_whole_lists(actor: Actor) -> bool:
    """Whether an actor sees who else is called: those of the city's own organs do."""
    return actor.is_house or any(grant.city for grant in actor.grants)


def figure_rows(row: Result, place: int | None) -> list[list[str]]:
    """The annex of a notice: what was measured, target, done, share."""
    rows = [
        [f"实际利用{name}（{unit}）", *_measured(getattr(row, f"{nature}_target"), getattr(row, f"{nature}_done"))]
        for nature, (name, unit) in UNITS.items()
    ]
    return [*rows, ["内外资综合得分", "-", printed.score(row.combined), f"第{place}位" if place else "-"]]


def _measured(target: Decimal | None, done: Decimal | None) -> list[str]:
    return [printed.money(target), printed.money(done), printed.share(done, target)]

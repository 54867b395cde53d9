"""目标: what a district is to reach in a year or its first half, in 内资 (万元) and 外资 (万美元)."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, Integer, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, Key, Moment, Money
from models.texts import N_

NATURES: dict[str, str] = {"domestic": N_("内资"), "foreign": N_("外资")}
SPANS: dict[str, str] = {"year": N_("全年"), "half": N_("上半年")}
HALF = Decimal("0.5")  # 默认值: the half-year's target is half of the year's until a row of its own says otherwise


class Target(Base):
    """目标。 `amount` None: no target was set, which prints "-" with a footnote and is not ranked; 0 is a target of 0."""

    __tablename__ = "target"
    __table_args__ = (UniqueConstraint("organ_id", "year", "nature", "span"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    organ_id: Mapped[int] = mapped_column(ForeignKey("organ.id"))
    year: Mapped[int] = mapped_column(Integer)
    nature: Mapped[str] = mapped_column(String(10))
    span: Mapped[str] = mapped_column(String(6), default="year")
    amount: Mapped[Decimal | None] = mapped_column(Money)
    note: Mapped[str] = mapped_column(String(200), default="")  # why there is none, or where it comes from
    demo: Mapped[bool] = mapped_column(default=False)
    set_by: Mapped[str] = mapped_column(String(80), default="")
    set_at: Mapped[datetime] = mapped_column(Moment)


def are_made_up(session: Session, year: int) -> bool:
    """Whether the targets of a year were made up for the demonstration: what is judged by them is 演示 as well."""
    return session.scalar(select(Target.id).where(Target.year == year, Target.demo).limit(1)) is not None


def targets(
    session: Session, year: int, nature: str, span: str, answering: Mapping[int, int]
) -> dict[int, Decimal | None]:
    """Targets by the district that answers now; those of merged districts add up, None stays only where all are None.

    A half-year without rows of its own takes HALF of the year's.
    """
    query = select(Target.organ_id, Target.span, Target.amount).where(Target.year == year, Target.nature == nature)
    rows = {(organ_id, of): amount for organ_id, of, amount in session.execute(query)}
    found: dict[int, Decimal | None] = {}
    for organ_id in {organ_id for organ_id, _ in rows}:
        amount = _of_span(rows, organ_id, span)
        holder = answering.get(organ_id, organ_id)
        before = found.get(holder)
        found[holder] = before if amount is None else amount + (before or 0)
    return found


def _of_span(rows: Mapping[tuple[int, str], Decimal | None], organ_id: int, span: str) -> Decimal | None:
    if (organ_id, span) in rows:
        return rows[organ_id, span]
    whole = rows.get((organ_id, "year"))
    return None if whole is None else whole * HALF

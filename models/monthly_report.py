"""区月报: what a district signed for a month, in the four blocks of article 3; pre-filled, so that only changes are typed."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, Json, Key, Moment
from models.calendar import load_calendar
from models.clock import end_of_day
from models.district import land_on
from models.duty import first_day_of, last_day_of, months_later
from models.matter import Matter, tells
from models.monthly_blocks import monthly_blocks
from models.permit import permit
from models.process import WorkItem
from models.refusal import NotFound
from models.texts import N_
from models.unit import Unit

permit("monthly_report.view", N_("查看区月报"), roles=("officer", "head", "supervisor", "leader"), scope="city")

DUE_DAY = 5  # 默认值: 市 compiles from day 5 on, domain.md §1


class MonthlyReport(Base):
    """区月报。 `content` holds the blocks as they were signed, each a list of rows that name their project.

    `capital` (entry, project, on, amount_wan, standing), `registrations` (project, on, amount_wan),
    `landings` (project, expected_on, amount_wan), `talks` (project, note), and `note`, the district's own words.
    """

    __tablename__ = "monthly_report"
    __table_args__ = (UniqueConstraint("period", "organ_id"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    period: Mapped[str] = mapped_column(String(10))
    organ_id: Mapped[int] = mapped_column(ForeignKey("organ.id"))
    process_id: Mapped[int | None] = mapped_column(ForeignKey("process.id"))
    content: Mapped[Any] = mapped_column(Json, nullable=True)
    opened_at: Mapped[datetime] = mapped_column(Moment)
    due_at: Mapped[datetime] = mapped_column(Moment)
    signed_at: Mapped[datetime | None] = mapped_column(Moment)  # None: not (yet) signed
    signed_by: Mapped[str | None] = mapped_column(String(80))


def reports_of(session: Session, period: str) -> dict[int, MonthlyReport]:
    """The reports of a month by district, signed or not; a district without one is not in it."""
    found = session.scalars(select(MonthlyReport).where(MonthlyReport.period == period))
    return {row.organ_id: row for row in found}


def report_of_process(session: Session, process_id: int) -> MonthlyReport | None:
    """The report a process runs for; None before it is filed."""
    return session.scalars(select(MonthlyReport).where(MonthlyReport.process_id == process_id)).one_or_none()


@tells("monthly_report")
def about(session: Session, process_id: int) -> Iterator[Matter]:
    """What the items of a report are about: the report's page, where the four blocks stand."""
    if row := report_of_process(session, process_id):
        yield Matter(N_("月报内容"), N_("打开四块内容核对"), f"/monthly-reports/{row.period}/{row.organ_id}")


def lock_report(session: Session, period: str, organ_id: int) -> MonthlyReport:
    """The report of a district for a month, locked; raises NotFound."""
    query = select(MonthlyReport).where(MonthlyReport.period == period, MonthlyReport.organ_id == organ_id)
    found = session.scalars(query.with_for_update()).one_or_none()
    if found is None:
        raise NotFound(N_("没有这个区这个月的月报。"))
    return found


def sign_report(unit: Unit, *, period: str, organ_id: int, note: str) -> None:
    """签发: the four blocks are frozen as they are now. The caller has checked who signs."""
    row = lock_report(unit.session, period, organ_id)
    row.content = live_content(unit, period, organ_id) | {"note": note}
    row.signed_at, row.signed_by = unit.now, unit.actor.name
    unit.trace("monthly_report.sign", "monthly_report", row.id, {"period": period, "organ": organ_id})


def live_content(unit: Unit, period: str, organ_id: int) -> dict[str, Any]:
    """The blocks as they would be signed at this moment."""
    land = land_on(unit.session, last_day_of(period))
    return dict(monthly_blocks(unit.session, period, organ_id, land=land, filed_before=unit.now))


def due_of(unit: Unit, period: str) -> datetime:
    """By when a month's report is to be signed: the end of the 5th after it; a day off moves to the next working day."""
    calendar, day = load_calendar(unit.session), months_later(first_day_of(period), 1).replace(day=DUE_DAY)
    return end_of_day(day if calendar.is_working(day) else calendar.add_working_days(day, 1))


def report_months(session: Session, limit: int = 12) -> list[str]:
    """The months that have reports, newest first."""
    query = select(MonthlyReport.period).distinct().order_by(MonthlyReport.period.desc()).limit(limit)
    return list(session.scalars(query))


def reports_seen(unit: Unit, period: str) -> list[MonthlyReport]:
    """The reports of a month that the actor may see: all for who serves the city, else those of one's own land."""
    found = list(reports_of(unit.session, period).values())
    grants = unit.actor.grants
    if unit.actor.is_house or any(grant.city for grant in grants):
        return found
    answering = land_on(unit.session, unit.today).answering
    mine = {answering.get(grant.organ_id, grant.organ_id) for grant in grants}
    return [each for each in found if answering.get(each.organ_id, each.organ_id) in mine]


def owed_items(session: Session, process_ids: list[int]) -> dict[int, str]:
    """What each of these processes waits for, by its name."""
    query = select(WorkItem.process_id, WorkItem.name).where(
        WorkItem.process_id.in_(process_ids), WorkItem.state == "ready"
    )
    return dict(session.execute(query).all())

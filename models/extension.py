"""延期: more time asked for one open item, at most two times, and what became of each request."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, Json, Key, Moment
from models.calendar import load_calendar
from models.clock import local_day
from models.limits import working_days
from models.notice import Notice
from models.permit import permit
from models.process import Item, Process, WorkItem
from models.texts import N_

KEY = "extension"  # of its map; its own tasks are not put off in turn
MOST_GRANTED = 2  # 默认值: 延期一般不超过两次
OUTCOMES = {
    "granted": N_("准予延期"),
    "refused": N_("不予延期"),
    "declined": N_("单位领导不同意延期"),
    "lapsed": N_("到期未批，即不予延期"),
    "closed": N_("事项已办结或取消，申请终止"),
}

permit("extension.request", N_("申请延期"), roles=("officer", "head"), scope="organ")


class Extension(Base):
    """延期申请。 `due_on` is the day granted; `opinions` are kept as the 延期审批单 prints them."""

    __tablename__ = "extension"
    __table_args__ = (Index("ix_extension_item", "work_item_id"), Index("ix_extension_process", "process_id"))

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    work_item_id: Mapped[int] = mapped_column(ForeignKey("work_item.id"))
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id"))
    process_id: Mapped[int] = mapped_column(ForeignKey("process.id"))
    organ_id: Mapped[int] = mapped_column(ForeignKey("organ.id"))
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    asked_by: Mapped[str] = mapped_column(String(80))
    asked_at: Mapped[datetime] = mapped_column(Moment)
    was_due_at: Mapped[datetime] = mapped_column(Moment)
    asked_on: Mapped[date]
    progress: Mapped[str] = mapped_column(String(1000))
    reason: Mapped[str] = mapped_column(String(1000))
    opinions: Mapped[Any] = mapped_column(Json)
    due_on: Mapped[date | None]
    outcome: Mapped[str | None] = mapped_column(String(10))  # one of OUTCOMES; None while it runs
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    notice_id: Mapped[int | None] = mapped_column(ForeignKey("notice.id"))


@dataclass(frozen=True)
class ExtensionFacts:
    """One request as a page tells it; `waits_for` is the open task of a running one, `opinion` what was said last."""

    item_id: int
    item_name: str
    asked_by: str
    asked_at: datetime
    was_due_at: datetime
    asked_on: date
    progress: str
    reason: str
    due_on: date | None
    outcome: str | None
    ended_at: datetime | None
    opinion: str
    number: str  # of the 延期审批单
    waits_for: str


def why_not_extend(item: Item | WorkItem, *, process_key: str, granted: int, now: datetime) -> str:
    """Why no more time can be asked for this item now, as a source text; empty when it can. `granted`: times it was."""
    if process_key == KEY:
        return N_("延期申请本身不能再延期，请尽快审批。")
    if item.due_at is None:
        return N_("此事项没有规定期限，不用申请延期。")
    if now >= item.due_at:
        return N_("已过期限，不能申请延期。请尽快办理，并向督办人员说明原因。")
    if item.home_organ_id is not None:
        return N_("此事项是退回给您补正的，请补正后送回。")
    if item.watcher_id is not None:
        return N_("这个事项已有一件延期申请在审批，请等结果。")
    if granted >= MOST_GRANTED:
        return N_("这个事项已经延期两次；延期一般不超过两次。请尽快办理，确有困难的请督办部门协调。")
    return ""


def latest_day(session: Session, due_at: datetime) -> date:
    """The last working day to which a deadline can be put off at once (data/limits.csv)."""
    return load_calendar(session).add_working_days(local_day(due_at), working_days(KEY))


def times_granted(session: Session, item_id: int) -> int:
    """How many times an item was given more time."""
    granted = select(func.count()).select_from(Extension)
    query = granted.where(Extension.work_item_id == item_id, Extension.outcome == "granted")
    return session.scalar(query) or 0


def extension_of_process(session: Session, process_id: int) -> Extension:
    """The request a process runs for."""
    return session.scalars(select(Extension).where(Extension.process_id == process_id)).one()


def extensions_about(session: Session, item: WorkItem) -> tuple[ExtensionFacts, ...]:
    """The requests for this item, newest first; for a task of a request's own process, that request."""
    mine = (Extension.work_item_id == item.id) | (Extension.process_id == item.process_id)
    ready = (WorkItem.process_id == Extension.process_id, WorkItem.state == "ready")
    waiting = select(func.min(WorkItem.name)).where(*ready).correlate(Extension).scalar_subquery()
    asked = WorkItem.__table__.alias("asked")
    query = (
        select(Extension, asked.c.name, Notice.number, Process.status, waiting)
        .join(asked, asked.c.id == Extension.work_item_id)
        .join(Process, Process.id == Extension.process_id)
        .outerjoin(Notice, Notice.id == Extension.notice_id)
        .where(mine)
        .order_by(Extension.id.desc())
    )
    return tuple(_facts(*row) for row in session.execute(query))


def _facts(row: Extension, name: str, number: str | None, status: str, waits_for: str | None) -> ExtensionFacts:
    ended = row.outcome or ("closed" if status in ("done", "cancelled") else None)
    return ExtensionFacts(
        item_id=row.work_item_id, item_name=name, asked_by=row.asked_by, asked_at=row.asked_at,
        was_due_at=row.was_due_at, asked_on=row.asked_on, progress=row.progress, reason=row.reason, due_on=row.due_on,
        outcome=ended, ended_at=row.ended_at, opinion=str(row.opinions[-1]["opinion"]) if row.opinions else "",
        number=number or "", waits_for=waits_for or "",
    )  # fmt: skip


def paper_answered(session: Session, process_id: int) -> Notice | None:
    """The paper whose demands a process carries out, such as the 整改通知书; None when it began without one."""
    query = select(Notice).where(
        Notice.process_id == process_id,
        Notice.kind.not_in(("extension", "urge", "correction")),
        Notice.voided_at.is_(None),
    )
    return session.scalars(query.order_by(Notice.id).limit(1)).first()

"""消息: what an officer is told inside the house; written after the commit by the worker that fans an envelope out."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, String, UniqueConstraint, func, literal_column, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, Key, Moment
from models.handlers import handle
from models.officer import Officer, OfficerGrant
from models.process import WorkItem
from models.project import Project
from models.texts import N_
from models.unit import Unit

UNREAD: ColumnElement[bool] = literal_column("read_at IS NULL")
TEXTS = {
    "opened": N_("新事项：%(name)s"),
    "cancelled": N_("事项已取消：%(name)s"),
    "transferred": N_("转办给您：%(name)s"),
    "returned": N_("退回补正：%(name)s"),
    "urged": N_("催办：%(name)s"),
    "due": N_("即将到期：%(name)s"),
    "yellow": N_("黄灯提醒：%(name)s"),
    "stage_overdue": N_("阶段已到期：%(name)s"),
}


class Message(Base):
    """消息。 One line for one officer about a work item or a project; the key makes telling safe to repeat."""

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("key", "officer_id"),
        Index("ix_message_unread", "officer_id", "id", sqlite_where=UNREAD, postgresql_where=UNREAD),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    key: Mapped[str] = mapped_column(String(120))
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    work_item_id: Mapped[int | None] = mapped_column(ForeignKey("work_item.id"))
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id"))
    text: Mapped[str] = mapped_column(String(200))  # a source text with %(name)s
    name: Mapped[str] = mapped_column(String(200))
    words: Mapped[str] = mapped_column(String(200), default="")
    at: Mapped[datetime] = mapped_column(Moment)
    read_at: Mapped[datetime | None] = mapped_column(Moment)


def tell_holders(unit: Unit, payload: Mapping[str, Any], _worked: object) -> None:
    """One message to each officer who may handle the items; lands with the envelope, hence once."""
    what = payload["what"]
    for item in unit.session.scalars(select(WorkItem).where(WorkItem.id.in_(payload["items"]))):
        for officer_id in holders(unit.session, item):
            _tell(
                unit.session,
                key=f"{what}:{item.id}:{item.version}:{unit.today}",
                officer_id=officer_id,
                work_item_id=item.id,
                text=TEXTS[what],
                name=item.name,
                words=payload.get("words", ""),
                at=unit.now,
            )


def tell_owner(unit: Unit, payload: Mapping[str, Any], _worked: object) -> None:
    """One message about a project to each officer of the organ that owns it."""
    project = unit.session.get_one(Project, payload["project"])
    for officer_id in _with_role(unit.session, "officer", project.owner_organ_id):
        _tell(
            unit.session,
            key=f"{payload['what']}:project:{project.id}:{unit.today}",
            officer_id=officer_id,
            project_id=project.id,
            text=TEXTS[payload["what"]],
            name=project.name,
            words=str(payload.get("words") or "")[:200],
            at=unit.now,
        )


def _tell(session: Session, **message: Any) -> None:
    """Put in a message unless it has been told: an item recalled and opened anew is told of once a day."""
    kind = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    once = kind.insert(Message).on_conflict_do_nothing(index_elements=["key", "officer_id"])
    session.execute(once.values(**message))


def holders(session: Session, item: WorkItem) -> list[int]:
    """Ids of the officers who may handle an item: the assignee, or all who hold its role for its organ."""
    if item.assignee_id is not None:
        return [item.assignee_id]
    return _with_role(session, item.role, item.organ_id)


def _with_role(session: Session, role: str, organ_id: int) -> list[int]:
    query = (
        select(OfficerGrant.officer_id)
        .join(Officer, Officer.id == OfficerGrant.officer_id)
        .where(
            OfficerGrant.organ_id == organ_id,
            OfficerGrant.role == role,
            Officer.active,
            OfficerGrant.ended_at.is_(None),
        )
        .distinct()
    )
    return list(session.scalars(query))


def unread_count(session: Session, officer_id: int) -> int:
    """How many unread messages an officer has, counted to 100 at most."""
    unread = select(Message.id).where(Message.officer_id == officer_id, Message.read_at.is_(None)).limit(100)
    return session.scalar(select(func.count()).select_from(unread.subquery())) or 0


def newest_messages(session: Session, officer_id: int, limit: int = 50) -> list[Message]:
    """An officer's newest messages."""
    query = select(Message).where(Message.officer_id == officer_id).order_by(Message.id.desc()).limit(limit)
    return list(session.scalars(query))


def read_messages(unit: Unit) -> None:
    """Mark all of the acting officer's messages read."""
    mine = update(Message).where(Message.officer_id == unit.actor.officer_id, Message.read_at.is_(None))
    unit.session.execute(mine.values(read_at=unit.now))


handle("tell", tell_holders)
handle("tell.project", tell_owner)

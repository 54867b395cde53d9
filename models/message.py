"""消息: what an officer is told inside the house; written after the commit by the worker that fans an envelope out."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, String, UniqueConstraint, func, literal_column, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, Key, Moment
from models.delivery import deliveries_of
from models.handlers import handle
from models.notice import Notice, find_notice, lock_notice
from models.officer import Officer, OfficerGrant
from models.process import WorkItem
from models.project import Project
from models.receipt import addressees_of
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
    "chased": N_("逾期未签收：%(name)s"),
    "answered": N_("已回复：%(name)s"),
    "voided": N_("已作废：%(name)s"),
    "extended": N_("已准予延期：%(name)s"),
    "not_extended": N_("未准延期：%(name)s"),
    "extension_lapsed": N_("到期未批，不予延期：%(name)s"),
    "inspection": N_("季检查通知：%(name)s"),
    "rectification_overdue": N_("整改逾期：%(name)s"),
    "extension_closed": N_("延期申请已终止：%(name)s"),
    "objection_answered": N_("异议已答复：%(name)s"),
    "bulletin_late": N_("通报到期未发：%(name)s"),
}
PAPER_ROLES = {"issuer": ("officer", "supervisor"), "addressee": ("officer", "head")}  # who hears of a paper


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
    notice_id: Mapped[int | None] = mapped_column(ForeignKey("notice.id"))
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
    for officer_id in _with_role(unit.session, "officer", [project.owner_organ_id]):
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


def tell_organ(unit: Unit, payload: Mapping[str, Any], _worked: object) -> None:
    """One message to each of an organ's people in certain roles, about a project or, under a name, about something else."""
    project = unit.session.get_one(Project, payload["project"]) if payload.get("project") else None
    roles = payload.get("roles", PAPER_ROLES["addressee"])
    told = {each for role in roles for each in _with_role(unit.session, role, [payload["organ"]])}
    for officer_id in sorted(told):
        _tell(
            unit.session,
            key=payload["key"],
            officer_id=officer_id,
            project_id=project.id if project else None,
            text=TEXTS[payload["what"]],
            name=(project.name if project else payload["name"])[:200],
            words=str(payload.get("words") or "")[:200],
            at=unit.now,
        )


def tell_officer(unit: Unit, payload: Mapping[str, Any], _worked: object) -> None:
    """One message about an item to one officer, who need not hold it any more."""
    item = unit.session.get_one(WorkItem, payload["item"])
    _tell(
        unit.session,
        key=payload["key"],
        officer_id=payload["officer"],
        work_item_id=item.id,
        text=TEXTS[payload["what"]],
        name=item.name,
        words=str(payload.get("words") or "")[:200],
        at=unit.now,
    )


def tell_of_paper(unit: Unit, payload: Mapping[str, Any], _worked: object) -> None:
    """One message about a paper to those who hear of it at the organ that issued it, or at the addressee."""
    paper = find_notice(unit.session, payload["notice"])
    organs = [payload["organ"]] if payload.get("organ") else _hearing(unit.session, paper, payload["to"])
    told = {each for role in PAPER_ROLES[payload["to"]] for each in _with_role(unit.session, role, organs)}
    for officer_id in sorted(told):
        _tell(
            unit.session,
            key=f"{payload['what']}:notice:{paper.id}:{payload['to']}",
            officer_id=officer_id,
            notice_id=paper.id,
            text=TEXTS[payload["what"]],
            name=f"{paper.number} {paper.title}"[:200],
            at=unit.now,
        )


def chase_receipt(unit: Unit, payload: Mapping[str, Any], _worked: object) -> None:
    """催收: an addressee has not signed for a paper in time, so its head and the desk that sent it are told, once.

    Of many addressees each is chased by itself; the desk is told of the paper once, and sees on its page who is missing.
    """
    paper = lock_notice(unit.session, payload["notice"])
    organ_id = payload.get("organ")
    chased = next((row for row in deliveries_of(unit.session, paper.id) if row.organ_id == organ_id), None) or paper
    if chased.acknowledged_at or paper.closed_at or paper.voided_at or chased.chased_at:
        return
    chased.chased_at = unit.now
    paper.chased_at = paper.chased_at or unit.now
    of = {"organ": organ_id} if organ_id else {}
    tell_of_paper(unit, {"what": "chased", "notice": paper.id, "to": "issuer"}, None)
    tell_of_paper(unit, {"what": "chased", "notice": paper.id, "to": "addressee", **of}, None)
    unit.trace("notice.chase", "notice", paper.id, {"number": paper.number, **of})


def _hearing(session: Session, paper: Notice, to: str) -> list[int]:
    """The organs at either end of a paper."""
    return [paper.organ_id] if to == "issuer" else addressees_of(session, paper)


def _tell(session: Session, **message: Any) -> None:
    """Put in a message unless it has been told: an item recalled and opened anew is told of once a day."""
    kind = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    once = kind.insert(Message).on_conflict_do_nothing(index_elements=["key", "officer_id"])
    session.execute(once.values(**message))


def holders(session: Session, item: WorkItem) -> list[int]:
    """Ids of the officers who may handle an item: the assignee, or all who hold its role for its organ."""
    if item.assignee_id is not None:
        return [item.assignee_id]
    return _with_role(session, item.role, [item.organ_id])


def _with_role(session: Session, role: str, organ_ids: Iterable[int]) -> list[int]:
    query = (
        select(OfficerGrant.officer_id)
        .join(Officer, Officer.id == OfficerGrant.officer_id)
        .where(
            OfficerGrant.organ_id.in_(list(organ_ids)),
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
handle("tell.officer", tell_officer)
handle("tell.organ", tell_organ)
handle("tell.notice", tell_of_paper)
handle("notice.chase", chase_receipt)

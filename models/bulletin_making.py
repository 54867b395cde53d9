"""通报的办理: which edition stands, which is under way, and who is told when one is not issued on its day."""

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from models.bulletin import Bulletin
from models.officer import holders
from models.process import Process, WorkItem
from models.unit import Unit

LEADING = ("leader", "head")


def last_issued(session: Session, edition: Bulletin) -> Bulletin | None:
    """The newest issued edition of the same month; None before the bulletin itself is out."""
    query = select(Bulletin).where(Bulletin.period == edition.period, Bulletin.notice_id.is_not(None))
    return session.scalars(query.order_by(Bulletin.edition.desc()).limit(1)).first()


def hold_month(session: Session, period: str) -> None:
    """Hold the month's bulletin until the commit, so that two who start a 更正 at once meet here."""
    session.execute(select(Bulletin.id).where(Bulletin.period == period, Bulletin.edition == 0).with_for_update())


def in_hand(session: Session, period: str) -> bool:
    """Whether an edition of the month is frozen and not issued yet."""
    query = select(Bulletin.id).where(Bulletin.period == period, Bulletin.notice_id.is_(None))
    return session.scalar(query.limit(1)) is not None


def open_items(session: Session, process_id: int) -> list[int]:
    """The items that wait for somebody in a process and in those it started, in order."""
    query = (
        select(WorkItem.id)
        .join(Process, Process.id == WorkItem.process_id)
        .where(or_(Process.id == process_id, Process.parent_id == process_id), WorkItem.state == "ready")
    )
    return list(session.scalars(query.order_by(WorkItem.id)))


def tell_late(unit: Unit, edition: Bulletin, organ_id: int) -> None:
    """到期未发: the holders of open items are urged, the leaders and heads of the desk are told whom it waits for."""
    edition.late_at = unit.now
    items = open_items(unit.session, edition.process_id or 0)
    if items:
        unit.post("tell", f"bulletin_late:{edition.id}", {"what": "urged", "items": items})
    above = {each.id for role in LEADING for each in holders(unit.session, role, [organ_id], unit.today)}
    for officer_id in sorted(above) if items else ():
        key = f"bulletin_late:{edition.id}:{officer_id}"
        told = {"item": items[0], "officer": officer_id, "what": "bulletin_late", "key": key}
        unit.post("tell.officer", key, told)
    unit.trace("bulletin.late", "bulletin", edition.id, {"period": edition.period, "items": items})

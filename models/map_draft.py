"""待发布的流程图: one administrator uploads a new version, another publishes it (四眼)."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, Key, Moment
from models.permit import permit
from models.process import Definition
from models.refusal import Outdated
from models.texts import N_

permit("map.publish", N_("发布流程版本"), roles=["admin"], scope="any")


class MapDraft(Base):
    """流程版本草稿。 A checked map that waits for a second person; `state` is waiting, published or withdrawn."""

    __tablename__ = "map_draft"
    __table_args__ = (Index("ix_map_draft_state", "state", "id"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    key: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(String(120))
    hash: Mapped[str] = mapped_column(String(64))
    xml: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    made_at: Mapped[datetime] = mapped_column(Moment)
    made_by_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    made_by: Mapped[str] = mapped_column(String(80))
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_by: Mapped[str | None] = mapped_column(String(80))


def waiting_drafts(session: Session) -> list[MapDraft]:
    """The drafts that wait for a second person, oldest first."""
    return list(session.scalars(select(MapDraft).where(MapDraft.state == "waiting").order_by(MapDraft.id)))


def waiting_draft(session: Session, draft_id: int, *, locked: bool = False) -> MapDraft:
    """The draft as long as it waits; raises Outdated when it was published or withdrawn."""
    query = select(MapDraft).where(MapDraft.id == draft_id, MapDraft.state == "waiting")
    found = session.scalars(query.with_for_update() if locked else query).one_or_none()
    if found is None:
        raise Outdated(N_("这份流程图已经发布或撤回。"))
    return found


def waits_for(session: Session, key: str) -> bool:
    """Whether a draft of this map waits already."""
    query = select(MapDraft.id).where(MapDraft.key == key, MapDraft.state == "waiting").limit(1)
    return session.scalar(query) is not None


def is_published(session: Session, key: str, hash_: str) -> bool:
    """Whether exactly this content is a version of the map already."""
    query = select(Definition.id).where(Definition.key == key, Definition.hash == hash_)
    return session.scalar(query) is not None

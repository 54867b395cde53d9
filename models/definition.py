"""Questions about 流程版本: the newest of a map, its drawing, and putting in a new one."""

from datetime import datetime

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from models.process import Definition

_DEFINITION = Definition.__table__

_LATEST = (
    select(_DEFINITION.c.id, _DEFINITION.c.hash)
    .where(_DEFINITION.c.key == bindparam("its_key"))
    .order_by(_DEFINITION.c.version.desc())
    .limit(1)
)


def latest_definition(session: Session, key: str) -> tuple[int, str] | None:
    """(id, hash) of the newest published version of a map."""
    session.flush()
    row = session.execute(_LATEST, {"its_key": key}).first()
    return (row[0], row[1]) if row else None


def newest_definitions(session: Session) -> list[int]:
    """The newest published version of every map, by id, in one query."""
    newest = select(Definition.key, func.max(Definition.version).label("version")).group_by(Definition.key).subquery()
    query = select(Definition.id).join(
        newest, (Definition.key == newest.c.key) & (Definition.version == newest.c.version)
    )
    return list(session.scalars(query.order_by(Definition.id)))


def definition_xml(session: Session, definition_id: int) -> bytes:
    """The map as it was published."""
    return session.execute(select(Definition.xml).where(Definition.id == definition_id)).scalar_one().encode()


def add_definition(session: Session, *, key: str, hash_: str, xml: str, now: datetime, by: str) -> tuple[int, bool]:
    """Publish a version unless exactly this one is there; returns (id, whether it is new)."""
    known = session.scalar(select(Definition.id).where(Definition.key == key, Definition.hash == hash_))
    if known:
        return known, False
    version = (session.scalar(select(func.max(Definition.version)).where(Definition.key == key)) or 0) + 1
    row = Definition(key=key, version=version, hash=hash_, xml=xml, published_at=now, published_by=by)
    session.add(row)
    session.flush()  # the caller needs the id
    return row.id, True

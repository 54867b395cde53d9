"""每夜核对存档: which papers are next to be counted, and what is written down of those that are not as they were archived."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models import incident
from models.clock import local_day, start_of_day
from models.notice import Notice
from models.queue import Envelope
from models.unit import Unit

HOUR = timedelta(hours=3)  # in the night of Asia/Shanghai, when nobody waits for the disk
CHUNK = 500


class ArchiveAltered(RuntimeError):
    """存档与摘要不符. Names the papers whose files were altered or are gone."""


@dataclass(frozen=True)
class Counted:
    """One chunk: the papers looked at, and of those not as archived what is wrong (`altered` or `gone`) by their id."""

    after: int | None  # the last id looked at; None when it was the last chunk
    looked_at: int
    wrong: Mapping[int, str]


def count_key(now: datetime) -> str | None:
    """The key of the night's count that has fallen due; None before three o'clock."""
    day = local_day(now)
    return f"archive.count:{day}" if now >= start_of_day(day) + HOUR else None


def is_posted(session: Session, key: str) -> bool:
    """Whether the night's count has been asked for."""
    return session.scalar(select(Envelope.id).where(Envelope.key == key)) is not None


def papers_after(session: Session, after: int, limit: int = CHUNK) -> list[tuple[int, str]]:
    """Id and digest of the next archived papers."""
    query = select(Notice.id, Notice.sha256).where(Notice.id > after, Notice.sha256.is_not(None))
    return [(number, str(digest)) for number, digest in session.execute(query.order_by(Notice.id).limit(limit))]


def land_count(unit: Unit, payload: Mapping[str, str | int], counted: Counted) -> None:
    """Mark what is wrong, tell the administrator once, and ask for the next chunk."""
    if counted.wrong:
        query = update(Notice).where(Notice.id.in_(counted.wrong), Notice.altered_at.is_(None)).returning(Notice.number)
        fresh = list(unit.session.scalars(query.values(altered_at=unit.now)))
        if fresh:
            found = ArchiveAltered("、".join(sorted(fresh)))
            incident.report(unit.session, what="archive", error=found, now=unit.now)
        unit.trace_each("notice.altered", "notice", {number: {"found": what} for number, what in counted.wrong.items()})
    if counted.after is not None:
        key = f"{payload['key']}:{counted.after}"
        unit.post("archive.count", key, {"key": payload["key"], "after": counted.after})

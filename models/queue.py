"""待发件 and the queue that carries them: what leaves the house is a row first, taken under a lease and finished once.

The lease table gives exactly-once effects on both databases. Four protections make it so: the unique key of an
envelope, the state it must be in, the lease that keeps others away, and the fencing token that a late worker no
longer holds. Leases count by the database's clock, because workers' clocks differ; due moments are business time.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy import (
    ColumnElement,
    Float,
    Index,
    Integer,
    String,
    Text,
    and_,
    case,
    func,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, Json, Key, Moment
from models.permit import permit
from models.refusal import Outdated
from models.texts import N_

if TYPE_CHECKING:
    from models.unit import Unit  # which itself posts here

permit("envelope.retry", N_("重试后台任务"), roles=["admin"], scope="any")
BACKOFF_MINUTES = (1, 4, 16, 64, 256)  # after the last of them the envelope is dead and shown to the administrator
MOST_CLAIMS = 20  # so often may the lease of an envelope run out before it counts as one that kills its workers
OPEN: ColumnElement[bool] = literal_column(
    "state IN ('waiting','leased')"
)  # said as in the index, or SQLite passes it over


class Envelope(Base):
    """待发件。 One thing to do after the transaction; `key` makes it safe to post twice."""

    __tablename__ = "envelope"
    __table_args__ = (
        Index(
            "ix_envelope_due",
            "due_at",
            sqlite_where=OPEN,
            postgresql_where=OPEN,
        ),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    key: Mapped[str] = mapped_column(String(160), unique=True)
    payload: Mapped[Any] = mapped_column(Json)
    due_at: Mapped[datetime] = mapped_column(Moment)
    state: Mapped[str] = mapped_column(String(8), default="waiting")  # waiting, leased, done, dead
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    fence: Mapped[int] = mapped_column(Integer, default=0)
    lease_until: Mapped[float | None] = mapped_column(Float)
    error: Mapped[str | None] = mapped_column(Text)
    done_at: Mapped[datetime | None] = mapped_column(Moment)


@dataclass(frozen=True)
class Lease:
    """The right to work on one envelope until the lease ends; `fence` proves it when the work is finished."""

    envelope_id: int
    kind: str
    key: str
    payload: Any
    fence: int
    attempts: int


class LeaseLost(RuntimeError):
    """The lease ended and somebody else holds the envelope now; whatever was done must be rolled back."""


class JobQueue(Protocol):
    """What a mechanism may ask of any queue; an existing distributed engine can stand behind it."""

    def put(self, session: Session, kind: str, key: str, payload: object, due_at: datetime) -> None:
        """Post within the caller's transaction; the same key again is a no-op."""
        ...

    def due(self, session: Session, now: datetime) -> bool:
        """Whether it is worth claiming at all; a cheap look that locks nothing."""
        ...

    def claim(self, session: Session, now: datetime, *, limit: int, lease_seconds: float) -> list[Lease]:
        """Up to `limit` due envelopes, leased to the caller; the caller commits."""
        ...

    def finish(self, session: Session, lease: Lease, now: datetime) -> None:
        """Mark done in the transaction of the effect; raises LeaseLost when another took over."""
        ...

    def fail(self, session: Session, lease: Lease, error: str, now: datetime) -> None:
        """Give back for a later try, or bury after the last; a lost lease is left alone."""
        ...


class LeaseTable:
    """The embedded queue: rows of `envelope` in the business database."""

    def put(self, session: Session, kind: str, key: str, payload: object, due_at: datetime) -> None:
        """Post within the caller's transaction; the same key again is a no-op."""
        values = {"kind": kind, "key": key, "payload": payload, "due_at": due_at}
        session.execute(_putting(session.get_bind().dialect.name), values)

    def due(self, session: Session, now: datetime) -> bool:
        """Whether it is worth claiming at all; a cheap look that locks nothing."""
        due = select(Envelope.id).where(OPEN, _free(_database_now(session)), Envelope.due_at <= now).limit(1)
        return session.scalar(due) is not None

    def claim(self, session: Session, now: datetime, *, limit: int, lease_seconds: float) -> list[Lease]:
        """Up to `limit` due envelopes, leased for `lease_seconds` of database time; the caller commits.

        An envelope whose lease ran out is taken alone and only when no other waits: it may be what killed its worker.
        """
        database_now = _database_now(session)
        query = select(Envelope.id, Envelope.state, Envelope.fence).order_by(Envelope.due_at, Envelope.id).limit(limit)
        free = query.where(OPEN, _free(database_now), Envelope.due_at <= now).with_for_update(skip_locked=True)
        found = session.execute(free).all()
        left = sorted((row for row in found if row.state == "leased"), key=lambda row: row.fence)
        if left and left[-1].fence >= MOST_CLAIMS:
            _bury(session, left.pop().id, now)
        ids = [row.id for row in found if row.state == "waiting"] or [row.id for row in left[:1]]
        taken = (
            update(Envelope)
            .where(Envelope.id.in_(ids))
            .values(
                state="leased",
                fence=Envelope.fence + 1,
                attempts=Envelope.attempts + 1,
                lease_until=database_now + lease_seconds,
            )
            .returning(Envelope.id, Envelope.kind, Envelope.key, Envelope.payload, Envelope.fence, Envelope.attempts)
        )
        return sorted((Lease(*row) for row in session.execute(taken)), key=lambda lease: lease.envelope_id)

    def finish(self, session: Session, lease: Lease, now: datetime) -> None:
        """Mark done in the transaction of the effect; raises LeaseLost when another took over."""
        done = update(Envelope).where(*_held(lease)).values(state="done", done_at=now, lease_until=None, error=None)
        if session.execute(done).rowcount != 1:  # type: ignore[attr-defined]
            raise LeaseLost(lease.key)

    def fail(self, session: Session, lease: Lease, error: str, now: datetime) -> None:
        """Give back for a later try, or bury after the last; a lost lease is left alone."""
        dead = lease.attempts > len(BACKOFF_MINUTES)
        wait = timedelta(minutes=0 if dead else BACKOFF_MINUTES[lease.attempts - 1])
        session.execute(
            update(Envelope)
            .where(*_held(lease))
            .values(
                state="dead" if dead else "waiting",
                error=error[:2000],
                lease_until=None,
                due_at=now + wait,
            ),
        )


def _bury(session: Session, envelope_id: int, now: datetime) -> None:
    error = f"its lease ran out {MOST_CLAIMS} times: whoever works on it does not come back"
    session.execute(
        update(Envelope)
        .where(Envelope.id == envelope_id)
        .values(state="dead", error=error, lease_until=None, due_at=now, fence=Envelope.fence + 1),
    )


def _free(database_now: float) -> Any:
    return or_(
        Envelope.state == "waiting",
        and_(Envelope.state == "leased", Envelope.lease_until < database_now),
    )


@lru_cache
def _putting(dialect: str) -> Any:
    """The statement of `put`, built once per kind of database because every command may run it."""
    kind = sqlite if dialect == "sqlite" else postgresql
    return kind.insert(Envelope.__table__).on_conflict_do_nothing(index_elements=["key"])


def _held(lease: Lease) -> tuple[Any, ...]:
    return (Envelope.id == lease.envelope_id, Envelope.state == "leased", Envelope.fence == lease.fence)


def _database_now(session: Session) -> float:
    """Seconds since 1970 by the database's own clock."""
    if session.get_bind().dialect.name == "sqlite":
        return float(session.scalar(select((func.julianday("now") - 2440587.5) * 86400.0)) or 0)
    return float(session.scalar(select(func.extract("epoch", func.clock_timestamp()))) or 0)


def waiting_count(session: Session, state: str) -> int:
    """How many envelopes are in this state; for the administrator's page."""
    return session.scalar(select(func.count()).select_from(Envelope).where(Envelope.state == state)) or 0


def retry_envelope(unit: "Unit", *, envelope_id: int) -> None:
    """A dead envelope is tried again at once, with all its attempts before it. Raises Outdated when it is not dead."""
    unit.require("envelope.retry")
    dead = update(Envelope).where(Envelope.id == envelope_id, Envelope.state == "dead")
    revived = dead.values(state="waiting", attempts=0, due_at=unit.now).returning(Envelope.kind, Envelope.key)
    row = unit.session.execute(revived).first()
    if row is None:
        raise Outdated(N_("这个任务没有停下来，不用重试。"))
    unit.trace("envelope.retry", "envelope", envelope_id, {"kind": row.kind, "key": row.key})


def troubled_envelopes(session: Session, now: datetime, limit: int) -> list[Envelope]:
    """What is dead, then what waits or is being worked on, the longest due first; for the administrator's page.

    What was put away for a later day and has not been tried is no trouble and is left out.
    """
    due = or_(Envelope.due_at <= now, Envelope.attempts > 0)
    open_states = or_(Envelope.state.in_(("dead", "leased")), and_(Envelope.state == "waiting", due))
    alive = case((Envelope.state == "dead", 0), else_=1)
    return list(
        session.scalars(select(Envelope).where(open_states).order_by(alive, Envelope.due_at, Envelope.id).limit(limit))
    )

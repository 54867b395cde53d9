"""办理单元: one command from a door = one actor + one moment + one transaction. `commit` stands here and nowhere else."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import Connection, Table, insert
from sqlalchemy.orm import Session

from models.audit import AuditEntry
from models.clock import local_day
from models.database import Database
from models.permit import PERMITS, Grant
from models.queue import JobQueue, LeaseTable
from models.refusal import NotPermitted
from models.texts import N_

TABLE = cast("Table", AuditEntry.__table__)
TRACE = insert(TABLE)  # built once: every command runs it


@dataclass(frozen=True)
class Actor:
    """Who acts: an officer with the grants valid now, or the house itself."""

    name: str
    officer_id: int | None = None
    organ_id: int | None = None
    grants: tuple[Grant, ...] = ()
    address: str = ""
    is_house: bool = False  # the clock or the operator's console: the house itself, which needs no permit

    def may(self, word: str, organ_ids: Iterable[int | None] = ()) -> bool:
        """Whether this actor holds the permit for one of the organs; an undeclared word is a bug and raises KeyError."""
        return self.is_house or PERMITS[word].allows(self.grants, organ_ids)

    def has_role(self, role: str, organ_id: int | None) -> bool:
        """Whether this actor holds exactly this role for exactly this organ."""
        return any(grant.role == role and grant.organ_id == organ_id for grant in self.grants)


CLOCK = Actor(name="系统", is_house=True)


@dataclass
class Unit:
    """One open unit. Commands take it first, change rows through its session and never commit."""

    session: Session
    actor: Actor
    now: datetime
    queue: JobQueue = field(default_factory=LeaseTable)

    @property
    def today(self) -> date:
        """The day of this unit in Asia/Shanghai."""
        return local_day(self.now)

    def require(self, word: str, *, organ_ids: Iterable[int | None] = ()) -> None:
        """Raises NotPermitted unless the actor holds the permit for one of the organs."""
        if not self.actor.may(word, organ_ids):
            raise NotPermitted(N_("您没有“%(permit)s”的权限。"), permit=PERMITS[word].name_zh)

    def post(self, kind: str, key: str, payload: object, due_at: datetime | None = None) -> None:
        """Leave an envelope in this transaction; it is worked on after the commit, and the same key only once."""
        self.queue.put(self.session, kind, key, payload, due_at or self.now)

    def trace(self, act: str, kind: str, subject_id: int | None, detail: Any = None, *, refused: bool = False) -> None:
        """Keep the audit line of this act; all lines go in with the commit, in one statement: no trace, no act."""
        _kept(self.session).append(_line(self, act, kind, subject_id, detail) | {"refused": refused})

    def trace_each(self, act: str, kind: str, details: Mapping[int, Any]) -> None:
        """One line for each subject of one act: for acts on many things at once."""
        _kept(self.session).extend(_line(self, act, kind, each, detail) for each, detail in details.items())


def _kept(session: Session) -> list[dict[str, Any]]:
    """The audit lines of this transaction, whoever of its actors left them."""
    lines: list[dict[str, Any]] = session.info.setdefault("audit_lines", [])
    return lines


def _write_lines(session: Session) -> None:
    if lines := _kept(session):
        session.execute(TRACE, lines if len(lines) > 1 else lines[0])


def _line(unit: Unit, act: str, kind: str, subject_id: int | None, detail: Any) -> dict[str, Any]:
    actor = unit.actor
    return {
        "at": unit.now,
        "officer_id": actor.officer_id,
        "who": actor.name,
        "act": act,
        "kind": kind,
        "subject_id": subject_id,
        "detail": detail,
        "address": actor.address,
        "refused": False,
    }


@contextmanager
def open_unit(database: Database, actor: Actor, now: datetime) -> Iterator[Unit]:
    """A writing unit: commits when the block ends, rolls everything back on any exception."""
    with (
        database.one_writer(),
        Session(database.writing, expire_on_commit=False, info={"memory": database.memory}) as session,
    ):
        yield Unit(session, actor, now)
        _write_lines(session)
        session.commit()


@contextmanager
def open_reading(database: Database, actor: Actor, now: datetime) -> Iterator[Unit]:
    """A reading unit: sees one snapshot and never writes."""
    with Session(database.reading, autoflush=False, info={"memory": database.memory}) as session:
        yield Unit(session, actor, now)


@contextmanager
def open_glance(database: Database) -> Iterator[Connection]:
    """For one single statement that reads: no transaction is begun, so none has to be ended."""
    with database.glancing.connect() as connection:
        yield connection


def trace_refusal(database: Database, actor: Actor, now: datetime, act: str, detail: Any) -> None:
    """The audit line of a refused act; a unit of its own, because the refused one was rolled back."""
    with open_unit(database, actor, now) as unit:
        line = _line(unit, act, "refusal", None, detail) | {"refused": True}
        unit.session.execute(TRACE, line)

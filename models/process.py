"""流程实例 and 待办 as rows, so that lists, timers and locks never restore a process to be read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Select,
    String,
    Table,
    Text,
    UniqueConstraint,
    Update,
    bindparam,
    delete,
    insert,
    literal_column,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.orm.util import identity_key

from models.base import Base, Json, Key, Moment

RUNNING: ColumnElement[bool] = literal_column("status = 'running' AND wakes_at IS NOT NULL")
READY: ColumnElement[bool] = literal_column("state = 'ready'")
UNREMINDED: ColumnElement[bool] = literal_column("state = 'ready' AND reminded_at IS NULL")
HANDLED: ColumnElement[bool] = literal_column("done_by_id IS NOT NULL")


class Definition(Base):
    """流程版本。 One published version of a map; running processes finish on the version they began with."""

    __tablename__ = "definition"
    __table_args__ = (UniqueConstraint("key", "version"), UniqueConstraint("key", "hash"))

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    key: Mapped[str] = mapped_column(String(60))
    version: Mapped[int] = mapped_column(Integer)
    hash: Mapped[str] = mapped_column(String(64))
    xml: Mapped[str] = mapped_column(Text)
    published_at: Mapped[datetime] = mapped_column(Moment)
    published_by: Mapped[str] = mapped_column(String(80))


class Process(Base):
    """流程实例。 `state` is the engine's compact token tree; all that people ask about stands in columns."""

    __tablename__ = "process"
    __table_args__ = (
        Index("ix_process_wakes", "wakes_at", sqlite_where=RUNNING, postgresql_where=RUNNING),
        Index("ix_process_project", "project_id", "key"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    key: Mapped[str] = mapped_column(String(60))
    definition_id: Mapped[int] = mapped_column(ForeignKey("definition.id"))
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("process.id"))
    business_key: Mapped[str | None] = mapped_column(String(120), unique=True)
    title: Mapped[str] = mapped_column(String(200))
    organ_id: Mapped[int] = mapped_column(ForeignKey("organ.id"))
    district_id: Mapped[int] = mapped_column(ForeignKey("organ.id"))
    status: Mapped[str] = mapped_column(String(10), default="running")  # running, suspended, incident, done, cancelled
    state: Mapped[bytes] = mapped_column(LargeBinary)
    undo: Mapped[bytes | None] = mapped_column(
        LargeBinary
    )  # the state before the last completion, while it may be recalled
    undo_item_id: Mapped[int | None] = mapped_column(Key)
    revision: Mapped[int] = mapped_column(Integer, default=1)
    wakes_at: Mapped[datetime | None] = mapped_column(Moment)
    started_at: Mapped[datetime] = mapped_column(Moment)
    suspended_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)


class WorkItem(Base):
    """待办。 One task asked of one organ's role; `home_*` remembers where a returned item goes back to."""

    __tablename__ = "work_item"
    __table_args__ = (
        UniqueConstraint("process_id", "token"),
        Index("ix_work_item_mine", "assignee_id", "due_at", "id", sqlite_where=READY, postgresql_where=READY),
        Index("ix_work_item_open", "organ_id", "role", "due_at", "id", sqlite_where=READY, postgresql_where=READY),
        Index("ix_work_item_unreminded", "due_at", sqlite_where=UNREMINDED, postgresql_where=UNREMINDED),
        Index("ix_work_item_project", "project_id"),
        Index("ix_work_item_done", "done_by_id", "done_at", "id", sqlite_where=HANDLED, postgresql_where=HANDLED),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    process_id: Mapped[int] = mapped_column(ForeignKey("process.id"))
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id"))
    token: Mapped[str] = mapped_column(String(16))
    node: Mapped[str] = mapped_column(String(80))
    name: Mapped[str] = mapped_column(String(120))
    form: Mapped[str] = mapped_column(String(60))
    role: Mapped[str] = mapped_column(String(20))
    organ_id: Mapped[int] = mapped_column(ForeignKey("organ.id"))
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    helper_organ_id: Mapped[int | None] = mapped_column(ForeignKey("organ.id"))
    state: Mapped[str] = mapped_column(String(10), default="ready")  # ready, suspended, done, cancelled
    version: Mapped[int] = mapped_column(Integer, default=1)
    created_at: Mapped[datetime] = mapped_column(Moment)
    due_at: Mapped[datetime | None] = mapped_column(Moment)
    done_at: Mapped[datetime | None] = mapped_column(Moment)
    done_by_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    submit_id: Mapped[str | None] = mapped_column(String(40), unique=True)
    answers: Mapped[Any] = mapped_column(Json, nullable=True)
    draft: Mapped[Any] = mapped_column(Json, nullable=True)
    note: Mapped[str | None] = mapped_column(String(500))  # why it was returned, transferred or cancelled
    returned_by_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    home_organ_id: Mapped[int | None] = mapped_column(ForeignKey("organ.id"))
    home_role: Mapped[str | None] = mapped_column(String(20))
    home_assignee_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    reminded_at: Mapped[datetime | None] = mapped_column(Moment)
    watcher_id: Mapped[int | None] = mapped_column(ForeignKey("process.id"))  # is told when the item closes
    postponed_at: Mapped[datetime | None] = mapped_column(Moment)  # 延期: the due moment is one that a paper names


class Passage(Base):
    """经过。 A node without a person, or a stage, that the process entered, left or was taken out of."""

    __tablename__ = "passage"
    __table_args__ = (Index("ix_passage_process", "process_id", "id"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    process_id: Mapped[int] = mapped_column(ForeignKey("process.id"))
    node: Mapped[str] = mapped_column(String(80))
    event: Mapped[str] = mapped_column(String(10))  # entered, left, cancelled
    at: Mapped[datetime] = mapped_column(Moment)


@dataclass(frozen=True)
class Running:
    """A process row under its lock, as plain values: what one engine step needs to know."""

    id: int
    key: str
    definition_id: int
    project_id: int | None
    organ_id: int
    district_id: int
    title: str
    status: str
    state: bytes
    revision: int
    undo_item_id: int | None
    undo: bytes | None
    suspended_at: datetime | None
    business_key: str | None
    parent_id: int | None


@dataclass(frozen=True)
class Item:
    """A work item as plain values, read under the process lock."""

    id: int
    process_id: int
    project_id: int | None
    token: str
    node: str
    name: str
    form: str
    role: str
    organ_id: int
    assignee_id: int | None
    state: str
    version: int
    created_at: datetime
    due_at: datetime | None
    done_at: datetime | None
    done_by_id: int | None
    submit_id: str | None
    returned_by_id: int | None
    home_organ_id: int | None
    home_role: str | None
    home_assignee_id: int | None
    watcher_id: int | None


# These run in every completion. They are built once, over plain columns: building a statement costs more than running it.
_PROCESS = cast("Table", Process.__table__)
_WORK_ITEM = cast("Table", WorkItem.__table__)
_RUNNING = select(*(_PROCESS.c[name] for name in Running.__dataclass_fields__))
_LOCK = _RUNNING.where(_PROCESS.c.id == bindparam("its_id")).with_for_update()
_LOCK_BY_KEY = _RUNNING.where(_PROCESS.c.business_key == bindparam("its_key")).with_for_update()
_LOCK_OF_ITEM = _RUNNING.where(
    _PROCESS.c.id == select(_WORK_ITEM.c.process_id).where(_WORK_ITEM.c.id == bindparam("its_id")).scalar_subquery()
).with_for_update()
_ITEM = select(*(_WORK_ITEM.c[name] for name in Item.__dataclass_fields__)).where(
    _WORK_ITEM.c.id == bindparam("its_id")
)
_MOVE = update(_PROCESS).where(_PROCESS.c.id == bindparam("its_id"), _PROCESS.c.revision == bindparam("its_revision"))
_CHANGE = update(_WORK_ITEM).where(
    _WORK_ITEM.c.id == bindparam("its_id"),
    _WORK_ITEM.c.version == bindparam("its_version"),
    _WORK_ITEM.c.state == "ready",
)
_START = insert(_PROCESS).returning(_PROCESS.c.id)
_OPEN = insert(_WORK_ITEM).returning(_WORK_ITEM.c.token, _WORK_ITEM.c.id)
_PASS = insert(cast("Table", Passage.__table__))


def lock_process(session: Session, process_id: int) -> Running | None:
    """The process row, locked until the unit ends; None when there is none."""
    return _locked(session, _LOCK, {"its_id": process_id})


def lock_process_of_item(session: Session, item_id: int) -> Running | None:
    """The process of a work item, locked; the item must be read after this, never before."""
    return _locked(session, _LOCK_OF_ITEM, {"its_id": item_id})


def lock_process_by_key(session: Session, business_key: str) -> Running | None:
    """The process with this business key, locked."""
    return _locked(session, _LOCK_BY_KEY, {"its_key": business_key})


def _locked(session: Session, query: Select[Any], which: dict[str, Any]) -> Running | None:
    session.flush()  # plain columns do not do it by themselves
    row = session.execute(query, which).first()
    return Running(*row) if row else None


def read_item(session: Session, item_id: int) -> Item | None:
    """The work item as it stands now."""
    session.flush()
    row = session.execute(_ITEM, {"its_id": item_id}).first()
    return Item(*row) if row else None


def insert_process(session: Session, **values: Any) -> int:
    """Put in a process row; returns its id."""
    session.flush()
    return int(session.execute(_START, values).scalar_one())


def update_process(session: Session, process_id: int, revision: int, **values: Any) -> bool:
    """Move the row from this revision to the next; False when somebody else moved it first."""
    return _moved(
        session,
        _MOVE,
        Process,
        process_id,
        {
            **values,
            "its_id": process_id,
            "its_revision": revision,
            "revision": revision + 1,
        },
    )


def insert_items(session: Session, rows: Sequence[dict[str, Any]]) -> list[int]:
    """Put in work items of one process; returns their ids in the order given."""
    if not rows:
        return []
    made = {token: int(item_id) for token, item_id in session.execute(_OPEN, list(rows))}
    return [made[row["token"]] for row in rows]


def update_item(session: Session, item_id: int, version: int, **values: Any) -> bool:
    """Change a ready item from this version to the next; False when it moved or closed meanwhile."""
    return _moved(
        session,
        _CHANGE,
        WorkItem,
        item_id,
        {
            **values,
            "its_id": item_id,
            "its_version": version,
            "version": version + 1,
        },
    )


def _moved(session: Session, change: Update, kind: type[Base], key: int, values: dict[str, Any]) -> bool:
    """Whether the one row changed; an object of it that this session holds is read anew when it is used next."""
    session.flush()
    done = int(session.execute(change, values).rowcount) == 1  # type: ignore[attr-defined]
    held = session.identity_map.get(identity_key(kind, key))
    if held is not None:
        session.expire(held)
    return done


def reopen_item(session: Session, item_id: int) -> None:
    """Make a done item ready again, as it was, with its answers as the draft."""
    session.execute(
        update(WorkItem)
        .where(WorkItem.id == item_id)
        .values(
            state="ready",
            version=WorkItem.version + 1,
            done_at=None,
            done_by_id=None,
            submit_id=None,
            draft=WorkItem.answers,
            answers=None,
        ),
    )


def cancel_items(
    session: Session, process_id: int, tokens: Iterable[str] | None, now: datetime, note: str
) -> list[int]:
    """Close open items without an answer (all of the process when `tokens` is None); returns their ids."""
    closed = update(WorkItem).where(WorkItem.process_id == process_id, WorkItem.state.in_(("ready", "suspended")))
    if tokens is not None:
        closed = closed.where(WorkItem.token.in_(list(tokens)))
    closed = closed.values(state="cancelled", done_at=now, note=note, version=WorkItem.version + 1)
    return [int(item_id) for item_id in session.scalars(closed.returning(WorkItem.id))]


def delete_items(session: Session, item_ids: Iterable[int]) -> None:
    """Take back items that nobody touched, as if they had not been opened; only a recall may do this."""
    session.execute(delete(WorkItem).where(WorkItem.id.in_(list(item_ids)), WorkItem.state == "ready"))


def keep_draft(session: Session, item_id: int, draft: dict[str, Any]) -> None:
    """Keep unchecked answers beside a ready item without moving its version."""
    session.execute(update(WorkItem).where(WorkItem.id == item_id, WorkItem.state == "ready").values(draft=draft))


def park_items(session: Session, process_id: int, *, from_state: str, to_state: str) -> None:
    """Move all open items of a process between ready and suspended; pages shown before become stale."""
    moved = update(WorkItem).where(WorkItem.process_id == process_id, WorkItem.state == from_state)
    session.execute(moved.values(state=to_state, version=WorkItem.version + 1))


def open_items(session: Session, process_id: int) -> list[WorkItem]:
    """Ready and suspended items of a process."""
    query = select(WorkItem).where(WorkItem.process_id == process_id, WorkItem.state.in_(("ready", "suspended")))
    return list(session.scalars(query.order_by(WorkItem.id)))


def open_items_of_projects(session: Session, project_ids: Iterable[int]) -> list[WorkItem]:
    """Ready items of these projects, oldest first."""
    query = select(WorkItem).where(WorkItem.project_id.in_(list(project_ids)), WorkItem.state == "ready")
    return list(session.scalars(query.order_by(WorkItem.id)))


def insert_passages(session: Session, process_id: int, passages: Iterable[tuple[str, str]], at: datetime) -> None:
    """Write down what the process went through in this unit, in order."""
    rows = [{"process_id": process_id, "node": node, "event": event, "at": at} for node, event in passages]
    if rows:
        session.execute(_PASS, rows)


def move_process(session: Session, process_id: int, organ_id: int, district_id: int) -> None:
    """The process belongs to another organ from now on; its revision is left to the step that is running."""
    session.execute(update(Process).where(Process.id == process_id).values(organ_id=organ_id, district_id=district_id))


def due_processes(session: Session, now: datetime, limit: int) -> list[int]:
    """Ids of running processes whose earliest timer is due, oldest first."""
    query = select(Process.id).where(RUNNING, Process.wakes_at <= now).order_by(Process.wakes_at).limit(limit)
    return list(session.scalars(query))


def longest_overdue_organ(session: Session, project_id: int, now: datetime) -> int | None:
    """The organ that holds the project's longest overdue open item: whoever blocks; None when nothing is overdue."""
    query = select(WorkItem.organ_id).where(
        WorkItem.project_id == project_id,
        WorkItem.state == "ready",
        WorkItem.due_at < now,
    )
    return session.scalar(query.order_by(WorkItem.due_at).limit(1))


def previous_item(session: Session, item: Item) -> WorkItem | None:
    """The item of the same process that was finished last before this one was opened."""
    query = select(WorkItem).where(
        WorkItem.process_id == item.process_id,
        WorkItem.state == "done",
        WorkItem.done_at <= item.created_at,
        WorkItem.id != item.id,
    )
    return session.scalars(query.order_by(WorkItem.done_at.desc(), WorkItem.id.desc()).limit(1)).first()

"""待办清单: what one officer has to do now, most urgent first, and what she has done; flat however much lies open."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal, cast

from sqlalchemy import (
    ColumnClause,
    ColumnElement,
    Select,
    Subquery,
    and_,
    case,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlalchemy import tuple_ as pair
from sqlalchemy.orm import Session, aliased

from models.base import Key, Moment
from models.calendar import load_calendar
from models.officer import Officer
from models.organ import Organ
from models.process import Process, WorkItem
from models.project import BUSINESS, Project
from models.refusal import Invalid
from models.search import query_words
from models.texts import N_
from models.unit import Actor, Unit
from models.urge import Urge

PAGE = 50
LARGEST_KEY = 2**63 - 1
COUNTED = 1000  # as many of the most urgent are counted; beyond them a chip says "more"
SOON_DAYS = 2  # working days
# Written out rather than bound: only then do both databases see that their partial index holds what is asked.
READY: ColumnClause[bool] = literal_column("work_item.state = 'ready'")
Kind = Literal["all", "overdue", "soon", "returned", "urged"]
KINDS: tuple[Kind, ...] = ("all", "overdue", "soon", "returned", "urged")
Cursor = tuple[datetime | None, int]  # due moment and number of the last line


@dataclass(frozen=True)
class WorkFilter:
    """筛选。 Empty parts do not narrow."""

    kind: Kind = "all"
    words: str = ""
    project_id: int | None = None


@dataclass(frozen=True)
class WorkLine:
    """One line of a list, plain values; `recallable`: it is the last thing done in its process."""

    id: int
    name: str
    node: str
    role: str
    state: str
    process_id: int
    process_key: str
    process_title: str
    project_id: int | None
    project_no: str | None
    project_name: str | None
    stage: str | None
    organ_zh: str
    organ_en: str
    helper_zh: str | None
    helper_en: str | None
    assignee_id: int | None
    assignee: str | None
    created_at: datetime
    due_at: datetime | None
    done_at: datetime | None
    returned: bool
    urged: bool
    recallable: bool


@dataclass(frozen=True)
class WorkPage:
    """One page of a list; `after` is None on the last."""

    lines: tuple[WorkLine, ...]
    after: Cursor | None


@dataclass(frozen=True)
class WorkCounts:
    """How many items each chip finds among the first COUNTED; `full` when there are more than that."""

    all: int
    overdue: int
    soon: int
    returned: int
    urged: int
    full: bool


def worklist(unit: Unit, wanted: WorkFilter, *, after: Cursor | None = None, limit: int = PAGE) -> WorkPage:
    """What the actor may handle now, most urgent first; one query over two indexes, whatever else lies open."""
    _check(wanted)
    ids = _urgent(unit, _conditions(unit, wanted), after, limit + 1)
    if ids is None:
        return WorkPage((), None)
    query = lines_query().join(ids, ids.c.id == WorkItem.id)
    query = query.order_by(WorkItem.due_at.is_(None), WorkItem.due_at, WorkItem.id).limit(limit + 1)
    lines = tuple(WorkLine(*row) for row in unit.session.execute(query))
    last = lines[limit - 1] if len(lines) > limit else None
    return WorkPage(lines[:limit], (last.due_at, last.id) if last else None)


def work_counts(unit: Unit, wanted: WorkFilter) -> WorkCounts:
    """The figures of the chips for the same words and project; one query over the first COUNTED items."""
    conditions = _conditions(unit, WorkFilter("all", wanted.words, wanted.project_id))
    ids = _urgent(unit, conditions, None, COUNTED + 1)
    if ids is None:
        return WorkCounts(0, 0, 0, 0, 0, full=False)
    # Counted as it stands: joined to the table again, PostgreSQL reads all of it for the sake of a thousand rows.
    firsts = select(ids).order_by(ids.c.due_at.is_(None), ids.c.due_at, ids.c.id).limit(COUNTED + 1).subquery()
    found = [func.coalesce(func.sum(case((_kind(unit, kind, firsts.c), 1), else_=0)), 0) for kind in KINDS[1:]]
    query = select(func.count(), *found).select_from(firsts)
    total, *others = (int(number) for number in unit.session.execute(query).one())
    overdue, soon, returned, urged = (min(number, COUNTED) for number in others)
    return WorkCounts(min(total, COUNTED), overdue, soon, returned, urged, full=total > COUNTED)


def open_count(unit: Unit) -> int:
    """How many items wait for the actor, counted to COUNTED + 1 at most; one query over indexes alone."""
    query = _counted(tuple(posts_of(unit.actor)), unit.actor.officer_id)
    return 0 if query is None else unit.session.scalar(query) or 0


def most_urgent(unit: Unit) -> int | None:
    """The number of the item the actor should handle next; None when nothing waits. One query over indexes alone."""
    query = _first(tuple(posts_of(unit.actor)), unit.actor.officer_id)
    return None if query is None else unit.session.scalar(query)


# Asked on every page and after every completion: built once for each set of posts, since building costs more than asking.
@lru_cache(maxsize=1024)
def _counted(posts: tuple[tuple[int, str], ...], officer_id: int | None) -> Select[Any] | None:
    ids = _united(posts, officer_id, [], None, COUNTED + 1)
    if ids is None:
        return None
    return select(func.count()).select_from(select(ids.c.id).limit(COUNTED + 1).subquery())


@lru_cache(maxsize=1024)
def _first(posts: tuple[tuple[int, str], ...], officer_id: int | None) -> Select[Any] | None:
    ids = _united(posts, officer_id, [], None, 1)
    if ids is None:
        return None
    return select(ids.c.id).order_by(ids.c.due_at.is_(None), ids.c.due_at, ids.c.id).limit(1)


def done_list(unit: Unit, *, words: str = "", after: Cursor | None = None, limit: int = PAGE) -> WorkPage:
    """已办: what the actor has handled, latest first; one query. The cursor holds done moment and number."""
    says = (_says(unit.session, word) for word in query_words(words))
    query = lines_query().where(WorkItem.done_by_id == unit.actor.officer_id, WorkItem.state == "done", *says)
    if after and after[0]:
        query = query.where(pair(WorkItem.done_at, WorkItem.id) < pair(*_literals(after[0], after[1])))
    rows = unit.session.execute(query.order_by(WorkItem.done_at.desc(), WorkItem.id.desc()).limit(limit + 1))
    lines = tuple(WorkLine(*row) for row in rows)
    last = lines[limit - 1] if len(lines) > limit else None
    return WorkPage(lines[:limit], (last.done_at, last.id) if last else None)


def done_line(unit: Unit, item_id: int) -> WorkLine | None:
    """What the actor has just handled, for the offer to take it back; None when it is not hers or not done."""
    mine = (WorkItem.id == item_id, WorkItem.done_by_id == unit.actor.officer_id, WorkItem.state == "done")
    row = unit.session.execute(lines_query().where(*mine)).first()
    return WorkLine(*row) if row else None


def titles_of(unit: Unit, item_ids: Iterable[int]) -> dict[int, str]:
    """What each item is about, its process's title, by number; for lists that name items only."""
    query = select(WorkItem.id, Process.title).join(Process, Process.id == WorkItem.process_id)
    rows = unit.session.execute(query.where(WorkItem.id.in_(set(item_ids)))).all()
    return {row[0]: row[1] for row in rows}


def soon_until(unit: Unit) -> datetime:
    """The end of the last working day that counts as soon."""
    return load_calendar(unit.session).due_moment(unit.now, SOON_DAYS)


def posts_of(actor: Actor) -> list[tuple[int, str]]:
    """(organ, role) of the open items an actor may handle; a head stands in for every role of the organ."""
    held = [grant for grant in actor.grants if grant.role in BUSINESS]
    own = {(grant.organ_id, grant.role) for grant in held}
    return sorted(own | {(grant.organ_id, role) for grant in held if grant.role == "head" for role in BUSINESS})


def read_cursor(text: str) -> Cursor | None:
    """The place a page's link names, or None for the first page; raises Invalid for anything made up."""
    if not text:
        return None
    at, _, number = text.rpartition("_")
    try:
        when, last = datetime.fromisoformat(at) if at else None, int(number)
    except ValueError as error:
        raise Invalid(N_("翻页位置有误，请从第一页开始。")) from error
    if not 0 < last <= LARGEST_KEY or (when is not None and (when.tzinfo is None or not 1970 < when.year < 9000)):
        raise Invalid(N_("翻页位置有误，请从第一页开始。"))  # nothing that either database could compare
    return when, last


def write_cursor(after: Cursor | None) -> str:
    """The place as text for a link; "" for none."""
    return f"{after[0].isoformat() if after[0] else ''}_{after[1]}" if after else ""


def _check(wanted: WorkFilter) -> None:
    if wanted.kind not in KINDS:
        raise Invalid(N_("没有这种筛选。"))


def _urgent(unit: Unit, conditions: list[ColumnElement[bool]], after: Cursor | None, limit: int) -> Subquery | None:
    """(id, due_at, returned_by_id) of the most urgent items of each post, `limit` each; None for somebody without any post.

    One part per post, each read in the order of its index and cut off there; those without a deadline come last.
    """
    return _united(tuple(posts_of(unit.actor)), unit.actor.officer_id, conditions, after, limit)


def _united(
    posts: tuple[tuple[int, str], ...], officer_id: int | None, conditions: list[ColumnElement[bool]], after: Cursor | None,
    limit: int,
) -> Subquery | None:  # fmt: skip
    holds: list[tuple[ColumnElement[bool], ...]] = [
        (WorkItem.organ_id == organ_id, WorkItem.role == role, WorkItem.assignee_id.is_(None))
        for organ_id, role in posts
    ]
    if officer_id is not None:
        holds.append((WorkItem.assignee_id == officer_id,))
    parts = [part for post in holds for part in _cut(post, conditions, after, limit)]
    return union_all(*(select(part) for part in parts)).subquery() if parts else None


def _cut(
    post: Iterable[ColumnElement[bool]],
    conditions: Iterable[ColumnElement[bool]],
    after: Cursor | None,
    limit: int,
) -> Iterable[Subquery]:
    query = select(WorkItem.id, WorkItem.due_at, WorkItem.returned_by_id).where(READY, *post, *conditions)
    dated, undated = query.where(WorkItem.due_at.is_not(None)), query.where(WorkItem.due_at.is_(None))
    if after is not None:
        at, number = after
        if at is None:
            undated = undated.where(WorkItem.id > number)
        else:
            dated = dated.where(pair(WorkItem.due_at, WorkItem.id) > pair(*_literals(at, number)))
    if after is None or after[0] is not None:
        yield dated.order_by(WorkItem.due_at, WorkItem.id).limit(limit).subquery()
    yield undated.order_by(WorkItem.id).limit(limit).subquery()


def _literals(at: datetime, number: int) -> tuple[Any, Any]:
    return literal(at, Moment), literal(number, Key)


def _conditions(unit: Unit, wanted: WorkFilter) -> list[ColumnElement[bool]]:
    parts = [] if wanted.kind == "all" else [_kind(unit, wanted.kind)]
    if wanted.project_id is not None:
        parts.append(WorkItem.project_id == wanted.project_id)
    return parts + [_says(unit.session, word) for word in query_words(wanted.words)]


def _kind(unit: Unit, kind: Kind, items: Any = WorkItem) -> ColumnElement[bool]:
    """Whether an item is of this kind; `items` has its columns id, due_at and returned_by_id."""
    if kind == "overdue":
        return cast("ColumnElement[bool]", items.due_at < unit.now)
    if kind == "soon":
        return and_(items.due_at >= unit.now, items.due_at <= soon_until(unit))
    return items.returned_by_id.is_not(None) if kind == "returned" else _urged(items.id)


def _urged(item_id: Any = WorkItem.id) -> ColumnElement[bool]:
    return exists(select(Urge.id).where(Urge.work_item_id == item_id))


def _says(session: Session, word: str) -> ColumnElement[bool]:
    """Whether the word stands in the item, its process, its project or its organ."""
    place = func.instr if session.get_bind().dialect.name == "sqlite" else func.strpos

    def holds(column: Any) -> ColumnElement[bool]:
        return place(column, literal(word)) > 0

    def speaks(table: Any, key: Any, column: Any) -> ColumnElement[bool]:
        return exists(select(table.id).where(table.id == key, holds(column)).correlate(WorkItem))

    return or_(
        holds(func.lower(WorkItem.name)),
        speaks(Process, WorkItem.process_id, func.lower(Process.title)),
        speaks(Project, WorkItem.project_id, Project.search),
        speaks(Organ, WorkItem.organ_id, Organ.name_zh),
    )


@lru_cache
def lines_query() -> Select[Any]:
    """A query over items whose columns are those of WorkLine in its order; more may be added. Built once."""
    helper, holder = aliased(Organ), aliased(Officer)
    named: dict[str, Any] = {
        "process_key": Process.key, "process_title": Process.title, "project_no": Project.project_no,
        "project_name": Project.name, "stage": Project.stage, "organ_zh": Organ.name_zh, "organ_en": Organ.name_en,
        "helper_zh": helper.name_zh, "helper_en": helper.name_en, "assignee": holder.name,
        "returned": WorkItem.returned_by_id.is_not(None), "urged": _urged(),
        "recallable": and_(Process.undo_item_id.is_not(None), Process.undo_item_id == WorkItem.id,
                           Process.undo.is_not(None)),
    }  # fmt: skip
    names = [each.name for each in fields(WorkLine)]
    columns: list[Any] = [named[name] if name in named else getattr(WorkItem, name) for name in names]
    return (
        select(*columns)
        .join(Process, Process.id == WorkItem.process_id)
        .join(Organ, Organ.id == WorkItem.organ_id)
        .outerjoin(Project, Project.id == WorkItem.project_id)
        .outerjoin(helper, helper.id == WorkItem.helper_organ_id)
        .outerjoin(holder, holder.id == WorkItem.assignee_id)
    )

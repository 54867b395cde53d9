"""事项卡: everything the page of one work item needs to know, as plain values; who may not see it learns nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, or_, select

from models.attachment import Attachment
from models.case_history import CaseHistory, acts_on, items_of, passages_of
from models.coordination import Coordination
from models.dispatch import Dispatch
from models.extension import KEY as EXTENSION
from models.extension import ExtensionFacts, extensions_about, latest_day, why_not_extend
from models.light_state import light_on
from models.matter import Matter, matter_of
from models.notice import Notice
from models.officer import Officer, holders, officer_name
from models.process import Process, WorkItem, previous_item, read_item
from models.project import Project, find_project, values_of, visible_projects
from models.rectification import Rectification, current_round, findings_of
from models.refusal import NotFound
from models.supervision import Supervision
from models.texts import N_
from models.unit import Unit
from models.urge import urges_on
from models.worklist import WorkLine, lines_query, posts_of

MOST_EARLIER = 6


@dataclass(frozen=True)
class Earlier:
    """What somebody answered before: in another task of this process, or on the same form for the same project."""

    item_id: int
    name: str
    form: str
    who: str
    at: datetime
    answers: Mapping[str, Any]


@dataclass(frozen=True)
class ProjectFacts:
    """The project an item is about; `values` are the ledger's by name, typed, money Decimal 万元."""

    id: int
    project_no: str
    name: str
    stage: str | None
    light: str
    reasons: tuple[str, ...]
    owner_organ_id: int
    district_id: int | None
    officer: str
    demo: bool
    values: Mapping[str, object]


@dataclass(frozen=True)
class FindingFacts:
    """问题。 One of the notice that is being put right."""

    number: int
    fact: str
    basis: str
    demand: str


@dataclass(frozen=True)
class RectificationFacts:
    """整改。 Which round it is, what was found, and what the running round's report says."""

    round: int
    due_on: date | None
    findings: tuple[FindingFacts, ...]
    report: Mapping[str, Any]


@dataclass(frozen=True)
class RequestFacts:
    """协调事项。 What is asked of whom, and what came of it so far."""

    number: str
    requester_organ_id: int
    target_organ_id: int
    kind: str
    subject: str
    body: str
    result: str


@dataclass(frozen=True)
class LetterDraft:
    """文稿。 What the paper to be signed will say: to whom, and each fact with its basis and what is demanded."""

    to_organ_id: int
    rung: int
    reasons: tuple[tuple[str, str, str], ...]  # fact, basis, demand


@dataclass(frozen=True)
class DispatchFacts:
    """发文稿。 What it will say by field, and every opinion so far as the step, the name, whether agreed and the words."""

    kind: str
    to_organ_id: int
    to: str  # what a paper to many calls its addressees; "" for one to one
    text: Mapping[str, Any]
    drafted_by: str
    opinions: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True)
class Rights:
    """What the actor may do with the item now; the door asks again."""

    handle: bool = False
    claim: bool = False
    release: bool = False
    transfer: bool = False
    send_back: bool = False
    urge: bool = False
    recall: bool = False
    urged_today: bool = False
    extend: bool = False
    why_not_extend: str = ""  # a source text; then the act is shown but cannot be done


@dataclass(frozen=True)
class ItemCard:
    """One work item. `home` when it was returned here and goes back; `colleagues` may take it over."""

    line: WorkLine
    version: int
    form: str
    organ_id: int
    definition_id: int
    process_status: str
    note: str
    returned_by: str
    home: bool
    done_by: str
    draft: Mapping[str, Any]
    answers: Mapping[str, Any]
    rights: Rights
    history: CaseHistory
    project: ProjectFacts | None = None
    last_time: Earlier | None = None
    earlier: tuple[Earlier, ...] = ()
    colleagues: tuple[tuple[int, str], ...] = ()
    rectification: RectificationFacts | None = None
    request: RequestFacts | None = None
    letter: LetterDraft | None = None
    dispatch: DispatchFacts | None = None
    matter: tuple[Matter, ...] = ()  # of a process without a project
    extensions: tuple[ExtensionFacts, ...] = ()  # newest first
    extend_until: date | None = None  # the last day that can be asked for, or granted


@dataclass(frozen=True)
class FileFacts:
    """附件。 What a page says of a file and what a download needs."""

    id: int
    name: str
    size: int
    sha256: str = ""
    media_type: str = ""
    by: str = ""
    at: datetime | None = field(default=None)


def item_card(unit: Unit, item_id: int) -> ItemCard:
    """The item with all around it. Raises NotFound unless the actor may handle it, has, or may see its project."""
    session = unit.session
    of_process = (Process.definition_id, Process.status, Process.organ_id, Process.district_id)
    query = lines_query().add_columns(WorkItem, *of_process)
    row = session.execute(query.where(WorkItem.id == item_id, _visible(unit))).first()
    if row is None:
        raise NotFound(N_("没有找到这个事项。"))
    item, definition_id, status, organ_id, district_id = row[-5:]
    line = WorkLine(*row[:-5])
    extensions = extensions_about(session, item)
    rights = _rights(unit, line, item, status, [organ_id, district_id, item.organ_id])
    rights = _with_extension(unit, line, item, rights, extensions)
    return ItemCard(
        line=line, version=item.version, form=item.form, organ_id=item.organ_id, definition_id=definition_id,
        process_status=status, note=item.note or "", returned_by=officer_name(session, item.returned_by_id),
        home=item.home_organ_id is not None, done_by=officer_name(session, item.done_by_id),
        draft=item.draft or {}, answers=item.answers or {}, rights=rights, history=_history(unit, item),
        project=_project(unit, item), last_time=_last_time(unit, item), earlier=_earlier(unit, item),
        colleagues=_colleagues(unit, item) if rights.transfer else (),
        rectification=_rectification(unit, item) if line.process_key == "rectification" else None,
        request=_request(unit, item) if line.process_key == "coordination" else None,
        dispatch=_dispatch(unit, item) if line.process_key == "dispatch" else None,
        matter=matter_of(session, line.process_key, item.process_id),
        letter=_letter(unit, item) if item.form == "supervision_sign" else None, extensions=extensions,
        extend_until=_until(unit, item, extensions) if rights.handle else None,
    )  # fmt: skip


def files_named(unit: Unit, attachment_ids: Iterable[int]) -> dict[int, FileFacts]:
    """The files with these numbers, by number; the caller shows only those its page speaks of."""
    wanted = set(attachment_ids)
    query = (
        select(Attachment, Officer.name)
        .outerjoin(Officer, Officer.id == Attachment.filed_by_id)
        .where(Attachment.id.in_(wanted))
    )
    return {row.id: _file(row, who or "") for row, who in unit.session.execute(query)} if wanted else {}


def file_of_item(unit: Unit, item_id: int, attachment_id: int) -> FileFacts:
    """A file of the item's project, or one that its process speaks of; raises NotFound for all others."""
    seen = select(WorkItem.project_id, WorkItem.process_id).join(Process, Process.id == WorkItem.process_id)
    row = unit.session.execute(seen.where(WorkItem.id == item_id, _visible(unit))).first()
    found = unit.session.get(Attachment, attachment_id) if row else None
    if row is None or found is None or found.project_id != row.project_id:
        raise NotFound(N_("没有这个附件，或您无权查看。"))
    if row.project_id is None and not _is_spoken_of(unit, row.process_id, attachment_id):
        raise NotFound(N_("没有这个附件，或您无权查看。"))
    return _file(found, "")


def _visible(unit: Unit) -> ColumnElement[bool]:
    """May handle it, handled it, or may see its project; a process without a project is seen by its organs."""
    actor = unit.actor
    posts = posts_of(actor)
    mine = [organ_id for organ_id, _ in posts]
    # its own FROM: the lines it is asked beside have joined Project already
    about = WorkItem.project_id.in_(select(Project.id).where(visible_projects(actor)).correlate(None))
    handles = (WorkItem.assignee_id == actor.officer_id, WorkItem.done_by_id == actor.officer_id)
    return or_(about, *handles, WorkItem.organ_id.in_(mine), Process.organ_id.in_(mine))


def _rights(unit: Unit, line: WorkLine, item: WorkItem, status: str, organs: list[int]) -> Rights:
    actor = unit.actor
    is_open = item.state == "ready" and status in ("running", "incident")
    mine = item.assignee_id is not None and item.assignee_id == actor.officer_id
    free = item.assignee_id is None and (item.organ_id, item.role) in posts_of(actor)
    handle, home = is_open and (mine or free), item.home_organ_id is not None
    plain = read_item(unit.session, item.id) if handle and not home else None
    own_post = actor.has_role(item.role, item.organ_id)  # nobody urges herself; a head may urge her officers
    may_urge = is_open and not mine and not own_post and actor.may("item.urge", organs)
    return Rights(
        handle=handle,
        claim=handle and free,
        release=handle and mine and not home,
        transfer=handle and actor.may("item.transfer", [item.organ_id]),
        send_back=plain is not None and previous_item(unit.session, plain) is not None,
        urge=may_urge,
        urged_today=may_urge and urges_on(unit.session, item.id, unit.today.isoformat()) > 0,
        recall=line.recallable and item.state == "done" and item.done_by_id == actor.officer_id,
    )


def _with_extension(
    unit: Unit, line: WorkLine, item: WorkItem, rights: Rights, asked: tuple[ExtensionFacts, ...]
) -> Rights:
    """申请延期 is on offer to whoever may handle an item with a deadline; what stands in its way is said."""
    may = rights.handle and unit.actor.may("extension.request", [item.organ_id])
    if not may or item.due_at is None or item.home_organ_id is not None or line.process_key == EXTENSION:
        return rights
    granted = sum(each.outcome == "granted" for each in asked)
    why_not = why_not_extend(item, process_key=line.process_key, granted=granted, now=unit.now)
    return replace(rights, extend=True, why_not_extend=why_not)


def _until(unit: Unit, item: WorkItem, asked: tuple[ExtensionFacts, ...]) -> date | None:
    due_at = next((each.was_due_at for each in asked if each.item_id != item.id), item.due_at)
    return latest_day(unit.session, due_at) if due_at else None


def _history(unit: Unit, item: WorkItem) -> CaseHistory:
    items = items_of(unit.session, WorkItem.process_id == item.process_id)
    subjects = {"work_item": [each.id for each in items], "process": [item.process_id]}
    passages = passages_of(unit.session, [item.process_id])
    return CaseHistory((), tuple(items), tuple(passages), tuple(acts_on(unit.session, subjects)))


def _project(unit: Unit, item: WorkItem) -> ProjectFacts | None:
    if item.project_id is None:
        return None
    try:
        row = find_project(unit, item.project_id)
    except NotFound:  # she may handle the item without a right to the ledger
        row = unit.session.get_one(Project, item.project_id)
    return ProjectFacts(
        id=row.id, project_no=row.project_no, name=row.name, stage=row.stage, light=row.light,
        reasons=tuple(str(reason["sentence"]) for reason in row.light_reasons), owner_organ_id=row.owner_organ_id,
        district_id=row.district_id, officer=officer_name(unit.session, row.owner_officer_id), demo=row.demo,
        values=values_of(row),
    )  # fmt: skip


def _last_time(unit: Unit, item: WorkItem) -> Earlier | None:
    """The newest answers on the same form for the same project; what was said of another project helps nobody."""
    if item.project_id is None:
        return None
    same = (WorkItem.project_id == item.project_id, WorkItem.form == item.form, WorkItem.organ_id == item.organ_id)
    return next(iter(_answered(unit, [*same, WorkItem.id != item.id], 1)), None)


def _earlier(unit: Unit, item: WorkItem) -> tuple[Earlier, ...]:
    """The newest answers of each other task of this process, newest first."""
    found = _answered(unit, [WorkItem.process_id == item.process_id, WorkItem.id != item.id], 4 * MOST_EARLIER)
    return tuple(found[:MOST_EARLIER])


def _answered(unit: Unit, conditions: list[ColumnElement[bool]], limit: int) -> list[Earlier]:
    columns = (WorkItem.id, WorkItem.name, WorkItem.form, Officer.name, WorkItem.done_at, WorkItem.answers)
    query = select(*columns).outerjoin(Officer, Officer.id == WorkItem.done_by_id)
    query = query.where(WorkItem.state == "done", *conditions).order_by(WorkItem.done_at.desc(), WorkItem.id.desc())
    rows = unit.session.execute(query.limit(limit))
    return [Earlier(row[0], row[1], row[2], row[3] or "", row[4], row[5] or {}) for row in rows]


def _colleagues(unit: Unit, item: WorkItem) -> tuple[tuple[int, str], ...]:
    found = {
        officer.id: officer.name
        for role in (item.role, "head")
        for officer in holders(unit.session, role, [item.organ_id], unit.today)
        if officer.id != unit.actor.officer_id
    }
    return tuple(found.items())


def _rectification(unit: Unit, item: WorkItem) -> RectificationFacts | None:
    row = unit.session.scalars(select(Rectification).where(Rectification.process_id == item.process_id)).first()
    if row is None:
        return None
    found = tuple(FindingFacts(f.number, f.fact, f.basis, f.demand) for f in findings_of(unit.session, row.id))
    return RectificationFacts(row.round, row.report_due_on, found, current_round(unit.session, row).report or {})


def _request(unit: Unit, item: WorkItem) -> RequestFacts | None:
    row = unit.session.scalars(select(Coordination).where(Coordination.process_id == item.process_id)).first()
    if row is None:
        return None
    return RequestFacts(row.number, row.requester_organ_id, row.target_organ_id, row.kind, row.subject, row.body,
                        row.result or "")  # fmt: skip


def _dispatch(unit: Unit, item: WorkItem) -> DispatchFacts | None:
    row = unit.session.scalars(select(Dispatch).where(Dispatch.process_id == item.process_id)).first()
    if row is None:
        return None
    to = _called(unit, row)
    return DispatchFacts(row.kind, row.to_organ_id, to, row.text, row.drafted_by, tuple(row.opinions))


def _called(unit: Unit, row: Dispatch) -> str:
    """What a paper to many, or the one it corrects, calls its addressees; "" for a paper to one."""
    if not row.also_to:
        return ""
    about = unit.session.get(Notice, row.about_id) if row.about_id else None
    letter = row.letter or (about.letter if about else {})
    return str(letter.get("to") or "")


def _letter(unit: Unit, item: WorkItem) -> LetterDraft | None:
    row = unit.session.scalars(select(Supervision).where(Supervision.process_id == item.process_id)).first()
    if row is None:
        return None
    light = light_on(unit.session, unit.session.get_one(Project, row.project_id), unit.today)
    found = tuple((r.sentence, f"{r.title}（{r.place}，{r.source}）", r.remedy) for r in light.reasons)
    return LetterDraft(row.blocker_organ_id, row.rung + 1, found or ((row.by_hand or "", "", ""),))


def _is_spoken_of(unit: Unit, process_id: int, attachment_id: int) -> bool:
    query = select(WorkItem.answers, WorkItem.draft).where(WorkItem.process_id == process_id)
    return any(
        str(attachment_id) in value
        for row in unit.session.execute(query) for kept in row if isinstance(kept, dict)
        for value in kept.values() if isinstance(value, list)
    )  # fmt: skip


def _file(row: Attachment, who: str) -> FileFacts:
    return FileFacts(row.id, row.name, row.size, row.sha256, row.media_type, who, row.filed_at)

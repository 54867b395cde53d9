"""办理经过: what happened to a project and where its processes stand, read from rows; no process is restored."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session, aliased

from models.audit import AuditEntry
from models.clock import local_day
from models.officer import Officer
from models.organ import Organ
from models.process import Definition, Passage, Process, WorkItem
from models.refusal import NotFound
from models.texts import N_

MOST_ACTS = 300  # the newest; older ones stay in the audit
OPEN = ("ready", "suspended")

# How each act reads in a project's history. Acts that a finished task or a passage tells already are not told twice.
ACTS: dict[str, str] = {
    "project.register": N_("登记项目"),
    "project.import": N_("从台账导入"),
    "project.update": N_("修改资料"),
    "project.assign": N_("指定负责人"),
    "project.state": N_("项目状态改变"),
    "project.return_stage": N_("退回上一阶段"),
    "project.stage_overdue": N_("阶段超期"),
    "amount.record": N_("登记金额"),
    "amount.recognise": N_("认定金额"),
    "amount.withdraw": N_("登记撤资"),
    "milestone.set": N_("登记节点"),
    "attachment.store": N_("上传附件"),
    "light.turn": N_("状态灯变化"),
    "coordination.open": N_("提出协调事项"),
    "coordination.close": N_("协调事项办结"),
    "supervision.start": N_("启动督办"),
    "supervision.raise": N_("人工提级"),
    "supervision.rung": N_("督办升级"),
    "supervision.talk": N_("安排约谈"),
    "supervision.talk_record": N_("登记约谈记录"),
    "supervision.end": N_("督办结束"),
    "rectification.round": N_("整改退回重办"),
    "rectification.overdue": N_("整改逾期"),
    "rectification.close_out": N_("整改销号"),
    "inspection.check": N_("填写季检查表"),
    "verification.voucher": N_("半年核查补凭证"),
    "verification.take_back": N_("半年核查撤回申报"),
    "verification.visit": N_("现场核查"),
    "verification.confirm": N_("现场核查区代表签认"),
    "notice.issue": N_("签发公文"),
    "notice.deliver": N_("公文送达"),
    "notice.open": N_("打开公文"),
    "notice.acknowledge": N_("签收公文"),
    "notice.chase": N_("催收公文"),
    "notice.answer": N_("回复公文"),
    "notice.void": N_("作废公文"),
    "notice.altered": N_("公文文件被改动"),
    "dispatch.start": N_("拟发公文"),
    "dispatch.opinion": N_("公文审核意见"),
    "process.suspend": N_("挂起流程"),
    "process.resume": N_("恢复流程"),
    "process.cancel": N_("终止流程"),
    "item.claim": N_("认领"),
    "item.release": N_("放回"),
    "item.transfer": N_("转办"),
    "item.return": N_("退回补正"),
    "item.send_back": N_("补正后送回"),
    "item.recall": N_("撤回"),
    "item.urge": N_("催办"),
    "item.deadline": N_("期限调整"),
    "extension.ask": N_("申请延期"),
    "extension.end": N_("延期申请办结"),
    "referral.file": N_("引荐备案"),
    "referral.decide": N_("认定引荐备案"),
}
UNTOLD = frozenset({
    "item.complete", "project.stage", "process.start", "process.message", "process.message_unheard", "process.wake",
    # of a quarter or a district, whose processes are about no project
    "inspection.plan", "inspection.approve", "inspection.submit", "inspection.countersign", "inspection.unsigned",
    "inspection.late", "inspection.publish",
})  # fmt: skip


@dataclass(frozen=True)
class ProcessLine:
    """One process of a project; `version` is that of the map it runs on."""

    id: int
    key: str
    title: str
    status: str
    definition_id: int
    version: int
    started_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True)
class ItemLine:
    """One task ever asked for a project, with who holds it or who finished it."""

    id: int
    process_id: int
    key: str
    node: str
    name: str
    role: str
    organ_id: int
    organ_zh: str
    organ_en: str
    assignee_id: int | None
    holder: str | None
    done_by: str | None
    state: str
    created_at: datetime
    due_at: datetime | None
    done_at: datetime | None
    note: str | None
    home_organ_id: int | None

    @property
    def is_open(self) -> bool:
        """Whether it still waits for somebody, be it only until the process is resumed."""
        return self.state in OPEN


@dataclass(frozen=True)
class PassageLine:
    """A node without a person, or a stage, that a process entered, left or was taken out of."""

    process_id: int
    node: str
    event: str
    at: datetime


@dataclass(frozen=True)
class ActLine:
    """An act of the audit that tells of the project; `who` is 系统 for what the clock did."""

    at: datetime
    who: str
    organ_zh: str | None
    organ_en: str | None
    act: str
    kind: str
    subject_id: int | None
    detail: Any


@dataclass(frozen=True)
class CaseHistory:
    """All of it, newest process first, the rest in the order it happened."""

    processes: tuple[ProcessLine, ...]
    items: tuple[ItemLine, ...]
    passages: tuple[PassageLine, ...]
    acts: tuple[ActLine, ...]


@dataclass(frozen=True)
class Spot:
    """Where a node stands in its map: within which sub-process, and on which activity (events on its edge)."""

    parent: str | None = None
    attached_to: str | None = None
    timer: bool = False


@dataclass(frozen=True)
class OpenNode:
    """A node at which somebody, or a whole stage, is at work; `days` left (negative: late), None without a deadline."""

    id: str
    late: bool = False
    days: int | None = None
    organs: tuple[tuple[str, str], ...] = ()  # (Chinese, English)


@dataclass(frozen=True)
class DiagramState:
    """What is done, open and cancelled on the drawing of one process."""

    done: tuple[str, ...] = ()
    active: tuple[OpenNode, ...] = ()
    cancelled: tuple[str, ...] = ()


def case_history(session: Session, project_id: int, notice_ids: Iterable[int] = ()) -> CaseHistory:
    """Everything told of a project, in four queries whatever its age; the caller has checked who may see it."""
    processes = processes_of(session, project_id)
    items = items_of(session, WorkItem.project_id == project_id)
    ids = [process.id for process in processes]
    subjects = {"project": [project_id], "process": ids, "work_item": [item.id for item in items],
                "notice": list(notice_ids)}  # fmt: skip
    passages, acts = passages_of(session, ids), acts_on(session, subjects)
    return CaseHistory(tuple(processes), tuple(items), tuple(passages), tuple(acts))


def processes_of(session: Session, project_id: int) -> list[ProcessLine]:
    """The processes of a project, newest first."""
    return _processes(session, Process.project_id == project_id)


def process_of(session: Session, project_id: int, process_id: int) -> ProcessLine:
    """One process of this very project; raises NotFound for any other."""
    found = _processes(session, and_(Process.id == process_id, Process.project_id == project_id))
    if not found:
        raise NotFound(N_("没有找到这个流程。"))
    return found[0]


def items_of(session: Session, condition: Any) -> list[ItemLine]:
    """The tasks that meet a condition, in the order they were opened."""
    holder, finisher = aliased(Officer), aliased(Officer)
    named = {"key": Process.key, "organ_zh": Organ.name_zh, "organ_en": Organ.name_en, "holder": holder.name,
             "done_by": finisher.name}  # fmt: skip
    names = ItemLine.__dataclass_fields__
    columns: list[Any] = [named[name] if name in named else getattr(WorkItem, name) for name in names]
    query = (
        select(*columns)
        .join(Process, Process.id == WorkItem.process_id)
        .join(Organ, Organ.id == WorkItem.organ_id)
        .outerjoin(holder, holder.id == WorkItem.assignee_id)
        .outerjoin(finisher, finisher.id == WorkItem.done_by_id)
        .where(condition)
    )
    return [ItemLine(*row) for row in session.execute(query.order_by(WorkItem.id))]


def passages_of(session: Session, process_ids: Iterable[int]) -> list[PassageLine]:
    """What the processes went through without anybody working on it, in order."""
    query = select(Passage.process_id, Passage.node, Passage.event, Passage.at)
    rows = session.execute(query.where(Passage.process_id.in_(list(process_ids))).order_by(Passage.id))
    return [PassageLine(*row) for row in rows]


def acts_on(session: Session, subjects: Mapping[str, Sequence[int]], limit: int = MOST_ACTS) -> list[ActLine]:
    """The newest acts on these subjects that a history tells, in the order they happened; refused ones are left out."""
    asked = [(kind, ids) for kind, ids in subjects.items() if ids]
    about = or_(*(and_(AuditEntry.kind == kind, AuditEntry.subject_id.in_(ids)) for kind, ids in asked))
    columns = (AuditEntry.at, AuditEntry.who, Organ.name_zh, Organ.name_en, AuditEntry.act, AuditEntry.kind,
               AuditEntry.subject_id, AuditEntry.detail)  # fmt: skip
    query = (
        select(*columns)
        .outerjoin(Officer, Officer.id == AuditEntry.officer_id)
        .outerjoin(Organ, Organ.id == Officer.organ_id)
        .where(about, AuditEntry.refused.is_(False), AuditEntry.act.in_(ACTS))
    )
    return [ActLine(*row) for row in session.execute(query.order_by(AuditEntry.id.desc()).limit(limit))][::-1]


def officers_named(session: Session, officer_ids: Iterable[int | None]) -> dict[int, Officer]:
    """The officers with these numbers; None among them is nobody."""
    wanted = {each for each in officer_ids if each is not None}
    return {officer.id: officer for officer in session.scalars(select(Officer).where(Officer.id.in_(wanted)))}


def diagram_state(session: Session, process: ProcessLine, spots: Mapping[str, Spot], now: datetime) -> DiagramState:
    """Where a process stands on its drawing, from two queries over rows.

    A sub-process entered again begins afresh: what was done in it before is history and no longer part of the picture.
    """
    items = items_of(session, WorkItem.process_id == process.id)
    passages = passages_of(session, [process.id])
    begun = {each.node: each.at for each in passages if each.event == "entered" and _holds(spots, each.node)}
    picture = Picture(process.status, spots, begun, now)
    return picture.drawn(items, passages)


def _processes(session: Session, condition: Any) -> list[ProcessLine]:
    columns = (Process.id, Process.key, Process.title, Process.status, Process.definition_id, Definition.version,
               Process.started_at, Process.ended_at)  # fmt: skip
    query = select(*columns).join(Definition, Definition.id == Process.definition_id).where(condition)
    return [ProcessLine(*row) for row in session.execute(query.order_by(Process.id.desc()))]


def _holds(spots: Mapping[str, Spot], node: str) -> bool:
    return any(spot.parent == node for spot in spots.values())


@dataclass(frozen=True)
class Picture:
    """A drawing while it is being coloured."""

    status: str
    spots: Mapping[str, Spot]
    begun: Mapping[str, datetime]  # when each sub-process was entered last
    now: datetime

    def drawn(self, items: Sequence[ItemLine], passages: Sequence[PassageLine]) -> DiagramState:
        """The colours of tasks first, then those of everything that moved by itself."""
        done: set[str] = set()
        cancelled: set[str] = set()
        active: dict[str, OpenNode] = {}
        for node, asked in self._current_items(items).items():
            waiting = [item for item in asked if item.is_open]
            if waiting:
                active[node] = self._open(node, waiting)
            else:
                (done if asked[-1].state == "done" else cancelled).add(node)
        last = {each.node: each for each in passages if self._is_current(each.node, each.at)}
        for node, passage in last.items():
            if passage.event == "entered" and self.status not in ("done", "cancelled"):
                active[node] = OpenNode(node, late=self._is_late(node, last))
            else:
                (done if passage.event == "left" else cancelled).add(node)
        known = [node for node in self.spots if node in done]  # in the order of the drawing
        return DiagramState(
            tuple(known),
            tuple(active[node] for node in self.spots if node in active),
            tuple(node for node in self.spots if node in cancelled),
        )

    def _current_items(self, items: Sequence[ItemLine]) -> dict[str, list[ItemLine]]:
        found: dict[str, list[ItemLine]] = {}
        for item in items:
            if item.is_open or self._is_current(item.node, item.created_at):
                found.setdefault(item.node, []).append(item)
        return found

    def _is_current(self, node: str, at: datetime) -> bool:
        """Whether nothing around the node was begun afresh after this moment."""
        spot = self.spots.get(node)
        if spot is None:
            return False
        for around in (spot.parent, spot.attached_to):
            if around is None:
                continue
            if at < self.begun.get(around, at) or not self._is_current(around, at):
                return False
        return True

    def _open(self, node: str, waiting: Sequence[ItemLine]) -> OpenNode:
        due = min((item.due_at for item in waiting if item.due_at and item.state == "ready"), default=None)
        organs = dict.fromkeys((item.organ_zh, item.organ_en) for item in waiting)
        days = None if due is None else (local_day(due) - local_day(self.now)).days
        return OpenNode(node, late=due is not None and due < self.now, days=days, organs=tuple(organs))

    def _is_late(self, node: str, last: Mapping[str, PassageLine]) -> bool:
        """Whether the clock on the edge of a sub-process has struck."""
        return any(spot.attached_to == node and spot.timer and edge in last for edge, spot in self.spots.items())

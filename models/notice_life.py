"""公文签发之后: answered, urged, voided, reissued under a new number; a paper is corrected only by another (更正)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, String, cast, exists, func, literal, not_, select
from sqlalchemy.orm import Session, aliased

from models.attachment import check_evidence
from models.calendar import load_calendar
from models.clock import local_day
from models.delivery import deliveries_of
from models.limits import due_after
from models.notice import KINDS, Issued, Notice, NoticeBatch, issue_notice, lock_notice
from models.permit import permit
from models.project import Project
from models.queue import Envelope
from models.receipt import to_many
from models.refusal import Invalid, NotDue, NotFound, NotPermitted, Outdated
from models.texts import N_
from models.unit import Unit

ANSWERED = ("reminder", "supervision", "urge", "coordination", "letter")  # 须书面回复的文种
URGED = tuple(kind for kind in ANSWERED if kind != "urge")
LONGEST_REASON, LONGEST_ANSWER = 500, 2000
MOST_AT_ONCE = 500  # papers of one batch; more are another
_MADE_BY = Envelope.key == literal("render:") + cast(Notice.id, String)  # the envelope that a paper is made by

permit("notice.answer", N_("回复公文"), roles=("officer", "head", "leader"), scope="organ")
permit("notice.urge", N_("催办公文"), roles=("supervisor",), scope="city")
permit("notice.void", N_("作废与重发公文"), roles=("supervisor", "leader"), scope="organ")


@dataclass(frozen=True)
class Progress:
    """How far a batch is: papers in it, archived and delivered, and stopped after their last try."""

    size: int
    delivered: int
    stopped: int

    @property
    def is_done(self) -> bool:
        """Whether nothing is left that could still change by itself."""
        return self.delivered + self.stopped >= self.size


def answer_notice(unit: Unit, *, notice_id: int, words: str, attachments: Sequence[int] = ()) -> None:
    """回复: the addressee's written answer, once; answering signs for the paper too.

    Raises Invalid without words, NotDue for papers that ask for none or are answered in their own process, Outdated
    when it was answered or voided meanwhile.
    """
    row = lock_notice(unit.session, notice_id)
    unit.require("notice.answer", organ_ids=[row.to_organ_id])
    if row.kind not in ANSWERED or row.delivered_at is None:
        raise NotDue(N_("这件公文不用在这里回复。"))
    if row.answered_at is not None or row.voided_at is not None:
        raise Outdated(N_("%(number)s已经回复或者已经作废。"), number=row.number)
    said = words.strip()
    if not said or len(said) > LONGEST_ANSWER:
        raise Invalid(N_("填写有误"), fields={"words": N_("请写明回复内容，不超过2000字。")})
    if attachments:
        check_evidence(unit.session, row.project_id or 0, attachments)
    row.answered_at, row.answered_by_id = unit.now, unit.actor.officer_id
    row.answer = {"words": said, "attachments": list(attachments)}
    if row.acknowledged_at is None:
        row.acknowledged_at, row.acknowledged_by_id = unit.now, unit.actor.officer_id
    unit.post("tell.notice", f"answered:{row.id}", {"what": "answered", "notice": row.id, "to": "issuer"})
    unit.trace("notice.answer", "notice", row.id, {"number": row.number})


def urge_notices(unit: Unit, *, notice_ids: Sequence[int], supplement: str = "") -> int:
    """催办: a 催办通知书 for each overdue paper, as one batch, in the name of the actor's own organ; returns the batch's id.

    Raises Invalid for none or more than MOST_AT_ONCE, NotDue naming the first that is not overdue, so that nothing
    is issued half-way.
    """
    unit.require("notice.urge")
    if not 0 < len(set(notice_ids)) <= MOST_AT_ONCE:
        raise Invalid(N_("请选择要催办的公文，一次最多%(most)s件。"), most=MOST_AT_ONCE)
    if unit.actor.organ_id is None:
        raise NotPermitted(N_("系统不催办公文。"))
    papers = _lock_overdue(unit, set(notice_ids))
    batch = _open_batch(unit, N_("催办通知书"), unit.actor.organ_id, len(papers))
    for paper, project in papers:
        _urge(unit, paper, project, batch, supplement.strip()[:LONGEST_REASON])
    return batch.id


def overdue(today: date) -> tuple[ColumnElement[bool], ...]:
    """The conditions of delivered papers whose answer is late and that no urge is under way for.

    A paper that went to many is signed for by each and answered by none, so nobody is urged to answer it.
    """
    urge = aliased(Notice)
    waiting = exists().where(
        urge.about_id == Notice.id, urge.kind == "urge", urge.answered_at.is_(None), urge.voided_at.is_(None),
        urge.due_on >= today,
    )  # fmt: skip
    return (
        Notice.kind.in_(URGED), Notice.delivered_at.is_not(None), Notice.due_on < today,
        Notice.answered_at.is_(None), Notice.closed_at.is_(None), Notice.voided_at.is_(None), not_(waiting),
        not_(to_many()),
    )  # fmt: skip


def void_notice(unit: Unit, *, notice_id: int, reason: str) -> None:
    """作废: the paper has no force any more; its number stays in the register with the reason and is not used again.

    Raises Invalid without a reason, Outdated when it is void already, NotDue once it was closed out.
    """
    row = lock_notice(unit.session, notice_id)
    unit.require("notice.void", organ_ids=[row.organ_id])
    _void(unit, row, reason)


def reissue_notice(unit: Unit, *, notice_id: int, reason: str, changes: Mapping[str, Any]) -> Issued:
    """作废重发: a new version under a new number that cites the old, which is voided in the same act.

    `changes` are fields of the letter that the new version says differently. Raises as void_notice does.
    """
    row = lock_notice(unit.session, notice_id)
    unit.require("notice.void", organ_ids=[row.organ_id])
    _void(unit, row, reason)
    drop = {
        "number",
        "verify_code",
        *(() if row.to_organ_id == row.organ_id else ("to",)),
    }  # one to many names them itself
    letter = {name: value for name, value in row.letter.items() if name not in drop}
    return issue_notice(
        unit,
        kind=row.kind,
        organ_id=row.organ_id,
        to_organ_id=row.to_organ_id,
        project_id=row.project_id,
        process_id=row.process_id,
        title=row.title,
        letter={**letter, **changes, "date": unit.today.isoformat(), "replaces": row.number},
        about_id=row.id,
        also_to=[each.organ_id for each in deliveries_of(unit.session, row.id)],
    )


def replacement_of(session: Session, notice: Notice) -> Notice | None:
    """The paper that took this one's place; None when none did."""
    query = select(Notice).where(Notice.about_id == notice.id, Notice.kind == notice.kind)
    return session.scalars(query.order_by(Notice.id.desc()).limit(1)).first()


def progress_of(session: Session, batch_id: int) -> Progress:
    """How far the batch is; one query."""
    stopped = select(func.count(Notice.id)).join(Envelope, _MADE_BY).where(*_stopped(batch_id))
    delivered = select(func.count()).where(Notice.batch_id == batch_id, Notice.delivered_at.is_not(None))
    size = select(NoticeBatch.size).where(NoticeBatch.id == batch_id)
    row = session.execute(select(size.scalar_subquery(), delivered.scalar_subquery(), stopped.scalar_subquery())).one()
    return Progress(row[0] or 0, row[1], row[2])


def find_batch(unit: Unit, batch_id: int) -> NoticeBatch:
    """The batch, if the actor may supervise; raises NotFound."""
    row = unit.session.get(NoticeBatch, batch_id)
    if row is None or not unit.actor.may("notice.urge"):
        raise NotFound(N_("没有找到这一批公文。"))
    return row


def stopped_papers(session: Session, batch_id: int) -> list[str]:
    """Numbers of the papers of a batch that could not be made after the last try; the administrator can have them retried."""
    query = select(Notice.number).join(Envelope, _MADE_BY).where(*_stopped(batch_id))
    return list(session.scalars(query.order_by(Notice.id)))


def _stopped(batch_id: int) -> tuple[ColumnElement[bool], ...]:
    return Notice.batch_id == batch_id, Envelope.state == "dead"


def _void(unit: Unit, row: Notice, reason: str) -> None:
    if not reason.strip():
        raise Invalid(N_("请写明原因。"), fields={"reason": N_("请写明作废的原因，登记簿上长期保留。")})
    if row.voided_at is not None:
        raise Outdated(N_("%(number)s已经作废。"), number=row.number)
    if row.closed_at is not None:
        raise NotDue(N_("已销号的公文不能作废；内容有误的，请发更正。"))
    row.voided_at, row.voided_by, row.void_reason = unit.now, unit.actor.name, reason.strip()[:LONGEST_REASON]
    if row.delivered_at is not None:
        unit.post("tell.notice", f"voided:{row.id}", {"what": "voided", "notice": row.id, "to": "addressee"})
    unit.trace("notice.void", "notice", row.id, {"number": row.number, "reason": row.void_reason})


def _lock_overdue(unit: Unit, notice_ids: set[int]) -> list[tuple[Notice, Project | None]]:
    """The papers with their projects, locked in the order of their ids; three queries however many they are."""
    locked = select(Notice).where(Notice.id.in_(notice_ids)).order_by(Notice.id).with_for_update()
    papers = unit.session.scalars(locked.execution_options(populate_existing=True)).all()
    if len(papers) != len(notice_ids):
        raise NotFound(N_("没有找到这件公文。"))
    late = set(unit.session.scalars(select(Notice.id).where(Notice.id.in_(notice_ids), *overdue(unit.today))))
    if early := next((paper for paper in papers if paper.id not in late), None):
        raise NotDue(N_("%(number)s没有逾期，或者已经回复、催办，不用再催。"), number=early.number)
    wanted = {paper.project_id for paper in papers}
    projects = {row.id: row for row in unit.session.scalars(select(Project).where(Project.id.in_(wanted)))}
    return [(paper, projects.get(paper.project_id or 0)) for paper in papers]


def _open_batch(unit: Unit, title: str, organ_id: int, size: int) -> NoticeBatch:
    batch = NoticeBatch(title=title, organ_id=organ_id, made_at=unit.now, made_by=unit.actor.name, size=size)
    unit.session.add(batch)
    unit.session.flush()  # its papers need its number
    unit.trace("notice.batch", "notice_batch", batch.id, {"title": title, "size": size})
    return batch


def _urge(unit: Unit, paper: Notice, project: Project | None, batch: NoticeBatch, supplement: str) -> None:
    was_due = paper.due_on
    assert was_due is not None, "only overdue papers are urged"
    calendar = load_calendar(unit.session)
    issue_notice(
        unit,
        kind="urge",
        organ_id=batch.organ_id,
        to_organ_id=paper.to_organ_id,
        project_id=paper.project_id,
        process_id=None,
        title=f"关于{project.name if project else paper.number}的{KINDS['urge']}",
        letter={
            "date": unit.today.isoformat(),
            "project": project.name if project else "",
            "project_no": project.project_no if project else "",
            "demo": bool(paper.letter.get("demo")),
            "signer": unit.actor.name,
            "about_number": paper.number,
            "about_title": paper.title,
            "about_date": local_day(paper.issued_at).isoformat(),
            "matter": "；".join(paper.letter.get("facts") or ()) or str(paper.letter.get("subject") or paper.title),
            "was_due_on": was_due.isoformat(),
            "overdue_days": calendar.working_days_between(was_due, unit.today),
            "due_on": local_day(due_after(unit, "urge")).isoformat(),
            "supplement": supplement,
        },
        about_id=paper.id,
        batch_id=batch.id,
    )

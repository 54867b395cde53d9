"""公文清单: which papers one may see, in what state each is, and what the public learns of one by its code."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, select, true
from sqlalchemy.orm import Session, aliased

from models.board import mine, seen_notices, signed_by, unanswered
from models.delivery import Delivery
from models.notice import Notice
from models.notice_life import overdue
from models.officer import Officer
from models.organ import Organ
from models.process import Process, WorkItem
from models.project import BUSINESS, Project
from models.receipt import to_many
from models.refusal import NotFound
from models.texts import N_
from models.unit import Actor, Unit

PAGE = 30
NOBODY = 0  # no organ has this number: the addressee of a paper to many, to its sender
STATES = ("all", "unsigned", "overdue", "signed", "answered", "closed", "voided")


@dataclass(frozen=True)
class NoticeLine:
    """One paper as lists and its page show it; `letter` is the frozen data it was rendered from.

    Of a paper to many the addressee's own organ, looks and signature; to others `to_organ_id` is NOBODY, and
    `acknowledged_at` is when the last of them signed.
    """

    id: int
    kind: str
    number: str
    title: str
    code: str
    organ_id: int
    to_organ_id: int
    project_id: int | None
    process_id: int | None
    project: str | None
    issuer_zh: str
    issuer_en: str
    to_zh: str
    to_en: str
    letter: Any
    issued_at: datetime
    issued_by: str
    sha256: str | None
    size: int | None
    delivered_at: datetime | None
    opened_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    closed_at: datetime | None
    due_on: date | None
    about_id: int | None
    batch_id: int | None
    signed_as: str | None
    signature_level: str | None
    chased_at: datetime | None
    answered_at: datetime | None
    answered_by: str | None
    answer: Any
    voided_at: datetime | None
    voided_by: str | None
    void_reason: str | None
    altered_at: datetime | None
    addressees: int  # of a paper that went to many; 0 for one that went to one
    receipts: int  # how many of them have signed

    @property
    def is_to_many(self) -> bool:
        """Whether this is how its sender sees a paper to many; each addressee sees it as if it had gone to it alone."""
        return self.addressees > 0 and self.to_organ_id == NOBODY

    @property
    def put_right_by(self) -> str:
        """The day by which a 整改通知书 wants all of it done, ISO; "" for other papers."""
        letter = self.letter if isinstance(self.letter, dict) else {}
        return str(letter.get("due_on") or "") if letter.get("receipt_on") else ""


def notice_page(unit: Unit, state: str = "all", *, after: int | None = None, limit: int = PAGE) -> list[NoticeLine]:
    """Papers the actor may see, newest first, one more than a page when there are more; one query."""
    query = _lines(unit.actor).where(_seen(unit.actor), _in_state(unit, state))
    if after:
        query = query.where(Notice.id < after)
    return [NoticeLine(*row) for row in unit.session.execute(query.order_by(Notice.id.desc()).limit(limit + 1))]


def notice_counts(unit: Unit) -> dict[str, int]:
    """How many papers the list holds in each of STATES; one query."""
    counted = [
        select(func.count()).select_from(Notice).where(_seen(unit.actor), _in_state(unit, state)).scalar_subquery()
        for state in STATES
    ]
    return dict(zip(STATES, unit.session.execute(select(*counted)).one(), strict=True))


def unanswered_notices(unit: Unit, limit: int = PAGE) -> list[NoticeLine]:
    """Delivered papers that nobody has signed for, oldest first; one query."""
    query = _lines(unit.actor).where(*unanswered(unit)).order_by(Notice.id).limit(limit)
    return [NoticeLine(*row) for row in unit.session.execute(query)]


def find_notice_line(unit: Unit, notice_id: int) -> NoticeLine:
    """The paper, if the actor may see it; raises NotFound."""
    row = unit.session.execute(_lines(unit.actor).where(Notice.id == notice_id, _seen(unit.actor))).first()
    if row is None:
        raise NotFound(N_("没有找到这件公文。"))
    return NoticeLine(*row)


def receipt_items(unit: Unit, process_ids: Iterable[int | None]) -> dict[int, int]:
    """The open 签收回执 of these rectifications: work item by process; signing there signs for the paper too."""
    wanted = {each for each in process_ids if each}
    query = select(WorkItem.process_id, WorkItem.id).where(
        WorkItem.process_id.in_(wanted), WorkItem.form == "receipt", WorkItem.state == "ready",
    )  # fmt: skip
    return dict(unit.session.execute(query).all()) if wanted else {}


def is_addressee(actor: Actor, to_organ_id: int) -> bool:
    """Whether the actor works for the organ a paper is addressed to."""
    return any(grant.organ_id == to_organ_id and grant.role in BUSINESS for grant in actor.grants)


def overdue_ids(unit: Unit, limit: int = PAGE, *, only: int | None = None) -> list[int]:
    """The papers the actor may see whose answer is late, the oldest first; or whether `only` is one of them."""
    query = select(Notice.id).where(_seen(unit.actor), *overdue(unit.today)).order_by(Notice.id).limit(limit)
    return list(unit.session.scalars(query.where(Notice.id == only) if only else query))


def _seen(actor: Actor) -> ColumnElement[bool]:
    """Drafts that are being rendered are no papers yet: only those who see everything know of them."""
    seen = seen_notices(actor)
    return seen if _sees_all(actor) else seen & Notice.delivered_at.is_not(None)


def _sees_all(actor: Actor) -> bool:
    return any(grant.city and grant.role in BUSINESS for grant in actor.grants) or actor.is_house


def sees_receipts(actor: Actor, organ_id: int) -> bool:
    """Whether an actor is told who has signed for a paper that an organ sent to many: the sender, and who sees everything."""
    return _sees_all(actor) or organ_id in mine(actor)


def _in_state(unit: Unit, state: str) -> ColumnElement[bool]:
    if state in ("unsigned", "overdue"):
        return and_(*(unanswered(unit) if state == "unsigned" else overdue(unit.today)))
    return {
        "signed": signed_by(unit.actor) & Notice.closed_at.is_(None) & Notice.answered_at.is_(None),
        "answered": Notice.answered_at.is_not(None),
        "closed": Notice.closed_at.is_not(None),
        "voided": Notice.voided_at.is_not(None),
    }.get(state, true())


def _lines(actor: Actor) -> Select[Any]:
    issuer, to, signer, answerer = aliased(Organ), aliased(Organ), aliased(Officer), aliased(Officer)
    sent, own = _own_delivery(actor)

    def seen(name: str) -> ColumnElement[Any]:
        """The addressee's own look, signature or chase; the paper's where it has none of its own."""
        return case((own.id.is_not(None), getattr(own, name)), else_=getattr(Notice, name))

    addressee = case((own.id.is_not(None), own.organ_id), else_=Notice.to_organ_id)
    of_paper = select(func.count(Delivery.id)).where(Delivery.notice_id == Notice.id)
    named: dict[str, Any] = {
        "project": Project.name, "issuer_zh": issuer.name_zh, "issuer_en": issuer.name_en, "to_zh": to.name_zh,
        "to_en": to.name_en, "acknowledged_by": signer.name, "answered_by": answerer.name,
        "to_organ_id": case((own.id.is_(None) & to_many(), literal(NOBODY)), else_=addressee),
        "opened_at": seen("opened_at"), "acknowledged_at": seen("acknowledged_at"), "chased_at": seen("chased_at"),
        "addressees": of_paper.correlate(Notice).scalar_subquery(),
        "receipts": of_paper.where(Delivery.acknowledged_at.is_not(None)).correlate(Notice).scalar_subquery(),
    }  # fmt: skip
    columns: list[Any] = [named.get(each.name, getattr(Notice, each.name, None)) for each in fields(NoticeLine)]
    return (
        select(*columns)
        .join(issuer, issuer.id == Notice.organ_id)
        .outerjoin(own, own.id == sent)
        .join(to, to.id == addressee)
        .outerjoin(Project, Project.id == Notice.project_id)
        .outerjoin(signer, signer.id == seen("acknowledged_by_id"))
        .outerjoin(answerer, answerer.id == Notice.answered_by_id)
    )


def _own_delivery(actor: Actor) -> tuple[ColumnElement[Any], type[Delivery]]:
    """Which delivery of a paper to many is the actor's own, one that waits for a signature first; none for its sender."""
    own = mine(actor)
    sent = (
        select(Delivery.id)
        .where(Delivery.notice_id == Notice.id, Delivery.organ_id.in_(own), Notice.organ_id.not_in(own))
        .order_by(Delivery.acknowledged_at.is_not(None), Delivery.organ_id)
        .limit(1)
        .correlate(Notice)
        .scalar_subquery()
    )
    return sent, aliased(Delivery)


def newest_by_mechanism(session: Session, kind: str) -> dict[str, Notice]:
    """The paper of this kind that each mechanism sent through 发文办理 last, by the mechanism's word.

    Papers that no process waits for stand together under `dispatch`.
    """
    dispatched, begun = aliased(Process), aliased(Process)
    word = func.coalesce(begun.key, dispatched.key)
    query = (
        select(word, func.max(Notice.id))
        .join(dispatched, dispatched.id == Notice.process_id)
        .join(begun, begun.id == dispatched.parent_id, isouter=True)
        .where(Notice.kind == kind, dispatched.key == "dispatch")
        .group_by(word)
    )
    return {word: session.get_one(Notice, number) for word, number in session.execute(query)}

"""公文清单: which papers one may see, in what state each is, and what the public learns of one by its code."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select, true
from sqlalchemy.orm import aliased

from models.board import seen_notices, unanswered
from models.notice import Notice
from models.notice_life import overdue
from models.officer import Officer
from models.organ import Organ
from models.process import WorkItem
from models.project import BUSINESS, Project
from models.refusal import NotFound
from models.texts import N_
from models.unit import Actor, Unit

PAGE = 30
STATES = ("all", "unsigned", "overdue", "signed", "answered", "closed", "voided")


@dataclass(frozen=True)
class NoticeLine:
    """One paper as lists and its page show it; `letter` is the frozen data it was rendered from."""

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

    @property
    def put_right_by(self) -> str:
        """The day by which a 整改通知书 wants all of it done, ISO; "" for other papers."""
        letter = self.letter if isinstance(self.letter, dict) else {}
        return str(letter.get("due_on") or "") if letter.get("receipt_on") else ""


def notice_page(unit: Unit, state: str = "all", *, after: int | None = None, limit: int = PAGE) -> list[NoticeLine]:
    """Papers the actor may see, newest first, one more than a page when there are more; one query."""
    query = _lines().where(_seen(unit.actor), _in_state(unit, state))
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
    query = _lines().where(*unanswered(unit)).order_by(Notice.id).limit(limit)
    return [NoticeLine(*row) for row in unit.session.execute(query)]


def find_notice_line(unit: Unit, notice_id: int) -> NoticeLine:
    """The paper, if the actor may see it; raises NotFound."""
    row = unit.session.execute(_lines().where(Notice.id == notice_id, _seen(unit.actor))).first()
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
    everything = any(grant.city and grant.role in BUSINESS for grant in actor.grants) or actor.is_house
    return seen if everything else seen & Notice.delivered_at.is_not(None)


def _in_state(unit: Unit, state: str) -> ColumnElement[bool]:
    if state in ("unsigned", "overdue"):
        return and_(*(unanswered(unit) if state == "unsigned" else overdue(unit.today)))
    return {
        "signed": Notice.acknowledged_at.is_not(None) & Notice.closed_at.is_(None) & Notice.answered_at.is_(None),
        "answered": Notice.answered_at.is_not(None),
        "closed": Notice.closed_at.is_not(None),
        "voided": Notice.voided_at.is_not(None),
    }.get(state, true())


def _lines() -> Select[Any]:
    issuer, to, signer, answerer = aliased(Organ), aliased(Organ), aliased(Officer), aliased(Officer)
    named: dict[str, Any] = {
        "project": Project.name, "issuer_zh": issuer.name_zh, "issuer_en": issuer.name_en, "to_zh": to.name_zh,
        "to_en": to.name_en, "acknowledged_by": signer.name, "answered_by": answerer.name,
    }  # fmt: skip
    columns: list[Any] = [named.get(each.name, getattr(Notice, each.name, None)) for each in fields(NoticeLine)]
    return (
        select(*columns)
        .join(issuer, issuer.id == Notice.organ_id)
        .join(to, to.id == Notice.to_organ_id)
        .outerjoin(Project, Project.id == Notice.project_id)
        .outerjoin(signer, signer.id == Notice.acknowledged_by_id)
        .outerjoin(answerer, answerer.id == Notice.answered_by_id)
    )

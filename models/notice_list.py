"""公文清单: which papers one may see, in what state each is, and what the public learns of one by its code."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, true
from sqlalchemy.orm import aliased

from models.board import seen_notices, unanswered
from models.notice import Notice
from models.officer import Officer
from models.organ import Organ
from models.process import WorkItem
from models.project import BUSINESS, Project
from models.refusal import NotFound
from models.texts import N_
from models.unit import Actor, Unit

PAGE = 30
STATES = ("all", "unsigned", "signed", "closed")


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

    @property
    def due_on(self) -> str:
        """The day by which an answer is expected, ISO; "" when the letter names none."""
        letter = self.letter if isinstance(self.letter, dict) else {}
        return str(letter.get("receipt_on") or letter.get("due_on") or "")

    @property
    def put_right_by(self) -> str:
        """The day by which a 整改通知书 wants all of it done, ISO; "" for other papers."""
        letter = self.letter if isinstance(self.letter, dict) else {}
        return str(letter.get("due_on") or "") if letter.get("receipt_on") else ""


@dataclass(frozen=True)
class PublicNotice:
    """公文验真。 All that a stranger with the code may know: nothing of the project and nothing of the text."""

    number: str
    organ_zh: str
    organ_en: str
    issued_at: datetime
    sha256: str
    closed: bool


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


def public_notice(unit: Unit, code: str) -> PublicNotice | None:
    """What anybody may know of a delivered paper by the code on it; None for an unknown code. One query either way."""
    query = (
        select(Notice.number, Organ.name_zh, Organ.name_en, Notice.issued_at, Notice.sha256, Notice.closed_at)
        .join(Organ, Organ.id == Notice.organ_id)
        .where(Notice.code == code, Notice.delivered_at.is_not(None))
    )
    row = unit.session.execute(query).first()
    return PublicNotice(*row[:4], sha256=row.sha256 or "", closed=row.closed_at is not None) if row else None


def _seen(actor: Actor) -> ColumnElement[bool]:
    """Drafts that are being rendered are no papers yet: only those who see everything know of them."""
    seen = seen_notices(actor)
    everything = any(grant.city and grant.role in BUSINESS for grant in actor.grants) or actor.is_house
    return seen if everything else seen & Notice.delivered_at.is_not(None)


def _in_state(unit: Unit, state: str) -> ColumnElement[bool]:
    if state == "unsigned":
        first, *others = unanswered(unit)
        for other in others:
            first = first & other
        return first
    signed = Notice.acknowledged_at.is_not(None) & Notice.closed_at.is_(None)
    return {"signed": signed, "closed": Notice.closed_at.is_not(None)}.get(state, true())


def _lines() -> Select[Any]:
    issuer, to, signer = aliased(Organ), aliased(Organ), aliased(Officer)
    named: dict[str, Any] = {
        "project": Project.name, "issuer_zh": issuer.name_zh, "issuer_en": issuer.name_en, "to_zh": to.name_zh,
        "to_en": to.name_en, "acknowledged_by": signer.name,
    }  # fmt: skip
    columns: list[Any] = [named.get(each.name, getattr(Notice, each.name, None)) for each in fields(NoticeLine)]
    return (
        select(*columns)
        .join(issuer, issuer.id == Notice.organ_id)
        .join(to, to.id == Notice.to_organ_id)
        .outerjoin(Project, Project.id == Notice.project_id)
        .outerjoin(signer, signer.id == Notice.acknowledged_by_id)
    )

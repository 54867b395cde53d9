"""公文: numbered from a gapless series at issue, rendered afterwards, delivered only once archived, never rendered anew."""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, String, UniqueConstraint, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, Json, Key, Moment
from models.delivery import Delivery, deliver_each, deliveries_of
from models.limits import due_after
from models.organ import organ_of
from models.permit import permit
from models.refusal import NotDue, NotFound, Outdated
from models.texts import N_
from models.unit import Unit

KINDS = {
    "reminder": N_("提醒函"),
    "supervision": N_("督办通知单"),
    "urge": N_("催办通知书"),
    "extension": N_("延期审批单"),
    "rectification": N_("整改通知书"),
    "report": N_("整改报告"),
    "close_out": N_("销号单"),
    "talk": N_("约谈通知书"),
    "special_report": N_("专报"),
    "coordination": N_("协调函"),
    "letter": N_("函"),
    "correction": N_("更正"),
    "bulletin": N_("通报"),
    "verification_report": N_("核查报告"),
    "assessment_result": N_("考核结果"),
    "publicity": N_("公示"),
    "admonition": N_("约谈通知书（考核）"),
    "talk_record": N_("约谈记录"),
    "commendation": N_("表彰决定"),
}
KIND_MARKS = {  # 默认值: after 机关代字, the kind in one character, so that each series has numbers of its own
    "reminder": "提",
    "supervision": "督",
    "urge": "催",
    "extension": "延",
    "rectification": "改",
    "report": "整",
    "close_out": "销",
    "talk": "约",
    "special_report": "报",
    "coordination": "协",
    "letter": "函",
    "correction": "正",
    "bulletin": "通",
    "verification_report": "核",
    "assessment_result": "考",
    "publicity": "示",
    "admonition": "谈",
    "talk_record": "录",
    "commendation": "表",
}
UNSIGNED = (
    "extension",
    "report",
    "close_out",
    "publicity",
    "talk_record",
)  # 不需签收: what is filed or posted, not asked
CHASED = (  # 签收逾期即催收一次
    "reminder", "supervision", "urge", "talk", "coordination", "letter", "correction", "bulletin", "verification_report",
    "assessment_result", "admonition", "commendation",
)  # fmt: skip

permit("notice.view", N_("查看公文"), roles=("officer", "head", "supervisor", "leader"), scope="city")
permit("notice.acknowledge", N_("签收公文"), roles=("officer", "head", "leader"), scope="organ")


class NoticeSeries(Base):
    """发文编号。 The last serial given out for an organ, kind and year; its row is the lock that keeps numbers gapless."""

    __tablename__ = "notice_series"
    __table_args__ = (UniqueConstraint("organ_id", "kind", "year"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    organ_id: Mapped[int] = mapped_column(ForeignKey("organ.id"))
    kind: Mapped[str] = mapped_column(String(20))
    year: Mapped[int] = mapped_column(Integer)
    last: Mapped[int] = mapped_column(Integer)


class NoticeBatch(Base):
    """批次。 Papers issued by one act; how far they are is counted from them."""

    __tablename__ = "notice_batch"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    title: Mapped[str] = mapped_column(String(120))
    organ_id: Mapped[int] = mapped_column(ForeignKey("organ.id"))
    made_at: Mapped[datetime] = mapped_column(Moment)
    made_by: Mapped[str] = mapped_column(String(80))
    size: Mapped[int] = mapped_column(Integer)


class Notice(Base):
    """公文。 `letter` is the frozen data it was rendered from; `sha256` names the archived file once there is one.

    `about_id` is the paper this one urges, corrects, extends, answers, closes out or (of the same kind) replaces.
    """

    __tablename__ = "notice"
    __table_args__ = (
        UniqueConstraint("organ_id", "kind", "year", "serial"),
        Index("ix_notice_to", "to_organ_id", "id"),
        Index("ix_notice_project", "project_id"),
        Index("ix_notice_about", "about_id"),
        Index("ix_notice_sha256", "sha256"),
        Index("ix_notice_batch", "batch_id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    organ_id: Mapped[int] = mapped_column(ForeignKey("organ.id"))
    to_organ_id: Mapped[int] = mapped_column(ForeignKey("organ.id"))
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id"))
    process_id: Mapped[int | None] = mapped_column(ForeignKey("process.id"))
    year: Mapped[int] = mapped_column(Integer)
    serial: Mapped[int] = mapped_column(Integer)
    number: Mapped[str] = mapped_column(String(60))
    title: Mapped[str] = mapped_column(String(200))
    letter: Mapped[Any] = mapped_column(Json)
    code: Mapped[str] = mapped_column(String(24), unique=True)  # on the QR code; says nothing by itself
    issued_at: Mapped[datetime] = mapped_column(Moment)
    issued_by: Mapped[str] = mapped_column(String(80))
    sha256: Mapped[str | None] = mapped_column(String(64))
    size: Mapped[int | None] = mapped_column(Integer)
    delivered_at: Mapped[datetime | None] = mapped_column(Moment)
    opened_at: Mapped[datetime | None] = mapped_column(Moment)
    acknowledged_at: Mapped[datetime | None] = mapped_column(Moment)
    acknowledged_by_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    closed_at: Mapped[datetime | None] = mapped_column(Moment)  # 销号
    due_on: Mapped[date | None]  # by when the addressee is to sign or answer; None when the letter names no day
    about_id: Mapped[int | None] = mapped_column(ForeignKey("notice.id"))
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("notice_batch.id"))
    printed_sha256: Mapped[str | None] = mapped_column(String(64))  # of the pages before they were signed
    signed_as: Mapped[str | None] = mapped_column(String(200))  # subject of the certificate; None: issued unsealed
    signature_level: Mapped[str | None] = mapped_column(String(10))
    chased_at: Mapped[datetime | None] = mapped_column(Moment)  # nobody signed for it in time, and who must was told
    answered_at: Mapped[datetime | None] = mapped_column(Moment)
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    answer: Mapped[Any] = mapped_column(Json, nullable=True)
    voided_at: Mapped[datetime | None] = mapped_column(Moment)
    voided_by: Mapped[str | None] = mapped_column(String(80))
    void_reason: Mapped[str | None] = mapped_column(String(500))
    altered_at: Mapped[datetime | None] = mapped_column(
        Moment
    )  # the nightly count found another file than was archived


@dataclass(frozen=True)
class Issued:
    """What the issuing mechanism needs of the notice it just numbered."""

    id: int
    number: str
    code: str


def issue_notice(
    unit: Unit,
    *,
    kind: str,
    organ_id: int,
    to_organ_id: int,
    project_id: int | None,
    process_id: int | None,
    title: str,
    letter: Mapping[str, Any],
    about_id: int | None = None,
    batch_id: int | None = None,
    also_to: Iterable[int] = (),
) -> Issued:
    """签发: take the next number, freeze the letter's data and leave it to be rendered. The caller checked who may.

    Issuer, addressee and seal are those of the organs, unless the letter names others. The number is taken in the
    same transaction as the row, so a rolled-back issue leaves no gap. `also_to` are the addressees of a paper that goes to
    many: it has its issuer as `to_organ_id`, names them in the letter's `to`, and each of them signs for itself.
    """
    year = unit.today.year
    serial = _next_serial(unit.session, organ_id, kind, year)
    issuer = organ_of(unit.session, organ_id)
    number = f"{issuer.number_mark}{KIND_MARKS[kind]}〔{year}〕{serial}号"
    code = secrets.token_urlsafe(12)
    frozen = {
        "kind": kind,
        **parties(unit.session, organ_id, to_organ_id),
        **letter,
        "number": number,
        "verify_code": code,
    }
    row = Notice(
        kind=kind,
        organ_id=organ_id,
        to_organ_id=to_organ_id,
        project_id=project_id,
        process_id=process_id,
        year=year,
        serial=serial,
        number=number,
        title=title[:200],
        letter=frozen,
        code=code,
        issued_at=unit.now,
        issued_by=unit.actor.name,
        due_on=answer_by(letter),
        about_id=about_id,
        batch_id=batch_id,
    )
    unit.session.add(row)
    unit.session.flush()  # the envelope needs the id
    unit.session.add_all(Delivery(notice_id=row.id, organ_id=each) for each in _addressees(row, also_to))
    unit.post("render", f"render:{row.id}", {"notice": row.id})
    unit.trace("notice.issue", "notice", row.id, {"number": number, "kind": kind, "to": to_organ_id})
    return Issued(row.id, number, code)


def _addressees(row: Notice, also_to: Iterable[int]) -> list[int]:
    """Who gets a paper that goes to many; nobody is sent what it issued itself, and a paper to one has no list."""
    many = set(also_to) - {row.organ_id, row.to_organ_id}
    return sorted((many | {row.to_organ_id}) - {row.organ_id}) if many else []


def answer_by(letter: Mapping[str, Any]) -> date | None:
    """The day by which a letter wants to be signed for or answered; None when it names none."""
    named = letter.get("receipt_on") or letter.get("due_on")
    return date.fromisoformat(named) if named else None


def parties(session: Session, organ_id: int, to_organ_id: int) -> dict[str, Any]:
    """Who writes and to whom, as a letter prints them; a government's seal is 45 mm wide, a department's 42."""
    issuer = organ_of(session, organ_id)
    government = issuer.kind == "district"
    return {
        "issuer": issuer.signature,
        "to": organ_of(session, to_organ_id).addressed,
        "seal_mm": 45 if government else 42,
    }


def _next_serial(session: Session, organ_id: int, kind: str, year: int) -> int:
    # One statement, because two issuers of the year's first number must meet on the same row.
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    first = dialect.insert(NoticeSeries).values(organ_id=organ_id, kind=kind, year=year, last=1)
    raised = first.on_conflict_do_update(
        index_elements=["organ_id", "kind", "year"],
        set_={"last": NoticeSeries.last + 1},
    )
    return int(session.execute(raised.returning(NoticeSeries.last)).scalar_one())


@dataclass(frozen=True)
class Archived:
    """What the archive keeps of a printed paper; without a certificate it was issued unsealed and `signed_as` is None."""

    sha256: str
    size: int
    printed_sha256: str
    signed_as: str | None = None
    signature_level: str | None = None


def deliver_notice(unit: Unit, *, notice_id: int, archived: Archived) -> None:
    """送达: the archived file is now the notice; from here on nothing about it is made anew."""
    row = find_notice(unit.session, notice_id)
    if row.sha256 is not None:
        return
    for name, value in vars(archived).items():
        setattr(row, name, value)
    row.delivered_at = unit.now
    many = deliver_each(unit.session, notice_id, unit.now)
    if row.kind in CHASED:
        _chase_later(unit, notice_id, many)
    unit.trace("notice.deliver", "notice", notice_id, {"sha256": archived.sha256, "signed_as": archived.signed_as})


def _chase_later(unit: Unit, notice_id: int, many: Iterable[int]) -> None:
    """One envelope for each addressee, so that each is chased by itself."""
    chase_at = due_after(unit, "sign_for")
    for organ_id in many:
        told = {"notice": notice_id, "organ": organ_id}
        unit.post("notice.chase", f"notice.chase:{notice_id}:{organ_id}", told, due_at=chase_at)
    if not many:
        unit.post("notice.chase", f"notice.chase:{notice_id}", {"notice": notice_id}, due_at=chase_at)


def acknowledge_notice(unit: Unit, *, notice_id: int) -> None:
    """签收: an officer of the addressee signs for it, of one of many for that one; the last to sign signs for the paper too.

    Raises Outdated when it is signed for or void, NotDue when its process asks for the receipt, NotPermitted for others.
    """
    row = lock_notice(unit.session, notice_id)  # so that of two addressees who sign at once one is the last
    many = deliveries_of(unit.session, notice_id)
    unit.require("notice.acknowledge", organ_ids=[each.organ_id for each in many] or [row.to_organ_id])
    if row.kind == "rectification":
        raise NotDue(N_("整改通知书请在“签收回执”事项中签收，并写明由谁负责整改。"))
    if row.voided_at is not None:
        raise Outdated(N_("%(number)s已作废，不用签收。"), number=row.number)
    signing: list[Delivery | Notice] = [*_own(unit, many)] if many else [row]
    waiting = next((each for each in signing if each.acknowledged_at is None), None)
    if waiting is None:
        raise Outdated(N_("%(number)s已签收。"), number=row.number)
    waiting.acknowledged_at, waiting.acknowledged_by_id = unit.now, unit.actor.officer_id
    if many and all(each.acknowledged_at for each in many):
        row.acknowledged_at, row.acknowledged_by_id = unit.now, unit.actor.officer_id
    signed_for = {"organ": waiting.organ_id} if many else {}
    unit.trace("notice.acknowledge", "notice", notice_id, {"number": row.number, **signed_for})


def _own(unit: Unit, many: Iterable[Delivery]) -> list[Delivery]:
    """The deliveries of a paper that the actor may sign for."""
    return [each for each in many if unit.actor.may("notice.acknowledge", [each.organ_id])]


def open_notice(unit: Unit, *, notice_id: int) -> None:
    """拆阅: an addressee's first look at the paper; later ones change nothing. NotPermitted for others."""
    row = find_notice(unit.session, notice_id)
    many = deliveries_of(unit.session, notice_id)
    unit.require("notice.acknowledge", organ_ids=[each.organ_id for each in many] or [row.to_organ_id])
    opening: list[Delivery | Notice] = [*_own(unit, many)] if many else [row]
    for each in opening:
        if each.opened_at is None:
            each.opened_at = unit.now
            opened = {"organ": each.organ_id} if many else {}
            unit.trace("notice.open", "notice", notice_id, {"number": row.number, **opened})


def find_notice(session: Session, notice_id: int) -> Notice:
    """The notice; raises NotFound."""
    row = session.get(Notice, notice_id)
    if row is None:
        raise NotFound(N_("没有找到这件公文。"))
    return row


def notice_by_code(session: Session, code: str) -> Notice | None:
    """The notice whose QR code says this; None when there is none."""
    return session.scalars(select(Notice).where(Notice.code == code)).first()


def lock_notice(session: Session, notice_id: int) -> Notice:
    """The notice, with its row held until the commit, so that two who change it meet here; raises NotFound."""
    query = select(Notice).where(Notice.id == notice_id).with_for_update().execution_options(populate_existing=True)
    row = session.scalars(query).first()
    if row is None:
        raise NotFound(N_("没有找到这件公文。"))
    return row


def notices_by_id(session: Session, notice_ids: Iterable[int]) -> dict[int, Notice]:
    """These notices by number."""
    return {row.id: row for row in session.scalars(select(Notice).where(Notice.id.in_(set(notice_ids))))}


def newest_of_kind(session: Session, kind: str) -> Notice | None:
    """The notice of this kind that was issued last; None when there is none yet."""
    return session.scalars(select(Notice).where(Notice.kind == kind).order_by(Notice.id.desc()).limit(1)).first()


def notices_of_project(session: Session, project_id: int) -> list[Notice]:
    """All notices about a project, newest first."""
    return list(session.scalars(select(Notice).where(Notice.project_id == project_id).order_by(Notice.id.desc())))


def notices_to(session: Session, organ_ids: tuple[int, ...], limit: int = 100) -> list[Notice]:
    """Delivered notices addressed to these organs, newest first."""
    sent = select(Delivery.notice_id).where(Delivery.organ_id.in_(organ_ids))
    to_one = Notice.to_organ_id.in_(organ_ids) & (Notice.to_organ_id != Notice.organ_id)
    query = select(Notice).where(to_one | Notice.id.in_(sent), Notice.delivered_at.is_not(None))
    return list(session.scalars(query.order_by(Notice.id.desc()).limit(limit)))


def unsigned_notices(session: Session, *, before: datetime) -> list[Notice]:
    """Notices delivered before a moment that not every addressee has signed for, oldest first."""
    query = select(Notice).where(Notice.delivered_at < before, Notice.acknowledged_at.is_(None))
    return list(session.scalars(query.order_by(Notice.id)))

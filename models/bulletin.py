"""月通报: figures frozen with every entry they were reckoned from, so that each cell can be opened for ever.

An edition is never changed: what is filed or judged later becomes a further edition, the 更正.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Date, ForeignKey, Index, Integer, String, UniqueConstraint, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, Json, Key, Moment, Money
from models.bulletin_figures import Line, MoneyRow, Place, line_from, line_json, lines_of, rows_behind, spans_of
from models.bulletin_lists import lists_of, missing_of
from models.bulletin_notes import marks_of, notes_of
from models.capital import CapitalRow, capital_rows
from models.district import Land, land_on
from models.duty import before, first_day_of, last_day_of
from models.organ import Organ
from models.permit import permit
from models.refusal import NotFound
from models.target import Target, targets
from models.texts import N_
from models.unit import Actor, Unit

NATURE = "domestic"
DESK = "hzjl"  # 默认值: the desk that writes bulletins
READERS = ("officer", "head", "supervisor", "leader")

permit("bulletin.view", N_("查看通报"), roles=READERS, scope="any")
permit("bulletin.correct", N_("更正通报"), roles=("supervisor",), scope="city")


class Bulletin(Base):
    """月通报。 Edition 0 is the bulletin; 1, 2, … are its 更正. `notice_id` is set once the paper is issued.

    `figures` is canonical JSON (see `drawn_figures`), `sha256` its digest, which covers the rows through theirs.
    """

    __tablename__ = "bulletin"
    __table_args__ = (UniqueConstraint("period", "edition"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    period: Mapped[str] = mapped_column(String(10))
    edition: Mapped[int] = mapped_column(Integer, default=0)
    process_id: Mapped[int | None] = mapped_column(ForeignKey("process.id"))
    notice_id: Mapped[int | None] = mapped_column(ForeignKey("notice.id"))
    frozen_at: Mapped[datetime] = mapped_column(Moment)
    frozen_by: Mapped[str] = mapped_column(String(80))
    figures: Mapped[Any] = mapped_column(Json)
    sha256: Mapped[str] = mapped_column(String(64))
    words: Mapped[Any] = mapped_column(Json, nullable=True)  # problems and demands as the desk wrote them
    reason: Mapped[str] = mapped_column(String(500), default="")  # of a 更正
    issue_due: Mapped[datetime | None] = mapped_column(Moment)
    late_at: Mapped[datetime | None] = mapped_column(Moment)  # not issued on its day, and the desk's leader was told


class BulletinRow(Base):
    """通报条目。 One entry as an edition counted it; no key binds it to what it was copied from, which may change."""

    __tablename__ = "bulletin_row"
    __table_args__ = (Index("ix_bulletin_row_cell", "bulletin_id", "district", "span"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    bulletin_id: Mapped[int] = mapped_column(ForeignKey("bulletin.id"))
    span: Mapped[str] = mapped_column(String(4))
    in_month: Mapped[bool]
    district: Mapped[str | None] = mapped_column(String(20))
    entry_id: Mapped[int] = mapped_column(Key)
    project_id: Mapped[int] = mapped_column(Key)
    project_no: Mapped[str] = mapped_column(String(40))
    project_name: Mapped[str] = mapped_column(String(200))
    demo: Mapped[bool]
    standing: Mapped[str] = mapped_column(String(10))
    amount: Mapped[Decimal] = mapped_column(Money)
    currency: Mapped[str] = mapped_column(String(3))
    counted: Mapped[Decimal | None] = mapped_column(Money)
    on: Mapped[date] = mapped_column(Date)
    attachment_id: Mapped[int | None] = mapped_column(Key)
    note: Mapped[str] = mapped_column(String(200), default="")


@dataclass(frozen=True)
class Drawn:
    """What a bulletin would say: its figures as plain values, and the rows they are reckoned from."""

    figures: dict[str, Any]
    rows: tuple[MoneyRow, ...]


def draw(session: Session, period: str, filed_before: datetime) -> Drawn:
    """The figures of a month from the entries filed before a moment; writes nothing. About ten queries."""
    until = last_day_of(period)
    land = land_on(session, until)
    rows = tuple(_rows(session, period, filed_before, land))
    wanted = targets(session, until.year, NATURE, "year", land.answering)
    places = [Place(each.code, each.name, each.tier, wanted.get(each.id), each.before) for each in land.districts]
    figures = _figures(places, rows, until, filed_before)
    given = _targets(session, until.year, land)
    figures |= {
        "period": period,
        "targets": given,
        "lists": lists_of(session, period, land),
        **missing_of(session, period, land),
        "demo": any(row.demo for row in rows) or any(each["demo"] for each in given),
    }
    return Drawn(figures, rows)


def freeze(unit: Unit, drawn: Drawn, **columns: Any) -> Bulletin:
    """The edition with its rows, filed; `columns` are those of the Bulletin that the figures do not tell."""
    row = Bulletin(
        period=drawn.figures["period"],
        figures=drawn.figures,
        sha256=digest(drawn.figures),
        frozen_at=unit.now,
        frozen_by=unit.actor.name,
        **columns,
    )
    unit.session.add(row)
    unit.session.flush()  # its rows name its number
    if drawn.rows:
        unit.session.execute(insert(BulletinRow), [{"bulletin_id": row.id, **vars(each)} for each in drawn.rows])
    detail = {"period": row.period, "edition": row.edition, "sha256": row.sha256, "rows": len(drawn.rows)}
    unit.trace("bulletin.freeze", "bulletin", row.id, detail)
    return row


def digest(value: object) -> str:
    """SHA-256 of a value's canonical JSON: keys in order, no spaces, UTF-8."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def is_whole(edition: Bulletin, rows: Sequence[MoneyRow]) -> bool:
    """Whether figures and rows are still those that were frozen, and the rows still give the figures."""
    figures = edition.figures
    if digest(figures) != edition.sha256 or rows_digest(rows) != figures["rows"]["sha256"]:
        return False
    again = lines_of(land_in(figures), rows, figures["months"])
    return bool([line_json(line) for line in again] == figures["lines"])


def land_in(figures: Mapping[str, Any]) -> list[Place]:
    """The districts with their targets as they were frozen."""
    return [
        Place(each["code"], each["name"], each["tier"], None if each["target"] is None else Decimal(each["target"]),
              tuple(each["before"]))
        for each in figures["land"]
    ]  # fmt: skip


def lines_in(figures: Mapping[str, Any]) -> list[Line]:
    """The lines of the table as they were frozen."""
    return [line_from(each) for each in figures["lines"]]


def line_in(figures: Mapping[str, Any], key: str) -> Line:
    """One line of the table; raises NotFound."""
    found = next((line for line in lines_in(figures) if line.key == key), None)
    if found is None:
        raise NotFound(N_("这份通报里没有这一行。"))
    return found


def marked_name(line: Line, figures: Mapping[str, Any]) -> str:
    """The name of a line with the marks of its notes."""
    return line.name + marks_of(line, figures["notes"])


def frozen_rows(session: Session, bulletin_id: int) -> list[MoneyRow]:
    """All rows of an edition, oldest first; one query."""
    query = select(BulletinRow).where(BulletinRow.bulletin_id == bulletin_id)
    return [
        _plain_row(row)
        for row in session.scalars(query.order_by(BulletinRow.span, BulletinRow.on, BulletinRow.entry_id))
    ]


def cell_rows(session: Session, bulletin_id: int, line: Line, column: str) -> list[MoneyRow]:
    """The frozen rows behind one cell, oldest first; one query, whatever was edited since."""
    query = select(BulletinRow).where(
        BulletinRow.bulletin_id == bulletin_id,
        BulletinRow.district.in_(line.members),
        BulletinRow.span.in_(spans_of(column)),
    )
    rows = session.scalars(query.order_by(BulletinRow.span.desc(), BulletinRow.on, BulletinRow.entry_id))
    return rows_behind(line, column, map(_plain_row, rows))


def find_bulletin(unit: Unit, bulletin_id: int) -> Bulletin:
    """The edition, if the actor may see it; raises NotFound. Before it is issued only those who serve the city may."""
    unit.require("bulletin.view")
    row = unit.session.get(Bulletin, bulletin_id)
    if row is None or not (row.notice_id or sees_drafts(unit.actor)):
        raise NotFound(N_("没有找到这份通报。"))
    return row


def sees_drafts(actor: Actor) -> bool:
    """Whether the actor sees bulletins that are not issued yet."""
    return actor.is_house or any(grant.city and grant.role in READERS for grant in actor.grants)


def bulletins(unit: Unit) -> list[Bulletin]:
    """The editions one may see, the newest month first, a month's bulletin before its 更正; one query."""
    query = select(Bulletin).order_by(Bulletin.period.desc(), Bulletin.edition)
    if not sees_drafts(unit.actor):
        query = query.where(Bulletin.notice_id.is_not(None))
    return list(unit.session.scalars(query))


def editions_of(session: Session, period: str) -> list[Bulletin]:
    """The bulletin of a month and its 更正, in order; empty when it is not frozen yet."""
    return list(session.scalars(select(Bulletin).where(Bulletin.period == period).order_by(Bulletin.edition)))


def edition_of_process(session: Session, process_id: int) -> Bulletin:
    """The edition that a process brings out."""
    return session.scalars(select(Bulletin).where(Bulletin.process_id == process_id)).one()


def edition_of_notice(session: Session, notice_id: int) -> Bulletin | None:
    """The edition that was issued as this paper; None for other papers."""
    return session.scalars(select(Bulletin).where(Bulletin.notice_id == notice_id)).one_or_none()


def rows_digest(rows: Iterable[MoneyRow]) -> str:
    """SHA-256 of the rows' canonical JSON, in the order of their entries."""
    inorder = sorted(rows, key=lambda row: (row.span, row.entry_id))
    return digest([{name: _text(value) for name, value in vars(row).items()} for row in inorder])


def _figures(places: list[Place], rows: Sequence[MoneyRow], until: date, filed_before: datetime) -> dict[str, Any]:
    lines = lines_of(places, rows, until.month)
    return {
        "months": until.month,
        "until": until.isoformat(),
        "filed_before": filed_before.isoformat(),
        "land": [vars(each) | {"target": _text(each.target), "before": list(each.before)} for each in places],
        "lines": [line_json(line) for line in lines],
        "notes": notes_of(lines, places, rows, until, filed_before),
        "rows": {"count": len(rows), "sha256": rows_digest(rows)},
    }


def _rows(session: Session, period: str, filed_before: datetime, land: Land) -> Iterable[MoneyRow]:
    codes = {each.id: each.code for each in land.districts}
    for span, name in (("this", period), ("last", before(period))):
        first, last = first_day_of(name), last_day_of(name)
        found = capital_rows(session, NATURE, first=first.replace(month=1), last=last, filed_before=filed_before,
                             answering=land.answering)  # fmt: skip
        yield from (_money_row(row, span, codes, first) for row in found)


def _money_row(row: CapitalRow, span: str, codes: Mapping[int, str], month: date) -> MoneyRow:
    shared = {field.name: getattr(row, field.name) for field in fields(MoneyRow) if hasattr(row, field.name)}
    return MoneyRow(**shared, span=span, in_month=row.on >= month, district=codes.get(row.district_id or 0))


def _plain_row(row: BulletinRow) -> MoneyRow:
    return MoneyRow(**{field.name: getattr(row, field.name) for field in fields(MoneyRow)})


def _targets(session: Session, year: int, land: Land) -> list[dict[str, Any]]:
    """The rows of targets behind the table, by the district that answers."""
    codes = {each.id: each.code for each in land.districts}
    query = (
        select(Target, Organ.name_zh)
        .join(Organ, Organ.id == Target.organ_id)
        .where(Target.year == year, Target.nature == NATURE, Target.span == "year")
        .order_by(Organ.code)
    )
    return [
        {"district": codes.get(land.answering.get(row.organ_id, row.organ_id)), "organ": name,
         "amount": _text(row.amount), "note": row.note, "demo": row.demo}
        for row, name in session.execute(query)
    ]  # fmt: skip


def _text(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return value.isoformat() if isinstance(value, date) else value

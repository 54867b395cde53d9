"""公文验真: all that anybody who holds a paper may learn of it – nothing of the project, nothing of the text."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import aliased

from models.notice import Notice
from models.organ import Organ
from models.unit import Unit


@dataclass(frozen=True)
class PublicNotice:
    """A delivered paper to a stranger. `replaced_by` and `corrected_by` are numbers of later papers, "" for none."""

    number: str
    organ_zh: str
    organ_en: str
    issued_at: datetime
    sha256: str
    signed_as: str
    closed: bool
    voided: bool
    code: str
    kind: str = ""
    replaced_by: str = ""
    corrected_by: str = ""


def public_notice(unit: Unit, code: str) -> PublicNotice | None:
    """The paper by the code on it; None for an unknown code. One query either way."""
    return _public(unit, Notice.code == code)


def public_notice_of_file(unit: Unit, sha256: str) -> PublicNotice | None:
    """The paper by the digest of its file; None when no delivered paper has this file. One query either way."""
    return _public(unit, Notice.sha256 == sha256)


def _public(unit: Unit, which: ColumnElement[bool]) -> PublicNotice | None:
    query = (
        select(Notice, Organ.name_zh, Organ.name_en, _later("same"), _later("correction"))
        .join(Organ, Organ.id == Notice.organ_id)
        .where(which, Notice.delivered_at.is_not(None))
    )
    row = unit.session.execute(query).first()
    if row is None:
        return None
    paper, zh, en, replaced_by, corrected_by = row
    return PublicNotice(
        number=paper.number,
        organ_zh=zh,
        organ_en=en,
        issued_at=paper.issued_at,
        sha256=paper.sha256 or "",
        signed_as=paper.signed_as or "",
        closed=paper.closed_at is not None,
        voided=paper.voided_at is not None,
        code=paper.code,
        kind=paper.kind,
        replaced_by=replaced_by or "",
        corrected_by=corrected_by or "",
    )


def _later(kind: str) -> ColumnElement[str | None]:
    """The number of the newest delivered paper about this one: its correction, or one of its own kind in its place."""
    later = aliased(Notice)
    wanted = later.kind == (Notice.kind if kind == "same" else kind)
    found = select(later.number).where(later.about_id == Notice.id, wanted, later.delivered_at.is_not(None))
    return found.order_by(later.id.desc()).limit(1).correlate(Notice).scalar_subquery()

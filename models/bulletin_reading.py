"""通报的查阅: what has changed since an edition was issued, which projects behind a cell one may open, and its paper."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from models.amount import AmountEntry
from models.bulletin import Bulletin, Drawn, draw, edition_of_notice, frozen_rows, lines_in
from models.bulletin_change import LineChange, RowChange, line_changes, row_changes
from models.bulletin_making import last_issued
from models.capital import KIND
from models.duty import before, first_day_of, last_day_of
from models.notice import Notice, notice_by_code
from models.project import Project, visible_projects
from models.unit import Unit


@dataclass(frozen=True)
class Pending:
    """What reads otherwise than the newest issued edition: `basis` is that edition, `drawn` what it would say now."""

    basis: Bulletin
    drawn: Drawn
    lines: tuple[LineChange, ...]
    rows: tuple[RowChange, ...]


def pending_of(unit: Unit, edition: Bulletin) -> Pending:
    """The differences now; against the newest issued edition of the month, or this one before any is out."""
    basis = last_issued(unit.session, edition) or edition
    drawn = draw(unit.session, edition.period, unit.now)
    return Pending(
        basis,
        drawn,
        tuple(line_changes(lines_in(basis.figures), lines_in(drawn.figures))),
        tuple(row_changes(frozen_rows(unit.session, basis.id), drawn.rows)),
    )


def between(session: Session, was: Bulletin, now: Bulletin) -> tuple[list[LineChange], list[RowChange]]:
    """What a 更正 changed: its lines against those of the edition before it, and the entries that are the reason."""
    lines = line_changes(lines_in(was.figures), lines_in(now.figures))
    return lines, row_changes(frozen_rows(session, was.id), frozen_rows(session, now.id))


def touched_since(session: Session, edition: Bulletin) -> int:
    """How many entries of its days were filed or judged after an edition was frozen; one query, a hint and no proof."""
    spans = [
        (first_day_of(name).replace(month=1), last_day_of(name)) for name in (edition.period, before(edition.period))
    ]
    query = select(func.count(AmountEntry.id)).where(
        AmountEntry.kind == KIND["domestic"],
        or_(*(and_(AmountEntry.on >= first, AmountEntry.on <= last) for first, last in spans)),
        or_(AmountEntry.filed_at >= edition.frozen_at, AmountEntry.recognised_at >= edition.frozen_at),
    )
    return session.scalar(query) or 0


def visible_ids(unit: Unit, project_ids: Iterable[int]) -> set[int]:
    """Those of these projects that the actor may see; one query."""
    wanted = set(project_ids)
    query = select(Project.id).where(Project.id.in_(wanted), visible_projects(unit.actor))
    return set(unit.session.scalars(query)) if wanted else set()


def papers_of(session: Session, editions: Iterable[Bulletin]) -> dict[int, Notice]:
    """The issued papers of editions, by notice; one query."""
    wanted = {each.notice_id for each in editions if each.notice_id}
    query = select(Notice).where(Notice.id.in_(wanted))
    return {row.id: row for row in session.scalars(query)} if wanted else {}


def edition_by_code(session: Session, code: str) -> tuple[Notice | None, Bulletin | None]:
    """The paper with this code on it, and the edition it is; None for what there is not."""
    paper = notice_by_code(session, code)
    return paper, edition_of_notice(session, paper.id) if paper else None

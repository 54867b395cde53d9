"""到位资金 by district: the one question that monthly, quarterly and half-yearly papers ask, one row for each entry.

内资 is 到位资金 of projects that are not 外资, in 万元; 外资 is 外资到位, in 万美元. What was declared counts until it is
recognised; a reduction or a withdrawal is a row of its own, negative, dated like the entry it reduces.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.amount import AmountEntry
from models.currency import Rates, load_rates
from models.project import Project

KIND = {"domestic": "funds", "foreign": "fdi"}
INTO = {"domestic": "CNY", "foreign": "USD"}
FOREIGN = "外资"


@dataclass(frozen=True)
class CapitalRow:
    """One entry as a paper counts it: `counted` is in 万元 (内资) or 万美元 (外资), None without a rate of its day."""

    entry_id: int
    project_id: int
    project_no: str
    project_name: str
    demo: bool
    district_id: int | None  # who answers for it now; None: no source states a district
    standing: str
    amount: Decimal
    currency: str
    counted: Decimal | None
    on: date
    filed_at: datetime
    attachment_id: int | None
    note: str


def capital_rows(
    session: Session,
    nature: str,
    *,
    first: date,
    last: date,
    filed_before: datetime,
    answering: Mapping[int, int],
    district_id: int | None = None,
) -> list[CapitalRow]:
    """The entries dated within the days (both included) and filed before a moment, oldest first."""
    query = (
        select(AmountEntry, Project)
        .join(Project, AmountEntry.project_id == Project.id)
        .where(
            AmountEntry.kind == KIND[nature],
            AmountEntry.on >= first,
            AmountEntry.on <= last,
            AmountEntry.filed_at < filed_before,
        )
        .order_by(AmountEntry.on, AmountEntry.id)
    )
    if district_id is not None:  # the database leaves out the others' rows; who answers for a place is decided below
        places = {district_id, *(place for place, holder in answering.items() if holder == district_id)}
        query = query.where(Project.district_id.in_(places))
    rates = load_rates(session)
    rows = (
        _row(entry, project, nature, rates, answering)
        for entry, project in session.execute(query)
        if nature == "foreign" or project.capital_nature != FOREIGN
    )
    return [row for row in rows if district_id is None or row.district_id == district_id]


def _row(entry: AmountEntry, project: Project, nature: str, rates: Rates, answering: Mapping[int, int]) -> CapitalRow:
    place = project.district_id
    return CapitalRow(
        entry.id,
        project.id,
        project.project_no,
        project.name,
        project.demo,
        answering.get(place, place) if place else None,
        entry.standing,
        entry.amount,
        entry.currency,
        rates.convert(entry.amount, entry.currency, entry.on, INTO[nature]),
        entry.on,
        entry.filed_at,
        entry.attachment_id,
        entry.note,
    )


def sums(rows: Iterable[CapitalRow]) -> dict[int, Decimal]:
    """What counts, by district; rows without a district or a rate are left out, and the paper says so."""
    found: dict[int, Decimal] = {}
    for row in rows:
        if row.district_id is not None and row.counted is not None:
            found[row.district_id] = found.get(row.district_id, Decimal(0)) + row.counted
    return found

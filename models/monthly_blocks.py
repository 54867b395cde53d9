"""月报四块 (article 3): 实际利用内资, 外资注册落地, 半年内有望落地, 洽谈跟踪 – all from the ledger, so that nobody types them."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from models.amount import STANDINGS
from models.capital import FOREIGN, CapitalRow, capital_rows
from models.district import Land
from models.duty import first_day_of, last_day_of, months_later
from models.project import Project

LANDING, CONTRACT = "expected_landing_on", "contract_fdi_wan"  # of the ledger
AHEAD_MONTHS = 6  # 半年内
EARLY = ("reserve", "sign")  # what has not landed yet
BLOCKS = ("capital", "registrations", "landings", "talks")


def monthly_blocks(
    session: Session, period: str, district_id: int, *, land: Land, filed_before: datetime
) -> dict[str, list[dict[str, Any]]]:
    """The four blocks of a district for a month, as `MonthlyReport.content` keeps them; two queries.

    Money dated in the month and filed before the moment; a district that took another over has its projects too.
    """
    first, last = first_day_of(period), last_day_of(period)
    capital = capital_rows(session, "domestic", first=first, last=last, filed_before=filed_before,
                           answering=land.answering, district_id=district_id)  # fmt: skip
    projects = _projects(session, district_id, land.answering)
    return {
        "capital": [_capital(row) for row in capital],
        "registrations": [_registration(each) for each in projects if _is_registered(each, first, last)],
        "landings": list(_landings(projects, last)),
        "talks": [_talk(each) for each in projects if each.stage == "reserve"],
    }


def _projects(session: Session, district_id: int, answering: Mapping[int, int]) -> list[Project]:
    """The district's projects that a block could name, by number; those withdrawn or suspended are in none."""
    places = [place for place, holder in answering.items() if holder == district_id]
    wanted: ColumnElement[bool] = Project.stage.in_(EARLY) | Project.registered_on.is_not(None)
    query = select(Project).where(
        Project.district_id.in_(places), Project.state.in_(("running", "incomplete", "produced")), wanted
    )
    return list(session.scalars(query.order_by(Project.id)))


def _named(project: Project) -> dict[str, Any]:
    return {"project_id": project.id, "project_no": project.project_no, "project": project.name}


def _capital(row: CapitalRow) -> dict[str, Any]:
    return {
        "entry": row.entry_id,
        "project_id": row.project_id,
        "project_no": row.project_no,
        "project": row.project_name,
        "on": row.on.isoformat(),
        "amount_wan": None if row.counted is None else str(row.counted),
        "amount": str(row.amount),
        "currency": row.currency,
        "standing": STANDINGS[row.standing],
    }


def _is_registered(project: Project, first: date, last: date) -> bool:
    return (
        project.capital_nature == FOREIGN
        and project.registered_on is not None
        and first <= project.registered_on <= last
    )


def _registration(project: Project) -> dict[str, Any]:
    contracted = project.extras.get(CONTRACT) or project.total_investment
    on = project.registered_on.isoformat() if project.registered_on else ""
    return _named(project) | {"on": on, "amount_wan": None if contracted is None else str(contracted)}


def _landings(projects: list[Project], last: date) -> Iterator[dict[str, Any]]:
    """Soonest first."""
    until = months_later(last.replace(day=1), AHEAD_MONTHS + 1)
    expected = [(str(day), each) for each in projects if each.stage in EARLY and (day := each.extras.get(LANDING))]
    for day, project in sorted(expected, key=lambda pair: (pair[0], pair[1].id)):
        if last.isoformat() < day < until.isoformat():
            amount = None if project.total_investment is None else str(project.total_investment)
            yield _named(project) | {"expected_on": day, "amount_wan": amount}


def _talk(project: Project) -> dict[str, Any]:
    return _named(project) | {"note": str(project.extras.get("issues") or project.investor_name or "")[:200]}

"""核查的问题清单: every reduction and everything found on the spot, numbered within district and half-year."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from models.calendar import load_calendar
from models.limits import working_days
from models.organ import organ_names
from models.printed_numbers import money
from models.problem import Problem
from models.project import Project
from models.unit import Unit
from models.verification_lines import Line, lines_of
from models.verification_rows import SOURCE, Verification, VerificationSite, answering_district, sites_of

REDUCED_DEMAND = "按认定数更正台账和报表；补齐凭证的，在下一个半年重新申报。"
SITE_DEMAND = "查明原因，限期整改，并报送佐证材料。"
MOST_FOUND = 5  # of one visit, as many as a 整改通知书 lists


def list_problems(unit: Unit, row: Verification) -> int:
    """The list written anew, in the name of who answers for the district today; how many there are."""
    session, organ_id = unit.session, answering_district(unit, row.organ_id)
    session.execute(delete(Problem).where(Problem.source == SOURCE, Problem.process_id == row.process_id))
    same = (Problem.source == SOURCE, Problem.period == row.period, Problem.district_id == organ_id)
    last = session.scalar(select(func.max(Problem.number)).where(*same)) or 0
    found = [*_reductions(session, row), *_visits(session, row)]
    projects = session.scalars(select(Project).where(Project.id.in_({each["project_id"] for each in found})))
    owners = {project.id: project.owner_organ_id for project in projects}
    names = organ_names(session, owners.values())
    due_on = load_calendar(session).add_working_days(unit.today, working_days("verification_rectify"))
    for number, values in enumerate(found, start=last + 1):
        owner = names.get(owners[values["project_id"]], "")
        session.add(
            Problem(source=SOURCE, period=row.period, process_id=row.process_id, district_id=organ_id, number=number,
                    owner=owner, due_on=due_on, found_at=unit.now, **values)
        )  # fmt: skip
    return len(found)


def _reductions(session: Session, row: Verification) -> Iterator[dict[str, Any]]:
    for line in lines_of(session, [row.id]).get(row.id, ()):
        if line.state == "agreed" and line.reduced:
            yield {
                "project_id": line.project_id,
                "amount_entry_id": line.entry_id,
                "fact": reduction_fact(line)[:500],
                "basis": "网上核查：两名核查人员对照凭证核定",
                "demand": REDUCED_DEMAND,
                "evidence": [number for number, _kind, _name in line.vouchers],
                "found_by": f"{line.judged_by}、{line.agreed_by}"[:80],
            }


def reduction_fact(line: Line) -> str:
    """A reduction in one sentence with its three figures and its reason."""
    said = f"{line.on.year}年{line.on.month}月{line.on.day}日申报到位资金{money(line.declared)}{line.unit}"
    return f"{said}，认定{money(line.recognised)}{line.unit}，核减{money(line.reduced)}{line.unit}：{line.reason}"


def _visits(session: Session, row: Verification) -> Iterator[dict[str, Any]]:
    for site in sites_of(session, row.id):
        for fact in found_on_site(site):
            yield {
                "project_id": site.project_id,
                "fact": fact[:500],
                "basis": "现场核查：查阅资料、听取汇报、实地了解",
                "demand": str(site.answers.get("site_demand") or SITE_DEMAND)[:500],
                "evidence": [int(each) for each in site.answers.get("site_photos") or ()],
                "found_by": (site.visited_by or "")[:80],
            }


def found_on_site(site: VerificationSite) -> list[str]:
    """What a visit found, one problem a line of what was typed."""
    return [line for text in str(site.answers.get("site_findings") or "").splitlines() if (line := text.strip())]


def problems_of_process(session: Session, process_id: int | None) -> list[Problem]:
    """The list that one district's process brought, by number."""
    query = select(Problem).where(Problem.process_id == process_id, Problem.source == SOURCE)
    return list(session.scalars(query.order_by(Problem.number)))

"""半年核查 as its pages ask for it: who may see which district, how far each is, and what stands behind one of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from models.attachment import Attachment
from models.district import land_on
from models.problem import Problem
from models.project import Project
from models.refusal import NotFound
from models.texts import N_
from models.unit import Unit
from models.verification_lines import Line, lines_of
from models.verification_problems import problems_of_process
from models.verification_rows import (
    SOURCE,
    Verification,
    VerificationEntry,
    VerificationSite,
    VerificationVoucher,
    answering_district,
    desk_id,
    open_items,
    sites_of,
    verification_of,
    verifications_of,
)

VIEW = "verification.view"


@dataclass(frozen=True)
class Rights:
    """What the actor may do with a district's verification now; the commands ask again."""

    file: bool = False
    judge: bool = False
    agree: bool = False


@dataclass(frozen=True)
class Standing:
    """One district of a half-year: `node` is the task it waits at, "" when it waits for no person."""

    row: Verification
    node: str
    lines: Sequence[Line]
    sites: int
    sites_closed: int
    problems: int


@dataclass(frozen=True)
class Whole:
    """All of one district's verification."""

    row: Verification
    node: str
    item_id: int
    rights: Rights
    lines: Sequence[Line]
    sites: Sequence[tuple[VerificationSite, Project]]
    site_items: Mapping[int, tuple[str, int]]  # by process: the task a visit waits at, and its item
    problems: Sequence[Problem]
    projects: Mapping[int, str]


def standings(unit: Unit, period: str) -> list[Standing]:
    """The districts of a half-year that the actor may see, in order; six queries however many there are."""
    answering = land_on(unit.session, unit.today).answering
    rows = [row for row in verifications_of(unit.session, period) if _sees(unit, row, answering)]
    ids = [row.id for row in rows]
    lines, nodes = lines_of(unit.session, ids), open_items(unit.session, [row.process_id for row in rows])
    sites = _sites(unit, ids)
    problems = _problems(unit, period)
    return [
        Standing(row, nodes.get(row.process_id or 0, ("", 0))[0], lines.get(row.id, ()), *sites.get(row.id, (0, 0)),
                 problems.get(row.process_id or 0, 0))
        for row in rows
    ]  # fmt: skip


def _sites(unit: Unit, ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    query = (
        select(VerificationSite.verification_id, func.count(), func.count(VerificationSite.closed_at))
        .where(VerificationSite.verification_id.in_(ids))
        .group_by(VerificationSite.verification_id)
    )
    return {number: (count, closed) for number, count, closed in unit.session.execute(query)}


def _problems(unit: Unit, period: str) -> dict[int, int]:
    query = (
        select(Problem.process_id, func.count())
        .where(Problem.source == SOURCE, Problem.period == period)
        .group_by(Problem.process_id)
    )
    return {process_id: count for process_id, count in unit.session.execute(query) if process_id}


def may_see(unit: Unit, row: Verification) -> bool:
    """Whether the actor serves the city, this district, or the one that answers for it now."""
    return _sees(unit, row, land_on(unit.session, unit.today).answering)


def _sees(unit: Unit, row: Verification, answering: Mapping[int, int]) -> bool:
    return unit.actor.may(VIEW, [row.organ_id, answering.get(row.organ_id, row.organ_id)])


def find_verification(unit: Unit, period: str, organ_id: int) -> Verification:
    """One district's verification that the actor may see; raises NotFound for all others."""
    row = verification_of(unit.session, period, organ_id)
    if not may_see(unit, row):
        raise NotFound(N_("没有这个区这半年的核查。"))
    return row


def whole_of(unit: Unit, period: str, organ_id: int) -> Whole:
    """Everything one page shows, in a number of queries that does not grow with the lines; raises NotFound."""
    row = find_verification(unit, period, organ_id)
    node, item_id = open_items(unit.session, [row.process_id]).get(row.process_id or 0, ("", 0))
    found = sites_of(unit.session, row.id)
    problems = problems_of_process(unit.session, row.process_id)
    numbers = {each.project_id for each in found} | {each.project_id for each in problems}
    projects = {each.id: each for each in unit.session.scalars(select(Project).where(Project.id.in_(numbers)))}
    return Whole(
        row,
        node,
        item_id,
        rights_of(unit, row, node),
        lines_of(unit.session, [row.id], vouchers=True).get(row.id, []),
        [(site, projects[site.project_id]) for site in found],
        open_items(unit.session, [site.process_id for site in found]),
        problems,
        {number: project.name for number, project in projects.items()},
    )


def rights_of(unit: Unit, row: Verification, node: str) -> Rights:
    """By the task the verification waits at and the posts the actor holds."""
    judges = unit.actor.may("verification.judge", [desk_id(unit.session)])
    files = unit.actor.may("verification.file", [row.organ_id, answering_district(unit, row.organ_id)])
    return Rights(files and node == "self_check", judges and node == "first_check", judges and node == "second_check")


def verification_of_process(unit: Unit, process_id: int) -> Verification:
    """The verification a process runs for, or looks at one project of; raises NotFound, also when it may not be seen."""
    own = select(Verification).where(Verification.process_id == process_id)
    site = select(Verification).join(VerificationSite, VerificationSite.verification_id == Verification.id)
    for query in (own, site.where(VerificationSite.process_id == process_id)):
        row = unit.session.scalars(query).first()
        if row is not None and may_see(unit, row):
            return row
    raise NotFound(N_("没有这个区这半年的核查。"))


def voucher_file(unit: Unit, period: str, organ_id: int, attachment_id: int) -> Attachment:
    """A voucher of this verification; raises NotFound for any other file."""
    row = find_verification(unit, period, organ_id)
    query = (
        select(Attachment)
        .join(VerificationVoucher, VerificationVoucher.attachment_id == Attachment.id)
        .join(VerificationEntry, VerificationEntry.id == VerificationVoucher.line_id)
        .where(VerificationEntry.verification_id == row.id, Attachment.id == attachment_id)
    )
    found = unit.session.scalars(query).first()
    if found is None:
        raise NotFound(N_("没有这个附件，或您无权查看。"))
    return found


def own_projects(unit: Unit, row: Verification) -> list[tuple[int, str]]:
    """Projects of the district by number and name, for what it files late."""
    district = answering_district(unit, row.organ_id)
    query = select(Project.id, Project.name).where(Project.district_id.in_({row.organ_id, district}))
    return [(number, name) for number, name in unit.session.execute(query.order_by(Project.project_no))]


def amounts_on_site(unit: Unit, process_id: int) -> list[Line]:
    """What the project of a visit declared in the half-year; nothing for any other process."""
    site = unit.session.scalars(select(VerificationSite).where(VerificationSite.process_id == process_id)).first()
    if site is None:
        return []
    found = lines_of(unit.session, [site.verification_id]).get(site.verification_id, [])
    return [line for line in found if line.project_id == site.project_id]

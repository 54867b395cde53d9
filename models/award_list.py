"""The candidates of a year: districts and departments by their final places, referrers by what was recognised."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import printed_numbers as printed
from models.amount import AmountEntry
from models.assessment import Assessment, final_assessment, standings_of
from models.award import FOREIGN, Award, award_of, award_rules
from models.clock import local_day
from models.commendation import (
    LONGEST_GROUND,
    CommendationYear,
    Nominee,
    commendation_of,
    nominees_of,
    objections_of,
    rewarded_referrals,
)
from models.currency import HOME, load_rates
from models.duty import period_zh
from models.matter import Matter, tells
from models.organ import organ_names
from models.project import Project
from models.referral import Referral, standing_referrals
from models.target import are_made_up
from models.texts import N_
from models.unit import Unit

SUBJECTS = {"district": "区", "department": "部门"}
COUNTED = ("recognised", "reduced", "withdrawn")  # 核减 and 撤资 are negative lines of their own


def open_candidates(unit: Unit, row: CommendationYear) -> None:
    """File the candidates of `row.period`, and as notes what could not be judged."""
    notes: list[str] = []
    found: list[Nominee] = []
    for subject, name in SUBJECTS.items():
        result = _year_result(unit.session, row.period, subject)
        if result is None:
            notes.append(f"{row.period}年没有{name}的终评结果，没有提出候选的{name}")
        else:
            found += _by_place(unit.session, row, result)
    found += _referrers(unit, row)
    row.notes = notes
    row.demo = are_made_up(unit.session, int(row.period)) or any(
        each.referral_id and _project_of(unit.session, each.referral_id).demo for each in found
    )
    unit.session.add_all(found)
    unit.session.flush()  # the pages name their numbers


def _year_result(session: Session, year: str, subject: str) -> Assessment | None:
    """The year's final result: that of the second half, else of the first."""
    return final_assessment(session, f"{year}H2", subject) or final_assessment(session, f"{year}H1", subject)


def _by_place(session: Session, row: CommendationYear, result: Assessment) -> Iterator[Nominee]:
    """Whoever has one of the first places; a tie on the last of them takes all in."""
    most = int(award_rules()[f"{result.subject}s"].value)
    first = [each for each in standings_of(session, result.id) if each.place is not None and each.place <= most]
    names = organ_names(session, [each.organ_id for each in first])
    for each in first:
        reason = f"{period_zh(result.period)}考核{printed.score(each.total)}分，列第{each.place}位"
        yield Nominee(commendation_id=row.id, category=result.subject, organ_id=each.organ_id,
                      name=names[each.organ_id], place=each.place, reason=reason)  # fmt: skip


def _referrers(unit: Unit, row: CommendationYear) -> Iterator[Nominee]:
    """Referrers whose project was signed by the end of the year and has recognised money; each project once."""
    last = date(int(row.period), 12, 31)
    for referral, project in standing_referrals(unit.session, rewarded_referrals(unit.session)):
        signed = project.signed_on
        if signed is None or signed > last or signed <= local_day(referral.filed_at):
            continue
        award = _award(unit.session, project, last)
        if award is not None:
            reason = f"{project.name}（{project.project_no}），{signed.isoformat()}签约。{award.line}"
            yield Nominee(commendation_id=row.id, category="agent", referral_id=referral.id, name=referral.agent_name,
                          reason=reason[:LONGEST_GROUND], award=award.amount)  # fmt: skip


def _award(session: Session, project: Project, last: date) -> Award | None:
    """The award for what was recognised by this day; None without any recognised money."""
    foreign = project.capital_nature == FOREIGN
    query = select(AmountEntry).where(
        AmountEntry.project_id == project.id,
        AmountEntry.kind == ("fdi" if foreign else "investment"),
        AmountEntry.standing.in_(COUNTED),
        AmountEntry.on <= last,
    )
    entries, rates = list(session.scalars(query.order_by(AmountEntry.id))), load_rates(session)
    if sum((each.amount for each in entries), Decimal(0)) <= 0:
        return None
    yuan = [rates.convert(each.amount, each.currency, each.on, HOME) for each in entries]
    known = [each for each in yuan if each is not None]
    return award_of(foreign=foreign, base=sum(known, Decimal(0)) if len(known) == len(yuan) else None)


def _project_of(session: Session, referral_id: int) -> Project:
    return session.get_one(Project, session.get_one(Referral, referral_id).project_id)


def standing_nominees(session: Session, commendation_id: int, category: str) -> list[Nominee]:
    """The candidates of a category that stayed on the list."""
    return [
        each for each in nominees_of(session, commendation_id) if each.category == category and each.removed_at is None
    ]


@tells("commendation")
def _of_year(session: Session, process_id: int) -> Iterator[Matter]:
    row = session.scalars(select(CommendationYear).where(CommendationYear.process_id == process_id)).one_or_none()
    if row is None:
        return
    yield Matter(N_("奖励名单"), f"{commendation_of(session, row.id).period}年度", f"/commendation/{row.id}")
    for category, name in (("district", N_("候选的区")), ("department", N_("候选的部门")), ("agent", N_("候选的中介"))):
        yield Matter(name, "、".join(each.name for each in standing_nominees(session, row.id, category)) or "-")
    if row.publicity_until:
        yield Matter(N_("公示期至"), row.publicity_until.isoformat())
        waiting = sum(each.decision is None for each in objections_of(session, row.id))
        yield Matter(N_("没有决定的异议"), str(waiting))

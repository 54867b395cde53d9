"""问题清单: what an inspection or a verification found, one row a problem; countersigned rows start rectifications."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Date, ForeignKey, Index, Integer, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, Json, Key, Moment
from models.district import land_on
from models.project import Project
from models.rectification import MOST_FINDINGS
from models.texts import N_
from models.unit import Unit

SOURCES: dict[str, str] = {"inspection": N_("季检查"), "verification": N_("半年核查")}
LONGEST_TOLD = 300  # characters, as the papers' tables hold them


class Problem(Base):
    """问题。 A fact, what it rests on, what is demanded by when; `evidence` are numbers of attachments."""

    __tablename__ = "problem"
    __table_args__ = (
        Index("ix_problem_source", "source", "period", "district_id"),
        Index("ix_problem_project", "project_id"),
        Index("ix_problem_process", "process_id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    source: Mapped[str] = mapped_column(String(20))
    period: Mapped[str] = mapped_column(String(10))
    process_id: Mapped[int | None] = mapped_column(ForeignKey("process.id"))  # that found it
    district_id: Mapped[int] = mapped_column(ForeignKey("organ.id"))
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    amount_entry_id: Mapped[int | None] = mapped_column(ForeignKey("amount_entry.id"))  # when it is about money
    number: Mapped[int] = mapped_column(Integer)  # within source, period and district
    fact: Mapped[str] = mapped_column(String(500))
    basis: Mapped[str] = mapped_column(String(500), default="")
    demand: Mapped[str] = mapped_column(String(500), default="")
    evidence: Mapped[Any] = mapped_column(Json, default=list)
    owner: Mapped[str] = mapped_column(String(80), default="")
    due_on: Mapped[date | None] = mapped_column(Date)
    found_by: Mapped[str] = mapped_column(String(80))
    found_at: Mapped[datetime] = mapped_column(Moment)
    countersigned_by: Mapped[str | None] = mapped_column(String(80))  # 签认, of the district
    countersigned_at: Mapped[datetime | None] = mapped_column(Moment)
    objection: Mapped[str] = mapped_column(String(500), default="")  # what the district wrote when it signed
    rectification_id: Mapped[int | None] = mapped_column(ForeignKey("rectification.id"))


def told(fact: str, basis: str, most: int = LONGEST_TOLD) -> str:
    """What is wrong and by which rule, for a cell of a paper: the rule stays whole, and what is left out of the fact shows."""
    tail = f"。依据：{basis}"
    return f"{shortened(fact.rstrip('。'), max(most - len(tail), 1))}{tail}"[:most]


def shortened(text: str, most: int = LONGEST_TOLD) -> str:
    """The text, ending in … where it is longer than a cell of a paper may be."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def problems_of(session: Session, source: str, period: str, district_id: int | None = None) -> list[Problem]:
    """The list of a period, by district and number; of one district, or of all."""
    query = select(Problem).where(Problem.source == source, Problem.period == period)
    if district_id is not None:
        query = query.where(Problem.district_id == district_id)
    return list(session.scalars(query.order_by(Problem.district_id, Problem.number)))


def problems_by_id(session: Session, numbers: Iterable[int]) -> list[Problem]:
    """These problems, in the order of their numbers on the list."""
    query = select(Problem).where(Problem.id.in_(set(numbers)))
    return list(session.scalars(query.order_by(Problem.district_id, Problem.number)))


def projects_of(session: Session, problems: Iterable[Problem]) -> dict[int, Project]:
    """The projects these problems are about, by number; one query."""
    wanted = {each.project_id for each in problems}
    return {each.id: each for each in session.scalars(select(Project).where(Project.id.in_(wanted)))}


def rectification_cases(
    unit: Unit, problems: Iterable[Problem], *, reviewer_organ_id: int, desk_organ_id: int, signer: str = ""
) -> Iterator[dict[str, Any]]:
    """What `start_process` is told for each 整改 of these problems: one a project, one more for every five problems.

    The problems are of one source and period and countersigned; see `rectification_case`.
    """
    ordered = sorted(problems, key=lambda each: (each.project_id, each.number))
    for _project, found in groupby(ordered, key=lambda each: each.project_id):
        of_project = list(found)
        for part, begin in enumerate(range(0, len(of_project), MOST_FINDINGS), start=1):
            yield rectification_case(
                unit,
                of_project[begin : begin + MOST_FINDINGS],
                reviewer_organ_id=reviewer_organ_id,
                desk_organ_id=desk_organ_id,
                signer=signer,
                part=part,
            )


def rectification_case(
    unit: Unit,
    problems: Sequence[Problem],
    *,
    reviewer_organ_id: int,
    desk_organ_id: int,
    signer: str = "",
    part: int = 1,
) -> dict[str, Any]:
    """What `start_process` is told to run 整改 for up to five problems of one project, found in one period.

    Whoever answers for the district today puts them right; `signer` is who signed the paper that orders it, when the
    house starts it afterwards. A project with more problems has several parts. Raises ValueError for problems that do
    not belong together, and for a reviewer who would review himself.
    """
    first = problems[0]
    if len(problems) > MOST_FINDINGS or len({(each.project_id, each.source, each.period) for each in problems}) > 1:
        raise ValueError("a rectification is of up to five problems of one project")
    project = unit.session.get_one(Project, first.project_id)
    rectifier_id = land_on(unit.session, unit.today).answering.get(first.district_id, first.district_id)
    if rectifier_id == reviewer_organ_id:
        raise ValueError("who rectifies does not review")
    key = f"rectification:{first.source}:{first.period}:{project.id}"
    return {
        "key": "rectification",
        "title": project.name,
        "organ_id": rectifier_id,
        "project_id": project.id,
        "district_id": rectifier_id,
        "business_key": key if part == 1 else f"{key}:{part}",
        "data": {
            "problems": [each.id for each in problems],
            "rectifier_organ": rectifier_id,
            "reviewer_organ": reviewer_organ_id,
            "desk_organ": desk_organ_id,
            "signer": signer,
        },
    }

"""What people ask of all projects: pages of a filtered list, its totals and counts, and one project as a card."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from models.ledger import PLAN, LedgerField, field_of_key, is_required, ledger_fields, missing_fields
from models.officer import Officer
from models.organ import Organ
from models.project import Project, find_project, values_of, visible_projects
from models.refusal import Invalid
from models.search import found_by, query_words
from models.texts import N_
from models.totals import Totals, totals, totals_over
from models.unit import Unit

PAGE = 50
FEW = 2000  # numbers found by a search that are carried to the next queries instead of searching again
Cursor = tuple[str, int]  # value of the sorted column as text, and the number
EQUAL: dict[str, Any] = {
    "state": Project.state,
    "light": Project.light,
    "district_id": Project.district_id,
    "organ_id": Project.owner_organ_id,
    "officer_id": Project.owner_officer_id,
    "chain": Project.chain,
    "capital_nature": Project.capital_nature,
}
SORTS: dict[str, Any] = {"new": None, "updated": Project.last_updated_at, "money": Project.total_investment}


@dataclass(frozen=True)
class ProjectFilter:
    """筛选。 Empty parts do not narrow; `district_id` takes zones with it, `organ_id` is the owner alone."""

    words: str = ""
    stage: str = ""  # "unknown": not yet confirmed
    state: str = ""
    light: str = ""
    district_id: int | None = None
    organ_id: int | None = None
    officer_id: int | None = None
    chain: str = ""
    capital_nature: str = ""
    sort: str = "new"
    found_ids: tuple[int, ...] | None = None


@dataclass(frozen=True)
class ProjectLine:
    """One line of the list, plain values; money 万元."""

    id: int
    project_no: str
    name: str
    owner_zh: str
    owner_en: str
    district_zh: str | None
    district_en: str | None
    stage: str | None
    stage_at: datetime | None
    state: str
    light: str
    total_investment: Decimal | None
    chain: str | None
    demo: bool
    officer: str | None
    last_updated_at: datetime


@dataclass(frozen=True)
class ProjectPage:
    """One page and where the next one begins; `after` is None on the last."""

    lines: tuple[ProjectLine, ...]
    after: Cursor | None


@dataclass(frozen=True)
class ProjectFigures:
    """How many and how much the filter finds; `by_district` is keyed by organ, None when not stated. Money 万元."""

    count: int
    total_investment: Decimal
    sums: Totals
    by_light: dict[str, int] = field(default_factory=dict)
    by_stage: dict[str, int] = field(default_factory=dict)
    by_state: dict[str, int] = field(default_factory=dict)
    by_district: dict[int | None, int] = field(default_factory=dict)
    red_by_stage: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class FieldShown:
    """One field of the ledger as a page shows it; `value` typed (money: Decimal 万元 in columns, text in extras)."""

    key: str
    name: str
    name_zh: str
    name_en: str
    unit: str
    value: Any
    missing: bool
    guess: bool


@dataclass(frozen=True)
class ProjectCard:
    """One project for its page; `version` goes into the form, so that an outdated one is noticed."""

    line: ProjectLine
    version: int
    source: str
    state_reason: str
    light_reasons: tuple[dict[str, Any], ...]
    light_version: str
    light_at: datetime | None
    turns_at: datetime | None
    fields: tuple[FieldShown, ...]
    missing: tuple[LedgerField, ...]
    sums: Totals


def list_projects(unit: Unit, wanted: ProjectFilter, *, after: Cursor | None = None, limit: int = PAGE) -> ProjectPage:
    """One page of what the actor may see, newest (or latest changed, or largest) first; one query."""
    ranked = _ranked(wanted.sort)
    query = _lines().where(_condition(unit, wanted))
    if after:
        query = query.where(_below(ranked, after))
    order = [Project.id.desc()] if ranked is None else [ranked.desc(), Project.id.desc()]
    rows = unit.session.execute(query.order_by(*order).limit(limit + 1)).all()
    lines = tuple(ProjectLine(*row) for row in rows[:limit])
    return ProjectPage(lines, _cursor(lines[-1], wanted.sort) if len(rows) > limit else None)


def project_figures(unit: Unit, wanted: ProjectFilter) -> ProjectFigures:
    """Totals and counts over all pages of the list, in at most three queries."""
    wanted = found_once(unit, wanted)
    condition = _condition(unit, wanted)
    groups = (Project.light, Project.stage, Project.state, Project.district_id)
    query = select(*groups, func.count(), func.sum(Project.total_investment)).where(condition).group_by(*groups)
    figures = ProjectFigures(0, Decimal(0), totals_over(unit.session, condition, unit.today.year))
    light, stage, state, red = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    district: Counter[int | None] = Counter()
    count, money = 0, Decimal(0)
    for row in unit.session.execute(query):
        colour, at_stage, in_state, in_district, number, invested = row
        count, money = count + number, money + (invested or 0)
        light[colour] += number
        stage[at_stage or "unknown"] += number
        state[in_state] += number
        district[in_district] += number
        red[at_stage or "unknown"] += number if colour == "red" else 0
    return replace(figures, count=count, total_investment=money, by_light=dict(light), by_stage=dict(stage),
                   by_state=dict(state), by_district=dict(district), red_by_stage=dict(+red))  # fmt: skip


def found_once(unit: Unit, wanted: ProjectFilter) -> ProjectFilter:
    """The filter with the numbers its words find, when they are few: later queries need not search again."""
    if not query_words(wanted.words) or wanted.found_ids is not None:
        return wanted
    searched = found_by(unit.session, Project.search, wanted.words)
    ids = tuple(unit.session.scalars(select(Project.id).where(searched).limit(FEW + 1)))
    return replace(wanted, found_ids=ids) if len(ids) <= FEW else wanted


def project_card(unit: Unit, project_id: int) -> ProjectCard:
    """The project as its page shows it; raises NotFound like find_project."""
    project = find_project(unit, project_id)
    line = ProjectLine(*unit.session.execute(_lines().where(Project.id == project_id)).one())
    sums = totals(unit.session, [project_id], unit.today.year)[project_id]
    missing = tuple(_missing(project, sums))
    values = values_of(project)
    shown = tuple(
        FieldShown(each.key, each.name, each.name_zh, each.name_en, each.unit, values.get(each.name), each in missing,
                   each.is_guess)
        for each in ledger_fields()
    )  # fmt: skip
    return ProjectCard(
        line=line,
        version=project.version,
        source=project.source,
        state_reason=project.state_reason,
        light_reasons=tuple(project.light_reasons),
        light_version=project.light_version,
        light_at=project.light_at,
        turns_at=project.turns_at,
        fields=shown,
        missing=missing,
        sums=sums,
    )


def missing_of(session: Session, project: Project, today: date, stage: str | None = None) -> list[LedgerField]:
    """What the project still lacks for this stage (its own when not given), the plan of the year included."""
    return _missing(project, totals(session, [project.id], today.year)[project.id], stage)


def project_names(session: Session, project_ids: Iterable[int]) -> dict[int, str]:
    """Names by number, for lists of other things."""
    query = select(Project.id, Project.name).where(Project.id.in_(set(project_ids)))
    return dict(session.execute(query).all())


def _missing(project: Project, sums: Totals, stage: str | None = None) -> list[LedgerField]:
    missing = missing_fields(values_of(project), stage)
    plan = field_of_key(PLAN)
    under_way = is_required(plan, stage or project.stage, "") and project.state not in ("produced", "withdrawn")
    return [*missing, plan] if under_way and sums.year_plan is None else missing


def _lines() -> Select[Any]:
    """The columns of ProjectLine in its order."""
    owner, district = aliased(Organ), aliased(Organ)
    named = {"owner_zh": owner.name_zh, "owner_en": owner.name_en, "district_zh": district.name_zh,
             "district_en": district.name_en, "officer": Officer.name}  # fmt: skip
    names = [each.name for each in fields(ProjectLine)]
    columns: list[Any] = [named[name] if name in named else getattr(Project, name) for name in names]
    return (
        select(*columns)
        .join(owner, owner.id == Project.owner_organ_id)
        .outerjoin(district, district.id == Project.district_id)
        .outerjoin(Officer, Officer.id == Project.owner_officer_id)
    )


def _condition(unit: Unit, wanted: ProjectFilter) -> ColumnElement[bool]:
    asked = {EQUAL[name]: getattr(wanted, name) for name in EQUAL}
    parts = [visible_projects(unit.actor), *(column == value for column, value in asked.items() if value)]
    if wanted.stage:
        parts.append(Project.stage.is_(None) if wanted.stage == "unknown" else Project.stage == wanted.stage)
    if wanted.found_ids is not None:
        parts.append(Project.id.in_(wanted.found_ids))
    elif query_words(wanted.words):
        parts.append(found_by(unit.session, Project.search, wanted.words))
    return and_(*parts)


def _ranked(sort: str) -> Any:
    if sort not in SORTS:
        raise Invalid(N_("没有这种排序。"))
    return func.coalesce(SORTS[sort], -1) if sort == "money" else SORTS[sort]


def _cursor(line: ProjectLine, sort: str) -> Cursor:
    if sort == "updated":
        return line.last_updated_at.isoformat(), line.id
    return (str(line.total_investment if line.total_investment is not None else "") if sort == "money" else ""), line.id


def _below(ranked: Any, after: Cursor) -> ColumnElement[bool]:
    """Everything that comes after the cursor; a cursor somebody has tampered with is refused."""
    text, last = after
    if ranked is None:
        return Project.id < last
    try:
        value = datetime.fromisoformat(text) if ranked is SORTS["updated"] else Decimal(text or "-0.000001")
    except (ArithmeticError, ValueError) as error:
        raise Invalid(N_("翻页位置有误，请从第一页开始。")) from error
    return or_(ranked < value, and_(ranked == value, Project.id < last))

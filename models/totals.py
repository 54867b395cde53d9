"""合计 of a project's money: every entry by the rate of its own day; what has no rate is told, never guessed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from itertools import groupby
from operator import attrgetter
from typing import Any, cast

from sqlalchemy import ColumnElement, Date, Select, Table, and_, bindparam, case, func, select
from sqlalchemy.orm import Session

from models.amount import OF_KIND, ZERO, AmountEntry
from models.currency import HOME, Rates, load_rates
from models.project import Project

FIELDS = {"investment": "invested", "funds": "funds", "fdi": "fdi"}  # in Totals, before _year and _all
RECOGNISED = ("recognised", "reduced")
SUMMED = (*(f"{name}_{span}" for name in FIELDS.values() for span in ("year", "all")), "recognised_year")

_ENTRY = cast("Table", AmountEntry.__table__)


@dataclass(frozen=True)
class ForeignSum:
    """外币: what came of one kind in one other currency than the kind's own, in 万 of it, net of reductions.

    `counted` is the part of it that is in the totals, in 万 of the kind's own; `unrated` the days without a rate and
    the 万 dated then, which are in no total. `lacks` names the currency whose rate is missing.
    """

    kind: str
    currency: str
    amount: Decimal = ZERO
    counted: Decimal = ZERO
    unrated: tuple[tuple[date, Decimal], ...] = ()
    lacks: str = ""


@dataclass(frozen=True)
class Totals:
    """合计。 万元, fdi 万美元, net of reductions. `year_plan` is the plan filed last for the year, None without one.

    Money in another currency is in each figure by the rate of its day; `foreign` tells it in its own, up to the year's
    end, and what could not be counted for want of a rate.
    """

    year: int
    year_plan: Decimal | None = None
    invested_year: Decimal = ZERO
    invested_all: Decimal = ZERO
    funds_year: Decimal = ZERO
    funds_all: Decimal = ZERO
    fdi_year: Decimal = ZERO
    fdi_all: Decimal = ZERO
    recognised_year: Decimal = ZERO  # of the investment
    foreign: tuple[ForeignSum, ...] = ()

    def unrated(self, kind: str) -> tuple[ForeignSum, ...]:
        """What of this kind is in no total, by currency."""
        return tuple(each for each in self.foreign if each.kind == kind and each.unrated)


@dataclass(frozen=True)
class ForeignLine:
    """One entry in another currency than its kind's own."""

    project_id: int
    kind: str
    currency: str
    standing: str
    on: date
    amount: Decimal


@dataclass
class _Pile:
    """What is being added up of one project, or of all."""

    figures: dict[str, Decimal] = field(default_factory=dict)
    foreign: dict[tuple[str, str], ForeignSum] = field(default_factory=dict)


def _own() -> ColumnElement[str]:
    return case((_ENTRY.c.kind == "fdi", OF_KIND["fdi"]), else_=HOME)


def _sums() -> list[ColumnElement[Any]]:
    """In the order of SUMMED, in each kind's own currency, for the year between the days `first` and `last`.

    Last of all how many entries are in another currency and have to be converted one by one.
    """
    until = _ENTRY.c.on <= bindparam("last", type_=Date())
    within = and_(until, _ENTRY.c.on >= bindparam("first", type_=Date()))
    wanted = [(_ENTRY.c.kind == kind, span) for kind in FIELDS for span in (within, until)]
    wanted.append((and_(_ENTRY.c.kind == "investment", _ENTRY.c.standing.in_(RECOGNISED)), within))
    own = _ENTRY.c.currency == _own()
    sums = [func.sum(case((and_(kind, span, own), _ENTRY.c.amount))) for kind, span in wanted]
    return [*sums, func.sum(case((_IS_FOREIGN, 1), else_=0))]


# Asked whenever a light is decided, so built once, over plain columns.
_IS_FOREIGN = and_(
    _ENTRY.c.kind.in_(FIELDS), _ENTRY.c.currency != _own(), _ENTRY.c.on <= bindparam("last", type_=Date())
)
_SUMS = _sums()
_THESE = _ENTRY.c.project_id.in_(bindparam("ids", expanding=True))
_FILED = _ENTRY.alias("filed")
_PLAN = (  # the plan filed last for the year: a re-approved plan takes the place of the old one
    select(_FILED.c.amount)
    .where(
        _FILED.c.project_id == _ENTRY.c.project_id,
        _FILED.c.kind == "plan",
        _FILED.c.on >= bindparam("first", type_=Date()),
        _FILED.c.on <= bindparam("last", type_=Date()),
    )
    .order_by(_FILED.c.filed_at.desc(), _FILED.c.id.desc())
    .limit(1)
    .correlate(_ENTRY)
    .scalar_subquery()
)
_TOTALS = select(_ENTRY.c.project_id, _PLAN, *_SUMS).where(_THESE).group_by(_ENTRY.c.project_id)
_LINE = (_ENTRY.c.project_id, _ENTRY.c.kind, _ENTRY.c.currency, _ENTRY.c.standing, _ENTRY.c.on, _ENTRY.c.amount)
_FOREIGN = select(*_LINE).where(_THESE, _IS_FOREIGN).order_by(_ENTRY.c.project_id, _ENTRY.c.on, _ENTRY.c.id)
_project = attrgetter("project_id")


def totals(session: Session, project_ids: Iterable[int], year: int) -> dict[int, Totals]:
    """Sums of each project within the year and up to its end; those without entries are there too.

    One query; two more, for the foreign entries and the rates, when any came in another currency.
    """
    ids = sorted(set(project_ids))
    session.flush()  # plain columns do not do it by themselves
    asked = {"ids": ids, "first": date(year, 1, 1), "last": date(year, 12, 31)}
    found, mixed = {}, []
    for project_id, plan, *sums, foreign in session.execute(_TOTALS, asked):
        found[project_id] = Totals(year, plan, **_named(sums))
        mixed += [project_id] if foreign else []
    if mixed:
        rates = load_rates(session)
        for project_id, lines in groupby(_lines(session, _FOREIGN, asked | {"ids": mixed}), _project):
            found[project_id] = with_foreign(found[project_id], lines, rates)
    return {each: found.get(each) or Totals(year) for each in ids}


def totals_over(session: Session, condition: ColumnElement[bool], year: int) -> Totals:
    """The same sums over all projects that meet the condition, in one query (three where foreign money came).

    Year plans are not added up here.
    """
    query = select(*_SUMS).join_from(AmountEntry, Project, AmountEntry.project_id == Project.id).where(condition)
    asked = {"first": date(year, 1, 1), "last": date(year, 12, 31)}
    *sums, foreign = session.execute(query, asked).one()
    own = Totals(year, **_named(sums))
    if not foreign:
        return own
    abroad = select(*_LINE).join_from(AmountEntry, Project, AmountEntry.project_id == Project.id)
    lines = _lines(session, abroad.where(condition, _IS_FOREIGN), asked)
    return with_foreign(own, lines, load_rates(session))


def with_foreign(own: Totals, lines: Iterable[ForeignLine], rates: Rates) -> Totals:
    """The totals with these entries in them, each by the rate of its day; pure."""
    pile = _Pile()
    for line in lines:
        _add(pile, line, rates, own.year)
    figures = {name: getattr(own, name) + more for name, more in pile.figures.items()}
    foreign = tuple(_told(pile.foreign[key]) for key in sorted(pile.foreign))
    return replace(own, foreign=foreign, **figures)


def _add(pile: _Pile, line: ForeignLine, rates: Rates, year: int) -> None:
    into, key = OF_KIND.get(line.kind, HOME), (line.kind, line.currency)
    seen = pile.foreign.get(key) or ForeignSum(line.kind, line.currency)
    seen = replace(seen, amount=seen.amount + line.amount)
    counted = rates.convert(line.amount, line.currency, line.on, into)
    if counted is None:
        lacks = line.currency if rates.yuan(line.currency, line.on) is None else into
        pile.foreign[key] = replace(seen, unrated=_with_day(seen.unrated, line.on, line.amount), lacks=lacks)
        return
    pile.foreign[key] = replace(seen, counted=seen.counted + counted)
    for name in _names(line, year):
        pile.figures[name] = pile.figures.get(name, ZERO) + counted


def _names(line: ForeignLine, year: int) -> Iterable[str]:
    """The fields of Totals that an entry is in."""
    yield f"{FIELDS[line.kind]}_all"
    if line.on.year == year:
        yield f"{FIELDS[line.kind]}_year"
        if line.kind == "investment" and line.standing in RECOGNISED:
            yield "recognised_year"


def _told(told: ForeignSum) -> ForeignSum:
    """Days whose entries cancel out leave nothing out of a total."""
    return replace(told, unrated=tuple((on, amount) for on, amount in told.unrated if amount))


def _with_day(days: tuple[tuple[date, Decimal], ...], on: date, amount: Decimal) -> tuple[tuple[date, Decimal], ...]:
    known = dict(days)
    return tuple(sorted((known | {on: known.get(on, ZERO) + amount}).items()))


def _lines(session: Session, query: Select[Any], asked: Mapping[str, Any]) -> list[ForeignLine]:
    return [ForeignLine(*row) for row in session.execute(query, asked)]


def _named(sums: Iterable[Decimal | None]) -> dict[str, Any]:
    return {name: value or ZERO for name, value in zip(SUMMED, sums, strict=True)}

"""评分: all units scored by a scheme, with totals and places; pure, so that a page, a paper and a command line agree."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction

from models.formula import Score, rounded, score_indicator, spread_of
from models.scheme import Indicator, Scheme, Wrong
from models.standing import last_places, places
from models.texts import N_

COUNTING = ("steps", "count", "deduction", "bonus", "veto")
Values = Mapping[str, Decimal | None]  # by the word of the figure


@dataclass(frozen=True)
class Figures:
    """数据。 Every unit's figures by word, in the order the units are to be listed; `groups` goes before the scheme's own."""

    values: Mapping[str, Values]
    groups: Mapping[str, str] = field(default_factory=dict)

    @property
    def units(self) -> tuple[str, ...]:
        """The units, in their order."""
        return tuple(self.values)


@dataclass(frozen=True)
class Result:
    """一个单位的得分。 `rank` is within its group when the scheme ranks by group, `overall` among all; None: not ranked.

    `combined` is the sum of the indicators flagged 内资 or 外资, `combined_rank` its place among all units.
    """

    unit: str
    group: str
    scores: Mapping[str, Score]
    total: Decimal
    combined: Decimal | None
    unranked: str = ""  # why it has no place
    uncombined: str = ""  # why it has no place by 内外资
    rank: int | None = None
    overall: int | None = None
    combined_rank: int | None = None

    @property
    def notes(self) -> tuple[str, ...]:
        """The footnotes of this unit."""
        return tuple(score.note for score in self.scores.values() if score.note)


@dataclass(frozen=True)
class Sheet:
    """评分表。 The results in the order of the figures; `last` and `combined_last` are 后三位 by total and by 内外资."""

    scheme: Scheme
    results: tuple[Result, ...]
    last: frozenset[str]
    combined_last: frozenset[str]

    def of(self, unit: str) -> Result:
        """The unit's result; raises KeyError for one that was not scored."""
        return {each.unit: each for each in self.results}[unit]


def wrong_figures(scheme: Scheme, figures: Figures) -> list[Wrong]:
    """Figures and units that do not fit the scheme; rows are the units' numbers in their order."""
    groups = scheme_groups(scheme, figures)
    counted = [word for word in scheme.figures if word in _counted(scheme)]
    found = []
    for row, (unit, values) in enumerate(figures.values.items(), 1):
        found += [Wrong(row, word, N_("缺少这项数据")) for word in scheme.figures if word not in values]
        found += [Wrong(row, word, N_("个数不能是负数")) for word in counted if (values.get(word) or 0) < 0]
        if groups and not groups.get(unit):
            found.append(Wrong(row, "分组", N_("没有写明“%(unit)s”的分组"), {"unit": unit}))
    return found


def _counted(scheme: Scheme) -> set[str]:
    """The words of figures that are numbers of things or events; amounts may be negative when money is withdrawn."""
    return {
        word
        for each in scheme.indicators
        for slot, word in zip(each.slots, each.figures, strict=True)
        if each.formula in COUNTING or slot.word == "count"
    }


def scheme_groups(scheme: Scheme, figures: Figures) -> Mapping[str, str]:
    """Each unit's group: the figures' own word, else the scheme's; empty when units are not grouped."""
    return {**scheme.groups, **figures.groups}


def score(scheme: Scheme, figures: Figures) -> Sheet:
    """Every unit's scores, total and places. Expects what `wrong_scheme` and `wrong_figures` find nothing wrong with."""
    columns = {each.word: score_column(each, scheme, figures) for each in scheme.indicators}
    return sheet_of(scheme, figures, columns)


def score_column(indicator: Indicator, scheme: Scheme, figures: Figures) -> dict[str, Score]:
    """One indicator's score for every unit."""
    spread = None
    if indicator.formula == "efficacy":
        word = indicator.figures[0]
        empty = Decimal(0) if indicator.missing == "zero" else None
        spread = spread_of([empty if values[word] is None else values[word] for values in figures.values.values()])
    return {
        unit: score_indicator(indicator, values, rounding=scheme.rounding, spread=spread)
        for unit, values in figures.values.items()
    }


def sheet_of(scheme: Scheme, figures: Figures, columns: Mapping[str, Mapping[str, Score]]) -> Sheet:
    """The sheet of scores that are already there, column by column."""
    groups = scheme_groups(scheme, figures)
    plain = [
        _result(scheme, unit, groups.get(unit, ""), {word: column[unit] for word, column in columns.items()})
        for unit in figures.units
    ]
    totals = {each.unit: None if each.unranked else each.total for each in plain}
    combined = {each.unit: None if each.uncombined else each.combined for each in plain}
    overall, by_natures = places(totals, scheme.tie), places(combined, scheme.tie)
    ranks = _within_groups(plain, totals, scheme.tie)
    return Sheet(
        scheme,
        tuple(
            replace(each, rank=ranks[each.unit], overall=overall[each.unit], combined_rank=by_natures[each.unit])
            for each in plain
        ),
        frozenset(last_places(totals)),
        frozenset(last_places(combined)),
    )


def _result(scheme: Scheme, unit: str, group: str, scores: Mapping[str, Score]) -> Result:
    flagged = [scores[each.word] for each in scheme.indicators if each.nature]
    excluded = [each for each in scores.values() if each.unranked]
    zeroed = any(each.veto and not each.unranked for each in scores.values())
    vetoed = [each for each in excluded if each.veto]
    total = Decimal(0) if zeroed else _sum(scores.values())
    told = [each for each in flagged if each.points is not None]
    combined = (Decimal(0) if zeroed else _sum(flagged)) if told else None
    apart = [each for each in flagged if each.unranked] + vetoed
    return Result(
        unit,
        group,
        dict(scores),
        _to_total(scheme, total),
        None if combined is None else _to_total(scheme, combined),
        unranked="；".join(dict.fromkeys(each.note for each in excluded)),
        uncombined="；".join(dict.fromkeys(each.note for each in apart)),
    )


def _sum(scores: Iterable[Score]) -> Decimal:
    return sum((each.points for each in scores if each.points is not None), Decimal(0))


def _to_total(scheme: Scheme, value: Decimal) -> Decimal:
    return rounded(Fraction(value), scheme.rounding.total_places, scheme.rounding.mode)


def _within_groups(plain: Iterable[Result], totals: Mapping[str, Decimal | None], tie: str) -> dict[str, int | None]:
    groups: dict[str, dict[str, Decimal | None]] = {}
    for each in plain:
        groups.setdefault(each.group, {})[each.unit] = totals[each.unit]
    return {unit: rank for group in groups.values() for unit, rank in places(group, tie).items()}

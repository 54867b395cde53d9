"""位次余量怎么说: how far each unit is from 后三位, in points, and which one figure would carry it over."""

from collections.abc import Mapping
from decimal import Decimal

from models.figure import FIGURES
from models.margin import by_combined, last_of, margins
from models.scheme import Scheme
from models.score import Figures, Result, Sheet
from models.standing import LAST
from models.texts import N_

BY_NATURES = N_("按内外资：")
NEAR = 2  # units above the last three for which the distance is told even when no single figure would carry them over


def margins_said(sheet: Sheet, figures: Figures) -> dict[str, str]:
    """A sentence by unit, for those in the last three, those next above and those whom one figure moved by 5 % would shift."""
    combined = by_combined(sheet.scheme)
    scores = {each.unit: value for each in sheet.results if (value := _score(each, combined=combined)) is not None}
    if len(scores) <= LAST:
        return {}
    found = margins(sheet.scheme, figures)
    last = last_of(sheet, combined=combined)
    near = sorted(set(scores) - last, key=lambda unit: scores[unit])[:NEAR]
    said = {}
    for unit in scores:
        if unit in last or unit in near or unit in found:
            by = BY_NATURES if combined else ""
            said[unit] = by + _distance(scores, unit, into=unit not in last)
        if unit in found:
            margin = found[unit]
            name = _name(sheet.scheme, margin.figure)
            words = N_("“%(name)s”少%(share)s%%即列入") if margin.move < 0 else N_("“%(name)s”多%(share)s%%即列入")
            if not margin.into:
                words = N_("“%(name)s”多%(share)s%%即退出") if margin.move > 0 else N_("“%(name)s”少%(share)s%%即退出")
            said[unit] += "；" + words % {"name": name, "share": f"{abs(margin.move) * 100:.2f}"}
    return said


def _score(result: Result, *, combined: bool) -> Decimal | None:
    if combined:
        return None if result.uncombined else result.combined
    return None if result.unranked else result.total


def _distance(scores: Mapping[str, Decimal], unit: str, *, into: bool) -> str:
    """From the third lowest of the others: at or below it a unit is among the last three."""
    third = sorted(value for other, value in scores.items() if other != unit)[LAST - 1]
    gap = f"{abs(scores[unit] - third):f}"
    return (N_("高出后三位%(gap)s分") if into else N_("差%(gap)s分出后三位")) % {"gap": gap}


def _name(scheme: Scheme, word: str) -> str:
    if word in FIGURES:
        return FIGURES[word].name_zh
    return next(each.name_zh for each in scheme.indicators if word in each.figures)

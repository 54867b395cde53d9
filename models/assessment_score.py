"""考核评分: the scheme an assessment follows, its figures taken, and its sheet scored from them – again the same, always."""

from collections.abc import Mapping
from decimal import Decimal

from sqlalchemy import delete
from sqlalchemy.orm import Session

from models.assessment import Assessment, Standing
from models.assessment_sheet import NOTHING, ScoreSheet, SheetColumn, SheetLine, SheetRow, number
from models.district import District
from models.duty import first_day_of, last_day_of
from models.figure import FIGURES
from models.margin_said import margins_said
from models.scheme import GROUPS, WEIGHED, Indicator, Scheme, scheme_from_json, scheme_to_json
from models.scheme_param import shown
from models.scheme_source import default_scheme
from models.scheme_version import scheme_in_force
from models.score import Figures, Result, Sheet, score
from models.taken_figure import land_of, take_figures, taken, values_of
from models.unit import Unit

STRUCK, UNSTRUCK = "否决", "无"  # 一票否决 has no points
STANDING = {  # what a standing keeps beside the scores, whatever the scheme reads
    "domestic_done": "domestic_recognised",
    "domestic_target": "domestic_target",
    "foreign_done": "foreign_recognised",
    "foreign_target": "foreign_target",
}


def take_all(unit: Unit, row: Assessment) -> None:
    """取数 by the scheme in force, which is copied into the assessment; typed figures that were there stay."""
    found = scheme_in_force(unit.session, row.subject, first_day_of(row.period).year)
    scheme = scheme_from_json(found.content) if found else default_scheme(row.subject)
    row.scheme, row.scheme_version_id = scheme_to_json(scheme), found.id if found else None
    wanted = [word for word in scheme.figures if word in FIGURES]
    if row.subject == "district":
        wanted += STANDING.values()
    take_figures(unit, row, dict.fromkeys(wanted))


def scheme_of(row: Assessment) -> Scheme:
    """The scheme as it was copied."""
    return scheme_from_json(row.scheme)


def manual_words(row: Assessment) -> list[str]:
    """The words of the figures that people type."""
    return [word for each in scheme_of(row).indicators for word in each.typed]


def missing_manual(session: Session, row: Assessment) -> list[str]:
    """The names of the indicators that cannot do without a typed figure and have none for some unit yet."""
    known = taken(session, row.id)
    units = [each.id for each in land_of(session, row.subject, last_day_of(row.period)).districts]
    return [
        each.name_zh
        for each in scheme_of(row).indicators
        if each.missing != "zero"
        and any(
            (unit_id, word) not in known or known[unit_id, word].value is None
            for word in each.typed
            for unit_id in units
        )
    ]


def score_now(unit: Unit, row: Assessment) -> ScoreSheet:
    """评分 from the figures as they stand; the sheet is kept with the assessment and returned."""
    scheme = scheme_of(row)
    units = land_of(unit.session, row.subject, last_day_of(row.period)).districts
    known = values_of(unit.session, row.id)
    values: dict[str, Mapping[str, Decimal | None]] = {
        str(each.id): {word: known.get(each.id, {}).get(word) for word in scheme.figures} for each in units
    }
    figures = Figures(values)
    sheet = score(scheme, figures)
    said = margins_said(sheet, figures)
    printed = _printed(row, sheet, {each.id: each for each in units}, said)
    row.sheet = printed.plain()
    return printed


def _printed(row: Assessment, sheet: Sheet, units: Mapping[int, District], margins: Mapping[str, str]) -> ScoreSheet:
    scheme = sheet.scheme
    groups = [group for group in GROUPS if any(each.group == group for each in scheme.indicators) and group != "veto"]
    rows = [
        _row(sheet, result, units[int(result.unit)], groups, margins.get(result.unit, "")) for result in sheet.results
    ]
    rows.sort(key=lambda each: (each.place is None, each.place or 0, each.code))
    return ScoreSheet(
        period=row.period,
        subject=row.subject,
        scheme=scheme.name,
        standard=scheme.default,
        columns=tuple(_column(each) for each in scheme.indicators),
        groups=tuple(GROUPS[group] for group in groups),
        rows=tuple(rows),
    )


def _column(each: Indicator) -> SheetColumn:
    names = {word: slot.name_zh for word, slot in zip(each.figures, each.slots, strict=True)}
    weight = f"{shown(each.weight)}分" if each.weight is not None else ""
    return SheetColumn(each.word, each.name_zh, GROUPS[each.group], weight if each.group in WEIGHED else weight and f"最多{weight}",
                       each.figures, tuple((word, names[word]) for word in each.typed), each.note)  # fmt: skip


def _row(sheet: Sheet, result: Result, of: District, groups: list[str], margin: str) -> SheetRow:
    scheme = sheet.scheme
    lines = tuple(_line(scheme, result, each) for each in scheme.indicators)
    has_combined = result.combined is not None and not result.uncombined
    return SheetRow(
        organ_id=of.id,
        code=of.code,
        name=of.name,
        lines=lines,
        subtotals=tuple(_subtotal(scheme, result, group) for group in groups),
        total=NOTHING if result.unranked else _points(result.total, scheme.rounding.total_places),
        place=result.rank,
        combined=_points(result.combined, scheme.rounding.total_places) if has_combined else NOTHING,
        combined_place=result.combined_rank,
        last=result.unit in sheet.last,
        combined_last=result.unit in sheet.combined_last,
        margin=margin,
    )


def _line(scheme: Scheme, result: Result, each: Indicator) -> SheetLine:
    found = result.scores[each.word]
    if each.formula == "veto":
        return SheetLine(STRUCK if found.veto else UNSTRUCK, found.line)
    return SheetLine(_points(found.points, scheme.rounding.places), found.line)


def _subtotal(scheme: Scheme, result: Result, group: str) -> str:
    points = [result.scores[each.word].points for each in scheme.indicators if each.group == group]
    there = [value for value in points if value is not None]
    return _points(sum(there, Decimal(0)) if there else None, scheme.rounding.places)


def _points(value: Decimal | None, places: int) -> str:
    return NOTHING if value is None else f"{value:.{places}f}"


def keep_standings(unit: Unit, row: Assessment, sheet: ScoreSheet) -> None:
    """位次 of every unit, in the place of whatever stood there."""
    unit.session.execute(delete(Standing).where(Standing.assessment_id == row.id))
    known = values_of(unit.session, row.id)
    for each in sheet.rows:
        figures = known.get(each.organ_id, {})
        unit.session.add(Standing(
            assessment_id=row.id, organ_id=each.organ_id, total=number(each.total), place=each.place,
            combined=number(each.combined), combined_place=each.combined_place,
            **{column: figures.get(word) for column, word in STANDING.items()},
        ))  # fmt: skip

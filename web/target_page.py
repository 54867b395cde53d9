"""年度目标 as its page and its Excel file show them."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from flask import url_for
from flask_babel import gettext as _

from forms.workbook import Page, workbook_of
from models.target import HALF
from models.target_acts import COLUMNS, NOTE, PLACE, Column, TargetLine, field_name, fingerprint, target_lines
from models.typed_numbers import typed_number
from models.unit import Unit
from web.i18n import say
from web.views import Chip
from web.views.targets import TargetCell, TargetRow, TargetsPage

BACK = 3  # years before this one that the page offers


def targets_view(
    unit: Unit,
    year: int,
    *,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    problem: str = "",
    wrongs: Mapping[str, str] | None = None,
    stale: bool = False,
) -> TargetsPage:
    """The page of a year; after a refusal with what was typed and what is wrong with it.

    `stale`: somebody saved meanwhile; every box that differs says what now stands, and saving again is meant.
    """
    lines = target_lines(unit.session, year, unit.today)
    if stale and typed:
        errors = {**_differing(lines, typed), **(errors or {})}
    years = range(unit.today.year + 1, unit.today.year - BACK, -1)
    return TargetsPage(
        year=year,
        years=tuple(Chip(str(each), url_for("targets.index", year=each), active=each == year) for each in years),
        heads=tuple(say(name) for name in COLUMNS.values()),
        rows=tuple(_row(line, typed, errors or {}) for line in lines),
        seen=typed["seen"] if typed and "seen" in typed and not stale else fingerprint(lines),
        may_set=unit.actor.may("target.set"),
        save_href=url_for("targets.save", year=year),
        import_href=url_for("targets.take_in", year=year),
        export_href=url_for("targets.export", year=year),
        rates_href=url_for("rates.index"),
        problem=problem,
        wrongs=tuple(f"{where}：{say(text)}" for where, text in (wrongs or {}).items()),
    )


def _differing(lines: Sequence[TargetLine], typed: Mapping[str, str]) -> dict[str, str]:
    """What now stands in each box that was typed otherwise, by name."""
    found = {}
    for line in lines:
        kept = {field_name(column, line.organ_id): _plain(line.amounts.get(column)) for column in COLUMNS}
        kept[f"note_{line.organ_id}"] = line.note
        for name, now in kept.items():
            was = typed.get(name, "").strip()
            if was != now and (typed_number(was) is None or typed_number(was) != typed_number(now)):
                found[name] = str(_("现在是：%(now)s", now=now or "-"))
    return found


def _row(line: TargetLine, typed: Mapping[str, str] | None, errors: Mapping[str, str]) -> TargetRow:
    note = f"note_{line.organ_id}"
    return TargetRow(
        district=line.name,
        cells=tuple(_cell(line, column, typed, errors) for column in COLUMNS),
        note_name=note,
        note=typed.get(note, line.note) if typed else line.note,
        note_error=say(errors[note]) if note in errors else "",
        demo=line.demo,
    )


def _cell(line: TargetLine, column: Column, typed: Mapping[str, str] | None, errors: Mapping[str, str]) -> TargetCell:
    name = field_name(column, line.organ_id)
    kept = _plain(line.amounts.get(column))
    whole = line.amounts.get((column[0], "year"))
    default = column[1] == "half" and column not in line.amounts and whole is not None
    return TargetCell(
        name=name,
        label=f"{line.name} {say(COLUMNS[column])}",
        value=typed.get(name, kept) if typed else kept,
        error=say(errors[name]) if name in errors else "",
        half=str(_("默认值 %(amount)s", amount=f"{whole * HALF:,.2f}")) if default and whole is not None else "",
    )


def _plain(amount: Decimal | None) -> str:
    return "" if amount is None else f"{amount:.2f}"


def targets_book(unit: Unit, year: int) -> bytes:
    """The same as an xlsx, which `import_targets` reads back."""
    rows = tuple(
        (line.name, *(_plain(line.amounts.get(column)) for column in COLUMNS), line.note)
        for line in target_lines(unit.session, year, unit.today)
    )
    head = (PLACE, *COLUMNS.values(), NOTE)
    return workbook_of([Page(f"{year}年目标", (), head, rows, figures=frozenset(range(1, len(head) - 1)))])

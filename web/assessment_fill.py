"""补录人工指标: the page on which the desk types what the system cannot know, with the papers it rests on."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from flask import url_for
from flask_babel import gettext as _

from models.assessment import find_assessment
from models.assessment_sheet import SheetColumn, read_sheet
from models.refusal import Invalid
from models.taken_figure import TakenFigure, taken, type_figures
from models.texts import N_
from models.unit import Unit
from web.assessment_page import file_links, title_of
from web.fields import FieldView
from web.i18n import say
from web.views.assessments import FillCell, FillPage, FillPart

LARGEST = Decimal(10) ** 9


def typed_words(unit: Unit, assessment_id: int) -> list[str]:
    """The words of the typed indicators of this assessment."""
    sheet = read_sheet(find_assessment(unit, assessment_id).sheet)
    return [word for column in sheet.columns for word, _name in column.typed]


def fill_page(
    unit: Unit, assessment_id: int, posted: Mapping[str, str], errors: Mapping[str, str], problem: str = ""
) -> FillPage:
    """The page with what was typed now, else what is kept; raises NotPermitted for who does not score."""
    unit.require("assessment.score")
    row = find_assessment(unit, assessment_id)
    sheet, known = read_sheet(row.sheet), taken(unit.session, assessment_id)
    units = [(each.organ_id, each.name) for each in sorted(sheet.rows, key=lambda each: each.code)]
    parts = tuple(
        _part(assessment_id, column, typed, units=units, known=known, posted=posted, errors=errors)
        for column in sheet.columns
        for typed in column.typed
    )
    return FillPage(
        title=_("补录人工指标"),
        action_href=url_for("assessments.save", assessment_id=assessment_id),
        parts=parts,
        problem=problem,
        crumbs=(
            (_("考核"), url_for("assessments.index")),
            (title_of(row), url_for("assessments.page", assessment_id=assessment_id)),
        ),
    )


def _part(
    assessment_id: int,
    column: SheetColumn,
    typed: tuple[str, str],
    *,
    units: list[tuple[int, str]],
    known: Mapping[tuple[int, str], TakenFigure],
    posted: Mapping[str, str],
    errors: Mapping[str, str],
) -> FillPart:
    word, name_of = typed
    cells = []
    for organ_id, name in units:
        field, kept = f"value_{word}_{organ_id}", known.get((organ_id, word))
        stands = format(kept.value.normalize(), "f") if kept and kept.value is not None else ""
        cells.append(
            FillCell(name, field, posted.get(field, stands), say(errors.get(field, "")) if errors.get(field) else "")
        )
    rows = [row for (_organ, each), row in known.items() if each == word]
    papers = rows[0].evidence if rows else []
    wrong = errors.get(f"evidence_{word}", "")
    note = posted.get(f"note_{word}", rows[0].note if rows else "")
    return FillPart(
        word,
        column.name if len(column.typed) == 1 else f"{column.name}：{name_of}",
        column.meaning,
        tuple(cells),
        FieldView(f"evidence_{word}", _("佐证材料"), "files", required=not papers, error=say(wrong) if wrong else "",
                  help=_("pdf、docx、xlsx、jpg、png，可多选；已上传的不用再传。")),
        FieldView(f"note_{word}", _("数据来源"), value=note, max_length=200),
        file_links(assessment_id, papers),
    )  # fmt: skip


def typed_values(unit: Unit, assessment_id: int, posted: Mapping[str, str], filed: Mapping[str, list[int]]) -> None:
    """Keeps what was typed. Raises Invalid naming each cell that is no number and each indicator without evidence."""
    row = find_assessment(unit, assessment_id)
    sheet, known = read_sheet(row.sheet), taken(unit.session, assessment_id)
    errors: dict[str, str] = {}
    for word in typed_words(unit, assessment_id):
        values = {each.organ_id: _number(posted, f"value_{word}_{each.organ_id}", errors) for each in sheet.rows}
        before: list[int] = next((figure.evidence for (_organ, each), figure in known.items() if each == word), [])
        try:
            type_figures(unit, row, word, values, evidence=[*before, *filed.get(word, [])],
                         note=posted.get(f"note_{word}", "").strip())  # fmt: skip
        except Invalid as refusal:
            errors |= refusal.fields
    if errors:
        raise Invalid(N_("有%(count)s处需要修改，已填内容未丢失。"), fields=errors, count=len(errors))


def _number(posted: Mapping[str, str], name: str, errors: dict[str, str]) -> Decimal | None:
    text = posted.get(name, "").replace(",", "").replace("，", "").strip()
    if not text:
        return None
    try:
        value = Decimal(text)
    except InvalidOperation:
        errors[name] = N_("请填写数字。")
        return None
    if not value.is_finite() or abs(value) > LARGEST or value != value.quantize(Decimal("0.0001")):
        errors[name] = N_("请填写数字，最多四位小数。")
        return None
    return value

"""How one score was made, for its page: the formula, each figure, and the rows or papers behind it."""

from decimal import Decimal

from flask import url_for
from flask_babel import gettext as _

from models import printed_numbers as printed
from models.assessment import Assessment, find_assessment
from models.assessment_sheet import SheetColumn
from models.figure import FIGURES, recounted
from models.refusal import NotFound
from models.taken_figure import MOST_ROWS, TakenFigure, taken
from models.texts import N_
from models.unit import Unit
from web.assessment_page import file_links, may_see_papers, sheet_of, title_of
from web.i18n import moment, say
from web.views.assessments import FigureRow, FigureView, ScorePage
from web.views.shared import Fact

MOST_SHOWN = 200  # rows of one figure on the page
OF_MONEY = ("domestic_growth", "foreign_growth", "arrival_rate")  # rates whose rows are amounts


def score_page(unit: Unit, assessment_id: int, organ_id: int, indicator: str) -> ScorePage:
    """One score; raises NotFound for a unit or an indicator that is not in the sheet."""
    row = find_assessment(unit, assessment_id)
    sheet = sheet_of(row)
    of, found = sheet.row_of(organ_id), sheet.column_of(indicator)
    if of is None or found is None:
        raise NotFound(N_("评分表里没有这一项。"))
    place, column = found
    line = of.lines[place]
    figures = taken(unit.session, assessment_id)
    views = (
        _figure(unit, row, column, figures[organ_id, word]) for word in column.figures if (organ_id, word) in figures
    )
    return ScorePage(
        title=f"{of.name} · {column.name}",
        score=line.score,
        formula=line.text,
        facts=(Fact(_("类别"), column.group), Fact(_("权重"), column.weight), Fact(_("说明"), column.meaning)),
        figures=tuple(views),
        crumbs=(
            (_("考核"), url_for("assessments.index")),
            (title_of(row), url_for("assessments.page", assessment_id=assessment_id)),
        ),
    )


def _figure(unit: Unit, row: Assessment, column: SheetColumn, figure: TakenFigure) -> FigureView:
    known = FIGURES.get(figure.word)
    open_to = may_see_papers(unit, figure.organ_id)
    shares = bool(known and known.counting != "sum")
    money = bool(known and (known.unit_zh in printed.MONEY_UNITS or known.word in OF_MONEY))
    return FigureView(
        name=say(known.name_zh) if known else _typed_name(column, figure.word),
        value=printed.with_unit(figure.value, known.unit_zh if known else ""),
        was=printed.with_unit(figure.was, known.unit_zh if known else "") if figure.objection_id else "",
        meaning=say(known.meaning) if known else figure.note,
        source=_source(figure),
        rows=tuple(_row(unit, each, money=money) for each in figure.rows[:MOST_SHOWN]) if open_to else (),
        shares=shares,
        total=_total(figure) if open_to and known else "",
        hidden="" if open_to or not figure.rows else _("共%(n)s条依据，只对本单位和市级部门开放。", n=len(figure.rows)),
        files=file_links(row.id, figure.evidence) if open_to else (),
    )


def _typed_name(column: SheetColumn, word: str) -> str:
    """What a typed figure is called: the indicator's name, and which of its items where it has several."""
    return dict(column.typed).get(word, column.name) if len(column.typed) > 1 else column.name


def _source(figure: TakenFigure) -> str:
    words = _("系统取数") if figure.source == "system" else _("人工补录")
    return f"{words} · {figure.taken_by} · {moment(figure.taken_at)}"


def _total(figure: TakenFigure) -> str:
    if len(figure.rows) >= MOST_ROWS:
        return str(_("依据超过%(n)s条，页面只列前%(shown)s条。", n=MOST_ROWS, shown=MOST_SHOWN))
    known = FIGURES[figure.word]
    said = printed.with_unit(recounted(figure.word, figure.rows), known.unit_zh)
    return str(_("%(n)s条依据重新计算：%(value)s", n=len(figure.rows), value=said))


def _row(unit: Unit, each: dict[str, str], *, money: bool) -> FigureRow:
    number, may = each.get("project_id"), unit.actor.may("project.view", [unit.actor.organ_id])
    href = url_for("projects.page", project_id=number) if number and may else ""
    part, whole = (
        printed.money(Decimal(each[name])) if money else printed.with_unit(Decimal(each[name]), "")
        for name in ("part", "whole")
    )
    return FigureRow(each["text"], href, each["on"], part, whole, each["note"])

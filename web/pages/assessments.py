"""考核: the list, a sheet, how a score was made, typed figures, the files, and what goes out as Excel and CSV."""

import csv
import io

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from forms.workbook import MIME, Page, workbook_of
from models.assessment import assessment_of_process, find_assessment
from models.assessment_sheet import export_rows, formula_rows, table_of
from models.attachment import find_attachment, read_file, store_attachment
from models.house import House
from models.objection import objections_of
from models.refusal import Invalid, NotDue, NotFound
from models.taken_figure import taken
from models.texts import N_
from models.unit import Unit, open_reading, open_unit
from web.assessment_fill import fill_page, typed_values, typed_words
from web.assessment_line import score_page
from web.assessment_page import assessment_page, list_lines, may_see_papers, sheet_of, title_of
from web.gate import current_actor, requires
from web.i18n import say
from web.uploads import kept_files, sent_out
from web.views import MenuEntry

MENU = (MenuEntry("assessments.index", N_("考核"), "award", "assessment.view", 65, phone=False, under="agenda.index"),)
VIEW = "assessment.view"


def pages(house: House) -> Blueprint:
    """The routes of assessments."""
    blueprint = Blueprint("assessments", __name__, url_prefix="/assessments")
    _reading(blueprint, house)
    _files(blueprint, house)
    _filling(blueprint, house)
    return blueprint


def _reading(blueprint: Blueprint, house: House) -> None:
    @blueprint.get("")
    @requires(VIEW)
    def index() -> str:
        """All assessments one may see."""
        with open_reading(house.database, current_actor(), house.now()) as unit:
            lines = list_lines(unit)
        return render_template("assessments.html", lines=lines, schemes_href=url_for("schemes.index"))

    @blueprint.get("/<int:assessment_id>")
    @requires(VIEW)
    def page(assessment_id: int) -> str:
        """One sheet with its objections."""
        with open_reading(house.database, current_actor(), house.now()) as unit:
            shown = assessment_page(unit, assessment_id)
        return render_template("assessment.html", page=shown)

    @blueprint.get("/of/<int:case_id>")
    @requires(VIEW)
    def of_process(case_id: int) -> Response:
        """The way from a task to its sheet."""
        with open_reading(house.database, current_actor(), house.now()) as unit:
            row = find_assessment(unit, assessment_of_process(unit.session, case_id).id)
        return make_response(redirect(url_for("assessments.page", assessment_id=row.id), 303))

    @blueprint.get("/<int:assessment_id>/units/<int:organ_id>/<indicator>")
    @requires(VIEW)
    def score(assessment_id: int, organ_id: int, indicator: str) -> str:
        """How one score was made."""
        with open_reading(house.database, current_actor(), house.now()) as unit:
            shown = score_page(unit, assessment_id, organ_id, indicator)
        return render_template("assessment_score.html", page=shown)


def _files(blueprint: Blueprint, house: House) -> None:
    @blueprint.get("/<int:assessment_id>.xlsx")
    @requires(VIEW)
    def book(assessment_id: int) -> Response:
        """The table and every formula, number for number as the page has them."""
        with open_reading(house.database, current_actor(), house.now()) as unit:
            row = find_assessment(unit, assessment_id)
            sheet, name = sheet_of(row), title_of(row)
        detail = ("单位", "指标", "算式", "得分")
        head, rows = table_of(sheet)
        scores = Page("评分表", (), head, rows, figures=frozenset(range(len(head))) - {1})
        formulas = Page("逐项算式", (), detail, tuple(formula_rows(sheet)), figures=frozenset({3}))
        data = workbook_of([scores, formulas])
        return sent_out(data, f"{name}.xlsx", MIME, save=True)

    @blueprint.get("/<int:assessment_id>.csv")
    @requires(VIEW)
    def export(assessment_id: int) -> Response:
        """What the city's overall performance assessment takes over."""
        with open_reading(house.database, current_actor(), house.now()) as unit:
            row = find_assessment(unit, assessment_id)
            sheet, name = sheet_of(row), title_of(row)
        stream = io.StringIO()
        csv.writer(stream).writerows(export_rows(sheet))
        return sent_out(stream.getvalue().encode("utf-8-sig"), f"{name}.csv", "text/csv", save=True)

    @blueprint.get("/<int:assessment_id>/files/<int:paper_id>")
    @requires(VIEW)
    def file(assessment_id: int, paper_id: int) -> Response:
        """A paper that was filed with a typed figure or an objection, for those it concerns."""
        with open_reading(house.database, current_actor(), house.now()) as unit:
            find_assessment(unit, assessment_id)
            if paper_id not in _open_papers(unit, assessment_id):
                raise NotFound(N_("没有这个附件，或您无权查看。"))
            row = find_attachment(unit.session, paper_id)
        answer = sent_out(read_file(house.settings.archive_dir, row.sha256), row.name, row.media_type, save=True)
        answer.headers["X-Content-Type-Options"] = "nosniff"
        return answer


def _open_papers(unit: Unit, assessment_id: int) -> set[int]:
    """Numbers of the papers of this assessment that the visitor may open."""
    held = [(row.organ_id, row.evidence) for row in taken(unit.session, assessment_id).values()]
    held += [(row.organ_id, row.evidence) for row in objections_of(unit.session, assessment_id)]
    return {number for organ_id, papers in held if may_see_papers(unit, organ_id) for number in papers}


def _filling(blueprint: Blueprint, house: House) -> None:
    @blueprint.get("/<int:assessment_id>/fill")
    @requires("assessment.score")
    def fill(assessment_id: int) -> str:
        """The typed indicators with what was typed so far."""
        with open_reading(house.database, current_actor(), house.now()) as unit:
            shown = fill_page(unit, assessment_id, {}, {})
        return render_template("assessment_fill.html", page=shown)

    @blueprint.post("/<int:assessment_id>/fill")
    @requires("assessment.score")
    def save(assessment_id: int) -> Response:
        """Keeps them, or shows the page again with what was typed and what is wrong."""
        posted = request.form.to_dict()
        try:
            with open_reading(house.database, current_actor(), house.now()) as unit:
                words = typed_words(unit, assessment_id)
            kept = {word: kept_files(house, f"evidence_{word}") for word in words}
            with open_unit(house.database, current_actor(), house.now()) as unit:
                filed = {
                    word: [store_attachment(unit, each, project_id=None) for each in files]
                    for word, files in kept.items()
                }
                typed_values(unit, assessment_id, posted, filed)
        except (Invalid, NotDue) as refusal:
            errors = refusal.fields if isinstance(refusal, Invalid) else {}
            with open_reading(house.database, current_actor(), house.now()) as unit:
                problem = say(refusal.message, dict(refusal.params))
                shown = fill_page(unit, assessment_id, posted, errors, problem)
            return make_response(render_template("assessment_fill.html", page=shown), refusal.status)
        flash(_("已保存。全部填完后，请在待办“补录人工指标”中提交。"), "success")
        return make_response(redirect(url_for("assessments.fill", assessment_id=assessment_id), 303))

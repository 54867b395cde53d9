"""通报: the list, one month, what stands behind each cell, what has changed since, files to take away, and 更正."""

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from forms.workbook import MIME as EXCEL
from models.bulletin import DESK, find_bulletin, sees_drafts
from models.bulletin_reading import edition_by_code, pending_of
from models.clock import local_day
from models.house import House
from models.organ import organ_by_code
from models.refusal import Invalid, NotFound
from models.texts import N_
from models.unit import Unit, open_reading, open_unit
from notices.bulletin import bulletin_letter
from notices.word import MIME as WORD
from notices.word import word_of
from web.bulletin_cell import cell_page, changes_page
from web.bulletin_excel import excel_of
from web.bulletin_page import bulletin_page, bulletins_page, title_of
from web.fields import FieldView
from web.gate import current_actor, requires
from web.i18n import say
from web.numbers import number
from web.uploads import sent_out
from web.views import FormPage, MenuEntry
from workflows.bulletin import LONGEST_REASON, correct_bulletin

MENU = (
    MenuEntry("bulletin.index", N_("通报"), "clipboard-data", "bulletin.view", 62, phone=False, under="agenda.index"),
)


def pages(house: House) -> Blueprint:
    """The routes of bulletins."""
    blueprint = Blueprint("bulletin", __name__, url_prefix="/bulletins")
    _read(blueprint, house)
    _take_away(blueprint, house)
    _correct(blueprint, house)
    return blueprint


def _read(blueprint: Blueprint, house: House) -> None:
    @blueprint.get("")
    @requires("bulletin.view")
    def index() -> str:
        """The editions one may see."""
        with open_reading(house.database, current_actor(), house.now()) as unit:
            page = bulletins_page(unit)
        return render_template("bulletins.html", page=page)

    @blueprint.get("/<int:bulletin_id>")
    @requires("bulletin.view")
    def page(bulletin_id: int) -> str:
        """One edition; ?check=1 reckons it anew from all its entries."""
        with open_reading(house.database, current_actor(), house.now()) as unit:
            shown = bulletin_page(unit, bulletin_id, thorough=request.args.get("check") == "1")
        return render_template("bulletin.html", page=shown)

    @blueprint.get("/<int:bulletin_id>/cells/<line>/<column>")
    @requires("bulletin.view")
    def cell(bulletin_id: int, line: str, column: str) -> str:
        """What stands behind one cell."""
        at = request.args.get("page", 0, type=number)
        with open_reading(house.database, current_actor(), house.now()) as unit:
            shown = cell_page(unit, bulletin_id, line, column, at)
        return render_template("bulletin_cell.html", page=shown)

    @blueprint.get("/<int:bulletin_id>/changes")
    @requires("bulletin.view")
    def changes(bulletin_id: int) -> str:
        """What reads otherwise now; for those who serve the city, until a 更正 makes it public."""
        with open_reading(house.database, current_actor(), house.now()) as unit:
            edition = find_bulletin(unit, bulletin_id)
            if not sees_drafts(unit.actor):
                raise NotFound(N_("没有找到这份通报。"))
            shown = changes_page(unit, edition, pending_of(unit, edition))
        return render_template("bulletin_changes.html", page=shown)

    @blueprint.get("/paper/<code>")
    @requires("bulletin.view")
    def by_code(code: str) -> Response:
        """Where the QR code of a paper leads those who are signed in: the edition it is, else the paper's own page."""
        with open_reading(house.database, current_actor(), house.now()) as unit:
            paper, edition = edition_by_code(unit.session, code[:24])
        if paper is None:
            raise NotFound(N_("没有找到这份通报。"))
        there = url_for("notices.page", notice_id=paper.id)
        return _to(url_for("bulletin.page", bulletin_id=edition.id) if edition else there)


def _take_away(blueprint: Blueprint, house: House) -> None:
    @blueprint.get("/<int:bulletin_id>.xlsx")
    @requires("bulletin.view")
    def excel(bulletin_id: int) -> Response:
        """The table and the lists, with the digest they were frozen under."""
        with open_reading(house.database, current_actor(), house.now()) as unit:
            edition = find_bulletin(unit, bulletin_id)
        return sent_out(excel_of(edition), f"{title_of(edition)}.xlsx", EXCEL, save=True)

    @blueprint.get("/<int:bulletin_id>.docx")
    @requires("bulletin.view")
    def word(bulletin_id: int) -> Response:
        """The bulletin for Word, marked as a draft; what counts is the PDF that is issued. A 更正 has none here."""
        with open_reading(house.database, current_actor(), house.now()) as unit:
            edition = find_bulletin(unit, bulletin_id)
            if edition.edition:
                raise NotFound(N_("没有找到这份通报。"))
            issuer = organ_by_code(unit.session, DESK).signature
        letter = bulletin_letter(edition.figures, edition.words, issuer=issuer, date=local_day(edition.frozen_at))
        return sent_out(word_of(letter, draft=True), f"{title_of(edition)}.docx", WORD, save=True)


def _correct(blueprint: Blueprint, house: House) -> None:
    @blueprint.get("/<int:bulletin_id>/correct")
    @requires("bulletin.correct")
    def correct(bulletin_id: int) -> str:
        """Asks for the reason of a 更正."""
        with open_reading(house.database, current_actor(), house.now()) as unit:
            page = _reason_page(unit, bulletin_id)
        return render_template("form.html", page=page)

    @blueprint.post("/<int:bulletin_id>/correct")
    @requires("bulletin.correct")
    def correct_post(bulletin_id: int) -> Response:
        """拟发更正; refused, what was typed stays."""
        typed = request.form.get("reason", "")
        try:
            with open_unit(house.database, current_actor(), house.now()) as unit:
                correct_bulletin(unit, bulletin_id=bulletin_id, reason=typed)
        except Invalid as refusal:
            with open_reading(house.database, current_actor(), house.now()) as unit:
                page = _reason_page(unit, bulletin_id, typed, say(refusal.fields["reason"]))
            return make_response(render_template("form.html", page=page), refusal.status)
        flash(_("更正已送核稿；发出以前，通报页照旧。"), "success")
        return _to(url_for("bulletin.page", bulletin_id=bulletin_id))


def _reason_page(unit: Unit, bulletin_id: int, typed: str = "", error: str = "") -> FormPage:
    edition = find_bulletin(unit, bulletin_id)
    unit.require("bulletin.correct")
    here = url_for("bulletin.page", bulletin_id=bulletin_id)
    told = _("写明谁补报、核减了什么；差额由系统逐行列出，不用自己写。")
    return FormPage(
        title=_("拟发更正"),
        action_href=url_for("bulletin.correct_post", bulletin_id=bulletin_id),
        fields=(FieldView("reason", _("更正原因"), "textarea", typed, True, error, told, max_length=LONGEST_REASON),),
        lead=_("按现在的数另行冻结一份，逐行写明原来的数和更正后的数，送核稿、签发；原通报保留不动。"),
        back_href=url_for("bulletin.changes", bulletin_id=bulletin_id),
        crumbs=((_("通报"), url_for("bulletin.index")), (title_of(edition), here)),
    )


def _to(href: str) -> Response:
    return make_response(redirect(href, 303))

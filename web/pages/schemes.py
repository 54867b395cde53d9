"""考核方案: listed, read, changed cell by cell, taken from and given out as Excel, put in force; every version is kept."""

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from forms.assessment_file import LARGEST, read_scheme, write_scheme
from forms.workbook import MIME
from models.house import House
from models.refusal import NotFound
from models.scheme import Scheme, Wrong, scheme_from_json, scheme_to_json
from models.scheme_source import check_sources, default_scheme
from models.scheme_version import SUBJECTS, find_scheme_version, put_in_force, save_version
from models.texts import N_
from models.unit import open_reading, open_unit
from models.wrong_file import WrongFile
from web.fields import ChoiceView, FieldView
from web.gate import current_actor, requires
from web.i18n import say
from web.scheme_page import (
    again_page,
    edit_page,
    list_lines,
    sent_scheme,
    sent_year,
    standard_page,
    version_page,
)
from web.uploads import sent_out
from web.views import FormPage

VIEW, EDIT = "scheme.view", "scheme.edit"
MOST_TOLD = 20  # mistakes of a file that are named at once


def pages(house: House) -> Blueprint:
    """The routes of schemes."""
    blueprint = Blueprint("schemes", __name__, url_prefix="/schemes")
    _reading(blueprint, house)
    _editing(blueprint, house)
    _importing(blueprint, house)
    return blueprint


def _reading(blueprint: Blueprint, house: House) -> None:
    @blueprint.get("")
    @requires(VIEW)
    def index() -> str:
        """All versions one may see."""
        with open_reading(house.database, current_actor(), house.now()) as unit:
            lines, may = list_lines(unit), unit.actor.may(EDIT)
        return render_template("schemes.html", lines=lines, may_edit=may, back_href=url_for("assessments.index"))

    @blueprint.get("/standard/<subject>")
    @requires(VIEW)
    def standard(subject: str) -> str:
        """The 默认方案 of a subject."""
        with open_reading(house.database, current_actor(), house.now()) as unit:
            shown = standard_page(unit, subject)
        return render_template("scheme.html", page=shown)

    @blueprint.get("/standard/<subject>.xlsx")
    @requires(VIEW)
    def standard_book(subject: str) -> Response:
        """The same as Excel, to begin with."""
        _known(subject)
        return _book(default_scheme(subject))

    @blueprint.get("/<int:version_id>")
    @requires(VIEW)
    def page(version_id: int) -> str:
        """One version."""
        with open_reading(house.database, current_actor(), house.now()) as unit:
            shown = version_page(unit, version_id)
        return render_template("scheme.html", page=shown)

    @blueprint.get("/<int:version_id>.xlsx")
    @requires(VIEW)
    def book(version_id: int) -> Response:
        """One version as Excel, which reads back as the same scheme."""
        with open_reading(house.database, current_actor(), house.now()) as unit:
            scheme = scheme_from_json(find_scheme_version(unit, version_id).content)
        return _book(scheme)

    @blueprint.post("/<int:version_id>/enforce")
    @requires(EDIT)
    def enforce(version_id: int) -> Response:
        """启用 a draft."""
        with open_unit(house.database, current_actor(), house.now()) as unit:
            put_in_force(unit, version_id=version_id)
        flash(_("方案已启用。"), "success")
        return _to(version_id)


def _book(scheme: Scheme) -> Response:
    return sent_out(write_scheme(scheme, "xlsx"), f"{scheme.name}.xlsx", MIME, save=True)


def _to(version_id: int) -> Response:
    return make_response(redirect(url_for("schemes.page", version_id=version_id), 303))


def _known(subject: str) -> str:
    if subject not in SUBJECTS:
        raise NotFound(N_("没有这个考核方案，或您无权查看。"))
    return subject


def _require_editor(house: House) -> None:
    with open_reading(house.database, current_actor(), house.now()) as unit:
        unit.require(EDIT, organ_ids=[])


def _crumbs() -> tuple[tuple[str, str], ...]:
    return (_("考核"), url_for("assessments.index")), (_("考核方案"), url_for("schemes.index"))


def _editing(blueprint: Blueprint, house: House) -> None:
    @blueprint.get("/new/<subject>")
    @requires(EDIT)
    def new(subject: str) -> str:
        """A scheme to begin with: the 默认方案, to be changed."""
        _require_editor(house)
        shown = edit_page(default_scheme(_known(subject)), subject, house.now().year, _crumbs())
        return render_template("scheme.html", page=shown)

    @blueprint.post("/new/<subject>")
    @requires(EDIT)
    def create(subject: str) -> Response:
        """Saves it as a draft, or shows it again with each wrong cell named."""
        return _save(house, _known(subject), None)

    @blueprint.get("/<int:version_id>/edit")
    @requires(EDIT)
    def edit(version_id: int) -> str:
        """A version to be changed; one that is or was in force becomes a new draft."""
        with open_reading(house.database, current_actor(), house.now()) as unit:
            row = find_scheme_version(unit, version_id)
            shown = edit_page(scheme_from_json(row.content), row.subject, row.year, _crumbs())
        return render_template("scheme.html", page=shown)

    @blueprint.post("/<int:version_id>/edit")
    @requires(EDIT)
    def save(version_id: int) -> Response:
        """Saves it, or shows it again with each wrong cell named."""
        with open_reading(house.database, current_actor(), house.now()) as unit:
            subject = find_scheme_version(unit, version_id).subject
        return _save(house, subject, version_id)


def _save(house: House, subject: str, version_id: int | None) -> Response:
    try:
        year, scheme = sent_scheme(subject)
    except WrongFile as wrong:
        return make_response(render_template("scheme.html", page=again_page(subject, _crumbs(), wrong)), 422)
    with open_unit(house.database, current_actor(), house.now()) as unit:
        number = save_version(unit, subject=subject, year=year, name=scheme.name, content=scheme_to_json(scheme),
                              version_id=version_id)  # fmt: skip
    flash(_("方案已保存为草稿，启用后才用于考核。"), "success")
    return _to(number)


def _importing(blueprint: Blueprint, house: House) -> None:
    @blueprint.get("/import")
    @requires(EDIT)
    def upload() -> str:
        """The field for a file."""
        _require_editor(house)
        return render_template("form.html", page=_import_page(str(house.now().year), "", ""))

    @blueprint.post("/import")
    @requires(EDIT)
    def take_in() -> Response:
        """Takes a scheme in as a draft, or names row and column of every mistake; then nothing is saved."""
        typed, subject = request.form.get("year", ""), request.form.get("subject", "")
        try:
            year, scheme = sent_year(typed), _sent_file(_known(subject))
        except WrongFile as wrong:
            return _again(typed, subject, "；".join(list(wrong.sentences())[:MOST_TOLD]))
        with open_unit(house.database, current_actor(), house.now()) as unit:
            number = save_version(unit, subject=subject, year=year, name=scheme.name, content=scheme_to_json(scheme))
        flash(_("方案已导入为草稿，启用后才用于考核。"), "success")
        return _to(number)


def _sent_file(subject: str) -> Scheme:
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise WrongFile([Wrong(0, "", N_("请选择要导入的文件。"))])
    scheme = read_scheme(sent.filename, sent.read(LARGEST + 1))
    check_sources(scheme, subject)
    return scheme


def _again(year: str, subject: str, problem: str) -> Response:
    return make_response(render_template("form.html", page=_import_page(year, subject, problem)), 422)


def _import_page(year: str, subject: str, problem: str) -> FormPage:
    subjects = tuple(ChoiceView(word, say(name), word == subject) for word, name in SUBJECTS.items())
    return FormPage(
        title=_("导入考核方案"),
        action_href=url_for("schemes.take_in"),
        fields=(
            FieldView("subject", _("考核对象"), "select", subject, required=True, choices=subjects),
            FieldView("year", _("年度"), value=year, required=True, max_length=4),
            FieldView("file", _("方案文件（xlsx、csv 或 json）"), "files", required=True,
                      help=_("可以先导出默认方案，改好再导入。有一处不对就不导入，并说明是哪一行哪一列。")),
        ),
        lead=_("导入的是草稿，启用后才用于考核。"),
        problem=problem,
        back_href=url_for("schemes.index"),
        crumbs=_crumbs(),
    )  # fmt: skip

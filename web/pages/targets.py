"""年度目标: what each district is to reach, typed on the page or taken from a file; seen by all, set by the desk."""

from collections.abc import Sequence

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from forms.sheet import LARGEST, read_sheet
from forms.workbook import MIME
from models.house import House
from models.refusal import Invalid, Outdated
from models.saying import Saying
from models.target_acts import import_targets, save_targets
from models.texts import N_
from models.unit import open_reading, open_unit
from web.gate import current_actor, requires
from web.i18n import say
from web.numbers import number
from web.target_page import targets_book, targets_view
from web.uploads import sent_out
from web.views import MenuEntry

MENU = (
    MenuEntry("targets.index", N_("年度目标"), "speedometer2", "target.view", 68, phone=False, under="agenda.index"),
)


def pages(house: House) -> Blueprint:
    """The year's page, saving, and the file in and out."""
    blueprint = Blueprint("targets", __name__, url_prefix="/targets")
    _reading(blueprint, house)
    _setting(blueprint, house)
    return blueprint


def _reading(blueprint: Blueprint, house: House) -> None:
    @blueprint.get("")
    @requires("target.view")
    def index() -> str:
        """The targets of a year, this one unless another is chosen."""
        with open_reading(house.database, current_actor(), house.now()) as unit:
            page = targets_view(unit, request.args.get("year", type=number) or unit.today.year)
        return render_template("targets.html", page=page)

    @blueprint.get("/<int:year>.xlsx")
    @requires("target.view")
    def export(year: int) -> Response:
        """The targets of a year as a file that can be filled in and taken in again."""
        with open_reading(house.database, current_actor(), house.now()) as unit:
            data = targets_book(unit, year)
        return sent_out(data, f"{year}年目标.xlsx", MIME, save=True)


def _setting(blueprint: Blueprint, house: House) -> None:
    @blueprint.post("/<int:year>")
    @requires("target.set")
    def save(year: int) -> Response:
        """Saves the page, or shows it again with what was typed."""
        typed = request.form.to_dict()
        try:
            with open_unit(house.database, current_actor(), house.now()) as unit:
                changed = save_targets(unit, year=year, seen=typed.get("seen", ""), typed=typed)
        except (Invalid, Outdated) as refusal:
            errors = refusal.fields if isinstance(refusal, Invalid) else {}
            with open_reading(house.database, current_actor(), house.now()) as unit:
                stale = isinstance(refusal, Outdated)
                page = targets_view(
                    unit, year, typed=typed, errors=errors, problem=say(refusal.message, refusal.params), stale=stale
                )
            return make_response(render_template("targets.html", page=page), refusal.status)
        flash(_("已保存，%(n)s个区有变动。", n=changed), "success")
        return make_response(redirect(url_for("targets.index", year=year), 303))

    @blueprint.post("/<int:year>/import")
    @requires("target.set")
    def take_in(year: int) -> Response:
        """Takes in a file: all of it or, when one cell is wrong, nothing, with row and column named."""
        sent = request.files.get("file")
        name, data = (sent.filename or "", sent.read(LARGEST + 1)) if sent else ("", b"")
        try:
            rows = _sheet(name, data)
            with open_unit(house.database, current_actor(), house.now()) as unit:
                changed = import_targets(unit, year=year, rows=rows)
        except (Invalid, Saying) as refusal:
            wrongs = refusal.fields if isinstance(refusal, Invalid) else {}
            with open_reading(house.database, current_actor(), house.now()) as unit:
                page = targets_view(unit, year, problem=say(refusal.message, dict(refusal.params)), wrongs=wrongs)
            return make_response(render_template("targets.html", page=page), 422)
        flash(_("已导入，%(n)s个区有变动。", n=changed), "success")
        return make_response(redirect(url_for("targets.index", year=year), 303))


def _sheet(name: str, data: bytes) -> Sequence[Sequence[object]]:
    """The rows of a file; raises Invalid without one, SheetError for what is no table."""
    if not name:
        raise Invalid(N_("请选择要导入的文件。"))
    return read_sheet(name, data).rows

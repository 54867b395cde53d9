"""导入台账: upload, preview, import; the file waits on our side in between, so what was shown is what is taken in."""

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from forms.sheet import LARGEST, read_sheet
from models.house import House
from models.ledger_import import import_rows, preview
from models.refusal import Invalid, NotDue
from models.saying import Saying
from models.unit import open_reading, open_unit
from web.gate import current_actor, requires
from web.i18n import say
from web.import_page import empty_page, preview_page
from web.uploads import drop_ledger, keep_ledger, kept_ledger
from web.views import ImportPage


def pages(house: House) -> Blueprint:
    """The two steps of an import."""
    blueprint = Blueprint("ledger", __name__, url_prefix="/projects/import")

    @blueprint.get("")
    @requires("ledger.import")
    def upload() -> str:
        """What may be uploaded, and the field for it."""
        return _shown(empty_page())

    @blueprint.post("")
    @requires("ledger.import")
    def look() -> Response:
        """The preview of an uploaded file; nothing is saved but the file itself."""
        sent = request.files.get("file")
        name, data = (sent.filename or "", sent.read(LARGEST + 1)) if sent else ("", b"")
        if not name:
            return make_response(_shown(empty_page(_("请选择要导入的文件。"))), 422)
        try:
            sheet = read_sheet(name, data)
            with open_reading(house.database, current_actor(), house.now()) as unit:
                seen = preview(unit, sheet.rows)
        except Saying as error:
            return make_response(_shown(empty_page(say(error.message, error.params))), 422)
        digest = keep_ledger(house, current_actor(), name, data)
        return make_response(_shown(preview_page(seen, name, digest)))

    @blueprint.post("/<digest>")
    @requires("ledger.import")
    def take_in(digest: str) -> Response:
        """Imports the file that was shown: all of it, or its right rows only when that was chosen."""
        actor = current_actor()
        name, data = kept_ledger(house, actor, digest)
        sheet = read_sheet(name, data)
        with open_reading(house.database, actor, house.now()) as unit:
            seen = preview(unit, sheet.rows)
        try:
            with open_unit(house.database, actor, house.now()) as unit:
                done = import_rows(unit, seen, only_right=request.form.get("only_right") == "1", source=name)
        except (Invalid, NotDue) as refusal:
            problem = say(refusal.message, dict(refusal.params))
            return make_response(_shown(preview_page(seen, name, digest, problem)), refusal.status)
        drop_ledger(house, actor, digest)
        flash(_("已新增%(created)s个项目（其中待补录%(gaps)s个），更新%(updated)s个，无变化%(same)s行，未导入%(left)s行。",
                created=len(done.created), gaps=len(done.incomplete), updated=len(done.updated), same=done.same,
                left=done.left_out), "success")  # fmt: skip
        return make_response(redirect(url_for("projects.index"), 303))

    return blueprint


def _shown(page: ImportPage) -> str:
    return render_template("import.html", page=page)

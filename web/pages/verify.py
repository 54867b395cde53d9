"""公文验真: what anybody with the code on a paper may learn of it, and whether a file in hand is the one issued."""

import hashlib

from flask import Blueprint, Response, make_response, render_template, request, url_for
from flask_babel import gettext as _

from models.clock import local_day
from models.house import House
from models.notice_list import PublicNotice, public_notice
from models.unit import open_reading
from web.gate import public, stranger
from web.project_history import named
from web.views.notices import VerifyPage

LONGEST_CODE = 24


def pages(house: House) -> Blueprint:
    """The routes of the public page; whatever the code, one query is made and one page is drawn."""
    blueprint = Blueprint("verify", __name__)

    @blueprint.get("/verify/<code>")
    @public
    def show(code: str) -> Response:
        """Number, organ, day, digest and state of the paper; 404 for a code nobody issued."""
        return _answer(_page(code, _find(house, code)))

    @blueprint.post("/verify/<code>")
    @public
    def compare(code: str) -> Response:
        """Whether the uploaded file has the digest of the archived one; nothing of it is kept."""
        found, sent = _find(house, code), request.files.get("file")
        data = sent.read() if sent else b""
        if not data:
            return _answer(_page(code, found, problem=_("请选择要核对的 PDF 文件。")), 422)
        return _answer(_page(code, found, uploaded=hashlib.sha256(data).hexdigest()))

    return blueprint


def _find(house: House, code: str) -> PublicNotice | None:
    with open_reading(house.database, stranger(), house.now()) as unit:
        return public_notice(unit, code[:LONGEST_CODE])


def _page(code: str, found: PublicNotice | None, *, uploaded: str = "", problem: str = "") -> VerifyPage:
    if found is None:
        return VerifyPage(found=False)
    return VerifyPage(
        found=True,
        number=found.number,
        organ=named(found.organ_zh, found.organ_en),
        issued_on=local_day(found.issued_at),
        sha256=found.sha256,
        closed=found.closed,
        action_href=url_for("verify.compare", code=code),
        compared="" if not uploaded else "same" if uploaded == found.sha256 else "differs",
        uploaded=uploaded,
        problem=problem,
    )


def _answer(page: VerifyPage, status: int = 200) -> Response:
    return make_response(render_template("verify.html", page=page), status if page.found else 404)

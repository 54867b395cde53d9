"""公文验真: what anybody with the code on a paper may learn of it, and whether a file in hand is the one issued."""

import hashlib

from flask import Blueprint, Response, make_response, render_template, request, url_for
from flask_babel import gettext as _

from models.clock import local_day
from models.house import House
from models.unit import open_reading
from models.verification import PublicNotice, public_notice, public_notice_of_file
from notices.judge import judge
from web.gate import public, stranger, visitor
from web.project_history import named
from web.views import LampView
from web.views.notices import VerifyPage

LONGEST_CODE = 24
FIGURED = ("bulletin", "correction")  # papers whose figures can be opened by who is signed in


def pages(house: House) -> Blueprint:
    """The routes of the public page; whatever the code or the file, one query is made and one page is drawn."""
    blueprint = Blueprint("verify", __name__)

    @blueprint.get("/verify")
    @public
    def ask() -> Response:
        """The page for somebody who has a file and no code."""
        return _answer(VerifyPage(url_for("verify.search")))

    @blueprint.post("/verify")
    @public
    def search() -> Response:
        """Which paper the file is, by its digest; nothing of it is kept."""
        data = _sent()
        if not data:
            problem = _("请选择要核对的 PDF 文件。")
            return _answer(VerifyPage(url_for("verify.search"), problem=problem), 422)
        digest = hashlib.sha256(data).hexdigest()
        with open_reading(house.database, stranger(), house.now()) as unit:
            found = public_notice_of_file(unit, digest)
        return _answer(_compared(house, found, data, digest, url_for("verify.search")))

    @blueprint.get("/verify/<code>")
    @public
    def show(code: str) -> Response:
        """Number, organ, day, digest and state of the paper; 404 for a code nobody issued."""
        found = _find(house, code)
        return _answer(_page(found, url_for("verify.compare", code=code)), 200 if found else 404)

    @blueprint.post("/verify/<code>")
    @public
    def compare(code: str) -> Response:
        """Whether the uploaded file is the archived one; nothing of it is kept."""
        found, data = _find(house, code), _sent()
        href = url_for("verify.compare", code=code)
        if found is None:
            return _answer(_page(None, href), 404)
        if not data:
            return _answer(_page(found, href, problem=_("请选择要核对的 PDF 文件。")), 422)
        return _answer(_compared(house, found, data, hashlib.sha256(data).hexdigest(), href))

    return blueprint


def _sent() -> bytes:
    sent = request.files.get("file")
    return sent.read() if sent else b""


def _find(house: House, code: str) -> PublicNotice | None:
    with open_reading(house.database, stranger(), house.now()) as unit:
        return public_notice(unit, code[:LONGEST_CODE])


def _compared(house: House, found: PublicNotice | None, data: bytes, digest: str, href: str) -> VerifyPage:
    """The register decides; what the file's own signature says is told beside it."""
    compared = "unknown" if found is None else "same" if found.sha256 == digest else "differs"
    return _page(found, href, compared=compared, uploaded=digest, signature=_signature(house, data))


def _signature(house: House, data: bytes) -> str:
    judged = judge(data, house.seals.current())
    said = {
        "valid": _("文件带有有效的电子签章：%(subject)s。", subject=judged.subject),
        "unsigned": _("文件没有电子签章。"),
        "altered": _("文件的电子签章无效：签章以后被改动过。"),
        "untrusted": _("文件的电子签章不是本系统信任的证书所签：%(subject)s。", subject=judged.subject),
        "unreadable": _("这不是可以读取的 PDF 文件。"),
    }
    return str(said[judged.verdict])


def _page(found: PublicNotice | None, href: str, **told: str) -> VerifyPage:
    if found is None:
        return VerifyPage(href, compared=told.pop("compared", "unknown"), **told)  # type: ignore[arg-type]
    return VerifyPage(
        href,
        found=True,
        number=found.number,
        organ=named(found.organ_zh, found.organ_en),
        issued_on=local_day(found.issued_at),
        sha256=found.sha256,
        verdict=_verdict(found),
        remarks=_remarks(found),
        sealed=found.signed_as,
        figures_href=url_for("bulletin.by_code", code=found.code) if found.kind in FIGURED and visitor() else "",
        **told,  # type: ignore[arg-type]
    )


def _verdict(found: PublicNotice) -> LampView:
    """What the paper is worth today."""
    if found.voided:
        return LampView("red", _("已被替代") if found.replaced_by else _("已作废"))
    if found.corrected_by:
        return LampView("yellow", _("有效，已更正"))
    return LampView("grey", _("已销号")) if found.closed else LampView("green", _("有效"))


def _remarks(found: PublicNotice) -> tuple[str, ...]:
    told = (
        (found.replaced_by, _("这件公文已作废，由%(number)s代替。", number=found.replaced_by)),
        (found.voided and not found.replaced_by, _("这件公文已作废，不再有效。")),
        (found.corrected_by, _("这件公文已由%(number)s更正，请一并阅读。", number=found.corrected_by)),
        (found.closed, _("所列问题已整改销号。")),
    )
    return tuple(str(words) for holds, words in told if holds)


def _answer(page: VerifyPage, status: int = 200) -> Response:
    return make_response(render_template("verify.html", page=page), status)

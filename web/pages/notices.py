"""公文: the list, one paper, the archived file as it was issued, 签收, and the proof of a draft before it is signed."""

import logging
import secrets
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from forms.reader import read_answers
from models.house import House
from models.notice import acknowledge_notice, open_notice
from models.notice_list import NoticeLine, find_notice_line, is_addressee
from models.proof import SignItem, sign_item
from models.refusal import Invalid, NotDue, NotFound
from models.texts import N_
from models.unit import Unit, open_reading, open_unit
from notices.archive import Altered, NotArchived, read
from notices.errors import MissingGlyph, RenderFailed
from notices.letters import Letter, read_letter
from notices.word import MIME as WORD
from notices.word import word_of
from web.errors import RefusalPage, answer
from web.gate import current_actor, requires
from web.i18n import say
from web.notice_list import notice_view, notices_page
from web.notice_register import register_view
from web.numbers import number
from web.uploads import sent_out
from web.views import MenuEntry
from web.views.notices import ProofProblem
from workflows import dispatch, rectification, supervision

log = logging.getLogger("duban.web")
MENU = (MenuEntry("notices.index", N_("公文"), "file-earmark-text", "notice.view", 50),)
ALTERED = N_("存档的公文与签发时的摘要不符，已停止提供，并已向系统管理员报警。请勿使用手中来源不明的副本。")


def pages(house: House) -> Blueprint:
    """The routes of papers."""
    blueprint = Blueprint("notices", __name__, url_prefix="/notices")
    _lists(blueprint, house)
    _files(blueprint, house)
    return blueprint


def _lists(blueprint: Blueprint, house: House) -> None:
    @blueprint.get("")
    @requires("notice.view")
    def index() -> str:
        """The papers one may see."""
        with open_reading(house.database, current_actor(), house.now()) as unit:
            page = notices_page(unit, request.args.get("state", "all"), request.args.get("after", type=number))
        return render_template("notices.html", page=page)

    @blueprint.get("/register")
    @requires("notice.view")
    def register() -> str:
        """发文登记簿 of one's organs."""
        year, after = request.args.get("year", type=number), request.args.get("after", type=number)
        with open_reading(house.database, current_actor(), house.now()) as unit:
            page = register_view(unit, year, request.args.get("kind", ""), after)
        return render_template("notice_register.html", page=page)

    @blueprint.get("/<int:notice_id>")
    @requires("notice.view")
    def page(notice_id: int) -> str:
        """One paper and where it stands."""
        with open_reading(house.database, current_actor(), house.now()) as unit:
            shown = notice_view(unit, notice_id)
        return render_template("notice.html", page=shown)

    @blueprint.post("/<int:notice_id>/acknowledge")
    @requires("notice.acknowledge")
    def acknowledge(notice_id: int) -> Response:
        """签收 by the addressee."""
        with open_unit(house.database, current_actor(), house.now()) as unit:
            find_notice_line(unit, notice_id)
            acknowledge_notice(unit, notice_id=notice_id)
        flash(_("已签收。"), "success")
        return make_response(redirect(url_for("notices.page", notice_id=notice_id), 303))


def _files(blueprint: Blueprint, house: House) -> None:
    @blueprint.get("/<int:notice_id>.pdf")
    @requires("notice.view")
    def pdf(notice_id: int) -> Response:
        """The archived file, byte for byte; one that was altered on disk is never served. ?save=1 downloads it."""
        actor = current_actor()
        with open_reading(house.database, actor, house.now()) as unit:
            line = find_notice_line(unit, notice_id)
        if line.sha256 is None:
            raise NotFound(N_("这件公文还在制作，尚未送达。"))
        try:
            data = read(house.settings.archive_dir, line.sha256)
        except (Altered, NotArchived) as error:
            return _alarm(house, line, error)
        if (
            line.opened_at is None
            and is_addressee(actor, line.to_organ_id)
            and actor.may("notice.acknowledge", [line.to_organ_id])
        ):
            with open_unit(house.database, actor, house.now()) as unit:
                open_notice(unit, notice_id=notice_id)
        return _paper(data, f"{line.number} {line.title}.pdf", save=request.args.get("save") == "1")

    @blueprint.get("/proof/<int:item_id>.pdf")
    @requires("item.handle")
    def proof(item_id: int) -> Response:
        """The draft that waits for a signature, watermarked; characters that cannot be set are named before signing."""
        letter = _waiting(house, item_id)
        try:
            data = house.renderer.print_letter(letter, draft=True).pdf
        except MissingGlyph as error:
            words = _("下列字在字库中没有字形，印出来会是空框。请改用别的字，或请系统管理员补充字库后再签发。")
            return _unset(item_id, _("文稿中有字无法排印"), words, tuple(error.characters))
        except RenderFailed as error:
            return _not_made(item_id, error)
        return _paper(data, _("文稿（未签发）") + ".pdf", save=False)

    @blueprint.get("/proof/<int:item_id>.docx")
    @requires("item.handle")
    def proof_word(item_id: int) -> Response:
        """The same draft for Word, to be worked on; what counts is the PDF that is issued."""
        letter = _waiting(house, item_id)
        try:
            data = word_of(letter, draft=True)
        except RenderFailed as error:
            return _not_made(item_id, error)
        return sent_out(data, _("文稿（未签发）") + ".docx", WORD, save=True)


def _waiting(house: House, item_id: int) -> Letter:
    """The letter an open item would issue, from what was typed so far."""
    with open_reading(house.database, current_actor(), house.now()) as unit:
        return read_letter(_draft(unit, sign_item(unit, item_id)))


def _draft(unit: Unit, item: SignItem) -> dict[str, Any]:
    try:
        answers = read_answers(item.form, item.draft) if item.supervision_id else {}
    except Invalid as wrong:
        raise NotDue(N_("文稿还没有写完，请填好必填项并暂存，再打开校样。")) from wrong
    if item.supervision_id is None:
        return dispatch.draft_notice(unit, process_id=item.process_id)
    if item.node == "sign_l3":
        supplement = str(answers.get("supplement") or "")
        return rectification.draft_notice(unit, supervision_id=item.supervision_id, supplement=supplement)
    return supervision.draft_notice(unit, process_id=item.process_id, node=item.node, answers=answers)


def _paper(data: bytes, name: str, *, save: bool) -> Response:
    return sent_out(data, name, "application/pdf", save=save)


def _alarm(house: House, line: NoticeLine, error: Exception) -> Response:
    """The page of a bug, with its number; the audit and the log keep what was found."""
    reference = secrets.token_hex(4)
    log.critical("archived paper altered %s: %s", reference, line.number, exc_info=error)
    with open_unit(house.database, current_actor(), house.now()) as unit:
        detail = {"number": line.number, "sha256": line.sha256, "reference": reference}
        unit.trace("notice.altered", "notice", line.id, detail, refused=True)
    return answer(RefusalPage(500, _("公文存档异常"), say(ALTERED), reference=reference))


def _not_made(item_id: int, error: RenderFailed) -> Response:
    log.error("a proof could not be set", extra={"item": item_id}, exc_info=error)
    words = _("排印程序没有完成，请稍后再试；仍不行的，请联系系统管理员。")
    return _unset(item_id, _("文稿未能排印"), words, ())


def _unset(item_id: int, title: str, message: str, characters: tuple[str, ...]) -> Response:
    shown = tuple(f"{each}（U+{ord(each):04X}）" for each in characters)
    page = ProofProblem(title, message, shown, f"/tasks/{item_id}")
    return make_response(render_template("proof_problem.html", page=page), 422)

"""我的待办 and 办理: the inbox, one item with its form, and the verbs officers know."""

import io
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

from flask import (
    Blueprint,
    Response,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from flask_babel import gettext as _

from engine import verbs
from engine.door import complete_item, lock_item
from engine.run import map_of
from models import incident
from models.attachment import read_file
from models.house import House
from models.item_card import file_of_item, item_card
from models.process import read_item
from models.refusal import Invalid, NotFound, Refusal
from models.texts import N_
from models.unit import Unit, open_reading, open_unit
from models.worklist import (
    WorkFilter,
    WorkPage,
    done_line,
    done_list,
    most_urgent,
    read_cursor,
    soon_until,
    work_counts,
    worklist,
    write_cursor,
)
from web.asked_again import Refused, asked_again
from web.auth import current_actor, requires
from web.errors import TITLES, WORDS, RefusalPage, answer
from web.frame import frame
from web.i18n import clock, say
from web.inbox_view import chips, item_row, total_of
from web.item_acts import recall_of
from web.item_form import OURS, SAVED_AT, Typed, answers_of, check_uploads, typed_now
from web.item_view import item_view
from web.numbers import number
from web.views import Chip, InboxPage, MenuEntry, Paging
from web.views.work import Finished

log = logging.getLogger("duban.web")
HANDLE = "item.handle"
MENU = (MenuEntry("work.inbox", N_("我的待办"), "inbox", HANDLE, 20),)


def pages(house: House) -> Blueprint:
    """The routes of the inbox and of one item; the frame of every page comes with them."""
    blueprint = Blueprint("work", __name__)
    blueprint.app_context_processor(lambda: frame(house))
    _lists(blueprint, house)
    _item(blueprint, house)
    _verbs(blueprint, house)
    return blueprint


def _lists(blueprint: Blueprint, house: House) -> None:
    @blueprint.get("/tasks")
    @requires(HANDLE)
    def inbox() -> str:
        """What waits for the officer, most urgent first; with t=done what she has handled."""
        shown, after = request.args.get("t", ""), read_cursor(request.args.get("after", ""))
        wanted = WorkFilter(
            kind=request.args.get("f") or "all",  # type: ignore[arg-type]  # checked by the question
            words=request.args.get("q", "").strip(),
            project_id=request.args.get("project", type=number),
        )
        with open_reading(house.database, current_actor(), house.now()) as unit:
            page = (
                done_list(unit, words=wanted.words, after=after)
                if shown == "done"
                else worklist(unit, wanted, after=after)
            )
            return render_template("inbox.html", page=_inbox(unit, page, wanted, shown))


def _inbox(unit: Unit, page: WorkPage, wanted: WorkFilter, shown: str) -> InboxPage:
    counts, soon, done = work_counts(unit, wanted), soon_until(unit), shown == "done"
    kept: dict[str, Any] = {name: value for name in ("f", "q", "project", "t") if (value := request.args.get(name))}
    return InboxPage(
        rows=tuple(item_row(line, unit.now, soon) for line in page.lines),
        chips=() if done else chips(counts, wanted),
        total=(f"{len(page.lines)}+" if page.after else len(page.lines)) if done else total_of(counts, wanted),
        paging=Paging(
            shown=len(page.lines),
            next_href=url_for("work.inbox", **kept, after=write_cursor(page.after)) if page.after else "",
            first_href=url_for("work.inbox", **kept) if request.args.get("after") else "",
        ),
        query=wanted.words,
        hidden=tuple((name, value) for name, value in kept.items() if name != "q"),
        tabs=(
            Chip(_("待办"), url_for("work.inbox"), active=not done),
            Chip(_("已办"), url_for("work.inbox", t="done"), active=done),
        ),
        finished=_finished(unit),
    )


def _finished(unit: Unit) -> Finished | None:
    """What the address says was just done, if it was done by this officer; taken back while nobody went on from it."""
    done = request.args.get("done", type=number)
    line = done_line(unit, done) if done else None
    if line is None:
        return None
    return Finished(_("已办理“%(name)s”。", name=line.name), recall_of(line.id) if line.recallable else None)


def _item(blueprint: Blueprint, house: House) -> None:
    @blueprint.get("/tasks/<int:item_id>")
    @requires(HANDLE)
    def item(item_id: int) -> Response:
        """One item: five answers, the form with its draft, what is known, what happened."""
        return _show(house, item_id)

    @blueprint.post("/tasks/<int:item_id>")
    @requires(HANDLE)
    def complete(item_id: int) -> Response:
        """办理. A refusal shows the page again with all that was typed; a bug is kept as an incident."""
        typed = typed_now(house)
        try:
            following = _complete(house, item_id, typed)
        except NotFound:
            raise
        except Refusal as refusal:
            return _show(house, item_id, typed, refusal)
        except Exception as error:  # noqa: BLE001 - whatever it is, the process stays where it was
            return _failed(house, item_id, typed, error)
        return _onward(item_id, following)

    @blueprint.post("/tasks/<int:item_id>/draft")
    @requires(HANDLE)
    def draft(item_id: int) -> Response:
        """暂存, by the script while typing pauses or by the button without it."""
        typed = typed_now(house)
        check_uploads(typed)
        at = _save_draft(house, item_id, typed)
        if request.headers.get("X-Draft") or request.headers.get("HX-Request"):
            return Response(status=204, headers={"X-Saved-At": at})
        flash(_("草稿已保存。"), "success")
        return _to(url_for("work.item", item_id=item_id))

    @blueprint.get("/tasks/<int:item_id>/files/<int:attachment_id>")
    @requires(HANDLE)
    def file(item_id: int, attachment_id: int) -> Response:
        """A file the item speaks of, always as a download."""
        with open_reading(house.database, current_actor(), house.now()) as unit:
            found = file_of_item(unit, item_id, attachment_id)
        data = io.BytesIO(read_file(house.settings.archive_dir, found.sha256))
        return send_file(data, mimetype=found.media_type, as_attachment=True, download_name=found.name)


def _show(
    house: House, item_id: int, typed: Typed | None = None, refusal: Refusal | None = None,
    refused: Refused | None = None,
) -> Response:  # fmt: skip
    with open_reading(house.database, current_actor(), house.now()) as unit:
        card = item_card(unit, item_id)
        view = item_view(unit, card, map_of(unit, card.definition_id), typed=typed, refusal=refusal)
        view = replace(view, acts=asked_again(view.acts, refused))
        page = render_template("item.html", page=view, finished=_finished(unit))
    wrong = refused.refusal if refused else refusal
    return make_response(page, wrong.status if wrong else 200)


def _complete(house: House, item_id: int, typed: Typed) -> int | None:
    """The officer's most urgent item after this one, None when nothing waits."""
    check_uploads(typed)
    version, submit_id = _version(), request.form.get("submit_id", "")[:40] or None
    with open_unit(house.database, current_actor(), house.now()) as unit:
        complete_item(
            unit,
            item_id=item_id,
            version=version,
            posted=lambda item: answers_of(unit, item, typed),
            submit_id=submit_id,
        )
        return most_urgent(unit)


def _save_draft(house: House, item_id: int, typed: Typed) -> str:
    """Keeps what is typed; the hour and minute it was kept."""
    with open_unit(house.database, current_actor(), house.now()) as unit:
        _process, item = lock_item(unit, item_id)
        kept = answers_of(unit, item, typed)
        verbs.save_draft(unit, item_id=item_id, draft=kept | {SAVED_AT: unit.now.isoformat()} if kept else {})
        return clock(unit.now)


def _failed(house: House, item_id: int, typed: Typed, error: Exception) -> Response:
    """The bug as an incident under a code, in a unit of its own; what was typed becomes the draft if it can."""
    with open_unit(house.database, current_actor(), house.now()) as unit:
        item = read_item(unit.session, item_id)
        code = incident.report(
            unit.session, what="complete", error=error, now=unit.now, item_id=item_id,
            process_id=item.process_id if item else None,
        )  # fmt: skip
    log.error("incident %s: %s %s", code, request.method, request.path, exc_info=error)
    with suppress(Exception):  # the failure that matters has been told already
        _save_draft(house, item_id, typed)
    return answer(RefusalPage(status=500, title=say(TITLES[500]), message=say(WORDS[500]), reference=code))


def _onward(done_id: int, following: int | None) -> Response:
    """To the officer's most urgent item, else to the inbox; either tells what was done and offers to take it back."""
    if following is not None:
        return _to(url_for("work.item", item_id=following, done=done_id))
    return _to(url_for("work.inbox", done=done_id))


def _verbs(blueprint: Blueprint, house: House) -> None:
    def act(word: str, permit: str, command: Callable[[Unit, int], str], *, stays: bool = True) -> None:
        """One verb: POST /tasks/<id>/<word> does it and leads back to the item, or to the inbox when it has gone."""

        @requires(permit)
        def view(item_id: int) -> Response:
            try:
                with open_unit(house.database, current_actor(), house.now()) as unit:
                    said = command(unit, item_id)
            except Invalid as refusal:
                return _ask_again(house, item_id, word, refusal)
            flash(said, "success")
            return _to(url_for("work.item", item_id=item_id) if stays else url_for("work.inbox"))

        view.__name__ = word
        path = f"/tasks/<int:item_id>/{word.replace('send_back', 'return')}"
        blueprint.add_url_rule(path, word, view, methods=["POST"])

    act("claim", HANDLE, _claim)
    act("release", HANDLE, _release)
    act("transfer", "item.transfer", _transfer, stays=False)
    act("send_back", HANDLE, _send_back, stays=False)
    act("recall", HANDLE, _recall)
    act("urge", "item.urge", _urge)


def _ask_again(house: House, item_id: int, word: str, refusal: Invalid) -> Response:
    """The item's page with the dialog of this verb open, as it was filled in."""
    typed = {name: request.form[name] for name in request.form if name not in OURS}
    key = "return" if word == "send_back" else word
    return _show(house, item_id, refused=Refused(key, typed, refusal, url_for("work.item", item_id=item_id)))


def _version() -> int:
    return request.form.get("version", 0, type=number)


def _claim(unit: Unit, item_id: int) -> str:
    verbs.claim_item(unit, item_id=item_id, version=_version())
    return str(_("已认领，此事项现在只由您办理。"))


def _release(unit: Unit, item_id: int) -> str:
    verbs.release_item(unit, item_id=item_id, version=_version())
    return str(_("已放回，本单位同职责的人员都可以办理。"))


def _transfer(unit: Unit, item_id: int) -> str:
    to = request.form.get("to_officer_id", 0, type=number)
    if not to:
        raise Invalid(N_("填写有误"), fields={"to_officer_id": N_("请选择转给谁。")})
    verbs.transfer_item(
        unit, item_id=item_id, version=_version(), to_officer_id=to, reason=request.form.get("reason", "")
    )
    return str(_("已转办，对方会在待办中看到。"))


def _send_back(unit: Unit, item_id: int) -> str:
    verbs.return_item(unit, item_id=item_id, version=_version(), reason=request.form.get("reason", ""))
    return str(_("已退回补正，补正后回到您的待办。"))


def _recall(unit: Unit, item_id: int) -> str:
    verbs.recall_item(unit, item_id=item_id)
    return str(_("已撤回，您填写的内容已恢复。"))


def _urge(unit: Unit, item_id: int) -> str:
    verbs.urge_item(unit, item_id=item_id, words=request.form.get("words", "").strip())
    return str(_("已催办，对方会在待办和消息中看到。"))


def _to(address: str) -> Response:
    return make_response(redirect(address, 303))

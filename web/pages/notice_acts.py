"""What is done with a paper after its issue: answer, urge one or all that are late, void, reissue; and how far a batch is."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from models.house import House
from models.notice_life import (
    MOST_AT_ONCE,
    answer_notice,
    find_batch,
    progress_of,
    reissue_notice,
    stopped_papers,
    urge_notices,
    void_notice,
)
from models.notice_list import NoticeLine, find_notice_line, overdue_ids
from models.refusal import Invalid
from models.unit import Unit, open_reading, open_unit
from web.asked_again import Refused, asked_again
from web.gate import current_actor, requires
from web.i18n import say
from web.notice_list import notice_view
from web.project_form import day_of
from web.uploads import file_all, kept_files
from web.views.notices import BatchPage

Command = Callable[[Unit, NoticeLine, Mapping[str, str]], str]


def pages(house: House) -> Blueprint:
    """The routes; a refused one shows the paper's page again with its dialog open and what was typed in it."""
    blueprint = Blueprint("notice_acts", __name__, url_prefix="/notices")
    _answering(blueprint, house)
    for key, word, command in (
        ("urge", "notice.urge", _urge),
        ("void", "notice.void", _void),
        ("reissue", "notice.void", _reissue),
    ):
        _route(blueprint, house, key, word, command)
    _batches(blueprint, house)
    return blueprint


def _answering(blueprint: Blueprint, house: House) -> None:
    @blueprint.post("/<int:notice_id>/answer")
    @requires("notice.answer")
    def answer(notice_id: int) -> Response:
        """回复 by the addressee, with files where the paper is about a project."""
        typed = {"words": request.form.get("words", "")}
        try:
            kept = kept_files(house, "files")
            with open_unit(house.database, current_actor(), house.now()) as unit:
                line = find_notice_line(unit, notice_id)
                files = file_all(unit, kept, line.project_id) if line.project_id else []
                answer_notice(
                    unit, notice_id=notice_id, words=typed["words"], attachments=[int(each) for each in files]
                )
        except Invalid as refusal:
            return _again(house, notice_id, "answer", typed, refusal)
        flash(_("已回复。"), "success")
        return make_response(redirect(url_for("notices.page", notice_id=notice_id), 303))


def _route(blueprint: Blueprint, house: House, key: str, word: str, command: Command) -> None:
    def act(notice_id: int) -> Response:
        typed = {name: request.form.get(name, "") for name in ("reason", "supplement", "due_on")}
        try:
            with open_unit(house.database, current_actor(), house.now()) as unit:
                href = command(unit, find_notice_line(unit, notice_id), typed)
        except Invalid as refusal:
            return _again(house, notice_id, key, typed, refusal)
        return make_response(redirect(href, 303))

    blueprint.add_url_rule(f"/<int:notice_id>/{key}", key, requires(word)(act), methods=["POST"])


def _urge(unit: Unit, line: NoticeLine, typed: Mapping[str, str]) -> str:
    batch_id = urge_notices(unit, notice_ids=[line.id], supplement=typed["supplement"])
    flash(_("已发出催办通知书。"), "success")
    return url_for("notice_acts.batch", batch_id=batch_id)


def _void(unit: Unit, line: NoticeLine, typed: Mapping[str, str]) -> str:
    void_notice(unit, notice_id=line.id, reason=typed["reason"])
    flash(_("已作废，号码留在登记簿。"), "success")
    return url_for("notices.page", notice_id=line.id)


def _reissue(unit: Unit, line: NoticeLine, typed: Mapping[str, str]) -> str:
    unit.require("notice.void", organ_ids=[line.organ_id])  # before a wrong day is told to somebody who may not ask
    due_on = day_of(typed["due_on"], "due_on") if typed["due_on"].strip() else None
    changes: dict[str, Any] = {"supplement": typed["supplement"].strip()} if typed["supplement"].strip() else {}
    changes |= {"due_on": due_on.isoformat()} if due_on else {}
    issued = reissue_notice(unit, notice_id=line.id, reason=typed["reason"], changes=changes)
    flash(_("原件已作废，新件为%(number)s。", number=issued.number), "success")
    return url_for("notices.page", notice_id=issued.id)


def _again(house: House, notice_id: int, key: str, typed: Mapping[str, str], refusal: Invalid) -> Response:
    refused = Refused(key, typed, refusal, url_for("notices.page", notice_id=notice_id))
    with open_reading(house.database, current_actor(), house.now()) as unit:
        view = notice_view(unit, notice_id)
    view = replace(view, acts=asked_again(view.acts, refused))
    return make_response(render_template("notice.html", page=view), refusal.status)


def _batches(blueprint: Blueprint, house: House) -> None:
    @blueprint.post("/urge")
    @requires("notice.urge")
    def urge_all() -> Response:
        """催办 of every overdue paper one may see, MOST_AT_ONCE of them at most."""
        with open_unit(house.database, current_actor(), house.now()) as unit:
            late = overdue_ids(unit, MOST_AT_ONCE)
            batch_id = urge_notices(unit, notice_ids=late, supplement=request.form.get("supplement", ""))
        return make_response(redirect(url_for("notice_acts.batch", batch_id=batch_id), 303))

    @blueprint.get("/batches/<int:batch_id>")
    @requires("notice.urge")
    def batch(batch_id: int) -> str:
        """How far a batch is; the page asks again by itself until all papers are archived or stopped."""
        with open_reading(house.database, current_actor(), house.now()) as unit:
            found = find_batch(unit, batch_id)
            progress, stopped = progress_of(unit.session, batch_id), stopped_papers(unit.session, batch_id)
        page = BatchPage(
            title=say(found.title),
            made_at=found.made_at,
            made_by=found.made_by,
            progress=progress,
            stopped=tuple(stopped),
            list_href=url_for("notices.index"),
            again_href=url_for("notice_acts.batch", batch_id=batch_id),
        )
        part = "notice_batch_part.html" if request.headers.get("HX-Request") else "notice_batch.html"
        return render_template(part, page=page)

"""消息: what an officer has been told, newest first, and the mark that she has read it."""

from flask import Blueprint, Response, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext as _

from models.house import House
from models.message import TEXTS, Message, newest_messages, read_messages, unread_count
from models.unit import open_reading, open_unit
from models.worklist import titles_of
from web.auth import current_actor, signed_in
from web.i18n import say
from web.views.work import MessageRow, MessagesPage

PAGES = {TEXTS["inspection"]: "inspections.index"}  # where a message about nothing of its own leads


def pages(house: House) -> Blueprint:
    """The routes of the messages; the bell in the frame leads here."""
    blueprint = Blueprint("messages", __name__)

    @blueprint.get("/messages")
    @signed_in
    def inbox() -> str:
        """The newest messages; looking at them does not mark them, so that nothing is lost by a glance."""
        actor = current_actor()
        with open_reading(house.database, actor, house.now()) as unit:
            newest = newest_messages(unit.session, actor.officer_id or 0)
            about = titles_of(unit, [each.work_item_id for each in newest if each.work_item_id])
            rows = tuple(_row(each, about.get(each.work_item_id or 0, "")) for each in newest)
            unread = unread_count(unit.session, actor.officer_id or 0)
        page = MessagesPage(rows, unread, url_for("messages.read"))
        return render_template("messages.html", page=page)

    @blueprint.post("/messages/read")
    @signed_in
    def read() -> Response:
        """Marks all of the officer's messages read."""
        with open_unit(house.database, current_actor(), house.now()) as unit:
            read_messages(unit)
        flash(_("已全部标为已读。"), "success")
        return make_response(redirect(url_for("messages.inbox"), 303))

    return blueprint


def _row(each: Message, about: str) -> MessageRow:
    text = say(each.text, {"name": each.name})
    return MessageRow(each.at, text, _href(each), about, each.words, each.read_at is None)


def _href(each: Message) -> str:
    if each.work_item_id:
        return url_for("work.item", item_id=each.work_item_id)
    if each.notice_id:
        return url_for("notices.page", notice_id=each.notice_id)
    if each.project_id:
        return url_for("projects.page", project_id=each.project_id)
    return url_for(PAGES[each.text])

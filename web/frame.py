"""The frame around every signed-in page: who is here, how much waits, and the entries her roles open."""

from typing import Any, cast

from flask import current_app, request, url_for

from models.house import House
from models.message import unread_count
from models.organ import organ_names
from models.permit import ROLES
from models.unit import Actor, open_reading
from models.worklist import COUNTED, open_count
from web.auth import Need, visitor
from web.i18n import language, say
from web.views import MenuEntry, Shell

INBOX = "work.inbox"
MOST_UNREAD = 100
# Pages that are reached from another entry's page and stand under its tab.
STANDS_IN = {"rates": "targets", "referral": "commendation", "schemes": "assessments", "objections": "assessments"}


def frame(house: House) -> dict[str, Any]:
    """What base.html draws around a page; empty for a visitor whom we do not know."""
    actor = visitor()
    if actor is None:
        return {}
    with open_reading(house.database, actor, house.now()) as unit:
        waiting = open_count(unit)
        unread = unread_count(unit.session, actor.officer_id or 0)
        organ = organ_names(unit.session, [actor.organ_id or 0], language()).get(actor.organ_id or 0, "")
    entries = entries_of(actor)
    return {
        "shell": _shell(house, actor, organ, waiting, unread),
        "menu": [entry for entry in entries if not entry.under],
        "section": section_of(entries, request.blueprint or ""),
        "stands_in": STANDS_IN.get(request.blueprint or "", request.blueprint),
    }


def entries_of(actor: Actor) -> list[MenuEntry]:
    """The entries of the menu that the actor's roles open, in their order."""
    entries = cast("list[MenuEntry]", current_app.jinja_env.globals["menu_entries"])
    return [entry for entry in entries if Need("permit", entry.permit).is_met_by(actor)]


def section_of(entries: list[MenuEntry], blueprint: str) -> list[MenuEntry]:
    """The entries of the section a page stands in, the section's own first; empty outside sections."""
    blueprint = STANDS_IN.get(blueprint, blueprint)
    own = next((entry for entry in entries if entry.endpoint.partition(".")[0] == blueprint), None)
    if own is None:
        return []
    found = [entry for entry in entries if entry.under == (own.under or own.endpoint)]
    return [entry for entry in entries if entry.endpoint == (own.under or own.endpoint)] + found if found else []


def capped(number: int) -> int | str:
    """A count as it is shown: exact up to COUNTED, then only that there are more."""
    return number if number < COUNTED else f"{COUNTED - 1}+"


def _shell(house: House, actor: Actor, organ: str, waiting: int, unread: int) -> Shell:
    known = current_app.view_functions
    roles = dict.fromkeys(say(ROLES[grant.role]) for grant in actor.grants)
    return Shell(
        officer=actor.name,
        organ=organ,
        roles=tuple(roles),
        home_href="/",
        logout_href=url_for("auth.logout"),
        account_href=url_for("auth.password") if "auth.password" in known else "",
        tokens_href=url_for("tokens.index") if "tokens.index" in known else "",
        inbox_count=capped(waiting),
        inbox_endpoint=INBOX,
        demo=house.settings.demo,
        demo_at=house.now() if house.settings.demo else None,
        demo_href=url_for("demo_clock.advance") if "demo_clock.advance" in known else "",
        messages_href=url_for("messages.inbox"),
        unread_count=unread if unread < MOST_UNREAD else f"{MOST_UNREAD - 1}+",
    )

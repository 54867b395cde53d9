"""演示时钟: one button that takes the demo to the next moment at which something falls due; only there with DEMO=1."""

from urllib.parse import urlsplit

from flask import Blueprint, Response, flash, make_response, redirect, request
from flask_babel import gettext as _

from models.clock import SystemClock
from models.demo_clock import move_clock
from models.house import House
from models.oversight import next_due
from models.unit import open_unit
from web.gate import current_actor, safe_path, signed_in
from web.i18n import day


def pages(house: House) -> Blueprint:
    """The button's route, or nothing at all outside the demo."""
    blueprint = Blueprint("demo_clock", __name__)
    if not house.settings.demo:
        return blueprint

    @blueprint.post("/demo/next")
    @signed_in
    def advance() -> Response:
        """Moves the demo's clock on and leads back; the next tick does what is due by then."""
        with open_unit(house.database, current_actor(), house.now()) as unit:
            to = next_due(unit.session, unit.now)
            move_clock(unit, to=to, machine_now=SystemClock().now())
        flash(_("演示时间已拨到%(day)s，到期的事项片刻后自动办理。", day=day(to)), "success")
        return make_response(redirect(_way_back(), 303))

    return blueprint


def _way_back() -> str:
    """The page the button stood on; the home page when the browser does not say."""
    came_from = urlsplit(request.referrer or "")
    if came_from.netloc != request.host:
        return "/"
    return safe_path(came_from.path + (f"?{came_from.query}" if came_from.query else "")) or "/"

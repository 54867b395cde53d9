"""区月报: which districts have reported a month, and what each of them signed."""

from flask import Blueprint, render_template, request

from models.house import House
from models.texts import N_
from models.unit import open_reading
from web.gate import current_actor, requires
from web.report_page import report_view, reports_view
from web.views import MenuEntry

MENU = (
    MenuEntry(
        "monthly_reports.index",
        N_("区月报"),
        "journal-text",
        "monthly_report.view",
        61,
        phone=False,
        under="agenda.index",
    ),
)


def pages(house: House) -> Blueprint:
    """The month's list and one report."""
    blueprint = Blueprint("monthly_reports", __name__, url_prefix="/monthly-reports")

    @blueprint.get("")
    @requires("monthly_report.view")
    def index() -> str:
        """The reports of a month; a district sees its own."""
        with open_reading(house.database, current_actor(), house.now()) as unit:
            page = reports_view(unit, request.args.get("period", ""))
        return render_template("monthly_reports.html", page=page)

    @blueprint.get("/<period>/<int:organ_id>")
    @requires("monthly_report.view")
    def page(period: str, organ_id: int) -> str:
        """One report in four blocks."""
        with open_reading(house.database, current_actor(), house.now()) as unit:
            view = report_view(unit, period, organ_id)
        return render_template("monthly_report.html", page=view)

    return blueprint

"""约谈: the lists, one list with what became of each talk, its changes by hand, and the list to take away."""

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from forms.workbook import MIME, Page, workbook_of
from models.admonition import Admonition, CalledUnit, called_unit
from models.admonition_list import add_unit, find_admonition, remove_unit
from models.duty import period_zh
from models.house import House
from models.organ import organ_names, organ_of
from models.refusal import Invalid
from models.texts import N_
from models.unit import Unit, open_reading, open_unit
from notices.admonition import ListedUnit, TalkList
from web.asked_again import Refused
from web.gate import current_actor, requires
from web.numbers import chosen
from web.talk_view import changes_of, opened_on, talk_list_page, talks_page
from web.uploads import sent_out
from web.views import MenuEntry

MENU = (MenuEntry("admonition.index", N_("约谈"), "people", "admonition.view", 66, phone=False, under="agenda.index"),)
RULE = "内资或外资目标没有完成，或者内外资综合得分列后三位（并列的都列入）的列入；没有下达目标的不作为理由"


def pages(house: House) -> Blueprint:
    """The routes of talks."""
    blueprint = Blueprint("admonition", __name__, url_prefix="/admonition")
    _lists(blueprint, house)
    _taken_away(blueprint, house)
    _changes(blueprint, house)
    return blueprint


def _lists(blueprint: Blueprint, house: House) -> None:
    @blueprint.get("")
    @requires("admonition.view")
    def index() -> str:
        """All periods one may know of."""
        with open_reading(house.database, current_actor(), house.now()) as unit:
            page = talks_page(unit)
        return render_template("talks.html", page=page)

    @blueprint.get("/<int:admonition_id>")
    @requires("admonition.view")
    def page(admonition_id: int) -> str:
        """One list."""
        with open_reading(house.database, current_actor(), house.now()) as unit:
            shown = talk_list_page(unit, admonition_id)
        return render_template("talk_list.html", page=shown)


def _taken_away(blueprint: Blueprint, house: House) -> None:
    @blueprint.get("/<int:admonition_id>.xlsx")
    @requires("admonition.view")
    def sheet(admonition_id: int) -> Response:
        """The list for Excel, units that were taken off struck through."""
        with open_reading(house.database, current_actor(), house.now()) as unit:
            row, units = find_admonition(unit, admonition_id)
            listed = _listed(unit, units)
        heading = ("序号", "单位", "约谈事由", "增减说明", "在名单上")
        lines = tuple(
            (str(place), each.name, "；".join(each.reasons), "；".join(each.changes), "否" if each.struck else "是")
            for place, each in enumerate(listed, start=1)
        )
        title = f"{period_zh(row.period)}约谈名单"
        struck = frozenset(place for place, each in enumerate(listed) if each.struck)
        data = workbook_of([Page(title, (), heading, lines, figures=frozenset({0}), struck=struck)])
        return sent_out(data, f"{title}.xlsx", MIME, save=True)

    @blueprint.get("/<int:admonition_id>.pdf")
    @requires("admonition.view")
    def pdf(admonition_id: int) -> Response:
        """The list for print."""
        with open_reading(house.database, current_actor(), house.now()) as unit:
            row, units = find_admonition(unit, admonition_id)
            letter = _letter(unit, row, units)
        data = house.renderer.render(letter)
        return sent_out(data, f"{letter.title}.pdf", "application/pdf", save=request.args.get("save") == "1")


def _listed(unit: Unit, units: list[CalledUnit]) -> tuple[ListedUnit, ...]:
    names = organ_names(unit.session, [each.organ_id for each in units])
    return tuple(
        ListedUnit(
            name=names[each.organ_id],
            reasons=tuple(each.reasons),
            changes=tuple(changes_of(each)),
            struck=each.removed_at is not None,
        )
        for each in units
    )


def _letter(unit: Unit, row: Admonition, units: list[CalledUnit]) -> TalkList:
    desk = organ_of(unit.session, row.desk_organ_id)
    approved = f"{row.approved_by}批准" if row.approved_by else "尚未批准"
    return TalkList(
        issuer=desk.name_zh,
        to_name="",
        date=opened_on(row),
        subject=f"{period_zh(row.period)}招商引资考核",
        rule=RULE,
        units=_listed(unit, units),
        notes=tuple(f"{name}：{note}" for name, note in row.notes),
        approved=approved,
        demo=row.demo,
        seal_drawn=False,
    )


def _changes(blueprint: Blueprint, house: House) -> None:
    @blueprint.post("/units/<int:unit_id>/remove")
    @requires("admonition.edit")
    def remove(unit_id: int) -> Response:
        """Takes a unit off the list, or asks again for the reason."""
        why = request.form.get("removed_why", "")
        with open_reading(house.database, current_actor(), house.now()) as unit:
            admonition_id = called_unit(unit.session, unit_id).admonition_id
        try:
            with open_unit(house.database, current_actor(), house.now()) as unit:
                remove_unit(unit, unit_id=unit_id, reason=why)
        except Invalid as refusal:
            return _again(house, admonition_id, f"remove-{unit_id}", {"removed_why": why}, refusal)
        flash(_("已去掉，理由留在名单上。"), "success")
        return _back(admonition_id)

    @blueprint.post("/<int:admonition_id>/add")
    @requires("admonition.edit")
    def add(admonition_id: int) -> Response:
        """Puts a district on the list, or asks again."""
        typed = {name: request.form.get(name, "") for name in ("organ_id", "added_why")}
        try:
            with open_unit(house.database, current_actor(), house.now()) as unit:
                organ_id = chosen(typed["organ_id"])
                add_unit(unit, admonition_id=admonition_id, organ_id=organ_id, reason=typed["added_why"])
        except Invalid as refusal:
            return _again(house, admonition_id, "add", typed, refusal)
        flash(_("已增加。"), "success")
        return _back(admonition_id)


def _back(admonition_id: int) -> Response:
    return make_response(redirect(url_for("admonition.page", admonition_id=admonition_id), 303))


def _again(house: House, admonition_id: int, key: str, typed: dict[str, str], refusal: Invalid) -> Response:
    refused = Refused(key, typed, refusal, url_for("admonition.page", admonition_id=admonition_id))
    with open_reading(house.database, current_actor(), house.now()) as unit:
        page = talk_list_page(unit, admonition_id, refused)
    return make_response(render_template("talk_list.html", page=page), refusal.status)

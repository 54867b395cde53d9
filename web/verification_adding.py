"""What a district adds while it checks itself: vouchers and words for one amount, 外资 that nobody filed yet."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from models.house import House
from models.refusal import Invalid, NotDue, NotFound
from models.texts import N_
from models.unit import Unit, open_reading, open_unit
from models.verification_list import find_verification, own_projects, whole_of
from models.verification_rows import kinds_to_choose
from models.verification_self import Arrival, file_foreign, file_vouchers
from web.duty_words import period_words
from web.fields import ChoiceView, FieldView
from web.gate import current_actor, requires
from web.i18n import say
from web.project_form import amount_of, day_of
from web.project_history import named
from web.uploads import file_all, kept_files
from web.views import FormPage

HERE = "/<half>/<int:verified_id>"
VOUCHER, FOREIGN = ("kind", "explanation"), ("project_id", "amount", "on", "kind", "note")


@dataclass(frozen=True)
class Asked:
    """Whose form it is, what was typed in it, and what is wrong with that."""

    half: str
    verified_id: int
    typed: Mapping[str, str] = field(default_factory=dict)
    refusal: Invalid | NotDue | None = None

    def error(self, *names: str) -> str:
        """What is wrong with the first of these fields that is."""
        fields = self.refusal.fields if isinstance(self.refusal, Invalid) else {}
        return next((say(fields[name]) for name in names if name in fields), "")

    @property
    def problem(self) -> str:
        """What is wrong as a whole."""
        return say(self.refusal.message, dict(self.refusal.params)) if self.refusal else ""

    @property
    def status(self) -> int:
        """The answer's status."""
        return self.refusal.status if self.refusal else 200


def adding_routes(blueprint: Blueprint, house: House) -> None:
    """The two forms and their answers."""
    _vouchers(blueprint, house)
    _foreign(blueprint, house)


def _vouchers(blueprint: Blueprint, house: House) -> None:
    @blueprint.get(f"{HERE}/entries/<int:line_id>")
    @requires("verification.file")
    def entry(half: str, verified_id: int, line_id: int) -> Response:
        """补凭证、说明 for one amount."""
        return _voucher_form(house, Asked(half, verified_id), line_id)

    @blueprint.post(f"{HERE}/entries/<int:line_id>")
    @requires("verification.file")
    def entry_post(half: str, verified_id: int, line_id: int) -> Response:
        """Files are kept before the unit opens; refused, the words stay."""
        typed = {name: request.form.get(name, "") for name in VOUCHER}
        try:
            kept = kept_files(house, "files")
            with open_unit(house.database, current_actor(), house.now()) as unit:
                numbers = [int(each) for each in file_all(unit, kept, _project_of(unit, half, verified_id, line_id))]
                file_vouchers(unit, period=half, organ_id=verified_id, entry_id=line_id, files=numbers, **typed)
        except (Invalid, NotDue) as refusal:
            return _voucher_form(house, Asked(half, verified_id, typed, refusal), line_id)
        flash(_("已补充凭证或说明。"), "success")
        return _back(half, verified_id)


def _foreign(blueprint: Blueprint, house: House) -> None:
    @blueprint.get(f"{HERE}/foreign")
    @requires("verification.file")
    def foreign(half: str, verified_id: int) -> Response:
        """补报外资到位."""
        return _foreign_form(house, Asked(half, verified_id))

    @blueprint.post(f"{HERE}/foreign")
    @requires("verification.file")
    def foreign_post(half: str, verified_id: int) -> Response:
        """The entry with its voucher; refused, the words stay."""
        typed = {name: request.form.get(name, "") for name in FOREIGN}
        try:
            kept = kept_files(house, "files")
            with open_unit(house.database, current_actor(), house.now()) as unit:
                project_id = _chosen(unit, half, verified_id, typed["project_id"])
                filed = [int(each) for each in file_all(unit, kept, project_id)]
                amount, on = amount_of(typed["amount"], "amount"), day_of(typed["on"], "on")
                arrival = Arrival(project_id, amount, on, next(iter(filed), None),
                                  typed["kind"], typed["note"])  # fmt: skip
                file_foreign(unit, period=half, organ_id=verified_id, arrival=arrival)
        except (Invalid, NotDue) as refusal:
            return _foreign_form(house, Asked(half, verified_id, typed, refusal))
        flash(_("已补报外资到位。"), "success")
        return _back(half, verified_id)


def _chosen(unit: Unit, half: str, verified_id: int, text: str) -> int:
    known = {str(number) for number, _name in own_projects(unit, find_verification(unit, half, verified_id))}
    if text not in known:
        raise Invalid(N_("填写有误"), fields={"project_id": N_("请选择本区的项目。")})
    return int(text)


def _project_of(unit: Unit, half: str, verified_id: int, line_id: int) -> int:
    lines = whole_of(unit, half, verified_id).lines
    found = next((line.project_id for line in lines if line.entry_id == line_id), None)
    if found is None:
        raise NotFound(N_("这笔资金不在本次核查范围内。"))
    return found


def _kind(asked: Asked) -> FieldView:
    chosen = asked.typed.get("kind", "")
    kinds = tuple(
        ChoiceView(each.code, named(each.name_zh, each.name_en), chosen == each.code) for each in kinds_to_choose()
    )
    return FieldView("kind", str(_("凭证种类")), "select", chosen, error=asked.error("kind"), choices=kinds)


def _voucher_form(house: House, asked: Asked, line_id: int) -> Response:
    with open_reading(house.database, current_actor(), house.now()) as unit:
        _project_of(unit, asked.half, asked.verified_id, line_id)
    told = str(_("凭证不全或者金额有出入的，写明情况。"))
    words = asked.typed.get("explanation", "")
    fields = (
        _kind(asked),
        FieldView("files", str(_("凭证")), "files", error=asked.error("files", "attachments")),
        FieldView("explanation", str(_("说明")), "textarea", words, help=told, max_length=300),
    )
    return _form(asked, str(_("补凭证、说明")), fields)


def _foreign_form(house: House, asked: Asked) -> Response:
    with open_reading(house.database, current_actor(), house.now()) as unit:
        known = own_projects(unit, find_verification(unit, asked.half, asked.verified_id))
    typed = asked.typed
    projects = tuple(ChoiceView(str(each), name, typed.get("project_id") == str(each)) for each, name in known)
    fields = (
        FieldView("project_id", str(_("项目")), "select", required=True, error=asked.error("project_id"), choices=projects),
        FieldView("amount", str(_("到位金额")), "text", typed.get("amount", ""), required=True,
                  error=asked.error("amount"), unit=str(_("万美元"))),
        FieldView("on", str(_("到位日期")), "date", typed.get("on", ""), required=True, error=asked.error("on")),
        _kind(asked),
        FieldView("files", str(_("凭证")), "files", required=True, error=asked.error("files", "attachments")),
        FieldView("note", str(_("备注")), "text", typed.get("note", ""), max_length=200),
    )  # fmt: skip
    return _form(asked, str(_("补报外资到位")), fields)


def _form(asked: Asked, title: str, fields: tuple[FieldView, ...]) -> Response:
    back = url_for("verification.page", half=asked.half, verified_id=asked.verified_id)
    crumbs = ((str(_("半年核查")), url_for("verification.index", half=asked.half)), (period_words(asked.half), back))
    page = FormPage(
        title=title, action_href=request.path, fields=fields, back_href=back, problem=asked.problem, crumbs=crumbs
    )
    return make_response(render_template("form.html", page=page), asked.status)


def _back(half: str, verified_id: int) -> Response:
    return make_response(redirect(url_for("verification.page", half=half, verified_id=verified_id), 303))

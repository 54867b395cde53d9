"""The ledger's fields as the fields of a page: one form for a new project, one for changing what is known of it."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from forms.reader import form_schema
from models.ledger import TYPED, LedgerField, chain_names, field_named, ledger_fields
from models.ledger_value import EARLIEST, LATEST
from models.organ import Organ, organs
from models.project import Project, values_of
from models.refusal import Invalid
from models.stage import stages
from models.texts import N_
from models.typed_numbers import typed_number
from models.unit import Unit
from web.fields import FieldView, fields_of
from web.i18n import language, say

ASKED_AT_FIRST = ("name", "owner_organ_id")
NOT_TYPED = frozenset({"source", "guess_district", "guess_chain", "stated_place", "stated_stage", "published_year"})
WIDGETS = {"money": "money", "date": "date", "past": "date", "int": "number"}
OWNER = "owner_organ_id"
VERSION = "version"
FINEST = Decimal("0.000001")  # 万元: one 分


def new_fields(unit: Unit, values: Mapping[str, object], errors: Mapping[str, str]) -> tuple[FieldView, ...]:
    """What a new project is asked: its name and place, then all that some stage needs."""
    needed = [each for each in typed_fields() if each.from_stage and each.name != "name"]
    schema = _schema([field_named("name"), *needed], owner=True, required=ASKED_AT_FIRST)
    return _drawn(schema, values, errors, {OWNER: owner_choices(unit)})


def edit_fields(project: Project, values: Mapping[str, object], errors: Mapping[str, str]) -> tuple[FieldView, ...]:
    """Every field that may be typed; the stage is not among them, because the process moves it."""
    known = {name: value for name, value in values_of(project).items() if value is not None}
    schema = _schema([each for each in typed_fields() if each.name != "stage"], required=("name",))
    return _drawn(schema, known | dict(values), errors, {})


def typed_fields() -> list[LedgerField]:
    """The fields that people type, in the order of the ledger."""
    return [each for each in ledger_fields() if each.type in TYPED and each.name not in NOT_TYPED]


def posted_values(posted: Mapping[str, str], *, fields: Iterable[str]) -> dict[str, object]:
    """What was typed into the fields that were shown; a blank one becomes None, which clears it."""
    return {name: posted[name].strip() or None for name in fields if name in posted}


def owner_choices(unit: Unit) -> list[tuple[str, str]]:
    """The districts and zones for which this officer may register a project."""
    may = unit.actor.may
    return [(str(each.id), _name(each)) for each in lands(unit) if may("project.register", [each.id, each.root_id])]


def lands(unit: Unit) -> list[Organ]:
    """Every district and zone of today."""
    return list(organs(unit.session, unit.today, ("district", "development_zone")))


def amount_of(text: object, name: str) -> Decimal:
    """The amount typed, in the unit beside the field; raises Invalid at that field."""
    number = typed_number(text)
    try:
        if number is not None and number == number.quantize(FINEST):
            return number
    except InvalidOperation:
        pass  # too large to be told in 分; refused below, as what is finer
    raise Invalid(N_("填写有误"), fields={name: N_("请填写数字，不带单位，最多精确到分。")})


def day_of(text: object, name: str) -> date:
    """The day typed; raises Invalid at that field, for a year no project is of as well: 0202 is a slip for 2026."""
    try:
        day = date.fromisoformat(str(text or "").strip())
    except ValueError as error:
        raise Invalid(N_("填写有误"), fields={name: N_("请填写日期，例如 2026-11-24。")}) from error
    if not EARLIEST <= day <= LATEST:
        raise Invalid(N_("填写有误"), fields={name: N_("请核对年份，应在1980年至2100年之间。")})
    return day


def said(errors: Mapping[str, str]) -> dict[str, str]:
    """Refusals by field in the visitor's language."""
    return {name: say(text) for name, text in errors.items()}


def _name(organ: Organ) -> str:
    return organ.name_en if language() == "en" else organ.name_zh


def _drawn(
    schema: Mapping[str, Any], values: Mapping[str, object], errors: Mapping[str, str],
    choices: Mapping[str, list[tuple[str, str]]],
) -> tuple[FieldView, ...]:  # fmt: skip
    return fields_of(schema, values=values, errors=said(errors), choices=choices, language=language())


def _schema(fields: Iterable[LedgerField], *, owner: bool = False, required: Iterable[str] = ()) -> dict[str, Any]:
    """A schema in the words of the form that asks the same things of an imported project, where it asks them."""
    asked = form_schema("project_verify")["properties"]
    properties: dict[str, Any] = {}
    for field in fields:
        properties[field.name] = asked.get(field.name) or _rule(field)
        if field.name == "name" and owner:
            properties[OWNER] = asked[OWNER]
    if "chain" in properties:
        chains = list(dict.fromkeys(chain_names().values()))
        properties["chain"] = {**properties["chain"], "enum": chains, "x-widget": "select"}
    return {"properties": properties, "required": list(required)}


def _rule(field: LedgerField) -> dict[str, Any]:
    unit = "万元" if field.column and field.type == "money" else field.unit
    rule: dict[str, Any] = {"title": field.name_zh, "title_en": field.name_en, "x-unit": unit,
                            "x-unit_en": UNITS_EN.get(unit, unit)}  # fmt: skip
    rule["x-widget"] = "select" if field.choices or field.type == "stage" else WIDGETS.get(field.type, "text")
    if field.choices:
        rule["enum"] = list(field.choices)
    if field.type == "stage":
        rule["oneOf"] = [{"const": each.code, "title": each.name_zh, "title_en": each.name_en} for each in stages()]
    return rule


UNITS_EN = {"万元": "10,000 yuan", "亿元": "100 million yuan", "人": "people", "次": "times"}

"""The page of a form in forms/ that is asked outside a task: its title, lead and fields, with what was typed and what is wrong."""

from collections.abc import Mapping

from flask import request

from forms.reader import form_schema
from models.organ import organs
from models.unit import Unit
from web.fields import fields_of
from web.i18n import language, say
from web.project_history import named
from web.views import FormPage


def form_page(
    unit: Unit,
    form: str,
    *,
    crumbs: tuple[tuple[str, str], ...],
    values: Mapping[str, object] | None = None,
    errors: Mapping[str, str] | None = None,
) -> FormPage:
    """The page, sent to its own address; the other organs are what fields of organs offer, 取消 leads to the last crumb."""
    schema = form_schema(form)
    title, lead = (schema.get(f"{each}_en" if language() == "en" else each) for each in ("title", "description"))
    others = [each for each in organs(unit.session, unit.today) if each.id != unit.actor.organ_id]
    offered = {
        "organ": [(str(each.id), named(each.name_zh, each.name_en)) for each in others],
        "departments": [
            (str(each.id), named(each.name_zh, each.name_en)) for each in others if each.kind == "department"
        ],
    }
    said = {name: say(text) for name, text in (errors or {}).items()}
    return FormPage(
        title=str(title),
        action_href=request.path,
        fields=fields_of(schema, values=values or {}, errors=said, choices=offered, language=language()),
        lead=str(lead),
        back_href=crumbs[-1][1],
        crumbs=crumbs,
    )

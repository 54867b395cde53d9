"""A question that was answered wrongly is asked again: its dialog open, what was typed kept, what is wrong beside it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from models.refusal import Invalid
from web.fields import FieldView
from web.i18n import say
from web.views.shared import Act


@dataclass(frozen=True)
class Refused:
    """The act with this key was refused; `back_href` is where 取消 leads, as the address of a POST cannot be opened."""

    key: str
    typed: Mapping[str, str]
    refusal: Invalid
    back_href: str


def asked_again(acts: Iterable[Act], refused: Refused | None) -> tuple[Act, ...]:
    """The acts with the refused one open; raises its refusal when the act is not on offer, so it has no place here."""
    acts = tuple(acts)
    if refused is None:
        return acts
    if not any(act.key == refused.key and act.fields and not act.blocked for act in acts):
        raise refused.refusal
    return tuple(_opened(act, refused) if act.key == refused.key else act for act in acts)


def _opened(act: Act, refused: Refused) -> Act:
    refusal, names = refused.refusal, {field.name for field in act.fields}
    loose = [say(text) for name, text in refusal.fields.items() if name not in names]
    whole = [] if names & set(refusal.fields) else [say(refusal.message, dict(refusal.params))]
    fields = tuple(_filled(field, refused) for field in act.fields)
    return replace(act, fields=fields, problem=" ".join([*whole, *loose]), again_href=refused.back_href)


def _filled(field: FieldView, refused: Refused) -> FieldView:
    value, wrong = refused.typed.get(field.name, ""), refused.refusal.fields.get(field.name)
    choices = tuple(replace(choice, taken=choice.value == value) for choice in field.choices)
    return replace(field, value=value, choices=choices, error=say(wrong) if wrong else "")

"""Fills any view dataclass with plain values, so that each template can be drawn without a database."""

import types
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from web.fields import ChoiceView, FieldView

NOON = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
WORDS = {
    "icon": "inbox",
    "integrity": "",
    "error": "wrong",
    "widget": "text",
    "first_day": "2026-11-01",
    "last_day": "2026-11-24",
}


def sample(kind: Any, name: str = "", *, text: str = "abc", deep: int = 0) -> Any:
    """A value of `kind`: lists hold two, words are `text`, every optional thing is there; ids differ by depth and place."""
    if is_dataclass(kind):
        if kind is FieldView:
            return FieldView(f"f{deep}", text, "textarea", error=text, help=text, previous=text, required=True)
        hints = get_type_hints(kind)
        return kind(
            **{field.name: sample(hints[field.name], field.name, text=text, deep=deep + 1) for field in fields(kind)}
        )
    origin, inner = get_origin(kind), get_args(kind)
    if origin is tuple and inner[-1] is Ellipsis:
        return tuple(_vary(sample(inner[0], name, text=text, deep=deep), place) for place in range(2))
    if origin is tuple:
        return tuple(sample(one, name, text=text, deep=deep) for one in inner)
    if origin is Literal:
        return inner[0]
    if origin in (Union, types.UnionType):
        return sample(next(one for one in inner if one is not type(None)), name, text=text, deep=deep)
    if kind is str:
        if name in ("lint_href", "again_href"):
            return ""  # a fragment that htmx fetches by itself, which these pages lack; a dialog that is open at once
        return "/inbox" if name.endswith("href") else WORDS.get(name, text)
    return {int: 3, bool: True, Decimal: Decimal(12345), date: date(2026, 11, 24), datetime: NOON}[kind]


def _vary(value: Any, place: int) -> Any:
    """The second of two entries gets names of its own, as ids of a page may not repeat."""
    if not place or not is_dataclass(value):
        return value
    names = {field.name for field in fields(value)}
    unique = {name: f"{getattr(value, name)}-{place}" for name in ("key", "id", "code", "name") if name in names}
    if "blocked" in names:
        unique["blocked"] = ""  # the first act says why not, the second asks
    return type(value)(**{name: getattr(value, name) for name in names} | unique)


def every_widget(text: str = "abc") -> tuple[FieldView, ...]:
    """A field of each kind, each with an error, a help and an answer of last time."""
    from web.fields import WIDGETS

    choices = (ChoiceView("a", text, taken=True), ChoiceView("b", text, taken=False))
    return tuple(
        FieldView(
            f"w_{widget}",
            text,
            widget,
            "true" if widget == "yesno" else "",
            True,
            text,
            text,
            "",
            choices,
            100,
            previous=text,
        )  # type: ignore[arg-type]
        for widget in WIDGETS
    )

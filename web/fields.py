"""Turns a form's JSON Schema into the fields a page draws: what was typed, what was said last time, what is wrong."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

Widget = Literal[
    "text",
    "textarea",
    "date",
    "month",
    "money",
    "number",
    "select",
    "yesno",
    "checkboxes",
    "files",
    "organ",
    "departments",
    "password",
]
WIDGETS: tuple[str, ...] = get_args(Widget)
WIDE = frozenset({"textarea", "checkboxes", "files", "departments"})
Choices = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class ChoiceView:
    """A choice of a select or a checkbox, with whether it is taken."""

    value: str
    text: str
    taken: bool


@dataclass(frozen=True)
class FieldView:
    """One field as drawn: `value` is the typed text, `error` what to do about it, `previous` last time's answer."""

    name: str
    title: str
    widget: Widget = "text"
    value: str = ""
    required: bool = False
    error: str = ""
    help: str = ""
    unit: str = ""
    choices: tuple[ChoiceView, ...] = ()
    max_length: int | None = None
    smallest: str = ""
    largest: str = ""
    previous: str = ""
    files: tuple[str, ...] = ()
    readonly: bool = False
    drawn: str = ""  # a file that may be drawn on the screen: the name of the field that says whose hand it is

    @property
    def wide(self) -> bool:
        """Whether it takes the whole width of the form."""
        return self.widget in WIDE


def fields_of(
    schema: Mapping[str, Any],
    *,
    values: Mapping[str, object] | None = None,
    errors: Mapping[str, str] | None = None,
    previous: Mapping[str, object] | None = None,
    choices: Mapping[str, Choices] | None = None,
    files: Mapping[str, Sequence[str]] | None = None,
    language: str = "zh",
    readonly: bool = False,
) -> tuple[FieldView, ...]:
    """The fields in the schema's order. `choices` gives (value, text) by name of a field or of a widget (organ)."""
    values, errors, previous = values or {}, errors or {}, previous or {}
    required = frozenset(schema.get("required", ()))
    views = []
    for name, rule in schema.get("properties", {}).items():
        widget = widget_of(rule)
        offered = _offered(name, rule, widget, choices or {}, language)
        taken = _taken(values.get(name))
        views.append(
            FieldView(
                name=name,
                title=_said(rule, "title", language) or name,
                widget=widget,
                value=_written(values.get(name)),
                required=name in required,
                error=errors.get(name, ""),
                help=_said(rule, "description", language),
                unit=_said(rule, "x-unit", language),
                choices=tuple(ChoiceView(value, text, value in taken) for value, text in offered),
                max_length=rule.get("maxLength"),
                smallest=_written(rule.get("minimum")),
                largest=_written(rule.get("maximum")),
                previous=_in_words(previous.get(name), dict(offered)),
                files=tuple((files or {}).get(name, ())),
                readonly=readonly,
                drawn=str(rule.get("x-signature") or ""),
            )
        )
    return tuple(views)


def widget_of(rule: Mapping[str, Any]) -> Widget:
    """The widget a field asks for, else the one its type suggests."""
    asked = rule.get("x-widget")
    if asked in WIDGETS:
        return asked  # type: ignore[no-any-return]
    kind = rule.get("type")
    if rule.get("enum") or rule.get("oneOf"):
        return "select"
    if kind == "array":
        return "checkboxes"
    if kind == "boolean":
        return "yesno"
    if rule.get("format") == "date":
        return "date"
    return "number" if kind in ("integer", "number") else "text"


def _said(rule: Mapping[str, Any], key: str, language: str) -> str:
    other = rule.get(f"{key}_en") if language == "en" else None
    return str(other or rule.get(key) or "")


def _offered(name: str, rule: Mapping[str, Any], widget: str, choices: Mapping[str, Choices], language: str) -> Choices:
    if name in choices:
        return choices[name]
    if widget in choices:
        return choices[widget]
    inner = rule.get("items", rule) if rule.get("type") == "array" else rule
    if "oneOf" in inner:
        return [
            (_written(one["const"]), _said(one, "title", language) or _written(one["const"])) for one in inner["oneOf"]
        ]
    words = rule.get("x-enum-titles_en" if language == "en" else "x-enum-titles") or inner.get("enum", ())
    return [(_written(value), str(text)) for value, text in zip(inner.get("enum", ()), words, strict=True)]


def _taken(value: object) -> frozenset[str]:
    if value is None:
        return frozenset()
    return (
        frozenset(map(_written, value))
        if isinstance(value, list | tuple | set | frozenset)
        else frozenset({_written(value)})
    )


def _written(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _in_words(value: object, words: Mapping[str, str]) -> str:
    if isinstance(value, list | tuple):
        return "、".join(words.get(_written(one), _written(one)) for one in value)
    return words.get(_written(value), _written(value))

"""All kinds of letters by name, and the way back from the data a notice froze at issue."""

from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from notices.admonition import AdmonitionNotice, Commitment, ListedUnit, TalkList, TalkRecord
from notices.document import (
    Annex,
    AssessmentResult,
    Bulletin,
    Commendation,
    Publicity,
    Section,
    Sectioned,
    VerificationReport,
)
from notices.follow_through import (
    Amendment,
    Answer,
    CloseOut,
    Conclusion,
    CoordinationLetter,
    Correction,
    Extension,
    Opinion,
    PlainLetter,
    RectificationReport,
)
from notices.ladder import (
    Point,
    RectificationNotice,
    Reminder,
    SpecialReport,
    SupervisionNotice,
    TalkNotice,
    UrgingNotice,
)
from notices.letter import LONGEST_LETTER, LONGEST_TEXT, MOST_ITEMS, Letter

__all__ = [
    "KINDS",
    "LONGEST_LETTER",
    "LONGEST_TEXT",
    "MOST_ITEMS",
    "AdmonitionNotice",
    "Amendment",
    "Annex",
    "Answer",
    "AssessmentResult",
    "Bulletin",
    "CloseOut",
    "Commendation",
    "Commitment",
    "Conclusion",
    "CoordinationLetter",
    "Correction",
    "Extension",
    "Letter",
    "ListedUnit",
    "Opinion",
    "PlainLetter",
    "Point",
    "Publicity",
    "RectificationNotice",
    "RectificationReport",
    "Reminder",
    "Section",
    "Sectioned",
    "SpecialReport",
    "SupervisionNotice",
    "TalkList",
    "TalkNotice",
    "TalkRecord",
    "UrgingNotice",
    "VerificationReport",
    "freeze_letter",
    "read_letter",
]

KINDS: Mapping[str, type[Letter]] = {
    cls.kind: cls
    for cls in (
        Reminder, SupervisionNotice, UrgingNotice, Extension, RectificationNotice, RectificationReport, CloseOut,
        TalkNotice, SpecialReport, CoordinationLetter, PlainLetter, Correction, Bulletin, VerificationReport,
        AssessmentResult, Publicity, Commendation, AdmonitionNotice, TalkRecord, TalkList,
    )
}  # fmt: skip
T = TypeVar("T")
FROZEN_AS = {"to_name": "to", "project_name": "project"}  # where the frozen data has a shorter name


def read_letter(frozen: Mapping[str, Any], *, verify_url: str | None = None) -> Letter:
    """The letter of the data a notice froze at issue (`Notice.letter`).

    Fields are read by their names and types; what is empty takes the letter's own wording. Raises KeyError for an
    unknown kind or when something is missing that the kind cannot do without.
    """
    given = {**frozen, "verify_url": verify_url, "points": _points(frozen)}
    return _read(KINDS[frozen["kind"]], given)


def _read(cls: type[T], frozen: Mapping[str, Any]) -> T:
    hints: dict[str, Any] = _types(cls)  # type: ignore[arg-type]
    values = {
        field.name: _value(hints[field.name], frozen[name])
        for field in fields(cls)  # type: ignore[arg-type]
        if _is_given(frozen, name := FROZEN_AS.get(field.name, field.name)) or _is_required(field)
    }
    return cls(**values)


def freeze_letter(letter: Letter) -> dict[str, Any]:
    """The letter's data as plain JSON values, from which `read_letter` makes the same letter again."""
    shorter = {**FROZEN_AS, "points": "findings"}
    values = {shorter.get(field.name, field.name): _plain(getattr(letter, field.name)) for field in fields(letter)}
    return {"kind": letter.kind} | values


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Decimal):
        return float(value)  # only charts hold numbers; what is printed as one is text already
    return value if value is None or isinstance(value, (str, int, float)) else str(value)


@cache
def _types(cls: Any) -> dict[str, Any]:
    return get_type_hints(cls)


def _is_given(frozen: Mapping[str, Any], name: str) -> bool:
    return frozen.get(name) not in (None, "")


def _is_required(field: Field[Any]) -> bool:
    return field.default is MISSING and field.default_factory is MISSING


def _value(hint: Any, value: Any) -> Any:
    """A value of JSON as the field's type has it."""
    if value is None:
        return None
    if isinstance(hint, UnionType):
        hint = next(each for each in get_args(hint) if each is not type(None))
    if get_origin(hint) is tuple:
        return tuple(_value(get_args(hint)[0], each) for each in value)
    if is_dataclass(hint) and not isinstance(value, hint):  # type: ignore[arg-type]
        return _read(hint, value)  # type: ignore[arg-type]
    return date.fromisoformat(value) if hint is date else value


def _points(frozen: Mapping[str, Any]) -> list[Any]:
    """问题 of the ladder's papers: findings of a 整改通知书, or facts with demands and bases beside them."""
    if "findings" in frozen:
        return list(frozen["findings"])
    demands, bases = frozen.get("demands") or [], frozen.get("bases") or []
    return [
        {"fact": fact, "basis": _at(bases, place), "demand": _at(demands, place)}
        for place, fact in enumerate(frozen.get("facts") or [])
    ]


def _at(texts: list[str], place: int) -> str:
    return texts[place] if place < len(texts) else ""

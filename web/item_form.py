"""What an officer types on an item: how it is posted, kept through a refusal, and turned into the answers of a form."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import current_app, request
from itsdangerous import BadSignature, URLSafeSerializer

from forms.reader import form_schema
from models.attachment import KeptFile, keepable, store_attachment
from models.house import House
from models.item_card import FileFacts
from models.process import Item
from models.refusal import Invalid
from models.texts import N_
from models.unit import Unit
from web.numbers import LONGEST
from web.uploads import kept_files

SAVED_AT = "_saved_at"  # lies in the draft beside the answers; no field of a form begins with a line
OURS = frozenset({"csrf_token", "version", "submit_id"})
REPLY: dict[str, Any] = {  # what is asked of whoever gets an item back: only what the other still needs
    "type": "object",
    "required": ["note"],
    "properties": {
        "note": {
            "title": "补正说明",
            "title_en": "What you add or correct",
            "description": "对方据此继续办理；写明补了什么、改了什么。",
            "description_en": "The other side goes on from this: say what was added or changed.",
            "type": "string",
            "maxLength": 500,
            "x-widget": "textarea",
        }
    },
}


@dataclass(frozen=True)
class Typed:
    """What stands in the form: values as typed, and for fields of files what was kept of them."""

    values: Mapping[str, Any] = field(default_factory=dict)
    kept: Mapping[str, list[KeptFile]] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)


def typed_now(house: House) -> Typed:
    """The posted form. Uploads are checked and kept before any unit opens; those that cannot be taken are problems."""
    values = {name: request.form.getlist(name) for name in request.form if name not in OURS}
    kept: dict[str, list[KeptFile]] = {}
    problems: dict[str, str] = {}
    for name in request.files:
        try:
            kept[name] = kept_files(house, name)
        except Invalid as refusal:
            problems |= refusal.fields
    return Typed(values, kept, problems)


def schema_of(item_form: str, *, home: bool) -> Mapping[str, Any]:
    """What an item asks: its form, or for one that was returned only a reply."""
    return REPLY if home else form_schema(item_form)


def answers_of(unit: Unit, item: Item, typed: Typed) -> dict[str, Any]:
    """The posted values by the names of the form, files as the numbers of their attachments, which are stored here."""
    answers: dict[str, Any] = {}
    for name, rule in schema_of(item.form, home=item.home_organ_id is not None)["properties"].items():
        given = typed.values.get(name, [])
        if rule.get("x-widget") == "files":
            allowed, kept = keepable(unit, item, numbers_in(given)), kept_in(name, typed, item.id)
            filed = [number for number in numbers_in(given) if number in allowed]
            filed += [store_attachment(unit, each, project_id=item.project_id) for each in kept]
            answers[name] = [str(number) for number in dict.fromkeys(filed)]
        else:
            answers[name] = given if rule.get("type") == "array" else (given[0] if given else "")
    return {name: value for name, value in answers.items() if value not in ("", [])}


def check_uploads(typed: Typed) -> None:
    """Raises Invalid by field when an upload could not be taken, before anything is done with the rest."""
    if typed.problems:
        raise Invalid(N_("有文件没有收下，其余内容已保留。"), fields=typed.problems)


def file_choices(name: str, typed: Typed, known: Mapping[int, FileFacts], item_id: int) -> list[tuple[str, str]]:
    """(value, name) of every file that stands in a field: filed ones by number, kept ones by a signed note."""
    filed = [(str(number), known[number].name) for number in numbers_in(typed.values.get(name)) if number in known]
    return filed + [(_sealed(each, item_id), each.name) for each in kept_in(name, typed, item_id)]


def kept_in(name: str, typed: Typed, item_id: int) -> list[KeptFile]:
    """The files of a field that are kept and not filed yet: given back by their notes, and those that came just now."""
    given = typed.values.get(name) or ()
    notes = [each for each in given if not str(each).isdecimal()] if isinstance(given, list) else []
    back = [opened for note in notes if (opened := _opened(note, item_id))]
    return list({each.sha256: each for each in [*back, *typed.kept.get(name, [])]}.values())


def numbers_in(value: object) -> list[int]:
    """The attachment numbers in an answer."""
    entries: Iterable[object] = value if isinstance(value, list | tuple) else ()
    return [int(text) for each in entries if (text := str(each)).isdecimal() and len(text) <= LONGEST]


def _seal(item_id: int) -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt=f"kept-file-{item_id}")


def _sealed(kept: KeptFile, item_id: int) -> str:
    """A note by which the browser gives back a file we keep already, so that a refusal loses no upload."""
    note = _seal(item_id).dumps([kept.sha256, kept.name, kept.media_type, kept.size])
    return note.decode() if isinstance(note, bytes) else str(note)


def _opened(note: str, item_id: int) -> KeptFile | None:
    try:
        return KeptFile(*_seal(item_id).loads(note))
    except BadSignature:
        return None

"""一次填报 (law of the field: fill once): which fields two forms of the calendar's mechanisms would both ask for."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.maps import Map
from forms.reader import form_schema
from models.duty import DUTIES

# Said about whatever is at hand, each time about something else: who agrees, why not, and what proves it.
SAID_ANYWHERE = frozenset({"agreed", "opinion", "note", "reason", "evidence"})
SAID_AS = frozenset({"意见", "异议"})  # the same under the names of single forms


@dataclass(frozen=True)
class AskedTwice:
    """A field that more than one form asks for, by name or under the same title."""

    field: str
    title: str
    forms: tuple[str, ...]


def asked_twice(
    maps: Iterable[Map], schema: Callable[[str], Mapping[str, Any]] = form_schema, words: Iterable[str] | None = None
) -> list[AskedTwice]:
    """The fields asked for by two forms of mechanisms that a duty starts, by field; empty is what the law wants.

    A map belongs to a duty when its key is the duty's word, alone or as the beginning of a longer one.
    """
    started = tuple(DUTIES if words is None else words)
    keys = {form for each in maps if _is_of(each.key, started) for form in _forms(each)}
    found: dict[str, set[str]] = defaultdict(set)
    names: dict[str, tuple[str, str]] = {}
    for form in sorted(keys):
        for name, rule in schema(form)["properties"].items():
            title = str(rule["title"])
            if name not in SAID_ANYWHERE and title not in SAID_AS:
                names.setdefault(name, (name, title))
                names.setdefault(title, names[name])
                found[names[title][0]].add(form)
                found[name].add(form)
    return [
        AskedTwice(name, names[name][1], tuple(sorted(forms)))
        for name, forms in sorted(found.items())
        if len(forms) > 1
    ]


def _is_of(key: str, words: Iterable[str]) -> bool:
    return any(key == word or key.startswith(f"{word}_") for word in words)


def _forms(drawn: Map) -> set[str]:
    return {node.form for node in drawn.nodes.values() if node.form}

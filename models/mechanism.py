"""机制 and the menu: what each file of workflows/ declares about itself, found by discovery, shown by web."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Mechanism:
    """机制。 `word` names its file on every shelf; `article` is the policy's article it carries out."""

    word: str
    name_zh: str
    article: int
    purpose_zh: str


MECHANISMS: dict[str, Mechanism] = {}


def mechanism(word: str, name_zh: str, *, article: int, purpose_zh: str) -> Mechanism:
    """Declare a mechanism; raises ValueError when the word is taken by another."""
    declared = Mechanism(word, name_zh, article, purpose_zh)
    if MECHANISMS.setdefault(word, declared) != declared:
        raise ValueError(f"mechanism {word} is declared twice")
    return declared

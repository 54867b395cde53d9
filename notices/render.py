"""Renders one letter in this process; the pool does the same in processes of its own."""

from notices.fonts import activate
from notices.letters import Letter


def render(letter: Letter, *, draft: bool = False) -> bytes:
    """The letter as PDF: same letter, same bytes. `draft` prints 草稿 behind the text.

    Raises MissingGlyph naming characters no face has, and FontsMissing before the faces are built.
    """
    activate()
    from notices import press  # noqa: PLC0415 - WeasyPrint reads the list of faces when it is imported

    return press.set_letter(letter, draft=draft).pdf

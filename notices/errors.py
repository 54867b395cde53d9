"""What can go wrong between a letter and its paper, by name."""

from models.refusal import Invalid
from models.texts import N_


class MissingGlyph(Invalid):
    """字库缺字。 No face has these characters; printing would leave boxes in an official paper."""

    def __init__(self, characters: str) -> None:
        codes = "、".join(f"{char}（U+{ord(char):04X}）" for char in characters)
        super().__init__(N_("字库中没有这些字，无法排印：%(characters)s"), characters=codes)
        self.characters = characters


class FetchRefused(RuntimeError):
    """A page asked for something outside itself; carries the address."""


class RenderFailed(RuntimeError):
    """排印失败。 The worker said why, or died; the letter was not made."""


class RenderTimedOut(RenderFailed):
    """排印超时。 The worker was ended at its limit of time, processor or memory."""

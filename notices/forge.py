"""Forges one face out of several: TrueType outlines, equal metrics, only the characters a letter may need."""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.filterPen import DecomposingFilterPen
from fontTools.pens.transformPen import TransformPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont

EM = 1000
ASCENT, DESCENT = 880, 120  # the em box of Chinese faces; equal everywhere, so that mixed lines keep the grid
TOLERANCE = 1.0  # thousandths of the em a converted curve may stray
CREATED = 3_600_000_000  # seconds since 1904, fixed: the same sources give the same bytes
COLLECTIONS = (".ttc", ".otc")


@dataclass(frozen=True)
class Source:
    """A font file on this machine; `face` is the full name wanted of a collection."""

    path: Path
    face: str = ""

    def open(self) -> TTFont:
        """The font, read lazily."""
        if self.path.suffix.lower() not in COLLECTIONS:
            return TTFont(self.path, lazy=True)
        return next(font for font in self._members() if font["name"].getDebugName(4) == self.face)

    def _members(self) -> Iterator[TTFont]:
        number = 0
        while True:
            yield TTFont(self.path, fontNumber=number, lazy=True)
            number += 1


class Outlines:
    """The glyphs taken from one source, as quadratic curves in our em."""

    def __init__(self, source: Source) -> None:
        self.font = source.open()
        self.characters: dict[int, str] = self.font.getBestCmap()
        self._glyphs = self.font.getGlyphSet()
        self._scale = EM / self.font["head"].unitsPerEm
        self._cubic = "glyf" not in self.font

    def draw(self, name: str) -> tuple[object, int]:
        """One glyph and its advance. Composites are drawn out, because their parts are not carried over."""
        pen = TTGlyphPen(None)
        curves = Cu2QuPen(pen, TOLERANCE, reverse_direction=True) if self._cubic else pen
        scaled = curves if self._scale == 1 else TransformPen(curves, (self._scale, 0, 0, self._scale, 0, 0))
        glyph = self._glyphs[name]
        glyph.draw(DecomposingFilterPen(scaled, self._glyphs))
        return pen.glyph(), round(glyph.width * self._scale)


def forge(family: str, parts: Sequence[tuple[Source, AbstractSet[int]]], target: Path) -> frozenset[int]:
    """Write the face to `target`: each character from the first part that wants and has it. Returns what it covers."""
    drawn: dict[str, tuple[object, int]] = {}
    names: dict[int, str] = {}
    for source, wanted in parts:
        outlines = Outlines(source)
        drawn.setdefault(".notdef", outlines.draw(".notdef"))
        for code in sorted((wanted & outlines.characters.keys()) - names.keys()):
            names[code] = f"u{code:X}"
            drawn[names[code]] = outlines.draw(outlines.characters[code])
    _assemble(family, drawn, names).save(target)
    return frozenset(names)


def _assemble(family: str, drawn: dict[str, tuple[object, int]], names: dict[int, str]) -> FontBuilder:
    builder = FontBuilder(EM, isTTF=True)
    builder.font.recalcTimestamp = False
    builder.setupGlyphOrder(list(drawn))
    builder.setupCharacterMap(names)
    builder.setupGlyf({name: glyph for name, (glyph, _) in drawn.items()})
    glyf = builder.font["glyf"]
    builder.setupHorizontalMetrics(
        {name: (advance, getattr(glyf[name], "xMin", 0)) for name, (_, advance) in drawn.items()}
    )
    builder.setupHorizontalHeader(ascent=ASCENT, descent=-DESCENT)
    builder.setupOS2(
        sTypoAscender=ASCENT, sTypoDescender=-DESCENT, sTypoLineGap=0, usWinAscent=ASCENT, usWinDescent=DESCENT
    )
    said = {"familyName": family, "styleName": "Regular", "fullName": family, "psName": family.replace(" ", "")}
    builder.setupNameTable(said)
    builder.setupPost(keepGlyphNames=False)
    builder.font["head"].created = builder.font["head"].modified = CREATED
    return builder

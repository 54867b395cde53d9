"""What WeasyPrint 70 lacks for us, in one place and guarded by its version.

It widens only spaces, so Chinese lines are not filled: its one function for that is replaced. It lists an attachment
twice among the associated files, declares PDF/A or PDF/UA but not both, and does not say which way the head cells of
a table look: the finished file is mended before it is written. All this was measured with the versions named here;
others must be measured anew.
"""

import re
import zlib
from functools import cache
from typing import Any

import pydyf
import weasyprint
from weasyprint.formatting_structure import boxes
from weasyprint.layout import inline
from weasyprint.text.line_break import create_layout

WRITTEN_FOR = "70."
WRITTEN_WITH = "0.13."  # of pydyf, which writes the file
HAN = re.compile(r"[\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af]")
NO_WIDTH = "\u200b"
DEFLATE = 6  # of 9: the last three levels cost three times the time for one percent of the size
# PDF/A knows only the properties it lists; pdfuaid is not among them, so its schema goes along (ISO 19005-3, 6.6.2.3).
ACCESSIBLE = b"""<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" pdfuaid:part="1"/>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name><pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Part of ISO 14289 the file conforms to</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>
"""

_original = inline.justify_line


def install() -> None:
    """Replace WeasyPrint's justification; raises RuntimeError for a version this was not measured with."""
    if not (weasyprint.__version__.startswith(WRITTEN_FOR) and pydyf.VERSION.startswith(WRITTEN_WITH)):
        raise RuntimeError(f"notices/weasy.py was written for WeasyPrint {WRITTEN_FOR}x and pydyf {WRITTEN_WITH}x")
    inline.justify_line = justify_line


def finish(_document: Any, pdf: pydyf.PDF) -> None:
    """Mend a PDF/A-3a about to be written: /AF without doubles, PDF/UA-1 declared, heads with a scope, quick deflating."""
    if "AF" in pdf.catalog:
        pdf.catalog["AF"] = pydyf.Array(dict.fromkeys(pdf.catalog["AF"]))
    _declare_accessible(pdf)
    _scope_heads(pdf)
    for each in pdf.objects:
        if isinstance(each, pydyf.Stream) and each.compress:
            _deflate(each)


def _declare_accessible(pdf: pydyf.PDF) -> None:
    metadata = pdf.objects[int(pdf.catalog["Metadata"].split()[0])]
    [packet] = metadata.stream
    head, end, tail = packet.rpartition(b"</rdf:RDF>")
    metadata.stream = [head + ACCESSIBLE + end + tail]
    metadata.compress = False  # so that archives can read it without a PDF reader


def _scope_heads(pdf: pydyf.PDF) -> None:
    """A row of heads only heads its columns; a head in another row heads that row (ISO 14289-1, 7.5)."""
    for row in pdf.objects:
        if not (isinstance(row, pydyf.Dictionary) and row.get("S") == "/TR"):
            continue
        cells = [pdf.objects[int(kid.split()[0])] for kid in row["K"]]
        heads = [cell for cell in cells if cell["S"] == "/TH"]
        for head in heads:
            head["A"]["Scope"] = "/Column" if len(heads) == len(cells) else "/Row"


def _deflate(stream: pydyf.Stream) -> None:
    content = b"\n".join(map(pydyf._to_bytes, stream.stream))  # noqa: SLF001 - what pydyf itself would write
    stream.stream = [_deflated_profile(content) if "N" in stream.extra else zlib.compress(content, DEFLATE)]
    stream.extra["Filter"] = "/FlateDecode"
    stream.compress = False


@cache
def _deflated_profile(content: bytes) -> bytes:
    """The colour profile, the same in every letter."""
    return zlib.compress(content, DEFLATE)


def justify_line(context: Any, line: Any, extra_width: float) -> None:
    """Spread the slack of a line evenly over the gaps between its characters when the line has Chinese in it."""
    texts = list(_texts(line))
    if not any(HAN.search(box.text) for box in texts):
        _original(context, line, extra_width)
        return
    gaps = sum(_gaps(box) for box in texts) - 1
    if gaps > 0:
        _spread(context, line, extra_width / gaps, texts[-1], 0.0)


def _texts(box: Any) -> Any:
    if isinstance(box, boxes.TextBox):
        yield box
    elif isinstance(box, (boxes.LineBox, boxes.InlineBox)):
        for child in box.children:
            if child.is_in_normal_flow():
                yield from _texts(child)


def _gaps(box: Any) -> int:
    text: str = box.text
    return len(text) - text.count(NO_WIDTH)


def _spread(context: Any, box: Any, spacing: float, last: Any, shift: float) -> float:
    """Move a box by what was gained before it, widen it, and return what has been gained after it."""
    if isinstance(box, boxes.TextBox):
        return _widen(context, box, spacing, last, shift)
    if not isinstance(box, (boxes.LineBox, boxes.InlineBox)):
        box.translate(shift, 0)
        return shift
    box.position_x += shift
    before = shift
    for child in box.children:
        if child.is_in_normal_flow():
            shift = _spread(context, child, spacing, last, shift)
    box.width += shift - before
    return shift


def _widen(context: Any, box: Any, spacing: float, last: Any, shift: float) -> float:
    box.position_x += shift
    own = box.style["letter_spacing"]
    style = box.style.copy()
    style["letter_spacing"] = (0 if own == "normal" else own) + spacing
    box.style = style
    box.pango_layout = create_layout(box.text, style, context, None, box.justification_spacing)
    box.pango_layout.deactivate()
    gained = spacing * (_gaps(box) - (box is last))
    box.width += gained
    return shift + gained

"""Gives a letter to Word: an editable draft with the text of the PDF, in a template that an office may replace by its own."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from zipfile import BadZipFile

from docx.document import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.exceptions import OpcError
from docx.oxml import parse_xml
from docx.oxml.text.paragraph import CT_P
from docx.shared import Mm, Pt, Twips
from docx.text.paragraph import Paragraph
from docxtpl import DocxTemplate
from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from lxml.etree import XMLSyntaxError
from markupsafe import Markup, escape

from notices.blocks import Block, Sheet, sheet_of
from notices.compose import page_of
from notices.errors import RenderFailed
from notices.letters import Letter
from notices.word_table import BANNER_LINE, TWIPS_PER_MM, look_of, table_xml

MIME = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
OWN, NAME = Path(__file__).parent / "kit", "gongwen.docx"
BRACES = {ord("{"): "&#123;", ord("}"): "&#125;"}  # docxtpl looks for its own marks once more in what it has filled
PROPERTIES_PART = "/docProps/core.xml"
LONGEST_PROPERTY = 255  # characters Word allows in the title of a file
LINE_CHARACTERS, CHARACTER_MM, LINE_TWIPS = 28, 156 / 28, 579
# Names of styles: an editor that saves a template anew may change their ids.
PLACES = {
    "mark": "发文机关标志",
    "banner": "文件标志",
    "signer": "签发人",
    "sign": "署名和成文日期",
    "table": "表格位置",
}
NUMBER_BELOW_MM = 18.5  # 发文字号 or the first 签发人 below the mark: two lines
BANNER_BELOW_MM = 35  # 发文机关标志 of a document below the upper edge of 版心 (7.2.4)
UNREADABLE = (BadZipFile, OpcError, XMLSyntaxError, ValueError, KeyError, OSError)  # of a file that is no .docx
FORM_MARGINS_MM = (30, 25)  # above and below: a form should stay on one page
HAIR_MM = 0.4  # the least a line of Word is high
SLACK = 1.0  # characters a centred signature may be wider than measured; LibreOffice sets space between Han and figures


@dataclass(frozen=True)
class Line:
    """What the template sees of a block: texts that are already literal XML."""

    kind: str
    text: Markup
    left: Markup
    label: Markup


def word_of(letter: Letter, *, draft: bool) -> bytes:
    """The letter as .docx with the text of the PDF, for editing; without QR code and seal, which only an issue gives.

    Raises RenderFailed with a sentence when the office's own template cannot be filled.
    """
    sheet = sheet_of(page_of(replace(letter, verify_url=None), draft=draft))
    template = DocxTemplate(template_file())
    environment = ImmutableSandboxedEnvironment(autoescape=True, undefined=StrictUndefined)
    try:
        _drop_foreign_properties(template.get_docx())
        template.render(_context(sheet), environment)
    except (*UNREADABLE, TemplateError) as wrong:
        raise RenderFailed(f"the Word template {template_file()} cannot be filled: {wrong}") from wrong
    document: Document = template.docx
    _measure(document, sheet)
    _describe(document, sheet, datetime.combine(letter.date, time()))
    target = BytesIO()
    document.save(target)
    return target.getvalue()


def template_file(environ: Mapping[str, str] = os.environ) -> Path:
    """The office's own gongwen.docx in the folder DUBAN_TEMPLATE_DIR, else ours."""
    own = environ.get("DUBAN_TEMPLATE_DIR")
    return Path(own) / NAME if own and (Path(own) / NAME).is_file() else OWN / NAME


def _drop_foreign_properties(document: Document) -> None:
    """LibreOffice links the properties of a file by a name python-docx does not know, so that it would write a second part."""
    links = document.part.package.rels
    foreign = [
        link for link in links.values() if link.reltype != RELATIONSHIP_TYPE.CORE_PROPERTIES and not link.is_external
    ]
    for link in foreign:
        if link.target_part.partname == PROPERTIES_PART:
            del links[link.rId]


def _context(sheet: Sheet) -> dict[str, object]:
    lines = [
        Line(block.kind, *(_literal(text) for text in (block.text, block.left, block.label))) for block in sheet.blocks
    ]
    shown = {"foot_rule": sheet.foot_rule, "first_number": sheet.page == "document"}
    return {"blocks": lines, "ghost": _literal(sheet.ghost), **shown}


def _literal(text: str) -> Markup:
    """Text that neither XML nor a template takes for its own, however it was typed."""
    return Markup(str(escape(text)).translate(BRACES))  # noqa: S704 - escaped on the spot


def _measure(document: Document, sheet: Sheet) -> None:
    """What styles cannot say: the margins of a form, the size of the mark, where signatures stand, and the tables."""
    if sheet.page == "form":
        document.sections[0].top_margin, document.sections[0].bottom_margin = map(Mm, FORM_MARGINS_MM)
    for block, paragraph in _pairs(document, sheet, "mark"):
        _set_size(paragraph, block)
    for block, paragraph in _pairs(document, sheet, "banner"):
        _set_size(paragraph, block)
        paragraph.paragraph_format.line_spacing = Mm(max(block.size_mm, HAIR_MM))
        paragraph.paragraph_format.space_before = Twips(round(BANNER_BELOW_MM * TWIPS_PER_MM) - _above_mark(sheet))
    for block, paragraph in _pairs(document, sheet, "signer"):
        paragraph.paragraph_format.tab_stops.add_tab_stop(Mm(block.indent * CHARACTER_MM))
        if block.label.strip("　"):
            paragraph.paragraph_format.space_before = Mm(NUMBER_BELOW_MM)
    for block, paragraph in _pairs(document, sheet, "sign"):
        right = max(block.indent - SLACK, 0)
        left = max(LINE_CHARACTERS - right - block.span - 2 * SLACK, 0)
        paragraph.paragraph_format.right_indent = Mm(right * CHARACTER_MM)
        paragraph.paragraph_format.left_indent = Mm(left * CHARACTER_MM)
    _hold_signature(document)
    _set_tables(document, sheet)


def _above_mark(sheet: Sheet) -> int:
    """Twips that the corner takes above 发文机关标志, and the empty half of a line above several names."""
    leading = sum(block.size_mm * (BANNER_LINE - 1) / 2 for block in sheet.blocks if block.look == "banner")
    return sum(block.kind == "corner" for block in sheet.blocks) * LINE_TWIPS + round(leading * TWIPS_PER_MM)


def _set_size(paragraph: Paragraph, block: Block) -> None:
    for run in paragraph.runs if block.size_mm else ():
        run.font.size = Pt(int(Mm(block.size_mm).pt * 2) / 2)  # Word knows half points


def _set_tables(document: Document, sheet: Sheet) -> None:
    """Each table where the template keeps its place; one that holds the signature stays with the text before it."""
    styles = {style.name or "": style.style_id for style in document.styles}
    for block, paragraph in _pairs(document, sheet, "table"):
        before = paragraph._p.getprevious()  # noqa: SLF001 - python-docx offers no other place, here and below
        if look_of(block).together and isinstance(before, CT_P):
            _hold(Paragraph(before, document))
            paragraph.paragraph_format.keep_with_next = True
        paragraph._p.addprevious(parse_xml(table_xml(block, styles)))  # noqa: SLF001


def _hold_signature(document: Document) -> None:
    """Two lines free above the signature, and the last line of the text with it: it never stands alone on a page."""
    for before, first in pairwise(document.paragraphs):
        if _style(first) == PLACES["sign"] != _style(before):
            before.paragraph_format.keep_with_next = True
            first.paragraph_format.space_before = Twips(2 * LINE_TWIPS)
            return


def _hold(last: Paragraph) -> None:
    last.paragraph_format.keep_with_next = True
    last.paragraph_format.space_after = Twips(2 * LINE_TWIPS)


def _style(paragraph: Paragraph) -> str:
    return (paragraph.style and paragraph.style.name) or ""


def _pairs(document: Document, sheet: Sheet, kind: str) -> list[tuple[Block, Paragraph]]:
    """The blocks of a kind with the paragraphs that show them. Raises RenderFailed when the template has no place for them."""
    blocks = [block for block in sheet.blocks if block.kind == kind]
    shown = [paragraph for paragraph in document.paragraphs if _style(paragraph) == PLACES[kind]]
    if len(blocks) != len(shown):
        raise RenderFailed(f"the Word template {template_file()} must show every {kind!r} in the style {PLACES[kind]}")
    return list(zip(blocks, shown, strict=True))


def _describe(document: Document, sheet: Sheet, made: datetime) -> None:
    said = document.core_properties
    said.title, said.author = sheet.title[:LONGEST_PROPERTY], sheet.author[:LONGEST_PROPERTY]
    said.created = said.modified = made

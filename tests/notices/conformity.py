"""An own check of what PDF/A-3a and PDF/UA-1 ask of our files; it knows our files only, and is no veraPDF.

veraPDF is in no registry we install from and has not been run here: run it once outside before claiming conformance.
"""

import re
from collections.abc import Iterator
from io import BytesIO

import pikepdf
from fontTools.ttLib import TTFont


def faults(data: bytes) -> list[str]:
    """What is wrong with a file, in words; empty when nothing is."""
    with pikepdf.open(BytesIO(data)) as pdf:
        return [*_file(data, pdf), *_said(pdf), *_fonts(pdf), *_attached(pdf), *_pages(pdf)]


def _file(data: bytes, pdf: pikepdf.Pdf) -> Iterator[str]:
    if not re.match(rb"%PDF-1\.7\n%[\x80-\xff]{4}", data):
        yield "header is not PDF 1.7 followed by four bytes above 127"
    if "/ID" not in pdf.trailer:
        yield "trailer without ID"
    if "/Encrypt" in pdf.trailer:
        yield "encrypted"
    for name in ("/AA", "/OpenAction", "/AcroForm"):
        if name in pdf.Root:
            yield f"catalogue with {name}"
    [intent] = pdf.Root.OutputIntents
    if intent.S != "/GTS_PDFA1" or intent.DestOutputProfile.N != 3:
        yield "no output intent of three colours"
    if not pdf.Root.get("/MarkInfo", {}).get("/Marked") or "/StructTreeRoot" not in pdf.Root:
        yield "not tagged"
    if str(pdf.Root.get("/Lang")) != "zh-CN":
        yield "no language"
    if not pdf.Root.ViewerPreferences.DisplayDocTitle:
        yield "title is not displayed"
    for obj in pdf.objects:
        if isinstance(obj, pikepdf.Stream) and "LZW" in str(obj.get("/Filter")):
            yield "LZW"


def _said(pdf: pikepdf.Pdf) -> Iterator[str]:
    if "/Filter" in pdf.Root.Metadata:
        yield "metadata is compressed"
    with pdf.open_metadata() as said:
        wanted = {
            "pdfaid:part": "3",
            "pdfaid:conformance": "A",
            "pdfuaid:part": "1",
            "dc:title": str(pdf.docinfo.Title),
        }
        for name, value in wanted.items():
            if said.get(name) != value:
                yield f"{name} is {said.get(name)!r}, not {value!r}"
        if said.get("xmp:CreateDate", "").replace("-", "") not in str(pdf.docinfo.CreationDate):
            yield "dates differ"
    text = pdf.Root.Metadata.read_bytes().decode()
    if text.count("<rdf:RDF") != 1 or "pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/" not in text:
        yield "no extension schema for pdfuaid"


def _fonts(pdf: pikepdf.Pdf) -> Iterator[str]:
    fonts = [obj for obj in pdf.objects if isinstance(obj, pikepdf.Dictionary) and obj.get("/Type") == "/Font"]
    for font in (font for font in fonts if font.get("/Subtype") == "/Type0"):
        name, [below] = str(font.BaseFont), font.DescendantFonts
        if "/ToUnicode" not in font:
            yield f"{name}: no ToUnicode"
        if below.get("/CIDToGIDMap") != "/Identity" or "/FontFile2" not in below.FontDescriptor:
            yield f"{name}: not embedded as TrueType"
            continue
        yield from _widths(name, below)


def _widths(name: str, below: pikepdf.Object) -> Iterator[str]:
    face = TTFont(BytesIO(below.FontDescriptor.FontFile2.read_bytes()))
    order, em = face.getGlyphOrder(), face["head"].unitsPerEm
    told = list(below.W)
    for first, widths in zip(told[::2], told[1::2], strict=True):
        for place, width in enumerate(widths):
            real = face["hmtx"][order[int(first) + place]][0] * 1000 / em
            if abs(float(width) - real) > 1:
                yield f"{name}: glyph {int(first) + place} is told {width} broad and is {real}"


def _attached(pdf: pikepdf.Pdf) -> Iterator[str]:
    associated = [each.objgen for each in pdf.Root.get("/AF", [])]
    named = list(pdf.Root.Names.EmbeddedFiles.Names)[1::2] if pdf.attachments else []
    if associated != [each.objgen for each in named]:
        yield f"associated files {associated} are not the embedded ones"
    for each in named:
        if each.AFRelationship != "/Source" or not {"/F", "/UF", "/Desc"} <= set(each.keys()):
            yield "an attachment does not say what it is"


def _pages(pdf: pikepdf.Pdf) -> Iterator[str]:
    for page in pdf.pages:
        if page.get("/Tabs") != "/S":
            yield "a page without order of tabs"
        for annotation in page.get("/Annots", []):
            if not int(annotation.get("/F", 0)) & 4 or int(annotation.get("/F", 0)) & 0b100011:
                yield "an annotation that is not printed"

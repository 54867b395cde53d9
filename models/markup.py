"""Reads an XML file handed in by a person without trusting it: no DOCTYPE, no entities, no network, bounded size."""

from lxml import etree

from models.saying import Saying
from models.texts import N_

LARGEST_FILE = 1024 * 1024  # bytes
MOST_ELEMENTS = 2000


class MarkupError(Saying):
    """文件无法读取。 It is not an XML file that may be read."""


def read_markup(xml: bytes) -> etree._Element:
    """The root element of an XML file; raises MarkupError with a sentence that a person can act on."""
    if not xml.strip():
        raise MarkupError(N_("文件是空的"))
    if len(xml) > LARGEST_FILE:
        raise MarkupError(N_("文件有 %(size)d 字节，最多 %(most)d 字节"), size=len(xml), most=LARGEST_FILE)
    if b"\0" in xml:
        raise MarkupError(N_("文件不是 UTF-8 编码的 XML（含有空字符），请用 UTF-8 另存后再上传"))
    if b"<!DOCTYPE" in xml or b"<!ENTITY" in xml:  # before parsing: entities must not even be declared
        raise MarkupError(N_("文件含有 DOCTYPE 或 ENTITY 声明，出于安全不予接受，请删去该声明"))
    root = _parsed(xml)
    size = sum(1 for _ in root.iter(etree.Element))
    if size > MOST_ELEMENTS:
        raise MarkupError(N_("文件有 %(size)d 个元素，最多 %(most)d 个"), size=size, most=MOST_ELEMENTS)
    return root


def _parsed(xml: bytes) -> etree._Element:
    # a new parser each time: libxml2 parsers must not be shared between threads
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(xml, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        raise MarkupError(_why(xml, error), line=getattr(error, "lineno", None) or 1) from error
    encoding = (root.getroottree().docinfo.encoding or "UTF-8").upper()
    if encoding not in {"UTF-8", "UTF8", "ASCII", "US-ASCII"}:
        raise MarkupError(N_("文件的编码是 %(encoding)s，请用 UTF-8 另存后再上传"), encoding=encoding)
    return root


def _why(xml: bytes, error: Exception) -> str:
    if not xml.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return N_("文件不是 XML，请确认选对了文件")
    try:
        xml.decode("utf-8")
    except UnicodeDecodeError:
        return N_("文件不是 UTF-8 编码，请用 UTF-8 另存后再上传")
    if "Document is empty" in str(error):
        return N_("文件是空的")
    return N_("文件第 %(line)d 行不是正确的 XML，可能没有保存完整")

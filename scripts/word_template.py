"""Makes notices/kit/gongwen.docx, the template of Word drafts: measures of GB/T 9704, names of the faces offices have.

`python scripts/word_template.py` writes it anew. Every element of a paper is one paragraph in a style of its own, between
docxtpl's `{%p … %}` lines, so that an office can open the file in Word, change the styles and keep it as its own.
"""

import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

TARGET = Path(__file__).parents[1] / "notices" / "kit" / "gongwen.docx"
MADE = (2026, 1, 1, 0, 0, 0)  # fixed: the same script gives the same file
RED = "E60012"
FANG, KAI, HEI, TITLE, SONG = "仿宋_GB2312", "楷体_GB2312", "黑体", "方正小标宋简体", "宋体"
LATIN = "Times New Roman"
LINE = 579  # twentieths of a point: 28.95 pt, so that 22 lines stand in 225 mm
NAMESPACE = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def twips(mm: float) -> int:
    """Millimetres in twentieths of a point."""
    return round(mm * 1440 / 25.4)


@dataclass(frozen=True)
class Style:
    """One element of a paper. Sizes in points, distances in mm or in lines of the body."""

    id: str
    name: str
    shows: str = "{{ block.text }}"  # what its paragraph in the template says
    face: str = FANG
    size: float = 16
    line: int = LINE
    justify: str = "both"
    before: int = 0  # twips, as the next three
    after: int = 0
    left: int = 0
    right: int = 0
    indent: bool = False  # two characters
    hang: int = 0  # twips that lines after the first stand in
    colour: str = ""
    keep: bool = False  # with the next paragraph
    extra: str = ""  # further paragraph properties, in the order of the schema before spacing
    place: str = ""  # on the page: a frame, or a page of its own
    spread: int = 0  # twips between characters

    @property
    def paragraph(self) -> str:
        """pPr, in the order of the schema."""
        spacing = (
            f'<w:spacing w:before="{self.before}" w:after="{self.after}" w:line="{self.line}" w:lineRule="exact"/>'
        )
        first = ' w:firstLineChars="200" w:firstLine="640"' if self.indent else ""
        first += f' w:hanging="{self.hang}"' if self.hang else ""
        keep = "<w:keepNext/>" if self.keep else ""
        return (
            f"{keep}{self.place}<w:widowControl/>{self.extra}<w:kinsoku/><w:overflowPunct/>"
            '<w:autoSpaceDE w:val="0"/><w:autoSpaceDN w:val="0"/><w:snapToGrid w:val="0"/>'
            f'{spacing}<w:ind w:left="{self.left + self.hang}" w:right="{self.right}"{first}/><w:jc w:val="{self.justify}"/>'
        )

    @property
    def run(self) -> str:
        """rPr. 15.75 pt is 三号; Word rounds to half points, so a quarter of a point is taken off between characters."""
        spread = self.spread or (-5 if self.size == 16 else 0)
        narrow = f'<w:spacing w:val="{spread}"/>' if spread else ""
        colour = f'<w:color w:val="{self.colour}"/>' if self.colour else ""
        size = round(self.size * 2)
        return f'{fonts(self.face)}{colour}{narrow}<w:sz w:val="{size}"/><w:szCs w:val="{size}"/>'


def fonts(face: str) -> str:
    """The hint makes Word set “ ” … — in the Chinese face, full width."""
    return f'<w:rFonts w:ascii="{LATIN}" w:hAnsi="{LATIN}" w:cs="{LATIN}" w:eastAsia="{face}" w:hint="eastAsia"/>'


def rule(side: str, kind: str) -> str:
    """A double rule of 信函, 170 mm long when the paragraph is drawn out by 8 and 6 mm."""
    return f'<w:pBdr><w:{side} w:val="{kind}" w:sz="24" w:space="0" w:color="{RED}"/></w:pBdr>'


def ruled(**eighths: int) -> str:
    """Rules of 版记 at the sides given, in eighths of a point: .35 mm outside, .25 mm between two lines."""
    drawn = (f'<w:{side} w:val="single" w:sz="{size}" w:space="0" w:color="000000"/>' for side, size in eighths.items())
    return f"<w:pBdr>{''.join(drawn)}</w:pBdr>"


AT_30_MM = (
    f'<w:framePr w:w="{twips(170)}" w:hSpace="0" w:vSpace="0" w:wrap="notBeside" w:vAnchor="page" w:hAnchor="page" '
    f'w:xAlign="center" w:y="{twips(30)}"/>'
)
AT_THE_FOOT = (
    f'<w:framePr w:w="{twips(156)}" w:hSpace="0" w:vSpace="0" w:wrap="notBeside" w:vAnchor="margin" w:hAnchor="margin" '
    'w:xAlign="left" w:yAlign="bottom"/>'
)
TAB = f'<w:tabs><w:tab w:val="right" w:pos="{twips(156)}"/></w:tabs>'
TAB_BEFORE_EDGE = f'<w:tabs><w:tab w:val="right" w:pos="{twips(151)}"/></w:tabs>'
RULED = ruled(top=8, bottom=8, between=4)
LINE_BELOW = f'<w:pBdr><w:top w:val="single" w:sz="12" w:space="0" w:color="{RED}"/></w:pBdr>'
OUT = {"left": -twips(8), "right": -twips(6)}
# The word of a block (notices/blocks.py) is the style's id without "Gw", in small letters.
# fmt: off
STYLES = (
    Style("GwMark", "发文机关标志", face=TITLE, size=39.5, line=twips(15), justify="center", colour=RED, place=AT_30_MM),
    Style("GwRule", "标志下横线", shows="", size=1, line=twips(1), before=twips(4), extra=rule("top", "thickThinSmallGap"), **OUT),
    Style("GwRegister", "紧急程度和发文字号", shows="", before=twips(1), extra=TAB),
    Style("GwCorner", "份号密级和紧急程度", face=HEI, justify="left"),
    Style("GwBanner", "文件标志", face=TITLE, size=55, line=twips(22), justify="center", colour=RED),
    Style("GwNumber", "发文字号", justify="center", before=twips(18.5)),
    Style("GwSigner", "签发人", shows="", left=twips(5.571), justify="left"),
    Style("GwLine", "红色分隔线", shows="", size=1, line=twips(1), before=twips(4), extra=LINE_BELOW),
    Style("GwEnds", "主送和编号", shows="", size=14, line=twips(7), before=twips(4), after=twips(2), extra=TAB),
    Style("GwCoverNumber", "封面编号", justify="right"),
    Style(
        "GwCoverTitle", "封面标题", face=TITLE, size=39.5, line=twips(19.6), justify="center", before=twips(22),
        after=twips(24), spread=278,
    ),
    Style("GwCoverFoot", "封面落款", justify="center"),
    Style("GwTopTitle", "首行标题", face=TITLE, size=22, line=twips(12.636), justify="center"),
    Style("GwTitle", "公文标题", face=TITLE, size=22, line=twips(12.636), justify="center", before=twips(18.5)),
    Style("GwTo", "主送机关", before=LINE),
    Style("GwHeading1", "一级标题", face=HEI, indent=True, keep=True),
    Style("GwHeading2", "二级标题", face=KAI, indent=True, keep=True),
    Style("GwHeading3", "三级标题", indent=True, keep=True),
    Style("GwAnnex", "附件说明", before=LINE, indent=True),
    Style("GwSign", "署名和成文日期", justify="center", left=4620, keep=True),
    Style("GwNote", "附注", indent=True),
    Style("GwCopies", "版记", size=14, line=twips(6.6), justify="left", hang=840),
    Style(
        "GwRuledCopies", "带线版记", shows="　{{ block.text }}", size=14, line=twips(8), justify="left", hang=1120,
        extra=RULED + TAB_BEFORE_EDGE,
    ),
    Style("GwAnchor", "版记定位", shows="", size=1, line=20),
    Style("GwNewPage", "另起一页", shows="", size=1, line=20),
    Style("GwLabel", "附件标识", face=HEI, place="<w:pageBreakBefore/>", keep=True),
    Style("GwAnnexTitle", "附件标题", face=TITLE, size=22, line=twips(12.636), justify="center", before=twips(8), after=twips(5)),
    Style("GwRemark", "附件说明文字", size=14, line=twips(7), before=twips(3)),
    Style("GwTable", "表格位置", shows="{{ block.text }}", size=1, line=20),
    Style("GwFlush", "顶格正文"),
    Style("GwText", "公文正文", indent=True),
)  # fmt: skip
HANGING = ("GwCopies", "GwRuledCopies", "GwCoverFoot")  # in a frame, which hangs on the paragraph after it
OTHERS = (
    Style("GwCell", "表格文字", size=14, line=twips(7), justify="left"),
    Style("GwCellHead", "表头", face=HEI, size=14, line=twips(7), justify="center"),
    Style("GwHeader", "草稿标识", face=HEI, size=10.5, line=twips(6), justify="right"),
    Style("GwFoot", "页脚横线", size=1, line=twips(1), extra=rule("bottom", "thinThickSmallGap"), **OUT),
    Style("GwPageOdd", "单页码", face=SONG, size=14, line=twips(5), justify="right", right=320, after=twips(3)),
    Style("GwPageEven", "双页码", face=SONG, size=14, line=twips(5), justify="left", left=320, after=twips(3)),
)


def style_xml(style: Style) -> str:
    """A paragraph style of ours."""
    return (
        f'<w:style w:type="paragraph" w:customStyle="1" w:styleId="{style.id}"><w:name w:val="{style.name}"/>'
        f'<w:basedOn w:val="Normal"/><w:qFormat/><w:pPr>{style.paragraph}</w:pPr><w:rPr>{style.run}</w:rPr></w:style>'
    )


def styles_xml() -> str:
    """Defaults, and one style for each element."""
    ours = "".join(style_xml(style) for style in (*STYLES, *OTHERS))
    return (
        f"{HEAD}<w:styles {NAMESPACE}><w:docDefaults><w:rPrDefault><w:rPr>{fonts(FANG)}"
        '<w:sz w:val="32"/><w:szCs w:val="32"/><w:lang w:val="en-US" w:eastAsia="zh-CN" w:bidi="ar-SA"/>'
        "</w:rPr></w:rPrDefault><w:pPrDefault/></w:docDefaults>"
        '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:qFormat/></w:style>'
        f"{ours}</w:styles>"
    )


def run(text: str, face: str = "") -> str:
    """A run; the hint must stand on runs too, or Word sets quotation marks half-width."""
    hint = fonts(face) if face else '<w:rFonts w:hint="eastAsia"/>'
    return f'<w:r><w:rPr>{hint}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def paragraph(style: str, content: str, own: str = "") -> str:
    """A paragraph in a style."""
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{own}</w:pPr>{content}</w:p>'


def command(text: str) -> str:
    """A line of docxtpl's, which leaves no paragraph behind."""
    return f"<w:p>{run('{%p ' + text + ' %}')}</w:p>"


def element(style: Style) -> str:
    """What stands in the template for one element."""
    tab = "<w:r><w:tab/></w:r>"
    own = {
        "GwRegister": run("{{ block.left }}", HEI) + tab + run("{{ block.text }}"),
        "GwSigner": run("{{ block.left }}") + tab + run("{{ block.label }}") + run("{{ block.text }}", KAI),
        "GwEnds": run("{{ block.left }}") + tab + run("{{ block.text }}"),
        "GwNewPage": '<w:r><w:br w:type="page"/></w:r>',
    }
    shown = own.get(style.id) or (run(style.shows) if style.shows else "")
    return paragraph(style.id, shown, AT_THE_FOOT if style.id in HANGING else "")


def document_xml() -> str:
    """The body: one paragraph for each kind of block, in a loop."""
    *some, last = STYLES
    parts = [command("for block in blocks")]
    for number, style in enumerate(some):
        parts += [command(f'{"elif" if number else "if"} block.kind == "{style.id[2:].lower()}"'), element(style)]
    parts += [command("else"), element(last), command("endif"), command("endfor")]
    return f"{HEAD}<w:document {NAMESPACE}><w:body>{''.join(parts)}{section()}</w:body></w:document>"


def section() -> str:
    """A4, 37/26/35/28 mm; the first page has no number, odd ones have it on the right, even ones on the left."""
    kinds = ("default", "even", "first")
    headers = "".join(f'<w:headerReference w:type="{kind}" r:id="rIdHeader{kind}"/>' for kind in kinds)
    footers = "".join(f'<w:footerReference w:type="{kind}" r:id="rIdFooter{kind}"/>' for kind in kinds)
    margins = f'w:top="{twips(37)}" w:right="{twips(26)}" w:bottom="{twips(35)}" w:left="{twips(28)}"'
    return (
        f'<w:sectPr>{headers}{footers}<w:pgSz w:w="{twips(210)}" w:h="{twips(297)}"/>'
        f'<w:pgMar {margins} w:header="{twips(15)}" w:footer="{twips(20)}" w:gutter="0"/><w:titlePg/></w:sectPr>'
    )


def header_xml() -> str:
    """What a draft is, and that the issued PDF is what counts."""
    shown = run("{% if ghost %}{{ ghost }}　{% endif %}供编辑修改，以签发的PDF为准")
    return f"{HEAD}<w:hdr {NAMESPACE}>{paragraph('GwHeader', shown)}</w:hdr>"


def footer_xml(kind: str) -> str:
    """— 2 —; on the first page only of a 文件, and of a 信函 the rule at its foot."""
    if kind == "first":
        shown = (
            command("if foot_rule") + paragraph("GwFoot", "") + command("elif first_number") + page_number("GwPageOdd")
        )
        return f"{HEAD}<w:ftr {NAMESPACE}>{paragraph('GwAnchor', '')}{shown}{command('endif')}</w:ftr>"
    return f"{HEAD}<w:ftr {NAMESPACE}>{page_number('GwPageEven' if kind == 'even' else 'GwPageOdd')}</w:ftr>"


def page_number(style: str) -> str:
    """The number of the page between dashes, counted by Word."""
    field = "".join(
        f"<w:r>{part}</w:r>"
        for part in (
            '<w:fldChar w:fldCharType="begin"/>',
            '<w:instrText xml:space="preserve"> PAGE </w:instrText>',
            '<w:fldChar w:fldCharType="separate"/>',
            "<w:t>2</w:t>",
            '<w:fldChar w:fldCharType="end"/>',
        )
    )
    return paragraph(style, run("— ") + field + run(" —"))


def settings_xml() -> str:
    """Odd and even pages differ; Chinese punctuation keeps its width; the layout is that of Word 2013 and later."""
    return (
        f"{HEAD}<w:settings {NAMESPACE}><w:evenAndOddHeaders/>"
        '<w:characterSpacingControl w:val="doNotCompress"/><w:compat>'
        '<w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"/>'
        '</w:compat><w:themeFontLang w:val="en-US" w:eastAsia="zh-CN"/></w:settings>'
    )


def parts() -> dict[str, str]:
    """Every part of the package by its name."""
    kinds = ("default", "even", "first")
    types = {"document": "document.main", "styles": "styles", "settings": "settings"}
    types |= {f"header_{kind}": "header" for kind in kinds} | {f"footer_{kind}": "footer" for kind in kinds}
    overrides = "".join(
        f'<Override PartName="/word/{name}.xml" ContentType="{WORD}.{kind}+xml"/>' for name, kind in types.items()
    )
    relations = "".join(
        f'<Relationship Id="rId{kind.title()}{which}" Type="{OFFICE}/{kind}" Target="{kind}_{which}.xml"/>'
        for kind in ("header", "footer") for which in kinds
    )  # fmt: skip
    relations += "".join(
        f'<Relationship Id="rId{name}" Type="{OFFICE}/{name}" Target="{name}.xml"/>' for name in ("styles", "settings")
    )
    core = "application/vnd.openxmlformats-package.core-properties+xml"
    return {
        "[Content_Types].xml": f'{HEAD}<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" '
        f'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" '
        f'ContentType="application/xml"/>{overrides}<Override PartName="/docProps/core.xml" ContentType="{core}"/></Types>',
        "_rels/.rels": f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{OFFICE}/officeDocument" Target="word/document.xml"/><Relationship Id="rId2" '
        f'Type="{PACKAGE}/relationships/metadata/core-properties" Target="docProps/core.xml"/></Relationships>',
        "word/_rels/document.xml.rels": f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">{relations}</Relationships>',
        "docProps/core.xml": f'{HEAD}<cp:coreProperties xmlns:cp="{PACKAGE}/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><dc:title>公文</dc:title></cp:coreProperties>',
        "word/document.xml": document_xml(),
        "word/styles.xml": styles_xml(),
        "word/settings.xml": settings_xml(),
        **{f"word/header_{kind}.xml": header_xml() for kind in kinds},
        **{f"word/footer_{kind}.xml": footer_xml(kind) for kind in kinds},
    }


def write(target: Path) -> None:
    """The template as a file; the same script gives the same bytes."""
    with zipfile.ZipFile(target, "w") as package:
        for name, content in parts().items():
            entry = zipfile.ZipInfo(name, MADE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            package.writestr(entry, content)


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else TARGET)

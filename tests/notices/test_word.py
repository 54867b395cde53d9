"""Word drafts: the text of the PDF and no other, in the faces of the office, and nothing a person typed is taken for a template."""

import inspect
import re
import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pymupdf
import pytest
from docx import Document
from docx.oxml.ns import qn

from notices import word
from notices.blocks import sheet_of
from notices.compose import page_of
from notices.errors import RenderFailed
from notices.letters import KINDS, Letter, Point, Section
from notices.render import render
from notices.word import template_file, word_of
from tests.notices import papers
from tests.notices.papers import (
    bulletin,
    characters,
    extension,
    opened,
    ranked,
    rectification,
    reminder,
    special_report,
    supervision,
    text_of,
)

ROOT = Path(__file__).parents[2]
HEADER = "供编辑修改，以签发的PDF为准"
NASTY = "{{ 7*7 }}与{% for a in b %}与{# 注 #}与{_{ 1 }_}与{_% if %_}与<w:p>与</w:t>与&amp;与&#123;与]]>与\u200b零宽"
TABLED = ["admonition", "close_out", "dense", "extension", "rectification", "report", "talk_list", "talk_record"]
BROKEN = ["assessment_result", "bulletin"]  # whose tables go on over the page, with their head again
LITERAL = ("{{ 7*7 }}", "{% for a in b %}", "{# 注 #}", "{_{ 1 }_}", "{_% if %_}", "<w:p>", "</w:t>", "&amp；", "&#123；", "]]>", "与零宽")  # fmt: skip


def is_letter(kind: object) -> bool:
    return inspect.isclass(kind) and issubclass(kind, Letter)


def makers():
    """Every function of papers.py that makes a letter."""
    functions = [each for _, each in inspect.getmembers(papers, inspect.isfunction)]
    return [
        each for each in functions if "return" in each.__annotations__ and is_letter(each.__annotations__["return"])
    ]


def letters() -> dict[str, Letter]:
    """One of each, and some with what the plain ones lack."""
    some = {each.__name__: each() for each in makers()}
    some["copies"] = supervision(
        copies=("市发展改革委", "市住房城乡建设委"),
        issuer="滨海新区住房和城乡建设委员会办公室",
        contact="王堃，8888 1234",
    )
    some["nasty"] = reminder(supplement=NASTY, to_name="{{ issuer }}局", points=(Point(fact=NASTY, demand=NASTY),))
    some["titled"] = special_report(subject="关于" + "动力电池生产基地" * 30 + "的专报", situation="第一段\n第二段")
    some["corner"] = supervision(copy_no="000007", secrecy="秘密★1年", urgency="特急", co_issuers=("市财政局",))
    some["unsigned"] = special_report(signer="", printed_by="市合作交流办综合处")
    some["bulletin"] = bulletin(
        sections=(Section(heading="完成情况", text="见表", tables=(ranked(),)),)
    )  # a chart is drawn: Word has its table
    some["dense"] = extension(reason="外方股东公证认证须经两国主管部门办理，" * 14)
    return {name: replace(letter, verify_url=None) for name, letter in some.items()}


@pytest.fixture(scope="module")
def printed(tmp_path_factory) -> dict[str, bytes]:
    """What LibreOffice makes of each: one run for all of them."""
    office = shutil.which("soffice")
    assert office, "libreoffice-writer-nogui is missing; `make setup-dev` installs it"
    folder = tmp_path_factory.mktemp("word")
    for name, letter in letters().items():
        (folder / f"{name}.docx").write_bytes(word_of(letter, draft=False))
    drafts = map(str, sorted(folder.glob("*.docx")))
    profile = f"-env:UserInstallation=file://{folder}/profile"
    subprocess.run(
        [office, profile, "--headless", "--convert-to", "pdf", "--outdir", str(folder), *drafts],
        check=True,
        capture_output=True,
        timeout=120,
    )
    return {path.stem: path.read_bytes() for path in folder.glob("*.pdf")}


def words(data: bytes) -> str:
    """The text without white space, page numbers and the header of drafts."""
    text = "".join(
        "".join(page.get_text(sort=True).split()) + "\n" for page in pymupdf.open(stream=data, filetype="pdf")
    )
    return re.sub(r"—\d+—|" + HEADER, "", text).replace("\n", "").replace("\u200b", "")


def in_order(data: bytes) -> str:
    """The text of a .docx without white space as it is read: paragraphs, and tables cell by cell."""
    said = []
    for part in Document(BytesIO(data)).iter_inner_content():
        cells = [cell.text for row in part.rows for cell in dict.fromkeys(row.cells)] if hasattr(part, "rows") else []
        said += cells or [part.text]
    return "".join("".join(said).split())


def shown(data: bytes) -> str:
    """All text of a .docx, paragraph by paragraph."""
    return "\n".join(paragraph.text for paragraph in Document(BytesIO(data)).paragraphs)


def test_every_kind_of_letter_is_among_those_compared():
    assert {letter.kind for letter in letters().values()} == set(KINDS)


@pytest.mark.parametrize("name", sorted(letters().keys() - {*TABLED, *BROKEN}))
def test_word_and_pdf_carry_the_same_text_at_the_same_places(printed, name):
    ours, theirs = words(render(letters()[name])), words(printed[name])
    assert theirs == ours


@pytest.mark.parametrize("name", TABLED)
def test_tables_say_the_same_in_word_and_pdf_though_their_cells_break_elsewhere(printed, name):
    made, paper = word_of(letters()[name], draft=False), render(letters()[name])
    read = "".join(text_of(paper).split())
    assert in_order(made) == re.sub(r"—\d+—", "", read)
    assert sorted(words(printed[name])) == sorted(words(paper)), "nothing is cut off on paper"


@pytest.mark.parametrize("name", BROKEN)
def test_a_table_that_goes_on_over_the_page_has_the_same_rows_in_word_and_pdf(printed, name):
    made, paper = word_of(letters()[name], draft=False), render(letters()[name])
    head = "".join(column.heading for column in ranked().columns)
    read = re.sub(rf"—\d+—(?:{head})?", "", "".join(text_of(paper).split()))
    assert in_order(made) == read
    shown = words(printed[name])
    assert all(cell in shown for row in ranked().rows for cell in row)


@pytest.mark.parametrize("name", ["extension", "close_out", "dense", "talk_record"])
def test_a_form_stays_on_one_page_in_word_as_on_paper(printed, name):
    assert len(opened(printed[name])) == len(opened(render(letters()[name]))) == 1


def test_the_mark_of_a_document_stands_35_mm_down_with_a_corner_and_without(printed):
    for name in ("special_report", "joint"):
        red = [top for char, _, top, size in characters(opened(printed[name])[0]) if char in "市文" and size > 10]
        assert min(red) == pytest.approx(37 + 35, abs=2), name


def test_what_a_person_typed_is_never_a_template_nor_markup():
    text = shown(word_of(letters()["nasty"], draft=True))
    assert all(text.count(part) >= 2 for part in LITERAL), [part for part in LITERAL if text.count(part) < 2]
    assert "{{ issuer }}局：" in text
    assert "49" not in text
    assert "\u200b" not in text


def test_a_draft_says_so_on_every_page_and_that_the_pdf_counts():
    for draft, demo, said in ((True, False, "草稿"), (False, True, "演示"), (False, False, "")):
        section = Document(BytesIO(word_of(reminder(demo=demo), draft=draft))).sections[0]
        for header in (section.header, section.first_page_header, section.even_page_header):
            assert header.paragraphs[0].text.replace("\u3000", "") == said + HEADER


def test_code_and_seal_stay_out_of_word():
    text = shown(word_of(rectification(demo=True), draft=False))
    assert "扫码核验" not in text
    assert "演示用印处" not in text


def test_the_page_and_the_faces_are_those_of_the_standard():
    made = Document(BytesIO(word_of(rectification(urgency="特急"), draft=True)))
    section = made.sections[0]
    sides = (
        section.page_width,
        section.page_height,
        section.top_margin,
        section.left_margin,
        section.right_margin,
        section.bottom_margin,
    )
    assert [round(side.mm) for side in sides] == [210, 297, 37, 28, 26, 35]
    faces = {
        style.name: style.element.rPr.rFonts.get(qn("w:eastAsia"))
        for style in made.styles
        if style.element.rPr is not None
    }
    assert faces["公文正文"] == "仿宋_GB2312"
    assert faces["公文标题"] == faces["发文机关标志"] == "方正小标宋简体"
    assert (faces["一级标题"], faces["二级标题"]) == ("黑体", "楷体_GB2312")
    used = {paragraph.style.name for paragraph in made.paragraphs}
    assert {
        "发文机关标志",
        "紧急程度和发文字号",
        "公文标题",
        "主送机关",
        "一级标题",
        "二级标题",
        "公文正文",
        "附件说明",
        "署名和成文日期",
        "附注",
        "版记",
    } <= used
    assert round(made.styles["公文正文"].paragraph_format.line_spacing.pt) == 29
    assert made.styles["公文正文"].font.size.pt == 16


def test_the_mark_shrinks_with_the_name_and_the_date_stands_under_the_middle_of_the_organ():
    short, long = (
        Document(BytesIO(word_of(supervision(issuer=name), draft=True))) for name in ("市合作交流办", "滨海新区" * 6)
    )
    sizes = [
        next(p for p in made.paragraphs if p.style.name == "发文机关标志").runs[0].font.size.pt
        for made in (short, long)
    ]
    assert sizes == [39.5, 18.5]
    for made in (short, long):
        organ, day = [p.paragraph_format for p in made.paragraphs if p.style.name == "署名和成文日期"]
        assert (organ.left_indent, organ.right_indent) == (day.left_indent, day.right_indent)
        assert organ.left_indent.mm >= 0


def test_a_joint_signature_stays_with_the_text_before_it():
    made = Document(BytesIO(word_of(letters()["joint"], draft=True)))
    parts = list(made.iter_inner_content())
    at = next(
        n for n, part in enumerate(parts) if hasattr(part, "rows") and "2026年11月24日" in part.rows[-1].cells[-1].text
    )
    assert parts[at - 1].text == "原津督报〔2026〕1号同时作废，以本件为准。"
    held = [parts[at - 1], *(p for row in parts[at].rows for cell in row.cells for p in cell.paragraphs), parts[at + 1]]
    assert all(paragraph.paragraph_format.keep_with_next for paragraph in held)


def test_cells_over_several_rows_and_columns_and_repeated_heads_reach_word():
    page = page_of(reminder(), draft=False).replace(
        "</body>",
        "<table><colgroup><col style='width:40mm'><col><col></colgroup><thead><tr><th>甲</th><th colspan=2>乙</th></tr></thead>"
        "<tr><td rowspan=2>丙</td><td>丁</td><td>戊</td></tr><tr><td>己</td><td>&lt;w:p&gt;庚</td></tr></table></body>",
    )
    block = sheet_of(page).blocks[-1]
    made = Document()
    made.element.body.insert(0, word.parse_xml(word.table_xml(block, {})))
    table = made.tables[0]
    assert [[cell.text for cell in row.cells] for row in table.rows] == [
        ["甲", "乙", "乙"],
        ["丙", "丁", "戊"],
        ["丙", "己", "<w:p>庚"],
    ]
    assert [round(column.width.mm) for column in table.columns] == [40, 58, 58]
    assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None


def test_an_office_may_bring_its_own_template_and_a_broken_one_is_named(tmp_path, monkeypatch):
    assert template_file({"DUBAN_TEMPLATE_DIR": str(tmp_path)}) == word.OWN / "gongwen.docx"
    own = Document(str(word.OWN / "gongwen.docx"))
    own.add_paragraph("本局监制")
    own.save(tmp_path / "gongwen.docx")
    monkeypatch.setenv("DUBAN_TEMPLATE_DIR", str(tmp_path))
    assert shown(word_of(reminder(), draft=True)).endswith("本局监制")
    own.add_paragraph("{{ unknown.word }}")
    own.save(tmp_path / "gongwen.docx")
    with pytest.raises(RenderFailed, match=r"gongwen\.docx"):
        word_of(reminder(), draft=True)
    (tmp_path / "gongwen.docx").write_bytes(b"no document")
    with pytest.raises(RenderFailed, match=r"gongwen\.docx"):
        word_of(reminder(), draft=True)


def test_a_template_that_went_through_an_editor_still_works_and_one_without_a_place_for_tables_is_refused(
    tmp_path, monkeypatch
):
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    source = str(word.OWN / "gongwen.docx")
    subprocess.run(
        ["soffice", profile, "--headless", "--convert-to", "docx", "--outdir", str(tmp_path), source],
        check=True,
        capture_output=True,
        timeout=120,
    )
    ours = word_of(rectification(urgency="特急"), draft=True)
    monkeypatch.setenv("DUBAN_TEMPLATE_DIR", str(tmp_path))
    theirs = word_of(rectification(urgency="特急"), draft=True)
    assert shown(theirs) == shown(ours)
    tables = [
        [[cell.text for cell in row.cells] for row in Document(BytesIO(each)).tables[0].rows] for each in (ours, theirs)
    ]
    assert tables[0] == tables[1]
    edited = Document(str(tmp_path / "gongwen.docx"))
    next(each for each in edited.paragraphs if each.style.name == "表格位置").style = edited.styles["公文正文"]
    edited.save(str(tmp_path / "gongwen.docx"))
    with pytest.raises(RenderFailed, match="表格位置"):
        word_of(rectification(), draft=True)


def test_the_template_is_what_our_script_makes(tmp_path):
    subprocess.run([sys.executable, "scripts/word_template.py", str(tmp_path / "made.docx")], check=True, cwd=ROOT)
    parts = [
        {name: pack.read(name) for name in pack.namelist()}
        for pack in map(zipfile.ZipFile, (tmp_path / "made.docx", word.OWN / "gongwen.docx"))
    ]
    assert parts[0] == parts[1]


def test_word_never_loads_the_press():
    code = "import sys, notices.word; sys.exit('weasyprint' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0

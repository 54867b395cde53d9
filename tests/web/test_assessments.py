"""考核 and 考核方案 on pages: who sees what, numbers equal everywhere, cells named when they are wrong, nothing typed lost."""

import csv
import io
import re
from dataclasses import replace
from decimal import Decimal
from html import unescape

import openpyxl
import pytest
from sqlalchemy import select

from forms.workbook import shown as shown_as
from models.assessment import Assessment
from models.assessment_sheet import read_sheet
from models.notice import Notice
from models.scheme import Indicator, scheme_from_json
from models.scheme_param import Params, Term
from models.scheme_version import SchemeVersion
from models.taken_figure import taken, type_figures
from notices.letters import read_letter
from tests.web.house import client_of, make_app
from tests.workflows.assessing import (
    assessment,
    begin,
    live_half_a_year,
    papers,
    small_scheme,
    to_publicity,
    type_all,
    use_scheme,
)
from tests.workflows.staff import hire_staff
from tests.workflows.story import PAPER, Story

TAG = re.compile(r"<[^>]+>")


@pytest.fixture
def story(database, clock, tmp_path) -> Story:
    return Story(database, clock, tmp_path)


@pytest.fixture
def staff(story):
    return hire_staff(story)


@pytest.fixture
def app(story):
    return make_app(story.house)


@pytest.fixture
def half(story, staff):
    live_half_a_year(story)
    use_scheme(story, small_scheme())
    return begin(story)


def read(app, story, actor, address, status=200):
    answer = client_of(app, story.house, actor).get(address)
    assert answer.status_code == status, answer.get_data(as_text=True)[-3000:]
    return unescape(answer.get_data(as_text=True))


def shown_rows(page):
    """The cells of the sheet as texts: unit, place, total, places by 内外资, then the scores."""
    rows = re.findall(r'<tr[^>]*data-testid="score-row">(.*?)</tr>', page, re.DOTALL)
    return [[TAG.sub("", cell).strip() for cell in re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL)] for row in rows]


def test_the_numbers_on_the_page_in_excel_in_csv_and_on_paper_are_equal(app, story, staff, half):
    to_publicity(story, staff, half)
    town = story.town
    page = shown_rows(read(app, story, town.wang_fang, f"/assessments/{half}"))
    answer = client_of(app, story.house, town.wang_fang).get(f"/assessments/{half}.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    cells = [[_printed(cell) for cell in row] for row in book["评分表"].iter_rows(min_row=2)]
    [posted] = story.all(Notice, kind="publicity")
    letter = read_letter(posted.letter)
    summary, [scores] = letter.sections[0].tables[0], [each.table for each in letter.annexes if each.name == "评分表"]
    assert len(page) == len(cells) == len(summary.rows) == 16
    for shown, cell, line, paper in zip(page, cells, summary.rows, scores.rows, strict=True):
        place, total, scored = shown[1], shown[2], shown[5:]
        assert [place, *scored, total] == [cell[0], *cell[2:4], cell[4]]
        assert [place, total] == [line[0], line[-3]]
        assert [place, *scored, total] == [paper[0], *paper[2:]]
    out = client_of(app, story.house, town.wang_fang).get(f"/assessments/{half}.csv")
    rows = list(csv.reader(io.StringIO(out.data.decode("utf-8-sig"))))
    assert rows[0] == ["单位代码", "单位", "得分", "位次", "期间"]
    assert [[row[2], row[3]] for row in rows[1:]] == [[shown[2], shown[1]] for shown in page]
    assert rows[1][:2] == ["120116", "滨海新区"]


def _printed(cell):
    """A cell as Excel shows it."""
    return shown_as(cell.value, cell.number_format)


def test_a_sheet_in_the_making_is_the_desks_alone_and_its_exports_too(app, story, half):
    for address in (f"/assessments/{half}", f"/assessments/{half}.xlsx", f"/assessments/{half}.csv"):
        read(app, story, story.town.wang_fang, address, status=404)
    assert "取数评分" in read(app, story, story.town.zhao_qiang, f"/assessments/{half}")
    assert "还没有考核" in read(app, story, story.town.wang_fang, "/assessments")


def test_every_score_leads_to_its_formula_and_its_rows_but_not_to_those_of_another_district(app, story, staff, half):
    to_publicity(story, staff, half)
    town = story.town
    sheet = read_sheet(assessment(story, half).first_sheet)
    for row in sheet.rows:
        for column, line in zip(sheet.columns, row.lines, strict=True):
            address = f"/assessments/{half}/units/{row.organ_id}/{column.word}"
            assert line.text in read(app, story, town.zhao_qiang, address)
    mine = read(app, story, town.li_ming, f"/assessments/{half}/units/{town.binhai}/domestic")
    assert "演示项目1" in mine
    assert "1条依据重新计算：6,000.00万元" in mine
    theirs = read(app, story, town.li_ming, f"/assessments/{half}/units/{town.wuqing}/domestic")
    assert "演示项目2" not in theirs
    assert "只对本单位和市级部门开放" in theirs
    read(app, story, town.li_ming, f"/assessments/{half}/units/{town.wuqing}/nothing", status=404)


def test_papers_filed_with_figures_open_for_those_they_concern_only(app, story, half):
    type_all(story, half)
    with story.reading() as unit:
        [number] = taken(unit.session, half)[story.town.binhai, "survey.done"].evidence
    address = f"/assessments/{half}/files/{number}"
    answer = client_of(app, story.house, story.town.zhao_qiang).get(address)
    assert answer.data == PAPER
    read(app, story, story.town.wang_fang, address, status=404)
    read(app, story, story.town.zhao_qiang, f"/assessments/{half}/files/999", status=404)


def test_a_typed_cell_that_is_no_number_is_named_and_the_others_stay(app, story, half):
    town, client = story.town, client_of(app, story.house, story.town.zhao_qiang)
    first, second = f"value_survey.done_{town.binhai}", f"value_survey.done_{town.wuqing}"
    sent = {first: "九十", second: "88", "note_survey.done": "第三方"}
    answer = client.post(f"/assessments/{half}/fill", data=sent)
    page = unescape(answer.get_data(as_text=True))
    assert answer.status_code == 422
    assert f'data-testid="error-{first}"' in page
    assert 'value="九十"' in page
    assert 'value="88"' in page
    assert "人工指标须附佐证材料" in page
    sent |= {first: "90", "evidence_survey.done": (io.BytesIO(PAPER), "佐证.pdf")}
    answer = client.post(f"/assessments/{half}/fill", data=sent, content_type="multipart/form-data")
    assert answer.status_code == 303
    with story.reading() as unit:
        assert taken(unit.session, half)[town.binhai, "survey.done"].value == 90


# ---- schemes -----------------------------------------------------------------------------------------------------

ROW = {"word": "domestic", "name_zh": "内资完成率", "group": "规模", "weight": "100", "unit_zh": "万元",
       "source": "系统:domestic_recognised,系统:domestic_target", "formula": "完成率", "params": "封顶=120%", "nature": "内资"}  # fmt: skip
ABOVE = {"year": "2027", "name": "2027年考核方案", "full": "100", "tie": "并列占位", "places": "2", "total_places": "2",
         "mode": "四舍五入"}  # fmt: skip


def sent(*rows, **above):
    cells = {f"c{place}_{key}": value for place, row in enumerate(rows, 1) for key, value in row.items()}
    return ABOVE | {"rows": str(len(rows) + 1)} | cells | above


def versions(story):
    with story.reading() as unit:
        return list(unit.session.scalars(select(SchemeVersion).order_by(SchemeVersion.id)))


def test_a_scheme_is_made_on_a_page_put_in_force_and_every_version_kept(app, story):
    client = client_of(app, story.house, story.town.zhao_qiang)
    assert client.post("/schemes/new/district", data=sent(ROW)).status_code == 303
    [first] = versions(story)
    assert (first.state, first.standard, first.version) == ("draft", False, 1)
    read(app, story, story.town.wang_fang, f"/schemes/{first.id}", status=404)
    assert client.post(f"/schemes/{first.id}/enforce").status_code == 303
    two = [ROW | {"weight": "60"}, ROW | {"word": "large", "name_zh": "亿元以上项目", "group": "质量", "weight": "40",
            "unit_zh": "个", "source": "系统:large_projects", "formula": "功效系数", "params": "", "nature": ""}]  # fmt: skip
    assert client.post(f"/schemes/{first.id}/edit", data=sent(*two)).status_code == 303
    second = versions(story)[1]
    assert client.post(f"/schemes/{second.id}/enforce").status_code == 303
    assert [(each.version, each.state) for each in versions(story)] == [(1, "retired"), (2, "in_force")]
    assert len(scheme_from_json(versions(story)[0].content).indicators) == 1
    assert client.post(f"/schemes/{second.id}/enforce").status_code == 409


@pytest.mark.parametrize(
    ("changes", "cell", "words"),
    [
        ({"weight": "九十"}, "c1-weight", "不是数字"),
        ({"weight": "90"}, "c1-weight", "权重合计为90"),
        ({"source": "系统:nothing,系统:domestic_target"}, "c1-source", "系统没有“nothing”这个指标"),
        ({"params": "封顶=很多"}, "c1-params", "封顶"),
        ({"year": "明年"}, "f-year", "四位数字"),
    ],
)
def test_what_is_wrong_is_named_by_row_and_column_and_nothing_typed_is_lost(app, story, changes, cell, words):
    client = client_of(app, story.house, story.town.zhao_qiang)
    above = {name: value for name, value in changes.items() if name in ABOVE}
    row = ROW | {name: value for name, value in changes.items() if name not in ABOVE}
    answer = client.post("/schemes/new/district", data=sent(row, **above))
    page = unescape(answer.get_data(as_text=True))
    assert answer.status_code == 422
    assert f'id="{cell}-error"' in page
    assert words in page
    assert all(str(value) in page for value in (row | above).values())
    assert versions(story) == []


def test_an_exported_scheme_comes_back_the_same_and_a_wrong_file_names_row_and_column(app, story):
    client = client_of(app, story.house, story.town.zhao_qiang)
    data = client.get("/schemes/standard/district.xlsx").data
    upload = {"year": "2027", "subject": "district", "file": (io.BytesIO(data), "方案.xlsx")}
    assert client.post("/schemes/import", data=upload, content_type="multipart/form-data").status_code == 303
    [row] = versions(story)
    assert row.standard
    again = client.get(f"/schemes/{row.id}.xlsx").data
    cells = [[[cell.value for cell in line] for line in openpyxl.load_workbook(io.BytesIO(each)).worksheets[0]]
             for each in (data, again)]  # fmt: skip
    assert cells[0] == cells[1]
    book = openpyxl.load_workbook(io.BytesIO(data))
    place = next(cell for cell in book.worksheets[0]["D"] if cell.value in (25, "25"))
    place.value = "二十五"
    stream = io.BytesIO()
    book.save(stream)
    upload = {"year": "2027", "subject": "district", "file": (io.BytesIO(stream.getvalue()), "方案.xlsx")}
    answer = client.post("/schemes/import", data=upload, content_type="multipart/form-data")
    page = unescape(answer.get_data(as_text=True))
    assert answer.status_code == 422
    assert f"第{place.row}行D列“权重”" in page
    assert len(versions(story)) == 1


def test_the_standard_scheme_says_that_the_citys_weights_are_not_public_and_only_a_supervisor_changes_schemes(
    app, story
):
    for subject in ("district", "department"):
        page = read(app, story, story.town.wang_fang, f"/schemes/standard/{subject}")
        assert "本市考核权重未公开" in page
        assert "照此新建方案" not in page
    read(app, story, story.town.wang_fang, "/schemes/new/district", status=403)
    read(app, story, story.town.zhao_qiang, "/schemes/standard/nobody", status=404)


def test_each_item_of_a_typed_indicator_is_called_by_its_own_name(app, story, staff):
    live_half_a_year(story)
    items = Params(terms=(Term("世界500强项目", Decimal(2)), Term("总部项目", Decimal(1))), cap=Decimal(5))
    bonus = Indicator("bonus", "加分", "bonus", Decimal(5), "count", "typed", items, "", "个")
    use_scheme(story, replace(small_scheme(typed=False), indicators=(*small_scheme(typed=False).indicators, bonus)))
    number, zhao = begin(story), story.town.zhao_qiang
    sheet, filed = read_sheet(assessment(story, number).sheet), papers(story, zhao)
    with story.unit(zhao) as unit:
        for word, _name in sheet.column_of("bonus")[1].typed:
            values = {each.organ_id: Decimal(1) for each in sheet.rows}
            type_figures(unit, unit.session.get_one(Assessment, number), word, values, evidence=filed)
    page = read(app, story, zhao, f"/assessments/{number}/units/{story.town.binhai}/bonus")
    titles = re.findall(r'<h2[^>]*class="panel-title".*?</h2>', page, re.DOTALL)
    assert [[item for item in ("加分", "世界500强项目", "总部项目") if item in title] for title in titles[1:]] == [
        ["世界500强项目"],
        ["总部项目"],
    ]

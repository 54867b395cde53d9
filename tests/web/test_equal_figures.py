"""One story, several outputs: what a page shows is in its Excel file, in the Word draft its signer has, and in the paper's PDF."""

import csv
import io
from datetime import UTC, date, datetime, timedelta

import openpyxl
import pytest
from docx import Document
from lxml import html

import tests.workflows.test_commendation as awarded
import tests.workflows.test_inspection as checked
import tests.workflows.test_verification as verified
from forms.workbook import shown
from models.dispatch import Dispatch
from models.notice import Notice
from models.process import WorkItem
from notices.letters import read_letter
from notices.render import render
from tests.cast import hire
from tests.notices.papers import text_of
from tests.web.house import client_of, make_app
from tests.workflows import assessing
from tests.workflows.staff import Staff, hire_staff
from tests.workflows.story import APPROVE, RESERVE, Story

AGREED = {"agreed": "true"}
H2 = "/verifications/2026H2"


@pytest.fixture
def story(database, clock, tmp_path) -> Story:
    return Story(database, clock, tmp_path)


@pytest.fixture
def staff(story) -> Staff:
    return hire_staff(story)


def desk(story):
    """Pages as 赵强 of the desk opens them now."""
    return client_of(make_app(story.house), story.house, story.town.zhao_qiang)


def rows(client, address, name) -> list[list[str]]:
    """The cells of the rows of a page that carry this test id; what stands beside a figure is left out."""
    answer = client.get(address)
    assert answer.status_code == 200, address
    found = html.fromstring(answer.text).xpath(f'//tr[@data-testid="{name}"]')
    return [
        ["".join(cell.xpath(".//text()[not(ancestor::small or ancestor::span)]")).strip() for cell in row.xpath("./td")]
        for row in found
    ]


def excel(client, address) -> dict[str, list[list[str]]]:
    """Every sheet of an Excel file, as Excel shows its cells."""
    book = openpyxl.load_workbook(io.BytesIO(client.get(address).data))
    return {
        sheet.title: [
            ["" if cell.value is None else shown(cell.value, cell.number_format) for cell in row] for row in sheet
        ]
        for sheet in book
    }


def signs(story, kind, checker, signer) -> list[list[list[str]]]:
    """核稿 and 签发 of the paper of a kind that waits; returns the tables of the Word draft that its signer takes away."""
    [row] = [each for each in story.all(Dispatch, kind=kind) if each.ended_at is None]
    [waiting] = story.all(WorkItem, process_id=row.process_id, node="check", state="ready")
    story.complete(checker, waiting, AGREED)
    [item] = story.all(WorkItem, process_id=row.process_id, node="sign", state="ready")
    answer = client_of(make_app(story.house), story.house, signer).get(f"/notices/proof/{item.id}.docx")
    assert answer.status_code == 200
    story.complete(signer, item, AGREED)
    story.sweep()
    tables = Document(io.BytesIO(answer.data)).tables
    return [[[cell.text.replace("\u200b", "") for cell in row.cells] for row in table.rows] for table in tables]


def paper(story, kind) -> str:
    """The words of the newest paper of a kind as they are printed, without blanks."""
    return "".join(text_of(render(read_letter(story.all(Notice, kind=kind)[-1].letter))).split())


def holds(tables, wanted) -> bool:
    """Whether one of the tables has all these rows, one after another."""
    size = len(wanted)
    return any(table[at : at + size] == wanted for table in tables for at in range(len(table) - size + 1))


def printed(words, wanted) -> list[list[str]]:
    """Those rows that are not on the paper as they stand, cell after cell."""
    return [row for row in wanted if "".join("".join(row).split()) not in words]


@pytest.fixture
def projects(story) -> list[int]:
    later = {"plan_start_on": "2027-07-15"}
    return [
        story.register(APPROVE | later | {"name": "甲项目"}),
        story.register(RESERVE | {"name": "乙项目"}),
        story.register(APPROVE | later | {"name": "丙项目"}, owner=story.town.wuqing, by=story.town.wang_fang),
    ]


def test_the_quarters_bulletin_says_what_its_page_and_its_exported_list_say(story, staff, projects):
    checked.through(story, staff, projects)
    checked.do(story, story.town.zhao_qiang, "draft", checked.WORDS)
    word = signs(story, "bulletin", staff.desk_head, staff.desk_leader)
    words, page = paper(story, "bulletin"), rows(desk(story), "/inspections/2026Q4", "district-row")
    lines = [[name, *reversed(done.split(" / ")), found, signed] for _lamp, name, done, found, signed in page]
    lines.append(["合计", *(str(sum(int(line[at]) for line in lines)) for at in (1, 2, 3)), ""])
    assert [line[:4] for line in lines] == [
        ["武清区", "1", "1", "0"],
        ["滨海新区", "2", "2", "1"],
        ["合计", "3", "3", "1"],
    ]
    assert holds(word, lines)
    assert printed(words, lines) == []
    [problem] = rows(desk(story), "/inspections/2026Q4", "problem-row")
    told = desk(story).get("/inspections/2026Q4/problems.csv").data.decode("utf-8-sig")
    [exported] = list(csv.DictReader(io.StringIO(told)))
    assert (problem[1], problem[2]) == (exported["项目"], f"{exported['序号']}. {exported['问题']}")
    assert printed(words, [[exported["项目"]], [exported["问题"]], [problem[3]]]) == []


def test_a_districts_report_and_the_half_years_bulletin_say_what_page_and_excel_say(story, staff, projects):
    amounts = zip(projects, ("1000.006", "500", "300.004"), strict=True)
    money = [verified.put_money(story, each, amount, verified.ON) for each, amount in amounts]
    verified.binhai_online(story, staff, projects, money)
    verified.visit(story, projects[0], site_slip_stamped="否", site_findings="形象进度单缺监理单位签章")
    verified.visit(story, projects[1])
    story.sweep()
    verified.do(
        story, story.town.chen_jing, "countersign", verified.ACCEPTED, process_id=verified.of(story, story.town.binhai)
    )
    story.sweep()
    the_report_is_equal(story, signs(story, "verification_report", staff.desk_head, staff.desk_leader))
    story.sweep(by=timedelta(days=14))  # who declared nothing is through up to the report
    verified.check_online(story, staff, story.town.wuqing, {money[2]: "300.004"})
    verified.visit(story, projects[2], district_signer="王芳")
    story.sweep()
    verified.issue_all(story, staff)
    the_bulletin_is_equal(story, signs(story, "bulletin", staff.desk_head, staff.desk_leader))


def the_report_is_equal(story, word) -> None:
    client, here = desk(story), f"{H2}/{story.town.binhai}"
    words, book = paper(story, "verification_report"), excel(client, f"{here}.xlsx")
    sums, entries = rows(client, here, "sum-row"), rows(client, here, "entry-row")
    assert sums[0] == ["内资（万元）", "2", "1,500.01", "1,400.00", "100.01"]
    assert holds(word, sums)
    assert printed(words, sums) == []
    [(_nature, _count, declared, recognised, reduced), _foreign] = sums
    below = [row[0] for row in book["逐笔核查"]]
    assert f"内资合计（万元）：申报{declared}，认定{recognised}，核减{reduced}" in below
    listed = [row for row in book["逐笔核查"] if row[0].isdigit()]
    assert [[row[2], row[5], row[6], row[7]] for row in listed] == [[each[0], *each[3:6]] for each in entries]
    lines = [[row[0], *row[2:8], row[9] or "-"] for row in listed]
    assert holds(word, lines)
    assert printed(words, lines) == []
    problems = [[row[0], row[1]] for row in book["问题清单"][1:]]
    assert problems == [[each[0], each[1]] for each in rows(client, here, "problem-row")]
    assert printed(words, problems) == []


def the_bulletin_is_equal(story, word) -> None:
    client, words = desk(story), paper(story, "bulletin")
    page, total = rows(client, "/verifications", "district-row"), rows(client, "/verifications", "total-row")
    assert (len(page), total[0][2:6]) == (16, ["3/3", "1,800.01", "1,700.00", "100.01"])
    natures = {
        each["caption"]: each["rows"]
        for each in story.all(Dispatch, kind="bulletin")[-1].letter["sections"][0]["tables"]
    }
    for at, body in zip((3, 6), natures.values(), strict=True):
        said = {row[0]: list(row[2:5]) for row in body}
        assert {row[1]: row[at : at + 3] for row in page} == {
            name: said[name] for name in said if name in {r[1] for r in page}
        }
        assert said["全市合计"] == total[0][at : at + 3]
        assert holds(word, [list(row) for row in body])
        assert printed(words, body) == []


def test_the_first_and_the_final_result_of_an_assessment_say_what_page_and_excel_say(story, staff):
    assessing.live_half_a_year(story)
    assessing.use_scheme(story, assessing.small_scheme())
    number, town = assessing.begin(story), story.town
    assessing.type_all(story, number, c120114="81.37")
    assessing.act(story, town.zhao_qiang, number, "fill", fill_note="第三方调查")
    assessing.act(story, town.zhao_qiang, number, "check", sheet_right="true")
    assessing.act(story, staff.desk_leader, number, "first", first_agreed="true")
    the_sheet_is_equal(story, number, "publicity", signs(story, "publicity", staff.desk_head, staff.desk_leader))
    story.sweep(to=assessing.SCORED_ON + timedelta(days=15))
    assessing.act(story, staff.desk_leader, number, "final", final_agreed="true")
    word = signs(story, "assessment_result", staff.desk_head, staff.desk_leader)
    the_sheet_is_equal(story, number, "assessment_result", word)


def the_sheet_is_equal(story, number, kind, word) -> None:
    """评分表 on the page (unit, place, total, …, scores) and in Excel (place, unit, scores, total) and on the paper."""
    client, words = desk(story), paper(story, kind)
    page = rows(client, f"/assessments/{number}", "score-row")
    book = excel(client, f"/assessments/{number}.xlsx")["评分表"][1:]
    assert (len(page), len(page[0])) == (16, 7)
    lines = [[place, unit, *scores, total] for unit, place, total, _c, _cp, *scores in page]
    assert [row[:5] for row in book] == lines
    assert lines[0] == ["1", "滨海新区", "84.00", "27.00", "111.00"]
    assert holds(word, lines)
    assert printed(words, lines) == []


def test_the_awards_on_both_papers_are_those_of_the_page(story, staff):
    project_id = story.register(RESERVE)
    awarded.decided(story, awarded.filed(story, project_id))
    awarded.signs(story, project_id, date(2026, 12, 10))
    verified.put_money(story, project_id, "4000.01", date(2026, 12, 15), kind="investment", standing="recognised")
    awarded.assessed(story)
    row = awarded.opened(story)
    awarded.reviewed(story)
    the_list_is_equal(story, row.id, "publicity", signs(story, "publicity", staff.desk_head, staff.desk_leader))
    story.sweep(to=datetime(2026, 12, 2, 1, tzinfo=UTC))
    story.complete(story.town.zhao_qiang, awarded.ready(story, "settle"), {"list_final": "true"})
    with story.unit() as unit:
        signer = hire(unit, "签发人", "leader", story.town["zfbgt"])
    the_list_is_equal(story, row.id, "commendation", signs(story, "commendation", staff.city_head, signer))


def the_list_is_equal(story, number, kind, word) -> None:
    page = [row[:-1] for row in rows(desk(story), f"/commendation/{number}", "nominee-row")]
    districts, agents = [row for row in page if len(row) == 2], [row for row in page if len(row) == 3]
    assert [len(districts), [row[2] for row in agents]] == [4, ["28.00"]]
    words = paper(story, kind)
    for lines in (districts, agents):
        assert holds(word, lines)
        assert printed(words, lines) == []

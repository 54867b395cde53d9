"""通报 on pages: every cell opens to what it is made of, files say the same, and a 更正 shows the difference."""

import re
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from docx import Document
from flask import Flask
from lxml import html
from sqlalchemy import event, insert, select

from forms.workbook import Page, shown, workbook_of
from models.bulletin import BulletinRow
from models.bulletin_figures import COLUMNS
from models.notice import Notice
from notices.letters import read_letter
from notices.render import render
from tests.notices.papers import text_of
from tests.web.house import client_of, make_app
from tests.workflows.bulletin_story import Month, make_month
from tests.workflows.story import Story
from tests.workflows.test_bulletin import NOON_6TH, edit


@dataclass(frozen=True)
class Desk:
    """The month, issued, with its pages."""

    month: Month
    app: Flask

    def get(self, actor, address, **named):
        client = client_of(self.app, self.month.story.house, actor, **named)
        return client.get(address)

    def tree(self, actor, address, **named):
        answer = self.get(actor, address, **named)
        assert answer.status_code == 200, address
        return html.fromstring(answer.text)

    def post(self, actor, address, data):
        return client_of(self.app, self.month.story.house, actor).post(address, data=data)


@pytest.fixture
def frozen(database, clock, tmp_path) -> Desk:
    month = make_month(Story(database, clock, tmp_path))
    month.story.sweep(to=NOON_6TH)
    return Desk(month, make_app(month.story.house))


@pytest.fixture
def desk(frozen) -> Desk:
    frozen.month.do(frozen.month.story.town.zhao_qiang, "write", {"prepared_words": "true"})
    frozen.month.issue()
    return frozen


def words(tree, path) -> list[str]:
    return [" ".join(" ".join(each.itertext()).split()) for each in tree.xpath(path)]


def table_on(tree) -> list[list[str]]:
    return [words(line, "./td") for line in tree.xpath('//tr[@data-testid="bulletin-line"]')]


def figure(text: str) -> Any:
    return float(text.replace(",", "").rstrip("%"))


def test_before_it_is_issued_only_those_who_serve_the_city_know_of_it(frozen):
    town = frozen.month.story.town
    assert frozen.get(town.li_ming, "/bulletins/1").status_code == 404
    assert words(frozen.tree(town.li_ming, "/bulletins"), '//*[@data-testid="bulletin-row"]') == []
    assert "已冻结，待发" in frozen.get(town.zhao_qiang, "/bulletins/1").text


def test_each_cell_is_a_link_and_opens_to_the_same_figure(desk):
    tree, client = desk.tree(desk.month.story.town.zhao_qiang, "/bulletins/1"), desk.month.story.town.zhao_qiang
    links = tree.xpath('//tr[@data-testid="bulletin-line"]/td[@data-label]/a')
    assert len(links) == len(COLUMNS) * 19 == len(tree.xpath('//tr[@data-testid="bulletin-line"]/td[@data-label]'))
    for link in links:
        [value] = words(desk.tree(client, link.get("href")), '//*[@data-testid="cell-value"]')
        assert value == link.text_content()


def test_a_sum_is_shown_with_its_rows_and_a_rate_with_its_formula(desk):
    leader = desk.month.story.town.zhao_qiang
    tree = desk.tree(leader, "/bulletins/1/cells/120116/total")
    assert words(tree, '//*[@data-testid="cell-sum"]') == ["本年3笔合计4,600.154322万元", "印发数4,600.15万元"]
    rows = words(tree, '//tr[@data-testid="cell-row"]/td[6]')
    assert sorted(rows) == ["-12.345678", "4,000.00", "612.50"]
    tree = desk.tree(leader, "/bulletins/1/cells/120110/done")
    assert words(tree, '//*[@data-testid="cell-formula"]') == ["749.50 ÷ 1,500.00 = 50.0%"]
    tree = desk.tree(leader, "/bulletins/1/cells/120103/done")
    assert "没有下达目标" in words(tree, '//*[@data-testid="cell-note"]')[0]
    tree = desk.tree(leader, "/bulletins/1/cells/120111/target")
    assert words(tree, '//tr[@data-testid="target-row"]') == ["西青区 1,000.00 演示"]
    tree = desk.tree(leader, "/bulletins/1/cells/120101/place")
    assert words(tree, '//tr[@data-testid="place-row"]')[0].startswith("滨海新区 1")


def test_a_district_sees_all_cells_and_names_and_evidence_of_its_own_projects_only(desk):
    town = desk.month.story.town
    own = desk.tree(town.li_ming, "/bulletins/1/cells/120116/total")
    assert "演示项目7号" in own.text_content()
    others = desk.tree(town.li_ming, "/bulletins/1/cells/120101/total")
    assert "演示项目" not in others.xpath("//main")[0].text_content()
    assert len(others.xpath('//tr[@data-testid="cell-row"]')) == 4
    assert others.xpath('//tr[@data-testid="cell-row"]//a') == []
    assert desk.get(town.li_ming, "/bulletins/1/changes").status_code == 404


@pytest.mark.parametrize(
    "address",
    ["/bulletins/9", "/bulletins/1/cells/129999/total", "/bulletins/1/cells/120101/nothing", "/bulletins/paper/x"],
)
def test_what_is_not_there_is_not_found(desk, address):
    assert desk.get(desk.month.story.town.zhao_qiang, address).status_code == 404


def test_page_excel_word_and_pdf_say_the_same_figures(desk):
    town = desk.month.story.town
    page = table_on(desk.tree(town.zhao_qiang, "/bulletins/1"))
    book = openpyxl.load_workbook(BytesIO(desk.get(town.zhao_qiang, "/bulletins/1.xlsx").data))
    cells = [[shown(cell.value, cell.number_format) for cell in row] for row in book["各区实际利用内资"].iter_rows()]
    assert [row[: len(page[0])] for row in cells[3 : 3 + len(page)]] == page
    document = Document(BytesIO(desk.get(town.zhao_qiang, "/bulletins/1.docx").data))
    tables = [[[cell.text for cell in row.cells] for row in table.rows] for table in document.tables]
    assert any(table[1:] == page for table in tables)
    [paper] = desk.month.story.all(Notice, kind="bulletin")
    text = "".join(text_of(render(read_letter(paper.letter))).split())
    for line in page:
        assert "".join(line) in text, line


def test_the_figures_of_the_excel_file_are_numbers_and_a_text_is_never_a_formula():
    page = Page("表", (), ("区", "数", "话"), (("=1+1", "-1,234.50", "=2+2"), ("5", "12.3%", "1")), (), frozenset({1}))
    sheet = openpyxl.load_workbook(BytesIO(workbook_of([page])))["表"]
    assert [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)] == [
        ["=1+1", -1234.5, "=2+2"],
        ["5", 0.123, "1"],
    ]
    assert {cell.data_type for row in sheet.iter_rows(min_row=2) for cell in (row[0], row[2])} == {"s"}
    assert [shown(sheet.cell(row, 2).value, sheet.cell(row, 2).number_format) for row in (2, 3)] == [
        "-1,234.50",
        "12.3%",
    ]


def test_the_page_costs_the_same_however_much_money_there_is(desk):
    few = queries(desk, "/bulletins/1"), queries(desk, "/bulletins/1/cells/city/total")
    assert max(few) <= 14
    put_many(desk)
    assert (queries(desk, "/bulletins/1"), queries(desk, "/bulletins/1/cells/city/total")) == few


def queries(desk, address) -> int:
    client, seen = client_of(desk.app, desk.month.story.house, desk.month.story.town.zhao_qiang), []
    client.get(address)

    def note(_conn, _cursor, statement, *_rest):
        if statement.startswith("SELECT"):
            seen.append(statement)

    engine = desk.month.story.house.database.reading
    event.listen(engine, "before_cursor_execute", note)
    try:
        assert client.get(address).status_code == 200
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return len(seen)


def test_many_entries_are_shown_a_page_at_a_time_with_the_sum_of_all(desk):
    put_many(desk)
    client = desk.month.story.town.zhao_qiang
    first = desk.tree(client, "/bulletins/1/cells/120119/last_year")
    assert len(first.xpath('//tr[@data-testid="cell-row"]')) == 100
    [more] = first.xpath('//a[@data-testid="next-page"]/@href')
    assert len(desk.tree(client, more).xpath('//tr[@data-testid="cell-row"]')) == 51


def put_many(desk):
    with desk.month.story.unit() as unit:
        found = select(BulletinRow).where(BulletinRow.district == "120119", BulletinRow.span == "last")
        row = unit.session.scalars(found).first()
        plain = {column.name: getattr(row, column.name) for column in row.__table__.columns if column.name != "id"}
        unit.session.execute(insert(BulletinRow), [plain | {"entry_id": 1000 + at} for at in range(150)])


def test_what_was_touched_in_the_database_is_shown_when_it_is_checked(desk):
    leader = desk.month.story.town.zhao_qiang
    assert "数字和全部条目与冻结时一致" in desk.get(leader, "/bulletins/1?check=1").text
    put_many(desk)
    assert "数字与冻结时一致" in desk.get(leader, "/bulletins/1").text
    assert "与冻结时的摘要不符" in desk.get(leader, "/bulletins/1?check=1").text


def test_changes_are_shown_and_corrected_from_there_and_the_old_bulletin_stays(desk):
    town, month = desk.month.story.town, desk.month
    before = table_on(desk.tree(town.zhao_qiang, "/bulletins/1"))
    assert "没有差额" in desk.get(town.zhao_qiang, "/bulletins/1/changes").text
    edit(month)
    changes = desk.tree(town.zhao_qiang, "/bulletins/1/changes")
    cells = words(changes, '//tr[@data-testid="changed-cell"]')
    assert "河西区 累计（万元） 900.00 800.00 -100.00" in cells
    assert "和平区 本月（万元） 617.01 662.51 45.50" in cells
    reasons = words(changes, '//tr[@data-testid="changed-row"]')
    assert [re.sub(r"2026年.*?日 ", "", each) for each in reasons] == [
        "演示项目1号 和平区 冻结以后补报 - 45.50 45.50",
        "演示项目3号 河西区 认定时核减：凭证不足 - -100.00 -100.00",
    ]
    refused = desk.post(town.zhao_qiang, "/bulletins/1/correct", {"reason": " "})
    assert (refused.status_code, "请写明更正的原因" in refused.text) == (422, True)
    assert desk.post(town.li_ming, "/bulletins/1/correct", {"reason": "不该由我"}).status_code == 403
    assert desk.post(town.zhao_qiang, "/bulletins/1/correct", {"reason": "和平区补报，河西区核减"}).status_code == 303
    assert desk.get(town.li_ming, "/bulletins/2").status_code == 404
    month.issue()
    month.story.clock.move(by=timedelta(minutes=5))
    old = desk.tree(town.li_ming, "/bulletins/1")
    assert table_on(old) == before
    assert "已更正" in words(old, '//*[@data-testid="corrected"]')[0]
    correction = desk.tree(town.li_ming, "/bulletins/2")
    assert "河西区 累计（万元） 900.00 800.00 -100.00" in words(correction, '//tr[@data-testid="changed-cell"]')
    assert "河西区" in desk.get(town.li_ming, "/bulletins/2/cells/120103/total").text


def test_the_code_on_the_paper_leads_who_is_signed_in_to_the_cells_and_tells_all_that_it_was_corrected(desk):
    month, town = desk.month, desk.month.story.town
    [paper] = month.story.all(Notice, kind="bulletin")
    assert "verify-figures" not in desk.app.test_client().get(f"/verify/{paper.code}").text
    [href] = desk.tree(town.li_ming, f"/verify/{paper.code}").xpath('//a[@data-testid="verify-figures"]/@href')
    assert desk.get(town.li_ming, href).headers["Location"] == "/bulletins/1"
    edit(month)
    desk.post(town.zhao_qiang, "/bulletins/1/correct", {"reason": "和平区补报"})
    month.issue()
    [correction] = month.story.all(Notice, kind="correction")
    assert f"已由{correction.number}更正" in desk.app.test_client().get(f"/verify/{paper.code}").text
    assert desk.get(town.li_ming, f"/bulletins/paper/{correction.code}").headers["Location"] == "/bulletins/2"


def test_the_empty_list_says_when_the_first_will_be_there(database, clock, tmp_path):
    story = Story(database, clock, tmp_path)
    answer = client_of(make_app(story.house), story.house, story.town.zhao_qiang).get("/bulletins")
    assert "还没有通报" in answer.text


def test_a_list_counts_projects_and_no_district_that_did_not_report(desk):
    page = desk.tree(desk.month.story.town.zhao_qiang, f"/bulletins/{desk.month.edition().id}")
    silent = 0
    for panel in page.xpath('//section[.//table[contains(@class, "listed")]]'):
        names = words(panel, ".//tbody//td[1]")
        assert words(panel, './/*[@class="panel-count"]') == [str(sum(name != "未报" for name in names))]
        silent += names.count("未报")
    assert silent, "somebody did not report"


def test_the_tabs_of_the_policy_stay_on_pages_reached_from_one_of_them(desk):
    for address, tab in (("/rates", "年度目标"), ("/referrals", "奖励"), ("/schemes", "考核")):
        page = desk.tree(desk.month.story.town.zhao_qiang, address)
        assert words(page, '//nav[@data-testid="section"]/a[@aria-current="page"]') == [tab], address

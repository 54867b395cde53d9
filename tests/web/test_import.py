"""Importing a ledger through the browser: seen first, then taken in whole rows, and never twice."""

import io
import re
from pathlib import Path

import pytest
from sqlalchemy import func, select

from models.process import Process
from models.project import Project
from tests.web.house import Story, open_story

PUBLIC = Path(__file__).parents[2] / "data" / "key_projects_tianjin_public.csv"
FIVE_WRONG = """重点项目台账,,,,
项目名称,所属区,总投资(亿元),计划开工,投资方统一社会信用代码
好项目一,滨海新区,12,2027-03-01,
,滨海新区,3,2027-03-01,
坏日期,滨海新区,3,2026.13.1,
坏金额,滨海新区,约三亿,2027-03-01,
坏代码,滨海新区,3,2027-03-01,9.13E+17
坏地方,天上区,3,2027-03-01,
好项目二,滨海新区,8,2027-05-01,
"""


@pytest.fixture
def story(database, clock, tmp_path) -> Story:
    return open_story(database, clock, tmp_path)


def upload(client, text: str | bytes, name: str = "台账.csv"):
    data = text if isinstance(text, bytes) else text.encode()
    return client.post("/projects/import", data={"file": (io.BytesIO(data), name)})


def import_address(page: str) -> str:
    return re.search(r'action="(/projects/import/[0-9a-f]{64})"', page)[1]


def projects(story: Story) -> int:
    with story.reading() as unit:
        return unit.session.scalar(select(func.count()).select_from(Project))


def count(page: str, key: str) -> int:
    return int(re.search(rf'data-testid="count-{key}">(\d+)', page)[1])


def test_five_bad_rows_give_five_messages_with_the_files_own_row_numbers(story):
    page = upload(story.client(story.town.zhao_qiang), FIVE_WRONG).get_data(as_text=True)
    errors = re.findall(r'data-testid="import-error">.*?第(\d+)行', page, re.DOTALL)
    assert sorted(map(int, errors)) == [4, 5, 6, 7, 8]
    assert (count(page, "new"), count(page, "wrong")) == (2, 5)
    assert projects(story) == 0


def test_the_right_rows_may_go_first_and_the_corrected_file_adds_only_the_rest(story):
    client = story.client(story.town.zhao_qiang)
    page = upload(client, FIVE_WRONG).get_data(as_text=True)
    done = client.post(import_address(page), data={"only_right": "1"}, follow_redirects=True).get_data(as_text=True)
    assert "已新增2个项目" in done
    assert projects(story) == 2
    corrected = FIVE_WRONG.replace("\n,滨海新区", "\n补上名称,滨海新区").replace("2026.13.1", "2026-12-01")
    corrected = corrected.replace("约三亿", "3").replace("9.13E+17", "").replace("天上区", "武清区")
    page = upload(client, corrected).get_data(as_text=True)
    assert (count(page, "new"), count(page, "same"), count(page, "wrong")) == (5, 2, 0)
    client.post(import_address(page))
    assert projects(story) == 7


def test_nothing_is_taken_in_while_a_row_is_wrong_and_nobody_chose_to_leave_it_out(story):
    client = story.client(story.town.zhao_qiang)
    page = upload(client, FIVE_WRONG).get_data(as_text=True)
    refused = client.post(import_address(page))
    assert refused.status_code == 422
    assert "未导入任何内容" in refused.get_data(as_text=True)
    assert projects(story) == 0


def test_the_public_list_gives_thirty_two_projects_with_their_processes_once(story):
    client = story.client(story.town.zhao_qiang)
    page = upload(client, PUBLIC.read_bytes(), PUBLIC.name).get_data(as_text=True)
    assert count(page, "new") == 32
    client.post(import_address(page))
    story.sweep()
    listed = client.get("/projects").get_data(as_text=True)
    assert listed.count('data-testid="project-row"') == 32
    assert re.search(r'data-testid="totals"><div><dt>项目</dt><dd>32', listed)
    with story.reading() as unit:
        assert unit.session.scalar(select(func.count()).select_from(Process).where(Process.key == "project")) == 32
    again = upload(client, PUBLIC.read_bytes(), PUBLIC.name).get_data(as_text=True)
    assert (count(again, "new"), count(again, "update"), count(again, "same")) == (0, 0, 32)
    assert "没有要新增或更新的行" in again
    client.post(import_address(again), data={"only_right": "1"})
    assert projects(story) == 32


def test_an_import_sent_twice_adds_once_and_the_file_is_gone(story):
    client = story.client(story.town.zhao_qiang)
    address = import_address(upload(client, FIVE_WRONG).get_data(as_text=True))
    client.post(address, data={"only_right": "1"})
    again = client.post(address, data={"only_right": "1"})
    assert again.status_code == 404
    assert "请重新上传" in again.get_data(as_text=True)
    assert projects(story) == 2


def test_what_somebody_else_uploaded_cannot_be_imported(story):
    address = import_address(upload(story.client(story.town.zhao_qiang), FIVE_WRONG).get_data(as_text=True))
    assert story.client(story.town.li_ming).post(address, data={"only_right": "1"}).status_code == 404
    client = story.client(story.town.zhao_qiang)
    for made_up in ("0" * 64, "0" * 63 + "/", "..%2f..%2fsecret_key"):
        assert client.post(f"/projects/import/{made_up}").status_code == 404
    assert projects(story) == 0


def test_a_file_that_is_no_table_is_refused_with_what_to_do(story):
    client = story.client(story.town.zhao_qiang)
    for data, name, words in (
        (b"", "a.csv", "文件是空的"),
        ("甲,乙\n1,2\n".encode(), "a.csv", "表头"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a.et", "另存为 xlsx"),
    ):
        answer = upload(client, data, name)
        assert answer.status_code == 422, name
        assert words in answer.get_data(as_text=True)
    assert client.post("/projects/import").status_code == 422


def test_a_district_imports_its_own_projects_only(story):
    text = "项目名称,所属区,总投资(亿元)\n本区项目,滨海新区,3\n别区项目,武清区,3\n"
    page = upload(story.client(story.town.li_ming), text).get_data(as_text=True)
    assert (count(page, "new"), count(page, "wrong")) == (1, 1)
    assert "您只能导入本单位的项目" in page


def test_who_may_not_import_does_not_see_the_way(story):
    leader = story.client(story.town.sun_li)
    assert leader.get("/projects/import").status_code == 403
    assert "/projects/import" not in leader.get("/projects").get_data(as_text=True)
    assert "/projects/import" in story.client(story.town.zhao_qiang).get("/projects").get_data(as_text=True)

"""年度目标: the desk sets them on the page or from a file; one wrong cell, and nothing is saved."""

import io

import pytest
from openpyxl import Workbook, load_workbook
from sqlalchemy import select

from models.audit import AuditEntry
from models.target import Target, targets
from tests.web.house import Story, open_story

HEAD = [
    "区",
    "内资全年目标（万元）",
    "内资上半年目标（万元）",
    "外资全年目标（万美元）",
    "外资上半年目标（万美元）",
    "说明",
]


@pytest.fixture
def story(database, clock, tmp_path) -> Story:
    return open_story(database, clock, tmp_path)


def seen_on(page: str) -> str:
    return page.split('name="seen" value="')[1].split('"', maxsplit=1)[0]


def saved(story: Story) -> list[Target]:
    with story.reading() as unit:
        return list(unit.session.scalars(select(Target).order_by(Target.id)))


def post(story: Story, who, **typed: str):
    client = story.client(who)
    seen = seen_on(client.get("/targets?year=2026").text) if "seen" not in typed else typed.pop("seen")
    return client.post("/targets/2026", data={"seen": seen, **typed})


def book(*rows: list) -> bytes:
    work = Workbook()
    for row in rows:
        work.active.append(row)
    stream = io.BytesIO()
    work.save(stream)
    return stream.getvalue()


def send(story: Story, data: bytes):
    files = {"file": (io.BytesIO(data), "目标.xlsx")}
    return story.client(story.town.zhao_qiang).post("/targets/2026/import", data=files)


def test_the_desk_sets_a_target_and_its_half_is_the_default(story):
    binhai = story.town.binhai
    answer = post(
        story, story.town.zhao_qiang, **{f"domestic_year_{binhai}": "1,200,000", f"note_{binhai}": "津合办发"}
    )
    assert answer.status_code == 303
    with story.reading() as unit:
        assert targets(unit.session, 2026, "domestic", "half", {}) == {binhai: 600_000}
        assert unit.session.scalars(select(AuditEntry).where(AuditEntry.act == "target.set")).one().who == "赵强"


def test_a_cell_that_is_no_number_is_named_and_what_was_typed_stays(story):
    binhai, wuqing = story.town.binhai, story.town.wuqing
    typed = {f"domestic_year_{binhai}": "五十亿", f"domestic_year_{wuqing}": "300000"}
    answer = post(story, story.town.zhao_qiang, **typed)
    assert answer.status_code == 422
    assert "“五十亿”不是数字；没有目标的留空。" in answer.text
    assert 'value="五十亿"' in answer.text
    assert 'value="300000"' in answer.text
    assert saved(story) == []


def test_half_a_year_cannot_ask_for_more_than_the_year(story):
    binhai = story.town.binhai
    answer = post(story, story.town.zhao_qiang, **{f"foreign_year_{binhai}": "100", f"foreign_half_{binhai}": "101"})
    assert answer.status_code == 422
    assert "上半年目标大于全年目标。" in answer.text


def test_who_saves_over_somebody_elses_change_is_told(story):
    stale = seen_on(story.client(story.town.zhao_qiang).get("/targets?year=2026").text)
    post(story, story.town.zhao_qiang, **{f"domestic_year_{story.town.binhai}": "5"})
    answer = post(story, story.town.zhao_qiang, seen=stale, **{f"domestic_year_{story.town.binhai}": "6"})
    assert answer.status_code == 409
    assert [row.amount for row in saved(story) if row.nature == "domestic" and row.organ_id == story.town.binhai] == [5]
    assert "现在是：5.00" in answer.text
    assert 'value="6"' in answer.text, "what was typed stays"
    again = post(story, story.town.zhao_qiang, seen=seen_on(answer.text), **{f"domestic_year_{story.town.binhai}": "6"})
    assert again.status_code == 303, "who saves again has seen it"
    assert [row.amount for row in saved(story) if row.nature == "domestic" and row.organ_id == story.town.binhai] == [6]


def test_a_note_that_does_not_fit_is_refused_and_never_cut(story):
    answer = post(story, story.town.zhao_qiang, **{f"note_{story.town.binhai}": "注" * 201})
    assert (answer.status_code, "文字过长，请精简。" in answer.text) == (422, True)
    answer = send(story, book(HEAD, ["滨海新区", 100, 50, 10, 5, "注" * 201]))
    assert "第2行“说明”：文字过长，请精简。" in answer.text
    assert saved(story) == []


def test_what_is_exported_is_taken_in_again_unchanged(story):
    binhai = story.town.binhai
    post(story, story.town.zhao_qiang, **{f"domestic_year_{binhai}": "120.5", f"domestic_half_{binhai}": "50"})
    data = story.client(story.town.li_ming).get("/targets/2026.xlsx").data
    rows = list(load_workbook(io.BytesIO(data)).active.values)
    assert list(rows[0]) == HEAD
    assert len(rows) == 17
    answer = send(story, data)
    assert answer.status_code == 303
    assert [row.amount for row in saved(story) if row.span == "half"] == [50]


def test_mistakes_of_a_file_are_named_by_row_and_column_and_nothing_is_saved(story):
    rows = (["2026年目标"], HEAD, ["滨海新区", 100, 50, 10, 5, ""], ["火星区", 1], ["武清区", "很多"], ["滨海新区", 1],
            ["天津经济技术开发区", 1], ["和平区", -5])  # fmt: skip
    answer = send(story, book(*rows))
    assert answer.status_code == 422
    for said in ("第4行“区”：没有“火星区”", "第5行“内资全年目标（万元）”：“很多”不是数字", "第6行“区”：“滨海新区”出现了两次",
                 "第7行“区”：“天津经济技术开发区”不是参加排名的区", "第8行“内资全年目标（万元）”：“-5”应在0与"):  # fmt: skip
        assert said in answer.text
    assert saved(story) == []


def test_a_file_without_a_head_says_what_the_head_must_be(story):
    answer = send(story, book(["滨海新区", 100]))
    assert "没有找到表头" in answer.text


def test_a_district_sees_targets_and_cannot_set_them(story):
    page = story.client(story.town.li_ming).get("/targets?year=2026").text
    assert 'data-testid="save"' not in page
    assert post(story, story.town.li_ming, seen="x", **{f"domestic_year_{story.town.binhai}": "5"}).status_code == 403

"""约谈 in pages: who sees which list, units come and go with a reason that is printed, the list goes away as Excel and PDF."""

import io
import re
from decimal import Decimal

import openpyxl
import pytest
from sqlalchemy import select

from engine.door import complete_item, start_process
from models.admonition import CalledUnit
from models.assessment import Assessment, Standing
from models.process import WorkItem
from models.target import Target
from tests.cast import hire
from tests.web.house import Story, open_story
from tests.workflows.story import PlainRenderer
from tests.workflows.test_admonition import FIGURES


@pytest.fixture
def story(database, clock, tmp_path) -> Story:
    return open_story(database, clock, tmp_path, renderer=PlainRenderer())


@pytest.fixture
def desk(story):
    return story.client(story.town.zhao_qiang)


@pytest.fixture
def number(story) -> int:
    """The list of a half-year: 武清区 missed its target, it and two others are among the last three."""
    with story.unit() as unit:
        found = Assessment(period="2026H1", opened_at=unit.now, final_at=unit.now, state="final")
        unit.session.add(found)
        unit.session.flush()
        for code, given in FIGURES.items():
            done, target, foreign, foreign_target, combined = (None if x is None else Decimal(x) for x in given)
            unit.session.add(
                Standing(assessment_id=found.id, organ_id=story.town[code], combined=combined, domestic_done=done,
                         domestic_target=target, foreign_done=foreign, foreign_target=foreign_target)
            )  # fmt: skip
        data = {"assessment": found.id, "desk_organ": story.town.hzjl}
        start_process(unit, key="admonition", title="2026年上半年约谈名单", organ_id=story.town.hzjl,
                      district_id=story.town.hzjl, business_key="admonition:2026H1", data=data)  # fmt: skip
    return 1


def unit_of(story, code) -> CalledUnit:
    with story.reading() as unit:
        query = select(CalledUnit).where(CalledUnit.organ_id == story.town[code])
        return unit.session.scalars(query).one()


def items(story, node) -> list[WorkItem]:
    with story.reading() as unit:
        return list(unit.session.scalars(select(WorkItem).where(WorkItem.node == node, WorkItem.state == "ready")))


def text(answer) -> str:
    return re.sub(r"<[^>]+>", "", answer.get_data(as_text=True))


def test_the_desk_sees_every_unit_with_its_reasons_and_the_task_that_waits(story, desk, number):
    assert "2026年上半年" in text(desk.get("/admonition"))
    page = desk.get(f"/admonition/{number}")
    assert "内资完成80,000.00万元，为目标100,000.00万元的80.0%，少20,000.00万元" in text(page)
    assert "津南区：没有下达内资目标，不作为约谈事由" in text(page)
    assert f'href="/tasks/{items(story, "review")[0].id}"' in page.get_data(as_text=True)
    task = text(desk.get(f"/tasks/{items(story, 'review')[0].id}"))
    assert "武清区：内资完成80,000.00万元" in task, "the task tells what it is about"


def test_a_district_sees_nothing_before_the_approval_and_only_itself_after_it(story, desk, number):
    own, beside = story.client(story.town.wang_fang), story.client(story.town.li_ming)
    assert own.get(f"/admonition/{number}").status_code == 404
    assert "还没有约谈" in text(own.get("/admonition"))
    with story.unit() as unit:
        head = hire(unit, "厅领导", "head", story.town["zfbgt"])
    for actor, node, posted in (
        (story.town.zhao_qiang, "review", {"list_checked": "true"}),
        (head, "approve", {"listed": "true"}),
    ):
        [item] = items(story, node)
        with story.unit(actor) as unit:
            complete_item(unit, item_id=item.id, version=item.version, posted=posted)
    page = text(own.get(f"/admonition/{number}"))
    assert "武清区" in page
    assert "北辰区" not in page
    assert "津南区" not in page
    assert beside.get(f"/admonition/{number}").status_code == 404
    assert "北辰区" in text(desk.get(f"/admonition/{number}"))


def test_taking_a_unit_off_needs_a_reason_and_leaves_it_struck_through(story, desk, number):
    off = unit_of(story, "120113")
    refused = desk.post(f"/admonition/units/{off.id}/remove", data={"removed_why": " "})
    assert refused.status_code == 422
    assert "请写明理由。" in text(refused)
    kept = desk.post(
        f"/admonition/units/{off.id}/remove", data={"removed_why": "市政府另行约谈"}, follow_redirects=True
    )
    assert "<s>北辰区</s>" in kept.get_data(as_text=True)
    assert "由赵强于2026年11月24日去掉：市政府另行约谈" in text(kept)
    assert story.client(story.town.li_ming).post(f"/admonition/units/{off.id}/remove").status_code == 403


def test_what_was_typed_when_adding_is_still_there_after_a_refusal(story, desk, number):
    page = desk.post(f"/admonition/{number}/add", data={"organ_id": "", "added_why": "弄虚作假"})
    assert page.status_code == 422
    assert "弄虚作假" in page.get_data(as_text=True)
    done = desk.post(
        f"/admonition/{number}/add", data={"organ_id": str(story.town["120115"]), "added_why": "弄虚作假"},
        follow_redirects=True,
    )  # fmt: skip
    assert "由赵强增加：弄虚作假" in text(done)


def test_the_list_goes_away_as_excel_and_pdf_with_the_same_words(story, desk, number):
    with story.unit() as unit:
        unit.session.add(Target(organ_id=story.town.wuqing, year=2026, nature="domestic", amount=Decimal(1), note="",
                                demo=True, set_by="系统", set_at=unit.now))  # fmt: skip
    desk.post(f"/admonition/units/{unit_of(story, '120113').id}/remove", data={"removed_why": "=另行约谈"})
    answer = desk.get(f"/admonition/{number}.xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[0] == ["序号", "单位", "约谈事由", "增减说明", "在名单上"]
    wuqing = next(row for row in rows if row[1] == "武清区")
    page = text(desk.get(f"/admonition/{number}"))
    printed = desk.get(f"/admonition/{number}.pdf").get_data(as_text=True)
    for reason in wuqing[2].split("；"):
        assert reason in page
        assert reason in printed
    struck = next(place for place, row in enumerate(rows) if row[1] == "北辰区")
    assert rows[struck][4] == "否"
    assert sheet.cell(struck + 1, 2).font.strike
    assert story.client(story.town.wang_fang).get(f"/admonition/{number}.pdf").status_code == 404

"""半年核查 through its pages: what each may see and do, with what was typed kept and queries that do not grow."""

import io
from decimal import Decimal

import openpyxl
import pytest
from sqlalchemy import event

from models.amount import AmountEntry
from models.duty import Period
from models.process import WorkItem
from models.project import move_stage
from models.verification_lines import lines_of
from models.verification_rows import Verification
from tests.cast import hire
from tests.web.house import Story, open_story
from tests.web.ledger_desk import PNG
from tests.workflows.half_year import H2, OPENING
from tests.workflows.story import RESERVE, day
from workflows.project import register_and_open
from workflows.verification import open_half

HERE = f"/verifications/{H2}"


@pytest.fixture
def story(database, clock, tmp_path) -> Story:
    return open_story(database, clock, tmp_path)


@pytest.fixture
def second(story):
    with story.unit() as unit:
        return hire(unit, "马超", "supervisor", story.town.hzjl)


def register(story, name="甲项目"):
    with story.unit(story.town.li_ming) as unit:
        return register_and_open(unit, owner_organ_id=story.town.binhai, values=RESERVE | {"name": name}).id


def pay(story, project_id, amount):
    with story.unit() as unit:
        row = AmountEntry(project_id=project_id, kind="funds", amount=Decimal(amount), currency="CNY",
                          on=day("2026-10-20"), filed_at=unit.now)  # fmt: skip
        unit.session.add(row)
        unit.session.flush()
        return row.id


def open_all(story):
    """Every district's verification, chunk by chunk as the sweep does it."""
    cursor = 0
    while cursor is not None:
        with story.unit() as unit:
            cursor, _made = open_half(unit, Period(H2, day("2026-07-01"), OPENING), cursor, 100)


@pytest.fixture
def money(story, clock):
    """Two amounts of one project, and the half-year opened."""
    project_id = register(story)
    found = [pay(story, project_id, amount) for amount in ("1000", "500.000001")]
    clock.move(to=OPENING)
    open_all(story)
    return found


def go_on(story, actor, node, answers):
    """The item is handed in on its own page."""
    with story.reading() as unit:
        rows = unit.session.query(WorkItem).filter_by(node=node, state="ready").all()
        item = next(each for each in rows if actor.has_role(each.role, each.organ_id))
    return story.client(actor).post(f"/tasks/{item.id}", data={"version": item.version, **answers})


def signed(story):
    go_on(story, story.town.li_ming, "self_check", {"self_complete": "true"})
    go_on(story, story.town.chen_jing, "sign_self", {"self_agreed": "true"})


def here(story):
    return f"{HERE}/{story.town.binhai}"


def text_of(answer):
    return answer.get_data(as_text=True)


def lines(story):
    with story.reading() as unit:
        row = unit.session.query(Verification).filter_by(organ_id=story.town.binhai).one()
        return {each.entry_id: each for each in lines_of(unit.session, [row.id], vouchers=True)[row.id]}


def test_a_house_without_any_says_when_the_first_begins(story):
    answer = story.client(story.town.zhao_qiang).get("/verifications")
    assert answer.status_code == 200
    assert "每年7月1日、1月1日为每个区自动开始。" in text_of(answer)


def test_the_city_sees_all_districts_and_a_district_its_own(story, money):
    seen = text_of(story.client(story.town.zhao_qiang).get("/verifications"))
    assert seen.count('data-testid="district-row"') == 16
    assert "1,500.00" in seen
    own = text_of(story.client(story.town.wang_fang).get("/verifications"))
    assert own.count('data-testid="district-row"') == 1
    assert "武清区" in own
    for address in (here(story), f"{here(story)}.xlsx", f"{here(story)}/entries/{money[0]}", f"{here(story)}/foreign"):
        assert story.client(story.town.wang_fang).get(address).status_code == 404
        assert story.client(story.town.wang_fang).get(address).status_code == 404


def test_a_district_proves_explains_takes_back_and_files_what_was_missing(story, money):
    client = story.client(story.town.li_ming)
    page = text_of(client.get(here(story)))
    assert page.count("没有凭证") == 2
    address = f"{here(story)}/entries/{money[0]}"
    assert client.get(address).status_code == 200
    empty = client.post(address, data={"kind": "", "explanation": ""})
    assert empty.status_code == 422
    files = {"kind": "", "explanation": "分两次到账", "files": (io.BytesIO(PNG), "进账单.png")}
    refused = client.post(address, data=files, content_type="multipart/form-data")
    assert refused.status_code == 422
    assert "请选择凭证种类。" in text_of(refused)
    assert "分两次到账" in text_of(refused)
    files = {"kind": "bank", "explanation": "分两次到账", "files": (io.BytesIO(PNG), "进账单.png")}
    assert client.post(address, data=files, content_type="multipart/form-data").status_code == 303
    shown = text_of(client.get(here(story)))
    assert "银行进账单：进账单.png" in shown
    [(number, _kind, _name)] = lines(story)[money[0]].vouchers
    assert client.get(f"{here(story)}/files/{number}").data == PNG
    assert story.client(story.town.wang_fang).get(f"{here(story)}/files/{number}").status_code == 404
    assert client.post(f"{here(story)}/entries/{money[1]}/take-back", data={"reason": ""}).status_code == 422
    assert client.post(f"{here(story)}/entries/{money[1]}/take-back", data={"reason": "重复"}).status_code == 303
    assert lines(story)[money[1]].state == "known"
    wrong = {"project_id": "9999", "amount": "三十", "on": "x", "kind": "bank", "note": "首期"}
    again = client.post(f"{here(story)}/foreign", data=wrong)
    assert again.status_code == 422
    assert "首期" in text_of(again)
    finer = {**wrong, "project_id": str(lines(story)[money[0]].project_id), "amount": "0.0000001", "on": "2026-11-01"}
    assert "最多精确到分。" in text_of(client.post(f"{here(story)}/foreign", data=finer))
    sound = {"project_id": str(lines(story)[money[0]].project_id), "amount": "30", "on": "2026-11-01", "kind": "bank",
             "files": (io.BytesIO(PNG), "结汇单.png")}  # fmt: skip
    assert client.post(f"{here(story)}/foreign", data=sound, content_type="multipart/form-data").status_code == 303
    assert [each.nature for each in lines(story).values()].count("foreign") == 1


def test_reviewers_judge_and_agree_and_every_box_keeps_what_was_typed(story, money, second):
    signed(story)
    first, other = story.client(story.town.zhao_qiang), story.client(second)
    boxes = {f"amount_{money[0]}": "900", f"reason_{money[0]}": "", f"full_{money[1]}": "500.000001"}
    refused = first.post(f"{here(story)}/judge", data=boxes)
    assert refused.status_code == 422
    assert "核减须写明原因。" in text_of(refused)
    assert 'value="900"' in text_of(refused)
    assert {each.state for each in lines(story).values()} == {"open"}
    assert first.post(f"{here(story)}/judge", data={f"amount_{money[0]}": "九百"}).status_code == 422
    assert first.post(f"{here(story)}/judge", data={}).status_code == 422
    boxes[f"reason_{money[0]}"] = "进账单只有900万元"
    assert first.post(f"{here(story)}/judge", data=boxes).status_code == 303
    assert lines(story)[money[1]].reduced == 0
    assert other.post(f"{here(story)}/agree", data={f"verdict_{money[0]}": "agree"}).status_code == 409  # not her turn
    go_on(story, story.town.zhao_qiang, "first_check", {"first_complete": "true"})
    same = first.post(f"{here(story)}/agree", data={f"verdict_{money[0]}": "agree"})
    assert same.status_code == 403
    assert "复核人不能是这笔的初核人" in text_of(same)
    silent = other.post(f"{here(story)}/agree", data={f"verdict_{money[0]}": "back", f"back_{money[0]}": ""})
    assert silent.status_code == 422
    both = {f"verdict_{each}": "agree" for each in money}
    assert other.post(f"{here(story)}/agree", data=both).status_code == 303
    assert {each.state for each in lines(story).values()} == {"agreed"}
    assert story.client(story.town.li_ming).post(f"{here(story)}/judge", data=boxes).status_code == 403


def test_the_excel_file_says_what_the_page_says_and_runs_nothing(story, money, second):
    signed(story)
    first = story.client(story.town.zhao_qiang)
    boxes = {f"amount_{money[0]}": "900", f"reason_{money[0]}": "=1+1", f"full_{money[1]}": "500.000001"}
    first.post(f"{here(story)}/judge", data=boxes)
    go_on(story, story.town.zhao_qiang, "first_check", {"first_complete": "true"})
    story.client(second).post(f"{here(story)}/agree", data={f"verdict_{each}": "agree" for each in money})
    answer = first.get(f"{here(story)}.xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data))["逐笔核查"]
    row = [cell.value for cell in sheet[3]]
    assert row[5:8] == [1000, 900, 100]
    assert (sheet[3][9].value, sheet[3][9].data_type) == ("=1+1", "s")
    assert "1,500.00" in text_of(first.get(here(story)))
    assert "申报1,500.00，认定1,400.00，核减100.00" in [cell.value for cell in sheet["A"]][4]


def test_a_task_leads_to_the_amounts_it_is_about(story, money):
    with story.reading() as unit:
        item = next(each for each in unit.session.query(WorkItem).filter_by(node="self_check")
                    if each.organ_id == story.town.binhai)  # fmt: skip
    client = story.client(story.town.li_ming)
    link = f"/verifications/of-process/{item.process_id}"
    assert link in text_of(client.get(f"/tasks/{item.id}"))
    assert client.get(link).location == here(story)
    assert story.client(story.town.wang_fang).get(link).status_code == 404


def queries_of(story, client, address):
    asked = []
    engine = story.house.database.reading

    def count(*args):
        asked.append(args[2])

    event.listen(engine, "before_cursor_execute", count)
    try:
        assert client.get(address).status_code == 200
    finally:
        event.remove(engine, "before_cursor_execute", count)
    return len(asked)


def test_pages_ask_no_more_with_more_amounts(story, clock):
    one = register(story)
    pay(story, one, "10")
    clock.move(to=OPENING)
    open_all(story)
    client = story.client(story.town.zhao_qiang)
    few = [queries_of(story, client, each) for each in ("/verifications", here(story))]
    for name in range(12):
        project_id = register(story, f"项目{name}")
        for amount in range(1, 6):
            pay(story, project_id, str(amount))
    go_on(story, story.town.li_ming, "self_check", {"self_complete": "true"})
    assert len(lines(story)) == 61
    many = [queries_of(story, client, each) for each in ("/verifications", here(story))]
    assert many == few
    assert "page=1" in text_of(client.get(here(story)))
    assert text_of(client.get(f"{here(story)}?page=1")).count('data-testid="entry-row"') == 21


def test_the_page_of_a_visit_asks_for_photos_only_of_sites_under_way_and_tells_the_amounts(story, money, second):
    signed(story)
    boxes = {f"amount_{money[0]}": "900", f"reason_{money[0]}": "缺凭证", f"full_{money[1]}": "500.000001"}
    story.client(story.town.zhao_qiang).post(f"{here(story)}/judge", data=boxes)
    go_on(story, story.town.zhao_qiang, "first_check", {"first_complete": "true"})
    story.client(second).post(f"{here(story)}/agree", data={f"verdict_{each}": "agree" for each in money})
    go_on(story, second, "second_check", {"second_complete": "true"})
    with story.reading() as unit:
        item = unit.session.query(WorkItem).filter_by(node="visit").one()
    client = story.client(story.town.zhao_qiang)
    before = text_of(client.get(f"/tasks/{item.id}"))
    assert "申报1,000.00，认定900.00万元。缺凭证" in before
    assert 'name="site_photos"' not in before
    assert f'data-offline="{story.town.zhao_qiang.officer_id}:{item.id}"' in before
    with story.unit() as unit:
        move_stage(unit, item.project_id, "build")
    assert 'name="site_photos"' in text_of(client.get(f"/tasks/{item.id}"))

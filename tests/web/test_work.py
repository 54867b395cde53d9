"""Officers at their desks: the inbox, an item with its five answers, every verb, and that no typed text is lost."""

import io
import re
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import event, func, insert, select

from engine.maps import read_map
from engine.steps import STEPS
from models.attachment import Attachment
from models.audit import AuditEntry
from models.incident import Incident
from models.process import Process, WorkItem
from models.project import Project
from tests.cast import hire
from tests.web.house import MAPS, open_story
from workflows.coordination import request_coordination
from workflows.project import register_and_open
from workflows.supervision import start_supervision

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
PLAN = {"plan": "十二月底前签约", "plan_on": "2026-12-31"}
HYDROGEN = {
    "name": "氢能装备项目", "stage": "reserve", "capital_nature": "外资", "source_region": "新加坡", "investor_name": "甲公司",
    "total_investment": "120000",
}  # fmt: skip


@pytest.fixture
def story(database, clock, tmp_path):
    return open_story(database, clock, tmp_path)


@pytest.fixture
def project_id(story):
    """A project in its first stage: 滨海新区 has to plan it."""
    with story.unit(story.town.li_ming) as unit:
        return register_and_open(unit, owner_organ_id=story.town.binhai, values=HYDROGEN).id


def item_of(story, name, state="ready"):
    with story.reading() as unit:
        query = select(WorkItem).where(WorkItem.name.like(f"%{name}%"), WorkItem.state == state)
        return unit.session.scalars(query.order_by(WorkItem.id.desc())).first()


def hidden(page):
    """The hidden fields of the item's form, as a browser would post them."""
    form = page[page.index('data-testid="work-form"') :]
    return dict(re.findall(r'<input type="hidden" name="(version|submit_id)" value="([^"]*)">', form))


def opened(client, item):
    answer = client.get(f"/tasks/{item.id}")
    assert answer.status_code == 200, answer.get_data(as_text=True)[:2000]
    return answer.get_data(as_text=True)


def submit(client, item, posted, page=None, **kwargs):
    data = {**hidden(page or opened(client, item)), **posted}
    return client.post(f"/tasks/{item.id}", data=data, content_type="multipart/form-data", **kwargs)


def asked_again(text, key):
    """The dialog of an act that was refused, which stands open on the page of the item."""
    assert 'data-testid="work-form"' in text
    [dialog] = re.findall(r'<dialog class="ask again" id="ask-' + key + r'".*? open>.*?</dialog>', text, re.DOTALL)
    return dialog


def text_of(answer):
    return unescape(answer.get_data(as_text=True))


def rows(page):
    return re.findall(r'data-testid="task-row" data-row="/tasks/(\d+)"', page)


def ask_departments(story, codes=("rsj", "jw")):
    """The lead has planned the stage and asked departments."""
    plan = item_of(story, "部署")
    client = story.client(story.town.li_ming)
    answer = submit(
        client, plan, PLAN | {"departments": [str(story.town[code]) for code in codes], "needs": "人才落户20名"}
    )
    assert answer.status_code == 303, text_of(answer)
    return client, answer


def test_the_lead_finishes_and_the_next_people_get_theirs(story, project_id):
    lead = story.client(story.town.li_ming)
    page = lead.get("/tasks").get_data(as_text=True)
    [number] = rows(page)
    assert "储备阶段部署" in page and "氢能装备项目" in page
    assert int(number) == item_of(story, "部署").id
    _client, answer = ask_departments(story)
    after = lead.get(answer.headers["Location"]).get_data(as_text=True)
    assert rows(after) == [] and "已办理“储备阶段部署与配套需求”" in unescape(after)
    department = story.client(story.town.zhou_wei)
    assert len(rows(department.get("/tasks").get_data(as_text=True))) == 1
    support = unescape(opened(department, item_of(story, "部门配套")))
    assert "人才落户20名" in support, "what the lead asked for stands on the department's page"


def test_whoever_finishes_one_is_led_to_the_next_most_urgent(story, project_id):
    with story.unit(story.town.li_ming) as unit:
        second = register_and_open(unit, owner_organ_id=story.town.binhai, values=HYDROGEN | {"name": "医药项目"}).id
    with story.reading() as unit:
        first, other = unit.session.scalars(select(WorkItem).order_by(WorkItem.project_id)).all()
    assert (first.project_id, other.project_id) == (project_id, second)
    client = story.client(story.town.li_ming)
    answer = submit(client, first, PLAN)
    assert answer.headers["Location"] == f"/tasks/{other.id}?done={first.id}"
    assert 'data-testid="finished"' in client.get(answer.headers["Location"]).get_data(as_text=True)


def test_a_double_click_has_one_effect_and_one_answer(story, project_id):
    client = story.client(story.town.li_ming)
    item = item_of(story, "部署")
    page = opened(client, item)
    first, second = (submit(client, item, PLAN, page) for _ in range(2))
    assert (first.status_code, first.headers["Location"]) == (second.status_code, second.headers["Location"])
    with story.reading() as unit:
        done = unit.session.scalar(
            select(func.count()).select_from(AuditEntry).where(AuditEntry.act == "item.complete")
        )
        assert done == 1


def test_a_stale_form_says_who_and_when_and_keeps_the_text_to_copy(story, project_id):
    with story.unit() as unit:
        colleague = hire(unit, "刘洋", "officer", story.town.binhai)
    item = item_of(story, "部署")
    slow, quick = story.client(story.town.li_ming), story.client(colleague)
    page = opened(slow, item)
    assert submit(quick, item, PLAN).status_code == 303
    answer = submit(slow, item, PLAN | {"plan": "我写了很久的安排"}, page)
    text = text_of(answer)
    assert answer.status_code == 409
    assert re.search(r"此事项已被刘洋于\d\d月\d\d日 \d\d:\d\d办理", text)
    assert re.search(r"<textarea[^>]*readonly[^>]*>我写了很久的安排</textarea>", text)
    assert 'data-testid="submit"' not in text
    with story.reading() as unit:
        assert unit.session.get(WorkItem, item.id).answers["plan"] == PLAN["plan"]


def test_an_item_that_changed_meanwhile_may_be_submitted_again_with_the_same_text(story, project_id):
    item = item_of(story, "部署")
    client = story.client(story.town.li_ming)
    page = opened(client, item)
    client.post(f"/tasks/{item.id}/claim", data=hidden(page))
    stale = submit(client, item, PLAN, page)
    assert stale.status_code == 409
    again = text_of(stale)
    assert PLAN["plan"] in again and hidden(again)["version"] != hidden(page)["version"]
    assert submit(client, item, PLAN, again).status_code == 303


def test_what_is_missing_is_said_beside_its_field_and_nothing_typed_is_lost(story, project_id):
    client = story.client(story.town.li_ming)
    answer = submit(client, item_of(story, "部署"), {"plan": "十二月底前签约", "plan_on": "", "needs": "人才"})
    text = text_of(answer)
    assert answer.status_code == 422
    assert ">十二月底前签约</textarea>" in text and ">人才</textarea>" in text
    assert 'data-focus data-testid="problems"' in text
    assert re.search(r'id="f-plan_on"[^>]*aria-describedby="f-plan_on-error', text)
    assert "请填写此项。" in text[text.index('id="f-plan_on-error"') :][:200]
    assert item_of(story, "部署").state == "ready"


def test_a_refusal_of_the_mechanism_keeps_the_text_too(story, project_id):
    client = story.client(story.town.li_ming)
    answer = submit(client, item_of(story, "部署"), PLAN | {"plan_on": "2026-11-01"})
    assert answer.status_code == 422
    assert "计划完成日期不能早于今天。" in text_of(answer)
    assert 'value="2026-11-01"' in text_of(answer)


def test_a_draft_is_there_again_when_the_page_is_loaded_anew(story, project_id):
    item = item_of(story, "部署")
    client = story.client(story.town.li_ming)
    kept = client.post(f"/tasks/{item.id}/draft", data={"plan": "写了一半", "version": "1"}, headers={"X-Draft": "1"})
    assert (kept.status_code, kept.headers["X-Saved-At"]) == (204, "09:00")
    page = opened(client, item)
    assert ">写了一半</textarea>" in page and "草稿已保存" in page
    by_button = client.post(f"/tasks/{item.id}/draft", data={"plan": "写了大半"})
    assert by_button.headers["Location"] == f"/tasks/{item.id}"
    assert ">写了大半</textarea>" in opened(client, item)
    assert submit(client, item, PLAN).status_code == 303
    stranger = story.client(story.town.wang_fang)
    assert stranger.post(f"/tasks/{item.id}/draft", data={"plan": "x"}).status_code == 403


@pytest.mark.parametrize("path", ["", "/draft", "/claim", "/release", "/return", "/recall", "/transfer"])
def test_another_district_learns_nothing_and_changes_nothing(story, project_id, path):
    item = item_of(story, "部署")
    stranger = story.client(story.town.wang_fang)
    assert stranger.get(f"/tasks/{item.id}").status_code == 404
    answer = stranger.post(
        f"/tasks/{item.id}{path}", data={"version": "1", **PLAN, "reason": "x", "to_officer_id": "1"}
    )
    assert answer.status_code in (403, 404)
    assert "氢能" not in text_of(answer)
    assert (item_of(story, "部署").state, item_of(story, "部署").version) == ("ready", item.version)


def test_administrators_and_auditors_handle_nothing(story, project_id):
    for who in (story.town.admin, story.town.auditor):
        assert story.client(who).get("/tasks").status_code == 403


def test_the_city_looks_on_and_urges_once_a_day(story, project_id):
    item = item_of(story, "部署")
    client = story.client(story.town.zhao_qiang)
    page = unescape(opened(client, item))
    assert "您只能查看" in page and 'data-testid="submit"' not in page and "写了一半" not in page
    answer = client.post(f"/tasks/{item.id}/urge", data={"words": "请抓紧"}, follow_redirects=True)
    assert "已催办" in text_of(answer) and "今天已催办过" in text_of(answer)
    assert client.post(f"/tasks/{item.id}/urge", data={"words": "再催"}).status_code == 409
    assert "被催办" in text_of(story.client(story.town.li_ming).get("/tasks?f=urged"))
    story.sweep()
    lead = story.client(story.town.li_ming)
    messages = text_of(lead.get("/messages"))
    assert "催办：储备阶段部署" in messages and "请抓紧" in messages and "氢能装备项目" in messages
    assert 'data-testid="unread-count">2<' in messages
    lead.post("/messages/read")
    assert "unread-count" not in text_of(lead.get("/messages"))


def test_the_paper_to_be_signed_is_shown_before_it_is_signed(story, project_id, clock):
    story.sweep()
    with story.unit(story.town.zhao_qiang) as unit:
        start_supervision(unit, project_id=project_id, reason="两次推迟签约，企业反映无人对接")
    clock.move(by=timedelta(days=9))
    story.sweep()
    desk = story.client(story.town.zhao_qiang)
    item = item_of(story, "签发督办通知单")
    page = unescape(opened(desk, item))
    assert "两次推迟签约，企业反映无人对接" in page and "滨海新区" in page
    assert 'data-testid="act-urge"' not in page, "nobody urges herself"
    answer = submit(desk, item, {"supplement": "请区长牵头"}, page)
    assert answer.status_code == 303, text_of(answer)
    done = unescape(desk.get(f"/tasks/{item.id}").get_data(as_text=True))
    assert "请区长牵头" in done and 'data-testid="act-recall"' not in done, "a numbered paper is not taken back"


def test_claim_release_and_transfer(story, project_id):
    with story.unit() as unit:
        colleague = hire(unit, "刘洋", "officer", story.town.binhai)
    item = item_of(story, "部署")
    lead, other = story.client(story.town.li_ming), story.client(colleague)
    lead.post(f"/tasks/{item.id}/claim", data=hidden(opened(lead, item)))
    assert rows(text_of(other.get("/tasks"))) == []
    assert "此事项已由李明认领" in unescape(opened(other, item))
    assert submit(other, item, PLAN, opened(lead, item)).status_code == 403
    lead.post(f"/tasks/{item.id}/release", data=hidden(opened(lead, item)))
    assert rows(text_of(other.get("/tasks"))) == [str(item.id)]
    page = opened(lead, item)
    assert "刘洋" in page and "陈静" in page and "王芳" not in page
    without = lead.post(f"/tasks/{item.id}/transfer", data={**hidden(page), "to_officer_id": colleague.officer_id})
    assert without.status_code == 422
    again = asked_again(text_of(without), "transfer")
    assert "请写明原因，对方据此办理。" in again and f'<option value="{colleague.officer_id}" selected>' in again
    nobody = lead.post(f"/tasks/{item.id}/transfer", data={**hidden(page), "reason": "我出差三天"})
    again = asked_again(text_of(nobody), "transfer")
    assert nobody.status_code == 422 and "请选择转给谁。" in again and ">我出差三天</textarea>" in again
    assert f'href="/tasks/{item.id}" data-closes' in again, "without script 取消 leads back to an address that opens"
    assert rows(text_of(lead.get("/tasks"))) == [str(item.id)]
    moved = lead.post(
        f"/tasks/{item.id}/transfer",
        data={**hidden(page), "to_officer_id": colleague.officer_id, "reason": "我出差三天"}, follow_redirects=True,
    )  # fmt: skip
    assert "已转办" in text_of(moved) and rows(text_of(moved)) == []
    assert "我出差三天" in unescape(opened(other, item))


def test_returned_for_completion_and_sent_home_again(story, project_id):
    lead, _answer = ask_departments(story, ("rsj",))
    item = item_of(story, "部门配套")
    department = story.client(story.town.zhou_wei)
    department.post(f"/tasks/{item.id}/draft", data={"result": "人才公寓在协调"}, headers={"X-Draft": "1"})
    version = hidden(opened(department, item))
    blank = department.post(f"/tasks/{item.id}/return", data={**version, "reason": "  "})
    assert blank.status_code == 422 and "请写明原因，对方据此办理。" in asked_again(text_of(blank), "return")
    assert ">人才公寓在协调</textarea>" in text_of(blank), "the draft of the form itself stands below"
    english = story.client(story.town.zhou_wei, language="en")
    said = asked_again(text_of(english.post(f"/tasks/{item.id}/return", data={**version, "reason": ""})), "return")
    assert not re.search("[\u4e00-\u9fff]", said), said
    department.post(f"/tasks/{item.id}/return", data={**version, "reason": "请写明需要几套人才公寓"})
    assert rows(text_of(department.get("/tasks"))) == []
    assert "被退回" in text_of(lead.get("/tasks"))
    page = unescape(opened(lead, item))
    assert "周伟退回：请写明需要几套人才公寓" in page
    assert 'name="outcome"' not in page, "she adds what is missing; the department's form is not hers to fill"
    assert submit(lead, item, {"note": ""}).status_code == 422
    home = [submit(lead, item, {"note": "需要20套"}, page).status_code for _ in range(2)]
    assert home == [303, 303]
    back = unescape(opened(department, item))
    assert "需要20套" in back and ">人才公寓在协调</textarea>" in back
    assert submit(department, item, {"outcome": "已办结", "result": "落实20套"}).status_code == 303


def test_recall_while_nobody_went_on_and_not_after(story, project_id):
    lead, answer = ask_departments(story, ("rsj",))
    item = item_of(story, "部署", "done")
    after = lead.get(answer.headers["Location"]).get_data(as_text=True)
    assert f'action="/tasks/{item.id}/recall"' in after
    assert "已办" in text_of(lead.get("/tasks?t=done")) and rows(text_of(lead.get("/tasks?t=done"))) == [str(item.id)]
    assert rows(text_of(lead.get("/tasks?t=done&q=氢能"))) and not rows(text_of(lead.get("/tasks?t=done&q=医药")))
    back = lead.post(f"/tasks/{item.id}/recall", follow_redirects=True)
    assert ">十二月底前签约</textarea>" in text_of(back), "her answers are her draft again"
    assert rows(text_of(story.client(story.town.zhou_wei).get("/tasks"))) == []
    _lead, answer = ask_departments(story, ("rsj",))
    department = story.client(story.town.zhou_wei)
    support = item_of(story, "部门配套")
    department.post(f"/tasks/{support.id}/claim", data=hidden(opened(department, support)))
    refused = lead.post(f"/tasks/{item.id}/recall")
    assert refused.status_code == 409 and "不能撤回" in text_of(refused)


def test_files_survive_a_refusal_and_are_filed_with_the_answer(story, project_id):
    ask_departments(story, ("rsj",))
    item = item_of(story, "部门配套")
    client = story.client(story.town.zhou_wei)
    refused = submit(client, item, {"outcome": "已办结", "result": "", "evidence": (io.BytesIO(PDF), "会议纪要.pdf")})
    text = text_of(refused)
    assert refused.status_code == 422 and "会议纪要.pdf" in text
    [note] = re.findall(r'type="checkbox" name="evidence" value="([^"]+)" checked', text)
    with story.reading() as unit:
        assert unit.session.scalar(select(func.count()).select_from(Attachment)) == 0, "nothing is filed by a refusal"
    posted = {"outcome": "已办结", "result": "已落实", "evidence": [note, (io.BytesIO(PDF + b"2"), "照片说明.pdf")]}
    assert submit(client, item, posted, text).status_code == 303
    with story.reading() as unit:
        files = unit.session.scalars(select(Attachment).order_by(Attachment.id)).all()
        answers = unit.session.get(WorkItem, item.id).answers
    assert sorted(each.name for each in files) == ["会议纪要.pdf", "照片说明.pdf"]
    assert sorted(answers["evidence"]) == sorted(str(each.id) for each in files)
    page = opened(story.client(story.town.li_ming), item)
    link = re.search(rf"/tasks/{item.id}/files/\d+", page)[0]
    got = story.client(story.town.li_ming).get(link)
    assert got.data.startswith(b"%PDF") and "attachment" in got.headers["Content-Disposition"]
    assert story.client(story.town.wang_fang).get(link).status_code == 404


def test_a_file_that_is_not_what_it_says_is_refused_at_its_field(story, project_id):
    ask_departments(story, ("rsj",))
    client = story.client(story.town.zhou_wei)
    posted = {"outcome": "已办结", "result": "已落实", "evidence": (io.BytesIO(b"MZ\x90"), "纪要.pdf")}
    answer = submit(client, item_of(story, "部门配套"), posted)
    assert answer.status_code == 422
    assert "不可接收" in text_of(answer) and ">已落实</textarea>" in text_of(answer)


def test_a_file_of_another_project_cannot_be_named_as_evidence(story, project_id):
    ask_departments(story, ("rsj",))
    with story.unit() as unit:
        foreign = Attachment(project_id=None, sha256="0" * 64, name="别人的.pdf", media_type="application/pdf", size=1,
                             filed_at=unit.now)  # fmt: skip
        unit.session.add(foreign)
        unit.session.flush()
        number = foreign.id
    item = item_of(story, "部门配套")
    client = story.client(story.town.zhou_wei)
    assert (
        submit(client, item, {"outcome": "已办结", "result": "好", "evidence": [str(number), "forged"]}).status_code
        == 303
    )
    with story.reading() as unit:
        assert "evidence" not in unit.session.get(WorkItem, item.id).answers


def test_a_bug_leaves_the_process_where_it_was_and_its_code_on_the_page(story, project_id, monkeypatch):
    def broken(unit, case):
        raise ZeroDivisionError("secret detail")

    monkeypatch.setitem(STEPS, "project.plan_stage", broken)
    client = story.client(story.town.li_ming)
    item = item_of(story, "部署")
    answer = submit(client, item, PLAN)
    assert answer.status_code == 500 and "secret detail" not in text_of(answer)
    with story.reading() as unit:
        [incident] = unit.session.scalars(select(Incident)).all()
        assert (incident.what, incident.work_item_id, incident.process_id) == ("complete", item.id, item.process_id)
        assert incident.code in text_of(answer)
        assert unit.session.get(Process, item.process_id).status == "running"
    monkeypatch.undo()
    page = opened(client, item)
    assert f">{PLAN['plan']}</textarea>" in page, "what was typed is the draft"
    assert submit(client, item, PLAN, page).status_code == 303


FIVE = re.compile(r'<div class="five-(\w+)"><dt>.*?</dt><dd>(.*?)</dd></div>', re.DOTALL)


@pytest.mark.parametrize("path", sorted(MAPS.glob("*.bpmn")), ids=lambda path: path.stem)
def test_every_task_of_every_map_answers_the_five_questions(story, project_id, path):
    """An item at each user task, opened by whoever may handle it, in both languages."""
    tasks = [node for node in read_map(path.read_bytes()).nodes.values() if node.kind == "userTask"]
    people = {"officer": story.town.li_ming, "supervisor": None, "head": story.town.chen_jing}
    with story.unit() as unit:
        people["supervisor"] = hire(unit, "高原", "supervisor", story.town.binhai)
        people["leader"] = hire(unit, "马国强", "leader", story.town.binhai)
        made = [_an_item_at(unit, story, path, project_id, node) for node in tasks]
    for node, number in zip(tasks, made, strict=True):
        for language in ("zh", "en"):
            page = unescape(
                story.client(people[node.role], language=language).get(f"/tasks/{number}").get_data(as_text=True)
            )
            answers = FIVE.findall(page)
            assert len(answers) == 5, (node.id, page[:500])
            assert all(len(text.strip()) > 3 for _key, text in answers), (node.id, answers)
            assert 'data-testid="submit"' in page, node.id


def _an_item_at(unit, story, path, project_id, node):
    from models.definition import latest_definition

    definition = latest_definition(unit.session, path.stem)
    process = unit.session.scalar(select(Process.id).where(Process.key == path.stem, Process.project_id == project_id))
    if process is None:
        process = unit.session.execute(insert(Process).values(
            key=path.stem, definition_id=definition[0], project_id=project_id, title="演示", organ_id=story.town.binhai,
            district_id=story.town.binhai, status="running", state=b"", revision=1, started_at=unit.now,
        ).returning(Process.id)).scalar_one()  # fmt: skip
    return unit.session.execute(insert(WorkItem).values(
        process_id=process, project_id=project_id, token=f"t{node.id}"[:16], node=node.id, name=node.name, form=node.form,
        role=node.role, organ_id=story.town.binhai, state="ready", created_at=unit.now, due_at=unit.now + timedelta(days=6),
    ).returning(WorkItem.id)).scalar_one()  # fmt: skip


def test_a_deadline_in_a_year_without_announced_holidays_says_so(story, project_id, clock):
    clock.move(to=clock.now() + timedelta(days=35))  # the five days reach into 2027
    with story.unit(story.town.li_ming) as unit:
        register_and_open(unit, owner_organ_id=story.town.binhai, values=HYDROGEN | {"name": "跨年项目"})
    page = unescape(opened(story.client(story.town.li_ming), item_of(story, "部署")))
    assert "2027年放假安排尚未公布" in page


def test_a_rectification_asks_as_many_answers_as_there_are_problems(story, project_id):
    from models.rectification import Finding, Rectification, Round

    with story.unit() as unit:
        node = read_map((MAPS / "rectification.bpmn").read_bytes()).nodes
        report = _an_item_at(unit, story, MAPS / "rectification.bpmn", project_id, node["report"])
        process = unit.session.scalar(select(WorkItem.process_id).where(WorkItem.id == report))
        row = Rectification(project_id=project_id, process_id=process, rectifier_organ_id=story.town.binhai,
                            reviewer_organ_id=story.town["fgw"], round=1, began_at=unit.now)  # fmt: skip
        unit.session.add(row)
        unit.session.flush()
        unit.session.add_all(
            [
                Finding(rectification_id=row.id, number=n, fact=f"事实{n}", basis="第三条", demand=f"要求{n}")
                for n in (1, 2)
            ]
        )
        unit.session.add(Round(rectification_id=row.id, number=1))
    page = unescape(story.client(story.town.li_ming).get(f"/tasks/{report}").get_data(as_text=True))
    assert {"result_1", "evidence_1", "result_2", "evidence_2"} <= set(re.findall(r'name="(\w+)"', page))
    assert 'name="result_3"' not in page
    assert "事实2 要求：要求2" in page


def test_a_coordination_shows_who_asks_for_what(story, project_id):
    with story.unit(story.town.li_ming) as unit:
        request_coordination(unit, project_id=project_id, posted={
            "target_organ": str(story.town["jrj"]), "kind": "金融", "subject": "贷款贴息", "body": "银行要求提供担保",
        })  # fmt: skip
    page = unescape(opened(story.client(story.town.feng_juan), item_of(story, "受理")))
    assert "贷款贴息" in page and "银行要求提供担保" in page and "滨海新区" in page
    assert "武清区" in page[page.index('name="pass_to"') :], "every organ may be the one in charge"


def test_the_form_begins_with_what_the_ledger_knows(story, project_id):
    with story.unit() as unit:
        unit.session.get_one(Project, project_id).stage = None
        unit.session.get_one(Project, project_id).state = "incomplete"
        number = _an_item_at(unit, story, MAPS / "project.bpmn", project_id,
                             read_map((MAPS / "project.bpmn").read_bytes()).nodes["verify"])  # fmt: skip
    page = unescape(story.client(story.town.li_ming).get(f"/tasks/{number}").get_data(as_text=True))
    assert 'value="甲公司"' in page and 'value="120000"' in page


def test_suspended_items_are_closed_with_the_reason(story, project_id):
    from workflows.project import suspend_project

    with story.unit(story.town.zhao_qiang) as unit:
        suspend_project(unit, project_id=project_id, answers={"reason": "等待政策"})
    item = item_of(story, "部署", "suspended")
    client = story.client(story.town.li_ming)
    page = unescape(opened(client, item))
    assert "已挂起" in page and 'data-testid="submit"' not in page
    assert client.post(f"/tasks/{item.id}", data={"version": item.version, **PLAN}).status_code == 409


def test_home_is_where_ones_work_is(story):
    assert story.client(story.town.li_ming).get("/").headers["Location"] == "/tasks"
    for who in ("sun_li", "zhao_qiang", "admin", "auditor"):
        client = story.client(getattr(story.town, who))
        assert client.get("/", follow_redirects=True).status_code == 200, who


def test_a_page_needs_the_same_statements_at_ten_and_at_two_thousand_items(story, project_id):
    client = story.client(story.town.li_ming)

    def load(count):
        with story.unit() as unit:
            process = unit.session.scalar(select(Process.id))
            unit.session.execute(insert(WorkItem), [
                {"process_id": process, "project_id": project_id, "token": f"{count}-{n}", "node": "reserve_plan", "name": "部署",
                 "form": "stage_plan", "role": "officer", "organ_id": story.town.binhai, "state": "ready", "created_at": unit.now,
                 "due_at": unit.now + timedelta(hours=n - 5)} for n in range(count)
            ])  # fmt: skip
        seen = []
        event.listen(story.house.database.reading, "before_cursor_execute", lambda *args: seen.append(args[2]))
        page = client.get("/tasks")
        return len([each for each in seen if not each.startswith(("BEGIN", "PRAGMA"))]), page

    load(1)  # what is read once per process is read here
    few, _page = load(9)
    many, page = load(2000)
    assert few == many <= 12
    assert len(page.data) <= 100 * 1024
    assert "999+" in text_of(page)
    assert len(rows(text_of(page))) == 50
    following = re.search(r'href="(/tasks\?after=[^"]+)" rel="next"', page.get_data(as_text=True))[1]
    second = client.get(unescape(following))
    assert len(set(rows(text_of(second))) & set(rows(text_of(page)))) == 0


def test_filters_and_search_are_in_the_address(story, project_id):
    client = story.client(story.town.li_ming)
    assert rows(text_of(client.get("/tasks?q=氢能"))) and not rows(text_of(client.get("/tasks?q=医药")))
    assert not rows(text_of(client.get("/tasks?f=overdue")))
    assert rows(text_of(client.get(f"/tasks?project={project_id}")))
    assert client.get("/tasks?f=nonsense").status_code == 422
    assert client.get("/tasks?after=nonsense").status_code == 422


def test_the_english_switch_leaves_no_chinese_in_what_the_house_says(story, project_id):
    client = story.client(story.town.li_ming, language="en")
    page = unescape(opened(client, item_of(story, "部署")))
    assert "Why me" in page or "Why" in page
    assert re.search(r"working days? left", page), "by when is said in English"

"""Stories of those who keep the house: versions under four eyes, work that stopped, the calendar, incidents."""

import io
import re
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from engine.door import start_process
from engine.steps import step
from jobs.ticker import beat
from models import incident as incidents
from models.audit import AuditEntry
from models.calendar import load_calendar
from models.clock import local_day
from models.incident import Incident
from models.map_draft import MapDraft
from models.process import Definition, Process, WorkItem
from models.queue import BACKOFF_MINUTES, Envelope
from tests.cast import hire
from tests.engine.desk import HEAD, flow
from tests.web.house import MAPS, Story, open_story
from tests.web.test_projects import project_in
from web.admin_views import WHAT

ROOMS = ("definitions", "duties", "calendar", "incidents", "accounts")
NOTICE = "2027-01-01 放假 元旦\n2027年2月5日至2月11日 放假 春节\n2.20 上班 春节调休"
SOURCE = "国务院办公厅关于2027年部分节假日安排的通知"


@pytest.fixture
def story(database, clock, tmp_path) -> Story:
    return open_story(database, clock, tmp_path)


def rows_of(story: Story, table, *conditions):
    with story.reading() as unit:
        return list(unit.session.scalars(select(table).where(*conditions).order_by(table.id)))


# --- who may enter -------------------------------------------------------------------------------------------------


def test_only_the_administrator_enters_and_the_auditor_reads_the_audit_alone(story):
    admin, auditor = story.client(story.town.admin), story.client(story.town.auditor)
    outside = [story.client(actor) for actor in (story.town.zhao_qiang, story.town.li_ming, story.town.sun_li)]
    assert admin.get("/admin").location == "/admin/definitions"
    assert auditor.get("/admin").location == "/admin/audit"
    for room in ROOMS:
        assert admin.get(f"/admin/{room}").status_code == 200
        keeps_the_calendar = 200 if room == "calendar" else 403  # 赵强 supervises, and may set it
        assert [each.get(f"/admin/{room}").status_code for each in (auditor, *outside)] == [
            403,
            keeps_the_calendar,
            403,
            403,
        ]
    assert [each.get("/admin/audit").status_code for each in (admin, auditor, *outside)] == [200, 200, 403, 403, 403]
    page = auditor.get("/admin/audit").text
    assert (
        'href="/admin/accounts' not in page and 'href="/admin/definitions' not in page and 'href="/admin/audit"' in page
    )
    assert auditor.post("/admin/jobs/1/retry").status_code == 403


# --- versions ------------------------------------------------------------------------------------------------------


def second_admin(story: Story):
    with story.unit() as unit:
        return hire(unit, "副管理员", "admin", story.town.hzjl)


def upload(client, xml: bytes, note: str = "改了一个名称"):
    return client.post("/admin/definitions/upload", data={"file": (io.BytesIO(xml), "新版.bpmn"), "note": note})


def changed(
    name: str = "coordination", old: bytes = b"</definitions>", new: bytes = b"<!-- 2 --></definitions>"
) -> bytes:
    return (MAPS / f"{name}.bpmn").read_bytes().replace(old, new)


def version_of(story: Story, process_id: int) -> int:
    with story.reading() as unit:
        query = select(Definition.version).join(Process).where(Process.id == process_id)
        return unit.session.scalar(query)


def test_a_new_version_needs_a_second_administrator_and_running_processes_stay_on_theirs(story):
    running = ask_for_help(story)
    maker, second = story.client(story.town.admin), story.client(second_admin(story))
    assert upload(maker, changed()).status_code == 303
    [draft] = rows_of(story, MapDraft)
    assert "须由另一名系统管理员核对后发布" in maker.get("/admin/definitions").text
    assert maker.post(f"/admin/drafts/{draft.id}/publish").status_code == 403
    assert "改了一个名称" in second.get(f"/admin/drafts/{draft.id}").text
    assert second.get(f"/admin/drafts/{draft.id}/diagram.bpmn").data == changed()
    assert second.post(f"/admin/drafts/{draft.id}/publish").status_code == 303
    assert second.post(f"/admin/drafts/{draft.id}/publish").status_code == 409
    assert (version_of(story, running), version_of(story, ask_for_help(story))) == (1, 2)
    acts = [
        row.act for row in rows_of(story, AuditEntry, AuditEntry.act.like("map.%"), AuditEntry.officer_id.is_not(None))
    ]
    assert acts == ["map.submit", "map.publish", "map.approve"]
    page = re.sub(r"<[^>]+>", " ", second.get("/admin/definitions").text)
    assert re.search(r"coordination · \w{8}\s+v2\s+现行\s+1\s", page) and re.search(
        r"coordination · \w{8}\s+v1\s+1\s", page
    )


def ask_for_help(story: Story) -> int:
    """A coordination request runs."""
    project_id = project_in(story, story.town.binhai)
    with story.unit() as unit:
        return start_process(
            unit, key="coordination", title="协调用地", organ_id=story.town.binhai, district_id=story.town.binhai,
            data={"requester_organ": story.town.binhai, "target_organ": story.town["fgw"]},
            answers={"kind": "审批", "subject": "请协调", "body": "材料已齐"}, project_id=project_id,
        )  # fmt: skip


def test_a_map_with_faults_is_refused_in_plain_words_and_the_note_stays(story):
    admin = story.client(story.town.admin)
    task = HEAD + (
        '<process id="coordination" name="协调" isExecutable="true"><startEvent id="begin"/>'
        '<scriptTask id="sly" name="悄悄"><script>1</script></scriptTask><endEvent id="end"/>'
        + flow("begin", "sly") + flow("sly", "end") + "</process></definitions>"
    )  # fmt: skip
    answer = upload(admin, task.encode(), "换成脚本")
    assert answer.status_code == 422
    assert 'data-testid="map-refused"' in answer.text and "<b>悄悄</b>：" in answer.text and "换成脚本" in answer.text
    assert "已经发布过" in upload(admin, (MAPS / "coordination.bpmn").read_bytes()).text
    assert "请写明改了什么" in upload(admin, changed(), "  ").text
    assert "没有这个流程" in upload(admin, changed("coordination", b'id="coordination"', b'id="elsewhere"')).text
    assert "请选择 BPMN 文件" in admin.post("/admin/definitions/upload", data={"note": "x"}).text
    assert rows_of(story, MapDraft) == []


def test_a_draft_is_withdrawn_and_makes_room_for_another(story):
    admin = story.client(story.town.admin)
    upload(admin, changed())
    assert "已有一份新版本待发布" in upload(admin, changed(new=b"<!-- 3 --></definitions>")).text
    [draft] = rows_of(story, MapDraft)
    assert admin.post(f"/admin/drafts/{draft.id}/withdraw").status_code == 303
    assert upload(admin, changed(new=b"<!-- 3 --></definitions>")).status_code == 303


def test_the_lint_result_comes_when_it_is_asked_for(story):
    admin = story.client(story.town.admin)
    [line] = rows_of(story, Definition, Definition.key == "coordination")
    ask = f"/admin/definitions/{line.id}/lint"
    answer = admin.get(ask, headers={"HX-Request": "true"}).text
    assert 'data-testid="lint-passed"' in answer and "<html" not in answer
    assert ask not in admin.get("/admin/definitions").text  # known now, and never checked twice
    assert admin.get("/admin/definitions/4711/lint").status_code == 404


def test_the_drawing_shows_how_many_tasks_are_open_where(story):
    process_id = ask_for_help(story)
    admin = story.client(story.town.admin)
    with story.reading() as unit:
        definition = unit.session.get(Process, process_id).definition_id
    state = admin.get(f"/admin/definitions/{definition}/state.json").json
    assert state["active"] == [{"id": "accept", "late": False, "who": "1 件"}]
    assert admin.get(f"/admin/definitions/{definition}").status_code == 200
    drawn = admin.get(f"/admin/definitions/{definition}/diagram.bpmn")
    assert drawn.data == (MAPS / "coordination.bpmn").read_bytes()
    assert story.client(story.town.li_ming).get(f"/admin/definitions/{definition}/diagram.bpmn").status_code == 403


# --- duties and jobs -----------------------------------------------------------------------------------------------


def test_a_dead_envelope_is_shown_with_its_error_and_works_after_a_retry(story, clock):
    admin = story.client(story.town.admin)
    with story.unit() as unit:
        unit.post("tell", "stuck", {"what": "opened"})  # names no items, so that the handler stumbles
    for minutes in (0, *BACKOFF_MINUTES):
        clock.move(by=timedelta(minutes=minutes))
        story.sweep()
    admin = story.client(story.town.admin)
    [dead] = rows_of(story, Envelope, Envelope.key == "stuck")
    page = admin.get("/admin/duties").text
    assert dead.state == "dead" and "KeyError" in page and "已停下" in page
    with story.unit() as unit:
        unit.session.get(Envelope, dead.id).payload = {"what": "opened", "items": []}
    assert admin.post(f"/admin/jobs/{dead.id}/retry").status_code == 303
    story.sweep()
    [done] = rows_of(story, Envelope, Envelope.key == "stuck")
    assert (done.state, done.attempts) == ("done", 1)
    assert admin.post(f"/admin/jobs/{dead.id}/retry").status_code == 409
    assert [row.subject_id for row in rows_of(story, AuditEntry, AuditEntry.act == "envelope.retry")] == [dead.id]


def test_duties_show_their_last_and_next_period_and_whether_anything_sweeps(story, clock):
    admin = story.client(story.town.admin)
    assert "巡检没有运行" in admin.get("/admin/duties").text
    story.sweep()
    beat(story.house)
    page = admin.get("/admin/duties").text
    assert "巡检正常" in page and "月度进展填报" in page and "尚未到期" in page and "2026-12-21 00:00" in page
    clock.move(by=timedelta(days=28))
    admin = story.client(story.town.admin)
    assert "到期未办" in admin.get("/admin/duties").text
    story.sweep()
    page = admin.get("/admin/duties").text
    assert "2026-12" in page and "到期未办" not in page and "巡检没有运行" in page


def test_the_heartbeat_is_written_once_a_minute_at_most(story, clock):
    beat(story.house)
    first = clock.now()
    clock.move(by=timedelta(seconds=30))
    beat(story.house)
    with story.reading() as unit:
        from models.heartbeat import last_beat

        assert last_beat(unit.session) == first
    clock.move(by=timedelta(seconds=30))
    beat(story.house)
    with story.reading() as unit:
        assert last_beat(unit.session) == clock.now()


# --- the calendar --------------------------------------------------------------------------------------------------


def test_a_year_is_previewed_announced_and_moves_exactly_the_deadlines_it_showed(story, clock):
    clock.move(by=timedelta(days=71))  # 3 February 2027: five working days run into the spring festival
    ask_for_help(story)
    admin = story.client(story.town.admin)
    assert 'data-testid="calendar-warning"' in admin.get("/admin/calendar?year=2027").text
    before = {item.id: item.due_at for item in rows_of(story, WorkItem, WorkItem.state == "ready")}
    shown = admin.post("/admin/calendar/2027/notice", data={"days": NOTICE, "source": SOURCE}).text
    counted = int(re.search(r"将有 (\d+) 项", shown)[1])
    assert counted == shown.count('data-testid="move"') > 0
    assert {item.id: item.due_at for item in rows_of(story, WorkItem, WorkItem.state == "ready")} == before
    applied = admin.post("/admin/calendar/2027/apply", data={"days": NOTICE, "source": SOURCE}, follow_redirects=True)
    assert f"{counted} 项期限已相应调整" in applied.text and "calendar-warning" not in applied.text
    after = {item.id: item.due_at for item in rows_of(story, WorkItem, WorkItem.state == "ready")}
    moved = {item_id for item_id in before if before[item_id] != after[item_id]}
    assert len(moved) == counted
    assert {row.subject_id for row in rows_of(story, AuditEntry, AuditEntry.act == "item.deadline")} == moved
    with story.reading() as unit:
        known = load_calendar(unit.session)
        for item in (unit.session.get(WorkItem, item_id) for item_id in moved):
            start = local_day(item.created_at)
            assert known.is_working(local_day(after[item.id]))
            assert known.working_days_between(start, local_day(after[item.id])) == (
                story_weekdays(start, local_day(before[item.id]))
            )


def story_weekdays(first: date, last: date) -> int:
    """Working days while nobody knew of a holiday."""
    return sum((first + timedelta(days=n)).weekday() < 5 for n in range(1, (last - first).days + 1))


def test_a_supervisor_finds_the_calendar_in_the_menu_and_sets_it_and_a_district_officer_does_not(story):
    supervisor, officer = story.client(story.town.zhao_qiang), story.client(story.town.li_ming)
    assert 'href="/admin/calendar"' in supervisor.get("/tasks").text
    assert 'href="/admin/calendar"' not in officer.get("/tasks").text
    page = supervisor.get("/admin/calendar?year=2027").text
    assert 'href="/admin/calendar/2027/notice"' in page and 'href="/admin/definitions"' not in page
    applied = supervisor.post(
        "/admin/calendar/2027/apply", data={"days": NOTICE, "source": SOURCE}, follow_redirects=True
    )
    assert applied.status_code == 200 and "calendar-warning" not in applied.text
    assert officer.get("/admin/calendar").status_code == 403
    assert officer.post("/admin/calendar/2027/apply", data={"days": NOTICE, "source": SOURCE}).status_code == 403


def test_deadlines_that_name_a_date_stand_as_written(story, clock):
    clock.move(by=timedelta(days=71))
    ask_for_help(story)
    [item] = rows_of(story, WorkItem, WorkItem.node == "accept")
    with story.unit() as unit:  # as if the map had named a day: the task of the monthly review does
        unit.session.get(WorkItem, item.id).node = "report"
        review = unit.session.scalar(select(Definition.id).where(Definition.key == "progress_review"))
        unit.session.get(Process, item.process_id).definition_id = review
    admin = story.client(story.town.admin)
    shown = admin.post("/admin/calendar/2027/notice", data={"days": NOTICE, "source": SOURCE}).text
    assert "请求协调" not in shown and item.name not in re.findall(r'cell-main">([^<]+)<small>协调用地', shown)


def test_a_notice_that_cannot_be_read_says_which_lines(story):
    admin = story.client(story.town.admin)
    text = "2027-01-01 放假 元旦\n春节放七天\n2027-02-22 上班 春节调休\n2026-10-01 放假 国庆节\n2027-02-30 放假 某日"
    answer = admin.post("/admin/calendar/2027/notice", data={"days": text, "source": SOURCE})
    assert answer.status_code == 422
    for words in ("第2行看不懂", "第3行：2027-02-22本来就是工作日", "第4行不是2027年的日期", "第5行的日期不存在"):
        assert words in answer.text
    assert "春节放七天" in answer.text  # what was typed stays
    assert admin.post("/admin/calendar/2027/apply", data={"days": text, "source": SOURCE}).status_code == 422
    assert "请写明依据" in admin.post("/admin/calendar/2027/notice", data={"days": NOTICE, "source": ""}).text
    with story.reading() as unit:
        assert not load_calendar(unit.session).announced(2027)


# --- incidents -----------------------------------------------------------------------------------------------------

CURE = {"well": False}


@step("admin_story.stumble")
def stumble(unit, case) -> None:
    if not CURE["well"]:
        raise RuntimeError("数据缺一列")


STUMBLING = (
    HEAD
    + '<process id="stumbling" name="绊脚" isExecutable="true"><startEvent id="begin"/><intermediateCatchEvent id="wait" '
    + 'name="等到日子"><timerEventDefinition id="t"><timeDate xsi:type="tFormalExpression">at</timeDate>'
    + '</timerEventDefinition></intermediateCatchEvent><serviceTask id="stumble" name="绊一跤"><extensionElements>'
    + '<spiffworkflow:properties><spiffworkflow:property name="step" value="admin_story.stumble"/>'
    + '</spiffworkflow:properties></extensionElements></serviceTask><endEvent id="end"/>'
    + flow("begin", "wait") + flow("wait", "stumble") + flow("stumble", "end") + "</process></definitions>"
).encode()  # fmt: skip


def test_a_stopped_process_is_shown_and_goes_on_after_a_retry(story, clock):
    CURE["well"] = False
    from engine.door import publish_map

    with story.unit() as unit:
        publish_map(unit, xml=STUMBLING)
        at = (clock.now() + timedelta(hours=1)).isoformat()
        process_id = start_process(
            unit, key="stumbling", title="会绊脚的流程", organ_id=story.town.binhai, district_id=story.town.binhai,
            data={"at": at},
        )  # fmt: skip
    clock.move(by=timedelta(hours=2))
    story.sweep()
    admin = story.client(story.town.admin)
    [incident] = rows_of(story, Incident)
    page = admin.get("/admin/incidents").text
    for words in ("会绊脚的流程", "数据缺一列", incident.code, "等到日子", "待处理"):
        assert words in page
    again = admin.post(f"/admin/incidents/{incident.id}/retry", follow_redirects=True).text
    assert "重试仍然失败" in again and "已试 2 次" in again
    assert rows_of(story, Process, Process.id == process_id)[0].status == "incident"
    CURE["well"] = True
    done = admin.post(f"/admin/incidents/{incident.id}/retry", follow_redirects=True).text
    assert "已解决" in done and "待处理" not in done
    assert rows_of(story, Process, Process.id == process_id)[0].status == "done"
    assert admin.post(f"/admin/incidents/{incident.id}/retry").status_code == 409


def test_what_failed_is_said_in_plain_words_in_both_languages(story, clock):
    for what in ("light", "duty"):
        with story.unit() as unit:
            incidents.report(unit.session, what=what, error=ValueError("坏了"), now=clock.now())
    page = story.client(story.town.admin).get("/admin/incidents").text
    assert "重算状态灯时出错" in page and "办理定期职责时出错" in page
    english = story.client(story.town.admin, language="en").get("/admin/incidents").text
    assert "Failed while working out a light" in english and not set("灯责") & set(english)


def test_every_kind_of_failure_the_house_reports_has_words():
    shelves = [
        path
        for shelf in ("jobs", "engine", "models", "workflows", "web")
        for path in (MAPS.parent / shelf).rglob("*.py")
    ]
    told = {word for path in shelves for word in re.findall(r'\breport\([^)]*?\bwhat="(\w+)"', path.read_text("utf-8"))}
    assert told == set(WHAT)


def test_what_an_officer_tripped_over_is_marked_as_dealt_with(story, clock):
    with story.unit() as unit:
        incidents.report(unit.session, what="complete", error=ValueError("坏了"), now=clock.now())
    admin = story.client(story.town.admin)
    [incident] = rows_of(story, Incident)
    assert "标为已处理" in admin.get("/admin/incidents").text
    admin.post(f"/admin/incidents/{incident.id}/retry")
    assert rows_of(story, Incident)[0].resolved_by == "管理员"

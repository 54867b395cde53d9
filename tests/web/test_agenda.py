"""Stories told on 政策日程: what ran, what comes, what was missed, what would run, and who still owes what."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import event

from engine.door import publish_map, start_process
from models.calendar import announce_year
from models.duty import DUTIES, Duty, DutyRun, Period
from models.duty_hand import waiting_runs
from models.process import Process, WorkItem
from tests.cast import hire
from tests.jobs.small_duties import MAP
from tests.web.house import Story, open_story
from tests.web.places import row_counts
from tests.web.test_boards import counted
from tests.workflows.story import APPROVE, PlainRenderer
from workflows.project import register_and_open


@pytest.fixture
def story(database, clock, tmp_path) -> Story:
    return open_story(database, clock, tmp_path, renderer=PlainRenderer())


@pytest.fixture
def trial():
    """Declares a duty for one test and takes it back."""

    def declare(**how) -> Duty:
        how = {"months": 1, "day": 5, "work": lambda *_: (None, 2), "per": "district"} | how
        return DUTIES.setdefault("trial", Duty("trial", "试办职责", **how))

    yield declare
    DUTIES.pop("trial", None)


@pytest.fixture(autouse=True)
def reviews_alone(story):
    """A house whose only duty is the monthly review, so that a story counts what it began itself."""
    all_duties = dict(DUTIES)
    DUTIES.clear()
    DUTIES["progress_review"] = all_duties["progress_review"]
    yield
    DUTIES.clear()
    DUTIES.update(all_duties)


@pytest.fixture
def projects(story) -> dict[str, int]:
    """One project in each of two districts, and the month's review of both: items of other mechanisms stay away."""
    story.sweep()
    with story.unit() as unit:
        return {
            name: register_and_open(unit, owner_organ_id=organ, values=APPROVE | {"name": name}).id
            for name, organ in (("滨海电池项目", story.town.binhai), ("武清装备项目", story.town.wuqing))
        }


def page_of(story: Story, officer, address: str = "/agenda") -> str:
    answer = story.client(officer).get(address)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def rows(page: str, name: str) -> list[str]:
    """The words of the rows with this test id, without marks."""
    found = re.findall(rf'<(?:tr|li)[^>]*data-testid="{name}".*?</(?:tr|li)>', page, re.DOTALL)
    return [re.sub(r"\s+", " ", re.sub(r"<dialog.*?</dialog>|<[^>]+>", " ", each, flags=re.DOTALL)) for each in found]


def at(story: Story, clock, *day: int) -> None:
    clock.move(to=datetime(*day, tzinfo=UTC))
    story.sweep()


def runs(story: Story, word: str = "trial") -> dict[str, DutyRun]:
    with story.reading() as unit:
        found = unit.session.query(DutyRun).filter_by(duty=word).all()
    return {run.period: run for run in found if run.period != "begun"}


def test_a_duty_tells_its_article_whom_it_is_for_its_last_and_its_next_day(story, projects, clock):
    at(story, clock, 2026, 12, 21, 2)
    [row] = rows(page_of(story, story.town.li_ming), "duty-row")
    for words in ("月度进展填报", "第3条", "每个在推进的项目一件", "每月21日", "漏办的每一期都自动补办", "2026年12月 · 2 个项目",
                  "2027年1月", "2027年1月21日 星期四", "2027年放假安排未公布"):  # fmt: skip
        assert words in row, words
    assert "现在运行" not in row, "an officer may look"


def test_a_day_that_a_holiday_moved_is_marked_with_the_day_of_the_policy(story, trial, clock):
    trial(months=12, day=1, after=1, shift=True, catch_up="latest", per="city")
    with story.unit(story.town.zhao_qiang) as unit:
        announce_year(unit, year=2027, days={date(2027, 1, 1): (False, "元旦")}, source="通知")
    row = rows(page_of(story, story.town.li_ming), "duty-row")[-1]
    for words in (
        "次年1月1日，遇休息日顺延到下一个工作日",
        "2027年1月4日 星期一",
        "2027年1月1日 星期五休息，顺延",
        "只办最近一期",
        "还没有办过",
    ):
        assert words in row, words
    assert "未公布" not in row


def test_who_owes_what_is_grouped_by_organ_and_a_district_sees_its_own(story, projects, clock):
    at(story, clock, 2026, 12, 21, 2)
    at(story, clock, 2026, 12, 28, 2)
    city = rows(page_of(story, story.town.zhao_qiang), "owed-row")
    own = rows(page_of(story, story.town.li_ming), "owed-row")
    beside = rows(page_of(story, story.town.wang_fang), "owed-row")
    assert (len(city), len(own), len(beside)) == (2, 1, 1)
    for words in (
        "滨海新区",
        "未办 1 件 · 超期 1 件",
        "滨海电池项目（2026年12月）",
        "2026年12月",
        "2026年12月25日",
        "超期 3 天",
    ):
        assert words in own[0], words
    assert "武清" in beside[0]
    assert "滨海" not in beside[0]
    assert f'href="/tasks/{item_of(story, "滨海电池项目")}"' in page_of(story, story.town.li_ming)


def test_a_duty_is_done_only_when_nobody_owes_anything_of_it(story, projects, clock):
    def lamp(officer) -> str:
        return rows(page_of(story, officer), "duty-row")[0]

    at(story, clock, 2026, 12, 21, 2)
    assert "未办 2 件" in lamp(story.town.zhao_qiang)
    assert "未办 1 件" in lamp(story.town.li_ming), "a district is told of its own"
    at(story, clock, 2026, 12, 28, 2)
    assert "超期 2 件" in lamp(story.town.zhao_qiang)
    with story.unit() as unit:
        for item in unit.session.query(WorkItem).filter_by(state="ready"):
            item.state = "done"
    assert "已办结" in lamp(story.town.zhao_qiang)


def test_the_duty_that_comes_next_stands_first(story, projects, trial):
    trial(months=12, day=1, after=3, per="city")
    first, last = rows(page_of(story, story.town.zhao_qiang), "duty-row")
    assert "月度进展填报" in first
    assert "试办职责" in last


def item_of(story: Story, name: str) -> int:
    with story.reading() as unit:
        process = (
            unit.session.query(Process).filter(Process.key == "progress_review", Process.title.contains(name)).one()
        )
        return unit.session.query(WorkItem).filter_by(process_id=process.id).one().id


def test_of_each_organ_the_most_urgent_are_shown_and_the_rest_behind_a_link(story, clock):
    story.sweep()
    with story.unit() as unit:
        for number in range(5):
            register_and_open(unit, owner_organ_id=story.town.binhai, values=APPROVE | {"name": f"演示项目{number}"})
    at(story, clock, 2026, 12, 21, 2)
    page = page_of(story, story.town.zhao_qiang)
    assert len(rows(page, "owed-row")) == 3
    assert "共 5 件未办" in page
    [more] = re.findall(r'<a href="([^"]+)">另有 2 件', page)
    assert len(rows(page_of(story, story.town.zhao_qiang, more.split("#")[0]), "owed-row")) == 5
    assert rows(page_of(story, story.town.wang_fang, more.split("#")[0]), "owed-row") == []


def test_several_duties_may_share_one_map(story, trial, clock):
    def work(unit, period: Period, _cursor: int, _limit: int):
        start_process(unit, key="small", title="试办", organ_id=story.town.binhai, district_id=story.town.binhai,
                      business_key=f"trial:{period.name}:1", data={"organ": story.town.binhai})  # fmt: skip
        return None, 1

    with story.unit() as unit:
        publish_map(unit, xml=MAP.encode())
    trial(work=work)
    story.sweep()
    at(story, clock, 2026, 12, 5)
    [row] = rows(page_of(story, story.town.zhao_qiang), "owed-row")
    assert "报送" in row
    assert "2026年12月" in row
    assert "滨海新区" in row


def test_a_preview_says_what_would_run_for_whom_and_writes_nothing(story, projects, trial):
    trial(day=28)
    before = row_counts(story.house.database)
    page = page_of(story, story.town.zhao_qiang, "/agenda?until=2026-12-31")
    first, second, third = rows(page, "preview-row")
    assert "试办职责 · 2026年11月 · 16 个区" in first
    assert "2026年11月28日 星期六" in first
    assert "滨海新区" in first
    assert "月度进展填报 · 2026年12月 · 2 个项目" in second
    assert "滨海电池项目、武清装备项目" in second
    assert "2026年12月" in third
    own = rows(page_of(story, story.town.wang_fang, "/agenda?until=2026-12-31"), "preview-row")
    assert "1 个区" in own[0]
    assert "武清装备项目" in own[1]
    assert "滨海" not in " ".join(own)
    counts = row_counts(story.house.database)
    assert {name for name in counts if counts[name] != before[name]} <= {"sign_in"}, "nothing but three signing in"


@pytest.mark.parametrize("typed", ["", "明天", "2026-02-30", "2020-01-01", "2030-01-01"])
def test_a_day_that_cannot_be_previewed_stays_typed_with_a_word(story, typed):
    page = page_of(story, story.town.zhao_qiang, f"/agenda?until={typed}")
    assert 'data-testid="error-until"' in page
    assert f'name="until" value="{typed}"' in page
    assert rows(page, "preview-row") == []


def test_a_supervisor_runs_a_period_from_its_dialog_once(story, projects, trial, clock):
    trial(day=28)
    client = story.client(story.town.zhao_qiang)
    assert '<option value="2026-11" selected>2026年11月' in client.get("/agenda").get_data(as_text=True)
    done = client.post("/agenda/trial/run", data={"period": "2026-11"})
    assert (done.status_code, done.location) == (303, "/agenda")
    page = client.get("/agenda?until=2026-11-30").get_data(as_text=True)
    assert "2026年11月已启动，各事项随即建立。" in page
    assert "已提前启动，到日不再重复" in rows(page, "preview-row")[0]
    story.sweep()
    shown = rows(page_of(story, story.town.li_ming), "duty-row")
    assert "2026年11月 · 2 个区 · 赵强启动" in next(row for row in shown if "试办职责" in row)
    at(story, clock, 2026, 11, 29)
    assert set(runs(story)) == {"2026-11"}
    client = story.client(story.town.zhao_qiang)
    again = client.post("/agenda/trial/run", data={"period": "2026-11"})
    assert again.status_code == 409
    assert "同一期只办一次" in again.get_data(as_text=True)
    early = client.post("/agenda/trial/run", data={"period": "2027-02"})
    assert "2027年2月要到2027-02-01才能办理" in early.get_data(as_text=True)
    assert client.post("/agenda/trial/run", data={"period": "昨天"}).status_code == 422
    assert client.post("/agenda/other/run", data={"period": "2026-11"}).status_code == 404


def test_nobody_but_a_supervisor_of_the_city_runs_or_decides(story, trial, clock):
    trial(catch_up="ask")
    story.sweep()
    at(story, clock, 2027, 2, 10)
    with story.unit() as unit:
        district = hire(unit, "区督办", "supervisor", story.town.binhai)
        missed = [run.id for run in waiting_runs(unit.session)]
    for officer in (story.town.li_ming, story.town.chen_jing, story.town.sun_li, story.town.admin, district):
        client = story.client(officer)
        assert client.post("/agenda/trial/run", data={"period": "2027-02"}).status_code == 403
        assert client.post(f"/agenda/runs/{missed[0]}/accept").status_code == 403
        assert client.post(f"/agenda/runs/{missed[0]}/drop", data={"reason": "不办"}).status_code == 403
    assert story.client(story.town.auditor).get("/agenda").status_code == 403


def test_missed_periods_wait_on_the_page_until_somebody_decides(story, trial, clock):
    trial(catch_up="ask")
    story.sweep()
    at(story, clock, 2027, 2, 10)
    client = story.client(story.town.zhao_qiang)
    asked = rows(client.get("/agenda").get_data(as_text=True), "asked-row")
    assert ["2026年12月" in asked[0], "2027年1月" in asked[1], len(asked)] == [True, True, 2]
    assert "应于 2026年12月5日 办理" in asked[0]
    assert "补办" not in rows(page_of(story, story.town.li_ming), "asked-row")[0]
    missed = runs(story)
    empty = client.post(f"/agenda/runs/{missed['2026-12'].id}/drop", data={"reason": " "})
    assert empty.status_code == 422
    assert "请写明不补办的原因" in empty.get_data(as_text=True)
    assert client.post(f"/agenda/runs/{missed['2026-12'].id}/drop", data={"reason": "已有书面材料"}).status_code == 303
    assert client.post(f"/agenda/runs/{missed['2027-01'].id}/accept").status_code == 303
    assert client.post(f"/agenda/runs/{missed['2027-01'].id}/accept").status_code == 409
    story.sweep()
    assert rows(client.get("/agenda").get_data(as_text=True), "asked-row") == []
    found = runs(story)
    assert [found[name].made for name in ("2026-12", "2027-01", "2027-02")] == [0, 2, 2]
    assert found["2026-12"].reason == "已有书面材料"


def test_a_house_without_duties_or_debts_says_so(story):
    kept = dict(DUTIES)
    DUTIES.clear()
    try:
        page = page_of(story, story.town.zhao_qiang)
    finally:
        DUTIES.update(kept)
    assert "没有登记定期职责" in page
    assert "没有欠办的事项" in page
    assert "到这一天为止没有要运行的职责" in page


def test_periods_and_days_are_told_in_english_too(story, projects, clock):
    at(story, clock, 2026, 12, 21, 2)
    page = story.client(story.town.li_ming, language="en").get("/agenda").get_data(as_text=True)
    [row] = rows(page, "duty-row")
    assert "12/2026" in row
    assert "21 Jan 2027" in row
    assert "Binhai New Area" in rows(page, "owed-row")[0]


def test_the_page_asks_as_much_of_a_large_house_as_of_a_small_one(story, clock):
    story.sweep()

    def asked() -> int:
        client, statements = story.client(story.town.zhao_qiang), []
        client.get("/agenda")
        note = lambda _conn, _cursor, statement, *_rest: statements.append(statement)  # noqa: E731
        event.listen(story.house.database.reading, "before_cursor_execute", note)
        client.get("/agenda")
        event.remove(story.house.database.reading, "before_cursor_execute", note)
        return len([each for each in statements if each.startswith("SELECT")])

    few = asked()
    with story.unit() as unit:
        for number in range(12):
            register_and_open(unit, owner_organ_id=story.town.binhai, values=APPROVE | {"name": f"演示项目{number}"})
    clock.move(by=timedelta(days=30))
    story.sweep()
    assert asked() <= few + 1


def test_a_duty_answers_for_whom_it_would_run_in_its_own_words(story, trial):
    from models.duty import Subject

    def would(_unit, period: Period) -> list[Subject]:
        return [Subject(story.town.binhai, f"抽中的{period.name}", (story.town.binhai,))]

    trial(day=28, would=would)
    assert "抽中的2026-11" in rows(page_of(story, story.town.li_ming), "preview-row")[0]
    assert "0 个区" in rows(page_of(story, story.town.wang_fang), "preview-row")[0]


def test_the_page_is_reached_from_the_visitors_menu_where_the_bars_have_no_room(story):
    for officer in (story.town.zhao_qiang, story.town.li_ming):
        page = page_of(story, officer)
        assert '<a class="who-link" href="/agenda">' in page
        assert '<a class="who-link" href="/tasks">' not in page, "it stands in the bottom bar"
    assert "/agenda" not in re.findall(
        r'href="([^"]+)"', story.client(story.town.admin).get("/admin/").get_data(as_text=True)
    )


def test_a_supervisor_meets_missed_periods_where_the_day_begins(story, trial, clock):
    trial(catch_up="ask")
    story.sweep()
    assert "漏办待决定" not in page_of(story, story.town.zhao_qiang, "/")
    at(story, clock, 2027, 2, 10)
    told = rows(page_of(story, story.town.zhao_qiang, "/"), "asked-row")
    assert len(told) == 2
    assert [row.split("补办")[0].strip() for row in rows(page_of(story, story.town.zhao_qiang), "asked-row")] == [
        row.strip() for row in told
    ]
    assert "2026年12月" in told[0]
    assert "试办职责 应于 2026年12月5日 办理，到期时系统没有运行" in told[0]
    home = page_of(story, story.town.zhao_qiang, "/")
    assert 'href="/agenda#asked" data-testid="decide-missed"' in home
    assert 'id="asked"' in page_of(story, story.town.zhao_qiang)
    story.client(story.town.zhao_qiang).post(f"/agenda/runs/{runs(story)['2026-12'].id}/accept")
    assert len(rows(page_of(story, story.town.zhao_qiang, "/"), "asked-row")) == 1


def test_whoever_may_not_decide_is_not_asked_at_home(story, trial, clock):
    trial(catch_up="ask")
    story.sweep()
    at(story, clock, 2027, 2, 10)
    with story.unit() as unit:
        district = hire(unit, "区督办", "supervisor", story.town.binhai)
    for officer in (story.town.sun_li, story.town.chen_jing, district):
        assert "漏办待决定" not in page_of(story, officer, "/")


def test_missed_periods_cost_the_first_page_one_question_however_many(story, trial, clock):
    few = counted(story, story.town.zhao_qiang, "/")
    others = counted(story, story.town.sun_li, "/")
    trial(catch_up="ask")
    story.sweep()
    at(story, clock, 2027, 6, 10)
    assert len(rows(page_of(story, story.town.zhao_qiang, "/"), "asked-row")) == 6
    assert counted(story, story.town.zhao_qiang, "/") == few
    assert counted(story, story.town.sun_li, "/") == others == few - 1

"""One half-year in a browser: 月报, 通报, 核查, a finding, 整改, 销号, 考核, 公示, 约谈 – every act of every person on her own page."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from werkzeug.serving import make_server

from models.clock import local_day
from models.incident import Incident
from models.organ import close_organ, organs
from models.session import Limits, open_sign_in
from models.unit import Actor
from notices.pool import RenderPool
from tests.web.house import make_app
from tests.web.ledger_desk import PNG
from tests.web.story_browser import Person, Served
from tests.web.test_looks import chromium  # noqa: F401 - a fixture
from tests.web.test_offline_form import draw
from tests.web.test_paper_story import words_of
from tests.workflows.assessing import small_scheme, use_scheme
from tests.workflows.staff import Staff, hire_staff, put_money
from tests.workflows.story import APPROVE, Story

pytestmark = pytest.mark.browser
PROJECT = "演示氢能装备基地"
SCORED = "各区招商引资考核"
PROMISE = "年底前再到位1400万元"
BINHAI = "滨海新区"
OTHERS = {"120114": "6000", "120115": "5500", "120112": "3000", "120113": "1500"}  # 万元 recognised before
TARGET = "5000"
DECEMBER = datetime(2026, 11, 30, 16, 5, tzinfo=UTC)  # 00:05 on the 1st in Tianjin
JANUARY = datetime(2026, 12, 31, 16, 5, tzinfo=UTC)
SCORING = datetime(2027, 1, 25, 1, 0, tzinfo=UTC)  # when the half-year's assessment opens


@dataclass
class House:
    """A small town served by a thread of this very process, so that its clock can be moved; people reach it by Chromium."""

    story: Story
    staff: Staff
    address: str
    browser: Browser
    width: int
    people: dict[int, Person] = field(default_factory=dict)
    complaints: list[str] = field(default_factory=list)
    looked_at: set[str] = field(default_factory=set)

    def person(self, actor: Actor, width: int = 0) -> Person:
        """The actor's browser of this day, signed in."""
        number = actor.officer_id or 0
        if number not in self.people:
            someone = Person(self.browser, Served(self.address, {}), width or self.width)
            someone.complaints, someone.looked_at = self.complaints, self.looked_at
            with self.story.unit(actor) as unit:
                token = open_sign_in(unit, officer_id=number, limits=Limits.of(self.story.house.settings))
            someone.page.context.add_cookies([{"name": "duban", "value": token, "url": self.address}])
            someone.page.goto(self.address)
            self.people[number] = someone
        return self.people[number]

    def on_a_phone(self, actor: Actor) -> Person:
        """The same actor, who left her desk."""
        self.people.pop(actor.officer_id or 0).page.context.close()
        return self.person(actor, 390)

    def pass_time(self, *, to: datetime | None = None, days: int = 0) -> None:
        """Everybody goes home; the clock moves on and does what is due then, and what that brings."""
        for person in self.people.values():
            person.page.context.close()
        self.people.clear()
        self.story.sweep(to=to, by=timedelta(days=days))
        self.settle()

    def settle(self) -> None:
        """The jobs' next two minutes: messages arrive, papers are set, sealed and delivered."""
        for _ in range(2):
            self.story.sweep(by=timedelta(minutes=1))

    def does(self, actor: Actor, about: str, title: str, **answers: str | list[str]) -> None:
        """One task on its page."""
        person = self.person(actor)
        person.take(about, title)
        person.look(f"half-{title}")
        person.complete(**answers)

    def signs(self, head: Actor, leader: Actor, about: str) -> None:
        """核稿 and 签发 of the one paper about this, which is then set and delivered."""
        self.does(head, about, "核稿", agreed="是")
        self.does(leader, about, "签发", agreed="是")
        self.settle()

    def paper_of(self, actor: Actor, title: str) -> str:
        """The words of the newest paper of this title that reached the actor, as its PDF has them."""
        person = self.person(actor)
        person.go("/notices")
        row = person.page.get_by_test_id("notice-row").filter(has_text=title).first
        row.get_by_role("link", name=title).first.click()
        person.look(f"half-paper-{title}")
        return words_of(person.fetch(person.page.get_by_test_id("open-pdf")))

    def today(self) -> date:
        return local_day(self.story.clock.now())


@pytest.fixture
def house(chromium: Browser, database, clock, tmp_path: Path, request) -> Iterator[House]:  # noqa: F811
    story = Story(database, clock, tmp_path)
    story.house = replace(story.house, renderer=RenderPool(1))
    staff = hire_staff(story)
    keep_five_districts(story)
    for place, (code, amount) in enumerate(OTHERS.items()):
        values = APPROVE | {"name": f"演示项目{place + 1}", "fai_code": "", "investor_name": f"演示投资{place}"}
        number = story.register(values, owner=story.town[code], by=story.town.zhao_qiang)
        put_money(story, number, amount, date(2026, 5, 20), standing="recognised")
    story.register(APPROVE | {"name": PROJECT})
    use_scheme(story, small_scheme(typed=False))
    story.sweep()  # the duties begin
    server = make_server("127.0.0.1", 0, make_app(story.house), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    width = 390 if request.node.callspec.params["database_url"] == "postgres" else 1280  # both are walked, once each
    yield House(story, staff, f"http://127.0.0.1:{server.port}", chromium, width)
    server.shutdown()
    thread.join()
    server.server_close()


def keep_five_districts(story: Story) -> None:
    """The others ended long ago, so that the story stays small."""
    kept = {"120116", *OTHERS}
    with story.unit() as unit:
        for organ in organs(unit.session, unit.today):
            if organ.kind == "district" and organ.code not in kept:
                close_organ(unit, organ_id=organ.id, last_day=date(2025, 6, 30))


@pytest.mark.parametrize("database_url", ["sqlite", pytest.param("postgres", marks=pytest.mark.soak)], indirect=True)
def test_a_half_year_from_the_monthly_report_to_the_talk(house: House, tmp_path: Path):
    town, staff = house.story.town, house.staff
    (tmp_path / "进账单.png").write_bytes(PNG)
    the_desk_sets_targets(house.person(town.zhao_qiang))
    money_arrives(house.person(town.li_ming))
    house.pass_time(to=DECEMBER)
    the_district_reports(house)
    house.pass_time(to=DECEMBER + timedelta(days=7))
    the_bulletin_goes_out(house)
    house.pass_time(to=JANUARY)
    the_district_checks_itself(house, tmp_path / "进账单.png")
    two_reviewers_judge(house)
    someone_goes_there(house)
    house.settle()
    house.does(town.chen_jing, BINHAI, "问题清单签认", verified_accepted="是")
    house.settle()
    house.signs(staff.desk_head, staff.desk_leader, BINHAI)
    the_report_says_what_was_recognised(house)
    the_finding_is_put_right(house, tmp_path / "进账单.png")
    house.pass_time(to=SCORING)
    the_half_year_is_scored(house)
    house.pass_time(days=10)
    the_result_is_final(house)
    the_leader_talks_with_the_last(house, tmp_path / "进账单.png")
    assert house.story.all(Incident) == []
    assert house.complaints == []


def the_desk_sets_targets(desk: Person) -> None:
    page = desk.page
    page.goto(f"{desk.house.address}/targets?year=2026")
    rows = page.get_by_test_id("target-row")
    expect(rows).to_have_count(5)
    for place in range(5):
        rows.nth(place).locator("input").first.fill(TARGET)
    desk.look("half-targets")
    page.get_by_test_id("save").click()
    expect(page.get_by_test_id("flash")).to_be_visible()


def money_arrives(officer: Person) -> None:
    """申报: two amounts of November."""
    for amount, on in (("3000", "2026-11-10"), ("1000", "2026-11-20")):
        officer.open_project(PROJECT)
        officer.page.get_by_test_id("add-entry").click()
        form = officer.page.get_by_test_id("form")
        form.locator("[name=kind]").select_option("funds")
        form.locator("[name=amount]").fill(amount)
        form.locator("[name=on]").fill(on)
        officer.look("half-money-form")
        form.get_by_test_id("submit").click()
        expect(officer.page.get_by_test_id("flash")).to_contain_text("已登记")


def the_district_reports(house: House) -> None:
    """区月报: the four blocks are there already; checked, reviewed, signed."""
    town = house.story.town
    house.does(town.li_ming, BINHAI, "核对月报", blocks_checked="是")
    house.does(town.chen_jing, BINHAI, "审核月报", agreed="是")
    house.does(house.staff.binhai_leader, BINHAI, "签发月报", agreed="是")
    page = house.person(town.li_ming).page
    page.goto(f"{house.address}/monthly-reports")
    page.get_by_test_id("report-row").filter(has_text=BINHAI).get_by_role("link").first.click()
    expect(page.locator("main")).to_contain_text("4,000.00")
    house.person(town.li_ming).look("half-report")


def the_bulletin_goes_out(house: House) -> None:
    """月通报: figures frozen, whoever did not report is named, each cell drills to what is behind it."""
    town, staff = house.story.town, house.staff
    house.does(town.zhao_qiang, "月通报", "撰写通报文字", prepared_words="是")
    house.signs(staff.desk_head, staff.desk_leader, "通报")
    officer = house.person(town.li_ming)
    page = officer.page
    page.goto(f"{house.address}/bulletins")
    page.get_by_test_id("bulletin-row").get_by_role("link").first.click()
    officer.look("half-bulletin")
    row = page.get_by_test_id("bulletin-line").filter(has_text=BINHAI).first
    for printed in ("5,000.00", "4,000.00", "80.0%", "-11.7"):
        expect(row).to_contain_text(printed)
    late = page.locator("main").get_by_text("津南区、北辰区、武清区、宝坻区", exact=True)
    expect(late).to_be_visible()
    row.get_by_role("link", name="4,000.00", exact=True).first.click()
    expect(page.get_by_test_id("cell-row")).to_have_count(2)
    officer.look("half-cell")
    words = house.paper_of(town.li_ming, "招商引资")
    assert "4,000.00" in words
    assert "津南区、北辰区、武清区、宝坻区" in words


def the_district_checks_itself(house: House, slip: Path) -> None:
    """自查: each amount of the half-year with its bank slip, handed in and signed by the head."""
    town = house.story.town
    officer = house.person(town.li_ming)
    page = officer.page
    for place in range(2):
        opens_the_verification(officer)
        page.get_by_test_id("entry-row").nth(place).get_by_test_id("voucher").click()
        form = page.get_by_test_id("form")
        form.locator("[name=kind]").select_option("bank")
        form.locator("[name=files]").set_input_files(slip)
        officer.look("half-voucher")
        form.get_by_test_id("submit").click()
        expect(page.get_by_test_id("flash")).to_be_visible()
    house.does(town.li_ming, BINHAI, "自查", self_complete="是")
    house.does(town.chen_jing, BINHAI, "自查签认", self_agreed="是")


def opens_the_verification(person: Person) -> None:
    page = person.page
    page.goto(f"{person.house.address}/verifications")
    page.get_by_test_id("district-row").filter(has_text=BINHAI).get_by_role("link").first.click()


def two_reviewers_judge(house: House) -> None:
    """网上核查: of the second amount the slip shows only 600; another reviewer agrees."""
    first, second = house.story.town.zhao_qiang, house.staff.second_supervisor
    desk = house.person(first)
    opens_the_verification(desk)
    rows = desk.page.get_by_test_id("entry-row")
    for place in range(2):
        row = rows.nth(place)
        if "1,000.00" in row.inner_text():
            row.locator("[name^=amount_]").fill("600")
            row.locator("[name^=reason_]").fill("进账单只有600万元")
        else:
            row.locator("[name^=full_]").check()
    desk.look("half-judging")
    desk.page.get_by_test_id("review").click()
    house.does(first, BINHAI, "网上初核", first_complete="是")
    other = house.person(second)
    opens_the_verification(other)
    for box in other.page.locator("[name^=verdict_][value=agree]").all():
        box.check()
    other.look("half-agreeing")
    other.page.get_by_test_id("review").click()
    house.does(second, BINHAI, "网上复核", second_complete="是")


def someone_goes_there(house: House) -> None:
    """现场核查 on a phone: three ways of looking, and two signatures drawn on the screen."""
    desk = house.story.town.zhao_qiang
    phone = house.person(desk, 390) if house.width == 390 else house.on_a_phone(desk)
    phone.take(PROJECT, "现场核查")
    page = phone.page
    page.fill("[name=site_report]", "项目经理汇报工程和资金情况。")
    page.locator("[name=site_papers]").first.check()
    for name in ("site_exists", "site_investment_supported", "site_money_matches"):
        page.locator(f"[name={name}][value=true]").check()
    page.select_option("[name=site_slip_stamped]", "是")
    for name, said in (
        ("site_inspectors", "赵强、马超"),
        ("company_signer", "孟凡 总经理"),
        ("district_signer", "李明"),
    ):
        page.fill(f"[name={name}]", said)
    for signature in ("company_signature", "district_signature"):
        draw(page, signature)
    phone.look("half-visit")
    page.get_by_test_id("submit").click()
    expect(page.get_by_test_id("finished")).to_be_visible()


def the_report_says_what_was_recognised(house: House) -> None:
    """核查报告: declared, recognised and reduced, as on the page."""
    paper = house.paper_of(house.story.town.li_ming, "核查报告")
    officer = house.person(house.story.town.li_ming)
    opens_the_verification(officer)
    sums = officer.page.get_by_test_id("sum-row").first
    for figure in ("4,000.00", "3,600.00", "400.00"):
        expect(sums).to_contain_text(figure)
        assert figure in paper, figure
    expect(officer.page.get_by_test_id("problem-row")).to_contain_text("进账单只有600万元")


def the_finding_is_put_right(house: House, slip: Path) -> None:
    """整改: the 整改通知书 of the finding, receipt, plan, report, another organ's review, 销号."""
    town = house.story.town
    for actor, title, answers in (
        (town.li_ming, "签收回执", {"signed_by": "办公室", "responsible": "张涛 副区长", "contact": "022-65370000"}),
        (town.li_ming, "报送整改方案", {"measures": "补齐进账单。", "responsible": "张涛",
                                "finish_on": (house.today() + timedelta(days=10)).isoformat()}),
        (town.li_ming, "报送整改报告", {"result_1": "进账单已补齐。", "evidence_1": str(slip), "responsible": "张涛"}),
        (town.han_xue, "复核", {"passed_1": "是", "opinion": "凭证已核实。"}),
    ):  # fmt: skip
        house.does(actor, PROJECT, title, **answers)
        house.settle()
    officer = house.person(town.li_ming)
    officer.open_project(PROJECT)
    expect(officer.page.locator("#notices li").filter(has_text="整改通知书")).to_contain_text("已销号")


def the_half_year_is_scored(house: House) -> None:
    """考核: what was recognised is what counts; the sheet is checked, agreed to and published."""
    town, staff = house.story.town, house.staff
    desk = house.person(town.zhao_qiang)
    desk.page.goto(f"{house.address}/assessments")
    desk.page.get_by_role("link", name="2026年下半年考核（各区）").click()
    row = desk.page.get_by_test_id("score-row").filter(has_text=BINHAI)
    expect(row).to_contain_text("后三位")
    row.get_by_role("link").first.click()
    expect(desk.page.get_by_test_id("formula")).to_contain_text("得100×3,600.00÷5,000.00＝72.00分")
    house.does(town.zhao_qiang, SCORED, "评分表核对", sheet_right="是")
    house.does(staff.desk_leader, SCORED, "初评", first_agreed="是")
    house.signs(staff.desk_head, staff.desk_leader, "公示")


def the_result_is_final(house: House) -> None:
    """终评 after the days of 公示, and the result sent to all."""
    staff = house.staff
    house.does(staff.desk_leader, SCORED, "终评", final_agreed="是")
    house.signs(staff.desk_head, staff.desk_leader, "考核结果")
    paper = house.paper_of(house.story.town.li_ming, "考核结果的通报")
    assert "72.00" in paper


def the_leader_talks_with_the_last(house: House, record: Path) -> None:
    """约谈: the rule's list, reviewed and approved; summoned in time, talked with, promised, kept, looked into."""
    town, staff = house.story.town, house.staff
    house.does(town.zhao_qiang, "约谈名单", "复核约谈名单", list_checked="是")
    house.does(staff.city_head, "约谈名单", "批准约谈名单", listed="是")
    house.settle()
    on = house.today() + timedelta(days=10)
    house.does(staff.city_officer, BINHAI, "安排约谈（考核）", summons_on=on.isoformat(), summons_time="15:00",
               summons_place="市政府第二会议室")  # fmt: skip
    house.settle()
    house.signs(staff.city_head, town.sun_li, BINHAI)
    paper = house.paper_of(town.li_ming, "约谈通知书")
    for said in (
        "完成3,600.00万元",
        "72.0%",
        "第3位，为后三位",
        f"{on.year}年{on.month}月{on.day}日",
        "市政府第二会议室",
    ):
        assert said in paper, said
    house.pass_time(days=10)
    due = (house.today() + timedelta(days=30)).isoformat()
    house.does(staff.city_officer, BINHAI, "约谈记录（考核）", recorder_name="曹雪", talk_present="市长，滨海新区区长",
               talk_issues="完成率列后三位。", talk_statement="逐项倒排。", talk_demands="年内补上。",
               commitment_1=PROMISE, commitment_owner_1="张涛 副区长", commitment_due_1=due, signed_record=str(record))  # fmt: skip
    house.settle()
    house.does(town.li_ming, PROMISE, "兑现承诺", commitment_result="已到位。", commitment_proof=str(record))
    house.settle()
    desk = house.person(town.zhao_qiang)
    desk.take(BINHAI, "复查承诺事项")
    expect(desk.page.locator("[name=kept_1]").first).to_be_attached()
    expect(desk.page.locator("[name=kept_2]")).to_have_count(0)  # nothing else was promised
    desk.complete(kept_1="是")
    page = house.person(town.li_ming).page
    page.goto(f"{house.address}/admonition")
    page.get_by_test_id("talks-row").get_by_role("link").first.click()
    expect(page.get_by_test_id("talk-row")).to_have_count(1)  # of the three that were called she sees her own
    expect(page.get_by_test_id("talk-row")).to_contain_text("办结")
    expect(page.get_by_test_id("commitment-row")).to_contain_text(PROMISE)
    house.person(town.li_ming).look("half-talks")

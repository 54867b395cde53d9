"""A project from its registration to the list: who may see it, what it lacks, and who saved first."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from models.amount import entries, recognise_amount, record_amount
from models.attachment import KeptFile, store_attachment
from models.audit import AuditEntry
from models.clock import FrozenClock
from models.database import Database
from models.milestone import conflicts, milestones, set_milestone
from models.process import WorkItem
from models.project import (
    apply_changes,
    assign_officer,
    find_project,
    mark_state,
    move_stage,
    register_project,
    update_project,
)
from models.project_list import ProjectFilter, list_projects, missing_of, project_card, project_figures
from models.refusal import Invalid, NotDue, NotFound, NotPermitted, Outdated
from models.totals import totals
from models.unit import CLOCK, Unit, open_reading, open_unit
from tests.cast import Town, make_town

BARE = {"name": "氢能重卡产业园", "stage": "reserve"}
WHOLE = BARE | {
    "capital_nature": "内资", "source_region": "北京", "investor_name": "亿华通动力科技有限公司",
    "investor_uscc": "91110108MA01ABCD2K", "total_investment": Decimal(32000),
}  # fmt: skip


@pytest.fixture
def town(database: Database, clock: FrozenClock) -> Town:
    with open_unit(database, CLOCK, clock.now()) as unit:
        return make_town(unit)


@pytest.fixture
def whole() -> dict[str, object]:
    from models.codes import check_character

    body = "91110108MA01ABCD2"
    return WHOLE | {"investor_uscc": body + check_character(body)}


def test_a_project_with_gaps_waits_to_be_completed_and_then_runs(
    database: Database, clock: FrozenClock, town: Town, whole: dict[str, object]
) -> None:
    with open_unit(database, town.li_ming, clock.now()) as unit:
        project = register_project(unit, owner_organ_id=town.teda, values=BARE)
        assert (project.project_no, project.state, project.light) == ("SJ20261124001", "incomplete", "grey")
        assert (project.owner_organ_id, project.district_id) == (town.teda, town.binhai)
        lacking = [field.key for field in missing_of(unit.session, project, unit.today)]
        assert lacking == ["capital_nature", "source_region", "investor_name", "total_investment_yi"]
    with open_unit(database, town.chen_jing, clock.now()) as unit:
        changed = update_project(unit, project.id, version=1, values=whole)
        assert changed == ["capital_nature", "investor_name", "investor_uscc", "source_region", "total_investment"]
        assert find_project(unit, project.id).state == "running"


def test_only_what_changed_is_saved_and_traced(
    database: Database, clock: FrozenClock, town: Town, whole: dict[str, object]
) -> None:
    with open_unit(database, town.li_ming, clock.now()) as unit:
        project_id = register_project(unit, owner_organ_id=town.binhai, values=whole).id
    clock.move(by=timedelta(hours=1))
    with open_unit(database, town.li_ming, clock.now()) as unit:
        assert update_project(unit, project_id, version=1, values=whole) == []
        assert update_project(unit, project_id, version=1, values={"total_investment_yi": "3.5亿"}) == [
            "total_investment"
        ]
        project = find_project(unit, project_id)
        assert (project.total_investment, project.version, project.last_updated_at) == (Decimal(35000), 2, clock.now())
        assert project.turns_at == clock.now()  # the light is due to be looked at
    with open_reading(database, CLOCK, clock.now()) as unit:
        line = unit.session.query(AuditEntry).filter_by(act="project.update").one()
        assert line.detail == {"total_investment": ["32000", "35000"]}


def test_who_saves_second_is_told_and_nothing_is_lost(
    database: Database, clock: FrozenClock, town: Town, whole: dict[str, object]
) -> None:
    with open_unit(database, town.li_ming, clock.now()) as unit:
        project_id = register_project(unit, owner_organ_id=town.binhai, values=whole).id
    with open_unit(database, town.li_ming, clock.now()) as unit:
        update_project(unit, project_id, version=1, values={"source_region": "上海"})
    with pytest.raises(Outdated), open_unit(database, town.chen_jing, clock.now()) as unit:
        update_project(unit, project_id, version=1, values={"source_region": "广东"})
    with open_reading(database, town.chen_jing, clock.now()) as unit:
        assert find_project(unit, project_id).source_region == "上海"


def test_a_required_field_cannot_be_emptied_nor_dates_run_backwards(
    database: Database, clock: FrozenClock, town: Town, whole: dict[str, object]
) -> None:
    with open_unit(database, town.li_ming, clock.now()) as unit:
        project = register_project(unit, owner_organ_id=town.binhai, values=whole)
        with pytest.raises(Invalid) as refused:
            apply_changes(
                unit,
                project,
                {
                    "investor_name": "",
                    "plan_start_on": "2026-12-01",
                    "plan_finish_on": "2026-11-01",
                    "fixed_asset": Decimal(99999),
                },
            )
        assert set(refused.value.fields) == {"investor_name", "plan_finish_on", "fixed_asset"}
        with pytest.raises(Invalid) as refused:
            apply_changes(
                unit, project, {"signed_on": "2027-01-01", "investor_uscc": "123", "total_investment_yi": "约3亿"}
            )
        assert set(refused.value.fields) == {"signed_on", "investor_uscc", "total_investment_yi"}
        assert project.plan_start_on is None


def test_extras_keep_the_rest_of_the_ledger_by_its_own_keys(
    database: Database, clock: FrozenClock, town: Town, whole: dict[str, object]
) -> None:
    with open_unit(database, town.li_ming, clock.now()) as unit:
        values = whole | {"jobs": "1,200人", "exp_output_yi": "12.5", "carrier_id": "氢能谷"}
        project_id = register_project(unit, owner_organ_id=town.binhai, values=values).id
    with open_unit(database, town.li_ming, clock.now()) as unit:
        project = find_project(unit, project_id)
        assert project.extras == {"jobs": 1200, "exp_output_yi": "12.5", "carrier_id": "氢能谷"}
        assert apply_changes(unit, project, {"carrier_id": ""}) == ["carrier_id"]
        assert project.extras == {"jobs": 1200, "exp_output_yi": "12.5"}


def test_a_district_sees_its_own_a_city_office_all_a_department_what_it_was_asked(
    database: Database, clock: FrozenClock, town: Town, whole: dict[str, object]
) -> None:
    with open_unit(database, town.li_ming, clock.now()) as unit:
        project_id = register_project(unit, owner_organ_id=town.teda, values=whole).id
    for actor in (town.li_ming, town.chen_jing, town.zhao_qiang, town.sun_li):
        with open_reading(database, actor, clock.now()) as unit:
            assert find_project(unit, project_id).name == "氢能重卡产业园"
            assert [line.id for line in list_projects(unit, ProjectFilter()).lines] == [project_id]
    for actor in (town.wang_fang, town.zhou_wei, town.admin, town.auditor):
        with open_reading(database, actor, clock.now()) as unit:
            with pytest.raises(NotFound):
                find_project(unit, project_id)
            assert list_projects(unit, ProjectFilter()).lines == ()
            assert project_figures(unit, ProjectFilter()).count == 0
    with open_unit(database, CLOCK, clock.now()) as unit:
        ask(unit, project_id, town["rsj"], town.binhai)
    with open_reading(database, town.zhou_wei, clock.now()) as unit:
        assert project_card(unit, project_id).line.owner_zh == "天津经济技术开发区"


def ask(unit: Unit, project_id: int, organ_id: int, district_id: int) -> None:
    from models.process import Definition, insert_process

    definition = Definition(key="project", version=1, hash="0" * 64, xml="", published_at=unit.now, published_by="系统")
    unit.session.add(definition)
    unit.session.flush()
    process_id = insert_process(
        unit.session,
        key="project",
        definition_id=definition.id,
        project_id=project_id,
        title="氢能",
        organ_id=district_id,
        district_id=district_id,
        state=b"",
        started_at=unit.now,
    )
    unit.session.add(
        WorkItem(
            process_id=process_id,
            project_id=project_id,
            token="t",
            node="n",
            name="人才落户",
            form="f",
            role="officer",
            organ_id=organ_id,
            created_at=unit.now,
            state="done",
        )
    )


def test_beside_is_not_inside(database: Database, clock: FrozenClock, town: Town, whole: dict[str, object]) -> None:
    with open_unit(database, town.li_ming, clock.now()) as unit:
        project_id = register_project(unit, owner_organ_id=town.binhai, values=whole).id
    for actor in (town.wang_fang, town.zhou_wei, town.sun_li, town.zhao_qiang):
        with pytest.raises(NotPermitted), open_unit(database, actor, clock.now()) as unit:
            update_project(unit, project_id, version=1, values={"source_region": "上海"})
    with pytest.raises(NotPermitted), open_unit(database, town.wang_fang, clock.now()) as unit:
        register_project(unit, owner_organ_id=town.binhai, values=whole)


def test_stages_states_and_the_people_in_charge(
    database: Database, clock: FrozenClock, town: Town, whole: dict[str, object]
) -> None:
    with open_unit(database, town.li_ming, clock.now()) as unit:
        project_id = register_project(unit, owner_organ_id=town.binhai, values=whole).id
        assign_officer(unit, project_id, officer_id=town.li_ming.officer_id, leader_id=town.sun_li.officer_id)
        move_stage(unit, project_id, "sign")
        mark_state(unit, project_id, state="suspended", reason="等待用地指标")
        assert find_project(unit, project_id).state == "suspended"
        mark_state(unit, project_id, state="running")
        assert find_project(unit, project_id).state == "incomplete"  # 签约 asks for more than 储备 did
    with open_unit(database, town.zhao_qiang, clock.now()) as unit:
        mark_state(unit, project_id, state="withdrawn", reason="投资方撤资")
        assert project_card(unit, project_id).line.officer == "李明"


def test_money_is_dated_entries_and_a_reduction_is_a_line_of_its_own(
    database: Database, clock: FrozenClock, town: Town, whole: dict[str, object]
) -> None:
    with open_unit(database, town.li_ming, clock.now()) as unit:
        project_id = register_project(unit, owner_organ_id=town.binhai, values=whole).id
        record_amount(unit, project_id, kind="plan", amount=Decimal(8000), on=date(2026, 1, 1))
        first = record_amount(unit, project_id, kind="investment", amount=Decimal("1500.5"), on=date(2026, 3, 31))
        record_amount(unit, project_id, kind="investment", amount=Decimal(2000), on=date(2025, 12, 31))
        record_amount(unit, project_id, kind="funds", amount=Decimal(700), on=date(2026, 3, 1))
        for wrong in ({"amount": Decimal(0)}, {"amount": Decimal(-1)}, {"on": date(2026, 12, 1)}, {"kind": "gift"}):
            with pytest.raises(Invalid) as refused:
                record_amount(
                    unit, project_id, **({"kind": "funds", "amount": Decimal(1), "on": date(2026, 3, 1)} | wrong)
                )
            assert set(refused.value.fields) == set(wrong)
    clock.move(by=timedelta(days=1))
    with open_unit(database, town.li_ming, clock.now()) as unit:
        record_amount(unit, project_id, kind="plan", amount=Decimal(6000), on=date(2026, 1, 1))  # 调整计划
    with open_unit(database, town.zhao_qiang, clock.now()) as unit:
        with pytest.raises(Invalid):
            recognise_amount(unit, first, amount=Decimal(1500))
        recognise_amount(unit, first, amount=Decimal(1400), reason="发票重复")
        with pytest.raises(NotDue):
            recognise_amount(unit, first, amount=Decimal(1400), reason="发票重复")
        sums = totals(unit.session, [project_id, 999], 2026)
        assert sums[project_id].year_plan == Decimal(6000)
        assert (sums[project_id].invested_year, sums[project_id].invested_all) == (Decimal(1400), Decimal(3400))
        assert (sums[project_id].funds_year, sums[project_id].recognised_year) == (Decimal(700), Decimal(1400))
        assert totals(unit.session, [project_id], 2025)[project_id].invested_all == Decimal(2000)
        assert sums[999].invested_all == 0
        assert [each.standing for each in entries(unit.session, project_id, "investment")] == [
            "reduced",
            "recognised",
            "declared",
        ]
    with pytest.raises(NotPermitted), open_unit(database, town.li_ming, clock.now()) as unit:
        recognise_amount(unit, first, amount=Decimal(1400), reason="发票重复")


def test_two_departments_may_keep_different_days_and_both_are_shown(
    database: Database, clock: FrozenClock, town: Town, whole: dict[str, object]
) -> None:
    with open_unit(database, town.li_ming, clock.now()) as unit:
        project_id = register_project(unit, owner_organ_id=town.binhai, values=whole).id
        photo = store_attachment(unit, KeptFile("a" * 64, "现场.jpg", "image/jpeg", 9), project_id=project_id)
        other = register_project(unit, owner_organ_id=town.binhai, values=whole | {"name": "另一个项目"}).id
        foreign = store_attachment(unit, KeptFile("a" * 64, "现场.jpg", "image/jpeg", 9), project_id=other)
        set_milestone(unit, project_id, code="build", plan_on=date(2027, 6, 1))
        set_milestone(
            unit, project_id, code="piling", actual_on=date(2026, 10, 1), organ_id=town["fgw"], attachment_ids=[photo]
        )
        set_milestone(unit, project_id, code="piling", actual_on=date(2026, 10, 9), organ_id=town["gxj"])
        for wrong in (
            {"code": "ribbon", "plan_on": date(2027, 1, 1)},
            {"code": "piling"},
            {"code": "piling", "actual_on": date(2027, 1, 1)},
            {"code": "piling", "plan_on": date(2027, 1, 1), "attachment_ids": [foreign]},
        ):
            with pytest.raises(Invalid):
                set_milestone(unit, project_id, **wrong)
    with open_unit(database, town.li_ming, clock.now()) as unit:
        set_milestone(unit, project_id, code="piling", actual_on=date(2026, 10, 2), organ_id=town["fgw"])
        rows = milestones(unit.session, project_id)
        assert [row.code for row in rows] == ["piling", "piling", "build"]
        assert conflicts(rows) == {"piling"}
    with open_reading(database, CLOCK, clock.now()) as unit:
        trace = unit.session.query(AuditEntry).filter_by(act="milestone.set").order_by(AuditEntry.id.desc()).first()
        assert (trace.detail["before"], trace.detail["after"]) == ([None, "2026-10-01"], [None, "2026-10-02"])


def test_pages_follow_one_another_without_gap_or_repeat(database: Database, clock: FrozenClock, town: Town) -> None:
    money = [Decimal(300), None, Decimal(900), Decimal(300), None, Decimal(500)]
    with open_unit(database, town.zhao_qiang, clock.now()) as unit:
        for place, amount in enumerate(money):
            clock.move(by=timedelta(minutes=1))
            unit.now = clock.now()
            register_project(
                unit, owner_organ_id=town.binhai, values=BARE | {"name": f"项目{place}", "total_investment": amount}
            )
    for sort, expected in (("new", [5, 4, 3, 2, 1, 0]), ("updated", [5, 4, 3, 2, 1, 0]), ("money", [2, 5, 3, 0, 4, 1])):
        with open_reading(database, town.zhao_qiang, clock.now()) as unit:
            seen, after = [], None
            while True:
                page = list_projects(unit, ProjectFilter(sort=sort), after=after, limit=2)
                seen += [int(line.name[2:]) for line in page.lines]
                if (after := page.after) is None:
                    break
        assert seen == expected, sort
    with open_reading(database, town.zhao_qiang, clock.now()) as unit, pytest.raises(Invalid):
        list_projects(unit, ProjectFilter(sort="money"), after=("many", 1))


SEARCHES: list[tuple[str, set[int]]] = [
    ("氢能", {0}), ("氢", {0}), ("重卡 氢能", {0}), ("A330", {1}), ("ａ３３０", {1}), ("%", set()), ("园", {0, 2}),
    ("SJ20261124003", {2}), ("空客，滨海", set()), ("", {0, 1, 2}),
]  # fmt: skip


def test_search_finds_one_two_and_more_characters(database: Database, clock: FrozenClock, town: Town) -> None:
    names = ["氢能重卡产业园", "空客A330宽体机", "数据_产业园"]
    with open_unit(database, town.zhao_qiang, clock.now()) as unit:
        for name in names:
            register_project(unit, owner_organ_id=town.binhai, values=BARE | {"name": name})
    with open_reading(database, town.zhao_qiang, clock.now()) as unit:
        for words, found in SEARCHES:
            wanted = ProjectFilter(words=words)
            assert {names.index(line.name) for line in list_projects(unit, wanted).lines} == found, words
            assert project_figures(unit, wanted).count == len(found), words


def test_figures_equal_the_list_behind_them(
    database: Database, clock: FrozenClock, town: Town, whole: dict[str, object]
) -> None:
    with open_unit(database, town.zhao_qiang, clock.now()) as unit:
        first = register_project(unit, owner_organ_id=town.teda, values=whole)
        second = register_project(unit, owner_organ_id=town.wuqing, values=BARE | {"total_investment": Decimal(1000)})
        register_project(unit, owner_organ_id=town.hzjl, values={"name": "所属区未知项目"})
        first.light, second.light = "red", "red"
    with open_unit(database, town.li_ming, clock.now()) as unit:
        record_amount(unit, first.id, kind="investment", amount=Decimal(50), on=date(2026, 5, 1))
    with open_reading(database, town.zhao_qiang, clock.now()) as unit:
        figures = project_figures(unit, ProjectFilter())
        assert (figures.count, figures.total_investment, figures.sums.invested_year) == (3, Decimal(33000), Decimal(50))
        assert figures.by_light == {"red": 2, "grey": 1}
        assert figures.by_stage == {"reserve": 2, "unknown": 1}
        assert figures.by_state == {"running": 1, "incomplete": 2}
        assert figures.by_district == {town.binhai: 1, town.wuqing: 1, None: 1}
        assert figures.red_by_stage == {"reserve": 2}
        for name, value, count in (("light", "red", 2), ("stage", "unknown", 1), ("district_id", town.binhai, 1),
                                   ("organ_id", town.binhai, 0), ("state", "running", 1)):  # fmt: skip
            wanted = ProjectFilter(**{name: value})
            assert len(list_projects(unit, wanted).lines) == project_figures(unit, wanted).count == count


def test_two_who_register_at_once_get_two_numbers(database: Database, clock: FrozenClock, town: Town) -> None:
    from concurrent.futures import ThreadPoolExecutor

    def register(place: int) -> str:
        with open_unit(database, town.zhao_qiang, clock.now()) as unit:
            return register_project(unit, owner_organ_id=town.binhai, values={"name": f"并发{place}"}).project_no

    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(register, range(24)))
    assert sorted(numbers) == [f"SJ20261124{place:03d}" for place in range(1, 25)]


def test_the_list_asks_few_questions_however_long_it_is(database: Database, clock: FrozenClock, town: Town) -> None:
    from sqlalchemy import event

    with open_unit(database, town.zhao_qiang, clock.now()) as unit:
        for place in range(60):
            register_project(unit, owner_organ_id=town.binhai, values={"name": f"产业园{place}"})
    asked: list[str] = []
    event.listen(database.reading, "before_cursor_execute", lambda *args: asked.append(args[2]))
    with open_reading(database, town.zhao_qiang, clock.now()) as unit:
        page = list_projects(unit, ProjectFilter(words="产业园"))
        figures = project_figures(unit, ProjectFilter(words="产业园"))
    assert (len(page.lines), figures.count) == (50, 60)
    assert len([each for each in asked if each.startswith("SELECT")]) <= 4

"""A ledger from the file to the projects: what is shown first, what is refused and why, and that twice is once."""

import csv
import io
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from models.amount import record_amount
from models.audit import AuditEntry
from models.clock import FrozenClock
from models.codes import check_character
from models.database import Database
from models.handlers import HANDLERS
from models.ledger_heading import HeadingError, find_heading
from models.ledger_import import Imported, Preview, import_rows, preview
from models.permit import Grant
from models.project import Project, apply_changes, mark_state, register_project
from models.queue import Envelope
from models.refusal import Invalid, NotPermitted
from models.totals import totals
from models.unit import CLOCK, Actor, open_reading, open_unit
from tests.cast import Town, make_town

PUBLIC = Path(__file__).parents[2] / "data" / "key_projects_tianjin_public.csv"


def uscc(number: int) -> str:
    body = f"91120116MA{number:07d}"
    return body + check_character(body)


HEAD = ("项目名称", "所属区", "阶段", "内外资", "来源地", "投资方", "统一社会信用代码", "总投资（亿元）")
GOOD = ("氢能重卡产业园", "滨海新区", "储备", "内资", "北京", "亿华通公司", uscc(1), "3.2")


@pytest.fixture
def town(database: Database, clock: FrozenClock) -> Town:
    with open_unit(database, CLOCK, clock.now()) as unit:
        return make_town(unit)


def look(database: Database, clock: FrozenClock, actor: Actor, rows: Sequence[Sequence[object]]) -> Preview:
    with open_reading(database, actor, clock.now()) as unit:
        return preview(unit, rows)


def take(
    database: Database, clock: FrozenClock, actor: Actor, rows: Sequence[Sequence[object]], **how: bool
) -> Imported:
    with open_unit(database, actor, clock.now()) as unit:
        return import_rows(unit, preview(unit, rows), **how)


def sentences(seen: Preview) -> list[str]:
    return [str(error) for error in seen.errors]


def with_cell(place: int, cell: object) -> tuple:
    return (*GOOD[:place], cell, *GOOD[place + 1 :])


def test_titles_above_blank_rows_between_and_sums_below_are_normal(
    database: Database, clock: FrozenClock, town: Town
) -> None:
    rows = [
        ("天津市重点项目台账",),
        (),
        ("单位：万元",),
        (),
        HEAD,
        (),
        GOOD,
        (),
        ("合计", "", "", "", "", "", "", "3.2"),
        ("制表人：李明",),
    ]
    seen = look(database, clock, town.zhao_qiang, rows)
    assert sentences(seen) == []
    assert (seen.heading.row, [(read.row, read.name) for read in seen.new]) == (5, [(7, "氢能重卡产业园")])
    done = take(database, clock, town.zhao_qiang, rows)
    with open_reading(database, town.li_ming, clock.now()) as unit:
        project = unit.session.get(Project, done.created[0])
        assert (project.name, project.stage, project.state, project.capital_nature) == (
            "氢能重卡产业园",
            "reserve",
            "running",
            "内资",
        )
        assert (project.total_investment, project.investor_uscc) == (Decimal(32000), uscc(1))
        assert (project.owner_organ_id, project.district_id, project.project_no) == (
            town.binhai,
            town.binhai,
            "SJ20261124001",
        )
        posted = unit.session.query(Envelope).filter_by(kind="project.open").one()
        assert posted.payload == {"project": project.id}
    assert done.incomplete == ()


def test_the_same_file_twice_adds_nothing_and_a_changed_one_only_what_changed(
    database: Database, clock: FrozenClock, town: Town
) -> None:
    rows = [HEAD, GOOD, ("智能网联测试场", "天津经开区", "签约", "外资", "德国", "Bosch", "", "12亿元")]
    first = take(database, clock, town.zhao_qiang, rows)
    assert (len(first.created), len(first.incomplete)) == (2, 1)
    again = take(database, clock, town.zhao_qiang, rows)
    assert (again.created, again.updated, again.same) == ((), (), 2)
    changed = [HEAD, with_cell(7, "3.5"), ("智能网联测试场", "", "", "", "", "", "", "")]
    seen = look(database, clock, town.zhao_qiang, changed)
    assert [(change.row, dict(change.before), dict(change.after)) for change in seen.update] == [
        (2, {"total_investment": Decimal(32000)}, {"total_investment": Decimal(35000)})
    ]
    assert seen.same == (3,)  # a blank never erases
    done = take(database, clock, town.zhao_qiang, changed)
    assert done.updated == (first.created[0],)
    with open_reading(database, town.zhao_qiang, clock.now()) as unit:
        assert unit.session.query(Project).count() == 2
        assert unit.session.get(Project, first.created[1]).owner_organ_id == town.teda
        assert unit.session.query(AuditEntry).filter_by(act="ledger.import").count() == 3


WRONG = [
    (0, "", "A列“项目名称”", "缺少项目名称"),
    (0, "=A1", "A列“项目名称”", "公式"),
    (1, "滨海", "B列“所属区”", "是否为“滨海新区”"),
    (1, "110101", "B列“所属区”", "不是天津市的"),
    (1, "海淀区", "B列“所属区”", "没有“海淀区”"),
    (3, "合资", "D列“内外资”", "只能填内资、外资"),
    (6, uscc(1)[:-1] + ("A" if uscc(1)[-1] != "A" else "B"), "G列“统一社会信用代码”", "校验位不符"),
    (6, 9.131000012345678e17, "G列“统一社会信用代码”", "科学记数法"),
    (7, "32000", "H列“总投资（亿元）”", "疑似把万元填成了亿元"),
    (7, "约3亿", "H列“总投资（亿元）”", "确定的数字"),
    (7, "=H3*2", "H列“总投资（亿元）”", "公式"),
]


def test_each_wrong_cell_has_its_row_its_column_and_what_to_do(
    database: Database, clock: FrozenClock, town: Town
) -> None:
    bad = [
        (f"项目{row}" if place else cell, *with_cell(place, cell)[1:]) for row, (place, cell, _, _) in enumerate(WRONG)
    ]
    seen = look(database, clock, town.zhao_qiang, [("标题",), HEAD, GOOD, *bad])
    said = sentences(seen)
    assert len(said) == len(WRONG) and seen.wrong_rows == len(WRONG)
    for row, (sentence, (_, _, column, says)) in enumerate(zip(said, WRONG, strict=True), start=4):
        assert sentence.startswith(f"第{row}行{column}：") and says in sentence
    assert [read.row for read in seen.new] == [3]


def test_dates_to_come_and_dates_that_are_none(database: Database, clock: FrozenClock, town: Town) -> None:
    head = (*HEAD, "签约时间", "实际开工", "计划开工", "计划竣工")
    rows = [head, (*GOOD, "2026-11-25", "2026.13.1", "2027-05-01", "2027-03-01")]
    said = sentences(look(database, clock, town.zhao_qiang, rows))
    assert [text.split("：")[0] for text in said] == ["第2行I列“签约时间”", "第2行J列“实际开工”", "第2行L列“计划竣工”"]
    assert "不能晚于今天" in said[0] and "2026.13.1" in said[1] and "早于计划开工" in said[2]


def test_amounts_without_a_unit_are_not_guessed(database: Database, clock: FrozenClock, town: Town) -> None:
    bare = (*HEAD[:7], "总投资")
    assert "没有写明单位" in sentences(look(database, clock, town.zhao_qiang, [bare, GOOD]))[0]
    for rows in (
        [("单位：亿元",), bare, GOOD],
        [(*bare, "金额说明"), (*GOOD, "亿元 总投资")],
        [bare, with_cell(7, "32000万元")],
    ):
        seen = look(database, clock, town.zhao_qiang, rows)
        assert [read.values["total_investment"] for read in seen.new] == [Decimal(32000)]


def test_nothing_is_half_imported_unless_the_right_rows_are_asked_for(
    database: Database, clock: FrozenClock, town: Town
) -> None:
    rows = [HEAD, GOOD, ("坏行项目", "滨海新区", "储备", "合资", "北京", "乙", uscc(2), "x")]
    with pytest.raises(Invalid) as refused:
        take(database, clock, town.zhao_qiang, rows)
    assert "有1行填写有误" in str(refused.value) and set(refused.value.fields) == {"3"}
    with open_reading(database, town.zhao_qiang, clock.now()) as unit:
        assert unit.session.query(Project).count() == 0
    done = take(database, clock, town.zhao_qiang, rows, only_right=True)
    assert (len(done.created), done.left_out) == (1, 1)
    with open_reading(database, town.zhao_qiang, clock.now()) as unit:
        assert [project.name for project in unit.session.query(Project)] == ["氢能重卡产业园"]


def test_doubles_are_found_in_the_file_and_in_the_house(database: Database, clock: FrozenClock, town: Town) -> None:
    other = with_cell(6, uscc(7))  # the same name, yet another company: another project
    seen = look(database, clock, town.zhao_qiang, [HEAD, GOOD, GOOD, other, with_cell(6, "")])
    assert sentences(seen) == [
        "第3行：与第2行是同一个项目（名称、信用代码相同），请只留一行。",
        "第5行：与第2行是同一个项目（名称、信用代码相同），请只留一行。",
    ]
    take(database, clock, town.zhao_qiang, [HEAD, GOOD, other])
    seen = look(database, clock, town.zhao_qiang, [HEAD, with_cell(6, ""), with_cell(0, "氢能重卡 产业园项目")])
    assert "库中有2个同名项目" in sentences(seen)[0]
    assert [str(note) for note in seen.notes] == ["第3行：与已有项目“氢能重卡产业园”名称相近，请核对是否重复。"]
    number = look(
        database,
        clock,
        town.zhao_qiang,
        [
            ("项目编号", "项目名称", "总投资(亿元)"),
            ("sj20261124002", "氢能重卡产业园", "9"),
            ("SJ19990101001", "不存在", "1"),
        ],
    )
    assert [change.after for change in number.update] == [{"total_investment": Decimal(90000)}]
    assert "没有编号为" in sentences(number)[0]


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([("a", "b"), ("c", "d")], "没有找到表头"),
        ([("项目名称", "总投资(亿元)", "投资总额"), ("甲", 1, 2)], "B列和C列都是“总投资”"),
        ([("所属区", "阶段", "总投资(亿元)"), ("滨海新区", "储备", 3)], "没有“项目名称”"),
        ([()] * 40 + [HEAD, GOOD], "没有找到表头"),
    ],
)
def test_headings_that_cannot_be_told(rows: list, says: str) -> None:
    with pytest.raises(HeadingError) as refused:
        find_heading(rows)
    assert says in str(refused.value)


def test_zones_districts_and_departments_by_their_usual_names(
    database: Database, clock: FrozenClock, town: Town
) -> None:
    head = ("项目名称", "所属区", "所属开发区", "责任单位")
    rows = [
        head,
        ("甲", "滨海新区", "泰达", "市发展改革委"),
        ("乙", "武清", "", ""),
        ("丙", "120116", "生态城", ""),
        ("丁", "武清区", "保税区", ""),
        ("戊", "天津市和平区", "某某园区", ""),
    ]
    seen = look(database, clock, town.zhao_qiang, rows)
    assert [(read.name, read.owner.id, read.city and read.city.id) for read in seen.new] == [
        ("甲", town.teda, town["fgw"]),
        ("乙", town.wuqing, None),
        ("丙", town["120116406"], None),
        ("戊", town["120101"], None),
    ]
    assert "第5行C列“所属开发区”：“天津港保税区”不在“武清区”" in sentences(seen)[0]
    assert seen.new[-1].values["stated_place"] == "某某园区"


def test_plans_and_months_become_dated_entries_once(database: Database, clock: FrozenClock, town: Town) -> None:
    head = (*HEAD, "2026年计划投资(万元)", "9月完成投资(万元)", "10月", "累计完成投资")
    rows = [("单位：万元",), head, (*GOOD, "8000", 500, "0.12亿", 1700)]
    done = take(database, clock, town.zhao_qiang, rows)
    again = take(database, clock, town.zhao_qiang, rows)
    assert (again.same, again.updated) == (1, ())
    with open_unit(database, town.zhao_qiang, clock.now()) as unit:
        sums = totals(unit.session, done.created, 2026)[done.created[0]]
        assert (sums.year_plan, sums.invested_year) == (Decimal(8000), Decimal(1700))
        assert totals(unit.session, done.created, 2025)[done.created[0]].invested_all == 0
    with open_unit(database, town.li_ming, clock.now()) as unit:
        record_amount(unit, done.created[0], kind="investment", amount=Decimal(5), on=date(2026, 9, 2))
    moved = [("单位：万元",), head, (*GOOD, "6000", 500, "0.12亿", 1700)]
    seen = look(database, clock, town.zhao_qiang, moved)
    assert [(each.kind, each.amount) for each in seen.update[0].filed] == [("plan", Decimal(6000))]
    assert [str(note) for note in seen.notes] == ["第3行：2026年9月已有完成投资，不随导入改变。"]
    early = [(*HEAD, "12月完成投资(万元)"), (*GOOD, 5)]
    assert "还没有到" in sentences(look(database, clock, town.zhao_qiang, early))[0]


def test_what_a_process_or_a_person_settled_is_not_undone(database: Database, clock: FrozenClock, town: Town) -> None:
    done = take(database, clock, town.zhao_qiang, [HEAD, GOOD])
    rows = [HEAD, (GOOD[0], "武清区", "投产", *GOOD[3:])]
    seen = look(database, clock, town.zhao_qiang, rows)
    assert seen.same == (2,)
    assert [str(note).split("：")[1][:5] for note in seen.notes] == ["阶段由办理", "所属区与库"]
    with open_unit(database, town.zhao_qiang, clock.now()) as unit:
        mark_state(unit, done.created[0], state="withdrawn", reason="撤资")
    assert "已退库" in sentences(look(database, clock, town.zhao_qiang, [HEAD, GOOD]))[0]
    with open_unit(database, town.zhao_qiang, clock.now()) as unit:
        mark_state(unit, done.created[0], state="running")
    cross = [("项目名称", "固定资产投资(亿元)"), (GOOD[0], "9")]
    assert "大于总投资" in sentences(look(database, clock, town.zhao_qiang, cross))[0]


def test_a_district_imports_its_own_and_an_administrator_nothing(
    database: Database, clock: FrozenClock, town: Town
) -> None:
    rows = [HEAD, GOOD, ("武清的项目", "武清区", *GOOD[2:]), ("没有区的项目", "", *GOOD[2:])]
    seen = look(database, clock, town.li_ming, rows)
    assert [read.name for read in seen.new] == ["氢能重卡产业园"]
    assert [text.split("：")[0] for text in sentences(seen)] == ["第3行", "第4行"]
    take(database, clock, town.zhao_qiang, rows)
    seen = look(
        database, clock, town.li_ming, [("项目名称", "来源地"), ("武清的项目", "上海"), ("氢能重卡产业园", "上海")]
    )
    assert [change.name for change in seen.update] == ["氢能重卡产业园"] and seen.wrong_rows == 1
    for actor in (town.admin, town.auditor, town.chen_jing, Actor("外人", 99, 1, (Grant("leader", 1),))):
        with pytest.raises(NotPermitted):
            look(database, clock, actor, rows)


def test_two_who_send_one_file_at_once_add_it_once(database: Database, clock: FrozenClock, town: Town) -> None:
    rows = [HEAD, GOOD, ("第二个项目", *GOOD[1:])]
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _: take(database, clock, town.zhao_qiang, rows), range(4)))
    assert sorted(len(each.created) for each in done) == [0, 0, 0, 2]
    with open_reading(database, town.zhao_qiang, clock.now()) as unit:
        assert unit.session.query(Project).count() == 2


def test_the_public_list_of_tianjin_comes_in_with_its_sources_and_without_our_guesses(
    database: Database, clock: FrozenClock, town: Town
) -> None:
    rows = list(csv.reader(io.StringIO(PUBLIC.read_text(encoding="utf-8"))))
    seen = look(database, clock, town.zhao_qiang, rows)
    assert (len(seen.new), sentences(seen)) == (32, [])
    done = take(database, clock, town.zhao_qiang, rows)
    assert len(done.created) == len(done.incomplete) == 32
    with open_reading(database, town.zhao_qiang, clock.now()) as unit:
        projects = {project.name: project for project in unit.session.query(Project)}
        assert all(project.source and project.light == "grey" for project in projects.values())
        assert (
            sum(project.district_id is not None for project in projects.values()) == 4
        )  # those whose source names one
        assert {project.chain for project in projects.values()} == {None}
        data = projects["中国电信京津冀大数据基地"]
        assert (data.owner_organ_id, data.district_id, data.stage) == (town.hzjl, None, "build")
        assert data.total_investment == Decimal(1_020_000)
        assert data.extras == {
            "amount_note": "亿元 总投资",
            "published_year": "2022",
            "guess_district": "武清区",
            "guess_chain": "信创/大数据",
            "stated_stage": "建设/计划加快建设",
        }
        school = projects["临海新城中学"]
        assert (school.owner_organ_id, school.district_id, school.stage) == (town["120116406"], town.binhai, "start")
        assert projects["夏利整车升级改造"].stage is None
        assert projects["夏利整车升级改造"].extras["stated_stage"] == "重点推进(stage not stated)"
        assert projects["国家合成生物技术创新中心核心研发基地"].extras["stated_place"] == "空港经济区"
    again = take(database, clock, town.zhao_qiang, rows)
    assert (again.created, again.updated, again.same) == ((), (), 32)


def test_a_guess_ends_where_the_fact_is_stated_and_never_returns(
    database: Database, clock: FrozenClock, town: Town
) -> None:
    rows = list(csv.reader(io.StringIO(PUBLIC.read_text(encoding="utf-8"))))[:2]
    done = take(database, clock, town.zhao_qiang, rows)
    with open_unit(database, town.zhao_qiang, clock.now()) as unit:
        project = unit.session.get(Project, done.created[0])
        apply_changes(unit, project, {"owner_organ_id": town["120112"], "chain": "信创"})
        assert (project.district_id, "guess_district" in project.extras, "guess_chain" in project.extras) == (
            town["120112"],
            False,
            False,
        )
    assert take(database, clock, town.zhao_qiang, rows).same == 1


def test_many_rows_come_in_together(database: Database, clock: FrozenClock, town: Town) -> None:
    rows = [HEAD, *((f"产业项目{place}号园", *GOOD[1:6], uscc(place), "3.2") for place in range(520))]
    asked: list[str] = []
    from sqlalchemy import event

    event.listen(database.reading, "before_cursor_execute", lambda *args: asked.append(args[2]))
    assert len(look(database, clock, town.zhao_qiang, rows).new) == 520
    assert len(asked) < 20  # a preview asks per file, not per row
    done = take(database, clock, town.zhao_qiang, rows)
    assert len(done.created) == 520
    with open_reading(database, town.zhao_qiang, clock.now()) as unit:
        numbers = {project.project_no for project in unit.session.query(Project)}
        assert unit.session.query(AuditEntry).filter_by(act="project.import").count() == 520
    assert numbers == {f"SJ20261124{place:03d}" for place in range(1, 521)}
    with open_unit(database, CLOCK, clock.now()) as unit:
        portion = unit.session.query(Envelope).filter_by(kind="ledger.open").one()
        HANDLERS[portion.kind].land(unit, portion.payload, None)
        opened = unit.session.query(Envelope).filter_by(kind="project.open")
        assert {each.payload["project"] for each in opened} == set(done.created)


def test_a_registered_project_is_met_again_by_its_name(database: Database, clock: FrozenClock, town: Town) -> None:
    with open_unit(database, town.li_ming, clock.now()) as unit:
        register_project(unit, owner_organ_id=town.binhai, values={"name": "氢能重卡产业园"})
    seen = look(database, clock, town.zhao_qiang, [HEAD, GOOD])
    assert [set(change.after) for change in seen.update] == [
        {"stage", "capital_nature", "source_region", "investor_name", "investor_uscc", "total_investment"}
    ]

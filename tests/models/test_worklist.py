"""The list of what to do: mine and nobody else's, most urgent first, and flat however much lies open."""

from datetime import timedelta

import pytest
from sqlalchemy import event, insert, text

from engine.operations import suspend_process
from engine.verbs import claim_item, return_item, urge_item
from models.calendar import seed_calendar
from models.process import WorkItem
from models.refusal import Invalid
from models.unit import CLOCK, open_reading, open_unit
from models.worklist import (
    COUNTED,
    WorkFilter,
    done_line,
    done_list,
    open_count,
    read_cursor,
    work_counts,
    worklist,
    write_cursor,
)
from tests.cast import make_town
from tests.engine.desk import Office


@pytest.fixture
def office(database, clock):
    with open_unit(database, CLOCK, clock.now()) as unit:
        seed_calendar(unit)
        return Office(database, clock, make_town(unit))


def listed(office, actor, wanted=None, **kwargs):
    with open_reading(office.database, actor, office.clock.now()) as unit:
        return worklist(unit, wanted or WorkFilter(), **kwargs)


def counted(office, actor, wanted=None):
    with open_reading(office.database, actor, office.clock.now()) as unit:
        return work_counts(unit, wanted or WorkFilter())


def names(page):
    return [line.name for line in page.lines]


def heap(office, number, *, organ_id=None, days=range(-3, 30), role="officer", assignee_id=None):
    """Many open items of one process, due on the days around now; None is without a deadline."""
    process_id = office.start()
    days = list(days)
    with office.unit() as unit:
        rows = [
            {
                "process_id": process_id, "token": f"x{organ_id}{role}{n}", "node": "lead", "name": f"事项{n}", "form": "withdraw",
                "role": role, "organ_id": organ_id or office.town.binhai, "assignee_id": assignee_id, "state": "ready",
                "created_at": unit.now,
                "due_at": None if days[n % len(days)] is None else unit.now + timedelta(days=days[n % len(days)]),
            }
            for n in range(number)
        ]  # fmt: skip
        unit.session.execute(insert(WorkItem), rows)
    return process_id


def test_a_completed_item_is_gone_and_the_next_people_have_theirs(office):
    process_id = office.start()
    assert names(listed(office, office.town.li_ming)) == ["牵头部署"]
    assert names(listed(office, office.town.zhou_wei)) == []
    office.lead(process_id)
    assert names(listed(office, office.town.li_ming)) == []
    assert names(listed(office, office.town.zhou_wei)) == ["部门配套"]
    assert names(listed(office, office.town.zheng_hao)) == [], "医疗 was not asked"
    with open_reading(office.database, office.town.li_ming, office.clock.now()) as unit:
        [done] = done_list(unit).lines
        assert (done.name, done.recallable) == ("牵头部署", True)
        assert done_line(unit, done.id) == done
        assert open_count(unit) == 0
    with open_reading(office.database, office.town.zhou_wei, office.clock.now()) as unit:
        assert done_line(unit, done.id) is None, "somebody else's"
        assert open_count(unit) == 1


def test_the_head_sees_what_the_officers_of_the_organ_may_do_and_nobody_beside_does(office):
    office.start()
    assert names(listed(office, office.town.chen_jing)) == ["牵头部署"]
    for stranger in (office.town.wang_fang, office.town.zhao_qiang, office.town.sun_li, office.town.admin):
        assert listed(office, stranger).lines == ()


def test_what_somebody_has_claimed_is_hers_alone(office):
    process_id = office.start()
    [item] = office.items(process_id)
    with office.unit(office.town.li_ming) as unit:
        claim_item(unit, item_id=item.id, version=item.version)
    [mine] = listed(office, office.town.li_ming).lines
    assert mine.assignee == "李明"
    assert listed(office, office.town.chen_jing).lines == ()


def test_pages_follow_one_another_overdue_first_and_without_a_deadline_last(office):
    heap(office, 30, days=[5, None, -2, 1, -9])
    heap(office, 7, role="supervisor", days=[-4, 3])
    heap(office, 4, assignee_id=office.town.chen_jing.officer_id, organ_id=office.town.wuqing, days=[-1, None])
    seen, after = [], None
    while True:
        page = listed(office, office.town.chen_jing, after=after, limit=6)
        seen += page.lines
        after = read_cursor(write_cursor(page.after))
        if after is None:
            break
    assert len(seen) == len({line.id for line in seen}) == 30 + 7 + 4 + 3  # and the first task of each process
    dated = [(line.due_at, line.id) for line in seen if line.due_at]
    assert dated == sorted(dated)
    undated = [line.id for line in seen[len(dated) :]]
    assert undated == sorted(undated)
    assert len(undated) == 6 + 2


def test_chips_count_what_their_lists_hold(office):
    process_id = heap(office, 12, days=[-3, -1, 0, 1, 2, 9])
    urged = office.items(process_id)[3]
    with office.unit(office.town.zhao_qiang) as unit:
        urge_item(unit, item_id=urged.id, words="请抓紧")
    second = office.start()
    office.lead(second)
    mine = office.items(second)[0]
    with office.unit(office.town.zhou_wei) as unit:
        return_item(unit, item_id=mine.id, version=mine.version, reason="请写明需要几套人才公寓")
    counts = counted(office, office.town.li_ming)
    for kind in ("all", "overdue", "soon", "returned", "urged"):
        page = listed(office, office.town.li_ming, WorkFilter(kind))
        assert len(page.lines) == getattr(counts, kind), kind
    assert (counts.overdue, counts.returned, counts.urged, counts.full) == (4, 1, 1, False)
    [returned] = listed(office, office.town.li_ming, WorkFilter("returned")).lines
    assert (returned.id, returned.returned) == (mine.id, True)
    assert [line.id for line in listed(office, office.town.li_ming, WorkFilter("urged")).lines] == [urged.id]
    with pytest.raises(Invalid):
        listed(office, office.town.li_ming, WorkFilter("nonsense"))  # type: ignore[arg-type]


def test_soon_means_two_working_days_over_the_weekend_too(office, clock):
    clock.move(to=clock.now() + timedelta(days=3))  # Friday
    heap(office, 5, days=[1, 3, 4, 5, 6])  # Saturday, Monday, Tuesday, Wednesday, Thursday
    assert counted(office, office.town.li_ming).soon == 3


def test_words_find_item_process_and_organ(office):
    office.start()
    for words in ("牵头", "演示 部署", "滨海"):
        assert names(listed(office, office.town.li_ming, WorkFilter(words=words))) == ["牵头部署"], words
        assert counted(office, office.town.li_ming, WorkFilter(words=words)).all == 1
    assert listed(office, office.town.li_ming, WorkFilter(words="氢能")).lines == ()
    assert listed(office, office.town.li_ming, WorkFilter(words="100%")).lines == ()


def test_more_than_a_thousand_are_said_to_be_more(office):
    heap(office, COUNTED + 40, days=[-1, 4])
    counts = counted(office, office.town.li_ming)
    assert (counts.all, counts.full) == (COUNTED, True)
    with open_reading(office.database, office.town.li_ming, office.clock.now()) as unit:
        assert open_count(unit) == COUNTED + 1


def test_the_same_statements_whatever_lies_open(office):
    def statements(actor):
        seen = []
        event.listen(office.database.reading, "before_cursor_execute", lambda *args: seen.append(args[2]))
        listed(office, actor)
        counted(office, actor)
        return len([each for each in seen if not each.startswith(("BEGIN", "PRAGMA"))])

    heap(office, 10)
    few = statements(office.town.chen_jing)
    heap(office, 2000)
    assert statements(office.town.chen_jing) == few <= 4


def test_lists_are_read_through_their_indexes(office, database):
    heap(office, 20000, organ_id=office.town.wuqing)
    heap(office, 50)
    with office.unit() as unit:
        unit.session.execute(text("ANALYZE"))
    for act in (listed, counted):
        plan = explained(database, lambda act=act: act(office, office.town.li_ming))
        assert "ix_work_item_mine" in plan, plan
        assert "ix_work_item_open" in plan, plan
        assert not scans(plan), plan
    with open_reading(database, office.town.li_ming, office.clock.now()) as unit:
        assert "ix_work_item_done" in explained(database, lambda: done_list(unit))


def explained(database, ask):
    """The plans of every statement of `ask`."""
    seen = []

    def keep(_connection, _cursor, statement, parameters, *_):
        if "work_item" in statement and "EXPLAIN" not in statement:
            seen.append((statement, parameters))

    event.listen(database.reading, "before_cursor_execute", keep)
    ask()
    event.remove(database.reading, "before_cursor_execute", keep)
    said = []
    explain = "EXPLAIN QUERY PLAN " if database.is_sqlite else "EXPLAIN "
    with database.reading.connect() as connection:
        for statement, parameters in seen:
            said += [str(row[-1]) for row in connection.exec_driver_sql(explain + statement, parameters)]
    return "\n".join(said)


def scans(plan):
    return [line for line in plan.splitlines() if line.startswith("SCAN work_item") or "Seq Scan on work_item" in line]


def test_a_process_that_rests_takes_its_items_off_the_list(office):
    process_id = office.start()
    with office.unit() as unit:
        suspend_process(unit, process_id=process_id, reason="等待审批政策")
    assert listed(office, office.town.li_ming).lines == ()

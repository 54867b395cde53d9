"""The demo's people and the policy's calendar: reports, bulletins, inspections, assessments and talks, each on its day."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Protocol

from cli import demo_inspection
from cli.demo_cast import PROJECTS, DemoProject
from engine.door import complete_item
from models.calendar import load_calendar
from models.open_work import open_beside_projects
from models.target import Target
from models.unit import CLOCK, Actor, Unit, open_reading

FILE = "文件"  # stands for one stored attachment
Answers = Mapping[str, Any]
KEYS = (
    *demo_inspection.KEYS, "monthly_report", "bulletin", "assessment", "admonition", "admonition_unit",
    "admonition_commitment", "commendation",
)  # fmt: skip
TARGETS = {  # 演示: 万元 and 万美元 a year; a district that is not here has no target
    "120101": (9_000, 0), "120102": (12_000, 0), "120103": (8_000, 0), "120104": (10_000, 0), "120105": (46_000, 0),
    "120110": (60_000, 0), "120111": (95_000, 0), "120112": (22_000, 0), "120113": (64_000, 0), "120114": (16_000, 0),
    "120115": (30_000, 0), "120116": (260_000, 3_000), "120117": (18_000, 0), "120118": (20_000, 0), "120119": (15_000, 0),
}  # fmt: skip
ARRIVED = {"steady": Decimal("0.020"), "slow": Decimal("0.013"), "finished": Decimal("0.022")}  # of the sum, a month
OTHERS = Decimal("0.008")
FUNDED = ("approve", "start", "build")
FOREIGN = ("演示·生物药中试平台", "演示·动力电池正极材料基地")
DOLLARS = Decimal(7)  # 演示: yuan in a dollar, for the demo's own amounts only


class Past(Protocol):
    """What this needs of the demo's past."""

    house: Any
    clock: Any
    people: dict[tuple[str, int], Actor]
    organs: dict[str, Any]

    def unit(self, actor: Actor = ...) -> Any:
        """A unit of this past."""

    def with_evidence(self, actor: Actor, item: Any, posted: Answers) -> dict[str, Any]:
        """The answers with a stored file where they promise one."""


def set_targets(past: Past, year: int) -> None:
    """演示 targets of a year, and slightly smaller ones of the year before."""
    with past.unit() as unit:
        for code, (domestic, foreign) in TARGETS.items():
            for at, share in ((year, 100), (year - 1, 92)):
                for nature, amount in (("domestic", domestic), ("foreign", foreign)):
                    if amount:
                        unit.session.add(Target(organ_id=past.organs[code].id, year=at, nature=nature, span="year", demo=True,
                                                amount=Decimal(amount * share // 100), note="演示", set_by="演示",
                                                set_at=unit.now))  # fmt: skip


def arrivals(project: DemoProject, today: date) -> Iterator[tuple[date, Decimal, str]]:
    """演示 money that had arrived before the demo's past begins: day, amount and kind, month by month since last year."""
    if project.stage not in FUNDED:
        return
    foreign = project.name in FOREIGN
    monthly = Decimal(project.wan) * ARRIVED.get(project.pace, OTHERS) / (DOLLARS if foreign else 1)
    for back in range((today.year - 2025) * 12 + today.month - 1, -1, -1):
        month = today.month - 1 - back
        day = date(today.year + month // 12, month % 12 + 1, 5 + PROJECTS.index(project) % 20)
        if day < today:
            grown = (
                monthly * (92 + (back * 7 + project.wan) % 17) / 100 * (Decimal("0.9") if day.year < today.year else 1)
            )
            yield day, grown.quantize(Decimal("0.01")), "fdi" if foreign else "funds"


def tend_calendar(past: Past) -> None:
    """What people do today about what is not about one project."""
    with open_reading(past.house.database, CLOCK, past.clock.now()) as unit:
        items = open_beside_projects(unit.session, KEYS)
    for item in items:
        actor = past.people.get((item.role, item.organ_id))
        if actor is None or item.form not in ANSWERS:
            continue
        waited = (past.clock.now() - item.created_at).days
        with past.unit(actor) as unit:
            posted = ANSWERS[item.form](unit, item, waited)
        if posted is not None:
            complete = past.with_evidence(actor, item, posted)
            with past.unit(actor) as unit:
                complete_item(unit, item_id=item.id, version=item.version, posted=complete)


def _after(days: int, **said: str) -> Callable[[Unit, Any, int], Answers | None]:
    """The same answer whoever asks, once the item has lain so many days."""
    return lambda _unit, _item, waited: said if waited >= days else None


def _check_report(_unit: Unit, item: Any, waited: int) -> Answers | None:
    """One district lets its report lie, so that the bulletin names it."""
    if waited < (7 if item.organ_id % 11 == 0 else 1):
        return None
    return {"blocks_checked": "true", "month_words": "本月继续调度重点项目，无其他情况。（演示）"}


def _summon(unit: Unit, _item: Any, waited: int) -> Answers | None:
    if waited < 1:
        return None
    on = load_calendar(unit.session).add_working_days(unit.today, 8)
    return {"summons_on": on.isoformat(), "summons_time": "15:00", "summons_place": "市政府第二会议室（演示）"}


def _minute(unit: Unit, item: Any, _waited: int) -> Answers | None:
    if item.due_at is not None and unit.now < item.due_at - timedelta(days=1):
        return None
    due = load_calendar(unit.session).add_working_days(unit.today, 15)
    return {
        "recorder_name": "演示记录员", "talk_present": "市政府主要领导，被约谈单位主要负责人（演示）",
        "talk_issues": "目标完成进度落后。", "talk_statement": "正视差距，逐项分析原因，倒排计划。",
        "talk_demands": "逐月报告进度，年底前补上欠账。", "commitment_1": "年底前补足到位资金缺口，每月报告进度。",
        "commitment_owner_1": "区投资促进局（演示）", "commitment_due_1": due.isoformat(), "signed_record": FILE,
    }  # fmt: skip


ANSWERS: dict[str, Callable[[Unit, Any, int], Answers | None]] = demo_inspection.ANSWERS | {
    "monthly_report_check": _check_report,
    "bulletin_words": _after(
        1,
        prepared_words="false",
        bulletin_problems="部分区到位资金慢于序时进度，个别区没有按时报送月报。（演示）",
        bulletin_demands="请进度落后的区逐个项目分析原因，盯紧资金到位，按时报送月报。（演示）",
    ),
    "assessment_check": _after(1, sheet_right="true"),
    "assessment_first": _after(1, first_agreed="true"),
    "assessment_decide": _after(0, decision_summary="公示期内没有收到异议。（演示）"),
    "assessment_final": _after(1, final_agreed="true"),
    "admonition_review": _after(1, list_checked="true"),
    "admonition_approval": _after(1, listed="true"),
    "admonition_summons": _summon,
    "admonition_minutes": _minute,
    "admonition_commitment": _after(9, commitment_result="资金缺口已补上，逐月报告。（演示）", commitment_proof=FILE),
    "admonition_recheck": _after(2, kept_1="true"),
}

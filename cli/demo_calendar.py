"""The demo's people and the policy's calendar: reports, bulletins, inspections, assessments and talks, each on its day."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Protocol

from cli import demo_award, demo_inspection, demo_verification
from cli.demo_cast import PROJECTS, DemoProject
from engine.door import complete_item
from models.admonition import lists_for
from models.admonition_list import called_of, remove_unit
from models.assessment import assessment_of_process
from models.assessment_score import manual_words
from models.calendar import load_calendar
from models.duty import last_day_of
from models.month import add_months
from models.open_work import open_beside_projects
from models.taken_figure import land_of, type_figures
from models.target import Target
from models.unit import CLOCK, Actor, Unit, open_reading

FILE = "文件"  # stands for one stored attachment
Answers = Mapping[str, Any]
KEYS = (
    *demo_inspection.KEYS, *demo_verification.KEYS, "monthly_report", "bulletin", "assessment", "admonition", "admonition_unit",
    "admonition_commitment", "commendation",
)  # fmt: skip
WANTED = {  # 演示: the target as a share of what a district's projects bring in a year; who is not here has none
    "120101": "1.05", "120102": "0.95", "120103": "1.3", "120104": "1.1", "120105": "1.0", "120110": "1.2",
    "120111": "0.98", "120112": "1.15", "120113": "1.02", "120114": "0.9", "120115": "1.4", "120116": "1.0",
    "120117": "1.25", "120118": "1.08", "120119": "1.0",
}  # fmt: skip
ARRIVED = {"steady": Decimal("0.020"), "slow": Decimal("0.013"), "finished": Decimal("0.022")}  # of the sum, a month
OTHERS = Decimal("0.008")
EARLY = Decimal("0.004")  # 前期资金, before a project is approved
FUNDED = ("approve", "start", "build")
HUNDRED = Decimal("1E+2")
FOREIGN = ("演示·生物药中试平台", "演示·动力电池正极材料基地")
MADE_UP_LATE = 5  # 演示: months after the end of a half-year
DOLLARS = Decimal(7)  # 演示: yuan in a dollar, for the demo's own amounts only


class Past(Protocol):
    """What this needs of the demo's past."""

    house: Any
    clock: Any
    people: dict[tuple[str, int], Actor]
    organs: dict[str, Any]
    projects: dict[int, Any]
    day: int

    def unit(self, actor: Actor = ...) -> Any:
        """A unit of this past."""

    def paper(self, actor: Actor, name: str, project_id: int | None) -> str:
        """The number of a stored file, blank and named 演示."""

    def with_evidence(self, actor: Actor, item: Any, posted: Answers) -> dict[str, Any]:
        """The answers with a stored file where they promise one."""


def set_targets(past: Past, year: int) -> None:
    """演示 targets of a year, and slightly smaller ones of the year before."""
    with past.unit() as unit:
        for code, share in WANTED.items():
            for nature, amount in _yearly(code).items():
                for at, part in ((year, Decimal(1)), (year - 1, Decimal("0.92"))):
                    wanted = (amount * Decimal(share) * part).quantize(HUNDRED)
                    if wanted:
                        unit.session.add(Target(organ_id=past.organs[code].id, year=at, nature=nature, span="year", demo=True,
                                                amount=wanted, note="演示", set_by="演示", set_at=unit.now))  # fmt: skip


def _yearly(code: str) -> dict[str, Decimal]:
    """What the projects of a district and its zones bring in a year."""
    found = {"domestic": Decimal(0), "foreign": Decimal(0)}
    for project in PROJECTS:
        if project.organ.startswith(code):
            found["foreign" if project.name in FOREIGN else "domestic"] += 12 * _monthly(project)
    return found


def _monthly(project: DemoProject) -> Decimal:
    share = ARRIVED.get(project.pace, OTHERS) if project.stage in FUNDED else EARLY
    return Decimal(project.wan) * share / (DOLLARS if project.name in FOREIGN else 1)


def arrivals(project: DemoProject, today: date) -> Iterator[tuple[date, Decimal, str]]:
    """演示 money that had arrived before the demo's past begins: day, amount and kind, month by month since last year."""
    for back in range(today.month + 11, -1, -1):
        month = today.month - 1 - back
        day = date(today.year + month // 12, month % 12 + 1, 5 + PROJECTS.index(project) % 20)
        if day < today:
            yield day, *arrival(project, day)


def arrival(project: DemoProject, day: date) -> tuple[Decimal, str]:
    """What arrives for a project in the month of a day; it goes up and down, and was less the year before."""
    swing = Decimal(88 + (day.month * 7 + project.wan // 1000) % 25) / 100
    before = Decimal("0.93") ** max(0, 2026 - day.year)
    amount = (_monthly(project) * swing * before).quantize(Decimal("0.01"))
    return amount, "fdi" if project.name in FOREIGN else "funds"


def tend_calendar(past: Past) -> None:
    """What people do today about what is not about one project."""
    demo_award.tend_awards(past)
    with open_reading(past.house.database, CLOCK, past.clock.now()) as unit:
        items = open_beside_projects(unit.session, KEYS)
    for item in items:
        role = demo_verification.SECOND if item.form == "verification_second" else item.role
        actor = past.people.get((role, item.organ_id))
        if actor is None or item.form not in ANSWERS:
            continue
        waited = (past.clock.now() - item.created_at).days
        if item.form == "assessment_fill":
            _fill_by_hand(past, actor, item)
        with past.unit(actor) as unit:
            posted = ANSWERS[item.form](unit, item, waited)
        if posted is not None:
            complete = past.with_evidence(actor, item, posted)
            with past.unit(actor) as unit:
                complete_item(unit, item_id=item.id, version=item.version, posted=complete)


def _fill_by_hand(past: Past, actor: Actor, item: Any) -> None:
    """补录: nobody has a bonus, a deduction or a veto; the paper that says so is filed with it."""
    paper = past.with_evidence(actor, item, {"evidence": FILE})["evidence"]
    with past.unit(actor) as unit:
        row = assessment_of_process(unit.session, item.process_id)
        units = land_of(unit.session, row.subject, unit.today).districts
        for word in manual_words(row):
            values = {each.id: Decimal(0) for each in units}
            type_figures(unit, row, word, values, evidence=[int(each) for each in paper], note="演示")


def _check_sheet(unit: Unit, item: Any, waited: int) -> Answers | None:
    """Departments had no requests yet in the demo's first half-year, so their sheet waits."""
    row = assessment_of_process(unit.session, item.process_id)
    return {"sheet_right": "true"} if waited >= 1 and row.subject == "district" else None


def _after(days: int, **said: str) -> Callable[[Unit, Any, int], Answers | None]:
    """The same answer whoever asks, once the item has lain so many days."""
    return lambda _unit, _item, waited: said if waited >= days else None


def _check_report(_unit: Unit, item: Any, waited: int) -> Answers | None:
    """One district lets its report lie, so that the bulletin names it."""
    if waited < (7 if item.organ_id % 11 == 0 else 1):
        return None
    return {"blocks_checked": "true", "month_words": "本月继续调度重点项目，无其他情况。（演示）"}


def _review_list(unit: Unit, item: Any, waited: int) -> Answers | None:
    """Of a half-year that was assessed long after its end only the last three are called now, the others with the next."""
    if waited < 1:
        return None
    row = next(each for each in lists_for(unit.session, unit.actor) if each.process_id == item.process_id)
    if add_months(last_day_of(row.period), MADE_UP_LATE) < unit.today:
        for each in called_of(unit.session, row.id):
            if len(each.reasons) == 1:
                remove_unit(unit, unit_id=each.id, reason="上年考核为补办，与下一期考核一并约谈。（演示）")
    return {"list_checked": "true"}


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
        "talk_demands": "逐月报告进度，年底前补上欠账。", "commitment_1": "期限内补足到位资金缺口，每月报告进度。",
        "commitment_owner_1": "区投资促进局（演示）", "commitment_due_1": due.isoformat(), "signed_record": FILE,
    }  # fmt: skip


ANSWERS: dict[str, Callable[[Unit, Any, int], Answers | None]] = (
    demo_inspection.ANSWERS
    | demo_verification.ANSWERS
    | demo_award.ANSWERS
    | {
        "monthly_report_check": _check_report,
        "bulletin_words": _after(
            1,
            prepared_words="false",
            bulletin_problems="部分区到位资金慢于序时进度，个别区没有按时报送月报。（演示）",
            bulletin_demands="请进度落后的区逐个项目分析原因，盯紧资金到位，按时报送月报。（演示）",
        ),
        "assessment_fill": _after(0, fill_note="上半年没有加分、扣分和一票否决情形。（演示）"),
        "assessment_check": _check_sheet,
        "assessment_first": _after(1, first_agreed="true"),
        "assessment_decide": _after(0, decision_summary="公示期内没有收到异议。（演示）"),
        "assessment_final": _after(1, final_agreed="true"),
        "admonition_review": _review_list,
        "admonition_approval": _after(1, listed="true"),
        "admonition_summons": _summon,
        "admonition_minutes": _minute,
        "admonition_commitment": _after(
            9, commitment_result="资金缺口已补上，逐月报告。（演示）", commitment_proof=FILE
        ),
        "admonition_recheck": _after(2, kept_1="true"),
    }
)

"""The demo's awards: referrers filed before the signing, last year's result, candidates, objections, 表彰决定."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from models.assessment import final_assessment
from models.award_list import standing_nominees
from models.codes import check_character
from models.commendation import (
    CommendationYear,
    add_nominee,
    commendation_of_process,
    commendations,
    decide_objection,
    file_objection,
    objections_of,
    undecided,
)
from models.duty_hand import duty_of, run_duty_now, runnable_periods
from models.organ import organ_by_code
from models.project import find_project
from models.referral import decide_referral, referral_of_project
from models.unit import CLOCK, Actor, Unit, open_reading
from workflows.commendation import file_referral

DESK = "hzjl"
ASSESSED_ON = 2  # day of the past; the awards wait until that result is final
BY_HAND = {  # nothing assesses departments in the demo, so the desk names them
    "sw": "外资项目全程服务，重点外资企业问题办结率高（演示）",
    "rsj": "人才公寓、落户等人才诉求按时办结（演示）",
    "jrj": "组织银企对接，融资诉求按时办结（演示）",
}
UPHELD = "jrj"  # 演示: the objection to it is right, so that it stands on the 公示 and not on the decision
Answers = Mapping[str, Any]


@dataclass(frozen=True)
class Filing:
    """演示引荐备案。 Days of the past: filed, and decided or left to whoever tries the demo (0)."""

    project: str
    agent: str
    number: int
    on: int
    decided: int
    stands: bool = True
    why: str = ""


FILINGS = (
    Filing("演示·数据标注产业园", "演示招商服务有限公司", 1, 20, 23, why="引荐函和首次会谈记录齐全，签约以前备案。（演示）"),
    Filing("演示·首店首发商业街", "演示商业咨询有限公司", 2, 45, 48, stands=False, why="只提供了名片，没有引荐事实。（演示）"),
    Filing("演示·文创设计集聚区", "演示文化产业促进中心", 3, 143, 0),
)  # fmt: skip


class Past(Protocol):
    """What this needs of the demo's past."""

    house: Any
    clock: Any
    day: int
    people: dict[tuple[str, int], Actor]
    organs: dict[str, Any]
    projects: dict[int, Any]

    def unit(self, actor: Actor = ...) -> Any:
        """A unit of this past."""

    def paper(self, actor: Actor, name: str, project_id: int | None) -> str:
        """The number of a stored file, blank and named 演示."""


def tend_awards(past: Past) -> None:
    """What people do today about awards without being asked by an item."""
    for word, period in _periods_to_open(past):
        with past.unit(_desk(past)) as unit:
            run_duty_now(unit, word=word, period=period)
    for filing in FILINGS:
        _tend(past, filing)
    _object(past)


def _desk(past: Past) -> Actor:
    return past.people["supervisor", past.organs[DESK].id]


def _periods_to_open(past: Past) -> Iterator[tuple[str, str]]:
    """Last year's second half, when its own day is gone; and last year's awards once that result is final."""
    with open_reading(past.house.database, CLOCK, past.clock.now()) as unit:
        year = unit.today.year - 1
        if past.day == ASSESSED_ON:
            missed = {each.name for each in _runnable(unit, "assessment") if each.opens_at <= unit.now}
            yield from [("assessment", f"{year}H2")] if f"{year}H2" in missed else []
        elif final_assessment(unit.session, f"{year}H2"):
            offered = {each.name for each in _runnable(unit, "commendation")}
            yield from [("commendation", str(year))] if str(year) in offered else []


def _runnable(unit: Unit, word: str) -> list[Any]:
    return runnable_periods(unit.session, duty_of(word), unit.today)


def _tend(past: Past, filing: Filing) -> None:
    project_id = next((key for key, each in past.projects.items() if each.name == filing.project), None)
    if project_id is None:
        return
    if past.day == filing.on:
        _file(past, filing, project_id)
    elif past.day == filing.decided:
        with past.unit(_desk(past)) as unit:
            found = referral_of_project(unit.session, project_id)
            if found is not None:
                decide_referral(unit, referral_id=found.id, stands=filing.stands, reason=filing.why)


def _file(past: Past, filing: Filing, project_id: int) -> None:
    officer = past.people["officer", past.organs[past.projects[project_id].organ].id]
    with open_reading(past.house.database, CLOCK, past.clock.now()) as unit:
        if find_project(unit, project_id).signed_on is not None:
            return  # its people were quicker: too late for a referrer
    posted = {
        "agent_name": filing.agent,
        "agent_uscc": _code(filing.number),
        "agent_contact": f"演示联系人{filing.number}",
        "agent_phone": f"1380000{filing.number:04d}",
        "agent_declares": "true",
        "referral_story": "介绍投资方来津考察，陪同首次会谈。（演示）",
        "referral_proof": [past.paper(officer, "引荐函", project_id)],
    }
    with past.unit(officer) as unit:
        file_referral(unit, project_id=project_id, posted=posted)


def _code(number: int) -> str:
    """A valid 统一社会信用代码 that says DEM."""
    body = f"91120103MA{number:02d}DEM00"
    return body + check_character(body)


def _object(past: Past) -> None:
    """异议 on the first day of the 公示: one to a district, which is wrong, and one to a department, which is right."""
    with open_reading(past.house.database, CLOCK, past.clock.now()) as unit:
        found = [row for row in commendations(unit.session) if row.state == "publicity"]
        raised = [each for row in found if not objections_of(unit.session, row.id) for each in _doubts(unit, row)]
    for row_id, nominee_id, officer, words in raised:
        with past.unit(past.people["officer", past.organs[officer].id]) as unit:
            file_objection(unit, commendation_id=row_id, nominee_id=nominee_id, raised_by="演示企业",
                           contact="022-00000000", content=words)  # fmt: skip


def _doubts(unit: Unit, row: CommendationYear) -> Iterator[tuple[int, int, str, str]]:
    for each in standing_nominees(unit.session, row.id, "district")[-1:]:
        yield row.id, each.id, "120116", "个别项目到位资金的时间与我单位了解的不一致，请核实。（演示）"
    upheld = organ_by_code(unit.session, UPHELD).id
    for each in standing_nominees(unit.session, row.id, "department"):
        if each.organ_id == upheld:
            yield row.id, each.id, "120103", "我单位融资诉求办理超过时限，附诉求登记单。（演示）"


def _review(unit: Unit, item: Any, waited: int) -> Answers | None:
    """The rule has put up the districts; the desk adds departments, each with its reason."""
    if waited < 1:
        return None
    row = commendation_of_process(unit.session, item.process_id)
    for code, why in BY_HAND.items():
        add_nominee(unit, commendation_id=row.id, organ_id=organ_by_code(unit.session, code).id, reason=why)
    return {"objections_to": "市合作交流办综合处，022-00000000（演示）"}


def _settle(unit: Unit, item: Any, _waited: int) -> Answers | None:
    row = commendation_of_process(unit.session, item.process_id)
    departments = {each.id for each in standing_nominees(unit.session, row.id, "department")}
    for each in undecided(objections_of(unit.session, row.id)):
        upheld = each.nominee_id in departments
        why = "经核实，有3件融资诉求超过时限。（演示）" if upheld else "经核对银行进账单，到位时间无误。（演示）"
        decide_objection(unit, objection_id=each.id, upheld=upheld, reason=why)
    return {"list_final": "true"}


ANSWERS: dict[str, Callable[[Unit, Any, int], Answers | None]] = {
    "commendation_review": _review,
    "commendation_settle": _settle,
}

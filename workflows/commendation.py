"""奖励 (第五条): candidates of the year before on 1 March, reviewed, 公示, objections decided, 表彰决定 by 市政府办公厅.

引荐备案 stands beside it: a referrer is filed for a project before the project is signed.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from engine.door import start_process
from engine.steps import Case, step
from forms.reader import read_answers
from models import printed_numbers as printed
from models.award_list import open_candidates, standing_nominees
from models.clock import end_of_day
from models.commendation import LONGEST_GROUND, CommendationYear, Nominee, commendation_of, objections_of, undecided
from models.dispatch import dispatch_case, draft_paper
from models.duty import Duty, Period, duty
from models.mechanism import mechanism
from models.notice import find_notice, parties
from models.organ import organ_by_code, organs
from models.referral import add_referral
from models.refusal import Invalid, NotDue
from models.texts import N_
from models.unit import Unit
from notices.document import Commendation, Publicity, Section, Sectioned
from notices.letters import freeze_letter
from notices.parts import Column, Table

DESK, HOST = "hzjl", "zfbgt"
TO_ALL = "各区人民政府，市政府各委、办、局"
HEADINGS = {"district": "先进区", "department": "先进部门", "agent": "引荐中介"}
COLUMNS = {
    "district": (("单位", 40.0, False), ("依据", 116.0, False)),
    "department": (("单位", 40.0, False), ("依据", 116.0, False)),
    "agent": (("中介", 40.0, False), ("项目和计算", 86.0, False), ("奖励（万元）", 30.0, True)),
}

mechanism(
    "commendation",
    N_("奖励"),
    article=5,
    purpose_zh=N_("每年按考核和引荐备案提出候选，公示5个工作日，异议逐件决定，印发表彰决定。"),
)


def open_year(unit: Unit, period: Period, _cursor: int, _limit: int) -> tuple[int | None, int]:
    """The awards of one year: one process, keyed by the year."""
    desk = organ_by_code(unit.session, DESK)
    start_process(
        unit,
        key="commendation",
        title=f"{period.name}年度招商引资奖励",
        organ_id=desk.id,
        district_id=desk.id,
        business_key=f"commendation:{period.name}",
        data={"desk_organ": desk.id, "period": period.name},
    )
    return None, 1


duty(Duty("commendation", N_("年度奖励"), months=12, day=1, after=3, work=open_year))


def file_referral(unit: Unit, *, project_id: int, posted: Mapping[str, Any]) -> int:
    """引荐备案 from its form; returns its number. Raises Invalid by field, NotDue and Outdated as `add_referral` does."""
    return add_referral(unit, project_id=project_id, answers=read_answers("commendation_referral", posted))


@step("commendation.open")
def open_commendation(unit: Unit, case: Case) -> Mapping[str, Any]:
    """提出候选名单, frozen."""
    row = CommendationYear(
        period=str(case.data["period"]),
        process_id=case.process_id,
        desk_organ_id=int(case.data["desk_organ"]),
        opened_at=unit.now,
    )
    unit.session.add(row)
    unit.session.flush()  # the candidates are filed under its number
    open_candidates(unit, row)
    unit.trace("commendation.open", "commendation", row.id, {"period": row.period})
    return {"commendation": row.id}


@step("commendation.record_review")
def record_review(unit: Unit, case: Case) -> None:
    """复核 done: the 公示 is drafted and sent round. Raises NotDue when nobody is on the list."""
    row = _row(unit, case)
    if not any(standing_nominees(unit.session, row.id, category) for category in HEADINGS):
        raise NotDue(N_("名单是空的，没有可以公示的候选；请先增加候选。"))
    row.state, row.objections_to = "posting", case.answers["objections_to"]
    letter = Publicity(
        **_parties(unit, row.desk_organ_id),
        to_name="社会各界",
        subject=f"{row.period}年度招商引资拟表彰名单",
        opening=f"经审核，拟对下列单位予以{row.period}年度招商引资表彰和奖励，现予公示：",
        sections=_sections(unit, row, "拟表彰的"),
        notes=_notes(unit, row),
        until=unit.today,  # 发文办理 counts it from the day of issue
        where=row.objections_to,
        demo=row.demo,
    )
    _send_round(unit, case, "publicity", row.desk_organ_id, letter)


def _row(unit: Unit, case: Case) -> CommendationYear:
    return commendation_of(unit.session, int(case.data["commendation"]))


def _parties(unit: Unit, organ_id: int) -> dict[str, Any]:
    given = parties(unit.session, organ_id, organ_id)
    desk = organ_by_code(unit.session, DESK)  # which can answer for the list, whoever issues the paper
    contact = unit.actor.name if organ_id == desk.id else f"{desk.name_zh}{unit.actor.name}"
    return {"issuer": given["issuer"], "seal_mm": given["seal_mm"], "date": unit.today, "contact": contact}


def _sections(unit: Unit, row: CommendationYear, before: str) -> tuple[Section, ...]:
    """One section for each category that has anybody in it."""
    found = {category: standing_nominees(unit.session, row.id, category) for category in HEADINGS}
    return tuple(
        Section(heading=before + HEADINGS[category], tables=(_table(category, nominees),))
        for category, nominees in found.items()
        if nominees
    )


def _table(category: str, nominees: list[Nominee]) -> Table:
    columns = tuple(Column(heading, width, number) for heading, width, number in COLUMNS[category])
    money = category == "agent"
    rows = tuple(
        (each.name, each.reason[:LONGEST_GROUND], *((printed.money(each.award),) if money else ())) for each in nominees
    )
    return Table(columns, rows)


def _notes(unit: Unit, row: CommendationYear) -> tuple[str, ...]:
    agents = standing_nominees(unit.session, row.id, "agent")
    unpriced = ("“-”表示外币没有当日汇率，奖励未计算",) if any(each.award is None for each in agents) else ()
    return (*(("奖励比例和上限为默认值",) if agents else ()), *unpriced)


def _send_round(unit: Unit, case: Case, kind: str, organ_id: int, letter: Sectioned) -> None:
    """To everybody: every district and department has its own receipt to give."""
    everybody = organs(unit.session, unit.today, ("district", "department", "office"))
    paper = draft_paper(
        unit, kind=kind, organ_id=organ_id, to_organ_id=organ_id, letter=freeze_letter(letter),
        also_to=[each.id for each in everybody if each.id != organ_id],
    )  # fmt: skip
    paper.process_id = start_process(unit, **dispatch_case(unit, paper, title=letter.title), parent_id=case.process_id)


@step("commendation.begin_publicity")
def begin_publicity(unit: Unit, case: Case) -> Mapping[str, Any]:
    """开始公示: its last day is the one that is printed on it."""
    row, paper = _row(unit, case), find_notice(unit.session, int(case.data["notice"]))
    row.state, row.publicity_notice_id = "publicity", paper.id
    row.publicity_until = date.fromisoformat(paper.letter["until"])
    return {"publicity_over": end_of_day(row.publicity_until).isoformat()}


@step("commendation.record_settlement")
def record_settlement(unit: Unit, case: Case) -> None:
    """定名单: not before every objection has its decision; then the 表彰决定 is drafted. Raises Invalid, NotDue."""
    row = _row(unit, case)
    if waiting := undecided(objections_of(unit.session, row.id)):
        told = N_("还有%(count)s件异议没有决定。") % {"count": len(waiting)}
        raise Invalid(N_("填写有误"), fields={"list_final": told})
    if not any(standing_nominees(unit.session, row.id, category) for category in HEADINGS):
        raise NotDue(N_("名单是空的，没有可以表彰的单位。"))
    row.state = "deciding"
    host = organ_by_code(unit.session, HOST)
    letter = Commendation(
        **_parties(unit, host.id),
        to_name=TO_ALL,
        subject=f"关于表彰{row.period}年度招商引资先进单位的决定",
        opening=f"为表彰先进，经公示，决定对{row.period}年度招商引资工作成绩突出的下列单位予以表彰和奖励：",
        sections=_sections(unit, row, ""),
        closing="希望受到表彰的单位珍惜荣誉，再接再厉；各区、各部门要向先进学习，进一步做好招商引资工作",
        notes=_notes(unit, row),
        demo=row.demo,
    )
    _send_round(unit, case, "commendation", host.id, letter)


@step("commendation.close")
def close(unit: Unit, case: Case) -> None:
    """办结: the decision went out to all."""
    row = _row(unit, case)
    row.state, row.notice_id, row.closed_at = "closed", int(case.data["notice"]), unit.now
    unit.trace("commendation.close", "commendation", row.id, {"notice": row.notice_id})

"""半年核查 (第三条): 自查 → 网上核查 (两人) → 现场核查 → 问题清单签认 → 核查报告 → 整改; 各区都完成后通报.

Each district runs by itself, so that one that is late holds nobody; whoever ends last brings the city's 通报 with it.
"""

import secrets
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from engine.door import start_process
from engine.home import post_message
from engine.steps import Case, step
from models.dispatch import Dispatch, dispatch_case, draft_paper
from models.district import District, land_on
from models.duty import Duty, Period, duty, period_zh
from models.handlers import handle
from models.limits import due_after
from models.mechanism import mechanism
from models.notice import find_notice
from models.organ import organ_by_code
from models.problem import rectification_cases
from models.project import Project
from models.refusal import Invalid, NotDue
from models.texts import N_
from models.unit import Unit
from models.verification_judge import require_agreed, require_judged
from models.verification_lines import Line, lines_of
from models.verification_papers import bulletin_letter, report_letter
from models.verification_problems import list_problems, problems_of_process
from models.verification_rows import (
    DESK,
    REVIEWER,
    Verification,
    VerificationSite,
    answering_district,
    desk_id,
    lock_period,
    lock_verification,
    open_sites,
    site_of_process,
    verification_of,
)
from models.verification_sample import Candidate, sample, sample_numbers
from models.verification_taking import take_up
from notices.letters import freeze_letter, read_letter

AT_ONCE = 4  # districts opened in one unit: each takes up all amounts of its half-year, and others wait to write
PHOTOGRAPHED = ("start", "build")  # stages whose sites must be seen on a photo
mechanism(
    "verification",
    N_("半年核查"),
    article=3,
    purpose_zh=N_("各区自查，两人网上逐笔核查，抽样到现场，签认问题清单，形成核查报告并启动整改。"),
)
mechanism(
    "verification_site",
    N_("现场核查"),
    article=3,
    purpose_zh=N_("到项目现场查阅资料、听取汇报、实地了解，由核查人员、区代表和企业三方签字。"),
)


def open_half(unit: Unit, period: Period, cursor: int, limit: int) -> tuple[int | None, int]:
    """One chunk of the half-year: a verification for each district after `cursor`; the business key keeps it to one."""
    left = sorted(
        (each for each in land_on(unit.session, unit.today).districts if each.id > cursor), key=lambda d: d.id
    )
    for district in left[:limit]:
        _open(unit, period.name, district)
    done = len(left) <= limit
    return (None if done else left[limit - 1].id), len(left[:limit])


duty(Duty("verification", N_("半年核查"), months=6, day=1, after=1, work=open_half, per="district"))


def _open(unit: Unit, period: str, district: District) -> None:
    due = due_after(unit, "verification_online")
    row = Verification(period=period, organ_id=district.id, opened_at=unit.now, due_at=due)
    unit.session.add(row)
    unit.session.flush()  # its amounts need its number
    take_up(unit, row)
    row.process_id = start_process(
        unit,
        key="verification",
        title=f"{period_zh(period)}核查 · {district.name}",
        organ_id=district.id,
        district_id=district.id,
        business_key=f"verification:{period}:{district.id}",
        data={
            "period": period,
            "verified_organ": district.id,
            "district_organ": district.id,
            "desk_organ": desk_id(unit.session),
            "self_due": due_after(unit, "verification_self").isoformat(),
            "online_due": due.isoformat(),
            "self_agreed": False,
            "has_open": False,
            "all_agreed": False,
            "has_sites": False,
            "has_problems": False,
        },
    )


@step("verification.file_self")
def file_self(unit: Unit, case: Case) -> None:
    """报送自查: what the ledger holds now is what the head signs for."""
    row = _locked(unit, case)
    take_up(unit, row)
    row.self_note, row.filed_by = str(case.answers.get("self_note") or ""), unit.actor.name
    unit.trace("verification.self", "verification", row.id, {"note": row.self_note})


@step("verification.sign_self")
def sign_self(unit: Unit, case: Case) -> None:
    """自查签认: who does not agree says what to change. Raises Invalid."""
    if not case.answers["self_agreed"] and not case.answers.get("self_opinion"):
        raise Invalid(N_("填写有误"), fields={"self_opinion": N_("不同意的，请写明怎么改。")})
    row = _row(unit, case)
    row.self_signed_by = unit.actor.name if case.answers["self_agreed"] else None
    unit.trace("verification.self_sign", "verification", row.id, {"agreed": bool(case.answers["self_agreed"])})


@step("verification.freeze")
def freeze(unit: Unit, case: Case) -> Mapping[str, Any]:
    """冻结: what is filed later belongs to no line of this half-year; a district that filed nothing is verified as it stands."""
    row = _locked(unit, case)
    lines = take_up(unit, row)
    row.frozen_at = unit.now
    unit.trace("verification.freeze", "verification", row.id,
               {"entries": len(lines), "signed_by": row.self_signed_by})  # fmt: skip
    return {"has_open": any(each.state == "open" for each in lines)}


@step("verification.first_done")
def first_done(unit: Unit, case: Case) -> Mapping[str, Any]:
    """提交初核: nothing is left unjudged. Raises Invalid with how many are, and for a form that says not finished."""
    if not case.answers["first_complete"]:
        raise Invalid(N_("填写有误"), fields={"first_complete": N_("逐笔判断完毕再提交。")})
    require_judged(unit, _locked(unit, case))
    return {"second_due": due_after(unit, "verification_second").isoformat()}


@step("verification.second_done")
def second_done(unit: Unit, case: Case) -> Mapping[str, Any]:
    """提交复核: those sent back go to the first reviewer again. Raises Invalid while an amount waits."""
    if not case.answers["second_complete"]:
        raise Invalid(N_("填写有误"), fields={"second_complete": N_("逐笔复核完毕再提交。")})
    row = _locked(unit, case)
    agreed = require_agreed(unit, row)
    unit.trace("verification.second", "verification", row.id, {"all_agreed": agreed})
    return {"all_agreed": agreed}


@step("verification.sample")
def take_sample(unit: Unit, case: Case) -> Mapping[str, Any]:
    """抽样: the projects to be looked at, each as a process of its own; the seed is drawn here and kept."""
    row = _row(unit, case)
    row.seed, row.sampled_at = row.seed or secrets.token_hex(4), unit.now
    lines = lines_of(unit.session, [row.id]).get(row.id, [])
    taken = sample(_candidates(lines), row.seed, **sample_numbers())
    for project_id, why in taken.items():
        _send(unit, case, row, unit.session.get_one(Project, project_id), why)
    unit.trace("verification.sample", "verification", row.id, {"seed": row.seed, "projects": taken})
    return {"has_sites": bool(taken), "district_organ": answering_district(unit, row.organ_id)}


def _candidates(lines: list[Line]) -> list[Candidate]:
    """Projects that declared something that was judged; what was taken back need not be looked at."""
    by_project: dict[int, list[Line]] = {}
    for line in lines:
        if line.state == "agreed":
            by_project.setdefault(line.project_id, []).append(line)
    return [
        Candidate(
            number,
            found[0].project_no,
            any(line.reduced for line in found),
            sum((line.in_yuan or Decimal(0) for line in found), start=Decimal(0)),
        )
        for number, found in by_project.items()
    ]


def _send(unit: Unit, case: Case, row: Verification, project: Project, why: str) -> None:
    district = answering_district(unit, row.organ_id)
    process_id = start_process(
        unit,
        key="verification_site",
        title=project.name,
        organ_id=int(case.data["desk_organ"]),
        district_id=district,
        project_id=project.id,
        business_key=f"verification_site:{row.period}:{project.id}",
        parent_id=case.process_id,
        data={
            "period": row.period,
            "desk_organ": int(case.data["desk_organ"]),
            "district_organ": district,
            "site_due": due_after(unit, "verification_site").isoformat(),
            "confirm_due": due_after(unit, "verification_site").isoformat(),
            "signed_there": False,
        },
    )
    site = VerificationSite(verification_id=row.id, project_id=project.id, process_id=process_id, why=why, answers={})
    unit.session.add(site)


@step("verification.record_visit")
def record_visit(unit: Unit, case: Case) -> Mapping[str, Any]:
    """现场核查表: three ways of looking, findings, signatures. Raises Invalid where an answer asks for more.

    The inspector signs by log-in; the district's representative on the screen, or later by log-in.
    """
    site, answers = site_of_process(unit.session, case.process_id), case.answers
    if wrong := _wrong_visit(unit.session.get_one(Project, site.project_id), answers):
        raise Invalid(N_("填写有误"), fields=wrong)
    site.answers, site.visited_by, site.visited_at = dict(answers), unit.actor.name, unit.now
    drawn = bool(answers.get("district_signature"))
    if drawn:
        site.confirmed_by, site.confirmed_at = str(answers["district_signer"]), unit.now
    unit.trace("verification.visit", "project", site.project_id, {"signed_there": drawn})
    return {"signed_there": drawn, "confirm_due": due_after(unit, "verification_confirm").isoformat()}


def _wrong_visit(project: Project, answers: Mapping[str, Any]) -> dict[str, str]:
    wrong = {}
    doubts = [answers[name] is False for name in ("site_exists", "site_investment_supported", "site_money_matches")]
    if (any(doubts) or answers["site_slip_stamped"] == "否") and not answers.get("site_findings"):
        wrong["site_findings"] = N_("有一项选了“否”，请写明发现的问题。")
    if project.stage in PHOTOGRAPHED and not answers.get("site_photos"):
        wrong["site_photos"] = N_("开工、在建项目须附现场照片。")
    if bool(answers.get("district_signature")) != bool(answers.get("district_signer")):
        wrong["district_signer"] = N_("区代表当场签字的，姓名和签字都要有；都空着的，由区里登录签认。")
    return wrong


@step("verification.confirm_visit")
def confirm_visit(unit: Unit, case: Case) -> None:
    """区代表签认: by log-in, with what the district has to say. Raises Invalid for a refusal without words."""
    if not case.answers["visit_confirmed"] and not case.answers.get("visit_remark"):
        raise Invalid(N_("填写有误"), fields={"visit_remark": N_("有不同意见的，请写明。")})
    site = site_of_process(unit.session, case.process_id)
    site.confirmed_by, site.confirmed_at = unit.actor.name, unit.now
    site.remark = str(case.answers.get("visit_remark") or "")
    unit.trace("verification.confirm", "project", site.project_id, {"remark": site.remark})


@step("verification.close_site")
def close_site(unit: Unit, case: Case) -> None:
    """一个项目查完: whoever is last tells the district's verification, whose lock puts two who end together in a row."""
    site = site_of_process(unit.session, case.process_id)
    parent = unit.session.get_one(Verification, site.verification_id)
    lock_verification(unit.session, parent.period, parent.organ_id)
    site.closed_at = unit.now
    unit.session.flush()  # the count below reads it
    if not open_sites(unit.session, site.verification_id) and case.parent_id:
        post_message(unit, process_id=case.parent_id, message="sites_done", key=f"{case.parent_id}")


@step("verification.list_problems")
def write_list(unit: Unit, case: Case) -> Mapping[str, Any]:
    """问题清单: from reductions and visits."""
    row = _row(unit, case)
    count, row.listed_at = list_problems(unit, row), unit.now
    unit.trace("verification.list", "verification", row.id, {"problems": count})
    return {
        "has_problems": count > 0,
        "district_organ": answering_district(unit, row.organ_id),
        "sign_due": due_after(unit, "verification_sign").isoformat(),
    }


@step("verification.countersign")
def countersign(unit: Unit, case: Case) -> None:
    """签认: the district's head signs for the list; an objection stays with it. Raises Invalid for one without words."""
    objection = str(case.answers.get("verified_objection") or "").strip()
    if not case.answers["verified_accepted"] and not objection:
        raise Invalid(N_("填写有误"), fields={"verified_objection": N_("有异议的，请写明对哪一条、为什么。")})
    row = _row(unit, case)
    row.signed_by, row.signed_at, row.objection = unit.actor.name, unit.now, objection
    for problem in problems_of_process(unit.session, case.process_id):
        problem.countersigned_by, problem.countersigned_at, problem.objection = unit.actor.name, unit.now, objection
    unit.trace("verification.countersign", "verification", row.id, {"objection": objection})


@step("verification.send_report")
def send_report(unit: Unit, case: Case) -> None:
    """拟写核查报告: by an envelope, so that a desk without a signer holds no district's own act."""
    row = _row(unit, case)
    unit.post("verification.report", f"verification.report:{row.period}:{row.organ_id}", _named(row))


def draft_report(unit: Unit, payload: Mapping[str, Any], _worked: object) -> None:
    """The report enters 发文办理; the district's verification waits for its number."""
    row = verification_of(unit.session, payload["period"], payload["organ"])
    letter = report_letter(unit.session, row, unit.today)
    _paper(unit, letter, [answering_district(unit, row.organ_id)], parent_id=row.process_id)


@step("verification.publish")
def publish(unit: Unit, case: Case) -> None:
    """报告已发: the district is through; its 整改 begin, and the last one brings the 通报."""
    row = _row(unit, case)
    row.notice_id, row.closed_at = int(case.data["notice"]), unit.now
    key = f"{row.period}:{row.organ_id}"
    unit.post("verification.rectify", f"verification.rectify:{key}", _named(row))
    unit.post("verification.closed", f"verification.closed:{key}", _named(row))
    unit.trace("verification.publish", "verification", row.id, {"period": row.period, "notice": row.notice_id})


def start_rectifications(unit: Unit, payload: Mapping[str, Any], _worked: object) -> None:
    """整改 of one district: a 整改通知书 for each project with problems, in the name of whoever signed the report."""
    row = verification_of(unit.session, payload["period"], payload["organ"])
    found = [each for each in problems_of_process(unit.session, row.process_id) if each.rectification_id is None]
    organs = {code: organ_by_code(unit.session, code).id for code in (REVIEWER, DESK)}
    signer = find_notice(unit.session, row.notice_id or 0).issued_by
    for case in rectification_cases(
        unit, found, reviewer_organ_id=organs[REVIEWER], desk_organ_id=organs[DESK], signer=signer
    ):
        start_process(unit, **case)


def bring_bulletin(unit: Unit, payload: Mapping[str, Any], _worked: object) -> None:
    """Once every district is through, the half-year's 通报 is drafted, by whichever of them is looked at last."""
    rows = lock_period(unit.session, payload["period"])
    if all(each.closed_at for each in rows) and not any(each.bulletin_id for each in rows):
        _draft_bulletin(unit, rows)


def draft_bulletin(unit: Unit, *, period: str) -> int:
    """通报 by hand, before all are through: it names the late ones. Returns its process; raises NotDue for a second one."""
    unit.require("verification.judge", organ_ids=[desk_id(unit.session)])
    rows = lock_period(unit.session, period)
    if not rows or any(each.bulletin_id for each in rows):
        raise NotDue(N_("这半年的通报已经在办理或者已经发出。"))
    if not any(each.closed_at for each in rows):
        raise NotDue(N_("还没有一个区完成核查，不能拟写通报。"))
    return _draft_bulletin(unit, rows)


def _draft_bulletin(unit: Unit, rows: list[Verification]) -> int:
    """To every district that was asked, through whoever answers for it now."""
    period = rows[0].period
    to = {answering_district(unit, each.organ_id) for each in rows}
    paper = _paper(unit, bulletin_letter(unit.session, period, unit.today), sorted(to))
    for row in rows:
        row.bulletin_id = paper.id
    late = [each.organ_id for each in rows if not each.closed_at]
    unit.trace("verification.bulletin", "verification", rows[0].id, {"period": period, "late": late})
    return int(paper.process_id or 0)


def _paper(unit: Unit, letter: dict[str, Any], also_to: list[int], *, parent_id: int | None = None) -> Dispatch:
    desk, read = desk_id(unit.session), read_letter(letter)
    paper = draft_paper(
        unit, kind=read.kind, organ_id=desk, to_organ_id=desk, letter=freeze_letter(read), also_to=also_to
    )
    paper.process_id = start_process(unit, **dispatch_case(unit, paper, title=read.title), parent_id=parent_id)
    return paper


def _named(row: Verification) -> dict[str, Any]:
    return {"period": row.period, "organ": row.organ_id}


def _row(unit: Unit, case: Case) -> Verification:
    return verification_of(unit.session, str(case.data["period"]), int(case.data["verified_organ"]))


def _locked(unit: Unit, case: Case) -> Verification:
    """The same under its lock, so that nobody adds to a stage or judges in it while it is handed in."""
    return lock_verification(unit.session, str(case.data["period"]), int(case.data["verified_organ"]))


handle("verification.report", draft_report)
handle("verification.rectify", start_rectifications)
handle("verification.closed", bring_bulletin)

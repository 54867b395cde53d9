"""约谈 (第四条): the list after an assessment, reviewed and approved; then for each unit notice, talk, record, commitments.

Not to be taken for rung L4 of the ladder (supervision): that talk is called by the vice-mayor for one project, this one by
市政府主要领导 for a district's half-year; each has its own forms and papers (docs/decisions/0028).
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from engine.door import start_process
from engine.home import post_message
from engine.postpone import Postponed, follows_deadlines
from engine.steps import Case, step
from models.admonition import (
    Admonition,
    CalledUnit,
    Commitment,
    admonition_of,
    called_unit,
    commitment_of_process,
    commitments_of,
    talk_list,
    units_of,
)
from models.admonition_list import called_of, open_list
from models.assessment import Assessment, standings_of
from models.calendar import load_calendar
from models.clock import end_of_day, local_day
from models.dispatch import Dispatch, dispatch_case, draft_paper
from models.duty import period_zh
from models.limits import due_after
from models.mechanism import mechanism
from models.notice import find_notice, issue_notice, parties
from models.organ import organ_by_code, organ_of
from models.refusal import Invalid, NotDue
from models.texts import N_
from models.unit import Unit
from notices.admonition import AdmonitionNotice, TalkRecord
from notices.admonition import Commitment as Promised
from notices.letters import freeze_letter
from notices.parts import Column, Table

mechanism(
    "admonition",
    N_("约谈"),
    article=4,
    purpose_zh=N_("目标没有完成或者位次列后三位的，由市政府主要领导约谈，承诺事项逐项跟踪、复查。"),
)

mechanism(
    "admonition_unit",
    N_("逐个约谈"),
    article=4,
    purpose_zh=N_("一个单位的约谈：提前3个工作日通知，当面约谈并记录，承诺事项复查通过才办结。"),
)
mechanism(
    "admonition_commitment",
    N_("承诺事项"),
    article=4,
    purpose_zh=N_("约谈中承诺的一件事，由被约谈单位在期限内办完并报结果。"),
)

HOST = "zfbgt"  # 市政府办公厅 approves the list, arranges the talks and writes the papers
MOST_COMMITMENTS = 5  # places in the record's form
RECORD_DAYS = 2  # 默认值: working days after the talk by which its record is due
FIGURES = (("指标", 64.0, False), ("目标", 34.0, True), ("完成", 34.0, True), ("完成率", 24.0, True))


@step("admonition.open")
def open_admonition(unit: Unit, case: Case) -> Mapping[str, Any]:
    """算出名单: the rule over the final standings, frozen; a unit merged since then is called as its successor."""
    assessment = unit.session.get_one(Assessment, int(case.data["assessment"]))
    judged = talk_list(standings := standings_of(unit.session, assessment.id))
    row = Admonition(
        period=assessment.period,
        assessment_id=assessment.id,
        process_id=case.process_id,
        desk_organ_id=int(case.data["desk_organ"]),
        opened_at=unit.now,
    )
    unit.session.add(row)
    unit.session.flush()  # the units on it are filed under its number
    open_list(unit, row, judged, standings)
    called = [each.organ_id for each in units_of(unit.session, row.id)]
    unit.trace("admonition.open", "admonition", row.id, {"period": row.period, "called": called})
    return {"approver_organ": organ_by_code(unit.session, HOST).id, "listed": False, "admonition": row.id}


@step("admonition.record_review")
def record_review(unit: Unit, case: Case) -> None:
    """复核: from here on the list is no longer edited, unless it is sent back."""
    admonition_of(unit.session, int(case.data["admonition"])).state = "approving"


@step("admonition.record_approval")
def record_approval(unit: Unit, case: Case) -> Mapping[str, Any]:
    """批准 or 退回: who does not approve says why."""
    row = admonition_of(unit.session, int(case.data["admonition"]))
    listed = bool(case.answers["listed"])
    if not listed and not case.answers.get("list_opinion"):
        raise Invalid(N_("填写有误"), fields={"list_opinion": N_("不同意的，请写明意见。")})
    row.state = "approved" if listed else "reviewing"
    if listed:
        row.approved_at, row.approved_by = unit.now, unit.actor.name
    unit.trace("admonition.approve", "admonition", row.id, {"listed": listed})
    return {"listed": listed}


@step("admonition.call_units")
def call_units(unit: Unit, case: Case) -> None:
    """逐个发起约谈: one process for each unit that stayed on the list."""
    row = admonition_of(unit.session, int(case.data["admonition"]))
    host = organ_by_code(unit.session, HOST)
    for each in called_of(unit.session, row.id):
        organ = organ_of(unit.session, each.organ_id)
        each.process_id = start_process(
            unit,
            key="admonition_unit",
            title=f"{organ.name_zh}{period_zh(row.period)}约谈",
            organ_id=host.id,
            district_id=organ.id,
            business_key=f"admonition:{row.period}:{organ.id}",
            parent_id=case.process_id,
            data={
                "called_unit": each.id, "called_organ": organ.id, "host_organ": host.id, "desk_organ": row.desk_organ_id,
                "all_in": False, "kept": False,
            },
        )  # fmt: skip


@step("admonition.arrange")
def arrange(unit: Unit, case: Case) -> None:
    """安排约谈: refuses a day less than 3 working days ahead, naming the earliest; then the notice is drafted."""
    each = called_unit(unit.session, int(case.data["called_unit"]))
    answers, earliest = case.answers, local_day(due_after(unit, "talk"))
    if date.fromisoformat(answers["summons_on"]) < earliest:
        told = N_("约谈至少提前3个工作日通知，最早可定在%(day)s。") % {"day": earliest.isoformat()}
        raise Invalid(N_("填写有误"), fields={"summons_on": told})
    host_id = int(case.data["host_organ"])
    letter = _summons(unit, each, host_id, answers)
    each.held_on, each.held_time, each.place, each.host = (
        letter.held_on, letter.held_time, letter.place, letter.host,
    )  # fmt: skip
    paper = draft_paper(
        unit, kind="admonition", organ_id=host_id, to_organ_id=each.organ_id, letter=freeze_letter(letter)
    )
    _send_round(unit, paper, letter.title, case.process_id, each.organ_id)


def _send_round(unit: Unit, paper: Dispatch, title: str, parent_id: int, organ_id: int) -> None:
    """The paper's round is named after its addressee as well: whoever checks eleven of one title tells them apart."""
    told = f"{title} · {organ_of(unit.session, organ_id).name_zh}"
    paper.process_id = start_process(
        unit, **dispatch_case(unit, paper, title=told, district_id=organ_id), parent_id=parent_id
    )


def _summons(unit: Unit, each: CalledUnit, host_id: int, answers: Mapping[str, Any]) -> AdmonitionNotice:
    row = admonition_of(unit.session, each.admonition_id)
    period = period_zh(row.period)
    who = {"host": answers.get("summons_host"), "attendees": answers.get("summons_called")}
    return AdmonitionNotice(
        **_parties(unit, host_id, each.organ_id),
        date=unit.today,
        demo=row.demo,
        contact=unit.actor.name,
        subject=f"{period}招商引资考核",
        assessed=f"{period}全市招商引资考核",
        reasons=tuple(each.reasons),
        held_on=date.fromisoformat(answers["summons_on"]),
        held_time=answers["summons_time"],
        place=answers["summons_place"],
        materials=str(answers.get("summons_papers") or ""),
        figures=_figures(each),
        **{name: said for name, said in who.items() if said},
    )


def _parties(unit: Unit, organ_id: int, to_organ_id: int) -> dict[str, Any]:
    given = parties(unit.session, organ_id, to_organ_id)
    return {"issuer": given["issuer"], "to_name": given["to"], "seal_mm": given["seal_mm"]}


def _figures(each: CalledUnit) -> Table | None:
    columns = tuple(Column(heading, width, number) for heading, width, number in FIGURES)
    return Table(columns, tuple(tuple(row) for row in each.figures)) if each.figures else None


@step("admonition.note_issued")
def note_issued(unit: Unit, case: Case) -> Mapping[str, Any]:
    """登记通知书: the day it names (a 改稿 may have moved it) is the talk's; its record is due 2 working days later."""
    each = called_unit(unit.session, int(case.data["called_unit"]))
    paper = find_notice(unit.session, int(case.data["notice"]))
    each.notice_id, each.held_on = paper.id, date.fromisoformat(paper.letter["held_on"])
    due = load_calendar(unit.session).due_moment(end_of_day(each.held_on) - timedelta(seconds=1), RECORD_DAYS)
    return {"record_due": due.isoformat()}


@step("admonition.record_talk")
def record_talk(unit: Unit, case: Case) -> None:
    """约谈记录: not before the talk; each commitment whole, with an owner and a later day. Raises Invalid by field."""
    each = called_unit(unit.session, int(case.data["called_unit"]))
    if each.held_on and unit.today < each.held_on:
        raise NotDue(N_("约谈定于%(day)s，结束后再记录。"), day=each.held_on.isoformat())
    promised = _promised(case.answers, unit.today)
    each.record, each.recorded_at = dict(case.answers), unit.now
    unit.session.add_all(Commitment(called_unit_id=each.id, **line) for line in promised)
    unit.trace(
        "admonition.record", "admonition", each.admonition_id, {"organ": each.organ_id, "commitments": len(promised)}
    )


def _promised(answers: Mapping[str, Any], today: date) -> list[dict[str, Any]]:
    """The lines of the form that say something; a line said in part, or due today or before, is refused at its field."""
    found: list[dict[str, Any]] = []
    wrong: dict[str, str] = {}
    for number in range(1, MOST_COMMITMENTS + 1):
        fields = (f"commitment_{number}", f"commitment_owner_{number}", f"commitment_due_{number}")
        said = [str(answers.get(name) or "") for name in fields]
        if not any(said):
            continue
        wrong |= {
            name: N_("每项承诺都要写明内容、责任人和期限。")
            for name, text in zip(fields, said, strict=True)
            if not text
        }
        text, owner, due = said
        if due and date.fromisoformat(due) <= today:
            wrong[fields[2]] = N_("请填写今天以后的日期。")
        elif due:
            found.append({"number": len(found) + 1, "text": text, "owner": owner, "due_on": date.fromisoformat(due)})
    if wrong:
        raise Invalid(N_("填写有误"), fields=wrong)
    return found


@step("admonition.track")
def track(unit: Unit, case: Case) -> None:
    """跟踪: the record becomes a paper, each commitment a task of the unit."""
    each = called_unit(unit.session, int(case.data["called_unit"]))
    host_id = int(case.data["host_organ"])
    letter = _minutes(unit, each, host_id)
    each.record_notice_id = issue_notice(
        unit,
        kind="talk_record",
        organ_id=host_id,
        to_organ_id=each.organ_id,
        project_id=None,
        process_id=case.process_id,
        title=letter.title,
        letter=freeze_letter(letter),
        about_id=each.notice_id,
    ).id
    _open_tasks(unit, case, each)


def _minutes(unit: Unit, each: CalledUnit, host_id: int) -> TalkRecord:
    row, paper = admonition_of(unit.session, each.admonition_id), find_notice(unit.session, each.notice_id or 0)
    said = each.record
    return TalkRecord(
        **_parties(unit, host_id, each.organ_id),
        date=unit.today,
        demo=row.demo,
        signer=unit.actor.name,
        subject=f"{period_zh(row.period)}招商引资考核",
        about_number=paper.number,
        about_title=paper.title,
        about_date=local_day(paper.issued_at),
        called=organ_of(unit.session, each.organ_id).addressed,
        held_on=each.held_on or unit.today,
        held_time=each.held_time,
        place=each.place,
        host=each.host,
        present=said["talk_present"],
        recorder=said["recorder_name"],
        issues=said["talk_issues"],
        statement=said["talk_statement"],
        demands=said["talk_demands"],
        commitments=tuple(
            Promised(text=line.text, owner=line.owner, due_on=line.due_on)
            for line in commitments_of(unit.session, [each.id])
        ),
    )


def _open_tasks(unit: Unit, case: Case, each: CalledUnit) -> None:
    """A task for every commitment that is not kept yet; its process tells ours when it is reported."""
    for line in commitments_of(unit.session, [each.id]):
        if line.passed_at is None:
            line.reported_at = None
            line.process_id = start_process(
                unit,
                key="admonition_commitment",
                title=line.text,
                organ_id=int(case.data["desk_organ"]),  # which may look into what it will check
                district_id=each.organ_id,
                business_key=f"commitment:{line.id}:{each.round}",
                parent_id=case.process_id,
                data={"called_organ": each.organ_id, "commitment": line.id, "commitment_due": end_of_day(line.due_on).isoformat()},
            )  # fmt: skip


@step("admonition.record_commitment")
def record_commitment(unit: Unit, case: Case) -> None:
    """报结: what came of the commitment, and who says so."""
    line = unit.session.get_one(Commitment, int(case.data["commitment"]))
    line.result, line.reported_at = case.answers["commitment_result"], unit.now
    line.reported_by_id = unit.actor.officer_id


@step("admonition.report")
def report(unit: Unit, case: Case) -> None:
    """告知: the talk's own process counts."""
    if case.parent_id:
        post_message(unit, process_id=case.parent_id, message="commitment_reported", key=str(case.process_id))


@follows_deadlines("admonition_commitment")
def postpone_commitment(unit: Unit, moved: Postponed) -> None:
    """延期: the list says the day to which it was put off."""
    commitment_of_process(unit.session, moved.process_id).due_on = local_day(moved.due_at)


@step("admonition.count")
def count(unit: Unit, case: Case) -> Mapping[str, Any]:
    """清点: whether every commitment of the round is reported; counted from rows, not from messages."""
    lines = commitments_of(unit.session, [int(case.data["called_unit"])])
    return {"all_in": all(line.passed_at or line.reported_at for line in lines)}


@step("admonition.record_recheck")
def record_recheck(unit: Unit, case: Case) -> Mapping[str, Any]:
    """复查: each open commitment judged; what was not kept gets a later day and a reason. Raises Invalid by field."""
    each = called_unit(unit.session, int(case.data["called_unit"]))
    lines = [line for line in commitments_of(unit.session, [each.id]) if line.passed_at is None]
    if wrong := _wrong_recheck(case.answers, lines, unit.today):
        raise Invalid(N_("填写有误"), fields=wrong)
    opinion = str(case.answers.get("recheck_opinion") or "")
    for line in lines:
        line.opinion = opinion
        if case.answers[f"kept_{line.number}"]:
            line.passed_at = unit.now
        else:
            line.due_on = date.fromisoformat(case.answers[f"kept_due_{line.number}"])
    kept = all(line.passed_at for line in lines)
    unit.trace("admonition.recheck", "admonition", each.admonition_id, {"organ": each.organ_id, "kept": kept})
    return {"kept": kept}


def _wrong_recheck(answers: Mapping[str, Any], lines: list[Commitment], today: date) -> dict[str, str]:
    wrong = {}
    for line in lines:
        kept, due = answers.get(f"kept_{line.number}"), answers.get(f"kept_due_{line.number}")
        if kept is None:
            wrong[f"kept_{line.number}"] = N_("请逐项复查。")
        elif not kept and (not due or date.fromisoformat(due) <= today):
            wrong[f"kept_due_{line.number}"] = N_("请填写今天以后的日期。")
        if kept is False and not answers.get("recheck_opinion"):
            wrong["recheck_opinion"] = N_("有没有做到的，请写明意见。")
    return wrong


@step("admonition.new_round")
def new_round(unit: Unit, case: Case) -> None:
    """另定期限: tasks anew for what was not kept."""
    each = called_unit(unit.session, int(case.data["called_unit"]))
    each.round += 1
    unit.trace("admonition.round", "admonition", each.admonition_id, {"organ": each.organ_id, "round": each.round})
    _open_tasks(unit, case, each)


@step("admonition.close")
def close(unit: Unit, case: Case) -> None:
    """办结: every commitment was kept."""
    each = called_unit(unit.session, int(case.data["called_unit"]))
    each.closed_at = unit.now
    unit.trace("admonition.close", "admonition", each.admonition_id, {"organ": each.organ_id})

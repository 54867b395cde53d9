"""发文办理 (第六条): a paper from its draft to its issue – 核稿, 会签 at the same time, 签发 or 代签, number, seal, delivery.

GB/T 9704 tells how it looks; 《党政机关公文处理工作条例》 (2012) 第二十五条 that a draft is checked, countersigned by the
organs concerned and signed by a responsible person before it is issued.
"""

from collections.abc import Mapping
from typing import Any

from engine.door import start_process
from engine.home import post_message
from engine.steps import Case, step
from forms.reader import read_answers
from models.clock import local_day
from models.delivery import deliveries_of
from models.dispatch import (
    Dispatch,
    days_from_issue,
    dispatch_case,
    dispatch_of_process,
    draft_paper,
    require_in_time,
)
from models.limits import due_after
from models.mechanism import mechanism
from models.notice import Notice, find_notice, issue_notice, parties
from models.organ import organ_of
from models.project import Project, find_project
from models.refusal import Invalid, NotDue, NotPermitted
from models.texts import N_
from models.unit import Unit
from notices.letters import read_letter

mechanism(
    "dispatch",
    N_("发文办理"),
    article=6,
    purpose_zh=N_("拟好的公文依次核稿、会签、签发，编号用印后送达；逾期未签的由核稿人代签。"),
)

REVISED = {  # what the one form of 改稿 is called in the text of each kind
    "letter": {"subject": "subject", "body": "body", "due_on": "due_on"},
    "correction": {"subject": "place", "body": "right", "wrong": "wrong"},
}
PREPARED = {  # the same of a paper whose figures are frozen: only its words, and the day of a talk
    "correction": {"body": "reason"},
    "admonition": {"subject": "subject", "body": "purpose", "due_on": "held_on"},
}
WORDS_ONLY = {"subject": "subject", "body": "opening"}


def start_letter(unit: Unit, *, project_id: int, posted: Mapping[str, Any]) -> int:
    """拟发函 about a project one may see; returns the process id. Raises Invalid by field, NotPermitted."""
    project = find_project(unit, project_id)
    organ_id = _own_organ(unit)
    answers = read_answers("dispatch_letter", posted)
    target = organ_of(unit.session, int(answers.pop("to_organ")))
    if target.id == organ_id or not target.is_valid(unit.today):
        raise Invalid(N_("填写有误"), fields={"to_organ": N_("请选择本单位以外、现有的单位。")})
    if answers.get("due_on") and answers["due_on"] <= unit.today.isoformat():
        raise Invalid(N_("填写有误"), fields={"due_on": N_("回复期限要在今天以后。")})
    countersigners = answers.pop("countersigners", [])
    row = draft_paper(
        unit, kind="letter", project_id=project.id, organ_id=organ_id, to_organ_id=target.id, text=answers
    )
    return _start(unit, row, project, f"关于{answers['subject']}的函", countersigners)


def start_correction(unit: Unit, *, notice_id: int, posted: Mapping[str, Any]) -> int:
    """拟发更正 of a paper of one's own organ; returns the process id.

    Raises Invalid by field, NotPermitted for others' papers, NotDue for what was not delivered or is void.
    """
    paper = find_notice(unit.session, notice_id)
    if _own_organ(unit) != paper.organ_id:
        raise NotPermitted(N_("只有发文单位可以更正自己的公文。"))
    if paper.delivered_at is None or paper.voided_at is not None or paper.kind == "correction":
        raise NotDue(N_("这件公文尚未送达、已经作废，或者本身就是更正。"))
    answers = read_answers("dispatch_correction", posted)
    countersigners = answers.pop("countersigners", [])
    row = draft_paper(
        unit,
        kind="correction",
        project_id=paper.project_id,
        organ_id=paper.organ_id,
        to_organ_id=paper.to_organ_id,
        about_id=paper.id,
        also_to=[each.organ_id for each in deliveries_of(unit.session, paper.id)] or None,
        text=answers,
    )
    project = unit.session.get(Project, paper.project_id) if paper.project_id else None
    return _start(unit, row, project, f"关于《{paper.title}》的更正", countersigners)


def _own_organ(unit: Unit) -> int:
    organ_id = unit.actor.organ_id
    if organ_id is None:
        raise NotPermitted(N_("系统不拟发公文。"))
    unit.require("dispatch.start", organ_ids=[organ_id])
    return organ_id


def _start(unit: Unit, row: Dispatch, project: Project | None, title: str, countersigners: list[int]) -> int:
    district_id = (project.district_id or project.owner_organ_id) if project else None
    case = dispatch_case(unit, row, title=title, district_id=district_id, countersigners=countersigners)
    row.process_id = start_process(unit, **case)
    unit.trace("dispatch.start", "project", row.project_id, {"dispatch": row.id, "title": title})
    return row.process_id


@step("dispatch.record_opinion")
def record_opinion(unit: Unit, case: Case) -> None:
    """核稿, 会签, 签发, 代签: who does not agree says what to change; every opinion stays with the draft."""
    if not case.answers["agreed"] and not case.answers.get("opinion"):
        raise Invalid(N_("填写有误"), fields={"opinion": N_("不同意的，请写明怎么改。")})
    row = dispatch_of_process(unit.session, case.process_id)
    words = str(case.answers.get("opinion") or "")
    _keep(unit, case, row, agreed=bool(case.answers["agreed"]), words=words)


@step("dispatch.present")
def present(unit: Unit, case: Case) -> Mapping[str, Any]:
    """呈签: agreed when every countersigner of this round has; the signer's two working days begin now."""
    row = dispatch_of_process(unit.session, case.process_id)
    countersigned = [said for said in row.opinions if said["step"] == "countersign" and said["round"] == row.round]
    agreed = all(said["agreed"] for said in countersigned)
    return {"agreed": agreed, "sign_due": due_after(unit, "dispatch_sign").isoformat()}


@step("dispatch.revise")
def revise(unit: Unit, case: Case) -> None:
    """改稿: what was left empty stays, what was changed is told to those who check again; the next round begins."""
    row = dispatch_of_process(unit.session, case.process_id)
    names = REVISED[row.kind] if row.letter is None else PREPARED.get(row.kind, WORDS_ONLY)
    row.text = row.text | {names[name]: value for name, value in case.answers.items() if value and name in names}
    _keep(unit, case, row, agreed=None, words=case.answers["note"])
    row.round += 1


def _keep(unit: Unit, case: Case, row: Dispatch, *, agreed: bool | None, words: str) -> None:
    """One line of the draft's history, which stays with it whatever becomes of it."""
    said = {
        "step": case.node,
        "round": row.round,
        "organ": organ_of(unit.session, case.item_organ_id or row.organ_id).name_zh,
        "name": unit.actor.name,
        "agreed": agreed,
        "opinion": words,
        "at": unit.now.isoformat(),
    }
    row.opinions = [*row.opinions, said]
    unit.trace("dispatch.opinion", "project", row.project_id, {"dispatch": row.id, **said})


@step("dispatch.issue")
def issue(unit: Unit, case: Case) -> None:
    """编号发出: the next number of the organ's series; a signature in somebody's stead is traced as such."""
    row = dispatch_of_process(unit.session, case.process_id)
    require_in_time(unit, row.kind, letter := _letter(unit, row))
    row.notice_id = issue_notice(
        unit,
        kind=row.kind,
        organ_id=row.organ_id,
        to_organ_id=row.to_organ_id,
        project_id=row.project_id,
        process_id=case.process_id,
        title=read_letter(letter).title,  # what the paper says of itself; the case may name its addressee as well
        letter=letter,
        about_id=row.about_id,
        also_to=row.also_to or (),
    ).id
    row.ended_at = unit.now
    if case.parent_id:
        told = {"notice": row.notice_id}
        post_message(unit, process_id=case.parent_id, message="paper_issued", key=str(case.process_id), data=told)


def draft_notice(unit: Unit, *, process_id: int) -> dict[str, Any]:
    """文稿: what the paper would say if it were issued now; writes nothing and takes no number."""
    return _letter(unit, dispatch_of_process(unit.session, process_id))


def _letter(unit: Unit, row: Dispatch) -> dict[str, Any]:
    project = unit.session.get(Project, row.project_id) if row.project_id else None
    common = {
        "kind": row.kind,
        **parties(unit.session, row.organ_id, row.to_organ_id),
        "date": unit.today.isoformat(),
        "project": project.name if project else "",
        "project_no": project.project_no if project else "",
        "demo": bool(project and project.demo),
        "signer": unit.actor.name,
        "contact": row.drafted_by,
    }
    if row.letter is not None:
        said = {**common, **row.letter, **row.text, "signer": common["signer"], "date": common["date"]}
        return days_from_issue(unit, row.kind, said)
    return common | (_correction(unit, row) if row.kind == "correction" else dict(row.text))


def _correction(unit: Unit, row: Dispatch) -> dict[str, Any]:
    paper: Notice = find_notice(unit.session, row.about_id or 0)
    text = row.text
    return {
        "about_number": paper.number,
        "about_title": paper.title,
        "about_date": local_day(paper.issued_at).isoformat(),
        "items": [{"place": text["place"], "wrong": text["wrong"], "right": text["right"]}],
        "reason": text["reason"],
        **({"to": paper.letter.get("to")} if row.also_to else {}),  # those the paper itself went to
    }

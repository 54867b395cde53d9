"""What the papers of a rectification say: the report's cover and body, and 销号单; plain values for the letter."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.attachment import Attachment
from models.clock import local_day
from models.notice import find_notice, parties
from models.officer import officer_name
from models.organ import organ_of
from models.project import Project
from models.rectification import Rectification, current_round, findings_of


def report_letter(session: Session, row: Rectification, *, desk_id: int, signer: str) -> dict[str, Any]:
    """整改报告: every finding with what was done and the names of its evidence, what is unfinished, who answers for it."""
    current = current_round(session, row)
    report = current.report or {}
    answers = [
        {
            "fact": finding.fact,
            "result": str(report.get(f"result_{finding.number}") or ""),
            "evidence": _names(session, report.get(f"evidence_{finding.number}") or ()),
        }
        for finding in findings_of(session, row.id)
    ]
    return _about(session, row) | {
        "kind": "report",
        **parties(session, row.rectifier_organ_id, desk_id),
        "answers": answers,
        "unfinished": str(report.get("unfinished") or ""),
        "responsible": str(report.get("responsible") or ""),
        "round": current.number,
        "signer": signer,
    }


def close_out_letter(session: Session, row: Rectification, *, desk_id: int) -> dict[str, Any]:
    """销号单: what was found, what was done, what the other organ's reviewer concluded; read after the row was closed."""
    current = current_round(session, row)
    report, review = current.report or {}, current.review or {}
    findings = [
        {
            "fact": finding.fact,
            "result": str(report.get(f"result_{finding.number}") or ""),
            "conclusion": "整改到位" if review.get(f"passed_{finding.number}") else "",
        }
        for finding in findings_of(session, row.id)
    ]
    reviewer = officer_name(session, current.reviewed_by_id)
    return _about(session, row) | {
        "kind": "close_out",
        **parties(session, desk_id, row.rectifier_organ_id),
        "rectifier": organ_of(session, row.rectifier_organ_id).addressed,
        "reviewer": organ_of(session, row.reviewer_organ_id).addressed,
        "reviewer_name": reviewer,
        "findings": findings,
        "rounds": current.number,
        "closed_on": local_day(row.closed_at).isoformat() if row.closed_at else "",
        "remark": row.remark or "",
        "signer": reviewer,
    }


def evidence_marks(session: Session, numbers: Iterable[Any]) -> list[str]:
    """证据编号 as a 整改通知书 prints them: the number a file has in the project's papers, and its name."""
    wanted = [int(each) for each in numbers]
    query = select(Attachment.id, Attachment.name).where(Attachment.id.in_(wanted)).order_by(Attachment.id)
    return [f"{number}（{name}）" for number, name in session.execute(query)] if wanted else []


def _about(session: Session, row: Rectification) -> dict[str, Any]:
    """The project, and the 整改通知书 this answers."""
    project = session.get_one(Project, row.project_id)
    paper = find_notice(session, row.notice_id or 0)
    return {
        "project": project.name,
        "project_no": project.project_no,
        "demo": project.demo,
        "about_number": paper.number,
        "about_title": paper.title,
        "about_date": local_day(paper.issued_at).isoformat(),
    }


def _names(session: Session, numbers: Iterable[Any]) -> list[str]:
    wanted = [int(each) for each in numbers]
    query = select(Attachment.name).where(Attachment.id.in_(wanted)).order_by(Attachment.id)
    return list(session.scalars(query)) if wanted else []

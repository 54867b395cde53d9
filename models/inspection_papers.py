"""What the bulletin of a quarterly inspection says: plain values read from plan, checklists and problems."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from models.duty import period_zh
from models.inspection import (
    DRAW_RULE,
    SOURCE,
    Inspection,
    InspectionCheck,
    InspectionDistrict,
    checks_of,
    desk_id,
    districts_of,
)
from models.inspection_question import LINKS, questions_of
from models.notice import parties
from models.organ import organ_names, organ_of
from models.problem import Problem, problems_of, projects_of, shortened, told
from models.project import Project

UNSIGNED = "逾期未签认，视同无异议"
FEW = 4  # addressees that are still named one by one
MOST_ROWS = 500  # of one table of a paper
Checked = Sequence[tuple[InspectionCheck, Project]]


def bulletin_letter(session: Session, row: Inspection, *, findings: str, demands: str) -> dict[str, Any]:
    """季度检查通报: how it was done, district by district, what was found by question, what is asked; the list as annex."""
    desk, districts, checks = desk_id(session), districts_of(session, row.id), checks_of(session, row.id)
    problems = problems_of(session, SOURCE, row.period)
    names = organ_names(session, [each.organ_id for each in districts] + [each.district_id for each in problems])
    quarter = period_zh(row.period)
    return {
        "kind": "bulletin",
        **parties(session, desk, desk),
        "to": _addressed(session, districts),
        "date": row.due_on.isoformat(),  # the day of its issue takes its place
        "subject": f"{quarter}检查情况",
        "opening": f"按照年度工作安排，{quarter}对各区招商引资项目开展了检查。现将有关情况通报如下：",
        "sections": [
            {"heading": "检查开展情况", "text": _how(row, checks), "tables": [_by_district(districts, checks, problems, names)]},
            {"heading": "发现的主要问题", "text": findings, "tables": _by_question(checks)},
            {"heading": "下一步要求", "text": demands},
        ],
        "annexes": _annexes(session, row, problems, names),
        "notes": _notes(districts, names),
        "demo": any(project.demo for _check, project in checks),
    }  # fmt: skip


def _addressed(session: Session, districts: Iterable[InspectionDistrict]) -> str:
    organs = [organ_of(session, each.organ_id) for each in districts]
    return "、".join(organ.addressed for organ in organs) if len(organs) <= FEW else "各有关区人民政府"


def _how(row: Inspection, checks: Checked) -> str:
    first, last = (_words(each) for each in (row.first_on, row.last_on))
    done = sum(1 for check, _project in checks if check.checked_at)
    scope = "对在推进项目全面检查" if row.share == 100 else f"对在推进项目按{row.share}%抽查"
    found = len({check.district_id for check, _project in checks})
    lines = [
        f"检查时间为{first}至{last}，检查组由{row.team}组成。{scope}，共{found}个区{len(checks)}个项目，已检查{done}个。",
        "检查按前期在谈、签约注册、资金到位、开建开业四个环节逐项核对。",
    ]
    if row.share != 100:
        lines.append(f"抽取规则：{DRAW_RULE % {'share': row.share, 'seed': row.seed}}")
    return "\n".join(lines)


def _words(day: date | None) -> str:
    return f"{day.year}年{day.month}月{day.day}日" if day else "-"


def _by_district(
    districts: Sequence[InspectionDistrict],
    checks: Checked,
    problems: Sequence[Problem],
    names: Mapping[int, str],
) -> dict[str, Any]:
    drawn = Counter(check.district_id for check, _project in checks)
    done = Counter(check.district_id for check, _project in checks if check.checked_at)
    found = Counter(each.process_id for each in problems)
    rows = [
        (
            names.get(each.organ_id, ""),
            str(drawn[each.organ_id]),
            str(done[each.organ_id]),
            str(found[each.process_id]) if each.submitted_at else "-",
            sign_words(each),
        )
        for each in districts
    ]
    totals = ("合计", str(drawn.total()), str(done.total()), str(len(problems)), "")
    columns = (
        ("区", 36, False),
        ("应查项目", 24, True),
        ("已查项目", 24, True),
        ("问题", 20, True),
        ("签认", 52, False),
    )
    return _table("各区检查情况", columns, (*rows, totals))


def sign_words(each: InspectionDistrict) -> str:
    """How a district's list stands: signed by whom, deemed accepted, or not there yet; as papers and pages print it."""
    if each.signed_at:
        return f"{each.signed_by}签认" + ("，有异议" if each.objection else "")
    if each.closed_at:
        return UNSIGNED
    return "待签认" if each.submitted_at else "未完成检查"


def _by_question(checks: Checked) -> list[dict[str, Any]]:
    """Each question that something was wrong with: of how many projects it was asked, and of how many it was not met."""
    asked, wrong = Counter[str](), Counter[str]()
    for check, _project in checks:
        if check.checked_at:
            asked.update(code for code, given in check.answers.items() if given["verdict"] != "na")
            wrong.update(code for code, given in check.answers.items() if given["verdict"] == "problem")
    rows = [
        (LINKS[each.link], f"{each.code} {each.text}", str(asked[each.code]), str(wrong[each.code]))
        for each in questions_of(LINKS)
        if wrong[each.code]
    ]
    columns = (("环节", 26, False), ("检查项", 82, False), ("适用项目", 24, True), ("不符合", 24, True))
    return [_table("不符合的检查项", columns, rows)] if rows else []


def _annexes(
    session: Session, row: Inspection, problems: Sequence[Problem], names: Mapping[int, str]
) -> list[dict[str, Any]]:
    if not problems:
        return []
    known = projects_of(session, problems)
    columns = (("区", 22, False), ("序号", 12, True), ("项目", 42, False), ("问题", 62, False), ("整改要求", 42, False),
               ("期限", 25, False), ("责任", 20, False))  # fmt: skip
    rows = [
        (names.get(each.district_id, ""), str(each.number), known[each.project_id].name,
         told(each.fact, each.basis), shortened(each.demand),
         each.due_on.isoformat() if each.due_on else "-", each.owner)
        for each in problems
    ]  # fmt: skip
    name = f"{period_zh(row.period)}检查问题清单"
    parts = [rows[begin : begin + MOST_ROWS] for begin in range(0, len(rows), MOST_ROWS)]
    return [
        {
            "name": name if len(parts) == 1 else f"{name}（{number}）",
            "table": _table("", columns, part) | {"wide": True},
        }
        for number, part in enumerate(parts, start=1)
    ]


def _notes(districts: Iterable[InspectionDistrict], names: Mapping[int, str]) -> list[str]:
    """What must be said of districts that are not through, did not sign, or object."""
    notes = []
    late = [names.get(each.organ_id, "") for each in districts if not each.closed_at]
    silent = [names.get(each.organ_id, "") for each in districts if each.closed_at and not each.signed_at]
    if late:
        notes.append(f"截至通报拟写，{'、'.join(late)}的检查或者签认还没有完成，其问题清单另行下达")
    if silent:
        notes.append(f"{'、'.join(silent)}逾期未签认问题清单，视同无异议")
    notes += [
        f"{names.get(each.organ_id, '')}对问题清单的异议：{each.objection}" for each in districts if each.objection
    ]
    return notes


def _table(caption: str, columns: Iterable[tuple[str, int, bool]], rows: Iterable[tuple[str, ...]]) -> dict[str, Any]:
    heads = [{"heading": heading, "width_mm": width, "number": number} for heading, width, number in columns]
    return {"columns": heads, "rows": [list(row) for row in rows], "caption": caption}

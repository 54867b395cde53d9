"""What the papers of a half-year's verification say: one district's 核查报告 and the city's 通报, as plain values."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from models.clock import local_day
from models.district import TIERS, land_on
from models.duty import period_zh
from models.notice import parties
from models.organ import organ_names, organ_of
from models.printed_numbers import money
from models.problem import Problem, shortened, told
from models.project import Project
from models.verification_lines import Line, Sum, lines_of, sums_of
from models.verification_problems import found_on_site, problems_of_process
from models.verification_rows import (
    Verification,
    VerificationSite,
    desk_id,
    sites_of,
    verifications_of,
)
from models.verification_sample import SAMPLED_AS, sample_rule

UNSIGNED, NOT_FILED = "逾期未签认", "逾期未报自查，按台账核查"
MOST_ROWS = 500  # of one table of a paper
Columns = Iterable[tuple[str, float, bool]]
NO_RATE = "没有当日汇率的外币金额不折算、不计入合计，逐笔列在附件中"


def report_letter(session: Session, row: Verification, today: date) -> dict[str, Any]:
    """核查报告 of one district: scope, method, the sums, what was reduced, on the spot, problems; each amount as annex."""
    name, half = organ_of(session, row.organ_id).name_zh, period_zh(row.period)
    lines = lines_of(session, [row.id]).get(row.id, [])
    sites, problems = sites_of(session, row.id), problems_of_process(session, row.process_id)
    numbers = [each.project_id for each in sites] + [each.project_id for each in problems]
    projects = _projects(session, numbers)
    desk = desk_id(session)
    return {
        "kind": "verification_report",
        **parties(session, desk, desk),
        "to": organ_of(session, row.organ_id).addressed,
        "date": today.isoformat(),
        "subject": f"{name}{half}到位资金",
        "opening": f"按照半年核查安排，对{name}{half}申报的招商引资到位资金进行了核查。现将核查情况报告如下：",
        "sections": [
            {"heading": "核查范围和方式", "text": _how(row, lines, sites)},
            {"heading": "数据核实情况", "text": _found(lines), "tables": [_by_nature(lines)]},
            {"heading": "现场核查情况", "text": _on_site(sites), "tables": _visited(sites, projects)},
            {"heading": "问题清单", "text": _signed(row, problems)},
            {"heading": "整改要求", "text": _demand(problems)},
        ],
        "annexes": [*_entry_annexes(lines), *_problem_annexes(problems, projects, {}, half)],
        "notes": [NO_RATE] if any(each.unrated for each in sums_of(lines).values()) else [],
        "demo": any(line.demo for line in lines),
    }


def _how(row: Verification, lines: Sequence[Line], sites: Sequence[VerificationSite]) -> str:
    filed = f"区自查由{row.filed_by}报送、{row.self_signed_by}签认" if row.self_signed_by else f"区里{NOT_FILED}"
    scope = f"核查范围为{period_zh(row.period)}到位、{_moment(row.frozen_at)}前填报的资金{len(lines)}笔"
    said = [
        f"{scope}，涉及项目{len({line.project_id for line in lines})}个。{filed}。",
        "网上核查逐笔对照凭证，由两名核查人员先后判断，意见一致的才予认定，核减的逐笔写明原因。",
    ]
    if sites:
        said.append(f"现场核查抽取{len(sites)}个项目，查阅资料、听取汇报、实地了解。抽样规则：{sample_rule(row.seed)}")
    return "\n".join(said)


def _found(lines: Sequence[Line]) -> str:
    if not lines:
        return "本期没有申报到位资金。"
    cut = [line for line in lines if line.state == "agreed" and line.reduced]
    said = "各项合计见下表，逐笔情况见附件。"
    return said + (f"核减{len(cut)}笔。" if cut else "没有核减。")


def _by_nature(lines: Sequence[Line]) -> dict[str, Any]:
    sums = sums_of(lines)
    rows = [
        ("内资（万元）", *_figures(sums["domestic"])),
        ("外资（万美元）", *_figures(sums["foreign"])),
    ]
    columns = (("项目", 36, False), ("笔数", 18, True), ("申报", 34, True), ("认定", 34, True), ("核减", 34, True))
    return _table("申报、认定、核减情况", columns, rows)


def _figures(found: Sum) -> tuple[str, str, str, str]:
    if not found.count:
        return ("0", money(None), money(None), money(None))
    return (str(found.count), money(found.declared), money(found.recognised), money(found.reduced))


def _on_site(sites: Sequence[VerificationSite]) -> str:
    if not sites:
        return "没有需要到现场核查的项目。"
    wrong = sum(1 for each in sites if found_on_site(each))
    unsigned = sum(1 for each in sites if not each.confirmed_by)
    said = (
        f"共到现场核查{len(sites)}个项目，其中{wrong}个发现问题。"
        if wrong
        else f"共到现场核查{len(sites)}个项目，没有发现问题。"
    )
    return said + (f"{unsigned}个项目的区代表{UNSIGNED}。" if unsigned else "")


def _visited(sites: Sequence[VerificationSite], projects: Mapping[int, Project]) -> list[dict[str, Any]]:
    if not sites:
        return []
    rows = [
        (projects[each.project_id].name, SAMPLED_AS[each.why], _moment(each.visited_at),
         str(each.answers.get("site_inspectors") or "-"), each.confirmed_by or UNSIGNED,
         str(each.answers.get("company_signer") or "-"), str(len(found_on_site(each))))
        for each in sites
    ]  # fmt: skip
    columns = (("项目", 40, False), ("抽取原因", 23, False), ("核查日期", 27, False), ("核查人员", 22, False),
               ("区代表", 18, False), ("企业", 16, False), ("问题", 10, True))  # fmt: skip
    return [_table("现场核查项目", columns, rows)]


def _signed(row: Verification, problems: Sequence[Problem]) -> str:
    if not problems:
        return "没有列入清单的问题。"
    signed = f"由{row.signed_by}于{_moment(row.signed_at)}签认" if row.signed_at else f"区里{UNSIGNED}"
    objection = f"区里的意见：{row.objection}" if row.objection else ""
    return f"共列问题{len(problems)}条，{signed}，见附件。{objection}"


def _demand(problems: Sequence[Problem]) -> str:
    if not problems:
        return "请继续逐笔留存凭证，按时如实填报。"
    days = sorted({each.due_on for each in problems if each.due_on})
    until = f"，{days[-1].year}年{days[-1].month}月{days[-1].day}日前完成" if days else ""
    return f"请对照问题清单逐条整改{until}。整改通知书另行下达，整改结果由另一单位复核，到位才销号。"


def _entry_annexes(lines: Sequence[Line]) -> list[dict[str, Any]]:
    columns = (("序号", 11, True), ("项目", 50, False), ("到位日期", 26, False), ("单位", 18, False), ("申报", 28, True),
               ("认定", 28, True), ("核减", 26, True), ("核减原因", 38, False))  # fmt: skip
    rows = [
        (str(number), line.project_name, line.on.isoformat(), line.unit, money(line.declared),
         money(line.recognised if line.is_settled else None), money(line.reduced if line.is_settled else None),
         line.reason[:200] or "-")
        for number, line in enumerate(lines, start=1)
    ]  # fmt: skip
    return _annexes("到位资金逐笔核查表", columns, rows)


def _problem_annexes(
    problems: Sequence[Problem], projects: Mapping[int, Project], names: Mapping[int, str], half: str
) -> list[dict[str, Any]]:
    """The list; with the district in front where there are several."""
    place = (("区", 22, False),) if names else ()
    widths = (64, 27, 17) if names else (84, 27, 19)
    columns = (*place, ("序号", 11, True), ("项目", 46, False), ("问题", widths[0], False), ("整改要求", 38, False),
               ("期限", widths[1], False), ("责任单位", widths[2], False))  # fmt: skip
    rows = [
        (*((names[each.district_id],) if names else ()), str(each.number), projects[each.project_id].name,
         told(each.fact, each.basis), shortened(each.demand),
         each.due_on.isoformat() if each.due_on else "-", each.owner)
        for each in problems
    ]  # fmt: skip
    return _annexes(f"{half}核查问题清单", columns, rows)


def bulletin_letter(session: Session, period: str, today: date) -> dict[str, Any]:
    """半年核查情况的通报: the three columns by district, tiers and city, what was found, who is not through."""
    rows, half, desk = verifications_of(session, period), period_zh(period), desk_id(session)
    lines = lines_of(session, [each.id for each in rows])
    names = organ_names(session, [each.organ_id for each in rows])
    problems = [problem for each in rows for problem in problems_of_process(session, each.process_id)]
    names |= organ_names(session, [each.district_id for each in problems])
    late = [names[each.organ_id] for each in rows if each.closed_at is None]
    every = [line for each in rows for line in lines.get(each.id, ())]
    return {
        "kind": "bulletin",
        **parties(session, desk, desk),
        "to": "各区人民政府",
        "date": today.isoformat(),
        "subject": f"{half}到位资金核查情况",
        "opening": f"按照年度工作安排，对各区{half}招商引资到位资金开展了核查。现将有关情况通报如下：",
        "sections": [
            {"heading": "总体情况", "text": _overall(rows, every, problems),
             "tables": [_by_district(session, rows, lines, names, each) for each in ("domestic", "foreign")]},
            {"heading": "存在的问题", "text": _problems_said(problems, late)},
            {"heading": "下一步要求", "text": _demand(problems)},
        ],
        "annexes": _problem_annexes(problems, _projects(session, [each.project_id for each in problems]), names, half),
        "notes": _notes(rows, every, names),
        "demo": any(line.demo for line in every),
    }  # fmt: skip


def _overall(rows: Sequence[Verification], every: Sequence[Line], problems: Sequence[Problem]) -> str:
    done = sum(1 for each in rows if each.closed_at)
    sums = sums_of(every)
    money_said = "；".join(
        f"{word}申报{money(found.declared)}{unit}，认定{money(found.recognised)}{unit}，核减{money(found.reduced)}{unit}"
        for word, unit, found in (("内资", "万元", sums["domestic"]), ("外资", "万美元", sums["foreign"]))
        if found.count
    )
    said = f"共核查{len(rows)}个区、{len(every)}笔资金，{done}个区已经完成，列问题{len(problems)}条。"
    return said + (f"{money_said}。" if money_said else "")


def _by_district(
    session: Session,
    rows: Sequence[Verification],
    lines: Mapping[int, Sequence[Line]],
    names: Mapping[int, str],
    nature: str,
) -> dict[str, Any]:
    """Districts, then the three tiers, then the city, each the sum of the lines behind it."""
    tiers = {each.id: each.tier for each in land_on(session, local_day(rows[0].opened_at)).districts}
    body: list[tuple[str, ...]] = []
    by_tier: dict[str, tuple[Line, ...]] = dict.fromkeys(TIERS, ())
    for row in rows:
        own = tuple(lines.get(row.id, ()))
        tier = tiers.get(row.organ_id, TIERS[-1])
        by_tier[tier] = (*by_tier[tier], *own)
        body.append((names[row.organ_id], *_figures(sums_of(own)[nature]), "完成" if row.closed_at else "未完成"))
    for tier, own in by_tier.items():
        if tier not in {each[0] for each in body}:
            body.append((f"{tier}小计", *_figures(sums_of(own)[nature]), ""))
    every = [line for own in lines.values() for line in own]
    body.append(("全市合计", *_figures(sums_of(every)[nature]), ""))
    columns = (("区", 36, False), ("笔数", 16, True), ("申报", 30, True), ("认定", 30, True), ("核减", 26, True),
               ("核查", 18, False))  # fmt: skip
    caption = "各区内资核查情况（万元）" if nature == "domestic" else "各区外资核查情况（万美元）"
    return _table(caption, columns, body)


def _problems_said(problems: Sequence[Problem], late: Sequence[str]) -> str:
    cut = sum(1 for each in problems if each.amount_entry_id)
    said = [
        f"核减{cut}笔，现场核查发现问题{len(problems) - cut}条，清单见附件。" if problems else "没有列入清单的问题。"
    ]
    if late:
        said.append(f"截至通报拟写，{'、'.join(late)}的核查还没有完成，其结果另行通报。")
    return "\n".join(said)


def _notes(rows: Sequence[Verification], every: Sequence[Line], names: Mapping[int, str]) -> list[str]:
    silent = [names[each.organ_id] for each in rows if each.frozen_at and not each.self_signed_by]
    notes = [f"{'、'.join(silent)}{NOT_FILED}"] if silent else []
    waiting = sum(found.waiting for found in sums_of(every).values())
    if waiting:
        notes.append(f"申报数含尚未认定的{waiting}笔，认定、核减不含")
    if any(found.unrated for found in sums_of(every).values()):
        notes.append(NO_RATE)
    return notes


def _projects(session: Session, numbers: Iterable[int]) -> dict[int, Project]:
    found = session.query(Project).filter(Project.id.in_(set(numbers)))
    return {each.id: each for each in found}


def _annexes(name: str, columns: Columns, rows: Sequence[tuple[str, ...]]) -> list[dict[str, Any]]:
    parts = [rows[begin : begin + MOST_ROWS] for begin in range(0, len(rows), MOST_ROWS)]
    return [
        {
            "name": name if len(parts) == 1 else f"{name}（{number}）",
            "table": _table("", columns, part) | {"wide": True},
        }
        for number, part in enumerate(parts, start=1)
    ]


def _table(caption: str, columns: Columns, rows: Iterable[tuple[str, ...]]) -> dict[str, Any]:
    heads = [{"heading": heading, "width_mm": width, "number": number} for heading, width, number in columns]
    return {"columns": heads, "rows": [list(row) for row in rows], "caption": caption}


def _moment(moment: datetime | None) -> str:
    if moment is None:
        return "-"
    day = local_day(moment)
    return f"{day.year}年{day.month}月{day.day}日"

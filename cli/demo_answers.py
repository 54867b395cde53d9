"""What the demo's people answer, form by form, and when: a pure function of the story's pace and the day."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from cli.demo_cast import DemoProject

FILE = "文件"  # stands for one stored attachment
Answers = Mapping[str, Any]
SPEED = {"steady": 0.12, "slow": 0.085, "behind": 0.03, "unlisted": 0.12, "finished": 0.14}  # of the year plan, a month
SUPPORT_WAIT = {"waiting": 999}


def answers_for(
    project: DemoProject,
    item: Any,
    *,
    waited: int,
    day: int,
    today: date,
    departments: list[int],
    findings: int,
) -> Answers | None:
    """The answers to an open item, or None when its holder lets it lie today."""
    answer = ANSWERS.get(item.form)
    if answer is not None:
        return answer(project, item, waited, today, departments, findings)
    if item.form.startswith("stage_exit_"):
        return _leave_stage(project, item, waited, day, today)
    return None


def _plan(
    project: DemoProject, _item: Any, waited: int, today: date, departments: list[int], _f: int
) -> Answers | None:
    if waited < 2:
        return None
    needs = {"needs": "请协助落实人才公寓、员工子女入学和融资对接。"} if departments else {}
    planned = today + timedelta(days=110 if project.pace in ("stalled", "behind") else 240)
    return {"plan": "倒排工期，每周调度一次。", "plan_on": planned.isoformat(), "departments": departments, **needs}


def _support(project: DemoProject, item: Any, waited: int, _today: date, _d: list[int], _f: int) -> Answers | None:
    if waited < SUPPORT_WAIT.get(project.pace, 2 + item.id % 4):
        return None
    return {"outcome": "已办结", "result": "已对接企业，材料齐全，按时办结。"}


def _leave_stage(project: DemoProject, item: Any, waited: int, day: int, today: date) -> Answers | None:
    if project.pace == "finished" and waited >= 20:
        facts = (
            {"produced_on": today.isoformat()}
            if item.form == "stage_exit_produce"
            else {"visual_milestone": "设备安装调试", "actual_finish_on": today.isoformat()}
        )
        return {"passed": "true", "evidence": FILE, **facts}
    if project.pace in ("returned", "suspended", "withdrawn") or day < 90 or waited < 30:
        return None
    if item.form == "stage_exit_reserve" and project.pace == "fresh" and item.project_id % 2:
        return {
            "passed": "true",
            "build_nature": "新建",
            "plan_start_on": (today + timedelta(days=200)).isoformat(),
            "plan_finish_on": (today + timedelta(days=700)).isoformat(),
            "agreement_kind": "投资",
            "sign_entity": "演示投资有限公司",
            "signed_on": today.isoformat(),
            "evidence": FILE,
        }
    return None


def _progress(project: DemoProject, item: Any, waited: int, _today: date, _d: list[int], _f: int) -> Answers | None:
    if waited < 1 + item.id % 3 or project.pace == "stalled":
        return None
    share = SPEED.get(project.pace, 0.0)
    done = int(project.wan * 0.3 * share) if project.stage in ("start", "build") else 0
    return {
        "month_done_wan": str(done),
        "arrived_month_wan": str(done),
        "progress_note": "按计划推进。",
        "evidence": FILE,
    }


def _sign(project: DemoProject, item: Any, waited: int, _t: date, _d: list[int], _f: int) -> Answers | None:
    if waited < 1 or (project.pace == "stalled" and item.node == "sign_l3"):
        return None
    return {}


def _receipt(project: DemoProject, _i: Any, waited: int, _t: date, _d: list[int], _f: int) -> Answers | None:
    if waited < (999 if project.pace in ("talk", "reported") else 1):
        return None
    return {"signed_by": "办公室", "responsible": "分管负责人", "contact": "022-00000000"}


def _measures(_p: DemoProject, _i: Any, waited: int, today: date, _d: list[int], _f: int) -> Answers | None:
    if waited < 4:
        return None
    return {
        "measures": "成立专班，逐项挂账。",
        "responsible": "分管负责人",
        "finish_on": (today + timedelta(days=20)).isoformat(),
    }


def _report(project: DemoProject, _i: Any, waited: int, today: date, _d: list[int], findings: int) -> Answers | None:
    if waited < 8 or project.pace == "rectifying":
        return None
    facts: dict[str, Any] = {}
    if project.pace == "closed_out":
        facts = {"actual_start_on": today.isoformat(), "in_stat_on": today.isoformat()}
    each = {f"result_{n}": "已按要求落实。" for n in range(1, findings + 1)}
    return {**each, **{f"evidence_{n}": FILE for n in range(1, findings + 1)}, "responsible": "分管负责人", **facts}


def _review(_p: DemoProject, _i: Any, waited: int, _t: date, _d: list[int], findings: int) -> Answers | None:
    if waited < 2:
        return None
    return {**{f"passed_{n}": "true" for n in range(1, findings + 1)}, "opinion": "现场核实，情况属实。"}


def _arrange(project: DemoProject, _i: Any, waited: int, today: date, _d: list[int], _f: int) -> Answers | None:
    if project.pace not in ("talk", "reported") or waited < (5 if project.pace == "talk" else 1):
        return None
    return {
        "held_on": (today + timedelta(days=14)).isoformat(),
        "held_time": "14:30",
        "place": "市政府第三会议室",
        "host": "分管副市长（演示）",
        "attendees": "你单位主要负责人、分管负责人和项目专员。",
        "cause": "整改通知书逾期未签收，项目至今未开工。",
        "materials": "项目推进情况说明，整改方案，要素保障问题清单。",
    }


def _record(project: DemoProject, _i: Any, waited: int, today: date, _d: list[int], _f: int) -> Answers | None:
    if project.pace != "reported" or waited < 14:
        return None
    return {
        "held_on": today.isoformat(),
        "place": "市政府第三会议室",
        "host": "分管副市长（演示）",
        "recorder": "督查专员（演示）",
        "attendees": "责任单位主要负责人",
        "issues": "项目逾期未开工，整改通知书未签收。",
        "statement": "立即签收，倒排工期。",
        "requirements": "十个工作日内签收并报送整改方案。",
        "due_on": (today + timedelta(days=14)).isoformat(),
        "evidence": FILE,
    }


def _special_report(project: DemoProject, _i: Any, waited: int, _t: date, _d: list[int], _f: int) -> Answers | None:
    if project.pace != "reported" or waited < 1:
        return None
    return {
        "addressee": "市政府主要领导",
        "subject": f"关于{project.name}长期未开工情况的专报",
        "situation": "项目签约后计划开工日期已过，至今未开工，要素保障问题未逐项解决。",
        "measures": "先后发出提醒函、督办通知单和整改通知书，并约谈责任单位；责任单位至今未签收整改通知书。",
        "suggestion": "建议由分管市领导召开专题调度会，逐项明确供地、审批和资金的责任单位和完成时间；仍无进展的，研究退库。",
    }


def _opinion(_p: DemoProject, item: Any, waited: int, _t: date, _d: list[int], _f: int) -> Answers | None:
    if waited < 1:
        return None
    return {"agreed": "true", **({"opinion": "同意。"} if item.node == "countersign" else {})}


def _head_agrees(_p: DemoProject, _i: Any, waited: int, _t: date, _d: list[int], _f: int) -> Answers | None:
    return {"agreed": "true", "opinion": "情况属实，请予延期。"} if waited >= 1 else None


def _desk_grants(_p: DemoProject, _i: Any, waited: int, _t: date, _d: list[int], _f: int) -> Answers | None:
    return {"granted": "true", "opinion": "请抓紧办理，按新的期限报送。"} if waited >= 1 else None


def _visit(_p: DemoProject, _i: Any, waited: int, _t: date, _d: list[int], _f: int) -> Answers | None:
    if waited < 2:
        return None
    return {
        "site_papers": ["验资报告", "银行进账单"], "site_report": "项目负责人汇报了工程和资金情况。（演示）",
        "site_exists": "true", "site_investment_supported": "true", "site_money_matches": "true", "site_slip_stamped": "是",
        "site_photos": FILE, "site_inspectors": "演示核查组", "company_signer": "演示企业负责人", "company_signature": FILE,
    }  # fmt: skip


def _confirm(_p: DemoProject, _i: Any, waited: int, _t: date, _d: list[int], _f: int) -> Answers | None:
    return {"visit_confirmed": "true"} if waited >= 1 else None


ANSWERS: dict[str, Callable[..., Answers | None]] = {
    "stage_plan": _plan,
    "department_support": _support,
    "progress_review": _progress,
    "supervision_sign": _sign,
    "receipt": _receipt,
    "rectification_plan": _measures,
    "rectification_report": _report,
    "rectification_review": _review,
    "admonition_arrange": _arrange,
    "admonition_record": _record,
    "special_report": _special_report,
    "dispatch_opinion": _opinion,
    "verification_site": _visit,
    "verification_site_confirm": _confirm,
    "extension_opinion": _head_agrees,
    "extension_decision": _desk_grants,
}

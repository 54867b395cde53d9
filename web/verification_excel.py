"""A district's verification as an Excel file: every amount, what was looked at on the spot, the problem list."""

from forms.workbook import Page, workbook_of
from models.duty import period_zh
from models.printed_numbers import money
from models.verification_lines import sums_of
from models.verification_list import Whole
from models.verification_problems import found_on_site
from models.verification_rows import STATES
from models.verification_sample import SAMPLED_AS, sample_rule


def excel_of(whole: Whole, name: str) -> bytes:
    """The file, in Chinese as the report is; figures as they are printed there."""
    return workbook_of([_entries(whole, name), _sites(whole), _problems(whole)])


def _entries(whole: Whole, name: str) -> Page:
    rows = tuple(
        (str(at), line.project_no, line.project_name, line.on.isoformat(), line.unit, money(line.declared),
         money(line.recognised if line.is_settled else None), money(line.reduced if line.is_settled else None),
         STATES[line.state], line.reason, line.judged_by, line.agreed_by, "、".join(each for _n, _k, each in line.vouchers))
        for at, line in enumerate(whole.lines, 1)
    )  # fmt: skip
    head = (
        "序号",
        "项目编号",
        "项目",
        "到位日期",
        "单位",
        "申报",
        "认定",
        "核减",
        "状态",
        "核减原因",
        "初核人",
        "复核人",
        "凭证",
    )
    sums = sums_of(whole.lines)
    below = tuple(
        f"{word}合计（{unit}）：申报{money(found.declared)}，认定{money(found.recognised)}，核减{money(found.reduced)}"
        for word, unit, found in (("内资", "万元", sums["domestic"]), ("外资", "万美元", sums["foreign"]))
    )
    return Page("逐笔核查", (f"{name}{period_zh(whole.row.period)}核查",), head, rows, below, frozenset({5, 6, 7}))


def _sites(whole: Whole) -> Page:
    rows = tuple(
        (project.project_no, project.name, SAMPLED_AS[site.why], site.visited_by or "", site.confirmed_by or "",
         str((site.answers or {}).get("company_signer") or ""), "；".join(found_on_site(site)))
        for site, project in whole.sites
    )  # fmt: skip
    head = ("项目编号", "项目", "抽取原因", "核查人员", "区代表", "企业", "发现的问题")
    return Page("现场核查", (sample_rule(whole.row.seed),), head, rows)


def _problems(whole: Whole) -> Page:
    rows = tuple(
        (str(each.number), whole.projects.get(each.project_id, ""), each.fact, each.basis, each.demand,
         each.due_on.isoformat() if each.due_on else "", each.owner)
        for each in whole.problems
    )  # fmt: skip
    return Page("问题清单", (), ("序号", "项目", "问题", "依据", "整改要求", "期限", "责任单位"), rows)

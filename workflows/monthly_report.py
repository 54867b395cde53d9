"""区月报 (第三条): on the 1st one report per district for the month gone by, four blocks from the ledger, signed by the 5th."""

from collections.abc import Mapping
from typing import Any

from engine.door import start_process
from engine.steps import Case, step
from models.district import District, land_on
from models.duty import Duty, Period, Subject, duty, last_day_of, period_zh
from models.mechanism import mechanism
from models.monthly_report import MonthlyReport, due_of, reports_of, sign_report
from models.refusal import Invalid
from models.texts import N_
from models.unit import Unit

mechanism(
    "monthly_report",
    N_("区月报"),
    article=3,
    purpose_zh=N_("每月1日由系统按台账汇成四块，区里核对、审核、签发，不再另填数字。"),
)


def open_reports(unit: Unit, period: Period, cursor: int, limit: int) -> tuple[int | None, int]:
    """One chunk of the month: a report for each district of its last day; the business key keeps it to one.

    A district that ended with the month has its report, and whoever took over is asked for it.
    """
    chosen = sorted((each for each in reporting(unit, period) if each.id > cursor), key=lambda each: each.id)[:limit]
    opened, asked = reports_of(unit.session, period.name), land_on(unit.session, unit.today).answering
    for district in (each for each in chosen if each.id not in opened):
        _open(unit, period.name, district, asked.get(district.id, district.id))
    return (None if len(chosen) < limit else chosen[-1].id), len(chosen)


def reporting(unit: Unit, period: Period) -> tuple[District, ...]:
    """The districts that report a month: those of its last day, as the bulletin has them."""
    return land_on(unit.session, last_day_of(period.name)).districts


def subjects_reporting(unit: Unit, period: Period) -> list[Subject]:
    """For whom a month would open: each district, seen by whoever answers for it now."""
    asked = land_on(unit.session, unit.today).answering
    return [Subject(each.id, each.name, (asked.get(each.id, each.id),)) for each in reporting(unit, period)]


duty(Duty("monthly_report", N_("区月报"), months=1, day=1, after=1, per="district", work=open_reports,
          would=subjects_reporting))  # fmt: skip


def _open(unit: Unit, period: str, district: District, asked_id: int) -> None:
    due = due_of(unit, period)
    row = MonthlyReport(period=period, organ_id=district.id, opened_at=unit.now, due_at=due)
    unit.session.add(row)
    row.process_id = start_process(
        unit,
        key="monthly_report",
        title=f"{district.name}{period_zh(period)}月报",
        organ_id=asked_id,
        district_id=asked_id,
        business_key=f"monthly_report:{period}:{district.id}",
        data={
            "period": period,
            "reported_organ": district.id,
            "district_organ": asked_id,
            "report_due": due.isoformat(),
            "agreed": False,
            "words": "",
        },
    )


@step("monthly_report.record_words")
def record_words(_unit: Unit, case: Case) -> Mapping[str, Any]:
    """核报: what the district adds in its own words; the figures are the ledger's. Refuses blocks nobody has checked."""
    if not case.answers["blocks_checked"]:
        raise Invalid(
            N_("填写有误"), fields={"blocks_checked": N_("请先核对四块内容；有不符的，请在项目页更正后再提交。")}
        )
    return {"words": str(case.answers.get("month_words") or "")}


@step("monthly_report.record_opinion")
def record_opinion(_unit: Unit, case: Case) -> Mapping[str, Any]:
    """审核, 签发: who does not agree says what to change."""
    if not case.answers["agreed"] and not case.answers.get("opinion"):
        raise Invalid(N_("填写有误"), fields={"opinion": N_("不同意的，请写明怎么改。")})
    return {"agreed": bool(case.answers["agreed"])}


@step("monthly_report.freeze")
def freeze(unit: Unit, case: Case) -> None:
    """归档: the four blocks as they stand when the district's leader signs."""
    words = str(case.data.get("words") or "")
    sign_report(unit, period=str(case.data["period"]), organ_id=int(case.data["reported_organ"]), note=words)

"""区月报 as its pages show it: the month's list, and one report in its four blocks."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from models import printed_numbers as printed
from models.monthly_report import MonthlyReport, live_content, owed_items, report_months, reports_seen
from models.organ import organ_names
from models.refusal import NotFound
from models.texts import N_
from models.unit import Unit
from web.duty_words import period_words
from web.i18n import day, language, moment, say
from web.views import Chip, LampView
from web.views.reports import Block, BlockRow, ReportPage, ReportRow, ReportsPage

NAMES = {
    "capital": N_("实际利用内资"),
    "registrations": N_("外资注册落地项目"),
    "landings": N_("半年内有望落地项目"),
    "talks": N_("洽谈跟踪项目"),
}
EMPTY = {
    "capital": N_("本月没有到位的内资。"),
    "registrations": N_("本月没有外资项目注册。"),
    "landings": N_("没有预计半年内落地的项目；预计落地时间在项目资料里填写。"),
    "talks": N_("没有在谈的项目。"),
}


def reports_view(unit: Unit, period: str) -> ReportsPage:
    """The reports of a month that the actor may see; the newest month when none or an unknown one is named."""
    months = report_months(unit.session) or [unit.today.strftime("%Y-%m")]
    chosen = period if period in months else months[0]
    reports = reports_seen(unit, chosen)
    names = organ_names(unit.session, [each.organ_id for each in reports], language())
    owed = owed_items(unit.session, [each.process_id for each in reports if each.process_id])
    rows = tuple(_row(unit, each, names, owed) for each in sorted(reports, key=lambda each: each.organ_id))
    return ReportsPage(
        months=tuple(
            Chip(period_words(each), url_for("monthly_reports.index", period=each), active=each == chosen)
            for each in months
        ),
        month=period_words(chosen),
        due=day(reports[0].due_at) if reports else "",
        signed=sum(each.signed_at is not None for each in reports),
        rows=rows,
    )


def _row(unit: Unit, report: MonthlyReport, names: Mapping[int, str], owed: Mapping[int, str]) -> ReportRow:
    colour, text = _lamp(unit, report)
    return ReportRow(
        district=names.get(report.organ_id, ""),
        lamp=LampView(colour, text),
        state=_state(report),
        owes="" if report.signed_at else say(owed.get(report.process_id or 0, "")),
        capital=_total(report.content["capital"]) if report.content else "",
        href=url_for("monthly_reports.page", period=report.period, organ_id=report.organ_id),
    )


def _lamp(unit: Unit, report: MonthlyReport) -> tuple[Any, str]:
    if report.signed_at is not None:
        late = report.signed_at > report.due_at
        return ("yellow", _("迟报")) if late else ("green", _("已报"))
    return ("red", _("逾期未报")) if unit.now > report.due_at else ("grey", _("未到期"))


def _state(report: MonthlyReport) -> str:
    if report.signed_at is None:
        return str(_("待签发"))
    return str(_("%(who)s %(when)s签发", who=report.signed_by, when=moment(report.signed_at)))


def report_view(unit: Unit, period: str, organ_id: int) -> ReportPage:
    """One report as signed, or as the ledger stands now; raises NotFound for others' and unknown ones."""
    report = next((each for each in reports_seen(unit, period) if each.organ_id == organ_id), None)
    if report is None:
        raise NotFound(N_("没有这个区这个月的月报。"))
    content = report.content or live_content(unit, period, organ_id)
    district = organ_names(unit.session, [organ_id], language()).get(organ_id, "")
    return ReportPage(
        title=_("%(district)s %(month)s月报", district=district, month=period_words(period)),
        state=_state(report),
        lead=_("签发时的台账，以后台账再改，这里不变。")
        if report.content
        else _("还没有签发：下面是台账现在的内容，不符的请到项目页更正。"),
        frozen=report.content is not None,
        blocks=tuple(_block(name, content.get(name, ())) for name in NAMES),
        words=str(content.get("note") or ""),
        list_href=url_for("monthly_reports.index", period=period),
        item_href="",
    )


def _block(name: str, rows: Iterable[Mapping[str, Any]]) -> Block:
    lines = list(rows)
    total = _total(lines) if name == "capital" and lines else ""
    return Block(say(NAMES[name]), say(EMPTY[name]), tuple(_line(each) for each in lines), total)


def _line(row: Mapping[str, Any]) -> BlockRow:
    on = row.get("on") or row.get("expected_on") or ""
    return BlockRow(
        project=str(row["project"]),
        project_no=str(row.get("project_no") or ""),
        href=url_for("projects.page", project_id=row["project_id"]),
        on=str(on),
        said=_said(row),
        standing=say(str(row.get("standing") or "")) if row.get("standing") else "",
    )


def _said(row: Mapping[str, Any]) -> str:
    if "amount_wan" not in row:
        return str(row.get("note") or "")
    if row["amount_wan"] is None and row.get("currency"):
        return str(
            _("%(amount)s 万（%(currency)s），没有当日汇率，未计入", amount=row["amount"], currency=row["currency"])
        )
    return str(
        _("%(amount)s 万元", amount=printed.money(None if row["amount_wan"] is None else Decimal(row["amount_wan"])))
    )


def _total(rows: Iterable[Mapping[str, Any]]) -> str:
    counted = sum((Decimal(each["amount_wan"]) for each in rows if each["amount_wan"] is not None), Decimal(0))
    return str(_("%(amount)s 万元", amount=printed.money(counted)))

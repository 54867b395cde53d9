"""通报的三张项目清单 and who did not report: from the district reports as they were signed."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import printed_numbers as printed
from models.district import Land
from models.monthly_report import MonthlyReport, reports_of
from models.project import Project
from models.texts import N_

LISTS = {"registrations": N_("外资注册落地项目"), "landings": N_("半年内有望落地项目"), "talks": N_("洽谈跟踪项目")}
UNREPORTED = "未报"


def lists_of(session: Session, period: str, land: Land) -> dict[str, list[dict[str, Any]]]:
    """The rows of each list in the order of districts; a district whose report is not signed has one row that says so."""
    reports = reports_of(session, period)
    signed = {each.id: reports[each.id].content or {} for each in land.districts if _is_signed(reports.get(each.id))}
    names = _names(session, signed.values())
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in LISTS}
    for district in land.districts:
        for name, into in found.items():
            rows = signed[district.id].get(name) or () if district.id in signed else ({"project": UNREPORTED},)
            into.extend(_row(district.name, each, names) for each in rows)
    return found


def missing_of(session: Session, period: str, land: Land) -> dict[str, list[str]]:
    """`missing`: districts whose report is not signed; `late`: those signed after its due moment; by name."""
    reports = reports_of(session, period)
    late = [each.name for each in land.districts if _is_late(reports.get(each.id))]
    missing = [each.name for each in land.districts if not _is_signed(reports.get(each.id))]
    return {"missing": missing, "late": late}


def all_signed(session: Session, period: str, land: Land) -> bool:
    """Whether the report of every district of the day is there, so that a bulletin need not wait."""
    reports = reports_of(session, period)
    return all(_is_signed(reports.get(each.id)) for each in land.districts)


def _is_signed(report: MonthlyReport | None) -> bool:
    return report is not None and report.signed_at is not None


def _is_late(report: MonthlyReport | None) -> bool:
    return report is not None and report.signed_at is not None and report.signed_at > report.due_at


def _rows(contents: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for content in contents:
        for name in LISTS:
            yield from content.get(name) or ()


def _names(session: Session, contents: Iterable[Mapping[str, Any]]) -> dict[int, str]:
    """Names of the projects that rows name by number."""
    wanted = {number for row in _rows(contents) if (number := _number(row))}
    query = select(Project.id, Project.name).where(Project.id.in_(wanted))
    return dict(session.execute(query).all()) if wanted else {}


def _number(row: Mapping[str, Any]) -> int | None:
    given = row.get("project_id") or row.get("project")
    return int(given) if isinstance(given, int) or (isinstance(given, str) and given.isdecimal()) else None


def _row(district: str, row: Mapping[str, Any], names: Mapping[int, str]) -> dict[str, Any]:
    number = _number(row)
    given = row.get("project_name") or row.get("name") or names.get(number or 0) or row.get("project") or ""
    return {
        "district": district,
        "project": str(given)[:120],
        "project_id": number,
        "on": str(row.get("on") or row.get("expected_on") or ""),
        "said": _said(row),
    }


def _said(row: Mapping[str, Any]) -> str:
    """The amount with its unit, or what is said of a talk."""
    for name, unit in (("amount_wan_usd", "万美元"), ("amount_wan", "万元")):
        if row.get(name) not in (None, ""):
            return f"{printed.money(printed.parsed(str(row[name])))}{unit}"
    return str(row.get("note") or "")[:200]

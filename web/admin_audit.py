"""留痕 as its page shows it: filtered, paged by key, and to be taken away as a table."""

import csv
import io
import json
from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, make_response, request, url_for
from flask_babel import gettext as _

from models.house import House
from models.oversight import MOST_EXPORTED, PAGE, AuditFilter, AuditLine, audit_lines, export_audit
from models.refusal import Invalid
from models.texts import N_
from models.unit import Unit, open_reading, open_unit
from web.admin_views import shown
from web.audit_words import ACT_WORDS, KIND_WORDS
from web.gate import current_actor, requires
from web.i18n import moment, say
from web.project_history import named
from web.views.admin import AuditPage, AuditRow
from web.views.shared import FilterView, Option, Paging

LONGEST_DETAIL = 300  # characters on the page; the table that is taken away holds all
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would run


def audit_routes(blueprint: Blueprint, house: House) -> None:
    """The two routes: the page and the table."""

    @blueprint.get("/audit")
    @requires("audit.view")
    def audit() -> str:
        """The newest lines of a filter."""
        asked = request.args.to_dict()
        with open_reading(house.database, current_actor(), house.now()) as unit:
            return shown(unit, "audit", "admin/audit.html", page=_page(unit, asked))

    @blueprint.get("/audit.csv")
    @requires("audit.view")
    def audit_table() -> Response:
        """The same lines as csv; taking them away leaves a line of its own."""
        wanted = filter_of(request.args.to_dict())
        with open_unit(house.database, current_actor(), house.now()) as unit:
            lines = export_audit(unit, wanted)
        answer = make_response(table(lines))
        answer.headers["Content-Type"] = "text/csv; charset=utf-8"
        answer.headers.set("Content-Disposition", "attachment", filename="audit.csv")
        return answer


def filter_of(asked: Mapping[str, str]) -> AuditFilter:
    """The filter an address asks for; raises Invalid for a day that is none."""
    officer = asked.get("officer", "")
    return AuditFilter(
        words=asked.get("q", ""),
        act=asked.get("act", ""),
        kind=asked.get("kind", ""),
        officer_id=int(officer) if officer.isdecimal() and len(officer) < 10 else None,
        first_day=_day(asked.get("from", "")),
        last_day=_day(asked.get("to", "")),
        refused=asked.get("outcome") == "refused",
    )


def table(lines: list[AuditLine]) -> bytes:
    """The lines as csv that a spreadsheet opens with its Chinese right and runs nothing of."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([_("时间"), _("人员"), _("单位"), _("动作"), _("对象"), _("编号"), _("结果"), _("说明"), _("地址")])
    for line in lines[:MOST_EXPORTED]:
        row = _row(line)
        detail = _written(line.detail)
        number = "" if line.subject_id is None else str(line.subject_id)
        outcome = _("被拒绝") if line.refused else ""
        cells = [moment(line.at), row.who, row.organ, row.act, _kind(line), number, outcome, detail, row.address]
        writer.writerow([f"'{cell}" if cell.startswith(FORMULA) else cell for cell in cells])
    if len(lines) > MOST_EXPORTED:
        writer.writerow([_("只导出最近 %(n)s 条，请缩小筛选范围后再导出其余部分。", n=MOST_EXPORTED)])
    return text.getvalue().encode("utf-8-sig")


def _page(unit: Unit, asked: dict[str, str]) -> AuditPage:
    before = asked.get("before", "")
    start = int(before) if before.isdecimal() and len(before) < 16 else None
    lines = audit_lines(unit.session, filter_of(asked), before=start, limit=PAGE + 1)
    kept = {name: value for name, value in asked.items() if value and name != "before"}
    more = len(lines) > PAGE
    following = urlencode(kept | {"before": str(lines[PAGE - 1].id)}) if more else ""
    path = url_for("admin.audit")
    return AuditPage(
        rows=tuple(_row(line) for line in lines[:PAGE]),
        paging=Paging(min(len(lines), PAGE), f"{path}?{following}" if more else "",
                      f"{path}?{urlencode(kept)}" if before else ""),
        query=asked.get("q", ""),
        filters=_filters(asked),
        first_day=asked.get("from", ""),
        last_day=asked.get("to", ""),
        export_href=f"{url_for('admin.audit_table')}?{urlencode(kept)}",
    )  # fmt: skip


def _filters(asked: Mapping[str, str]) -> tuple[FilterView, ...]:
    acts = sorted(((word, say(text)) for word, text in ACT_WORDS.items()), key=lambda pair: pair[1])
    kinds = [(word, say(text)) for word, text in KIND_WORDS.items()]
    return (
        _select(asked, "act", _("动作"), acts),
        _select(asked, "kind", _("对象"), kinds),
        _select(asked, "outcome", _("结果"), [("refused", _("被拒绝"))]),
    )


def _select(asked: Mapping[str, str], name: str, title: str, offered: list[tuple[str, str]]) -> FilterView:
    chosen = asked.get(name, "")
    options = [Option(value, text, value == chosen) for value, text in offered]
    return FilterView(name, title, (Option("", _("全部"), not chosen), *options))


def _row(line: AuditLine) -> AuditRow:
    detail = _written(line.detail)
    number = "" if line.subject_id is None else f" {line.subject_id}"
    return AuditRow(
        at=line.at,
        who=line.who,
        organ=named(line.organ_zh, line.organ_en),
        address=line.address,
        act=say(ACT_WORDS[line.act]) if line.act in ACT_WORDS else line.act,
        subject=_kind(line) + number,
        detail=detail if len(detail) <= LONGEST_DETAIL else detail[:LONGEST_DETAIL] + "…",
        refused=line.refused,
    )


def _kind(line: AuditLine) -> str:
    return say(KIND_WORDS[line.kind]) if line.kind in KIND_WORDS else line.kind


def _written(detail: Any) -> str:
    """What was kept of an act: pairs as `name: value`, anything else as it stands."""
    if detail is None:
        return ""
    if not isinstance(detail, dict):
        return _plain(detail)
    return "; ".join(f"{name}: {_plain(value)}" for name, value in detail.items())


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise Invalid(N_("请填写日期，例如 2026-11-24。")) from error

"""工作日历 as its page shows it: a year at a glance, and a year's notice with what it would move before it does."""

import calendar as months
from datetime import date

from flask import Blueprint, Response, flash, make_response, redirect, request, url_for
from flask_babel import gettext as _

from engine.deadlines import DeadlineMove, announce_and_move, preview_year
from models.calendar import SATURDAY, WorkCalendar, calendar_days, load_calendar
from models.calendar_notice import YearNotice, read_notice, written_notice
from models.house import House
from models.refusal import Invalid, NotFound
from models.texts import N_
from models.unit import Unit, open_reading, open_unit
from web.admin_views import shown
from web.fields import FieldView
from web.gate import current_actor, requires
from web.i18n import say
from web.views.admin import CalendarDay, CalendarMonth, CalendarPage, MoveRow, NoticePage

FIRST, LAST = 2019, 2100
MOST_MOVES = 50  # shown in a preview; the count is of all
LONGEST_TEXT = 20_000  # characters
SOURCE_LENGTH = 200


def calendar_routes(blueprint: Blueprint, house: House) -> None:
    """The year, and the three steps of announcing one: paste, look, apply."""

    @blueprint.get("/calendar")
    @requires("calendar.view")
    def calendar() -> str:
        """This year, or the one asked for."""
        with open_reading(house.database, current_actor(), house.now()) as unit:
            year = _year(request.args.get("year", unit.today.year, type=int))
            return shown(unit, "calendar", "admin/calendar.html", page=_year_page(unit, year))

    @blueprint.get("/calendar/<int:year>/notice")
    @requires("calendar.set")
    def notice(year: int) -> str:
        """The form; a year that is known already is shown as the text that would say the same."""
        with open_reading(house.database, current_actor(), house.now()) as unit:
            rows = calendar_days(unit.session, _year(year))
            text = written_notice({row.on: (row.working, row.name) for row in rows})
            return shown(unit, "calendar", "admin/notice.html", page=_notice_page(year, text, "", {}))

    @blueprint.post("/calendar/<int:year>/notice")
    @requires("calendar.set")
    def preview(year: int) -> Response:
        """What the notice says and which open deadlines it would move; changes nothing."""
        text, source = _typed()
        read, problems = read_notice(text, _year(year)), _lacking(text, source)
        with open_reading(house.database, current_actor(), house.now()) as unit:
            if read.problems or problems:
                page = _notice_page(year, text, source, problems, read=read)
                return make_response(shown(unit, "calendar", "admin/notice.html", page=page), 422)
            moves = preview_year(unit, year, {day: works for day, (works, _name) in read.days.items()})
            page = _notice_page(year, text, source, {}, read=read, moves=moves)
            return make_response(shown(unit, "calendar", "admin/notice.html", page=page))

    @blueprint.post("/calendar/<int:year>/apply")
    @requires("calendar.set")
    def apply(year: int) -> Response:
        """The year counts as announced, and the deadlines move with it; all of it is traced."""
        text, source = _typed()
        read = read_notice(text, _year(year))
        if read.problems or _lacking(text, source):
            raise Invalid(N_("填写有误"))
        with open_unit(house.database, current_actor(), house.now()) as unit:
            moves = announce_and_move(unit, year=year, days=read.days, source=source)
        flash(_("%(year)s年的放假安排已公布，%(n)s 项期限已相应调整。", year=year, n=len(moves)), "success")
        return make_response(redirect(url_for("admin.calendar", year=year), 303))


def _year(year: int) -> int:
    if not FIRST <= year <= LAST:
        raise NotFound(N_("没有这一年的日历。"))
    return year


def _typed() -> tuple[str, str]:
    file = request.files.get("file")
    sent = file.read().decode("utf-8-sig", "replace") if file and file.filename else ""
    return (sent or request.form.get("days", ""))[:LONGEST_TEXT], request.form.get("source", "").strip()


def _lacking(text: str, source: str) -> dict[str, str]:
    problems = {}
    if not text.strip():
        problems["days"] = N_("请粘贴放假安排，一行一个日期或一段日期。")
    if not source or len(source) > SOURCE_LENGTH:
        problems["source"] = N_("请写明依据，例如国办通知的名称和文号，最多200字。")
    return problems


def _year_page(unit: Unit, year: int) -> CalendarPage:
    known = load_calendar(unit.session)
    rows = calendar_days(unit.session, year)
    year_months = tuple(_month(known, year, month) for month in range(1, 13))
    return CalendarPage(
        year=year,
        announced=known.announced(year),
        working_days=sum(
            kind in ("work", "makeup") for month in year_months for week in month.weeks for _n, kind in week
        ),
        months=year_months,
        days=tuple(CalendarDay(row.on, "workday" if row.working else "holiday", row.name, row.source) for row in rows),
        previous_href=url_for("admin.calendar", year=year - 1) if year > FIRST else "",
        next_href=url_for("admin.calendar", year=year + 1) if year < LAST else "",
        notice_href=url_for("admin.notice", year=year) if unit.actor.may("calendar.set") else "",
    )


def _month(known: WorkCalendar, year: int, month: int) -> CalendarMonth:
    weeks = months.Calendar().monthdayscalendar(year, month)
    return CalendarMonth(
        month,
        tuple(tuple((day, _kind(known, date(year, month, day)) if day else "") for day in week) for week in weeks),
    )


def _kind(known: WorkCalendar, day: date) -> str:
    weekday, works = day.weekday() < SATURDAY, known.is_working(day)
    if works:
        return "work" if weekday else "makeup"
    return "holiday" if weekday else "rest"


def _notice_page(
    year: int, text: str, source: str, errors: dict[str, str], *, read: YearNotice | None = None,
    moves: list[DeadlineMove] | None = None,
) -> NoticePage:  # fmt: skip
    said = {name: say(message) for name, message in errors.items()}
    lines = tuple(say(each.message, dict(each.params)) for each in read.problems) if read else ()
    wrong = _("请先改正下面列出的各行。") if lines else ""
    return NoticePage(
        year=year,
        fields=(
            FieldView("days", _("放假安排"), "textarea", text, required=True, error=said.get("days", "") or wrong,
                      help=_("一行一条，例如“2027-02-05 至 2027-02-11 放假 春节”或“2027-02-20 上班 春节调休”。")),
            FieldView("source", _("依据"), "text", source, required=True, error=said.get("source", ""),
                      max_length=SOURCE_LENGTH, help=_("例如“国务院办公厅关于2027年部分节假日安排的通知”。")),
        ),
        preview_href=url_for("admin.preview", year=year),
        apply_href=url_for("admin.apply", year=year),
        back_href=url_for("admin.calendar", year=year),
        problems=lines,
        ready=moves is not None,
        text=text,
        source=source,
        days=tuple(
            CalendarDay(day, "workday" if works else "holiday", name)
            for day, (works, name) in (read.days.items() if read and moves is not None else ())
        ),
        moves=tuple(MoveRow(each.name, each.title, each.before, each.after) for each in (moves or [])[:MOST_MOVES]),
        moved=len(moves or []),
    )  # fmt: skip

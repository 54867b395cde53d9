"""发文登记簿 as its page shows it."""

from flask import url_for
from flask_babel import gettext as _

from models.clock import local_day
from models.notice import KINDS
from models.notice_register import PAGE, Entry, gaps, organs_of, register_page, register_years
from models.unit import Unit
from web.i18n import say
from web.project_history import named
from web.views import Chip, Paging
from web.views.notices import RegisterPage, RegisterRow


def register_view(unit: Unit, year: int | None, kind: str, after: int | None) -> RegisterPage:
    """The register of one's organs for a year, of all kinds or of one; four queries."""
    known = register_years(unit) or [unit.today.year]
    chosen, kind = year if year in known else known[0], kind if kind in KINDS else ""
    entries = register_page(unit, year=chosen, kind=kind, after=after)
    more = _href(chosen, kind, entries[PAGE - 1].id) if len(entries) > PAGE else ""
    rows = tuple(_row(each) for each in entries[:PAGE])
    years = tuple(Chip(str(each), _href(each, kind), active=each == chosen) for each in known)
    kinds = (("", _("全部文种")), *((each, say(name)) for each, name in KINDS.items()))
    return RegisterPage(
        year=chosen,
        years=years,
        kinds=tuple(Chip(name, _href(chosen, each), active=each == kind) for each, name in kinds),
        rows=rows,
        missing=tuple(gaps(unit.session, chosen, organs_of(unit.actor))),
        paging=Paging(len(rows), more, _href(chosen, kind) if after else ""),
        list_href=url_for("notices.index"),
    )


def _href(year: int, kind: str, after: int | None = None) -> str:
    return url_for("notices.register", year=year, kind=kind or None, after=after)


def _row(entry: Entry) -> RegisterRow:
    state = (
        _("作废")
        if entry.voided_at
        else _("已销号")
        if entry.closed
        else _("已归档")
        if entry.archived
        else _("正在制作")
    )
    return RegisterRow(
        number=entry.number,
        title=entry.title,
        to=_("%(count)s个单位", count=entry.addressees) if entry.addressees else named(entry.to_zh, entry.to_en),
        issued_on=local_day(entry.issued_at),
        issued_by=entry.issued_by if entry.issued_by != "系统" else _("系统"),
        state=str(state),
        reason=entry.void_reason or "",
        href=url_for("notices.page", notice_id=entry.id) if entry.archived else "",
    )

"""Turns lines of the work list into the rows and chips of the inbox."""

from datetime import datetime

from flask import url_for
from flask_babel import gettext as _

from models.clock import local_day
from models.mechanism import MECHANISMS
from models.worklist import COUNTED, WorkCounts, WorkFilter, WorkLine
from web.frame import capped
from web.i18n import moment, say
from web.lamps import time_lamp
from web.project_history import named
from web.project_list import stage_name
from web.views import Chip, Colour, ItemRow, LampView


def mechanism_name(key: str) -> str:
    """The mechanism a process carries out, in the visitor's language."""
    found = MECHANISMS.get(key)
    return say(found.name_zh) if found else key


def item_row(line: WorkLine, now: datetime, soon: datetime) -> ItemRow:
    """One row: what, about which project, by when; the one who holds it, or when it was done."""
    done = _("%(when)s 办理", when=moment(line.done_at)) if line.done_at else ""
    return ItemRow(
        id=str(line.id),
        href=url_for("work.item", item_id=line.id),
        title=line.name,
        project=line.project_name or line.process_title,
        mechanism=mechanism_name(line.process_key),
        organ=named(line.organ_zh, line.organ_en),
        lamp=due_lamp(line, now, soon),
        due_at=line.due_at,
        received_at=line.created_at,
        holder=done or line.assignee or "",
        mine=line.state == "ready",
        returned=line.returned,
        urged=line.urged and line.state == "ready",
        stage=stage_name(line.stage) if line.stage else "",
    )


def due_lamp(line: WorkLine, now: datetime, soon: datetime) -> LampView:
    """Days left in words: red past the deadline, yellow in the last working days, green before, grey when closed."""
    if line.state == "done":
        late = bool(line.due_at and line.done_at and line.done_at > line.due_at)
        return LampView("grey", _("超期办结") if late else _("按期办结"))
    if line.state != "ready":
        return LampView("grey", _("已挂起") if line.state == "suspended" else _("已取消"))
    if line.due_at is None:
        return time_lamp(None, warn_days=0)
    days = (local_day(line.due_at) - local_day(now)).days
    if line.due_at < now and days == 0:
        return LampView("red", _("今天已过时限"))
    colour: Colour = "red" if line.due_at < now else "yellow" if line.due_at <= soon else "green"
    return LampView(colour, time_lamp(days, warn_days=0).text)


def chips(counts: WorkCounts, wanted: WorkFilter) -> tuple[Chip, ...]:
    """The ready-made filters with their figures; one whose figure may be larger says so."""
    more = "+" if counts.full else ""
    beyond = counts.full and counts.overdue + counts.soon >= COUNTED
    return (
        _chip("all", _("全部"), wanted, capped(counts.all) if not counts.full else f"{COUNTED - 1}+", ""),
        _chip("overdue", _("超期"), wanted, capped(counts.overdue), "red"),
        _chip("soon", _("两个工作日内到期"), wanted, f"{counts.soon}+" if beyond else capped(counts.soon), "yellow"),
        _chip("returned", _("被退回"), wanted, f"{counts.returned}{more}" if more else counts.returned, ""),
        _chip("urged", _("被催办"), wanted, f"{counts.urged}{more}" if more else counts.urged, ""),
    )


def total_of(counts: WorkCounts, wanted: WorkFilter) -> int | str:
    """The figure of the chip that is chosen."""
    shown = {"all": 0, "overdue": 1, "soon": 2, "returned": 3, "urged": 4}[wanted.kind]
    count = chips(counts, wanted)[shown].count
    return 0 if count is None else count


def _chip(kind: str, text: str, wanted: WorkFilter, count: int | str, colour: str) -> Chip:
    href = url_for(
        "work.inbox", f=None if kind == "all" else kind, q=wanted.words or None, project=wanted.project_id,
    )  # fmt: skip
    shade: Colour | None = colour or None  # type: ignore[assignment]
    return Chip(text, href, count, active=wanted.kind == kind, colour=shade)

"""What runs beside a project's own process: supervision, rectification, coordination, and the papers issued."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from flask import url_for
from flask_babel import gettext as _

from models.clock import end_of_day, local_day
from models.coordination import Coordination, coordinations_of
from models.notice import KINDS, Notice
from models.rectification import Rectification, rectifications_of
from models.supervision import RUNGS, Supervision, supervisions_of
from models.unit import Unit
from web.i18n import say
from web.lamps import time_lamp
from web.project_history import OUTCOMES
from web.views import LampView, NoticeRow, SideCase

WARN_DAYS = 3


@dataclass(frozen=True)
class Cases:
    """The cases of one project, newest first."""

    supervisions: list[Supervision]
    rectifications: list[Rectification]
    coordinations: list[Coordination]

    @property
    def is_supervised(self) -> bool:
        """Whether a ladder is running."""
        return any(each.ended_at is None for each in self.supervisions)

    def organ_ids(self) -> Iterator[int]:
        """Every organ that is named in them."""
        yield from (each.blocker_organ_id for each in self.supervisions)
        yield from (each.rectifier_organ_id for each in self.rectifications)
        yield from (each.target_organ_id for each in self.coordinations)


def cases_of(unit: Unit, project_id: int) -> Cases:
    """The three kinds of cases, in three queries."""
    session = unit.session
    return Cases(
        supervisions_of(session, project_id),
        rectifications_of(session, project_id),
        coordinations_of(session, project_id),
    )


def side_cases(cases: Cases, organs: Mapping[int, str], now: datetime, project_id: int) -> tuple[SideCase, ...]:
    """The cases as lines of the page: those that run first; each leads to its drawing."""
    lines = [
        *(_supervision(each, organs) for each in cases.supervisions),
        *(_rectification(each, organs, now) for each in cases.rectifications),
        *(_coordination(each, organs) for each in cases.coordinations),
    ]
    found = [
        (ended, SideCase(title, kind, organ, state, lamp, _drawing(project_id, process_id), due))
        for ended, title, kind, organ, state, lamp, process_id, due in lines
    ]
    return tuple(case for _ended, case in sorted(found, key=lambda each: each[0]))


def notice_rows(notices: Iterable[Notice], organs: Mapping[int, str]) -> tuple[NoticeRow, ...]:
    """The papers issued about the project."""
    return tuple(_notice(each, organs) for each in notices)


Line = tuple[bool, str, str, str, str, LampView, int | None, datetime | None]


def _drawing(project_id: int, process_id: int | None) -> str:
    return url_for("projects.page", project_id=project_id, process=process_id, _anchor="map") if process_id else ""


def _supervision(row: Supervision, organs: Mapping[int, str]) -> Line:
    rung = say(RUNGS[row.rung]) if row.rung in RUNGS else _("刚刚启动")
    organ = organs.get(row.blocker_organ_id, "")
    if row.ended_at:
        state = say(OUTCOMES[row.outcome]) if row.outcome in OUTCOMES else _("已结束")
        return True, rung, _("督办"), organ, state, LampView("grey", _("已结束")), row.process_id, None
    state = _("第%(n)s级", n=row.rung) if row.rung else _("未发文")
    return False, rung, _("督办"), organ, state, LampView("red", _("督办中")), row.process_id, None


def _rectification(row: Rectification, organs: Mapping[int, str], now: datetime) -> Line:
    organ, title = organs.get(row.rectifier_organ_id, ""), _("整改第%(n)s轮", n=row.round)
    if row.closed_at:
        lamp = LampView("green", _("已销号"))
        return True, title, _("整改"), organ, row.remark or _("已销号"), lamp, row.process_id, None
    due = end_of_day(row.report_due_on) if row.report_due_on else None
    days = (row.report_due_on - local_day(now)).days if row.report_due_on else None
    lamp = time_lamp(days, warn_days=WARN_DAYS, unlimited=_("整改中"))
    return False, title, _("整改"), organ, _("整改中"), lamp, row.process_id, due


def _coordination(row: Coordination, organs: Mapping[int, str]) -> Line:
    organ, title = organs.get(row.target_organ_id, ""), f"{row.number} {row.subject}"
    if row.closed_at:
        words = _("已办结") if row.satisfied else _("已结束")
        return True, title, _("协调"), organ, words, LampView("green", words), row.process_id, None
    return False, title, _("协调"), organ, _("办理中"), LampView("yellow", _("办理中")), row.process_id, None


def _notice(row: Notice, organs: Mapping[int, str]) -> NoticeRow:
    words, lamp = _notice_state(row)
    due = str(row.letter.get("due_on") or "") if isinstance(row.letter, dict) else ""
    return NoticeRow(
        id=str(row.id),
        number=row.number,
        title=row.title,
        kind=say(KINDS[row.kind]),
        to=_addressed(row, organs),
        issued_on=local_day(row.issued_at),
        due_on=date.fromisoformat(due) if due else None,
        state=words,
        lamp=lamp,
        href=f"/notices/{row.id}",
        pdf_href=f"/notices/{row.id}.pdf" if row.sha256 else "",
    )


def _addressed(row: Notice, organs: Mapping[int, str]) -> str:
    """The organ it went to; of a paper to many what it says itself, for its issuer is not who it is addressed to."""
    named = row.letter.get("to") if row.to_organ_id == row.organ_id and isinstance(row.letter, dict) else ""
    return str(named or organs.get(row.to_organ_id, ""))


def _notice_state(row: Notice) -> tuple[str, LampView]:
    if row.closed_at:
        return _("已销号"), LampView("green", _("已销号"))
    if row.acknowledged_at:
        return _("已签收"), LampView("green", _("已签收"))
    if row.delivered_at:
        return _("待签收"), LampView("yellow", _("待签收"))
    return _("正在制作"), LampView("grey", _("正在制作"))

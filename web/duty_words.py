"""定期职责 in words: its rule, its periods, the weekdays, what becomes of missed periods, and the lamp of its last run."""

from datetime import date

from flask_babel import gettext as _

from models.duty import Duty, DutyRun, period_zh
from models.texts import N_
from web.i18n import day, language, say
from web.views.shared import LampView

RULES = {
    (1, 0): N_("每月%(day)s日"),
    (3, 0): N_("每季度最后一个月%(day)s日"),
    (6, 0): N_("每半年最后一个月%(day)s日"),
    (12, 0): N_("每年最后一个月%(day)s日"),
    (1, 1): N_("次月%(day)s日"),
    (3, 1): N_("季后首月%(day)s日"),
    (6, 1): N_("半年后首月%(day)s日"),
    (12, 1): N_("次年1月%(day)s日"),
}
LATER = N_("期满后第%(after)s个月%(day)s日")
SHIFTED = N_("遇休息日顺延到下一个工作日")
CATCH_UP = {
    "each": N_("漏办的每一期都自动补办"),
    "latest": N_("只办最近一期，更早的不补"),
    "ask": N_("最近一期自动办理，更早的由督办人员逐期决定"),
}
PER = {"city": N_("全市一件"), "district": N_("每个区一件"), "project": N_("每个在推进的项目一件")}
COUNTS = {"city": N_("%(n)s 件"), "district": N_("%(n)s 个区"), "project": N_("%(n)s 个项目")}
WEEKDAYS = (
    N_("星期一"), N_("星期二"), N_("星期三"), N_("星期四"), N_("星期五"), N_("星期六"), N_("星期日"),
)  # fmt: skip
ENGLISH = {"-": "{part:02d}/{year}", "Q": "Q{part} {year}", "H": "H{part} {year}", "": "{year}"}


def rule_words(declared: Duty) -> str:
    """On which day it opens."""
    told = say(RULES.get((declared.months, declared.after), LATER), {"day": declared.day, "after": declared.after})
    return f"{told}{_('，')}{say(SHIFTED)}" if declared.shift else told


def period_words(name: str) -> str:
    """The period in the visitor's language: 2026年第四季度, Q4 2026."""
    if language() != "en":
        return period_zh(name)
    return ENGLISH[name[4:5]].format(year=name[:4], part=int(name[5:] or 1))


def day_words(value: date) -> str:
    """The day with its weekday."""
    return f"{day(value)} {say(WEEKDAYS[value.weekday()])}"


def run_lamp(last: DutyRun | None, *, missed: bool) -> LampView:
    """Whether its last period was opened; red when one is due and not begun."""
    if missed:
        return LampView("red", _("到期未办"))
    if last is None:
        return LampView("grey", _("尚未到期"))
    return LampView("green", _("已建立")) if last.done_at else LampView("yellow", _("办理中"))


def duty_lamp(last: DutyRun | None, *, missed: bool, owed: tuple[int, int]) -> LampView:
    """The same, and once all items are there whether they are done: `owed` is how many are open and how many overdue."""
    opened, (number, late) = run_lamp(last, missed=missed), owed
    if missed or last is None or not last.done_at:
        return opened
    if late:
        return LampView("red", _("超期 %(n)s 件", n=late))
    return LampView("yellow", _("未办 %(n)s 件", n=number)) if number else LampView("green", _("已办结"))

"""政策日程 as its page shows it: duties with what comes next, missed periods, a preview, and what every organ owes."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from itertools import groupby

from flask import url_for
from flask_babel import gettext as _

from models.agenda import Opening, OwedLine, last_runs, openings_until, owed, owed_by_duty, subjects, upcoming
from models.board import mine
from models.clock import local_day
from models.duty import BEGUN, DUTIES, Duty, DutyRun, missing_periods, runs_of
from models.duty_hand import LONGEST_REASON, earliest_day, runnable_periods, waiting_runs
from models.mechanism import MECHANISMS
from models.organ import organs
from models.unit import Unit
from web.duty_words import CATCH_UP, COUNTS, PER, day_words, duty_lamp, period_words, rule_words
from web.fields import ChoiceView, FieldView
from web.i18n import day, language, say
from web.lamps import time_lamp
from web.project_history import named
from web.views.agenda import AgendaPage, AskedLine, DutyLine, OwedItem, OwingOrgan, PreviewLine
from web.views.shared import Act, LampView

NAMES = 40  # of a preview; the count is of all
FARTHEST = 366  # days ahead
WARN_DAYS = 3


def agenda_page(unit: Unit, asked: Mapping[str, str]) -> AgendaPage:
    """The page for this preview's day and this organ; a few queries for each duty."""
    until, preview = _preview(unit, asked.get("until"))
    organ = _number(asked.get("organ", ""))
    lines, missed = owed(unit, organ), waiting_runs(unit.session)
    owing = tuple(_owing(unit, list(items), organ) for _id, items in groupby(lines, key=lambda line: line.organ_id))
    return AgendaPage(
        duties=_duties(unit),
        asked=tuple(_asked(unit, run) for run in missed if run.duty in DUTIES),
        preview=preview,
        until=until,
        owing=owing,
        owed=sum(each.number for each in owing),
        late=sum(each.late for each in owing),
        all_href=url_for("agenda.index") if organ else "",
    )


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 16 else None


def _duties(unit: Unit) -> tuple[DutyLine, ...]:
    """Every duty, the one that comes next first."""
    runs, open_items = last_runs(unit), owed_by_duty(unit)
    coming = {word: upcoming(unit, declared) for word, declared in DUTIES.items()}
    order = sorted(DUTIES, key=lambda word: coming[word].on)
    return tuple(_duty(unit, coming[word], runs.get(word), open_items[word]) for word in order)


def _duty(unit: Unit, coming: Opening, last: DutyRun | None, open_items: tuple[int, int]) -> DutyLine:
    declared = coming.duty
    known = MECHANISMS.get(declared.word)
    missed = [period for period in missing_periods(unit.session, declared, unit.now) if period.name != BEGUN]
    return DutyLine(
        name=say(declared.name_zh),
        article=_("第%(n)s条", n=known.article) if known else "",
        purpose=say(known.purpose_zh) if known else "",
        opens=say(PER[declared.per]),
        rule=rule_words(declared),
        catch_up=say(CATCH_UP[declared.catch_up]),
        lamp=duty_lamp(last, missed=bool(missed), owed=open_items),
        last=_last(declared, last),
        last_at=(last.done_at or last.opened_at) if last else None,
        next=period_words(coming.period.name),
        next_on=day_words(coming.on),
        next_note=_note(coming),
        acts=(run_act(unit, declared),) if unit.actor.may("duty.run") else (),
    )


def _last(declared: Duty, last: DutyRun | None) -> str:
    if last is None:
        return ""
    made = say(COUNTS[declared.per], {"n": last.made})
    by_hand = _("%(who)s启动", who=last.by_hand) if last.by_hand else ""
    return " · ".join(part for part in (period_words(last.period), made, by_hand) if part)


def _note(opening: Opening) -> str:
    """Why the day is not the one the policy names, or may still change."""
    parts = []
    if opening.moved_from:
        parts.append(_("%(day)s休息，顺延", day=day_words(opening.moved_from)))
    if not opening.announced:
        parts.append(_("%(year)s年放假安排未公布", year=opening.on.year))
    return str(_("；")).join(parts)


def run_act(unit: Unit, declared: Duty) -> Act:
    """现在运行 with the periods that may be run today; blocked with the day from which one may."""
    offered = runnable_periods(unit.session, declared, unit.today)
    blocked = ""
    if not offered:
        coming = upcoming(unit, declared).period.name
        blocked = _(
            "%(period)s从%(day)s起可以启动", period=period_words(coming), day=day(earliest_day(declared, coming))
        )
    return Act(
        f"run-{declared.word}", _("现在运行"), url_for("agenda.run", word=declared.word), "play-circle",
        question=_("为“%(name)s”启动一期，不等到日。同一期只办一次，启动后不能撤销。", name=say(declared.name_zh)),
        fields=(period_field([period.name for period in offered]),), blocked=blocked,
    )  # fmt: skip


def period_field(offered: Iterable[str], typed: str = "", error: str = "") -> FieldView:
    """The choice of a period, the newest first and taken unless another was."""
    names = list(offered)
    chosen = typed or (names[0] if names else "")
    choices = tuple(ChoiceView(name, period_words(name), name == chosen) for name in names)
    return FieldView("period", _("期间"), "select", chosen, required=True, error=error, choices=choices)


def reason_field(typed: str = "", error: str = "") -> FieldView:
    """Why a missed period is not made up for."""
    told = _("写明事实，以后查阅台账的人都能看到。")
    return FieldView("reason", _("不补办的原因"), "textarea", typed, required=True, error=error, help=told,
                     max_length=LONGEST_REASON)  # fmt: skip


def missed_lines(unit: Unit) -> tuple[AskedLine, ...]:
    """The missed periods that wait for a word of this officer, as 政策日程 tells them; it is there that they are decided.

    Nothing, and no question, for whoever may not decide.
    """
    if not unit.actor.may("duty.run"):
        return ()
    return tuple(_line(run) for run in waiting_runs(unit.session) if run.duty in DUTIES)


def _line(run: DutyRun, acts: tuple[Act, ...] = ()) -> AskedLine:
    name, period = say(DUTIES[run.duty].name_zh), period_words(run.period)
    return AskedLine(name, period, local_day(run.opens_at), run.asked_at or run.opened_at, acts)


def _asked(unit: Unit, run: DutyRun) -> AskedLine:
    name, period = say(DUTIES[run.duty].name_zh), period_words(run.period)
    accept = Act(
        f"accept-{run.id}", _("补办"), url_for("agenda.accept", run_id=run.id), "check2", "primary",
        _("按%(period)s补办“%(name)s”，各事项的名称写明这一期。", period=period, name=name),
    )  # fmt: skip
    drop = Act(
        f"drop-{run.id}", _("不补办"), url_for("agenda.drop", run_id=run.id), "x-lg",
        question=_("%(period)s的“%(name)s”不再办理，台账记明由谁决定。", period=period, name=name),
        fields=(reason_field(),),
    )  # fmt: skip
    return _line(run, (accept, drop) if unit.actor.may("duty.run") else ())


def _preview(unit: Unit, typed: str | None) -> tuple[FieldView, tuple[PreviewLine, ...]]:
    """The field as it was typed and what would open up to that day; the next day on which anything opens by itself."""
    first = min((upcoming(unit, declared).on for declared in DUTIES.values()), default=unit.today)
    until, error = first, ""
    if typed is not None:
        try:
            until = date.fromisoformat(typed.strip())
        except ValueError:
            error = _("请填写日期，例如 %(day)s。", day=first.isoformat())
        if not error and not unit.today <= until <= unit.today + timedelta(days=FARTHEST):
            error = _("请选择今天到一年以内的日期。")
    field = FieldView(
        "until", _("到哪一天为止"), "date", typed if typed is not None else first.isoformat(), error=error
    )
    english = _english_names(unit)
    return field, () if error else tuple(_would(unit, each, english) for each in openings_until(unit, until))


def _would(unit: Unit, opening: Opening, english: Mapping[str, str]) -> PreviewLine:
    declared, name = opening.duty, opening.period.name
    begun = name in runs_of(unit.session, declared.word)
    found = [] if begun else subjects(unit, declared, opening.period)
    note = _("已提前启动，到日不再重复") if begun else _note(opening)
    return PreviewLine(
        name=say(declared.name_zh),
        period=period_words(name),
        on=day_words(opening.on),
        count=say(COUNTS[declared.per], {"n": len(found)}),
        names=tuple(english.get(each.name, say(each.name)) for each in found[:NAMES]),
        more=max(len(found) - NAMES, 0),
        note=note,
    )


def _english_names(unit: Unit) -> dict[str, str]:
    if language() != "en":
        return {}
    return {organ.name_zh: organ.name_en for organ in organs(unit.session, unit.today)}


def _owing(unit: Unit, items: list[OwedLine], organ: int | None) -> OwingOrgan:
    first = items[0]
    rest = first.number - len(items)
    return OwingOrgan(
        name=named(first.organ_zh, first.organ_en),
        number=first.number,
        late=first.late,
        items=tuple(_owed(unit, line) for line in items),
        rest=rest,
        href=url_for("agenda.index", organ=first.organ_id) + "#owing" if rest > 0 and organ is None else "",
    )


def _owed(unit: Unit, line: OwedLine) -> OwedItem:
    due = local_day(line.due_at) if line.due_at else None
    left = (due - unit.today).days if due else None
    if due and line.due_at and line.due_at < unit.now:
        left = min((due - unit.today).days, -1)
    seen = line.project_id is not None or {line.organ_id, line.process_organ_id} & set(mine(unit.actor))
    return OwedItem(
        text=line.name,
        about=line.title,
        period=period_words(line.period) if line.period else "",
        due_on=due,
        lamp=_lamp(left),
        holder=line.holder or "",
        href=url_for("work.item", item_id=line.id) if seen else "",
    )


def _lamp(left: int | None) -> LampView:
    return time_lamp(left, warn_days=WARN_DAYS)

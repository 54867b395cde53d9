"""定期职责 by hand: a supervisor opens a period before its day, and says of missed ones whether they are made up for."""

from datetime import date, timedelta
from itertools import takewhile

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models.duty import (
    ACCEPTED,
    DROPPED,
    DUTIES,
    Duty,
    DutyRun,
    Period,
    calendar_of,
    first_day_of,
    last_day_of,
    open_run,
    periods_from,
    runs_of,
)
from models.month import add_months
from models.permit import permit
from models.refusal import Invalid, NotDue, NotFound, Outdated
from models.texts import N_
from models.unit import Unit

OLDEST_MONTHS = 12  # 默认值: what ended longer ago is not opened by hand any more
LONGEST_REASON = 500

permit("duty.run", N_("办理定期职责"), roles=["supervisor"], scope="city")


def earliest_day(declared: Duty, name: str) -> date:
    """From when a period may be opened by hand: once it has begun, or, when the duty looks back on it, is over."""
    return last_day_of(name) + timedelta(days=1) if declared.after else first_day_of(name)


def runnable_periods(session: Session, declared: Duty, today: date) -> list[Period]:
    """The periods that may be opened by hand today, newest first: those with a missed one that waits for a word."""
    taken = runs_of(session, declared.word) - {run.period for run in waiting_runs(session, declared.word)}
    oldest = add_months(today, -OLDEST_MONTHS)
    begun = takewhile(
        lambda period: earliest_day(declared, period.name) <= today,
        periods_from(declared, oldest, calendar_of(session, declared)),
    )
    return [period for period in reversed(list(begun)) if period.name not in taken]


def run_duty_now(unit: Unit, *, word: str, period: str) -> None:
    """Open a period before its day, or one long past; the sweep works it through, and its day finds it opened.

    Refuses an unknown duty, a name that is no period of it, one that has not begun (for a duty that looks back: is not
    over), one that ended more than a year ago, and one that was opened or dropped before, be it in the same moment.
    """
    unit.require("duty.run")
    declared = duty_of(word)
    wanted = _named(unit.session, declared, period)
    _check_day(unit.session, declared, wanted, unit.today)
    run_id = open_run(unit.session, declared, wanted, unit.now, by_hand=unit.actor.name)
    if run_id:
        unit.trace("duty.run", "duty_run", run_id, {"duty": word, "period": wanted.name})
    else:
        _meet(unit, word, wanted.name)


def _meet(unit: Unit, word: str, name: str) -> None:
    """What is in the ledger already: a period that waits for a word has got it now, any other refuses."""
    run = unit.session.scalars(select(DutyRun).where(DutyRun.duty == word, DutyRun.period == name)).one()
    if run.waiting:
        accept_period(unit, run_id=run.id)
        return
    dropped = N_("%(period)s已决定不再补办。")
    raise NotDue(dropped if run.decision == DROPPED else N_("%(period)s已经启动，同一期只办一次。"), period=name)


def accept_period(unit: Unit, *, run_id: int) -> None:
    """补办: the missed period is worked through like any other. Raises NotFound, and Outdated once it was decided."""
    _decide(unit, run_id, decision=ACCEPTED)


def drop_period(unit: Unit, *, run_id: int, reason: str) -> None:
    """不补办, with a reason that stays in the ledger. Raises Invalid without one, NotFound, and Outdated once decided."""
    if not 0 < len(reason.strip()) <= LONGEST_REASON:
        raise Invalid(N_("填写有误"), fields={"reason": N_("请写明不补办的原因，最多500字。")})
    _decide(unit, run_id, decision=DROPPED, reason=reason.strip(), done_at=unit.now)


def waiting_runs(session: Session, word: str = "") -> list[DutyRun]:
    """The missed periods that wait for a word, of one duty or of all, oldest first."""
    query = select(DutyRun).where(DutyRun.done_at.is_(None), DutyRun.asked_at.is_not(None), DutyRun.decision.is_(None))
    if word:
        query = query.where(DutyRun.duty == word)
    return list(session.scalars(query.order_by(DutyRun.opens_at, DutyRun.id)))


def duty_of(word: str) -> Duty:
    """The duty with this word; raises NotFound."""
    if word not in DUTIES:
        raise NotFound(N_("没有这项定期职责。"))
    return DUTIES[word]


def _decide(unit: Unit, run_id: int, **values: object) -> None:
    unit.require("duty.run")
    run = unit.session.get(DutyRun, run_id)
    if run is None or run.asked_at is None:
        raise NotFound(N_("没有等待决定的这一期。"))
    undecided = update(DutyRun).where(DutyRun.id == run_id, DutyRun.decision.is_(None))
    done = unit.session.execute(undecided.values(decided_by=unit.actor.name, decided_at=unit.now, **values))
    if not done.rowcount:  # type: ignore[attr-defined]
        unit.session.refresh(run)
        raise Outdated(N_("%(period)s已由%(who)s决定。"), period=run.period, who=run.decided_by)
    act = "duty.accept" if values["decision"] == ACCEPTED else "duty.drop"
    detail = {"duty": run.duty, "period": run.period} | ({"reason": values["reason"]} if "reason" in values else {})
    unit.trace(act, "duty_run", run_id, detail)


def _named(session: Session, declared: Duty, name: str) -> Period:
    """The period a person names; raises Invalid for anything that is no period of this duty."""
    try:
        found = next(periods_from(declared, first_day_of(name), calendar_of(session, declared)))
    except (ValueError, KeyError, OverflowError):
        found = None
    if found is None or found.name != name:
        raise Invalid(N_("填写有误"), fields={"period": N_("请选择要办理的期间。")})
    return found


def _check_day(session: Session, declared: Duty, wanted: Period, today: date) -> None:
    earliest = earliest_day(declared, wanted.name)
    if earliest > today:
        offered = [period.name for period in runnable_periods(session, declared, today)]
        can = {"period": wanted.name, "day": earliest.isoformat(), "latest": "、".join(offered[:1])}
        if offered:
            raise NotDue(N_("%(period)s要到%(day)s才能办理；现在最近能办理的一期是%(latest)s。"), **can)
        raise NotDue(N_("%(period)s要到%(day)s才能办理。"), **can)
    if last_day_of(wanted.name) < add_months(today, -OLDEST_MONTHS):
        raise NotDue(N_("%(period)s结束已超过一年，不能再补办。"), period=wanted.name)

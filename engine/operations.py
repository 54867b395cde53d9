"""What is done to whole processes: suspend, resume, end, and retry after an incident."""

from datetime import timedelta

from engine.door import wake_process
from engine.handling import PERMIT_RETRY, PERMIT_SUSPEND
from engine.post import tell_watchers
from engine.run import restore
from models import incident as incidents
from models import process as rows
from models.calendar import WorkCalendar, load_calendar
from models.clock import local_day
from models.duty import release_run
from models.process import Running, WorkItem
from models.refusal import Invalid, NotFound, Outdated
from models.texts import N_
from models.unit import Unit


def suspend_process(unit: Unit, *, process_id: int, reason: str) -> None:
    """挂起: timers and working-time budgets stop. Raises Invalid without a reason, Outdated when it is not running."""
    process = _lock(unit, process_id)
    unit.require(PERMIT_SUSPEND, organ_ids=[process.organ_id, process.district_id])
    if not reason.strip():
        raise Invalid(N_("请写明原因。"), fields={"reason": N_("请写明挂起的原因。")})
    if process.status != "running":
        raise Outdated(N_("“%(title)s”当前不在运行，不能挂起。"), title=process.title)
    rows.update_process(
        unit.session,
        process.id,
        process.revision,
        status="suspended",
        suspended_at=unit.now,
        undo=None,
        undo_item_id=None,
    )
    rows.park_items(unit.session, process.id, from_state="ready", to_state="suspended")
    unit.trace("process.suspend", "process", process.id, {"reason": reason})


def resume_process(unit: Unit, *, process_id: int) -> None:
    """恢复: deadlines move by the working days the process stood still. Raises Outdated when it is not suspended."""
    process = _lock(unit, process_id)
    unit.require(PERMIT_SUSPEND, organ_ids=[process.organ_id, process.district_id])
    if process.status != "suspended" or process.suspended_at is None:
        raise Outdated(N_("“%(title)s”没有挂起。"), title=process.title)
    stood_still = unit.now - process.suspended_at
    calendar = load_calendar(unit.session)
    for item in rows.open_items(unit.session, process.id):
        _move_deadline(item, process, unit, calendar)
    rows.park_items(unit.session, process.id, from_state="suspended", to_state="ready")
    _shift_timers(unit, process, stood_still)
    unit.trace("process.resume", "process", process.id, {"days": stood_still.days})


def _move_deadline(item: WorkItem, process: Running, unit: Unit, calendar: WorkCalendar) -> None:
    if item.due_at is None or process.suspended_at is None or item.due_at <= process.suspended_at:
        return
    left = calendar.working_days_between(local_day(process.suspended_at), local_day(item.due_at))
    item.due_at = calendar.due_moment(unit.now, left)


def _shift_timers(unit: Unit, process: Running, by: timedelta) -> None:
    awake = Running(**{**process.__dict__, "status": "running"})
    run = restore(unit, awake)
    run.tokens.shift_timers(by)
    rows.update_process(
        unit.session,
        process.id,
        process.revision,
        status="running",
        suspended_at=None,
        state=run.tokens.dump(),
        wakes_at=run.tokens.wakes_at,
    )


def cancel_process(unit: Unit, *, process_id: int, note: str) -> None:
    """Ends a process from outside its map; open items close with a note. The caller has checked who may."""
    process = _lock(unit, process_id)
    if process.status in ("done", "cancelled"):
        return
    tell_watchers(unit, rows.cancel_items(unit.session, process.id, None, unit.now, note))
    rows.update_process(
        unit.session,
        process.id,
        process.revision,
        status="cancelled",
        wakes_at=None,
        ended_at=unit.now,
        undo=None,
        undo_item_id=None,
    )
    unit.trace("process.cancel", "process", process.id, {"note": note})


def retry_incident(unit: Unit, *, incident_id: int) -> None:
    """重试: run the failed step again; on success the incident is closed. Raises Outdated when it is closed already."""
    unit.require(PERMIT_RETRY)
    incident = incidents.open_incident(unit.session, incident_id)
    if incident is None:
        raise Outdated(N_("这个故障已经处理。"))
    incidents.resolve(unit.session, incident_id, unit.now, unit.actor.name)
    if incident.process_id is not None and incident.what == "wake":
        _wake_again(unit, _lock(unit, incident.process_id))
    release_run(unit.session, incident.code)
    unit.trace("incident.retry", "incident", incident_id)


def _wake_again(unit: Unit, process: Running) -> None:
    """What ended or was completed on meanwhile stays as it is."""
    if process.status == "incident":
        rows.update_process(unit.session, process.id, process.revision, status="running")
        wake_process(unit, process_id=process.id)


def _lock(unit: Unit, process_id: int) -> Running:
    process = rows.lock_process(unit.session, process_id)
    if process is None:
        raise NotFound(N_("没有找到这个流程。"))
    return process

"""The door to running processes: start, complete and tell; every entry locks the process row before it reads anything."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from engine.handling import PERMIT_HANDLE, outdated_by
from engine.maps import read_map
from engine.post import tell_watcher
from engine.run import Run, asked_names, map_of, restore, save, step_runner
from engine.tokens import Tokens
from forms.reader import form_schema, read_answers
from models import process as rows
from models.attachment import keepable
from models.definition import add_definition, latest_definition
from models.officer import officer_name
from models.process import Item, Running
from models.refusal import Invalid, NotFound, NotPermitted, Outdated
from models.texts import N_
from models.unit import Unit

FILE_NUMBER = re.compile("[1-9][0-9]{0,17}")


@dataclass(frozen=True)
class Completion:
    """What a completion brought about: `opened` are the ids of new items; `again` tells a repeated submit."""

    item_id: int
    process_id: int
    opened: tuple[int, ...] = ()
    again: bool = False


def publish_map(unit: Unit, *, xml: bytes) -> tuple[int, bool]:
    """Publish a map unless exactly this version is; returns (definition id, whether it is new)."""
    read = read_map(xml)
    definition_id, new = add_definition(
        unit.session,
        key=read.key,
        hash_=read.hash,
        xml=xml.decode(),
        now=unit.now,
        by=unit.actor.name,
    )
    if new:
        unit.trace("map.publish", "definition", definition_id, {"key": read.key, "hash": read.hash})
    return definition_id, new


def start_process(
    unit: Unit,
    *,
    key: str,
    data: Mapping[str, Any],
    title: str,
    organ_id: int,
    district_id: int,
    project_id: int | None = None,
    business_key: str | None = None,
    parent_id: int | None = None,
    answers: Mapping[str, Any] | None = None,
) -> int:
    """Start the newest version of a map; returns the process id. The caller has checked who may start it.

    Raises NotFound when no version is published, and the database's own error when the business key is taken.
    """
    definition = latest_definition(unit.session, key)
    if definition is None:
        raise NotFound(N_("流程“%(key)s”还没有发布。"), key=key)
    process_id = rows.insert_process(
        unit.session,
        key=key,
        definition_id=definition[0],
        project_id=project_id,
        parent_id=parent_id,
        business_key=business_key,
        title=title[:200],
        organ_id=organ_id,
        district_id=district_id,
        state=b"",
        started_at=unit.now,
    )
    process = Running(
        id=process_id,
        key=key,
        definition_id=definition[0],
        project_id=project_id,
        organ_id=organ_id,
        district_id=district_id,
        title=title,
        status="running",
        state=b"",
        revision=1,
        undo_item_id=None,
        undo=None,
        suspended_at=None,
        business_key=business_key,
        parent_id=parent_id,
    )
    run = Run(unit, process, map_of(unit, definition[0]), None, answers or {}, None)  # type: ignore[arg-type]
    run.tokens = Tokens.start(run.map, dict(data), unit.now, step_runner(run))
    save(run, {})
    unit.trace("process.start", "process", process_id, {"key": key, "project": project_id})
    return process_id


def complete_item(
    unit: Unit,
    *,
    item_id: int,
    version: int,
    posted: Mapping[str, Any] | Callable[[Item], Mapping[str, Any]],
    submit_id: str | None = None,
) -> Completion:
    """办理: read the answers, run the map on, open what comes next; returns what it brought about.

    `posted` may be a function: what of a page's form belongs to the item is known only under its lock. The same
    `submit_id` again returns the first result. Raises Invalid with fields, Outdated when somebody else acted first
    (with who and when), NotPermitted when the item is not this officer's.
    """
    process, item = lock_item(unit, item_id)
    submit_id = own_submit(item_id, submit_id)
    if submit_id and item.submit_id == submit_id:
        return Completion(item.id, item.process_id, again=True)
    require_handler(unit, item)
    require_fresh(unit, item, version)
    run = restore(unit, process, item=item)
    given = posted(item) if callable(posted) else posted
    if item.home_organ_id is not None:
        return send_back(unit, item, str(given.get("note") or ""), submit_id)
    run.answers = read_answers(item.form, given)
    require_own_files(unit, item, run.answers)
    return _complete(run, item, submit_id)


def own_submit(item_id: int, submit_id: str | None) -> str | None:
    """The submit id made this item's own, so that a form sent again for another item is another attempt, not a clash."""
    return sha256(f"{item_id}:{submit_id}".encode()).hexdigest()[:40] if submit_id else None


def _complete(run: Run, item: Item, submit_id: str | None) -> Completion:
    unit, before, earlier = run.unit, run.tokens.open_tasks(), run.process.state
    node = run.map.nodes[item.node]
    run.tokens.complete(item.token, decisions(run, before[item.token].data))
    run.advance()
    closed = rows.update_item(
        unit.session,
        item.id,
        item.version,
        state="done",
        done_at=unit.now,
        done_by_id=unit.actor.officer_id,
        answers=dict(run.answers),
        draft=None,
        submit_id=submit_id,
    )
    if not closed:
        raise outdated_by(unit, item)
    if item.watcher_id is not None:
        tell_watcher(unit, item.id, item.watcher_id)
    recallable = not run.tokens.passages and not run.tokens.completed
    opened = save(
        run,
        before,
        done_token=item.token,
        undo=earlier if recallable else None,
        undo_item_id=item.id,
    )
    unit.trace("item.complete", "work_item", item.id, {"node": node.id, "process": run.process.id})
    return Completion(item.id, run.process.id, tuple(opened))


def decisions(run: Run, data: Mapping[str, Any]) -> dict[str, Any]:
    """Decision variables of this completion: answers that the map asks about, then what the task's own step returns."""
    assert run.item is not None
    node = run.map.nodes[run.item.node]
    asked = asked_names(run.map)
    decided = {name: value for name, value in run.answers.items() if name in asked}
    if node.step:
        decided |= step_runner(run)(node.step, node, data) or {}
    return decided


def send_message(
    unit: Unit,
    *,
    message: str,
    data: Mapping[str, Any] | None = None,
    process_id: int | None = None,
    business_key: str | None = None,
    answers: Mapping[str, Any] | None = None,
) -> bool:
    """Give a BPMN message to a running process; False when it does not wait for it (any more).

    The caller has checked who may send it. Raises NotFound or Outdated when the process cannot be acted on.
    """
    process = (
        rows.lock_process(unit.session, process_id)
        if process_id is not None
        else rows.lock_process_by_key(unit.session, business_key or "")
    )
    run = restore(unit, process)
    if not run.tokens.waits_for(message):
        return False
    run.answers = dict(answers or {})
    before = run.tokens.open_tasks()
    run.tokens.send(message, dict(data or {}))
    run.advance()
    save(run, before, undo=None, undo_item_id=None)
    unit.trace("process.message", "process", run.process.id, {"message": message})
    return True


def wake_process(unit: Unit, *, process_id: int) -> bool:
    """Fire the due timers of one process; False when none was due any more. Only the clock calls this."""
    process = rows.lock_process(unit.session, process_id)
    if process is None or process.status != "running":
        return False
    run = restore(unit, process)
    before, wakes_at = run.tokens.open_tasks(), run.tokens.wakes_at
    if wakes_at is None or wakes_at > unit.now:
        return False
    run.advance()
    save(run, before, undo=None, undo_item_id=None)
    unit.trace("process.wake", "process", process_id, {"due": wakes_at.isoformat()})
    return True


def lock_item(unit: Unit, item_id: int) -> tuple[Running, Item]:
    """The process of an item under its lock, then the item; raises NotFound when there is none."""
    process = rows.lock_process_of_item(unit.session, item_id)
    item = rows.read_item(unit.session, item_id) if process else None
    if process is None or item is None:
        raise NotFound(N_("没有找到这个事项。"))
    return process, item


def require_handler(unit: Unit, item: Item) -> None:
    """Raises NotPermitted unless the item is this officer's: assigned to her, or open to a role she holds there."""
    actor = unit.actor
    if item.assignee_id is not None and item.assignee_id == actor.officer_id:
        return
    unit.require(PERMIT_HANDLE, organ_ids=[item.organ_id])
    if not (actor.has_role(item.role, item.organ_id) or actor.has_role("head", item.organ_id)):
        raise NotPermitted(N_("此事项由另一类人员办理，请联系本单位负责人转办。"))
    if item.assignee_id is not None:
        raise NotPermitted(
            N_("此事项已由%(who)s认领。"),
            who=officer_name(unit.session, item.assignee_id),
        )


def require_fresh(unit: Unit, item: Item, version: int) -> None:
    """Raises Outdated, with who and when, unless the item is open and stands as the page showed it."""
    if item.state != "ready":
        raise outdated_by(unit, item)
    if item.version != version:
        raise Outdated(N_("此事项刚刚有了变化（转办、退回或另存），您填写的内容已保留，请核对后再提交。"))


def require_own_files(unit: Unit, item: Item, answers: Mapping[str, Any]) -> None:
    """Raises Invalid for a file that was not filed for this item's project, or filed by somebody else without one."""
    for name, field in form_schema(item.form)["properties"].items():
        if field.get("x-widget") == "files" and (named := answers.get(name)):
            numbers = {int(str(each)) for each in named if FILE_NUMBER.fullmatch(str(each))}
            if len(numbers) < len(named) or numbers - keepable(unit, item, numbers):
                raise Invalid(N_("填写有误"), fields={name: N_("附件不属于本项目，请重新上传。")})


def send_back(unit: Unit, item: Item, note: str, submit_id: str | None) -> Completion:
    """补正: a returned item goes home to whoever returned it, with what was added; its own form is theirs to fill.

    Raises Invalid when nothing is added.
    """
    if not note.strip():
        raise Invalid(N_("请写明补正了什么。"), fields={"note": N_("请填写此项。")})
    rows.update_item(
        unit.session,
        item.id,
        item.version,
        organ_id=item.home_organ_id,
        role=item.home_role,
        assignee_id=item.home_assignee_id,
        home_organ_id=None,
        home_role=None,
        home_assignee_id=None,
        returned_by_id=None,
        note=note.strip()[:500],
        submit_id=submit_id,
    )
    unit.trace("item.send_back", "work_item", item.id, {"note": note.strip()[:500]})
    return Completion(item.id, item.process_id)

"""The verbs officers know for one work item: 认领 放回 暂存 转办 退回 撤回 催办; none of them moves a token."""

from collections.abc import Mapping
from typing import Any

from engine.door import lock_item, require_fresh, require_handler
from engine.handling import PERMIT_TRANSFER, PERMIT_URGE
from models import process as rows
from models.officer import grants_of, officer_of
from models.process import Item, Running
from models.recall import forget_items, lock_items, urged_among
from models.refusal import Invalid, NotDue, NotPermitted, Outdated
from models.texts import N_
from models.unit import Unit
from models.urge import Urge, urges_on

URGES_PER_DAY = 1  # 力戒形式主义: one reminder per item and day is enough
MAX_REASON = 500


def claim_item(unit: Unit, *, item_id: int, version: int) -> None:
    """认领: the item is this officer's alone. Raises Outdated when somebody claimed or handled it first."""
    _, item = lock_item(unit, item_id)
    require_handler(unit, item)
    require_fresh(unit, item, version)
    _change(unit, item, "item.claim", assignee_id=unit.actor.officer_id)


def release_item(unit: Unit, *, item_id: int, version: int) -> None:
    """放回: the item is open again to all who hold its role. Only the one who claimed it may."""
    _, item = lock_item(unit, item_id)
    _require_own(unit, item)
    require_fresh(unit, item, version)
    _change(unit, item, "item.release", assignee_id=None)


def save_draft(unit: Unit, *, item_id: int, draft: Mapping[str, Any]) -> None:
    """暂存: keep what is typed so far, unchecked. A draft never makes anybody's page stale."""
    _, item = lock_item(unit, item_id)
    require_handler(unit, item)
    require_fresh(unit, item, item.version)
    rows.keep_draft(unit.session, item_id, dict(draft))


def transfer_item(unit: Unit, *, item_id: int, version: int, to_officer_id: int, reason: str) -> None:
    """转办: another officer who holds the item's role takes it over. Raises Invalid when she does not."""
    _, item = lock_item(unit, item_id)
    require_handler(unit, item)
    require_fresh(unit, item, version)
    unit.require(PERMIT_TRANSFER, organ_ids=[item.organ_id])
    heir = officer_of(unit.session, to_officer_id)
    held = {(grant.role, grant.organ_id) for grant in grants_of(unit.session, heir.id, unit.today)}
    if not heir.active or not held & {(item.role, item.organ_id), ("head", item.organ_id)}:
        raise Invalid(N_("不能转给此人。"), fields={"to_officer_id": N_("请选择本单位具有相应职责的在岗人员。")})
    _change(
        unit,
        item,
        "item.transfer",
        {"to": heir.id, "reason": reason},
        assignee_id=heir.id,
        note=_reason(reason),
    )
    unit.post("tell", f"transferred:{item.id}:{item.version}", {"what": "transferred", "items": [item.id]})


def return_item(unit: Unit, *, item_id: int, version: int, reason: str) -> None:
    """退回补正: the item goes to whoever handled the step before, and comes home when completed there.

    The token does not move, so nothing in parallel is touched. Raises NotDue when nobody came before.
    """
    _, item = lock_item(unit, item_id)
    require_handler(unit, item)
    require_fresh(unit, item, version)
    if item.home_organ_id is not None:
        raise NotDue(N_("此事项是退回给您补正的，请补正后送回。"))
    earlier = rows.previous_item(unit.session, item)
    if earlier is None:
        raise NotDue(N_("这是第一个环节，没有可退回的上一办理人。"))
    _change(
        unit,
        item,
        "item.return",
        {"to": earlier.done_by_id, "reason": reason},
        organ_id=earlier.organ_id,
        role=earlier.role,
        assignee_id=earlier.done_by_id,
        note=_reason(reason),
        returned_by_id=unit.actor.officer_id,
        home_organ_id=item.organ_id,
        home_role=item.role,
        home_assignee_id=item.assignee_id,
    )
    unit.post("tell", f"returned:{item.id}:{item.version}", {"what": "returned", "items": [item.id]})


def recall_item(unit: Unit, *, item_id: int) -> None:
    """撤回: take back one's own completion while nobody has touched what came next.

    Raises Outdated when somebody has, or when the completion set off an automatic step.
    """
    process, item = lock_item(unit, item_id)
    if item.done_by_id != unit.actor.officer_id or item.state != "done":
        raise NotPermitted(N_("只有办理人本人可以撤回自己刚办理的事项。"))
    if process.undo is None or process.undo_item_id != item.id:
        raise Outdated(N_("其后已有办理或自动环节，不能撤回；如需更正，请联系下一办理人退回。"))
    _undo(unit, process, item)
    unit.trace("item.recall", "work_item", item.id)


def _undo(unit: Unit, process: Running, item: Item) -> None:
    opened = [row for row in rows.open_items(unit.session, process.id) if row.created_at >= (item.done_at or unit.now)]
    if any(row.assignee_id or row.draft or row.returned_by_id for row in opened):
        raise Outdated(N_("下一办理人已经认领或开始填写，不能撤回。"))
    ids = [row.id for row in opened]
    if urged_among(unit.session, ids):
        raise Outdated(N_("下一办理人已经认领或开始填写，不能撤回。"))
    lock_items(unit.session, ids)  # a worker may be telling their holders at this moment
    forget_items(unit.session, ids)
    rows.delete_items(unit.session, ids)
    rows.reopen_item(unit.session, item.id)
    rows.update_process(unit.session, process.id, process.revision, state=process.undo, undo=None, undo_item_id=None)


def urge_item(unit: Unit, *, item_id: int, words: str = "") -> None:
    """催办: remind the holders, at most once per item and day. Raises NotDue beyond that."""
    process, item = lock_item(unit, item_id)
    unit.require(PERMIT_URGE, organ_ids=[process.organ_id, process.district_id, item.organ_id])
    require_fresh(unit, item, item.version)
    day = unit.today.isoformat()
    number = urges_on(unit.session, item_id, day) + 1
    if number > URGES_PER_DAY:
        raise NotDue(N_("今天已催办过此事项；每个事项每天只催办一次。"))
    unit.session.add(
        Urge(work_item_id=item_id, day=day, number=number, at=unit.now, by_id=unit.actor.officer_id, words=words[:200]),
    )
    unit.post("tell", f"urged:{item_id}:{day}:{number}", {"what": "urged", "items": [item_id], "words": words[:200]})
    unit.trace("item.urge", "work_item", item_id, {"words": words[:200]})


def _require_own(unit: Unit, item: Item) -> None:
    if item.assignee_id is None or item.assignee_id != unit.actor.officer_id:
        raise NotPermitted(N_("只有认领人本人可以放回。"))


def _change(unit: Unit, item: Item, act: str, detail: Any = None, **values: Any) -> None:
    if not rows.update_item(unit.session, item.id, item.version, **values):
        raise Outdated(N_("此事项刚刚有了变化，请刷新后再办。"))
    unit.trace(act, "work_item", item.id, detail)


def _reason(text: str) -> str:
    reason = text.strip()
    if not reason:
        raise Invalid(N_("请写明原因。"), fields={"reason": N_("请写明原因，对方据此办理。")})
    return reason[:MAX_REASON]

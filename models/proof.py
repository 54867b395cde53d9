"""校样: the item that waits for a signature, and what its paper needs to be set before it is signed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from models.process import WorkItem
from models.refusal import NotFound
from models.supervision import Supervision
from models.texts import N_
from models.unit import Unit
from models.worklist import posts_of

PROVED = (
    "supervision_sign",
    "admonition_arrange",
    "special_report",
    "dispatch_opinion",
)  # forms of items with a paper in the making


@dataclass(frozen=True)
class SignItem:
    """An open item with a paper in the making; `draft` is what was typed so far, by field of its form.

    `supervision_id` is None for a paper that is on its way through 发文办理.
    """

    id: int
    node: str
    form: str
    process_id: int
    supervision_id: int | None
    draft: Mapping[str, Any]


def sign_item(unit: Unit, item_id: int) -> SignItem:
    """The item, if it is open and the actor may handle it; raises NotFound otherwise."""
    held = (
        WorkItem.node,
        WorkItem.form,
        WorkItem.process_id,
        WorkItem.organ_id,
        WorkItem.role,
        WorkItem.assignee_id,
        WorkItem.draft,
    )
    query = (
        select(*held, Supervision.id)
        .outerjoin(Supervision, Supervision.process_id == WorkItem.process_id)
        .where(WorkItem.id == item_id, WorkItem.form.in_(PROVED), WorkItem.state == "ready")
    )
    row = unit.session.execute(query).first()
    free = row is not None and row.assignee_id is None and (row.organ_id, row.role) in posts_of(unit.actor)
    if row is None or not (free or row.assignee_id == unit.actor.officer_id):
        raise NotFound(N_("没有待签发的文稿。"))
    typed = {name: value for name, value in (row.draft or {}).items() if not name.startswith("_")}
    return SignItem(item_id, row.node, row.form, row.process_id, row.id, typed)

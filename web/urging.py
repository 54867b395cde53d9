"""催办 and 批示: which open item of a project is reminded, and the dialog that asks for the words."""

from collections.abc import Iterable

from flask import url_for
from flask_babel import gettext as _

from models.held import HeldLine
from models.unit import Actor
from models.worklist import posts_of
from web.fields import FieldView
from web.views import Act

WORDS = 200


def is_own(actor: Actor, item: HeldLine) -> bool:
    """Whether the actor may handle the item herself; nobody urges oneself."""
    free = item.assignee_id is None and (item.organ_id, item.role) in posts_of(actor)
    return free or item.assignee_id == actor.officer_id


def may_urge(actor: Actor, item: HeldLine) -> bool:
    """Whether the verb would let the actor remind this item's holders."""
    return actor.may("item.urge", [item.process_organ_id, item.process_district_id, item.organ_id])


def to_urge(actor: Actor, items: Iterable[HeldLine]) -> HeldLine | None:
    """The item to remind: not one's own; a rectification first, then the most urgent, not urged today."""
    others = [item for item in items if not is_own(actor, item) and may_urge(actor, item)]
    others.sort(key=lambda item: item.process_key != "rectification")  # stable: the order of urgency stays
    return next((item for item in others if not item.urged_today), others[0] if others else None)


def instructs(actor: Actor) -> bool:
    """Whether the actor's reminder is a 批示: a leader's word to those who handle it."""
    return any(grant.role == "leader" for grant in actor.grants)


def urge_act(actor: Actor, item: HeldLine, organ: str, back: str) -> Act:
    """The button with its dialog; blocked with the reason when somebody reminded today."""
    leads = instructs(actor)
    text = _("批示") if leads else _("催办")
    blocked = _("今天已催办") if item.urged_today else ""
    question = _("转达“%(name)s”的承办单位%(organ)s；每个事项每天一次。", name=item.name, organ=organ)
    return Act(
        f"urge-{item.id}", text, url_for("boards.urge", item_id=item.id), "pencil-square" if leads else "bell",
        "primary" if leads else "secondary", question, (words_field(actor),), (("next", back),), blocked,
    )  # fmt: skip


def words_field(actor: Actor, typed: str = "", error: str = "") -> FieldView:
    """What is to be said; a 批示 without words says nothing."""
    leads = instructs(actor)
    title = _("批示内容") if leads else _("附言")
    told = _("承办人会在待办和消息中看到。")
    return FieldView("words", title, "textarea", typed, leads, error, told, max_length=WORDS)

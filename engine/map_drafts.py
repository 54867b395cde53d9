"""新版本的四眼: a map is checked before anybody keeps it, and the one who uploads it is never the one who publishes it."""

from dataclasses import dataclass

from engine.door import publish_map
from engine.lint import Problem, Register, lint
from engine.maps import MapError, read_map
from engine.steps import STEPS
from forms.reader import form_keys
from models.definition import latest_definition
from models.map_draft import MapDraft, is_published, waiting_draft, waits_for
from models.permit import ROLES
from models.refusal import Invalid, NotPermitted, Outdated
from models.texts import N_
from models.unit import Unit


class MapRefused(Invalid):
    """流程图没有通过检查。 `problems` says where and why, one sentence each."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(N_("流程图没有通过检查，共%(n)s处问题。"), n=len(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True)
class CheckedMap:
    """A map without faults; only `check_map` makes one."""

    key: str
    name: str
    hash: str
    xml: bytes


def installed() -> Register:
    """What maps may name in this installation; mechanisms must have been discovered before."""
    return Register(frozenset(STEPS), form_keys(), frozenset(ROLES), frozenset(ROLES.values()))


def check_map(xml: bytes) -> CheckedMap:
    """The map, checked in a child process (about 0.3 s), so outside any unit. Raises MapRefused with every problem."""
    if problems := lint(xml, installed()):
        raise MapRefused(problems)
    try:
        read = read_map(xml)
    except MapError as error:  # the reader is the last word, whatever lint let pass
        raise MapRefused(
            [Problem(fault.element, "", fault.message, fault.params) for fault in error.problems]
        ) from error
    return CheckedMap(read.key, read.name, read.hash, xml)


def submit_map(unit: Unit, *, checked: CheckedMap, note: str) -> int:
    """The number of the draft that now waits for a second administrator.

    Raises Invalid without a note, for a map the house does not run, for one that is published already or waits.
    """
    unit.require("map.publish")
    if problem := _objection(unit, checked):
        raise Invalid(N_("填写有误"), fields={"file": problem})
    if not note.strip():
        raise Invalid(N_("填写有误"), fields={"note": N_("请写明改了什么、为什么改，供复核人核对。")})
    draft = MapDraft(
        key=checked.key,
        name=checked.name[:120],
        hash=checked.hash,
        xml=checked.xml.decode(),
        note=note.strip()[:200],
        made_at=unit.now,
        made_by_id=unit.actor.officer_id or 0,
        made_by=unit.actor.name,
    )
    unit.session.add(draft)
    unit.session.flush()  # the trace names its number
    unit.trace("map.submit", "map_draft", draft.id, {"key": draft.key, "hash": draft.hash, "note": draft.note})
    return draft.id


def publish_draft(unit: Unit, *, draft_id: int, checked: CheckedMap) -> int:
    """The number of the new version; running processes stay on theirs.

    Raises NotPermitted for the one who uploaded it, Outdated when it waits no longer or is not what was checked.
    """
    unit.require("map.publish")
    draft = waiting_draft(unit.session, draft_id, locked=True)
    if draft.made_by_id == unit.actor.officer_id:
        raise NotPermitted(N_("新版本须由另一名系统管理员核对后发布。"))
    if checked.hash != draft.hash:
        raise Outdated(N_("检查的不是这份流程图，请刷新后再试。"))
    definition_id, _new = publish_map(unit, xml=checked.xml)
    _end(unit, draft, "published")
    unit.trace(
        "map.approve", "map_draft", draft_id, {"key": draft.key, "definition": definition_id, "made_by": draft.made_by}
    )
    return definition_id


def withdraw_draft(unit: Unit, *, draft_id: int) -> None:
    """The draft waits no longer; any administrator may do so. Raises Outdated when it does not wait."""
    unit.require("map.publish")
    draft = waiting_draft(unit.session, draft_id, locked=True)
    _end(unit, draft, "withdrawn")
    unit.trace("map.withdraw", "map_draft", draft_id, {"key": draft.key})


def _objection(unit: Unit, checked: CheckedMap) -> str:
    if latest_definition(unit.session, checked.key) is None:
        return N_("本系统没有这个流程，这里只能上传已有流程的新版本。")
    if is_published(unit.session, checked.key, checked.hash):
        return N_("这个版本已经发布过，内容没有变化。")
    if waits_for(unit.session, checked.key):
        return N_("这个流程已有一份新版本待发布，请先发布或撤回。")
    return ""


def _end(unit: Unit, draft: MapDraft, state: str) -> None:
    draft.state, draft.ended_at, draft.ended_by = state, unit.now, unit.actor.name

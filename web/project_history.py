"""Tells a project's history in plain words: tasks, stages and acts of every process as the lines of one timeline."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from flask_babel import gettext as _

from engine.maps import Map
from models.amount import KINDS
from models.case_history import ACTS, ActLine, CaseHistory, ItemLine, PassageLine, Spot
from models.extension import OUTCOMES as EXTENSION_OUTCOMES
from models.ledger import field_named
from models.milestone import milestone_kinds
from models.project import LIGHTS, STATES
from models.stage import stages
from models.supervision import RUNGS
from models.texts import N_
from web.i18n import day, language, say, wan
from web.views import HistoryLine

OUTCOMES = {"improved": N_("项目已转绿"), "closed_out": N_("整改已销号"), "reported": N_("已呈报专报")}
OVERDUE = {"receipt": N_("回执"), "plan": N_("整改方案"), "report": N_("整改报告")}
BY_ITSELF = frozenset({"serviceTask", "boundaryEvent", "intermediateCatchEvent"})
# Steps that trace an act of their own, which says more than the name of the node.
TOLD_BY_ACT = frozenset({
    "project.stage_overdue", "project.withdraw", "project.finish", "coordination.open", "coordination.close",
    "supervision.issue_l1", "supervision.issue_l2", "supervision.start_rectification", "supervision.issue_l4",
    "supervision.issue_l5", "supervision.close", "rectification.open", "rectification.new_round",
    "rectification.overdue", "rectification.close_out", "extension.open", "extension.conclude", "extension.lapse",
})  # fmt: skip


def history_lines(found: CaseHistory, maps: Mapping[int, Map], now: datetime) -> tuple[HistoryLine, ...]:
    """All of it, newest first; `maps` are those the processes run on, by process id."""
    items = {item.id: item for item in found.items}
    lines = [_of_item(item, now) for item in found.items]
    lines += _of_passages(found.passages, maps)
    lines += [_of_act(act, items) for act in found.acts]
    return tuple(sorted(lines, key=lambda line: line.at, reverse=True))


def spots_of(drawn: Map) -> dict[str, Spot]:
    """Where each node of a map stands, for the state of its drawing."""
    return {node.id: Spot(node.parent, node.attached_to, timer=node.event == "timer") for node in drawn.nodes.values()}


def span(began: datetime, ended: datetime) -> str:
    """A duration as people say it: days from one day up, hours below, minutes below that."""
    took = ended - began
    if took >= timedelta(days=1):
        return str(_("%(n)s 天", n=took.days))
    hours, minutes = took.seconds // 3600, took.seconds // 60
    return str(_("%(n)s 小时", n=hours) if hours else _("%(n)s 分钟", n=max(minutes, 1)))


def named(chinese: str | None, english: str | None) -> str:
    """The name in the visitor's language."""
    return (english if language() == "en" and english else chinese) or ""


def _of_item(item: ItemLine, now: datetime) -> HistoryLine:
    organ, href = named(item.organ_zh, item.organ_en), f"/tasks/{item.id}"
    if item.is_open:
        late = item.due_at is not None and item.due_at < now and item.state == "ready"
        held = _("已 %(span)s", span=span(item.created_at, now))
        return HistoryLine(item.created_at, _("待办：%(name)s", name=item.name), item.holder or _("待认领"), organ,
                           item.note or "", "late" if late else "open", held, href)  # fmt: skip
    at = item.done_at or item.created_at
    if item.state == "cancelled":
        return HistoryLine(at, _("取消：%(name)s", name=item.name), "", organ, item.note or "", "returned")
    took = _("用时 %(span)s", span=span(item.created_at, at))
    return HistoryLine(at, _("办结：%(name)s", name=item.name), item.done_by or "", organ, "", "done", took, href)


def _of_passages(passages: tuple[PassageLine, ...], maps: Mapping[int, Map]) -> Iterator[HistoryLine]:
    """Stages with the time they took, and what ran by itself; a stage's entry is told by the step before it."""
    begun: dict[tuple[int, str], datetime] = {}
    for each in passages:
        node = maps[each.process_id].nodes.get(each.node) if each.process_id in maps else None
        if node is None or not node.name:
            continue
        if each.event == "entered":
            begun[each.process_id, each.node] = each.at
            continue
        since = begun.get((each.process_id, each.node), each.at)
        if node.kind == "subProcess":
            left = each.event == "left"
            title = _("完成：%(name)s", name=node.name) if left else _("离开：%(name)s（未完成）", name=node.name)
            took = _("用时 %(span)s", span=span(since, each.at))
            yield HistoryLine(each.at, title, kind="done" if left else "returned", took=took)
        elif node.kind in BY_ITSELF and each.event == "left" and node.event != "timer" and node.step not in TOLD_BY_ACT:
            yield HistoryLine(each.at, node.name, _("系统"), kind="system")


def _of_act(act: ActLine, items: Mapping[int, ItemLine]) -> HistoryLine:
    detail = act.detail if isinstance(act.detail, dict) else {}
    item = items.get(act.subject_id or 0) if act.kind == "work_item" else None
    title = say(ACTS[act.act])
    words = DETAILS.get(act.act, _reason)(detail)
    return HistoryLine(
        act.at,
        _("%(act)s：%(name)s", act=title, name=item.name) if item else title,
        act.who if act.who != "系统" else _("系统"),
        named(act.organ_zh, act.organ_en),
        words,
        "returned" if act.act in ("item.return", "project.return_stage", "rectification.round") else "system",
    )


def _reason(detail: Mapping[str, Any]) -> str:
    return str(detail.get("reason") or detail.get("words") or detail.get("note") or detail.get("number") or "")


def _changes(detail: Mapping[str, Any]) -> str:
    told = []
    for name, pair in detail.items():
        before, after = pair if isinstance(pair, list) and len(pair) == 2 else ("", "")
        title = _("责任单位") if name == "owner_organ_id" else field_title(name)
        plain = name.endswith("_id")  # a number says nothing to people
        told.append(title if plain else f"{title} {value_text(name, before)} → {value_text(name, after)}")
    return str(_("；")).join(told)


def field_title(name: str) -> str:
    """The name of a ledger field in the visitor's language; the bare word for one that no longer exists."""
    try:
        field = field_named(name)
    except KeyError:
        return name
    return named(field.name_zh, field.name_en)


def value_text(name: str, value: object) -> str:
    """A value of the ledger as people read it; "—" for none."""
    if value in (None, ""):
        return "—"
    if name == "stage":
        return next((named(each.name_zh, each.name_en) for each in stages() if each.code == value), str(value))
    return str(value)


def _amount(detail: Mapping[str, Any]) -> str:
    kind = str(detail.get("kind", ""))
    unit = _("万美元") if kind == "fdi" else _("万元")
    return " ".join(part for part in (say(KINDS[kind]) if kind in KINDS else "", _number(detail.get("amount")), unit,
                                      str(detail.get("on", ""))) if part)  # fmt: skip


def _number(value: object) -> str:
    try:
        return wan(Decimal(str(value)))
    except InvalidOperation:
        return str(value)


def _recognised(detail: Mapping[str, Any]) -> str:
    words = _("认定 %(amount)s，核减 %(cut)s", amount=_number(detail.get("amount")), cut=_number(detail.get("cut")))
    return f"{words}。{detail['reason']}" if detail.get("reason") else words


def _milestone(detail: Mapping[str, Any]) -> str:
    kind = next((each for each in milestone_kinds() if each.code == detail.get("code")), None)
    plan, actual = (detail.get("after") or [None, None])[:2]
    title = named(kind.name_zh, kind.name_en) if kind else ""
    dates = [_("计划 %(on)s", on=plan)] if plan else []
    dates += [_("实际 %(on)s", on=actual)] if actual else []
    return " · ".join([title, *dates])


def _state(detail: Mapping[str, Any]) -> str:
    words = _moved(STATES, detail.get("before"), detail.get("after"))
    return f"{words}。{detail['reason']}" if detail.get("reason") else words


def _moved(words: Mapping[str, str], before: object, after: object) -> str:
    first, second = (say(words[str(each)]) if str(each) in words else str(each or "") for each in (before, after))
    return f"{first} → {second}"


def _rung(detail: Mapping[str, Any]) -> str:
    rung = int(detail.get("rung") or 0)
    return _("第%(n)s级 %(name)s", n=rung, name=say(RUNGS[rung])) if rung in RUNGS else ""


def _outcome(detail: Mapping[str, Any]) -> str:
    outcome = str(detail.get("outcome") or "")
    return say(OUTCOMES.get(outcome) or STATES.get(outcome) or "") if outcome else ""


def _round(detail: Mapping[str, Any]) -> str:
    due = str(detail.get("due") or "")
    return str(_("第%(n)s轮，新期限 %(due)s", n=detail.get("round", ""), due=due[:10]))


def _overdue(detail: Mapping[str, Any]) -> str:
    what = str(detail.get("what"))
    return say(OVERDUE[what]) if what in OVERDUE else ""


def _stage_overdue(detail: Mapping[str, Any]) -> str:
    return value_text("stage", detail.get("stage"))


def _close_out(detail: Mapping[str, Any]) -> str:
    light = str(detail.get("light") or "")
    return say(LIGHTS[light]) if light in LIGHTS else ""


def _extension(detail: Mapping[str, Any]) -> str:
    outcome = str(detail.get("outcome"))
    words = say(EXTENSION_OUTCOMES[outcome]) if outcome in EXTENSION_OUTCOMES else ""
    return "：".join(part for part in (words, str(detail.get("reason") or "")) if part)


def _talk(detail: Mapping[str, Any]) -> str:
    moment = detail.get("talk_on") or detail.get("on")
    return day(datetime.fromisoformat(str(moment)).date()) if moment else ""


DETAILS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "project.register": lambda detail: str(detail.get("no") or ""),
    "project.import": lambda detail: _("原表第%(row)s行", row=detail.get("row", "")),
    "project.update": _changes,
    "project.assign": lambda _detail: "",
    "project.state": _state,
    "project.stage_overdue": _stage_overdue,
    "amount.record": _amount,
    "amount.recognise": _recognised,
    "milestone.set": _milestone,
    "attachment.store": lambda detail: str(detail.get("name") or ""),
    "item.deadline": lambda detail: f"{detail.get('before', '')} → {detail.get('after', '')}",
    "extension.ask": lambda detail: _(
        "申请延期至%(on)s。%(reason)s", on=detail.get("due_on"), reason=detail.get("reason")
    ),
    "extension.end": _extension,
    "light.turn": lambda detail: _moved(LIGHTS, detail.get("was"), detail.get("is")),
    "supervision.start": lambda detail: str(detail.get("by_hand") or ""),
    "supervision.rung": _rung,
    "supervision.talk": _talk,
    "supervision.talk_record": _talk,
    "supervision.end": _outcome,
    "rectification.round": _round,
    "rectification.overdue": _overdue,
    "rectification.close_out": _close_out,
}

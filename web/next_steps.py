"""Says what follows a task on its map, so that nobody submits without knowing where it goes."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from flask_babel import gettext as _

from engine.maps import Map

MOST = 6


@dataclass(frozen=True)
class Way:
    """How the walk came here: the answer that was given, and what the system does by itself on the way."""

    given: str = ""
    done: tuple[str, ...] = ()

    def to(self, name: str) -> str:
        """The way in words, up to here."""
        chain = " → ".join([*self.done, name])
        return f"{self.given}：{chain}" if self.given else chain


def next_steps(drawn: Map, node_id: str) -> tuple[str, ...]:
    """The tasks that may follow or what is waited for, with the answer that leads there and what runs before it; six."""
    told = dict.fromkeys(_after(drawn, node_id, Way(), frozenset({node_id})))
    return tuple(told)[:MOST]


def _after(drawn: Map, node_id: str, way: Way, seen: frozenset[str]) -> Iterator[str]:
    source = drawn.nodes[node_id]
    for flow in drawn.flows:
        if flow.source == node_id:
            asked = flow.name and "Gateway" in source.kind
            yield from _at(drawn, flow.target, replace(way, given=f"{source.name}{flow.name}") if asked else way, seen)


def _at(drawn: Map, node_id: str, way: Way, seen: frozenset[str]) -> Iterator[str]:
    node = drawn.nodes[node_id]
    around = drawn.nodes[node.parent] if node.parent else None
    if node.kind == "userTask":
        yield way.to(node.name)
    elif node_id in seen:
        return
    elif node.kind == "subProcess":
        for inner in drawn.nodes.values():
            if inner.parent == node_id and inner.kind == "startEvent":
                yield from _after(drawn, inner.id, way, seen | {node_id})
    elif node.kind == "intermediateCatchEvent":  # what comes after a wait does not follow from this task
        yield way.to(around.name if around is not None and around.name else node.name)
    elif node.kind == "endEvent" and around is None:
        yield way.to(node.name or _("流程结束"))
    elif node.kind == "endEvent" and around is not None:
        yield from _after(drawn, around.id, way, seen | {node_id})
    else:
        runs = node.kind == "serviceTask" and node.name
        further = replace(way, done=(*way.done, node.name)) if runs else way
        yield from _after(drawn, node_id, further, seen | {node_id})

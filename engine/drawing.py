"""A BPMN file as its drawing only: nodes, flows and scopes, read without running or believing anything in it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from lxml import etree

from engine.maps import BPMN, FLOW_NODES, SPIFF
from models.texts import N_

HUMAN = frozenset({"userTask", "manualTask", "task"})
SCOPES = frozenset({"subProcess", "transaction", "adHocSubProcess"})
ACTIVITIES = (
    HUMAN | SCOPES | {"serviceTask", "scriptTask", "businessRuleTask", "sendTask", "receiveTask", "callActivity"}
)
CHOOSING = frozenset({"exclusiveGateway", "inclusiveGateway", "complexGateway"})
KINDS_ZH = {
    "startEvent": N_("开始事件"), "endEvent": N_("结束事件"), "boundaryEvent": N_("边界事件"),
    "intermediateCatchEvent": N_("等待事件"), "intermediateThrowEvent": N_("中间事件"),
    "userTask": N_("人工任务"), "manualTask": N_("手工任务"), "task": N_("任务"), "serviceTask": N_("自动环节"),
    "scriptTask": N_("脚本任务"), "businessRuleTask": N_("业务规则任务"), "sendTask": N_("发送任务"),
    "receiveTask": N_("接收任务"), "subProcess": N_("子流程"), "transaction": N_("事务子流程"),
    "adHocSubProcess": N_("临时子流程"), "callActivity": N_("调用活动"), "exclusiveGateway": N_("排他网关"),
    "parallelGateway": N_("并行网关"), "inclusiveGateway": N_("包容网关"), "eventBasedGateway": N_("事件网关"),
    "complexGateway": N_("复杂网关"), "sequenceFlow": N_("连线"), "process": N_("流程"), "lane": N_("泳道"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Problem:
    """图上的问题。 The element's id and name, and a Chinese source text with %(name)s places and their values."""

    element: str
    name: str
    text: str
    params: dict[str, object] = field(default_factory=dict)

    @property
    def message(self) -> str:
        """The Chinese sentence with its values set in."""
        return self.text % self.params if self.params else self.text


@dataclass(frozen=True, eq=False)
class Shape:
    """A node or flow as drawn."""

    id: str
    name: str
    kind: str  # BPMN local name
    element: Any = field(repr=False)
    scope: str  # id of the process or sub-process it stands in

    @property
    def event(self) -> str | None:
        """Of an event: message, timer, signal …; several are joined by a plus; None for a plain one."""
        found = [n.removesuffix("EventDefinition") for n in map(local, self.element) if n.endswith("EventDefinition")]
        return "+".join(found) or None

    @property
    def loop(self) -> Any:
        """The multi-instance element, or None."""
        return self.element.find(BPMN + "multiInstanceLoopCharacteristics")

    @property
    def properties(self) -> dict[str, str]:
        """Our extension properties."""
        path = f"{BPMN}extensionElements/{SPIFF}properties/{SPIFF}property"
        return {p.get("name", ""): p.get("value", "").strip() for p in self.element.findall(path)}


@dataclass(frozen=True, slots=True)
class Flow:
    """A sequence flow; `condition` is None when there is no condition element."""

    shape: Shape
    source: str
    target: str
    condition: str | None


def local(element: Any) -> str:
    """The local name of an element; empty for anything else."""
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def problem(shape: Shape, text: str, **params: object) -> Problem:
    """A problem of a shape; the text may use %(what)s, which says kind, name and id."""
    return Problem(shape.id, shape.name, text, {"what": called(shape), **params})


def called(shape: Shape) -> str:
    """How a person finds the shape again: its kind, name and id, or its line in the file."""
    kind = KINDS_ZH.get(shape.kind, shape.kind)
    if not shape.id:
        return f"{kind}“{shape.name}”（文件第 {shape.element.sourceline} 行）"
    return f"{kind}“{shape.name}”（{shape.id}）" if shape.name else f"{kind} {shape.id}"


class Drawing:
    """The one process of a file, seen as shapes."""

    def __init__(self, root: Any) -> None:
        self.root = root

    @cached_property
    def processes(self) -> list[Shape]:
        """Every process in the file."""
        return [self._shape(element) for element in self.root.iter(BPMN + "process")]

    @cached_property
    def nodes(self) -> list[Shape]:
        """Every flow node of every process, in document order."""
        return [shape for shape in self.everything() if shape.kind in FLOW_NODES]

    @cached_property
    def by_id(self) -> dict[str, Shape]:
        """The nodes by id."""
        return {node.id: node for node in self.nodes}

    @cached_property
    def flows(self) -> list[Flow]:
        """Every sequence flow."""
        return [_flow(shape) for shape in self.everything() if shape.kind == "sequenceFlow"]

    @cached_property
    def leaving(self) -> dict[str, list[Flow]]:
        """The flows out of each node."""
        out: dict[str, list[Flow]] = {}
        for flow in self.flows:
            out.setdefault(flow.source, []).append(flow)
        return out

    @cached_property
    def steps(self) -> dict[str, list[str]]:
        """Where a token can go next from each node, a boundary event counting as next of what it stands on."""
        ahead = {node.id: [flow.target for flow in self.leaving.get(node.id, [])] for node in self.nodes}
        for node in self.nodes:
            if node.kind == "boundaryEvent":
                ahead.setdefault(node.element.get("attachedToRef", ""), []).append(node.id)
        return ahead

    def everything(self) -> Iterator[Shape]:
        """Every BPMN element inside the processes, as a shape."""
        for process in self.processes:
            for element in process.element.iterdescendants(BPMN + "*"):
                yield self._shape(element)

    def inside(self, scope: str) -> list[Shape]:
        """The nodes that stand directly in a process or sub-process."""
        return [node for node in self.nodes if node.scope == scope]

    def scopes(self) -> list[Shape]:
        """The processes and every sub-process."""
        return self.processes + [node for node in self.nodes if node.kind in SCOPES]

    def owner(self, element: Any) -> Shape:
        """The node or flow an inner element belongs to; the element itself when it stands alone."""
        for one in (element, *element.iterancestors()):
            if local(one) in FLOW_NODES or local(one) in {"sequenceFlow", "process"}:
                return self._shape(one)
        return self._shape(element)

    def _shape(self, element: Any) -> Shape:
        parent = element.getparent()
        scope = "" if parent is None else parent.get("id") or ""
        return Shape(element.get("id") or "", element.get("name") or "", local(element), element, scope)


def _flow(shape: Shape) -> Flow:
    condition = shape.element.find(BPMN + "conditionExpression")
    text = None if condition is None else "".join(condition.itertext()).strip()
    return Flow(shape, shape.element.get("sourceRef", ""), shape.element.get("targetRef", ""), text)

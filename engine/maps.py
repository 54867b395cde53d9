"""Reads a BPMN file once per process into a frozen map: what Spiff runs, and what people see of it."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn.specs.mixins.multiinstance_task import LoopTask

from engine.gateways import Gather, LastArrival
from engine.layout import Layout
from engine.parser import NotAllowedError, Reader
from models.expression import ExpressionError, compile_expression
from models.saying import Saying
from models.texts import N_

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
SPIFF = "{http://spiffworkflow.org/bpmn/schema/1.0/core}"
MAX_BYTES = 1024 * 1024
FLOW_NODES = frozenset(
    {
        "startEvent", "endEvent", "boundaryEvent", "intermediateCatchEvent", "intermediateThrowEvent",
        "userTask", "manualTask", "task", "serviceTask", "scriptTask", "businessRuleTask", "sendTask", "receiveTask",
        "subProcess", "transaction", "adHocSubProcess", "callActivity",
        "exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway", "complexGateway",
    }
)  # fmt: skip
UNSUPPORTED = (
    "dataObject", "dataObjectReference", "dataStoreReference", "ioSpecification", "dataInputAssociation",
    "dataOutputAssociation", "standardLoopCharacteristics", "loopDataOutputRef", "outputDataItem",
    "compensateEventDefinition", "linkEventDefinition", "cancelEventDefinition", "conditionalEventDefinition",
)  # fmt: skip


class Fault(Saying):
    """图上的问题。 One reason why a map cannot be used; `element` is the id of what is wrong, or empty."""

    def __init__(self, element: str, message: str, **params: object) -> None:
        super().__init__(message, **params)
        self.element = element


class MapError(ValueError):
    """The map cannot be used; `problems` says why, one sentence each."""

    def __init__(self, *problems: Fault) -> None:
        super().__init__("；".join(f"{p.element} {p}".strip() for p in problems))
        self.problems = list(problems)


@dataclass(frozen=True)
class Node:
    """One flow node of a map, in the words of the drawing."""

    id: str
    name: str
    kind: str  # BPMN local name, for example userTask
    parent: str | None  # the sub-process it stands in
    properties: Mapping[str, str] = field(default_factory=dict)
    documentation: str = ""
    attached_to: str | None = None  # boundary events: the activity they stand on
    interrupting: bool = False  # boundary events: whether they end that activity
    event: str | None = None  # events: message, timer, terminate, …
    message: str | None = None  # the name of the message waited for or thrown
    item: str | None = None  # multi-instance: the name of the item in the data
    items: str | None = None  # multi-instance: the name of the list in the data
    many: str | None = None  # "parallel" or "sequential" for multi-instance nodes

    @property
    def role(self) -> str | None:
        """Role code of who does it."""
        return self.properties.get("role")

    @property
    def organ(self) -> str | None:
        """Expression giving the organ's id."""
        return self.properties.get("organ")

    @property
    def form(self) -> str | None:
        """Key of the form asked."""
        return self.properties.get("form")

    @property
    def working_days(self) -> str | None:
        """Time budget in working days: a number or an expression."""
        return self.properties.get("working_days")

    @property
    def step(self) -> str | None:
        """Id of the registered step."""
        return self.properties.get("step")

    @property
    def otherwise(self) -> str | None:
        """What happens when late, in one sentence."""
        return self.properties.get("otherwise")

    @property
    def helps(self) -> str | None:
        """Who helps: an expression giving an organ's id, or a sentence."""
        return self.properties.get("helps")


@dataclass(frozen=True)
class Flow:
    """One sequence flow."""

    id: str
    source: str
    target: str
    name: str = ""
    condition: str | None = None
    default: bool = False


@dataclass(frozen=True, eq=False)
class Map:
    """One version of one process, parsed; shared by all its running instances and never changed."""

    key: str
    name: str
    hash: str
    xml: bytes
    spec: Any
    subprocess_specs: Mapping[str, Any]
    nodes: Mapping[str, Node]  # in order of appearance
    flows: tuple[Flow, ...]
    layouts: Mapping[str, Layout]  # how the codec numbers the specs, by spec name


def read_map(xml: bytes) -> Map:
    """The map in the file, from the process-wide cache if its bytes were read before; raises MapError."""
    return _read(bytes(xml))


@lru_cache(maxsize=256)
def _read(xml: bytes) -> Map:
    root = _tree(xml)
    processes = [p for p in root.iter(BPMN + "process") if p.get("isExecutable") == "true"]
    if len(processes) != 1 or not processes[0].get("id"):
        raise MapError(Fault("", N_("文件里要有且只有一个可执行的流程（isExecutable），并且有编号")))
    process = processes[0]
    nodes, flows = _nodes(root, process), _flows(process)
    _check_kinds(process, nodes)
    _check_expressions(process, flows)
    spec, parts = _specs(root, process.get("id"))
    every = {spec.name: spec, **parts}
    return Map(
        key=process.get("id"),
        name=process.get("name") or process.get("id"),
        hash=hashlib.sha256(xml).hexdigest(),
        xml=xml,
        spec=spec,
        subprocess_specs=parts,
        nodes=MappingProxyType(nodes),
        flows=flows,
        layouts={name: Layout(one) for name, one in every.items()},
    )


def _tree(xml: bytes) -> Any:
    """The parsed file. Size, encoding and DOCTYPE are judged on the bytes, before any parser sees them."""
    if len(xml) > MAX_BYTES:
        raise MapError(Fault("", N_("文件超过 1 MiB")))
    try:
        text = xml.decode("utf-8")
    except UnicodeDecodeError:
        raise MapError(Fault("", N_("文件不是 UTF-8 编码"))) from None
    declared = re.match(r"\ufeff?\s*<\?xml[^>]*encoding\s*=\s*[\"']([^\"']+)", text)
    if declared and declared[1].lower() not in {"utf-8", "utf8", "us-ascii", "ascii"}:
        raise MapError(Fault("", N_("文件声明了编码 %(encoding)s，只接受 UTF-8"), encoding=declared[1]))
    if re.search(r"<!(DOCTYPE|ENTITY)", text, re.IGNORECASE):
        raise MapError(Fault("", N_("文件里不能有 DOCTYPE 或实体定义")))
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        return etree.fromstring(xml, parser)
    except etree.XMLSyntaxError as problem:
        raise MapError(Fault("", N_("文件不是完整的 XML：%(why)s"), why=problem)) from None


def _specs(root: Any, key: str) -> tuple[Any, dict[str, Any]]:
    """Spiff's specs of the process and its sub-processes, complete before the first instance runs."""
    reader = Reader()
    try:
        reader.add_bpmn_xml(root)
        spec = reader.get_spec(key)
        parts = reader.get_subprocess_specs(key)
    except NotAllowedError as problem:
        raise MapError(Fault(problem.id, problem.message, **problem.params)) from problem
    except Exception as problem:  # whatever a strange file makes Spiff stumble over is the file's problem
        element = getattr(problem, "id", "") or key
        raise MapError(Fault(element, N_("流程引擎读不懂这里：%(why)s"), why=problem)) from problem
    for one in (spec, *parts.values()):
        for loop in [t for t in one.task_specs.values() if isinstance(t, LoopTask)]:
            # Spiff connects this when the first instance starts, which would change the shared spec and
            # leave instances started by another process without it
            one.task_specs[loop.task_spec].completed_event.connect(loop.merge_child)
        one.end.__class__ = LastArrival  # Spiff makes this task itself and offers no other way to choose its class
        for gateway in [t for t in one.task_specs.values() if isinstance(t, Gather)]:
            gateway.look_around()
    return spec, parts


def _nodes(root: Any, process: Any) -> dict[str, Node]:
    messages = {m.get("id"): m.get("name") for m in root.iter(BPMN + "message")}
    nodes: dict[str, Node] = {}
    for element in _flow_nodes(process):
        node = _node(element, process, messages)
        if node.id in nodes:
            raise MapError(Fault(node.id, N_("编号用了两次")))
        nodes[node.id] = node
    return nodes


def _flow_nodes(process: Any) -> Iterator[Any]:
    for element in process.iter(BPMN + "*"):
        if etree.QName(element).localname in FLOW_NODES:
            if not element.get("id"):
                raise MapError(Fault("", N_("有一个 %(kind)s 没有编号"), kind=etree.QName(element).localname))
            yield element


def _node(element: Any, process: Any, messages: Mapping[str, str]) -> Node:
    kind = etree.QName(element).localname
    parent = element.getparent()
    loop = element.find(BPMN + "multiInstanceLoopCharacteristics")
    definition = next((d for d in element if isinstance(d.tag, str) and d.tag.endswith("EventDefinition")), None)
    item = None if loop is None else loop.find(BPMN + "inputDataItem")
    return Node(
        id=element.get("id"),
        name=element.get("name") or "",
        kind=kind,
        parent=None if parent is process else parent.get("id"),
        properties=MappingProxyType(_properties(element)),
        documentation=(element.findtext(BPMN + "documentation") or "").strip(),
        attached_to=element.get("attachedToRef"),
        interrupting=kind == "boundaryEvent" and element.get("cancelActivity", "true") == "true",
        event=None if definition is None else etree.QName(definition).localname.removesuffix("EventDefinition"),
        message=None if definition is None else messages.get(definition.get("messageRef", "")),
        item=None if item is None else item.get("id"),
        items=None if loop is None else loop.findtext(BPMN + "loopDataInputRef"),
        many=None if loop is None else ("sequential" if loop.get("isSequential") == "true" else "parallel"),
    )


def _properties(element: Any) -> dict[str, str]:
    path = f"{BPMN}extensionElements/{SPIFF}properties/{SPIFF}property"
    return {p.get("name", ""): p.get("value", "") for p in element.findall(path)}


def _flows(process: Any) -> tuple[Flow, ...]:
    defaults = {e.get("default") for e in process.iter(BPMN + "*") if e.get("default")}
    return tuple(
        Flow(
            id=flow.get("id", ""),
            source=flow.get("sourceRef", ""),
            target=flow.get("targetRef", ""),
            name=flow.get("name") or "",
            condition=(flow.findtext(BPMN + "conditionExpression") or "").strip() or None,
            default=flow.get("id") in defaults,
        )
        for flow in process.iter(BPMN + "sequenceFlow")
    )


def _check_kinds(process: Any, nodes: Mapping[str, Node]) -> None:
    """Elements that run code, call elsewhere or are broken in 3.2.0 are refused by name, all at once."""
    faults = [
        Fault(n.id, N_("不支持这种节点：%(kind)s"), kind=n.kind)
        for n in nodes.values()
        if BPMN + n.kind not in Reader.PARSER_CLASSES
    ]
    for element in process.iter(*(BPMN + name for name in UNSUPPORTED)):
        owner = element.get("id") or element.getparent().get("id") or ""
        faults.append(Fault(owner, N_("不支持这种写法：%(kind)s"), kind=etree.QName(element).localname))
    if faults:
        raise MapError(*faults)


def _check_expressions(process: Any, flows: tuple[Flow, ...]) -> None:
    """Every condition, date and completion rule must compile, or the map is refused before anything runs on it."""
    found = [(f.id, f.condition) for f in flows if f.condition]
    for tag in ("timeDate", "completionCondition", "loopCardinality", "loopCondition"):
        for element in process.iter(BPMN + tag):
            owner = next((a.get("id") for a in element.iterancestors() if etree.QName(a).localname in FLOW_NODES), "")
            found.append((owner, (element.text or "").strip()))
    problems = []
    for owner, text in found:
        try:
            compile_expression(text)
        except ExpressionError as problem:
            problems.append(Fault(owner, problem.message, **problem.params))
    if problems:
        raise MapError(*problems)

"""Whether a drawing hangs together: one process, every node reachable and left, gateways that always know a way."""

from collections import Counter
from collections.abc import Iterator

from engine.drawing import ACTIVITIES, CHOOSING, HUMAN, SCOPES, Drawing, Problem, Shape, local, problem
from engine.maps import BPMN
from models.texts import N_

ITEMS = frozenset({"inputDataItem", "outputDataItem"})  # their ids are names in the data, which two blocks may share


def ambiguous(drawing: Drawing) -> Iterator[Problem]:
    """What must be right before the drawing can be followed at all."""
    yield from one_process(drawing)
    yield from identity(drawing)


def miswired(drawing: Drawing) -> Iterator[Problem]:
    """Every place where the drawing does not hang together."""
    for check in (ends_of_flows, beginnings, boundaries, endings, choices):
        yield from check(drawing)
    for check in (unreachable, inclusive_loops, idle_loops):
        yield from check(drawing)


def one_process(drawing: Drawing) -> Iterator[Problem]:
    """Exactly one executable process, at most one pool."""
    if not drawing.processes:
        yield Problem("", "", N_("文件里没有流程"))
    elif len(drawing.processes) > 1 or len(list(drawing.root.iter(BPMN + "participant"))) > 1:
        yield Problem("", "", N_("文件里有不止一个流程或泳池；一个文件只能画一个流程"))
    elif drawing.processes[0].element.get("isExecutable") != "true":
        yield problem(drawing.processes[0], N_("%(what)s没有标为可执行（isExecutable）"))
    for process in drawing.processes:
        if not process.id or not process.name:
            yield problem(process, N_("%(what)s要有编号和名称"))


def identity(drawing: Drawing) -> Iterator[Problem]:
    """Every node and flow has an id of its own."""
    shapes = drawing.processes + drawing.nodes + [flow.shape for flow in drawing.flows]
    for shape in shapes:
        if not shape.id and shape.kind != "process":
            yield problem(shape, N_("%(what)s没有编号"))
    named = [element for element in drawing.root.iter(BPMN + "*") if local(element) not in ITEMS]
    found = Counter(element.get("id") for element in named if element.get("id"))
    for name in sorted(name for name, times in found.items() if times > 1):
        yield Problem(
            name, "", N_("编号 %(id)s 用了 %(times)d 次；每个编号只能用一次"), {"id": name, "times": found[name]}
        )


def ends_of_flows(drawing: Drawing) -> Iterator[Problem]:
    """Every flow joins two nodes of the same scope."""
    for flow in drawing.flows:
        ends = [drawing.by_id.get(flow.source), drawing.by_id.get(flow.target)]
        if None in ends:
            yield problem(flow.shape, N_("%(what)s有一头没有连到节点上"))
        elif any(end.scope != flow.shape.scope for end in ends if end):
            yield problem(flow.shape, N_("%(what)s穿过了子流程的边框；请只在同一层里连线"))


def beginnings(drawing: Drawing) -> Iterator[Problem]:
    """Every scope has one start, and no flow leads into it."""
    for scope in drawing.scopes():
        starts = [node for node in drawing.inside(scope.id) if node.kind == "startEvent"]
        if len(starts) != 1:
            yield problem(scope, N_("%(what)s里要有且只有一个开始事件，现有 %(count)d 个"), count=len(starts))
    targets = {flow.target for flow in drawing.flows}
    for node in drawing.nodes:
        if node.kind in {"startEvent", "boundaryEvent"} and node.id in targets:
            yield problem(node, N_("%(what)s不能有连线进来"))


def boundaries(drawing: Drawing) -> Iterator[Problem]:
    """Every boundary event stands on an activity beside it."""
    for node in drawing.nodes:
        if node.kind != "boundaryEvent":
            continue
        host = drawing.by_id.get(node.element.get("attachedToRef", ""))
        if host is None or host.kind not in ACTIVITIES or host.scope != node.scope:
            yield problem(node, N_("%(what)s没有贴在任务或子流程上"))


def endings(drawing: Drawing) -> Iterator[Problem]:
    """Every node leads on, except ends, which do not."""
    for node in drawing.nodes:
        ways = drawing.leaving.get(node.id, [])
        if node.kind == "endEvent" and ways:
            yield problem(node, N_("%(what)s后面不能再有连线"))
        elif node.kind != "endEvent" and not ways:
            yield problem(node, N_("%(what)s后面没有连线；请连到下一步或结束事件"))


def choices(drawing: Drawing) -> Iterator[Problem]:
    """A gateway that chooses always finds a way: a default flow, and a condition on each other flow."""
    for node in drawing.nodes:
        ways = drawing.leaving.get(node.id, [])
        if node.kind not in CHOOSING or (len(ways) < 2 and not any(flow.condition for flow in ways)):
            continue  # with a single open way there is nothing to choose
        default = node.element.get("default") or ""
        if default not in {flow.shape.id for flow in ways}:
            yield problem(node, N_("%(what)s没有默认连线；所有条件都不成立时流程会停住，请设一条默认连线"))
            continue
        for flow in ways:
            if flow.shape.id == default and flow.condition is not None:
                yield problem(flow.shape, N_("%(what)s是默认连线，不能再写条件"))
            elif flow.shape.id != default and not flow.condition:
                yield problem(flow.shape, N_("%(what)s从网关出来，要写条件"))


def unreachable(drawing: Drawing) -> Iterator[Problem]:
    """Nodes no token can come to; the reader would drop them without a word."""
    seen: set[str] = set()
    ahead = [node.id for node in drawing.nodes if node.kind == "startEvent"]
    while ahead:
        here = ahead.pop()
        if here not in seen:
            seen.add(here)
            ahead += drawing.steps.get(here, [])
    for node in drawing.nodes:
        if node.id and node.id not in seen:
            yield problem(node, N_("%(what)s从开始事件走不到；请连上或删去"))


def inclusive_loops(drawing: Drawing) -> Iterator[Problem]:
    """Inclusive gateways in a loop: on the second round the join fires too early."""
    for node in drawing.nodes:
        if node.kind == "inclusiveGateway" and _comes_back(node, drawing.steps):
            yield problem(node, N_("%(what)s在回路里，走第二遍时会提前放行；请改用排他网关或并行网关"))


def idle_loops(drawing: Drawing) -> Iterator[Problem]:
    """Loops in which nobody and nothing is waited for would never stop."""
    idle = {node.id for node in drawing.nodes if not _waits(node, drawing)}
    ways = {name: [to for to in ahead if to in idle] for name, ahead in drawing.steps.items() if name in idle}
    for node in drawing.nodes:
        if node.id in idle and _comes_back(node, ways):
            yield problem(node, N_("%(what)s在一个只有自动环节的回路里，会不停空转；回路里要有人工任务、定时或消息"))
            return  # one sentence per drawing: its neighbours in the loop say the same


def _waits(node: Shape, drawing: Drawing) -> bool:
    if node.kind in SCOPES:
        return any(_waits(inner, drawing) for inner in drawing.inside(node.id) if inner.id != node.id)
    return node.kind in HUMAN or node.kind in {"intermediateCatchEvent", "boundaryEvent", "eventBasedGateway"}


def _comes_back(node: Shape, steps: dict[str, list[str]]) -> bool:
    seen: set[str] = set()
    ahead = list(steps.get(node.id, []))
    while ahead:
        here = ahead.pop()
        if here == node.id:
            return True
        if here not in seen:
            seen.add(here)
            ahead += steps.get(here, [])
    return False

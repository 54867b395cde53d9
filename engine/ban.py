"""What no map may hold, one small check each: code, calls elsewhere, and what the token machine gets wrong."""

from collections.abc import Iterator

from engine.drawing import CHOOSING, Drawing, Problem, local, problem
from engine.maps import BPMN, SPIFF
from engine.parser import Reader
from models.texts import N_

# kinds with advice of their own; what else the reader does not know is refused in general words
KINDS = {
    "scriptTask": N_("%(what)s含有脚本，流程图里不能有代码；请改成自动环节并写明 step"),
    "businessRuleTask": N_("%(what)s会调用外部规则，不支持；请改成自动环节，由它查决策表"),
    "sendTask": N_("%(what)s不支持；要通知别人请改成自动环节并写明 step"),
    "receiveTask": N_("%(what)s不支持；要等消息请改成消息等待事件"),
    "callActivity": N_("%(what)s调用别的流程，不支持；请画成子流程，或用自动环节启动另一个流程"),
    "complexGateway": N_("%(what)s不支持；请改成排他网关或并行网关"),
    "adHocSubProcess": N_("%(what)s的内容没有先后，不支持；请改成普通子流程"),
    "transaction": N_("%(what)s不支持；请改成普通子流程"),
}
ELEMENTS = {
    "dataObject": N_("%(what)s使用了数据对象，不支持；数据请由表单和自动环节写入"),
    "dataObjectReference": N_("%(what)s使用了数据对象，不支持；数据请由表单和自动环节写入"),
    "dataStoreReference": N_("%(what)s使用了数据存储，不支持；数据请由自动环节读写"),
    "ioSpecification": N_("%(what)s使用了数据输入输出，不支持；数据请由表单和自动环节写入"),
    "dataInputAssociation": N_("%(what)s使用了数据输入输出，不支持；数据请由表单和自动环节写入"),
    "dataOutputAssociation": N_("%(what)s使用了数据输入输出，不支持；数据请由表单和自动环节写入"),
    "correlationSubscription": N_("%(what)s使用了消息关联，不支持；消息由系统按流程投递"),
    "standardLoopCharacteristics": N_("%(what)s带循环标记，不支持；请用排他网关画出返回的连线"),
}
ROOTS = {
    "correlationProperty": N_("文件使用了消息关联（%(id)s），不支持；消息由系统按流程投递"),
    "correlationKey": N_("文件使用了消息关联（%(id)s），不支持；消息由系统按流程投递"),
    "dataStore": N_("文件使用了数据存储（%(id)s），不支持；数据请由自动环节读写"),
    "messageFlow": N_("文件在泳池之间画了消息流（%(id)s），不支持；只画一个流程，消息用等待事件接收"),
    "import": N_("文件引用了别的文件（%(id)s），不支持；请把内容画在一个文件里"),
}
EVENTS = {
    "compensate": N_("%(what)s使用了补偿，不支持；请用网关画出需要重做的步骤"),
    "link": N_("%(what)s是链接事件，后面的内容会丢失；请直接用连线连接"),
    "signal": N_("%(what)s使用了信号，不支持；请改用消息"),
    "error": N_("%(what)s使用了错误事件，不支持；自动环节出错由管理员处理，其他情况请用网关"),
    "escalation": N_("%(what)s使用了升级事件，不支持；请用自动环节启动督办"),
    "conditional": N_("%(what)s使用了条件事件，不支持；请用网关或消息"),
    "cancel": N_("%(what)s使用了取消事件，不支持；请用消息"),
}
WHERE = {  # which events may stand where
    "message": {"intermediateCatchEvent", "boundaryEvent"},
    "timer": {"intermediateCatchEvent", "boundaryEvent"},
    "terminate": {"endEvent"},
}


def banned(drawing: Drawing) -> Iterator[Problem]:
    """Every use of something that no map may hold."""
    for check in (kinds, elements, roots, events, starts, extensions, instances, compensation, event_gateways):
        yield from check(drawing)
    for check in (event_sub_processes, timers, conditions, more_than_one_way):
        yield from check(drawing)


def kinds(drawing: Drawing) -> Iterator[Problem]:
    """Node kinds the token machine does not run."""
    for node in drawing.nodes:
        if node.kind in KINDS:
            yield problem(node, KINDS[node.kind])
        elif BPMN + node.kind not in Reader.PARSER_CLASSES and node.kind != "eventBasedGateway":
            yield problem(node, N_("%(what)s这种节点不支持"))


def elements(drawing: Drawing) -> Iterator[Problem]:
    """Data objects, data stores, associations, correlation subscriptions, loop markers."""
    for shape in drawing.everything():
        if shape.kind in ELEMENTS:
            yield problem(drawing.owner(shape.element), ELEMENTS[shape.kind])


def roots(drawing: Drawing) -> Iterator[Problem]:
    """What stands beside the process and would be ignored."""
    for element in drawing.root.iter(*(BPMN + name for name in ROOTS)):
        name = element.get("id") or element.get("location") or ""
        yield Problem(name, element.get("name") or "", ROOTS[local(element)], {"id": name})


def events(drawing: Drawing) -> Iterator[Problem]:
    """Event kinds that are ignored or broken, and good ones in the wrong place."""
    messages = {m.get("id") for m in drawing.root.iter(BPMN + "message") if m.get("name")}
    for node in drawing.nodes:
        event = node.event
        if event is None or node.kind == "startEvent":
            if node.kind in {"intermediateCatchEvent", "boundaryEvent"}:
                yield problem(node, N_("%(what)s没有写明等什么；请写明消息或日期"))
        elif event in EVENTS:
            yield problem(node, EVENTS[event])
        elif node.kind not in WHERE.get(event, ()):
            yield problem(node, N_("%(what)s在这里不能用 %(event)s 事件"), event=event)
        elif (
            event == "message" and node.element.find(f"{BPMN}messageEventDefinition").get("messageRef") not in messages
        ):
            yield problem(node, N_("%(what)s没有写明等哪个消息"))


def starts(drawing: Drawing) -> Iterator[Problem]:
    """Starts by message, signal or timer: processes are started by people, steps and duties."""
    for node in drawing.nodes:
        if node.kind == "startEvent" and node.event:
            yield problem(
                node, N_("%(what)s由消息、信号或时间触发，不支持；流程由人、自动环节或定期职责启动，请用普通开始事件")
            )


def extensions(drawing: Drawing) -> Iterator[Problem]:
    """Extensions of Spiff or of other modellers that carry code or would be silently ignored."""
    for element in drawing.root.iter("{*}*"):
        space = element.nsmap.get(element.prefix) or ""
        name = local(element)
        if name in {"script", "preScript", "postScript"} or (
            f"{{{space}}}" == SPIFF and name not in {"properties", "property"}
        ):
            yield problem(
                drawing.owner(element), N_("%(what)s带有扩展内容 %(name)s，流程图里不能有代码；请删去"), name=name
            )
        elif name in {"executionListener", "taskListener", "connector", "inputOutput", "ioMapping", "taskDefinition"}:
            yield problem(
                drawing.owner(element), N_("%(what)s带有其他软件的扩展 %(name)s，在这里不起作用；请删去"), name=name
            )


def instances(drawing: Drawing) -> Iterator[Problem]:
    """Multi-instance marks other than one task per entry of a list."""
    for node in drawing.nodes:
        loop = node.loop
        if loop is None:
            continue
        has = {local(child) for child in loop}
        if has & {"loopDataOutputRef", "outputDataItem"}:
            yield problem(node, N_("%(what)s是多人任务，不能汇集输出；各人的意见由表单保存"))
        if loop.get("isSequential") == "true" and "inputDataItem" in has and "outputDataItem" not in has:
            yield problem(node, N_("%(what)s是逐个办理的多人任务，引擎办到第二人会出错；请改为同时办理"))
        if "loopCardinality" in has or "loopDataInputRef" not in has:
            yield problem(node, N_("%(what)s是多人任务，请写明按哪个名单分配（loopDataInputRef），不能只写人数"))
        elif "inputDataItem" not in has:
            yield problem(node, N_("%(what)s是多人任务，请写明每一项叫什么（inputDataItem）"))


def compensation(drawing: Drawing) -> Iterator[Problem]:
    """Activities that only run as compensation."""
    for node in drawing.nodes:
        if node.element.get("isForCompensation") == "true":
            yield problem(node, N_("%(what)s是补偿活动，不支持；请用网关画出需要重做的步骤"))


def event_gateways(drawing: Drawing) -> Iterator[Problem]:
    """Event gateways; two timers on one share a single due date."""
    for node in drawing.nodes:
        if node.kind != "eventBasedGateway":
            continue
        ahead = [
            drawing.by_id[flow.target] for flow in drawing.leaving.get(node.id, []) if flow.target in drawing.by_id
        ]
        if sum(other.event == "timer" for other in ahead) > 1:
            yield problem(node, N_("%(what)s后面有两个定时，会共用一个日期；请只留一个"))
        elif BPMN + node.kind not in Reader.PARSER_CLASSES:
            yield problem(node, N_("%(what)s不支持；请在任务上加消息或定时的边界事件"))


def event_sub_processes(drawing: Drawing) -> Iterator[Problem]:
    """Sub-processes triggered by an event."""
    for node in drawing.nodes:
        if node.element.get("triggeredByEvent") == "true":
            yield problem(node, N_("%(what)s由事件触发，不支持；请改成普通子流程，并在上面加边界事件"))


def timers(drawing: Drawing) -> Iterator[Problem]:
    """Timers that are not one date."""
    for node in drawing.nodes:
        definition = node.element.find(BPMN + "timerEventDefinition")
        if definition is None or node.kind == "startEvent":
            continue
        if [local(child) for child in definition if local(child) != "documentation"] != ["timeDate"]:
            yield problem(node, N_("%(what)s的定时只能写日期（timeDate），不能写时长或周期；日期请由自动环节算好"))


def conditions(drawing: Drawing) -> Iterator[Problem]:
    """Conditions where nobody looks at them."""
    for flow in drawing.flows:
        source = drawing.by_id.get(flow.source)
        if flow.condition is not None and source is not None and source.kind not in CHOOSING:
            yield problem(
                flow.shape, N_("%(what)s写了条件，但它不是从排他网关出来的，条件不会起作用；请先画一个排他网关")
            )
    for node in drawing.nodes:
        if node.element.get("default") and node.kind not in CHOOSING:
            yield problem(node, N_("%(what)s设了默认连线，只有排他网关可以设"))


def more_than_one_way(drawing: Drawing) -> Iterator[Problem]:
    """Two flows out of something that is not a gateway."""
    for node in drawing.nodes:
        ways = drawing.leaving.get(node.id, [])
        if len(ways) > 1 and not node.kind.endswith("Gateway"):
            then = N_("%(what)s后面有 %(ways)d 条连线；请在它后面画一个网关，再从网关分开")
            yield problem(node, then, ways=len(ways))

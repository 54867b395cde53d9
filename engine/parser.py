"""Reads the BPMN we allow into Spiff specs: our timers, our steps, nothing that runs code or is known to be broken."""

from typing import Any

from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser, full_tag
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException
from SpiffWorkflow.bpmn.specs.mixins.service_task import ServiceTask
from SpiffWorkflow.spiff.parser.event_parsers import (
    SpiffBoundaryEventParser,
    SpiffEndEventParser,
    SpiffIntermediateCatchEventParser,
    SpiffIntermediateThrowEventParser,
    SpiffStartEventParser,
)
from SpiffWorkflow.spiff.parser.process import SpiffBpmnParser
from SpiffWorkflow.spiff.parser.task_spec import SpiffTaskParser, SubWorkflowParser
from SpiffWorkflow.spiff.specs.defaults import ParallelMultiInstanceTask, SequentialMultiInstanceTask
from SpiffWorkflow.spiff.specs.spiff_task import SpiffBpmnTask

from engine.gateways import JoinAll, JoinSome
from engine.timers import Due
from models.texts import N_

CODE = frozenset(
    {
        "preScript", "postScript", "serviceTaskOperator", "calledDecisionId", "unitTests",
        "messagePayload", "messageVariable", "payloadExpression", "variableName", "processVariableCorrelation",
    }
)  # fmt: skip


class NotAllowedError(ValidationException):
    """不许这样画。 Carries the Chinese source text with %(name)s places, like a Saying."""

    def __init__(self, message: str, node: Any, **params: object) -> None:
        super().__init__(message % params if params else message, node=node)
        self.message = message
        self.params = params


class StepTask(ServiceTask, SpiffBpmnTask):
    """A service task: runs the registered step its property names and merges what comes back into the data."""

    def __init__(self, wf_spec: Any, bpmn_id: str, *, step: str, **named: Any) -> None:
        super().__init__(wf_spec, bpmn_id, **named)
        self.step = step

    def _execute(self, task: Any) -> bool:
        top = task.workflow.top_workflow
        found = top.run_step(self.step, top.map.nodes[self.bpmn_id], dict(task.data))
        task.data.update(found or {})
        return True


class _Clean:
    """Removes the item of an instance before its data goes home, so that the next block may use the same name."""

    input_item: Any

    def merge_child(self, workflow: Any, child: Any) -> None:
        """Spiff calls this when one instance is done."""
        if self.input_item is not None:
            child.data.pop(self.input_item.bpmn_id, None)
        super().merge_child(workflow, child)  # type: ignore[misc]


class AllAtOnce(_Clean, ParallelMultiInstanceTask):
    """Parallel instances."""


class OneByOne(_Clean, SequentialMultiInstanceTask):
    """Sequential instances."""


class _Strict:
    """What every node parser of ours adds: no code in extensions, only dates in timers, our multi-instance classes."""

    PARALLEL_MI_CLASS = AllAtOnce
    SEQUENTIAL_MI_CLASS = OneByOne
    node: Any
    filename: Any

    def parse_node(self) -> Any:
        """The spec of the node, or a ValidationException naming the element."""
        for found in self.node.iter(*(f"{{http://spiffworkflow.org/bpmn/schema/1.0/core}}{name}" for name in CODE)):
            raise NotAllowedError(N_("流程图里不能有代码（%(what)s）"), self.node, what=found.tag.rpartition("}")[2])
        return super().parse_node()  # type: ignore[misc]

    def parse_timer_event(self, event: Any) -> Due:
        """Our own timer; only timeDate."""
        dates = event.findall(full_tag("timeDate"))
        if len(dates) != 1 or not (dates[0].text or "").strip():
            raise NotAllowedError(N_("定时只能写一个日期表达式（timeDate）"), self.node)
        return Due(self.node.get("name") or self.node.get("id"), dates[0].text.strip())


class TaskReader(_Strict, SpiffTaskParser):
    """Tasks a person does."""


class StepReader(_Strict, SpiffTaskParser):
    """Service tasks."""

    def create_task(self) -> StepTask:
        """The step task; refused without the property `step`."""
        step = self.parse_extensions().get("properties", {}).get("step", "").strip()
        if not step:
            raise NotAllowedError(N_("自动环节要有属性 step"), self.node)
        return StepTask(self.spec, self.bpmn_id, step=step, **self.bpmn_attributes)


class StageReader(_Strict, SubWorkflowParser):
    """Sub-processes; those started by an event are broken in 3.2.0 and refused."""

    def create_task(self) -> Any:
        """The sub-process task."""
        if self.node.get("triggeredByEvent") == "true":
            raise NotAllowedError(N_("不支持由事件触发的子流程"), self.node)
        return super().create_task()


class StartReader(_Strict, SpiffStartEventParser):
    """Start events."""


class EndReader(_Strict, SpiffEndEventParser):
    """End events."""


class BoundaryReader(_Strict, SpiffBoundaryEventParser):
    """Boundary events."""


class CatchReader(_Strict, SpiffIntermediateCatchEventParser):
    """Intermediate catching events."""


class ThrowReader(_Strict, SpiffIntermediateThrowEventParser):
    """Intermediate throwing events."""


def _classes() -> dict[str, tuple[type, type]]:
    stock = {**BpmnParser.PARSER_CLASSES, **SpiffBpmnParser.OVERRIDE_PARSER_CLASSES}
    ours = {
        "userTask": TaskReader, "manualTask": TaskReader, "task": TaskReader, "subProcess": StageReader,
        "startEvent": StartReader, "endEvent": EndReader, "boundaryEvent": BoundaryReader,
        "intermediateCatchEvent": CatchReader, "intermediateThrowEvent": ThrowReader,
    }  # fmt: skip
    classes: dict[str, tuple[type, type]] = {
        full_tag(name): (reader, stock[full_tag(name)][1]) for name, reader in ours.items()
    }
    classes[full_tag("exclusiveGateway")] = stock[full_tag("exclusiveGateway")]
    classes[full_tag("parallelGateway")] = (stock[full_tag("parallelGateway")][0], JoinAll)
    classes[full_tag("inclusiveGateway")] = (stock[full_tag("inclusiveGateway")][0], JoinSome)
    classes[full_tag("serviceTask")] = (StepReader, StepTask)
    return classes


class Reader(SpiffBpmnParser):
    """Spiff's parser with our elements only; anything else is refused with its name."""

    PARSER_CLASSES = _classes()
    OVERRIDE_PARSER_CLASSES: dict[str, tuple[type, type]] = {}  # noqa: RUF012 - Spiff reads it as a class attribute

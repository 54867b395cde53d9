"""A small office for door tests: one map with a lead, departments in parallel, a confirmation, a timer and a withdrawal."""

from datetime import datetime

from sqlalchemy import select

from engine.door import Completion, complete_item, publish_map, start_process
from engine.steps import step
from models.process import Process, WorkItem
from models.unit import CLOCK, Actor, Unit, open_reading, open_unit
from tests.cast import Town

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
 xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core" id="d" targetNamespace="urn:test">
<message id="m_withdraw" name="withdraw"/>
"""


def task(node: str, name: str, organ: str, form: str, more: str = "", **properties: str) -> str:
    """A user task of the officer role."""
    given = {"role": "officer", "organ": organ, "form": form, "working_days": "5"} | properties
    lines = "".join(f'<spiffworkflow:property name="{key}" value="{value}"/>' for key, value in given.items())
    return (
        f'<userTask id="{node}" name="{name}"><extensionElements><spiffworkflow:properties>{lines}'
        f"</spiffworkflow:properties></extensionElements>{more}</userTask>"
    )


def flow(source: str, target: str) -> str:
    return f'<sequenceFlow id="{source}__{target}" sourceRef="{source}" targetRef="{target}"/>'


EACH = (
    "<multiInstanceLoopCharacteristics><loopDataInputRef>departments</loopDataInputRef>"
    '<inputDataItem id="department" name="department"/></multiInstanceLoopCharacteristics>'
)
OFFICE = (
    HEAD
    + '<process id="office" name="办公" isExecutable="true"><startEvent id="begin"/><subProcess id="work" name="办理">'
    + '<startEvent id="work_begin"/>'
    + task("lead", "牵头部署", "owner_organ", "withdraw")
    + task("support", "部门配套", "department", "department_support", EACH)
    + task("confirm", "核对确认", "owner_organ", "withdraw")
    + '<endEvent id="work_end"/>'
    + flow("work_begin", "lead")
    + flow("lead", "support")
    + flow("support", "confirm")
    + flow("confirm", "work_end")
    + '</subProcess><boundaryEvent id="late" attachedToRef="work" cancelActivity="false"><timerEventDefinition id="t">'
    + '<timeDate xsi:type="tFormalExpression">late_at</timeDate></timerEventDefinition></boundaryEvent>'
    + '<serviceTask id="note_late" name="记录超期"><extensionElements><spiffworkflow:properties>'
    + '<spiffworkflow:property name="step" value="office.note_late"/></spiffworkflow:properties></extensionElements>'
    + '</serviceTask><endEvent id="late_end"/>'
    + '<boundaryEvent id="withdrawn" attachedToRef="work"><messageEventDefinition id="w" messageRef="m_withdraw"/>'
    + '</boundaryEvent><endEvent id="withdrawn_end"/><endEvent id="end"/>'
    + flow("begin", "work")
    + flow("work", "end")
    + flow("late", "note_late")
    + flow("note_late", "late_end")
    + flow("withdrawn", "withdrawn_end")
    + "</process></definitions>"
).encode()

NOTE = {"reason_kind": "其他", "reason": "按计划推进"}
DONE = {"outcome": "已办结", "result": "已落实"}


@step("office.note_late")
def note_late(unit: Unit, case) -> dict:
    unit.trace("office.late", "process", case.process_id)
    return {"late": True}


class Office:
    """Opens units for the cast, so that a test reads as who did what."""

    def __init__(self, database, clock, town: Town, departments: tuple[str, ...] = ("rsj", "jw")) -> None:
        self.database, self.clock, self.town = database, clock, town
        self.departments = [town[code] for code in departments]

    def unit(self, actor: Actor = CLOCK):
        return open_unit(self.database, actor, self.clock.now())

    def start(self, late_at: datetime | None = None) -> int:
        with self.unit() as unit:
            publish_map(unit, xml=OFFICE)
            return start_process(
                unit,
                key="office",
                title="演示事项",
                organ_id=self.town.binhai,
                district_id=self.town.binhai,
                data={
                    "owner_organ": self.town.binhai,
                    "departments": self.departments,
                    "late_at": (late_at or datetime(2030, 1, 1).astimezone()).isoformat(),
                },
            )

    def items(self, process_id: int, state: str = "ready") -> list[WorkItem]:
        with open_reading(self.database, CLOCK, self.clock.now()) as unit:
            query = select(WorkItem).where(WorkItem.process_id == process_id, WorkItem.state == state)
            return list(unit.session.scalars(query.order_by(WorkItem.id)))

    def process(self, process_id: int) -> Process:
        with open_reading(self.database, CLOCK, self.clock.now()) as unit:
            return unit.session.get_one(Process, process_id)

    def complete(self, actor: Actor, item: WorkItem, posted=None, **kwargs) -> Completion:
        posted = posted or (DONE if item.form == "department_support" else NOTE)
        with self.unit(actor) as unit:
            return complete_item(
                unit, item_id=item.id, version=kwargs.pop("version", item.version), posted=posted, **kwargs
            )

    def lead(self, process_id: int) -> None:
        """The lead's first task is done; the departments are asked."""
        [item] = self.items(process_id)
        self.complete(self.town.li_ming, item)

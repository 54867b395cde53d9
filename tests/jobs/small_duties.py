"""Four small duties, monthly to yearly, each with another subject and catch-up rule: by them the harness proves itself.

They open processes of the smallest map there is, whose titles print the period. The register's own duties join them.
"""

from contextlib import contextmanager

from engine.door import publish_map, start_process
from models.agenda import district_subjects, running_subjects
from models.duty import DUTIES, Duty, Period, Subject, period_zh
from models.organ import organ_by_code
from models.unit import Unit

CHUNK = 2  # so that a run is resumed in the middle
WORDS = ("small_month", "small_quarter", "small_half", "small_year")
MAP = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"
  xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"
  xmlns:di="http://www.omg.org/spec/DD/20100524/DI"
  xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core" id="small_definitions" targetNamespace="urn:duban:maps">
  <process id="small" name="试办职责" isExecutable="true">
    <startEvent id="begin"/>
    <userTask id="answer" name="报送">
      <documentation>请你单位按期报送本期情况，几句话即可。</documentation>
      <extensionElements><spiffworkflow:properties>
        <spiffworkflow:property name="form" value="receipt"/><spiffworkflow:property name="role" value="officer"/>
        <spiffworkflow:property name="organ" value="organ"/><spiffworkflow:property name="working_days" value="3"/>
        <spiffworkflow:property name="otherwise" value="逾期将由督办人员提醒。"/>
        <spiffworkflow:property name="helps" value="市合作交流办可以协助。"/>
      </spiffworkflow:properties></extensionElements>
    </userTask>
    <endEvent id="end"/>
    <sequenceFlow id="begin__answer" sourceRef="begin" targetRef="answer"/>
    <sequenceFlow id="answer__end" sourceRef="answer" targetRef="end"/>
  </process>
  <bpmndi:BPMNDiagram id="small_diagram"><bpmndi:BPMNPlane id="small_plane" bpmnElement="small">
    <bpmndi:BPMNShape id="begin_shape" bpmnElement="begin"><dc:Bounds x="100" y="102" width="36" height="36"/></bpmndi:BPMNShape>
    <bpmndi:BPMNShape id="answer_shape" bpmnElement="answer"><dc:Bounds x="200" y="80" width="100" height="80"/></bpmndi:BPMNShape>
    <bpmndi:BPMNShape id="end_shape" bpmnElement="end"><dc:Bounds x="364" y="102" width="36" height="36"/></bpmndi:BPMNShape>
    <bpmndi:BPMNEdge id="begin__answer_edge" bpmnElement="begin__answer"><di:waypoint x="136" y="120"/><di:waypoint x="200" y="120"/></bpmndi:BPMNEdge>
    <bpmndi:BPMNEdge id="answer__end_edge" bpmnElement="answer__end"><di:waypoint x="300" y="120"/><di:waypoint x="364" y="120"/></bpmndi:BPMNEdge>
  </bpmndi:BPMNPlane></bpmndi:BPMNDiagram>
</definitions>
"""


def city_subjects(unit: Unit, _period: Period) -> list[Subject]:
    desk = organ_by_code(unit.session, "hzjl")
    return [Subject(desk.id, desk.name_zh, (desk.id,))]


def projects(unit: Unit, _period: Period) -> list[Subject]:
    return running_subjects(unit)


SUBJECTS = {"city": city_subjects, "district": district_subjects, "project": projects}


def _worker(word: str, name: str, per: str):
    def work(unit: Unit, period: Period, cursor: int, _limit: int) -> tuple[int | None, int]:
        """A chunk: in the order of numbers, so that the cursor says how far it came."""
        left = sorted((each for each in SUBJECTS[per](unit, period) if each.id > cursor), key=lambda each: each.id)
        for each in left[:CHUNK]:
            start_process(
                unit,
                key="small",
                title=f"{period_zh(period.name)}{name}：{each.name}",
                organ_id=each.organ_ids[0],
                district_id=each.organ_ids[-1],
                business_key=f"{word}:{period.name}:{each.id}",
                data={"organ": each.organ_ids[0]},
            )
        return (left[CHUNK - 1].id if len(left) > CHUNK else None), len(left[:CHUNK])

    return work


def declare_small() -> None:
    """In this process, until it ends; the same twice is once."""
    for word, name, per, how in (
        ("small_month", "月度试办", "district", {"months": 1, "day": 1, "after": 1, "catch_up": "each", "shift": True}),
        ("small_quarter", "季度试办", "district", {"months": 3, "day": 20, "catch_up": "ask"}),
        ("small_half", "半年试办", "project", {"months": 6, "day": 1, "after": 1, "catch_up": "latest", "shift": True}),
        ("small_year", "年度试办", "city", {"months": 12, "day": 1, "after": 1, "would": city_subjects}),
    ):
        DUTIES.setdefault(word, Duty(word, name, work=_worker(word, name, per), per=per, **how))


@contextmanager
def small_duties(story):
    """Declared in this process for as long as a test lasts, their map published."""
    with story.unit() as unit:
        publish_map(unit, xml=MAP.encode())
    declare_small()
    try:
        yield
    finally:
        for word in WORDS:
            DUTIES.pop(word, None)

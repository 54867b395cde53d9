"""Reading maps: what people see of them, what is refused and in which words, and that a shared spec never changes."""

import random
from dataclasses import FrozenInstanceError
from itertools import pairwise

import pytest

from engine.maps import MapError, read_map
from engine.script import EXPRESSIONS, ScriptError
from engine.tokens import RunawayError, Tokens
from tests.engine.town import NOW, OWN_MAPS, Recorder, choose, needs, own, perform

HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core" id="d" targetNamespace="t">'
)


def drawing(body: str, head: str = HEAD) -> bytes:
    return f'{head}<process id="p" name="小流程" isExecutable="true">{body}</process></definitions>'.encode()


def line(*ids: str) -> str:
    return "".join(f'<sequenceFlow id="{a}_{b}" sourceRef="{a}" targetRef="{b}"/>' for a, b in pairwise(ids))


def properties(**named: str) -> str:
    rows = "".join(f'<spiffworkflow:property name="{k}" value="{v}"/>' for k, v in named.items())
    return f"<extensionElements><spiffworkflow:properties>{rows}</spiffworkflow:properties></extensionElements>"


def around(middle: str, *ids: str) -> bytes:
    return drawing(f'<startEvent id="a"/>{middle}<endEvent id="z"/>{line("a", *ids, "z")}')


def refused(xml: bytes) -> str:
    with pytest.raises(MapError) as caught:
        read_map(xml)
    assert caught.value.problems
    return str(caught.value)


def test_a_node_tells_who_does_it_until_when_and_what_follows():
    asked = properties(
        form="opinion",
        role="head",
        organ="department",
        working_days="5",
        step="opinion.keep",
        otherwise="视为同意",
        helps="lead",
    )
    drawn = read_map(
        around(f'<userTask id="ask" name="部门意见">{asked}<documentation> 请写意见 </documentation></userTask>', "ask")
    )
    node = drawn.nodes["ask"]
    assert (node.name, node.kind, node.parent, node.documentation) == ("部门意见", "userTask", None, "请写意见")
    assert (node.form, node.role, node.organ, node.working_days) == ("opinion", "head", "department", "5")
    assert (node.step, node.otherwise, node.helps) == ("opinion.keep", "视为同意", "lead")
    assert list(drawn.nodes) == ["a", "ask", "z"]
    assert [(f.source, f.target) for f in drawn.flows] == [("a", "ask"), ("ask", "z")]
    assert (drawn.key, drawn.name) == ("p", "小流程")


def test_events_instances_and_sub_processes_are_told_apart():
    nodes = own("kitchen").nodes
    assert nodes["inner_task"].parent == "inner"
    assert nodes["inner"].parent == "outer"
    late, stop = nodes["outer_late"], nodes["outer_stop"]
    assert (late.attached_to, late.interrupting, late.event) == ("outer", False, "timer")
    assert (stop.interrupting, stop.event, stop.message) == (True, "message", "stop")
    assert (nodes["each"].many, nodes["all"].many, nodes["all"].items, nodes["all"].item) == (
        "sequential",
        "parallel",
        "people",
        "person",
    )
    assert [f.id for f in own("kitchen").flows if f.default] == ["plan_again", "to_plain", "ends"]


def test_the_same_bytes_are_parsed_once_and_the_map_is_frozen():
    xml = OWN_MAPS[0].read_bytes()
    assert read_map(xml) is read_map(bytes(bytearray(xml)))
    assert read_map(xml).hash != read_map(xml + b"\n").hash
    with pytest.raises(FrozenInstanceError):
        read_map(xml).key = "other"
    with pytest.raises(TypeError):
        read_map(xml).nodes["x"] = None


@pytest.mark.parametrize(
    ("middle", "element", "words"),
    [
        ('<scriptTask id="x"><script>1</script></scriptTask>', "x", "不支持这种节点：scriptTask"),
        ('<callActivity id="x" calledElement="other"/>', "x", "callActivity"),
        ('<businessRuleTask id="x"/>', "x", "businessRuleTask"),
        ('<eventBasedGateway id="x"/>', "x", "eventBasedGateway"),
        ('<complexGateway id="x"/>', "x", "complexGateway"),
        ('<adHocSubProcess id="x"/>', "x", "adHocSubProcess"),
        ('<userTask id="x"/><dataObject id="d"/>', "d", "dataObject"),
        ('<userTask id="x"><standardLoopCharacteristics loopMaximum="3"/></userTask>', "x", "standardLoop"),
        ('<intermediateThrowEvent id="x"><linkEventDefinition id="l"/></intermediateThrowEvent>', "l", "linkEvent"),
        ('<serviceTask id="x"/>', "x", "step"),
        (
            '<userTask id="x"><extensionElements><spiffworkflow:preScript>import os</spiffworkflow:preScript></extensionElements></userTask>',
            "x",
            "preScript",
        ),
        (
            '<intermediateCatchEvent id="x"><timerEventDefinition><timeDuration>"P1D"</timeDuration></timerEventDefinition></intermediateCatchEvent>',
            "x",
            "timeDate",
        ),
        (
            '<intermediateCatchEvent id="x"><timerEventDefinition><timeCycle>"R/P1M"</timeCycle></timerEventDefinition></intermediateCatchEvent>',
            "x",
            "timeDate",
        ),
        (
            '<intermediateCatchEvent id="x"><timerEventDefinition><timeDate>().__class__</timeDate></timerEventDefinition></intermediateCatchEvent>',
            "x",
            "",
        ),
    ],
)
def test_what_runs_code_or_is_broken_is_refused_with_its_id(middle, element, words):
    said = refused(around(middle, "x"))
    assert element in said
    assert words in said


def test_a_condition_outside_the_language_is_refused_before_anything_runs():
    body = (
        '<startEvent id="a"/><exclusiveGateway id="g" default="f"/><endEvent id="z"/><endEvent id="y"/>'
        '<sequenceFlow id="s" sourceRef="a" targetRef="g"/><sequenceFlow id="f" sourceRef="g" targetRef="z"/>'
        '<sequenceFlow id="bad" sourceRef="g" targetRef="y"><conditionExpression>open("/etc/passwd")</conditionExpression></sequenceFlow>'
    )
    assert "bad" in refused(drawing(body))


@pytest.mark.parametrize(
    ("xml", "words"),
    [
        (b"", "XML"),
        (b"<definitions", "XML"),
        (b'<!DOCTYPE d [<!ENTITY e "x">]>' + around("", *()), "DOCTYPE"),
        (b'<?xml version="1.0" encoding="UTF-7"?>' + around(""), "UTF-7"),
        ('<?xml version="1.0"?><d/>'.encode("utf-16"), "UTF-8"),
        (around("<!-- " + "x" * 1024 * 1024 + " -->"), "1 MiB"),
        (HEAD.encode() + b"</definitions>", "isExecutable"),
        (drawing('<startEvent id="a"/>').replace(b"isExecutable", b"isOther"), "isExecutable"),
        (drawing('<startEvent id="a"/><endEvent id="a"/>'), "编号用了两次"),
        (drawing("<startEvent/>"), "没有编号"),
        (drawing('<userTask id="x"/>'), "读不懂"),
        (drawing('<startEvent id="a"/><sequenceFlow id="f" sourceRef="a" targetRef="nowhere"/>'), "读不懂"),
    ],
)
def test_a_strange_file_is_refused_with_a_sentence(xml, words):
    assert words in refused(xml)


def test_maps_cannot_run_scripts_even_through_the_engine_that_spiff_sees():
    for attempt in (EXPRESSIONS.execute, EXPRESSIONS.call_service, EXPRESSIONS.environment.execute):
        with pytest.raises(ScriptError):
            attempt(None, "import os")


def test_spiffs_own_script_engine_is_never_made(monkeypatch):
    def trap(*_args, **_named):
        raise AssertionError("Spiff's engine hands maps to eval and exec")

    monkeypatch.setattr("SpiffWorkflow.bpmn.workflow.PythonScriptEngine", trap)
    monkeypatch.setattr("SpiffWorkflow.bpmn.script_engine.python_environment.TaskDataEnvironment.evaluate", trap)
    drawn = own("rounds")
    tokens = Tokens.start(drawn, {"soon": NOW.isoformat(), "choice": "no"}, NOW, Recorder(needs(drawn), 1, NOW))
    again = Tokens.load(drawn, tokens.dump(), NOW, lambda *_: None)
    for token in list(again.open_tasks()):
        again.complete(token, {"choice": "yes"})
    assert again.open_tasks()


def test_a_map_that_never_rests_is_stopped():
    body = (
        '<startEvent id="a"/><exclusiveGateway id="g" default="f"/><endEvent id="z"/>'
        '<sequenceFlow id="s" sourceRef="a" targetRef="g"/><sequenceFlow id="f" sourceRef="g" targetRef="h"/>'
        '<exclusiveGateway id="h" default="back"/><sequenceFlow id="back" sourceRef="h" targetRef="g"/>'
        '<sequenceFlow id="out" sourceRef="h" targetRef="z"><conditionExpression>stop</conditionExpression></sequenceFlow>'
    )
    drawn = read_map(drawing(body))
    with pytest.raises(RunawayError, match="空转"):
        Tokens.start(drawn, {"stop": False}, NOW, lambda *_: None)
    assert Tokens.start(drawn, {"stop": True}, NOW, lambda *_: None).completed


def portrait(drawn):
    """Everything Spiff keeps on the specs of a map, as text."""
    found = {}
    for part in (drawn.spec, *drawn.subprocess_specs.values()):
        found[part.name] = sorted(
            (k, repr(v)) for k, v in vars(part).items() if k not in {"task_specs", "start", "end"}
        )
        for name, spec in part.task_specs.items():
            own_values = {k: v for k, v in vars(spec).items() if k != "_wf_spec"}
            definition = own_values.get("event_definition")
            if definition is not None:
                own_values["event_definition"] = sorted((k, repr(v)) for k, v in vars(definition).items())
            for key, value in own_values.items():
                if type(value).__name__ == "Event":
                    own_values[key] = (value.n_subscribers(), repr(value.hard_subscribers))
            found[part.name, name] = sorted((k, repr(v)) for k, v in own_values.items())
    return found


@pytest.mark.parametrize("path", OWN_MAPS, ids=lambda p: p.stem)
def test_a_shared_spec_is_the_same_after_many_walks(path):
    drawn = read_map(path.read_bytes() + b"\n<!-- read for the first time -->")
    before = portrait(drawn)
    for seed in range(25):
        wanted, dice = needs(drawn), random.Random(seed)
        tokens = Tokens.start(drawn, wanted.first(dice, NOW), NOW, Recorder(wanted, seed, NOW))
        for step in range(60):
            act = choose(tokens, wanted, dice, step)
            if act is None:
                break
            perform(tokens, act)
            tokens = Tokens.load(drawn, tokens.dump(), tokens.wakes_at or NOW, Recorder(wanted, seed, NOW))
    assert portrait(drawn) == before

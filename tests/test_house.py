"""The house keeps its own rules: contracts, registers, migrations, one clock, one commit, and room for a new mechanism."""

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import workflows
from models.mechanism import MECHANISMS

ROOT = Path(__file__).parents[1]
SHELVES = ("models", "engine", "forms", "notices", "workflows", "jobs", "web", "cli")
COPIED = (*SHELVES, "tests", "bpmn", "data", "migrations", "translations", "app.py", "pyproject.toml", "babel.cfg")


def sources():
    return [ROOT / "app.py", *(path for shelf in SHELVES for path in sorted((ROOT / shelf).rglob("*.py")))]


@pytest.fixture
def copy(tmp_path):
    """The tree without what can be made again."""
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
        elif source.exists():
            shutil.copy(source, tmp_path / name)
    return tmp_path


def contracts(tree: Path) -> subprocess.CompletedProcess:
    program = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [program, "--no-cache"],
        cwd=tree,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": str(tree)},
    )


def test_import_contracts_hold():
    done = contracts(ROOT)
    assert done.returncode == 0, done.stdout


BREACHES = {
    "models/organ.py": ("import engine.door", "doors above policy"),
    "engine/steps.py": ("import workflows.project", "doors above policy"),
    "workflows/project.py": ("import workflows.coordination", "one mechanism never imports another"),
    "workflows/coordination.py": ("import sqlalchemy", "SQLAlchemy stays behind models"),
    "web/lamps.py": ("import SpiffWorkflow", "SpiffWorkflow stays behind engine"),
    "workflows/supervision.py": ("import weasyprint", "WeasyPrint stays behind notices"),
    "web/fields.py": ("import apscheduler", "APScheduler stays behind jobs"),
    "engine/run.py": ("import flask", "Flask stays behind web and cli"),
    "web/errors.py": ("import jobs.sweep", "doors above policy"),
    "forms/reader.py": ("import notices.letters", "doors above policy"),
}


@pytest.mark.parametrize("place", BREACHES)
def test_a_planted_breach_is_named(place, copy):
    line, contract = BREACHES[place]
    path = copy / place
    head, separator, rest = path.read_text().partition('"""\n')
    path.write_text(f"{head}{separator}{line}\n{rest}")
    done = contracts(copy)
    assert done.returncode == 1
    broken = [text for text in done.stdout.splitlines() if text.endswith("BROKEN")]
    assert any(text.startswith(contract) for text in broken), done.stdout


def calls(tree: ast.AST, *names: str) -> list[str]:
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            text = f"{owner.id if isinstance(owner, ast.Name) else '?'}.{node.func.attr}"
            found += [text] if text in names or f"?.{node.func.attr}" in names else []
    return found


def test_only_the_clock_reads_the_clock():
    readers = {
        path.relative_to(ROOT).as_posix()
        for path in sources()
        if calls(
            ast.parse(path.read_text()), "datetime.now", "datetime.utcnow", "date.today", "datetime.today", "time.time"
        )
    }
    assert readers == {"models/clock.py"}


def test_commit_stands_in_one_place():
    places = {
        path.relative_to(ROOT).as_posix()
        for path in sources()
        if any(
            isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit"
            for node in ast.walk(ast.parse(path.read_text()))
        )
    }
    assert places == {"models/unit.py"}


def test_every_module_says_in_its_first_sentence_what_it_is_for():
    silent = [
        path.relative_to(ROOT).as_posix() for path in sources() if not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert silent == []


def test_no_file_and_no_function_is_longer_than_a_reader_bears():
    long_files, long_functions = [], []
    for path in sources():
        text = path.read_text()
        if text.count("\n") > 400:
            long_files.append(path.relative_to(ROOT).as_posix())
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno + 1 > 60:
                long_functions.append(f"{path.relative_to(ROOT)}:{node.name}")
    assert (long_files, long_functions) == ([], [])


def test_the_schema_is_the_sum_of_the_migrations(database_url):
    from models import schema
    from models.database import Database

    database = Database(database_url)
    schema.upgrade(database)
    assert schema.differences(database) == []
    schema.downgrade(database, "base")
    schema.upgrade(database)
    assert schema.differences(database) == []
    database.close()


def test_every_map_has_a_name_that_pages_can_say():
    workflows.discover()
    assert {path.stem for path in (ROOT / "bpmn").glob("*.bpmn")} - MECHANISMS.keys() == set()


def test_registers_are_closed():
    """Every step a map names exists and every step is named; the same for forms and duties' steps."""
    import workflows
    from engine.maps import read_map
    from engine.steps import STEPS
    from forms.reader import form_keys

    workflows.discover()
    maps = [read_map(path.read_bytes()) for path in sorted((ROOT / "bpmn").glob("*.bpmn"))]
    nodes = [node for drawn in maps for node in drawn.nodes.values()]
    named = {node.step for node in nodes if node.step}
    ours = {word for word, function in STEPS.items() if function.__module__.startswith("workflows.")}
    assert named == ours
    asked = {node.form for node in nodes if node.form}
    by_hand = {
        "commendation_referral", "coordination_request", "dispatch_letter", "dispatch_correction", "extension_request",
        "objection", "objection_decision", "return_stage",
        "suspend", "withdraw",
    }  # fmt: skip
    assert asked | by_hand == form_keys()


TRIAL_MAP = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"
  xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"
  xmlns:di="http://www.omg.org/spec/DD/20100524/DI"
  xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core" id="trial_definitions" targetNamespace="urn:duban:maps">
  <process id="trial" name="试办机制" isExecutable="true">
    <startEvent id="begin"/>
    <userTask id="answer" name="答复">
      <documentation>请你单位就试办事项写明答复意见，几句话即可。</documentation>
      <extensionElements><spiffworkflow:properties>
        <spiffworkflow:property name="form" value="trial"/><spiffworkflow:property name="role" value="officer"/>
        <spiffworkflow:property name="organ" value="organ"/><spiffworkflow:property name="working_days" value="3"/>
        <spiffworkflow:property name="step" value="trial.record"/>
        <spiffworkflow:property name="otherwise" value="逾期将由督办人员提醒。"/>
        <spiffworkflow:property name="helps" value="市合作交流办可以协助。"/>
      </spiffworkflow:properties></extensionElements>
    </userTask>
    <endEvent id="end"/>
    <sequenceFlow id="begin__answer" sourceRef="begin" targetRef="answer"/>
    <sequenceFlow id="answer__end" sourceRef="answer" targetRef="end"/>
  </process>
  <bpmndi:BPMNDiagram id="trial_diagram"><bpmndi:BPMNPlane id="trial_plane" bpmnElement="trial">
    <bpmndi:BPMNShape id="begin_shape" bpmnElement="begin"><dc:Bounds x="100" y="102" width="36" height="36"/></bpmndi:BPMNShape>
    <bpmndi:BPMNShape id="answer_shape" bpmnElement="answer"><dc:Bounds x="200" y="80" width="100" height="80"/></bpmndi:BPMNShape>
    <bpmndi:BPMNShape id="end_shape" bpmnElement="end"><dc:Bounds x="364" y="102" width="36" height="36"/></bpmndi:BPMNShape>
    <bpmndi:BPMNEdge id="begin__answer_edge" bpmnElement="begin__answer"><di:waypoint x="136" y="120"/><di:waypoint x="200" y="120"/></bpmndi:BPMNEdge>
    <bpmndi:BPMNEdge id="answer__end_edge" bpmnElement="answer__end"><di:waypoint x="300" y="120"/><di:waypoint x="364" y="120"/></bpmndi:BPMNEdge>
  </bpmndi:BPMNPlane></bpmndi:BPMNDiagram>
</definitions>
"""
TRIAL_FORM = """{
  "$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "urn:duban:forms:trial",
  "title": "试办答复", "title_en": "Trial answer", "description": "写明答复。", "description_en": "Give the answer.",
  "type": "object", "additionalProperties": false, "required": ["answer"],
  "properties": {
    "answer": {"title": "答复", "title_en": "Answer", "type": "string", "maxLength": 200, "x-widget": "textarea"}
  }
}
"""
TRIAL_WORKFLOW = '''"""试办机制: shows that a mechanism is one word on every shelf."""

from engine.door import start_process
from engine.steps import Case, step
from models.mechanism import mechanism
from models.texts import N_
from models.unit import Unit

mechanism("trial", N_("督办"), article=6, purpose_zh=N_("督办"))


def begin(unit: Unit, *, organ_id: int) -> int:
    """Start it for an organ; returns the process id."""
    return start_process(unit, key="trial", title="试办", organ_id=organ_id, district_id=organ_id, data={"organ": organ_id})


@step("trial.record")
def record(unit: Unit, case: Case) -> None:
    """Keep the answer in the trace."""
    unit.trace("trial.record", "process", case.process_id, dict(case.answers))
'''
TRIAL_TEST = '''"""The trial mechanism runs from start to end."""

from workflows.trial import begin


def test_it_is_answered_and_ends(story):
    with story.unit(story.town.li_ming) as unit:
        process_id = begin(unit, organ_id=story.town.binhai)
    from models.process import Process, WorkItem

    [item] = story.all(WorkItem, process_id=process_id)
    story.complete(story.town.li_ming, item, {"answer": "已办"})
    assert story.all(Process, id=process_id)[0].status == "done"
'''


STORIES = [  # of the copy: the mechanism's own, and what looks at every map, form and register
    "tests/workflows/test_trial.py", "tests/forms", "tests/engine/test_walks.py", "tests/test_house.py",
]  # fmt: skip


@pytest.mark.parametrize("stories", [STORIES, pytest.param([*STORIES, "tests/workflows"], marks=pytest.mark.soak)],
                         ids=["its own", "all"])  # fmt: skip
def test_a_new_mechanism_needs_nothing_existing_to_change(copy, stories):
    """One map, one form, one workflow file, one test: check and suite pass in a copy of the tree."""
    (copy / "bpmn" / "trial.bpmn").write_text(TRIAL_MAP)
    (copy / "forms" / "trial.schema.json").write_text(TRIAL_FORM)
    (copy / "workflows" / "trial.py").write_text(TRIAL_WORKFLOW)
    (copy / "tests" / "workflows" / "test_trial.py").write_text(TRIAL_TEST)
    environment = os.environ | {"PYTHONPATH": str(copy), "DUBAN_DATA_DIR": str(copy / "var")}
    run = [sys.executable, "-m"]
    for command in (
        [*run, "ruff", "check", "workflows/trial.py", "tests/workflows/test_trial.py"],
        [*run, "mypy", "workflows/trial.py"],
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        [*run, "flask", "--app", "app", "maps", "lint", "bpmn/trial.bpmn"],
        [*run, "pytest", "-q", "-x", "-p", "no:cacheprovider", *stories, "-k", "not planted and not new_mechanism"],
    ):
        done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"

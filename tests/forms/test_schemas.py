"""The forms as files: readable in two languages, bounded, asked somewhere, and strict where an officer would expect it."""

import csv
import json
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from jsonschema import Draft202012Validator

from forms.reader import read_answers
from models.codes import check_character
from models.refusal import Invalid

ROOT = Path(__file__).parents[2]
BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
SPIFF = "{http://spiffworkflow.org/bpmn/schema/1.0/core}"
KEYS = sorted(path.name.removesuffix(".schema.json") for path in (ROOT / "forms").glob("*.schema.json"))
MAPS = tuple(sorted(path.stem for path in (ROOT / "bpmn").glob("*.bpmn")))
ON_PAGES = {  # asked outside a map
    "withdraw", "return_stage", "suspend", "coordination_request", "extension_request", "dispatch_letter",
    "dispatch_correction", "commendation_referral", "objection", "objection_decision",
}  # fmt: skip
ROLES = {"officer", "head", "supervisor", "leader", "admin", "auditor"}
WIDGETS = {"text", "textarea", "date", "money", "select", "checkboxes", "files", "organ", "departments", "yesno"}
CHINESE = re.compile(r"[\u4e00-\u9fff]")
STAGES = ("reserve", "sign", "approve", "start", "build", "produce")
EVIDENCE = ["1"]


def schema(key: str) -> dict[str, Any]:
    return json.loads((ROOT / "forms" / f"{key}.schema.json").read_text(encoding="utf-8"))


def fields() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for key in KEYS:
        for name, field in schema(key)["properties"].items():
            yield key, name, field


def demanded(part: Any) -> Iterator[str]:
    """Every name any `required` of a schema mentions, however deep."""
    if isinstance(part, dict):
        yield from part.get("required", []) if isinstance(part.get("required"), list) else []
        for inner in part.values():
            yield from demanded(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from demanded(inner)


def user_tasks() -> Iterator[tuple[str, Any, dict[str, str]]]:
    for key in MAPS:
        for task in ET.parse(ROOT / "bpmn" / f"{key}.bpmn").getroot().iter(f"{BPMN}userTask"):
            path = f"{BPMN}extensionElements/{SPIFF}properties/{SPIFF}property"
            yield key, task, {p.get("name"): p.get("value") for p in task.findall(path)}


def refused(key: str, **answers: Any) -> set[str]:
    """The fields the form complains about; empty when it takes the answers."""
    try:
        read_answers(key, answers)
    except Invalid as error:
        return set(error.fields)
    return set()


@pytest.mark.parametrize("key", KEYS)
def test_a_form_is_a_valid_schema_that_refuses_what_it_does_not_ask(key: str) -> None:
    form = schema(key)
    Draft202012Validator.check_schema(form)
    assert form["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert form["additionalProperties"] is False
    assert set(demanded(form)) <= set(form["properties"]), "a rule demands a field that is not asked"
    by_line = any("x-slot" in rule for rule in form["properties"].values())  # its step demands each line there is
    assert form.get("required") or by_line or key == "supervision_sign", "only 签发 is one click"


@pytest.mark.parametrize("key", KEYS)
def test_a_form_and_each_field_speak_chinese_and_english(key: str) -> None:
    form = schema(key)
    for name, part in [(key, form), *form["properties"].items()]:
        assert CHINESE.search(part["title"]), name
        assert part["title_en"] and not CHINESE.search(part["title_en"]), name
        assert ("description" in part) == ("description_en" in part), name
        assert not CHINESE.search(part.get("description_en", "")), name
        titles = part.get("x-enum-titles_en", [])
        options = part.get("items", part).get("enum", [])
        assert len(titles) == len(options) == len(part.get("x-enum-titles", options)), name


def test_every_field_is_bounded_and_has_a_widget_the_page_can_draw() -> None:
    for key, name, field in fields():
        where = f"{key}.{name}"
        assert field["x-widget"] in WIDGETS, where
        match field["type"]:
            case "string":
                assert "maxLength" in field or field.get("format") == "date" or "enum" in field, where
            case "number":
                assert field["minimum"] == 0 and field["maximum"] > 0 and field["x-unit"] == "万元", where
            case "array":
                assert field["uniqueItems"] and ("maxItems" in field or "enum" in field["items"]), where
            case "integer":
                assert "minimum" in field or "enum" in field, where
            case other:
                assert other == "boolean", where


def test_facts_carry_the_names_of_the_ledger_and_mean_the_same_in_every_form() -> None:
    with (ROOT / "data" / "ledger_fields.csv").open(encoding="utf-8-sig") as file:
        columns = {row["column"]: row for row in csv.DictReader(file) if row["column"]}
    for key in (*(f"stage_exit_{stage}" for stage in STAGES), "project_verify"):
        own = {
            "passed",
            "evidence",
            "gap",
            "note",
            "sign_entity",
            "visual_milestone",
            "year_plan_wan",
            "owner_organ_id",
        }
        assert set(schema(key)["properties"]) - own <= set(columns), key
    meant: dict[str, tuple[str, Any]] = {}
    for key, name, field in fields():
        if name in columns:
            kind = (field["type"], field.get("format"), tuple(field.get("enum", ())))
            assert meant.setdefault(name, (key, kind))[1] == kind, f"{key}.{name} differs from {meant[name][0]}"
            choices = columns[name]["choices"]
            assert not choices or field["enum"] == choices.split("|"), f"{key}.{name}"


def test_every_form_is_asked_and_every_form_asked_exists() -> None:
    asked = {properties["form"] for _, _, properties in user_tasks()}
    assert asked | ON_PAGES == set(KEYS)
    assert not asked & ON_PAGES


def test_every_user_task_answers_the_five_questions_an_officer_has() -> None:
    seen = 0
    for key, task, properties in user_tasks():
        where, seen = f"{key}.{task.get('id')}", seen + 1
        assert properties["role"] in ROLES and properties["organ"].isidentifier(), where  # 为何是我
        assert CHINESE.search(task.get("name")), where
        assert len(task.findtext(f"{BPMN}documentation")) >= 15, where  # 要我做什么
        assert ("due" in properties) != ("working_days" in properties), where  # 何时之前
        assert len(properties["otherwise"]) >= 8, where  # 否则怎样
        assert len(properties["helps"]) >= 8, where  # 谁来帮我
    assert seen >= 1 + 6 * 3 + 3 + 5 + 4 + 1  # the five maps of article 6 and 3; a new mechanism only adds


def test_every_element_of_a_map_is_drawn() -> None:
    drawing = "{http://www.omg.org/spec/BPMN/20100524/DI}"
    for key in MAPS:
        root = ET.parse(ROOT / "bpmn" / f"{key}.bpmn").getroot()
        kinds = ("Event", "Task", "Gateway", "subProcess", "sequenceFlow")
        process = root.find(f"{BPMN}process")
        elements = {e.get("id") for e in process.iter() if e.get("id") and e.tag.endswith(kinds)}
        drawn = {e.get("bpmnElement") for e in root.iter() if e.tag in (f"{drawing}BPMNShape", f"{drawing}BPMNEdge")}
        assert elements == drawn, key
        ids = [e.get("id") for e in root.iter() if e.get("id")]
        assert len(ids) == len(set(ids)), key


def test_verification_asks_more_the_further_a_project_has_come() -> None:
    known = {
        "capital_nature": "外资",
        "source_region": "新加坡",
        "investor_name": "甲公司",
        "total_investment": "12000",
        "owner_organ_id": "1",
    }
    at = {stage: refused("project_verify", stage=stage, **known) for stage in STAGES}
    assert at["reserve"] == set()
    assert {"signed_on", "agreement_kind"} <= at["sign"] and "local_company" not in at["sign"]
    assert {"local_company", "local_uscc", "registered_on", "fai_code"} <= at["approve"]
    assert "start_kind" in at["start"] and "actual_start_on" not in at["start"]
    assert {"actual_start_on", "in_stat_on"} <= at["build"] and "actual_finish_on" not in at["build"]
    assert "actual_finish_on" in at["produce"]
    assert all(at[a] <= at[b] for a, b in pairwise(STAGES))
    assert "permit_issued_on" in refused("project_verify", stage="start", start_kind="建安类", **known)
    assert "permit_issued_on" not in refused("project_verify", stage="start", start_kind="开业类", **known)
    assert refused("project_verify", stage="reserve", **{**known, "capital_nature": "内资"}) == {"investor_uscc"}


@pytest.mark.parametrize("stage", STAGES)
def test_nobody_leaves_a_stage_without_its_facts_and_evidence(stage: str) -> None:
    form = f"stage_exit_{stage}"
    missing = refused(form, passed="true")
    assert "evidence" in missing and len(missing) >= 2
    assert refused(form, passed="false") == {"gap"}
    assert refused(form, passed="false", gap="还差验收备案") == set()
    assert refused(form) == {"passed"}


def test_a_signed_stage_is_left_with_a_licence_and_a_project_code() -> None:
    body = "91120116MA06ABCD0"
    facts = {
        "local_company": "天津甲乙科技有限公司",
        "local_uscc": f"{body}!",
        "registered_on": "2026-10-08",
        "fai_code": "2026-120116-89-01-123456",
        "approval_kind": "备案",
        "evidence": EVIDENCE,
    }
    assert refused("stage_exit_sign", passed="true", **facts) == {"local_uscc"}, (
        "a character the standard does not know"
    )
    answers = read_answers(
        "stage_exit_sign", {"passed": "true", **facts, "local_uscc": f"{body}{check_character(body)}"}
    )
    assert answers["passed"] is True and answers["registered_on"] == "2026-10-08"
    assert "registered_on" in refused("stage_exit_sign", passed="true", **{**facts, "registered_on": "2026.13.1"})


def test_departments_may_be_left_out_but_not_asked_without_saying_what_for() -> None:
    plan = {"plan": "十二月底前签约", "plan_on": "2026-12-31"}
    assert refused("stage_plan", **plan) == set()
    assert refused("stage_plan", **plan, departments=["4", "5"]) == {"needs"}
    answers = read_answers("stage_plan", {**plan, "departments": ["4", "5"], "needs": "人才落户两名"})
    assert answers["departments"] == [4, 5]


def test_a_request_is_not_refused_or_passed_on_without_a_reason() -> None:
    assert refused("coordination_accept", decision="accept") == set()
    assert refused("coordination_accept", decision="refuse") == {"reason"}
    assert refused("coordination_accept", decision="pass_on") == {"pass_to", "reason"}
    assert refused("coordination_confirm", satisfied="否") == {"comment"}
    assert refused("coordination_handle", outcome="部分解决", result="已解决落户") == {"reason"}


def test_a_review_that_fails_one_problem_needs_a_new_date() -> None:
    assert refused("rectification_review", passed_1="true", passed_2="true", opinion="全部到位") == set()
    assert refused("rectification_review", passed_1="true", passed_2="false", opinion="第二条不到位") == {"due_on"}
    report, review = (schema(f"rectification_{key}")["properties"] for key in ("report", "review"))
    for number in range(1, 6):  # a notice of the ladder never names more
        slots = {report[f"result_{number}"]["x-finding"], report[f"evidence_{number}"]["x-finding"]}
        assert slots == {review[f"passed_{number}"]["x-finding"]} == {number}
    assert refused("rectification_report", result_1="已开工", responsible="王某") == {"evidence_1"}


def test_a_month_without_news_is_two_figures_and_a_new_date_needs_evidence() -> None:
    month = {"month_done_wan": "0", "arrived_month_wan": "1,250.50"}
    assert read_answers("progress_review", month) == {"month_done_wan": "0", "arrived_month_wan": "1250.50"}
    assert refused("progress_review", **month, actual_start_on="2026-11-20") == {"evidence"}
    assert refused("progress_review", **month, issue_kinds=["资金"]) == {"issue_note"}
    assert refused("progress_review", month_done_wan="3.2亿", arrived_month_wan="-1") == {
        "month_done_wan",
        "arrived_month_wan",
    }
    assert refused("progress_review", month_done_wan="32000000000", arrived_month_wan="0") == {"month_done_wan"}, (
        "元 for 万元"
    )


def test_signing_takes_one_click() -> None:
    assert read_answers("supervision_sign", {"supplement": "  "}) == {}

"""A JSON Schema becomes fields: the widget its type suggests, its words in both languages, and what was typed."""

import pytest
from flask import render_template_string

from web.fields import fields_of, widget_of

SCHEMA = {
    "type": "object",
    "required": ["permit"],
    "properties": {
        "permit": {"type": "string", "title": "许可证编号", "title_en": "Permit number", "maxLength": 40},
        "amount": {
            "type": "number",
            "title": "完成投资",
            "x-widget": "money",
            "x-unit": "万元",
            "x-unit_en": "10k CNY",
        },
        "kind": {
            "title": "口径",
            "oneOf": [{"const": "a", "title": "实质施工", "title_en": "Works"}, {"const": "b", "title": "设备购置"}],
        },
        "ask": {"type": "array", "title": "部门", "x-widget": "departments", "items": {"type": "string"}},
        "tags": {"type": "array", "title": "标签", "items": {"enum": ["甲", "乙"]}},
    },
}


@pytest.mark.parametrize(
    ("rule", "widget"),
    [
        ({"type": "string"}, "text"),
        ({"type": "string", "x-widget": "textarea"}, "textarea"),
        ({"type": "string", "x-widget": "unheard of"}, "text"),
        ({"type": "string", "format": "date"}, "date"),
        ({"type": "string", "enum": ["a"]}, "select"),
        ({"oneOf": [{"const": "a"}]}, "select"),
        ({"type": "boolean"}, "yesno"),
        ({"type": "integer"}, "number"),
        ({"type": "array", "items": {"enum": ["a"]}}, "checkboxes"),
    ],
)
def test_the_widget_follows_the_type(rule, widget):
    assert widget_of(rule) == widget


def test_fields_keep_the_order_of_the_schema_and_mark_what_is_required():
    fields = fields_of(SCHEMA)
    assert [field.name for field in fields] == ["permit", "amount", "kind", "ask", "tags"]
    assert [field.name for field in fields if field.required] == ["permit"]


def test_the_english_words_are_taken_where_they_exist():
    permit, amount, kind, *_ = fields_of(SCHEMA, language="en")
    assert permit.title == "Permit number"
    assert amount.unit == "10k CNY"
    assert [choice.text for choice in kind.choices] == ["Works", "设备购置"]


def test_typed_text_stays_beside_its_error():
    permit, *_ = fields_of(SCHEMA, values={"permit": "  x<y "}, errors={"permit": "格式不对"})
    assert permit.value == "  x<y "
    assert permit.error == "格式不对"


def test_what_was_chosen_stays_chosen():
    *_, ask, tags = fields_of(
        SCHEMA,
        values={"ask": ["rs", "jr"], "tags": ["乙"]},
        choices={"departments": [("rs", "人才"), ("sw", "商务"), ("jr", "金融")]},
    )
    assert [choice.text for choice in ask.choices if choice.taken] == ["人才", "金融"]
    assert [choice.text for choice in tags.choices if choice.taken] == ["乙"]


def test_last_time_is_said_in_words():
    _, _, kind, *_ = fields_of(SCHEMA, previous={"kind": "a"})
    assert kind.previous == "实质施工"


def test_an_error_is_tied_to_its_field(app):
    fields = fields_of(SCHEMA, values={"permit": '"><script>'}, errors={"permit": "请填写此项。", "ask": "请选择"})
    with app.test_request_context():
        page = render_template_string(
            '{% import "macros/fields.html" as f with context %}{{ f.problems(fields) }}{{ f.all(fields) }}',
            fields=fields,
        )
    assert 'aria-describedby="f-permit-error"' in page
    assert 'id="f-permit-error"' in page
    assert 'href="#f-permit"' in page
    assert '<fieldset class="field wide wrong" id="f-ask"' in page
    assert "<script>" not in page
    assert page.count('aria-invalid="true"') == 2

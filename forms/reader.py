"""Reads answers against a form's JSON Schema: one file drives page, API and import, and every refusal names its field."""

import json
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError

from models import codes
from models.refusal import Invalid, NotFound
from models.texts import N_
from models.typed_numbers import typed_number

FOLDER = Path(__file__).parent
SUFFIX = ".schema.json"
LONGEST_WHOLE = 15  # digits; numbers of organs and files, none longer than either database compares
TRUE, FALSE = frozenset({"true", "1", "on", "yes", "是"}), frozenset({"false", "0", "off", "no", "否"})

CODES: dict[str, Callable[[str], str]] = {"uscc": codes.credit_code, "fai_code": codes.project_code}
formats = FormatChecker(formats=["date"])


def form_keys() -> frozenset[str]:
    """The keys of all forms there are."""
    return frozenset(path.name.removesuffix(SUFFIX) for path in FOLDER.glob(f"*{SUFFIX}"))


@lru_cache(maxsize=256)
def form_schema(key: str) -> dict[str, Any]:
    """The schema of a form; raises NotFound. Callers must not change it."""
    path = FOLDER / f"{key}{SUFFIX}"
    if key not in form_keys():
        raise NotFound(N_("没有找到表单“%(key)s”。"), key=key)
    schema: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return schema


@lru_cache(maxsize=256)
def _validator(key: str) -> Draft202012Validator:
    return Draft202012Validator(form_schema(key), format_checker=formats)


def read_answers(key: str, posted: Mapping[str, Any]) -> dict[str, Any]:
    """The checked answers of a form as plain JSON values (money as decimal text in 万元, dates as ISO text).

    Texts of a page are read as the schema's types; blank ones count as not given. Raises Invalid with a sentence for
    each field that is missing, unknown or wrong; nothing is guessed.
    """
    properties = form_schema(key).get("properties", {})
    problems = {name: N_("没有这一项，请去掉。") for name in posted if name not in properties}
    values: dict[str, Any] = {}
    for name, field in properties.items():
        try:
            value = _typed(field, posted.get(name))
        except ValueError as error:
            problems[name] = str(error)
            continue
        if value is not None:
            values[name] = value
    for name, sentence in _problems(key, values):
        problems.setdefault(name, sentence)
    if problems:
        raise Invalid(N_("有%(count)s处需要修改，已填内容未丢失。"), fields=problems, count=len(problems))
    return {name: _plain(value) for name, value in values.items()}


def _typed(field: Mapping[str, Any], value: Any) -> Any:
    """The value in the field's own type; None when it is blank. Raises ValueError with a sentence."""
    kind = field.get("type")
    if kind == "array":
        return _listed(field, value)
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, str):
        value = value.strip()
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        if kind == "integer" and isinstance(value, int) and abs(value) >= 10**LONGEST_WHOLE:
            raise ValueError(N_("请填写整数。"))
        return _decimal(value) if kind == "number" and not isinstance(value, bool) else value
    if kind == "boolean":
        return _truth(value)
    if kind == "integer":
        return _whole(value)
    if check := CODES.get(str(field.get("format"))):
        return check(value)
    return _decimal(value) if kind == "number" or field.get("x-widget") == "money" else value


def _listed(field: Mapping[str, Any], value: Any) -> list[Any] | None:
    if value is None or value == "":
        return None
    entries = value if isinstance(value, list) else [value]
    typed = [_typed(field.get("items", {}), entry) for entry in entries]
    return [entry for entry in typed if entry is not None]


def _truth(text: str) -> bool:
    if text.lower() in TRUE:
        return True
    if text.lower() in FALSE:
        return False
    raise ValueError(N_("请选择“是”或“否”。"))


def _whole(text: str) -> int:
    if not text.removeprefix("-").isdecimal() or len(text) > LONGEST_WHOLE:
        raise ValueError(N_("请填写整数。"))
    return int(text)


def _decimal(value: Any) -> Decimal:
    number = typed_number(value)
    if number is None:
        raise ValueError(N_("请填写数字，不带单位（例如 3.2亿 请按本栏单位换算后填写）。"))
    return number


def _problems(key: str, values: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    for error in _validator(key).iter_errors(dict(values)):
        if error.validator == "required":
            yield from ((name, N_("请填写此项。")) for name in error.validator_value if name not in error.instance)
        elif error.absolute_path:
            yield str(error.absolute_path[0]), _sentence(error)
        else:
            yield "", _sentence(error)


SENTENCES = {
    "maxLength": N_("最多%(limit)s个字。"),
    "minLength": N_("至少%(limit)s个字。"),
    "minimum": N_("不能小于%(limit)s。"),
    "exclusiveMinimum": N_("必须大于%(limit)s。"),
    "maximum": N_("不能大于%(limit)s。"),
    "enum": N_("请从所列选项中选择。"),
    "const": N_("必须勾选后才能提交。"),
    "multipleOf": N_("小数位数过多。"),
    "minItems": N_("至少选择%(limit)s项。"),
    "maxItems": N_("最多选择%(limit)s项。"),
    "uniqueItems": N_("有重复的选项。"),
    "pattern": N_("格式不对，请按提示填写。"),
    "type": N_("填写的类型不对。"),
}


def _sentence(error: ValidationError) -> str:
    if error.validator == "format":
        return N_("请填写日期，例如 2026-11-24。")
    return SENTENCES.get(str(error.validator), N_("填写有误。")) % {"limit": error.validator_value}


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value, "f")
    return [_plain(entry) for entry in value] if isinstance(value, list) else value

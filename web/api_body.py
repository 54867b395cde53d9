"""Reads what a caller of the API sends: bounded, storable, and refused by field in the house's own words."""

import json
import re
from collections.abc import Mapping
from typing import Any, NoReturn

from flask import Request
from marshmallow import ValidationError
from webargs.core import missing
from webargs.flaskparser import FlaskParser, is_json_request
from werkzeug.exceptions import BadRequest

from models.refusal import Invalid
from models.texts import N_

DEEPEST = 8  # no form of the house nests deeper than a list of plain values
LARGEST = 2**53 - 1  # beyond it a JSON number is not the same in every reader
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # PostgreSQL keeps no zero byte, and half a character is none

WORDS = {
    "Missing data for required field.": N_("请填写此项。"),
    "Unknown field.": N_("没有这一项，请去掉。"),
    "Not a valid integer.": N_("请填写整数。"),
}
OTHERWISE = N_("填写有误。")


class BodyParser(FlaskParser):
    """webargs' reader for Flask, with our refusals instead of its own."""

    def _raw_load_json(self, req: Request) -> Any:
        if not is_json_request(req):
            return missing
        try:
            body = json.loads(req.get_data(cache=True), parse_constant=_no_number)
        except (ValueError, RecursionError) as error:
            raise BadRequest from error
        require_plain(body)
        return body

    def handle_error(self, error: ValidationError, *_args: Any, **_options: Any) -> NoReturn:
        """Raises Invalid naming each field; webargs keys them by where they came from (json, query)."""
        [found] = error.messages_dict.values() or [{}]
        raise Invalid(N_("填写有误"), fields=_sentences(found if isinstance(found, Mapping) else {"": found}))


def require_plain(value: Any, depth: int = 0) -> None:
    """Raises BadRequest for what our databases cannot keep: zero bytes, half characters, huge numbers, deep nests."""
    if depth > DEEPEST:
        raise BadRequest
    if isinstance(value, dict):
        for name, each in value.items():
            require_plain(name, depth + 1)
            require_plain(each, depth + 1)
    elif isinstance(value, list):
        for each in value:
            require_plain(each, depth + 1)
    elif isinstance(value, str):
        if UNSTORABLE.search(value):
            raise BadRequest
    elif isinstance(value, int | float) and abs(value) > LARGEST:
        raise BadRequest


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no JSON")


def _sentences(messages: Mapping[Any, Any]) -> dict[str, str]:
    return {str(name): WORDS.get(_first(found), OTHERWISE) for name, found in messages.items()}


def _first(found: Any) -> str:
    return str(found[0]) if isinstance(found, list) and found else ""

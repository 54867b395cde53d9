"""What goes in and out of the API, as marshmallow schemas: they read, they write, and they are the OpenAPI document."""

from typing import Any

from flask_smorest.fields import Upload as UploadField
from marshmallow import Schema, fields, validate

from models.worklist import KINDS, PAGE
from web.api_body import UNSTORABLE

LARGEST_KEY = 2**63 - 1
LARGEST_VERSION = 2**31 - 1
MOST = 200
ITEM_KEY = validate.Range(min=1, max=LARGEST_KEY)


def plain(text: str) -> bool:
    """Whether a text of the query can be kept and compared by either database."""
    return not UNSTORABLE.search(text)


def _doc(text: str, **more: Any) -> dict[str, Any]:
    return {"description": text, **more}


class Refused(Schema):
    """A refusal: `fields` names each field and what to do about it; `reference` names the log line of a fault."""

    status = fields.Integer(required=True)
    title = fields.String(required=True)
    message = fields.String(required=True)
    fields_ = fields.Dict(keys=fields.String(), values=fields.String(), data_key="fields")
    reference = fields.String()


class NewProject(Schema):
    """A project to register."""

    owner_organ_id = fields.Integer(
        required=True, strict=True, validate=ITEM_KEY, metadata=_doc("The organ that owns the project.")
    )
    values = fields.Dict(
        keys=fields.String(validate=validate.Length(max=60)), required=True,
        metadata=_doc("Ledger fields by name; money in 万元 as decimal text, dates as ISO text. `name` is required."),
    )  # fmt: skip


class ProjectMade(Schema):
    """The project as it was registered; its process has started."""

    id = fields.Integer(required=True)
    project_no = fields.String(required=True)
    name = fields.String(required=True)
    stage = fields.String(required=True, allow_none=True)
    state = fields.String(required=True)


class WorkQuery(Schema):
    """Which of my items, and from where on."""

    limit = fields.Integer(load_default=PAGE, validate=validate.Range(min=1, max=MOST))
    cursor = fields.String(
        load_default="", validate=[validate.Length(max=120), plain],
        metadata=_doc("`next` of the page before; opaque."),
    )  # fmt: skip
    kind = fields.String(load_default="all", validate=validate.OneOf(KINDS))
    q = fields.String(load_default="", validate=[validate.Length(max=100), plain])
    project_id = fields.Integer(load_default=None, validate=ITEM_KEY)


class Item(Schema):
    """A work item. `version` must be given back with the answers."""

    id = fields.Integer(required=True)
    version = fields.Integer(required=True)
    form = fields.String(required=True, metadata=_doc("Key of its form, see /forms/{key}."))
    name = fields.String(required=True)
    node = fields.String(required=True)
    role = fields.String(required=True)
    state = fields.String(required=True)
    process_id = fields.Integer(required=True)
    process_key = fields.String(required=True)
    process_title = fields.String(required=True)
    project_id = fields.Integer(required=True, allow_none=True)
    project_no = fields.String(required=True, allow_none=True)
    project_name = fields.String(required=True, allow_none=True)
    stage = fields.String(required=True, allow_none=True)
    organ_zh = fields.String(required=True)
    organ_en = fields.String(required=True, allow_none=True)
    assignee_id = fields.Integer(required=True, allow_none=True)
    assignee = fields.String(required=True, allow_none=True)
    created_at = fields.AwareDateTime(required=True)
    due_at = fields.AwareDateTime(required=True, allow_none=True)
    returned = fields.Boolean(required=True)
    urged = fields.Boolean(required=True)


class ItemPage(Schema):
    """One page; `next` is null on the last."""

    items = fields.List(fields.Nested(Item), required=True)
    next = fields.String(required=True, allow_none=True)


class Items(Schema):
    """All open items of a project."""

    items = fields.List(fields.Nested(Item), required=True)


class ItemRead(Item):
    """One item with what it takes to complete it."""

    may_complete = fields.Boolean(required=True, metadata=_doc("Whether it is mine to complete now."))
    draft = fields.Dict(required=True)
    answers = fields.Dict(required=True)
    form_schema = fields.Dict(required=True, metadata=_doc("JSON Schema 2020-12 of the answers."))


class Complete(Schema):
    """The answers of an item."""

    version = fields.Integer(
        required=True, strict=True, validate=validate.Range(min=1, max=LARGEST_VERSION),
        metadata=_doc("As it was read; 409 when the item has changed since."),
    )  # fmt: skip
    answers = fields.Dict(keys=fields.String(), required=True)
    submit_id = fields.String(
        load_default=None, validate=validate.Length(min=1, max=100),
        metadata=_doc("Any text of yours for this attempt: sent again after a broken connection, it acts once."),
    )  # fmt: skip


class Upload(Schema):
    """A file as multipart/form-data."""

    file = UploadField(required=True)


class Filed(Schema):
    """The file as it was filed."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    sha256 = fields.String(required=True)


class Completed(Schema):
    """What a completion brought about; `again` when the same submit_id had already done it."""

    item_id = fields.Integer(required=True)
    process_id = fields.Integer(required=True)
    opened = fields.List(fields.Integer(), required=True, metadata=_doc("Items opened by it, mine or not."))
    again = fields.Boolean(required=True)

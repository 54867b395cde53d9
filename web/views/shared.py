"""The pieces that several pages show: frame, lamps, links, filters, buttons, history, files."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from web.fields import FieldView

Colour = Literal["red", "yellow", "green", "grey"]


@dataclass(frozen=True)
class MenuEntry:
    """An entry of the top bar; `text` is a source text, `icon` one of frontend/icons.json, `phone` = bottom bar too.

    `under` names the endpoint of the entry in whose section it stands: such an entry is a tab above the section's pages.
    """

    endpoint: str
    text: str
    icon: str
    permit: str
    order: int
    phone: bool = True
    under: str = ""


@dataclass(frozen=True)
class Shell:
    """The frame around every signed-in page; `demo_at` is the demo clock's moment, None outside DEMO=1."""

    officer: str
    organ: str
    roles: tuple[str, ...]
    home_href: str
    logout_href: str
    account_href: str = ""
    tokens_href: str = ""
    inbox_count: int | str = 0  # "999+" beyond a thousand
    inbox_endpoint: str = "inbox"
    demo: bool = False
    demo_at: datetime | None = None
    demo_href: str = ""
    warning: str = ""
    messages_href: str = ""
    unread_count: int | str = 0


@dataclass(frozen=True)
class LampView:
    """灯。 Colour, a shape drawn from it, and words, so that nobody depends on colour alone; `why` explains it."""

    colour: Colour
    text: str
    why: str = ""


@dataclass(frozen=True)
class Link:
    """Words that lead somewhere."""

    text: str
    href: str


@dataclass(frozen=True)
class Fact:
    """A label and its value, already written for people; with `href` the value is a link."""

    label: str
    value: str
    href: str = ""


@dataclass(frozen=True)
class Chip:
    """A ready-made filter with its count."""

    text: str
    href: str
    count: int | str | None = None  # "999+" beyond a thousand
    active: bool = False
    colour: Colour | None = None


@dataclass(frozen=True)
class Paging:
    """Keyset paging: where the next rows are ("" at the end) and the way back to the first."""

    shown: int
    next_href: str = ""
    first_href: str = ""


@dataclass(frozen=True)
class Option:
    """A choice of a select."""

    value: str
    text: str
    selected: bool = False


@dataclass(frozen=True)
class FilterView:
    """A select of a filter bar."""

    name: str
    title: str
    options: tuple[Option, ...]


@dataclass(frozen=True)
class Act:
    """办理动作。 A button that POSTs; with `fields` or `question` it asks first, with `blocked` it says why not.

    With `again_href`, where 取消 leads then, it was refused and asks again at once; `problem` belongs to none of its fields.
    """

    key: str
    text: str
    href: str
    icon: str = ""
    style: Literal["primary", "secondary", "danger"] = "secondary"
    question: str = ""
    fields: tuple[FieldView, ...] = ()
    hidden: tuple[tuple[str, str], ...] = ()
    blocked: str = ""
    problem: str = ""
    again_href: str = ""


@dataclass(frozen=True)
class HistoryLine:
    """留痕。 One thing that happened; `kind` picks the dot of the timeline."""

    at: datetime
    title: str
    who: str = ""
    organ: str = ""
    detail: str = ""
    kind: Literal["done", "open", "late", "returned", "system"] = "done"
    took: str = ""
    href: str = ""


@dataclass(frozen=True)
class FileView:
    """附件 with its size and who brought it when."""

    name: str
    href: str
    size_bytes: int
    by: str = ""
    at: datetime | None = None


@dataclass(frozen=True)
class FormPage:
    """A page that is one form, such as a new project or a new password."""

    title: str
    action_href: str
    fields: tuple[FieldView, ...]
    lead: str = ""
    submit_text: str = ""
    back_href: str = ""
    problem: str = ""
    crumbs: tuple[tuple[str, str], ...] = ()
    hidden: tuple[tuple[str, str], ...] = ()

"""The pages an officer works on: login, inbox, work item."""

from dataclasses import dataclass
from datetime import datetime

from web.fields import FieldView
from web.views.shared import Act, Chip, Colour, Fact, FileView, HistoryLine, LampView, Link, Paging


@dataclass(frozen=True)
class RoleCard:
    """A demo role to enter by one click; `count` of `count_text` wait there."""

    code: str
    role: str
    person: str
    organ: str
    href: str
    icon: str
    count: int = 0
    count_text: str = ""
    count_colour: Colour = "grey"


@dataclass(frozen=True)
class LoginPage:
    """登录。 `cards` are empty unless DEMO=1."""

    login_href: str
    next: str = ""
    name: str = ""
    problem: str = ""
    cards: tuple[RoleCard, ...] = ()


@dataclass(frozen=True)
class ItemRow:
    """待办 in a list; `holder` is who has claimed it, `acts` are quick ones such as claim or urge."""

    id: str
    href: str
    title: str
    project: str
    mechanism: str
    organ: str
    lamp: LampView
    due_at: datetime | None
    received_at: datetime
    holder: str = ""
    mine: bool = True
    returned: bool = False
    stage: str = ""
    urged: bool = False


@dataclass(frozen=True)
class Finished:
    """已办理。 What the officer has just handled; `undo` takes it back while nobody has gone on from it."""

    text: str
    undo: Act | None = None


@dataclass(frozen=True)
class InboxPage:
    """我的待办。 `total` is the count of the active chip."""

    rows: tuple[ItemRow, ...]
    chips: tuple[Chip, ...]
    total: int | str
    paging: Paging
    query: str = ""
    hidden: tuple[tuple[str, str], ...] = ()
    tabs: tuple[Chip, ...] = ()
    finished: Finished | None = None


@dataclass(frozen=True)
class FiveAnswers:
    """Why me, what, by when, what happens otherwise, who helps."""

    why_me: str
    what: str
    by_when: str
    otherwise: str
    who_helps: str


@dataclass(frozen=True)
class ItemPage:
    """办理。 `fields` may be filled in when `complete_href` is given; otherwise `closed` says why not."""

    id: str
    title: str
    mechanism: str
    subject: Link
    lamp: LampView
    five: FiveAnswers
    facts: tuple[Fact, ...] = ()
    story: tuple[Fact, ...] = ()  # longer: what is asked or found, the paper to be signed
    before: tuple[Fact, ...] = ()  # what earlier tasks brought
    fields: tuple[FieldView, ...] = ()
    complete_href: str = ""
    submit_text: str = ""
    draft_href: str = ""
    draft_at: datetime | None = None
    hidden: tuple[tuple[str, str], ...] = ()
    next_steps: tuple[str, ...] = ()
    acts: tuple[Act, ...] = ()
    history: tuple[HistoryLine, ...] = ()
    files: tuple[FileView, ...] = ()
    closed: str = ""
    problem: str = ""
    stage: str = ""
    offline: str = ""  # under which name the browser keeps what is typed while there is no connection


@dataclass(frozen=True)
class MessageRow:
    """消息。 `href` leads to what it is about."""

    at: datetime
    text: str
    href: str
    about: str = ""
    words: str = ""
    unread: bool = False


@dataclass(frozen=True)
class MessagesPage:
    """消息: the newest first; `read_href` marks all of them read."""

    rows: tuple[MessageRow, ...]
    unread: int
    read_href: str

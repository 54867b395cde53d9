"""约谈: the lists of all periods, and one list with what became of each talk."""

from dataclasses import dataclass
from datetime import date

from web.views.shared import Act, LampView, Link


@dataclass(frozen=True)
class TalksRow:
    """One period: how many units are called, and how many talks are closed."""

    period: Link
    lamp: LampView
    called: int
    talked: int
    closed: int


@dataclass(frozen=True)
class TalksPage:
    """All periods one may know of."""

    rows: tuple[TalksRow, ...]


@dataclass(frozen=True)
class CommitmentLine:
    """承诺事项 with how it stands; `href` leads to its task."""

    text: str
    owner: str
    due_on: date
    lamp: LampView
    result: str = ""
    href: str = ""


@dataclass(frozen=True)
class TalkRow:
    """One unit on the list. `struck`: it was taken off, which stays to be seen; `changes` say who changed it and why."""

    name: str
    reasons: tuple[str, ...]
    changes: tuple[str, ...]
    struck: bool
    lamp: LampView
    talk: str
    papers: tuple[Link, ...]
    commitments: tuple[CommitmentLine, ...]
    acts: tuple[Act, ...]


@dataclass(frozen=True)
class TalkListPage:
    """The list of a period; `next_step` is the task that waits for the reader."""

    title: str
    lamp: LampView
    lead: str
    rows: tuple[TalkRow, ...]
    notes: tuple[str, ...]
    acts: tuple[Act, ...]
    list_href: str
    next_step: Link | None = None
    pdf_href: str = ""
    sheet_href: str = ""
    demo: bool = False

"""公文: the list, one paper, and what anybody may verify."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from web.views.projects import NoticeRow
from web.views.shared import Act, Chip, Fact, LampView, Link, Paging


@dataclass(frozen=True)
class NoticesPage:
    """公文 to and from one's organs, or all for those who supervise."""

    chips: tuple[Chip, ...]
    rows: tuple[NoticeRow, ...]
    total: int
    paging: Paging


@dataclass(frozen=True)
class NoticePage:
    """One paper: what it is, where it stands, and the archived file."""

    number: str
    title: str
    lamp: LampView
    facts: tuple[Fact, ...]
    list_href: str
    acts: tuple[Act, ...] = ()
    receipt: Link | None = None
    pdf_href: str = ""
    download_href: str = ""
    sha256: str = ""
    verify_href: str = ""


@dataclass(frozen=True)
class VerifyPage:
    """公文验真. Empty but for `found` when no paper has the code."""

    found: bool
    number: str = ""
    organ: str = ""
    issued_on: date | None = None
    sha256: str = ""
    closed: bool = False
    action_href: str = ""
    compared: Literal["", "same", "differs"] = ""
    uploaded: str = ""
    problem: str = ""


@dataclass(frozen=True)
class ProofProblem:
    """Why a draft cannot be set: the characters no face has, so that the words can be changed before signing."""

    title: str
    message: str
    characters: tuple[str, ...]
    item_href: str

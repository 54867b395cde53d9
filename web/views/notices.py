"""公文: the list, one paper, and what anybody may verify."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from models.notice_life import Progress
from web.views.projects import NoticeRow
from web.views.shared import Act, Chip, Fact, LampView, Link, Paging


@dataclass(frozen=True)
class NoticesPage:
    """公文 to and from one's organs, or all for those who supervise."""

    chips: tuple[Chip, ...]
    rows: tuple[NoticeRow, ...]
    total: int
    paging: Paging
    acts: tuple[Act, ...] = ()
    register_href: str = ""


@dataclass(frozen=True)
class NoticePage:
    """One paper: what it is, where it stands, and the archived file."""

    number: str
    title: str
    lamp: LampView
    facts: tuple[Fact, ...]
    list_href: str
    acts: tuple[Act, ...] = ()
    correction: Link | None = None
    receipt: Link | None = None
    pdf_href: str = ""
    download_href: str = ""
    sha256: str = ""
    verify_href: str = ""
    receipts: tuple["ReceiptRow", ...] = ()


@dataclass(frozen=True)
class ReceiptRow:
    """One addressee of a paper that went to many: where it stands with it."""

    organ: str
    lamp: LampView
    opened_at: str
    signed: str  # when and by whom


@dataclass(frozen=True)
class BatchPage:
    """One batch of papers and how far it is; `stopped` are numbers of papers that could not be made."""

    title: str
    made_at: datetime
    made_by: str
    progress: Progress
    stopped: tuple[str, ...]
    list_href: str
    again_href: str


@dataclass(frozen=True)
class RegisterRow:
    """发文登记簿, one number: what it became."""

    number: str
    title: str
    to: str
    issued_on: date
    issued_by: str
    state: str
    reason: str
    href: str


@dataclass(frozen=True)
class RegisterPage:
    """发文登记簿 of one year, kind by kind, without a gap; `missing` numbers would be a fault and are shown as one."""

    year: int
    years: tuple[Chip, ...]
    kinds: tuple[Chip, ...]
    rows: tuple[RegisterRow, ...]
    missing: tuple[str, ...]
    paging: Paging
    list_href: str


@dataclass(frozen=True)
class VerifyPage:
    """公文验真. `verdict` says whether the paper stands, `compared` what the uploaded file is; nothing else is told."""

    action_href: str
    found: bool = False
    number: str = ""
    organ: str = ""
    issued_on: date | None = None
    sha256: str = ""
    verdict: LampView | None = None
    remarks: tuple[str, ...] = ()
    sealed: str = ""
    compared: Literal["", "same", "differs", "unknown"] = ""
    signature: str = ""
    uploaded: str = ""
    problem: str = ""
    figures_href: str = ""  # of a bulletin, for who is signed in: its page, each cell of which opens


@dataclass(frozen=True)
class ProofProblem:
    """Why a draft cannot be set: the characters no face has, so that the words can be changed before signing."""

    title: str
    message: str
    characters: tuple[str, ...]
    item_href: str

"""What every letter carries: frozen plain values, bounded in length, with the elements all papers share."""

import datetime as dt
from dataclasses import dataclass, fields, is_dataclass
from typing import ClassVar

from models.refusal import Invalid
from models.texts import N_
from notices.parts import Part
from notices.wording import zh_date

LONGEST_TEXT = 2_000  # characters in one field; a longer one is an enclosure, not a letter
MOST_ITEMS = 30
LONGEST_LETTER = 12_000  # characters in all: about twenty pages
COPY_DIGITS = 6  # 份号, GB/T 9704-2012, 7.2.1
SEAL_SIZES = (42, 45)  # mm across: of bureaus, and of governments of counties and districts


@dataclass(frozen=True, kw_only=True)
class Letter:
    """公文的共同要素。 `number` and `verify_url` are None while it is a draft; `demo` marks what has no legal force.

    `sealed` is False when no certificate was there to sign with, and the paper says so. `seal_drawn` is False when the
    appearance of a signature will stand where the demonstration draws its circle.
    """

    kind: ClassVar[str] = ""
    genre: ClassVar[str] = ""  # 文种
    upward: ClassVar[bool] = False  # 上行文: names 签发人 beside its number

    issuer: str
    to_name: str
    date: dt.date
    project_name: str
    project_no: str = ""
    number: str | None = None
    verify_url: str | None = None
    demo: bool = False
    copy_no: str = ""  # 份号
    secrecy: str = ""  # 密级和保密期限: 机密★1年
    urgency: str = ""
    signer: str = ""
    contact: str = ""
    co_issuers: tuple[str, ...] = ()  # 联合行文: the organs after the first
    copies: tuple[str, ...] = ()
    replaces: str = ""  # number of the paper this one takes the place of
    printed_by: str = ""  # 印发机关
    printed_on: dt.date | None = None  # 印发日期
    seal_mm: int = SEAL_SIZES[0]
    sealed: bool = True
    seal_drawn: bool = True

    def __post_init__(self) -> None:
        """Raises Invalid when a text is longer than a letter can carry, ValueError for a seal or 份号 there is not."""
        if measured(self) > LONGEST_LETTER:
            raise Invalid(N_("公文内容过长：全文不能超过%(limit)s字。"), limit=LONGEST_LETTER)
        if self.seal_mm not in SEAL_SIZES:
            raise ValueError(f"no organ has a seal of {self.seal_mm} mm")
        if self.copy_no and not (len(self.copy_no) == COPY_DIGITS and self.copy_no.isdecimal()):
            raise ValueError(f"份号 has {COPY_DIGITS} digits, not {self.copy_no!r}")

    @property
    def organs(self) -> tuple[str, ...]:
        """Who signs, the leading organ first."""
        return (self.issuer, *self.co_issuers)

    @property
    def signers(self) -> tuple[str, ...]:
        """签发人, one name each."""
        return tuple(name.strip() for name in self.signer.split("、") if name.strip())

    @property
    def title_parts(self) -> tuple[str, ...]:
        """标题 in phrases that should not be broken inside: 关于 · the matter · 的 + genre."""
        return ("关于", self.project_name, f"的{self.genre}")

    @property
    def title(self) -> str:
        """标题 in one line."""
        return "".join(self.title_parts)

    @property
    def project(self) -> str:
        """The project as the text names it, with its number where it has one."""
        return f"{self.project_name}（项目编号：{self.project_no}）" if self.project_no else self.project_name


@dataclass(frozen=True, kw_only=True)
class About:
    """A paper that another one is about: number, title and date; what is not known is empty."""

    about_number: str = ""
    about_title: str = ""
    about_date: dt.date | None = None

    @property
    def about(self) -> str:
        """The paper as a text names it: 《title》（number）, or whichever of them is known."""
        title = f"《{self.about_title}》" if self.about_title else ""
        return f"{title}（{self.about_number}）" if title and self.about_number else title or self.about_number

    @property
    def cited(self) -> str:
        """The same with its date: 《title》（number，date印发）."""
        printed = f"{zh_date(self.about_date)}印发" if self.about_date else ""
        if not printed:
            return self.about
        said = "，".join(part for part in (self.about_title and self.about_number, printed) if part)
        return f"{f'《{self.about_title}》' if self.about_title else self.about_number}（{said}）"


@dataclass(frozen=True, kw_only=True)
class Subject(Letter):
    """A letter whose author names its subject; a project it may have, and need not."""

    project_name: str = ""
    subject: str

    @property
    def title_parts(self) -> tuple[str, ...]:
        """标题 as its author wrote it, completed to 关于…的 + genre where it is only the matter."""
        return (self.subject,) if self.subject.startswith("关于") else ("关于", self.subject, f"的{self.genre}")


def measured(value: object, name: str = "") -> int:
    """Characters in a value; raises Invalid for a text or a list that no letter can carry."""
    if isinstance(value, str):
        if len(value) > LONGEST_TEXT:
            raise Invalid(N_("公文内容过长：每段不能超过%(limit)s字。"), limit=LONGEST_TEXT, fields={name: value[:20]})
        return len(value)
    if isinstance(value, tuple):
        if len(value) > MOST_ITEMS:
            raise Invalid(N_("公文内容过多：最多列%(limit)s条。"), limit=MOST_ITEMS)
        return sum(measured(item, name) for item in value)
    if isinstance(value, Part):
        return 0
    if is_dataclass(value):
        return sum(measured(getattr(value, field.name), field.name) for field in fields(value))
    return 0

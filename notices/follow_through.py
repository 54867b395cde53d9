"""The papers that follow a matter to its end: 延期, 整改报告, 销号, 协调函, 函 and 更正."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from notices.letter import About, Letter, Subject


@dataclass(frozen=True, kw_only=True)
class Opinion:
    """审批意见 of one organ: who gave it, in which office, and when."""

    organ: str = ""
    name: str = ""
    role_title: str = ""
    opinion: str
    on: date | None = None


@dataclass(frozen=True, kw_only=True)
class Extension(Letter, About):
    """延期审批单。 Who asks for how much more time and why, what each said to it, and what was decided."""

    kind: ClassVar[str] = "extension"
    genre: ClassVar[str] = "延期审批单"

    matter: str
    applicant: str
    applicant_name: str = ""
    progress: str
    reason: str
    was_due_on: date
    due_on: date
    opinions: tuple[Opinion, ...] = ()
    granted: bool

    @property
    def title_parts(self) -> tuple[str, ...]:
        """A form is called by what it is."""
        return (self.genre,)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """整改情况: a fact that was found, what was done about it with which result, and the numbers of the evidence."""

    fact: str
    result: str
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RectificationReport(Letter, About):
    """整改报告。 What the rectifying organ did about each finding of a 整改通知书, what is left, and who answers for it."""

    kind: ClassVar[str] = "report"
    genre: ClassVar[str] = "整改报告"

    answers: tuple[Answer, ...]
    unfinished: str = ""
    responsible: str = ""
    round: int = 1


@dataclass(frozen=True, kw_only=True)
class Conclusion:
    """复核结论 on one finding."""

    fact: str
    result: str = ""
    conclusion: str = ""


@dataclass(frozen=True, kw_only=True)
class CloseOut(Letter, About):
    """销号单。 Each finding of a 整改通知书 with its result and the conclusion of an organ that is not the rectifier."""

    kind: ClassVar[str] = "close_out"
    genre: ClassVar[str] = "销号单"

    rectifier: str
    reviewer: str
    reviewer_name: str = ""
    findings: tuple[Conclusion, ...]
    rounds: int = 1
    closed_on: date
    remark: str = ""

    @property
    def title_parts(self) -> tuple[str, ...]:
        """A form is called by what it is."""
        return (self.genre,)


@dataclass(frozen=True, kw_only=True)
class CoordinationLetter(Subject):
    """协调函。 A matter of an enterprise that another organ is asked to help with."""

    kind: ClassVar[str] = "coordination"
    genre: ClassVar[str] = "协调函"

    matter_kind: str = ""  # 人才, 教育 …
    body: str
    due_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class PlainLetter(Subject):
    """函。 What one organ tells or asks another."""

    kind: ClassVar[str] = "letter"
    genre: ClassVar[str] = "函"

    body: str
    due_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class Amendment:
    """更正 of one place: what stood there and what shall be read."""

    place: str = ""
    wrong: str
    right: str


@dataclass(frozen=True, kw_only=True)
class Correction(Letter, About):
    """更正。 The paper it corrects stays in force, to be read as corrected."""

    kind: ClassVar[str] = "correction"
    genre: ClassVar[str] = "更正"

    project_name: str = ""
    items: tuple[Amendment, ...]
    reason: str = ""

    @property
    def title_parts(self) -> tuple[str, ...]:
        """标题 names the paper that is corrected."""
        return ("关于", f"《{self.about_title}》" if self.about_title else self.about_number, f"的{self.genre}")

"""Documents in sections: 通报, 核查报告, 考核结果, 公示 and 表彰决定, made of text, tables, charts and annexes."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from notices.letter import Subject
from notices.parts import Chart, Figure, Table


@dataclass(frozen=True, kw_only=True)
class Section:
    """一、…: a heading with text, then what belongs to it; sections within it are （一）…."""

    heading: str
    text: str = ""
    tables: tuple[Table, ...] = ()
    charts: tuple[Chart, ...] = ()
    figure: Figure | None = None
    parts: tuple["Section", ...] = ()


@dataclass(frozen=True, kw_only=True)
class Annex:
    """附件: its name as the list of annexes has it, with text before a table; a `wide` table lies on its side."""

    name: str
    text: str = ""
    table: Table | None = None


@dataclass(frozen=True, kw_only=True)
class Sectioned(Subject):
    """A document: an opening, sections, a closing line and annexes. Goes to many, whom `to_name` names."""

    opening: str
    sections: tuple[Section, ...] = ()
    closing: str = ""
    annexes: tuple[Annex, ...] = ()
    notes: tuple[str, ...] = ()  # footnotes: what "-" means, what was not counted and why

    @property
    def annex_names(self) -> tuple[str, ...]:
        """附件说明, in order."""
        return tuple(each.name for each in self.annexes)


@dataclass(frozen=True, kw_only=True)
class Bulletin(Sectioned):
    """通报 of a month, a quarter or a half-year."""

    kind: ClassVar[str] = "bulletin"
    genre: ClassVar[str] = "通报"


@dataclass(frozen=True, kw_only=True)
class VerificationReport(Sectioned):
    """核查报告: scope, method, recognised amounts and the problem list signed on the spot."""

    kind: ClassVar[str] = "verification_report"
    genre: ClassVar[str] = "核查报告"


@dataclass(frozen=True, kw_only=True)
class AssessmentResult(Sectioned):
    """考核结果: scores and places with the scheme they follow."""

    kind: ClassVar[str] = "assessment_result"
    genre: ClassVar[str] = "考核结果"

    @property
    def title_parts(self) -> tuple[str, ...]:
        """标题: 关于…考核结果的通报."""
        return (self.subject,) if self.subject.startswith("关于") else ("关于", self.subject, "考核结果的通报")


@dataclass(frozen=True, kw_only=True)
class Publicity(Sectioned):
    """公示: what is open to objection, until when, and where an objection goes."""

    kind: ClassVar[str] = "publicity"
    genre: ClassVar[str] = "公示"

    until: date
    where: str = ""


@dataclass(frozen=True, kw_only=True)
class Commendation(Sectioned):
    """表彰决定: who is commended, for what, and what is awarded."""

    kind: ClassVar[str] = "commendation"
    genre: ClassVar[str] = "决定"

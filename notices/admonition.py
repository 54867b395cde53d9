"""The two papers of a talk under article 4: 约谈通知书 with the unit's figures annexed, and 约谈记录."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from notices.letter import About, Subject
from notices.parts import Table


@dataclass(frozen=True, kw_only=True)
class AdmonitionNotice(Subject):
    """约谈通知书 (考核): who is called, for which period and why, when and where, by whom, what for, what to bring.

    Its elements are the ten of the notices in use (knowledge/domain.md §5); `figures` is the annex.
    """

    kind: ClassVar[str] = "admonition"
    genre: ClassVar[str] = "约谈通知书"

    assessed: str  # 2026年上半年全市招商引资考核
    reasons: tuple[str, ...]
    held_on: date
    held_time: str
    place: str
    host: str = "市政府主要领导"
    attendees: str = "区政府主要负责人"
    materials: str = ""
    purpose: str = "通报考核情况，分析未完成目标或者位次靠后的原因，明确下一步措施、责任人和完成时间。"
    duty: str = "请按时到场，不得由他人代替；确有特殊情况的，请至少提前1个工作日书面说明，并商定改期。"
    figures: Table | None = None


@dataclass(frozen=True, kw_only=True)
class Commitment:
    """承诺事项: what the unit will do, who answers for it, and its last day."""

    text: str
    owner: str
    due_on: date


@dataclass(frozen=True, kw_only=True)
class TalkRecord(Subject, About):
    """约谈记录: parties, place, issues, statement, demands and commitments, with places for three signatures."""

    kind: ClassVar[str] = "talk_record"
    genre: ClassVar[str] = "约谈记录"

    called: str  # 被约谈单位
    held_on: date
    held_time: str
    place: str
    host: str
    present: str
    recorder: str
    issues: str
    statement: str
    demands: str
    commitments: tuple[Commitment, ...] = ()

    @property
    def title_parts(self) -> tuple[str, ...]:
        """标题: whom it was talked with, about what."""
        return ("关于", self.called, self.subject, "的", self.genre)


@dataclass(frozen=True, kw_only=True)
class ListedUnit:
    """名单上的一个单位: why it is called, and what was changed by hand; `struck` units were taken off."""

    name: str
    reasons: tuple[str, ...]
    changes: tuple[str, ...] = ()
    struck: bool = False


@dataclass(frozen=True, kw_only=True)
class TalkList(Subject):
    """约谈名单: for whoever approves it and for the file; it is no paper that is sent, so it has no number."""

    kind: ClassVar[str] = "talk_list"
    genre: ClassVar[str] = "约谈名单"

    rule: str
    units: tuple[ListedUnit, ...] = ()
    notes: tuple[str, ...] = ()
    approved: str = ""

    @property
    def title_parts(self) -> tuple[str, ...]:
        """标题: the period and what it is."""
        return (self.subject, self.genre)

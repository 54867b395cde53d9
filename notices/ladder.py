"""The papers of the supervision ladder: 提醒函, 督办通知单, 催办通知书, 整改通知书, 约谈通知书 and 专报."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from notices.letter import About, Letter, Subject


@dataclass(frozen=True, kw_only=True)
class Point:
    """问题: a fact, what it rests on, the numbers of its evidence and what is asked."""

    fact: str
    basis: str = ""
    demand: str = ""
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RectificationNotice(Letter):
    """整改通知书。 Findings with basis and evidence, what is to be done by when, and a receipt to send back."""

    kind: ClassVar[str] = "rectification"
    genre: ClassVar[str] = "整改通知书"

    points: tuple[Point, ...]
    due_on: date
    receipt_on: date | None = None
    plan_on: date | None = None
    checked: str = ""
    method: str = "对照项目台账、节点填报和佐证材料进行网上核查"
    supplement: str = ""
    consequence: str = (
        "逾期未完成整改或者整改不到位的，将予以通报，并按规定约谈你单位负责同志；仍未改进的，专题报告市领导。"
    )
    feedback: str = (
        "签收回执、整改方案和整改报告均在督办系统中报送，整改报告须逐条写明结果并附佐证材料，由其他单位复核，复核通过后予以销号。"
        "对所列问题有异议的，可在签收时一并提出，并附相关材料。"
    )


@dataclass(frozen=True, kw_only=True)
class SupervisionNotice(Letter):
    """督办通知单。 What is handed over, on what ground, what is asked and by when."""

    kind: ClassVar[str] = "supervision"
    genre: ClassVar[str] = "督办通知单"

    points: tuple[Point, ...]
    due_on: date
    supplement: str = ""
    feedback: str = (
        "请在督办系统中签收，一事一报，写明办理结果并附佐证材料。确实难以按期办结的，请在期限内报告进展、原因和预计完成时间；"
        "涉及多个单位的，由主办单位统一报送。"
    )


@dataclass(frozen=True, kw_only=True)
class Reminder(Letter):
    """提醒函。 The gap in figures, the request, whom to ask and when to reply."""

    kind: ClassVar[str] = "reminder"
    genre: ClassVar[str] = "提醒函"

    points: tuple[Point, ...]
    due_on: date
    supplement: str = ""

    @property
    def title_parts(self) -> tuple[str, ...]:
        """标题: it is how the project goes on that is spoken of."""
        return ("关于", self.project_name, "推进情况的", self.genre)


@dataclass(frozen=True, kw_only=True)
class TalkNotice(Letter):
    """约谈通知书。 Who is called, why, when and where, by whom, what for and what to bring."""

    kind: ClassVar[str] = "talk"
    genre: ClassVar[str] = "约谈通知书"

    held_on: date
    held_time: str
    place: str
    host: str
    attendees: str
    cause: str
    materials: str = ""
    purpose: str = "核实整改逾期的原因，明确下一步措施、责任人和完成时间。"
    duty: str = "请按时到场，不得无故缺席或者由他人代替；确有特殊情况的，请至少提前1个工作日书面说明。"


@dataclass(frozen=True, kw_only=True)
class UrgingNotice(Letter, About):
    """催办通知书。 The paper that was not answered, its matter, by how long it is late, and the last day given."""

    kind: ClassVar[str] = "urge"
    genre: ClassVar[str] = "催办通知书"

    matter: str
    was_due_on: date
    overdue_days: int  # working days
    due_on: date
    supplement: str = ""
    feedback: str = (
        "请在上述期限前办结，并在督办系统中报送办理情况说明，写明目前进展、逾期原因、下一步措施、责任人和完成时间，附佐证材料。"
        "再次逾期的，将按规定升级督办。"
    )


@dataclass(frozen=True, kw_only=True)
class SpecialReport(Subject):
    """专报。 One matter for the leaders: the situation, what was done and what is proposed. Goes up, so it names 签发人."""

    kind: ClassVar[str] = "special_report"
    genre: ClassVar[str] = "专报"
    upward: ClassVar[bool] = True

    situation: str
    measures: str
    suggestion: str

    @property
    def title_parts(self) -> tuple[str, ...]:
        """标题 as its author wrote it."""
        return (self.subject,)

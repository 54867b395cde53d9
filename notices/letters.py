"""What the letters say: frozen plain values, bounded in length, with the standing phrases of each kind."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from typing import Any, ClassVar

from models.refusal import Invalid
from models.texts import N_

LONGEST_TEXT = 2_000  # characters in one field; a longer one is an enclosure, not a letter
MOST_ITEMS = 30
TEXTS = (
    "urgency", "signer", "contact", "supplement", "checked", "method", "consequence", "feedback", "held_time", "place",
    "host", "attendees", "cause", "materials", "subject", "situation", "measures", "suggestion",
)  # fmt: skip
DAYS = ("due_on", "receipt_on", "plan_on", "held_on")
LONGEST_LETTER = 12_000  # characters in all: about twenty pages


@dataclass(frozen=True, kw_only=True)
class Letter:
    """公文的共同要素。 `number` and `verify_url` are None while it is a draft; `demo` marks what has no legal force."""

    kind: ClassVar[str] = ""
    genre: ClassVar[str] = ""  # 文种

    issuer: str
    to_name: str
    date: date
    project_name: str
    project_no: str = ""
    number: str | None = None
    verify_url: str | None = None
    demo: bool = False
    urgency: str = ""
    signer: str = ""
    contact: str = ""
    copies: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Raises Invalid when a text is longer than a letter can carry."""
        total = _measured(self)
        if total > LONGEST_LETTER:
            raise Invalid(N_("公文内容过长：全文不能超过%(limit)s字。"), limit=LONGEST_LETTER)

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
class SpecialReport(Letter):
    """专报。 One matter for the leaders: the situation, what was done and what is proposed."""

    kind: ClassVar[str] = "special_report"
    genre: ClassVar[str] = "专报"

    subject: str
    situation: str
    measures: str
    suggestion: str

    @property
    def title_parts(self) -> tuple[str, ...]:
        """标题 as its author wrote it."""
        return (self.subject,)


KINDS: Mapping[str, type[Letter]] = {
    cls.kind: cls for cls in (RectificationNotice, SupervisionNotice, Reminder, TalkNotice, SpecialReport)
}


def read_letter(frozen: Mapping[str, Any], *, verify_url: str | None = None) -> Letter:
    """The letter of the data a notice froze at issue (`Notice.letter`). Raises KeyError for an unknown kind."""
    cls = KINDS[frozen["kind"]]
    values: dict[str, Any] = {
        "issuer": frozen["issuer"],
        "to_name": frozen["to"],
        "date": date.fromisoformat(frozen["date"]),
        "project_name": frozen["project"],
        "project_no": frozen.get("project_no") or "",
        "number": frozen.get("number"),
        "verify_url": verify_url,
        "demo": bool(frozen.get("demo")),
        "copies": tuple(frozen.get("copies") or ()),
    }
    known = {field.name for field in fields(cls)}
    values |= {"points": _points(frozen)} if "points" in known else {}
    values |= {name: frozen[name] for name in TEXTS if name in known and frozen.get(name)}
    values |= {name: date.fromisoformat(frozen[name]) for name in DAYS if name in known and frozen.get(name)}
    return cls(**values)


def _points(frozen: Mapping[str, Any]) -> tuple[Point, ...]:
    if "findings" in frozen:
        names = ("fact", "basis", "demand")
        return tuple(
            Point(**{name: f.get(name) or "" for name in names}, evidence=tuple(f.get("evidence") or ()))
            for f in frozen["findings"]
        )
    demands, bases = frozen.get("demands") or [], frozen.get("bases") or []
    return tuple(
        Point(fact=fact, basis=_at(bases, place), demand=_at(demands, place))
        for place, fact in enumerate(frozen.get("facts") or [])
    )


def _at(texts: list[str], place: int) -> str:
    return texts[place] if place < len(texts) else ""


def _measured(value: object, name: str = "") -> int:
    """Characters in a value; raises Invalid for a text or a list that no letter can carry."""
    if isinstance(value, str):
        if len(value) > LONGEST_TEXT:
            raise Invalid(N_("公文内容过长：每段不能超过%(limit)s字。"), limit=LONGEST_TEXT, fields={name: value[:20]})
        return len(value)
    if isinstance(value, tuple):
        if len(value) > MOST_ITEMS:
            raise Invalid(N_("公文内容过多：最多列%(limit)s条。"), limit=MOST_ITEMS)
        return sum(_measured(item, name) for item in value)
    if is_dataclass(value):
        return sum(_measured(getattr(value, field.name), field.name) for field in fields(value))
    return 0

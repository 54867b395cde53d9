"""季检查表: the questions by the four links, and what the ledger already hints at; data with a source or 默认值 on each."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

from models.month import add_months
from models.reference import reference_rows
from models.texts import N_

LINKS: dict[str, str] = {
    "talk": N_("前期在谈"),
    "sign": N_("签约注册"),
    "money": N_("资金到位"),
    "build": N_("开建开业"),
}
BY_STAGE = {  # which links a project is asked about; 资金到位 of one in 审批 only once its company is registered
    "reserve": ("talk",),
    "sign": ("sign",),
    "approve": ("sign",),
    "start": ("money", "build"),
    "build": ("money", "build"),
    "produce": ("money", "build"),
}
DEFAULT = "默认值"
LEAST_SHARE = Decimal(15)  # % of the whole investment, half a year after the start


@dataclass(frozen=True)
class Question:
    """检查项。 `planned` and `actual` are dates of the ledger that belong to it, `hint` the rule that looks at them."""

    code: str
    link: str
    text: str
    look_at: str
    planned: str
    actual: str
    hint: str
    demand: str
    source: str

    @property
    def basis(self) -> str:
        """What a problem found by it rests on, as papers print it; a default of ours is not passed off as a rule."""
        return f"季检查表{self.code}" if self.source == DEFAULT else f"季检查表{self.code}（{self.source}）"


@dataclass(frozen=True)
class Known:
    """What the ledger knows of a project on a day. Money in 万元; `funds` is None where it is not counted in 万元."""

    today: date
    dates: dict[str, date | None]
    updated_on: date
    total_investment: Decimal | None = None
    funds: Decimal | None = None
    last_funds_on: date | None = None

    @property
    def share(self) -> Decimal | None:
        """到位资金 in % of the whole investment, one decimal; None when it cannot be told."""
        if self.funds is None or not self.total_investment:
            return None
        return (self.funds * 100 / self.total_investment).quantize(Decimal("0.1"))


@lru_cache
def questions() -> tuple[Question, ...]:
    """All questions, in the order of the file."""
    return tuple(
        Question(row["code"], row["link"], row["question"], row["look_at"], row["planned"], row["actual"], row["hint"],
                 row["demand"], row["source"])
        for row in reference_rows("inspection_questions")
    )  # fmt: skip


def questions_of(links: Iterable[str]) -> tuple[Question, ...]:
    """The questions of these links, in the order of the file."""
    wanted = set(links)
    return tuple(each for each in questions() if each.link in wanted)


def links_of(stage: str | None, *, registered: bool) -> tuple[str, ...]:
    """The links of a project by its stage; one whose stage nobody has confirmed is still being talked about."""
    links = BY_STAGE[stage or "reserve"]
    return (*links, "money") if stage == "approve" and registered else links


def hint_of(question: Question, known: Known) -> str:
    """What the ledger lets one suspect, as a sentence for the inspector; "" when it lets nothing be suspected."""
    return HINTS[question.hint](known) if question.hint else ""


def _idle(known: Known) -> str:
    days = (known.today - known.updated_on).days
    return f"台账已有{days}天没有更新。" if days > 30 else ""


def _signed_year(known: Known) -> str:
    signed = known.dates.get("signed_on")
    if not signed or known.dates.get("actual_start_on") or add_months(signed, 12) > known.today:
        return ""
    return f"{signed.isoformat()}签约，已满1年，台账没有实际开工日期。"


def _funds_gap(known: Known) -> str:
    started = known.dates.get("actual_start_on")
    if not started or known.funds is None:
        return ""
    since = max(started, known.last_funds_on) if known.last_funds_on else started
    if add_months(since, 3) > known.today:
        return ""
    return f"{since.isoformat()}以来已满3个月，台账没有到位资金。"


def _funds_share(known: Known) -> str:
    started = known.dates.get("actual_start_on")
    if not started or add_months(started, 6) > known.today or known.share is None or known.share >= LEAST_SHARE:
        return ""
    return f"{started.isoformat()}开工，已满半年，到位资金占总投资{known.share}%。"


def _late(planned: str, actual: str, word: str, months: int = 0) -> Callable[[Known], str]:
    """A rule: the planned day and so many months are over, and the actual one is not filed."""

    def told(known: Known) -> str:
        day = known.dates.get(planned)
        if not day or known.dates.get(actual) or add_months(day, months) >= known.today:
            return ""
        return f"{word}{day.isoformat()}，台账没有实际日期。"

    return told


HINTS: dict[str, Callable[[Known], str]] = {
    "idle": _idle,
    "signed_year": _signed_year,
    "funds_gap": _funds_gap,
    "funds_share": _funds_share,
    "start_late": _late("plan_start_on", "actual_start_on", "计划开工"),
    "stat_late": _late("actual_start_on", "in_stat_on", "开工", 1),
    "permit_late": _late("permit_issued_on", "actual_start_on", "领取施工许可证", 3),
    "finish_late": _late("plan_finish_on", "actual_finish_on", "计划竣工"),
}

"""核查明细: the amounts of a verification as pages, Excel files and papers show them, and their sums."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.capital import INTO
from models.currency import HOME, Rates, load_rates
from models.project import Project
from models.target import NATURES
from models.verification_rows import UNJUDGED, VerificationEntry, vouchers_of

WAN_OF = {"CNY": "万元", "USD": "万美元", "EUR": "万欧元", "HKD": "万港元", "JPY": "万日元"}
ZERO = Decimal(0)


@dataclass(frozen=True)
class Line:
    """One amount. 万 of its currency, `counted_*` in 万元 (内资) or 万美元 (外资); None without a rate or a judgement."""

    entry_id: int
    project_id: int
    project_no: str
    project_name: str
    demo: bool
    nature: str
    currency: str
    on: date
    declared: Decimal
    recognised: Decimal | None
    state: str
    explanation: str
    reason: str
    judged_by: str
    judged_by_id: int | None
    judged_at: datetime | None
    back_reason: str
    agreed_by: str
    counted_declared: Decimal | None
    counted_recognised: Decimal | None
    in_yuan: Decimal | None  # what was declared, for the sample
    vouchers: tuple[tuple[int, str, str], ...] = ()  # file, kind, name

    @property
    def reduced(self) -> Decimal | None:
        """核减: what was declared and not recognised; None before anybody judged."""
        return None if self.recognised is None else self.declared - self.recognised

    @property
    def is_settled(self) -> bool:
        """Whether the recognised amount counts."""
        return self.state in ("agreed", "known")

    @property
    def unit(self) -> str:
        """万 of its currency, in Chinese."""
        return WAN_OF.get(self.currency, f"万{self.currency}")


@dataclass(frozen=True)
class Sum:
    """申报, 认定, 核减 of settled amounts in 万元 or 万美元; `waiting` amounts are declared only; `unrated` are in neither."""

    declared: Decimal = ZERO
    recognised: Decimal = ZERO
    reduced: Decimal = ZERO
    count: int = 0
    waiting: int = 0
    unrated: int = 0


def lines_of(session: Session, verification_ids: Iterable[int], *, vouchers: bool = False) -> dict[int, list[Line]]:
    """The lines by verification, by day and number: two queries and the rates, one more for vouchers, however many."""
    query = (
        select(VerificationEntry, Project)
        .join(Project, Project.id == VerificationEntry.project_id)
        .where(VerificationEntry.verification_id.in_(set(verification_ids)))
        .order_by(VerificationEntry.on, VerificationEntry.entry_id)
    )
    found = list(session.execute(query))
    rates, filed = load_rates(session), vouchers_of(session, [row.id for row, _project in found]) if vouchers else {}
    lines: dict[int, list[Line]] = {}
    for row, project in found:
        papers = tuple((file.id, voucher.kind, file.name) for voucher, file in filed.get(row.id, ()))
        lines.setdefault(row.verification_id, []).append(_line(row, project, rates, papers))
    return lines


def _line(row: VerificationEntry, project: Project, rates: Rates, papers: tuple[tuple[int, str, str], ...]) -> Line:
    into, recognised = INTO[row.nature], row.recognised
    copied: Mapping[str, Any] = {
        name: getattr(row, name)
        for name in ("entry_id", "project_id", "nature", "currency", "on", "declared", "recognised", "state",
                     "explanation", "reason", "judged_by", "judged_by_id", "judged_at", "back_reason", "agreed_by")
    }  # fmt: skip
    return Line(
        **copied,
        project_no=project.project_no,
        project_name=project.name,
        demo=project.demo,
        counted_declared=rates.convert(row.declared, row.currency, row.on, into),
        counted_recognised=None if recognised is None else rates.convert(recognised, row.currency, row.on, into),
        in_yuan=rates.convert(row.declared, row.currency, row.on, HOME),
        vouchers=papers,
    )


def sum_of(lines: Iterable[Line], nature: str) -> Sum:
    """The sum of one nature; what still waits counts as declared, and its recognition is open."""
    declared, recognised, reduced = ZERO, ZERO, ZERO
    count, waiting, unrated = 0, 0, 0
    for line in lines:
        if line.nature != nature:
            continue
        count += 1
        if line.counted_declared is None:
            unrated += 1
            continue
        declared += line.counted_declared
        if not line.is_settled:
            waiting += 1
        elif line.counted_recognised is not None:
            recognised += line.counted_recognised
            reduced += line.counted_declared - line.counted_recognised
    return Sum(declared, recognised, reduced, count, waiting, unrated)


def sums_of(lines: Iterable[Line]) -> dict[str, Sum]:
    """Both natures."""
    kept = list(lines)
    return {nature: sum_of(kept, nature) for nature in NATURES}


def progress_of(lines: Iterable[Line]) -> tuple[int, int, int]:
    """How many amounts are settled, judged once, and not judged yet."""
    states = [line.state for line in lines]
    unjudged = sum(states.count(each) for each in UNJUDGED)
    return len(states) - unjudged - states.count("judged"), states.count("judged"), unjudged

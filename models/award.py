"""What a referrer is awarded: a pure rule over recognised money, with rates that are data marked 默认值."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from models import printed_numbers as printed
from models.reference import reference_rows

FOREIGN = "外资"
CENT = Decimal("0.01")


@dataclass(frozen=True)
class AwardRule:
    """One row of data/award_rules.csv; `source` says where it comes from, and that it is a default."""

    key: str
    value: Decimal
    unit: str
    name_zh: str
    source: str


@lru_cache
def award_rules() -> dict[str, AwardRule]:
    """The rules by key."""
    return {
        row["key"]: AwardRule(row["key"], Decimal(row["value"]), row["unit"], row["name_zh"], row["source"])
        for row in reference_rows("award_rules")
    }


@dataclass(frozen=True)
class Award:
    """奖励 of one referrer: 万元, with the line from which anybody can compute it again. None: it cannot be computed."""

    amount: Decimal | None
    line: str


def award_of(foreign: bool, base: Decimal | None) -> Award:
    """The award for recognised money in 万元, up to the cap; without a dated rate (None) nothing is computed."""
    rules, what = award_rules(), "认定到位外资" if foreign else "认定完成投资"
    rate, cap = rules["foreign_rate" if foreign else "domestic_rate"].value, rules["cap"].value
    if base is None:
        return Award(None, f"{what}没有当日汇率，未折算，奖励未计算")
    plain = (base * rate / 100).quantize(CENT, ROUND_HALF_UP)
    line = f"{what}{printed.money(base)}万元×{rate}%＝{printed.money(plain)}万元"
    if plain > cap:
        return Award(cap, f"{line}，超过上限，取{printed.money(cap)}万元（默认值）")
    return Award(plain, f"{line}（默认值，上限{printed.money(cap)}万元）")

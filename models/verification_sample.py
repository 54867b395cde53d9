"""现场核查抽样: every project with a reduction, the largest, and some of the rest by a seed that anybody can recompute."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from hashlib import sha256

from models.reference import reference_rows
from models.texts import N_

SAMPLED_AS: dict[str, str] = {"reduced": N_("有核减"), "largest": N_("申报数大"), "drawn": N_("随机抽取")}
SAMPLE_RULE = N_(
    "有核减的项目全部到现场；另取申报数最大的%(largest)s个；其余项目按“种子:项目编号”的 SHA-256 值由小到大排列，取前%(drawn)s个。"
    "种子%(seed)s，由系统随机产生，每区每半年只产生一次，任何人可用它重算。"
)


@dataclass(frozen=True)
class Candidate:
    """A project with amounts in the half-year: whether any was reduced, and all it declared in 万元."""

    project_id: int
    project_no: str
    reduced: bool
    declared: Decimal


@lru_cache
def sample_numbers() -> dict[str, int]:
    """How many of the largest and how many drawn, from data/verification_sample.csv (默认值)."""
    return {row["key"]: int(row["number"]) for row in reference_rows("verification_sample")}


def draw_order(number: str, seed: str) -> str:
    """What projects are drawn by, smallest first."""
    return sha256(f"{seed}:{number}".encode()).hexdigest()


def sample(candidates: Iterable[Candidate], seed: str, *, largest: int, drawn: int) -> dict[int, str]:
    """Project and why it was taken, a word of SAMPLED_AS, in the order in which they were taken; ties by number."""
    left = sorted(candidates, key=lambda each: each.project_no)
    found = {each.project_id: "reduced" for each in left if each.reduced}
    left = sorted((each for each in left if not each.reduced), key=lambda each: -each.declared)
    found |= {each.project_id: "largest" for each in left[:largest]}
    rest = sorted(left[largest:], key=lambda each: draw_order(each.project_no, seed))
    return found | {each.project_id: "drawn" for each in rest[:drawn]}


def sample_rule(seed: str) -> str:
    """The rule with its numbers and seed, in Chinese, as papers print it."""
    return SAMPLE_RULE % {**sample_numbers(), "seed": seed or "（尚未产生）"}

"""阶段: the six stages of a project in their order, with what lets a project in, out, and what proves it."""

from dataclasses import dataclass
from functools import lru_cache

from models.reference import reference_rows


@dataclass(frozen=True)
class Stage:
    """阶段。 One row of data/stages.csv; `place` counts from 0 in the order a project walks."""

    code: str
    name_zh: str
    name_en: str
    place: int
    entry: str
    exit: str
    evidence: str
    lead: str
    note: str
    source: str


@lru_cache
def stages() -> tuple[Stage, ...]:
    """储备, 签约, 审批, 开工, 建设, 投产 in order; leaving the list (退库) is a state, not a stage."""
    rows = [row for row in reference_rows("stages") if row["code"] != "withdrawn"]
    return tuple(
        Stage(row["code"], row["stage"], row["stage_en"], place, row["entry_criteria"], row["exit_criteria"],
              row["evidence"], row["lead_dept"], row["notes_or_limit"], row["source"])
        for place, row in enumerate(rows)
    )  # fmt: skip


@lru_cache
def stage(code: str) -> Stage:
    """The stage of this code; raises KeyError for an unknown one."""
    return {each.code: each for each in stages()}[code]


def reached(current: str | None, wanted: str) -> bool:
    """Whether a project in `current` has come as far as `wanted`; an unknown stage has reached only the first."""
    return (stage(current).place if current else 0) >= stage(wanted).place

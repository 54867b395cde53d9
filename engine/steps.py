"""自动环节: the closed register of steps that maps may name; the only way from a map into Python."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models.unit import Unit


@dataclass(frozen=True)
class Case:
    """What a step is told: which process stands at which node, its decision variables, and the answers just given."""

    process_id: int
    process_key: str
    project_id: int | None
    business_key: str | None
    parent_id: int | None
    organ_id: int
    title: str
    node: str
    node_name: str
    data: Mapping[str, Any]
    answers: Mapping[str, Any]
    item_id: int | None = None
    item_organ_id: int | None = None
    item_due_at: datetime | None = None


Step = Callable[[Unit, Case], Mapping[str, Any] | None]
STEPS: dict[str, Step] = {}


def step(word: str) -> Callable[[Step], Step]:
    """Register a step under "mechanism.verb"; what it returns is merged into the process's decision variables."""

    def register(function: Step) -> Step:
        if STEPS.setdefault(word, function) is not function:
            raise ValueError(f"step {word} is registered twice")
        return function

    return register

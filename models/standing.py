"""位次: who stands where. Competition ranking (9, 9, 11), as published tables have it; who is not scored has no place."""

from collections.abc import Hashable, Mapping
from decimal import Decimal
from typing import TypeVar

LAST = 3  # 后三位, policy article 4
TIES = ("competition", "dense")

K = TypeVar("K", bound=Hashable)


def places(scores: Mapping[K, Decimal | None], tie: str = "competition") -> dict[K, int | None]:
    """The place of each, best first: as many stand before it as score strictly higher, plus one.

    `dense` counts different scores instead of units. None in, None out.
    """
    if tie not in TIES:
        raise ValueError(tie)
    known = [score for score in scores.values() if score is not None]
    counted = known if tie == "competition" else list(set(known))
    return {
        each: None if score is None else 1 + sum(other > score for other in counted) for each, score in scores.items()
    }


def last_places(scores: Mapping[K, Decimal | None], count: int = LAST) -> set[K]:
    """后三位: those than whom fewer than `count` score strictly lower, so that a tie on the boundary takes all in.

    Rule of the house's policy.md; "place > n - count" would let tied units off. Who is not scored is not among them.
    """
    known = [score for score in scores.values() if score is not None]
    return {
        each for each, score in scores.items() if score is not None and sum(other < score for other in known) < count
    }

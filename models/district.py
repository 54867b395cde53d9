"""参加排名的区: which districts stand in bulletins and assessments on a day, and who answers for those that ended.

Zones roll up into the district they lie in and are never added on top of it; three tiers add up to the city.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.organ import Organ, current_organ

TIERS = ("滨海新区", "中心城区", "其他区")  # of published Tianjin bulletins; they add up to the city


@dataclass(frozen=True)
class District:
    """区。 `before` names the organs whose work it took over, so that its page can say where a figure comes from."""

    id: int
    code: str
    name: str
    tier: str
    before: tuple[str, ...] = ()


@dataclass(frozen=True)
class Land:
    """The districts of a day, in the order of their codes, and for every place that ever was: who answers for it."""

    districts: tuple[District, ...]
    answering: Mapping[int, int]


def land_on(session: Session, day: date) -> Land:
    """The land as it is on this day: a district merged or renamed counts with its successor."""
    places = list(session.scalars(select(Organ).where(Organ.kind.in_(("district", "development_zone")))))
    by_id = {organ.id: organ for organ in places}
    answering: dict[int, int] = {}
    for organ in places:
        now = current_organ(by_id.get(organ.root_id or organ.id, organ), day)
        if now is not None:
            answering[organ.id] = now.root_id or now.id
    districts = [organ for organ in places if organ.kind == "district" and organ.is_valid(day)]
    return Land(
        tuple(_district(organ, by_id, answering) for organ in sorted(districts, key=lambda organ: organ.code)),
        answering,
    )


def _district(organ: Organ, places: Mapping[int, Organ], answering: Mapping[int, int]) -> District:
    ended = (
        place.name_zh
        for number, place in places.items()
        if number != organ.id and place.kind == "district" and answering.get(number) == organ.id
    )
    return District(organ.id, organ.code, organ.name_zh, organ.tier or TIERS[-1], tuple(sorted(ended)))

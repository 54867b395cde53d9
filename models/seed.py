"""Reference data of the house: the organs of Tianjin, read from data/ and added where they are missing."""

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path

from sqlalchemy import select

from models.organ import Organ
from models.unit import Unit

TIER = "tier_used_in_published_bulletins"
DATA = Path(__file__).resolve().parent.parent / "data"


def load_organs(unit: Unit) -> int:
    """Adds the districts, zones and city departments whose codes are missing; how many were added. The others stay."""
    unit.require("organ.manage")
    known = {organ.code: organ for organ in unit.session.scalars(select(Organ))}
    missing = [organ for organ in [*_divisions(), *_departments()] if organ.code not in known]
    unit.session.add_all(missing)
    unit.session.flush()  # they need their numbers before they can point at one another
    numbers = dict(unit.session.execute(select(Organ.code, Organ.id)).all())
    parents = {row["code"]: numbers.get(row["parent_code"]) for row in rows("divisions.csv")}
    for organ in missing:
        organ.parent_id = parents.get(organ.code)
        organ.root_id = organ.parent_id or organ.id
    _name_fully(known)
    if missing:
        unit.trace("organ.load", "organ", None, {"codes": [organ.code for organ in missing]})
    return len(missing)


def _name_fully(known: Mapping[str, Organ]) -> None:
    """An organ from before 全称, 代字 and 片区 were kept gets those of data/, unless it has told its own."""
    for row in [*rows("divisions.csv"), *rows("organs.csv")]:
        organ = known.get(row["code"])
        if organ is not None:
            organ.full_name, organ.mark = organ.full_name or row["full_name"], organ.mark or row["mark"]
            organ.tier = organ.tier or row.get(TIER)


def rows(name: str) -> Iterator[dict[str, str]]:
    """The rows of a CSV file in data/, by heading; spreadsheets' byte order mark is no part of the first heading."""
    with (DATA / name).open(encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file)


def _divisions() -> Iterator[Organ]:
    for row in rows("divisions.csv"):
        yield Organ(
            code=row["code"],
            name_zh=row["name"],
            name_en=row["name_en"],
            kind=row["kind"],
            full_name=row["full_name"],
            mark=row["mark"],
            tier=row[TIER],
        )


def _departments() -> Iterator[Organ]:
    for row in rows("organs.csv"):
        yield Organ(
            code=row["code"],
            name_zh=row["name_zh"],
            name_en=row["name_en"],
            kind=row["kind"],
            city_wide=row["city_wide"] == "1",
            coordination_kind=row["coordination_kind"] or None,
            full_name=row["full_name"],
            mark=row["mark"],
        )

"""属地: which organ people mean by the name or code of a district, a zone or a department."""

import difflib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from models.codes import WrongCode, district_code
from models.organ import Organ, organs
from models.reference import reference_rows
from models.saying import Saying
from models.texts import N_

LAND = ("district", "development_zone")
NEAR = 0.5  # likeness from which a name is offered as meant


class UnknownPlace(Saying):
    """属地无法识别。 Names the nearest ones there are."""


@dataclass(frozen=True)
class Place:
    """One organ as a file may mean it."""

    id: int
    root_id: int
    name: str
    kind: str

    @property
    def is_land(self) -> bool:
        """Whether it is a district or a zone, so that a project can lie in it."""
        return self.kind in LAND


@dataclass(frozen=True)
class Places:
    """Every way an organ is written → the organ."""

    known: Mapping[str, Place]

    def find(self, text: str) -> Place:
        """The organ meant; raises UnknownPlace or WrongCode with what to write instead."""
        name = _plain(text)
        if found := self.known.get(name) or self.known.get(name.removesuffix(".0")):
            return found
        if name.replace(".", "").isdecimal():
            district_code(name)  # says what is wrong with a code of another city or length
            raise WrongCode(N_("没有代码为“%(code)s”的区或开发区。"), code=name)
        near = self._near(name)
        if near:
            raise UnknownPlace(N_("没有“%(text)s”，是否为“%(near)s”？请写全称。"), text=text[:40], near=near)
        raise UnknownPlace(N_("没有“%(text)s”这个区或单位；请写全称或6位区划代码。"), text=text[:40])

    def _near(self, name: str) -> str:
        starting = [place.name for known, place in self.known.items() if known.startswith(name)]
        alike = difflib.get_close_matches(name, self.known, n=1, cutoff=NEAR)
        return starting[0] if starting else self.known[alike[0]].name if alike else ""


def places(session: Session, day: date) -> Places:
    """The organs that exist on this day under all their names."""
    by_code = {organ.code: _place(organ) for organ in organs(session, day)}
    known: dict[str, Place] = {}
    for code, place in by_code.items():
        known |= dict.fromkeys([code, _plain(place.name), *_short_names(place)], place)
    aliases = [row for row in reference_rows("place_aliases") if row["code"] in by_code]
    return Places(known | {_plain(row["alias"]): by_code[row["code"]] for row in aliases})


def _place(organ: Organ) -> Place:
    return Place(organ.id, organ.root_id or organ.id, organ.name_zh, organ.kind)


def _short_names(place: Place) -> list[str]:
    if place.kind == "district" and not place.name.endswith("新区"):
        return [place.name.removesuffix("区")]
    return [_plain(place.name).split("(")[0]]


def _plain(text: str) -> str:
    name = "".join(unicodedata.normalize("NFKC", str(text)).split())
    return name.removeprefix("天津市") or name

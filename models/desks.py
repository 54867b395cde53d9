"""发文单位: who writes papers for the house, and whether it has somebody to check and to sign them before one is due."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from models.bulletin import DESK
from models.dispatch import POSTS
from models.officer import Officer, OfficerGrant, grant_is_valid
from models.organ import Organ

WRITING = (DESK, "zfbgt")  # 市合作交流办 and, for 约谈通知书 and 表彰决定, 市政府办公厅


@dataclass(frozen=True)
class VacantDesk:
    """发文单位 that lacks a post: `lacking` holds the roles of POSTS that nobody has there."""

    organ_id: int
    name_zh: str
    name_en: str
    lacking: tuple[str, ...]


def vacant_desks(session: Session, day: date) -> tuple[VacantDesk, ...]:
    """The organs that write papers and lack who checks or who signs on this day, by number; two queries.

    Papers are written by the organs that duties name and wherever somebody supervises. Their duties open papers by themselves,
    and these stop where a post is vacant.
    """
    granted = (
        select(OfficerGrant.organ_id, OfficerGrant.role)
        .join(Officer, Officer.id == OfficerGrant.officer_id)
        .where(Officer.active, OfficerGrant.role.in_(("supervisor", *POSTS)), *grant_is_valid(day))
        .distinct()
    )
    held = {(organ_id, role) for organ_id, role in session.execute(granted)}
    writing = {organ_id for organ_id, role in held if role == "supervisor"}
    desks = session.scalars(select(Organ).where(or_(Organ.id.in_(writing), Organ.code.in_(WRITING))).order_by(Organ.id))
    found = (
        VacantDesk(
            organ.id, organ.name_zh, organ.name_en, tuple(role for role in POSTS if (organ.id, role) not in held)
        )
        for organ in desks
    )
    return tuple(each for each in found if each.lacking)

"""考核方案版本: schemes as rows that are kept; one is in force for a year and a subject, the rest are drafts or history."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, String, UniqueConstraint, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, Json, Key, Moment
from models.permit import permit
from models.refusal import NotDue, NotFound
from models.texts import N_
from models.unit import Unit

SUBJECTS: dict[str, str] = {"district": N_("各区"), "department": N_("市级部门")}
STATES: dict[str, str] = {"draft": N_("草稿"), "in_force": N_("在用"), "retired": N_("停用")}

permit("scheme.view", N_("查看考核方案"), roles=("officer", "head", "supervisor", "leader"), scope="any")
permit("scheme.edit", N_("编制考核方案"), roles=("supervisor",), scope="city")


class SchemeVersion(Base):
    """考核方案版本。 `content` is the scheme as `scheme_to_json` writes it; `standard` marks the 默认方案 of this house."""

    __tablename__ = "scheme_version"
    __table_args__ = (UniqueConstraint("subject", "year", "version"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    subject: Mapped[str] = mapped_column(String(12))
    year: Mapped[int] = mapped_column(Integer)
    version: Mapped[int] = mapped_column(Integer)
    name: Mapped[str] = mapped_column(String(80))
    content: Mapped[Any] = mapped_column(Json)
    state: Mapped[str] = mapped_column(String(10), default="draft")
    standard: Mapped[bool] = mapped_column(default=False)
    made_by: Mapped[str] = mapped_column(String(80))
    made_at: Mapped[datetime] = mapped_column(Moment)
    in_force_at: Mapped[datetime | None] = mapped_column(Moment)
    in_force_by: Mapped[str | None] = mapped_column(String(80))


def scheme_versions(session: Session, *, drafts: bool) -> list[SchemeVersion]:
    """All versions, newest year first; without drafts for those who do not make schemes."""
    query = select(SchemeVersion)
    if not drafts:
        query = query.where(SchemeVersion.state != "draft")
    order = (SchemeVersion.year.desc(), SchemeVersion.subject.desc(), SchemeVersion.version.desc())
    return list(session.scalars(query.order_by(*order)))


def find_scheme_version(unit: Unit, version_id: int) -> SchemeVersion:
    """The version; raises NotFound when there is none, or for a draft that is not the actor's to see."""
    found = unit.session.get(SchemeVersion, version_id)
    if found is None or (found.state == "draft" and not unit.actor.may("scheme.edit")):
        raise NotFound(N_("没有这个考核方案，或您无权查看。"))
    return found


def scheme_in_force(session: Session, subject: str, year: int) -> SchemeVersion | None:
    """The version in force for the year, else of the latest year before it; None when the house has none."""
    query = select(SchemeVersion).where(
        SchemeVersion.subject == subject, SchemeVersion.state == "in_force", SchemeVersion.year <= year
    )
    return session.scalars(query.order_by(SchemeVersion.year.desc()).limit(1)).first()


def save_version(
    unit: Unit, *, subject: str, year: int, name: str, content: Mapping[str, Any], version_id: int | None = None
) -> int:
    """The number of the draft that now holds the content: the same draft, or a new one beside what is or was in force.

    The caller has read `content` and knows that nothing in it is wrong.
    """
    unit.require("scheme.edit", organ_ids=[])
    row = find_scheme_version(unit, version_id) if version_id else None
    if row is None or row.state != "draft" or (row.subject, row.year) != (subject, year):
        row = SchemeVersion(subject=subject, year=year, version=_next_version(unit.session, subject, year))
        unit.session.add(row)
    row.standard = content.get("default") is True
    row.name, row.content, row.made_by, row.made_at = name[:80], dict(content), unit.actor.name, unit.now
    unit.session.flush()  # the trace names its number
    unit.trace("scheme.save", "scheme_version", row.id, {"subject": subject, "year": year, "version": row.version})
    return row.id


def put_in_force(unit: Unit, *, version_id: int) -> None:
    """启用: the draft is in force for its year from now on, what was is 停用. Raises NotDue for what is no draft."""
    unit.require("scheme.edit", organ_ids=[])
    row = find_scheme_version(unit, version_id)
    if row.state != "draft":
        raise NotDue(N_("只有草稿可以启用；要改在用的方案，请另存为新版本。"))
    same = (SchemeVersion.subject == row.subject, SchemeVersion.year == row.year, SchemeVersion.state == "in_force")
    unit.session.execute(update(SchemeVersion).where(*same).values(state="retired"))
    row.state, row.in_force_at, row.in_force_by = "in_force", unit.now, unit.actor.name
    unit.trace("scheme.enforce", "scheme_version", row.id, {"subject": row.subject, "year": row.year})


def _next_version(session: Session, subject: str, year: int) -> int:
    query = select(func.max(SchemeVersion.version)).where(SchemeVersion.subject == subject, SchemeVersion.year == year)
    return (session.scalar(query) or 0) + 1

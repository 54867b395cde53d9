"""单位: districts, zones, departments and companies, each with the days it exists and who took over after it."""

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import ColumnElement, ForeignKey, String, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from models.base import Base, Key
from models.permit import permit
from models.refusal import Invalid, NotFound
from models.texts import N_
from models.unit import Unit

KINDS: dict[str, str] = {
    "district": N_("区"),
    "development_zone": N_("开发区"),
    "department": N_("市级部门"),
    "office": N_("办公厅"),
    "company": N_("企业"),
}
COORDINATION_KINDS = ("人才", "教育", "医疗", "金融", "商务")  # the five departments a project's lead may ask for help

permit("organ.manage", N_("维护单位"), roles=["admin"], scope="any")


class Organ(Base):
    """单位。 `root_id` is the district a zone belongs to, else itself; without days it has always been and still is."""

    __tablename__ = "organ"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    code: Mapped[str] = mapped_column(String(20), unique=True)
    name_zh: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(20))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("organ.id"))
    # Empty only between the insert and the moment the row knows its own number.
    root_id: Mapped[int | None] = mapped_column(ForeignKey("organ.id"), index=True)
    city_wide: Mapped[bool] = mapped_column(default=False)
    coordination_kind: Mapped[str | None] = mapped_column(String(10))
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]  # the last day
    successor_id: Mapped[int | None] = mapped_column(ForeignKey("organ.id"))
    tier: Mapped[str | None] = mapped_column(String(10))  # 片区 of a district, as published bulletins add them up
    full_name: Mapped[str | None] = mapped_column(String(80))  # 全称, as it signs its papers
    mark: Mapped[str | None] = mapped_column(String(20), unique=True)  # 机关代字, the head of its papers' numbers

    successor: Mapped["Organ | None"] = relationship(foreign_keys=successor_id, remote_side="Organ.id")

    @property
    def signature(self) -> str:
        """署名: the full name, or the short one of an organ that has told no other."""
        return self.full_name or self.name_zh

    @property
    def addressed(self) -> str:
        """主送: as a paper from within the city speaks to it."""
        if self.kind in ("district", "development_zone"):
            return self.signature.removeprefix("天津市")
        return self.name_zh

    @property
    def number_mark(self) -> str:
        """机关代字; the name itself, which no other organ bears, of one that has told none."""
        return self.mark or self.name_zh

    def is_valid(self, day: date) -> bool:
        """Whether the organ exists on this day."""
        begun = self.valid_from is None or self.valid_from <= day
        return begun and (self.valid_to is None or day <= self.valid_to)


def current_organ(organ: Organ, day: date) -> Organ | None:
    """Who answers for the organ on this day: itself, else its successor's successor; None when nobody took over."""
    found: Organ | None = organ
    while found is not None and found.valid_to is not None and found.valid_to < day:
        found = found.successor
    return found


def organ_of(session: Session, organ_id: int) -> Organ:
    """The organ with this number; raises NotFound."""
    found = session.get(Organ, organ_id)
    if found is None:
        raise NotFound(N_("没有编号为 %(id)s 的单位。"), id=organ_id)
    return found


def organ_by_code(session: Session, code: str) -> Organ:
    """The organ with this code; raises NotFound."""
    found = session.scalars(select(Organ).where(Organ.code == code)).one_or_none()
    if found is None:
        raise NotFound(N_("没有代码为 %(code)s 的单位。"), code=code)
    return found


def organs(session: Session, day: date, kinds: Iterable[str] = ()) -> Sequence[Organ]:
    """The organs that exist on this day, of the kinds asked for or of all, by code."""
    query = select(Organ).where(*_exists_on(day)).order_by(Organ.code)
    if wanted := list(kinds):
        query = query.where(Organ.kind.in_(wanted))
    return session.scalars(query).all()


def _exists_on(day: date) -> tuple[ColumnElement[bool], ...]:
    return (
        or_(Organ.valid_from.is_(None), Organ.valid_from <= day),
        or_(Organ.valid_to.is_(None), Organ.valid_to >= day),
    )


def coordinators(session: Session, day: date) -> dict[str, Organ]:
    """The department for each kind of help (人才, 教育, …) on this day."""
    query = select(Organ).where(Organ.coordination_kind.is_not(None), *_exists_on(day)).order_by(Organ.code)
    return {organ.coordination_kind: organ for organ in session.scalars(query) if organ.coordination_kind}


def organ_names(session: Session, organ_ids: Iterable[int], language: str = "zh") -> dict[int, str]:
    """Chinese or English name by number, for lists."""
    name = Organ.name_en if language == "en" else Organ.name_zh
    return dict(session.execute(select(Organ.id, name).where(Organ.id.in_(set(organ_ids)))).all())


def add_organ(
    unit: Unit,
    *,
    code: str,
    name_zh: str,
    name_en: str,
    kind: str,
    parent_id: int | None = None,
    city_wide: bool = False,
    coordination_kind: str | None = None,
    valid_from: date | None = None,
) -> int:
    """The number of the new organ; raises Invalid for an unknown kind or a code already taken."""
    unit.require("organ.manage")
    _check_organ(unit.session, code, kind, coordination_kind)
    parent = organ_of(unit.session, parent_id) if parent_id else None
    organ = Organ(
        code=code,
        name_zh=name_zh,
        name_en=name_en,
        kind=kind,
        parent_id=parent_id,
        city_wide=city_wide,
        coordination_kind=coordination_kind,
        valid_from=valid_from,
    )
    unit.session.add(organ)
    unit.session.flush()  # the row needs its number before it can be its own root
    organ.root_id = parent.root_id if parent else organ.id
    unit.trace("organ.add", "organ", organ.id, {"code": code, "name": name_zh})
    return organ.id


def close_organ(unit: Unit, *, organ_id: int, last_day: date, successor_id: int | None = None) -> None:
    """The organ ends with `last_day`; raises Invalid when its successors would lead back to it or it has not begun."""
    unit.require("organ.manage")
    organ = organ_of(unit.session, organ_id)
    if organ.valid_from and last_day < organ.valid_from:
        raise Invalid(N_("填写有误"), fields={"last_day": N_("撤销日期不能早于设立日期。")})
    successor = organ_of(unit.session, successor_id) if successor_id else None
    if successor and organ_id in _line_of(successor):
        raise Invalid(N_("填写有误"), fields={"successor_id": N_("承接单位最终又由本单位承接，请另选。")})
    organ.valid_to = last_day
    organ.successor_id = successor_id
    unit.trace("organ.close", "organ", organ_id, {"last_day": last_day.isoformat(), "successor_id": successor_id})


def _check_organ(session: Session, code: str, kind: str, coordination_kind: str | None) -> None:
    fields = {}
    if kind not in KINDS:
        fields["kind"] = N_("没有这一类单位。")
    if coordination_kind is not None and coordination_kind not in COORDINATION_KINDS:
        fields["coordination_kind"] = N_("没有这一类协调事项。")
    if session.scalar(select(Organ.id).where(Organ.code == code)):
        fields["code"] = N_("这个代码已有单位使用。")
    if fields:
        raise Invalid(N_("填写有误"), fields=fields)


def _line_of(organ: Organ) -> set[int]:
    line: set[int] = set()
    found: Organ | None = organ
    while found is not None and found.id not in line:
        line.add(found.id)
        found = found.successor
    return line

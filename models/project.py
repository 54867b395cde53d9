"""项目: the ledger's noun. One row a project, its core fields as columns, the rest of the ledger in `extras`."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Date, ForeignKey, Index, Integer, String, Text, literal_column
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Json, Key, Moment, Money
from models.texts import N_

STATES: dict[str, str] = {
    "incomplete": N_("待补录"),
    "running": N_("在推进"),
    "suspended": N_("已挂起"),
    "withdrawn": N_("已退库"),
    "produced": N_("已投产"),
}
LIGHTS: dict[str, str] = {"red": N_("红灯"), "yellow": N_("黄灯"), "green": N_("绿灯"), "grey": N_("未亮灯")}
TURNING = literal_column("turns_at IS NOT NULL")


class Project(Base):
    """项目。 Money in 万元. `stage` is None until somebody has confirmed what a source left open."""

    __tablename__ = "project"
    __table_args__ = (
        Index("ix_project_turns", "turns_at", sqlite_where=TURNING, postgresql_where=TURNING),
        Index("ix_project_owner", "owner_organ_id", "id"),
        Index("ix_project_district", "district_id", "id"),
        Index("ix_project_name", "name"),
        Index("ix_project_light", "light", "id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    project_no: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    fai_code: Mapped[str | None] = mapped_column(String(30))
    owner_organ_id: Mapped[int] = mapped_column(ForeignKey("organ.id"))
    district_id: Mapped[int | None] = mapped_column(ForeignKey("organ.id"))  # None: no source states a district
    city_organ_id: Mapped[int | None] = mapped_column(ForeignKey("organ.id"))  # 市级牵头部门
    owner_officer_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))  # 项目专员
    leader_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))  # 挂钩市领导

    stage: Mapped[str | None] = mapped_column(String(10))
    stage_at: Mapped[datetime | None] = mapped_column(Moment)  # since when in this stage, as far as this house knows
    state: Mapped[str] = mapped_column(String(12), default="incomplete")
    state_reason: Mapped[str] = mapped_column(String(500), default="")  # why suspended or withdrawn

    capital_nature: Mapped[str | None] = mapped_column(String(4))
    source_region: Mapped[str | None] = mapped_column(String(60))
    investor_name: Mapped[str | None] = mapped_column(String(200))
    investor_uscc: Mapped[str | None] = mapped_column(String(18))
    local_company: Mapped[str | None] = mapped_column(String(200))
    local_uscc: Mapped[str | None] = mapped_column(String(18))
    total_investment: Mapped[Decimal | None] = mapped_column(Money)
    fixed_asset: Mapped[Decimal | None] = mapped_column(Money)
    chain: Mapped[str | None] = mapped_column(String(40))
    industry_code: Mapped[str | None] = mapped_column(String(8))
    build_nature: Mapped[str | None] = mapped_column(String(8))
    start_kind: Mapped[str | None] = mapped_column(String(8))
    approval_kind: Mapped[str | None] = mapped_column(String(8))
    land_kind: Mapped[str | None] = mapped_column(String(8))
    agreement_kind: Mapped[str | None] = mapped_column(String(8))

    signed_on: Mapped[date | None] = mapped_column(Date)
    registered_on: Mapped[date | None] = mapped_column(Date)
    plan_start_on: Mapped[date | None] = mapped_column(Date)
    actual_start_on: Mapped[date | None] = mapped_column(Date)
    plan_finish_on: Mapped[date | None] = mapped_column(Date)
    actual_finish_on: Mapped[date | None] = mapped_column(Date)
    produced_on: Mapped[date | None] = mapped_column(Date)
    in_stat_on: Mapped[date | None] = mapped_column(Date)
    permit_issued_on: Mapped[date | None] = mapped_column(Date)
    permit_extensions: Mapped[int] = mapped_column(Integer, default=0)

    source: Mapped[str] = mapped_column(Text, default="")
    demo: Mapped[bool] = mapped_column(default=False)  # 演示
    extras: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)  # ledger key → plain value

    light: Mapped[str] = mapped_column(String(8), default="grey")
    light_reasons: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)
    light_version: Mapped[str] = mapped_column(String(40), default="")
    light_at: Mapped[datetime | None] = mapped_column(Moment)
    turns_at: Mapped[datetime | None] = mapped_column(Moment)

    created_at: Mapped[datetime] = mapped_column(Moment)
    last_updated_at: Mapped[datetime] = mapped_column(Moment)
    version: Mapped[int] = mapped_column(Integer, default=1)
    search: Mapped[str] = mapped_column(Text, default="")


class ProjectSeries(Base):
    """项目编号序列。 The last number given out on a day."""

    __tablename__ = "project_series"

    day: Mapped[str] = mapped_column(String(8), primary_key=True)
    last: Mapped[int] = mapped_column(Integer)

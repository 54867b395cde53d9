"""The posts that the policy's calendar needs beside the cast: who checks and signs at the desk and in two districts."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from models.amount import AmountEntry
from models.target import Target
from models.unit import Actor
from tests.cast import hire
from tests.workflows.story import Story

PEOPLE = {
    "desk_officer": ("沈洁", "officer", "hzjl"),
    "desk_head": ("高峰", "head", "hzjl"),
    "desk_leader": ("林海", "leader", "hzjl"),
    "second_supervisor": ("马超", "supervisor", "hzjl"),
    "binhai_leader": ("何平", "leader", "120116"),
    "wuqing_head": ("罗斌", "head", "120114"),
    "wuqing_leader": ("唐宁", "leader", "120114"),
    "city_officer": ("曹雪", "officer", "zfbgt"),
    "city_head": ("袁野", "head", "zfbgt"),
    "fgw_head": ("许多", "head", "fgw"),
    "sw_head": ("邓华", "head", "sw"),
}


@dataclass(frozen=True)
class Staff:
    """Whom a story about the calendar needs; 陈静 (head) and 李明 (officer) of 滨海新区 are in the cast."""

    desk_officer: Actor
    desk_head: Actor
    desk_leader: Actor
    second_supervisor: Actor
    binhai_leader: Actor
    wuqing_head: Actor
    wuqing_leader: Actor
    city_officer: Actor
    city_head: Actor
    fgw_head: Actor
    sw_head: Actor


def hire_staff(story: Story) -> Staff:
    """All of them, hired today."""
    with story.unit() as unit:
        return Staff(**{
            key: hire(unit, name, role, story.town[code]) for key, (name, role, code) in PEOPLE.items()
        })  # fmt: skip


def set_target(
    story: Story, organ: str, year: int, amount: str | None, *, nature: str = "domestic", span: str = "year"
) -> None:
    """A target, as if imported."""
    with story.unit() as unit:
        wan = None if amount is None else Decimal(amount)
        unit.session.add(Target(organ_id=story.town[organ], year=year, nature=nature, span=span, amount=wan, note="",
                                demo=True, set_by="系统", set_at=unit.now))  # fmt: skip


def put_money(
    story: Story,
    project_id: int,
    amount: str,
    on: date,
    *,
    kind: str = "funds",
    currency: str = "CNY",
    standing: str = "declared",
) -> int:
    """An entry of money as it would stand after it was filed on the story's present day; returns its number."""
    with story.unit() as unit:
        row = AmountEntry(project_id=project_id, kind=kind, amount=Decimal(amount), currency=currency, on=on,
                          standing=standing, filed_at=unit.now)  # fmt: skip
        unit.session.add(row)
        unit.session.flush()  # its number is what the story names
        return row.id

"""发文编号: a hundred desks issue at the same moment, some fail, and the register has no hole and no double."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy import select

from models.clock import FrozenClock
from models.database import Database
from models.notice import Notice, issue_notice
from models.unit import CLOCK, Unit, open_reading, open_unit
from tests.cast import Town, make_town

ISSUES, THREADS = 200, 8


class PrinterOnFireError(Exception):
    """Whatever may happen to a desk between taking a number and the commit."""


@pytest.fixture
def town(database: Database, clock: FrozenClock) -> Town:
    with open_unit(database, CLOCK, clock.now()) as unit:
        return make_town(unit)


def issue(unit: Unit, town: Town, kind: str = "rectification", desk: str = "hzjl") -> str:
    return issue_notice(
        unit, kind=kind, organ_id=town[desk], to_organ_id=town.binhai, project_id=None, process_id=None,
        title="关于试验事项的通知", letter={"kind": kind},
    ).number  # fmt: skip


def serials(database: Database, clock: FrozenClock, **where: object) -> list[int]:
    with open_reading(database, CLOCK, clock.now()) as unit:
        return sorted(unit.session.scalars(select(Notice.serial).filter_by(**where)))


def test_two_hundred_at_once_a_fifth_of_them_rolled_back_leave_no_gap_and_no_double(database, clock, town):
    def desk(number: int) -> int:
        with suppress(PrinterOnFireError), open_unit(database, CLOCK, clock.now()) as unit:
            issue(unit, town)
            if number % 5 == 0:
                raise PrinterOnFireError
            return 1
        return 0

    with ThreadPoolExecutor(THREADS) as desks:
        issued = sum(desks.map(desk, range(ISSUES)))
    assert issued == ISSUES * 4 // 5
    assert serials(database, clock) == list(range(1, issued + 1))


def test_each_desk_kind_and_year_counts_by_itself(database, clock, town):
    with open_unit(database, CLOCK, clock.now()) as unit:
        numbers = [issue(unit, town), issue(unit, town), issue(unit, town, kind="talk"), issue(unit, town, desk="fgw")]
    with open_unit(database, CLOCK, clock.now() + timedelta(days=60)) as unit:
        numbers.append(issue(unit, town))
    assert numbers == [
        "津合作改〔2026〕1号", "津合作改〔2026〕2号", "津合作约〔2026〕1号", "津发改委改〔2026〕1号", "津合作改〔2027〕1号",
    ]  # fmt: skip

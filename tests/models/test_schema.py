"""A house that has lived is brought to the newest schema with all its rows, and back."""

from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy import text

from models import schema
from models.clock import FrozenClock
from models.database import Database
from models.notice import Notice
from models.unit import CLOCK, open_reading
from tests.workflows.story import APPROVE, Story


@pytest.fixture
def lived_in(database_url: str, clock: FrozenClock, tmp_path) -> Iterator[Database]:
    """Two late projects, their papers, work items and messages."""
    database = Database(database_url)
    schema.upgrade(database)
    story = Story(database, clock, tmp_path)
    for _ in range(2):
        story.register(APPROVE | {"plan_start_on": "2026-07-15"})
        story.sweep()
    yield database
    database.close()


def counted(database: Database) -> dict[str, int]:
    with database.reading.connect() as connection:
        return {
            name: connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one()
            for name in ("organ", "notice", "work_item", "message", "process", "rung")
        }


def test_rows_survive_the_way_down_to_the_first_schema_and_up_again(lived_in, clock):
    before = counted(lived_in)
    assert all(before.values())
    schema.downgrade(lived_in, "0001")
    assert counted(lived_in) == before
    schema.upgrade(lived_in)
    assert counted(lived_in) == before
    assert schema.differences(lived_in) == []
    with open_reading(lived_in, CLOCK, clock.now()) as unit:
        assert {paper.due_on for paper in unit.session.query(Notice)} == {date(2026, 12, 1)}


def test_a_row_that_points_at_nothing_is_refused_after_a_migration_as_before(lived_in):
    schema.downgrade(lived_in, "0001")
    schema.upgrade(lived_in)
    with (
        lived_in.writing.connect() as connection,
        pytest.raises(Exception, match=r"(?i)foreign key"),
        connection.begin(),
    ):
        connection.execute(text("UPDATE notice SET to_organ_id = 4711"))

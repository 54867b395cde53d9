"""One house per test and database."""

import pytest

from tests.workflows.story import Story


@pytest.fixture
def story(database, clock, tmp_path) -> Story:
    return Story(database, clock, tmp_path)

"""An operator prints one paper of each kind, and is told which kinds the house has not issued yet."""

from click.testing import CliRunner

from cli.notices import commands
from tests.workflows.story import APPROVE, Story


def test_the_gallery_holds_what_was_issued_and_names_what_was_not(database, clock, tmp_path):
    story = Story(database, clock, tmp_path)
    story.register(APPROVE | {"plan_start_on": "2026-07-15"})
    story.sweep()  # red: the clock sends the 提醒函
    folder = tmp_path / "gallery"
    printed = CliRunner().invoke(commands(story.house)[0], ["gallery", str(folder)])
    assert printed.exit_code == 1
    assert [path.name for path in folder.iterdir()] == ["reminder.pdf"]
    assert "津合作提〔2026〕1号" in printed.output
    assert "还没有：督办通知单、催办通知书" in printed.output

"""The demo's past, shortened: its people live through last year's awards by the product's own commands, on both databases."""

from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from cli.demo import load_demo
from cli.demo_award import FILINGS
from cli.demo_cast import PROJECTS
from cli.demo_past import DemoPast
from cli.notices import commands, print_newest
from cli.operate import Running
from jobs.sweep import sweep
from models.admonition import CalledUnit
from models.assessment import Assessment
from models.commendation import CommendationYear, Nominee, NomineeObjection
from models.database import Database
from models.duty import DutyRun
from models.incident import Incident
from models.notice import KINDS, Notice
from models.referral import Referral
from models.unit import CLOCK, open_reading
from tests.web.house import make_house
from tests.workflows.story import PlainRenderer, Story

CAST = tuple(each for each in PROJECTS if each.stage == "build" or each.name in {filing.project for filing in FILINGS})
DAYS = 36  # from the opening of last year's assessment to the day on which everybody has signed for the decision


@pytest.fixture
def lived(database, clock, tmp_path) -> Story:
    """The first days of the demo's past, which ends today; fewer projects, as they are not what is asked here."""
    story = Story(database, clock, tmp_path)
    past = DemoPast(story.house, lambda house, now: sweep(house, now).counts, clock.now() - timedelta(days=DAYS))
    past.hire_everybody()
    past.register_projects(CAST)
    for _day in range(DAYS):
        past.live_a_day()
    return story


def test_last_years_awards_are_lived_from_the_assessment_to_the_decision(lived, tmp_path: Path):
    assert lived.all(Incident) == []
    opened = {each.duty: (each.period, bool(each.by_hand)) for each in lived.all(DutyRun) if each.by_hand}
    assert opened == {"assessment": ("2025H2", True), "commendation": ("2025", True)}
    [districts] = lived.all(Assessment, period="2025H2", subject="district")
    [year] = lived.all(CommendationYear)
    assert (districts.state, year.state, year.demo) == ("final", "closed", True)
    assert year.opened_at >= districts.final_at
    found = {each.name: each for each in lived.all(Nominee)}
    assert {each.category for each in found.values() if each.added_by is None} == {"district"}
    assert [each.name for each in found.values() if each.removed_at] == ["市金融局"]
    assert [each.decision for each in lived.all(NomineeObjection)] == ["dismissed", "upheld"]
    for kind, named in (("publicity", "市金融局"), ("commendation", "市商务局")):
        paper = lived.all(Notice, kind=kind)[-1]
        assert paper.letter["demo"], "what is made up is marked 演示"
        assert named in str(paper.letter["sections"])
        assert print_newest(lived.house, kind, tmp_path)
    printed = {path.name for path in tmp_path.glob("publicity*.pdf")}
    assert {"publicity.pdf", "publicity_assessment.pdf", "publicity_commendation.pdf"} <= printed, "公示 of both sorts"
    assert "市金融局" not in str(lived.all(Notice, kind="commendation")[-1].letter["sections"])
    called = lived.all(CalledUnit)
    assert {len(each.reasons) > 1 for each in called if each.removed_at is None} <= {True}, (
        "a late list calls the last three"
    )
    assert all("补办" in each.removed_why for each in called if each.removed_at)
    filed = {each.agent_name: each.state for each in lived.all(Referral)}
    assert filed == {"演示招商服务有限公司": "stands"}, (
        "filed before the signing; the others come later in the demo's past"
    )


@pytest.mark.soak
def test_the_whole_demo_has_every_kind_of_paper_and_no_incident(database_url, clock, tmp_path: Path):
    house = make_house(Database(database_url), clock, tmp_path / "data", renderer=PlainRenderer(), demo=True)
    load_demo(house, Running(lambda house, now: sweep(house, now).counts, serve=never), days=150)
    with open_reading(house.database, CLOCK, house.now()) as unit:
        assert list(unit.session.scalars(select(Incident))) == []
    printed = CliRunner().invoke(commands(house)[0], ["gallery", str(tmp_path / "gallery")])
    house.database.close()
    assert (printed.exit_code, printed.stderr) == (0, "")
    assert {path.stem for path in (tmp_path / "gallery").glob("*.pdf")} >= KINDS.keys()


def never(*_given: object) -> None:
    raise AssertionError("nothing is served here")

"""A virtual year under fire: four workers sweep while they are killed, from one opening of the policy's calendar to the next.

What must have happened is read from the register of duties, so that a mechanism which declares one is tried by it too.
"""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select

from models.agenda import subjects
from models.audit import AuditEntry
from models.calendar import SEEDED, WorkCalendar, load_calendar, package_days
from models.clock import local_day, start_of_day
from models.duty import BEGUN, DUTIES, Duty, DutyRun, Period, periods
from models.incident import Incident
from models.organ import close_organ, organs
from models.process import Process, WorkItem
from models.queue import Envelope
from tests.jobs.crew import Watch, orders_for
from tests.workflows.story import RESERVE, Story

EVE = datetime(
    2025, 12, 15, 1, 0, tzinfo=UTC
)  # the house begins; 2026 has its holidays announced, January 2027 has not
YEAR_END = start_of_day(
    date(2027, 2, 1)
)  # what looks back on December, the quarter, the half-year and the year has opened
YEAR = 2026
AFTER = timedelta(days=5)  # after the last opening of each month: what was opened there has fallen due
SMALL = ("120116", "120114", "120115")  # the districts of the small town


class Year(Watch):
    """The house in its year; `fallen_by` says how many had died when each quarter was over."""

    def __init__(self, story: Story, url: str, folder: Path, *, seed: int, kills: int) -> None:
        super().__init__(story, orders_for(url, folder, small=True), seed=seed, kills=kills, workers=4)
        self.fallen_by: Counter[str] = Counter()

    def live(self, moment: datetime) -> None:
        before = self.tally.total
        super().live(moment)
        self.fallen_by[f"{moment:%Y}Q{(moment.month + 2) // 3}"] += self.tally.total - before


def build_town(story: Story, *, districts: tuple[str, ...] | None, projects: int) -> None:
    """The districts that there are this year, and projects in turn in each."""
    with story.unit() as unit:
        places = [organ for organ in organs(unit.session, unit.today) if organ.kind == "district"]
        kept = [organ.id for organ in places if districts is None or organ.code in districts]
        for organ in places:
            if organ.id not in kept:
                close_organ(unit, organ_id=organ.id, last_day=date(2025, 6, 30))
    for number in range(projects):
        values = RESERVE | {"name": f"演示项目{number}", "investor_name": f"演示公司{number}"}
        story.register(values, owner=kept[number % len(kept)], by=story.town.zhao_qiang)


def year_of_moments() -> list[datetime]:
    """Each opening of the year and a day after each month's last, in order; the first sweep of the house before them."""
    calendar = WorkCalendar({day.on: day.working for day in package_days(SEEDED)}, frozenset(SEEDED))
    opened = {period.opens_at for declared in DUTIES.values() for period in periods(declared, EVE, YEAR_END, calendar)}
    last = {(moment.year, moment.month): moment for moment in sorted(opened)}
    return sorted({EVE} | opened | {moment + AFTER for moment in last.values()})


# --- what must be so at the end of the year ----------------------------------------------------------------------------


def due_periods(story: Story, declared: Duty) -> list[Period]:
    """The periods that have fallen due since the house began."""
    with story.reading() as unit:
        calendar = load_calendar(unit.session)
    [begun] = [run.opens_at for run in story.all(DutyRun, duty=declared.word, period=BEGUN)]
    return list(periods(declared, begun, story.clock.now(), calendar))


def require_every_duty_once(story: Story) -> None:
    """Each period of each duty has one run, done; each district, project or city has one process of it."""
    assert DUTIES
    for declared in DUTIES.values():
        due = due_periods(story, declared)
        runs = [run for run in story.all(DutyRun, duty=declared.word) if run.period != BEGUN]
        assert sorted(run.period for run in runs) == sorted(period.name for period in due), declared.word
        assert [run.period for run in runs if run.done_at is None or run.asked_at] == [], declared.word
        opened = [period for period in due if local_day(period.opens_at).year == YEAR]
        assert len(opened) == 12 // declared.months, declared.word
        for period in due:
            require_each_subject_once(story, declared, period)


def require_each_subject_once(story: Story, declared: Duty, period: Period) -> None:
    prefix = f"{declared.word}:{period.name}"
    with story.reading() as unit:
        opened = select(Process.business_key).where(Process.business_key.startswith(prefix, autoescape=True))
        keys = list(unit.session.scalars(opened))
        wanted = subjects(unit, declared, period)
    if declared.per == "city" and declared.would is None:
        assert len(keys) == 1, (prefix, keys)
    else:
        assert sorted(keys) == sorted(f"{prefix}:{each.id}" for each in wanted), prefix


def require_nothing_lost_or_doubled(story: Story, year: Watch) -> None:
    with story.reading() as unit:
        landed = select(AuditEntry.subject_id, func.count()).where(AuditEntry.act == "parcel.land")
        parcels = dict(unit.session.execute(landed.group_by(AuditEntry.subject_id)).all())
    assert parcels == dict.fromkeys(range(year.parcels), 1)
    due = [envelope for envelope in story.all(Envelope) if envelope.due_at <= story.clock.now()]
    assert [(each.key, each.state, each.error) for each in due if each.state != "done"] == []
    assert story.all(Incident) == []
    sleepers = [each for each in story.all(Process, status="running") if each.wakes_at]
    assert [each.business_key for each in sleepers if each.wakes_at <= story.clock.now()] == []
    begun = Counter((item.process_id, item.token) for item in story.all(WorkItem))
    assert set(begun.values()) == {1}

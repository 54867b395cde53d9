"""月度进展填报 (第三条月通报的采集): on the 21st one item per running project, due on the 25th; facts are asked once."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from engine.door import start_process
from engine.steps import Case, step
from models.agenda import running_subjects
from models.amount import file_amount
from models.calendar import due_or_made_up, load_calendar
from models.duty import Duty, Period, Subject, duty, period_zh
from models.ledger import facts_in
from models.light_state import refresh_light
from models.mechanism import mechanism
from models.milestone import reach_milestone
from models.project import apply_changes, lock_project, running_after
from models.texts import N_
from models.unit import Unit

OPENS, DUE = 21, 25  # days of the month; 默认值, see data/routines of the policy
MADE_UP_DAYS = 3  # working days for a month that is made up for after its due day; 默认值
mechanism(
    "progress_review",
    N_("月度进展填报"),
    article=3,
    purpose_zh=N_("每月一次、一次填报，月报、通报和亮灯都从这里取数。"),
)


def open_reviews(unit: Unit, period: Period, cursor: int, limit: int) -> tuple[int | None, int]:
    """One chunk of the month: a process for each running project after `cursor`; the business key keeps it to one."""
    day = period.first_day.replace(day=DUE)
    due = due_or_made_up(load_calendar(unit.session), day, unit.now, MADE_UP_DAYS).isoformat()
    projects = running_after(unit.session, cursor, limit)
    for project in projects:
        start_process(
            unit,
            key="progress_review",
            title=f"{project.name}（{period_zh(period.name)}）",
            organ_id=project.owner_organ_id,
            project_id=project.id,
            district_id=project.district_id or project.owner_organ_id,
            business_key=f"progress_review:{period.name}:{project.id}",
            data={"owner_organ": project.owner_organ_id, "review_due": due, "period": period.name},
        )
    done = len(projects) < limit
    return (None if done else projects[-1].id), len(projects)


def reviewed(unit: Unit, _period: Period) -> list[Subject]:
    """Whom a month would ask: every running project."""
    return running_subjects(unit)


duty(
    Duty(
        "progress_review",
        N_("月度进展填报"),
        months=1,
        day=OPENS,
        work=open_reviews,
        per="project",
        would=reviewed,
    )
)


@step("progress_review.record")
def record(unit: Unit, case: Case) -> None:
    """本月进展: money as dated entries, facts to the ledger, the light decided anew."""
    assert case.project_id is not None, "reviews are of projects"
    project = lock_project(unit.session, case.project_id)
    for name, kind in (("month_done_wan", "investment"), ("arrived_month_wan", "funds")):
        if amount := _amount(case.answers, name):
            file_amount(unit, project, kind=kind, amount=amount, on=unit.today, note=str(case.data["period"]))
    apply_changes(unit, project, facts_in(case.answers))
    if reached := case.answers.get("visual_milestone"):
        reach_milestone(unit, project.id, name_zh=reached)
    refresh_light(unit, project.id)


def _amount(answers: Mapping[str, Any], name: str) -> Decimal | None:
    text = answers.get(name)
    return Decimal(text) if text and Decimal(text) > 0 else None

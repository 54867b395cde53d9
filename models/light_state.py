"""The light of a project as a stored fact: decided purely, kept with the moment it will change by itself."""

from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models.clock import local_day
from models.decision import Table, read_table
from models.light import Light, ProjectFacts, changes_at, light_of
from models.project import Project, lock_project
from models.totals import Totals, totals
from models.unit import Unit

RULES = Path(__file__).parents[1] / "bpmn" / "light.dmn"
MEASURED_STATES = {"running": "active", "produced": "active"}


@lru_cache
def light_rules() -> Table:
    """The light rules in force, read once per process."""
    return read_table(RULES.read_bytes())


def facts_of(session: Session, project: Project, day: date) -> ProjectFacts:
    """What the rules may know of a project on a day; money in 万元."""
    sums = totals(session, [project.id], day.year)[project.id] if project.id else Totals(day.year)
    return ProjectFacts(
        stage=project.stage or "",
        state=MEASURED_STATES.get(project.state, project.state),  # type: ignore[arg-type]
        plan_start_on=project.plan_start_on,
        actual_start_on=project.actual_start_on,
        plan_finish_on=project.plan_finish_on,
        actual_finish_on=project.actual_finish_on,
        produced_on=project.produced_on,
        in_stat_on=project.in_stat_on,
        permit_issued_on=project.permit_issued_on,
        permit_extensions=project.permit_extensions,
        plan_year=day.year if sums.year_plan is not None else None,
        year_plan_wan=sums.year_plan,
        done_year_wan=sums.invested_year,
        last_updated_on=local_day(project.last_updated_at),
    )


def light_on(session: Session, project: Project, day: date) -> Light:
    """The light of a project on a day, decided anew; writes nothing."""
    return light_of(facts_of(session, project, day), light_rules(), day)


def refresh_light(unit: Unit, project_id: int) -> str:
    """Decide and keep the light; returns its colour. A changed colour leaves one envelope, so that 督办 hears of it."""
    project = lock_project(unit.session, project_id)
    was = project.light
    decide_light(unit, project)
    if was != project.light:
        tell_turn(unit, project, was)
    return project.light


def decide_light(unit: Unit, project: Project) -> None:
    """Put the light that the rules give today on a project, which may be one that is not filed yet; tells nobody."""
    facts = facts_of(unit.session, project, unit.today)
    light = light_of(facts, light_rules(), unit.today)
    project.light = light.colour
    project.light_reasons = [reason_row(reason) for reason in light.reasons]
    project.light_version, project.light_at = light.table, unit.now
    project.turns_at = changes_at(facts, light_rules(), unit.today)


def tell_turn(unit: Unit, project: Project, was: str) -> None:
    """The light has turned: a line, and one envelope for 督办."""
    turn = {"was": was, "is": project.light}
    unit.post(
        "light", f"light:{project.id}:{was}:{project.light}:{unit.now.isoformat()}", {"project": project.id, **turn}
    )
    unit.trace("light.turn", "project", project.id, turn)


def reason_row(reason: Any) -> dict[str, str]:
    """A reason as it is kept with the project and shown on its page."""
    return {
        "rule": reason.rule,
        "level": reason.level,
        "sentence": reason.sentence,
        "remedy": reason.remedy,
        "title": reason.title,
        "consequence": reason.consequence,
        "place": reason.place,
        "source": reason.source,
    }


def lights_due(session: Session, now: Any, limit: int) -> list[int]:
    """Ids of projects whose stored colour is no longer true, oldest first."""
    query = select(Project.id).where(Project.turns_at <= now).order_by(Project.turns_at).limit(limit)
    return list(session.scalars(query))


def put_off(session: Session, project_id: int, until: datetime) -> None:
    """Decide this light again at a later moment; for a project whose facts the rules cannot stand."""
    session.execute(update(Project).where(Project.id == project_id).values(turns_at=until))


def light_differs(session: Session, day: date, limit: int) -> list[int]:
    """Ids of a sample of projects whose stored colour is not what the rules say today; empty is what the duty expects."""
    sample = session.scalars(select(Project).order_by(Project.light_at).limit(limit))
    return [project.id for project in sample if light_on(session, project, day).colour != project.light]

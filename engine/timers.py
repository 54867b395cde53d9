"""A timer that compares a date from the data with the moment it is handed; a timer due exactly now fires."""

from datetime import UTC, datetime, timedelta
from typing import Any

from SpiffWorkflow.bpmn.specs.event_definitions.timer import TimerEventDefinition

from models.saying import Saying
from models.texts import N_

DUE = "event_value"  # where Spiff keeps a timer's value on the task


class TimerError(Saying):
    """定时不明。 The expression of a timer gave something else than an ISO moment with its offset."""


def _moment(value: object, name: str) -> datetime:
    """The UTC moment an ISO text stands for; TimerError for anything else, for example a naive or missing date."""
    try:
        moment = datetime.fromisoformat(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        moment = None
    if moment is None or moment.tzinfo is None:
        raise TimerError(N_("定时“%(name)s”需要带时区的时刻，得到的是“%(value)s”"), name=name, value=value)
    return moment.astimezone(UTC)


class Due(TimerEventDefinition):
    """Our own timeDate. It arms itself from the data once; only Running.refresh_timers fires it."""

    def has_fired(self, my_task: Any) -> bool:
        """Whether it was fired; the first call stores the due moment on the task."""
        if my_task.internal_data.get(DUE) is None:
            value = my_task.workflow.script_engine.evaluate(my_task, self.expression)
            my_task.internal_data[DUE] = _moment(value, self.name).isoformat()
        return bool(my_task.internal_data.get("event_fired", False))

    @staticmethod
    def moment(task: Any) -> datetime | None:
        """When an armed timer is due (UTC), or None for a task that waits for something else."""
        value = task.internal_data.get(DUE)
        return None if value is None else datetime.fromisoformat(value)

    @staticmethod
    def watches(task: Any, name: str) -> bool:
        """Whether a task is an armed timer that waits for the date in this variable."""
        definition = getattr(task.task_spec, "event_definition", None)
        return isinstance(definition, Due) and definition.expression.strip() == name and Due.moment(task) is not None

    @staticmethod
    def move(task: Any, moment: datetime) -> None:
        """Arm a timer anew for another moment."""
        task.internal_data[DUE] = moment.astimezone(UTC).isoformat()

    @staticmethod
    def shift(task: Any, delta: timedelta) -> None:
        """Move an armed timer; other waiting tasks are left alone."""
        moment = Due.moment(task)
        if moment is not None:
            task.internal_data[DUE] = (moment + delta).isoformat()

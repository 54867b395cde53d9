"""消息回传: a mechanism tells another process by an envelope, never by import; it lands once or nobody waits any more."""

from collections.abc import Mapping
from typing import Any

from engine.door import send_message
from engine.post import post_message
from models.handlers import handle
from models.refusal import NotFound, Outdated
from models.unit import Unit

__all__ = ["post_message"]


def deliver(unit: Unit, payload: Mapping[str, Any], _worked: object) -> None:
    """Send it; a process that has ended or no longer waits leaves a trace and nothing else."""
    process_id, message = payload["process"], payload["message"]
    try:
        taken = send_message(unit, message=message, process_id=process_id, data=payload["data"])
    except (NotFound, Outdated):
        taken = False
    if not taken:
        unit.trace("process.message_unheard", "process", process_id, {"message": message})


handle("message", deliver)

"""Renders issued notices: the PDF is made by a worker process, archived by its hash, and only then delivered."""

from typing import Any

from models.handlers import handle
from models.notice import deliver_notice, find_notice
from models.unit import CLOCK, Unit, open_reading
from notices.archive import Stored, archive
from notices.letters import read_letter


def render_notice(house: Any, payload: dict[str, int]) -> Stored:
    """Outside any transaction, safe to repeat: the same letter gives the same bytes, hence the same file."""
    with open_reading(house.database, CLOCK, house.now()) as unit:
        notice = find_notice(unit.session, payload["notice"])
        letter = read_letter(notice.letter, verify_url=house.settings.verify_url(notice.code))
    return archive(house.settings.archive_dir, house.renderer.render(letter))


def land_notice(unit: Unit, payload: dict[str, int], stored: Stored) -> None:
    """The archived file becomes the notice, in the transaction that ends the envelope."""
    deliver_notice(unit, notice_id=payload["notice"], sha256=stored.sha256, size=stored.size)


handle("render", land_notice, work=render_notice)

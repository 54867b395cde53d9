"""Renders issued notices: the PDF is made by a worker process, archived by its hash, and only then delivered."""

from typing import Any

from models.handlers import handle
from models.notice import Archived, deliver_notice, find_notice
from models.unit import CLOCK, Unit, open_reading
from notices.archive import archive
from notices.letters import read_letter


def render_notice(house: Any, payload: dict[str, int]) -> Archived:
    """Outside any transaction, safe to repeat: the same letter gives the same bytes, hence the same file."""
    with open_reading(house.database, CLOCK, house.now()) as unit:
        notice = find_notice(unit.session, payload["notice"])
        letter = read_letter(notice.letter, verify_url=house.settings.verify_url(notice.code))
    printed = house.renderer.print_letter(letter)
    stored = archive(house.settings.archive_dir, printed.pdf)
    return Archived(stored.sha256, stored.size, printed_sha256=stored.sha256)


def land_notice(unit: Unit, payload: dict[str, int], archived: Archived) -> None:
    """The archived file becomes the notice, in the transaction that ends the envelope."""
    deliver_notice(unit, notice_id=payload["notice"], archived=archived)


handle("render", land_notice, work=render_notice)

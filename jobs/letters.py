"""Renders issued notices: the PDF is made by a worker process, archived by its hash, and only then delivered."""

import hashlib
from dataclasses import replace
from typing import Any

from models.handlers import handle
from models.notice import Archived, deliver_notice, find_notice
from models.organ import organ_of
from models.unit import CLOCK, Unit, open_reading
from notices.archive import archive
from notices.letters import read_letter
from notices.printed import Printed
from notices.seals import Seal
from notices.signing import sign_paper


def render_notice(house: Any, payload: dict[str, int]) -> Archived:
    """Outside any transaction, safe to repeat: the same letter gives the same pages; which signing lands is the one kept."""
    with open_reading(house.database, CLOCK, house.now()) as unit:
        notice = find_notice(unit.session, payload["notice"])
        organ = organ_of(unit.session, notice.organ_id).code
    seal = house.seals.current().of(organ)
    letter = read_letter(notice.letter, verify_url=house.settings.verify_url(notice.code))
    shown = replace(letter, sealed=seal is not None, seal_drawn=seal is None)
    return _kept(house, house.renderer.print_letter(shown), seal, notice.number)


def _kept(house: Any, printed: Printed, seal: Seal | None, number: str) -> Archived:
    """The printed pages in the archive, sealed when the organ has a certificate."""
    folder, digest = house.settings.archive_dir, hashlib.sha256(printed.pdf).hexdigest()
    if seal is None or not printed.seals:
        stored = archive(folder, printed.pdf)
        return Archived(stored.sha256, stored.size, digest)
    signed = sign_paper(printed, [seal], reason=number, at=house.now())
    stored = archive(folder, signed.pdf)
    return Archived(stored.sha256, stored.size, digest, signed.subject, signed.level)


def land_notice(unit: Unit, payload: dict[str, int], archived: Archived) -> None:
    """The archived file becomes the notice, in the transaction that ends the envelope."""
    deliver_notice(unit, notice_id=payload["notice"], archived=archived)


handle("render", land_notice, work=render_notice)

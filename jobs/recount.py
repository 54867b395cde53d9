"""每夜核对存档: each night every archived paper is read and its digest computed anew; a silent change does not stay silent."""

from datetime import datetime
from typing import Any

from models.archive_count import CHUNK, Counted, count_key, is_posted, land_count, papers_after
from models.handlers import handle
from models.unit import CLOCK, open_reading, open_unit
from notices.archive import Altered, NotArchived, read


def ask_for_count(house: Any, now: datetime) -> int:
    """Post the night's count once it is three o'clock; 1 when this call did."""
    key = count_key(now)
    if key is None:
        return 0
    with open_reading(house.database, CLOCK, now) as unit:
        if is_posted(unit.session, key):
            return 0
    with open_unit(house.database, CLOCK, now) as unit:
        unit.post("archive.count", key, {"key": key, "after": 0})
    return 1


def count_archive(house: Any, payload: dict[str, Any]) -> Counted:
    """One chunk, outside any transaction: reads files and changes nothing."""
    with open_reading(house.database, CLOCK, house.now()) as unit:
        papers = papers_after(unit.session, int(payload["after"]))
    wrong = {number: what for number, digest in papers if (what := _wrong(house, digest))}
    return Counted(papers[-1][0] if len(papers) == CHUNK else None, len(papers), wrong)


def _wrong(house: Any, digest: str) -> str:
    try:
        read(house.settings.archive_dir, digest)
    except Altered:
        return "altered"
    except NotArchived:
        return "gone"
    return ""


handle("archive.count", land_count, work=count_archive)

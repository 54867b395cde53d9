"""A house for stories: the cast, the maps, a clock that is moved, and what a clerk would see."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

import workflows
from engine.door import Completion, complete_item, publish_map
from jobs.sweep import sweep
from models.attachment import keep_file, store_attachment
from models.calendar import seed_calendar
from models.clock import FrozenClock
from models.house import House
from models.process import Process, WorkItem
from models.project import Project
from models.settings import Settings
from models.unit import CLOCK, Actor, Unit, open_reading, open_unit
from notices.printed import Printed
from notices.seals import Cabinet
from tests.cast import Town, make_town
from workflows.project import register_and_open

PAPER = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer<<>>\n%%EOF"
MAPS = Path(__file__).parents[2] / "bpmn"
RESERVE = {
    "name": "演示新能源电池项目",
    "stage": "reserve",
    "capital_nature": "内资",
    "source_region": "北京",
    "investor_name": "演示投资有限公司",
    "investor_uscc": "91120116MA06A1B23Y",
    "total_investment": "50000",
}
SIGN = RESERVE | {
    "stage": "sign",
    "sign_entity": "演示投资有限公司",
    "industry_code": "C3841",
    "chain": "新能源",
    "build_nature": "新建",
    "agreement_kind": "投资",
    "signed_on": "2026-03-02",
    "plan_start_on": "2026-07-15",
    "plan_finish_on": "2028-06-30",
}
APPROVE = SIGN | {
    "stage": "approve",
    "fai_code": "2603-120116-04-01-123456",
    "local_company": "演示电池（天津）有限公司",
    "local_uscc": "91120116MA06A1B23Y",
    "registered_on": "2026-04-01",
    "approval_kind": "备案",
}
TALK = {
    "held_on": "2026-12-24",
    "held_time": "14:30",
    "place": "市政府第三会议室",
    "host": "分管副市长",
    "attendees": "滨海新区主要负责人",
    "cause": "整改逾期未签收",
}


class PlainRenderer:
    """A real renderer of the simplest kind: the letter's text as bytes."""

    def render(self, letter: Any, *, draft: bool = False) -> bytes:
        return f"%PDF-1.7 {'草稿 ' if draft else ''}{letter}".encode()

    def print_letter(self, letter: Any, *, draft: bool = False) -> Printed:
        return Printed(self.render(letter, draft=draft))


class Story:
    """Opens units for the cast and moves the clock, so that a test reads as what happened."""

    def __init__(self, database, clock: FrozenClock, folder: Path) -> None:
        workflows.discover()
        settings = Settings.from_environ(
            {
                "DUBAN_SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyz",
                "DUBAN_DATA_DIR": str(folder),
            }
        )
        self.house = House(settings, clock, database, PlainRenderer(), Cabinet(None))
        self.database, self.clock = database, clock
        with self.unit() as unit:
            self.town: Town = make_town(unit)
            seed_calendar(unit)
            for path in sorted(MAPS.glob("*.bpmn")):
                publish_map(unit, xml=path.read_bytes())

    def unit(self, actor: Actor = CLOCK) -> AbstractContextManager[Unit]:
        return open_unit(self.database, actor, self.clock.now())

    def reading(self, actor: Actor = CLOCK) -> AbstractContextManager[Unit]:
        return open_reading(self.database, actor, self.clock.now())

    def register(self, values: Mapping[str, Any] = RESERVE, owner: int | None = None, by: Actor | None = None) -> int:
        with self.unit(by or self.town.li_ming) as unit:
            return register_and_open(unit, owner_organ_id=owner or self.town.binhai, values=values).id

    def evidence(self, project_id: int) -> str:
        """The number of a paper filed for the project, as a form names it."""
        kept = keep_file(self.house.settings.archive_dir, "协议.pdf", PAPER)
        with self.unit(self.town.li_ming) as unit:
            return str(store_attachment(unit, kept, project_id=project_id))

    def sweep(self, *, to: datetime | None = None, by: timedelta = timedelta()) -> dict[str, int]:
        """Move the clock, then let it do what is due."""
        self.clock.move(to=to, by=by)
        return sweep(self.house, self.clock.now()).counts

    def project(self, project_id: int) -> Project:
        with self.reading() as unit:
            return unit.session.get_one(Project, project_id)

    def process(self, key: str, project_id: int) -> Process:
        with self.reading() as unit:
            query = select(Process).where(Process.key == key, Process.project_id == project_id)
            return unit.session.scalars(query.order_by(Process.id.desc())).first()

    def items(self, project_id: int, state: str = "ready") -> list[WorkItem]:
        with self.reading() as unit:
            query = select(WorkItem).where(WorkItem.project_id == project_id, WorkItem.state == state)
            return list(unit.session.scalars(query.order_by(WorkItem.id)))

    def item(self, project_id: int, node: str) -> WorkItem:
        found = [item for item in self.items(project_id) if item.node == node]
        assert len(found) == 1, f"{node}: {[item.node for item in self.items(project_id)]}"
        return found[0]

    def complete(self, actor: Actor, item: WorkItem, posted: Mapping[str, Any]) -> Completion:
        with self.unit(actor) as unit:
            return complete_item(unit, item_id=item.id, version=item.version, posted=posted)

    def do(self, actor: Actor, project_id: int, node: str, posted: Mapping[str, Any]) -> Completion:
        return self.complete(actor, self.item(project_id, node), posted)

    def all(self, table, **where: Any) -> list[Any]:
        with self.reading() as unit:
            return list(unit.session.scalars(select(table).filter_by(**where).order_by(table.id)))


def day(text: str) -> date:
    return date.fromisoformat(text)

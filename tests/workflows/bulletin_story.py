"""A month with every odd case in it: what the bulletin's tests, pages and papers are looked at with."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from models.bulletin import Bulletin
from models.currency import Rate
from models.monthly_report import MonthlyReport
from models.organ import Organ
from models.process import WorkItem
from models.project import Project
from models.unit import Actor
from tests.workflows.staff import Staff, hire_staff, put_money, set_target
from tests.workflows.story import RESERVE, Story

PERIOD = "2026-11"
FIRST = datetime(2026, 11, 30, 16, 0, tzinfo=UTC)  # 00:00 on 1 December in Tianjin
AGREED = {"agreed": "true"}
# Money of projects by organ: (amount, day, kind); what is on a zone counts in 滨海新区.
MONEY = {
    "120101": [("300", "2026-03-02", "declared"), ("617.005", "2026-11-05", "declared"), ("720", "2025-06-01", "declared")],
    "120102": [("1834.01", "2026-02-10", "recognised"), ("2000", "2025-11-30", "declared"), ("999", "2025-12-01", "declared")],
    "120103": [("900", "2026-05-06", "declared"), ("0.000001", "2025-05-06", "declared"), ("-0.000001", "2025-05-06", "reduced")],
    "120104": [("100", "2026-01-01", "declared")],
    "120110": [("1000", "2026-04-04", "declared"), ("-250.5", "2026-11-20", "withdrawn"), ("500", "2025-04-04", "declared")],
    "120111": [("-50", "2026-11-30", "withdrawn"), ("100", "2025-10-31", "declared")],
    "120116": [("4000", "2026-06-30", "declared"), ("-12.345678", "2026-06-30", "reduced"), ("3200", "2025-06-30", "declared")],
    "120116400": [("612.5", "2026-11-30", "declared"), ("1400", "2025-03-31", "declared")],
    "120119": [("75", "2026-07-01", "declared"), ("60", "2025-07-01", "declared")],
}  # fmt: skip
TARGETS = {
    "120101": "1000", "120102": "2000", "120103": None, "120104": "0", "120110": "1500", "120111": "1000", "120116": "4000",
    "120105": "800", "120119": "90",
}  # fmt: skip
SIGNED = ("120101", "120102", "120116", "120119")


@dataclass
class Month:
    """The story with its staff, and the number of one project of each organ."""

    story: Story
    staff: Staff
    projects: dict[str, int] = field(default_factory=dict)

    def edition(self, number: int = 0) -> Bulletin:
        """An edition of the month."""
        [found] = self.story.all(Bulletin, period=PERIOD, edition=number)
        return found

    def do(self, actor: Actor, node: str, answers: dict[str, Any]) -> None:
        """The one open item of this node, done."""
        [item] = self.story.all(WorkItem, node=node, state="ready")
        self.story.complete(actor, item, answers)

    def issue(self) -> None:
        """The paper checked, signed and delivered."""
        self.do(self.staff.desk_head, "check", AGREED)
        self.do(self.staff.desk_leader, "sign", AGREED)
        self.story.sweep()


def make_month(story: Story) -> Month:
    """The money, targets and reports of the month, as they stand on its last day; nothing is frozen yet."""
    month = Month(story, hire_staff(story))
    story.sweep()  # the duties begin
    _merge(story)
    for at, code in enumerate(MONEY):
        month.projects[code] = story.register(
            RESERVE | {"name": f"演示项目{at + 1}号", "investor_name": f"演示投资{at}"}, owner=story.town[code], by=story.town.zhao_qiang
        )  # fmt: skip
    story.clock.move(to=datetime(2026, 11, 30, 2, 0, tzinfo=UTC))
    for code, entries in MONEY.items():
        for amount, on, standing in entries:
            put_money(story, month.projects[code], amount, date.fromisoformat(on), standing=standing)
    _odd_money(story, month)
    for code, amount in TARGETS.items():
        set_target(story, code, 2026, amount)
    _reports(story, month)
    return month


def _merge(story: Story) -> None:
    """原静海区 ended with September and 西青区 took over, as far as this story goes."""
    with story.unit() as unit:
        ended = unit.session.get_one(Organ, story.town["120118"])
        ended.valid_to, ended.successor_id = date(2026, 9, 30), story.town["120111"]


def _odd_money(story: Story, month: Month) -> None:
    """Dollars with and without a rate, a project of no district, one that is 外资 and counts elsewhere, one day too late."""
    with story.unit() as unit:
        unit.session.add(
            Rate(currency="USD", on=date(2026, 7, 1), yuan=Decimal("7.1"), source="演示", filed_at=unit.now)
        )
    put_money(story, month.projects["120101"], "10", date(2026, 8, 1), currency="USD")
    put_money(story, month.projects["120101"], "20", date(2026, 6, 1), currency="USD")
    put_money(story, month.projects["120102"], "777", date(2026, 12, 1))
    nowhere = story.register(RESERVE | {"name": "演示无区项目", "investor_name": "演示无区"})
    foreign = story.register(RESERVE | {"name": "演示外资项目", "investor_name": "演示外资", "capital_nature": "外资"})
    with story.unit() as unit:
        unit.session.get_one(Project, nowhere).district_id = None
    put_money(story, nowhere, "88.8", date(2026, 11, 2))
    put_money(story, foreign, "5000", date(2026, 11, 2))
    month.projects |= {"nowhere": nowhere, "foreign": foreign}


def _reports(story: Story, month: Month) -> None:
    """Four districts have signed, one of them late; 河西区's is open; the others have none."""
    due = datetime(2026, 11, 25, 15, 59, 59, tzinfo=UTC)
    with story.unit() as unit:
        for code in (*SIGNED, "120103"):
            signed = (
                None if code == "120103" else unit.now if code == "120119" else datetime(2026, 11, 25, 9, tzinfo=UTC)
            )
            unit.session.add(MonthlyReport(period=PERIOD, organ_id=story.town[code], content=_content(month, code), opened_at=due,
                                           due_at=due, signed_at=signed, signed_by="某人"))  # fmt: skip


def _content(month: Month, code: str) -> dict[str, Any]:
    number = month.projects.get(code)
    return {
        "capital": [],
        "registrations": [{"project": number, "on": "2026-11-12", "amount_wan_usd": "1200.5"}]
        if code == "120116"
        else [],
        "landings": [{"project": number, "expected_on": "2027-03-31", "amount_wan": "30000"}],
        "talks": [{"project": number, "note": "已两次赴京洽谈，待定选址"}] if code in ("120101", "120116") else [],
        "note": "",
    }

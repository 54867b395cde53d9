"""The product as it is measured: prepared by its own commands, served as in production, driven as people and programs do."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from bench.client import Client
from bench.servers import Served

KEY = "bench-0123456789-abcdefghijklmnop"
OWNER = "120116"
DEPARTMENTS = ("rsj", "jw", "wjw", "jrj", "sw")
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer<<>>\n%%EOF"
USCC = "91120116MA06A1B23Y"
RESERVE = {
    "name": "量测新能源电池项目", "stage": "reserve", "capital_nature": "内资", "source_region": "北京",
    "investor_name": "量测投资有限公司", "investor_uscc": USCC, "total_investment": "50000",
}  # fmt: skip
SHAPE = (1, 5, 1) * 6  # what our map opens: the lead plans, five departments help, the lead leaves the stage
API = "/api/v1"


@dataclass(frozen=True)
class Person:
    """An officer of the bench with a token for the API and a cookie for the pages."""

    organ: str
    officer_id: int
    token: str
    cookie: str


class Product:
    """One database with its town, and the server on it."""

    def __init__(self, url: str, folder: Path, *, workers: int, threads: int, postmaster: int | None = None) -> None:
        self.url, self.folder, self.postmaster = url, folder, postmaster
        self.workers, self.threads = workers, threads
        self.environ = {
            "DUBAN_DATABASE_URL": url, "DUBAN_SECRET_KEY": KEY, "DUBAN_DATA_DIR": str(folder), "DUBAN_RENDER_WORKERS": "1",
        }  # fmt: skip
        self.people: dict[str, Person] = {}  # by name of organ
        self.codes: dict[str, int] = {}
        self.server: Served | None = None

    @cached_property
    def house(self) -> Any:
        """The composed house in this process, for preparing and for the sweep."""
        import workflows
        from app import create_house
        from models.settings import Settings

        workflows.discover()
        return create_house(Settings.from_environ(self.environ))

    def prepare(self) -> None:
        """Tables, reference data, maps, and one officer per organ that the map asks."""
        from cli.operate import prepare
        from models.organ import organs
        from models.unit import CLOCK, open_unit

        prepare(self.house)
        with open_unit(self.house.database, CLOCK, self.house.now()) as unit:
            found = {organ.code: organ for organ in organs(unit.session, unit.today)}
            self.codes = {code: organ.id for code, organ in found.items()}
            for code in (OWNER, *DEPARTMENTS):
                self.people[found[code].name_zh] = self._hire(unit, found[code])

    def _hire(self, unit: Any, organ: Any) -> Person:
        from models.officer import actor_for, create_officer, grant_role
        from models.session import Limits, issue_token, open_sign_in
        from models.unit import Unit

        officer_id = create_officer(unit, name=f"量测{organ.id}", organ_id=organ.id)
        grant_role(unit, officer_id=officer_id, role="officer", organ_id=organ.id)
        own = Unit(unit.session, actor_for(unit.session, officer_id, unit.today), unit.now)
        token = issue_token(own, name="bench", expires_on=unit.today + timedelta(days=30))
        cookie = open_sign_in(own, officer_id=officer_id, limits=Limits(240, timedelta(hours=24)))
        return Person(organ.name_zh, officer_id, token, cookie)

    @property
    def owner(self) -> Person:
        """The officer of the district that owns every project here."""
        return next(iter(self.people.values()))

    def up(self) -> None:
        self.server = Served(
            "bench.serving:make()", self.environ, self.folder, workers=self.workers, threads=self.threads,
            postmaster=self.postmaster,
        )  # fmt: skip

    def down(self) -> None:
        if self.server:
            self.server.stop()
        self.house.database.close()

    def cpu(self) -> float:
        assert self.server
        return self.server.cpu()

    def callers(self) -> dict[str, Client]:
        """A program per officer, by organ."""
        assert self.server
        port = self.server.port
        return {organ: Client(port, {"Authorization": f"Bearer {each.token}"}) for organ, each in self.people.items()}

    def browsers(self) -> dict[str, Client]:
        """A browser per officer, by organ."""
        assert self.server
        port = self.server.port
        return {organ: Client(port, {"Cookie": f"duban={each.cookie}"}) for organ, each in self.people.items()}

    def start(self, callers: Mapping[str, Client], name: str = "") -> int:
        """A new project by the API."""
        values = RESERVE | ({"name": name} if name else {})
        body = {"owner_organ_id": self.codes[OWNER], "values": values}
        return int(callers[self.owner.organ].json("POST", f"{API}/projects", body)["id"])

    def open_items(self, callers: Mapping[str, Client], project_id: int) -> list[dict[str, Any]]:
        """The open items of a project."""
        items = callers[self.owner.organ].json("GET", f"{API}/projects/{project_id}/work-items")["items"]
        return list(items)

    def complete(self, callers: Mapping[str, Client], item: Mapping[str, Any], answers: Mapping[str, Any]) -> Any:
        """Completes an item by the API as the officer of its organ."""
        body = {"version": item["version"], "answers": answers, "submit_id": uuid.uuid4().hex}
        return callers[item["organ_zh"]].json("POST", f"{API}/work-items/{item['id']}/complete", body)

    def open_page(self, browsers: Mapping[str, Client], item: Mapping[str, Any]) -> str:
        """The form token of an item's page, opened as its officer."""
        browser = browsers[item["organ_zh"]]
        return browser.csrf(browser.page(f"/tasks/{item['id']}"))

    def post_page(self, browsers: Mapping[str, Client], item: Mapping[str, Any], token: str,
                  answers: Mapping[str, Any]) -> int:  # fmt: skip
        """Posts the form of an item's page."""
        fields = [("csrf_token", token), ("version", str(item["version"])), ("submit_id", uuid.uuid4().hex)]
        for name, value in answers.items():
            values = value if isinstance(value, list) else [value]
            fields += [(name, ("true" if each is True else str(each))) for each in values]
        return browsers[item["organ_zh"]].form(f"/tasks/{item['id']}", fields)

    def evidence(self, project_id: int) -> int:
        """A file on the project, filed by its officer; stages are not left without."""
        from models.attachment import keep_file, store_attachment
        from models.officer import actor_for
        from models.unit import CLOCK, open_reading, open_unit

        house, now = self.house, self.house.now()
        with open_reading(house.database, CLOCK, now) as unit:
            actor = actor_for(unit.session, self.owner.officer_id, unit.today)
        kept = keep_file(house.settings.archive_dir, "协议.pdf", PDF)
        with open_unit(house.database, actor, now) as unit:
            return int(store_attachment(unit, kept, project_id=project_id))

    def answers(self, item: Mapping[str, Any], evidence: int) -> dict[str, Any]:
        """What people would answer: five departments are asked, all help, and every stage is left."""
        today = self.house.now().date()
        soon, later = (today + timedelta(days=60)).isoformat(), (today + timedelta(days=700)).isoformat()
        if item["form"] == "stage_plan":
            asked = [self.codes[code] for code in DEPARTMENTS]
            return {"plan": "按计划推进，每周调度。", "plan_on": soon, "departments": asked, "needs": "请协助落实"}
        if item["form"] == "department_support":
            return {"outcome": "已办结", "result": "已落实，材料齐全。"}
        return {"passed": True, "evidence": [str(evidence)]} | exit_facts(item["form"], today.isoformat(), soon, later)


def exit_facts(form: str, today: str, soon: str, later: str) -> dict[str, Any]:
    """The facts with which a stage is left."""
    facts: dict[str, dict[str, Any]] = {
        "reserve": {"build_nature": "新建", "plan_start_on": soon, "plan_finish_on": later, "agreement_kind": "投资",
                    "sign_entity": "量测投资有限公司", "signed_on": today},
        "sign": {"local_company": "量测电池（天津）有限公司", "local_uscc": USCC, "registered_on": today,
                 "fai_code": "2611-120116-04-01-123456", "approval_kind": "备案"},
        "approve": {"plan_start_on": soon, "permit_issued_on": today, "start_kind": "建安类"},
        "start": {"plan_finish_on": later, "actual_start_on": today, "in_stat_on": today},
        "build": {"visual_milestone": "设备安装调试", "actual_finish_on": today},
        "produce": {"produced_on": today},
    }  # fmt: skip
    return facts[form.removeprefix("stage_exit_")]

"""The demo's virtual past: day by day, each project's people answer what the maps ask, each at the pace of its story.

Nothing is inserted: registration, completion, signing, returning and withdrawing go through the same commands as in
a real office, under a clock that is moved forward from the past to today.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from cli.demo_answers import answers_for
from cli.demo_calendar import FOREIGN, WANTED, arrival, arrivals, set_targets, tend_calendar
from cli.demo_cast import GIVEN, PROJECTS, SURNAMES, DemoProject
from cli.demo_verification import SECOND
from engine.door import complete_item
from forms.sheet import read_sheet
from models.amount import record_amount
from models.attachment import keep_file, store_attachment
from models.clock import FrozenClock, local_day
from models.codes import check_character
from models.house import House
from models.ledger_import import import_rows, preview
from models.notice import UNSIGNED, acknowledge_notice, newest_of_kind
from models.notice_life import ANSWERED, MOST_AT_ONCE, answer_notice, reissue_notice, urge_notices
from models.notice_list import overdue_ids
from models.officer import actor_for, create_officer, grant_role, show_card
from models.organ import Organ, organ_by_code, organs
from models.process import open_items_of_projects
from models.receipt import unsigned_receipts
from models.rectification import findings_of, rectification_of_process
from models.unit import CLOCK, Actor, Unit, open_reading, open_unit
from workflows.coordination import request_coordination
from workflows.dispatch import start_correction, start_letter
from workflows.extension import request_extension
from workflows.project import register_and_open, return_stage, suspend_project, withdraw_project

PUBLIC = Path(__file__).parents[1] / "data" / "key_projects_tianjin_public.csv"
PAPER = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Count 0/Kids[]>>endobj\n"
    b"trailer<</Root 1 0 R>>\n%%EOF"
)
ROLES_BY_KIND = {
    "district": ("officer", "head"),
    "development_zone": ("officer", "head"),
    "department": ("officer", "head"),
    "office": ("leader", "officer", "head"),
}
SUPERVISORS = ("hzjl", "fgw")
SIGNERS = ("hzjl", *WANTED, "120106")  # 主要负责人, so that papers and reports can be signed there
CARDS = {
    "officer": ("120116", "officer"),
    "department": ("rsj", "officer"),
    "supervisor": ("hzjl", "supervisor"),
    "leader": ("zfbgt", "leader"),
}


class DemoPast:
    """Lives the demo's days; `sweep` is the jobs' own."""

    def __init__(self, house: House, sweep: Callable[[House, datetime], dict[str, int]], begins: datetime) -> None:
        self.clock = FrozenClock(begins)
        self.house = replace(house, clock=self.clock)
        self.sweep = sweep
        self.people: dict[tuple[str, int], Actor] = {}
        self.organs: dict[str, Organ] = {}
        self.projects: dict[int, DemoProject] = {}
        self.begins = local_day(begins)
        self.day = 0

    def unit(self, actor: Actor = CLOCK) -> Any:
        """A unit of this past."""
        return open_unit(self.house.database, actor, self.clock.now())

    def hire_everybody(self) -> None:
        """One officer and one head for each organ, supervisors at two desks, a leader and an administrator."""
        with self.unit() as unit:
            self.organs = {organ.code: organ for organ in organs(unit.session, unit.today)}
            for organ in self.organs.values():
                for role in (*ROLES_BY_KIND[organ.kind], *(("supervisor",) if organ.code in SUPERVISORS else ())):
                    self._hire(unit, role, organ)
            for card, (code, role) in CARDS.items():
                show_card(unit, officer_id=self._who(role, self.organs[code].id).officer_id or 0, card=card)
            self.people[SECOND, self.organs["hzjl"].id] = self._colleague(unit, "supervisor", self.organs["hzjl"])
            for code in SIGNERS:
                self._hire(unit, "leader", self.organs[code])
            admin = self._hire(unit, "admin", self.organs["hzjl"])
            show_card(unit, officer_id=admin.officer_id or 0, card="admin")

    def _hire(self, unit: Unit, role: str, organ: Organ) -> Actor:
        number = len(self.people)
        name = SURNAMES[number % len(SURNAMES)] + GIVEN[number * 7 % len(GIVEN)] + "（演示）"
        officer_id = create_officer(unit, name=name, organ_id=organ.id, phone=f"1390000{number:04d}")
        grant_role(unit, officer_id=officer_id, role=role, organ_id=organ.id)
        actor = actor_for(unit.session, officer_id, unit.today, address="127.0.0.1")
        self.people[role, organ.id] = actor
        return actor

    def _colleague(self, unit: Unit, role: str, organ: Organ) -> Actor:
        """One more with the same post; who had it before keeps her place in the story."""
        before = self.people[role, organ.id]
        newcomer = self._hire(unit, role, organ)
        self.people[role, organ.id] = before
        return newcomer

    def _who(self, role: str, organ_id: int) -> Actor:
        return self.people[role, organ_id]

    def import_public_projects(self) -> None:
        """The 32 public projects, with their source; what the source leaves open waits to be verified."""
        sheet = read_sheet(PUBLIC.name, PUBLIC.read_bytes())
        with self.unit(self._who("supervisor", self.organs["hzjl"].id)) as unit:
            import_rows(unit, preview(unit, sheet.rows), source=PUBLIC.name)
        self.sweep(self.house, self.clock.now())

    def register_projects(self, cast: Sequence[DemoProject] = PROJECTS) -> None:
        """The made-up projects, each with what its stage needs; marked 演示."""
        for number, project in enumerate(cast):
            organ = self.organs[project.organ]
            with self.unit(self._who("officer", organ.id)) as unit:
                values = values_of(project, number, local_day(self.clock.now()))
                row = register_and_open(unit, owner_organ_id=organ.id, values=values, source="演示数据", demo=True)
                self.projects[row.id] = project
            self._plan_the_year(row.id, project, organ)
            self._bring_money(row.id, project, organ)
        set_targets(self, self.begins.year)

    def _plan_the_year(self, project_id: int, project: DemoProject, organ: Organ) -> None:
        if project.stage not in ("start", "build"):
            return
        with self.unit(self._who("officer", organ.id)) as unit:
            planned, done = Decimal(project.wan * 3 // 10), Decimal(project.wan * 3 // 45)
            record_amount(unit, project_id, kind="plan", amount=planned, on=unit.today)
            record_amount(unit, project_id, kind="investment", amount=done, on=unit.today, note="演示")

    def _bring_money(self, project_id: int, project: DemoProject, organ: Organ) -> None:
        with self.unit(self._who("officer", organ.id)) as unit:
            for on, amount, kind in arrivals(project, unit.today):
                record_amount(unit, project_id, kind=kind, amount=amount, on=on, note="演示")

    def _bring_this_month(self) -> None:
        """Money of projects that are not built yet; what is built reports its own."""
        for project_id, project in self.projects.items():
            day = local_day(self.clock.now())
            if day.day == 5 + project_id % 20 and project.stage not in ("start", "build"):
                amount, kind = arrival(project, day)
                with self.unit(self._who("officer", self.organs[project.organ].id)) as unit:
                    record_amount(unit, project_id, kind=kind, amount=amount, on=day, note="演示")

    def live_a_day(self) -> None:
        """The clock sweeps in the morning, people answer during the day, the clock sweeps in the evening."""
        self.day += 1
        self.clock.move(by=timedelta(days=1))
        self.sweep(self.house, self.clock.now())
        self._turns_of_fate()
        self._sign_for_papers()
        self._tend_papers()
        tend_calendar(self)
        self._bring_this_month()
        for item in self._open_items():
            self._answer(item)
        self.sweep(self.house, self.clock.now())

    def catch_up(self, now: datetime) -> None:
        """The last hours up to the present moment."""
        if now > self.clock.now():
            self.clock.move(to=now)
        self.sweep(self.house, self.clock.now())

    def _open_items(self) -> list[Any]:
        with open_reading(self.house.database, CLOCK, self.clock.now()) as unit:
            return open_items_of_projects(unit.session, self.projects)

    def _sign_for_papers(self) -> None:
        """签收: officers sign for what reached their organ yesterday; those of a stalled project let it lie."""
        with open_reading(self.house.database, CLOCK, self.clock.now()) as unit:
            waiting = unsigned_receipts(unit.session, before=self.clock.now() - timedelta(days=1))
        for notice, organ_id in waiting:
            project = self.projects.get(notice.project_id or 0)
            if project is None or notice.kind in (*UNSIGNED, "rectification") or project.pace in LYING:
                continue
            with self.unit(self._who(*self._reader(organ_id))) as unit:
                if notice.kind in ANSWERED:
                    answer_notice(unit, notice_id=notice.id, words=ANSWER)
                else:
                    acknowledge_notice(unit, notice_id=notice.id)

    def _reader(self, organ_id: int) -> tuple[str, int]:
        """Who signs for a paper: an officer, or the leader of an office that has none."""
        return ("officer" if ("officer", organ_id) in self.people else "leader", organ_id)

    def _tend_papers(self) -> None:
        """The desk urges what is late, voids what was sent in error, and a district corrects its letter, each on its day."""
        for (actor, organ, on), act in PAPER_ACTS.items():
            if on == self.day:
                with self.unit(self._who(actor, self.organs[organ].id)) as unit:
                    act(unit)

    def _turns_of_fate(self) -> None:
        """The returns, suspensions and withdrawals of the story, each on its day."""
        for project_id, project in self.projects.items():
            act = FATES.get((project.pace, self.day))
            if act:
                organ = self.organs[project.organ]
                actor = (
                    self._who("supervisor", self.organs["hzjl"].id)
                    if project.pace == "withdrawn"
                    else (self._who("head", organ.id))
                )
                with self.unit(actor) as unit:
                    act(unit, project_id)

    def _answer(self, item: Any) -> None:
        project, waited = self.projects[item.project_id], (self.clock.now() - item.created_at).days
        posted = answers_for(
            project,
            item,
            waited=waited,
            day=self.day,
            today=local_day(self.clock.now()),
            departments=self._asked(project),
            findings=self._findings(item),
        )
        actor = self._who(item.role, item.organ_id)
        if posted is None:
            self._ask_for_time(actor, project, item, waited)
            return
        posted = self.with_evidence(actor, item, posted)
        with self.unit(actor) as unit:
            complete_item(unit, item_id=item.id, version=item.version, posted=posted)

    def _ask_for_time(self, actor: Actor, project: DemoProject, item: Any, waited: int) -> None:
        """申请延期 by the people of one project, on the tenth day of its rectification report."""
        if project.pace == "rectifying" and item.form == "rectification_report" and waited == TENTH_DAY:
            later = local_day(item.due_at) + timedelta(days=14)
            posted = {
                "progress": "施工图审查已报送。",
                "reason": "审图机构排期到下月初。（演示）",
                "due_on": later.isoformat(),
            }
            with self.unit(actor) as unit:
                request_extension(unit, item_id=item.id, posted=posted)

    def _asked(self, project: DemoProject) -> list[int]:
        wanted = set(project.departments)
        return [organ.id for organ in self.organs.values() if organ.coordination_kind in wanted]

    def _findings(self, item: Any) -> int:
        if item.form not in ("rectification_report", "rectification_review"):
            return 0
        with open_reading(self.house.database, CLOCK, self.clock.now()) as unit:
            return len(findings_of(unit.session, rectification_of_process(unit.session, item.process_id).id))

    def with_evidence(self, actor: Actor, item: Any, posted: Mapping[str, Any]) -> dict[str, Any]:
        """Where the answers promise a file, one is stored: a blank page named 演示."""
        if "文件" not in posted.values():
            return dict(posted)
        number = self.paper(actor, item.name, item.project_id)
        return {name: [number] if value == "文件" else value for name, value in posted.items()}

    def paper(self, actor: Actor, name: str, project_id: int | None) -> str:
        """The number of a stored blank page named 演示."""
        kept = keep_file(self.house.settings.archive_dir, f"演示-{name}.pdf", PAPER)
        with self.unit(actor) as unit:
            return str(store_attachment(unit, kept, project_id=project_id))


def values_of(project: DemoProject, number: int, today: date) -> dict[str, Any]:
    """The ledger's core fields of a made-up project at the beginning of the past; codes are valid, names say 演示."""
    body = f"91120116MA0{number:02d}DEM"[:17].replace("O", "0").ljust(17, "0")
    uscc = body + check_character(body)
    past, year = today - timedelta(days=60), today.year
    late = project.pace in LATE_STARTERS
    values: dict[str, Any] = {
        "name": project.name,
        "stage": project.stage,
        "capital_nature": "外资" if project.name in FOREIGN else "内资",
        "source_region": "北京",
        "investor_name": f"演示投资{number + 1}号有限公司",
        "investor_uscc": uscc,
        "total_investment": str(project.wan),
        "sign_entity": f"演示投资{number + 1}号有限公司",
        "industry_code": "C3841",
        "chain": project.chain,
        "build_nature": "新建",
        "agreement_kind": "投资",
        "signed_on": past.isoformat(),
        "plan_start_on": (today + timedelta(days=10 if late else 300)).isoformat(),
        "plan_finish_on": date(year + 2, 6, 30).isoformat(),
        "fai_code": f"{today:%y%m}-120116-04-01-{100000 + number}",
        "local_company": f"演示项目公司{number + 1}",
        "local_uscc": uscc,
        "registered_on": past.isoformat(),
        "approval_kind": "备案",
        "start_kind": "建安类",
    }
    if project.stage == "reserve":
        del values["signed_on"]  # its signing is what it waits for
    if project.pace == "reported":
        values |= {"plan_start_on": (today - timedelta(days=20)).isoformat()}
    if project.stage in ("build", "start"):
        values |= {
            "actual_start_on": past.isoformat(),
            "plan_start_on": past.isoformat(),
            "permit_issued_on": (past - timedelta(days=20)).isoformat(),
        }
    if project.stage == "build" or project.listed:
        values |= {"in_stat_on": (past + timedelta(days=20)).isoformat()}
    return values


LYING = ("stalled", "talk", "reported")  # the people of these projects leave papers unsigned
TENTH_DAY = 10
ANSWER = "已召开专题会，明确责任人和完成时间，正在逐项推进。（演示）"

LATE_STARTERS = frozenset({"stalled", "rectifying", "closed_out", "no_change", "talk"})


def ask_for_help(unit: Unit, project_id: int) -> None:
    """A coordination case that waits for its acceptance."""
    asked = {
        "target_organ": str(organ_by_code(unit.session, "rsj").id),
        "kind": "人才",
        "subject": "协调人才公寓配租",
        "body": "项目核心团队12人拟来津，请协助落实人才公寓。",
    }
    request_coordination(unit, project_id=project_id, posted=asked)


def write_letter(unit: Unit, project_id: int) -> None:
    """A letter of the district to 市规划资源局, countersigned by 市发展改革委."""
    posted = {
        "to_organ": str(organ_by_code(unit.session, "ghzyj").id),
        "subject": "协助办理特种玻璃深加工项目用地预审",
        "body": "项目选址方案已经区政府研究同意，用地预审材料已于上周报送。\n请予以支持，尽快办理批复。",
        "due_on": (unit.today + timedelta(days=20)).isoformat(),
        "countersigners": [str(organ_by_code(unit.session, "fgw").id)],
    }
    start_letter(unit, project_id=project_id, posted=posted)


def correct_letter(unit: Unit) -> None:
    """更正 of that letter."""
    paper = newest_of_kind(unit.session, "letter")
    if paper is not None:
        posted = {"place": "第一段", "wrong": "上周报送", "right": "本月3日报送", "reason": "报送日期表述不准确。"}
        start_correction(unit, notice_id=paper.id, posted=posted)


def urge_late(unit: Unit) -> None:
    """催办 of all papers whose answer is late, as one batch."""
    if late := overdue_ids(unit, MOST_AT_ONCE):
        urge_notices(unit, notice_ids=late, supplement="请于期限内报送办理情况说明。")


def replace_reminder(unit: Unit) -> None:
    """作废重发 of the newest reminder."""
    paper = newest_of_kind(unit.session, "reminder")
    if paper is not None and paper.voided_at is None and paper.closed_at is None:
        due_on = (unit.today + timedelta(days=7)).isoformat()
        changes = {"supplement": "请一并说明资金安排。", "due_on": due_on}
        reissue_notice(unit, notice_id=paper.id, reason="回复期限有误（演示）", changes=changes)


PAPER_ACTS: dict[tuple[str, str, int], Callable[[Unit], None]] = {
    ("supervisor", "hzjl", 100): urge_late,
    ("supervisor", "hzjl", 148): urge_late,
    ("supervisor", "hzjl", 144): replace_reminder,
    ("officer", "120102", 135): correct_letter,
}
FATES: dict[tuple[str, int], Callable[[Unit, int], None]] = {
    ("waiting", 149): ask_for_help,
    ("waiting", 120): write_letter,
    ("returned", 40): lambda unit, project_id: return_stage(
        unit, project_id=project_id, answers={"reason": "投资方要求重新商定供地条件"}
    ),
    ("suspended", 60): lambda unit, project_id: suspend_project(
        unit, project_id=project_id, answers={"reason": "等待控规调整批复"}
    ),
    ("withdrawn", 70): lambda unit, project_id: withdraw_project(
        unit, project_id=project_id, answers={"reason_kind": "投资方放弃", "reason": "投资方来函终止合作"}
    ),
}

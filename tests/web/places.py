"""Three places with the same things in each, and ten people: what every question of rights is asked about and by whom."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import event, func, select

from engine.door import complete_item
from engine.map_drafts import check_map, submit_map
from engine.verbs import claim_item
from jobs import letters  # noqa: F401 - so that papers are set and delivered
from models import incident
from models.account import create_account
from models.admonition import Admonition, CalledUnit
from models.amount import AmountEntry
from models.assessment import Assessment
from models.attachment import keep_file, store_attachment
from models.base import Base
from models.bulletin import draw, freeze
from models.case_history import processes_of
from models.clock import FrozenClock
from models.commendation import CommendationYear, Nominee, NomineeObjection
from models.database import Database
from models.duty import DUTIES, open_run, periods_from
from models.inspection import Inspection, redraw
from models.monthly_report import MonthlyReport, report_months
from models.notice import Notice, NoticeBatch, notices_of_project
from models.objection import Objection
from models.officer import OfficerGrant
from models.organ import organ_by_code
from models.process import Definition, WorkItem
from models.project import Project
from models.queue import Envelope
from models.referral import Referral
from models.scheme import scheme_to_json
from models.scheme_source import default_scheme
from models.scheme_version import save_version
from models.session import ApiToken, issue_token
from models.unit import Actor, Unit
from models.verification_rows import Verification
from tests.cast import hire
from tests.web.house import MAPS, Story, open_story
from tests.web.ledger_desk import PNG
from tests.workflows.story import APPROVE, PlainRenderer
from web import create_web
from web.uploads import keep_ledger
from workflows.assessment import start_assessment
from workflows.inspection import open_district
from workflows.project import register_and_open

STALLED = APPROVE | {"plan_start_on": "2026-07-15"}  # four months late: red, so that the ladder starts
OWN, DISTRICT, DEPARTMENT = "own", "other_district", "other_department"
OWNERS = {OWN: "120116", DISTRICT: "120114", DEPARTMENT: "120115"}  # 滨海新区, 武清区, 宝坻区
ASKED = {DEPARTMENT: "jw"}  # the open item of the third place is the education commission's
WORDS = {OWN: "滨海甲号密件", DISTRICT: "武清乙号密件", DEPARTMENT: "教委丙号密件"}  # in every text about a place
MONEY = {OWN: "57731", DISTRICT: "68842", DEPARTMENT: "79953"}  # 万元
SHOWN_MONEY = {DISTRICT: ("68,842", "68842", "6.88 亿"), DEPARTMENT: ("79,953", "79953", "8 亿元")}


@dataclass(frozen=True)
class Item:
    """A work item as a page names it."""

    id: int
    version: int


@dataclass
class Place:
    """What there is in one place; `organ_id` holds its item, `ids` fills the places of an address."""

    whose: str
    organ_id: int
    project_id: int
    holder: Actor
    climbing: int  # its second project, under rectification
    version: int = 0
    ids: dict[str, int] = field(default_factory=dict)
    items: dict[str, Item] = field(default_factory=dict)  # by node


@dataclass
class City:
    """The three places, the people by role, what belongs to no place, and each person's own keys."""

    story: Story
    people: dict[str, Actor | None]
    places: dict[str, Place]
    common: dict[str, Any]
    tokens: dict[str, str] = field(default_factory=dict)
    token_ids: dict[str, int] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)
    asked: Place | None = None
    passwords: dict[str, str] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)

    def place_of(self, who: str, whose: str) -> Place:
        """Where a row of the table is tried; what is a department's own is the project it was asked to help with."""
        return self.asked if (who, whose) == ("department", OWN) and self.asked else self.places[whose]

    def guarded_app(self, **config: Any) -> Flask:
        """The pages with their form tokens asked for, as they are served."""
        app = create_web(self.story.house)
        app.config.update(config)
        return app


def build_city(database: Database, clock: FrozenClock, folder: Path) -> City:
    """Sixteen days of work: two stalled projects in each place, one with a supervision notice to sign, one rectified."""
    story = open_story(database, clock, folder, renderer=PlainRenderer())
    town = story.town
    people: dict[str, Actor | None] = {
        "anonymous": None, "officer": town.li_ming, "head": town.chen_jing, "supervisor": town.zhao_qiang,
        "leader": town.sun_li, "admin": town.admin, "auditor": town.auditor, "department": town.zhou_wei,
    }  # fmt: skip
    with story.unit() as unit:
        people["district_leader"] = hire(unit, "区领导", "leader", town.binhai)
        people["reviewer"] = town.han_xue
        baodi = hire(unit, "宝坻经办", "officer", organ_by_code(unit.session, "120115").id)
    owners = {OWN: town.li_ming, DISTRICT: town.wang_fang, DEPARTMENT: baodi}
    stalled = {whose: _stalled(story, whose, owner, "项目", ASKED.get(whose)) for whose, owner in owners.items()}
    climbing = {whose: _stalled(story, whose, owner, "整改项目", "rsj" if whose == OWN else None)
                for whose, owner in owners.items()}  # fmt: skip
    _days_pass(story, clock, list(climbing.values()))
    holders = owners | {DEPARTMENT: town.wu_min}
    places = {whose: _place(story, whose, holders[whose], stalled[whose], climbing[whose]) for whose in owners}
    for whose, owner in owners.items():
        receipt = places[whose].items["receipt"]
        with story.unit(owner) as unit:
            claim_item(unit, item_id=receipt.id, version=receipt.version)
        places[whose].items["receipt"] = items_at(story, climbing[whose])["receipt"]
    _inspect(story, stalled)
    city = City(story, people, places, _common(story) | _assessed(story))
    city.asked = _place(story, OWN, town.zhou_wei, climbing[OWN], climbing[OWN])
    _give_keys(city)
    return city


def _stalled(story: Story, whose: str, owner: Actor, name: str, department: str | None) -> int:
    """A red project whose stage is planned; its department, if one is asked, has not answered."""
    with story.unit() as unit:
        values = STALLED | {"name": WORDS[whose] + name, "total_investment": MONEY[whose]}
        project_id = register_and_open(unit, owner_organ_id=owner.organ_id or 0, values=values).id
    asked = {"departments": [str(story.town[department])], "needs": f"{WORDS[whose]}请协助"} if department else {}
    plan = {"plan": f"{WORDS[whose]}按周推进", "plan_on": "2027-03-01", **asked}
    _do(story, owner, project_id, "approve_plan", plan)
    return project_id


def _days_pass(story: Story, clock: FrozenClock, climbing: list[int]) -> None:
    """Reminders to all; to the climbing ones a notice and a rectification too."""
    story.sweep()
    for node in ("sign_l2", "sign_l3"):
        clock.move(by=timedelta(days=8))
        story.sweep()
        for project_id in climbing:
            _do(story, story.town.zhao_qiang, project_id, node, {})
    story.sweep()


def _do(story: Story, actor: Actor, project_id: int, node: str, posted: dict[str, Any]) -> None:
    item = items_at(story, project_id)[node]
    with story.unit(actor) as unit:
        complete_item(unit, item_id=item.id, version=item.version, posted=posted)


def items_at(story: Story, project_id: int) -> dict[str, Item]:
    """The newest item of each node of a project."""
    with story.reading() as unit:
        query = select(WorkItem).where(WorkItem.project_id == project_id).order_by(WorkItem.id)
        return {item.node: Item(item.id, item.version) for item in unit.session.scalars(query)}


def _place(story: Story, whose: str, holder: Actor, project_id: int, climbing: int) -> Place:
    """The numbers of everything in one place; "open" is the item that waits for its holder."""
    words, place = WORDS[whose], Place(whose, holder.organ_id or 0, project_id, holder, climbing)
    kept = keep_file(story.house.settings.archive_dir, f"{words}附件.png", PNG + words.encode())
    receipt = items_at(story, climbing)["receipt"]
    with story.unit(holder) as unit:
        place.ids["attachment_id"] = store_attachment(unit, kept, project_id=project_id)
        issue_token(unit, name=f"{words}令牌", expires_on=unit.today + timedelta(days=30))
        unit.session.add(_referral(unit, words, project_id))
        money = AmountEntry(project_id=project_id, kind="funds", amount=Decimal(2), on=unit.today - timedelta(days=30),
                            filed_at=unit.now)  # fmt: skip
        unit.session.add(money)
        unit.session.flush()
        place.ids["entry_id"] = money.id
    with story.reading() as unit:
        grant = select(OfficerGrant.id).where(OfficerGrant.officer_id == holder.officer_id)
        place.version = unit.session.get_one(Project, project_id).version
        referral_id = unit.session.scalars(select(Referral.id).where(Referral.project_id == project_id)).first() or 0
        place.ids |= {
            "project_id": project_id,
            "referral_id": referral_id,
            "officer_id": holder.officer_id or 0,
            "token_id": _newest_token(unit, holder),
            "grant_id": unit.session.scalars(grant).first() or 0,
            "notice_id": notices_of_project(unit.session, project_id)[0].id,
            "process_id": next(each.id for each in processes_of(unit.session, project_id) if each.key == "project"),
        }
    place.ids |= {"verified_id": _verified(story, place.organ_id), "line_id": 1}
    found = items_at(story, project_id)
    place.items = found | {"receipt": receipt, "open": found.get("approve_support") or found["approve_exit"]}
    return place


def _referral(unit: Unit, words: str, project_id: int) -> Referral:
    return Referral(project_id=project_id, agent_name=f"{words}中介", agent_uscc="91120116MA06A1B23Y", contact_name=words,
                    contact_phone="13800000000", story=words, proof=[], filed_at=unit.now, filed_by=words)  # fmt: skip


def _verified(story: Story, organ_id: int) -> int:
    """A half-year's verification of the place, which waits for nobody."""
    with story.unit() as unit:
        known = select(Verification.id).where(Verification.organ_id == organ_id)
        if unit.session.scalar(known) is None:
            unit.session.add(Verification(period="2026H1", organ_id=organ_id, opened_at=unit.now, due_at=unit.now))
    return organ_id


def _newest_token(unit: Unit, actor: Actor) -> int:
    query = select(ApiToken.id).where(ApiToken.officer_id == actor.officer_id).order_by(ApiToken.id.desc())
    return unit.session.scalars(query).first() or 0


def _inspect(story: Story, projects: dict[str, int]) -> None:
    """The quarter's inspection, approved, with one project of each place on its list and nothing checked yet."""
    with story.unit() as unit:
        row = Inspection(
            period="2026Q4", due_on=unit.today, opened_at=unit.now, share=100, seed="a1b2c3d4", first_on=unit.today,
            last_on=unit.today + timedelta(days=14), team="检查组", planned_by="赵强", approved_at=unit.now,
            approved_by="林海",
        )  # fmt: skip
        unit.session.add(row)
        unit.session.flush()
        organs = {whose: story.town[code] for whose, code in OWNERS.items()}
        redraw(unit, row, {organs[whose]: [(number, ("sign",))] for whose, number in projects.items()})
        for organ_id in organs.values():
            open_district(unit, {"period": row.period, "organ": organ_id}, None)


def _common(story: Story) -> dict[str, Any]:
    """One of each thing that belongs to no place; the draft was uploaded by an administrator of its own."""
    with story.unit() as unit:
        uploader = hire(unit, "复核管理员", "admin", story.town.hzjl)
    changed = (MAPS / "project.bpmn").read_text(encoding="utf-8").replace("重点项目推进", "重点项目推进新版", 1)
    checked = check_map(changed.encode())
    with story.unit(uploader) as unit:
        draft_id = submit_map(unit, checked=checked, note="改名")
        incident.report(unit.session, what="step", error=ValueError("试验故障"), now=unit.now)
        unit.session.add(Envelope(kind="tell", key="dead:1", payload={}, due_at=unit.now, state="dead", error="试验"))
        batch = NoticeBatch(title="催办通知书", organ_id=story.town.hzjl, made_at=unit.now, made_by="试验", size=0)
        unit.session.add(batch)
        unit.session.flush()
        return _awards_and_talks(unit, story.town.hzjl) | {
            "draft_id": draft_id,
            "batch_id": batch.id,
            "bulletin_id": _bulletin(unit),
            "line": "city",
            "column": "total",
            "definition_id": unit.session.scalars(select(Definition.id).where(Definition.key == "project")).first(),
            "incident_id": incident.open_incidents(unit.session)[0].id,
            "envelope_id": unit.session.scalars(select(Envelope.id).where(Envelope.state == "dead")).first(),
            "quarter": "2026Q4",
            "code": unit.session.scalars(select(Notice.code).order_by(Notice.id)).first(),
            "key": "stage_plan",
            "word": "progress_review",
            "run_id": _missed(unit),
            "year": 2026,
            "period": _month(unit, story.town.binhai),
            "half": "2026H1",
        }


def _assessed(story: Story) -> dict[str, Any]:
    """One published assessment of the districts with an objection, and a scheme in the making."""
    kept = keep_file(story.house.settings.archive_dir, "佐证.png", PNG)
    with story.unit() as unit:
        row = unit.session.get_one(Assessment, start_assessment(unit, period="2026H1", subject="district"))
        row.state, row.first_sheet, row.publicity_until = "publicity", row.sheet, unit.today + timedelta(days=5)
        paper = store_attachment(unit, kept, project_id=None)
        objection = Objection(assessment_id=row.id, organ_id=story.town.binhai, indicator="domestic", reason="有误",
                              evidence=[paper], filed_by="试验", filed_at=unit.now)  # fmt: skip
        unit.session.add(objection)
        content = scheme_to_json(default_scheme("district"))
        version = save_version(unit, subject="district", year=2027, name="试验方案", content=content)
        unit.session.flush()
        return {"assessment_id": row.id, "case_id": row.process_id, "organ_id": story.town.binhai, "paper_id": paper,
                "indicator": "domestic", "objection_id": objection.id, "version_id": version, "subject": "district"}  # fmt: skip


def _bulletin(unit: Unit) -> int:
    """A month's figures as if they were issued: what all who got the paper may open."""
    issued = unit.session.scalars(select(Notice.id).order_by(Notice.id)).first()
    words = {"problems": "无", "demands": "无"}
    return freeze(unit, draw(unit.session, "2026-10", unit.now), words=words, notice_id=issued).id


def _month(unit: Unit, organ_id: int) -> str:
    """The month of a report of 滨海新区 that nobody has signed yet."""
    if "2026-10" not in report_months(unit.session):
        unit.session.add(MonthlyReport(period="2026-10", organ_id=organ_id, opened_at=unit.now, due_at=unit.now))
    return "2026-10"


def _missed(unit: Unit) -> int:
    """A period that was missed and waits for a word."""
    declared = DUTIES["progress_review"]
    period = next(periods_from(declared, unit.today - timedelta(days=90)))
    return open_run(unit.session, declared, period, unit.now, asked=True) or 0


def _awards_and_talks(unit: Unit, desk: int) -> dict[str, int]:
    """A list of talks and a year of awards under review, with one unit, one candidate and one objection; the city's own."""
    assessed = Assessment(period="2025H2", opened_at=unit.now)
    year = CommendationYear(period="2025", desk_organ_id=desk, opened_at=unit.now, publicity_until=unit.today)
    unit.session.add_all([assessed, year])
    unit.session.flush()
    talks = Admonition(period="2025H2", assessment_id=assessed.id, desk_organ_id=desk, opened_at=unit.now)
    nominee = Nominee(commendation_id=year.id, category="district", name="试验区", reason="试验")
    objection = NomineeObjection(
        commendation_id=year.id, raised_by="试验", content="试验", filed_at=unit.now, filed_by="试验"
    )
    unit.session.add_all([talks, nominee, objection])
    unit.session.flush()
    called = CalledUnit(admonition_id=talks.id, organ_id=desk)
    unit.session.add(called)
    unit.session.flush()
    return {
        "admonition_id": talks.id, "unit_id": called.id, "commendation_id": year.id, "nominee_id": nominee.id,
        "objection_id": objection.id,
    }  # fmt: skip


def _give_keys(city: City) -> None:
    """An account for two, and for everybody a sign-in, an API token and an uploaded ledger."""
    story = city.story
    for whose in (OWN, DISTRICT):
        with story.unit(story.town.admin) as unit:
            login, officer_id = f"place-{whose.replace('_', '-')}", city.places[whose].ids["officer_id"]
            city.passwords[whose] = create_account(unit, officer_id=officer_id, login=login)
    for who, actor in city.people.items():
        if actor is None:
            continue
        with story.unit(actor) as unit:
            city.tokens[who] = issue_token(unit, name="接口", expires_on=unit.today + timedelta(days=30))
            city.token_ids[who] = _newest_token(unit, actor)
        sheet = f"项目名称,责任单位\n{who}导入项目,滨海新区\n".encode()
        city.digests[who] = keep_ledger(story.house, actor, "台账.csv", sheet)
        cookie = story.client(actor).get_cookie("duban")
        city.cookies[who] = f"duban={cookie.value}" if cookie else ""


class TakenBack:
    """Whether what is committed is taken back instead."""

    on = True


@contextmanager
def nothing_kept(database: Database) -> Iterator[TakenBack]:
    """Every transaction within is taken back when it would be committed: what succeeds succeeds, and nothing changes."""
    taken_back = TakenBack()

    def take_back(connection: Any) -> None:
        if taken_back.on:
            connection.connection.dbapi_connection.rollback()

    for engine in (database.reading, database.writing):
        event.listen(engine, "commit", take_back)
    try:
        yield taken_back
    finally:
        for engine in (database.reading, database.writing):
            event.remove(engine, "commit", take_back)


def row_counts(database: Database) -> dict[str, int]:
    """How many rows each table holds."""
    with database.reading.connect() as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in Base.metadata.sorted_tables
        }

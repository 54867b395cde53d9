"""Half a year of a small town, assessed: what the stories about 考核 begin with."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from models.assessment import Assessment
from models.attachment import keep_file, store_attachment
from models.dispatch import Dispatch
from models.process import WorkItem
from models.scheme import Indicator, Scheme, scheme_to_json
from models.scheme_param import Params
from models.scheme_version import put_in_force, save_version
from models.taken_figure import type_figures
from models.unit import Actor
from tests.workflows.staff import put_money, set_target
from tests.workflows.story import APPROVE, PAPER, Story
from workflows.assessment import start_assessment

PERIOD = "2026H2"
SCORED_ON = datetime(2027, 1, 25, 2, tzinfo=UTC)  # a Monday
DISTRICTS = {"120116": "6000", "120114": "3000", "120115": "2500", "120112": "2000", "120113": "1500"}  # 万元 arrived


def small_scheme(*, typed: bool = True) -> Scheme:
    """内资 70 uncapped beyond 120 %, and a typed 满意度 30 where it is wanted."""
    domestic = Indicator("domestic", "内资完成率", "scale", Decimal(70 if typed else 100), "ratio",
                         "figure:domestic_recognised,figure:domestic_target", Params(cap=Decimal("1.2")), "domestic", "万元")  # fmt: skip
    survey = Indicator(
        "survey", "企业满意度", "quality", Decimal(30), "ratio", "typed", Params(target=Decimal(100)), "", "分"
    )
    return Scheme("2026年演示考核方案", (domestic, survey) if typed else (domestic,))


def use_scheme(story: Story, scheme: Scheme, subject: str = "district") -> int:
    """Made and put in force by the desk's supervisor."""
    with story.unit(story.town.zhao_qiang) as unit:
        number = save_version(unit, subject=subject, year=2026, name=scheme.name, content=scheme_to_json(scheme))
        put_in_force(unit, version_id=number)
        return number


def live_half_a_year(story: Story, targets: str | None = "5000") -> dict[str, int]:
    """Five districts with a project, a year's target and money each. Returns project ids by code."""
    story.clock.move(to=SCORED_ON)
    projects = {}
    for place, (code, amount) in enumerate(DISTRICTS.items()):
        values = APPROVE | {"name": f"演示项目{place + 1}", "fai_code": "", "stage": "sign"}
        projects[code] = story.register(values, owner=story.town[code], by=story.town.zhao_qiang)
        put_money(story, projects[code], amount, date(2026, 5, 20 + place))
        set_target(story, code, 2026, targets)
    story.clock.move(by=timedelta(hours=1))
    return projects


def put_late(story: Story, project_id: int, amount: str, on: date) -> None:
    """Money that is filed now and counts from a minute later."""
    put_money(story, project_id, amount, on)
    story.clock.move(by=timedelta(minutes=1))


def begin(story: Story, subject: str = "district") -> int:
    """As the duty would, on the day it opens."""
    with story.unit() as unit:
        return start_assessment(unit, period=PERIOD, subject=subject)


def assessment(story: Story, number: int) -> Assessment:
    with story.reading() as unit:
        return unit.session.get_one(Assessment, number)


def papers(story: Story, actor: Actor) -> list[int]:
    """One piece of evidence, filed by the actor."""
    kept = keep_file(story.house.settings.archive_dir, "佐证.pdf", PAPER)
    with story.unit(actor) as unit:
        return [store_attachment(unit, kept, project_id=None)]


def type_all(story: Story, number: int, value: str = "90", **other: str) -> None:
    """企业满意度 of every unit with its evidence; `other` by code of the organ, as c120116="80"."""
    found = papers(story, story.town.zhao_qiang)
    rows = assessment(story, number).sheet["rows"]
    values = {row["organ_id"]: Decimal(other.get(f"c{row['code']}", value)) for row in rows}
    with story.unit(story.town.zhao_qiang) as unit:
        row = unit.session.get_one(Assessment, number)
        type_figures(unit, row, "survey.done", values, evidence=found, note="第三方调查")


def act(story: Story, actor: Actor, number: int, node: str, **answers: object):
    """The one open task of this node of the assessment's process."""
    process_id = assessment(story, number).process_id
    [item] = story.all(WorkItem, process_id=process_id, node=node, state="ready")
    return story.complete(actor, item, answers)


def sign(story: Story, staff) -> None:
    """核稿 and 签发 of the paper that waits, by the desk's head and leader; then it is set and delivered."""
    [row] = [each for each in story.all(Dispatch) if each.ended_at is None]
    for actor, node in ((staff.desk_head, "check"), (staff.desk_leader, "sign")):
        [item] = story.all(WorkItem, process_id=row.process_id, node=node, state="ready")
        story.complete(actor, item, {"agreed": "true"})
    story.sweep()


def to_publicity(story: Story, staff, number: int, *, typed: bool = True) -> None:
    """From the figures to the days of 公示."""
    if typed:
        type_all(story, number)
        act(story, story.town.zhao_qiang, number, "fill", fill_note="第三方调查")
    act(story, story.town.zhao_qiang, number, "check", sheet_right="true")
    act(story, staff.desk_leader, number, "first", first_agreed="true")
    sign(story, staff)

"""What the stories of the project pages share: a project with a running process, and its lead's first tasks."""

import io

from sqlalchemy import select

from engine.door import complete_item
from models.attachment import attachments
from models.case_history import processes_of
from models.process import WorkItem
from tests.web.house import Story
from workflows.project import register_and_open

PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"
    b"\x00\x00\x00\rIDATx\x9cc\xf8\xff\xff?\x00\x05\xfe\x02\xfe\xa7\x9a\xa0\xa0\x00\x00\x00\x00IEND\xaeB`\x82"
)


def uscc(body: str) -> str:
    """A credit code with its check sign."""
    signs = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    weights = [pow(3, place, 31) for place in range(17)]
    total = sum(signs.index(sign) * weight for sign, weight in zip(body, weights, strict=True))
    return body + signs[(31 - total % 31) % 31]


RESERVE = {
    "name": "氢能装备制造基地", "stage": "reserve", "capital_nature": "内资", "source_region": "北京市",
    "investor_name": "北京氢能科技有限公司", "investor_uscc": uscc("91110108MA01A2B3C"), "total_investment": "120000",
}  # fmt: skip


def project_in(story: Story, organ_id: int, **values: object) -> int:
    """A registered project whose process runs; returns its number."""
    with story.unit() as unit:
        return register_and_open(unit, owner_organ_id=organ_id, values={**RESERVE, **values}).id


def ready(story: Story, project_id: int) -> list[WorkItem]:
    with story.reading() as unit:
        query = select(WorkItem).where(WorkItem.project_id == project_id, WorkItem.state == "ready")
        return list(unit.session.scalars(query.order_by(WorkItem.id)))


def state_of(story: Story, officer, project_id: int, key: str = "project") -> dict:
    with story.reading() as unit:
        process = next(each for each in processes_of(unit.session, project_id) if each.key == key)
    return story.client(officer).get(f"/projects/{project_id}/processes/{process.id}/state.json").json


def plan(story: Story, actor, project_id: int, departments: tuple[int, ...] = ()) -> None:
    """The lead's first task of a stage is done."""
    [item] = ready(story, project_id)
    posted = {"plan": "按周推进", "plan_on": "2026-12-31", "departments": [str(each) for each in departments]}
    if departments:
        posted["needs"] = "请协助办理"
    with story.unit(actor) as unit:
        complete_item(unit, item_id=item.id, version=item.version, posted=posted)


def sign(story: Story, actor, project_id: int) -> None:
    """储备 is left: the agreement has been signed."""
    [item] = ready(story, project_id)
    story.client(actor).post(f"/projects/{project_id}/upload", data={"files": (io.BytesIO(PNG), "协议.png")})
    with story.reading() as unit:
        [paper] = attachments(unit.session, project_id)
    facts = {"passed": "true", "signed_on": "2026-11-20", "agreement_kind": "投资", "sign_entity": "滨海新区人民政府",
             "build_nature": "新建", "plan_start_on": "2027-03-01", "plan_finish_on": "2028-06-30",
             "evidence": [str(paper.id)]}  # fmt: skip
    with story.unit(actor) as unit:
        complete_item(unit, item_id=item.id, version=item.version, posted=facts)

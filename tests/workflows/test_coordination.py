"""协调事项: numbered, accepted or passed on or refused, handled, confirmed."""

import pytest

from models.coordination import Coordination
from models.refusal import Invalid, NotFound
from tests.workflows.story import APPROVE
from workflows.coordination import request_coordination

WANTED = {"kind": "用地", "subject": "协调用地预审", "body": "请协助办理用地预审"}


@pytest.fixture
def project_id(story):
    return story.register(APPROVE)


def ask(story, project_id, target="ghzyj", by=None):
    with story.unit(by or story.town.li_ming) as unit:
        return request_coordination(unit, project_id=project_id, posted=WANTED | {"target_organ": story.town[target]})


@pytest.fixture
def planner(story):
    from tests.cast import hire

    with story.unit() as unit:
        return hire(unit, "田野", "officer", story.town["ghzyj"])


def test_a_request_is_numbered_handled_and_confirmed(story, project_id, planner):
    ask(story, project_id)
    story.do(planner, project_id, "accept", {"decision": "accept"})
    story.do(planner, project_id, "handle", {"outcome": "已解决", "result": "预审意见已出"})
    story.do(story.town.li_ming, project_id, "confirm", {"satisfied": "true"})
    [row] = story.all(Coordination)
    assert (row.number, row.satisfied, row.closed_at) == ("协〔2026〕1号", True, story.clock.now())
    assert row.result == "已解决：预审意见已出"


def test_who_is_not_satisfied_says_why_and_it_goes_back(story, project_id, planner):
    ask(story, project_id)
    story.do(planner, project_id, "accept", {"decision": "accept"})
    story.do(planner, project_id, "handle", {"outcome": "部分解决", "result": "还需补件", "reason": "材料不全"})
    with pytest.raises(Invalid):
        story.do(story.town.li_ming, project_id, "confirm", {"satisfied": "false"})
    story.do(story.town.li_ming, project_id, "confirm", {"satisfied": "false", "comment": "请明确补什么"})
    assert story.item(project_id, "handle").organ_id == story.town["ghzyj"]


def test_a_request_for_another_is_passed_on(story, project_id, planner):
    ask(story, project_id)
    with pytest.raises(Invalid):
        story.do(planner, project_id, "accept", {"decision": "pass_on"})
    story.do(
        planner, project_id, "accept", {"decision": "pass_on", "pass_to": story.town["fgw"], "reason": "属立项事项"}
    )
    assert story.item(project_id, "accept").organ_id == story.town["fgw"]


def test_a_refusal_needs_its_reason_and_the_requester_confirms_it(story, project_id, planner):
    ask(story, project_id)
    with pytest.raises(Invalid):
        story.do(planner, project_id, "accept", {"decision": "refuse"})
    story.do(planner, project_id, "accept", {"decision": "refuse", "reason": "不属于本单位职责"})
    story.do(story.town.li_ming, project_id, "confirm", {"satisfied": "true"})
    assert story.process("coordination", project_id).status == "done"


def test_numbers_count_up_and_nobody_asks_about_a_project_she_may_not_see(story, project_id):
    ask(story, project_id)
    ask(story, project_id)
    assert [row.serial for row in story.all(Coordination)] == [1, 2]
    with pytest.raises(NotFound):
        ask(story, project_id, by=story.town.wang_fang)
    with pytest.raises(Invalid):
        ask(story, project_id, target="120116")

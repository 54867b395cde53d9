"""What officers do to a process: complete, return, withdraw, answer in another order, come too late."""

from itertools import pairwise

import pytest

from engine.maps import _read, read_map
from engine.tokens import Passage, TokenGone, Tokens
from models.refusal import Outdated
from tests.engine.test_maps import around, drawing, properties
from tests.engine.town import NOW, own

DUE = "2027-01-01T09:00:00+08:00"
FIVE = [21, 22, 23, 24, 25]


def nothing(*_):
    return None


@pytest.fixture
def project():
    return Tokens.start(own("stages"), {"departments": FIVE, "stage_due": DUE}, NOW, nothing)


def again(tokens):
    return Tokens.load(tokens.map, tokens.dump(), NOW, nothing)


def nodes(tokens):
    return [t.node for t in tokens.open_tasks().values()]


def do(tokens, node, **decisions):
    token = next(k for k, t in tokens.open_tasks().items() if t.node == node)
    tokens.complete(token, decisions)
    return token


def pass_stage(tokens, stage):
    do(tokens, f"{stage}_lead")
    for _ in FIVE:
        do(tokens, f"{stage}_dept")
    do(tokens, f"{stage}_exit")


def test_each_department_asked_has_its_own_task_and_sees_its_own_number(project):
    do(project, "reserve_lead", subject=7)
    asked = project.open_tasks().values()
    assert [t.item for t in asked] == FIVE
    assert all(t.node == "reserve_dept" and t.data["department"] == t.item and t.data["subject"] == 7 for t in asked)


def test_the_next_block_of_departments_may_use_the_same_name(project):
    pass_stage(project, "reserve")
    assert nodes(project) == ["sign_lead"]
    assert "department" not in next(iter(project.open_tasks().values())).data
    pass_stage(again(project), "sign")


def test_tokens_are_short_unique_and_survive_being_stored(project):
    seen = set(project.open_tasks())
    do(project, "reserve_lead")
    for _ in range(5):
        before = project.open_tasks()
        project = again(project)
        assert project.open_tasks() == before
        assert not set(before) & seen
        assert all(len(token) <= 16 for token in before)
        seen.add(do(project, "reserve_dept"))
    assert len(seen) == 6


def test_a_task_is_completed_once(project):
    done = do(project, "reserve_lead")
    for token in (done, "nobody-1", ""):
        with pytest.raises(TokenGone) as caught:
            project.complete(token, {})
        assert isinstance(caught.value, Outdated)
    assert nodes(project) == ["reserve_dept"] * 5


def test_a_return_takes_the_open_tasks_away_and_begins_the_stage_before_again(project):
    pass_stage(project, "reserve")
    do(project, "sign_lead")
    do(project, "sign_dept")
    project = again(project)
    late = next(iter(project.open_tasks()))
    assert project.waits_for("back")
    assert project.send("back", {"why": "材料不全"})
    assert nodes(project) == ["reserve_lead"]
    assert next(iter(project.open_tasks().values())).data["why"] == "材料不全"
    assert Passage("sign", "cancelled") in project.passages
    assert Passage("reserve", "entered") in project.passages
    with pytest.raises(TokenGone):
        project.complete(late, {})
    pass_stage(project, "reserve")
    assert nodes(again(project)) == ["sign_lead"]


def test_nobody_waits_for_a_return_from_the_first_stage(project):
    before = project.dump()
    assert not project.waits_for("back")
    assert project.send("back", {"why": "x"}) is False
    assert project.dump() == before


def test_a_withdrawn_project_has_ended_and_asks_nobody(project):
    do(project, "reserve_lead")
    project = again(project)
    assert project.send("wd", {"reason": "企业放弃"})
    assert project.completed
    assert project.open_tasks() == {}
    assert project.waiting == []
    assert project.wakes_at is None
    assert project.outcome["reason"] == "企业放弃"
    assert again(project).completed
    assert again(project).outcome == project.outcome


def test_a_project_that_passes_all_stages_is_done(project):
    for stage in ("reserve", "sign", "approve", "start", "build", "produce"):
        assert not project.completed
        assert project.outcome == {}
        pass_stage(project, stage)
        project = again(project)
    assert project.completed


def test_what_happened_is_told_in_order_without_the_people(project):
    assert [(p.node, p.event) for p in project.passages] == [
        ("begin", "entered"), ("begin", "left"), ("reserve_enter", "entered"), ("reserve_enter", "left"),
        ("reserve", "entered"), ("reserve_begin", "entered"), ("reserve_begin", "left"),
    ]  # fmt: skip
    project = again(project)
    assert project.passages == []
    pass_stage(project, "reserve")
    assert [(p.node, p.event) for p in project.passages][:4] == [
        ("reserve_end", "entered"), ("reserve_end", "left"), ("reserve", "left"), ("sign_enter", "entered"),
    ]  # fmt: skip


def test_a_second_round_waits_for_everybody_in_whatever_order_they_answer():
    tokens = Tokens.start(own("rounds"), {"soon": DUE, "choice": "no"}, NOW, nothing)
    for order in (("left", "right"), ("right", "left"), ("left", "right")):
        first, second = order
        do(tokens, first)
        assert nodes(tokens) == [second], "the join must wait"
        tokens = again(tokens)
        do(tokens, second)
        assert nodes(tokens) == ["check"]
        do(tokens, "check", choice="no")
    assert sorted(nodes(tokens)) == ["left", "right"]


def test_opinions_of_parallel_branches_meet_at_the_join():
    tokens = Tokens.start(own("rounds"), {"soon": DUE, "choice": "no"}, NOW, nothing)
    do(tokens, "left", left="可以")
    tokens = again(tokens)
    do(tokens, "right", right="不行")
    data = next(iter(tokens.open_tasks().values())).data
    assert (data["left"], data["right"]) == ("可以", "不行")


def test_one_yes_is_enough_where_the_map_says_so():
    data = {"people": FIVE, "soon": DUE, "later": DUE, "choice": "yes", "number": 0}
    tokens = Tokens.start(own("kitchen"), data, NOW, nothing)
    do(tokens, "plan", choice="yes")
    for _ in FIVE:
        do(tokens, "all", choice="no")
    tokens = again(tokens)
    assert nodes(tokens).count("some") == 5
    do(tokens, "some", choice="no")
    assert nodes(tokens).count("some") == 4
    do(tokens, "some", choice="yes")
    assert "some" not in nodes(tokens)


def test_a_message_that_does_not_interrupt_hands_its_data_to_the_next_step_only():
    seen = []

    def keep(step, node, data):
        seen.append((step, node.id, data.get("wish")))

    data = {"people": FIVE, "soon": DUE, "later": DUE, "choice": "yes", "number": 0}
    tokens = Tokens.start(own("kitchen"), data, NOW, keep)
    do(tokens, "plan", choice="yes")
    before = tokens.open_tasks()
    tokens = Tokens.load(tokens.map, tokens.dump(), NOW, keep)
    assert tokens.send("hurry", {"wish": "三日内"})
    assert seen[-1] == ("kitchen.hurry", "hurry", "三日内")
    assert tokens.open_tasks() == before
    assert not tokens.waits_for("hurry")


def test_a_step_gets_the_node_and_the_data_and_decides_by_what_it_returns():
    step = f'<serviceTask id="x">{properties(step="thing.weigh")}</serviceTask>'
    seen = []

    def weigh(word, node, data):
        seen.append((word, node.id, data))
        data["mine"] = "thrown away"
        return {"weight": data["size"] * 2}

    tokens = Tokens.start(read_map(around(step, "x")), {"size": 4}, NOW, weigh)
    assert seen[0][:2] == ("thing.weigh", "x")
    assert tokens.outcome == {"size": 4, "weight": 8}


def test_a_failing_step_names_its_node_and_leaves_the_stored_process_where_it_was():
    drawn = read_map(
        around(f'<userTask id="t"/><serviceTask id="x">{properties(step="thing.fail")}</serviceTask>', "t", "x")
    )
    stored = Tokens.start(drawn, {}, NOW, nothing).dump()

    def fail(*_):
        raise OSError("no paper")

    tokens = Tokens.load(drawn, stored, NOW, fail)
    with pytest.raises(OSError, match="no paper"):
        do(tokens, "t")
    assert tokens.at == "x"
    retried = Tokens.load(drawn, stored, NOW, nothing)
    do(retried, "t")
    assert retried.completed


def test_a_second_token_through_a_fork_leaves_the_branches_of_the_first_alone():
    body = (
        '<userTask id="x"/><boundaryEvent id="b" attachedToRef="x" cancelActivity="false"><messageEventDefinition messageRef="m"/></boundaryEvent>'
        '<parallelGateway id="f"/><userTask id="l"/><userTask id="r"/><endEvent id="y"/>'
        '<sequenceFlow id="b_f" sourceRef="b" targetRef="g"/><exclusiveGateway id="g"/><sequenceFlow id="x_g" sourceRef="x" targetRef="g"/>'
        '<sequenceFlow id="g_f" sourceRef="g" targetRef="f"/><sequenceFlow id="f_l" sourceRef="f" targetRef="l"/><sequenceFlow id="f_r" sourceRef="f" targetRef="r"/>'
        '<sequenceFlow id="l_y" sourceRef="l" targetRef="y"/><sequenceFlow id="r_y" sourceRef="r" targetRef="y"/><sequenceFlow id="a_x" sourceRef="a" targetRef="x"/>'
        '<startEvent id="a"/>'
    )
    xml = around("").replace(
        b'<startEvent id="a"/><endEvent id="z"/><sequenceFlow id="a_z" sourceRef="a" targetRef="z"/>', body.encode()
    )
    drawn = read_map(xml.replace(b"<process", b'<message id="m" name="more"/><process'))
    tokens = Tokens.start(drawn, {}, NOW, nothing)
    assert tokens.send("more", {})
    tokens = again(tokens)
    do(tokens, "x")
    tokens = again(tokens)
    assert sorted(nodes(tokens)) == ["l", "l", "r", "r"]
    for node in ("l", "r", "r", "l"):
        assert not tokens.completed
        do(tokens, node)
        tokens = again(tokens)
    assert tokens.completed


def fork(*branches: str, gateway: str = "parallelGateway") -> bytes:
    """A start, a split, the branches (one element each, or nothing for a direct flow), a join and a task after it."""
    body = [
        f'<startEvent id="a"/><{gateway} id="split"/><{gateway} id="join"/><userTask id="after"/><endEvent id="z"/>'
    ]
    flows = [("a", "split"), ("join", "after"), ("after", "z")]
    for number, branch in enumerate(branches):
        body.append(branch)
        ids = [f"b{number}"] if branch else []
        flows += list(pairwise(["split", *ids, "join"]))
    lines = ""
    for source, target in flows:
        inner = (
            "<conditionExpression>go</conditionExpression>" if gateway.startswith("incl") and source == "split" else ""
        )
        lines += (
            f'<sequenceFlow id="{source}_{target}" sourceRef="{source}" targetRef="{target}">{inner}</sequenceFlow>'
        )
    return drawing("".join(body) + lines)


def test_of_two_opinions_on_the_same_matter_the_later_counts_however_often_the_process_was_stored():
    drawn = read_map(fork(*(f'<userTask id="b{n}"/>' for n in range(4))))
    tokens = Tokens.start(drawn, {}, NOW, nothing)
    for node, answers in (("b2", {"x": "third"}), ("b0", {"x": "first"}), ("b1", {"y": 1}), ("b3", {})):
        do(tokens, node, **answers)
        tokens = again(tokens)
    assert next(iter(tokens.open_tasks().values())).data == {"x": "first", "y": 1}


def test_an_open_gateway_waits_for_a_branch_that_has_just_begun():
    drawn = read_map(fork("", '<userTask id="b1"/>', gateway="inclusiveGateway"))
    tokens = again(Tokens.start(drawn, {"go": True}, NOW, nothing))
    assert nodes(tokens) == ["b1"]
    do(tokens, "b1")
    assert nodes(tokens) == ["after"]


def test_a_parallel_gateway_that_a_loop_returns_to_does_not_wait_for_the_loop():
    body = (
        '<startEvent id="a"/><parallelGateway id="g"/><userTask id="t"/><exclusiveGateway id="x" default="x_g"/><endEvent id="z"/>'
        '<sequenceFlow id="a_g" sourceRef="a" targetRef="g"/><sequenceFlow id="g_t" sourceRef="g" targetRef="t"/>'
        '<sequenceFlow id="t_x" sourceRef="t" targetRef="x"/><sequenceFlow id="x_g" sourceRef="x" targetRef="g"/>'
        '<sequenceFlow id="x_z" sourceRef="x" targetRef="z"><conditionExpression>good</conditionExpression></sequenceFlow>'
    )
    tokens = Tokens.start(read_map(drawing(body)), {}, NOW, nothing)
    for _ in range(3):
        do(tokens, "t", good=False)
        tokens = again(tokens)
    do(tokens, "t", good=True)
    assert tokens.completed


def test_a_step_that_a_terminating_end_took_away_is_not_run():
    seen = []
    body = (
        '<startEvent id="a"/><parallelGateway id="g"/><endEvent id="stop"><terminateEventDefinition/></endEvent>'
        f'<serviceTask id="late">{properties(step="thing.late")}</serviceTask><endEvent id="z"/>'
        '<sequenceFlow id="a_g" sourceRef="a" targetRef="g"/><sequenceFlow id="g_stop" sourceRef="g" targetRef="stop"/>'
        '<sequenceFlow id="g_late" sourceRef="g" targetRef="late"/><sequenceFlow id="late_z" sourceRef="late" targetRef="z"/>'
    )
    tokens = Tokens.start(read_map(drawing(body)), {}, NOW, lambda step, *_: seen.append(step))
    assert tokens.completed
    assert seen == []


def test_another_server_may_take_over_in_the_middle_of_a_countersignature(project):
    do(project, "reserve_lead")
    do(project, "reserve_dept")
    stored = project.dump()
    _read.cache_clear()
    fresh = own("stages")
    assert fresh is not project.map
    tokens = Tokens.load(fresh, stored, NOW, nothing)
    for _ in FIVE[1:]:
        do(tokens, "reserve_dept")
    assert nodes(tokens) == ["reserve_exit"]


def test_an_open_gateway_does_not_wait_for_a_message_that_may_never_come():
    body = (
        '<startEvent id="a"/><parallelGateway id="f"/><userTask id="long"/><userTask id="short"/><inclusiveGateway id="j"/><userTask id="after"/>'
        '<boundaryEvent id="b" attachedToRef="long" cancelActivity="false"><messageEventDefinition messageRef="m"/></boundaryEvent>'
        '<endEvent id="y"/><endEvent id="z"/>'
    )
    flows = [
        ("a", "f"),
        ("f", "long"),
        ("f", "short"),
        ("short", "j"),
        ("b", "j"),
        ("j", "after"),
        ("after", "z"),
        ("long", "y"),
    ]
    lines = "".join(f'<sequenceFlow id="{s}_{t}" sourceRef="{s}" targetRef="{t}"/>' for s, t in flows)
    drawn = read_map(drawing(body + lines).replace(b"<process", b'<message id="m" name="word"/><process'))
    tokens = again(Tokens.start(drawn, {}, NOW, nothing))
    do(tokens, "short")
    assert sorted(nodes(tokens)) == ["after", "long"]


def test_an_open_gateway_waits_for_tokens_gathering_at_a_gateway_before_it():
    body = (
        '<startEvent id="a"/><parallelGateway id="f"/><userTask id="x"/><userTask id="y"/><userTask id="w"/>'
        '<parallelGateway id="p"/><inclusiveGateway id="j"/><userTask id="after"/><endEvent id="z"/>'
    )
    flows = [
        ("a", "f"),
        ("f", "x"),
        ("f", "y"),
        ("f", "w"),
        ("x", "p"),
        ("y", "p"),
        ("p", "j"),
        ("w", "j"),
        ("j", "after"),
        ("after", "z"),
    ]
    lines = "".join(f'<sequenceFlow id="{s}_{t}" sourceRef="{s}" targetRef="{t}"/>' for s, t in flows)
    tokens = Tokens.start(read_map(drawing(body + lines)), {}, NOW, nothing)
    for node in ("x", "w", "y"):
        tokens = again(tokens)
        assert "after" not in nodes(tokens)
        do(tokens, node)
    assert nodes(tokens) == ["after"]


def test_a_process_ends_with_what_all_its_branches_brought_the_last_one_deciding():
    body = '<userTask id="b0"/><userTask id="b1"/><userTask id="b2"/>'
    ends = "".join(f'<endEvent id="e{n}"/>' for n in range(3))
    flows = [("a", "f"), *((("f", f"b{n}")) for n in range(3)), *((f"b{n}", f"e{n}") for n in range(3))]
    lines = "".join(f'<sequenceFlow id="{s}_{t}" sourceRef="{s}" targetRef="{t}"/>' for s, t in flows)
    drawn = read_map(drawing(f'<startEvent id="a"/><parallelGateway id="f"/>{body}{ends}{lines}'))
    tokens = Tokens.start(drawn, {"start": 0}, NOW, nothing)
    for node, answers in (("b2", {"x": "third", "only": 2}), ("b0", {"x": "first", "y": 1}), ("b1", {"y": 2})):
        do(tokens, node, **answers)
        tokens = again(tokens)
    assert tokens.completed
    assert tokens.outcome == {"start": 0, "x": "first", "only": 2, "y": 2}

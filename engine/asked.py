"""Whether a drawing names only what exists: forms, steps, roles, lanes, and expressions that can be read."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from engine.drawing import HUMAN, Drawing, Problem, Shape, local, problem
from engine.maps import BPMN
from models.expression import ExpressionError, compile_expression
from models.texts import N_

LONGEST_NAME = 120  # characters; the title of a work item
EXPRESSIONS = {
    "conditionExpression": N_("条件"),
    "timeDate": N_("定时日期"),
    "completionCondition": N_("完成条件"),
    "loopCardinality": N_("人数"),
    "loopDataInputRef": N_("名单"),
}
PROPERTIES = {"organ": N_("承办单位"), "working_days": N_("办理时限"), "due": N_("到期时间")}
KNOWN = frozenset({"form", "role", "organ", "working_days", "due", "step", "otherwise", "helps"})
SENTENCE = re.compile(r"[\u3400-\u9fff]")  # whoever helps is either an expression or said in words
NEVER_BUDGET = 366  # working days


@dataclass(frozen=True, slots=True)
class Register:
    """登记册。 What maps may name: step ids, form keys, role codes, and lane names (codes or Chinese role names)."""

    steps: frozenset[str]
    forms: frozenset[str]
    roles: frozenset[str]
    lanes: frozenset[str] = frozenset()


def misnamed(drawing: Drawing, register: Register | None) -> Iterator[Problem]:
    """Everything asked for that is missing or cannot be read; without a register, only what is missing."""
    for node in drawing.nodes:
        if node.kind in HUMAN:
            yield from _human(node, register)
        elif node.kind == "serviceTask":
            yield from _step(node, register, needed=True)
        unknown = sorted(set(node.properties) - KNOWN)
        if unknown:
            yield problem(node, N_("%(what)s有不认识的属性：%(names)s"), names="、".join(unknown))
    yield from _expressions(drawing)
    yield from _lanes(drawing, register)


def _human(node: Shape, register: Register | None) -> Iterator[Problem]:
    said = node.properties
    if not node.name.strip() or len(node.name) > LONGEST_NAME:
        yield problem(node, N_("%(what)s要有名称，最多 %(most)d 个字；名称就是待办的标题"), most=LONGEST_NAME)
    for name, label in (("form", N_("表单")), ("role", N_("角色")), ("organ", N_("承办单位"))):
        if not said.get(name):
            yield problem(node, N_("%(what)s没有写明%(label)s（属性 %(name)s）"), label=label, name=name)
    if register and said.get("form") and said["form"] not in register.forms:
        yield problem(node, N_("%(what)s用的表单“%(form)s”不存在"), form=said["form"])
    if register and said.get("role") and said["role"] not in register.roles:
        yield problem(node, N_("%(what)s用的角色“%(role)s”不存在"), role=said["role"])
    yield from _step(node, register, needed=False)


def _step(node: Shape, register: Register | None, *, needed: bool) -> Iterator[Problem]:
    step = node.properties.get("step", "")
    if needed and not step:
        yield problem(node, N_("%(what)s没有写明做什么（属性 step）；不能调用别的服务"))
    if register and step and step not in register.steps:
        yield problem(node, N_("%(what)s用的自动环节“%(step)s”没有登记"), step=step)


def _expressions(drawing: Drawing) -> Iterator[Problem]:
    """Every slot in which an expression stands."""
    for element in drawing.root.iter(*(BPMN + name for name in EXPRESSIONS)):
        text = "".join(str(part) for part in element.itertext()).strip()
        yield from _compiles(drawing.owner(element), EXPRESSIONS[local(element)], text)
    for node in drawing.nodes:
        said = node.properties
        for name, label in PROPERTIES.items():
            if said.get(name):
                yield from _compiles(node, label, said[name])
        if said.get("helps") and not SENTENCE.search(said["helps"]):
            yield from _compiles(node, N_("协助单位"), said["helps"])
        if said.get("working_days", "").isdigit() and not 0 < int(said["working_days"][:9]) <= NEVER_BUDGET:
            yield problem(node, N_("%(what)s的办理时限应为 1 至 %(most)d 个工作日"), most=NEVER_BUDGET)


def _compiles(owner: Shape, label: str, text: str) -> Iterator[Problem]:
    try:
        compile_expression(text)
    except ExpressionError as error:
        yield problem(owner, N_("%(what)s的%(label)s写法有误：%(why)s"), label=label, why=str(error))


def _lanes(drawing: Drawing, register: Register | None) -> Iterator[Problem]:
    for lane in (shape for shape in drawing.everything() if shape.kind == "lane"):
        if register and lane.name not in register.lanes | register.roles:
            yield problem(lane, N_("%(what)s不是已有的角色"))

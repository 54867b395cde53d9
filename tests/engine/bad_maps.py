"""Small drawings to be judged: one that is right, and pieces that make it wrong."""

from itertools import pairwise

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
SPIFF = "http://spiffworkflow.org/bpmn/schema/1.0/core"
GOOD = {"form": "opinion", "role": "officer", "organ": "lead_organ", "working_days": "5"}


def escaped(text):
    for plain, safe in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("\0", "")):
        text = text.replace(plain, safe)
    return text


def extensions(**properties):
    rows = "".join(f'<s:property name="{name}" value="{escaped(value)}"/>' for name, value in properties.items())
    return f"<extensionElements><s:properties>{rows}</s:properties></extensionElements>"


def user(name, inner="", without=(), **properties):
    said = {key: value for key, value in {**GOOD, **properties}.items() if key not in without}
    return f'<userTask id="{name}" name="任务{name}">{extensions(**said)}{inner}</userTask>'


def service(name, step="opinion.keep"):
    return f'<serviceTask id="{name}" name="环节{name}">{extensions(step=step) if step else ""}</serviceTask>'


def flow(source, target, condition=None, name=None):
    inner = f"<conditionExpression>{escaped(condition)}</conditionExpression>" if condition is not None else ""
    return f'<sequenceFlow id="{name or f"{source}_{target}"}" sourceRef="{source}" targetRef="{target}">{inner}</sequenceFlow>'


def line(*names):
    return "".join(flow(a, b) for a, b in pairwise(names))


def many(collection="departments", marks="", inner='<inputDataItem id="one"/>'):
    return (
        f"<multiInstanceLoopCharacteristics {marks}><loopDataInputRef>{escaped(collection)}</loopDataInputRef>{inner}"
        "</multiInstanceLoopCharacteristics>"
    )


def timer(name, date, attached=None):
    tag = f'boundaryEvent attachedToRef="{attached}"' if attached else "intermediateCatchEvent"
    inner = f"<timerEventDefinition><timeDate>{escaped(date)}</timeDate></timerEventDefinition>"
    return f'<{tag} id="{name}" name="定时{name}">{inner}</{tag.split(maxsplit=1)[0]}>'


def drawing(body, beside="", process='id="small" name="小流程" isExecutable="true"', prolog=""):
    return (
        f'{prolog}<definitions xmlns="{BPMN}" xmlns:s="{SPIFF}" xmlns:x="http://other" id="d" targetNamespace="t">'
        f'<message id="m" name="stop"/>{beside}<process {process}>{body}</process></definitions>'
    ).encode()


def around(middle, *names, beside=""):
    """Start, the middle in a line, end."""
    return drawing(f'<startEvent id="a"/>{middle}<endEvent id="z"/>{line("a", *names, "z")}', beside)


def good():
    """Everything an official may draw, once."""
    stage = (
        '<subProcess id="stage" name="阶段"><startEvent id="sa"/>'
        + user("all", many())
        + '<endEvent id="sz"/>'
        + line("sa", "all", "sz")
        + "</subProcess>"
    )
    message = '<boundaryEvent id="gone" attachedToRef="stage"><messageEventDefinition messageRef="m"/></boundaryEvent>'
    return drawing(
        '<startEvent id="a"/>' + service("s1") + user("ask", due="due_at", step="opinion.keep", helps="督办处")
        + stage + message + timer("late", "due_at", attached="ask")
        + '<exclusiveGateway id="x" default="x_z"/><parallelGateway id="fork"/><parallelGateway id="join"/>'
        + user("left", helps="lead_organ") + user("right")
        + '<endEvent id="z"/><endEvent id="out"><terminateEventDefinition/></endEvent>'
        + line("a", "s1", "ask", "stage", "fork", "left", "join", "x", "z") + line("fork", "right", "join")
        + flow("x", "ask", "verdict == '退回' and rounds < 3") + line("gone", "out") + line("late", "s1")
    )  # fmt: skip


def bomb(blocks, width):
    """Flat parallel blocks in a row; the predicted tree grows with width to the power of blocks."""
    body, before = '<startEvent id="a"/><endEvent id="z"/>', "a"
    for n in range(blocks):
        body += f'<parallelGateway id="s{n}"/><parallelGateway id="j{n}"/>' + flow(before, f"s{n}")
        for k in range(width):
            body += user(f"t{n}_{k}") + line(f"s{n}", f"t{n}_{k}", f"j{n}")
        before = f"j{n}"
    return drawing(body + flow(before, "z"))

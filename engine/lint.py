"""Judges a BPMN file before anything believes it: each problem in a sentence that whoever drew it can act on."""

import logging
from collections.abc import Iterator

from engine.asked import Register, misnamed
from engine.ban import banned
from engine.drawing import Drawing, Problem
from engine.dryrun import try_out
from engine.maps import BPMN
from engine.wiring import ambiguous, miswired
from models.markup import MarkupError, read_markup
from models.texts import N_

__all__ = ["Problem", "Register", "lint"]

log = logging.getLogger(__name__)


def lint(xml: bytes, register: Register | None = None) -> list[Problem]:
    """Everything wrong with a map, none twice; empty when it may be published.

    Without a register, whether steps, forms and roles exist is not asked. A drawing without faults is
    tried out in a child process with limits. Never raises, never hangs, changes nothing.
    """
    try:
        root = read_markup(xml)
        if root.tag != BPMN + "definitions":
            return [Problem("", "", N_("文件不是 BPMN 2.0 流程图"))]
        drawing = Drawing(root)
        problems = {(found.element, found.message): found for found in _faults(drawing, register)}
        return list(problems.values()) or _tried(xml, drawing)
    except MarkupError as error:
        return [Problem("", "", error.message, error.params)]
    except Exception:  # the promise above: a strange file is refused, and we get to know why
        log.exception("lint stumbled over a file of %d bytes", len(xml))
        return [Problem("", "", N_("检查这个文件时出错，暂不接受；请联系系统管理员"))]


def _faults(drawing: Drawing, register: Register | None) -> Iterator[Problem]:
    unsure = list(ambiguous(drawing))
    yield from unsure
    if unsure:  # with two processes, or ids used twice, nothing else could be said for certain
        return
    yield from miswired(drawing)
    yield from banned(drawing)
    yield from misnamed(drawing, register)


def _tried(xml: bytes, drawing: Drawing) -> list[Problem]:
    found = []
    for said in try_out(xml):
        shape = drawing.by_id.get(said["element"])
        found.append(Problem(said["element"], shape.name if shape else "", said["text"], said["params"]))
    return found

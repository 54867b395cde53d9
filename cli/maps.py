"""flask --app app maps lint FILE…: judges maps and decision tables before anybody publishes them."""

import json
import stat
from pathlib import Path
from typing import Any

import click

from engine.lint import Problem, Register, lint
from engine.steps import STEPS
from forms.reader import form_keys
from models.decision import lint_table
from models.light_lint import lint_light
from models.markup import LARGEST_FILE
from models.permit import ROLES
from models.texts import N_

MAPS = Path(__file__).parents[1] / "bpmn"
LIGHT_FILE = "light.dmn"  # the one table whose columns are fixed by the facts of a project


@click.group("maps")
def maps() -> None:
    """Maps (BPMN) and decision tables (DMN)."""


@maps.command("lint")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.pass_context
def lint_files(context: click.Context, files: tuple[Path, ...]) -> None:
    """Say for each FILE, as one line of JSON, whether it is accepted and what is wrong; exit 1 if any is not."""
    register = registered()
    verdicts = [verdict(path, register) for path in files]
    for one in verdicts:
        # a file name may hold bytes that are no text; they must not break the answer
        click.echo(json.dumps(one, ensure_ascii=False).encode("utf-8", "backslashreplace"))
    if not all(one["accepted"] for one in verdicts):
        context.exit(1)


def registered() -> Register:
    """What maps may name in this installation; mechanisms must have been discovered before."""
    return Register(frozenset(STEPS), form_keys(), frozenset(ROLES), frozenset(ROLES.values()))


def verdict(path: Path, register: Register) -> dict[str, Any]:
    """{"file", "accepted", "problems": [{"element", "name", "message"}]} for any path, whatever lies there."""
    problems = judged(path, register)
    said = [{"element": one.element, "name": one.name, "message": one.message} for one in problems]
    return {"file": str(path), "accepted": not problems, "problems": said}


def judged(path: Path, register: Register) -> list[Problem]:
    """The problems of one file; a path that cannot be read is a problem too."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # a pipe or a device would never end
            return [Problem("", "", N_("这不是一个文件"))]
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
    except (OSError, ValueError) as error:
        return [Problem("", "", N_("文件打不开：%(why)s"), {"why": getattr(error, "strerror", None) or str(error)})]
    if path.suffix.lower() != ".dmn":
        return lint(content, register)
    faults = lint_light(content) if path.name == LIGHT_FILE else lint_table(content)
    return [Problem(fault.element, "", fault.message, fault.params) for fault in faults]

"""flask --app app doctor: whether this machine and this house can do their work, and what to do where they cannot."""

import click

from models.checkup import HOUSE_CHECKS, examine
from models.house import House
from notices.checkup import NOTICE_CHECKS

CHECKS = (*HOUSE_CHECKS, *NOTICE_CHECKS)


def commands(house: House) -> tuple[click.Command, ...]:
    """The command `doctor`, bound to a house."""

    @click.command("doctor")
    @click.pass_context
    def doctor(context: click.Context) -> None:
        """Look at the machine, the database and the press, one line each; exit 1 when something is wrong."""
        wrong = 0
        for check, verdict in examine(house, CHECKS):
            said = verdict.said % verdict.params if verdict.params else verdict.said
            advice = f" → {verdict.remedy}" if verdict.remedy and not verdict.good else ""
            click.echo(f"{'✓' if verdict.good else '✗'} {check.name}：{said}{advice}")
            wrong += not verdict.good
        context.exit(1 if wrong else 0)

    return (doctor,)

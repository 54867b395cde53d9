"""An operator as a door: commands of flask --app app."""

from flask import Flask

from cli import accounts, assessment, demo, doctor, ledger, maps, notices, operate
from cli.operate import Running as Running
from models.house import House


def add_commands(app: Flask, house: House, running: Running) -> None:
    """Hang every command under the application, each bound to its house."""
    bound = (
        *operate.commands(house, running),
        *demo.commands(house, running),
        *ledger.commands(house),
        *notices.commands(house),
        *accounts.commands(house),
        *doctor.commands(house),
        maps.maps,
        assessment.assessment,
    )
    for command in bound:
        app.cli.add_command(command)

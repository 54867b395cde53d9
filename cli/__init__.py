"""An operator as a door: commands of flask --app app."""

from flask import Flask

from models.house import House


def add_commands(app: Flask, house: House) -> None:
    """Hang every command under the application, each bound to its house."""
    from cli import accounts, demo, ledger, operate

    for door in (operate, accounts, ledger, demo):
        for command in door.commands(house):
            app.cli.add_command(command)

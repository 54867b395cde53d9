"""Commands about people: the first administrator's code, and accounts when nobody can sign in to manage them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import click

from models.account import create_account, disable_officer, officer_with_login, reset_password, unlock_account
from models.house import House
from models.officer import actor_for, administrators, create_officer, grant_role
from models.organ import organ_by_code
from models.permit import ROLES
from models.refusal import Invalid, Refusal
from models.session import issue_token
from models.setup import issue_setup_code
from models.unit import CLOCK, Actor, Unit, open_reading, open_unit

CONSOLE = Actor(
    name="命令行", address="console", is_house=True
)  # whoever may run commands here owns the database anyway


def announce_setup(house: House) -> None:
    """Prints the one-time code and where to use it, as long as the house has no administrator."""
    with open_reading(house.database, CLOCK, house.now()) as unit:
        if administrators(unit.session, unit.today):
            return
    with _console(house) as unit:
        code = issue_setup_code(unit)
    click.echo(
        f"No administrator yet. Within 24 hours open {house.settings.public_url}/setup and enter the code {code}"
    )


def commands(house: House) -> tuple[click.Command, ...]:
    """The group `accounts`, bound to a house."""
    group = click.Group("accounts", help="People and their accounts.")
    for make in (_setup_code, _create, _reset, _unlock, _disable, _token):
        group.add_command(make(house))
    return (group,)


@contextmanager
def _console(house: House) -> Iterator[Unit]:
    """A unit of the operator; a refusal ends the command with its sentence."""
    try:
        with open_unit(house.database, CONSOLE, house.now()) as unit:
            yield unit
    except Invalid as refused:
        raise click.ClickException("; ".join(f"{name}: {text}" for name, text in refused.fields.items())) from refused
    except Refusal as refused:
        raise click.ClickException(str(refused)) from refused


def _setup_code(house: House) -> click.Command:
    @click.command("setup-code")
    def setup_code() -> None:
        """Print a one-time code for the first administrator, as long as there is none."""
        with _console(house) as unit:
            code = issue_setup_code(unit)
        click.echo(f"{house.settings.public_url}/setup  {code}")

    return setup_code


def _create(house: House) -> click.Command:
    @click.command("create")
    @click.option("--name", required=True, help="the person's name")
    @click.option("--organ", required=True, help="code of the organ, such as 120116 or hzjl")
    @click.option("--role", required=True, type=click.Choice(sorted(ROLES)))
    @click.option("--login", required=True, help="what the person signs in with")
    def create(name: str, organ: str, role: str, login: str) -> None:
        """Make an officer with one role and an account; prints the first password, which must be changed."""
        with _console(house) as unit:
            organ_id = organ_by_code(unit.session, organ).id
            officer_id = create_officer(unit, name=name, organ_id=organ_id)
            grant_role(unit, officer_id=officer_id, role=role, organ_id=organ_id)
            password = create_account(unit, officer_id=officer_id, login=login)
        click.echo(password)

    return create


def _reset(house: House) -> click.Command:
    @click.command("reset")
    @click.argument("login")
    def reset(login: str) -> None:
        """Give LOGIN a new first password, which is printed; ends its sessions."""
        with _console(house) as unit:
            password = reset_password(unit, officer_id=officer_with_login(unit.session, login).id)
        click.echo(password)

    return reset


def _unlock(house: House) -> click.Command:
    @click.command("unlock")
    @click.argument("login")
    def unlock(login: str) -> None:
        """Let LOGIN try again at once after too many wrong passwords."""
        with _console(house) as unit:
            unlock_account(unit, officer_id=officer_with_login(unit.session, login).id)
        click.echo(f"{login} may sign in")

    return unlock


def _disable(house: House) -> click.Command:
    @click.command("disable")
    @click.argument("login")
    def disable(login: str) -> None:
        """Shut LOGIN out with its next request; sessions and API tokens end."""
        with _console(house) as unit:
            disable_officer(unit, officer_id=officer_with_login(unit.session, login).id)
        click.echo(f"{login} is disabled")

    return disable


def _token(house: House) -> click.Command:
    @click.command("token")
    @click.argument("login")
    @click.option("--name", required=True, help="what the token is for")
    @click.option("--days", default=90, show_default=True, type=click.IntRange(1, 365))
    def token(login: str, name: str, days: int) -> None:
        """Make a personal API token of LOGIN and print it; it is shown this once."""
        with _console(house) as unit:
            officer = officer_with_login(unit.session, login)
            own = Unit(unit.session, actor_for(unit.session, officer.id, unit.today, CONSOLE.address), unit.now)
            made = issue_token(own, name=name, expires_on=unit.today + timedelta(days=days))
        click.echo(made)

    return token

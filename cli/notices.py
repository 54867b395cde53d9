"""flask --app app notices gallery FOLDER: one of each kind of paper, as the house would print it now."""

from dataclasses import replace
from pathlib import Path

import click

from models.house import House
from models.notice import KINDS, newest_of_kind
from models.unit import CLOCK, open_reading
from notices.letters import read_letter

DRAFTED = tuple(kind for kind in KINDS if kind != "reminder")  # what people write and see before it is signed


def commands(house: House) -> tuple[click.Command, ...]:
    """The group `notices`, bound to a house."""

    @click.group("notices")
    def notices() -> None:
        """Official papers."""

    @notices.command("gallery")
    @click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
    @click.pass_context
    def gallery(context: click.Context, folder: Path) -> None:
        """Print the newest paper of each kind into FOLDER, and drafts of those that are drafted; exit 1 if one is missing."""
        folder.mkdir(parents=True, exist_ok=True)
        missing = [name for kind, name in KINDS.items() if not print_newest(house, kind, folder)]
        if missing:
            click.echo("还没有：" + "、".join(missing), err=True)
            context.exit(1)

    return (notices,)


def print_newest(house: House, kind: str, folder: Path) -> bool:
    """Prints the newest paper of a kind; False when the house has issued none yet."""
    with open_reading(house.database, CLOCK, house.now()) as unit:
        found = newest_of_kind(unit.session, kind)
        if found is None:
            return False
        letter = read_letter(found.letter, verify_url=house.settings.verify_url(found.code))
    for draft in (False, True) if kind in DRAFTED else (False,):
        target = folder / f"{kind}{'_draft' if draft else ''}.pdf"
        shown = replace(letter, number=None, verify_url=None) if draft else letter
        target.write_bytes(house.renderer.print_letter(shown, draft=draft).pdf)
        click.echo(f"{target}  {found.number}  {found.title}")
    return True

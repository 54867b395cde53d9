"""flask --app app notices gallery FOLDER: one of each kind of paper, as the house would print it now."""

from dataclasses import replace
from pathlib import Path

import click

from models.house import House
from models.notice import KINDS, Notice, newest_of_kind
from models.notice_list import newest_by_mechanism
from models.unit import CLOCK, open_reading
from notices.archive import read
from notices.letter import Letter
from notices.letters import read_letter
from notices.word import word_of

UNDRAFTED = ("reminder", "urge", "coordination", "report", "close_out", "extension")  # written by the house from rows
DRAFTED = tuple(kind for kind in KINDS if kind not in UNDRAFTED)  # what people write and see before it is signed


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
    """Writes the newest paper of a kind, and where several mechanisms write it (通报, 公示) the newest of each.

    Each as it was issued, as a draft and as a Word draft; False when the house has issued none yet.
    """
    with open_reading(house.database, CLOCK, house.now()) as unit:
        newest = newest_of_kind(unit.session, kind)
        if newest is None:
            return False
        sorts = newest_by_mechanism(unit.session, kind)
        papers = {kind: newest} | ({f"{kind}_{word}": each for word, each in sorts.items()} if len(sorts) > 1 else {})
        letters = {
            name: read_letter(each.letter, verify_url=house.settings.verify_url(each.code))
            for name, each in papers.items()
        }
    for name, found in papers.items():
        _print(house, found, letters[name], folder, name)
    return True


def _print(house: House, found: Notice, letter: Letter, folder: Path, name: str) -> None:
    (folder / f"{name}.pdf").write_bytes(_issued(house, found, letter))
    if found.kind in DRAFTED:
        draft = replace(letter, number=None, verify_url=None)
        (folder / f"{name}_draft.pdf").write_bytes(house.renderer.print_letter(draft, draft=True).pdf)
        (folder / f"{name}_draft.docx").write_bytes(word_of(draft, draft=True))
    click.echo(f"{folder / name}.pdf  {found.number}  {found.title}")


def _issued(house: House, found: Notice, letter: Letter) -> bytes:
    """The archived file, sealed as it is; the pages alone of one that waits to be made."""
    if found.sha256:
        return read(house.settings.archive_dir, found.sha256)
    printed: bytes = house.renderer.print_letter(letter).pdf
    return printed

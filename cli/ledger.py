"""flask --app app ledger import FILE: takes a ledger (csv or xlsx) in, or says row by row why not."""

from pathlib import Path

import click

from forms.sheet import LARGEST, SheetError, read_sheet
from models.house import House
from models.ledger_heading import HeadingError
from models.ledger_import import Imported, Preview, import_rows, preview
from models.refusal import Refusal
from models.unit import Actor, open_unit

OPERATOR = Actor(name="命令行", is_house=True)


def commands(house: House) -> tuple[click.Command, ...]:
    """The group `ledger`, bound to a house."""

    @click.group("ledger")
    def ledger() -> None:
        """The ledger of key projects."""

    @ledger.command("import")
    @click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @click.option("--only-right", is_flag=True, help="先导入正确行: leave the wrong rows out")
    @click.option("--preview", "only_preview", is_flag=True, help="say what would happen and save nothing")
    @click.option("--demo", is_flag=True, help="mark new projects as 演示")
    @click.pass_context
    def import_file(context: click.Context, file: Path, only_right: bool, only_preview: bool, demo: bool) -> None:
        """Import FILE; exit 1 when nothing was imported because something is wrong."""
        try:
            with file.open("rb") as opened:
                sheet = read_sheet(file.name, opened.read(LARGEST + 1))
            with open_unit(house.database, OPERATOR, house.now()) as unit:
                seen = preview(unit, sheet.rows)
                say_preview(seen)
                if only_preview:
                    return
                say_import(import_rows(unit, seen, only_right=only_right, source=file.name, demo=demo))
        except (SheetError, HeadingError, Refusal) as error:
            click.echo(str(error), err=True)
            context.exit(1)

    return (ledger,)


def say_preview(seen: Preview) -> None:
    """Every message with its row, then how many rows would do what."""
    for message in seen.notes:
        click.echo(f"提示 {message}")
    for message in seen.errors:
        click.echo(f"错误 {message}", err=True)
    if seen.heading.ignored:
        click.echo("未导入的列：" + "、".join(seen.heading.ignored))
    click.echo(
        f"可新增{len(seen.new)}行，将更新{len(seen.update)}行，无变化{len(seen.same)}行，有错误{seen.wrong_rows}行"
    )


def say_import(done: Imported) -> None:
    """How many projects the file became."""
    click.echo(
        f"已新增{len(done.created)}个项目（其中待补录{len(done.incomplete)}个），更新{len(done.updated)}个，"
        f"无变化{done.same}行，未导入{done.left_out}行"
    )

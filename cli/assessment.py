"""flask --app app assessment: scores by a scheme from files alone, no database; for checks and for offices that want only this."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

import click

from forms.assessment_file import ENDINGS, LARGEST, as_csv, read_figures, read_scheme, write_figures, write_scheme
from models.figures_file import example_figures
from models.scheme_file import default_scheme
from models.score import Sheet, score
from models.wrong_file import Cell, WrongFile, neutral

NOTHING = "-"
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group("assessment")
def assessment() -> None:
    """Scores of an assessment, from files."""


@assessment.command("score")
@click.option("--scheme", "scheme_file", type=FILE, required=True, help="the scheme: xlsx, csv or json")
@click.option("--figures", "figures_file", type=FILE, required=True, help="the figures: xlsx, csv or json")
@click.option("--lines", is_flag=True, help="one row for each score, with the line that shows how it was computed")
def score_files(scheme_file: Path, figures_file: Path, lines: bool) -> None:
    """Print the scores as CSV; mistakes go to stderr with row and column, exit 1, and nothing is printed."""
    scheme = _read(scheme_file, read_scheme)
    figures = _read(figures_file, lambda name, data: read_figures(name, data, scheme))
    sheet = score(scheme, figures)
    click.echo(as_csv(line_rows(sheet) if lines else score_rows(sheet), end="\n"), nl=False)


@assessment.command("template")
@click.option("--format", "ending", type=click.Choice(ENDINGS), default="xlsx", show_default=True)
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=Path(), help="folder to write to")
def template(ending: str, out: Path) -> None:
    """Write an example: the default scheme and made-up figures (演示) that fit it."""
    out.mkdir(parents=True, exist_ok=True)
    scheme = default_scheme()
    for name, data in (
        ("scheme", write_scheme(scheme, ending)),
        ("figures", write_figures(scheme, example_figures(), ending)),
    ):
        path = out / f"{name}.{ending}"
        path.write_bytes(data)
        click.echo(path)


Read = TypeVar("Read")


def _read(path: Path, read: Callable[[str, bytes], Read]) -> Read:
    """What the file holds; or every mistake on stderr, each with the file's name, and exit 1."""
    try:
        with path.open("rb") as opened:
            return read(path.name, opened.read(LARGEST + 1))
    except WrongFile as error:
        for sentence in error.sentences():
            click.echo(f"{path.name} {sentence}", err=True)
        raise click.exceptions.Exit(1) from error


def score_rows(sheet: Sheet) -> Iterator[list[Cell]]:
    """A head, then for each unit its score of each indicator, total and rank; "-" for what is not there.

    Units ranked by group have their place within it, and two columns more: the group, and the place among all.
    """
    words = [each.word for each in sheet.scheme.indicators]
    grouped = any(each.group for each in sheet.results)
    yield ["unit", *words, "total", "rank", *(["group", "overall_rank"] if grouped else [])]
    for each in sheet.results:
        points = [_points(each.scores[word].points, sheet.scheme.rounding.places) for word in words]
        total = _points(each.total, sheet.scheme.rounding.total_places)
        more = [neutral(each.group), each.overall or NOTHING] if grouped else []
        yield [neutral(each.unit), *points, total, each.rank or NOTHING, *more]


def _points(value: Decimal | None, places: int) -> str:
    return NOTHING if value is None else f"{value:.{places}f}"


def line_rows(sheet: Sheet) -> Iterator[list[Cell]]:
    """A head, then one row for each unit and indicator: the score and its line."""
    yield ["unit", "indicator", "name", "score", "line"]
    for each in sheet.results:
        for indicator in sheet.scheme.indicators:
            found = each.scores[indicator.word]
            points = _points(found.points, sheet.scheme.rounding.places)
            yield [neutral(each.unit), indicator.word, neutral(indicator.name_zh), points, found.line]

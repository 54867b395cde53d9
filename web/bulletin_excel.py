"""通报 as an Excel file: the table as printed, with its notes, and the three lists."""

from forms.workbook import Page, workbook_of
from models.bulletin import Bulletin, lines_in, marked_name
from models.bulletin_figures import COLUMNS, UNITS
from models.bulletin_lists import LISTS
from models.bulletin_words import subject_of


def excel_of(edition: Bulletin) -> bytes:
    """The file, in Chinese as the paper is: what is handed on is what was issued."""
    figures = edition.figures
    heads = tuple(f"{title}（{UNITS[name]}）" if name in UNITS else title for name, title in COLUMNS.items())
    table = Page(
        "各区实际利用内资",
        (subject_of(figures), f"冻结摘要（SHA-256）：{edition.sha256}"),
        ("区", *heads),
        tuple((marked_name(line, figures), *(line.printed(name) for name in COLUMNS)) for line in lines_in(figures)),
        tuple(f"注{at}：{note['text']}" for at, note in enumerate(figures["notes"], 1)),
        frozenset(range(1, len(COLUMNS) + 1)),
    )
    return workbook_of([table, *(_list(name, title, edition) for name, title in LISTS.items())])


def _list(name: str, title: str, edition: Bulletin) -> Page:
    rows = tuple((row["district"], row["project"], row["on"], row["said"]) for row in edition.figures["lists"][name])
    return Page(title, (), ("区", "项目", "日期", "金额、情况"), rows)

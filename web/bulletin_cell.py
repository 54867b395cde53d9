"""What stands behind one cell of a bulletin: sums, formula, entries with their evidence, targets or places."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from models import printed_numbers as printed
from models.amount import STANDINGS
from models.bulletin import Bulletin, cell_rows, find_bulletin, line_in, lines_in
from models.bulletin_figures import CITY, COLUMNS, SUMMED, UNITS, Line, MoneyRow, formula
from models.bulletin_notes import notes_to
from models.bulletin_reading import Pending, visible_ids
from models.currency import CURRENCIES, HOME
from models.refusal import NotFound
from models.texts import N_
from models.unit import Unit
from web.bulletin_page import cell_href, changed_lines, changed_rows, project_link, title_of
from web.i18n import day, say
from web.views import Act, Chip, Link, Paging
from web.views.bulletin import CellPage, CellRow, ChangesPage

PAGE = 100


def cell_page(unit: Unit, bulletin_id: int, key: str, column: str, page: int) -> CellPage:
    """The page; raises NotFound for a line or a column the table has not. One query for the entries, one for rights."""
    edition = find_bulletin(unit, bulletin_id)
    if column not in COLUMNS:
        raise NotFound(N_("这份通报里没有这一列。"))
    figures, line = edition.figures, line_in(edition.figures, key)
    rows = cell_rows(unit.session, edition.id, line, column)
    whole = line_in(figures, CITY).total
    return CellPage(
        title=f"{line.name} · {say(COLUMNS[column])}",
        value=line.printed(column),
        unit=say(UNITS[column]) if column in UNITS else "",
        crumbs=(
            (_("通报"), url_for("bulletin.index")),
            (title_of(edition), url_for("bulletin.page", bulletin_id=edition.id)),
        ),
        beside=tuple(
            Chip(say(COLUMNS[each]), cell_href(edition.id, key, each), active=each == column) for each in COLUMNS
        ),
        sums=tuple(_sums(line, column, rows)),
        formula=formula(line, column, whole, figures["months"]),
        formula_links=_parts(edition, key, column),
        notes=tuple(notes_to(line, column, figures["notes"])) if line.printed(column) == printed.NONE else (),
        rows=_rows(unit, rows[page * PAGE : (page + 1) * PAGE], figures),
        total_rows=len(rows),
        paging=_paging(edition.id, key, column, page, len(rows)),
        targets=_targets(line, figures) if column == "target" else (),
        places=_places(figures) if column == "place" else (),
    )


def changes_page(unit: Unit, edition: Bulletin, pending: Pending) -> ChangesPage:
    """What reads otherwise than the newest issued edition, with the button for a 更正 where there is one to make."""
    here = url_for("bulletin.page", bulletin_id=edition.id)
    may = unit.actor.may("bulletin.correct") and bool(pending.lines) and pending.basis.notice_id is not None
    act = Act("correct", _("拟发更正"), url_for("bulletin.correct", bulletin_id=edition.id), "pencil-square", "primary")
    return ChangesPage(
        title=_("冻结以后的变化"),
        lead=_("与最近一次发出的数相比；表中是原来印的数、现在的数和差额，下面是引起变化的条目。"),
        crumbs=((_("通报"), url_for("bulletin.index")), (title_of(edition), here)),
        lines=changed_lines(pending.lines, 0),
        rows=changed_rows(unit, pending.rows, pending.basis),
        acts=(act,) if may else (),
    )


def _sums(line: Line, column: str, rows: Sequence[MoneyRow]) -> Iterable[str]:
    """The sum of the rows, exact, and what is printed of it; a rate has the sums it is reckoned from."""
    for span, name in (("this", _("本年")), ("last", _("上年同期"))):
        found = [row.counted for row in rows if row.span == span and row.counted is not None]
        if not found and column not in SUMMED:
            continue
        if column in SUMMED and (span == "last") != (column == "last_year"):
            continue
        total = sum(found, Decimal(0))
        yield _("%(name)s%(n)s笔合计%(sum)s万元", name=name, n=len(found), sum=printed.exact_money(total))
    left = sum(row.counted is None for row in rows)
    if left:
        yield _("另有%(n)s笔没有当日汇率，没有计入", n=left)
    if column in SUMMED and line.printed(column) != printed.NONE:
        yield _("印发数%(value)s万元", value=line.printed(column))


def _parts(edition: Bulletin, key: str, column: str) -> tuple[Link, ...]:
    """The cells a rate is reckoned from."""
    of = {"yoy": (key, "last_year"), "done": (key, "target"), "gap": (key, "target"), "share": (CITY, "total")}
    if column not in of:
        return ()
    parts = ((key, "total"), of[column])
    names = {line.key: line.name for line in lines_in(edition.figures)}
    return tuple(
        Link(f"{names[each]} · {say(COLUMNS[which])}", cell_href(edition.id, each, which)) for each, which in parts
    )


def _rows(unit: Unit, rows: Sequence[MoneyRow], figures: dict[str, Any]) -> tuple[CellRow, ...]:
    visible = visible_ids(unit, (row.project_id for row in rows))
    names = {each["code"]: each["name"] for each in figures["land"]}
    return tuple(
        CellRow(
            on=day(row.on),
            district=names.get(row.district or "", ""),
            project=project_link(row, visible),
            standing=say(STANDINGS[row.standing]),
            amount=_money(row),
            counted=printed.exact_money(row.counted) if row.counted is not None else _("未计入"),
            note=row.note if row.project_id in visible else "",
            span=_("上年同期") if row.span == "last" else _("本年"),
            evidence=_evidence(row, visible),
        )
        for row in rows
    )


def _money(row: MoneyRow) -> str:
    amount = printed.exact_money(row.amount)
    if row.currency == HOME:
        return str(_("%(amount)s万元", amount=amount))
    return str(_("%(amount)s万%(currency)s", amount=amount, currency=say(CURRENCIES.get(row.currency, row.currency))))


def _evidence(row: MoneyRow, visible: set[int]) -> str:
    if not row.attachment_id or row.project_id not in visible:
        return ""
    return url_for("projects.attachment", project_id=row.project_id, attachment_id=row.attachment_id)


def _paging(bulletin_id: int, key: str, column: str, page: int, count: int) -> Paging:
    def at(number: int) -> str:
        return url_for("bulletin.cell", bulletin_id=bulletin_id, line=key, column=column, page=number)

    more = (page + 1) * PAGE < count
    return Paging(max(min(count - page * PAGE, PAGE), 0), at(page + 1) if more else "", at(0) if page else "")


def _targets(line: Line, figures: dict[str, Any]) -> tuple[tuple[str, str, str], ...]:
    """The rows of targets of a line: whose, how much, and where from."""
    return tuple(
        (each["organ"], printed.NONE if each["amount"] is None else printed.money(Decimal(each["amount"])),
         "；".join(part for part in (_("演示") if each["demo"] else "", each["note"]) if part))
        for each in figures["targets"] if each["district"] in line.members
    )  # fmt: skip


def _places(figures: dict[str, Any]) -> tuple[tuple[str, str, str], ...]:
    """Everybody who has a place, best first: place, district, share of the target."""
    ranked = sorted((line for line in lines_in(figures) if line.place), key=lambda line: (line.place or 0, line.key))
    return tuple(
        (line.printed("place"), line.name, formula(line, "done", line.total, figures["months"])) for line in ranked
    )

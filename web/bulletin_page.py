"""通报 as pages show them: the list, and one edition with its table, lists, notes, digest and what it changed."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from models import printed_numbers as printed
from models.bulletin import (
    Bulletin,
    bulletins,
    digest,
    editions_of,
    find_bulletin,
    frozen_rows,
    is_whole,
    lines_in,
    marked_name,
    sees_drafts,
)
from models.bulletin_change import WHY, LineChange, RowChange
from models.bulletin_figures import CITY, COLUMNS, UNITS, MoneyRow
from models.bulletin_lists import LISTS, UNREPORTED
from models.bulletin_reading import between, papers_of, touched_since, visible_ids
from models.notice import Notice
from models.unit import Unit
from web.i18n import day, moment, say
from web.views import Chip, Fact, LampView, Link
from web.views.bulletin import (
    BulletinPage,
    BulletinRow,
    BulletinsPage,
    CellLink,
    ChangedLine,
    ChangedRow,
    ListTable,
    TableLine,
)

MOST_CHANGED = 200  # rows a page shows of what changed


def bulletins_page(unit: Unit) -> BulletinsPage:
    """The editions one may see; two queries."""
    found = bulletins(unit)
    papers = papers_of(unit.session, found)
    newest = {each.period: each.edition for each in found if each.notice_id}
    rows = tuple(_row(each, papers.get(each.notice_id or 0), newest.get(each.period, 0)) for each in found)
    lead = _(
        "每月1日开始，5日收齐月报或到期即冻结，10日前印发；遇休息日顺延（均为默认值）。数字冻结以后不再改，有变化的另发更正。"
    )
    return BulletinsPage(rows, lead)


def bulletin_page(unit: Unit, bulletin_id: int, *, thorough: bool = False) -> BulletinPage:
    """One edition; the rows are only read to check them (`thorough`) or to show what a 更正 changed."""
    edition = find_bulletin(unit, bulletin_id)
    editions = [each for each in editions_of(unit.session, edition.period) if each.notice_id or sees_drafts(unit.actor)]
    papers = papers_of(unit.session, editions)
    figures = edition.figures
    before = next((each for each in reversed(editions) if each.edition < edition.edition), None)
    lines, rows = between(unit.session, before, edition) if before else ([], [])
    return BulletinPage(
        title=title_of(edition),
        lead=_("表中每个数都可以点开，看它由哪些条目或怎样算出来。"),
        lamp=_lamp(edition, max((each.edition for each in editions if each.notice_id), default=0)),
        list_href=url_for("bulletin.index"),
        editions=_chips(editions, edition) if len(editions) > 1 else (),
        facts=_facts(edition, papers.get(edition.notice_id or 0)),
        heads=tuple(head(column) for column in COLUMNS),
        lines=_lines(edition),
        notes=tuple(note["text"] for note in figures["notes"]),
        lists=tuple(_list(unit, name, say(title), figures) for name, title in LISTS.items()),
        reporting=_reporting(figures),
        words=_words(edition),
        sha256=edition.sha256,
        checked=_checked(unit, edition, thorough=thorough),
        check_href=url_for("bulletin.page", bulletin_id=edition.id, check=1, _anchor="digest"),
        excel_href=url_for("bulletin.excel", bulletin_id=edition.id),
        word_href=url_for("bulletin.word", bulletin_id=edition.id) if edition.edition == 0 else "",
        remark=_remark(edition, editions),
        changes=_changes(unit, edition, editions),
        changed_lines=changed_lines(lines, edition.id),
        changed_rows=changed_rows(unit, rows, before) if before else (),
        reason=edition.reason,
    )


def title_of(edition: Bulletin) -> str:
    """What an edition is called on pages."""
    until = date.fromisoformat(edition.figures["until"])
    which = _("通报") if edition.edition == 0 else _("更正（第%(n)s次）", n=edition.edition)
    if until.month == 1:
        return str(_("%(year)s年1月招商引资%(which)s", year=until.year, which=which))
    return str(_("%(year)s年1至%(month)s月招商引资%(which)s", year=until.year, month=until.month, which=which))


def head(column: str) -> str:
    """The heading of a column with its unit."""
    unit = UNITS.get(column)
    title = say(COLUMNS[column])
    return str(_("%(title)s（%(unit)s）", title=title, unit=say(unit))) if unit else title


def cell_href(bulletin_id: int, line: str, column: str) -> str:
    """Where what stands behind a cell is shown."""
    return url_for("bulletin.cell", bulletin_id=bulletin_id, line=line, column=column)


def project_link(row: MoneyRow, visible: set[int]) -> Link:
    """The project of an entry; its name is told only to those who may see the project."""
    if row.project_id not in visible:
        return Link(_("其他单位的项目"), "")
    name = f"{row.project_name}（{_('演示')}）" if row.demo else row.project_name
    return Link(name, url_for("projects.page", project_id=row.project_id))


def changed_lines(changes: Iterable[LineChange], bulletin_id: int) -> tuple[ChangedLine, ...]:
    """One row for each cell that reads otherwise; with a number of an edition it leads to that edition's cell."""
    return tuple(
        ChangedLine(line.name, head(cell.column), cell.was, cell.now, cell.difference,
                    cell_href(bulletin_id, line.key, cell.column) if bulletin_id else "")
        for line in changes for cell in line.cells
    )  # fmt: skip


def changed_rows(unit: Unit, changes: Sequence[RowChange], about: Bulletin) -> tuple[ChangedRow, ...]:
    """The entries that are the reason, the first of them; names by permission."""
    shown = changes[:MOST_CHANGED]
    visible = visible_ids(unit, (each.row.project_id for each in shown))
    names = {each["code"]: each["name"] for each in about.figures["land"]}
    return tuple(
        ChangedRow(
            say(WHY[each.why]) + (f"：{each.row.note}" if each.row.note and each.row.project_id in visible else ""),
            names.get(each.row.district or "", _("未写明")),
            project_link(each.row, visible),
            day(each.row.on),
            printed.exact_money(each.was.counted) if each.was else printed.NONE,
            printed.exact_money(each.now.counted) if each.now else printed.NONE,
            printed.exact_money(each.difference),
        )
        for each in shown
    )


def _row(edition: Bulletin, paper: Notice | None, newest: int) -> BulletinRow:
    city = next(line for line in lines_in(edition.figures) if line.key == CITY)
    missing = edition.figures["missing"]
    return BulletinRow(
        title_of(edition),
        url_for("bulletin.page", bulletin_id=edition.id),
        _lamp(edition, newest),
        paper.number if paper else "",
        edition.frozen_at,
        city.printed("total"),
        city.printed("done"),
        _("%(n)s个区未报", n=len(missing)) if missing else _("各区已报"),
    )


def _lamp(edition: Bulletin, newest: int) -> LampView:
    if edition.notice_id is None:
        return LampView("red", _("到期未发")) if edition.late_at else LampView("yellow", _("已冻结，待发"))
    if edition.edition < newest:
        return LampView("yellow", _("已发出，已更正"))
    return LampView("green", _("已发出"))


def _chips(editions: Iterable[Bulletin], shown: Bulletin) -> tuple[Chip, ...]:
    return tuple(
        Chip(_("原通报") if each.edition == 0 else _("第%(n)s次更正", n=each.edition),
             url_for("bulletin.page", bulletin_id=each.id), active=each.id == shown.id)
        for each in editions
    )  # fmt: skip


def _facts(edition: Bulletin, paper: Notice | None) -> tuple[Fact, ...]:
    href = url_for("notices.page", notice_id=paper.id) if paper and paper.delivered_at else ""
    facts = [
        Fact(_("冻结时间"), moment(edition.frozen_at)),
        Fact(_("条目"), _("%(n)s笔", n=edition.figures["rows"]["count"])),
        Fact(_("印发期限"), day(edition.issue_due)),
        Fact(_("公文"), paper.number if paper else _("尚未发出"), href),
    ]
    if edition.figures["demo"]:
        facts.append(Fact(_("数据"), _("含演示数据，不作为正式数字使用")))
    return (*facts, Fact(_("到期催办"), moment(edition.late_at))) if edition.late_at else tuple(facts)


def _lines(edition: Bulletin) -> tuple[TableLine, ...]:
    figures = edition.figures
    return tuple(
        TableLine(
            marked_name(line, figures),
            "city" if line.key == CITY else "district" if line.members == (line.key,) else "tier",
            tuple(CellLink(line.printed(column), cell_href(edition.id, line.key, column), say(COLUMNS[column]))
                  for column in COLUMNS),
        )
        for line in lines_in(figures)
    )  # fmt: skip


def _list(unit: Unit, name: str, title: str, figures: dict[str, Any]) -> ListTable:
    rows = figures["lists"][name]
    visible = visible_ids(unit, (row["project_id"] for row in rows if row["project_id"]))
    return ListTable(
        title,
        tuple(
            (row["district"], Link(_project(row), _project_href(row["project_id"], visible)), row["on"], row["said"])
            for row in rows
        ),
        count=sum(row["project"] != UNREPORTED for row in rows),
    )


def _project(row: dict[str, Any]) -> str:
    return _("未报") if row["project"] == UNREPORTED else str(row["project"])


def _project_href(project_id: int | None, visible: set[int]) -> str:
    return url_for("projects.page", project_id=project_id) if project_id in visible else ""


def _reporting(figures: dict[str, Any]) -> tuple[Fact, ...]:
    said = ((_("未按时报送月报"), figures["missing"]), (_("逾期后报送"), figures["late"]))
    return tuple(Fact(label, "、".join(names) or _("无")) for label, names in said)


def _words(edition: Bulletin) -> tuple[Fact, ...]:
    words = edition.words or {}
    titles = {"problems": _("存在问题"), "demands": _("下步要求")}
    return tuple(Fact(titles[name], words[name]) for name in titles if words.get(name))


def _checked(unit: Unit, edition: Bulletin, *, thorough: bool) -> LampView:
    """Whether figures (and with `thorough` all entries) are what was frozen."""
    if thorough:
        whole = is_whole(edition, frozen_rows(unit.session, edition.id))
        return LampView("green", _("数字和全部条目与冻结时一致")) if whole else _tampered()
    return LampView("green", _("数字与冻结时一致")) if digest(edition.figures) == edition.sha256 else _tampered()


def _tampered() -> LampView:
    return LampView("red", _("与冻结时的摘要不符，请系统管理员查明"))


def _remark(edition: Bulletin, editions: Sequence[Bulletin]) -> Link | None:
    later = [each for each in editions if each.edition > edition.edition and each.notice_id]
    if later:
        words = _("这份通报已更正，原数字保留不动；请看更正前后的差额。")
        return Link(words, url_for("bulletin.page", bulletin_id=later[-1].id))
    if edition.edition:
        return Link(_("本次更正针对原通报，原通报保留不动。"), url_for("bulletin.page", bulletin_id=editions[0].id))
    return None


def _changes(unit: Unit, edition: Bulletin, editions: Sequence[Bulletin]) -> Link | None:
    if not sees_drafts(unit.actor):
        return None
    basis = next((each for each in reversed(editions) if each.notice_id), edition)
    count = touched_since(unit.session, basis)
    words = (
        _("冻结以后有%(n)s笔条目补报、认定或核减，看差额", n=count)
        if count
        else _("冻结以后没有新的条目，核对现在的数")
    )
    return Link(words, url_for("bulletin.changes", bulletin_id=edition.id))

"""下达目标: reading, showing and saving the districts' targets of a year, typed on a page or taken from a file."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.district import District, land_on
from models.permit import permit
from models.place import Places, places
from models.refusal import Invalid, NotFound, Outdated
from models.saying import Saying
from models.target import Target
from models.texts import N_
from models.typed_numbers import typed_number
from models.unit import Unit

Column = tuple[str, str]  # nature, span
COLUMNS: dict[Column, str] = {
    ("domestic", "year"): N_("内资全年目标（万元）"),
    ("domestic", "half"): N_("内资上半年目标（万元）"),
    ("foreign", "year"): N_("外资全年目标（万美元）"),
    ("foreign", "half"): N_("外资上半年目标（万美元）"),
}
PLACE, NOTE = N_("区"), N_("说明")
MOST = Decimal(30_000_000)
LONGEST_NOTE = 200
YEARS = range(2015, 2101)

permit("target.view", N_("查看年度目标"), roles=("officer", "head", "supervisor", "leader"), scope="city")
permit("target.set", N_("下达年度目标"), roles=("supervisor",), scope="city")


@dataclass(frozen=True)
class TargetLine:
    """One district's targets; a column that is not in `amounts` has no row, one that is None has no target."""

    organ_id: int
    name: str
    amounts: Mapping[Column, Decimal | None]
    note: str = ""
    demo: bool = False


def target_lines(session: Session, year: int, day: date) -> list[TargetLine]:
    """The districts of a day with the targets of a year, in the order of their codes; two queries.

    Raises NotFound for a year that nobody sets targets for.
    """
    if year not in YEARS:
        raise NotFound(N_("年份应在2015年至2100年之间。"))
    rows: dict[int, list[Target]] = {}
    for row in session.scalars(select(Target).where(Target.year == year)):
        rows.setdefault(row.organ_id, []).append(row)
    return [_line(district, rows.get(district.id, [])) for district in land_on(session, day).districts]


def _line(district: District, rows: list[Target]) -> TargetLine:
    amounts = {(row.nature, row.span): row.amount for row in rows}
    note = next((row.note for row in rows if row.note), "")
    return TargetLine(district.id, district.name, amounts, note, any(row.demo for row in rows))


def fingerprint(lines: Sequence[TargetLine]) -> str:
    """What a page shows and sends back, so that two who change the targets at once notice each other."""
    said = [
        (line.organ_id, sorted((*key, str(amount)) for key, amount in line.amounts.items()), line.note)
        for line in lines
    ]
    return sha256(repr(said).encode()).hexdigest()[:16]


def field_name(column: Column, organ_id: int) -> str:
    """What the page calls a column of a district."""
    return f"{column[0]}_{column[1]}_{organ_id}"


def save_targets(unit: Unit, *, year: int, seen: str, typed: Mapping[str, str]) -> int:
    """How many districts changed. `typed` is by `field_name`, notes by note_<organ>; a blank is no target.

    Raises Outdated when somebody saved since `seen`, and Invalid by field for all that is wrong; then nothing is saved.
    """
    unit.require("target.set")
    lines = target_lines(unit.session, year, unit.today)
    if fingerprint(lines) != seen:
        raise Outdated(N_("年度目标已被他人修改。与现在不同的格子已标出，核对后可以再保存一次。"))
    wanted, wrong = _read_page(lines, typed)
    if wrong:
        raise Invalid(N_("填写有误"), fields=wrong)
    return _keep(unit, year, lines, wanted)


def import_targets(unit: Unit, *, year: int, rows: Sequence[Sequence[object]]) -> int:
    """The same from the rows of a file: a head that names 区 and the columns, then one row a district.

    Raises Invalid whose fields name row and column of every mistake; then nothing is saved.
    """
    unit.require("target.set")
    lines = target_lines(unit.session, year, unit.today)
    wanted, wrong = _read_file(lines, rows, places(unit.session, unit.today))
    if wrong:
        raise Invalid(N_("文件有误，一行也没有导入。"), fields=wrong)
    return _keep(unit, year, lines, wanted)


Wanted = dict[int, tuple[dict[Column, Decimal | None], str]]


def _read_page(lines: Sequence[TargetLine], typed: Mapping[str, str]) -> tuple[Wanted, dict[str, str]]:
    wanted: Wanted = {}
    wrong: dict[str, str] = {}
    for line in lines:
        cells = {column: typed.get(field_name(column, line.organ_id), "") for column in COLUMNS}
        amounts, errors = _amounts(cells)
        wrong |= {field_name(column, line.organ_id): text for column, text in errors.items()}
        note = typed.get(f"note_{line.organ_id}", "").strip()
        if len(note) > LONGEST_NOTE:
            wrong[f"note_{line.organ_id}"] = N_("文字过长，请精简。")
        wanted[line.organ_id] = amounts, note
    return wanted, wrong


def _read_file(
    lines: Sequence[TargetLine], rows: Sequence[Sequence[object]], known_places: Places
) -> tuple[Wanted, dict[str, str]]:
    head, begin = _head(rows)
    known, wanted, wrong = {line.organ_id for line in lines}, Wanted(), {}
    for number, row in enumerate(rows[begin:], start=begin + 1):
        cell = {name: _text(row[place]) if place < len(row) else "" for name, place in head.items()}
        if not any(cell.values()):
            continue
        try:
            organ_id = _district(cell[PLACE], known_places, known, wanted)
        except Saying as error:
            wrong[f"第{number}行“{PLACE}”"] = str(error)
            continue
        amounts, errors = _amounts({column: cell.get(name, "") for column, name in COLUMNS.items() if name in head})
        wrong |= {f"第{number}行“{COLUMNS[column]}”": text for column, text in errors.items()}
        if len(cell.get(NOTE, "")) > LONGEST_NOTE:
            wrong[f"第{number}行“{NOTE}”"] = N_("文字过长，请精简。")
        wanted[organ_id] = amounts, cell.get(NOTE, "")
    return wanted, wrong


def _head(rows: Sequence[Sequence[object]]) -> tuple[dict[str, int], int]:
    """Where each column stands, and the row after the head; raises Invalid when no row is a head."""
    names = {PLACE, NOTE, *COLUMNS.values()}
    for number, row in enumerate(rows[:10]):
        found = {_text(cell): place for place, cell in enumerate(row) if _text(cell) in names}
        if PLACE in found and found.keys() & set(COLUMNS.values()):
            return found, number + 1
    heads = "、".join((PLACE, *COLUMNS.values()))
    raise Invalid(
        N_("文件有误，一行也没有导入。"),
        fields={"第1行": N_("没有找到表头；至少要有“区”和一列目标：%(heads)s。") % {"heads": heads}},
    )


def _district(text: str, known_places: Places, known: set[int], taken: Mapping[int, object]) -> int:
    place = known_places.find(text)
    if place.id not in known:
        raise Saying(N_("“%(text)s”不是参加排名的区；开发区并入所在的区。"), text=text[:40])
    if place.id in taken:
        raise Saying(N_("“%(text)s”出现了两次。"), text=text[:40])
    return place.id


def _amounts(cells: Mapping[Column, str]) -> tuple[dict[Column, Decimal | None], dict[Column, str]]:
    amounts: dict[Column, Decimal | None] = {}
    wrong: dict[Column, str] = {}
    for column, text in cells.items():
        try:
            amounts[column] = _amount(text)
        except Saying as error:
            wrong[column] = str(error)
    for nature in ("domestic", "foreign"):
        half, year = amounts.get((nature, "half")), amounts.get((nature, "year"))
        if half is not None and year is not None and half > year:
            wrong[nature, "half"] = N_("上半年目标大于全年目标。")
    return amounts, wrong


def _amount(text: str) -> Decimal | None:
    if text.strip() in ("", "-", "—"):
        return None
    amount = typed_number(text)
    if amount is None:
        raise Saying(N_("“%(text)s”不是数字；没有目标的留空。"), text=text[:40])
    if not 0 <= amount <= MOST:
        raise Saying(N_("“%(text)s”应在0与%(most)s之间。"), text=text[:40], most=f"{MOST:,}")
    if amount != amount.quantize(Decimal("0.01")):
        raise Saying(N_("“%(text)s”最多两位小数。"), text=text[:40])
    return amount


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def _keep(unit: Unit, year: int, lines: Sequence[TargetLine], wanted: Wanted) -> int:
    changed = 0
    for line in lines:
        if line.organ_id in wanted and _keep_line(unit, year, line, *wanted[line.organ_id]):
            changed += 1
    return changed


def _keep_line(unit: Unit, year: int, line: TargetLine, amounts: dict[Column, Decimal | None], note: str) -> bool:
    """A blank half-year has no row, so that the year's half stands for it; a blank year is a row without an amount."""
    before = {column: line.amounts.get(column) for column in amounts}
    if before == amounts and note == line.note:
        return False
    rows = {(row.nature, row.span): row for row in _rows(unit.session, year, line.organ_id)}
    for column, amount in amounts.items():
        row = rows.get(column)
        if amount is None and column[1] == "half":
            if row is not None:
                unit.session.delete(row)
            continue
        if row is None:
            row = Target(organ_id=line.organ_id, year=year, nature=column[0], span=column[1])
            unit.session.add(row)
        row.amount, row.note, row.set_by, row.set_at, row.demo = amount, note, unit.actor.name, unit.now, False
    detail = {COLUMNS[column]: [_said(before[column]), _said(amount)] for column, amount in amounts.items()}
    unit.trace("target.set", "organ", line.organ_id, {"year": year, "note": note} | detail)
    return True


def _rows(session: Session, year: int, organ_id: int) -> Iterator[Target]:
    yield from session.scalars(select(Target).where(Target.year == year, Target.organ_id == organ_id))


def _said(amount: Decimal | None) -> str:
    return "-" if amount is None else f"{amount:,.2f}"

"""Reads one row of a ledger into values, and says in plain words what is wrong with it: pure, cell by cell."""

import calendar
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Literal

from models.ledger import contradictions, field_of_key
from models.ledger_heading import Column, Heading
from models.ledger_value import extra_value, read_value
from models.place import Place, Places
from models.saying import Saying
from models.stage import stages
from models.texts import N_

Level = Literal["error", "note"]
SUMS = re.compile(r"(合计|总计|小计|累计|共计)[0-9个项:：]*")
BELOW = re.compile(r"(制表|填表|填报|审核|复核|备注|注|说明|联系|负责)[\w]{0,4}\s*[:：].*")
UNIT_NOTE = re.compile(r"\s*(亿元|万元)")
LONGEST_SHOWN = 40


@dataclass(frozen=True)
class Message:
    """提示。 Where it is in the person's own file, and what to do; `text` is a msgid with the places of `params`."""

    row: int
    column: str  # letter, "" for the whole row
    heading: str
    value: str
    text: str
    params: Mapping[str, object] = field(default_factory=dict)
    level: Level = "error"

    @property
    def sentence(self) -> str:
        """What is wrong, in Chinese."""
        return self.text % self.params if self.params else self.text

    def __str__(self) -> str:
        """第5行C列“总投资”：…"""  # noqa: D415 - a sample of the sentence itself
        where = f"第{self.row}行" + (f"{self.column}列“{self.heading}”" if self.column else "")
        return f"{where}：{self.sentence}"


@dataclass(frozen=True)
class Filed:
    """A dated amount a row states: the plan of a year, or what was done in a month (its last day)."""

    kind: str
    amount: Decimal
    on: date


@dataclass(frozen=True)
class RowRead:
    """一行。 `values` by command name as the house keeps them; `owner` None when no district or zone is stated."""

    row: int
    values: Mapping[str, object]
    project_no: str | None = None
    owner: Place | None = None
    city: Place | None = None
    filed: tuple[Filed, ...] = ()
    messages: tuple[Message, ...] = ()

    @property
    def name(self) -> str:
        """The project's name, or empty."""
        return str(self.values.get("name") or "")

    @property
    def codes(self) -> frozenset[str]:
        """The credit codes it states, which tell projects of one name apart."""
        return frozenset(str(self.values[name]) for name in ("investor_uscc", "local_uscc") if self.values.get(name))

    @property
    def is_right(self) -> bool:
        """Whether nothing forbids taking it in."""
        return not any(message.level == "error" for message in self.messages)


class RowReader:
    """Reads the rows of one file, whose headings, places and day are the same for all."""

    def __init__(self, heading: Heading, places: Places, today: date) -> None:
        self.heading = heading
        self.places = places
        self.today = today
        self.own: Mapping[str, Callable[[_Reading, Column, object], None]] = {
            "organ": self._read_organ,
            "stage": self._read_stage,
            "entries": self._read_entry,
            "officer": self._read_person,
        }

    def read(self, number: int, cells: Sequence[object]) -> RowRead | None:
        """The row with its messages; None for a blank row, a line of sums or a remark below the table."""
        filled = [cell for cell in cells if cell is not None and str(cell).strip()]
        if not filled or any(SUMS.fullmatch(str(cell).strip()) for cell in filled[:2]):
            return None
        if BELOW.fullmatch(str(filled[0]).strip()):
            return None
        reading = _Reading(number, unit_note=self._unit_note(cells))
        for column in self.heading.columns:
            raw = cells[column.place] if column.place < len(cells) else None
            if raw is not None and str(raw).strip():
                self._read_cell(reading, column, raw)
        if not reading.touched:
            return None
        return self._checked(reading, alone=len(filled) == 1)

    def _read_cell(self, reading: "_Reading", column: Column, raw: object) -> None:
        reading.touched = True
        try:
            if isinstance(raw, str) and raw.lstrip().startswith("="):
                read_value(field_of_key("name"), raw, self.today)  # refuses the formula in the same words everywhere
            self.own.get(column.field.type, self._read_plain)(reading, column, raw)
        except Saying as error:
            reading.say(column, raw, error)

    def _read_plain(self, reading: "_Reading", column: Column, raw: object) -> None:
        if column.field.type == "number":
            reading.project_no = str(raw).strip().upper()
            return
        unit = reading.unit_note if column.unit == "" else column.unit
        value = read_value(column.field, raw, self.today, unit=unit)
        reading.values[column.field.name] = value if column.field.column else extra_value(column.field, value)

    def _read_stage(self, reading: "_Reading", column: Column, raw: object) -> None:
        """A stage that cannot be told is neither refused nor guessed: it stands in the extras until confirmed."""
        text = " ".join(str(raw).split())
        try:
            reading.values["stage"] = read_value(column.field, raw, self.today)
        except Saying as error:
            reading.say(column, raw, error, level="note")
        if text not in {name for each in stages() for name in (each.code, each.name_zh)}:
            reading.values["stated_stage"] = text[:200]

    def _read_organ(self, reading: "_Reading", column: Column, raw: object) -> None:
        try:
            place = self.places.find(str(raw))
        except Saying as error:
            if column.field.key != "zone_code":
                raise
            # A list says where a project lies in its own words; only a name we know makes it that place.
            reading.values["stated_place"] = " ".join(str(raw).split())[:200]
            reading.say(column, raw, error, level="note")
            return
        reading.organs.append((column, raw, place))

    def _read_person(self, reading: "_Reading", column: Column, raw: object) -> None:
        """A name is no account: it is kept as written, and the person is assigned on the project's page."""
        reading.values[column.field.key] = read_value(replace(column.field, type="text"), raw, self.today)

    def _read_entry(self, reading: "_Reading", column: Column, raw: object) -> None:
        unit = reading.unit_note if column.unit == "" else column.unit
        amount = read_value(column.field, raw, self.today, unit=unit)
        if not isinstance(amount, Decimal) or not amount:
            return
        year = column.year or self.today.year
        if column.month is None:
            reading.filed.append(Filed("plan", amount, date(year, 1, 1)))
            return
        if (year, column.month) > (self.today.year, self.today.month):
            early = Saying(N_("%(year)s年%(month)s月还没有到，不能填完成数。"), year=year, month=column.month)
            reading.say(column, raw, early)
            return
        last = date(year, column.month, calendar.monthrange(year, column.month)[1])
        reading.filed.append(Filed("investment", amount, min(last, self.today)))

    def _unit_note(self, cells: Sequence[object]) -> str:
        """The unit that a column of remarks on the amount begins with (“亿元 总投资”), else none."""
        column = self.heading.column("amount_note")
        note = str(cells[column.place] or "") if column and column.place < len(cells) else ""
        found = UNIT_NOTE.match(note)
        return found[1] if found else ""

    def _checked(self, reading: "_Reading", *, alone: bool) -> RowRead | None:
        named = reading.values.get("name") or reading.project_no
        if not named and alone:
            return None  # 制表人, 备注 and the like below the table
        if not named and not any(message.heading for message in reading.messages if message.level == "error"):
            missing = Saying(N_("缺少项目名称；请补上，或删去这一行。"))
            reading.say(self.heading.column("name") or self.heading.columns[0], "", missing)
        for name, sentence in contradictions(reading.values).items():
            self._say_of(reading, name, sentence)
        owner = self._owner(reading)
        city = next((place for _, _, place in reading.organs if not place.is_land), None)
        return RowRead(reading.row, reading.values, reading.project_no, owner, city, tuple(reading.filed),
                       tuple(reading.messages))  # fmt: skip

    def _owner(self, reading: "_Reading") -> Place | None:
        """The zone if one is stated, else the district; a zone of another district is a contradiction."""
        land = [each for each in reading.organs if each[2].is_land]
        for column, raw, place in land[1:]:
            if place.root_id != land[0][2].root_id:
                reading.say(column, raw, Saying(N_("“%(zone)s”不在“%(district)s”；请核对所属区和开发区。"),
                                                zone=place.name, district=land[0][2].name))  # fmt: skip
        return max((place for _, _, place in land), key=lambda place: place.id != place.root_id, default=None)

    def _say_of(self, reading: "_Reading", name: str, sentence: str) -> None:
        column = next(each for each in self.heading.columns if each.field.name == name)
        reading.say(column, reading.values[name], Saying(sentence))


@dataclass
class _Reading:
    """A row while it is being read."""

    row: int
    unit_note: str = ""
    values: dict[str, object] = field(default_factory=dict)
    project_no: str | None = None
    organs: list[tuple[Column, object, Place]] = field(default_factory=list)
    filed: list[Filed] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    touched: bool = False

    def say(self, column: Column, raw: object, what: Saying, *, level: Level = "error") -> None:
        """Write down what is wrong with a cell."""
        self.messages.append(Message(self.row, column.letter, column.heading, str(raw).strip()[:LONGEST_SHOWN],
                                     what.message, what.params, level))  # fmt: skip

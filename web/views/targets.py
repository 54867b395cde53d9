"""What the page of the year's targets shows."""

from dataclasses import dataclass
from datetime import date

from web.fields import FieldView
from web.views.shared import Chip


@dataclass(frozen=True)
class TargetCell:
    """One target as it is typed; `half` is what stands for a half-year that is left blank."""

    name: str
    label: str
    value: str
    error: str = ""
    half: str = ""


@dataclass(frozen=True)
class TargetRow:
    """One district."""

    district: str
    cells: tuple[TargetCell, ...]
    note_name: str
    note: str
    demo: bool = False
    note_error: str = ""


@dataclass(frozen=True)
class TargetsPage:
    """The targets of a year; `wrongs` are the mistakes of a file, by row and column."""

    year: int
    years: tuple[Chip, ...]
    heads: tuple[str, ...]
    rows: tuple[TargetRow, ...]
    seen: str
    may_set: bool
    save_href: str
    import_href: str
    export_href: str
    rates_href: str
    problem: str = ""
    wrongs: tuple[str, ...] = ()


@dataclass(frozen=True)
class RateRow:
    """One rate and where it comes from."""

    currency: str
    code: str
    on: date
    yuan: str
    source: str


@dataclass(frozen=True)
class RatesPage:
    """The rates, and the form for who may add one."""

    rows: tuple[RateRow, ...]
    fields: tuple[FieldView, ...]
    save_href: str
    targets_href: str

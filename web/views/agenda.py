"""政策日程: what each duty did last and does next, what was missed, what would run, and who owes what."""

from dataclasses import dataclass
from datetime import date, datetime

from web.fields import FieldView
from web.views.shared import Act, LampView


@dataclass(frozen=True)
class DutyLine:
    """定期职责. `opens` says for whom, `next_note` why its day is another one or not certain."""

    name: str
    article: str
    purpose: str
    opens: str
    rule: str
    catch_up: str
    lamp: LampView
    last: str
    last_at: datetime | None
    next: str
    next_on: str
    next_note: str = ""
    acts: tuple[Act, ...] = ()


@dataclass(frozen=True)
class AskedLine:
    """漏办的一期 that waits for a word."""

    name: str
    period: str
    opened_on: date
    asked_at: datetime
    acts: tuple[Act, ...] = ()


@dataclass(frozen=True)
class PreviewLine:
    """What would be opened on a day: the names of the first, and how many more there are."""

    name: str
    period: str
    on: str
    count: str
    names: tuple[str, ...]
    more: int = 0
    note: str = ""


@dataclass(frozen=True)
class OwedItem:
    """One open item; without `href` the visitor may know of it only that it is owed."""

    text: str
    about: str
    period: str
    due_on: date | None
    lamp: LampView
    holder: str
    href: str = ""


@dataclass(frozen=True)
class OwingOrgan:
    """What one organ owes, the most urgent first; `rest` more behind `href`."""

    name: str
    number: int
    late: int
    items: tuple[OwedItem, ...]
    rest: int = 0
    href: str = ""


@dataclass(frozen=True)
class AgendaPage:
    """The page; `until` is the field of the preview, `all_href` leads back from one organ to all."""

    duties: tuple[DutyLine, ...]
    asked: tuple[AskedLine, ...]
    preview: tuple[PreviewLine, ...]
    until: FieldView
    owing: tuple[OwingOrgan, ...]
    owed: int
    late: int
    all_href: str = ""

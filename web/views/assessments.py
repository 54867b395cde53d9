"""考核: the list, a sheet, a score with what it was counted from, objections, and the schemes."""

from dataclasses import dataclass

from web.fields import FieldView
from web.views.shared import Act, Fact, LampView, Link


@dataclass(frozen=True)
class AssessmentLine:
    """One assessment in the list."""

    title: str
    href: str
    lamp: LampView
    scheme: str
    until: str
    final_on: str


@dataclass(frozen=True)
class ScoreCell:
    """One score, which leads to how it was made."""

    text: str
    href: str


@dataclass(frozen=True)
class ScoreRow:
    """One unit's line."""

    placed: str
    name: str
    code: str
    cells: tuple[ScoreCell, ...]
    total: str
    combined: str
    combined_placed: str
    margin: str
    tags: tuple[str, ...]
    own: bool


@dataclass(frozen=True)
class ObjectionRow:
    """异议 with its answer."""

    unit: str
    indicator: str
    reason: str
    by: str
    lamp: LampView
    decision: str
    decided: str
    change: str
    files: tuple[Link, ...]
    decide_href: str


@dataclass(frozen=True)
class AssessmentPage:
    """One sheet: units by indicators, with places, margins, 公示 and objections."""

    title: str
    lead: str
    lamp: LampView
    standard: bool
    facts: tuple[Fact, ...]
    columns: tuple[tuple[str, str], ...]  # name, weight
    rows: tuple[ScoreRow, ...]
    combined: bool
    objections: tuple[ObjectionRow, ...]
    show_objections: bool
    links: tuple[tuple[str, str, str], ...]  # text, href, icon
    object_href: str
    object_blocked: str
    list_href: str
    demo: bool = False


@dataclass(frozen=True)
class FigureRow:
    """One row behind a figure."""

    text: str
    href: str
    on: str
    part: str
    whole: str
    note: str


@dataclass(frozen=True)
class FigureView:
    """A figure of a score: its value, where it comes from, and the rows it is counted from."""

    name: str
    value: str
    was: str
    meaning: str
    source: str
    rows: tuple[FigureRow, ...]
    shares: bool
    total: str
    hidden: str  # why the rows are not shown
    files: tuple[Link, ...]


@dataclass(frozen=True)
class ScorePage:
    """How one score was made: formula with inputs and result, then each figure."""

    title: str
    score: str
    formula: str
    facts: tuple[Fact, ...]
    figures: tuple[FigureView, ...]
    crumbs: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class FillCell:
    """A typed figure of one unit: the name of its field, what stands in it, what is wrong with it."""

    unit: str
    name: str
    value: str
    error: str


@dataclass(frozen=True)
class FillPart:
    """One typed indicator: a number for each unit, and the papers they rest on."""

    word: str
    title: str
    meaning: str
    cells: tuple[FillCell, ...]
    evidence: FieldView
    note: FieldView
    files: tuple[Link, ...]


@dataclass(frozen=True)
class FillPage:
    """补录人工指标."""

    title: str
    action_href: str
    parts: tuple[FillPart, ...]
    problem: str
    crumbs: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class SchemeLine:
    """One scheme in the list."""

    name: str
    href: str
    subject: str
    year: str
    version: str
    lamp: LampView
    made: str


@dataclass(frozen=True)
class SchemeCell:
    """One cell of an indicator row as it is typed or shown."""

    column: str
    title: str
    value: str
    error: str
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class SchemeRow:
    """One indicator."""

    number: int
    cells: tuple[SchemeCell, ...]


@dataclass(frozen=True)
class SchemePage:
    """A scheme to be read or, with `action_href`, edited."""

    title: str
    lead: str
    lamp: LampView | None
    standard: bool
    facts: tuple[Fact, ...]
    head: tuple[str, ...]
    rows: tuple[SchemeRow, ...]
    acts: tuple[Act, ...]
    links: tuple[tuple[str, str, str], ...]
    crumbs: tuple[tuple[str, str], ...]
    action_href: str = ""
    fields: tuple[FieldView, ...] = ()
    problem: str = ""
    problems: tuple[str, ...] = ()
    figures: tuple[tuple[str, str, str], ...] = ()  # word, name, meaning

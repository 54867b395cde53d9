"""台账字段: what the ledger knows of a project, read from data/ledger_fields.csv, and what each stage needs of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from models.reference import reference_rows
from models.stage import reached
from models.texts import N_

PLAN = "year_plan_wan"  # filed as a dated entry, yet a project under way cannot do without it
GUESSES = ("guess_district", "guess_chain")  # ours, shown as such, never read as facts
TYPED = frozenset({"text", "choice", "money", "date", "past", "int", "uscc", "fai", "industry", "chain", "stage"})
# (field to mark, what may not be above, what it may not exceed, why)
ORDERED = (
    ("fixed_asset", "fixed_asset", "total_investment", N_("固定资产投资大于总投资；请核对两处的单位。")),
    ("plan_finish_on", "plan_start_on", "plan_finish_on", N_("计划竣工早于计划开工；请核对日期。")),
    ("actual_finish_on", "actual_start_on", "actual_finish_on", N_("实际竣工早于实际开工；请核对日期。")),
    ("produced_on", "actual_start_on", "produced_on", N_("投产时间早于实际开工；请核对日期。")),
)


@dataclass(frozen=True)
class LedgerField:
    """台账字段。 `column` is its column of the project, or empty when it lies in the extras.

    `from_stage` is the first stage that cannot do without it: what a stage gathers is needed from the next stage on.
    `only_when` narrows that to one kind of capital (内资). `unit` is how people write it; columns hold 万元.
    """

    key: str
    name_zh: str
    name_en: str
    column: str
    type: str
    unit: str
    choices: tuple[str, ...]
    from_stage: str
    only_when: str
    aliases: tuple[str, ...]
    source: str

    @property
    def name(self) -> str:
        """The name commands know it by: its column, else its ledger key."""
        return self.column or self.key

    @property
    def is_guess(self) -> bool:
        """Whether it holds a guess of ours that waits to be confirmed."""
        return self.key in GUESSES


@lru_cache
def ledger_fields() -> tuple[LedgerField, ...]:
    """All fields in the order of the ledger."""
    return tuple(
        LedgerField(row["key"], row["name_zh"], row["name_en"], row["column"], row["type"], row["unit"],
                    _parts(row["choices"]), row["from_stage"], row["only_when"], _parts(row["aliases"]),
                    row["source_or_standard"])
        for row in reference_rows("ledger_fields")
    )  # fmt: skip


@lru_cache
def fields_by_name() -> Mapping[str, LedgerField]:
    """Each field by the name commands use: column, else ledger key."""
    return {field.name: field for field in ledger_fields()}


def facts_in(answers: Mapping[str, object]) -> dict[str, object]:
    """The answers of a form that are fields of the ledger and may be written as they are."""
    known = fields_by_name()
    return {name: value for name, value in answers.items() if name in known and known[name].type in TYPED}


@lru_cache
def field_of_key(key: str) -> LedgerField:
    """The field of a ledger key; raises KeyError."""
    return {field.key: field for field in ledger_fields()}[key]


def field_named(name: str) -> LedgerField:
    """The field of a command name or a ledger key; raises KeyError for anything else."""
    return fields_by_name().get(name) or field_of_key(name)


@lru_cache
def chain_names() -> Mapping[str, str]:
    """Every way a chain is written → its name in the ledger."""
    names: dict[str, str] = {}
    for row in reference_rows("chains"):
        names |= dict.fromkeys([row["chain"], row["full_name"], *_parts(row["aliases"])], row["chain"])
    return names


def missing_fields(values: Mapping[str, object], stage: str | None = None) -> list[LedgerField]:
    """What a project in this stage (its own when not given) still lacks, in the order of the ledger.

    `values` are by command name; a stage that nobody has stated is itself missing.
    """
    current = stage or values.get("stage")
    return [
        field
        for field in ledger_fields()
        if is_required(field, str(current) if current else None, str(values.get("capital_nature") or ""))
        and field.type != "entries"  # what is filed by date is asked for beside the amounts
        and values.get(field.name) in (None, "")
    ]


def is_required(field: LedgerField, stage: str | None, capital_nature: str) -> bool:
    """Whether a project of this stage and kind of capital must have the field."""
    if not field.from_stage or not reached(stage, field.from_stage):
        return False
    return field.only_when in ("", capital_nature)


def contradictions(values: Mapping[str, object]) -> dict[str, str]:
    """What cannot both be true, as a sentence at the later or smaller field of each pair."""
    return {name: why for name, low, high, why in ORDERED if _above(values.get(low), values.get(high))}


def _above(smaller: object, larger: object) -> bool:
    return smaller is not None and larger is not None and bool(smaller > larger)  # type: ignore[operator]


def _parts(cell: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in cell.split("|") if part.strip())

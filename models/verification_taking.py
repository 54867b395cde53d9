"""取数: which amounts of a half-year a district answers for, each with what was taken back of it; taken up until the freeze."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

from sqlalchemy import select

from models.amount import AmountEntry
from models.capital import KIND, capital_rows
from models.clock import local_day
from models.district import land_on
from models.duty import first_day_of, last_day_of
from models.unit import Unit
from models.verification_rows import FILED, STATES, Verification, VerificationEntry, VerificationVoucher, entries_of

INSTANT = timedelta(microseconds=1)
WITHDRAWN, BEFORE = "已撤回", "此前已认定"


@dataclass(frozen=True)
class Taken:
    """One amount as it stands in the ledger; `recognised` None: to be judged. 万 of its currency."""

    entry: AmountEntry
    declared: Decimal
    recognised: Decimal | None
    reason: str = ""


def take_up(unit: Unit, row: Verification) -> list[VerificationEntry]:
    """The verification's lines brought to what the ledger holds now; what the district explained stays."""
    known = {each.entry_id: each for each in entries_of(unit.session, row.id)}
    proved: list[tuple[VerificationEntry, AmountEntry]] = []
    for taken in taken_of(unit, row):
        line = known.get(taken.entry.id)
        if line is None:
            line = _new(row, taken)
            unit.session.add(line)
            proved += [(line, taken.entry)] if taken.entry.attachment_id else []
        _put(line, taken)
    unit.session.flush()  # new lines are read again with the old, and their vouchers need their numbers
    unit.session.add_all(_filed(line, entry) for line, entry in proved)
    unit.session.flush()  # a file that is added again must find itself
    return entries_of(unit.session, row.id)


def _filed(line: VerificationEntry, entry: AmountEntry) -> VerificationVoucher:
    """What came with the amount when it was filed: nobody is asked for it again."""
    return VerificationVoucher(
        line_id=line.id, attachment_id=entry.attachment_id, kind=FILED, filed_by="", filed_at=entry.filed_at
    )


def absorb(unit: Unit, lines: Iterable[VerificationEntry]) -> None:
    """Amounts that somebody recognised elsewhere since they were taken up need no judgement any more."""
    waiting = {each.entry_id: each for each in lines if each.state in ("open", "judged", "back")}
    for taken in _taken(_family(unit, waiting)):
        if taken.recognised is not None:
            _put(waiting[taken.entry.id], taken)


def taken_of(unit: Unit, row: Verification) -> list[Taken]:
    """Every amount of the half-year, 内资 and 外资, by the land of the day the verification was opened."""
    land = land_on(unit.session, local_day(row.opened_at))
    numbers = [
        found.entry_id
        for nature in KIND
        for found in capital_rows(
            unit.session,
            nature,
            first=first_day_of(row.period),
            last=last_day_of(row.period),
            filed_before=unit.now + INSTANT,
            answering=land.answering,
            district_id=row.organ_id,
        )
    ]
    query = select(AmountEntry).where(AmountEntry.id.in_(numbers)).order_by(AmountEntry.on, AmountEntry.id)
    return _taken(list(unit.session.scalars(query)))


def _family(unit: Unit, numbers: Iterable[int]) -> list[AmountEntry]:
    wanted = list(numbers)
    query = select(AmountEntry).where(AmountEntry.id.in_(wanted) | AmountEntry.reduces_id.in_(wanted))
    return list(unit.session.scalars(query.order_by(AmountEntry.on, AmountEntry.id)))


def _taken(entries: list[AmountEntry]) -> list[Taken]:
    """Entries with their own reductions; a reduction of something that is not here stands for itself."""
    roots = {each.id: each for each in entries if each.reduces_id is None}
    found = {number: _root(entry) for number, entry in roots.items()}
    for entry in entries:
        if entry.reduces_id is None:
            continue
        root = found.get(entry.reduces_id)
        if root is None:
            found[entry.id] = _root(entry)
        else:
            found[entry.reduces_id] = _less(root, entry)
    return list(found.values())


def _root(entry: AmountEntry) -> Taken:
    if entry.standing == "declared":
        return Taken(entry, entry.amount, None)
    if entry.standing == "reduced":
        return Taken(entry, Decimal(0), entry.amount, entry.note)
    reason = entry.note if entry.standing == "withdrawn" else BEFORE
    return Taken(entry, entry.amount, entry.amount, reason)


def _less(root: Taken, entry: AmountEntry) -> Taken:
    if entry.standing == "reduced":
        return replace(root, recognised=(root.recognised or Decimal(0)) + entry.amount, reason=entry.note)
    left = root.declared + entry.amount
    if root.recognised is not None:
        return replace(root, declared=left, recognised=root.recognised + entry.amount)
    return replace(
        root, declared=left, recognised=Decimal(0) if left <= 0 else None, reason=f"{WITHDRAWN}：{entry.note}"
    )


def _new(row: Verification, taken: Taken) -> VerificationEntry:
    entry = taken.entry
    return VerificationEntry(
        verification_id=row.id,
        entry_id=entry.id,
        project_id=entry.project_id,
        nature="foreign" if entry.kind == KIND["foreign"] else "domestic",
        currency=entry.currency,
        on=entry.on,
        declared=taken.declared,
        state="open",
    )


def _put(line: VerificationEntry, taken: Taken) -> None:
    line.declared = taken.declared
    if taken.recognised is None:
        return
    line.recognised, line.reason, line.state = taken.recognised, taken.reason[:300], "known"
    assert line.state in STATES

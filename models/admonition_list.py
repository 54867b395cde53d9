"""The list of a period's talks: computed once and frozen, edited by hand with a reason, told to those who work on it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.admonition import (
    Admonition,
    CalledUnit,
    Commitment,
    Judged,
    admonition_of,
    called_unit,
    commitments_of,
    figure_rows,
    sees_whole_lists,
    units_of,
)
from models.assessment import Standing, standings_of
from models.district import land_on
from models.duty import period_zh
from models.matter import Matter, tells
from models.organ import organ_names, organ_of
from models.process import WorkItem
from models.refusal import Invalid, NotDue, NotFound
from models.standing import places
from models.target import are_made_up
from models.texts import N_
from models.unit import Unit

LONGEST_REASON = 500


def open_list(unit: Unit, row: Admonition, judged: Sequence[Judged], standings: Sequence[Standing]) -> None:
    """File whom the rule calls, and the footnotes of all. Who was merged since then is called as its successor, once."""
    land = land_on(unit.session, unit.today)
    names = organ_names(unit.session, [each.organ_id for each in judged])
    figures = _figures(standings)
    row.notes = [[names[each.organ_id], note] for each in judged for note in each.notes]
    row.demo = are_made_up(unit.session, int(row.period[:4]))
    found: dict[int, CalledUnit] = {}
    for each in judged:
        if each.called:
            holder = land.answering.get(each.organ_id, each.organ_id)
            before = "" if holder == each.organ_id else f"原{names[each.organ_id]}"
            known = found.setdefault(holder, CalledUnit(admonition_id=row.id, organ_id=holder, reasons=[], figures=[]))
            known.reasons = [*known.reasons, *(f"{before}：{text}" if before else text for text in each.reasons)]
            known.figures = [*known.figures, *([before + head, *rest] for head, *rest in figures[each.organ_id])]
    unit.session.add_all(found.values())
    unit.session.flush()  # the trace and the pages name their numbers


def _figures(standings: Sequence[Standing]) -> dict[int, list[list[str]]]:
    place = places({each.organ_id: each.combined for each in standings})
    return {each.organ_id: figure_rows(each, place[each.organ_id]) for each in standings}


def remove_unit(unit: Unit, *, unit_id: int, reason: str) -> None:
    """去掉 a unit from a list under review; it stays on the list, struck through, with who and why. Raises Invalid, NotDue."""
    each = called_unit(unit.session, unit_id)
    row = _under_review(unit, each.admonition_id)
    if each.removed_at is not None:
        raise NotDue(N_("这个单位已经去掉了。"))
    each.removed_why = _reason(reason, "removed_why")
    each.removed_at, each.removed_by = unit.now, unit.actor.name
    unit.trace("admonition.remove", "admonition", row.id, {"organ": each.organ_id, "reason": each.removed_why})


def add_unit(unit: Unit, *, admonition_id: int, organ_id: int, reason: str) -> None:
    """增加 a district to a list under review, or put one back; with a reason. Raises Invalid, NotDue."""
    row = _under_review(unit, admonition_id)
    why = _reason(reason, "added_why")
    if not organ_id:
        raise Invalid(N_("填写有误"), fields={"organ_id": N_("请选择现有的区。")})
    organ = organ_of(unit.session, organ_id)
    if organ.kind != "district" or not organ.is_valid(unit.today):
        raise Invalid(N_("填写有误"), fields={"organ_id": N_("请选择现有的区。")})
    known = next((each for each in units_of(unit.session, row.id) if each.organ_id == organ_id), None)
    if known is not None and known.removed_at is None:
        raise Invalid(N_("填写有误"), fields={"organ_id": N_("这个区已在名单上。")})
    if known is None:
        figures = _figures(standings_of(unit.session, row.assessment_id)).get(organ_id, [])
        known = CalledUnit(admonition_id=row.id, organ_id=organ_id, reasons=[], figures=figures)
        unit.session.add(known)
    known.removed_at, known.removed_by = None, None
    known.added_by, known.added_why = unit.actor.name, why
    known.reasons = [*known.reasons, why]
    unit.trace("admonition.add", "admonition", row.id, {"organ": organ_id, "reason": why})


def _under_review(unit: Unit, admonition_id: int) -> Admonition:
    row = admonition_of(unit.session, admonition_id)
    unit.require("admonition.edit", organ_ids=[row.desk_organ_id])
    if row.state != "reviewing":
        raise NotDue(N_("名单已经报批或者批准，不能再增减。"))
    return row


def _reason(reason: str, field: str) -> str:
    if not reason.strip():
        raise Invalid(N_("填写有误"), fields={field: N_("请写明理由。")})
    if len(reason.strip()) > LONGEST_REASON:
        raise Invalid(N_("填写有误"), fields={field: N_("最多%(limit)s个字。") % {"limit": LONGEST_REASON}})
    return reason.strip()


def called_of(session: Session, admonition_id: int) -> list[CalledUnit]:
    """The units that stayed on the list."""
    return [each for each in units_of(session, admonition_id) if each.removed_at is None]


def unit_of_process(session: Session, process_id: int) -> CalledUnit | None:
    """The unit a talk's process runs for."""
    return session.scalars(select(CalledUnit).where(CalledUnit.process_id == process_id)).one_or_none()


@tells("admonition")
def _of_list(session: Session, process_id: int) -> Iterator[Matter]:
    row = session.scalars(select(Admonition).where(Admonition.process_id == process_id)).one_or_none()
    if row is None:
        return
    yield Matter(N_("约谈名单"), period_zh(row.period), f"/admonition/{row.id}")
    units = called_of(session, row.id)
    names = organ_names(session, [each.organ_id for each in units])
    for each in units:
        yield Matter(N_("约谈单位"), f"{names[each.organ_id]}：{'；'.join(each.reasons)}")


@tells("admonition_unit")
def _of_unit(session: Session, process_id: int) -> Iterator[Matter]:
    each = unit_of_process(session, process_id)
    if each is None:
        return
    yield Matter(
        N_("约谈名单"),
        period_zh(admonition_of(session, each.admonition_id).period),
        f"/admonition/{each.admonition_id}",
    )
    yield Matter(N_("约谈事由"), "；".join(each.reasons))
    if each.held_on:
        yield Matter(N_("约谈时间和地点"), f"{each.held_on.isoformat()} {each.held_time}，{each.place}")
    lines = commitments_of(session, [each.id])
    yield from _told(lines, commitment_items(session, lines))


@tells("admonition_commitment")
def _of_commitment(session: Session, process_id: int) -> Iterator[Matter]:
    line = session.scalars(select(Commitment).where(Commitment.process_id == process_id)).one_or_none()
    if line is None:
        return
    each = called_unit(session, line.called_unit_id)
    period = period_zh(admonition_of(session, each.admonition_id).period)
    yield Matter(N_("约谈名单"), period, f"/admonition/{each.admonition_id}")
    yield from _told([line], {})


def _told(lines: Iterable[Commitment], items: Mapping[int, int]) -> Iterator[Matter]:
    for line in lines:
        said = f"{line.number}. {line.text}（{line.owner}，{line.due_on.isoformat()}前）"
        result = f"\n结果：{line.result}" if line.result else ""
        opinion = f"\n上次复查：{line.opinion}" if line.opinion else ""
        href = f"/tasks/{items[line.id]}" if line.id in items else ""
        slot = line.number if line.passed_at is None else None  # what passed is not asked about again
        yield Matter(N_("承诺事项"), said + result + opinion, href, slot)


def commitment_items(session: Session, lines: Iterable[Commitment]) -> dict[int, int]:
    """By the number of a commitment: the task in which it is, or was last, to be kept."""
    by_process = {line.process_id: line.id for line in lines if line.process_id}
    query = select(WorkItem.process_id, WorkItem.id).where(WorkItem.process_id.in_(by_process))
    return {by_process[process_id]: item_id for process_id, item_id in session.execute(query.order_by(WorkItem.id))}


def find_admonition(unit: Unit, admonition_id: int) -> tuple[Admonition, list[CalledUnit]]:
    """A list with the units on it that the actor may know of; raises NotFound when that is none of it.

    The city's own organs see all of it at any time, a unit what concerns itself, once the list is approved.
    """
    row = admonition_of(unit.session, admonition_id)
    units = units_of(unit.session, row.id)
    if sees_whole_lists(unit.actor):
        return row, units
    mine = {grant.organ_id for grant in unit.actor.grants}
    own = [each for each in units if each.organ_id in mine and each.removed_at is None]
    if row.approved_at is None or not own:
        raise NotFound(N_("没有找到这一期约谈。"))
    return row, own

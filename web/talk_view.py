"""约谈 as its pages show it: the lists, and one list with reasons, changes, papers, records and commitments."""

from collections.abc import Mapping
from datetime import date

from flask import url_for
from flask_babel import gettext as _

from models.admonition import STATES, Admonition, CalledUnit, Commitment, commitments_of, lists_for, sees_whole_lists
from models.admonition_list import LONGEST_REASON, called_of, commitment_items, find_admonition
from models.clock import local_day
from models.matter import my_open_item
from models.notice import Notice, notices_by_id
from models.organ import organ_names, organs
from models.unit import Unit
from web.asked_again import Refused, asked_again
from web.duty_words import period_words
from web.fields import ChoiceView, FieldView
from web.i18n import day, language, say
from web.project_history import named
from web.views import Act, LampView, Link
from web.views.talks import CommitmentLine, TalkListPage, TalkRow, TalksPage, TalksRow

STATE_LAMPS = {"reviewing": "yellow", "approving": "yellow", "approved": "green"}


def talks_page(unit: Unit) -> TalksPage:
    """All lists the actor may know of, newest first; two queries for each."""
    return TalksPage(tuple(_period_row(unit, row) for row in lists_for(unit.session, unit.actor)))


def _period_row(unit: Unit, row: Admonition) -> TalksRow:
    units = called_of(unit.session, row.id)
    if not sees_whole_lists(unit.actor):
        units = [each for each in find_admonition(unit, row.id)[1] if each.removed_at is None]
    return TalksRow(
        period=Link(period_words(row.period), url_for("admonition.page", admonition_id=row.id)),
        lamp=_state_lamp(row),
        called=len(units),
        talked=sum(each.recorded_at is not None for each in units),
        closed=sum(each.closed_at is not None for each in units),
    )


def _state_lamp(row: Admonition) -> LampView:
    return LampView(STATE_LAMPS[row.state], say(STATES[row.state]))  # type: ignore[arg-type]


def talk_list_page(unit: Unit, admonition_id: int, refused: Refused | None = None) -> TalkListPage:
    """One list. What was refused is asked again with what was typed. Raises NotFound."""
    row, units = find_admonition(unit, admonition_id)
    may_edit = row.state == "reviewing" and unit.actor.may("admonition.edit", [row.desk_organ_id])
    item = my_open_item(unit, row.process_id)
    approved = _("%(who)s%(day)s批准", who=row.approved_by, day=day(row.approved_at)) if row.approved_at else ""
    rule = _("规则：内资或外资目标没有完成，或者内外资综合得分列后三位（并列的都列入）。没有下达目标的不作为理由。")
    return TalkListPage(
        title=_("%(period)s约谈名单", period=period_words(row.period)),
        lamp=_state_lamp(row),
        lead=f"{rule}{approved}" if language() == "zh" else f"{rule} {approved}".strip(),
        rows=_rows(unit, units, may_edit=may_edit, refused=refused),
        notes=tuple(f"{name}：{note}" for name, note in row.notes) if sees_whole_lists(unit.actor) else (),
        acts=_offered((_add_act(unit, row),) if may_edit else (), refused),
        list_href=url_for("admonition.index"),
        next_step=Link(item[1], url_for("work.item", item_id=item[0])) if item else None,
        pdf_href=url_for("admonition.pdf", admonition_id=row.id) if sees_whole_lists(unit.actor) else "",
        sheet_href=url_for("admonition.sheet", admonition_id=row.id) if sees_whole_lists(unit.actor) else "",
        demo=row.demo,
    )


def _offered(acts: tuple[Act, ...], refused: Refused | None) -> tuple[Act, ...]:
    """The acts, the refused one open if it is among them."""
    return asked_again(acts, refused if refused and any(each.key == refused.key for each in acts) else None)


def _rows(unit: Unit, units: list[CalledUnit], *, may_edit: bool, refused: Refused | None) -> tuple[TalkRow, ...]:
    lines = commitments_of(unit.session, [each.id for each in units])
    names = organ_names(unit.session, [each.organ_id for each in units], language())
    papers = notices_by_id(unit.session, [n for each in units for n in (each.notice_id, each.record_notice_id) if n])
    items = commitment_items(unit.session, lines)
    return tuple(
        TalkRow(
            name=names[each.organ_id],
            reasons=tuple(each.reasons),
            changes=tuple(changes_of(each)),
            struck=each.removed_at is not None,
            lamp=_lamp(each, papers),
            talk=_("%(day)s%(time)s，%(place)s", day=day(each.held_on), time=each.held_time, place=each.place)
            if each.held_on
            else "",
            papers=_papers(each, papers),
            commitments=tuple(_commitment(line, unit.today, items) for line in lines if line.called_unit_id == each.id),
            acts=_offered((_remove_act(each),) if may_edit and each.removed_at is None else (), refused),
        )
        for each in units
    )


def changes_of(each: CalledUnit) -> list[str]:
    """Who put a unit on the list or took it off by hand, and why."""
    found = []
    if each.added_by:
        found.append(_("由%(who)s增加：%(why)s", who=each.added_by, why=each.added_why))
    if each.removed_at:
        told = _("由%(who)s于%(day)s去掉：%(why)s", who=each.removed_by, day=day(each.removed_at), why=each.removed_why)
        found.append(told)
    return found


def _lamp(each: CalledUnit, papers: Mapping[int, Notice]) -> LampView:
    """How far the talk is."""
    if each.removed_at:
        return LampView("grey", _("已去掉"))
    if each.closed_at:
        return LampView("green", _("已办结"))
    if each.recorded_at:
        return LampView("yellow", _("跟踪承诺（第%(n)s轮）", n=each.round))
    paper = papers.get(each.notice_id or 0)
    if paper is not None:
        return LampView("yellow", _("已通知，已签收") if paper.acknowledged_at else _("已通知，未签收"))
    return LampView("yellow", _("安排中")) if each.process_id else LampView("grey", _("名单未批准"))


def _papers(each: CalledUnit, papers: Mapping[int, Notice]) -> tuple[Link, ...]:
    numbered = ((each.notice_id, _("约谈通知书")), (each.record_notice_id, _("约谈记录")))
    return tuple(
        Link(f"{name} {papers[number].number}", url_for("notices.page", notice_id=number))
        for number, name in numbered
        if number is not None and number in papers
    )


def _commitment(line: Commitment, today: date, items: Mapping[int, int]) -> CommitmentLine:
    return CommitmentLine(
        text=f"{line.number}. {line.text}",
        owner=line.owner,
        due_on=line.due_on,
        lamp=_kept_lamp(line, today),
        result=line.result,
        href=url_for("work.item", item_id=items[line.id]) if line.id in items else "",
    )


def _kept_lamp(line: Commitment, today: date) -> LampView:
    if line.passed_at:
        return LampView("green", _("已做到"))
    if line.reported_at:
        return LampView("yellow", _("已报结，待复查"))
    if line.due_on < today:
        return LampView("red", _("超期%(n)s天", n=(today - line.due_on).days))
    return LampView("grey", _("办理中"))


def _remove_act(each: CalledUnit) -> Act:
    why = FieldView("removed_why", _("去掉的理由"), "textarea", required=True, max_length=LONGEST_REASON)
    href = url_for("admonition.remove", unit_id=each.id)
    question = _("这个单位仍留在名单上，划去并写明理由。")
    return Act(f"remove-{each.id}", _("去掉"), href, "x-circle", "danger", question, (why,))


def _add_act(unit: Unit, row: Admonition) -> Act:
    on_it = {each.organ_id for each in called_of(unit.session, row.id)}
    others = [each for each in organs(unit.session, unit.today, ["district"]) if each.id not in on_it]
    choices = tuple(ChoiceView(str(each.id), named(each.name_zh, each.name_en), taken=False) for each in others)
    fields = (
        FieldView("organ_id", _("区"), "select", required=True, choices=choices),
        FieldView("added_why", _("增加的理由"), "textarea", required=True, max_length=LONGEST_REASON),
    )
    href = url_for("admonition.add", admonition_id=row.id)
    return Act("add", _("增加单位"), href, "plus-lg", "secondary", _("理由会印在名单和通知书上。"), fields)


def opened_on(row: Admonition) -> date:
    """The day the list was computed, in Asia/Shanghai."""
    return local_day(row.opened_at)

"""Turns an item's card into its page: five answers, what is asked, what is known, what may be done, what happened."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from secrets import token_urlsafe
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from engine.maps import Map, Node
from forms.reader import form_schema
from models.calendar import WorkCalendar, load_calendar
from models.clock import local_day
from models.district import land_on
from models.item_card import FileFacts, ItemCard, files_named
from models.organ import coordinators, organs
from models.permit import ROLES
from models.refusal import Invalid, Refusal
from models.unit import Unit
from models.worklist import soon_until
from web.fields import FieldView, fields_of
from web.i18n import day, language, moment, say
from web.inbox_view import due_lamp, mechanism_name
from web.item_acts import item_acts
from web.item_facts import answered_facts, item_facts
from web.item_form import SAVED_AT, Typed, file_choices, numbers_in, schema_of
from web.next_steps import next_steps
from web.project_history import history_lines, named
from web.project_list import stage_name
from web.views import FileView, FiveAnswers, ItemPage, Link

SIGN = "supervision_sign"


@dataclass(frozen=True)
class Known:
    """What the pieces of the page share: the card, its map and node, the calendar and the files spoken of."""

    unit: Unit
    card: ItemCard
    drawn: Map
    node: Node | None
    calendar: WorkCalendar
    files: Mapping[int, FileFacts]

    @property
    def schema(self) -> Mapping[str, Any]:
        """What is asked, narrowed to the findings and lines there are and explained by them."""
        asked = with_slots(for_stage(schema_of(self.card.form, home=self.card.home), self.card), self.card)
        return _with_findings(asked, self.card) if self.card.rectification else asked


def item_view(
    unit: Unit, card: ItemCard, drawn: Map, *, typed: Typed | None = None, refusal: Refusal | None = None
) -> ItemPage:
    """The page as the actor sees it now; after a refusal with what was typed, which she may correct or copy."""
    shown = typed or _standing(card)
    spoken = [shown.values, card.answers, card.draft, *(each.answers for each in card.earlier)]
    if card.rectification:
        spoken.append(card.rectification.report)
    numbers = {number for values in spoken for value in values.values() for number in numbers_in(value)}
    node, files = drawn.nodes.get(card.line.node), files_named(unit, numbers)
    known = Known(unit, card, drawn, node, load_calendar(unit.session), files)
    fields = _fields(known, shown, refusal) if typed or card.rights.handle or card.line.state == "done" else ()
    open_now, (story, facts) = card.rights.handle, item_facts(unit, card)
    page = ItemPage(
        id=str(card.line.id),
        title=card.line.name,
        mechanism=mechanism_name(card.line.process_key),
        subject=_subject(card),
        lamp=due_lamp(card.line, unit.now, soon_until(unit)),
        five=five_answers(known),
        facts=facts,
        story=story,
        before=answered_facts(card, known.files),
        fields=fields,
        acts=item_acts(card),
        history=history_lines(card.history, {card.line.process_id: drawn}, unit.now),
        files=tuple(_file(card, each) for each in known.files.values()),
        closed="" if open_now else _closed(card),
        problem=_problem(refusal, fields),
        stage=_around(known),
    )  # fmt: skip
    return (
        replace(page, **_ways(known), offline=_offline(known)) if open_now else replace(page, offline=_offline(known))
    )


def _offline(known: Known) -> str:
    """The name under which this officer's words for this item stay on her device; "" for forms that need no such thing."""
    card = known.card
    return f"{known.unit.actor.officer_id}:{card.line.id}" if form_schema(card.form).get("x-offline") else ""


def five_answers(known: Known) -> FiveAnswers:
    """Why me, what, by when, what otherwise, who helps; none of them ever empty."""
    card, node = known.card, known.node
    asked = node.documentation.strip() if node else ""
    deadline = by_when(card.line.due_at, known.unit.today, known.calendar)
    if card.home:
        asked = _("%(who)s退回：%(note)s", who=card.returned_by, note=card.note)
    return FiveAnswers(
        why_me=_why(card),
        what=asked or _form_word(card.form, "description") or card.line.name,
        by_when=day(card.line.due_at) if card.line.done_at and card.line.due_at else deadline,
        otherwise=(node.otherwise if node else "") or _("逾期记在承办单位名下，督办人员会催办。"),
        who_helps=_helper(card, node),
    )


def by_when(due_at: datetime | None, today: date, calendar: WorkCalendar) -> str:
    """The day and the working days left or over; says when a year's holidays are not announced yet."""
    if due_at is None:
        return str(_("没有规定期限，请尽快办理。"))
    due = local_day(due_at)
    left = calendar.working_days_between(today, due)
    if due < today:
        words = _("%(day)s，已超期 %(n)s 个工作日", day=day(due), n=max(-left, 1))
    elif due == today:
        words = _("今天（%(day)s）", day=day(due))
    else:
        words = _("%(day)s前，还剩 %(n)s 个工作日", day=day(due), n=left)
    years = calendar.unannounced(min(today, due), max(today, due))
    unsure = _("（%(years)s年放假安排尚未公布，暂按周一至周五计算）", years="、".join(map(str, years))) if years else ""
    return f"{words}{unsure}"


def _why(card: ItemCard) -> str:
    organ, role = named(card.line.organ_zh, card.line.organ_en), say(ROLES.get(card.line.role, card.line.role))
    if card.line.state == "done":
        return str(_("此事项由%(organ)s的%(role)s承办，已由%(who)s办理。", organ=organ, role=role, who=card.done_by))
    if not card.rights.handle:
        return str(_("此事项由%(organ)s的%(role)s承办，您只能查看。", organ=organ, role=role))
    if card.home:
        return str(_("您办理了上一环节，%(who)s请您补正后送回。", who=card.returned_by))
    if card.line.assignee_id is not None:
        return str(_("由%(organ)s的%(role)s承办，您已认领或由他人转办给您。", organ=organ, role=role))
    return str(_("由%(organ)s的%(role)s承办，您有此职责，尚无人认领。", organ=organ, role=role))


def _helper(card: ItemCard, node: Node | None) -> str:
    if card.line.helper_zh:
        return named(card.line.helper_zh, card.line.helper_en)
    sentence = (node.helps if node else "") or ""
    return sentence if sentence and not sentence.isidentifier() else str(_("可问本单位负责人，或请督办人员协调。"))


def _standing(card: ItemCard) -> Typed:
    """What stands in the form before anybody types: the draft, else what the ledger knows; once done, the answers."""
    if card.line.state == "done":
        return Typed(card.answers)
    if card.home:  # the draft is the other's, who returned it
        return Typed()
    ledger = dict(card.project.values) if card.project else {}
    asked = form_schema(card.form)["properties"]
    plain = {name: _plain(ledger[name]) for name in asked if ledger.get(name) not in (None, "")}
    draft = {name: value for name, value in card.draft.items() if name != SAVED_AT}
    return Typed(draft or plain)


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return value.isoformat() if isinstance(value, date) else value


def _fields(known: Known, shown: Typed, refusal: Refusal | None) -> tuple[FieldView, ...]:
    card, schema = known.card, known.schema
    rules = schema["properties"]
    errors = {name: say(text) for name, text in refusal.fields.items()} if isinstance(refusal, Invalid) else {}
    choices: dict[str, list[tuple[str, str]]] = {
        name: file_choices(name, shown, known.files, card.line.id)
        for name, rule in rules.items() if rule.get("x-widget") == "files"
    }  # fmt: skip
    values = {
        name: [value for value, _text in choices[name]] if name in choices else _one(rule, shown.values.get(name))
        for name, rule in rules.items()
    }
    choices |= _organ_choices(known.unit, rules)
    last = card.last_time.answers if card.last_time and not card.home else {}
    previous = {name: _words(value, known.files) for name, value in last.items()}
    return fields_of(
        schema, values=values, errors=errors, previous=previous, choices=choices, language=language(),
        readonly=not card.rights.handle,
    )  # fmt: skip


def _one(rule: Mapping[str, Any], value: object) -> object:
    return value[0] if isinstance(value, list) and value and rule.get("type") != "array" else value


def _words(value: object, files: Mapping[int, FileFacts]) -> object:
    if isinstance(value, bool):
        return _("是") if value else _("否")
    known = [files[number].name for number in numbers_in(value) if number in files]
    return known or value


def _organ_choices(unit: Unit, rules: Mapping[str, Any]) -> dict[str, list[tuple[str, str]]]:
    widgets = {rule.get("x-widget") for rule in rules.values()}
    found: dict[str, list[tuple[str, str]]] = {}
    if "organ" in widgets:
        valid = organs(unit.session, unit.today)
        found["organ"] = [(str(each.id), named(each.name_zh, each.name_en)) for each in valid]
    if "check_districts" in rules:
        found["check_districts"] = [(str(each.id), each.name) for each in land_on(unit.session, unit.today).districts]
    if "departments" in widgets:
        able = coordinators(unit.session, unit.today)
        found["departments"] = [
            (str(each.id), f"{say(kind)} · {named(each.name_zh, each.name_en)}") for kind, each in able.items()
        ]
    return found


def for_stage(schema: Mapping[str, Any], card: ItemCard) -> Mapping[str, Any]:
    """Without what is asked only of projects in other stages: photos, for instance, of a site that is none yet."""
    stage = card.project.stage if card.project else None
    rules = {name: rule for name, rule in schema["properties"].items() if stage in rule.get("x-stages", (stage,))}
    return {**schema, "properties": rules}


def with_slots(schema: Mapping[str, Any], card: ItemCard) -> Mapping[str, Any]:
    """As many places as there are lines that are asked about; the first question of each place tells its line."""
    lines = {line.slot: line.text for line in card.matter if line.slot}
    rules = {name: rule for name, rule in schema["properties"].items() if rule.get("x-slot", None) in (None, *lines)}
    told = {
        name: {**rule, "description": lines[rule["x-slot"]], "description_en": lines[rule["x-slot"]]}
        for name, rule in rules.items()
        if "x-slot" in rule and "description" not in rule
    }
    return {**schema, "properties": {**rules, **told}, "required": [*schema.get("required", ()), *told]}


def _with_findings(schema: Mapping[str, Any], card: ItemCard) -> Mapping[str, Any]:
    """As many places as there are problems, each explained by its own, and none of them optional."""
    assert card.rectification is not None
    found = {finding.number: finding for finding in card.rectification.findings}
    rules: dict[str, Any] = {}
    for name, rule in schema["properties"].items():
        number = rule.get("x-finding")
        if number is None or (number in found and rule.get("x-widget") == "files"):  # files say how large they may be
            rules[name] = rule
        elif number in found:
            words = _("%(fact)s 要求：%(demand)s", fact=found[number].fact, demand=found[number].demand)
            result = card.rectification.report.get(f"result_{number}") if name.startswith("passed_") else None
            words += _(" 报告的结果：%(result)s", result=result) if result else ""
            rules[name] = {**rule, "description": words, "description_en": words}
    slots = [name for name, rule in rules.items() if "x-finding" in rule]
    needed = [name for name in schema.get("required", ()) if name in rules]
    return {**schema, "properties": rules, "required": list(dict.fromkeys([*needed, *slots]))}


def _ways(known: Known) -> dict[str, Any]:
    """Where the form goes, what goes with it unseen, and what follows."""
    card = known.card
    saved = card.draft.get(SAVED_AT)
    submit = _("送回") if card.home else _("签发") if card.form == SIGN else ""
    return {
        "complete_href": url_for("work.complete", item_id=card.line.id),
        "draft_href": "" if card.home else url_for("work.draft", item_id=card.line.id),
        "draft_at": datetime.fromisoformat(str(saved)) if saved else None,
        "hidden": (("version", str(card.version)), ("submit_id", token_urlsafe(16))),
        "submit_text": submit,
        "next_steps": _next(known),
    }


def _next(known: Known) -> tuple[str, ...]:
    if known.card.home:
        return (str(_("送回给退回人继续办理。")),)
    return next_steps(known.drawn, known.card.line.node) if known.node else ()


def _subject(card: ItemCard) -> Link:
    if card.project is None:
        return Link(card.line.process_title, url_for("work.inbox"))
    return Link(f"{card.project.name}", f"/projects/{card.project.id}")


def _around(known: Known) -> str:
    around = known.drawn.nodes.get(known.node.parent) if known.node and known.node.parent else None
    if around is not None and around.name:
        return around.name
    return stage_name(known.card.project.stage) if known.card.project else ""


def _closed(card: ItemCard) -> str:
    line = card.line
    if line.state == "done":
        return str(_("已由%(who)s于%(when)s办理。", who=card.done_by, when=moment(line.done_at)))
    if line.state == "cancelled":
        return str(_("此事项已取消，无需再办。%(note)s", note=card.note))
    if line.state == "suspended" or card.process_status == "suspended":
        return str(_("此事项所在流程已挂起，恢复后再办。"))
    if line.assignee:
        return str(_("此事项已由%(who)s认领。", who=line.assignee))
    return str(_("此事项由%(organ)s承办，您可以查看，不能办理。", organ=named(line.organ_zh, line.organ_en)))


def _problem(refusal: Refusal | None, fields: Iterable[FieldView]) -> str:
    """What is wrong as a whole; what belongs to no field on the page is said here too."""
    if refusal is None:
        return ""
    shown = {each.name for each in fields}
    loose = refusal.fields.items() if isinstance(refusal, Invalid) else ()
    words = [say(refusal.message, dict(refusal.params)), *(say(text) for name, text in loose if name not in shown)]
    return " ".join(words)


def _file(card: ItemCard, each: FileFacts) -> FileView:
    href = url_for("work.file", item_id=card.line.id, attachment_id=each.id)
    return FileView(each.name, href, each.size, each.by, each.at)


def _form_word(form: str, key: str) -> str:
    schema = form_schema(form)
    return str((schema.get(f"{key}_en") if language() == "en" else "") or schema.get(key) or "")

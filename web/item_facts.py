"""What is known before anybody types: the project, what is asked or found, and what others have answered already."""

from collections.abc import Iterator, Mapping
from typing import Any

from flask_babel import gettext as _

from forms.reader import form_schema
from models.extension import KEY as EXTENSION
from models.extension import OUTCOMES, ExtensionFacts
from models.item_card import DispatchFacts, Earlier, FileFacts, ItemCard, LetterDraft, ProjectFacts, RequestFacts
from models.notice import KINDS
from models.organ import organ_names
from models.printed_numbers import money as printed
from models.project import LIGHTS
from models.proof import PROVED
from models.supervision import RUNGS
from models.texts import N_
from models.unit import Unit
from models.verification_list import amounts_on_site
from web.i18n import day, language, moment, money, say
from web.inspection_story import inspection_story
from web.item_form import numbers_in
from web.project_list import stage_name
from web.views import Fact

LONGEST = 600  # characters of one earlier answer; the rest stands on its own page


def item_facts(unit: Unit, card: ItemCard) -> tuple[tuple[Fact, ...], tuple[Fact, ...]]:
    """What the matter is, told at length (request, problems, paper to be signed), and the project it is about."""
    names = _names(unit, card)
    story = (*_story(card, names), *inspection_story(unit, card), *_verified(unit, card))
    return story, tuple(_project(card.project, names)) if card.project else ()


def answered_facts(card: ItemCard, files: Mapping[int, FileFacts]) -> tuple[Fact, ...]:
    """What the tasks before this one brought, newest first, each as one fact that leads to its page."""
    return tuple(
        Fact(f"{each.name} · {each.who} {moment(each.at)}", words[:LONGEST], f"/tasks/{each.item_id}")
        for each in card.earlier
        if (words := in_words(each, files))
    )


def in_words(each: Earlier, files: Mapping[int, FileFacts]) -> str:
    """The answers of a form in one line: title and value, in the form's order."""
    said = []
    for name, rule in form_schema(each.form)["properties"].items():
        value = each.answers.get(name)
        if value in (None, "", []) or rule.get("x-widget") in ("organ", "departments"):
            continue
        title = rule.get("title_en" if language() == "en" else "title") or name
        colon = "" if title.endswith(("？", "?")) else _("：")
        said.append(f"{title}{colon}{_value(rule, value, files).rstrip('。')}")
    return str(_("；")).join(said)


def _value(rule: Mapping[str, Any], value: object, files: Mapping[int, FileFacts]) -> str:
    if rule.get("x-widget") == "files":
        return "、".join(files[number].name for number in numbers_in(value) if number in files)
    if isinstance(value, bool):
        return str(_("是") if value else _("否"))
    words = dict(zip(rule.get("enum", ()), _titles(rule), strict=False))
    if isinstance(value, list):
        return "、".join(str(words.get(each, each)) for each in value)
    unit = f" {rule['x-unit']}" if rule.get("x-unit") and language() == "zh" else ""
    return f"{words.get(value, value)}{unit}"


def _titles(rule: Mapping[str, Any]) -> tuple[str, ...]:
    titles = rule.get("x-enum-titles_en" if language() == "en" else "x-enum-titles")
    return tuple(titles or rule.get("enum", ()))


def _names(unit: Unit, card: ItemCard) -> Mapping[int, str]:
    asked = [card.request.requester_organ_id, card.request.target_organ_id] if card.request else []
    to = [each.to_organ_id for each in (card.letter, card.dispatch) if each]
    owner = [card.project.owner_organ_id] if card.project else []
    return organ_names(unit.session, [*asked, *to, *owner], language()) if asked or to or owner else {}


def _story(card: ItemCard, names: Mapping[int, str]) -> Iterator[Fact]:
    if card.note and not card.home:
        yield Fact(_("附言"), card.note)
    yield from (Fact(say(each.label), say(each.text), each.href) for each in card.matter)
    if card.request:
        yield from _request(card.request, names)
    if card.letter:
        yield from _letter(card.letter, names)
    if card.dispatch:
        yield from _dispatch(card.dispatch, names)
    if card.form in PROVED and card.rights.handle:
        proof = _("打开校样，签发前核对版式和缺字（先存草稿）")
        yield Fact(_("校样"), proof, f"/notices/proof/{card.line.id}.pdf")
        yield Fact(_("文稿"), _("下载 Word"), f"/notices/proof/{card.line.id}.docx")
    for request in card.extensions:
        yield from _extension(card, request)
    if card.rectification:
        rounds = _("第%(n)s轮", n=card.rectification.round)
        yield Fact(_("整改轮次"), f"{rounds} · {day(card.rectification.due_on)}")
        for each in card.rectification.findings:
            told = _("%(fact)s 要求：%(demand)s", fact=each.fact, demand=each.demand)
            basis = _("依据：%(basis)s", basis=each.basis)
            yield Fact(_("问题%(n)s", n=each.number), f"{told}\n{basis}")


def _verified(unit: Unit, card: ItemCard) -> Iterator[Fact]:
    """The amounts a visit is about, on the page itself: there may be no signal to open another."""
    if card.line.process_key != "verification_site":
        return
    for line in amounts_on_site(unit, card.line.process_id):
        told = _("申报%(declared)s，认定%(recognised)s%(unit)s", declared=printed(line.declared), unit=line.unit,
                 recognised=printed(line.recognised))  # fmt: skip
        yield Fact(day(line.on), f"{told}。{line.reason}" if line.reason else told)


def _extension(card: ItemCard, asked: ExtensionFacts) -> Iterator[Fact]:
    """To those who decide all that was asked; to whoever handles the item how far the request is or how it ended."""
    if card.line.process_key == EXTENSION:
        yield Fact(_("申请延期的事项"), asked.item_name, f"/tasks/{asked.item_id}")
        yield Fact(_("申请人"), f"{asked.asked_by} · {moment(asked.asked_at)}")
        yield Fact(_("现在的期限"), day(asked.was_due_at))
        last = _("（最晚可批到%(last)s）", last=day(card.extend_until)) if card.extend_until else ""
        yield Fact(_("申请延期至"), f"{day(asked.asked_on)}{last}")
        yield Fact(_("目前进展"), asked.progress)
        yield Fact(_("延期理由"), asked.reason)
    else:
        yield Fact(_("延期"), extension_line(asked))


def extension_line(asked: ExtensionFacts) -> str:
    """One request in a sentence: until when, and what it waits for or how it ended."""
    if asked.outcome is None:
        waits = _("待%(what)s", what=asked.waits_for)
        return str(_("已申请延期至%(on)s，%(waits)s；到%(was)s还没有批准的，不予延期。", on=day(asked.asked_on), waits=waits,
                     was=day(asked.was_due_at)))  # fmt: skip
    if asked.outcome == "granted":
        return str(_("%(when)s准予延期：%(was)s → %(on)s。%(number)s", when=day(asked.ended_at), was=day(asked.was_due_at),
                     on=day(asked.due_on), number=asked.number))  # fmt: skip
    words = say(OUTCOMES[asked.outcome])
    reason = asked.opinion if asked.outcome in ("refused", "declined") else ""
    told = _("%(when)s申请延期至%(on)s：%(words)s。", when=day(asked.asked_at), on=day(asked.asked_on), words=words)
    return f"{told}{reason}"


def _request(asked: RequestFacts, names: Mapping[int, str]) -> Iterator[Fact]:
    yield Fact(_("编号"), asked.number)
    yield Fact(_("提出单位"), names.get(asked.requester_organ_id, ""))
    yield Fact(_("办理单位"), names.get(asked.target_organ_id, ""))
    yield Fact(_("事项"), asked.subject)
    yield Fact(_("情况和请求"), asked.body)
    if asked.result:
        yield Fact(_("办理结果"), asked.result)


TEXT_WORDS = {
    "subject": N_("事由"), "place": N_("更正何处"), "wrong": N_("原文"), "right": N_("更正为"), "reason": N_("原因"),
    "body": N_("正文"), "due_on": N_("请何时回复"),
}  # fmt: skip
OPINION_WORDS = {
    "check": N_("核稿"), "countersign": N_("会签"), "sign": N_("签发"), "sign_instead": N_("代签"),
    "revise": N_("改稿"), "desk_revise": N_("改稿"),
}  # fmt: skip


def _dispatch(draft: DispatchFacts, names: Mapping[int, str]) -> Iterator[Fact]:
    yield Fact(_("文种"), say(KINDS[draft.kind]))
    yield Fact(_("主送"), draft.to or names.get(draft.to_organ_id, ""))
    for name, words in TEXT_WORDS.items():
        if draft.text.get(name):
            yield Fact(say(words), str(draft.text[name]))
    yield Fact(_("拟稿人"), draft.drafted_by)
    for said in draft.opinions:
        judged = {True: _("同意"), False: _("不同意"), None: _("已修改")}[said["agreed"]]
        told = f"{said['organ']} {said['name']}：{judged}"
        step = _("第%(n)s轮%(step)s", n=said["round"], step=say(OPINION_WORDS[said["step"]]))
        yield Fact(step, f"{told}。{said['opinion']}" if said["opinion"] else told)


def _letter(draft: LetterDraft, names: Mapping[int, str]) -> Iterator[Fact]:
    if draft.rung in RUNGS:
        yield Fact(_("拟签发"), say(RUNGS[draft.rung]))
    yield Fact(_("主送"), names.get(draft.to_organ_id, ""))
    for number, (fact, basis, demand) in enumerate(draft.reasons, start=1):
        yield Fact(_("事实%(n)s", n=number), fact)
        if demand:
            yield Fact(_("要求%(n)s", n=number), demand)
        if basis:
            yield Fact(_("依据%(n)s", n=number), basis)


def _project(project: ProjectFacts, names: Mapping[int, str]) -> Iterator[Fact]:
    yield Fact(_("项目编号"), project.project_no, f"/projects/{project.id}")
    yield Fact(_("责任单位"), names.get(project.owner_organ_id, ""))
    if project.stage:
        yield Fact(_("当前阶段"), stage_name(project.stage))
    colour = say(LIGHTS.get(project.light, project.light))
    yield Fact(_("状态灯"), f"{colour}：{'；'.join(project.reasons)}" if project.reasons else colour)
    invested = project.values.get("total_investment")
    if invested is not None:
        yield Fact(_("总投资"), money(invested))  # type: ignore[arg-type]
    if project.officer:
        yield Fact(_("项目专员"), project.officer)

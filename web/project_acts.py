"""The buttons of a project's page: which acts an officer may do now, and what each asks first."""

from collections.abc import Mapping
from dataclasses import replace

from flask import url_for
from flask_babel import gettext as _

from forms.reader import form_schema
from models.amount import KINDS
from models.capital_acts import LONGEST_REASON
from models.case_history import ProcessLine
from models.currency import CURRENCIES
from models.milestone import milestone_kinds
from models.project import Project
from models.stage import stage
from models.unit import Unit
from web.fields import ChoiceView, FieldView, Widget, fields_of
from web.i18n import language, say
from web.project_history import named
from web.views import Act

ICONS = {"return_stage": "arrow-return-left", "suspend": "pause-circle", "withdraw": "box-arrow-right"}


def acts_of(unit: Unit, project: Project, processes: tuple[ProcessLine, ...], supervised: bool) -> tuple[Act, ...]:
    """What this officer may do to the project as a whole; nothing is offered that the house would refuse anyway."""
    may, places = unit.actor.may, [project.owner_organ_id, project.district_id]
    status = next((each.status for each in processes if each.key == "project"), "")
    running, acts = status == "running", []
    if running and project.stage and stage(project.stage).place > 0 and may("project.edit", places):
        acts.append(message_act("return_stage", project.id))
    if running and may("process.suspend", places):
        acts.append(message_act("suspend", project.id))
    if status == "suspended" and may("process.suspend", places):
        acts.append(_plain("resume", _("恢复办理"), project.id, "play-circle",
                           _("恢复后各事项接着计时，期限按停办的工作日顺延。")))  # fmt: skip
    if running and may("project.withdraw", places):
        acts.append(message_act("withdraw", project.id))
    if supervised and may("supervision.raise", places):
        acts.append(_with_reason("raise_rung", _("人工提级"), project.id, "megaphone"))
    if running and not supervised and may("supervision.start", places):
        acts.append(_with_reason("supervise", _("发起督办"), project.id, "megaphone"))
    return tuple(acts)


def message_act(key: str, project_id: int) -> Act:
    """An act whose form lies in forms/; files are brought in the full form, the dialog asks the words only."""
    fields = tuple(each for each in message_fields(key, {}, {}) if each.widget != "files")
    schema = form_schema(key)
    title = schema["title_en"] if language() == "en" else schema["title"]
    question = schema["description_en"] if language() == "en" else schema["description"]
    style = "danger" if key == "withdraw" else "secondary"
    href = url_for(f"project_acts.{key}_post", project_id=project_id)
    return Act(key, title, href, ICONS[key], style, question, fields)  # type: ignore[arg-type]


def message_fields(key: str, values: Mapping[str, object], errors: Mapping[str, str]) -> tuple[FieldView, ...]:
    """The fields of a form in forms/, with what was typed and what is wrong."""
    said = {name: say(text) for name, text in errors.items()}
    return fields_of(form_schema(key), values=values, errors=said, language=language())


def urge_act(project_id: int, item_id: int, name: str) -> Act:
    """催办 of one open item, with a word to its holder."""
    words = FieldView("words", _("附言"), "textarea", help=_("可不填；写明请对方做什么。"), max_length=200)
    href = url_for("project_acts.urge", project_id=project_id, item_id=item_id)
    question = _("将提醒“%(name)s”的承办人；每个事项每天只催办一次。", name=name)
    return Act(f"urge-{item_id}", _("催办"), href, "bell", "secondary", question, (words,))


def upload_act(project_id: int) -> Act:
    """上传附件."""
    href = url_for("project_acts.upload_post", project_id=project_id)
    return Act("upload", _("上传附件"), href, "upload", "secondary", "", (upload_field(),))


def upload_field(error: str = "") -> FieldView:
    """The files to be filed."""
    told = _("pdf、docx、xlsx、jpg、png，可多选；同一文件只存一份。")
    return FieldView("files", _("文件"), "files", required=True, help=told, error=say(error) if error else "")


def amount_fields(values: Mapping[str, object], errors: Mapping[str, str]) -> tuple[FieldView, ...]:
    """One entry: what kind, how much, on which day, and its evidence."""
    kinds = [(key, say(text)) for key, text in KINDS.items()]
    units = _("外资到位按万美元填，其余按万元填；到位资金是外币的，按万外币填，并选币种。")
    return (
        _select("kind", _("类别"), kinds, values, errors),
        _field("amount", _("金额"), "money", values, errors, told=units, required=True),
        _currency(values, errors),
        _field("on", _("发生日期"), "date", values, errors, told=_("年度计划填该年任一天。"), required=True),
        _field("note", _("说明"), "textarea", values, errors),
        _field("evidence", _("佐证材料"), "files", values, errors),
    )


def _currency(values: Mapping[str, object], errors: Mapping[str, str]) -> FieldView:
    """Blank is the kind's own: yuan, or dollars for 外资到位."""
    offered = [("", _("按类别（人民币或美元）")), *((key, say(text)) for key, text in CURRENCIES.items())]
    return replace(_select("currency", _("币种"), offered, values, errors), required=False)


def withdraw_fields(unit: str) -> tuple[FieldView, ...]:
    """撤资: how much of an entry has left again, in the entry's own unit, on which day, and why."""
    amount = _field("amount", _("撤资金额"), "money", {}, {}, told=_("与原来那笔同一币种、同一单位。"), required=True)
    return (
        replace(amount, unit=unit),
        _field("on", _("撤资日期"), "date", {}, {}, required=True),
        FieldView("reason", _("撤资原因"), "textarea", required=True, max_length=LONGEST_REASON),
    )


def milestone_fields(values: Mapping[str, object], errors: Mapping[str, str]) -> tuple[FieldView, ...]:
    """One milestone: which, planned and reached when, and its evidence."""
    kinds = [(kind.code, named(kind.name_zh, kind.name_en)) for kind in milestone_kinds()]
    return (
        _select("code", _("节点"), kinds, values, errors),
        _field("plan_on", _("计划日期"), "date", values, errors),
        _field("actual_on", _("实际日期"), "date", values, errors),
        _field("evidence", _("佐证材料"), "files", values, errors),
    )


def _select(
    name: str, title: str, offered: list[tuple[str, str]], values: Mapping[str, object], errors: Mapping[str, str]
) -> FieldView:
    chosen = str(values.get(name) or "")
    choices = tuple(ChoiceView(value, text, value == chosen) for value, text in offered)
    return FieldView(name, title, "select", chosen, True, say(errors[name]) if name in errors else "", choices=choices)


def _field(
    name: str, title: str, widget: Widget, values: Mapping[str, object], errors: Mapping[str, str], *, told: str = "",
    required: bool = False,
) -> FieldView:  # fmt: skip
    error = say(errors[name]) if name in errors else ""
    typed = "" if widget == "files" else str(values.get(name) or "")
    unit = _("万元") if widget == "money" else ""
    longest = 200 if name == "note" else None
    return FieldView(name, title, widget, typed, required, error, told, unit, max_length=longest)


def _plain(key: str, text: str, project_id: int, icon: str, question: str) -> Act:
    return Act(key, text, url_for(f"project_acts.{key}", project_id=project_id), icon, "secondary", question)


def _with_reason(key: str, text: str, project_id: int, icon: str) -> Act:
    href = url_for(f"project_acts.{key}_post", project_id=project_id)
    return Act(key, text, href, icon, "secondary", "", (reason_field(),))


def reason_field(value: str = "", error: str = "") -> FieldView:
    """原因, which every act above a person's head needs."""
    return FieldView("reason", _("原因"), "textarea", value, True, say(error) if error else "",
                     _("写明事实，对方和以后查阅的人都能看到。"), max_length=500)  # fmt: skip

"""What is done to a project by hand: amounts, milestones, files, back a stage, suspend, withdraw, supervise, urge."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from engine.verbs import urge_item
from forms.reader import form_schema, read_answers
from models.amount import entries, record_amount
from models.attachment import KeptFile
from models.capital_acts import withdraw_amount
from models.house import House
from models.milestone import milestones, set_milestone
from models.process import read_item
from models.project import Project, find_project
from models.refusal import Invalid, NotDue, NotFound, Outdated
from models.texts import N_
from models.unit import Unit, open_reading, open_unit
from web.asked_again import Refused
from web.fields import FieldView
from web.gate import current_actor, requires
from web.i18n import language, say
from web.project_acts import amount_fields, message_fields, milestone_fields, reason_field, upload_field
from web.project_form import amount_of, day_of
from web.project_money import withdraw_key
from web.project_page import project_page
from web.uploads import file_all, kept_files
from web.views import FormPage
from workflows.project import resume_project, return_stage, suspend_project, withdraw_project
from workflows.supervision import raise_rung, start_supervision

Errors = Mapping[str, str]
Drawn = Callable[[Mapping[str, object], Errors], FormPage]
Command = Callable[[Unit, Mapping[str, Any], list[KeptFile]], str]


def pages(house: House) -> Blueprint:
    """The routes of these acts; each shows its form on GET, and again with what was typed when it is refused."""
    blueprint = Blueprint("project_acts", __name__, url_prefix="/projects/<int:project_id>")
    _message(blueprint, house, "return_stage", "project.edit", _return)
    _message(blueprint, house, "suspend", "process.suspend", _suspend)
    _message(blueprint, house, "withdraw", "project.withdraw", _withdraw)
    _reasoned(blueprint, house, "supervise", "supervision.start", title=N_("发起督办"), command=_supervise)
    _reasoned(blueprint, house, "raise_rung", "supervision.raise", title=N_("人工提级"), command=_raise)
    _facts(blueprint, house)
    _at_once(blueprint, house)
    return blueprint


def _message(blueprint: Blueprint, house: House, key: str, word: str, command: Callable[..., str]) -> None:
    """An act whose form lies in forms/: what it asks there is asked here, files included."""

    def drawn(project_id: int) -> Drawn:
        schema = form_schema(key)
        title, lead = (schema.get(f"{each}_en" if language() == "en" else each) for each in ("title", "description"))
        return lambda values, errors: _page(key, project_id, str(title), message_fields(key, values, errors), str(lead))

    def told(project_id: int) -> Command:
        def run(unit: Unit, typed: Mapping[str, Any], kept: list[KeptFile]) -> str:
            find_project(unit, project_id)
            posted = {**typed, "evidence": file_all(unit, kept, project_id)} if kept else dict(typed)
            return command(unit, project_id, read_answers(key, posted))

        return run

    names = [name for name in form_schema(key)["properties"] if name != "evidence"]
    _form_routes(blueprint, house, key, word, drawn=drawn, told=told, names=names, files="evidence")


def _reasoned(
    blueprint: Blueprint, house: House, key: str, word: str, *, title: str, command: Callable[..., str]
) -> None:
    """An act that asks for nothing but its reason."""

    def drawn(project_id: int) -> Drawn:
        return lambda values, errors: _page(
            key, project_id, say(title), (reason_field(str(values.get("reason") or ""), errors.get("reason", "")),)
        )

    def told(project_id: int) -> Command:
        return lambda unit, typed, _kept: command(unit, project_id, str(typed.get("reason") or ""))

    _form_routes(blueprint, house, key, word, drawn=drawn, told=told, names=["reason"])


def _facts(blueprint: Blueprint, house: House) -> None:
    """Amounts, milestones and files: facts that are filed with a day and evidence."""

    def amount_page(project_id: int) -> Drawn:
        return lambda values, errors: _page(
            "amount", project_id, _("登记投资与资金"), amount_fields(values, errors),
            _("按发生日期逐笔登记，不覆盖以前的；累计数由系统汇总。"),
        )  # fmt: skip

    def amount(project_id: int) -> Command:
        def run(unit: Unit, typed: Mapping[str, Any], kept: list[KeptFile]) -> str:
            _editable(unit, project_id)
            filed = file_all(unit, kept[:1], project_id)
            record_amount(
                unit, project_id, kind=str(typed.get("kind") or ""), amount=amount_of(typed.get("amount"), "amount"),
                on=day_of(typed.get("on"), "on"), attachment_id=int(filed[0]) if filed else None,
                note=str(typed.get("note") or ""), currency=str(typed.get("currency") or ""),
            )  # fmt: skip
            return str(_("已登记。"))

        return run

    def milestone_page(project_id: int) -> Drawn:
        return lambda values, errors: _page(
            "milestone", project_id, _("登记节点"), milestone_fields(values, errors),
            _("空着的日期保持不变；实际日期须有佐证的，一并上传。"),
        )  # fmt: skip

    _form_routes(blueprint, house, "amount", "project.edit", drawn=amount_page, told=amount,
                 names=["kind", "amount", "currency", "on", "note"], files="evidence")  # fmt: skip
    _form_routes(blueprint, house, "milestone", "project.edit", drawn=milestone_page, told=_milestone,
                 names=["code", "plan_on", "actual_on"], files="evidence")  # fmt: skip
    _form_routes(blueprint, house, "upload", "project.edit", drawn=_upload_page, told=_upload, names=[], files="files")


def _milestone(project_id: int) -> Command:
    def run(unit: Unit, typed: Mapping[str, Any], kept: list[KeptFile]) -> str:
        project = _editable(unit, project_id)
        code = str(typed.get("code") or "")
        own = (each for each in milestones(unit.session, project_id) if each.organ_id == project.owner_organ_id)
        stands = next((each for each in own if each.code == code), None)
        plan_on = day_of(typed["plan_on"], "plan_on") if typed.get("plan_on") else None
        actual_on = day_of(typed["actual_on"], "actual_on") if typed.get("actual_on") else None
        filed = [int(number) for number in file_all(unit, kept, project_id)]
        set_milestone(
            unit, project_id, code=code,
            plan_on=plan_on or (stands.plan_on if stands else None),
            actual_on=actual_on or (stands.actual_on if stands else None),
            attachment_ids=[*(stands.attachment_ids if stands else ()), *filed],
        )  # fmt: skip
        return str(_("已登记。"))

    return run


def _upload_page(project_id: int) -> Drawn:
    return lambda _values, errors: _page("upload", project_id, _("上传附件"), (upload_field(errors.get("files", "")),))


def _upload(project_id: int) -> Command:
    def run(unit: Unit, _typed: Mapping[str, Any], kept: list[KeptFile]) -> str:
        _editable(unit, project_id)
        if not kept:
            raise Invalid(N_("填写有误"), fields={"files": N_("请选择要上传的文件。")})
        file_all(unit, kept, project_id)
        return str(_("已上传%(n)s个文件。", n=len(kept)))

    return run


def _at_once(blueprint: Blueprint, house: House) -> None:
    @blueprint.post("/resume")
    @requires("process.suspend")
    def resume(project_id: int) -> Response:
        """恢复办理."""
        with open_unit(house.database, current_actor(), house.now()) as unit:
            resume_project(unit, project_id=project_id)
        return _done(project_id, _("已恢复办理，期限已顺延。"))

    @blueprint.post("/amounts/<int:entry_id>/withdraw")
    @requires("project.edit")
    def withdraw_money(project_id: int, entry_id: int) -> Response:
        """撤资 of one entry of this project, or asks again with what was typed."""
        typed = {name: request.form.get(name, "") for name in ("amount", "on", "reason")}
        try:
            with open_unit(house.database, current_actor(), house.now()) as unit:
                _editable(unit, project_id)
                if entry_id not in {each.id for each in entries(unit.session, project_id)}:
                    raise NotFound(N_("没有这笔投资或资金。"))
                withdraw_amount(unit, entry_id, amount=amount_of(typed["amount"], "amount"),
                                on=day_of(typed["on"], "on"), reason=typed["reason"])  # fmt: skip
        except Invalid as refusal:
            back = url_for("projects.page", project_id=project_id)
            refused = Refused(withdraw_key(entry_id), typed, refusal, back)
            with open_reading(house.database, current_actor(), house.now()) as unit:
                page = project_page(unit, project_id, refused=refused)
            return make_response(render_template("project.html", page=page), refusal.status)
        return _done(project_id, _("已登记撤资，原来那笔不变。"))

    @blueprint.post("/items/<int:item_id>/urge")
    @requires("item.urge")
    def urge(project_id: int, item_id: int) -> Response:
        """催办 of one open item of this project."""
        with open_unit(house.database, current_actor(), house.now()) as unit:
            find_project(unit, project_id)
            item = read_item(unit.session, item_id)
            if item is None or item.project_id != project_id:
                raise NotFound(N_("没有找到这个事项。"))
            urge_item(unit, item_id=item_id, words=request.form.get("words", "").strip())
        return _done(project_id, _("已催办，对方会在待办和消息中看到。"))


def _form_routes(
    blueprint: Blueprint, house: House, key: str, word: str, *, drawn: Callable[[int], Drawn],
    told: Callable[[int], Command], names: list[str], files: str = "",
) -> None:  # fmt: skip
    """GET shows the form; POST does it in one unit, or shows the form again with what was typed and why not."""

    def show(project_id: int) -> str:
        """The form, empty but for what the address already says."""
        with open_reading(house.database, current_actor(), house.now()) as unit:
            project = find_project(unit, project_id)
            # Whoever could not send the form is told so before filling it in.
            unit.require(word, organ_ids=[project.owner_organ_id, project.district_id])
        return render_template("form.html", page=drawn(project_id)(request.args.to_dict(), {}))

    def act(project_id: int) -> Response:
        """Does it, and leads back to the project."""
        typed = {name: request.form.get(name, "") for name in names}
        try:
            kept = kept_files(house, files) if files else []
            with open_unit(house.database, current_actor(), house.now()) as unit:
                words = told(project_id)(unit, typed, kept)
        except (Invalid, NotDue, Outdated) as refusal:
            fields = refusal.fields if isinstance(refusal, Invalid) else {}
            problem = "" if fields else say(refusal.message, dict(refusal.params))
            page = replace(drawn(project_id)(typed, fields), problem=problem)
            return make_response(render_template("form.html", page=page), refusal.status)
        return _done(project_id, words)

    path = f"/{key.replace('_', '-')}"
    blueprint.add_url_rule(path, key, requires(word)(show), methods=["GET"])
    blueprint.add_url_rule(path, f"{key}_post", requires(word)(act), methods=["POST"])


def _page(key: str, project_id: int, title: str, fields: tuple[FieldView, ...], lead: str = "") -> FormPage:
    back = url_for("projects.page", project_id=project_id)
    crumbs = ((_("项目总库"), url_for("projects.index")), (_("项目"), back))
    action = url_for(f"project_acts.{key}_post", project_id=project_id)
    return FormPage(title, action, fields, lead, title if language() == "zh" else "", back, crumbs=crumbs)


def _done(project_id: int, words: str) -> Response:
    flash(words, "success")
    return make_response(redirect(url_for("projects.page", project_id=project_id), 303))


def _editable(unit: Unit, project_id: int) -> Project:
    project = find_project(unit, project_id)
    unit.require("project.edit", organ_ids=[project.owner_organ_id, project.district_id])
    return project


def _return(unit: Unit, project_id: int, answers: Mapping[str, Any]) -> str:
    return_stage(unit, project_id=project_id, answers=answers)
    return str(_("已退回上一阶段，本阶段未办完的事项已取消。"))


def _suspend(unit: Unit, project_id: int, answers: Mapping[str, Any]) -> str:
    suspend_project(unit, project_id=project_id, answers=answers)
    return str(_("已挂起，各事项停止计时。"))


def _withdraw(unit: Unit, project_id: int, answers: Mapping[str, Any]) -> str:
    withdraw_project(unit, project_id=project_id, answers=answers)
    return str(_("已退库。"))


def _supervise(unit: Unit, project_id: int, reason: str) -> str:
    start_supervision(unit, project_id=project_id, reason=reason)
    return str(_("已发起督办。"))


def _raise(unit: Unit, project_id: int, reason: str) -> str:
    raise_rung(unit, project_id=project_id, reason=reason)
    return str(_("已提级。"))

"""人员与账号: who there is, which roles they hold, and the acts on them; a first password is shown once and never again."""

from collections.abc import Callable, Mapping
from datetime import date
from urllib.parse import urlencode

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from models.account import create_account, disable_officer, enable_officer, reset_password, unlock_account
from models.house import House
from models.officer import create_officer, edit_officer, end_grant, grant_role, masked
from models.organ import organs
from models.oversight import PAGE, GrantLine, OfficerLine, grant_lines, officer_line, officer_lines
from models.permit import ROLES
from models.refusal import Invalid, NotFound
from models.texts import N_
from models.unit import Unit, open_reading, open_unit
from web.admin_views import shown
from web.asked_again import Refused, asked_again
from web.fields import ChoiceView, FieldView, Widget
from web.gate import current_actor, requires
from web.i18n import day, moment, say
from web.project_history import named
from web.views.admin import AccountRow, AccountsPage, GrantRow, PasswordPage, PersonPage
from web.views.shared import Act, Fact, FilterView, FormPage, LampView, Option, Paging

LONGEST_NAME, LONGEST_PHONE, LONGEST_EMAIL = 40, 30, 120
WHOLE = ("name", "organ_id", "role", "login", "phone", "email")


def people_routes(blueprint: Blueprint, house: House) -> None:
    """The list, a new person, one person, and what is done to one."""
    _list_routes(blueprint, house)
    _person_routes(blueprint, house)
    _password_routes(blueprint, house)
    _grant_routes(blueprint, house)


def _list_routes(blueprint: Blueprint, house: House) -> None:
    @blueprint.get("/accounts")
    @requires("admin.view")
    def accounts() -> str:
        """Everybody, by number."""
        with open_reading(house.database, current_actor(), house.now()) as unit:
            return shown(unit, "accounts", "admin/accounts.html", page=_list_page(unit, request.args.to_dict()))

    @blueprint.get("/accounts/new")
    @requires("account.manage")
    def new_person() -> str:
        """An empty form."""
        with open_reading(house.database, current_actor(), house.now()) as unit:
            return render_template("form.html", page=_new_page(unit, {}, {}))

    @blueprint.post("/accounts/new")
    @requires("account.manage")
    def hire() -> Response:
        """Officer, first role and account in one go; this answer alone holds the password."""
        typed = {name: request.form.get(name, "").strip() for name in WHOLE}
        try:
            _check_lengths(typed)
            with open_unit(house.database, current_actor(), house.now()) as unit:
                organ_id = _organ(typed["organ_id"])
                officer_id = create_officer(
                    unit, name=typed["name"], organ_id=organ_id, phone=typed["phone"], email=typed["email"]
                )
                grant_role(unit, officer_id=officer_id, role=typed["role"], organ_id=organ_id)
                password = create_account(unit, officer_id=officer_id, login=typed["login"])
        except Invalid as refusal:
            with open_reading(house.database, current_actor(), house.now()) as unit:
                page = _new_page(unit, typed, refusal.fields)
            return make_response(render_template("form.html", page=page), refusal.status)
        return _password(house, officer_id, password)


def _person_routes(blueprint: Blueprint, house: House) -> None:
    @blueprint.get("/accounts/<int:officer_id>")
    @requires("admin.view")
    def person(officer_id: int) -> str:
        """One officer with the roles held."""
        with open_reading(house.database, current_actor(), house.now()) as unit:
            return shown(unit, "accounts", "admin/person.html", page=_person_page(unit, officer_id, None))

    def act(word: str, command: Callable[..., None], done: str) -> None:
        """A button of the person's page that needs nothing but the person."""

        @requires("account.manage")
        def view(officer_id: int) -> Response:
            with open_unit(house.database, current_actor(), house.now()) as unit:
                command(unit, officer_id=officer_id)
            flash(say(done), "success")
            return _to_person(officer_id)

        blueprint.add_url_rule(f"/accounts/<int:officer_id>/{word}", word, view, methods=["POST"])

    act("disable", disable_officer, N_("已停用，所有登录和令牌立即失效。"))
    act("enable", enable_officer, N_("已启用。"))
    act("unlock", unlock_account, N_("已解除锁定，可以立即登录。"))

    @blueprint.post("/accounts/<int:officer_id>/edit")
    @requires("account.manage")
    def change_person(officer_id: int) -> Response:
        """Name, telephone, e-mail."""
        typed = {name: request.form.get(name, "").strip() for name in ("name", "phone", "email")}
        try:
            _check_lengths(typed)
            with open_unit(house.database, current_actor(), house.now()) as unit:
                edit_officer(unit, officer_id=officer_id, **typed)
        except Invalid as refusal:
            return _ask_again(house, officer_id, "edit", refusal)
        flash(_("已保存。"), "success")
        return _to_person(officer_id)


def _password_routes(blueprint: Blueprint, house: House) -> None:
    @blueprint.post("/accounts/<int:officer_id>/reset")
    @requires("account.manage")
    def reset(officer_id: int) -> Response:
        """A new first password; this answer alone holds it."""
        with open_unit(house.database, current_actor(), house.now()) as unit:
            password = reset_password(unit, officer_id=officer_id)
        return _password(house, officer_id, password)

    @blueprint.post("/accounts/<int:officer_id>/account")
    @requires("account.manage")
    def open_account(officer_id: int) -> Response:
        """An account for somebody who has none; this answer alone holds the password."""
        try:
            with open_unit(house.database, current_actor(), house.now()) as unit:
                password = create_account(unit, officer_id=officer_id, login=request.form.get("login", ""))
        except Invalid as refusal:
            return _ask_again(house, officer_id, "account", refusal)
        return _password(house, officer_id, password)


def _grant_routes(blueprint: Blueprint, house: House) -> None:
    @blueprint.post("/accounts/<int:officer_id>/grants")
    @requires("officer.grant")
    def grant(officer_id: int) -> Response:
        """One more role."""
        form = request.form
        try:
            with open_unit(house.database, current_actor(), house.now()) as unit:
                grant_role(
                    unit, officer_id=officer_id, role=form.get("role", ""), organ_id=_organ(form.get("organ_id", "")),
                    valid_to=_last_day(form.get("valid_to", "")),
                )  # fmt: skip
        except Invalid as refusal:
            return _ask_again(house, officer_id, "grant", refusal)
        flash(_("已授予角色，立即生效。"), "success")
        return _to_person(officer_id)

    @blueprint.post("/accounts/<int:officer_id>/grants/<int:grant_id>/end")
    @requires("officer.grant")
    def end(officer_id: int, grant_id: int) -> Response:
        """Takes a role back."""
        with open_unit(house.database, current_actor(), house.now()) as unit:
            if grant_id not in {each.id for each in grant_lines(unit.session, [officer_id], unit.today)}:
                raise NotFound(N_("没有这条授权，或已经收回。"))
            end_grant(unit, grant_id=grant_id)
        flash(_("已收回角色，立即生效。"), "success")
        return _to_person(officer_id)


def _ask_again(house: House, officer_id: int, key: str, refusal: Invalid) -> Response:
    """The person's page with the dialog of this act open, as it was filled in."""
    refused = Refused(key, request.form.to_dict(), refusal, url_for("admin.person", officer_id=officer_id))
    with open_reading(house.database, current_actor(), house.now()) as unit:
        page = shown(unit, "accounts", "admin/person.html", page=_person_page(unit, officer_id, refused))
    return make_response(page, refusal.status)


def _to_person(officer_id: int) -> Response:
    return make_response(redirect(url_for("admin.person", officer_id=officer_id), 303))


def _password(house: House, officer_id: int, password: str) -> Response:
    """The page that shows a first password; nothing on the way may keep it."""
    with open_reading(house.database, current_actor(), house.now()) as unit:
        line = _line(unit, officer_id)
        back = url_for("admin.person", officer_id=officer_id)
        page = PasswordPage(line.name, line.login or "", password, back)
        answer = make_response(shown(unit, "accounts", "admin/password.html", page=page), 201)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _line(unit: Unit, officer_id: int) -> OfficerLine:
    found = officer_line(unit.session, officer_id)
    if found is None:
        raise NotFound(N_("没有编号为 %(id)s 的人员。"), id=officer_id)
    return found


def _list_page(unit: Unit, asked: Mapping[str, str]) -> AccountsPage:
    after = asked.get("after", "")
    start = int(after) if after.isdecimal() and len(after) < 10 else 0
    words, role = asked.get("q", ""), asked.get("role", "")
    lines = officer_lines(unit.session, words=words, role=role, day=unit.today, after=start, limit=PAGE + 1)
    page, path = lines[:PAGE], url_for("admin.accounts")
    kept = {name: value for name, value in asked.items() if value and name != "after"}
    following = urlencode(kept | {"after": str(page[-1].id)}) if len(lines) > PAGE else ""
    grants = grant_lines(unit.session, [line.id for line in page], unit.today)
    return AccountsPage(
        rows=tuple(_row(unit, line, [each for each in grants if each.officer_id == line.id]) for line in page),
        paging=Paging(
            len(page), f"{path}?{following}" if following else "", f"{path}?{urlencode(kept)}" if start else ""
        ),
        query=words,
        filters=(FilterView("role", _("角色"), (Option("", _("全部"), not role), *_roles(role))),),
        new_href=url_for("admin.new_person"),
    )


def _roles(chosen: str) -> list[Option]:
    return [Option(word, say(text), word == chosen) for word, text in ROLES.items()]


def _row(unit: Unit, line: OfficerLine, grants: list[GrantLine]) -> AccountRow:
    own = (line.organ_zh, line.organ_en)
    return AccountRow(
        id=str(line.id),
        name=line.name,
        login=line.login or "",
        organ=named(*own),
        grants=tuple(_grant_words(each, own) for each in grants),
        state="",
        lamp=_lamp(unit, line),
        last_seen_at=line.seen_at,
        href=url_for("admin.person", officer_id=line.id),
    )


def _grant_words(grant: GrantLine, own: tuple[str, str]) -> str:
    """The role; where it is for another organ, that too."""
    role = say(ROLES[grant.role])
    return role if own[0] == grant.organ_zh else f"{role} · {named(grant.organ_zh, grant.organ_en)}"


def _lamp(unit: Unit, line: OfficerLine) -> LampView:
    if not line.active:
        return LampView("grey", _("已停用"))
    if line.login is None:
        return LampView("grey", _("无账号"))
    if line.locked_until is not None and unit.now < line.locked_until:
        return LampView("red", _("已锁定"))
    return LampView("yellow", _("待改初始密码")) if line.must_change else LampView("green", _("正常"))


def _person_page(unit: Unit, officer_id: int, refused: Refused | None) -> PersonPage:
    line = _line(unit, officer_id)
    grant = Act("grant", _("授予角色"), url_for("admin.grant", officer_id=officer_id), "plus-lg", "primary",
                fields=_grant_fields(unit, line))  # fmt: skip
    *acts, grant = asked_again((*_person_acts(unit, line), grant), refused)
    return PersonPage(
        name=line.name,
        lamp=_lamp(unit, line),
        facts=(
            Fact(_("单位"), named(line.organ_zh, line.organ_en)),
            Fact(_("账号"), line.login or "—"),
            Fact(_("最近登录"), moment(line.seen_at)),
            Fact(_("电话"), masked(line.phone)),
            Fact(_("邮箱"), line.email),
        ),
        grants=tuple(_grant_row(each) for each in grant_lines(unit.session, [officer_id], unit.today)),
        acts=tuple(acts),
        grant=grant,
        back_href=url_for("admin.accounts"),
    )


def _grant_row(grant: GrantLine) -> GrantRow:
    span = _("%(first)s起", first=day(grant.valid_from))
    if grant.valid_to:
        span = _("%(first)s至%(last)s", first=day(grant.valid_from), last=day(grant.valid_to))
    href = url_for("admin.end", officer_id=grant.officer_id, grant_id=grant.id)
    end = Act("end-grant", _("收回"), href, "x-lg", "danger", question=_("收回后下一次操作即不再有这个角色的权限。"))
    return GrantRow(str(grant.id), say(ROLES[grant.role]), named(grant.organ_zh, grant.organ_en), span, end)


def _person_acts(unit: Unit, line: OfficerLine) -> tuple[Act, ...]:
    def act(key: str, text: str, icon: str, question: str, *fields: FieldView, danger: bool = False) -> Act:
        href = url_for(f"admin.{ENDPOINTS[key]}", officer_id=line.id)
        return Act(key, text, href, icon, "danger" if danger else "secondary", question, fields)

    acts = [act("edit", _("修改资料"), "pencil-square", "", *_contact_fields(line))]
    if line.login is None:
        acts.append(act("account", _("开设账号"), "key", "", _field("login", _("账号"), help_=_login_rule())))
    else:
        if line.locked_until is not None and unit.now < line.locked_until:
            acts.append(act("unlock", _("解除锁定"), "lock", ""))
        acts.append(
            act("reset", _("重置密码"), "key", _("重置后原密码、所有登录和接口令牌立即失效，新的初始密码只显示一次。"))
        )
    if line.active:
        acts.append(
            act("disable", _("停用"), "pause-circle", _("停用后立即不能登录和办理，名下待办须另行转办。"), danger=True)
        )
    else:
        acts.append(act("enable", _("启用"), "play-circle", ""))
    return tuple(acts)


ENDPOINTS = {"edit": "change_person", "account": "open_account", "unlock": "unlock", "reset": "reset",
             "disable": "disable", "enable": "enable"}  # fmt: skip


def _login_rule() -> str:
    return str(_("2 至 60 个小写字母、数字或 . _ - @"))


def _field(
    name: str, title: str, *, value: str = "", widget: Widget = "text", required: bool = True, error: str = "",
    help_: str = "", choices: tuple[ChoiceView, ...] = (), longest: int | None = None,
) -> FieldView:  # fmt: skip
    return FieldView(
        name, title, widget, value, required, say(error) if error else "", help_, choices=choices, max_length=longest
    )


def _contact_fields(line: OfficerLine) -> tuple[FieldView, ...]:
    return (
        _field("name", _("姓名"), value=line.name, longest=LONGEST_NAME),
        _field("phone", _("电话"), value=line.phone, required=False, longest=LONGEST_PHONE),
        _field("email", _("邮箱"), value=line.email, required=False, longest=LONGEST_EMAIL),
    )


def _grant_fields(unit: Unit, line: OfficerLine) -> tuple[FieldView, ...]:
    roles = tuple(ChoiceView(word, say(text), taken=False) for word, text in ROLES.items())
    return (
        _field("role", _("角色"), widget="select", choices=roles),
        _field("organ_id", _("单位"), widget="organ", choices=_organ_choices(unit, str(line.organ_id))),
        _field("valid_to", _("最后一天"), widget="date", required=False, help_=_("不填则长期有效。")),
    )


def _organ_choices(unit: Unit, chosen: str) -> tuple[ChoiceView, ...]:
    found = organs(unit.session, unit.today)
    return tuple(ChoiceView(str(each.id), named(each.name_zh, each.name_en), str(each.id) == chosen) for each in found)


def _new_page(unit: Unit, typed: Mapping[str, str], errors: Mapping[str, str]) -> FormPage:
    def value(name: str) -> str:
        return typed.get(name, "")

    roles = tuple(ChoiceView(word, say(text), word == value("role")) for word, text in ROLES.items())
    error = errors.get
    return FormPage(
        title=_("新增人员"),
        action_href=url_for("admin.hire"),
        fields=(
            _field("name", _("姓名"), value=value("name"), error=error("name", ""), longest=LONGEST_NAME),
            _field("organ_id", _("单位"), widget="organ", error=error("organ_id", ""),
                   choices=_organ_choices(unit, value("organ_id"))),
            _field("role", _("角色"), widget="select", error=error("role", ""), choices=roles),
            _field("login", _("账号"), value=value("login"), error=error("login", ""), help_=_login_rule(), longest=60),
            _field("phone", _("电话"), value=value("phone"), required=False, error=error("phone", ""), longest=LONGEST_PHONE),
            _field("email", _("邮箱"), value=value("email"), required=False, error=error("email", ""), longest=LONGEST_EMAIL),
        ),
        lead=_("登记人员、授予第一个角色并开设账号；初始密码只显示一次，首次登录须修改。"),
        submit_text=_("新增"),
        back_href=url_for("admin.accounts"),
        crumbs=((_("人员与账号"), url_for("admin.accounts")),),
    )  # fmt: skip


def _check_lengths(typed: Mapping[str, str]) -> None:
    longest = {"name": LONGEST_NAME, "phone": LONGEST_PHONE, "email": LONGEST_EMAIL}
    if wrong := {name: N_("太长了，请缩短。") for name, most in longest.items() if len(typed.get(name, "")) > most}:
        raise Invalid(N_("填写有误"), fields=wrong)


def _organ(text: str) -> int:
    if not text.isdecimal() or len(text) > 9:
        raise Invalid(N_("填写有误"), fields={"organ_id": N_("请选择单位。")})
    return int(text)


def _last_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise Invalid(N_("填写有误"), fields={"valid_to": N_("请填写日期，例如 2026-11-24。")}) from error

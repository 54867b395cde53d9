"""半年核查: the list, one district with its amounts, what it adds, what two reviewers say, files to take away."""

from collections.abc import Callable

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from forms.workbook import MIME
from models.attachment import read_file
from models.duty import period_zh
from models.house import House
from models.organ import organ_names
from models.refusal import Invalid, NotFound, Refusal
from models.texts import N_
from models.typed_numbers import typed_number
from models.unit import Unit, open_reading, open_unit
from models.verification_judge import Judgement, agree_entries, judge_entries
from models.verification_list import find_verification, verification_of_process, voucher_file, whole_of
from models.verification_self import take_back
from web.gate import current_actor, requires
from web.i18n import say
from web.numbers import number
from web.uploads import sent_out
from web.verification_adding import HERE, adding_routes
from web.verification_excel import excel_of
from web.verification_page import Typed, verification_page, verifications_page
from web.views import MenuEntry
from workflows.verification import draft_bulletin

MENU = (
    MenuEntry(
        "verification.index", N_("半年核查"), "shield-check", "verification.view", 64, phone=False, under="agenda.index"
    ),
)


def pages(house: House) -> Blueprint:
    """The routes of verifications."""
    blueprint = Blueprint("verification", __name__, url_prefix="/verifications")
    _read(blueprint, house)
    _take_away(blueprint, house)
    _review(blueprint, house)
    adding_routes(blueprint, house)
    _take_back(blueprint, house)
    return blueprint


def _read(blueprint: Blueprint, house: House) -> None:
    @blueprint.get("")
    @requires("verification.view")
    def index() -> str:
        """The districts one may see, of the half-year asked for or the newest."""
        with open_reading(house.database, current_actor(), house.now()) as unit:
            page = verifications_page(unit, request.args.get("half", "")[:10])
        return render_template("verifications.html", page=page)

    @blueprint.get(HERE)
    @requires("verification.view")
    def page(half: str, verified_id: int) -> Response:
        """One district."""
        return _shown(house, half, verified_id)

    @blueprint.get("/of-process/<int:process_id>")
    @requires("verification.view")
    def of_process(process_id: int) -> Response:
        """The district a task belongs to; tasks lead here."""
        with open_reading(house.database, current_actor(), house.now()) as unit:
            row = verification_of_process(unit, process_id)
        return _to(row.period, row.organ_id)

    @blueprint.post("/<half>/bulletin")
    @requires("verification.judge")
    def bulletin(half: str) -> Response:
        """先拟通报, before every district is through."""
        with open_unit(house.database, current_actor(), house.now()) as unit:
            draft_bulletin(unit, period=half)
        flash(_("通报已送核稿。"), "success")
        return make_response(redirect(url_for("verification.index", half=half), 303))


def _take_away(blueprint: Blueprint, house: House) -> None:
    @blueprint.get(f"{HERE}.xlsx")
    @requires("verification.view")
    def excel(half: str, verified_id: int) -> Response:
        """Amounts, visits and problems."""
        with open_reading(house.database, current_actor(), house.now()) as unit:
            whole = whole_of(unit, half, verified_id)
            name = organ_names(unit.session, [verified_id]).get(verified_id, "")
        return sent_out(excel_of(whole, name), f"{name}{period_zh(half)}核查.xlsx", MIME, save=True)

    @blueprint.get(f"{HERE}/files/<int:attachment_id>")
    @requires("verification.view")
    def file(half: str, verified_id: int, attachment_id: int) -> Response:
        """A voucher, beside the page where it can be shown there."""
        with open_reading(house.database, current_actor(), house.now()) as unit:
            found = voucher_file(unit, half, verified_id, attachment_id)
        data = read_file(house.settings.archive_dir, found.sha256)
        return sent_out(data, found.name, found.media_type, save=not found.may_be_inline)


def _review(blueprint: Blueprint, house: House) -> None:
    @blueprint.post(f"{HERE}/judge")
    @requires("verification.judge")
    def judge(half: str, verified_id: int) -> Response:
        """初核 of what was filled in; refused, every box keeps what was typed."""

        def act(unit: Unit) -> str:
            count = judge_entries(unit, period=half, organ_id=verified_id, judgements=_judgements())
            return str(_("已判断%(n)s笔。", n=count))

        return _reviewed(house, half, verified_id, act)

    @blueprint.post(f"{HERE}/agree")
    @requires("verification.judge")
    def agree(half: str, verified_id: int) -> Response:
        """复核 of what was chosen."""

        def act(unit: Unit) -> str:
            chosen = _numbered("verdict")
            agreed = [each for each, said in chosen.items() if said == "agree"]
            back = {each: request.form.get(f"back_{each}", "") for each, said in chosen.items() if said == "back"}
            count = agree_entries(unit, period=half, organ_id=verified_id, agreed=agreed, back=back)
            return str(_("已复核%(n)s笔。", n=count))

        return _reviewed(house, half, verified_id, act)


def _take_back(blueprint: Blueprint, house: House) -> None:
    @blueprint.post(f"{HERE}/entries/<int:line_id>/take-back")
    @requires("verification.file")
    def take_back_post(half: str, verified_id: int, line_id: int) -> Response:
        """撤回申报."""
        reason = request.form.get("reason", "")

        def act(unit: Unit) -> str:
            take_back(unit, period=half, organ_id=verified_id, entry_id=line_id, reason=reason)
            return str(_("已撤回这笔申报。"))

        return _reviewed(house, half, verified_id, act)


def _reviewed(house: House, half: str, verified_id: int, act: Callable[[Unit], str]) -> Response:
    try:
        with open_unit(house.database, current_actor(), house.now()) as unit:
            find_verification(unit, half, verified_id)
            said = act(unit)
    except NotFound:
        raise
    except Refusal as refusal:
        errors = refusal.fields if isinstance(refusal, Invalid) else {}
        typed = Typed(request.form.to_dict(), errors, say(refusal.message, dict(refusal.params)))
        return _shown(house, half, verified_id, typed, refusal.status)
    flash(said, "success")
    return _to(half, verified_id, page=request.args.get("page", 0, type=number))


def _judgements() -> dict[int, Judgement]:
    """What was filled in: all that was declared, or an amount with a reason. Raises Invalid for what is no amount."""
    found: dict[int, Judgement] = {}
    wrong: dict[str, str] = {}
    amounts, declared = _numbered("amount"), _numbered("full")
    for each in sorted(amounts.keys() | declared.keys()):
        text, reason = amounts.get(each, ""), request.form.get(f"reason_{each}", "")
        if text and declared.get(each) and typed_number(text) != typed_number(declared[each]):
            wrong[f"amount_{each}"] = N_("“按申报数”和认定数只填一项。")
        value = typed_number(declared.get(each) or text)
        if value is None:
            wrong[f"amount_{each}"] = N_("请填写数字，不带单位。")
        else:
            found[each] = Judgement(value, reason)
    if wrong:
        raise Invalid(N_("有%(count)s处需要修改，已填内容未丢失。"), fields=wrong, count=len(wrong))
    if not found:
        raise Invalid(N_("请至少判断一笔。"))
    return found


def _numbered(name: str) -> dict[int, str]:
    """The boxes of a name that are not empty, by the number behind it."""
    found = {}
    for key, value in request.form.items():
        word, _line, tail = key.rpartition("_")
        if word == name and tail.isdecimal() and len(tail) <= 18 and value.strip():
            found[int(tail)] = value.strip()
    return found


def _shown(house: House, half: str, verified_id: int, typed: Typed | None = None, status: int = 200) -> Response:
    at = request.args.get("page", 0, type=number)
    with open_reading(house.database, current_actor(), house.now()) as unit:
        page = verification_page(unit, half, verified_id, page=at, typed=typed)
    return make_response(render_template("verification.html", page=page), status)


def _to(half: str, verified_id: int, page: int = 0) -> Response:
    href = url_for("verification.page", half=half, verified_id=verified_id, page=page or None)
    return make_response(redirect(href, 303))

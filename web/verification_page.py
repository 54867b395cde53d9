"""Turns a half-year's verification into its pages: progress by district, every amount, visits, problems."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from flask import url_for
from flask_babel import gettext as _

from models.organ import organ_names
from models.printed_numbers import money
from models.problem import Problem
from models.project import Project
from models.target import NATURES
from models.texts import N_
from models.unit import Unit
from models.verification_lines import Line, Sum, progress_of, sums_of
from models.verification_list import Standing, Whole, standings, whole_of
from models.verification_problems import found_on_site
from models.verification_rows import (
    STATES,
    UNJUDGED,
    VerificationSite,
    desk_id,
    periods_verified,
    voucher_kinds,
)
from models.verification_sample import SAMPLE_RULE, SAMPLED_AS, sample_numbers
from web.duty_words import period_words
from web.fields import FieldView
from web.i18n import day, language, moment, say
from web.project_history import named
from web.views import Act, Chip, Fact, LampView, Link
from web.views.verification import DistrictRow, EntryRow, ProblemRow, SiteRow, VerificationPage, VerificationsPage

PAGE = 40  # amounts on a page: four boxes each, well below what one form may carry
NODES = {
    "self_check": N_("区自查"),
    "sign_self": N_("自查签认"),
    "first_check": N_("网上初核"),
    "second_check": N_("网上复核"),
    "countersign": N_("问题清单签认"),
    "visit": N_("现场核查"),
    "confirm": N_("区代表签认"),
}
Names = Mapping[int, str]
Address = Callable[..., str]


@dataclass(frozen=True)
class Typed:
    """What a reviewer typed and what is wrong with it, by the names of the boxes."""

    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""


def verifications_page(unit: Unit, period: str) -> VerificationsPage:
    """The districts of a half-year; without a period the newest there is."""
    known = periods_verified(unit.session)
    shown = period or (known[0] if known else "")
    found = standings(unit, shown) if shown else []
    names = organ_names(unit.session, [each.row.organ_id for each in found], language())
    title = _("%(half)s核查", half=period_words(shown)) if shown else _("半年核查")
    return VerificationsPage(
        title,
        _("自查、网上核查、现场核查、签认、报告，一区一件；金额两人一致才认定。"),
        tuple(
            Chip(period_words(each), url_for("verification.index", half=each), active=each == shown) for each in known
        ),
        tuple(_district(each, names) for each in found),
        _total(found) if len(found) > 1 else None,
        _bulletin_act(unit, shown, found),
    )


def _district(each: Standing, names: Names) -> DistrictRow:
    row, sums = each.row, sums_of(each.lines)
    href = url_for("verification.page", half=row.period, verified_id=row.organ_id)
    settled, judged, unjudged = progress_of(each.lines)
    return DistrictRow(
        Link(names.get(row.organ_id, ""), href),
        _lamp(each.row.closed_at is not None, late=bool(row.frozen_at) and not row.self_signed_by),
        _waits(each.node, each.sites - each.sites_closed, closed=row.closed_at is not None),
        f"{settled}/{settled + judged + unjudged}",
        _three(sums["domestic"]),
        _three(sums["foreign"]),
        f"{each.sites_closed}/{each.sites}" if each.sites else "-",
        str(each.problems) if row.listed_at else "-",
        bool(row.frozen_at) and not row.self_signed_by,
    )


def _lamp(closed: bool, *, late: bool) -> LampView:
    if closed:
        return LampView("green", str(_("完成")))
    return LampView("yellow", str(_("逾期未自查"))) if late else LampView("grey", str(_("在办")))


def _waits(node: str, sites: int, *, closed: bool) -> str:
    if closed:
        return str(_("报告已发"))
    if node:
        return str(_("待%(what)s", what=say(NODES[node])))
    return str(_("待现场核查%(n)s个", n=sites)) if sites else str(_("待核查报告发出"))


def _three(found: Sum) -> tuple[str, str, str]:
    """申报, 认定, 核减; nothing where nothing was declared, only the first while everything waits."""
    if not found.count:
        return ("-", "-", "-")
    if found.waiting == found.count - found.unrated:
        return (money(found.declared), "-", "-")
    return (money(found.declared), money(found.recognised), money(found.reduced))


def _total(found: Sequence[Standing]) -> DistrictRow:
    every = [line for each in found for line in each.lines]
    sums, (settled, judged, unjudged) = sums_of(every), progress_of(every)
    done = sum(1 for each in found if each.row.closed_at)
    return DistrictRow(
        Link(str(_("合计")), ""),
        LampView("grey", f"{done}/{len(found)}"),
        "",
        f"{settled}/{settled + judged + unjudged}",
        _three(sums["domestic"]),
        _three(sums["foreign"]),
        f"{sum(each.sites_closed for each in found)}/{sum(each.sites for each in found)}",
        str(sum(each.problems for each in found)),
    )


def _bulletin_act(unit: Unit, period: str, found: Sequence[Standing]) -> tuple[Act, ...]:
    """通报 by hand, once somebody is through and nobody has drafted it."""
    if not unit.actor.may("verification.judge", [desk_id(unit.session)]):
        return ()
    if not any(each.row.closed_at for each in found) or any(each.row.bulletin_id for each in found):
        return ()
    late = sum(1 for each in found if not each.row.closed_at)
    question = _("还有%(n)s个区没有完成，通报会写明这些区。现在就拟写通报吗？", n=late)
    href = url_for("verification.bulletin", half=period)
    return (Act("bulletin", str(_("先拟通报")), href, "send", question=str(question)),)


def verification_page(
    unit: Unit, period: str, organ_id: int, *, page: int = 0, typed: Typed | None = None
) -> VerificationPage:
    """One district; `typed` is what a reviewer sent that was refused."""
    whole = whole_of(unit, period, organ_id)
    name = organ_names(unit.session, [organ_id], language()).get(organ_id, "")
    mode = "judge" if whole.rights.judge else "agree" if whole.rights.agree else ""
    shown = whole.lines[page * PAGE : (page + 1) * PAGE]
    here = partial(url_for, half=period, verified_id=organ_id)
    return VerificationPage(
        title=f"{name} · {period_words(period)}",
        lead=str(_("逐笔核查明细；认定数两人一致才生效。")),
        crumbs=((str(_("半年核查")), url_for("verification.index", half=period)),),
        lamp=_lamp(whole.row.closed_at is not None, late=bool(whole.row.frozen_at) and not whole.row.self_signed_by),
        facts=tuple(_facts(whole)),
        sums=tuple(_sums(whole.lines)),
        entries=tuple(_entry(whole, line, mode, typed or Typed()) for line in shown),
        total=len(whole.lines),
        mode=mode if any(_may(line, mode) for line in shown) else "",
        form_href=here(f"verification.{mode}", page=page) if mode else "",
        excel_href=here("verification.excel"),
        foreign_href=here("verification.foreign") if whole.rights.file else "",
        task=_task(whole, mode),
        sites=tuple(_site(whole, *each) for each in whole.sites),
        sample=_rule(whole),
        problems=tuple(_problem(whole, each) for each in whole.problems),
        pages=_pages(whole, page),
        problem=(typed or Typed()).problem,
    )


def _facts(whole: Whole) -> Iterable[Fact]:
    row = whole.row
    yield Fact(_("现在"), _waits(whole.node, _open_sites(whole), closed=row.closed_at is not None))
    unsigned = _("逾期未报，按台账核查") if row.frozen_at else _("尚未签认")
    yield Fact(_("自查"), f"{row.filed_by or '-'} · {row.self_signed_by or unsigned}")
    if row.self_note:
        yield Fact(_("自查说明"), row.self_note)
    yield Fact(_("核查范围"), _scope(whole))
    yield Fact(_("网上核查期限"), day(row.due_at))
    if row.listed_at:
        late = _("尚未签认") if whole.node == "countersign" else _("没有问题，无须签认")
        unsigned = late if whole.node == "countersign" or not whole.problems else _("逾期未签认")
        yield Fact(_("问题清单签认"), f"{row.signed_by} · {moment(row.signed_at)}" if row.signed_at else unsigned)
    if row.objection:
        yield Fact(_("区里的异议"), row.objection)
    if row.notice_id:
        yield Fact(_("核查报告"), _("打开"), url_for("notices.page", notice_id=row.notice_id))


def _open_sites(whole: Whole) -> int:
    return sum(1 for site, _project in whole.sites if not site.closed_at)


def _scope(whole: Whole) -> str:
    if whole.row.frozen_at:
        return str(_("%(when)s冻结；以后补报的不在本次核查范围内。", when=moment(whole.row.frozen_at)))
    return str(_("自查签认时冻结；在此以前填报的都在核查范围内。"))


def _sums(lines: Sequence[Line]) -> Iterable[tuple[str, str, str, str, str]]:
    units = {"domestic": _("万元"), "foreign": _("万美元")}
    for nature, found in sums_of(lines).items():
        yield (f"{say(NATURES[nature])}（{units[nature]}）", str(found.count), *_three(found))


def _may(line: Line, mode: str) -> bool:
    if mode == "judge":
        return line.state in (*UNJUDGED, "judged")
    return mode == "agree" and line.state == "judged"


def _entry(whole: Whole, line: Line, mode: str, typed: Typed) -> EntryRow:
    number = line.entry_id
    here = partial(url_for, half=whole.row.period, verified_id=whole.row.organ_id)
    boxes = {name: typed.values.get(f"{name}_{number}", "") for name in ("amount", "full", "reason", "verdict", "back")}
    files = whole.rights.file and line.state == "open"
    judged = line.state == "judged" and mode == "judge" and not typed.values
    return EntryRow(
        id=number,
        project=Link(line.project_name, url_for("projects.page", project_id=line.project_id)),
        on=line.on.isoformat(),
        unit=line.unit,
        declared=money(line.declared),
        exact=format(line.declared, "f"),
        recognised=money(line.recognised),
        reduced=money(line.reduced),
        state=say(STATES[line.state]),
        notes=tuple(_notes(line)),
        vouchers=tuple(_voucher(here, each) for each in line.vouchers),
        is_open=_may(line, mode),
        self_href=here("verification.entry", line_id=number) if files else "",
        acts=(_take_back(here, number),) if files else (),
        amount=boxes["amount"] or (format(line.recognised or 0, "f") if judged and line.reduced else ""),
        full=bool(boxes["full"]) or (judged and not line.reduced),
        reason=boxes["reason"] or boxes["back"] or (line.reason if judged else ""),
        verdict=boxes["verdict"],
        errors=tuple(say(typed.errors[name]) for name in _names(number) if name in typed.errors),
    )


def _names(number: int) -> tuple[str, ...]:
    return tuple(f"{name}_{number}" for name in ("amount", "reason", "back"))


def _notes(line: Line) -> Iterable[str]:
    if line.explanation:
        yield str(_("区里说明：%(text)s", text=line.explanation))
    if line.reason:
        yield str(_("核减原因：%(text)s", text=line.reason)) if line.reduced else line.reason
    if line.back_reason:
        yield str(_("复核退回：%(text)s", text=line.back_reason))
    if line.judged_by:
        yield str(_("初核 %(who)s", who=line.judged_by)) + (
            " · " + str(_("复核 %(who)s", who=line.agreed_by)) if line.agreed_by else ""
        )
    if line.counted_declared is None:
        yield str(_("没有当日汇率，不折算、不计入合计"))


def _voucher(here: Address, paper: tuple[int, str, str]) -> Link:
    number, kind, name = paper
    kinds = {each.code: named(each.name_zh, each.name_en) for each in voucher_kinds()}
    href = here("verification.file", attachment_id=number)
    return Link(f"{kinds.get(kind, kind)}：{name}", href)


def _take_back(here: Address, number: int) -> Act:
    asked = FieldView("reason", str(_("撤回原因")), "textarea", required=True, max_length=200)
    href = here("verification.take_back_post", line_id=number)
    question = _("这笔不再计入到位资金，原申报和撤回原因都留痕。")
    return Act("take_back", str(_("撤回申报")), href, style="danger", question=str(question), fields=(asked,))


def _task(whole: Whole, mode: str) -> Link | None:
    """The item in which this stage is handed in, for those who handle it."""
    words = {"judge": _("全部判断完，去提交初核"), "agree": _("全部复核完，去提交复核")}
    text = words.get(mode) or (_("全部核对完，去报送自查") if whole.rights.file else "")
    return Link(str(text), url_for("work.item", item_id=whole.item_id)) if text and whole.item_id else None


def _rule(whole: Whole) -> str:
    if not whole.row.sampled_at:
        return str(_("网上核查完成后抽取。"))
    return f"{say(SAMPLE_RULE, {**sample_numbers(), 'seed': whole.row.seed})}{_('（个数为默认值）')}"


def _site(whole: Whole, site: VerificationSite, project: Project) -> SiteRow:
    node, _item = whole.site_items.get(site.process_id or 0, ("", 0))
    answers = site.answers or {}
    unsigned = _("逾期未签认") if site.closed_at else "-"
    return SiteRow(
        Link(project.name, url_for("projects.page", project_id=project.id)),
        say(SAMPLED_AS[site.why]),
        str(_("完成") if site.closed_at else _("待%(what)s", what=say(NODES[node])) if node else "-"),
        f"{site.visited_by} · {moment(site.visited_at)}" if site.visited_by else "-",
        site.confirmed_by or str(unsigned),
        str(answers.get("company_signer") or "-"),
        str(len(found_on_site(site))) if site.visited_by else "-",
    )


def _problem(whole: Whole, each: Problem) -> ProblemRow:
    href = url_for("projects.page", project_id=each.project_id)
    return ProblemRow(
        str(each.number),
        Link(whole.projects.get(each.project_id, ""), href),
        each.fact,
        each.demand,
        day(each.due_on),
        str(_("已启动整改") if each.rectification_id else _("待报告发出")),
    )


def _pages(whole: Whole, page: int) -> tuple[Chip, ...]:
    here = partial(url_for, "verification.page", half=whole.row.period, verified_id=whole.row.organ_id)
    count = (len(whole.lines) - 1) // PAGE + 1
    every = range(count) if count > 1 else ()
    return tuple(Chip(str(each + 1), here(page=each), active=each == page) for each in every)

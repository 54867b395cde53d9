"""公文 as pages show them: where each paper stands, what may be done with it, and what a stranger may verify."""

from datetime import date

from flask import url_for
from flask_babel import gettext as _

from models.clock import local_day
from models.notice import KINDS, UNSIGNED
from models.notice_life import ANSWERED
from models.notice_list import (
    PAGE,
    STATES,
    NoticeLine,
    find_notice_line,
    is_addressee,
    notice_counts,
    notice_page,
    receipt_items,
    sees_receipts,
)
from models.receipt import Receipt, receipts_of
from models.texts import N_
from models.unit import Unit
from web.i18n import day, moment, say
from web.lamps import time_lamp
from web.notice_acts import acts_on, correction_link, life_acts, urge_all_act
from web.project_history import named
from web.views import Act, Chip, Fact, LampView, Link, NoticeRow, Paging
from web.views.notices import NoticePage, NoticesPage, ReceiptRow

WARN_DAYS = 3
STATE_WORDS = {
    "all": N_("全部"), "unsigned": N_("待签收"), "overdue": N_("逾期未回复"), "signed": N_("已签收"),
    "answered": N_("已回复"), "closed": N_("已销号"), "voided": N_("已作废"),
}  # fmt: skip


def notices_page(unit: Unit, state: str, after: int | None) -> NoticesPage:
    """The papers one may see in this state; four queries."""
    state = state if state in STATES else "all"
    counts, found = notice_counts(unit), notice_page(unit, state, after=after)
    receipts = receipt_items(unit, [each.process_id for each in found if each.acknowledged_at is None])
    chips = tuple(
        Chip(say(STATE_WORDS[each]), url_for("notices.index", state=each if each != "all" else None), counts[each],
             state == each)
        for each in STATES
    )  # fmt: skip
    kept = state if state != "all" else None
    more = url_for("notices.index", state=kept, after=found[PAGE - 1].id) if len(found) > PAGE else ""
    rows = tuple(notice_row(each, unit.today, acts_on(unit, each, receipts)) for each in found[:PAGE])
    first = url_for("notices.index", state=kept) if after else ""
    late = state == "overdue" and counts[state] and unit.actor.may("notice.urge")
    acts = (urge_all_act(counts[state]),) if late else ()
    return NoticesPage(chips, rows, counts[state], Paging(len(rows), more, first), acts, url_for("notices.register"))


def notice_row(line: NoticeLine, today: date, acts: tuple[Act, ...] = ()) -> NoticeRow:
    """One paper as a line of a list."""
    return NoticeRow(
        id=str(line.id),
        number=line.number,
        title=line.title,
        kind=say(KINDS[line.kind]),
        to=addressed(line),
        issued_on=local_day(line.issued_at),
        due_on=line.due_on,
        state=state_of(line),
        lamp=lamp_of(line, today),
        href=url_for("notices.page", notice_id=line.id) if line.delivered_at else "",
        pdf_href=url_for("notices.pdf", notice_id=line.id) if line.sha256 else "",
        acts=acts,
    )


def notice_view(unit: Unit, notice_id: int) -> NoticePage:
    """One paper; raises NotFound like find_notice_line."""
    line = find_notice_line(unit, notice_id)
    receipts = receipt_items(unit, [line.process_id]) if line.acknowledged_at is None else {}
    receipt = receipts.get(line.process_id or 0)
    pdf = url_for("notices.pdf", notice_id=line.id) if line.sha256 else ""
    own = is_addressee(unit.actor, line.to_organ_id)
    return NoticePage(
        number=line.number,
        title=line.title,
        lamp=lamp_of(line, unit.today),
        facts=_facts(line),
        list_href=url_for("notices.index"),
        acts=(*acts_on(unit, line, receipts), *life_acts(unit, line)),
        correction=correction_link(unit, line),
        receipt=Link(_("去签收回执"), f"/tasks/{receipt}") if receipt and own else None,
        pdf_href=pdf,
        download_href=f"{pdf}?save=1" if pdf else "",
        receipts=_receipts(unit, line),
        sha256=line.sha256 or "",
        verify_href=url_for("verify.show", code=line.code) if line.sha256 else "",
    )


def state_of(line: NoticeLine) -> str:
    """Where the paper stands, in words."""
    stands = (
        (line.voided_at, _("已作废")),
        (line.closed_at, _("已销号")),
        (line.answered_at, _("已回复")),
        (line.acknowledged_at, _("已签收")),
        (line.delivered_at and line.kind in UNSIGNED, _("已送达")),
        (line.delivered_at and line.is_to_many, _received(line)),
        (line.delivered_at and line.opened_at, _("已阅，待签收")),
        (line.delivered_at, _("未阅，待签收")),
    )
    return next((str(words) for reached, words in stands if reached), str(_("正在制作")))


def lamp_of(line: NoticeLine, today: date) -> LampView:
    """Green once answered or signed for; until then the days that are left of the answer's limit."""
    if line.altered_at:
        return LampView("red", _("存档异常"))
    if line.voided_at or not line.delivered_at:
        return LampView("grey", state_of(line))
    answering = line.kind in ANSWERED and not line.answered_at and not line.closed_at
    if line.kind in UNSIGNED or line.closed_at or line.answered_at or (line.acknowledged_at and not answering):
        return LampView("green", state_of(line))
    if line.is_to_many:
        missing = _("%(count)s个单位待签收", count=line.addressees - line.receipts)
        return LampView("red" if line.chased_at else "yellow", missing)
    waiting = _("待回复") if line.acknowledged_at else _("待签收")
    return time_lamp((line.due_on - today).days if line.due_on else None, warn_days=WARN_DAYS, unlimited=waiting)


def _facts(line: NoticeLine) -> tuple[Fact, ...]:
    about = url_for("projects.page", project_id=line.project_id) if line.project_id else ""
    facts = [
        Fact(_("文号"), line.number),
        Fact(_("文种"), say(KINDS[line.kind])),
        Fact(_("签发单位"), named(line.issuer_zh, line.issuer_en)),
        Fact(_("签发人"), line.issued_by if line.issued_by != "系统" else _("系统")),
        Fact(_("主送单位"), addressed(line)),
        Fact(_("项目"), line.project or "", about),
        Fact(_("签发时间"), moment(line.issued_at)),
        Fact(_("送达时间"), moment(line.delivered_at)),
        *_looks(line),
    ]
    if line.due_on:
        facts.append(Fact(_("回复期限"), day(line.due_on)))
    if line.put_right_by:
        facts.append(Fact(_("整改期限"), day(date.fromisoformat(line.put_right_by))))
    later = (
        (line.chased_at, _("催收时间"), moment(line.chased_at)),
        (line.answered_at, _("回复"), f"{moment(line.answered_at)} {line.answered_by or ''}".strip()),
        (line.answer, _("回复内容"), (line.answer or {}).get("words", "")),
        (line.closed_at, _("销号时间"), moment(line.closed_at)),
        (line.voided_at, _("作废"), f"{moment(line.voided_at)} {line.voided_by or ''}：{line.void_reason or ''}"),
        (line.sha256, _("电子印章"), sealed_by(line)),
    )
    return (*facts, *(Fact(label, value) for known, label, value in later if known))


def _looks(line: NoticeLine) -> tuple[Fact, ...]:
    """The addressee's first look and signature; of a paper to many how many have signed."""
    if line.is_to_many:
        return (Fact(_("签收"), _received(line)),)
    signed = f"{moment(line.acknowledged_at)} {line.acknowledged_by or ''}".strip()
    return Fact(_("首次拆阅"), moment(line.opened_at)), Fact(_("签收"), signed)


def _received(line: NoticeLine) -> str:
    return str(_("已签收%(signed)s，共%(all)s个单位", signed=line.receipts, all=line.addressees))


def addressed(line: NoticeLine) -> str:
    """To whom the paper went; of one to many as the paper itself says, and how many they are."""
    if not line.is_to_many:
        return named(line.to_zh, line.to_en)
    letter = line.letter if isinstance(line.letter, dict) else {}
    many = str(_("%(count)s个单位", count=line.addressees))
    return f"{letter['to']}（{many}）" if isinstance(letter.get("to"), str) and letter["to"] else many


def _receipts(unit: Unit, line: NoticeLine) -> tuple[ReceiptRow, ...]:
    """Who has signed and who has not, for whoever sent the paper; those who have not come first."""
    if not line.addressees or not sees_receipts(unit.actor, line.organ_id):
        return ()
    rows = sorted(receipts_of(unit.session, line.id), key=lambda row: row.acknowledged_at is not None)
    return tuple(_receipt(row) for row in rows)


def _receipt(row: Receipt) -> ReceiptRow:
    stands = (
        (row.acknowledged_at, LampView("green", _("已签收"))),
        (row.chased_at, LampView("red", _("逾期未签收，已催收"))),
        (row.opened_at, LampView("yellow", _("已阅，待签收"))),
    )
    lamp = next((lamp for reached, lamp in stands if reached), LampView("yellow", _("未阅，待签收")))
    return ReceiptRow(
        organ=named(row.organ_zh, row.organ_en),
        lamp=lamp,
        opened_at=moment(row.opened_at),
        signed=f"{moment(row.acknowledged_at)} {row.acknowledged_by or ''}".strip(),
    )


def sealed_by(line: NoticeLine) -> str:
    """Whose certificate sealed the paper, or that it was issued unsealed."""
    if not line.signed_as:
        return str(_("未加盖电子印章"))
    return f"{line.signed_as}（{line.signature_level}）"

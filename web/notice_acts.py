"""The buttons of a paper: sign for it, answer it, urge, void, reissue; each asks what it needs to know first."""

from collections.abc import Mapping

from flask import url_for
from flask_babel import gettext as _

from models.notice_life import ANSWERED, LONGEST_ANSWER, LONGEST_REASON
from models.notice_list import NoticeLine, overdue_ids
from models.unit import Unit
from web.fields import FieldView
from web.views import Act, Link


def acts_on(unit: Unit, line: NoticeLine, receipts: Mapping[int, int]) -> tuple[Act, ...]:
    """签收 for the addressee; where a receipt is asked for in the process, signing happens there."""
    open_ = line.delivered_at is not None and line.acknowledged_at is None and _alive(line)
    if not open_ or line.process_id in receipts or not unit.actor.may("notice.acknowledge", [line.to_organ_id]):
        return ()
    href = url_for("notices.acknowledge", notice_id=line.id)
    return (Act("sign", _("签收"), href, "check2", "primary", _("签收后，签发单位即知你单位已收到%(number)s。",
                number=line.number)),)  # fmt: skip


def life_acts(unit: Unit, line: NoticeLine) -> tuple[Act, ...]:
    """What may be done with a delivered paper besides signing for it; the command asks again."""
    may, alive = unit.actor.may, _alive(line)
    answers = (
        line.kind in ANSWERED and not line.addressees and line.answered_at is None and line.delivered_at is not None
    )
    offered = (
        (answers and alive and may("notice.answer", [line.to_organ_id]), _answer),
        (alive and may("notice.urge") and line.id in overdue_ids(unit, only=line.id), _urge),
        (alive and may("notice.void", [line.organ_id]), _reissue),
        (alive and may("notice.void", [line.organ_id]), _void),
    )
    return tuple(build(line) for offered_now, build in offered if offered_now)


def correction_link(unit: Unit, line: NoticeLine) -> Link | None:
    """更正 by the organ that issued it, through its own approval."""
    own = unit.actor.organ_id == line.organ_id and unit.actor.may("dispatch.start", [line.organ_id])
    if not own or not line.delivered_at or line.voided_at or line.kind == "correction":
        return None
    return Link(_("拟发更正"), url_for("dispatch.correct", notice_id=line.id))


def urge_all_act(count: int) -> Act:
    """催办 of every overdue paper in the list, as one batch."""
    question = _("将向%(count)s件逾期公文的主送单位各发一份催办通知书，自动编号、送达。", count=count)
    href = url_for("notice_acts.urge_all")
    return Act("urge-all", _("全部催办"), href, "megaphone", "primary", question, (_supplement(),))


def _alive(line: NoticeLine) -> bool:
    return line.closed_at is None and line.voided_at is None


def _answer(line: NoticeLine) -> Act:
    told = _("写明办理情况、措施和预计完成时间；不能按期办结的写明原因。")
    words = FieldView("words", _("回复内容"), "textarea", required=True, help=told, max_length=LONGEST_ANSWER)
    files = FieldView("files", _("佐证材料"), "files", help=_("pdf、docx、xlsx、jpg、png，可多选。"))
    href = url_for("notice_acts.answer", notice_id=line.id)
    return Act("answer", _("回复"), href, "send", "primary", "", (words, files) if line.project_id else (words,))


def _urge(line: NoticeLine) -> Act:
    question = _("发出催办通知书，写明逾期天数，再次限期。")
    href = url_for("notice_acts.urge", notice_id=line.id)
    return Act("urge", _("催办"), href, "megaphone", "primary", question, (_supplement(),))


def _reissue(line: NoticeLine) -> Act:
    question = _("原件作废，号码留在登记簿；新件取新号，写明代替原件。没有填的保持原样。")
    due = FieldView("due_on", _("新的期限"), "date")
    href = url_for("notice_acts.reissue", notice_id=line.id)
    return Act(
        "reissue", _("作废重发"), href, "arrow-counterclockwise", "secondary", question, (_reason(), due, _supplement())
    )


def _void(line: NoticeLine) -> Act:
    question = _("作废后不再有效，号码不再使用，登记簿上长期保留作废原因。")
    href = url_for("notice_acts.void", notice_id=line.id)
    return Act("void", _("作废"), href, "x-circle", "danger", question, (_reason(),))


def _reason() -> FieldView:
    return FieldView("reason", _("原因"), "textarea", required=True, max_length=LONGEST_REASON)


def _supplement() -> FieldView:
    return FieldView("supplement", _("补充要求"), "textarea", help=_("可不填。"), max_length=LONGEST_REASON)

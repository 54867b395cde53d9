"""The buttons of an item's page besides the form's own: claim, release, transfer, return, more time, urge, recall."""

from collections.abc import Mapping

from flask import url_for
from flask_babel import gettext as _
from flask_babel import pgettext

from forms.reader import form_schema
from models.item_card import ItemCard
from web.fields import ChoiceView, FieldView, fields_of
from web.i18n import day, language, say
from web.views import Act

EXTENSION = "extension_request"


def item_acts(card: ItemCard) -> tuple[Act, ...]:
    """The acts that the actor may do now; the door asks again."""
    rights = card.rights
    asked = any(each.outcome is None for each in card.extensions)  # the page says how it stands
    offered = (
        (rights.recall, recall_act),
        (rights.claim, _claim),
        (rights.release, _release),
        (rights.transfer and bool(card.colleagues), _transfer),
        (rights.send_back, _send_back),
        (rights.extend and not asked, _extend),
        (rights.urge, _urge),
    )
    return tuple(build(card) for may, build in offered if may)


def recall_act(card: ItemCard) -> Act:
    """撤回 of what the actor has done, while nobody has gone on from it."""
    return recall_of(card.line.id)


def recall_of(item_id: int) -> Act:
    """The same by number, for the line that tells of a finished item."""
    return Act("recall", pgettext("act", "撤回"), url_for("work.recall", item_id=item_id), "arrow-counterclockwise")


def _claim(card: ItemCard) -> Act:
    return Act(
        "claim",
        pgettext("act", "认领"),
        url_for("work.claim", item_id=card.line.id),
        "hand-index",
        hidden=_version(card),
    )


def _release(card: ItemCard) -> Act:
    return Act(
        "release",
        pgettext("act", "放回"),
        url_for("work.release", item_id=card.line.id),
        "people",
        hidden=_version(card),
    )


def _transfer(card: ItemCard) -> Act:
    choices = tuple(ChoiceView(str(number), name, taken=False) for number, name in card.colleagues)
    to = FieldView("to_officer_id", _("转给谁"), "select", required=True, choices=choices)
    return Act("transfer", _("转办"), url_for("work.transfer", item_id=card.line.id), "arrow-left-right",
               fields=(to, _reason(_("转办原因"))), hidden=_version(card))  # fmt: skip


def _send_back(card: ItemCard) -> Act:
    question = _("退给上一办理人补正，补正后回到您这里；其他并行的办理不受影响。")
    return Act("return", pgettext("act", "退回补正"), url_for("work.send_back", item_id=card.line.id), "arrow-return-left",
               question=question, fields=(_reason(_("要补正什么")),), hidden=_version(card))  # fmt: skip


def _extend(card: ItemCard) -> Act:
    href = url_for("extension.send", item_id=card.line.id)
    fields = extension_fields({}, {})
    return Act("extend", _("申请延期"), href, "calendar3", question=extension_words(card), fields=fields,
               blocked=say(card.rights.why_not_extend))  # fmt: skip


def extension_words(card: ItemCard) -> str:
    """What asking for more time is about, as its form says it, and between which days it can be asked for."""
    schema = form_schema(EXTENSION)
    words = schema["description_en"] if language() == "en" else schema["description"]
    days = _("现在的期限是%(due)s，最晚可以申请到%(last)s。", due=day(card.line.due_at), last=day(card.extend_until))
    return f"{words} {days}" if language() == "en" else f"{words}{days}"


def extension_fields(values: Mapping[str, object], errors: Mapping[str, str]) -> tuple[FieldView, ...]:
    """What is asked of whoever asks for more time, with what was typed and what is wrong."""
    said = {name: say(text) for name, text in errors.items()}
    return fields_of(form_schema(EXTENSION), values=values, errors=said, language=language())


def _urge(card: ItemCard) -> Act:
    words = FieldView("words", _("催办的话"), "textarea", max_length=200)
    blocked = _("今天已催办过。") if card.rights.urged_today else ""
    return Act("urge", _("催办"), url_for("work.urge", item_id=card.line.id), "megaphone", style="primary",
               fields=(words,), blocked=blocked)  # fmt: skip


def _reason(title: str) -> FieldView:
    return FieldView("reason", title, "textarea", required=True, max_length=500)


def _version(card: ItemCard) -> tuple[tuple[str, str], ...]:
    return (("version", str(card.version)),)

"""The preview of an import as its page shows it: what would be added, changed or refused, by the file's own rows."""

from collections.abc import Mapping

from flask import url_for
from flask_babel import gettext as _

from models.ledger_import import Change, Preview
from models.ledger_row import Message, RowRead
from web.i18n import say
from web.project_history import field_title, value_text
from web.project_list import stage_name
from web.views import ImportMessage, ImportPage, ImportRow

MOST_SHOWN = 200  # lines of each list; a longer one says how many follow


def empty_page(problem: str = "") -> ImportPage:
    """The first step, with what was wrong about the file just sent."""
    return ImportPage(upload_href=url_for("ledger.look"), problem=problem, list_href=url_for("projects.index"))


def preview_page(seen: Preview, name: str, digest: str, problem: str = "") -> ImportPage:
    """The second step."""
    messages = [*seen.errors, *seen.notes]
    return ImportPage(
        file=name,
        digest=digest,
        upload_href=url_for("ledger.look"),
        import_href=url_for("ledger.take_in", digest=digest),
        problem=problem,
        new=len(seen.new),
        update=len(seen.update),
        same=len(seen.same),
        wrong=seen.wrong_rows,
        rows=tuple(_new(each) for each in seen.new[:MOST_SHOWN]),
        updates=tuple(_change(each) for each in seen.update[:MOST_SHOWN]),
        messages=tuple(_message(each) for each in messages[:MOST_SHOWN]),
        known=tuple(f"{column.heading} → {field_title(column.field.name)}" for column in seen.heading.columns),
        ignored=seen.heading.ignored,
        more=max(0, len(messages) - MOST_SHOWN),
        list_href=url_for("projects.index"),
    )


def _new(read: RowRead) -> ImportRow:
    stage = read.values.get("stage")
    place = read.owner.name if read.owner else _("未写明，先由市合作交流办代管")
    return ImportRow(read.row, read.name, place, stage_name(str(stage) if stage else None))


def _change(change: Change) -> ImportRow:
    told = tuple(_difference(name, change.before, after) for name, after in change.after.items())
    filed = tuple(_("新登记 %(amount)s 万元（%(on)s）", amount=each.amount, on=each.on) for each in change.filed)
    return ImportRow(change.row, change.name, "", "", (*told, *filed))


def _difference(name: str, before: Mapping[str, object], after: object) -> str:
    title = _("责任单位") if name == "owner_organ_id" else field_title(name)
    if name.endswith("_id"):  # a number says nothing to people
        return title
    return f"{title} {value_text(name, before.get(name))} → {value_text(name, after)}"


def _message(message: Message) -> ImportMessage:
    return ImportMessage(message.row, message.column, message.heading, message.value,
                         say(message.text, dict(message.params)), message.level == "error")  # fmt: skip

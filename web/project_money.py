"""投资与资金 on a project's page: in which unit a line is told, and what may be done with it."""

from flask import url_for
from flask_babel import gettext as _

from models.amount import AmountEntry
from models.currency import CURRENCIES, HOME
from web.i18n import language, say
from web.project_acts import withdraw_fields
from web.views import Act


def unit_of(currency: str) -> str:
    """万元, 万美元 and so on, as the visitor reads it."""
    if currency == HOME:
        return str(_("万元"))
    return f"万{say(CURRENCIES[currency])}" if language() == "zh" else f"10,000 {currency}"


def entry_acts(row: AmountEntry) -> tuple[Act, ...]:
    """撤资 of what came in; a plan and a line that itself reduces another have none."""
    if row.kind == "plan" or row.reduces_id is not None:
        return ()
    href = url_for("project_acts.withdraw_money", project_id=row.project_id, entry_id=row.id)
    asked = _("撤资另记一笔负数，原来那笔不变。")
    return (Act("withdraw-money", _("登记撤资"), href, "arrow-return-left", "secondary", asked, withdraw_fields()),)

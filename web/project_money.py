"""投资与资金 on a project's page: in which unit a line is told, and what may be done with it."""

from collections.abc import Iterable
from decimal import Decimal

from flask import url_for
from flask_babel import gettext as _

from models.amount import KINDS, OF_KIND, AmountEntry
from models.currency import CURRENCIES, HOME
from models.totals import ForeignSum, Totals
from models.unit import Unit
from web.asked_again import Refused, asked_again
from web.i18n import day, language, money, say, wan
from web.project_acts import withdraw_fields
from web.views import Act, Fact

DAYS = 3  # named one by one; more are counted


def unit_of(currency: str) -> str:
    """万元, 万美元 and so on, as the visitor reads it."""
    if currency == HOME:
        return str(_("万元"))
    return f"万{say(CURRENCIES[currency])}" if language() == "zh" else f"10,000 {currency}"


def withdraw_key(entry_id: int) -> str:
    """What the page calls 撤资 of one entry."""
    return f"withdraw-money-{entry_id}"


def entry_acts(row: AmountEntry, refused: Refused | None = None) -> tuple[Act, ...]:
    """撤资 of what came in; a plan and a line that itself reduces another have none. What was refused is asked again."""
    if row.kind == "plan" or row.reduces_id is not None:
        return ()
    href = url_for("project_acts.withdraw_money", project_id=row.project_id, entry_id=row.id)
    asked = _("撤资另记一笔负数，原来那笔不变。")
    key = withdraw_key(row.id)
    act = Act(key, _("登记撤资"), href, "arrow-return-left", "secondary", asked, withdraw_fields(unit_of(row.currency)))
    return asked_again((act,), refused if refused and refused.key == key else None)


def sums_told(sums: Totals) -> Iterable[Fact]:
    """The totals, and under them what of each came in another currency, told in its own."""
    yield Fact(_("%(year)s年计划", year=sums.year), money(sums.year_plan))
    yield Fact(_("%(year)s年完成投资", year=sums.year), money(sums.invested_year))
    yield Fact(_("%(year)s年到位资金", year=sums.year), money(sums.funds_year))
    yield Fact(_("累计完成投资"), money(sums.invested_all))
    yield Fact(_("累计到位资金"), money(sums.funds_all))
    if sums.fdi_all:
        yield Fact(_("累计外资到位"), _("%(amount)s 万美元", amount=wan(sums.fdi_all)))
    for each in sums.foreign:
        yield Fact(_("其中%(kind)s（%(currency)s）", kind=say(KINDS[each.kind]), currency=say(CURRENCIES[each.currency])),
                   _abroad(each))  # fmt: skip


def _abroad(each: ForeignSum) -> str:
    own = _wan_of(each.amount, each.currency)
    into = OF_KIND.get(each.kind, HOME)
    counted = money(each.counted) if into == HOME else _wan_of(each.counted, into)
    if not each.unrated:
        return str(_("%(amount)s，折合%(counted)s", amount=own, counted=counted))
    if not each.counted:
        return str(_("%(amount)s，未折算", amount=own))
    return str(_("%(amount)s，折合%(counted)s，另有%(left)s未折算", amount=own, counted=counted, left=_left(each)))


def gaps(sums: Totals, kinds: Iterable[str] = KINDS) -> tuple[str, ...]:
    """What is in no total, a sentence for each currency: how much, and for which days a rate is missing."""
    return tuple(
        _("%(kind)s合计没有计入%(amount)s：%(days)s没有%(currency)s汇率。登记汇率后自动计入。",
          kind=say(KINDS[kind]), amount=_left(each), days=_days(each), currency=say(CURRENCIES[each.lacks]))
        for kind in kinds for each in sums.unrated(kind)
    )  # fmt: skip


def left_out(sums: Totals, kind: str) -> str:
    """The same in a word, for beside a figure; empty when everything is in it."""
    amounts = [_left(each) for each in sums.unrated(kind)]
    return str(_("另有%(amounts)s未折算", amounts=_("、").join(amounts))) if amounts else ""


def rates_href(unit: Unit) -> str:
    """Where a missing rate is filed, for who may file one."""
    return url_for("rates.index") if unit.actor.may("rate.set") else ""


def _left(each: ForeignSum) -> str:
    return _wan_of(sum((amount for _on, amount in each.unrated), Decimal(0)), each.currency)


def _wan_of(amount: Decimal, currency: str) -> str:
    return f"{wan(amount)} {unit_of(currency)}"


def _days(each: ForeignSum) -> str:
    named = str(_("、")).join(day(on) for on, _amount in each.unrated[:DAYS])
    return str(_("%(days)s等%(n)s天", days=named, n=len(each.unrated))) if len(each.unrated) > DAYS else named

"""The permits of work-item verbs and the sentences that tell who acted first."""

from models import process as rows
from models.clock import SHANGHAI
from models.officer import officer_name
from models.permit import permit
from models.process import Item
from models.refusal import Outdated
from models.texts import N_
from models.unit import Unit

BUSINESS = ("officer", "head", "supervisor", "leader")
PERMIT_HANDLE = permit("item.handle", N_("办理事项"), roles=BUSINESS, scope="organ").word
PERMIT_TRANSFER = permit("item.transfer", N_("转办"), roles=BUSINESS, scope="organ").word
PERMIT_URGE = permit("item.urge", N_("催办"), roles=("head", "supervisor", "leader"), scope="city").word
PERMIT_SUSPEND = permit("process.suspend", N_("挂起与恢复"), roles=("supervisor", "head"), scope="city").word
PERMIT_RETRY = permit("incident.retry", N_("重试故障"), roles=("admin",), scope="any").word
permit("map.view", N_("查看流程定义"), roles=("admin", "supervisor", "auditor"), scope="any")


def outdated_by(unit: Unit, item: Item) -> Outdated:
    """The refusal for an item that is no longer open: by whom and when it was handled, or why it was closed."""
    fresh = rows.read_item(unit.session, item.id) or item
    if fresh.state == "suspended":
        return Outdated(N_("此事项所在流程已挂起，恢复后再办。"))
    if fresh.state == "cancelled" or fresh.done_at is None:
        return Outdated(N_("此事项已随流程变化取消，无需再办。"))
    return Outdated(
        N_("此事项已被%(who)s于%(when)s办理。您填写的内容已保留在本页。"),
        who=officer_name(unit.session, fresh.done_by_id) or N_("他人"),
        when=fresh.done_at.astimezone(SHANGHAI).strftime("%m月%d日 %H:%M"),
    )

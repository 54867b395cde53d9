"""The lamp of a time limit, in the visitor's language."""

from flask_babel import gettext

from web.views import LampView


def time_lamp(days_left: int | None, *, warn_days: int, unlimited: str = "") -> LampView:
    """Red past the limit, yellow when at most `warn_days` are left, green before that, grey without a limit."""
    if days_left is None:
        return LampView("grey", unlimited or gettext("不限时"))
    if days_left < 0:
        return LampView("red", gettext("超期 %(n)s 天", n=-days_left))
    words = gettext("今天到期") if days_left == 0 else gettext("剩 %(n)s 天", n=days_left)
    return LampView("yellow" if days_left <= warn_days else "green", words)

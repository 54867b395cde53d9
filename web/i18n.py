"""Chinese first, English by switch: the catalogue, what a visitor may choose, how money and time are written."""

from datetime import date, datetime
from decimal import Decimal
from urllib.parse import urlencode, urlsplit

from babel.dates import format_date
from flask import Flask, Response, redirect, request
from flask_babel import Babel, gettext
from flask_babel import get_locale as babel_locale

from models.clock import SHANGHAI

LANGUAGES = {"zh": "中文", "en": "English"}
SIZES = ("normal", "large", "largest")  # 14, 18 and 21 px for the same rem
CHOICES = {"lang": tuple(LANGUAGES), "size": SIZES}
COOKIE = "duban_{}"
YEAR = 365 * 24 * 3600
WAN_PER_YI = 10_000


def init_app(app: Flask) -> None:
    """Adds translation, the filters money, wan, day, moment, clock; and `language`, `text_size`, `choice_url`."""
    app.config.setdefault("BABEL_DEFAULT_LOCALE", "zh")
    app.config.setdefault("BABEL_DEFAULT_TIMEZONE", "Asia/Shanghai")
    app.config.setdefault("BABEL_TRANSLATION_DIRECTORIES", "../translations")
    Babel(app, locale_selector=language)
    app.before_request(remember_choice)
    app.jinja_env.filters.update(money=money, wan=wan, day=day, moment=moment, clock=clock)
    app.jinja_env.globals.update(language=language, text_size=text_size, choice_url=choice_url)


def language() -> str:
    """The visitor's language, "zh" or "en": what was chosen, else Chinese whatever the browser prefers."""
    return _choice("lang", "zh")


def text_size() -> str:
    """The visitor's size of letters: normal, large or largest."""
    return _choice("size", "normal")


def _choice(name: str, otherwise: str) -> str:
    value = request.cookies.get(COOKIE.format(name), otherwise)
    return value if value in CHOICES[name] else otherwise


def choice_url(name: str, value: str) -> str:
    """This same page with one choice changed; a page that answered a form leads back to where the form was."""
    path, query = request.path, request.args.to_dict(flat=False)
    if request.method not in ("GET", "HEAD"):
        came_from = urlsplit(request.referrer or "")
        path, query = (came_from.path or "/" if came_from.netloc == request.host else "/"), {}
    return f"{path}?{urlencode(query | {name: [value]}, doseq=True)}"


def remember_choice() -> Response | None:
    """Keeps ?lang= or ?size= in a cookie for a year and leads to the same page without it."""
    chosen = {name: request.args[name] for name, known in CHOICES.items() if request.args.get(name) in known}
    if not chosen or request.method != "GET":
        return None
    rest = {name: values for name, values in request.args.to_dict(flat=False).items() if name not in chosen}
    # A path that begins with two slashes would be read as the name of another machine.
    path = "/" + request.path.lstrip("/")
    response = redirect(f"{path}?{urlencode(rest, doseq=True)}" if rest else path)
    for name, value in chosen.items():
        response.set_cookie(
            COOKIE.format(name), value, max_age=YEAR, samesite="Lax", httponly=True, secure=request.is_secure
        )
    return response  # type: ignore[return-value]  # werkzeug's own base class


def _chinese() -> bool:
    found = babel_locale()
    return found is None or found.language == "zh"


def _plain(number: Decimal, places: int = 2) -> str:
    text = f"{number:,.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def money(amount: Decimal | None) -> str:
    """An amount in 万元, as people say it: 8,500 万元, 12.5 亿元, in English CNY 85 m; "—" for none."""
    if amount is None:
        return "—"
    if _chinese():
        return f"{_plain(amount / WAN_PER_YI)} 亿元" if abs(amount) >= WAN_PER_YI else f"{_plain(amount)} 万元"
    millions = amount / 100
    return f"CNY {_plain(millions / 1000)} bn" if abs(millions) >= 1000 else f"CNY {_plain(millions)} m"


def wan(amount: Decimal | None) -> str:
    """An amount in 万元 as a bare figure with thousands marks, for tables whose heading names the unit."""
    return "—" if amount is None else _plain(amount)


def day(value: date | datetime | None) -> str:
    """A day in words, 2026年11月24日 or 24 Nov 2026; a moment is first brought to Asia/Shanghai; "—" for none."""
    if value is None:
        return "—"
    local = value.astimezone(SHANGHAI).date() if isinstance(value, datetime) else value
    return f"{local.year}年{local.month}月{local.day}日" if _chinese() else format_date(local, "d MMM y", locale="en")


def moment(value: datetime | None) -> str:
    """A moment as 2026-11-24 16:30 in Asia/Shanghai; "—" for none."""
    return "—" if value is None else value.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


def clock(value: datetime | None) -> str:
    """The hour and minute of a moment in Asia/Shanghai, 16:30; "—" for none."""
    return "—" if value is None else value.astimezone(SHANGHAI).strftime("%H:%M")


def say(message: str, params: dict[str, object] | None = None) -> str:
    """A source text of the house in the visitor's language, with its values set in."""
    return str(gettext(message, **(params or {})))

"""Who is asking, and may they: every route declares what it needs, and before each request the answer is looked up.

A page knows its visitor by a random token in a cookie, the API by a personal token in the Authorization header; neither
is accepted in the other's place. Routes ask only whether one of the visitor's roles carries the permit at all; the
command behind them asks again, for the organ it is about.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, TypeVar
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, make_response, redirect, request, url_for
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized

from models.house import House
from models.permit import PERMITS
from models.refusal import NotPermitted
from models.session import note_seen, note_used, presence_of, token_use_of
from models.texts import N_
from models.unit import Actor, open_glance, open_unit, trace_refusal

NAME = "duban"
FREE_OF_CHANGE = frozenset(
    {"auth.password", "auth.renew", "auth.logout"}
)  # what one may do before changing a first password
View = TypeVar("View", bound=Callable[..., Any])


class RouteWithoutPermit(RuntimeError):
    """A route says neither what it requires nor that it is public; the application does not start."""


@dataclass(frozen=True)
class Need:
    """What a route asks of its visitor: nothing, to be signed in, or a permit."""

    kind: Literal["public", "signed_in", "permit"]
    word: str = ""

    def is_met_by(self, actor: Actor) -> bool:
        """Whether one of the visitor's roles carries the permit, for whatever organ."""
        return not self.word or any(grant.role in PERMITS[self.word].roles for grant in actor.grants)


def requires(word: str) -> Callable[[View], View]:
    """Marks a view as asking for this permit."""
    return _marked(Need("permit", word))


def public(view: View) -> View:
    """Marks a view as open to everybody."""
    return _marked(Need("public"))(view)


def signed_in(view: View) -> View:
    """Marks a view as open to everybody who is signed in, whatever their roles; for what is one's own."""
    return _marked(Need("signed_in"))(view)


def _marked(need: Need) -> Callable[[View], View]:
    def mark(view: View) -> View:
        view.need = need  # type: ignore[attr-defined]
        return view

    return mark


def need_of(view: Callable[..., Any] | None, method: str) -> Need | None:
    """What a view asks for with this method; None when it does not say. Methods of a class may each say their own."""
    kind = getattr(view, "view_class", None)
    own = getattr(kind, "get" if method == "HEAD" else method.lower(), None)
    for place in (own, kind, view):
        found = getattr(place, "need", None)
        if isinstance(found, Need):
            return found
    return None


def declared(app: Flask) -> Iterator[tuple[str, str, str, Need | None]]:
    """Every (path, method, endpoint, need) of the application but its files, for the check and the matrix of rights."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint.rpartition(".")[2] == "static":
            continue
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule.rule, method, rule.endpoint, need_of(app.view_functions[rule.endpoint], method)


def check_routes(app: Flask) -> None:
    """Raises RouteWithoutPermit naming each route that says nothing of what it needs, or names an undeclared permit."""
    wrong = [
        f"{method} {path} ({endpoint})"
        for path, method, endpoint, need in declared(app)
        if need is None or (need.kind == "permit" and need.word not in PERMITS)
    ]
    if wrong:
        raise RouteWithoutPermit("no permit is declared for: " + ", ".join(wrong))


def init_app(app: Flask, house: House) -> None:
    """Looks up the visitor before each request and traces refusals after it."""
    app.extensions[NAME] = house
    app.before_request(admit)
    app.after_request(trace_refused)


def current_house() -> House:
    """The house this application was made for."""
    house: House = current_app.extensions[NAME]
    return house


def visitor() -> Actor | None:
    """Who is signed in, or None."""
    found: Actor | None = g.get("actor")
    return found


def current_actor() -> Actor:
    """Who is signed in; only for views that ask for that, elsewhere a bug."""
    found = visitor()
    assert found is not None, "this view is public; ask visitor() instead"
    return found


def stranger() -> Actor:
    """Somebody of whom we know the address only and who may do nothing."""
    return Actor(name="访客", officer_id=0, address=_address())


def admit() -> Response | None:
    """Before each request: who it is, and whether the route may be used; otherwise the way to sign in."""
    g.actor, g.presence = None, None
    if request.endpoint == "static":
        return None
    is_api = request.path.startswith("/api/")
    g.actor = _token_holder() if is_api else _cookie_holder()
    if request.endpoint is None:
        return None  # no such page; the frame of the answer still shows who is signed in
    need = need_of(current_app.view_functions[request.endpoint], request.method)
    if need is not None and need.kind == "public":
        return None
    if g.actor is None:
        return ask_to_sign_in(is_api=is_api)
    if g.presence is not None and g.presence.must_change and request.endpoint not in FREE_OF_CHANGE:
        return _lead_to(url_for("auth.password"))
    if need is None or not need.is_met_by(g.actor):
        raise NotPermitted(N_("您没有“%(permit)s”的权限。"), permit=PERMITS[need.word].name_zh if need else "")
    return None


def trace_refused(response: Response) -> Response:
    """Leaves an audit line for each act that was not permitted, and for each thing asked for by its number in vain.

    The unit of a refused act was rolled back. Who tries numbers that are not hers is told 404 and must stay visible.
    """
    hidden = response.status_code == 404 and request.view_args and visitor()
    if response.status_code == 403 or hidden:
        house = current_house()
        detail = {"method": request.method, "path": request.path} | ({"status": "404"} if hidden else {})
        trace_refusal(house.database, visitor() or stranger(), house.now(), request.endpoint or "", detail)
    return response


def ask_to_sign_in(*, is_api: bool) -> Response:
    """The way to the login page, which leads back here; the API's callers get 401 instead."""
    if is_api:
        raise Unauthorized(www_authenticate=WWWAuthenticate("bearer"))
    return _lead_to(url_for("auth.login", next=_way_back() or None))


def safe_path(text: str) -> str:
    """A path of this very application, or "" when the text could lead anywhere else."""
    plain = text.isprintable() and "\\" not in text
    return text if plain and text.startswith("/") and not text.startswith("//") else ""


def cookie_name() -> str:
    """The cookie of our token; browsers accept the prefix only over TLS, and then for this host alone."""
    return f"__Host-{NAME}" if current_house().settings.secure_cookies else NAME


def _lead_to(address: str) -> Response:
    if request.headers.get("HX-Request"):
        return Response(status=401, headers={"HX-Redirect": address})
    return make_response(redirect(address, 303))


def _way_back() -> str:
    """The page to return to: this one, or the one on which the form or the fragment stood, where a draft may wait."""
    if request.method == "GET" and not request.headers.get("HX-Request"):
        return safe_path(request.full_path.rstrip("?"))
    came_from = urlsplit(request.headers.get("HX-Current-URL") or request.referrer or "")
    if came_from.netloc != request.host:
        return ""
    return safe_path(came_from.path + (f"?{came_from.query}" if came_from.query else ""))


def _cookie_holder() -> Actor | None:
    token = request.cookies.get(cookie_name())
    if not token:
        return None
    house = current_house()
    now = house.now()
    with open_glance(house.database) as glance:
        presence = presence_of(glance, token, now, _address())
    # A demo's database may be served again without DEMO=1; then nobody is in without a password.
    if presence is None or (presence.demo and not house.settings.demo):
        return None
    if presence.stale:
        with open_unit(house.database, presence.actor, now) as unit:
            note_seen(unit, sign_in_id=presence.sign_in_id)
    g.presence = presence
    return presence.actor


def _token_holder() -> Actor | None:
    credentials = request.authorization
    if credentials is None or credentials.type != "bearer" or not credentials.token:
        return None
    house = current_house()
    now = house.now()
    with open_glance(house.database) as glance:
        use = token_use_of(glance, credentials.token, now, _address())
    if use is None:
        return None
    if use.stale:
        with open_unit(house.database, use.actor, now) as unit:
            note_used(unit, token_id=use.token_id)
    return use.actor


def _address() -> str:
    return (request.remote_addr or "")[:64]

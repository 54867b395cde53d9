"""A person as a door: Flask pages and the JSON API."""

import importlib
import pkgutil
from types import ModuleType
from typing import TYPE_CHECKING

from flask import Flask

from models.house import House
from web import assets, auth, errors, i18n, pages, security
from web.numbers import KeyConverter

if TYPE_CHECKING:
    from web.views import MenuEntry


def create_web(house: House) -> Flask:
    """The Flask application of a house; raises RouteWithoutPermit when a route declares nothing about who may use it."""
    settings = house.settings
    app = Flask(__name__)
    app.secret_key = settings.secret_key
    app.config["MAX_CONTENT_LENGTH"] = settings.max_upload_mb * 1024 * 1024
    app.config["DUBAN_CSRF"] = security.init_app(app, public_url=settings.public_url)
    app.url_map.converters["int"] = KeyConverter
    i18n.init_app(app)
    assets.init_app(app)
    errors.init_app(app)
    auth.init_app(app, house)
    menu: list[MenuEntry] = []
    for module in page_modules():
        app.register_blueprint(module.pages(house))
        menu += getattr(module, "MENU", ())
    app.jinja_env.globals["menu_entries"] = sorted(menu, key=lambda entry: entry.order)
    auth.check_routes(app)
    return app


def page_modules() -> list[ModuleType]:
    """The modules of web/pages, each with `pages(house) -> Blueprint` and, if it wants, MENU."""
    names = sorted(info.name for info in pkgutil.iter_modules(pages.__path__))
    return [importlib.import_module(f"web.pages.{name}") for name in names]

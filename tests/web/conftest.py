"""A bare Flask application with the frame of web, its catalogue compiled for the test, and one route per page."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import jinja2
import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask, render_template

import web
from tests.web.samples import every_widget, sample
from web import assets, errors, i18n, security, views
from web.fields import ChoiceView
from web.pages.tokens import TokensPage
from web.views import agenda, bulletin, inspection, notices
from web.views import verification as verifications

ROOT = Path(web.__file__).parent
CATALOGUE = ROOT.parent / "translations" / "en" / "LC_MESSAGES" / "messages.po"
PAGES: dict[str, tuple[str, Callable[[str], dict[str, Any]]]] = {
    name: (template, lambda text, kind=kind: {"page": sample(kind, text=text)})
    for name, template, kind in (
        ("login", "login.html", views.LoginPage),
        ("inbox", "inbox.html", views.InboxPage),
        ("projects", "projects.html", views.ProjectsPage),
        ("project", "project.html", views.ProjectPage),
        ("import", "import.html", views.ImportPage),
        ("leader", "leader.html", views.LeaderPage),
        ("agenda", "agenda.html", agenda.AgendaPage),
        ("supervise", "supervise.html", views.SupervisePage),
        ("supervise_list", "supervise_list.html", views.SuperviseList),
        ("notices", "notices.html", notices.NoticesPage),
        ("notice", "notice.html", notices.NoticePage),
        ("proof_problem", "proof_problem.html", notices.ProofProblem),
        ("verify", "verify.html", notices.VerifyPage),
        ("verifications", "verifications.html", verifications.VerificationsPage),
        ("verification", "verification.html", verifications.VerificationPage),
        ("duties", "admin/duties.html", views.DutiesPage),
        ("calendar", "admin/calendar.html", views.CalendarPage),
        ("audit", "admin/audit.html", views.AuditPage),
        ("accounts", "admin/accounts.html", views.AccountsPage),
        ("tokens", "tokens.html", TokensPage),
        ("inspections", "inspections.html", inspection.InspectionsPage),
        ("inspection", "inspection.html", inspection.QuarterPage),
        ("bulletins", "bulletins.html", bulletin.BulletinsPage),
        ("bulletin", "bulletin.html", bulletin.BulletinPage),
        ("bulletin_cell", "bulletin_cell.html", bulletin.CellPage),
        ("bulletin_changes", "bulletin_changes.html", bulletin.ChangesPage),
    )
}
PAGES["item"] = (
    "item.html",
    lambda text: {"page": replace(sample(views.ItemPage, text=text), fields=every_widget(text))},
)
PAGES["inspection_check"] = ("inspection_check.html", lambda text: {"page": _checklist(text)})
PAGES["form"] = ("form.html", lambda text: {"page": replace(sample(views.FormPage, text=text), crumbs=())})
PAGES["definitions"] = (
    "admin/definitions.html",
    lambda text: {"rows": sample(tuple[views.DefinitionRow, ...], text=text)},
)
PAGES["incidents"] = (
    "admin/incidents.html",
    lambda text: {"rows": sample(tuple[views.IncidentRow, ...], text=text), "paging": sample(views.Paging)},
)


def _checklist(text: str) -> inspection.CheckPage:
    """The checklist with one question, whose fields have names of their own."""
    asked = replace(sample(inspection.QuestionView, text=text), fields=every_widget(text))
    verdicts = tuple(ChoiceView(value, text, value == "problem") for value in ("ok", "problem", "na"))
    asked = replace(asked, verdict=replace(asked.verdict, name="verdict", choices=verdicts))
    links = (inspection.LinkView(text, (asked,)),)
    return replace(sample(inspection.CheckPage, text=text), links=links, fields=(asked.verdict,), crumbs=())


def bare_app(catalogue: Path, public_url: str = "") -> Flask:
    """The frame of web around nothing: what init_app functions alone give."""
    app = Flask("web", root_path=str(ROOT))
    app.config.update(SECRET_KEY="a key for tests only", BABEL_TRANSLATION_DIRECTORIES=str(catalogue))
    app.jinja_env.undefined = jinja2.StrictUndefined  # a misspelt field must fail, not vanish
    security.init_app(app, public_url=public_url)
    i18n.init_app(app)
    assets.init_app(app)
    errors.init_app(app)
    return app


def page_app(catalogue: Path, text: str = "abc", *, signed_in: bool = True) -> Flask:
    """Every page at /<name>, filled with sample values made of `text`."""
    app = bare_app(catalogue)
    # Templates may name any route of the house; that those exist is shown where the real pages are asked.
    app.url_build_error_handlers.append(lambda _error, endpoint, _values: f"/{endpoint}")
    app.jinja_env.globals["tabs"] = sample(tuple[views.AdminTab, ...], text=text)

    def show(name: str) -> str:
        template, fill = PAGES[name]
        return render_template(template, **fill(text))

    for name in PAGES:
        app.add_url_rule(f"/{name}", name, lambda name=name: show(name))

    @app.context_processor
    def frame() -> dict[str, Any]:
        if not signed_in:
            return {}
        menu = [
            views.MenuEntry(name, text, icon, "see", order)
            for order, (name, icon) in enumerate(
                (("inbox", "inbox"), ("projects", "buildings"), ("leader", "speedometer2"))
            )
        ]
        return {"shell": replace(sample(views.Shell, text=text), inbox_endpoint="inbox"), "menu": menu}

    return app


@pytest.fixture(scope="session")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the English catalogue compiled from its source."""
    folder = tmp_path_factory.mktemp("translations")
    compiled = folder / "en" / "LC_MESSAGES" / "messages.mo"
    compiled.parent.mkdir(parents=True)
    with CATALOGUE.open("rb") as source, compiled.open("wb") as target:
        write_mo(target, read_po(source, locale="en"))
    return folder


@pytest.fixture
def app(catalogue: Path) -> Flask:
    return bare_app(catalogue)

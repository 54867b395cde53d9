"""Addresses of style sheets, scripts and icons, each with the hash of its content, so that browsers may keep them."""

import hashlib
import json
from base64 import b64encode
from pathlib import Path

from flask import Flask, Response, request, url_for
from markupsafe import Markup

OWN = ("app.css", "app.js", "offline.js")
YEAR = 365 * 24 * 3600


class AssetsMissingError(RuntimeError):
    """The front-end files are not built; run scripts/assets.sh."""


def integrity_of(content: bytes) -> str:
    """The sub-resource integrity value of a file: "sha384-" and the digest in base64."""
    return "sha384-" + b64encode(hashlib.sha384(content).digest()).decode()


def read_manifest(static: Path) -> dict[str, str]:
    """Integrity by file name, of the built files and our own. Raises AssetsMissingError when nothing is built."""
    manifest = static / "vendor" / "manifest.json"
    if not manifest.exists():
        raise AssetsMissingError(AssetsMissingError.__doc__)
    built: dict[str, dict[str, str]] = json.loads(manifest.read_text("utf-8"))["files"]
    return {name: entry["integrity"] for name, entry in built.items()} | {
        name: integrity_of((static / name).read_bytes()) for name in OWN
    }


def init_app(app: Flask) -> None:
    """Gives templates `asset(name)`, `integrity(name)` and `icon(name)`, and static answers their long life."""
    known = read_manifest(Path(str(app.static_folder)))

    def integrity(name: str) -> str:
        return known[name]

    def asset(name: str) -> str:
        where = name if name in OWN else f"vendor/{name}"
        return url_for("static", filename=where, v=known[name][7:19])

    def icon(name: str, label: str = "") -> Markup:
        spoken = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
        return Markup('<svg class="icon" {}><use href="{}#{}"></use></svg>').format(spoken, asset("icons.svg"), name)

    app.jinja_env.globals.update(asset=asset, integrity=integrity, icon=icon)
    app.after_request(keep_versioned)


def keep_versioned(response: Response) -> Response:
    """The answer, marked to be kept for a year when its address carries the hash of its content."""
    if request.endpoint == "static" and "v" in request.args and response.status_code == 200:
        response.cache_control.public = True
        response.cache_control.max_age = YEAR
        response.cache_control.no_cache = None
        response.cache_control.immutable = True
    return response

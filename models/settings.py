"""Settings: read once from the environment, validated, then frozen; a wrong or weak one stops the start with a sentence."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

MIN_SECRET = 32
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class WrongSetting(SystemExit):
    """A setting that would make the house unsafe or unable to work; its text says what to set."""


@dataclass(frozen=True)
class Settings:
    """What the operator decides. Every field stands in the README's table of settings."""

    database_url: str
    secret_key: str
    data_dir: Path
    public_url: str
    host: str
    port: int
    demo: bool
    idle_minutes: int
    absolute_hours: int
    render_workers: int
    max_upload_mb: int
    seal_dir: Path

    @property
    def secure_cookies(self) -> bool:
        """Whether pages are reached over TLS, so that cookies may insist on it."""
        return self.public_url.startswith("https://")

    def verify_url(self, code: str) -> str:
        """Where anybody who holds a paper finds out whether it is genuine; what its QR code says."""
        return f"{self.public_url}/verify/{code}"

    @property
    def archive_dir(self) -> Path:
        """Where issued papers and attachments lie, by their hash."""
        return self.data_dir / "archive"

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> "Settings":
        """The settings of this environment; raises WrongSetting with a sentence that says what to change."""
        data_dir = Path(environ.get("DUBAN_DATA_DIR", "var")).absolute()
        host = environ.get("DUBAN_HOST", "127.0.0.1")
        port = _whole(environ, "DUBAN_PORT", 8000, 1, 65535)
        demo = _flag(environ, "DEMO")
        settings = cls(
            database_url=environ.get("DUBAN_DATABASE_URL") or f"sqlite:///{data_dir / 'duban.sqlite3'}",
            secret_key=environ.get("DUBAN_SECRET_KEY") or _kept_secret(data_dir),
            data_dir=data_dir,
            public_url=environ.get("DUBAN_PUBLIC_URL", f"http://{host}:{port}").rstrip("/"),
            host=host,
            port=port,
            demo=demo,
            idle_minutes=_whole(environ, "DUBAN_IDLE_MINUTES", 30, 1, 240),
            absolute_hours=_whole(environ, "DUBAN_ABSOLUTE_HOURS", 8, 1, 24),
            render_workers=_whole(environ, "DUBAN_RENDER_WORKERS", 1, 1, 16),
            max_upload_mb=_whole(environ, "DUBAN_MAX_UPLOAD_MB", 20, 1, 200),
            seal_dir=Path(environ.get("DUBAN_SEAL_DIR") or data_dir / "seals").absolute(),
        )
        settings.check()
        return settings

    def check(self) -> None:
        """Raises WrongSetting when the settings contradict one another or are too weak."""
        if len(self.secret_key) < MIN_SECRET:
            raise WrongSetting(f"DUBAN_SECRET_KEY must have at least {MIN_SECRET} characters.")
        if len(set(self.secret_key)) < 8:
            raise WrongSetting("DUBAN_SECRET_KEY repeats itself; set a random one.")
        if not self.database_url.startswith(("sqlite:///", "postgresql")):
            raise WrongSetting("DUBAN_DATABASE_URL must begin with sqlite:/// or postgresql.")
        address = urlsplit(self.public_url)
        if address.scheme not in ("http", "https") or not address.hostname:
            raise WrongSetting("DUBAN_PUBLIC_URL must be a full http(s) address; QR codes are made from it.")
        if self.demo and self.host not in LOOPBACK:
            raise WrongSetting("DEMO=1 opens accounts without a password and may only listen on 127.0.0.1.")


def _flag(environ: Mapping[str, str], name: str) -> bool:
    value = environ.get(name, "0")
    if value not in ("0", "1", ""):
        raise WrongSetting(f"{name} is {value!r}; set 1 or 0.")
    return value == "1"


def _whole(environ: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    text = environ.get(name, "")
    if not text:
        return default
    if not text.isdecimal() or not low <= int(text) <= high:
        raise WrongSetting(f"{name} is {text!r}; set a whole number from {low} to {high}.")
    return int(text)


def _kept_secret(data_dir: Path) -> str:
    """A random key made on the first start and kept in the data folder, readable by its owner only."""
    path = data_dir / "secret_key"
    if not path.exists():
        data_dir.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(48))
    return path.read_text().strip()

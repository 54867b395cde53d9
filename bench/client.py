"""A keep-alive HTTP client of the standard library: one connection, JSON or a form."""

import json
import re
from http.client import HTTPConnection, HTTPException
from socket import IPPROTO_TCP, TCP_NODELAY
from typing import Any
from urllib.parse import urlencode

CSRF = re.compile(rb'name="csrf_token" value="([^"]+)"')


class Refused(RuntimeError):
    """The server answered with an error; what it said."""


class Client:
    """One caller with its headers; answers of 400 and above are raised."""

    def __init__(self, port: int, headers: dict[str, str] | None = None) -> None:
        self.port, self.headers = port, headers or {}
        self.connection: HTTPConnection | None = None

    def ask(self, method: str, path: str, body: str | None = None, kind: str = "") -> tuple[int, Any, bytes]:
        """(status, headers, body) of a request."""
        headers = self.headers | ({"Content-Type": kind} if kind else {})
        for attempt in (1, 2):
            if self.connection is None:
                self.connection = HTTPConnection("127.0.0.1", self.port, timeout=120)
                self.connection.connect()
                self.connection.sock.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)
            try:
                self.connection.request(method, path, body=body, headers=headers)
                answer = self.connection.getresponse()
                data = answer.read()
            except (HTTPException, ConnectionError):
                self.connection = None  # an idle connection may have been closed
                if attempt == 2:
                    raise
                continue
            if answer.status >= 400:
                raise Refused(f"{method} {path}: {answer.status} {data[:300].decode(errors='replace')}")
            return answer.status, answer.headers, data
        raise AssertionError

    def json(self, method: str, path: str, body: Any = None) -> Any:
        """What a JSON request brings back."""
        text = None if body is None else json.dumps(body)
        return json.loads(self.ask(method, path, text, "application/json" if text else "")[2])

    def page(self, path: str) -> bytes:
        """A page; the cookies it sets are kept."""
        _, headers, data = self.ask("GET", path)
        for cookie in headers.get_all("Set-Cookie") or ():
            kept = dict(part.split("=", 1) for part in self.headers.get("Cookie", "").split("; ") if "=" in part)
            name, _, value = cookie.partition(";")[0].partition("=")
            self.headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in (kept | {name: value}).items())
        return data

    def csrf(self, page: bytes) -> str:
        """The form token of a page."""
        found = CSRF.search(page)
        assert found, "the page has no form token"
        return found[1].decode()

    def form(self, path: str, fields: list[tuple[str, str]]) -> int:
        """The status of a form that is posted; a page shown again instead of a redirect is a refusal."""
        status, _, data = self.ask("POST", path, urlencode(fields), "application/x-www-form-urlencoded")
        if status != 303:
            raise Refused(f"POST {path}: {status} {data[:300].decode(errors='replace')}")
        return status

"""What every answer carries for safety: headers that allow only our own files, and a token on every change."""

from flask import Flask, Response, abort, request
from flask_wtf import CSRFProtect

# Nothing from elsewhere and nothing inline. `data:` is for the small pictures inside Bootstrap's style sheet.
POLICY = (
    "default-src 'none'; "
    "script-src 'self'; "
    "style-src 'self'; "
    "img-src 'self' data:; "
    "font-src 'self'; "
    "connect-src 'self'; "
    "form-action 'self'; "
    "base-uri 'none'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",  # for kernels that do not know frame-ancestors
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
TWO_YEARS = 2 * 365 * 24 * 3600


def init_app(app: Flask, *, public_url: str = "") -> CSRFProtect:
    """Adds headers, cookie rules and the token check, which is returned so that the token API can be exempted."""
    encrypted = public_url.startswith("https://")
    app.config.update(
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=encrypted,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session: a form left open over lunch must still go through
    )

    def refuse_nul() -> None:
        """No person types the character NUL, and PostgreSQL keeps no text that holds one."""
        sent = [request.path, *request.args.values(), *([] if request.is_json else request.form.values())]
        if any("\x00" in text for text in sent):
            abort(404 if "\x00" in request.path else 400)

    def secure(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if encrypted:
            response.headers.setdefault("Strict-Transport-Security", f"max-age={TWO_YEARS}; includeSubDomains")
        if request.endpoint != "static":  # files handed out of the house are no more to be kept than its pages
            response.headers["Cache-Control"] = "no-store"
        return response

    app.before_request(refuse_nul)
    app.after_request(secure)
    return CSRFProtect(app)

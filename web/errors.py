"""One page per refusal and one for bugs: each anticipated refusal is mapped here, once, to its status and its words."""

import logging
import secrets
from dataclasses import dataclass

from flask import Flask, Response, jsonify, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from models.refusal import Invalid, Refusal
from models.texts import N_
from web.i18n import say

log = logging.getLogger("duban.web")

TITLES = {
    400: N_("请求无法办理"),
    403: N_("无权办理"),
    404: N_("没有找到"),
    405: N_("请求无法办理"),
    409: N_("页面已过期"),
    413: N_("文件过大"),
    422: N_("填写有误"),
    429: N_("操作过于频繁"),
    500: N_("系统出现故障"),
}
WORDS = {
    400: N_("请求的内容不完整或格式不对，请返回后重试。"),
    404: N_("您要找的内容不存在，或者您无权查看。"),
    405: N_("这个地址不能直接打开，请从页面上的按钮进入。"),
    413: N_("上传的文件超过了限制，请压缩或拆分后再传。"),
    429: N_("请稍等片刻再试。"),
    500: N_("这不是您的操作造成的。故障已记录，请把编号告诉系统管理员。"),
}
STALE_TOKEN = N_("页面停留过久或登录已更换，为安全起见未提交。请返回上一页，刷新后再提交。")


@dataclass(frozen=True)
class RefusalPage:
    """What the page of a refusal shows; `reference` names the log line of a bug."""

    status: int
    title: str
    message: str
    fields: tuple[tuple[str, str], ...] = ()
    reference: str = ""


def init_app(app: Flask) -> None:
    """Answers refusals, HTTP errors and bugs with a page, a fragment for htmx, or JSON under /api/."""
    app.register_error_handler(Refusal, _refused)
    app.register_error_handler(CSRFError, _stale_token)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _bug)


def answer(page: RefusalPage) -> Response:
    """The refusal in the shape the caller asked for, with its status."""
    if request.path.startswith("/api/"):
        body = {"status": page.status, "title": page.title, "message": page.message}
        extra = {"fields": dict(page.fields)} if page.fields else {}
        response = jsonify(body | extra | ({"reference": page.reference} if page.reference else {}))
    else:
        template = "refusal_fragment.html" if request.headers.get("HX-Request") else "refusal.html"
        response = make_response(render_template(template, page=page))
    response.status_code = page.status
    return response


def _refused(refusal: Refusal) -> Response:
    fields = refusal.fields.items() if isinstance(refusal, Invalid) else ()
    log.info("refused: %s %s: %s", request.method, request.path, refusal)
    return answer(
        RefusalPage(
            status=refusal.status,
            title=say(TITLES.get(refusal.status, TITLES[400])),
            message=say(refusal.message, dict(refusal.params)),
            fields=tuple((name, say(text)) for name, text in fields),
        )
    )


def _stale_token(_error: CSRFError) -> Response:
    return answer(RefusalPage(status=400, title=say(TITLES[409]), message=say(STALE_TOKEN)))


def _http(error: HTTPException) -> Response:
    code = error.code or 500
    if error.response is not None or code < 400:  # a ready answer, such as a redirect to the address with its slash
        return make_response(error.get_response())
    page = RefusalPage(
        status=code,
        title=say(TITLES.get(code, TITLES[400])),
        message=say(WORDS.get(code, WORDS[400])),
    )
    response = answer(page)
    for name, value in error.get_headers():
        if name.lower() in ("allow", "retry-after", "www-authenticate"):
            response.headers[name] = value
    return response


def _bug(error: Exception) -> Response:
    reference = secrets.token_hex(4)
    log.error("bug %s: %s %s", reference, request.method, request.path, exc_info=error)
    try:
        return answer(RefusalPage(status=500, title=say(TITLES[500]), message=say(WORDS[500]), reference=reference))
    except Exception:  # the frame of the page itself may be what is broken
        log.exception("bug %s: and its page could not be drawn", reference)
        return make_response(f"{WORDS[500]} {reference}", 500, {"Content-Type": "text/plain; charset=utf-8"})

"""What every route needs: the transaction, the strict JSON reader, the error answers, the headers.

An entry point reads like this::

    @bp.post("/plans")
    @requires(P.PLAN_WRITE)
    def create():
        with writing() as session:
            plan = service.create(session, g.actor, …)
        return redirect(…)
"""

from __future__ import annotations

import json
import re
import secrets
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any, NoReturn

import structlog
from flask import Flask, Response, current_app, flash, g, redirect, render_template, request, url_for
from flask_smorest import Blueprint as SmorestBlueprint
from sqlalchemy import Select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import HTTPException
from werkzeug.routing import IntegerConverter, ValidationError
from werkzeug.wrappers import Response as BaseResponse

from inspection import audit, veils
from inspection.actor import Actor
from inspection.db import Database
from inspection.errors import Conflict, DomainError, Forbidden, Invalid, Refused, Unauthenticated
from inspection.settings import Settings
from reports.errors import ReportError

log = structlog.get_logger("hengjian.web")
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
MAX_JSON_DEPTH = 40
MAX_ID = 2**31 - 1
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; worker-src 'self'; manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)


def settings() -> Settings:
    return current_app.extensions["hengjian"].settings  # type: ignore[no-any-return]


def database() -> Database:
    return current_app.extensions["hengjian"].database  # type: ignore[no-any-return]


def actor() -> Actor:
    """The signed-in actor; only behind `@requires`."""
    return g.actor  # type: ignore[no-any-return]


@contextmanager
def writing() -> Iterator[Session]:
    """The request's write transaction: commits on leaving, rolls back on any error."""
    with database().write(g.get("actor")) as session:
        yield session


@contextmanager
def reading() -> Iterator[Session]:
    """A consistent snapshot for reading."""
    with database().read(g.get("actor")) as session:
        yield session


class RowId(IntegerConverter):
    """`<int:id>` in paths: numbers that no row can have are simply not found."""

    def to_python(self, value: str) -> int:
        if len(value) > 10 or (number := int(value)) > MAX_ID:
            raise ValidationError  # the rule does not match: an ordinary 404
        return number


def refuse(error: DomainError) -> NoReturn:
    raise error


# --- reading input ----------------------------------------------------------------------------------------------------


def strict_json(raw: bytes) -> Any:
    """Parse a JSON body without mercy: UTF-8, no duplicate keys, no NaN, bounded depth, digits and text."""
    if not raw.strip():
        raise Invalid("bad-json", "请求正文为空。请提交 JSON 对象。")
    try:
        text = raw.decode("utf-8")
        _check_depth(text)
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant, parse_int=_bounded_int)
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeDecodeError:
        raise Invalid("bad-json", "请求正文不是 UTF-8 编码。") from None
    except UnicodeEncodeError:
        raise Invalid("bad-json", "请求正文含有残缺的字符（孤立代理项），无法保存。请删去后重试。") from None
    except json.JSONDecodeError as error:
        raise Invalid("bad-json", "请求正文不是有效的 JSON（第 %(line)s 行第 %(column)s 列）。", line=error.lineno, column=error.colno) from None
    return value


def _check_depth(text: str) -> None:
    depth = 0
    for mark in re.findall(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', text):
        if mark in "[{":
            depth += 1
            if depth > MAX_JSON_DEPTH:
                raise Invalid("bad-json", "JSON 嵌套超过 %(limit)s 层。请改为平铺的对象。", limit=MAX_JSON_DEPTH)
        elif mark in "]}":
            depth -= 1


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise Invalid("duplicate-key", "字段 %(name)s 出现了两次。请只保留一个。", name=ascii_safe(twice))
    return result


def _no_constant(name: str) -> NoReturn:
    raise Invalid("bad-json", "JSON 中不允许 %(name)s。", name=name)


def _bounded_int(digits: str) -> int:
    if len(digits) > 20:
        raise Invalid("bad-number", "数字 %(digits)s… 位数过多。", digits=digits[:20])
    return int(digits)


def ascii_safe(text: str) -> str:
    """Text that can always be shown: surrogates and control characters replaced, cut at 80."""
    return "".join("�" if unicodedata.category(c) in {"Cs", "Cc", "Cf"} else c for c in text[:80])


class StrictParser(FlaskParser):
    """webargs over the strict reader; schema errors become `Invalid` with the field names."""

    def load_json(self, req: Any, schema: Any) -> Any:
        if not (req.mimetype or "").endswith("json"):
            raise Invalid("bad-content-type", "请以 application/json 提交。")
        return strict_json(req.get_data(cache=True))

    def handle_error(self, error: Any, req: Any, schema: Any, *, error_status_code: Any, error_headers: Any) -> NoReturn:
        messages = error.normalized_messages()
        body = messages.get("json", messages.get("query", messages))
        raise Invalid("invalid", "有 %(count)s 个字段需要改正。", fields=flat(body), count=len(flat(body)))


def flat(messages: Any, prefix: str = "") -> dict[str, list[str]]:
    """marshmallow's nested messages as {"items.0.name": [...]}."""
    if isinstance(messages, list):
        return {prefix or "_": [m if isinstance(m, str) else str(m) for m in messages]}
    result: dict[str, list[str]] = {}
    for key, value in messages.items():
        name = "" if key == "_schema" else ascii_safe(str(key))
        result.update(flat(value, ".".join(part for part in (prefix, name) if part)))
    return result


# the schema of an answer that is a file
A_FILE = {"type": "string", "format": "binary"}


def file_body(*texts: str) -> dict[str, Any]:
    """The body of a route that takes a file, and further fields beside it, as the OpenAPI says it (`bp.doc(requestBody=…)`)."""
    fields = {"file": {"type": "string", "contentMediaType": "application/octet-stream"}, **{name: {"type": "string"} for name in texts}}
    return {"required": True, "content": {"multipart/form-data": {"schema": {"type": "object", "required": ["file"], "properties": fields}}}}


class ApiBlueprint(SmorestBlueprint):  # type: ignore[misc]
    """A stage's JSON routes; every route is documented in the OpenAPI from its schemas."""

    ARGUMENTS_PARSER = StrictParser()


def wanted_version() -> int:
    """The version the client read: If-Match header or the hidden field `version`; required on edits."""
    text = (request.headers.get("If-Match") or request.form.get("version") or "").strip().strip('"').removeprefix('W/"')
    if not text.isdecimal() or len(text) > 9:
        raise Invalid("version-required", "缺少版本号（If-Match 头或 version 字段），无法判断是否有人先改过。请刷新页面后重试。")
    return int(text)


def part(session: Session, query: Select[Any], number: Any, wanted: dict[str, Any]) -> dict[str, Any]:
    """The rows after `after` in the order of their numbers, and where the next part begins (`PartIn`, `PartOut`)."""
    rows = list(session.scalars(query.where(number > wanted["after"]).order_by(number).limit(wanted["limit"] + 1)))
    more, rows = len(rows) > wanted["limit"], rows[: wanted["limit"]]
    return {"items": rows, "next": rows[-1].id if more else None}


# --- answers ----------------------------------------------------------------------------------------------------------


def wants_json() -> bool:
    return request.path.startswith("/api/") or request.accept_mimetypes.best == "application/json"


def problem(error: DomainError, status: int | None = None) -> Response:
    """RFC 9457 answer of an error."""
    from inspection.i18n import refusal, said, translate

    status = status or error.status
    body: dict[str, Any] = {
        "type": f"urn:hengjian:error:{error.code}",
        "title": translate(error.title),
        "status": status,
        "detail": refusal(error),
        "code": error.code,
        "request_id": g.get("request_id", ""),
    }
    if error.fields:
        body["errors"] = {name: [said(message) for message in messages] for name, messages in error.fields.items()}
    if error.changes:
        body["changes"] = [{"field": f, "yours": y, "current": t} for f, y, t in error.changes]
    response = Response(json.dumps(body, ensure_ascii=False), status, mimetype="application/problem+json")
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="hengjian"'
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def answer_error(error: DomainError) -> BaseResponse:
    """The refusal, noted in the trail, as problem+json, as a page, or as the way to the sign-in."""
    note_refusal(error.code, error.status)
    if wants_json():
        return problem(error)
    if isinstance(error, Unauthenticated) and error.code != "bad-token":
        return _to_sign_in(error)
    body = render_template("errors/error.html", error=error, status=error.status, changes=error.changes)
    return Response(body, error.status, mimetype="text/html")


def _to_sign_in(error: Unauthenticated) -> BaseResponse:
    back = request.full_path if request.method in SAFE else (request.referrer or "/")
    back = local_path(back)
    if error.code == "step-up-required":
        flash(error.message, "warning")
        return redirect(url_for("auth.confirm", next=back), 303)
    return redirect(url_for("auth.sign_in", next=back), 303)


def local_path(target: str | None) -> str:
    """A path on this site to return to, never another host."""
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(target or "/")
    except ValueError:  # "http://[": no address at all
        return "/"
    path = parts.path if parts.path.startswith("/") and not parts.path.startswith("//") and "\\" not in parts.path else "/"
    return f"{path}?{parts.query}" if parts.query and path != "/" else path


def note_refusal(code: str, status: int) -> None:
    """Append the refusal to the trail: every refused change, and every read that was forbidden."""
    if request.url_rule is None or (request.method in SAFE and status != 403):
        return
    who = g.get("actor") or _anonymous()
    with database().write() as session:
        audit.record(
            session,
            who,
            f"refused.{request.endpoint}",
            "route",
            f"{request.method} {request.url_rule.rule}",
            outcome="refused",
            veil=next(filter(None, (veils.subject_of(session, who, name, value) for name, value in (request.view_args or {}).items())), ""),
            code=code,
            status=status,
        )


def _anonymous() -> Actor:
    return Actor(id=0, name="未登录", via="anonymous", address=request.remote_addr or "", request_id=g.get("request_id", ""))


def from_http(error: HTTPException) -> DomainError:
    status = error.code or 500
    template = {
        400: "请求无法理解。请返回上一页重试。",
        404: "没有这个页面。请检查地址，或从首页进入。",
        405: "此地址不支持这种操作。",
        413: "提交的内容太大。请分成较小的文件再上传。",
        415: "不支持这种内容类型。",
        429: "操作过于频繁，请稍候再试。",
    }.get(status, "请求未能完成（%(status)s）。")
    made = DomainError(f"http-{status}", template, status=status)
    made.status = status
    made.title = {404: "没有找到", 405: "不支持的操作", 413: "内容过大", 429: "请稍候"}.get(status, "请求有误")
    return made


def register_errors(app: Flask) -> None:
    @app.errorhandler(DomainError)
    def _domain(error: DomainError) -> BaseResponse:
        return answer_error(error)

    @app.errorhandler(StaleDataError)
    def _stale(_error: StaleDataError) -> BaseResponse:
        return answer_error(Conflict("stale", "您读取之后，这条记录已被他人修改。请刷新后再改。"))

    @app.errorhandler(HTTPException)
    def _http(error: HTTPException) -> BaseResponse:
        if error.code and 300 <= error.code < 400:
            return error.get_response()
        if error.code and error.code >= 500:  # Flask's wrapping of what failed outside of a view or inside of a handler
            cause = getattr(error, "original_exception", None) or error
            return _database(cause) if isinstance(cause, OperationalError) else _unexpected(cause)
        response = answer_error(from_http(error))
        if error.code == 405 and (allowed := getattr(error, "valid_methods", None)):
            response.headers["Allow"] = ", ".join(sorted(allowed))
        return response

    @app.errorhandler(OperationalError)
    def _database(error: OperationalError) -> BaseResponse:
        log.error("database", error=str(error.orig))
        full = "full" in str(error.orig).lower() or "No space" in str(error.orig)
        made = DomainError(
            "disk-full" if full else "database-unavailable",
            "磁盘已满，刚才的内容没有保存。请通知系统管理员清理磁盘，然后重新提交。" if full else "数据库暂时不可用，刚才的内容没有保存。请稍候重试。",
        )
        made.status = 507 if full else 503
        made.title = "暂时无法办理"
        response = problem(made) if wants_json() else Response(
            render_template("errors/error.html", error=made, status=made.status, changes=()), made.status, mimetype="text/html"
        )
        response.headers["Retry-After"] = "5"
        return response

    @app.errorhandler(ReportError)
    def _no_paper(error: ReportError) -> BaseResponse:
        return answer_error(Refused(error.code, "文书无法生成：%(why)s", why=str(error)))

    @app.errorhandler(Exception)
    def _unexpected(error: Exception) -> BaseResponse:
        log.exception("unexpected", path=request.path)
        made = DomainError("internal", "系统内部出错，刚才的操作没有生效。请把编号告诉系统管理员：%(id)s", id=g.get("request_id", ""))
        made.status, made.title = HTTPStatus.INTERNAL_SERVER_ERROR, "系统出错"
        if wants_json():
            return problem(made)
        return Response(render_template("errors/error.html", error=made, status=500, changes=()), 500, mimetype="text/html")


def register_request(app: Flask) -> None:
    @app.before_request
    def _begin() -> None:
        given = request.headers.get("X-Request-Id", "")
        g.request_id = given if re.fullmatch(r"[0-9A-Za-z-]{8,40}", given) else secrets.token_hex(8)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=g.request_id)
        for text in (request.path, *request.args.keys(), *request.args.values()):
            if any(unicodedata.category(c) in {"Cc", "Cs"} for c in text if c not in "\r\n\t"):
                raise Invalid("bad-text", "地址中含有控制字符或残缺字符，无法处理。")

    @app.teardown_request
    def _end(_error: BaseException | None) -> None:
        structlog.contextvars.clear_contextvars()

    @app.after_request
    def _headers(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", CSP)
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "same-origin")
        headers.setdefault("X-Frame-Options", "DENY")
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        headers.setdefault("Permissions-Policy", "camera=(self), geolocation=(self), microphone=()")
        headers["X-Request-Id"] = g.get("request_id", "")
        if settings().secure_cookies:
            headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        if request.endpoint != "static":
            headers.setdefault("Cache-Control", "no-store")
            headers.add("Vary", "Cookie")
        log.info("request", method=request.method, path=request.path, status=response.status_code, actor=getattr(g.get("actor"), "id", 0))
        return response


__all__ = ["ApiBlueprint", "Forbidden", "actor", "database", "reading", "settings", "wanted_version", "writing"]

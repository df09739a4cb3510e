"""Who acts in every request; forms protected; who must change his password is held back."""

from __future__ import annotations

from flask import Flask, flash, g, redirect, request, session, url_for
from flask_wtf.csrf import CSRFError
from werkzeug.wrappers import Response

from inspection import web
from inspection.auth import service
from inspection.auth.pages.blueprint import COOKIE, address, bp
from inspection.auth.roles import Role
from inspection.errors import Forbidden, Unauthenticated
from inspection.i18n import _
from inspection.settings import SettingsError
from inspection.web import database, settings

# where somebody who must change his password or set up a second factor may still go
FREE = frozenset({"auth.profile", "auth.sign_out", "auth.change_password", "auth.enrol", "auth.confirm", "static", "language_switch"})


def init_app(app: Flask) -> None:
    """Resolve the actor of every request, protect every form, hold back who must change his password."""
    if unknown := sorted(app.extensions["hengjian"].settings.totp_roles - {role.value for role in Role}):
        raise SettingsError(f"设置 totp_required_roles 里没有这些岗位：{'、'.join(unknown)}。可用的岗位见 hengjian user --help。")

    @app.before_request
    def _identify() -> Response | None:
        g.actor = None
        if request.endpoint == "static":
            return None
        if (bearer := _bearer()) is not None:
            _by_token(bearer)
            _no_token_here()
        elif token := session.get(COOKIE):
            _by_session(str(token))
        if request.method not in web.SAFE and _forgeable():
            _check_csrf()
        if g.actor and g.get("must_change") and request.endpoint not in FREE:
            if web.wants_json():
                raise Forbidden("password-change-required", "请先修改一次性口令，再继续使用。")
            flash(_("请先修改口令，再继续使用。"), "warning")
            return redirect(url_for("auth.profile"), 303)
        return None


def _bearer() -> str | None:
    """The token of a program; on JSON routes whatever is sent as one, elsewhere only what looks like ours (/metrics has its own)."""
    kind, _space, given = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer":
        return None
    given = given.strip()
    return given if given.startswith("hj_") or request.path.startswith("/api/") else None


def _by_token(token: str) -> None:
    """Who holds it; a token that is wrong never falls back to the session of the browser."""
    with database().read() as read:
        found = service.by_token(read, token, address=address(), request_id=g.request_id)
    if found is None:
        raise Unauthenticated("bad-token", "接口令牌不对、已过期或已作废，或本人须先登录更换口令。请本人登录后在“我的账户”中新建令牌。")
    g.actor = found.actor
    if found.stale:
        with database().write() as write:
            service.touch_token(write, found.token_id)


def _forgeable() -> bool:
    """Whether another site could have sent this with the browser's cookie: not with a token, not where nobody is signed in on a JSON route."""
    if request.routing_exception is not None:  # no such route: nothing will be done
        return False
    return g.actor.via == "session" if g.actor else not request.path.startswith("/api/")


def _no_token_here() -> None:
    """A token acts for a person, but never on the person's own account: no sign-out, no password, no further tokens."""
    if g.actor and request.blueprint == bp.name:
        raise Forbidden("token-not-here", "接口令牌不能用于账户页面。请本人登录后办理。")


def _by_session(token: str) -> None:
    with database().read() as read:
        found = service.resume(read, token, settings(), address=address(), request_id=g.request_id)
        totp = found and service.missing_totp(service.get(read, found.actor.id), settings())
    if found is None:
        session.pop(COOKIE, None)
        return
    g.actor, g.session_digest, g.must_change = found.actor, found.digest, found.must_change_password or bool(totp)
    if found.stale:
        with database().write() as write:
            service.touch(write, found.digest)


def _check_csrf() -> None:
    from inspection.app import csrf

    try:
        csrf.protect()
    except CSRFError:
        raise Forbidden("form-expired", "页面已过期或来源不明，操作没有执行。请刷新页面后重试。") from None

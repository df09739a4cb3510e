"""Signing in through the identity provider, and linking one's account to it."""

from __future__ import annotations

from flask import flash, g, redirect, request, session, url_for
from werkzeug.wrappers import Response

from inspection.auth import guard, identities, provider, secrets, service
from inspection.auth.guard import public, requires
from inspection.auth.pages.blueprint import COOKIE, address, bp, renew
from inspection.auth.roles import Permission as P
from inspection.i18n import _
from inspection.web import actor, database, local_path, settings, writing

_INTENT = "oidc_intent"  # (sign_in | link, where to go afterwards), kept in the browser's signed session


def _away(intent: str, after: str) -> Response:
    session[_INTENT] = [intent, after]
    return provider.send_away(settings(), url_for("auth.oidc_callback"))


@bp.get("/oidc/start")
@public
def oidc_start() -> Response:
    return _away("sign_in", local_path(request.args.get("next")))


@bp.get("/oidc/link")
@requires(P.ACCOUNT_SELF)
def oidc_link() -> Response:
    """Only with a fresh proof of identity; a GET, because a form may not lead to another site."""
    guard.check(actor(), (P.ACCOUNT_SELF,), fresh=True)
    return _away("link", url_for("auth.profile"))


@bp.get("/oidc/callback")
@public
def oidc_callback() -> Response:
    intent, after = session.pop(_INTENT, ["sign_in", "/"])
    identity = provider.come_back(settings())
    if intent == "link":
        guard.check(g.get("actor"), (P.ACCOUNT_SELF,), fresh=True)
        with writing() as write:
            identities.link(write, actor(), identity)
        flash(_("统一身份已绑定，以后可以用它登录。"), "success")
        return redirect(local_path(after), 303)
    with database().write() as write:
        token = identities.sign_in(write, identity, settings(), address=address(), agent=request.headers.get("User-Agent", ""))
        if COOKIE in session:
            service.end_session(write, secrets.digest(str(session[COOKIE])), "renewed")
    renew(token)
    return redirect(local_path(after), 303)


@bp.post("/oidc/unlink")
@requires(P.ACCOUNT_SELF, step_up=True)
def oidc_unlink() -> Response:
    with writing() as write:
        identities.unlink(write, actor())
    flash(_("统一身份已解除绑定。"), "success")
    return redirect(url_for("auth.profile"), 303)

"""One's own account: password, second factor, sessions, tokens."""

from __future__ import annotations

from flask import flash, g, redirect, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from inspection import audit, clock
from inspection.auth import secrets, service
from inspection.auth.guard import requires
from inspection.auth.models import ApiToken
from inspection.auth.pages.blueprint import address, bp
from inspection.auth.pictures import qr_svg
from inspection.auth.roles import ROLE_LABELS, Role
from inspection.auth.roles import Permission as P
from inspection.auth.schemas import PasswordIn, TokenIn, TotpIn
from inspection.errors import Invalid
from inspection.forms import Form
from inspection.i18n import _
from inspection.web import actor, reading, settings, writing


@bp.get("/profile")
@requires(P.ACCOUNT_SELF)
def profile() -> str | tuple[str, int]:
    return _profile(Form(PasswordIn()))


def _profile(form: Form, token: str = "") -> tuple[str, int]:
    with reading() as read:
        account = service.get(read, actor().id)
        sessions = service.living(read, account.id, settings())
        tokens = read.scalars(select(ApiToken).where(ApiToken.account_id == account.id).order_by(ApiToken.id)).all()
    secret = secrets.new_totp_secret() if account.totp_sealed is None else ""
    picture = qr_svg(secrets.totp_uri(secret, account.login, settings().office_name)) if secret else ""
    return form.render(
        "auth/profile.html", account=account, sessions=sessions, tokens=tokens, token=token, secret=secret, picture=picture,
        own=g.session_digest, today=clock.today(), roles=[_(ROLE_LABELS[Role(code)]) for code in sorted(account.role_codes)], must=g.get("must_change"), needs_totp=service.missing_totp(account, settings()),
        oidc=bool(settings().oidc_issuer),
    )


@bp.post("/password")
@requires(P.ACCOUNT_SELF)
def change_password() -> Response | tuple[str, int]:
    form = Form(PasswordIn())
    with form.trying():
        given = form.data()
        if given["new"] != given["again"]:
            raise Invalid("not-the-same", "两次输入的新口令不同。", fields={"again": ["与新口令不同"]})
        if given["new"] == given["old"]:
            raise Invalid("same-password", "新口令不能与原口令相同。", fields={"new": ["与原口令相同"]})
        with reading() as read:
            stored = service.get(read, actor().id).password_hash
            service.check_throttle(read, _attempt(), settings())
        matches = secrets.password_matches(stored, given["old"])
        if not matches:
            with writing() as write:
                service.count_failure(write, _attempt())
        with writing() as write:
            service.change_password(write, actor(), old_ok=matches, new=given["new"], keep=g.session_digest)
        flash(_("口令已修改，其他会话已退出。"), "success")
        return redirect(url_for("home"), 303)
    return _profile(form)


def _attempt() -> service.Credentials:
    """A guess at the old password counts like a guess at the sign-in."""
    return service.Credentials(actor().login, "", address=address())


@bp.post("/second-factor")
@requires(P.ACCOUNT_SELF, step_up=True)
def enrol() -> Response | tuple[str, int]:
    form = Form(TotpIn())
    with form.trying():
        given = form.data()
        with writing() as write:
            service.enrol_totp(write, actor(), secret=given["secret"], code=given["code"], settings=settings())
        flash(_("动态码已启用，下次登录须同时输入。"), "success")
        return redirect(url_for("auth.profile"), 303)
    return _profile(form)


@bp.post("/tokens")
@requires(P.ACCOUNT_SELF, step_up=True)
def create_token() -> tuple[str, int]:
    form = Form(TokenIn())
    token = ""
    with form.trying():
        given = form.data()
        with writing() as write:
            token = service.create_token(write, actor(), **given)
    return _profile(form, token)


@bp.post("/tokens/<int:token_id>/revoke")
@requires(P.ACCOUNT_SELF)
def revoke_token(token_id: int) -> Response:
    with writing() as write:
        service.revoke_token(write, actor(), token_id)
    flash(_("令牌已作废。"), "success")
    return redirect(url_for("auth.profile"), 303)


@bp.post("/sessions/end")
@requires(P.ACCOUNT_SELF)
def end_sessions() -> Response:
    with writing() as write:
        service.end_all(write, actor().id, "by_owner", but=g.session_digest)
        audit.record(write, actor(), "auth.end_sessions", "account", actor().login)
    flash(_("其他会话已全部退出。"), "success")
    return redirect(url_for("auth.profile"), 303)

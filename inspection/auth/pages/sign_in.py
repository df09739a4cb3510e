"""Sign-in, sign-out, proof of identity, first run."""

from __future__ import annotations

from flask import flash, g, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from inspection import audit
from inspection.auth import secrets, service
from inspection.auth.guard import public, requires
from inspection.auth.pages.blueprint import COOKIE, address, bp, renew
from inspection.auth.roles import Permission as P
from inspection.auth.roles import Role
from inspection.auth.schemas import ConfirmIn, SetupIn, SignInIn
from inspection.errors import Invalid
from inspection.forms import Form
from inspection.i18n import _
from inspection.web import actor, database, local_path, reading, settings, writing


@bp.route("/sign-in", methods=["GET", "POST"])
@public
def sign_in() -> Response | tuple[str, int]:
    form = Form(SignInIn(), {"next": local_path(request.args.get("next"))})
    if form.posted:
        with form.trying():
            given = form.data()
            credentials = service.Credentials(
                given["login"], given["password"], given["code"], address(), request.headers.get("User-Agent", "")
            )
            with database().read() as read:
                service.check_throttle(read, credentials, settings())
                account = service.find(read, credentials.login)
            matches = secrets.password_matches(account.password_hash if account else None, credentials.password)
            with database().write() as write:
                token = service.sign_in(write, credentials, account, matches, settings())
                if token is not None and COOKIE in session:
                    service.end_session(write, secrets.digest(str(session[COOKIE])), "renewed")
            if token is None:
                raise Invalid("wrong-credentials", service.WRONG)
            renew(token)
            return redirect(local_path(given["next"]), 303)
    return form.render("auth/sign_in.html", oidc=bool(settings().oidc_issuer))


@bp.post("/sign-out")
@requires(P.ACCOUNT_SELF)
def sign_out() -> Response:
    with writing() as write:
        service.end_session(write, g.session_digest, "sign_out")
        audit.record(write, actor(), "auth.sign_out", "account", actor().login)
    session.pop(COOKIE, None)
    flash(_("您已退出。"), "info")
    return redirect(url_for("auth.sign_in"), 303)


@bp.route("/confirm", methods=["GET", "POST"])
@requires(P.ACCOUNT_SELF)
def confirm() -> Response | tuple[str, int]:
    """Step-up: the same person proves it again."""
    form = Form(ConfirmIn(), {"next": local_path(request.args.get("next"))})
    if form.posted:
        with form.trying():
            given = form.data()
            with reading() as read:
                stored = service.get(read, actor().id).password_hash
            matches = secrets.password_matches(stored, given["password"])
            with database().write() as write:
                token = service.confirm(
                    write, actor(), g.session_digest, password_ok=matches, code=given["code"], settings=settings()
                )
            if token is None:
                raise Invalid("wrong-credentials", "口令或动态码不对。请重新输入。")
            renew(token)
            flash(_("身份已验证，请继续办理。"), "success")
            return redirect(local_path(given["next"]), 303)
    return form.render("auth/confirm.html")


@bp.route("/setup", methods=["GET", "POST"])
@public
def setup() -> str | tuple[str, int]:
    """First run: the three administrators, with the token that `hengjian init` printed."""
    form = Form(SetupIn(), {"token": request.args.get("token", "")})
    if form.posted:
        with form.trying():
            given = form.data()
            people = {
                Role.SYSTEM_ADMIN.value: (given["system_login"], given["system_name"]),
                Role.SECURITY_ADMIN.value: (given["security_login"], given["security_name"]),
                Role.AUDIT_ADMIN.value: (given["audit_login"], given["audit_name"]),
            }
            with database().write() as write:
                passwords = service.set_up(write, given["token"], people)
            return render_template("auth/passwords.html", passwords=passwords)
    return form.render("auth/setup.html")

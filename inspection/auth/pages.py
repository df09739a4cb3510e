"""Sign-in, proof of identity, profile, accounts and the audit trail as pages; and who acts in every request."""

from __future__ import annotations

from flask import Blueprint, Flask, flash, g, redirect, render_template, request, session, url_for
from flask_wtf.csrf import CSRFError
from sqlalchemy import select
from werkzeug.wrappers import Response

from inspection import audit, web
from inspection.audit import AuditEvent
from inspection.auth import secrets, service
from inspection.auth.guard import public, requires
from inspection.auth.models import Account, ApiToken, AuthSession
from inspection.auth.pictures import qr_svg
from inspection.auth.roles import ROLE_LABELS, Role
from inspection.auth.roles import Permission as P
from inspection.auth.schemas import AccountIn, ConfirmIn, GrantIn, PasswordIn, SetupIn, SignInIn, TokenIn, TotpIn
from inspection.errors import Forbidden, Invalid, Refused
from inspection.forms import Form
from inspection.i18n import N_, _
from inspection.listing import Column, exported, listing
from inspection.registers.models import Inspector, Laboratory, Region
from inspection.web import actor, database, local_path, reading, settings, wanted_version, writing

bp = Blueprint("auth", __name__, url_prefix="/account")
COOKIE = "sid"
# where somebody who must change his password may still go
FREE = frozenset({"auth.profile", "auth.sign_out", "auth.change_password", "auth.enrol", "static", "language_switch"})


# --- who acts ---------------------------------------------------------------------------------------------------------


def init_app(app: Flask) -> None:
    """Resolve the actor of every request, protect every form, hold back who must change his password."""

    @app.before_request
    def _identify() -> Response | None:
        g.actor = None
        if request.endpoint == "static":
            return None
        header = request.headers.get("Authorization", "")
        if header.startswith("Bearer hj_"):
            _by_token(header.removeprefix("Bearer ").strip())
            _no_token_here()
        elif token := session.get(COOKIE):
            _by_session(str(token))
        if request.method not in web.SAFE and (g.actor is None or g.actor.via != "token"):
            _check_csrf()
        if g.actor and g.get("must_change") and request.endpoint not in FREE:
            if web.wants_json():
                raise Forbidden("password-change-required", "请先修改一次性口令，再继续使用。")
            flash(_("请先修改口令，再继续使用。"), "warning")
            return redirect(url_for("auth.profile"), 303)
        return None


def _by_token(token: str) -> None:
    with database().read() as read:
        g.actor = service.by_token(read, token, address=_address(), request_id=g.request_id)


def _no_token_here() -> None:
    """A token acts for a person, but never on the person's own account: no sign-out, no password, no further tokens."""
    if g.actor and request.blueprint == bp.name:
        raise Forbidden("token-not-here", "接口令牌不能用于账户页面。请本人登录后办理。")


def _by_session(token: str) -> None:
    with database().read() as read:
        found = service.resume(read, token, settings(), address=_address(), request_id=g.request_id)
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


def _address() -> str:
    return (request.remote_addr or "")[:64]


def _renew(token: str) -> None:
    """Put a fresh session token in the cookie; language and theme stay."""
    kept = {name: session[name] for name in ("language", "theme") if name in session}
    session.clear()
    session.update(kept)
    session[COOKIE] = token


# --- signing in -------------------------------------------------------------------------------------------------------


@bp.route("/sign-in", methods=["GET", "POST"])
@public
def sign_in() -> Response | tuple[str, int]:
    form = Form(SignInIn(), {"next": local_path(request.args.get("next"))})
    if form.posted:
        with form.trying():
            given = form.data()
            credentials = service.Credentials(
                given["login"], given["password"], given["code"], _address(), request.headers.get("User-Agent", "")
            )
            with database().read() as read:
                service.check_throttle(read, credentials, settings())
                account = service.find(read, credentials.login)
            matches = secrets.password_matches(account.password_hash if account else None, credentials.password)
            with database().write() as write:
                token = service.sign_in(write, credentials, account, matches, settings())
            if token is None:
                raise Invalid("wrong-credentials", service.WRONG)
            _renew(token)
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
            _renew(token)
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


# --- profile ----------------------------------------------------------------------------------------------------------


@bp.get("/profile")
@requires(P.ACCOUNT_SELF)
def profile() -> str | tuple[str, int]:
    return _profile(Form(PasswordIn()))


def _profile(form: Form, token: str = "") -> tuple[str, int]:
    with reading() as read:
        account = service.get(read, actor().id)
        sessions = read.scalars(
            select(AuthSession).where(AuthSession.account_id == account.id, AuthSession.ended_at.is_(None)).order_by(AuthSession.created_at)
        ).all()
        tokens = read.scalars(select(ApiToken).where(ApiToken.account_id == account.id).order_by(ApiToken.id)).all()
    secret = secrets.new_totp_secret() if account.totp_sealed is None else ""
    picture = qr_svg(secrets.totp_uri(secret, account.login, settings().office_name)) if secret else ""
    return form.render(
        "auth/profile.html", account=account, sessions=sessions, tokens=tokens, token=token, secret=secret, picture=picture,
        own=g.session_digest, roles=ROLE_LABELS, must=g.get("must_change"), needs_totp=service.missing_totp(account, settings()),
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
        matches = secrets.password_matches(stored, given["old"])
        with writing() as write:
            service.change_password(write, actor(), old_ok=matches, new=given["new"], keep=g.session_digest)
        flash(_("口令已修改，其他会话已退出。"), "success")
        return redirect(url_for("home"), 303)
    return _profile(form)


@bp.post("/second-factor")
@requires(P.ACCOUNT_SELF)
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


# --- accounts ---------------------------------------------------------------------------------------------------------

ACCOUNT_COLUMNS = (
    Column("login", N_("登录名"), lambda a: a.login, Account.login),
    Column("name", N_("姓名"), lambda a: a.name, Account.name),
    Column("roles", N_("岗位"), lambda a: "、".join(_(ROLE_LABELS[Role(code)]) for code in sorted(a.role_codes))),
    Column("region", N_("区域"), lambda a: a.region_code, Account.region_code),
    Column("state", N_("状态"), lambda a: _("停用") if a.disabled_at else _("在用")),
)


@bp.get("/accounts")
@requires(P.ACCOUNT_READ)
def accounts() -> str | Response:
    with reading() as read:
        listed = listing(
            read, select(Account), ACCOUNT_COLUMNS, search=[Account.login, Account.name], default="login", tie=Account.id
        )
        return exported(listed, _("账户")) or render_template("auth/accounts.html", listed=listed)


@bp.route("/accounts/new", methods=["GET", "POST"])
@requires(P.ACCOUNT_CREATE)
def new_account() -> str | tuple[str, int]:
    form = Form(AccountIn())
    if form.posted:
        with form.trying():
            with writing() as write:
                account, password = service.create_account(write, actor(), **form.data())
            return render_template("auth/passwords.html", passwords={account.login: password})
    return form.render("auth/account_new.html")


@bp.get("/accounts/<int:account_id>")
@requires(P.ACCOUNT_READ)
def account(account_id: int) -> tuple[str, int]:
    return _account(Form(GrantIn()), account_id)


def _account(form: Form, account_id: int) -> tuple[str, int]:
    with reading() as read:
        found = service.get(read, account_id)
        places = read.execute(select(Region.code, Region.name).order_by(Region.code)).all()
        labs = read.execute(select(Laboratory.id, Laboratory.name).order_by(Laboratory.name)).all()
        people = read.execute(select(Inspector.id, Inspector.name).order_by(Inspector.name)).all()
    if not form.posted:
        form.values = {
            "roles": sorted(found.role_codes), "region_code": found.region_code, "lab_id": found.lab_id or "",
            "inspector_id": found.inspector_id or "", "department": found.department,
        }
    roles = [(role.value, _(label)) for role, label in ROLE_LABELS.items()]
    return form.render("auth/account.html", account=found, roles=roles, places=places, labs=labs, people=people)


@bp.post("/accounts/<int:account_id>/roles")
@requires(P.ACCOUNT_GRANT)
def grant(account_id: int) -> Response | tuple[str, int]:
    form = Form(GrantIn())
    with form.trying():
        given = form.data()
        wanted = service.Grant(**{**given, "roles": frozenset(given["roles"])})
        with writing() as write:
            service.grant(write, actor(), account_id, wanted, version=wanted_version())
        flash(_("岗位已设置，该用户须重新登录。"), "success")
        return redirect(url_for("auth.account", account_id=account_id), 303)
    return _account(form, account_id)


@bp.post("/accounts/<int:account_id>/reset")
@requires(P.ACCOUNT_CREATE)
def reset(account_id: int) -> str:
    with writing() as write:
        password = service.reset_password(write, actor(), account_id)
        login = service.get(write, account_id).login
    return render_template("auth/passwords.html", passwords={login: password})


@bp.post("/accounts/<int:account_id>/state")
@requires(P.ACCOUNT_CREATE)
def set_state(account_id: int) -> Response:
    disabled = request.form.get("disabled") == "true"
    with writing() as write:
        service.set_disabled(write, actor(), account_id, disabled=disabled, version=wanted_version())
    flash(_("账户已停用。") if disabled else _("账户已恢复。"), "success")
    return redirect(url_for("auth.account", account_id=account_id), 303)


@bp.post("/accounts/<int:account_id>/second-factor/remove")
@requires(P.ACCOUNT_GRANT)
def remove_totp(account_id: int) -> Response:
    with writing() as write:
        service.remove_totp(write, actor(), account_id)
    flash(_("该用户的动态码已停用。"), "success")
    return redirect(url_for("auth.account", account_id=account_id), 303)


# --- audit trail ------------------------------------------------------------------------------------------------------

TRAIL_COLUMNS = (
    Column("seq", N_("序号"), lambda e: e.seq, AuditEvent.seq, numeric=True),
    Column("at", N_("时间"), lambda e: e.at, AuditEvent.at),
    Column("actor", N_("操作人"), lambda e: e.actor_name, AuditEvent.actor_name),
    Column("verb", N_("操作"), lambda e: e.verb, AuditEvent.verb),
    Column("outcome", N_("结果"), lambda e: _("完成") if e.outcome == "ok" else _("拒绝"), AuditEvent.outcome),
    Column("object", N_("对象"), lambda e: f"{e.object_kind} {e.object_id}", AuditEvent.object_id),
    Column("address", N_("地址"), lambda e: e.address),
    Column("detail", N_("说明"), lambda e: e.detail if e.detail != "{}" else ""),
    Column("hash", N_("哈希"), lambda e: e.hash[:12]),
)


@bp.get("/trail")
@requires(P.AUDIT_READ)
def trail() -> str | Response:
    query = select(AuditEvent)
    if who := request.args.get("actor", "").strip()[:100]:
        query = query.where(AuditEvent.actor_name == who)
    if request.args.get("refused"):
        query = query.where(AuditEvent.outcome == "refused")
    search = [AuditEvent.verb, AuditEvent.object_id, AuditEvent.actor_name, AuditEvent.detail]
    with reading() as read:
        listed = listing(read, query, TRAIL_COLUMNS, search=search, default="-seq", tie=AuditEvent.seq)
        head = audit.head(read)
    if request.args.get("export"):
        with writing() as write:
            audit.record(write, actor(), "audit.export", "audit", head[0], rows=listed.total)
    return exported(listed, _("审计")) or render_template("auth/trail.html", listed=listed, head=head)


@bp.post("/trail/verify")
@requires(P.AUDIT_VERIFY)
def verify_trail() -> Response:
    with reading() as read:
        found = audit.verify(read)
    with writing() as write:
        audit.record(write, actor(), "audit.verify", "audit", found.events, result="ok" if found.ok else found.reason)
    if not found.ok:
        raise Refused("chain-broken", "审计链在第 %(n)s 号事件处断裂：%(why)s。请立即保全数据库并报告。", n=found.broken_at, why=found.reason)
    flash(_("审计链完整：%(n)s 条事件，链首 %(head)s。", n=found.events, head=found.head[:12]), "success")
    return redirect(url_for("auth.trail"), 303)



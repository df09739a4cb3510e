"""The administration of accounts: made by one administrator, given roles by another."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from inspection.auth import service
from inspection.auth.guard import requires
from inspection.auth.models import Account
from inspection.auth.pages.blueprint import bp
from inspection.auth.roles import ROLE_LABELS, Role
from inspection.auth.roles import Permission as P
from inspection.auth.schemas import AccountIn, GrantIn
from inspection.forms import Form
from inspection.i18n import N_, _
from inspection.listing import Column, exported, listing
from inspection.registers.models import Inspector, Laboratory, Region
from inspection.web import actor, reading, wanted_version, writing

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
@requires(P.ACCOUNT_CREATE, step_up=True)
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

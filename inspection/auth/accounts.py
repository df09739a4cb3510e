"""Accounts 账户: made by one administrator, given roles and scope by another, never deleted."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from inspection import audit, clock
from inspection.actor import Actor
from inspection.auth import rules, secrets
from inspection.auth.models import Account, AccountRole
from inspection.auth.sessions import end_all
from inspection.errors import Conflict, Forbidden, Invalid, NotFound, Refused


def normal_login(text: str) -> str:
    """Login names: half-width, lower case, without blanks at the ends."""
    return unicodedata.normalize("NFKC", text).strip().lower()


def find(session: Session, login: str) -> Account | None:
    return session.scalar(select(Account).where(Account.login == normal_login(login)))


def get(session: Session, account_id: int) -> Account:
    account = session.get(Account, account_id)
    if account is None:
        raise NotFound("account-not-found", "没有这个账户。")
    return account


def create_account(session: Session, actor: Actor, *, login: str, name: str, password: str | None = None) -> tuple[Account, str]:
    """A new account without any role; the one-time password is given back once and must be changed at the first sign-in.

    Parameters
    ----------
    password : set instead of a random one (command line); it must be changed as well.
    """
    normal = normal_login(login)
    if not normal or len(normal) > 64 or not all(c.isascii() and (c.isalnum() or c in "._-@") for c in normal):
        raise Invalid("bad-login", "登录名只能用英文字母、数字和 . _ - @，不超过 64 个。", fields={"login": ["格式不对"]})
    if not name.strip():
        raise Invalid("name-missing", "姓名不能为空：它印在审计和文书上。", fields={"name": ["必填"]})
    if find(session, normal) is not None:
        raise Refused("login-taken", "登录名 %(login)s 已被使用。请换一个。", login=normal)
    account = Account(login=normal, name=name.strip(), created_at=clock.now())
    secret = password or secrets.new_password()
    set_password(account, secret, one_time=True)
    session.add(account)
    session.flush()
    audit.record(session, actor, "account.create", "account", normal, name=account.name)
    return account, secret


@dataclass(frozen=True, slots=True)
class Grant:
    """What a person may do and where."""

    roles: frozenset[str]
    region_code: str = ""
    lab_id: int | None = None
    inspector_id: int | None = None
    department: str = ""


def grant(session: Session, actor: Actor, account_id: int, given: Grant, *, version: int | None = None) -> Account:
    """Set roles and scope; the person signs in again. Nobody grants to himself."""
    account = get(session, account_id)
    if version is not None and account.version_id != version:
        raise Conflict("changed-meanwhile", "该账户已被他人修改。请核对期间的修改，刷新后重试。", changes=audit.newest(session, "account", account.login))
    if account.id == actor.id:
        raise Forbidden("own-roles", "不能给自己设置岗位。请另一位安全管理员办理。")
    if fault := rules.roles_fault(given.roles, lab_id=given.lab_id, inspector_id=given.inspector_id):
        raise Refused("roles-conflict", "不能这样设置岗位：%(fault)s。", fields={"roles": [fault]}, fault=fault)
    _check_place(session, given)
    before = {"roles": sorted(account.role_codes), "region": account.region_code, "lab": account.lab_id, "inspector": account.inspector_id}
    account.roles = [row for row in account.roles if row.role in given.roles]
    account.roles.extend(
        AccountRole(role=role, granted_by=actor.id, granted_at=clock.now()) for role in sorted(given.roles - account.role_codes)
    )
    account.region_code, account.lab_id = given.region_code, given.lab_id
    account.inspector_id, account.department = given.inspector_id, given.department
    end_all(session, account.id, "roles")
    session.flush()
    after: dict[str, Any] = {"roles": sorted(given.roles), "region": given.region_code, "lab": given.lab_id, "inspector": given.inspector_id}
    audit.record(session, actor, "account.grant", "account", account.login, before=before, after=after, grant=after)
    return account


def _check_place(session: Session, given: Grant) -> None:
    """The laboratory and the inspector that are named stand in the registers; and so does the region, once there are regions."""
    tables = Account.metadata.tables
    if given.lab_id is not None and session.scalar(select(tables["laboratories"].c.id).where(tables["laboratories"].c.id == given.lab_id)) is None:
        raise Invalid("no-laboratory", "没有编号为 %(id)s 的检验机构。请先在名录库中登记。", fields={"lab_id": ["名录库中没有"]}, id=given.lab_id)
    people = tables["inspectors"]
    if given.inspector_id is not None and session.scalar(select(people.c.id).where(people.c.id == given.inspector_id)) is None:
        raise Invalid("no-inspector", "没有编号为 %(id)s 的执法检查人员。请先在名录库中登记。", fields={"inspector_id": ["名录库中没有"]}, id=given.inspector_id)
    regions = tables["regions"].c.code
    if given.region_code and not session.scalar(select(regions).where(regions == given.region_code)) and session.scalar(select(regions).limit(1)):
        raise Invalid("no-region", "没有代码为 %(place)s 的区划，此人将看不到任何一行。请核对，或先在名录库中登记。", fields={"region_code": ["名录库中没有"]}, place=given.region_code)


def reset_password(session: Session, actor: Actor, account_id: int) -> str:
    """A new one-time password; all sessions end."""
    account = get(session, account_id)
    secret = secrets.new_password()
    set_password(account, secret, one_time=True)
    end_all(session, account.id, "reset")
    session.flush()
    audit.record(session, actor, "account.reset_password", "account", account.login)
    return secret


def set_disabled(session: Session, actor: Actor, account_id: int, *, disabled: bool, version: int | None = None) -> Account:
    """Stop or allow an account again; history keeps the name."""
    account = get(session, account_id)
    if version is not None and account.version_id != version:
        raise Conflict("changed-meanwhile", "该账户已被他人修改。请核对期间的修改，刷新后重试。", changes=audit.newest(session, "account", account.login))
    if account.id == actor.id:
        raise Refused("own-account", "不能停用自己的账户。")
    account.disabled_at = clock.now() if disabled else None
    if disabled:
        end_all(session, account.id, "disabled")
    session.flush()
    audit.record(session, actor, "account.disable" if disabled else "account.enable", "account", account.login)
    return account


def set_password(account: Account, new: str, *, one_time: bool = False) -> None:
    if fault := rules.password_fault(new, account.login, account.name):
        raise Invalid("weak-password", "口令不合要求：%(fault)s。", fields={"new": [fault]}, fault=fault)
    account.password_hash, account.password_set_at = secrets.hash_password(new), clock.now()
    account.must_change_password = one_time

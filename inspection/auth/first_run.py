"""The first day: a token that `hengjian init` shows once, and the three separate administrators it makes."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from inspection import audit, clock
from inspection.actor import SYSTEM
from inspection.auth import secrets
from inspection.auth.accounts import Grant, create_account, grant, normal_login
from inspection.auth.models import Account, SetupToken
from inspection.auth.roles import Role
from inspection.errors import Invalid, Refused


def create_setup_token(session: Session) -> str:
    """A token for making the first administrators, good for a day; only while there is no account at all."""
    if session.scalar(select(func.count()).select_from(Account)):
        raise Refused("already-set-up", "系统已有账户，不能再做首次设置。")
    token = secrets.new_token()
    now = clock.now()
    session.add(SetupToken(digest=secrets.digest(token), created_at=now, expires_at=now + timedelta(days=1)))
    session.flush()
    audit.record(session, SYSTEM, "auth.setup_token", "setup", "first")
    return token


def set_up(session: Session, token: str, people: dict[str, tuple[str, str]]) -> dict[str, str]:
    """Make the three separate administrators (三员分立).

    Parameters
    ----------
    people : role (system_admin, security_admin, audit_admin) → (login, name); three different logins.

    Returns
    -------
    Login → one-time password, to be shown once.
    """
    row = session.get(SetupToken, secrets.digest(token))
    if row is None or row.used_at is not None or row.expires_at < clock.now():
        raise Refused("bad-setup-token", "首次设置令牌不对、已用过或已过期。请在服务器上运行 hengjian init --token 重新取得。")
    if session.scalar(select(func.count()).select_from(Account)):
        raise Refused("already-set-up", "系统已有账户，不能再做首次设置。")
    wanted = {Role.SYSTEM_ADMIN.value, Role.SECURITY_ADMIN.value, Role.AUDIT_ADMIN.value}
    if set(people) != wanted or len({normal_login(login) for login, _ in people.values()}) != 3:
        raise Invalid("three-people", "系统、安全、审计三员须为三个不同的人，登录名各不相同。", fields={"login": ["三个不同的登录名"]})
    row.used_at = clock.now()
    passwords = {}
    for role in sorted(people):
        login, name = people[role]
        account, password = create_account(session, SYSTEM, login=login, name=name)
        grant(session, SYSTEM, account.id, Grant(frozenset({role})))
        passwords[account.login] = password
    return passwords

"""What everybody may do with his own account: password, second factor, tokens for programs."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from inspection import audit, clock
from inspection.actor import Actor
from inspection.auth import secrets
from inspection.auth.accounts import get, set_password
from inspection.auth.models import Account, ApiToken
from inspection.auth.sessions import end_all
from inspection.errors import Invalid, NotFound, Refused
from inspection.settings import Settings


def change_password(session: Session, actor: Actor, *, old_ok: bool, new: str, keep: str = "") -> None:
    """A new password; all other sessions end."""
    account = get(session, actor.id)
    if not old_ok:
        raise Invalid("wrong-password", "原口令不对。", fields={"old": ["原口令不对"]})
    set_password(account, new)
    end_all(session, account.id, "password", but=keep)
    session.flush()
    audit.record(session, actor, "auth.change_password", "account", account.login)


def enrol_totp(session: Session, actor: Actor, *, secret: str, code: str, settings: Settings) -> None:
    """Turn the second factor on, once a code proves that the device has the secret."""
    account = get(session, actor.id)
    if account.totp_sealed is not None:
        raise Refused("already-enrolled", "动态码已启用。更换设备请先由安全管理员停用原来的动态码。")
    step = secrets.totp_step(secret, code, clock.now().timestamp())
    if step is None:
        raise Invalid("wrong-code", "动态码不对。请核对手机时间后输入新的动态码。", fields={"code": ["动态码不对"]})
    account.totp_sealed, account.totp_last_step = secrets.seal(settings.secret_key, secret), step
    session.flush()
    audit.record(session, actor, "auth.enrol_totp", "account", account.login)


def remove_totp(session: Session, actor: Actor, account_id: int) -> None:
    """Turn the second factor off (one's own, or by the security administrator for a lost device)."""
    account = get(session, account_id)
    account.totp_sealed = account.totp_last_step = None
    session.flush()
    audit.record(session, actor, "auth.remove_totp", "account", account.login)


def create_token(session: Session, actor: Actor, *, name: str, scopes: Collection[str], expires_on: date) -> str:
    """A new API token, shown once; its scopes lie within the person's own permissions."""
    beyond = sorted(set(scopes) - actor.permissions)
    if beyond or not scopes:
        raise Invalid("scope-beyond", "令牌的权限须在本人权限之内，且至少选一项。", fields={"scopes": beyond or ["至少选一项"]})
    if not clock.today() < expires_on <= clock.today() + timedelta(days=366):
        raise Invalid("bad-expiry", "令牌有效期须在明天至一年之内。", fields={"expires_on": ["一年之内"]})
    if session.scalar(select(ApiToken.id).where(ApiToken.account_id == actor.id, ApiToken.name == name)):
        raise Refused("token-exists", "已有同名令牌 %(name)s。请换一个名称。", name=name)
    token = "hj_" + secrets.new_token()
    row = ApiToken(
        account_id=actor.id, name=name, digest=secrets.digest(token), scopes=sorted(scopes), expires_on=expires_on, created_at=clock.now()
    )
    session.add(row)
    session.flush()
    audit.record(session, actor, "auth.create_token", "token", row.id, name=name, scopes=sorted(scopes))
    return token


def revoke_token(session: Session, actor: Actor, token_id: int) -> None:
    row = session.get(ApiToken, token_id)
    if row is None or row.account_id != actor.id:
        raise NotFound("token-not-found", "没有这个令牌。")
    row.revoked_at = row.revoked_at or clock.now()
    session.flush()
    audit.record(session, actor, "auth.revoke_token", "token", row.id, name=row.name)


def missing_totp(account: Account, settings: Settings) -> bool:
    """Whether a role of the account asks for a second factor that is not set up yet."""
    return account.totp_sealed is None and bool(account.role_codes & settings.totp_roles)

"""The verbs of accounts: sign in, stay signed in, prove again who one is, create, grant, disable."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from inspection import audit, clock
from inspection.actor import SYSTEM, Actor
from inspection.auth import rules, secrets
from inspection.auth.models import Account, AccountRole, ApiToken, AuthSession, LoginAttempt, SetupToken
from inspection.auth.roles import Permission, Role, permissions_of
from inspection.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from inspection.settings import Settings

WRONG = "登录名、口令或动态码不对。请核对后重试；忘记口令请联系系统管理员重置。"


def normal_login(text: str) -> str:
    """Login names: half-width, lower case, without blanks at the ends."""
    return unicodedata.normalize("NFKC", text).strip().lower()


# --- signing in -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Credentials:
    """What was typed at the sign-in, and from where."""

    login: str
    password: str
    code: str = ""
    address: str = ""
    agent: str = ""


def check_throttle(session: Session, given: Credentials, settings: Settings) -> None:
    """Refuse while too many attempts failed: for this login from this address, from this address, for this login at all.

    The last one leaves out addresses from which the person has signed in before, so that a stranger who guesses cannot
    lock anybody out of his own desk.
    """
    login, tries = normal_login(given.login)[:64], settings.login_tries_per_5_minutes
    now, here, him = clock.now(), LoginAttempt.address == given.address, LoginAttempt.login == login
    since = LoginAttempt.at > now - timedelta(minutes=rules.THROTTLE_MINUTES)
    known = session.scalar(select(LoginAttempt.id).where(here, him, LoginAttempt.ok.is_(True)).limit(1)) is not None
    counted = [(here & him, tries), (here, tries * 10)] + ([] if known else [(him, tries * 10)])
    for which, allowed in counted:
        failures = session.scalars(select(LoginAttempt.at).where(which, since, LoginAttempt.ok.is_(False)))
        if rules.throttled(failures, now, allowed):
            error = Refused("too-many-attempts", "登录失败次数过多。请在五分钟后重试；若不是您本人操作，请告知安全管理员。")
            error.status = 429
            raise error


def count_failure(session: Session, given: Credentials) -> None:
    """Note a wrong password outside of the sign-in."""
    session.add(LoginAttempt(login=normal_login(given.login)[:64], address=given.address, at=clock.now(), ok=False))
    session.flush()


def find(session: Session, login: str) -> Account | None:
    return session.scalar(select(Account).where(Account.login == normal_login(login)))


def sign_in(session: Session, given: Credentials, account: Account | None, password_ok: bool, settings: Settings) -> str | None:
    """Second half of a sign-in, in a write transaction: count the attempt, open the session.

    Parameters
    ----------
    account : the account found by login in an earlier reading, None when there is none.
    password_ok : result of the slow comparison, made outside of the writers' lock.

    Returns
    -------
    The new session token, or None when the credentials are wrong (the attempt is counted and noted either way).
    """
    check_throttle(session, given, settings)
    fresh = session.get(Account, account.id) if account is not None else None
    ok = password_ok and fresh is not None and fresh.disabled_at is None and _second_factor(session, fresh, given.code, settings)
    session.add(LoginAttempt(login=normal_login(given.login)[:64], address=given.address, at=clock.now(), ok=ok))
    who = Actor(id=fresh.id if fresh else 0, name=fresh.name if fresh else "未登录", address=given.address)
    if not ok or fresh is None:
        audit.record(session, who, "auth.sign_in", "account", normal_login(given.login)[:64], outcome="refused")
        return None
    token = open_session(session, fresh, settings, address=given.address, agent=given.agent)
    audit.record(session, who, "auth.sign_in", "account", fresh.login)
    return token


def _second_factor(session: Session, account: Account, code: str, settings: Settings) -> bool:
    if account.totp_sealed is None:
        return True
    secret = secrets.unseal(settings.secret_key, account.totp_sealed)
    step = secrets.totp_step(secret, code, clock.now().timestamp()) if secret else None
    if step is None or (account.totp_last_step is not None and step <= account.totp_last_step):
        return False
    account.totp_last_step = step
    session.flush()
    return True


def open_session(
    session: Session, account: Account, settings: Settings, *, address: str = "", agent: str = "", fresh: bool = True
) -> str:
    """A new session with a new token; also the renewal at every change of privilege. Not fresh: sensitive work asks first."""
    token, now = secrets.new_token(), clock.now()
    session.add(
        AuthSession(
            digest=secrets.digest(token),
            account_id=account.id,
            created_at=now,
            last_seen_at=now,
            expires_at=now + timedelta(hours=settings.session_absolute_hours),
            fresh_until=now + timedelta(minutes=settings.step_up_minutes) if fresh else None,
            address=address,
            agent=agent[:200],
        )
    )
    session.flush()
    return token


def end_session(session: Session, digest: str, reason: str) -> None:
    """End one session for good."""
    found = session.get(AuthSession, digest)
    if found is not None and found.ended_at is None:
        found.ended_at, found.end_reason = clock.now(), reason
        session.flush()


def end_all(session: Session, account_id: int, reason: str, *, but: str = "") -> None:
    """End every session of an account, except one."""
    session.execute(
        update(AuthSession)
        .where(AuthSession.account_id == account_id, AuthSession.ended_at.is_(None), AuthSession.digest != but)
        .values(ended_at=clock.now(), end_reason=reason)
    )


@dataclass(frozen=True, slots=True)
class Found:
    """A living session: who, and whether its last-seen time is old enough to be written again."""

    actor: Actor
    digest: str
    must_change_password: bool
    stale: bool


def resume(session: Session, token: str, settings: Settings, *, address: str, request_id: str) -> Found | None:
    """The actor of a session token, None when the session is unknown, ended or over."""
    row = session.get(AuthSession, secrets.digest(token))
    if row is None or row.ended_at is not None:
        return None
    now = clock.now()
    if rules.session_over(now, last_seen=row.last_seen_at, expires=row.expires_at, idle_minutes=settings.session_idle_minutes):
        return None
    account = session.get(Account, row.account_id)
    if account is None or account.disabled_at is not None:
        return None
    actor = actor_of(account, via="session", address=address, request_id=request_id, fresh_until=row.fresh_until)
    expired = bool(
        settings.password_max_age_days
        and account.password_set_at
        and account.password_set_at + timedelta(days=settings.password_max_age_days) < now
    )
    return Found(actor, row.digest, account.must_change_password or expired, now - row.last_seen_at > timedelta(minutes=1))


def touch(session: Session, digest: str) -> None:
    """Note that a session is in use."""
    session.execute(update(AuthSession).where(AuthSession.digest == digest).values(last_seen_at=clock.now()))


def by_token(session: Session, token: str, *, address: str, request_id: str) -> Actor | None:
    """The actor behind an API token: the account's permissions cut down to the token's scopes."""
    row = session.scalar(select(ApiToken).where(ApiToken.digest == secrets.digest(token)))
    if row is None or row.revoked_at is not None or row.expires_on < clock.today():
        return None
    account = session.get(Account, row.account_id)
    if account is None or account.disabled_at is not None or account.must_change_password:
        return None
    actor = actor_of(account, via="token", address=address, request_id=request_id)
    allowed = actor.permissions & frozenset(row.scopes)
    return Actor(**{**{n: getattr(actor, n) for n in Actor.__dataclass_fields__}, "permissions": allowed})


def actor_of(
    account: Account, *, via: str, address: str = "", request_id: str = "", fresh_until: datetime | None = None
) -> Actor:
    """The account as an actor with everything its roles allow."""
    roles = account.role_codes
    return Actor(
        id=account.id,
        name=account.name,
        login=account.login,
        roles=roles,
        permissions=permissions_of(frozenset(Role(role) for role in roles)),
        region_code=account.region_code,
        lab_id=account.lab_id,
        department=account.department,
        inspector_id=account.inspector_id,
        via=via,
        address=address,
        request_id=request_id,
        fresh_until=fresh_until,
    )


def confirm(session: Session, actor: Actor, digest: str, *, password_ok: bool, code: str, settings: Settings) -> str | None:
    """Step-up: prove again who one is; the session gets a new token. None when the proof is wrong."""
    account = session.get(Account, actor.id)
    given = Credentials(login=actor.login, password="", code=code, address=actor.address)
    check_throttle(session, given, settings)
    ok = account is not None and password_ok and _second_factor(session, account, code, settings)
    session.add(LoginAttempt(login=actor.login, address=actor.address, at=clock.now(), ok=ok))
    audit.record(session, actor, "auth.confirm", "account", actor.login, outcome="ok" if ok else "refused")
    if not ok or account is None:
        return None
    end_session(session, digest, "renewed")
    return open_session(session, account, settings, address=actor.address)


# --- the person's own account -----------------------------------------------------------------------------------------


def change_password(session: Session, actor: Actor, *, old_ok: bool, new: str, keep: str = "") -> None:
    """A new password; all other sessions end."""
    account = get(session, actor.id)
    if not old_ok:
        raise Invalid("wrong-password", "原口令不对。", fields={"old": ["原口令不对"]})
    _set_password(account, new)
    end_all(session, account.id, "password", but=keep)
    session.flush()
    audit.record(session, actor, "auth.change_password", "account", account.login)


def _set_password(account: Account, new: str, *, one_time: bool = False) -> None:
    if fault := rules.password_fault(new, account.login, account.name):
        raise Invalid("weak-password", "口令不合要求：%(fault)s。", fields={"new": [fault]}, fault=fault)
    account.password_hash, account.password_set_at = secrets.hash_password(new), clock.now()
    account.must_change_password = one_time


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


# --- administering accounts -------------------------------------------------------------------------------------------


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
    if find(session, normal) is not None:
        raise Refused("login-taken", "登录名 %(login)s 已被使用。请换一个。", login=normal)
    account = Account(login=normal, name=name.strip(), created_at=clock.now())
    secret = password or secrets.new_password()
    _set_password(account, secret, one_time=True)
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


def reset_password(session: Session, actor: Actor, account_id: int) -> str:
    """A new one-time password; all sessions end."""
    account = get(session, account_id)
    secret = secrets.new_password()
    _set_password(account, secret, one_time=True)
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


# --- first run --------------------------------------------------------------------------------------------------------


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


def missing_totp(account: Account, settings: Settings) -> bool:
    """Whether a role of the account asks for a second factor that is not set up yet."""
    return account.totp_sealed is None and bool(account.role_codes & settings.totp_roles)


ALL_SCOPES: tuple[str, ...] = tuple(permission.value for permission in Permission)

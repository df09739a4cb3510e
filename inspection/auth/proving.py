"""Proofs of identity 身份核验: the sign-in, the step-up, and the throttle that counts wrong guesses over all hosts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from inspection import audit, clock
from inspection.actor import Actor
from inspection.auth import rules, secrets
from inspection.auth.accounts import normal_login
from inspection.auth.models import Account, LoginAttempt
from inspection.auth.sessions import end_session, open_session
from inspection.errors import Refused
from inspection.settings import Settings

WRONG = "登录名、口令或动态码不对。请核对后重试；忘记口令请联系系统管理员重置。"


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
            error.status, error.retry_after = 429, rules.THROTTLE_MINUTES * 60
            raise error


def count_failure(session: Session, given: Credentials) -> None:
    """Note a wrong password outside of the sign-in."""
    session.add(LoginAttempt(login=normal_login(given.login)[:64], address=given.address, at=clock.now(), ok=False))
    session.flush()


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
    old = end_session(session, digest, "renewed")
    return open_session(session, account, settings, address=actor.address, agent=old.agent if old else "")

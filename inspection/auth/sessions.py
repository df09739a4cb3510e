"""Sessions 会话 of browsers and tokens of programs: opened, found again at every request, ended."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from inspection import clock
from inspection.actor import Actor
from inspection.auth import rules, secrets
from inspection.auth.models import Account, ApiToken, AuthSession
from inspection.auth.roles import Role, permissions_of
from inspection.settings import Settings


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


def end_session(session: Session, digest: str, reason: str) -> AuthSession | None:
    """End one session for good."""
    found = session.get(AuthSession, digest)
    if found is not None and found.ended_at is None:
        found.ended_at, found.end_reason = clock.now(), reason
        session.flush()
    return found


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


def living(session: Session, account_id: int, settings: Settings) -> list[AuthSession]:
    """The sessions of a person that could still be used, oldest first."""
    now = clock.now()
    query = select(AuthSession).where(
        AuthSession.account_id == account_id, AuthSession.ended_at.is_(None), AuthSession.expires_at > now,
        AuthSession.last_seen_at > now - timedelta(minutes=settings.session_idle_minutes),
    )  # fmt: skip
    return list(session.scalars(query.order_by(AuthSession.created_at)))


def touch(session: Session, digest: str) -> None:
    """Note that a session is in use."""
    session.execute(update(AuthSession).where(AuthSession.digest == digest).values(last_seen_at=clock.now()))


@dataclass(frozen=True, slots=True)
class TokenFound:
    """A living token: who, and whether its last use is old enough to be written again."""

    actor: Actor
    token_id: int
    stale: bool


def by_token(session: Session, token: str, *, address: str, request_id: str) -> TokenFound | None:
    """The actor behind an API token: the account's permissions cut down to the token's scopes."""
    row = session.scalar(select(ApiToken).where(ApiToken.digest == secrets.digest(token)))
    if row is None or row.revoked_at is not None or row.expires_on < clock.today():
        return None
    account = session.get(Account, row.account_id)
    if account is None or account.disabled_at is not None or account.must_change_password:
        return None
    actor = actor_of(account, via="token", address=address, request_id=request_id)
    actor = replace(actor, permissions=actor.permissions & frozenset(row.scopes))
    return TokenFound(actor, row.id, row.last_used_at is None or clock.now() - row.last_used_at > timedelta(minutes=5))


def touch_token(session: Session, token_id: int) -> None:
    """Note that a token is in use."""
    session.execute(update(ApiToken).where(ApiToken.id == token_id).values(last_used_at=clock.now()))


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

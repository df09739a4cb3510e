"""Signing in through the office's identity provider 统一身份认证: whom a foreign identity stands for, and never more than that.

The rule (docs/operations.md): (1) an account to which this identity was linked; (2) otherwise the account without any link
whose login is the e-mail address that the provider vouches for – it is linked for good at that moment; (3) otherwise
nobody. The provider gives no account, no role and no scope, and does not replace the proof of identity for what is sensitive.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from inspection import audit
from inspection.actor import Actor
from inspection.auth import service
from inspection.auth.models import Account
from inspection.errors import Forbidden, Refused
from inspection.settings import Settings


@dataclass(frozen=True, slots=True)
class Identity:
    """What the provider vouches for.

    Parameters
    ----------
    email : address the provider has verified, "" when it has not.
    two_factors : whether the provider says that it asked for more than a password (`amr` holds "mfa").
    """

    issuer: str
    subject: str
    email: str = ""
    two_factors: bool = False

    @property
    def key(self) -> str:
        return f"{self.issuer} {self.subject}"


def recognise(session: Session, identity: Identity) -> Account:
    """The account behind an identity; links it at the first sign-in by verified e-mail.

    Raises
    ------
    Forbidden : nobody, or somebody who may not sign in.
    """
    account = session.scalar(select(Account).where(Account.oidc_identity == identity.key))
    if account is None and identity.email:
        account = service.find(session, identity.email)
        if account is not None and account.oidc_identity is not None:
            account = None  # the address now belongs to somebody else at the provider
    if account is None or account.disabled_at is not None:
        raise Forbidden("oidc-unknown", "统一身份认证的这个身份没有对应的账户。请用登录名和口令登录后在“我的账户”中绑定，或联系系统管理员建立账户。")
    if account.totp_sealed is not None and not identity.two_factors:
        raise Forbidden("oidc-one-factor", "您的账户启用了动态码，而统一身份认证只核对了一种身份凭据。请用登录名、口令和动态码登录。")
    if account.oidc_identity is None:
        _bind(session, Actor(id=account.id, name=account.name), account, identity, how="email")
    return account


def sign_in(session: Session, identity: Identity, settings: Settings, *, address: str, agent: str) -> str:
    """Open a session; it starts without a fresh proof, so whatever is sensitive asks for password and code."""
    account = recognise(session, identity)
    token = service.open_session(session, account, settings, address=address, agent=agent, fresh=False)
    audit.record(session, Actor(id=account.id, name=account.name, address=address), "auth.sign_in", "account", account.login, by="oidc")
    return token


def link(session: Session, actor: Actor, identity: Identity) -> None:
    """Bind an identity to the actor's own account."""
    if session.scalar(select(Account.id).where(Account.oidc_identity == identity.key, Account.id != actor.id)):
        raise Refused("oidc-taken", "这个统一身份已绑定别的账户，不能再绑定。请联系安全管理员。")
    _bind(session, actor, service.get(session, actor.id), identity, how="owner")


def _bind(session: Session, actor: Actor, account: Account, identity: Identity, *, how: str) -> None:
    account.oidc_identity = identity.key
    session.flush()
    audit.record(session, actor, "auth.link", "account", account.login, issuer=identity.issuer, by=how)


def unlink(session: Session, actor: Actor) -> None:
    """Loosen the actor's own account from the provider."""
    account = service.get(session, actor.id)
    if account.oidc_identity is None:
        raise Refused("oidc-not-linked", "您的账户没有绑定统一身份。")
    account.oidc_identity = None
    session.flush()
    audit.record(session, actor, "auth.unlink", "account", account.login)

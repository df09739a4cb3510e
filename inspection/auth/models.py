"""Accounts, their roles, their sessions and tokens."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from inspection.db import Base


class Account(Base):
    """账户: one person. Created by the system administrator; roles and scope given by the security administrator."""

    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(String(64), unique=True)  # lower case
    name: Mapped[str] = mapped_column(String(100))
    password_hash: Mapped[str | None] = mapped_column(String(200))  # argon2; None = cannot sign in with a password
    password_set_at: Mapped[datetime | None]
    must_change_password: Mapped[bool] = mapped_column(default=False)
    totp_sealed: Mapped[str | None] = mapped_column(String(300))  # encrypted with a key derived from the secret key
    totp_last_step: Mapped[int | None]  # a code is good once
    oidc_identity: Mapped[str | None] = mapped_column(String(500), unique=True, index=True)  # issuer and subject at the identity provider
    region_code: Mapped[str] = mapped_column(String(12), default="")  # subtree the person works in; "" = all
    lab_id: Mapped[int | None] = mapped_column(ForeignKey("laboratories.id"))
    inspector_id: Mapped[int | None] = mapped_column(ForeignKey("inspectors.id"))
    department: Mapped[str] = mapped_column(String(64), default="")
    disabled_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    version_id: Mapped[int] = mapped_column(default=1)

    roles: Mapped[list[AccountRole]] = relationship(cascade="all, delete-orphan", order_by="AccountRole.role", lazy="selectin")

    __mapper_args__ = {"version_id_col": version_id}

    @property
    def role_codes(self) -> frozenset[str]:
        return frozenset(row.role for row in self.roles)


class AccountRole(Base):
    """岗位 of an account, with who gave it."""

    __tablename__ = "account_roles"

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    role: Mapped[str] = mapped_column(String(20), primary_key=True)
    granted_by: Mapped[int]
    granted_at: Mapped[datetime]


class AuthSession(Base):
    """会话: a signed-in browser; the cookie holds the token, the row only its digest."""

    __tablename__ = "auth_sessions"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    fresh_until: Mapped[datetime | None]
    address: Mapped[str] = mapped_column(String(64), default="")
    agent: Mapped[str] = mapped_column(String(200), default="")
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str] = mapped_column(String(20), default="")


class ApiToken(Base):
    """接口令牌: lets a program act for an account within scopes, never for what needs a fresh factor."""

    __tablename__ = "api_tokens"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    scopes: Mapped[list[str]] = mapped_column(JSON, default=list)
    expires_on: Mapped[date]
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    __table_args__ = (UniqueConstraint("account_id", "name"),)


class LoginAttempt(Base):
    """登录尝试, counted over all processes and hosts for the throttle."""

    __tablename__ = "login_attempts"

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(String(64))
    address: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
    ok: Mapped[bool]

    __table_args__ = (Index("ix_login_attempts_login_at", "login", "at"), Index("ix_login_attempts_address_at", "address", "at"))


class SetupToken(Base):
    """首次设置令牌: good once, for making the first administrators; only its digest is kept."""

    __tablename__ = "setup_tokens"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

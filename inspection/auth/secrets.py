"""Passwords, tokens and sealed secrets: argon2, SHA-256 digests of random tokens, Fernet under a derived key."""

from __future__ import annotations

import base64
import hashlib
import secrets

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)  # OWASP's second profile: 19 MiB, 2 passes
# compared with when the account does not exist, so that both answers take the same time
NOBODY = HASHER.hash(secrets.token_hex(16))


def hash_password(password: str) -> str:
    return HASHER.hash(password)


def password_matches(stored: str | None, password: str) -> bool:
    """Constant work whether or not there is an account."""
    try:
        return HASHER.verify(stored or NOBODY, password) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


def new_token() -> str:
    """256 random bits as text."""
    return secrets.token_urlsafe(32)


def new_password() -> str:
    """A one-time password of 80 bits in four groups that can be read aloud."""
    alphabet = "23456789abcdefghjkmnpqrstuvwxyz"
    return "-".join("".join(secrets.choice(alphabet) for _ in range(4)) for _ in range(4))


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _fernet(key: str) -> Fernet:
    derived = HKDF(SHA256(), 32, None, b"hengjian totp").derive(key.encode())
    return Fernet(base64.urlsafe_b64encode(derived))


def seal(key: str, text: str) -> str:
    return _fernet(key).encrypt(text.encode()).decode()


def unseal(key: str, sealed: str) -> str | None:
    """The text, or None when the key has changed."""
    try:
        return _fernet(key).decrypt(sealed.encode()).decode()
    except InvalidToken:
        return None


def totp_step(secret: str, code: str, at: float) -> int | None:
    """The time step a code belongs to (now or one step aside), or None; also for a secret that is none."""
    given, now = code.strip().encode(), int(at) // 30
    try:
        codes = {step: str(pyotp.TOTP(secret).generate_otp(step)).encode() for step in (now, now - 1, now + 1)}
    except ValueError:  # not base 32, or too short
        return None
    return next((step for step, right in codes.items() if secrets.compare_digest(right, given)), None)


def totp_uri(secret: str, login: str, issuer: str) -> str:
    return str(pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=issuer))


def new_totp_secret() -> str:
    return pyotp.random_base32()

"""What is kept under the draw key: a key outside the database, one derived key per draw."""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from inspection.draws.models import Draw
from inspection.errors import Refused


def _fernet(draw_key: str, number: str) -> Fernet:
    if not draw_key:
        raise Refused("draw-key-missing", "没有设置抽取密钥 draw_key，不能承诺。请系统管理员运行 hengjian init 或设置 HENGJIAN_DRAW_KEY。")
    derived = HKDF(SHA256(), 32, None, f"hengjian draw {number}".encode()).derive(draw_key.encode())
    return Fernet(base64.urlsafe_b64encode(derived))


def half_of(draw_key: str, number: str) -> bytes:
    """The first half of a deposited secret: 32 bytes that say nothing about it, the same at every printing."""
    _fernet(draw_key, number)  # refuses a missing key in its own words
    return HKDF(SHA256(), 32, None, f"hengjian deposit {number}".encode()).derive(draw_key.encode())


def seal(draw_key: str, number: str, content: bytes) -> bytes:
    """Encrypted under a key that is not in the database, one derived key per draw."""
    return _fernet(draw_key, number).encrypt(content)


def unseal(draw_key: str, draw: Draw, sealed: bytes | None) -> bytes:
    """What was sealed, or the refusal that makes the draw void."""
    try:
        if sealed is not None:
            return _fernet(draw_key, draw.number).decrypt(sealed)
    except InvalidToken:
        pass
    raise Refused("secret-lost", "抽取 %(number)s 的密值无法取出（密钥已更换或密值缺失）。该次抽取只能公开作废。", number=draw.number)

"""What a password must be, when a sign-in is throttled, when a session is over, which roles exclude each other."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from datetime import datetime, timedelta

from inspection.auth.roles import LABORATORY, Role, conflict_of

SHORTEST = 12
LONGEST = 128
THROTTLE_MINUTES = 5
COMMON = frozenset(
    ["password", "passw0rd", "123456789012", "1234567890", "qwertyuiop", "qwerty123456", "111111111111", "000000000000", "admin123456", "administrator", "woaini1314520", "letmein12345", "iloveyou1234", "abcd12345678", "aa123456789", "changeme1234", "hengjian12345"]
)


def password_fault(password: str, login: str, name: str) -> str | None:
    """Why a password may not be used, or None. Length counts, composition rules do not."""
    text = unicodedata.normalize("NFKC", password)
    if len(text) < SHORTEST:
        return f"口令至少 {SHORTEST} 个字符"
    if len(text) > LONGEST:
        return f"口令不能超过 {LONGEST} 个字符"
    lowered = text.casefold()
    contained = [word for word in (login.casefold(), name.casefold()) if len(word) > 2]  # "a" stands in every other password by chance
    if lowered in COMMON or len(set(lowered)) < 5:
        return "口令过于常见或过于简单，请换一个不易猜的"
    if any(word in lowered for word in contained):
        return "口令不能包含登录名或姓名"
    if lowered in "abcdefghijklmnopqrstuvwxyz" or lowered in "01234567890123456789":
        return "口令不能是连续的字母或数字"
    return None


def throttled(failures: Iterable[datetime], now: datetime, tries: int) -> bool:
    """Whether another attempt must wait: `tries` failures within five minutes."""
    since = now - timedelta(minutes=THROTTLE_MINUTES)
    return sum(at > since for at in failures) >= tries


def session_over(now: datetime, *, last_seen: datetime, expires: datetime, idle_minutes: int) -> str | None:
    """Why a session has ended ("idle", "absolute"), or None."""
    if now >= expires:
        return "absolute"
    if now >= last_seen + timedelta(minutes=idle_minutes):
        return "idle"
    return None


def roles_fault(roles: frozenset[str], *, lab_id: int | None, inspector_id: int | None) -> str | None:
    """Why a person may not hold these roles, or None."""
    known = {role.value for role in Role}
    unknown = sorted(roles - known)
    if unknown:
        return f"没有这些岗位：{'、'.join(unknown)}"
    held = frozenset(Role(role) for role in roles)
    if reason := conflict_of(held):
        return reason
    if held & LABORATORY and lab_id is None:
        return "检验机构岗位须指定所属检验机构"
    if lab_id is not None and held and not held & LABORATORY:
        return "所属检验机构的人员只能任检验机构岗位"
    if Role.INSPECTOR in held and inspector_id is None:
        return "检查人员岗位须对应名录库中的一名执法人员"
    return None

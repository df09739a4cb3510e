"""Arriving as pure decisions: the code of a label, distances, what a check-in needs, the order of a day's visits."""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from itertools import groupby
from math import asin, cos, radians, sin, sqrt

from inspection.errors import Said

EARTH_M = 6_371_009  # mean radius
CODE_LENGTH = 8
KINDS = {"in": "签到", "out": "签退"}
Place = tuple[Decimal, Decimal]  # latitude, longitude


@dataclass(frozen=True, slots=True)
class Given:
    """签到 as sent by the phone: the code of the door, and a position or why there is none."""

    kind: str = "in"
    how: str = "manual"
    code: str = ""
    latitude: Decimal | None = None
    longitude: Decimal | None = None
    accuracy_m: int | None = None
    no_position_reason: str = ""
    far_reason: str = ""

    @property
    def place(self) -> Place | None:
        return None if self.latitude is None or self.longitude is None else (self.latitude, self.longitude)


@dataclass(frozen=True, slots=True)
class Stop:
    """One visit on the way: its township, its order when nothing else decides, its place when the register knows it."""

    visit_id: int
    township: str
    key: str
    place: Place | None = None


def label_code(secret: str, unit_code: str) -> str:
    """签到码 of a unit: bound to its code, known only to who holds the secret of the installation."""
    mac = hmac.new(secret.encode(), f"hengjian door label 1:{unit_code}".encode(), sha256).digest()
    return base64.b32encode(mac)[:CODE_LENGTH].decode()


def plain(typed: str) -> str:
    """A typed code without spaces, dashes and case."""
    return re.sub(r"[\s-]", "", typed).upper()


def opens(given: Given, unit_code: str, code: str) -> bool:
    """Whether the code belongs to this door; by hand the unit's own code (on its licence) does as well."""
    typed = plain(given.code).replace("0", "O").replace("1", "I") if len(plain(given.code)) == CODE_LENGTH else ""
    if hmac.compare_digest(typed.encode(), code.encode()):
        return True
    return given.how == "manual" and plain(given.code) == plain(unit_code)


def metres(a: Place, b: Place) -> int:
    """Great-circle distance.

    >>> metres((Decimal("30.25"), Decimal("120.16")), (Decimal("30.26"), Decimal("120.16")))
    1112
    """
    (p, u), (q, v) = ((radians(x), radians(y)) for x, y in (a, b))
    h = sin((q - p) / 2) ** 2 + cos(p) * cos(q) * sin((v - u) / 2) ** 2
    return round(2 * EARTH_M * asin(min(1.0, sqrt(h))))


def shown(distance: int | None) -> str:
    """A distance as people say it.

    >>> shown(None), shown(430), shown(1250)
    ('', '430 米', '1.3 公里')
    """
    if distance is None:
        return ""
    return f"{distance} 米" if distance < 1000 else f"{(distance + 50) // 100 / 10:.1f} 公里"


def far(distance: int | None, accuracy_m: int | None, limit_m: int) -> bool:
    """Whether a position lies beyond the limit even when its own inaccuracy is granted; an unknown distance is not far."""
    return distance is not None and distance > limit_m + (accuracy_m or 0)


def faults(given: Given, distance: int | None, limit_m: int) -> dict[str, list[str]]:
    """What a check-in still has to say; being far away is asked for, never forbidden."""
    found: dict[str, list[str]] = {}
    if (given.latitude is None) != (given.longitude is None):
        found["latitude"] = ["经度和纬度须同时给出"]
    elif given.place is None and not given.no_position_reason.strip():
        found["no_position_reason"] = ["没有取得位置时，请写明原因（例如：室内无信号、浏览器不提供位置）"]
    if far(distance, given.accuracy_m, limit_m) and not given.far_reason.strip():
        found["far_reason"] = [Said("您的位置距名录登记的位置 %(distance)s，超过 %(limit)s 米；请核对是否找对了地方，确在现场的写明原因再提交", distance=shown(distance), limit=limit_m)]
    return found


# --- the way ----------------------------------------------------------------------------------------------------------


def route(stops: Iterable[Stop], start: Place | None = None) -> list[tuple[Stop, int | None]]:
    """The day's visits by township, in each the nearest next; units without a place come last in their township.

    Gives each stop with the metres from the one before (None where one of the two is not known). The same visits give the
    same order: ties and the very first stop are decided by the key.
    """
    found: list[tuple[Stop, int | None]] = []
    at = start
    for _, group in groupby(sorted(stops, key=lambda stop: (stop.township, stop.key)), key=lambda stop: stop.township):
        rest = list(group)
        there = [stop for stop in rest if stop.place is not None]
        while there:
            stop, distance = _next(there, at)
            there.remove(stop)
            found.append((stop, distance))
            at = stop.place
        found += [(stop, None) for stop in rest if stop.place is None]
    return found


def _next(there: Sequence[Stop], at: Place | None) -> tuple[Stop, int | None]:
    if at is None:
        return there[0], None
    distances = [(metres(at, stop.place), stop.key, i) for i, stop in enumerate(there) if stop.place is not None]
    distance, _, i = min(distances)
    return there[i], distance


def dialable(phone: str) -> str:
    """The first number of an entry as a phone dials it, "" when there is none.

    >>> dialable("0571-8888 0000（转 12）"), dialable("＋86 138 0000 0000 / 139"), dialable("王经理")
    ('057188880000', '+8613800000000', '')
    """
    narrow = phone.replace("＋", "+").translate({ord("０") + i: str(i) for i in range(10)})
    first = re.match(r"[^\d+]*(\+?\d[\d -]{3,}\d)", narrow)
    return re.sub(r"[ -]", "", first.group(1)) if first else ""
